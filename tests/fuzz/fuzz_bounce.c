/*
 * fuzz_bounce.c - any octets as a mail that came back: something is said of it, in valid text, and with our token or
 * none.
 */
#include "importer/bounce.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bounce bounce;
    bounce_read((const char *)data, size, "", "", &bounce);
    g_assert_cmpint(bounce.kind, <=, BOUNCE_COMPLAINT);
    g_assert_true(g_utf8_validate(bounce.text, -1, NULL));
    g_assert_true(*bounce.token == '\0' || strlen(bounce.token) == BOUNCE_TOKEN);
    for (const char *at = bounce.text; *at != '\0'; at++)
        g_assert_false(g_ascii_iscntrl(*at));
    return 0;
}
