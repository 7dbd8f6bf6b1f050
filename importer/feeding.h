/*
 * feeding.h - what goes before and after anything is fed, for `wave open`, `run` and `remind`: what an earlier run left
 * open, hours, gates, the approval; and the words, or the JSON, for what came of it. Prints words on stdout.
 */
#ifndef POSTWELLE_IMPORTER_FEEDING_H
#define POSTWELLE_IMPORTER_FEEDING_H

#include "importer/campaign_state.h"
#include "importer/command.h"
#include "importer/feed.h"

#define FEEDING_WAIT 300 /* seconds to wait for mails that are due later, where nobody says otherwise */

/*
 * Settles what an earlier run left open, so that what was never queued is fed with the rest. Tells of an error and goes
 * on. What was settled becomes the member "resolved" of told; NULL: it is printed.
 */
void feeding_resolve(struct command_context *context, struct policy_client *policy, json_t *told);

/*
 * How the campaign stands, for its gates; wave: to be opened next, 0 for none. Postfix is asked only where there is a
 * gate for its queue.
 */
gboolean feeding_gate_facts(struct command_context *context, const struct campaign *campaign,
                            const struct campaign_state *state, guint wave, struct gate_facts *facts_r, GError **error);

/* May anything be fed now, by hours and gates? FALSE with *error (ERROR_WANTING) says why not. */
gboolean feeding_may(struct command_context *context, const struct campaign *campaign,
                     const struct campaign_state *state, guint wave, GError **error);

/* When feeding has to end for today, by the campaign's hours; 0: never. */
gint64 feeding_ends(const struct campaign *campaign);

/* What is to be fed. */
struct feeding {
    gboolean reminders; /* not invitations */
    guint wave;         /* 0, of reminders only: all */
    guint64 todo;       /* of reminders: how many are due */
    gint64 wait, until; /* as in struct feed_options, */
    const char *despite; /* and this */
    json_t *told;        /* an object that takes what came of it; NULL: it is printed */
};

/* What --json prints, for --help. */
#define FEEDING_JSON                                                                                                   \
    "client, campaign, wave, reminders; how many mails Postfix accepted, how many were refused, capped, suppressed, "  \
    "are waiting until next; stopped (by a signal), closed (by the hours); the last reply; what was resolved before"

#define FEEDING_NOW "hours and gates (--now)" /* what --now overrules, for the audit trail */

/*
 * Checks that the content is the approved one, and before reminders and the first wave of a day that the client's DNS
 * is right; feeds, and tells what came of it. A signal ends it. FALSE with *error as feed_wave(); *result_r is filled
 * in each case, without last_reply.
 */
gboolean feeding_run(struct command_context *context, const struct campaign *campaign,
                     const struct campaign_state *state, struct policy_client *policy, const struct feeding *feeding,
                     struct feed_result *result_r, GError **error);

/* Adds the members of FEEDING_JSON to feeding->told; where nothing is to be fed, result is empty. */
void feeding_tell(const struct campaign *campaign, const struct feeding *feeding, const struct feed_result *result);

/* Prints the object, if feeding came so far that it has something to tell. Takes it over; NULL is fine. */
void feeding_print_told(json_t *told);

/* Seconds since 1970, now; and a time as people in that zone write it, NULL for 0. The caller frees. */
gint64 feeding_now(void);
char *feeding_time(gint64 when, GTimeZone *zone);

#endif
