/*
 * spf_macro.h - macro expansion in SPF records (RFC 7208 7).
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_SPF_MACRO_H
#define POSTWELLE_IMPORTER_SPF_MACRO_H

#include <gio/gio.h>

#define SPF_NAME_MAX 253 /* octets of a domain-spec after expansion; longer ones lose labels on their left (7.3) */

struct spf_macro {
    const char *sender; /* local@domain of MAIL FROM */
    const char *domain; /* the domain whose record is read */
    const char *helo;
    GInetAddress *ip; /* of the client */
};

/* in-addr.arpa or ip6.arpa's name of an address. The caller frees. */
char *spf_reverse_name(GInetAddress *ip);

/* The domain-spec expanded (freed by the caller), or NULL where its syntax is wrong. %{p} becomes "unknown". */
char *spf_macro_expand(const struct spf_macro *macro, const char *spec);

#endif
