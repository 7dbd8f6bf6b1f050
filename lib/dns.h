/*
 * dns.h - questions and answers of DNS as octets on the wire (RFC 1035, EDNS0 of RFC 6891); the one user of ldns.
 *
 * Only answers from the wire are parsed, never zone text. Asking is resolver.h's. Names are texts of dot-separated
 * labels without escapes and without the last dot, "." for the root; names in answers are in lower case, and octets
 * that no host name has are written as \DDD.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_LIB_DNS_H
#define POSTWELLE_LIB_DNS_H

#include <glib.h>

#define DNS_QUERY_MAX 300 /* octets of a query: header, a name of 255 octets, OPT */
#define DNS_MESSAGE_MAX 65535
#define DNS_UDP_MAX 1232     /* octets of an answer over UDP that pass everywhere unfragmented */
#define DNS_RECORDS_MAX 1000 /* records of an answer that are kept */
#define DNS_CHAIN_MAX 8      /* CNAMEs followed */

enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_TLSA = 52,
};

enum dns_status {
    DNS_FOUND,   /* there are records */
    DNS_NO_DATA, /* the name is there, but not with this type */
    DNS_NO_NAME, /* there is no such name: NXDOMAIN */
    DNS_FAILED,  /* a server said that it can't or won't: SERVFAIL, REFUSED, … */
    DNS_SILENT,  /* no answer in time */
    DNS_BROKEN,  /* what came can't be read, or the question can't be asked */
};

struct dns_record {
    char *text;  /* A, AAAA: the address; MX, NS, CNAME, PTR, SOA: a name; TXT: the strings joined; TLSA: hexadecimal */
    size_t size; /* octets of text; for TXT it may hold any octet, NUL too */
    guint strings;      /* TXT: of how many strings it was joined */
    guint16 preference; /* MX */
    guint32 ttl;        /* seconds */
};

struct dns_answer {
    enum dns_status status;
    char *detail;           /* why, where the status is neither of the first three; else NULL */
    char *canonical;        /* the name that the records are of where a CNAME led there; else NULL */
    char *zone;             /* owner of the SOA record that came with "no", else NULL */
    char *server;           /* address@port that answered, or was asked last; filled in by resolver.c */
    gboolean authoritative; /* AA */
    gboolean authentic;     /* AD: the server says that it checked the DNSSEC signatures */
    gboolean has_rrsig;     /* the records came with their signatures; asked for by dnssec only */
    gboolean open_alias;    /* a CNAME led to canonical, and the server says nothing about that name: ask on */
    guint count;
    struct dns_record *records;
};

/* How pure modules get their facts: never NULL, and not theirs to free. */
typedef const struct dns_answer *(*dns_lookup)(void *cookie, const char *name, enum dns_type type);

void dns_answer_free(struct dns_answer *answer); /* NULL is fine */

/* An answer without records, with that status and detail (which it takes over; may be NULL). */
struct dns_answer *dns_answer_new(enum dns_status status, char *detail);

/* TRUE for a name that can be asked for: labels of 1 to 63 octets, 255 in all, printable ASCII without blanks and \. */
gboolean dns_name_valid(const char *name);

/* "MX", "TXT" …; "TYPE99" style names are not needed, as the types are ours. */
const char *dns_type_name(enum dns_type type);

/*
 * Writes a query with recursion desired (or not, for authoritative servers), and with dnssec the DO and AD bits.
 * Returns its size, 0 where the name is not valid.
 */
size_t dns_query_write(guint8 query_r[DNS_QUERY_MAX], guint16 id, const char *name, enum dns_type type,
                       gboolean recursive, gboolean dnssec);

/*
 * TRUE where the message answers this query: a response with its id and its question, compared as octets without case.
 */
gboolean dns_reply_matches(const guint8 *query, size_t query_size, const guint8 *reply, size_t size);

/* TRUE where the reply was cut to fit into a datagram (TC): ask again over TCP. size is at least 12. */
gboolean dns_reply_truncated(const guint8 *reply, size_t size);

/*
 * Reads a reply that matches a query for type. CNAMEs within it are followed, records of other names and types passed
 * over. Never NULL; what can't be read is DNS_BROKEN. The caller frees.
 */
struct dns_answer *dns_reply_parse(const guint8 *reply, size_t size, enum dns_type type);

#endif
