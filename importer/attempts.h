/*
 * attempts.h - what Postfix's log tells of the tries to deliver some mails: each with the receiver's reply, where the
 * ledger keeps the last one alone; and where lines about them may be missing.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_ATTEMPTS_H
#define POSTWELLE_IMPORTER_ATTEMPTS_H

#include "importer/track.h"
#include "importer/track_log.h"

#define ATTEMPTS_MAX 200      /* of one mail; Postfix makes about so many in five days at 40 minutes' distance */
#define ATTEMPTS_GAPS_MAX 100 /* told apart; further ones widen the last */

struct attempts_log {
    struct track_log_options log;
    GTimeZone *zone; /* of times without one */
    gint64 now;      /* seconds since 1970 */
};

/* A mail, and from when to when it was on its way: seconds since 1970. */
struct attempts_mail {
    const char *queue_id; /* borrowed */
    gint64 since, until;
    GArray *tries;        /* struct track_event of kinds from TRACK_DEFERRED to TRACK_UNCERTAIN, in the log's order */
};

/* Adds one to an array of them, without tries. */
void attempts_mail_add(GArray *mails, const char *queue_id, gint64 since, gint64 until);

/* An array of struct attempts_mail, which frees their tries. The caller unrefs. */
GArray *attempts_mails_new(void);

/*
 * Reads the log once, from before the first mail was on its way until after the last one, and fills their tries.
 * Returns where the log lacks lines: struct track_gap, in its order; of what was logged before it begins, `after` is 0.
 * The caller unrefs. NULL and *error where the log can't be read.
 */
GArray *attempts_find(const struct attempts_log *log, GArray *mails, GError **error);

/* May lines about the mail be among those that are missing? */
gboolean attempts_gap_hides(const struct track_gap *gap, const struct attempts_mail *mail);

#endif
