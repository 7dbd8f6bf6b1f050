/*
 * remind.h - whom of a campaign a reminder would go to now, and why not to the others: policyd's count (PROTOCOL §5
 * `remind-plan`).
 */
#ifndef POSTWELLE_IMPORTER_REMIND_H
#define POSTWELLE_IMPORTER_REMIND_H

#include "importer/campaign.h"
#include "lib/policy.h"

enum remind_place {
    REMIND_DUE,
    REMIND_EARLY,      /* the gap has not passed */
    REMIND_WAITING,    /* to be tried again in a minute or so */
    REMIND_OPEN,       /* begun, or in Postfix's queue */
    REMIND_DONE,       /* has had as many as there may be */
    REMIND_ENDED,      /* the last one went wrong, or was cancelled */
    REMIND_ANSWERED,
    REMIND_SUPPRESSED,
    REMIND_NOT_SENT,   /* the invitation has not arrived, as far as is known */
    REMIND_PLACES
};

struct remind_plan {
    guint64 counts[REMIND_PLACES]; /* participants */
    gint64 earliest;               /* when the first of REMIND_EARLY is due; 0: none */
};

extern const char *const remind_names[REMIND_PLACES]; /* PROTOCOL's words */
extern const char *const remind_texts[REMIND_PLACES]; /* the same for people: "have answered" */

/*
 * Asks about the participants of a wave, or of all (0), by the limits of campaign.conf. The campaign must have a
 * reminder, and allow one at least. FALSE with *error as control_ask().
 */
gboolean remind_plan_ask(struct policy_client *policy, const struct campaign *campaign, guint wave,
                         struct remind_plan *plan_r, GError **error);

/*
 * What `run` remembers from one minute to the next (campaign-outlook), so that it need not have every participant
 * looked at each time.
 */
/* Seconds: so long at most, as an answer may be taken back, or a suppression, or a person settle what is uncertain. */
#define REMIND_LOOK 3600

/*
 * From when on somebody may be due, after a plan that was made at `now`; `now` itself where somebody is, or is tried
 * again soon.
 */
gint64 remind_next(const struct remind_plan *plan, gint64 gap, gint64 now);

/*
 * That time as a text, for the campaign as it is configured; the caller frees. And back: 0 where the text is empty, or
 * of other limits.
 */
char *remind_note(const struct campaign *campaign, gint64 next);
gint64 remind_noted(const struct campaign *campaign, const char *note);

#endif
