/*
 * snapshot.h - configuration, clients and keys as one immutable whole, changed as one.
 *
 * A mail holds a reference from MAIL to its end, so that it is decided by one configuration throughout. SIGHUP loads a
 * new snapshot beside the old one and swaps it only if nothing at all is wrong with it.
 *
 * Threads: a snapshot never changes; the box may be asked and filled by any thread.
 */
#ifndef POSTWELLE_MILTER_SNAPSHOT_H
#define POSTWELLE_MILTER_SNAPSHOT_H

#include "lib/client.h"
#include "lib/config.h"
#include "milter/sign.h"

#include <glib.h>
#include <pthread.h>

struct snapshot {
    gint references;       /* atomic; not GLib's own counter, nor GMutex below: ThreadSanitizer can't see into them */
    struct config *config; /* config_postwelle */
    struct client_set *clients;
    struct signer *signer;
    struct verifier *verifier;
    struct key_snapshot *keys;
    size_t message_size; /* [milter] message-size */
    guint verify_sample; /* [milter] verify-sample */
};

/*
 * Loads postwelle.conf at path and what it names. NULL and *error where the configuration or a client's file is wrong,
 * or a library can't be set up. Keys that can't be used do not fail it: each is a text in problems, and the mail of
 * their clients is answered 451.
 */
struct snapshot *snapshot_load(const char *path, GPtrArray *problems, GError **error);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* the last one wipes the keys; NULL is fine */
typedef struct snapshot snapshot_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(snapshot_auto, snapshot_unref)

/* The client's keys, or NULL; key->problem says why they can't be used. */
const struct signing_keys *snapshot_keys(const struct snapshot *snapshot, const struct client *client);

/* Where the snapshot in force is kept. */
struct snapshot_box {
    pthread_mutex_t lock;
    struct snapshot *current;
};

/* Takes over the reference. */
void snapshot_box_init(struct snapshot_box *box, struct snapshot *snapshot);
/* A reference to the one in force. */
struct snapshot *snapshot_box_get(struct snapshot_box *box);
/* Puts another one in force, taking over the reference; mails under way keep theirs. */
void snapshot_box_swap(struct snapshot_box *box, struct snapshot *snapshot);

#endif
