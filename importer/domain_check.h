/*
 * domain_check.h - can mail reach the domains of a list? MX, null MX (RFC 7505), and addresses (RFC 5321 5.1), from
 * DNS.
 *
 * First collect the domains of the whole list, then ask: each domain and each mail server once, many at a time
 * (lib/resolver.h). What can't be found out now is a warning, never a reason to reject a row.
 *
 * One thread.
 */
#ifndef POSTWELLE_IMPORTER_DOMAIN_CHECK_H
#define POSTWELLE_IMPORTER_DOMAIN_CHECK_H

#include "lib/resolver.h"

#define DOMAIN_HOSTS_MAX 10 /* mail servers of a domain that are looked at */

enum domain_verdict {
    DOMAIN_FINE,
    DOMAIN_NO_NAME,    /* there is no such domain */
    DOMAIN_NULL_MX,    /* it says that it takes no mail */
    DOMAIN_NO_HOST,    /* neither MX nor address */
    DOMAIN_DEAD_HOSTS, /* MX records, but no mail server has an address */
    DOMAIN_UNKNOWN,    /* DNS does not answer now */
};

/* What is known of the addresses of a domain's mail servers, or of the domain itself where it has no MX. */
enum domain_hosts {
    DOMAIN_HOSTS_NONE,
    DOMAIN_HOSTS_UNKNOWN,
    DOMAIN_HOSTS_SOME,
};

/* Pure: the verdict from the answer about MX records and what is known of the hosts. */
enum domain_verdict domain_judge(const struct dns_answer *mx, enum domain_hosts hosts);

struct domain_check;

/* The resolver must outlive it. Free with domain_check_free(), NULL is fine. */
struct domain_check *domain_check_new(struct resolver *resolver);
void domain_check_free(struct domain_check *check);
typedef struct domain_check domain_check_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(domain_check_auto, domain_check_free)

/* One more domain, as an A-label. */
void domain_check_add(struct domain_check *check, const char *domain);

/* Asks for all of them, with watch as in resolver_run(). FALSE: watch said stop. */
gboolean domain_check_run(struct domain_check *check, resolver_watch watch, void *cookie);

/*
 * The verdict on a domain, after domain_check_run(); others than DOMAIN_FINE with the reason in words (freed by the
 * caller). A domain that was never added is DOMAIN_UNKNOWN.
 */
enum domain_verdict domain_check_verdict(const struct domain_check *check, const char *domain, char **reason_r);

#endif
