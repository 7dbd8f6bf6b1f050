/*
 * key_store.h - the keys of a client that `postwelle key` keeps, and how they roll over.
 *
 * [paths] keys has a folder for each client: SELECTOR.pem (the private key, 0400, the milter's user), and keys.conf,
 * which everybody may read: for each selector its algorithm, state, public key and dates. Selectors are the day they
 * were made on: 20261123 for RSA, 20261123e for Ed25519; a second pair of a day is 20261123-2.
 *
 *     new ──seen on all name servers──► published ──► active ──► retired ──KEY_STORE_KEEP──► (deleted)
 *
 * Only active keys sign. A retired key's record must stay published for KEY_STORE_KEEP: mails signed with it are still
 * in queues, and their signatures good until then.
 *
 * The rules are pure (key_store_may()); key_store_save() replaces keys.conf as a whole. Who changes a store holds its
 * lock. One thread a store.
 */
#ifndef POSTWELLE_LIB_KEY_STORE_H
#define POSTWELLE_LIB_KEY_STORE_H

#include "lib/key.h"

#define KEY_STORE_KEEP (14 * 86400) /* seconds: the lifetime of a signature (x=), longer than Postfix queues */
#define KEY_STORE_MAX 64            /* keys of a client, all states */
#define KEY_STORE_ACTIVE_MAX 4      /* that sign: as many as the milter puts on a mail */

enum key_state {
    KEY_STATE_NEW,       /* made; not seen in DNS */
    KEY_STATE_PUBLISHED, /* all authoritative name servers have its record */
    KEY_STATE_ACTIVE,    /* signs */
    KEY_STATE_RETIRED,   /* signs no more */
    KEY_STATE_DELETED,   /* gone: no entry has it */
};

struct key_entry {
    char *selector;
    enum key_algorithm algorithm;
    enum key_state state;
    char *public;                    /* p= of the record */
    char *file;                      /* of the private key */
    gint64 since[KEY_STATE_DELETED]; /* when it came into each state, seconds since 1970; 0: never */
};

struct key_store {
    char *client, *folder;
    GPtrArray *entries; /* struct key_entry, in order of their making */
    int lock;           /* descriptor, or -1 */
};

/* "new", "published" …; KEY_STATE_DELETED for a word that is none. */
const char *key_state_name(enum key_state state);
enum key_state key_state_parse(const char *name);

/*
 * Reads the client's store; one that is not there has no entries. NULL and *error (ERROR_DATA) where keys.conf is
 * wrong, (ERROR_DENIED, …) where it can't be read. Free with key_store_free().
 */
struct key_store *key_store_load(const char *keys_folder, const char *client, GError **error);

/*
 * The same to change it: makes the folder where there is none, and waits for the lock, which key_store_free() lets go.
 */
struct key_store *key_store_open(const char *keys_folder, const char *client, GError **error);
void key_store_free(struct key_store *store); /* NULL is fine */
typedef struct key_store key_store_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_store_auto, key_store_free)

/* The entry of a selector, or NULL. */
struct key_entry *key_store_find(const struct key_store *store, const char *selector);

/* How many keys of the algorithm are in a state. */
guint key_store_count(const struct key_store *store, enum key_algorithm algorithm, enum key_state state);

/*
 * Pure: may the entry come into the state at `now`? FALSE and *error (ERROR_WANTING) with the rule and what to do. That
 * a record was seen is the caller's to know.
 */
gboolean key_store_may(const struct key_store *store, const struct key_entry *entry, enum key_state state, gint64 now,
                       GError **error);

/* The first free selector of the day of `now` (UTC) for the algorithm. The caller frees. */
char *key_store_selector(const struct key_store *store, enum key_algorithm algorithm, gint64 now);

/*
 * Makes a key in a file of the store's folder, owned by owner (and group), mode 0400, and its entry. NULL and *error.
 * The store is not saved. The entry belongs to the store.
 */
struct key_entry *key_store_make(struct key_store *store, enum key_algorithm algorithm, const char *selector,
                                 uid_t owner, gid_t group, gint64 now, GError **error);

/* Puts the entry into a state that it may come into; KEY_STATE_DELETED removes the file and the entry. Not saved. */
gboolean key_store_set(struct key_store *store, struct key_entry *entry, enum key_state state, gint64 now,
                       GError **error);

/* Writes keys.conf: whole or not at all, and on disk when this returns. FALSE and *error (ERROR_CANT_CREATE). */
gboolean key_store_save(const struct key_store *store, GError **error);

#endif
