/*
 * attempts.h - what the mail log tells of the tries to deliver some mails: each with the receiver's reply, where the ledger keeps the last one alone.
 *
 * Looked up in the log and the newest of its rotated files that is not compressed. One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_ATTEMPTS_H
#define POSTWELLE_IMPORTER_ATTEMPTS_H

#include "importer/track.h"

#define ATTEMPTS_MAX 200 /* of one mail; Postfix makes about so many in five days at 40 minutes' distance */

struct attempts_log {
    const char *path;        /* of the mail log */
    const char *syslog_name; /* Postfix's */
    GTimeZone *zone;         /* of times without one */
    gint64 now;              /* seconds since 1970 */
};

/*
 * The tries of the mail with that queue ID, in the log's order: struct track_event, of kinds from TRACK_DEFERRED to TRACK_UNCERTAIN. The caller unrefs.
 * NULL and *error (ERROR_NO_INPUT) where the log can't be read.
 */
GArray *attempts_find(const struct attempts_log *log, const char *queue_id, GError **error);

#endif
