/*
 * guard.h - holds mail that a killed smtp(8) may have delivered.
 *
 * When smtp(8) is killed after the last dot and before the reply, the receiver may have the mail; Postfix knows only
 * that its delivery agent broke off, puts the mail back and sends it again. It stands in the deferred queue then, as
 * the only kind of mail there, without a reason. Such mail of ours is put on hold before the next queue run
 * (minimal_backoff_time, 300 s as Postfix and we have it), and a person decides.
 *
 * Mail that policyd does not let anybody send any more (socketmap `sending`) is put off by each smtp(8) that tries; it
 * is held, too.
 *
 * postsuper(1) takes nobody but root, and only root sees files that cleanup(8) has not finished. Who is not root asks
 * `postwelle guard` for both, by a socket (doc/PROTOCOL.md §6).
 */
#ifndef POSTWELLE_IMPORTER_GUARD_H
#define POSTWELLE_IMPORTER_GUARD_H

#include "importer/evidence.h"
#include "importer/track.h"

#define GUARD_BATCH 100 /* queue IDs of one request, and of one call of postsuper(1) */

/* How the queue is reached. */
struct guard {
    const char *postfix; /* its folder of settings */
    const char *socket;  /* of `postwelle guard`; root does without */
};

/* Is this the form of a queue ID: 1 to TRACK_ID_SIZE - 1 of [0-9A-Za-z]? Pure. */
gboolean guard_is_queue_id(const char *text);

/*
 * One line of `postqueue -j`: the queue ID where it is a mail with a reverse-path of ours, else NULL. Free with
 * g_free(). Pure.
 */
char *guard_line_own(const char *line, size_t size);

/*
 * Reads one line of `postqueue -j`. TRUE where it is a mail of ours that was deferred without a reason; its queue ID is
 * then in id_r. Pure.
 */
gboolean guard_is_victim(const char *line, size_t size, char id_r[TRACK_ID_SIZE]);

/*
 * The queue IDs (char *) of all such mail. NULL and *error (ERROR_UNAVAILABLE) where postqueue can't be run or fails.
 */
GPtrArray *guard_find(const char *postfix_config, GError **error);

/*
 * Which of these queue IDs (a set of char *) are in the queue, and not on hold yet? The caller frees. NULL with *error
 * as above.
 */
GPtrArray *guard_find_refused(const char *postfix_config, GHashTable *ids, GError **error);

/*
 * Puts these mails on hold. policyd is to know of them first: who is killed in between leaves mails that are uncertain,
 * and that policyd lets nobody send, but none that lie on hold and wait for ever. Errors as above.
 */
gboolean guard_hold(const struct guard *guard, const GPtrArray *ids, GError **error);

/*
 * For who is not root: has the files of these mails looked at, after evidence_collect(). Errors as above; what was not
 * looked at stays EVIDENCE_UNSEEN.
 */
gboolean guard_look(const struct guard *guard, struct evidence *evidence, GError **error);

#endif
