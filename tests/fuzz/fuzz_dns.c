/* fuzz_dns.c - any octets as a DNS reply; the first says which type was asked for. */
#include "lib/dns.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = {DNS_A,  DNS_NS,  DNS_CNAME, DNS_SOA, DNS_PTR,
                                          DNS_MX, DNS_TXT, DNS_AAAA,  DNS_TXT, DNS_TLSA};
    if (size == 0)
        return 0;
    enum dns_type type = types[data[0] % G_N_ELEMENTS(types)];
    guint8 query[DNS_QUERY_MAX];
    size_t query_size = dns_query_write(query, 0x1234, "a.bc", type, TRUE, FALSE);
    dns_reply_matches(query, query_size, data + 1, size - 1);
    dns_reply_truncated(data + 1, size - 1);
    struct dns_answer *answer = dns_reply_parse(data + 1, size - 1, type);
    g_assert_cmpint(answer->status == DNS_FOUND, ==, answer->count > 0);
    for (guint i = 0; i < answer->count; i++)
        g_assert_true(answer->records[i].text != NULL && answer->records[i].text[answer->records[i].size] == '\0');
    dns_answer_free(answer);
    return 0;
}
