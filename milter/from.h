/*
 * from.h - whose mail is it: the domain of the From field (RFC 5322 §3.6.2, §3.4).
 *
 * Strict: the value must be exactly one mailbox, `name <local@domain>` or `local@domain`, with comments and folding
 * where the RFC has them. Dots in an unquoted name (obs-phrase: "Dr. M. Muster <...>") and UTF-8 (RFC 6532) are taken.
 * Several mailboxes, groups, routes, address literals and what two readers could read differently are faults: a
 * receiver might see another domain than the one that was checked and signed.
 *
 * Pure; any thread; linear in the value's length.
 */
#ifndef POSTWELLE_MILTER_FROM_H
#define POSTWELLE_MILTER_FROM_H

#include "lib/address.h"

#include <glib.h>

#define FROM_DOMAIN_SIZE (ADDRESS_DOMAIN_MAX + 1)
#define FROM_COMMENT_DEPTH 8 /* comments within comments */
#define FROM_DOMAINS_MAX 64  /* what from_domains() returns at most */

/*
 * Reads the value of a From field, folded or not. NULL where it is one mailbox, and domain_r is its domain as
 * lower-case A-labels; else what is wrong, a static text in the form "has ...".
 */
const char *from_parse(const char *value, char domain_r[FROM_DOMAIN_SIZE]);

/*
 * For a value from_parse() can't read: every domain that any reader could find in it, normalised as above; what follows
 * an @, with white space and comments taken out and left in. NULL-terminated; free with g_strfreev.
 */
char **from_domains(const char *value);

/*
 * Writes a domain (length octets of text) as lower-case A-labels, by lib/address.h's rules. FALSE: it is none.
 */
gboolean domain_normalise(const char *text, size_t length, char domain_r[FROM_DOMAIN_SIZE]);

#endif
