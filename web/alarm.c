/* alarm.c - what needs a person; see alarm.h. */
#include "web/alarm.h"

#include <string.h>

struct list {
    struct alarm *alarms;
    size_t count;
};

static void add(struct list *list, struct alarm alarm)
{
    if (alarm.text == NULL)
        alarm.text = "";
    if (list->count < ALARMS_MAX)
        list->alarms[list->count++] = alarm;
}

/* How many invitations and reminders are in that state. */
static guint64 mails(const struct facts_campaign *campaign, enum facts_state state)
{
    guint64 count = campaign->sum.of[state];
    for (guint i = 0; campaign->reminders != NULL && i < campaign->reminders->len; i++)
        count += g_array_index(campaign->reminders, struct facts_wave, i).counts.of[state];
    return count;
}

gboolean alarms_moving(const struct facts_campaign *campaign)
{
    return mails(campaign, FACTS_RESERVED) + mails(campaign, FACTS_QUEUED) + mails(campaign, FACTS_GREYLISTED) +
               mails(campaign, FACTS_DEFERRED) > 0;
}

size_t alarms_service(const struct facts_service *service, gboolean moving, struct alarm alarms_r[ALARMS_MAX])
{
    struct list list = {alarms_r, 0};
    if (*service->trouble != '\0')
        add(&list, (struct alarm){.kind = ALARM_TROUBLE, .text = service->trouble});
    if (moving && service->now - service->read > ALARM_LOG_AGE)
        add(&list, (struct alarm){.kind = ALARM_LOG, .since = service->read});
    return list.count;
}

/* What Postfix did not take yet, by reason. */
static void add_not_taken(struct list *list, const struct facts_tally *tally)
{
    static const struct {
        const char *code;
        enum alarm_kind kind;
    } kinds[] = {{"milter", ALARM_MILTER}, {"policyd", ALARM_POLICYD}, {"key", ALARM_KEY}};
    for (guint i = 0; i < tally->reasons->len; i++) {
        const struct facts_reason *reason = &g_array_index(tally->reasons, struct facts_reason, i);
        struct alarm alarm = {.kind = ALARM_NOT_TAKEN, .count = reason->count, .text = reason->code};
        for (size_t j = 0; j < G_N_ELEMENTS(kinds); j++)
            if (strcmp(reason->code, kinds[j].code) == 0)
                alarm.kind = kinds[j].kind;
        if (reason->state == FACTS_NEW)
            add(list, alarm);
    }
}

size_t alarms_campaign(const struct facts_campaign *campaign, const struct facts_service *service,
                       struct alarm alarms_r[ALARMS_MAX])
{
    struct list list = {alarms_r, 0};
    const char *gate = campaign->gate != NULL ? campaign->gate : "";
    gboolean approved = g_strcmp0(campaign->state, "approved") == 0;
    if (g_strcmp0(campaign->state, "paused") == 0)
        add(&list, (struct alarm){.kind = ALARM_PAUSED});
    if (strcmp(gate, "stop") == 0)
        add(&list, (struct alarm){.kind = ALARM_GATE, .text = campaign->because});
    else if (strcmp(gate, "wait") == 0 && approved)
        add(&list, (struct alarm){.kind = ALARM_WAIT, .text = campaign->because});
    /* Who feeds a wave opens no other meanwhile. */
    if (approved && campaign->next > 0 && campaign->told > 0 && service->feeders == 0 &&
        service->now - campaign->told > ALARM_RUN_AGE)
        add(&list, (struct alarm){.kind = ALARM_RUN, .since = campaign->told});
    if (mails(campaign, FACTS_UNCERTAIN) > 0)
        add(&list, (struct alarm){.kind = ALARM_UNCERTAIN, .count = mails(campaign, FACTS_UNCERTAIN)});
    if (campaign->tally != NULL)
        add_not_taken(&list, campaign->tally);
    return list.count;
}
