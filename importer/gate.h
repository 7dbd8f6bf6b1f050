/*
 * gate.h - when a campaign has to stop by itself: too many bounces, deferrals, complaints; and when it has to wait: too
 * much in Postfix's queue.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_GATE_H
#define POSTWELLE_IMPORTER_GATE_H

#include <glib.h>

#define GATE_SAMPLE 50 /* mails with a result, before a rate says anything */
#define GATE_LEAST 2   /* that failed: one person who complains among the first fifty is no rate */

/* Hundredths of a percent; 0: no such gate. */
struct gates {
    guint32 bounces;    /* bounced and expired, of all that are through */
    /*
     * Still deferred, of all that Postfix took; asked before another wave is opened only: greylisting takes its time.
     */
    guint32 deferrals;
    guint32 complaints; /* of all that were sent */
    guint64 backlog;    /* mails in Postfix's queue, whoever's */
};

struct gate_facts {
    guint64 queued, deferred, sent, bounced, expired; /* of the campaign, by now */
    guint64 complaints;
    guint64 backlog;
    gboolean next; /* another wave is to be opened */
};

enum gate_verdict {
    GATE_OPEN,
    GATE_WAIT, /* for now */
    GATE_STOP, /* until a person resumes the campaign */
};

/*
 * Reads the options of [gates]: rates as "5%", "0.3%", "" for none; backlog as a number, 0 for none. FALSE and *error
 * (ERROR_CONFIG) for anything else.
 */
gboolean gates_read(const char *bounces, const char *deferrals, const char *complaints, guint64 backlog,
                    struct gates *gates_r, GError **error);

/* *why_r: in words, with the numbers (lib/gate_reason.h); NULL where it is open. Free with g_free(). */
enum gate_verdict gate_judge(const struct gates *gates, const struct gate_facts *facts, char **why_r);

#endif
