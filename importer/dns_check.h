/*
 * dns_check.h - is what DNS says about a sender right, so that mail in its name is taken for genuine? Each finding says
 * what is there, what is wrong, and the line to publish instead.
 *
 * dns_check() is pure: it asks through a function. One thread.
 */
#ifndef POSTWELLE_IMPORTER_DNS_CHECK_H
#define POSTWELLE_IMPORTER_DNS_CHECK_H

#include "importer/dns_records.h"
#include "importer/finding.h"
#include "lib/resolver.h"

/* Who is to be checked. Texts and arrays are borrowed. */
struct dns_subject {
    const char *const *domains;   /* of From, NULL at the end */
    const char *signing;          /* d= */
    const char *return_path;      /* the envelope's domain */
    const GPtrArray *keys;        /* struct dns_key; one whose public and unknown are NULL is not compared */
    gboolean signs;               /* mail is to be sent: one key must be active */
    const char *include;          /* the operator's SPF record, "" for none */
    const char *const *addresses; /* that we send from; none: not known */
    const char *helo;             /* "" for none */
    const char *bounce_host;      /* "" for none */
    const char *spf_text;         /* for a domain without SPF record; NULL: not known */
};

void dns_check(const struct dns_subject *subject, dns_lookup lookup, void *cookie, GPtrArray *findings);

/*
 * Checks a client with all that is configured, or (client NULL) a domain with some selectors (NULL at the end; may be
 * NULL). authoritative: what lies in the subject's zones is asked of their own name servers, where they answer. NULL
 * and *error where the client's keys can't be read. Free with g_ptr_array_unref().
 */
GPtrArray *dns_check_client(struct resolver *resolver, gboolean authoritative, const struct client *client,
                            const struct config *config, GError **error);
GPtrArray *dns_check_domain(struct resolver *resolver, gboolean authoritative, const char *domain,
                            const char *const *selectors);

#endif
