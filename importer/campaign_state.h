/*
 * campaign_state.h - how a campaign stands, as policyd counts it: a row a wave, a count for each state.
 */
#ifndef POSTWELLE_IMPORTER_CAMPAIGN_STATE_H
#define POSTWELLE_IMPORTER_CAMPAIGN_STATE_H

#include "importer/waves.h"
#include "lib/policy.h"

#define REMINDERS_MAX 5 /* of a participant (PROTOCOL §2) */

/* The states of PROTOCOL §2, in the order of a mail's life. */
enum {
    STATE_NEW,
    STATE_BEGUN,
    STATE_RESERVED,
    STATE_QUEUED,
    STATE_GREYLISTED,
    STATE_DEFERRED,
    STATE_SENT,
    STATE_BOUNCED,
    STATE_EXPIRED,
    STATE_UNCERTAIN,
    STATE_CAPPED,
    STATE_SUPPRESSED,
    STATE_REFUSED,
    STATE_COUNT
};

extern const char *const state_names[STATE_COUNT];

struct wave_state {
    gint64 opened; /* seconds since 1970; 0: not opened */
    guint64 total;
    guint64 counts[STATE_COUNT];
};

struct campaign_state {
    guint64 participants;
    guint64 complaints; /* of recipients, about mails of this campaign */
    guint64 answered;   /* participants who have, as far as we were told */
    size_t waves; /* the highest that has participants or was opened */
    struct wave_state wave[WAVES_MAX];
    struct wave_state sum;
    size_t reminders;                         /* the highest that was opened */
    struct wave_state reminder[REMINDERS_MAX]; /* the first ones of all participants, the second ones .. */
};

/* Asks `campaign-status`. FALSE with *error as control_rows(). */
gboolean campaign_state_ask(struct policy_client *policy, const char *client, const char *campaign,
                            struct campaign_state *state_r, GError **error);

/* When the waves were opened, as waves.h takes it. */
void campaign_state_opened(const struct campaign_state *state, gint64 opened_r[WAVES_MAX]);

#endif
