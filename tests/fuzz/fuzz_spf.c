/* fuzz_spf.c - any octets as an SPF record, at every name that it asks for; a walk through it ends. */
#include "importer/spf.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same record everywhere; addresses are of documentation's networks. */
static const struct dns_answer *lookup(void *cookie, const char *name, enum dns_type type)
{
    struct dns_answer *answers = cookie;
    g_assert_nonnull(name);
    return type == DNS_TXT ? &answers[0] : type == DNS_A ? &answers[1] : &answers[2];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup(size > 0 ? (const char *)data : "", size);
    struct dns_record record = {.text = text, .size = strlen(text)}, a = {.text = (char *)"192.0.2.1", .size = 9};
    struct dns_answer answers[] = {{.status = DNS_FOUND, .count = 1, .records = &record},
                                   {.status = DNS_FOUND, .count = 1, .records = &a},
                                   {.status = DNS_NO_DATA}};
    g_autofree char *fault = spf_syntax_fault(text);
    struct spf_report report;
    spf_check(&(struct spf_question){.domain = "d.test", .ip = "192.0.2.9"}, lookup, answers, &report);
    g_assert_cmpuint(report.lookups, <=, SPF_WALK_MAX);
    g_assert_true(fault == NULL || report.result == SPF_NONE || report.result == SPF_PERMERROR);
    spf_report_release(&report);
    return 0;
}
