/*
 * providers.h - what is publicly known of large mail providers: which of their addresses are one mailbox, how people
 * mistype their domains, and which local parts are functions rather than people.
 *
 * Tables in the program, not a configuration file: the canonical form is the key of the ledger, so a change of the
 * provider table is a change of identity and belongs in doc/CHANGES. Pure; any thread.
 */
#ifndef POSTWELLE_LIB_PROVIDERS_H
#define POSTWELLE_LIB_PROVIDERS_H

#include <glib.h>

/* How a provider reads the local part of its addresses. */
struct provider {
    const char *domain;     /* lower-case A-labels */
    const char *mailbox;    /* the domain that stands for all of its names for one mailbox */
    gboolean dots;          /* dots in the local part mean nothing */
    gboolean tags;          /* what follows a + means nothing */
};

/* The provider with this domain (lower-case A-labels), or NULL. Static. */
const struct provider *provider_find(const char *domain);

/*
 * Who runs the mail servers of a large provider's domain (lower-case A-labels): "google", "microsoft", "1und1" …; the
 * domain itself where it is none of them. Static, or `domain`. Domains of others that are hosted there are not known:
 * only their MX tells.
 */
const char *provider_operator(const char *domain);

/* What people know an operator by: "GMX, WEB.DE (1&1)" for "1und1"; any other name itself. Static, or `operator`. */
const char *provider_title(const char *operator);

/* The domain that was probably meant by a mistyped one (lower-case A-labels), or NULL. Static. */
const char *provider_typo(const char *domain);

/* True where the local part (length octets, any case) is a role: RFC 2142's names and their like in German. */
gboolean provider_role(const char *local, size_t length);

#endif
