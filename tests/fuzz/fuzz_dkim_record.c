/* fuzz_dkim_record.c - any octets as a DKIM key record, and as a DER key. */
#include "importer/dkim_record.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    g_autoptr(GPtrArray) findings = findings_new();
    dkim_record_judge(findings, "s._domainkey.d.test", text, size, &(struct dkim_wish){"rsa", "AAAA"}, NULL);
    g_assert_cmpint(findings_worst(findings), ==, FINDING_ERROR); /* AAAA is nobody's key */
    dkim_rsa_bits(data, size);
    return 0;
}
