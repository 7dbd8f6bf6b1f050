/*
 * secret.h - the one secret of an installation, and the keys derived from it.
 *
 * 32 random octets in a file of their own (0400) beside the ledger. Each purpose has its own key, HMAC-SHA256(secret,
 * label), so that knowing what one key makes says nothing about another. Losing the file makes all hashes in the
 * ledger, all tokens and links void: it belongs into the backup, apart from the ledger.
 *
 * Thread rule: a loaded secret belongs to one thread, as its contexts are reused.
 */
#ifndef POSTWELLE_POLICYD_SECRET_H
#define POSTWELLE_POLICYD_SECRET_H

#include "policyd/store.h"

#define SECRET_SIZE 32
#define SECRET_MAC_SIZE 32

/* What a key is for. The labels are part of the stored form: add, never change. */
enum secret_purpose {
    SECRET_ADDRESS,      /* hashes of canonical addresses */
    SECRET_REVERSE_PATH, /* tokens in the reverse-path */
    SECRET_UNSUBSCRIBE,  /* tokens in unsubscribe links */
    SECRET_SURVEY,       /* tokens of survey links */
    SECRET_MESSAGE_ID,
    SECRET_FOREIGN, /* hashes of other programs' Message-IDs */
    SECRET_WITNESS, /* the chain of the witness */
    SECRET_AUDIT,   /* the chain of the audit trail */
    SECRET_PURPOSES
};

struct secret;

/* Writes a new random secret. ERROR_CANT_CREATE where the file is there already. */
gboolean secret_create(const char *path, GError **error);

/*
 * Reads it. NULL and *error where it is missing, no regular file of this user, open to others or of the wrong size.
 * Free with secret_free(), which wipes it.
 */
struct secret *secret_load(const char *path, GError **error);
void secret_free(struct secret *secret); /* NULL is fine */
typedef struct secret secret_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(secret_auto, secret_free)

/* A secret made of given octets, for tests. */
struct secret *secret_new(const guint8 octets[SECRET_SIZE]);

/* HMAC-SHA256 of octets with the key of that purpose. */
void secret_mac(struct secret *secret, enum secret_purpose purpose, struct bytes data, guint8 mac_r[SECRET_MAC_SIZE]);

#endif
