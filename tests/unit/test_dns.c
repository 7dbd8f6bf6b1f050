/* test_dns.c - queries as octets, and replies made by hand. */
#include "lib/dns.h"

#include <string.h>

#define LONG63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *name;
    const char *domain;
    gboolean valid;
} name_cases[] = {
    {"a domain", "kunde.example", TRUE},
    {"with a dot at the end", "kunde.example.", TRUE},
    {"the root", ".", TRUE},
    {"underscores", "20261123._domainkey.kunde.example", TRUE},
    {"63 octets", LONG63 ".example", TRUE},
    {"64 octets", LONG63 "a.example", FALSE},
    {"255 octets and more", LONG63 "." LONG63 "." LONG63 "." LONG63, FALSE},
    {"empty", "", FALSE},
    {"an empty label", "kunde..example", FALSE},
    {"a dot in front", ".example", FALSE},
    {"a blank", "kunde example", FALSE},
    {"a backslash", "kunde\\.example", FALSE},
    {"a line end", "kunde.example\n", FALSE},
    {"UTF-8", "k\xc3\xbc.example", FALSE},
};

static void test_names(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(name_cases); i++) {
        g_test_message("%s", name_cases[i].name);
        g_assert_cmpint(dns_name_valid(name_cases[i].domain), ==, name_cases[i].valid);
    }
}

static void assert_octets(const void *got, size_t size, const void *expected, size_t expected_size)
{
    g_assert_cmpuint(size, ==, expected_size);
    g_assert_true(memcmp(got, expected, size) == 0);
}

static void test_query(void)
{
    static const guint8 expected[] = {0x12, 0x34, 1,  0x20, 0, 1, 0, 0,  0,    0,    0, 1, 1,    'a', 2, 'b', 'c',
                                      0,    0,    15, 0,    1, 0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0,   0, 0};
    guint8 query[DNS_QUERY_MAX];
    size_t size = dns_query_write(query, 0x1234, "a.bc", DNS_MX, TRUE, TRUE);
    assert_octets(query, size, expected, sizeof expected);
    g_assert_cmpuint(dns_query_write(query, 1, "a..b", DNS_MX, TRUE, TRUE), ==, 0);
    size = dns_query_write(query, 0x1234, "a.bc", DNS_MX, FALSE, FALSE);
    g_assert_cmpuint(query[2] | query[3] | query[size - 4], ==, 0);
}

/* A reply to a query for a.bc, whose name stands at octet 12. */
struct reply {
    guint8 octets[2048];
    size_t size;
};

static void append(struct reply *reply, const char *octets, size_t size)
{
    memcpy(reply->octets + reply->size, octets, size);
    reply->size += size;
}

static void begin(struct reply *reply, enum dns_type type, guint8 rcode)
{
    guint8 query[DNS_QUERY_MAX];
    dns_query_write(query, 0x1234, "a.bc", type, TRUE, FALSE);
    memset(reply, 0, sizeof *reply);
    memcpy(reply->octets, query, 12 + 6 + 4);
    reply->size = 12 + 6 + 4;
    reply->octets[2] |= 0x80;
    reply->octets[3] = rcode;
    reply->octets[11] = 0;
}

/* Adds a record; owner is a name on the wire; the section's counter is the octet `counter`. */
static void add(struct reply *reply, size_t counter, const char *owner, size_t owner_size, enum dns_type type,
                const char *data, size_t size)
{
    const char fixed[] = {0, (char)type, 0, 1, 0, 0, 0, 60, (char)(size >> 8), (char)size};
    append(reply, owner, owner_size);
    append(reply, fixed, sizeof fixed);
    append(reply, data, size);
    reply->octets[counter]++;
}

#define ANSWER 7
#define AUTHORITY 9
#define OWNER "\xc0\x0c"    /* a.bc */
#define OTHER "\1x\xc0\x0e" /* x.bc */
#define ADD(reply, section, owner, type, data)                                                                         \
    add(reply, section, owner, sizeof(owner) - 1, type, data, sizeof(data) - 1)

static void test_records(void)
{
    struct reply reply;
    begin(&reply, DNS_MX, 0);
    ADD(&reply, ANSWER, OWNER, DNS_MX, "\0\x0a\2MX\xc0\x0c");
    ADD(&reply, ANSWER, OTHER, DNS_MX, "\0\x05\0");
    ADD(&reply, ANSWER, OWNER, DNS_MX, "\0\0\0");
    struct dns_answer *answer = dns_reply_parse(reply.octets, reply.size, DNS_MX);
    g_assert_cmpint(answer->status, ==, DNS_FOUND);
    g_assert_cmpuint(answer->count, ==, 2);
    g_assert_cmpstr(answer->records[0].text, ==, "mx.a.bc");
    g_assert_cmpuint(answer->records[0].preference, ==, 10);
    g_assert_cmpuint(answer->records[0].ttl, ==, 60);
    g_assert_cmpstr(answer->records[1].text, ==, ".");
    dns_answer_free(answer);

    begin(&reply, DNS_TXT, 0);
    ADD(&reply, ANSWER, OWNER, DNS_TXT,
        "\3v=s\0\2\0"
        "1");
    answer = dns_reply_parse(reply.octets, reply.size, DNS_TXT);
    g_assert_cmpuint(answer->records[0].strings, ==, 3);
    assert_octets(answer->records[0].text, answer->records[0].size,
                  "v=s\0"
                  "1",
                  5);
    dns_answer_free(answer);

    begin(&reply, DNS_AAAA, 0);
    ADD(&reply, ANSWER, OWNER, DNS_AAAA, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
    answer = dns_reply_parse(reply.octets, reply.size, DNS_AAAA);
    g_assert_cmpstr(answer->records[0].text, ==, "2001:db8::1");
    dns_answer_free(answer);
}

static void test_aliases(void)
{
    struct reply reply;
    begin(&reply, DNS_A, 0);
    ADD(&reply, ANSWER, OWNER, DNS_CNAME, "\1x\xc0\x0e");
    ADD(&reply, ANSWER, OTHER, DNS_A, "\xc0\0\2\1");
    struct dns_answer *answer = dns_reply_parse(reply.octets, reply.size, DNS_A);
    g_assert_cmpstr(answer->canonical, ==, "x.bc");
    g_assert_cmpstr(answer->records[0].text, ==, "192.0.2.1");
    dns_answer_free(answer);

    begin(&reply, DNS_A, 0);
    ADD(&reply, ANSWER, OWNER, DNS_CNAME, "\1x\xc0\x0e");
    answer = dns_reply_parse(reply.octets, reply.size, DNS_A);
    g_assert_cmpint(answer->status, ==, DNS_NO_DATA);
    g_assert_true(answer->open_alias);
    dns_answer_free(answer);

    begin(&reply, DNS_A, 0);
    ADD(&reply, ANSWER, OWNER, DNS_CNAME, "\xc0\x0c");
    answer = dns_reply_parse(reply.octets, reply.size, DNS_A);
    g_assert_cmpint(answer->status, ==, DNS_BROKEN);
    dns_answer_free(answer);
}

static void test_no(void)
{
    static const struct {
        const char *name;
        guint8 rcode;
        enum dns_status status;
    } cases[] = {{"no data", 0, DNS_NO_DATA},
                 {"SERVFAIL", 2, DNS_FAILED},
                 {"NXDOMAIN", 3, DNS_NO_NAME},
                 {"REFUSED", 5, DNS_FAILED}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct reply reply;
        begin(&reply, DNS_MX, cases[i].rcode);
        ADD(&reply, AUTHORITY, "\xc0\x0e", DNS_SOA, "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1");
        struct dns_answer *answer = dns_reply_parse(reply.octets, reply.size, DNS_MX);
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(answer->status, ==, cases[i].status);
        g_assert_cmpstr(answer->zone, ==, cases[i].status == DNS_FAILED ? NULL : "bc");
        dns_answer_free(answer);
    }
}

static void test_matching(void)
{
    struct reply reply;
    guint8 query[DNS_QUERY_MAX];
    size_t size = dns_query_write(query, 0x1234, "A.bC", DNS_MX, TRUE, FALSE);
    begin(&reply, DNS_MX, 0);
    g_assert_true(dns_reply_matches(query, size, reply.octets, reply.size));
    g_assert_false(dns_reply_matches(query, size, reply.octets, reply.size - 1));
    g_assert_false(dns_reply_matches(query, size, reply.octets, 3));
    g_assert_false(dns_reply_truncated(reply.octets, reply.size));
    static const struct {
        const char *name;
        size_t octet;
        guint8 value;
    } cases[] = {{"another id", 0, 0x13}, {"no response", 2, 1},     {"another opcode", 2, 0x88},
                 {"two questions", 5, 2}, {"another name", 13, 'b'}, {"another type", 19, 16},
                 {"another class", 21, 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        begin(&reply, DNS_MX, 0);
        reply.octets[cases[i].octet] = cases[i].value;
        g_test_message("%s", cases[i].name);
        g_assert_false(dns_reply_matches(query, size, reply.octets, reply.size));
    }
}

/* Cut anywhere, it is an error or an answer, never a read past the end (the sanitizers look). */
static void test_cut(void)
{
    struct reply reply;
    begin(&reply, DNS_MX, 0);
    ADD(&reply, ANSWER, OWNER, DNS_MX, "\0\x0a\2MX\xc0\x0c");
    for (size_t size = 12; size < reply.size; size++) {
        g_autofree guint8 *exact = g_memdup2(reply.octets, size);
        struct dns_answer *answer = dns_reply_parse(exact, size, DNS_MX);
        g_assert_cmpint(answer->status, ==, DNS_BROKEN);
        g_assert_nonnull(answer->detail);
        dns_answer_free(answer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dns/names", test_names);
    g_test_add_func("/dns/query", test_query);
    g_test_add_func("/dns/records", test_records);
    g_test_add_func("/dns/aliases", test_aliases);
    g_test_add_func("/dns/no", test_no);
    g_test_add_func("/dns/matching", test_matching);
    g_test_add_func("/dns/cut", test_cut);
    return g_test_run();
}
