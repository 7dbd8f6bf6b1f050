/* campaign_state.c - how a campaign stands; see campaign_state.h. */
#include "importer/campaign_state.h"

#include "importer/control.h"
#include "lib/error.h"

const char *const state_names[STATE_COUNT] = {
    [STATE_NEW] = "new",               [STATE_BEGUN] = "begun",       [STATE_RESERVED] = "reserved",
    [STATE_QUEUED] = "queued",         [STATE_GREYLISTED] = "greylisted", [STATE_DEFERRED] = "deferred",
    [STATE_SENT] = "sent",             [STATE_BOUNCED] = "bounced",   [STATE_EXPIRED] = "expired",
    [STATE_UNCERTAIN] = "uncertain",   [STATE_CAPPED] = "capped",     [STATE_SUPPRESSED] = "suppressed",
    [STATE_REFUSED] = "refused",
};

static void take_counts(const struct attributes *row, struct wave_state *wave)
{
    wave->opened = (gint64)control_number(row, "opened");
    for (size_t i = 0; i < STATE_COUNT; i++) {
        wave->counts[i] = control_number(row, state_names[i]);
        wave->total += wave->counts[i];
    }
}

static gboolean take_reminders(struct campaign_state *state, const struct attributes *row, GError **error)
{
    guint64 number = control_number(row, "reminder");
    if (number < 1 || number > REMINDERS_MAX)
        return error_set(error, ERROR_PROTOCOL,
                         "postwelle-policyd tells of reminder %" G_GUINT64_FORMAT "; at most %d exist", number,
                         REMINDERS_MAX);
    take_counts(row, &state->reminder[number - 1]);
    state->reminders = MAX(state->reminders, (size_t)number);
    return TRUE;
}

static gboolean take_wave(void *cookie, const struct attributes *row, GError **error)
{
    struct campaign_state *state = cookie;
    guint64 number = control_number(row, "wave");
    if (attributes_get(row, "reminder") != NULL)
        return take_reminders(state, row, error);
    if (number < 1 || number > WAVES_MAX)
        return error_set(error, ERROR_PROTOCOL,
                         "postwelle-policyd tells of wave %" G_GUINT64_FORMAT "; at most %d exist", number, WAVES_MAX);
    struct wave_state *wave = &state->wave[number - 1];
    take_counts(row, wave);
    for (size_t i = 0; i < STATE_COUNT; i++)
        state->sum.counts[i] += wave->counts[i];
    state->sum.total += wave->total;
    state->waves = MAX(state->waves, (size_t)number);
    return TRUE;
}

gboolean campaign_state_ask(struct policy_client *policy, const char *client, const char *campaign,
                            struct campaign_state *state_r, GError **error)
{
    struct attributes last;
    *state_r = (struct campaign_state){0};
    GString *request = control_request("campaign-status", "client", client, "campaign", campaign, NULL);
    if (!control_rows(policy, request, take_wave, state_r, &last, error))
        return FALSE;
    state_r->participants = control_number(&last, "participants");
    state_r->complaints = control_number(&last, "complaints");
    state_r->answered = control_number(&last, "answered");
    return TRUE;
}

void campaign_state_opened(const struct campaign_state *state, gint64 opened_r[WAVES_MAX])
{
    for (size_t i = 0; i < WAVES_MAX; i++)
        opened_r[i] = state->wave[i].opened;
}
