/* fuzz_sockmap.c - any octets as what smtp(8) asks: what parses lies in the buffer, and is bounded. */
#include "policyd/sockmap.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct attributes in;
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_malloc(size + 1);
    memcpy(copy, data, size);
    for (size_t at = 0, used; at < size; at += used) {
        if (!sockmap_parse(copy + at, size - at, &in, &used, &error))
            break;
        if (used == 0) {
            g_assert_cmpuint(size - at, <=, SOCKMAP_MAX + 8);
            break;
        }
        const char *key = attributes_get(&in, "queue_id");
        g_assert_true(in.count == 2 && used <= size - at && key + strlen(key) < copy + at + used);
    }
    return 0;
}
