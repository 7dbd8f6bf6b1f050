/* fuzz_dmarc.c - any octets as a DMARC record. */
#include "importer/dmarc.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup(size > 0 ? (const char *)data : "", size), *fault = NULL;
    struct dmarc_record record;
    gboolean good = dmarc_record_parse(text, &record, &fault);
    g_assert_true(good == (fault == NULL));
    return 0;
}
