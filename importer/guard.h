/*
 * guard.h - holds mail that a killed smtp(8) may have delivered.
 *
 * When smtp(8) is killed after the last dot and before the reply, the receiver may have the mail; Postfix knows only
 * that its delivery agent broke off, puts the mail back and sends it again. It stands in the deferred queue then, as
 * the only kind of mail there, without a reason. Such mail of ours is put on hold before the next queue run
 * (minimal_backoff_time, 300 s as packaging/postfix sets it), and a person decides.
 *
 * Needs postqueue(1) and postsuper(1), and so root.
 */
#ifndef POSTWELLE_IMPORTER_GUARD_H
#define POSTWELLE_IMPORTER_GUARD_H

#include "importer/track.h"

/*
 * Reads one line of `postqueue -j`. TRUE where it is a mail of ours that was deferred without a reason; its queue ID is
 * then in id_r. Pure.
 */
gboolean guard_is_victim(const char *line, size_t size, char id_r[TRACK_ID_SIZE]);

/*
 * Puts all such mail on hold and adds the queue IDs (char *, to be freed with g_free) to held. FALSE with *error
 * (ERROR_UNAVAILABLE) where Postfix's commands can't be run or fail; nothing is added then.
 */
gboolean guard_hold(const char *postfix_config, GPtrArray *held, GError **error);

#endif
