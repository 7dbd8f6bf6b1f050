/* cmd_remind.c - postwelle remind: once more to those who were invited and have not answered. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/feeding.h"
#include "importer/json_print.h"
#include "importer/remind.h"
#include "importer/table.h"
#include "lib/error.h"

#include <jansson.h>

struct options {
    gboolean now, plan, json;
    int wait;
    guint wave; /* 0: all */
};

/* Can this campaign remind anybody at all? */
static gboolean check_campaign(const struct campaign *campaign, const char *wave, struct options *options,
                               GError **error)
{
    guint64 number = 0;
    if (!campaign->reminder)
        return error_set(error, ERROR_WANTING,
                         "%s has no reminder: name its templates in %s, [mail] reminder-html, reminder-text and "
                         "reminder-subject, and "
                         "have them approved: postwelle proof %s",
                         campaign->name, campaign->file, campaign->directory);
    if (campaign->reminders == 0)
        return error_set(error, ERROR_WANTING, "%s: [waves] reminders is 0: nobody is reminded", campaign->file);
    if (wave != NULL && !g_ascii_string_to_unsigned(wave, 10, 1, campaign->plan.count, &number, NULL))
        return error_set(error, ERROR_USAGE, "\"%s\" is no wave of %s: it has 1 to %zu", wave, campaign->name,
                         campaign->plan.count);
    options->wave = (guint)number;
    return TRUE;
}

static json_t *plan_json(const struct campaign *campaign, const struct remind_plan *plan)
{
    g_autofree char *when = feeding_time(plan->earliest, campaign->client->zone);
    json_t *root = json_object();
    for (size_t i = 0; i < REMIND_PLACES; i++)
        json_object_set_new(root, remind_names[i], json_integer((json_int_t)plan->counts[i]));
    json_object_set_new(root, "earliest", when != NULL ? json_string(when) : json_null());
    return root;
}

/* How many there are of each sort. */
static void print_plan(const struct campaign *campaign, const struct remind_plan *plan)
{
    static const struct table_column columns[] = {
        {"PARTICIPANTS", TABLE_NUMBER}, {"WHO", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    g_autoptr(table_auto) table = table_new("reminders", columns, FALSE);
    for (size_t i = 0; i < REMIND_PLACES; i++) {
        g_autofree char *count = g_strdup_printf("%" G_GUINT64_FORMAT, plan->counts[i]);
        if (plan->counts[i] > 0)
            table_add(table, count, remind_texts[i]);
    }
    if (!table_is_empty(table))
        table_print(table);
    g_autofree char *when = feeding_time(plan->earliest, campaign->client->zone);
    if (when != NULL)
        g_print("The first of those who are to be reminded later: from %s on.\n", when);
}

/* Nobody is due. FALSE with *error where that is because it is too early. */
static gboolean check_early(const struct campaign *campaign, const struct remind_plan *plan, GError **error)
{
    g_autofree char *when = feeding_time(plan->earliest, campaign->client->zone);
    if (when != NULL)
        return error_set(error, ERROR_WANTING,
                         "%s: too early to remind anybody: %" G_GUINT64_FORMAT
                         " participants can be reminded from %s on, [waves] "
                         "reminder-gap after their last mail was sent",
                         campaign->name, plan->counts[REMIND_EARLY], when);
    return TRUE;
}

/* What there is to tell beside what came of the feeding. */
static void tell_plan(const struct campaign *campaign, const struct remind_plan *plan, const struct feeding *feeding)
{
    g_autofree char *when = feeding_time(plan->earliest, campaign->client->zone);
    if (feeding->told != NULL) {
        json_object_set_new(feeding->told, "plan", plan_json(campaign, plan));
    } else if (feeding->todo == 0) {
        g_print("%s: there is nobody to remind.\n", campaign->name);
        print_plan(campaign, plan);
    } else if (when != NULL) {
        g_print("%" G_GUINT64_FORMAT " more can be reminded later, the first from %s on.\n", plan->counts[REMIND_EARLY],
                when);
    }
}

static gboolean remind(struct command_context *context, const struct campaign *campaign, struct policy_client *policy,
                       const struct options *options, const struct remind_plan *plan, json_t *told,
                       struct feed_result *result_r, GError **error)
{
    struct campaign_state state;
    const struct feeding feeding = {.reminders = TRUE,
                                    .wave = options->wave,
                                    .todo = plan->counts[REMIND_DUE] + plan->counts[REMIND_WAITING],
                                    .wait = MAX(options->wait, 0),
                                    .until = options->now ? 0 : feeding_ends(campaign),
                                    .despite = options->now ? FEEDING_NOW : NULL,
                                    .told = told};
    if (feeding.todo == 0) {
        if (!check_early(campaign, plan, error))
            return FALSE;
        feeding_tell(campaign, &feeding, result_r);
    } else if (!campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error) ||
               (!options->now && !feeding_may(context, campaign, &state, 0, error)) ||
               !feeding_run(context, campaign, &state, policy, &feeding, result_r, error)) {
        return FALSE;
    }
    tell_plan(campaign, plan, &feeding);
    return TRUE;
}

static void print_plan_json(const struct campaign *campaign, const struct remind_plan *plan)
{
    json_print(plan_json(campaign, plan));
}

static gboolean run(struct command_context *context, const struct campaign *campaign, const struct options *options,
                    json_t *told, struct feed_result *result_r, GError **error)
{
    struct remind_plan plan;
    g_autoptr(policy_client_auto) policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    if (!options->plan)
        feeding_resolve(context, policy, told);
    if (!remind_plan_ask(policy, campaign, options->wave, &plan, error))
        return FALSE;
    if (!options->plan)
        return remind(context, campaign, policy, options, &plan, told, result_r, error);
    (options->json ? print_plan_json : print_plan)(campaign, &plan);
    return TRUE;
}

int cmd_remind(struct command_context *context, int argc, char **argv)
{
    struct options options = {.wait = FEEDING_WAIT};
    struct feed_result result = {0};
    const GOptionEntry entries[] = {
        {"plan", 0, 0, G_OPTION_ARG_NONE, &options.plan,
         "Send nothing; show how many would be reminded, and why the others not", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "Print JSON: with --plan how many there are of each sort, and when the earliest is due; else " FEEDING_JSON
         "; and the plan",
         NULL},
        {"now", 0, 0, G_OPTION_ARG_NONE, &options.now, "Whatever the hours and the gates of campaign.conf say", NULL},
        {"wait", 0, 0, G_OPTION_ARG_INT, &options.wait,
         "Wait so long at most for mails that are to be tried again (default: 300)", "SECONDS"},
        {0},
    };
    GError *error = NULL;
    if (!command_options(&argc, &argv, "remind DIR [N]",
                         "Sends the campaign's reminder to those (of wave N) whose invitation arrived, who have not "
                         "answered as far as is known "
                         "(postwelle respondents), and are not suppressed: at most [waves] reminders times, and not "
                         "before [waves] reminder-gap after the mail before. "
                         "A reminder takes nobody's invitation of the period. Can be interrupted at any time and "
                         "started again. Ends with 1 where it is too "
                         "early, and 75 where mails are left for later.",
                         entries, 1, 2, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_ready_campaign(context, argv[1], &error);
    json_t *told = options.json ? json_object() : NULL;
    gboolean good = campaign != NULL && check_campaign(campaign, argc > 2 ? argv[2] : NULL, &options, &error) &&
                    run(context, campaign, &options, told, &result, &error);
    feeding_print_told(told);
    if (!good)
        return command_fail(error);
    return result.stopped || result.closed || result.waiting > 0 ? ERROR_TEMPORARY : 0;
}
