/* cmd_wave_hold.c - postwelle wave pause, resume, cancel: stops what was opened, also what Postfix has of it. */
#include "importer/cmd_wave.h"

#include "importer/campaign.h"
#include "importer/campaign_state.h"
#include "importer/control.h"
#include "importer/hold.h"
#include "importer/json_print.h"
#include "importer/resolve.h"
#include "lib/error.h"

#include <pwd.h>
#include <unistd.h>

#define LOG_PATIENCE_MS 20000 /* until the tracker has read the mail log: it tells every ten seconds */
#define SEND_PATIENCE_MS ((gint64)30000) /* for what is being sent at the moment; more takes another call */
#define SEND_ROUND_MS 1000
#define WITHDRAW_BATCH 256 /* requests sent before their answers are read: one write to policyd's disk for all */

/* What the three verbs share. */
struct work {
    struct policy_client *policy;
    struct campaign *campaign;
    guint wave; /* 0: all */
    gboolean json;
    struct hold hold;
    struct stop stop;
};

static gboolean read_wave(struct work *work, const char *text, GError **error)
{
    guint64 number = 0;
    if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 1, work->campaign->plan.count, &number, NULL))
        return error_set(error, ERROR_USAGE, "\"%s\" is no wave of %s: it has 1 to %zu", text, work->campaign->name,
                         work->campaign->plan.count);
    work->wave = (guint)number;
    return TRUE;
}

static gboolean work_begin(struct work *work, struct command_context *context, int argc, char **argv, GError **error)
{
    work->campaign = control_campaign(context, argv[1], error);
    if (work->campaign == NULL || !read_wave(work, argc > 2 ? argv[2] : NULL, error))
        return FALSE;
    work->policy = control_open(context, error);
    if (work->policy == NULL)
        return FALSE;
    hold_init(&work->hold, config_text(context->config, "postfix", "config-directory"), work->campaign->client->name,
              work->campaign->name, work->wave);
    stop_begin(&work->stop);
    return TRUE;
}

/* Fine after a work_begin() that failed, too. */
static void work_end(struct work *work)
{
    if (work->hold.mails != NULL) {
        stop_end(&work->stop);
        hold_release(&work->hold);
    }
    policy_client_free(work->policy);
    campaign_close(work->campaign);
}

/* because may be NULL. */
static gboolean switch_state(struct work *work, const char *kind, const char *because, GError **error)
{
    struct attributes answer;
    GString *request = control_campaign_request(kind, work->campaign, "because", because, NULL);
    if (work->wave > 0)
        policy_append_number(request, "wave", work->wave);
    return control_ask(work->policy, request, &answer, error);
}

/* Prints client, campaign, wave, and the counts, which it takes over. */
static void print_json(const struct work *work, json_t *counts)
{
    json_t *root = json_pack("{s:s, s:s, s:o?}", "client", work->campaign->client->name, "campaign",
                             work->campaign->name, "wave", work->wave > 0 ? json_integer(work->wave) : NULL);
    json_object_update(root, counts);
    json_decref(counts);
    json_print(root);
}

/* First the ledger, so that nothing new comes; then the queue. */
static gboolean pause_all(struct work *work, const char *because, GError **error)
{
    return switch_state(work, "campaign-pause", because, error) &&
           hold_all(&work->hold, work->policy, HOLD_PATIENCE_MS, &work->stop, error);
}

/* What a pause could not hold; 0: nothing. */
static guint left_outside(const struct work *work)
{
    GHashTableIter iter;
    gpointer value;
    guint left = 0;
    g_hash_table_iter_init(&iter, work->hold.mails);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct hold_mail *mail = value;
        left += mail->place == HOLD_QUEUE || (mail->place == HOLD_NOWHERE && mail->reserved);
    }
    return left;
}

static void print_paused(const struct work *work, guint left)
{
    guint held = hold_count(&work->hold, HOLD_HELD);
    if (work->json) {
        print_json(work, json_pack("{s:i, s:i}", "on_hold", (int)held, "left", (int)left));
        return;
    }
    g_print("%s is paused; %u mails are on hold.\n", work->campaign->name, held);
    if (left > 0)
        g_print("%u are on their way into Postfix's queue, or were released meanwhile; pause again in a minute.\n",
                left);
}

int cmd_wave_pause(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    struct work work = {0};
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &work.json,
         "Print JSON: client, campaign, wave (null: all); how many mails are on_hold, how many left", NULL},
        {0}};
    if (!command_options(&argc, &argv, "wave pause DIR [N]",
                         "Stops a campaign: nothing more is fed, and what Postfix has of it is put on hold (with N, "
                         "only what it has of that wave; "
                         "the others' retries go on). What is being sent at this moment is sent to its end. Needs "
                         "root. Ends with 75 where a mail is "
                         "between the milter and the queue: call it again then.",
                         entries, 1, 2, &error))
        return command_fail(error);
    gboolean good = work_begin(&work, context, argc, argv, &error) && pause_all(&work, NULL, &error);
    guint left = good ? left_outside(&work) : 0;
    if (good)
        print_paused(&work, left);
    work_end(&work);
    return !good ? command_fail(error) : left > 0 ? ERROR_TEMPORARY : 0;
}

int cmd_wave_resume(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    struct work work = {0};
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &work.json,
                                     "Print JSON: client, campaign, wave (null: all); how many mails were released",
                                     NULL},
                                    {0}};
    if (!command_options(
            &argc, &argv, "wave resume DIR [N]",
            "Takes a pause back: what is on hold of the campaign (with N, of that wave) is released and goes out with "
            "Postfix's next queue "
            "run, and waves can be opened again. What is on hold because it is uncertain stays there. Needs root.",
            entries, 1, 2, &error))
        return command_fail(error);
    gboolean good = work_begin(&work, context, argc, argv, &error) &&
                    switch_state(&work, "campaign-resume", NULL, &error) &&
                    hold_release_all(&work.hold, work.policy, &error);
    guint released = good ? hold_count(&work.hold, HOLD_HELD) : 0;
    if (good && work.json)
        print_json(&work, json_pack("{s:i}", "released", (int)released));
    else if (good)
        g_print("%s goes on; %u mails were released.\n", work.campaign->name, released);
    work_end(&work);
    return good ? 0 : command_fail(error);
}

/* --- cancel ------------------------------------------------------------------------------------- */

struct cancelled {
    guint64 never_fed, deleted, uncertain, open;
    guint busy;
};

/* In rounds, as what is being sent will be through. */
static gboolean delete_all(struct work *work, GPtrArray *deleted, struct cancelled *result, GError **error)
{
    gint64 until = g_get_monotonic_time() + SEND_PATIENCE_MS * 1000;
    for (;;) {
        if (!hold_delete(&work->hold, deleted, &result->busy, error))
            return FALSE;
        if (result->busy == 0 || g_get_monotonic_time() > until || stop_sleep(&work->stop, SEND_ROUND_MS))
            return TRUE;
    }
}

static gboolean send_withdraw(const struct work *work, const char *queue_id, gint64 deleted, const char *because,
                              GError **error)
{
    GString *request = control_request("withdraw", "queue_id", queue_id, "because", because, NULL);
    policy_append_number(request, "deleted", (guint64)deleted);
    if (work->wave > 0)
        policy_append_number(request, "wave", work->wave);
    return control_send(work->policy, request, error);
}

static gboolean read_withdrawn(const struct work *work, struct cancelled *result, GError **error)
{
    struct attributes answer;
    if (!policy_client_read(work->policy, &answer, error) || !policy_answer_ok(&answer, error))
        return FALSE;
    const char *state = attributes_text(&answer, "state");
    result->deleted += strcmp(state, state_names[STATE_REFUSED]) == 0;
    result->uncertain += strcmp(state, state_names[STATE_UNCERTAIN]) == 0;
    for (size_t i = STATE_RESERVED; i <= STATE_DEFERRED; i++)
        result->open += strcmp(state, state_names[i]) == 0;
    return TRUE;
}

/* What Postfix has: on hold, deleted, and settled once the log is read so far. */
static gboolean cancel_queued(struct work *work, const char *because, struct cancelled *result, GError **error)
{
    g_autoptr(GPtrArray) deleted = g_ptr_array_new_with_free_func(g_free);
    if (!delete_all(work, deleted, result, error))
        return FALSE;
    gint64 when = g_get_real_time() / G_USEC_PER_SEC;
    if (deleted->len > 0 && !resolve_wait_for_log(work->policy, when + 1, LOG_PATIENCE_MS, &work->stop, error))
        return FALSE;
    for (guint i = 0; i < deleted->len; i += WITHDRAW_BATCH) {
        guint count = MIN(WITHDRAW_BATCH, deleted->len - i);
        for (guint j = 0; j < count; j++)
            if (!send_withdraw(work, deleted->pdata[i + j], when, because, error))
                return FALSE;
        for (guint j = 0; j < count; j++)
            if (!read_withdrawn(work, result, error))
                return FALSE;
    }
    return TRUE;
}

static gboolean cancel_rest(struct work *work, const char *because, struct cancelled *result, GError **error)
{
    struct attributes answer;
    guint64 after = 0;
    do {
        GString *request = control_campaign_request("campaign-cancel", work->campaign, "because", because, NULL);
        policy_append_number(request, "after", after);
        if (work->wave > 0)
            policy_append_number(request, "wave", work->wave);
        if (!control_ask(work->policy, request, &answer, error))
            return FALSE;
        result->never_fed += control_number(&answer, "cancelled");
        after = control_number(&answer, "last");
    } while (after != 0);
    return TRUE;
}

static void print_cancelled(const struct work *work, const struct cancelled *result, guint64 left)
{
    g_print("%s: %" G_GUINT64_FORMAT " mails were deleted from Postfix's queue, %" G_GUINT64_FORMAT
            " were not fed yet; all are cancelled.\n",
            work->campaign->name, result->deleted, result->never_fed);
    if (result->uncertain > 0)
        g_print("%" G_GUINT64_FORMAT
                " were deleted, and nobody can tell whether they had been sent before: uncertain.\n",
                result->uncertain);
    if (left > 0)
        g_print("%" G_GUINT64_FORMAT
                " could not be cancelled yet: they are being sent, or the mail log was not read so "
                "far (postwelle track must run). They are on "
                "hold; postwelle resolve settles what was deleted, and another cancel the rest.\n",
                left);
}

/* The exit status. */
static int tell_cancelled(const struct work *work, const struct cancelled *result)
{
    guint64 left = result->open + result->busy + left_outside(work); /* busy ones are on hold */
    if (work->json)
        print_json(work, json_pack("{s:I, s:I, s:I, s:I}", "deleted", (json_int_t)result->deleted, "never_fed",
                                   (json_int_t)result->never_fed, "uncertain", (json_int_t)result->uncertain, "left",
                                   (json_int_t)left));
    else
        print_cancelled(work, result, left);
    return left > 0 ? ERROR_TEMPORARY : 0;
}

int cmd_wave_cancel(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    struct work work = {0};
    struct cancelled result = {0};
    char *because = NULL;
    const GOptionEntry entries[] = {
        {"because", 0, 0, G_OPTION_ARG_STRING, &because, "Why; it is kept with each participant", "TEXT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &work.json,
         "Print JSON: client, campaign, wave (null: all); how many mails were deleted, never_fed, are uncertain, left",
         NULL},
        {0}};
    int status = 0;
    if (!command_options(&argc, &argv, "wave cancel DIR [N]",
                         "Ends a campaign, or its wave N, for good: pauses it, deletes from Postfix's queue what was "
                         "not sent, and settles the ledger: "
                         "those participants are refused (cancelled), and their slots are free again. What was sent "
                         "stays sent. Needs root, and postwelle "
                         "track. The campaign stays paused; resume it for its other waves.",
                         entries, 1, 2, &error))
        return command_fail(error);
    const struct passwd *user = getpwuid(getuid());
    g_autofree char *reason = because != NULL ? because : g_strdup_printf("by %s", user != NULL ? user->pw_name : "?");
    gboolean good = work_begin(&work, context, argc, argv, &error) && pause_all(&work, "to be cancelled", &error) &&
                    cancel_queued(&work, reason, &result, &error) && cancel_rest(&work, reason, &result, &error);
    if (good)
        status = tell_cancelled(&work, &result);
    work_end(&work);
    return good ? status : command_fail(error);
}
