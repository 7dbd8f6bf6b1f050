/* domain_check.c - can mail reach the domains of a list? See domain_check.h. */
#include "importer/domain_check.h"

#include <string.h>

struct domain_check {
    struct resolver *resolver;
    GHashTable *domains; /* the set of them */
    gboolean done;
};

/* --- pure --- */

static gboolean is_known(const struct dns_answer *answer)
{
    return answer->status == DNS_FOUND || answer->status == DNS_NO_DATA || answer->status == DNS_NO_NAME;
}

static gboolean is_null_mx(const struct dns_answer *mx)
{
    return mx->count == 1 && strcmp(mx->records[0].text, ".") == 0;
}

enum domain_verdict domain_judge(const struct dns_answer *mx, enum domain_hosts hosts)
{
    if (mx->status == DNS_NO_NAME)
        return DOMAIN_NO_NAME;
    if (mx->status == DNS_FOUND && is_null_mx(mx))
        return DOMAIN_NULL_MX;
    if (!is_known(mx) || hosts == DOMAIN_HOSTS_UNKNOWN)
        return DOMAIN_UNKNOWN;
    if (hosts == DOMAIN_HOSTS_SOME)
        return DOMAIN_FINE;
    return mx->status == DNS_FOUND ? DOMAIN_DEAD_HOSTS : DOMAIN_NO_HOST;
}

/* --- asking --- */

struct domain_check *domain_check_new(struct resolver *resolver)
{
    struct domain_check *check = g_new0(struct domain_check, 1);
    check->resolver = resolver;
    check->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return check;
}

void domain_check_free(struct domain_check *check)
{
    if (check == NULL)
        return;
    g_hash_table_unref(check->domains);
    g_free(check);
}

void domain_check_add(struct domain_check *check, const char *domain)
{
    if (!g_hash_table_contains(check->domains, domain))
        g_hash_table_add(check->domains, g_strdup(domain));
}

/* Calls func for each host that mail for the domain would go to. */
static void each_host(const struct domain_check *check, const char *domain,
                      void (*func)(const struct domain_check *check, const char *host, void *cookie), void *cookie)
{
    const struct dns_answer *mx = resolver_answer(check->resolver, domain, DNS_MX);
    if (mx->status == DNS_NO_DATA)
        func(check, domain, cookie);
    for (guint i = 0; i < MIN(mx->count, DOMAIN_HOSTS_MAX); i++)
        if (strcmp(mx->records[i].text, ".") != 0)
            func(check, mx->records[i].text, cookie);
}

static void ask_a(const struct domain_check *check, const char *host, void *cookie)
{
    (void)cookie;
    resolver_ask(check->resolver, host, DNS_A);
}

static void ask_aaaa(const struct domain_check *check, const char *host, void *cookie)
{
    (void)cookie;
    if (resolver_answer(check->resolver, host, DNS_A)->status != DNS_FOUND)
        resolver_ask(check->resolver, host, DNS_AAAA);
}

gboolean domain_check_run(struct domain_check *check, resolver_watch watch, void *cookie)
{
    GHashTableIter iter;
    void *domain;
    g_hash_table_iter_init(&iter, check->domains);
    while (g_hash_table_iter_next(&iter, &domain, NULL))
        resolver_ask(check->resolver, domain, DNS_MX);
    if (!resolver_run(check->resolver, watch, cookie))
        return FALSE;
    void (*const rounds[])(const struct domain_check *, const char *, void *) = {ask_a, ask_aaaa};
    for (size_t i = 0; i < G_N_ELEMENTS(rounds); i++) {
        g_hash_table_iter_init(&iter, check->domains);
        while (g_hash_table_iter_next(&iter, &domain, NULL))
            each_host(check, domain, rounds[i], NULL);
        if (!resolver_run(check->resolver, watch, cookie))
            return FALSE;
    }
    check->done = TRUE;
    return TRUE;
}

/* --- the verdict --- */

struct hosts {
    enum domain_hosts state;
    const char *detail; /* why it is unknown */
};

static void look_at_host(const struct domain_check *check, const char *host, void *cookie)
{
    struct hosts *hosts = cookie;
    const struct dns_answer *a = resolver_answer(check->resolver, host, DNS_A);
    const struct dns_answer *aaaa = a->status == DNS_FOUND ? a : resolver_answer(check->resolver, host, DNS_AAAA);
    if (a->status == DNS_FOUND || aaaa->status == DNS_FOUND) {
        hosts->state = DOMAIN_HOSTS_SOME;
    } else if (hosts->state == DOMAIN_HOSTS_NONE && (!is_known(a) || !is_known(aaaa))) {
        hosts->state = DOMAIN_HOSTS_UNKNOWN;
        hosts->detail = is_known(a) ? aaaa->detail : a->detail;
    }
}

static char *reason_text(enum domain_verdict verdict, const char *domain, const char *detail)
{
    switch (verdict) {
    case DOMAIN_FINE:
        return NULL;
    case DOMAIN_NO_NAME:
        return g_strdup_printf("there is no domain %s", domain);
    case DOMAIN_NULL_MX:
        return g_strdup_printf("%s takes no mail: its null MX says so (RFC 7505)", domain);
    case DOMAIN_NO_HOST:
        return g_strdup_printf("%s takes no mail: it has neither MX nor address", domain);
    case DOMAIN_DEAD_HOSTS:
        return g_strdup_printf("%s takes no mail: none of its mail servers (MX) has an address", domain);
    case DOMAIN_UNKNOWN:
        break;
    }
    return g_strdup_printf("%s could not be looked up now: %s", domain, detail != NULL ? detail : "DNS was not asked");
}

enum domain_verdict domain_check_verdict(const struct domain_check *check, const char *domain, char **reason_r)
{
    struct hosts hosts = {DOMAIN_HOSTS_NONE, NULL};
    enum domain_verdict verdict = DOMAIN_UNKNOWN;
    if (check->done && g_hash_table_contains(check->domains, domain)) {
        const struct dns_answer *mx = resolver_answer(check->resolver, domain, DNS_MX);
        each_host(check, domain, look_at_host, &hosts);
        verdict = domain_judge(mx, hosts.state);
        if (mx->detail != NULL)
            hosts.detail = mx->detail;
    }
    *reason_r = reason_text(verdict, domain, hosts.detail);
    return verdict;
}
