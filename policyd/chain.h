/*
 * chain.h - links of a keyed chain: each is a MAC over the link before it and a text, so that nothing of a chain can be
 * changed, left out, put in or put elsewhere without the secret. The witness is one such chain, the audit trail
 * another.
 *
 * A link is the first half of HMAC-SHA256. Thread rule: the secret's.
 */
#ifndef POSTWELLE_POLICYD_CHAIN_H
#define POSTWELLE_POLICYD_CHAIN_H

#include "policyd/secret.h"

#define CHAIN_OCTETS 16

struct chain_mac {
    guint8 octets[CHAIN_OCTETS];
};

/* The link over data, which holds the link before it where there is one. */
void chain_link(struct secret *secret, enum secret_purpose purpose, struct bytes data, struct chain_mac *mac_r);

/* Appends it as 32 hex digits. */
void chain_append(GString *out, const struct chain_mac *mac);

gboolean chain_equal(const struct chain_mac *a, const struct chain_mac *b);

#endif
