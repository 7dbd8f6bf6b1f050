/*
 * spf.h - check_host() of SPF (RFC 7208), and an audit of the whole tree of records: also what stands behind the
 * mechanism that matched is read and counted, as another client address would meet it.
 *
 * Pure: DNS is asked through a function. One thread at a time for a report.
 */
#ifndef POSTWELLE_IMPORTER_SPF_H
#define POSTWELLE_IMPORTER_SPF_H

#include "importer/finding.h"
#include "lib/dns.h"

#define SPF_LOOKUPS_MAX 10 /* terms that ask DNS (4.6.4) */
#define SPF_VOIDS_MAX 2    /* of them without an answer */
#define SPF_NAMES_MAX 10   /* MX or PTR names of a mechanism */
#define SPF_WALK_MAX 50    /* look-ups after which the walk through a tree ends */
#define SPF_TERMS_MAX 200  /* of a record */

enum spf_result {
    SPF_NONE,
    SPF_NEUTRAL,
    SPF_PASS,
    SPF_FAIL,
    SPF_SOFTFAIL,
    SPF_TEMPERROR,
    SPF_PERMERROR,
};

struct spf_question {
    const char *domain; /* of MAIL FROM, whose record is asked for */
    const char *sender; /* the whole address; NULL: postmaster@domain */
    const char *helo;   /* NULL: the domain */
    const char *ip;     /* address of the client */
};

struct spf_report {
    enum spf_result result;
    char *reason;  /* what decided it, in words */
    char *record;  /* the domain's own record, fit to be shown; NULL: none */
    guint lookups; /* of the whole tree */
    guint voids;
    GString *tree;       /* the tree, a line each look-up, indented, with its number */
    GPtrArray *names;    /* that were included or redirected to, with NULL at the end */
    gboolean passes_all; /* +all: anybody passes */
    gboolean open_end;   /* the domain's own record ends without all and redirect, or with ?all */
    GPtrArray *problems; /* struct finding, of the level that they deserve */
};

/* Checks; *report_r is to be released with spf_report_release(). question->ip must be an address. */
void spf_check(const struct spf_question *question, dns_lookup lookup, void *cookie, struct spf_report *report_r);
void spf_report_release(struct spf_report *report);

/* "none", "neutral", "pass" … */
const char *spf_result_name(enum spf_result result);

/* TRUE for the text of an SPF record: "v=spf1", then a blank or the end. */
gboolean spf_is_record(const char *text, gsize size);

/* NULL for a record without fault in its syntax; else the fault in words (freed by the caller). */
char *spf_syntax_fault(const char *record);

#endif
