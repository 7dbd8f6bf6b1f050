/* feeding.c - before and after anything is fed; see feeding.h. */
#include "importer/feeding.h"

#include "importer/control.h"
#include "importer/dns_gate.h"
#include "importer/json_print.h"
#include "importer/postfix.h"
#include "importer/resolve.h"
#include "lib/error.h"

#include <string.h>

#define RESOLVE_PATIENCE_MS 12000 /* until the tracker has read the mail log: it tells every ten seconds */
#define ALIVE_MS ((gint64)60000)  /* of silence towards policyd, or a third of its idle-timeout where that is less */

/* --- before ------------------------------------------------------------------------------------- */

void feeding_resolve(struct command_context *context, struct policy_client *policy, json_t *told)
{
    GError *error = NULL;
    struct resolve_result result;
    const struct resolve_options options = {.postfix = config_text(context->config, "postfix", "config-directory"),
                                            .patience = RESOLVE_PATIENCE_MS};
    gboolean good = resolve_open(policy, &options, &result, &error);
    if (told != NULL)
        json_object_set_new(told, "resolved", resolve_json(&result));
    else
        resolve_print(&result);
    g_free(result.reason);
    if (!good)
        command_fail(error);
}

gint64 feeding_now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

char *feeding_time(gint64 when, GTimeZone *zone)
{
    if (when == 0)
        return NULL;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    return g_date_time_format(local, "%Y-%m-%d %H:%M %Z");
}

static gboolean count_line(void *cookie, const char *line, size_t size, GError **error)
{
    guint64 *count = cookie;
    (void)line;
    (void)error;
    *count += size > 0;
    return TRUE;
}

/* The mails of a wave, or of all, or reminders. */
static void add_facts(const struct wave_state *state, struct gate_facts *facts)
{
    const guint64 *counts = state->counts;
    facts->queued += counts[STATE_RESERVED] + counts[STATE_QUEUED];
    facts->deferred += counts[STATE_GREYLISTED] + counts[STATE_DEFERRED];
    facts->sent += counts[STATE_SENT];
    facts->bounced += counts[STATE_BOUNCED];
    facts->expired += counts[STATE_EXPIRED];
}

gboolean feeding_gate_facts(struct command_context *context, const struct campaign *campaign,
                            const struct campaign_state *state, guint wave, struct gate_facts *facts_r, GError **error)
{
    *facts_r = (struct gate_facts){.complaints = state->complaints,
                                   .next = wave > 0 && state->wave[wave - 1].opened == 0};
    add_facts(&state->sum, facts_r);
    for (size_t i = 0; i < state->reminders; i++)
        add_facts(&state->reminder[i], facts_r);
    return campaign->gates.backlog == 0 ||
           postfix_list_queue(config_text(context->config, "postfix", "config-directory"), count_line,
                              &facts_r->backlog, error);
}

gboolean feeding_may(struct command_context *context, const struct campaign *campaign,
                     const struct campaign_state *state, guint wave, GError **error)
{
    gint64 now = feeding_now(), next = calendar_next(&campaign->plan.calendar, campaign->client->zone, now);
    struct gate_facts facts;
    g_autofree char *why = NULL, *when = feeding_time(next, campaign->client->zone);
    if (next != now)
        return error_set(error, ERROR_WANTING,
                         "%s makes no first attempts now ([waves] hours, weekdays, holidays), but from %s on; --now "
                         "opens all the same",
                         campaign->name, when != NULL ? when : "never");
    if (!feeding_gate_facts(context, campaign, state, wave, &facts, error))
        return FALSE;
    return gate_judge(&campaign->gates, &facts, &why) == GATE_OPEN ||
           error_set(error, ERROR_WANTING, "%s: %s; --now opens all the same", campaign->name, why);
}

gint64 feeding_ends(const struct campaign *campaign)
{
    gint64 until = calendar_until(&campaign->plan.calendar, campaign->client->zone, feeding_now());
    return until == G_MAXINT64 ? 0 : until;
}

/* Is the wave, not open yet, the first one of the day in the client's zone? */
static gboolean is_first_of_day(const struct campaign *campaign, const struct campaign_state *state, guint wave)
{
    GTimeZone *zone = campaign->client->zone;
    g_autoptr(GDateTime) now = g_date_time_new_now(zone);
    g_autofree char *today = g_date_time_format(now, "%F");
    if (state->wave[wave - 1].opened != 0)
        return FALSE;
    for (size_t i = 0; i < state->waves; i++) {
        g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(state->wave[i].opened);
        g_autoptr(GDateTime) opened = g_date_time_to_timezone(utc, zone);
        g_autofree char *day = g_date_time_format(opened, "%F");
        if (strcmp(day, today) == 0)
            return FALSE;
    }
    return TRUE;
}

/*
 * What was right when it was approved may not be any more: nothing is sent in the name of a client who has changed its
 * DNS.
 */
static gboolean check_dns(struct command_context *context, const struct campaign *campaign,
                          const struct campaign_state *state, const struct feeding *feeding,
                          const struct attributes *shown, GError **error)
{
    g_autofree char *errors = NULL;
    if (*attributes_text(shown, "despite") != '\0' ||
        (!feeding->reminders && !is_first_of_day(campaign, state, feeding->wave)))
        return TRUE;
    if (!dns_gate(context, campaign->client, &errors, error))
        return FALSE;
    if (errors == NULL)
        return TRUE;
    g_autofree char *what = feeding->reminders ? g_strdup("nobody is reminded")
                                               : g_strdup_printf("wave %u stays closed", feeding->wave);
    g_autofree char *remedy =
        g_strdup_printf("%s until that is put right, or somebody releases it all the same: postwelle approve %s "
                        "--hash %s --by NAME --despite-dns REASON",
                        what, campaign->directory, campaign->hash);
    return dns_gate_refuse(campaign->client, errors, remedy, error);
}

/* policyd would refuse other content than the approved one; here the person is told what was changed, too. */
static gboolean check_approved(struct command_context *context, const struct campaign *campaign,
                               const struct campaign_state *state, struct policy_client *policy,
                               const struct feeding *feeding, GError **error)
{
    struct attributes shown;
    if (!control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &shown, error))
        return FALSE;
    if (strcmp(attributes_text(&shown, "state"), "approved") != 0)
        return TRUE; /* which policyd refuses */
    if (strcmp(attributes_text(&shown, "hash"), campaign->hash) == 0)
        return check_dns(context, campaign, state, feeding, &shown, error);
    g_autofree char *changes = control_changes(campaign, &shown, "parts");
    return error_set(error, ERROR_WANTING,
                     "the content of %s is not what %s approved%s. Change it back, or have this approved: "
                     "postwelle proof %s",
                     campaign->directory, attributes_text(&shown, "approved_by"), changes, campaign->directory);
}

/* --- and after ---------------------------------------------------------------------------------- */

static void print_result(const struct campaign *campaign, const struct feeding *feeding,
                         const struct feed_result *result)
{
    g_autofree char *wave = feeding->wave > 0
                                ? g_strdup_printf("%swave %u", feeding->reminders ? " of " : ", ", feeding->wave)
                                : g_strdup("");
    g_print("%s%s%s: %" G_GUINT64_FORMAT " accepted by Postfix", campaign->name,
            feeding->reminders ? ", reminders" : "", wave, result->accepted);
    const struct {
        guint64 count;
        const char *what;
    } others[] = {{result->refused, "refused"}, {result->capped, "capped"}, {result->suppressed, "suppressed"}};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (others[i].count > 0)
            g_print(", %" G_GUINT64_FORMAT " %s", others[i].count, others[i].what);
    g_print(".\n");
    if (result->waiting > 0)
        g_print("%" G_GUINT64_FORMAT " are to be tried later%s%s%s.\n", result->waiting,
                result->last_reply != NULL ? "; Postfix's last reply was \"" : "",
                result->last_reply != NULL ? result->last_reply : "", result->last_reply != NULL ? "\"" : "");
    if (result->stopped)
        g_print("Stopped. ");
    if (result->closed)
        g_print("The time for first attempts is over for now. ");
    if (!result->stopped && !result->closed && result->waiting == 0)
        return;
    g_print("To go on: postwelle %s %s", feeding->reminders ? "remind" : "wave open", campaign->directory);
    if (feeding->wave > 0)
        g_print(" %u", feeding->wave);
    g_print("\n");
}

void feeding_tell(const struct campaign *campaign, const struct feeding *feeding, const struct feed_result *result)
{
    g_autofree char *next = feeding_time(result->next, campaign->client->zone);
    g_autofree char *reply = result->last_reply != NULL ? g_utf8_make_valid(result->last_reply, -1) : NULL;
    json_t *told = json_pack("{s:s, s:s, s:o?, s:b, s:I, s:I, s:I, s:I, s:I, s:s?, s:b, s:b, s:s?}", "client",
                             campaign->client->name, "campaign", campaign->name, "wave",
                             feeding->wave > 0 ? json_integer(feeding->wave) : NULL, "reminders", feeding->reminders,
                             "accepted", (json_int_t)result->accepted, "refused", (json_int_t)result->refused, "capped",
                             (json_int_t)result->capped, "suppressed", (json_int_t)result->suppressed, "waiting",
                             (json_int_t)result->waiting, "next", next, "stopped", result->stopped, "closed",
                             result->closed, "last_reply", reply);
    json_object_update(feeding->told, told);
    json_decref(told);
}

void feeding_print_told(json_t *told)
{
    if (json_object_get(told, "accepted") != NULL)
        json_print(json_incref(told));
    json_decref(told);
}

gboolean feeding_run(struct command_context *context, const struct campaign *campaign,
                     const struct campaign_state *state, struct policy_client *policy, const struct feeding *feeding,
                     struct feed_result *result_r, GError **error)
{
    const struct config *config = command_config(context, error);
    const struct feed_options options = {
        .host = config_text(config, "submission", "host"),
        .port = (guint16)config_number(config, "submission", "port"),
        .timeout_ms = (int)config_number(config, "submission", "timeout") * 1000,
        .connections = (guint)config_number(config, "submission", "connections"),
        .alive_ms = MIN(ALIVE_MS, (gint64)config_number(config, "policyd", "idle-timeout") * 1000 / 3),
        .wait = feeding->wait,
        .until = feeding->until,
        .despite = feeding->despite,
    };
    struct stop stop;
    *result_r = (struct feed_result){0};
    stop_begin(&stop);
    gboolean good = check_approved(context, campaign, state, policy, feeding, error);
    if (good && feeding->reminders)
        good = feed_reminders(campaign, feeding->wave, feeding->todo, policy, &options, &stop, result_r, error);
    else if (good)
        good = feed_wave(campaign, feeding->wave, policy, &options, &stop, result_r, error);
    stop_end(&stop);
    if (good || result_r->accepted > 0)
        (feeding->told != NULL ? feeding_tell : print_result)(campaign, feeding, result_r);
    g_clear_pointer(&result_r->last_reply, g_free);
    return good;
}
