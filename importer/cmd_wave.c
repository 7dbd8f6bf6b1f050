/* cmd_wave.c - postwelle wave and run: opens waves by hand, or those that are due. */
#include "importer/cmd_wave.h"

#include "importer/campaign_state.h"
#include "importer/control.h"
#include "importer/dns_gate.h"
#include "importer/feed.h"
#include "importer/hold.h"
#include "importer/postfix.h"
#include "importer/resolve.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>

#define RESOLVE_PATIENCE_MS 12000 /* until the tracker has read the mail log: it tells every ten seconds */
#define RUN_SLICE 50             /* seconds that `run` feeds a campaign which has rates, before the next one */
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
    if (result->closed)
        g_print("The time for first attempts is over for now. ");
    if (result->stopped || result->closed || result->waiting > 0)
        g_print("To go on: postwelle wave open %s %u\n", campaign->directory, wave);
}

/* Why there was nothing to feed: where the wave's participants stand, or that it has none. */
static void explain_nothing(struct policy_client *policy, const struct campaign *campaign, guint number)
{
    struct campaign_state state;
    if (!campaign_state_ask(policy, campaign->client->name, campaign->name, &state, NULL))
        return;
    const struct wave_state *wave = &state.wave[number - 1];
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < STATE_COUNT; i++)
        if (wave->counts[i] > 0)
            g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s", text->len > 0 ? ", " : "", wave->counts[i],
                                   state_names[i]);
    g_autofree char *sizes = g_strjoinv(", ", (char **)config_list(campaign->config, "waves", "sizes"));
    if (wave->total > 0)
        g_print("There was nothing to feed: of its %" G_GUINT64_FORMAT " participants are %s.\n", wave->total, text->str);
    else
        g_print("Nobody is in it: sizes = %s leaves no one of %" G_GUINT64_FORMAT " participants for wave %u. Open the next "
                "one, or (while no wave was opened) change sizes, `postwelle import --undo %s`, and import again.\n",
                sizes, state.participants, number, campaign->directory);
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

/* What was right when it was approved may not be any more: nothing is sent in the name of a client who has changed its DNS. */
static gboolean check_dns(struct command_context *context, const struct campaign *campaign, const struct campaign_state *state,
                          guint wave, const struct attributes *shown, GError **error)
{
    g_autofree char *errors = NULL;
    if (*attributes_text(shown, "despite") != '\0' || !is_first_of_day(campaign, state, wave))
        return TRUE;
    if (!dns_gate(context, campaign->client, &errors, error))
        return FALSE;
    if (errors == NULL)
        return TRUE;
    g_autofree char *remedy =
        g_strdup_printf("wave %u stays closed until that is put right, or somebody releases it all the same: postwelle approve %s "
                        "--hash %s --by NAME --despite-dns REASON",
                        wave, campaign->directory, campaign->hash);
    return dns_gate_refuse(campaign->client, errors, remedy, error);
}

/* policyd would refuse other content than the approved one; here the person is told what was changed, too. */
static gboolean check_approved(struct command_context *context, struct policy_client *policy, const struct campaign *campaign,
                               const struct campaign_state *state, guint wave, GError **error)
{
    struct attributes shown;
    if (!control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &shown, error))
        return FALSE;
    if (strcmp(attributes_text(&shown, "state"), "approved") != 0)
        return TRUE; /* which policyd refuses */
    if (strcmp(attributes_text(&shown, "hash"), campaign->hash) == 0)
        return check_dns(context, campaign, state, wave, &shown, error);
    g_autofree char *changes = control_changes(campaign, &shown, "parts");
    return error_set(error, ERROR_WANTING,
                     "the content of %s is not what %s approved%s. Change it back, or have this approved: "
                     "postwelle proof %s",
                     campaign->directory, attributes_text(&shown, "approved_by"), changes, campaign->directory);
}

/* How a wave is opened: wait, until, despite as in struct feed_options. */
struct opening {
    guint wave;
    gint64 wait, until;
    const char *despite;
};

static gboolean open_wave(struct command_context *context, const struct campaign *campaign,
                          const struct campaign_state *state, struct policy_client *policy, const struct opening *opening,
                          struct feed_result *result_r, GError **error)
{
    guint wave = opening->wave;
    const struct config *config = command_config(context, error);
    const struct feed_options options = {
        .host = config_text(config, "submission", "host"),
        .port = (guint16)config_number(config, "submission", "port"),
        .timeout_ms = (int)config_number(config, "submission", "timeout") * 1000,
        .connections = (guint)config_number(config, "submission", "connections"),
        .alive_ms = MIN(ALIVE_MS, (gint64)config_number(config, "policyd", "idle-timeout") * 1000 / 3),
        .wait = opening->wait,
        .until = opening->until,
        .despite = opening->despite,
    };
    struct stop stop;
    *result_r = (struct feed_result){0};
    stop_begin(&stop);
    gboolean good = check_approved(context, policy, campaign, state, wave, error) &&
                    feed_wave(campaign, wave, policy, &options, &stop, result_r, error);
    stop_end(&stop);
    if (good || result_r->accepted > 0)
        print_result(campaign, wave, result_r);
    if (good && result_r->todo == 0)
        explain_nothing(policy, campaign, wave);
    g_clear_pointer(&result_r->last_reply, g_free);
    return good;
}

static gint64 seconds_now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

static char *time_text(gint64 when, GTimeZone *zone)
{
    if (when == 0)
        return NULL;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    return g_date_time_format(local, "%Y-%m-%d %H:%M %Z");
}

/* --- quiet hours and gates ------------------------------------------------------------------------ */

static gboolean count_line(void *cookie, const char *line, size_t size, GError **error)
{
    guint64 *count = cookie;
    (void)line;
    (void)error;
    *count += size > 0;
    return TRUE;
}

/* How the campaign stands, for its gates. Postfix is asked only where there is a gate for its queue. */
static gboolean fetch_gate_facts(struct command_context *context, const struct campaign *campaign,
                                 const struct campaign_state *state, guint wave, struct gate_facts *facts_r, GError **error)
{
    const guint64 *counts = state->sum.counts;
    *facts_r = (struct gate_facts){.queued = counts[STATE_RESERVED] + counts[STATE_QUEUED],
                                   .deferred = counts[STATE_DEFERRED],
                                   .sent = counts[STATE_SENT],
                                   .bounced = counts[STATE_BOUNCED],
                                   .expired = counts[STATE_EXPIRED],
                                   .complaints = state->complaints,
                                   .next = wave > 0 && state->wave[wave - 1].opened == 0};
    const char *const argv[] = {"postqueue", "-c", config_text(context->config, "postfix", "config-directory"), "-j", NULL};
    return campaign->gates.backlog == 0 || postfix_read(argv, count_line, &facts_r->backlog, error);
}

/* May the wave be fed now, by hours and gates? FALSE with *error (ERROR_WANTING) says why not. */
static gboolean may_feed(struct command_context *context, const struct campaign *campaign,
                         const struct campaign_state *state, guint wave, GError **error)
{
    gint64 now = seconds_now(), next = calendar_next(&campaign->plan.calendar, campaign->client->zone, now);
    struct gate_facts facts;
    g_autofree char *why = NULL, *when = time_text(next, campaign->client->zone);
    if (next != now)
        return error_set(error, ERROR_WANTING, "%s makes no first attempts now ([waves] hours, weekdays, holidays), but from %s on; --now opens all the same",
                         campaign->name, when != NULL ? when : "never");
    if (!fetch_gate_facts(context, campaign, state, wave, &facts, error))
        return FALSE;
    return gate_judge(&campaign->gates, &facts, &why) == GATE_OPEN ||
           error_set(error, ERROR_WANTING, "%s: %s; --now opens all the same", campaign->name, why);
}

/* When feeding has to end for today; 0: never. */
static gint64 feeding_ends(const struct campaign *campaign)
{
    gint64 until = calendar_until(&campaign->plan.calendar, campaign->client->zone, seconds_now());
    return until == G_MAXINT64 ? 0 : until;
}

/* --- wave open ------------------------------------------------------------------------------------ */

/* The wave that was asked for, or the next one. One that was opened before is gone on with. */
static gboolean choose_wave(const struct campaign *campaign, const struct campaign_state *state, const char *text,
                            guint *wave_r, GError **error)
{
    gint64 opened[WAVES_MAX];
    guint64 number;
    if (text != NULL) {
        if (!g_ascii_string_to_unsigned(text, 10, 1, campaign->plan.count, &number, NULL))
            return error_set(error, ERROR_USAGE, "\"%s\" is no wave of %s: it has 1 to %zu", text, campaign->name,
                             campaign->plan.count);
        *wave_r = (guint)number;
        return TRUE;
    }
    campaign_state_opened(state, opened);
    *wave_r = (guint)wave_plan_next(&campaign->plan, opened);
    return *wave_r > 0 || error_set(error, ERROR_WANTING,
                                    "all %zu waves of %s are open; name one to go on with: postwelle "
                                    "wave open %s N",
                                    campaign->plan.count, campaign->name, campaign->directory);
}

static int open_command(struct command_context *context, int argc, char **argv)
{
    int wait = WAIT_DEFAULT;
    gboolean at_once = FALSE;
    const GOptionEntry entries[] = {
        {"now", 0, 0, G_OPTION_ARG_NONE, &at_once, "Whatever the hours and the gates of campaign.conf say", NULL},
        {"wait", 0, 0, G_OPTION_ARG_INT, &wait,
         "Wait so long at most for mails that are to be tried again (default: 300)", "SECONDS"},
        {0},
    };
    GError *error = NULL;
    guint wave = 0;
    struct campaign_state state;
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
    gboolean good = policy != NULL && campaign_state_ask(policy, campaign->client->name, campaign->name, &state, &error) &&
                    choose_wave(campaign, &state, argc > 2 ? argv[2] : NULL, &wave, &error) &&
                    (at_once || may_feed(context, campaign, &state, wave, &error)) &&
                    open_wave(context, campaign, &state, policy,
                              &(struct opening){.wave = wave,
                                                .wait = MAX(wait, 0),
                                                .until = at_once ? 0 : feeding_ends(campaign),
                                                .despite = at_once ? "hours and gates (--now)" : NULL},
                              &result, &error);
    policy_client_free(policy);
    if (!good)
        return command_fail(error);
    return result.stopped || result.closed || result.waiting > 0 ? ERROR_TEMPORARY : 0;
}

/* --- wave list ---------------------------------------------------------------------------------- */

/* Where a wave is not open yet, the waves before it are taken to be opened as planned; none in the past. */
static gint64 forecast(const struct campaign *campaign, gint64 *opened, size_t wave, gint64 now)
{
    if (opened[wave - 1] != 0 || wave > campaign->plan.count)
        return 0;
    gint64 due = wave_plan_due(&campaign->plan, campaign->client->zone, opened, wave);
    if (due > 0)
        due = calendar_next(&campaign->plan.calendar, campaign->client->zone, MAX(due, now));
    opened[wave - 1] = due;
    return due;
}

static char *count_text(guint64 count)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT, count);
}

static void print_waves(const struct campaign *campaign, const struct campaign_state *state, gboolean json)
{
    static const struct table_column columns[] = {
        {"WAVE", TABLE_NUMBER},         {"PLANNED", TABLE_TEXT}, {"FORECAST", TABLE_TEXT}, {"OPENED", TABLE_TEXT},
        {"PARTICIPANTS", TABLE_NUMBER}, {"LEFT", TABLE_NUMBER},  {"QUEUED", TABLE_NUMBER}, {"SENT", TABLE_NUMBER},
        {"BOUNCED", TABLE_NUMBER},      {NULL, TABLE_TEXT}};
    GTimeZone *zone = campaign->client->zone;
    gint64 opened[WAVES_MAX], now = seconds_now();
    campaign_state_opened(state, opened);
    g_autoptr(table_auto) table = table_new("waves", columns, json);
    for (size_t i = 0; i < MAX(campaign->plan.count, state->waves); i++) {
        const struct wave_state *wave = &state->wave[i];
        gint64 plan = i < campaign->plan.count ? wave_plan_planned(&campaign->plan, zone, i + 1) : 0;
        g_autofree char *number = count_text(i + 1), *planned = time_text(plan, zone);
        g_autofree char *expected = time_text(forecast(campaign, opened, i + 1, now), zone);
        g_autofree char *open = time_text(wave->opened, zone), *total = count_text(wave->total);
        g_autofree char *left = count_text(wave->counts[STATE_NEW] + wave->counts[STATE_BEGUN]);
        g_autofree char *queued =
            count_text(wave->counts[STATE_RESERVED] + wave->counts[STATE_QUEUED] + wave->counts[STATE_DEFERRED]);
        g_autofree char *sent = count_text(wave->counts[STATE_SENT]);
        g_autofree char *bounced = count_text(wave->counts[STATE_BOUNCED] + wave->counts[STATE_EXPIRED]);
        table_add(table, number, planned, expected, open, total, left, queued, sent, bounced);
    }
    table_print(table);
}

/* What is in the way of the next wave. */
static gboolean print_obstacles(struct command_context *context, struct policy_client *policy,
                                const struct campaign *campaign, const struct campaign_state *state, GError **error)
{
    struct attributes answer;
    struct gate_facts facts;
    g_autofree char *why = NULL;
    if (!control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &answer, error))
        return FALSE;
    const char *standing = attributes_text(&answer, "state");
    if (strcmp(standing, "approved") != 0)
        g_print("The campaign is %s.\n", strcmp(standing, "paused") == 0 ? "paused" : "not approved");
    if (!fetch_gate_facts(context, campaign, state, 0, &facts, error))
        return FALSE;
    if (gate_judge(&campaign->gates, &facts, &why) != GATE_OPEN)
        g_print("%s.\n", why);
    return TRUE;
}

static int list_command(struct command_context *context, int argc, char **argv)
{
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    struct campaign_state state;
    if (!command_options(&argc, &argv, "wave list DIR",
                         "Shows the waves: when they are planned, when they will be opened as things stand, when they were; how "
                         "many participants they have, and what became of them.",
                         entries, 1, 1, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_campaign(context, argv[1], &error);
    struct policy_client *policy = campaign != NULL ? control_open(context, &error) : NULL;
    gboolean good =
        policy != NULL && campaign_state_ask(policy, campaign->client->name, campaign->name, &state, &error);
    if (good) {
        print_waves(campaign, &state, json);
        good = json || print_obstacles(context, policy, campaign, &state, &error);
    }
    policy_client_free(policy);
    return good ? 0 : command_fail(error);
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

/* Directories of campaigns, as `run` treats them. */
struct run_list {
    GPtrArray *approved, *paused;
};

static gboolean take_directory(void *cookie, const struct attributes *row, GError **error)
{
    struct run_list *list = cookie;
    const char *state = attributes_text(row, "state");
    (void)error;
    if (strcmp(state, "approved") == 0)
        g_ptr_array_add(list->approved, g_strdup(attributes_text(row, "dir")));
    else if (strcmp(state, "paused") == 0)
        g_ptr_array_add(list->paused, g_strdup(attributes_text(row, "dir")));
    return TRUE;
}

/* The wave that comes next, 0: none; and when it is opened, or gone on with, 0: by hand only. */
static guint foresee(const struct campaign *campaign, const struct campaign_state *state, gint64 now, gint64 *due_r)
{
    gint64 opened[WAVES_MAX];
    *due_r = 0;
    for (size_t i = 0; i < state->waves; i++)
        if (state->wave[i].opened != 0 && state->wave[i].counts[STATE_NEW] + state->wave[i].counts[STATE_BEGUN] > 0) {
            *due_r = campaign->plan.start == 0 ? 0 : calendar_next(&campaign->plan.calendar, campaign->client->zone, now);
            return (guint)i + 1;
        }
    campaign_state_opened(state, opened);
    size_t wave = wave_plan_next(&campaign->plan, opened);
    if (wave > 0)
        *due_r = forecast(campaign, opened, wave, now);
    return (guint)wave;
}

/* Tells policyd what comes next, for those who look at the status pages. Nothing depends on it, so its failure is none of ours. */
static void tell_outlook(struct command_context *context, struct policy_client *policy, const struct campaign *campaign,
                         const struct campaign_state *state)
{
    static const char *const verdicts[] = {[GATE_OPEN] = "open", [GATE_WAIT] = "wait", [GATE_STOP] = "stop"};
    struct attributes answer;
    struct gate_facts facts;
    gint64 due;
    g_autofree char *why = NULL;
    guint wave = foresee(campaign, state, seconds_now(), &due);
    if (!fetch_gate_facts(context, campaign, state, wave, &facts, NULL))
        return;
    enum gate_verdict verdict = gate_judge(&campaign->gates, &facts, &why);
    GString *request = control_campaign_request("campaign-outlook", campaign, "gate", verdicts[verdict], "because", why, NULL);
    policy_append_number(request, "wave", wave);
    policy_append_number(request, "due", (guint64)due);
    control_ask(policy, request, &answer, NULL);
}

/* Of a campaign that is paused nothing is done but that; what is wrong with it is told when it goes on. */
static void look_at_paused(struct command_context *context, struct policy_client *policy, const char *directory)
{
    struct campaign_state state;
    g_autoptr(campaign_auto) campaign = control_campaign(context, directory, NULL);
    if (campaign != NULL && campaign_state_ask(policy, campaign->client->name, campaign->name, &state, NULL))
        tell_outlook(context, policy, campaign, &state);
}

/*
 * The wave to feed: one that is open and has mails left whose time has come is gone on with; else the one that is due.
 * 0: none.
 */
static guint wave_to_run(const struct campaign *campaign, const struct campaign_state *state, gint64 now)
{
    gint64 opened[WAVES_MAX];
    if (calendar_next(&campaign->plan.calendar, campaign->client->zone, now) != now)
        return 0; /* quiet hours */
    for (size_t i = 0; i < state->waves; i++)
        if (state->wave[i].opened != 0 && state->wave[i].counts[STATE_NEW] + state->wave[i].counts[STATE_BEGUN] > 0)
            return (guint)i + 1;
    campaign_state_opened(state, opened);
    return (guint)wave_plan_due_now(&campaign->plan, campaign->client->zone, opened, now);
}

/* The ledger first; the queue as far as we may: who is not root stops at least what would be fed. */
static gboolean stop_campaign(struct command_context *context, const struct campaign *campaign,
                              struct policy_client *policy, const char *why, GError **error)
{
    struct attributes answer;
    struct hold hold;
    g_autoptr(GError) problem = NULL;
    if (!control_ask(policy, control_campaign_request("campaign-pause", campaign, "because", why, NULL), &answer, error))
        return FALSE;
    hold_init(&hold, config_text(context->config, "postfix", "config-directory"), campaign->client->name, campaign->name, 0);
    if (!hold_all(&hold, policy, 0, NULL, &problem))
        g_printerr("postwelle: what is queued is not on hold: %s\n", problem->message);
    hold_release(&hold);
    return error_set(error, ERROR_WANTING,
                     "%s is stopped: %s. Look into it, then: postwelle wave resume %s (raise the limit in campaign.conf before, or it stops again)",
                     campaign->name, why, campaign->directory);
}

/* Feeds for a minute at most where it is slowed down, so that others have their turn. */
static gint64 run_until(const struct campaign *campaign)
{
    gint64 until = feeding_ends(campaign), slice = seconds_now() + RUN_SLICE;
    if (!rates_limit(&campaign->rates))
        return until;
    return until == 0 ? slice : MIN(until, slice);
}

/* Gates are asked as long as something is to be fed, or under way. */
static gboolean run_gates(struct command_context *context, const struct campaign *campaign,
                          const struct campaign_state *state, struct policy_client *policy, guint *wave, GError **error)
{
    const guint64 *counts = state->sum.counts;
    struct gate_facts facts;
    g_autofree char *why = NULL;
    if (*wave == 0 && counts[STATE_QUEUED] + counts[STATE_DEFERRED] == 0)
        return TRUE;
    if (!fetch_gate_facts(context, campaign, state, *wave, &facts, error))
        return FALSE;
    enum gate_verdict verdict = gate_judge(&campaign->gates, &facts, &why);
    if (verdict == GATE_STOP)
        return stop_campaign(context, campaign, policy, why, error);
    if (verdict == GATE_WAIT && *wave > 0) {
        g_print("%s, wave %u waits: %s.\n", campaign->name, *wave, why);
        *wave = 0;
    }
    return TRUE;
}

static gboolean run_campaign(struct command_context *context, struct policy_client *policy, const char *directory,
                             gboolean *stopped_r, GError **error)
{
    struct campaign_state state;
    struct feed_result result = {0};
    g_autoptr(campaign_auto) campaign = control_ready_campaign(context, directory, error);
    if (campaign == NULL || !campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    tell_outlook(context, policy, campaign, &state);
    if (campaign->plan.start == 0)
        return TRUE; /* opened by hand only */
    guint wave = wave_to_run(campaign, &state, seconds_now());
    gboolean good = run_gates(context, campaign, &state, policy, &wave, error) &&
                    (wave == 0 ||
                     open_wave(context, campaign, &state, policy,
                               &(struct opening){.wave = wave, .until = run_until(campaign)}, &result, error));
    *stopped_r = result.stopped;
    if (good && wave != 0 && campaign_state_ask(policy, campaign->client->name, campaign->name, &state, NULL))
        tell_outlook(context, policy, campaign, &state);
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
            "Opens the waves that are due of all approved campaigns whose campaign.conf has a start or times, and goes on "
            "with those that have mails left, at their hours. A campaign whose gates are passed is paused, and it says why. The timer "
            "postwelle.timer calls it each minute.",
            NULL, 0, 0, &error))
        return command_fail(error);
    struct policy_client *policy = control_open(context, &error);
    if (policy == NULL)
        return command_fail(error);
    resolve_first(context, policy);
    g_autoptr(GPtrArray) approved = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) paused = g_ptr_array_new_with_free_func(g_free);
    struct run_list list = {approved, paused};
    gboolean listed = control_rows(policy, control_request("campaign-list", NULL), take_directory, &list, &last, &error);
    for (guint i = 0; i < paused->len; i++)
        look_at_paused(context, policy, paused->pdata[i]);
    int status = listed ? run_campaigns(context, policy, approved) : command_fail(error);
    policy_client_free(policy);
    return status;
}
