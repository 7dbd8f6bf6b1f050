/* remind.c - who is due for a reminder; see remind.h. */
#include "importer/remind.h"

#include "importer/control.h"

#include <string.h>

const char *const remind_names[REMIND_PLACES] = {
    [REMIND_DUE] = "due",           [REMIND_EARLY] = "early",           [REMIND_WAITING] = "waiting",
    [REMIND_OPEN] = "open",         [REMIND_DONE] = "done",             [REMIND_ENDED] = "ended",
    [REMIND_ANSWERED] = "answered", [REMIND_SUPPRESSED] = "suppressed", [REMIND_NOT_SENT] = "not_sent",
};

const char *const remind_texts[REMIND_PLACES] = {
    [REMIND_DUE] = "are to be reminded now",
    [REMIND_EARLY] = "are to be reminded later",
    [REMIND_WAITING] = "wait for another try",
    [REMIND_OPEN] = "have a reminder on its way",
    [REMIND_DONE] = "have had as many reminders as there may be",
    [REMIND_ENDED] = "have a reminder that failed, or was cancelled",
    [REMIND_ANSWERED] = "have answered",
    [REMIND_SUPPRESSED] = "are suppressed",
    [REMIND_NOT_SENT] = "have no invitation that arrived",
};

gboolean remind_plan_ask(struct policy_client *policy, const struct campaign *campaign, guint wave,
                         struct remind_plan *plan_r, GError **error)
{
    struct attributes answer;
    guint64 after = 0;
    *plan_r = (struct remind_plan){0};
    do {
        GString *request = control_campaign_request("remind-plan", campaign, NULL);
        policy_append_number(request, "most", campaign->reminders);
        policy_append_number(request, "gap", (guint64)campaign->reminder_gap);
        policy_append_number(request, "after", after);
        if (wave > 0)
            policy_append_number(request, "wave", wave);
        if (!control_ask(policy, request, &answer, error))
            return FALSE;
        for (size_t i = 0; i < REMIND_PLACES; i++)
            plan_r->counts[i] += control_number(&answer, remind_names[i]);
        gint64 earliest = (gint64)control_number(&answer, "earliest");
        if (earliest != 0 && (plan_r->earliest == 0 || earliest < plan_r->earliest))
            plan_r->earliest = earliest;
        after = control_number(&answer, "last");
    } while (after != 0);
    return TRUE;
}

gint64 remind_next(const struct remind_plan *plan, gint64 gap, gint64 now)
{
    /* Whose invitation arrives from now on is not due before the gap has passed. */
    gint64 next = now + MIN(gap, REMIND_LOOK);
    if (plan->counts[REMIND_DUE] + plan->counts[REMIND_WAITING] > 0)
        return now;
    return plan->earliest != 0 ? MIN(next, plan->earliest) : next;
}

/* The limits under which it holds. The caller frees. */
static char *note_limits(const struct campaign *campaign)
{
    return g_strdup_printf("%u/%" G_GINT64_FORMAT "/", campaign->reminders, (gint64)campaign->reminder_gap);
}

char *remind_note(const struct campaign *campaign, gint64 next)
{
    g_autofree char *limits = note_limits(campaign);
    return g_strdup_printf("%s%" G_GINT64_FORMAT, limits, next);
}

gint64 remind_noted(const struct campaign *campaign, const char *note)
{
    g_autofree char *limits = note_limits(campaign);
    return g_str_has_prefix(note, limits) ? g_ascii_strtoll(note + strlen(limits), NULL, 10) : 0;
}
