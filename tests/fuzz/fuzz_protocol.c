/*
 * fuzz_protocol.c - any octets as a mail server's side of the milter protocol: whole or octet by octet, the milter
 * answers the same.
 */
#include <stdint.h>

#include "tests/unit/conversation.h"

#define PIECE_SIZE_MAX 4096 /* octet by octet takes long */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL, cut_error = NULL;
    gboolean ended, cut_ended;
    g_autoptr(GBytes) sent = conversation(data, size, MAX(size, 1), &ended, &error);
    if (size > PIECE_SIZE_MAX)
        return 0;
    g_autoptr(GBytes) cut = conversation(data, size, 1, &cut_ended, &cut_error);
    g_assert_cmpint(ended, ==, cut_ended);
    g_assert_cmpstr(error != NULL ? error->message : NULL, ==, cut_error != NULL ? cut_error->message : NULL);
    g_assert_true(error != NULL || g_bytes_equal(sent, cut));
    return 0;
}
