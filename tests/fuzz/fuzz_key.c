/* fuzz_key.c - any octets as a key file: refused with a reason, or a key that signs. */
#include <stdint.h>

#include "lib/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t digest[KEY_DIGEST_SIZE] = "fuzz";
    g_autoptr(GError) error = NULL;
    g_autoptr(key_auto) key = key_load_memory((const char *)data, size, "input", &error);
    g_assert((key == NULL) == (error != NULL));
    if (key != NULL) {
        uint8_t signature[KEY_SIGNATURE_MAX];
        size_t length;
        g_assert(key_sign(key, digest, signature, &length, NULL));
        g_assert(key_verify(key, digest, signature, length));
        g_assert(key_public_base64(key)[0] != '\0');
    }
    return 0;
}
