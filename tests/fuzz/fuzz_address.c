/*
 * fuzz_address.c - any octets as an address: a good one read again must be itself, and keep its canonical form; a bad
 * one must have a message.
 */
#include "lib/address.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct address address, again;
    size_t where;
    enum address_fault fault = address_parse(text, size, &address, &where);
    if (fault != ADDRESS_GOOD) {
        g_autofree char *message = address_fault_message(fault, text, size, where);
        g_assert_true(g_utf8_validate(message, -1, NULL));
        return 0;
    }
    char canonical[ADDRESS_CANONICAL_SIZE], canonical_again[ADDRESS_CANONICAL_SIZE];
    g_assert_cmpint(address_parse(address.text, strlen(address.text), &again, NULL), ==, ADDRESS_GOOD);
    g_assert_cmpstr(again.text, ==, address.text);
    for (int identity = ADDRESS_IDENTITY_MAILBOX; identity <= ADDRESS_IDENTITY_STRICT; identity++) {
        address_canonical(&address, (enum address_identity)identity, canonical);
        address_canonical(&again, (enum address_identity)identity, canonical_again);
        g_assert_cmpstr(canonical, ==, canonical_again);
    }
    address_warnings(&address, NULL);
    return 0;
}
