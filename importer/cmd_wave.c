/* cmd_wave.c - postwelle wave and run: opens waves by hand, or those that are due. */
#include "importer/cmd_wave.h"

#include "importer/control.h"
#include "importer/feeding.h"
#include "importer/hold.h"
#include "importer/json_print.h"
#include "importer/participants.h"
#include "importer/remind.h"
#include "importer/table.h"
#include "lib/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define RUN_SLICE 50 /* seconds that `run` feeds a campaign which has rates, before the next one */

/* --- opening ------------------------------------------------------------------------------------ */

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
        g_print("There was nothing to feed: of its %" G_GUINT64_FORMAT " participants are %s.\n", wave->total,
                text->str);
    else
        g_print("Nobody is in it: sizes = %s leaves no one of %" G_GUINT64_FORMAT
                " participants for wave %u. Open the next "
                "one, or (while no wave was opened) change sizes, `postwelle import --undo %s`, and import again.\n",
                sizes, state.participants, number, campaign->directory);
}

static gboolean open_wave(struct command_context *context, const struct campaign *campaign,
                          const struct campaign_state *state, struct policy_client *policy,
                          const struct feeding *feeding, struct feed_result *result_r, GError **error)
{
    if (!feeding_run(context, campaign, state, policy, feeding, result_r, error))
        return FALSE;
    if (result_r->todo == 0 && feeding->told == NULL)
        explain_nothing(policy, campaign, feeding->wave);
    return TRUE;
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
    int wait = FEEDING_WAIT;
    gboolean at_once = FALSE, json = FALSE;
    const GOptionEntry entries[] = {
        {"now", 0, 0, G_OPTION_ARG_NONE, &at_once, "Whatever the hours and the gates of campaign.conf say", NULL},
        {"wait", 0, 0, G_OPTION_ARG_INT, &wait,
         "Wait so long at most for mails that are to be tried again (default: 300)", "SECONDS"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON: " FEEDING_JSON, NULL},
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
    json_t *told = json ? json_object() : NULL;
    if (policy != NULL)
        feeding_resolve(context, policy, told);
    gboolean good = policy != NULL &&
                    campaign_state_ask(policy, campaign->client->name, campaign->name, &state, &error) &&
                    choose_wave(campaign, &state, argc > 2 ? argv[2] : NULL, &wave, &error) &&
                    (at_once || feeding_may(context, campaign, &state, wave, &error)) &&
                    open_wave(context, campaign, &state, policy,
                              &(struct feeding){.wave = wave,
                                                .wait = MAX(wait, 0),
                                                .until = at_once ? 0 : feeding_ends(campaign),
                                                .despite = at_once ? FEEDING_NOW : NULL,
                                                .told = told},
                              &result, &error);
    policy_client_free(policy);
    feeding_print_told(told);
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
    gint64 opened[WAVES_MAX], now = feeding_now();
    campaign_state_opened(state, opened);
    g_autoptr(table_auto) table = table_new("waves", columns, json);
    for (size_t i = 0; i < MAX(campaign->plan.count, state->waves); i++) {
        const struct wave_state *wave = &state->wave[i];
        gint64 plan = i < campaign->plan.count ? wave_plan_planned(&campaign->plan, zone, i + 1) : 0;
        g_autofree char *number = count_text(i + 1), *planned = feeding_time(plan, zone);
        g_autofree char *expected = feeding_time(forecast(campaign, opened, i + 1, now), zone);
        g_autofree char *open = feeding_time(wave->opened, zone), *total = count_text(wave->total);
        g_autofree char *left = count_text(wave->counts[STATE_NEW] + wave->counts[STATE_BEGUN]);
        g_autofree char *queued =
            count_text(wave->counts[STATE_RESERVED] + wave->counts[STATE_QUEUED] + wave->counts[STATE_GREYLISTED] +
                       wave->counts[STATE_DEFERRED]);
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
    if (!feeding_gate_facts(context, campaign, state, 0, &facts, error))
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
    if (!command_options(
            &argc, &argv, "wave list DIR",
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
            *due_r =
                campaign->plan.start == 0 ? 0 : calendar_next(&campaign->plan.calendar, campaign->client->zone, now);
            return (guint)i + 1;
        }
    campaign_state_opened(state, opened);
    size_t wave = wave_plan_next(&campaign->plan, opened);
    if (wave > 0)
        *due_r = forecast(campaign, opened, wave, now);
    return (guint)wave;
}

/*
 * Tells policyd what comes next, for those who look at the status pages. Nothing depends on it, so its failure is none
 * of ours.
 */
static void tell_outlook(struct command_context *context, struct policy_client *policy, const struct campaign *campaign,
                         const struct campaign_state *state, const char *note)
{
    static const char *const verdicts[] = {[GATE_OPEN] = "open", [GATE_WAIT] = "wait", [GATE_STOP] = "stop"};
    struct attributes answer;
    struct gate_facts facts;
    gint64 due;
    g_autofree char *why = NULL;
    guint wave = foresee(campaign, state, feeding_now(), &due);
    if (!feeding_gate_facts(context, campaign, state, wave, &facts, NULL))
        return;
    enum gate_verdict verdict = gate_judge(&campaign->gates, &facts, &why);
    GString *request = control_campaign_request("campaign-outlook", campaign, "gate", verdicts[verdict], "because", why,
                                                "reminders", note, NULL);
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
        tell_outlook(context, policy, campaign, &state, NULL);
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
    if (!control_ask(policy, control_campaign_request("campaign-pause", campaign, "because", why, NULL), &answer,
                     error))
        return FALSE;
    hold_init(&hold, config_text(context->config, "postfix", "config-directory"), campaign->client->name,
              campaign->name, 0);
    if (!hold_all(&hold, policy, 0, NULL, &problem))
        g_printerr("postwelle: what is queued is not on hold: %s\n", problem->message);
    hold_release(&hold);
    return error_set(error, ERROR_WANTING,
                     "%s is stopped: %s. Look into it, then: postwelle wave resume %s (raise the limit in "
                     "campaign.conf before, or it stops again)",
                     campaign->name, why, campaign->directory);
}

/*
 * Has anything been sent so long ago that a reminder may be due? Spares policyd a look at each participant, each
 * minute.
 */
static gboolean may_be_due(const struct campaign *campaign, const struct campaign_state *state, gint64 now)
{
    if (!campaign->reminder || !campaign->remind || campaign->reminders == 0 || state->sum.counts[STATE_SENT] == 0 ||
        state->reminder[campaign->reminders - 1].counts[STATE_SENT] >= state->sum.counts[STATE_SENT])
        return FALSE;
    for (size_t i = 0; i < state->waves; i++)
        if (state->wave[i].opened != 0 && now - state->wave[i].opened >= campaign->reminder_gap)
            return calendar_next(&campaign->plan.calendar, campaign->client->zone, now) == now;
    return FALSE;
}

/* Feeds for a minute at most where it is slowed down, so that others have their turn. */
static gint64 run_until(const struct campaign *campaign)
{
    gint64 until = feeding_ends(campaign), slice = feeding_now() + RUN_SLICE;
    if (!rates_limit(&campaign->rates))
        return until;
    return until == 0 ? slice : MIN(until, slice);
}

/* Gates are asked as long as something is to be fed, or under way. */
static gboolean run_gates(struct command_context *context, const struct campaign *campaign,
                          const struct campaign_state *state, struct policy_client *policy, struct feeding *feeding,
                          GError **error)
{
    struct gate_facts facts;
    g_autofree char *why = NULL;
    gboolean feeds = feeding->wave > 0 || feeding->reminders;
    if (!feeding_gate_facts(context, campaign, state, feeding->wave, &facts, error))
        return FALSE;
    if (!feeds && facts.queued + facts.deferred == 0)
        return TRUE;
    enum gate_verdict verdict = gate_judge(&campaign->gates, &facts, &why);
    if (verdict == GATE_STOP)
        return stop_campaign(context, campaign, policy, why, error);
    if (verdict == GATE_WAIT && feeds) {
        g_autofree char *what =
            feeding->reminders ? g_strdup("reminders wait") : g_strdup_printf("wave %u waits", feeding->wave);
        json_object_set_new(feeding->told, "waits", json_string(why));
        if (feeding->told == NULL)
            g_print("%s, %s: %s.\n", campaign->name, what, why);
        feeding->wave = 0;
        feeding->reminders = FALSE;
    }
    return TRUE;
}

/*
 * The reminders that are due. *note is what an earlier look found: where it says that nobody can be due yet, nobody is
 * looked at.
 */
static gboolean choose_reminders(const struct campaign *campaign, struct policy_client *policy, struct feeding *feeding,
                                 char **note, GError **error)
{
    struct remind_plan plan;
    gint64 now = feeding_now();
    if (*note != NULL && remind_noted(campaign, *note) > now)
        return TRUE;
    if (!remind_plan_ask(policy, campaign, 0, &plan, error))
        return FALSE;
    feeding->todo = plan.counts[REMIND_DUE];
    feeding->reminders = feeding->todo > 0;
    g_free(*note);
    *note = remind_note(campaign, remind_next(&plan, campaign->reminder_gap, now));
    return TRUE;
}

/* A wave, or where there is none now the reminders that are due; neither: nothing. */
static gboolean choose_feeding(const struct campaign *campaign, const struct campaign_state *state,
                               struct policy_client *policy, struct feeding *feeding, char **note, GError **error)
{
    gint64 now = feeding_now();
    feeding->until = run_until(campaign);
    if (campaign->plan.start != 0)
        feeding->wave = wave_to_run(campaign, state, now);
    if (feeding->wave > 0 || !may_be_due(campaign, state, now))
        return TRUE;
    return choose_reminders(campaign, policy, feeding, note, error);
}

/* What the last run noted. The caller frees. NULL where it has not, or campaign.conf wants no reminders. */
static char *read_note(struct policy_client *policy, const struct campaign *campaign)
{
    struct attributes answer;
    if (!campaign->remind ||
        !control_ask(policy, control_campaign_request("status-show", campaign, NULL), &answer, NULL))
        return NULL;
    return g_strdup(attributes_text(&answer, "reminders"));
}

/* told: as of struct feeding. */
static gboolean run_campaign(struct command_context *context, struct policy_client *policy, const char *directory,
                             json_t *told, gboolean *stopped_r, GError **error)
{
    struct campaign_state state;
    struct feeding feeding = {.told = told};
    struct feed_result result = {0};
    g_autoptr(campaign_auto) campaign = control_ready_campaign(context, directory, error);
    if (campaign == NULL || !campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    g_autofree char *note = read_note(policy, campaign);
    gboolean good = choose_feeding(campaign, &state, policy, &feeding, &note, error);
    tell_outlook(context, policy, campaign, &state, note);
    if (good && campaign->plan.start == 0 && !campaign->remind)
        return TRUE; /* opened by hand only */
    good = good && run_gates(context, campaign, &state, policy, &feeding, error);
    if (good && feeding.reminders)
        good = feeding_run(context, campaign, &state, policy, &feeding, &result, error);
    else if (good && feeding.wave > 0)
        good = open_wave(context, campaign, &state, policy, &feeding, &result, error);
    *stopped_r = result.stopped;
    if (good && (feeding.wave > 0 || feeding.reminders) &&
        campaign_state_ask(policy, campaign->client->name, campaign->name, &state, NULL))
        tell_outlook(context, policy, campaign, &state, note);
    return good;
}

/* postwelle.timer's run is another user than who made the folder. */
static void explain_denied(const struct config *config, const char *directory, GError **error)
{
    g_autofree char *file = g_build_filename(directory, CAMPAIGN_FILE, NULL);
    if (access(file, R_OK) != 0 && errno == EACCES)
        g_prefix_error(error, "postwelle.timer's run must be able to read it (chgrp -R %s %s && chmod -R g+rX %s): ",
                       config_text(config, "policyd", "admin-group"), directory, directory);
}

/* The exit status. */
static int run_and_tell(struct command_context *context, struct policy_client *policy, const char *directory,
                        json_t *told, gboolean *stopped_r)
{
    GError *error = NULL;
    if (run_campaign(context, policy, directory, told, stopped_r, &error))
        return 0;
    explain_denied(context->config, directory, &error);
    g_prefix_error(&error, "%s: ", directory);
    json_object_set_new(told, "error", json_string(error->message));
    return command_fail(error);
}

/* One campaign's fault is no other's: each is told, and the first gives the exit status. told: an array, or NULL. */
static int run_campaigns(struct command_context *context, struct policy_client *policy, const GPtrArray *directories,
                         json_t *told)
{
    int status = 0;
    gboolean stopped = FALSE;
    for (guint i = 0; i < directories->len && !stopped; i++) {
        json_t *object = told != NULL ? json_object() : NULL;
        int one = run_and_tell(context, policy, directories->pdata[i], object, &stopped);
        status = status == 0 ? one : status;
        if (json_object_size(object) > 0) {
            json_object_set_new(object, "dir", json_string(directories->pdata[i]));
            json_array_append(told, object);
        }
        json_decref(object);
    }
    return status;
}

int cmd_run(struct command_context *context, int argc, char **argv)
{
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json,
         "Print JSON: what was resolved; campaigns where something was done, or should have been: dir, what "
         "`wave open --json` has, what it waits for, or error; retention: where data was deleted, or is held",
         NULL},
        {0},
    };
    GError *error = NULL;
    struct attributes last;
    if (!command_options(&argc, &argv, "run",
                         "Opens the waves that are due of all approved campaigns whose campaign.conf has a start or "
                         "times, and goes on "
                         "with those that have mails left, at their hours; sends the reminders that are due where it "
                         "has remind = yes. A campaign whose gates are passed is paused, and it says why. "
                         "Last, it deletes the data of participants whose time of retention is over. The timer "
                         "postwelle.timer calls it each minute.",
                         entries, 0, 0, &error))
        return command_fail(error);
    struct policy_client *policy = control_open(context, &error);
    if (policy == NULL)
        return command_fail(error);
    json_t *told = json ? json_pack("{s:[], s:[]}", "campaigns", "retention") : NULL;
    feeding_resolve(context, policy, told);
    g_autoptr(GPtrArray) approved = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) paused = g_ptr_array_new_with_free_func(g_free);
    struct run_list list = {approved, paused};
    gboolean listed =
        control_rows(policy, control_request("campaign-list", NULL), take_directory, &list, &last, &error);
    for (guint i = 0; i < paused->len; i++)
        look_at_paused(context, policy, paused->pdata[i]);
    int status =
        listed ? run_campaigns(context, policy, approved, json_object_get(told, "campaigns")) : command_fail(error);
    int deleting = listed ? participants_run(context, policy, json_object_get(told, "retention")) : 0;
    status = status == 0 ? deleting : status;
    policy_client_free(policy);
    if (listed && json)
        json_print(json_incref(told));
    json_decref(told);
    return status;
}
