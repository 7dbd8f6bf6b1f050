/* fuzz_from.c - any octets as a From field: read or refused; a domain that is read is among those that are found. */
#include "milter/from.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *value = g_strndup((const char *)data, size);
    char domain[FROM_DOMAIN_SIZE];
    const char *fault = from_parse(value, domain);
    g_auto(GStrv) domains = from_domains(value);
    g_assert_cmpuint(g_strv_length(domains), <=, FROM_DOMAINS_MAX);
    if (fault == NULL && g_strv_length(domains) < FROM_DOMAINS_MAX)
        g_assert_true(g_strv_contains((const char *const *)domains, domain));
    return 0;
}
