/* participants.c - deleting participants' data; see participants.h. */
#include "importer/participants.h"

#include "importer/campaign_state.h"
#include "importer/control.h"
#include "importer/progress.h"
#include "importer/stop.h"
#include "lib/error.h"

#include <string.h>

#define PAGE 500 /* rows of one `participants-delete` */
#define DAY 86400
#define MINUTE 60

static void retained_free(void *data)
{
    struct retained *retained = data;
    g_free(retained->client);
    g_free(retained->campaign);
    g_free(retained->directory);
    g_free(retained);
}

static gboolean take_campaign(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    struct retained *retained = g_new0(struct retained, 1);
    retained->client = g_strdup(attributes_text(row, "client"));
    retained->campaign = g_strdup(attributes_text(row, "campaign"));
    retained->directory = g_strdup(attributes_text(row, "dir"));
    retained->participants = control_number(row, "participants");
    retained->facts = (struct retention_facts){
        .now = g_get_real_time() / G_USEC_PER_SEC,
        .last_step = (gint64)control_number(row, "last_step"),
        .keep = CLIENT_RETENTION,
        .unknown = control_number(row, "new") > 0,
        .open = control_number(row, "open"),
        .uncertain = control_number(row, "uncertain"),
        .deleted = (gint64)control_number(row, "deleted"),
        .erased = (gint64)control_number(row, "erased"),
        .feeding = strcmp(attributes_text(row, "state"), "approved") == 0 && control_number(row, "new") > 0,
    };
    g_ptr_array_add(cookie, retained);
    return TRUE;
}

/* Does `run` go on with a wave by itself? */
static gboolean is_fed(struct policy_client *policy, const struct campaign *campaign)
{
    struct campaign_state state;
    if (campaign->plan.start == 0)
        return FALSE;
    if (!campaign_state_ask(policy, campaign->client->name, campaign->name, &state, NULL))
        return TRUE;
    for (size_t i = 0; i < state.waves; i++)
        if (state.wave[i].opened != 0 && state.wave[i].counts[STATE_NEW] + state.wave[i].counts[STATE_BEGUN] > 0)
            return TRUE;
    return FALSE;
}

/* What client and folder say, where they can be read. */
static void read_plan(struct policy_client *policy, struct client_set *clients, struct retained *retained)
{
    struct retention_facts *facts = &retained->facts;
    const struct client *client = client_by_name(clients, retained->client);
    if (client != NULL)
        facts->keep = client->retention;
    g_autoptr(campaign_auto) campaign = campaign_open(retained->directory, clients, NULL);
    gboolean same = campaign != NULL && strcmp(campaign->name, retained->campaign) == 0 &&
                    strcmp(campaign->client->name, retained->client) == 0;
    if (!same) {
        facts->feeding = FALSE;
        return;
    }
    facts->unknown = facts->unknown && campaign->findings->len > 0; /* what is wrong may be the plan */
    facts->feeding = facts->feeding && is_fed(policy, campaign);
    if (config_number(campaign->config, "campaign", "retention") > 0)
        facts->keep = config_number(campaign->config, "campaign", "retention");
    if (campaign->reminder)
        facts->reminding = (gint64)campaign->reminders * campaign->reminder_gap;
    for (size_t wave = 1; wave <= campaign->plan.count; wave++)
        facts->planned = MAX(facts->planned, wave_plan_planned(&campaign->plan, campaign->client->zone, wave));
}

GPtrArray *participants_retained(struct command_context *context, struct policy_client *policy, GError **error)
{
    struct attributes last;
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(retained_free);
    if (clients == NULL ||
        !control_rows(policy, control_request("campaign-list", NULL), take_campaign, list, &last, error))
        return NULL;
    for (guint i = 0; i < list->len; i++) {
        struct retained *retained = list->pdata[i];
        if (retained->facts.erased == 0)
            read_plan(policy, clients, retained);
    }
    return g_steal_pointer(&list);
}

gboolean participants_delete(struct policy_client *policy, const char *client, const char *campaign, const char *by,
                             const char *because, guint64 *deleted_r, GError **error)
{
    struct progress progress;
    struct stop stop;
    guint64 after = 0;
    gboolean good = TRUE;
    *deleted_r = 0;
    stop_begin(&stop);
    progress_begin(&progress, "deleting", 0);
    do {
        struct attributes answer;
        GString *request = control_request("participants-delete", "client", client, "campaign", campaign, "by", by,
                                           "because", because, NULL);
        policy_append_number(request, "after", after);
        policy_append_number(request, "limit", PAGE);
        good = control_ask(policy, request, &answer, error);
        after = good ? control_number(&answer, "last") : 0;
        *deleted_r += good ? control_number(&answer, "deleted") : 0;
        progress_show(&progress, *deleted_r, NULL);
        if (after != 0 && stop_asked(&stop))
            good = error_set(error, ERROR_TEMPORARY,
                             "stopped; the deletion is begun, and goes on with `postwelle run`, or the same command");
    } while (good && after != 0);
    progress_clear(&progress);
    stop_end(&stop);
    return good;
}

/* Told once a day: it may stay so for long. */
static gboolean is_time_to_tell(gint64 now)
{
    return now % DAY < MINUTE;
}

/* told: an object that takes what there is to tell, or NULL. */
static gboolean run_one(struct policy_client *policy, const struct retained *retained, json_t *told, GError **error)
{
    gint64 due;
    guint64 deleted;
    g_autofree char *why = retention_why(&retained->facts);
    g_autofree char *because =
        g_strdup_printf("kept for %" G_GINT64_FORMAT " days after its end", retained->facts.keep / DAY);
    switch (retention_judge(&retained->facts, &due)) {
    case RETENTION_DUE:
    case RETENTION_BEGUN:
        if (!participants_delete(policy, retained->client, retained->campaign, NULL, because, &deleted, error))
            return FALSE;
        json_object_set_new(told, "deleted", json_integer((json_int_t)deleted));
        json_object_set_new(told, "because", json_string(because));
        if (told == NULL)
            g_print("%s: the data of %" G_GUINT64_FORMAT " participants was deleted, %s.\n", retained->campaign,
                    deleted, because);
        return TRUE;
    case RETENTION_HELD:
        json_object_set_new(told, "held", json_string(why));
        if (told == NULL && is_time_to_tell(retained->facts.now))
            g_print("%s: its participants' data is to be deleted, but %s.\n", retained->campaign, why);
        return TRUE;
    case RETENTION_KEPT:
    case RETENTION_NEVER:
    case RETENTION_DONE:
        break;
    }
    return TRUE;
}

/* The exit status. */
static int run_and_tell(struct policy_client *policy, const struct retained *retained, json_t *told)
{
    GError *error = NULL;
    if (run_one(policy, retained, told, &error))
        return 0;
    g_prefix_error(&error, "%s: ", retained->campaign);
    json_object_set_new(told, "error", json_string(error->message));
    return command_fail(error);
}

int participants_run(struct command_context *context, struct policy_client *policy, json_t *told)
{
    GError *error = NULL;
    int status = 0;
    g_autoptr(GPtrArray) list = participants_retained(context, policy, &error);
    if (list == NULL)
        return command_fail(error);
    for (guint i = 0; i < list->len; i++) {
        const struct retained *retained = list->pdata[i];
        json_t *object = told != NULL ? json_object() : NULL;
        int one = run_and_tell(policy, retained, object);
        status = status == 0 ? one : status;
        if (json_object_size(object) > 0) {
            json_object_set_new(object, "client", json_string(retained->client));
            json_object_set_new(object, "campaign", json_string(retained->campaign));
            json_array_append(told, object);
        }
        json_decref(object);
    }
    return status;
}
