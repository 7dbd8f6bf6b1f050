/* fuzz_token.c - any octets as a token or local part: a good one, made again, is the same text. */
#include "policyd/token.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint8 octets[SECRET_SIZE] = {42};
    g_autoptr(secret_auto) secret = secret_new(octets);
    char text[TOKEN_LENGTH + 1];
    struct token token;
    if (token_decode(secret, (const char *)data, size, &token)) {
        token_encode(secret, &token, text);
        g_assert_cmpint(g_ascii_strncasecmp(text, (const char *)data, TOKEN_LENGTH), ==, 0);
    }
    if (token_decode_local_part(secret, (const char *)data, size, &token))
        g_assert_cmpint(token_mail_kind(token.kind), !=, MAIL_NONE);
    return 0;
}
