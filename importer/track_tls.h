/*
 * track_tls.h - was a mail handed over by TLS? smtp(8) says so in a line without a queue ID, before that of the
 * delivery.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_TRACK_TLS_H
#define POSTWELLE_IMPORTER_TRACK_TLS_H

#include "importer/track.h"

#define TRACK_TLS_AGENTS 4096 /* processes whose connections are remembered at most */

struct track_tls;

/* told: smtp(8) logs each TLS connection (smtp_tls_loglevel); only then its silence means that there was none. */
struct track_tls *track_tls_new(gboolean told);
void track_tls_free(struct track_tls *tls); /* NULL is fine */

/* Takes a line of the log, before track_tls_of() is asked about a later one. */
void track_tls_line(struct track_tls *tls, const char *line, size_t size, const char *syslog_name);

/* Nothing is known of what was logged before that time, in seconds since 1970. */
void track_tls_begin(struct track_tls *tls, gint64 time);

/* Of a delivery: "TLSv1.3", "no", or "" where that is not known. Lives until the next call. */
const char *track_tls_of(struct track_tls *tls, const struct track_event *event);

#endif
