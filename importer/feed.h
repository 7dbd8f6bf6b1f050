/*
 * feed.h - feeds a wave, or reminders, to Postfix: attempts from policyd in batches, rendered and sent on several SMTP
 * connections.
 *
 * The calling thread alone talks to policyd; workers render and send. What an attempt came to is the ledger's word:
 * after anything but a good reply the attempt is abandoned, and policyd says where the participant stands. So it can be
 * killed at any point and started again.
 *
 * Where the campaign has rates, rows wait in the calling thread until their provider's turn.
 */
#ifndef POSTWELLE_IMPORTER_FEED_H
#define POSTWELLE_IMPORTER_FEED_H

#include "importer/render.h"
#include "importer/stop.h"

#define FEED_BATCH 200       /* participants of one `begin`, its limit in PROTOCOL §5 */
#define FEED_FAILURES_MAX 20 /* mails in a row without a good reply or a refusal of that one, before it gives up */
#define FEED_PASSES_MAX 3    /* passes over what waits that bring nothing, before it gives up */

struct feed_options {
    const char *host; /* Postfix's listener */
    guint16 port;
    int timeout_ms;
    guint connections;
    gint64 alive_ms; /* after so much silence policyd is asked something, lest it close the connection as idle */
    gint64 wait;     /* seconds at most to wait for rows that are due later */
    gint64 until;    /* seconds since 1970: nothing is fed from then on; 0: no end */
    const char *despite; /* what of the plan a person overrules, for the audit trail; NULL: nothing */
};

/* What became of the attempts of this run. */
struct feed_result {
    guint64 todo;     /* when the wave was opened; of reminders, as the caller said */
    guint64 accepted; /* Postfix has them */
    guint64 refused, capped, suppressed;
    guint64 later;    /* answered 4yz or not at all: tried again */
    guint64 waiting;  /* at the end: rows to be tried later */
    gint64 next;      /* when the first of them is due; 0: none */
    gboolean stopped; /* by a signal */
    gboolean closed;  /* by `until` */
    char *last_reply; /* the last one that said "later", or NULL; the caller frees */
};

/*
 * Opens the wave with policyd and feeds it. TRUE when nothing is left to do now (waiting tells of later), or it was
 * stopped. FALSE with *error: policyd's refusal, or ERROR_UNAVAILABLE / ERROR_TEMPORARY where Postfix or policyd is
 * gone or takes nothing, with the reply. *result_r is filled in each case. The signals of `stop` must be blocked.
 */
gboolean feed_wave(const struct campaign *campaign, guint wave, struct policy_client *policy,
                   const struct feed_options *options, struct stop *stop, struct feed_result *result_r, GError **error);

/*
 * The same for the reminders that are due: of the participants of a wave, or of all (0). The campaign must have a
 * reminder. todo: how many it will be, for the progress bar.
 */
gboolean feed_reminders(const struct campaign *campaign, guint wave, guint64 todo, struct policy_client *policy,
                        const struct feed_options *options, struct stop *stop, struct feed_result *result_r,
                        GError **error);

#endif
