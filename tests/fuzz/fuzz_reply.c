/* fuzz_reply.c - any octets as a receiver's reply: what is told of it is a code or a word of ours, never its text. */
#include "policyd/tally.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char code[TALLY_CODE];
    if (size == 0)
        return 0;
    g_autofree char *reply = g_strndup((const char *)data + 1, size - 1);
    tally_code((enum mail_state)(data[0] % MAIL_STATES), reply, code);
    size_t length = strlen(code);
    g_assert_true(strspn(code, "0123456789.") == length || strcmp(code, "greylisted") == 0 ||
                  strcmp(code, "milter") == 0 || strcmp(code, "policyd") == 0 || strcmp(code, "key") == 0);
    g_assert_cmpuint(length, <, TALLY_CODE);
    return 0;
}
