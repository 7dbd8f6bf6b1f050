/* cmd_wave.c - postwelle wave and run: opens waves by hand, or those that are due. */
#include "importer/cmd_wave.h"

#include "importer/campaign_state.h"
#include "importer/control.h"
#include "importer/feed.h"
#include "importer/resolve.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>

#define RESOLVE_PATIENCE_MS 12000 /* until the tracker has read the mail log: it tells every ten seconds */
#define WAIT_DEFAULT 300         /* seconds `wave open` waits for rows that are due later */
#define ALIVE_MS ((gint64)60000) /* of silence towards policyd, or a third of its idle-timeout where that is less */

/* --- before anything is fed --------------------------------------------------------------------- */

/* What was left open by an earlier run is settled first, so that what was never queued is fed with the rest. */
static void resolve_first(struct command_context *context, struct policy_client *policy)
{
    GError *error = NULL;
    struct resolve_result result;
    const struct resolve_options options = {.postfix = config_text(context->config, "postfix", "config-directory"),
                                            .patience = RESOLVE_PATIENCE_MS};
    gboolean good = resolve_open(policy, &options, &result, &error);
    resolve_print(&result);
    g_free(result.reason);
    if (!good)
        command_fail(error);
}

/* --- opening ------------------------------------------------------------------------------------ */

static void print_result(const struct campaign *campaign, guint wave, const struct feed_result *result)
{
    g_print("%s, wave %u: %" G_GUINT64_FORMAT " accepted by Postfix", campaign->name, wave, result->accepted);
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
    if (result->stopped || result->waiting > 0)
        g_print("To go on: postwelle wave open %s %u\n", campaign->directory, wave);
}

static gboolean open_wave(struct command_context *context, const struct campaign *campaign,
                          struct policy_client *policy, guint wave, gint64 wait, struct feed_result *result_r,
                          GError **error)
{
    const struct config *config = command_config(context, error);
    const struct feed_options options = {
        .host = config_text(config, "submission", "host"),
        .port = (guint16)config_number(config, "submission", "port"),
        .timeout_ms = (int)config_number(config, "submission", "timeout") * 1000,
        .connections = (guint)config_number(config, "submission", "connections"),
        .alive_ms = MIN(ALIVE_MS, (gint64)config_number(config, "policyd", "idle-timeout") * 1000 / 3),
        .wait = wait,
    };
    struct stop stop;
    stop_begin(&stop);
    gboolean good = feed_wave(campaign, wave, policy, &options, &stop, result_r, error);
    stop_end(&stop);
    if (good || result_r->accepted > 0)
        print_result(campaign, wave, result_r);
    g_clear_pointer(&result_r->last_reply, g_free);
    return good;
}

/* The wave that was asked for, or the next one. One that was opened before is gone on with. */
static gboolean choose_wave(const struct campaign *campaign, struct policy_client *policy, const char *text,
                            guint *wave_r, GError **error)
{
    struct campaign_state state;
    gint64 opened[WAVES_MAX];
    guint64 number;
    if (text != NULL) {
        if (!g_ascii_string_to_unsigned(text, 10, 1, campaign->plan.count, &number, NULL))
            return error_set(error, ERROR_USAGE, "\"%s\" is no wave of %s: it has 1 to %zu", text, campaign->name,
                             campaign->plan.count);
        *wave_r = (guint)number;
        return TRUE;
    }
    if (!campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    campaign_state_opened(&state, opened);
    *wave_r = (guint)wave_plan_next(&campaign->plan, opened);
    return *wave_r > 0 || error_set(error, ERROR_WANTING,
                                    "all %zu waves of %s are open; name one to go on with: postwelle "
                                    "wave open %s N",
                                    campaign->plan.count, campaign->name, campaign->directory);
}

static int open_command(struct command_context *context, int argc, char **argv)
{
    int wait = WAIT_DEFAULT;
    const GOptionEntry entries[] = {
        {"wait", 0, 0, G_OPTION_ARG_INT, &wait,
         "Wait so long at most for mails that are to be tried again (default: 300)", "SECONDS"},
        {0},
    };
    GError *error = NULL;
    guint wave;
    struct feed_result result;
    if (!command_options(
            &argc, &argv, "wave open DIR [N]",
            "Opens a wave (the next one where none is named) and feeds it to Postfix. Can be interrupted at any "
            "time and started again: it goes on where the ledger stands. Ends with 75 where mails are left for "
            "later.",
            entries, 1, 2, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_ready_campaign(context, argv[1], &error);
    struct policy_client *policy = campaign != NULL ? control_open(context, &error) : NULL;
    if (policy != NULL)
        resolve_first(context, policy);
    gboolean good = policy != NULL && choose_wave(campaign, policy, argc > 2 ? argv[2] : NULL, &wave, &error) &&
                    open_wave(context, campaign, policy, wave, MAX(wait, 0), &result, &error);
    policy_client_free(policy);
    if (!good)
        return command_fail(error);
    return result.stopped || result.waiting > 0 ? ERROR_TEMPORARY : 0;
}

/* --- wave list ---------------------------------------------------------------------------------- */

static char *time_text(gint64 when, GTimeZone *zone)
{
    if (when == 0)
        return NULL;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    return g_date_time_format(local, "%Y-%m-%d %H:%M %Z");
}

/* Where a wave is not open yet, the waves before it are taken to be opened as planned. */
static gint64 forecast(const struct campaign *campaign, gint64 *opened, size_t wave)
{
    gint64 due = wave_plan_due(&campaign->plan, campaign->client->zone, opened, wave);
    if (opened[wave - 1] == 0)
        opened[wave - 1] = due;
    return due;
}

static void print_waves(const struct campaign *campaign, const struct campaign_state *state, gboolean json)
{
    static const struct table_column columns[] = {
        {"WAVE", TABLE_NUMBER}, {"PLANNED", TABLE_TEXT}, {"OPENED", TABLE_TEXT}, {"PARTICIPANTS", TABLE_NUMBER},
        {"LEFT", TABLE_NUMBER}, {"SENT", TABLE_NUMBER},  {NULL, TABLE_TEXT}};
    gint64 opened[WAVES_MAX];
    campaign_state_opened(state, opened);
    g_autoptr(table_auto) table = table_new("waves", columns, json);
    for (size_t i = 0; i < MAX(campaign->plan.count, state->waves); i++) {
        const struct wave_state *wave = &state->wave[i];
        g_autofree char *number = g_strdup_printf("%zu", i + 1);
        g_autofree char *planned = time_text(forecast(campaign, opened, i + 1), campaign->client->zone);
        g_autofree char *open = time_text(wave->opened, campaign->client->zone);
        g_autofree char *total = g_strdup_printf("%" G_GUINT64_FORMAT, wave->total);
        g_autofree char *left =
            g_strdup_printf("%" G_GUINT64_FORMAT, wave->counts[STATE_NEW] + wave->counts[STATE_BEGUN]);
        g_autofree char *sent = g_strdup_printf("%" G_GUINT64_FORMAT, wave->counts[STATE_SENT]);
        table_add(table, number, planned, open, total, left, sent);
    }
    table_print(table);
}

static int list_command(struct command_context *context, int argc, char **argv)
{
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    struct campaign_state state;
    if (!command_options(&argc, &argv, "wave list DIR",
                         "Shows the waves: when they are planned, when they were opened, how "
                         "many participants they have.",
                         entries, 1, 1, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_campaign(context, argv[1], &error);
    struct policy_client *policy = campaign != NULL ? control_open(context, &error) : NULL;
    gboolean good =
        policy != NULL && campaign_state_ask(policy, campaign->client->name, campaign->name, &state, &error);
    policy_client_free(policy);
    if (!good)
        return command_fail(error);
    print_waves(campaign, &state, json);
    return 0;
}

int cmd_wave(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"list", "show the waves: planned, opened, how many", list_command},
        {"open", "open a wave and feed it to Postfix", open_command},
        {"pause", "stop, and hold what Postfix has", cmd_wave_pause},
        {"resume", "go on after a pause", cmd_wave_resume},
        {"cancel", "end for good what was not sent", cmd_wave_cancel},
        {0},
    };
    return command_dispatch(context, "wave", verbs, argc, argv);
}

/* --- run ---------------------------------------------------------------------------------------- */

static gboolean take_directory(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    if (strcmp(attributes_text(row, "state"), "approved") == 0)
        g_ptr_array_add(cookie, g_strdup(attributes_text(row, "dir")));
    return TRUE;
}

/*
 * The wave to feed: one that is open and has mails left whose time has come is gone on with; else the one that is due.
 * 0: none.
 */
static guint wave_to_run(const struct campaign *campaign, const struct campaign_state *state, gint64 now)
{
    gint64 opened[WAVES_MAX];
    if (campaign->plan.start == 0)
        return 0; /* opened by hand only */
    for (size_t i = 0; i < state->waves; i++)
        if (state->wave[i].opened != 0 && state->wave[i].counts[STATE_NEW] + state->wave[i].counts[STATE_BEGUN] > 0)
            return (guint)i + 1;
    campaign_state_opened(state, opened);
    return (guint)wave_plan_due_now(&campaign->plan, campaign->client->zone, opened, now);
}

static gboolean run_campaign(struct command_context *context, struct policy_client *policy, const char *directory,
                             gboolean *stopped_r, GError **error)
{
    struct campaign_state state;
    struct feed_result result = {0};
    g_autoptr(campaign_auto) campaign = control_ready_campaign(context, directory, error);
    if (campaign == NULL || !campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    guint wave = wave_to_run(campaign, &state, g_get_real_time() / G_USEC_PER_SEC);
    gboolean good = wave == 0 || open_wave(context, campaign, policy, wave, 0, &result, error);
    *stopped_r = result.stopped;
    return good;
}

/* One campaign's fault is no other's: each is reported, and the first gives the exit status. */
static int run_campaigns(struct command_context *context, struct policy_client *policy, const GPtrArray *directories)
{
    int status = 0;
    gboolean stopped = FALSE;
    for (guint i = 0; i < directories->len && !stopped; i++) {
        GError *error = NULL;
        if (run_campaign(context, policy, directories->pdata[i], &stopped, &error))
            continue;
        g_prefix_error(&error, "%s: ", (const char *)directories->pdata[i]);
        int one = command_fail(error);
        status = status == 0 ? one : status;
    }
    return status;
}

int cmd_run(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    struct attributes last;
    if (!command_options(
            &argc, &argv, "run",
            "Opens the waves that are due of all approved campaigns whose campaign.conf has a start, and goes on "
            "with those that have mails left. The timer postwelle.timer calls it each minute.",
            NULL, 0, 0, &error))
        return command_fail(error);
    struct policy_client *policy = control_open(context, &error);
    if (policy == NULL)
        return command_fail(error);
    resolve_first(context, policy);
    g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(g_free);
    int status =
        control_rows(policy, control_request("campaign-list", NULL), take_directory, directories, &last, &error)
            ? run_campaigns(context, policy, directories)
            : command_fail(error);
    policy_client_free(policy);
    return status;
}
