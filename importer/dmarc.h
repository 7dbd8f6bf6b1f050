/*
 * dmarc.h - DMARC records and where they are looked for: RFC 9989's tree walk (which replaced RFC 7489's list of public
 * suffixes), and whether what we send is aligned.
 *
 * Pure: DNS is asked through a function. Any thread.
 */
#ifndef POSTWELLE_IMPORTER_DMARC_H
#define POSTWELLE_IMPORTER_DMARC_H

#include "importer/finding.h"
#include "lib/dns.h"

#define DMARC_WALK_MAX 8 /* names asked for a domain, RFC 9989 4.10 */

enum dmarc_policy {
    DMARC_NONE,
    DMARC_QUARANTINE,
    DMARC_REJECT,
};

struct dmarc_record {
    enum dmarc_policy policy, subdomain_policy; /* p=; sp=, or p= where it is not there */
    gboolean strict_dkim, strict_spf;           /* adkim=s, aspf=s */
    gboolean testing;                           /* t=y */
    char psd;                                   /* 'y', 'n', or 'u' */
    gboolean has_reports;                       /* rua= */
    gboolean has_old_tags;                      /* pct=, rf=, ri=, which RFC 9989 dropped */
};

/* TRUE for the text of a DMARC record: "v=DMARC1" first. */
gboolean dmarc_is_record(const char *text, gsize size);

/* Reads a record that is one. FALSE and *fault_r (freed by the caller) where it must be passed over. */
gboolean dmarc_record_parse(const char *text, struct dmarc_record *record_r, char **fault_r);

/* What a tree walk found. */
struct dmarc_found {
    gboolean found; /* there is a policy */
    char *name;     /* "_dmarc.…" it stands at */
    char *shown;    /* the record */
    struct dmarc_record record;
    char *organizational; /* the organizational domain; the domain itself where there is no record */
    gboolean inherited;   /* found at a parent domain */
};

/*
 * Discovers the policy for a domain; adds findings for records that can't be used (double, broken) and for answers that
 * did not come. Release with dmarc_found_release().
 */
void dmarc_discover(const char *domain, dns_lookup lookup, void *cookie, GPtrArray *findings,
                    struct dmarc_found *found_r);
void dmarc_found_release(struct dmarc_found *found);

/* Is an identifier (d=, or the envelope's domain) aligned with the From domain? */
gboolean dmarc_aligned(gboolean strict, const char *from, const char *from_organizational, const char *identifier,
                       const char *identifier_organizational);

/* All about DMARC of mail from `from`, signed with d=signing and sent from return_path; NULL: not to be looked at. */
void dmarc_judge(GPtrArray *findings, const char *from, const char *signing, const char *return_path, dns_lookup lookup,
                 void *cookie);

#endif
