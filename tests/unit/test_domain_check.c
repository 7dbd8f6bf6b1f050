/* test_domain_check.c - the verdict on a domain from what DNS says; asking is tested with real name servers. */
#include "importer/domain_check.h"

static struct dns_record mail_host = {.text = (char *)"mx.kunde.example", .size = 16, .preference = 10};
static struct dns_record no_host = {.text = (char *)".", .size = 1};

static const struct {
    const char *name;
    enum dns_status status;
    struct dns_record *record;
    enum domain_hosts hosts;
    enum domain_verdict verdict;
} cases[] = {
    {"MX with address", DNS_FOUND, &mail_host, DOMAIN_HOSTS_SOME, DOMAIN_FINE},
    {"MX without address", DNS_FOUND, &mail_host, DOMAIN_HOSTS_NONE, DOMAIN_DEAD_HOSTS},
    {"MX, its address is not known now", DNS_FOUND, &mail_host, DOMAIN_HOSTS_UNKNOWN, DOMAIN_UNKNOWN},
    {"null MX", DNS_FOUND, &no_host, DOMAIN_HOSTS_NONE, DOMAIN_NULL_MX},
    {"no MX, but an address", DNS_NO_DATA, NULL, DOMAIN_HOSTS_SOME, DOMAIN_FINE},
    {"neither", DNS_NO_DATA, NULL, DOMAIN_HOSTS_NONE, DOMAIN_NO_HOST},
    {"no such domain", DNS_NO_NAME, NULL, DOMAIN_HOSTS_NONE, DOMAIN_NO_NAME},
    {"no answer", DNS_SILENT, NULL, DOMAIN_HOSTS_NONE, DOMAIN_UNKNOWN},
    {"SERVFAIL", DNS_FAILED, NULL, DOMAIN_HOSTS_NONE, DOMAIN_UNKNOWN},
    {"an answer that can't be read", DNS_BROKEN, NULL, DOMAIN_HOSTS_NONE, DOMAIN_UNKNOWN},
};

static void test_verdicts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct dns_answer mx = {
            .status = cases[i].status, .records = cases[i].record, .count = cases[i].record != NULL};
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(domain_judge(&mx, cases[i].hosts), ==, cases[i].verdict);
    }
}

static void test_not_asked(void)
{
    g_autoptr(resolver_auto) resolver = resolver_new(&(struct resolver_options){.server = "192.0.2.1"}, NULL);
    g_autoptr(domain_check_auto) check = domain_check_new(resolver);
    g_autofree char *reason = NULL;
    g_assert_cmpint(domain_check_verdict(check, "kunde.example", &reason), ==, DOMAIN_UNKNOWN);
    g_assert_nonnull(reason);
}

static void test_servers(void)
{
    static const struct {
        const char *text, *name;
    } servers[] = {{"127.0.0.1", "127.0.0.1@53"}, {"127.0.0.1@5353", "127.0.0.1@5353"},
                   {"::1@54", "::1@54"},          {"localhost", NULL},
                   {"127.0.0.1@", NULL},          {"127.0.0.1@0", NULL},
                   {"127.0.0.1@65536", NULL},     {"", NULL},
                   {"127.0.0.1@domain", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(servers); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(resolver_auto) resolver = resolver_new(&(struct resolver_options){.server = servers[i].text}, &error);
        g_test_message("%s", servers[i].text);
        g_assert_cmpstr(resolver != NULL ? resolver_servers(resolver) : NULL, ==, servers[i].name);
        g_assert_cmpint(resolver == NULL, ==, error != NULL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain_check/verdicts", test_verdicts);
    g_test_add_func("/domain_check/not_asked", test_not_asked);
    g_test_add_func("/domain_check/servers", test_servers);
    return g_test_run();
}
