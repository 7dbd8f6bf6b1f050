/*
 * keys.h - the signing keys of all clients as one immutable snapshot.
 *
 * A snapshot is loaded from rows (client, From domain, selector, key file), looked up by From domain and counted by
 * reference: a message holds a reference from its From field to its end, SIGHUP loads a new snapshot and swaps the
 * pointer, and the old keys are wiped when the last message that holds them has ended.
 *
 * A domain may sign with several keys at once (RSA and Ed25519; old and new selector while keys roll over). It is
 * usable only with an RSA key among them, as many receivers do not verify Ed25519. A domain that is not usable stays
 * in the snapshot with its reason: its mail is answered 451, never passed unsigned.
 *
 * Threads: a snapshot never changes; any number of threads may read, reference and release it.
 */
#ifndef POSTWELLE_MILTER_KEYS_H
#define POSTWELLE_MILTER_KEYS_H

#include <glib.h>

#include "lib/key.h"

#define SIGNING_KEYS_MAX 4     /* signatures on one mail */
#define SIGNING_DOMAIN_MAX 253 /* octets of a domain name, and of selector._domainkey.domain (RFC 1035) */
#define SIGNING_ROWS_MAX 10000

struct key_row {
    const char *client;   /* its name, for messages */
    const char *domain;   /* of the From field, and d= of the signature: aligned whatever DMARC asks for; A-labels */
    const char *selector; /* s=; letters, digits, hyphens, dots */
    const char *path;     /* of the private key, see lib/key.h */
    const char *public;   /* p= that DNS publishes for it; NULL: not known here */
};

struct signing_key {
    const char *selector;
    struct key *key;
};

/* One domain's keys; belongs to its snapshot. */
struct signing_keys {
    const char *client;
    const char *domain;  /* in lower case */
    const char *refused; /* what is wrong with the first of its keys that can't be used, or NULL */
    const char *problem; /* why nothing can be signed, or NULL: then count is at least 1 */
    size_t count;
    struct signing_key keys[SIGNING_KEYS_MAX];
};

struct key_snapshot;

/*
 * The last test of a domain's keys before they are used, such as signer_probe(). FALSE and *error make the domain
 * unusable with that reason.
 */
typedef gboolean keys_check(const struct signing_keys *keys, void *user, GError **error);

/*
 * Loads the keys of all rows and never fails as a whole: what is wrong is appended to problems as text (to be freed by
 * the array), one a row or domain, and a domain left without a usable RSA key is marked. A caller that rereads its
 * configuration keeps its old snapshot where problems is not empty. A file named by several rows is read once. check
 * may be NULL; user is handed to it. Release with key_snapshot_unref().
 */
struct key_snapshot *key_snapshot_load(const struct key_row *rows, size_t count, keys_check *check, void *user,
                                       GPtrArray *problems);

struct key_snapshot *key_snapshot_ref(struct key_snapshot *snapshot);
void key_snapshot_unref(struct key_snapshot *snapshot); /* NULL is fine */
typedef struct key_snapshot key_snapshot_auto;          /* g_autoptr(key_snapshot_auto) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_snapshot_auto, key_snapshot_unref)

/* The keys for a From domain, in any case of letters; no parent domain is tried. NULL: no client's domain. */
const struct signing_keys *key_snapshot_find(const struct key_snapshot *snapshot, const char *domain);

/* How many domains the snapshot has, and how many of them can sign. */
size_t key_snapshot_count(const struct key_snapshot *snapshot, size_t *usable_r);

#endif
