/*
 * track.h - what a line of Postfix's mail log says about a queued message. The only place that knows the log's grammar.
 *
 * Lines come as syslogd or postlogd write them: "Nov 23 08:24:51 host postfix/smtp[123]: ID: …" (RFC 3164, local time,
 * no year) or "2026-11-23T08:24:51.5+01:00 host …" (RFC 3339). Read as written by Postfix 3.7 to 3.10:
 *
 *   qmgr      from=<…>, size=…, nrcpt=… (queue active)                          queued
 *   qmgr      from=<…>, status=expired, returned to sender                      expired (force-expired, too)
 *   delivery agents:
 *             to=<…>, relay=…, …, dsn=…, status=sent|deferred|bounced (…)       sent, deferred, bounced
 *             … status=bounced (postwelle-uncertain: …)                         uncertain (our delivery status filter)
 *   cleanup   milter-reject: END-OF-MESSAGE from …: 4.7.1 …; from=<…>           rejected
 *
 * Delivery agents: smtp, lmtp, local, virtual, pipe, error (retry(8), too, runs it), discard. smtp and lmtp tell of TLS
 * in a line of their own before (track_tls.h).
 *
 * All other lines say nothing. Pure but for the clock given as an argument; any thread.
 */
#ifndef POSTWELLE_IMPORTER_TRACK_H
#define POSTWELLE_IMPORTER_TRACK_H

#include <glib.h>

/* Octets of a line; longer ones are cut: what we need stands before the reply. */
#define TRACK_LINE_MAX ((size_t)16 * 1024)
#define TRACK_ID_SIZE 32      /* a queue ID (long form: 12 to 20 characters) and NUL */
#define TRACK_DSN_SIZE 12     /* "4.7.1" and NUL */
#define TRACK_RELAY_SIZE 320  /* "host[address]:port" and NUL */
#define TRACK_REPLY_SIZE 1024 /* the reply as Postfix notes it; longer ones are cut */
#define TRACK_TLS_SIZE 12     /* "TLSv1.3" and NUL */

enum track_kind {
    TRACK_NONE, /* the line tells us nothing */
    TRACK_QUEUED,
    TRACK_DEFERRED,
    TRACK_SENT,
    TRACK_BOUNCED,
    TRACK_EXPIRED,
    TRACK_UNCERTAIN,
    TRACK_REJECTED,
};

struct track_event {
    enum track_kind kind;
    char queue_id[TRACK_ID_SIZE];
    gint64 time;                  /* seconds since 1970 */
    char dsn[TRACK_DSN_SIZE];     /* "" where the line has none */
    char relay[TRACK_RELAY_SIZE]; /* "" as well */
    gboolean content;             /* deferred after the content was begun to be sent */
    guint64 agent;                /* process ID of the smtp(8) or lmtp(8) that tells of a delivery; else 0 */
    guint seconds;                /* at most so long ago it began to connect */
    char reply[TRACK_REPLY_SIZE]; /* valid UTF-8 without control characters */
};

/* The word PROTOCOL §5 has for a kind ("sent"); NULL for TRACK_NONE. */
const char *track_kind_word(enum track_kind kind);

/*
 * Reads one line of `size` octets, without its LF. syslog_name is Postfix's ("postfix"); only lines of its programs
 * count, those with a longer name below it ("postfix/postwelle/smtp") too. zone is that of times without one; now
 * (seconds since 1970) gives the year where the line has none: the latest that is at most a day ahead. Returns the kind
 * and fills *event_r where that is not TRACK_NONE.
 */
enum track_kind track_line(const char *line, size_t size, const char *syslog_name, GTimeZone *zone, gint64 now,
                           struct track_event *event_r);

/*
 * TRUE where the line is master(8)'s word that an smtp(8) ended otherwise than in good order: "warning: process
 * …/smtp pid 123 killed by signal 9" or "… exit status 1". The receiver may have the mail it had in hand.
 */
gboolean track_line_is_crash(const char *line, size_t size, const char *syslog_name);

/*
 * TRUE where the line is master(8)'s word that Postfix was started, or is being stopped: it may have lost lines of its
 * log then. *time_r is when.
 */
gboolean track_line_is_restart(const char *line, size_t size, const char *syslog_name, GTimeZone *zone, gint64 now,
                               gint64 *time_r);

/*
 * TRUE where the line tells that smtp(8) or lmtp(8) speaks TLS now: "… TLS connection established to
 * mx.example[192.0.2.1]:25: TLSv1.3 with cipher …". agent_r: its process ID; relay_r as in struct track_event;
 * version_r: "TLSv1.3".
 */
gboolean track_line_is_tls(const char *line, size_t size, const char *syslog_name, guint64 *agent_r,
                           char relay_r[TRACK_RELAY_SIZE], char version_r[TRACK_TLS_SIZE]);

/* TRUE where one of the daemons that handle mails wrote it, about a mail. */
gboolean track_line_is_daily(const char *line, size_t size, const char *syslog_name);

/* The time a line was written at; FALSE where it has none. */
gboolean track_line_time(const char *line, size_t size, GTimeZone *zone, gint64 now, gint64 *time_r);

#endif
