/*
 * attempts.h - what Postfix's log tells of the tries to deliver some mails: each with the receiver's reply, where the
 * ledger keeps the last one alone.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_ATTEMPTS_H
#define POSTWELLE_IMPORTER_ATTEMPTS_H

#include "importer/track.h"
#include "importer/track_log.h"

#define ATTEMPTS_MAX 200 /* of one mail; Postfix makes about so many in five days at 40 minutes' distance */

struct attempts_log {
    struct track_log_options log;
    GTimeZone *zone; /* of times without one */
    gint64 now;      /* seconds since 1970 */
};

/* A mail, and when lines about it were written: seconds since 1970, generously. */
struct attempts_mail {
    const char *queue_id;
    gint64 since, until;
};

/*
 * The tries of a mail, in the log's order: struct track_event, of kinds from TRACK_DEFERRED to TRACK_UNCERTAIN. The
 * caller unrefs. NULL and *error where the log can't be read.
 */
GArray *attempts_find(const struct attempts_log *log, const struct attempts_mail *mail, GError **error);

#endif
