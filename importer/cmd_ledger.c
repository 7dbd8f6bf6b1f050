/*
 * cmd_ledger.c - postwelle ledger: what the ledger says about participants, and a person's word where it is uncertain.
 */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/evidence.h"
#include "importer/json_print.h"
#include "importer/postfix.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>

#define PAGE 200

/* --- show --------------------------------------------------------------------------------------- */

struct showing {
    struct table *table;
    const char *client, *campaign, *state; /* state may be NULL: all */
};

static const struct table_column columns[] = {
    {"CLIENT", TABLE_TEXT},    {"CAMPAIGN", TABLE_TEXT}, {"PARTICIPANT", TABLE_NUMBER}, {"ADDRESS", TABLE_TEXT},
    {"MAIL", TABLE_TEXT},      {"STATE", TABLE_TEXT},    {"ATTEMPT", TABLE_NUMBER},     {"QUEUE_ID", TABLE_TEXT},
    {"CHANGED", TABLE_TEXT},   {"REPLY", TABLE_WRAP},    {NULL, TABLE_TEXT}};

/* "invitation", "reminder 1". The caller frees. */
static char *mail_text(guint64 reminder)
{
    return reminder > 0 ? g_strdup_printf("reminder %" G_GUINT64_FORMAT, reminder) : g_strdup("invitation");
}

/* One mail of a participant, unless another state is asked for. prefix: of the attributes' names. */
static void add_mail(const struct showing *showing, const struct attributes *row, guint64 reminder, const char *prefix)
{
    static const char *const names[] = {"state", "attempt", "queue_id", "changed", "reply"};
    const char *values[G_N_ELEMENTS(names)];
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = g_strconcat(prefix, names[i], NULL);
        values[i] = attributes_text(row, name);
    }
    if (showing->state != NULL && strcmp(showing->state, values[0]) != 0)
        return;
    g_autofree char *mail = mail_text(reminder),
                    *changed = table_time(g_ascii_strtoull(values[3], NULL, 10), TABLE_MINUTE);
    table_add(showing->table, showing->client, showing->campaign, attributes_text(row, "participant"),
              attributes_text(row, "address"), mail, values[0], values[1], values[2], changed, values[4]);
}

static gboolean take_participant(void *cookie, const struct attributes *row, GError **error)
{
    guint64 reminder = control_number(row, "reminder");
    (void)error;
    add_mail(cookie, row, 0, "");
    if (reminder > 0)
        add_mail(cookie, row, reminder, "reminder_");
    return TRUE;
}

static gboolean show_campaign(struct policy_client *policy, struct showing *showing, GError **error)
{
    struct attributes last;
    guint64 after = 0;
    do {
        GString *request = control_request("campaign-participants", "client", showing->client, "campaign",
                                           showing->campaign, "state", showing->state, "reminders", "yes", NULL);
        policy_append_number(request, "after", after);
        policy_append_number(request, "limit", PAGE);
        if (!control_rows(policy, request, take_participant, showing, &last, error))
            return FALSE;
        after = control_number(&last, "last");
    } while (after != 0);
    return TRUE;
}

static gboolean take_name(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_ptr_array_add(cookie, g_strdup(attributes_text(row, "client")));
    g_ptr_array_add(cookie, g_strdup(attributes_text(row, "campaign")));
    return TRUE;
}

static gboolean show_all(struct policy_client *policy, struct showing *showing, GError **error)
{
    struct attributes last;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    if (!control_rows(policy, control_request("campaign-list", NULL), take_name, names, &last, error))
        return FALSE;
    for (guint i = 0; i + 1 < names->len; i += 2) {
        showing->client = names->pdata[i];
        showing->campaign = names->pdata[i + 1];
        if (!show_campaign(policy, showing, error))
            return FALSE;
    }
    return TRUE;
}

/* A row of `explain`: what became of the address in one campaign, or who has its slot. */
static gboolean take_explanation(void *cookie, const struct attributes *row, GError **error)
{
    struct showing *showing = cookie;
    const char *slot = attributes_text(row, "slot"), *about = attributes_text(row, "about");
    (void)error;
    if (*slot != '\0') {
        g_autofree char *since = table_time(control_number(row, "since"), TABLE_MINUTE);
        g_autofree char *text = g_strdup_printf("the slot is held by this %s", slot);
        table_add(showing->table, attributes_text(row, "client"), NULL, NULL, NULL, NULL, "slot", NULL,
                  attributes_text(row, "queue_id"), since, text);
        return TRUE;
    }
    gboolean reminder = strcmp(about, "reminder") == 0;
    if (!reminder && strcmp(about, "invitation") != 0)
        return TRUE;
    showing->client = attributes_text(row, "client");
    showing->campaign = attributes_text(row, "campaign");
    add_mail(showing, row, reminder ? control_number(row, "reminder") : 0, "");
    return TRUE;
}

static gboolean show(struct command_context *context, const char *what, struct showing *showing, GError **error)
{
    gboolean address = what != NULL && strchr(what, '@') != NULL && !g_file_test(what, G_FILE_TEST_IS_DIR);
    g_autoptr(campaign_auto) campaign = what != NULL && !address ? control_campaign(context, what, error) : NULL;
    if (what != NULL && !address && campaign == NULL)
        return FALSE;
    struct policy_client *policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    struct attributes last;
    gboolean good;
    if (address) {
        good = control_rows(policy, control_request("explain", "address", what, NULL), take_explanation, showing, &last,
                            error);
    } else if (campaign != NULL) {
        showing->client = campaign->client->name;
        showing->campaign = campaign->name;
        good = show_campaign(policy, showing, error);
    } else {
        good = show_all(policy, showing, error);
    }
    policy_client_free(policy);
    return good;
}

static int show_command(struct command_context *context, int argc, char **argv)
{
    gboolean json = FALSE;
    g_autofree char *state = NULL;
    const GOptionEntry entries[] = {
        {"state", 0, 0, G_OPTION_ARG_STRING, &state, "Only participants in this state (uncertain, reserved, ...)",
         "STATE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "ledger show [DIR|ADDRESS]",
            "Shows what the ledger says: about a campaign's participants, about one address in all campaigns, or, "
            "without either, about all that is uncertain.",
            entries, 0, 1, &error))
        return command_fail(error);
    g_autoptr(table_auto) table = table_new("ledger", columns, json);
    struct showing showing = {.table = table, .state = state != NULL ? state : argc < 2 ? "uncertain" : NULL};
    if (!show(context, argc > 1 ? argv[1] : NULL, &showing, &error))
        return command_fail(error);
    table_print_or(table, argc < 2 && state == NULL ? "Nothing is uncertain." : "There is nothing.");
    return 0;
}

/* --- decide ------------------------------------------------------------------------------------- */

struct deciding {
    const char *participant, *to, *by, *because;
    guint64 reminder;       /* which mail of that participant; 0: the invitation */
    char *queue_id, *state; /* its */
    gboolean json, deleted; /* deleted: its copy in Postfix's queue */
};

/* Of the rows, the participant's. There is no reminder of what is uncertain, so one mail at most is. */
static gboolean take_mail(void *cookie, const struct attributes *row, GError **error)
{
    struct deciding *deciding = cookie;
    (void)error;
    if (strcmp(attributes_text(row, "participant"), deciding->participant) != 0)
        return TRUE;
    gboolean reminder = strcmp(attributes_text(row, "reminder_state"), "uncertain") == 0 &&
                        strcmp(attributes_text(row, "state"), "uncertain") != 0;
    deciding->reminder = reminder ? control_number(row, "reminder") : 0;
    deciding->queue_id = g_strdup(attributes_text(row, reminder ? "reminder_queue_id" : "queue_id"));
    deciding->state = g_strdup(attributes_text(row, reminder ? "reminder_state" : "state"));
    return TRUE;
}

static gboolean find_mail(struct policy_client *policy, const struct campaign *campaign, struct deciding *deciding,
                          GError **error)
{
    struct attributes last;
    guint64 number;
    if (!g_ascii_string_to_unsigned(deciding->participant, 10, 1, G_MAXINT64, &number, NULL))
        return error_set(error, ERROR_USAGE, "\"%s\" is no participant's number; postwelle ledger show tells it",
                         deciding->participant);
    GString *request = control_campaign_request("campaign-participants", campaign, NULL);
    if (number > 1)
        policy_append_number(request, "after", number - 1);
    policy_append_number(request, "limit", 1);
    if (!control_rows(policy, request, take_mail, deciding, &last, error))
        return FALSE;
    return deciding->state != NULL ||
           error_set(error, ERROR_DATA, "%s has no participant %s", campaign->name, deciding->participant);
}

/* What was decided must not be undone by a copy that is on hold: it is deleted first. */
static gboolean delete_held(const char *config, const char *queue_id, gboolean *deleted_r, GError **error)
{
    struct evidence evidence;
    evidence_init(&evidence);
    evidence_add(&evidence, queue_id);
    gboolean good = *queue_id == '\0' || evidence_list(&evidence, config, error);
    const struct evidence_mail *mail = g_hash_table_lookup(evidence.mails, queue_id);
    const char *const argv[] = {"postsuper", "-c", config, "-d", queue_id, NULL};
    if (good && mail->listed && !postfix_run(argv, NULL, error)) {
        g_prefix_error(error,
                       "the mail is still in Postfix's queue and has to be deleted there first, which needs root; ");
        good = FALSE;
    }
    *deleted_r = good && mail->listed;
    evidence_release(&evidence);
    return good;
}

static gboolean tell_policyd(struct policy_client *policy, const struct campaign *campaign,
                             const struct deciding *deciding, struct attributes *answer_r, GError **error)
{
    GString *request = control_campaign_request("decide", campaign, "participant", deciding->participant, "to",
                                                deciding->to, "by", deciding->by, "because", deciding->because, NULL);
    policy_append_number(request, "reminder", deciding->reminder);
    return control_ask(policy, request, answer_r, error);
}

static void tell_decision(const struct campaign *campaign, const struct deciding *deciding, const char *state)
{
    g_autofree char *mail = mail_text(deciding->reminder);
    if (deciding->json)
        json_print(json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s?}", "client", campaign->client->name,
                             "campaign", campaign->name, "participant",
                             (json_int_t)g_ascii_strtoull(deciding->participant, NULL, 10), "mail", mail, "before",
                             deciding->state, "after", state, "by", deciding->by, "because", deciding->because,
                             "deleted", deciding->deleted ? deciding->queue_id : NULL));
    else
        g_print("Participant %s of %s, %s: was %s, and is %s now.\n", deciding->participant, campaign->name, mail,
                deciding->state, state);
}

static gboolean decide(struct command_context *context, const char *directory, struct deciding *deciding,
                       GError **error)
{
    struct attributes answer;
    g_autoptr(campaign_auto) campaign = control_campaign(context, directory, error);
    struct policy_client *policy = campaign != NULL ? control_open(context, error) : NULL;
    if (policy == NULL)
        return FALSE;
    gboolean good = find_mail(policy, campaign, deciding, error);
    if (good && strcmp(deciding->state, "uncertain") == 0)
        good = delete_held(config_text(context->config, "postfix", "config-directory"), deciding->queue_id,
                           &deciding->deleted, error);
    if (deciding->deleted && !deciding->json)
        g_print("%s was still in Postfix's queue and is deleted.\n", deciding->queue_id);
    good = good && tell_policyd(policy, campaign, deciding, &answer, error);
    if (good)
        tell_decision(campaign, deciding, attributes_text(&answer, "state"));
    policy_client_free(policy);
    return good;
}

static int decide_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *by = NULL, *because = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"by", 0, 0, G_OPTION_ARG_STRING, &by, "Who decides", "NAME"},
        {"because", 0, 0, G_OPTION_ARG_STRING, &because, "Why", "TEXT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json,
         "Print JSON: as in ledger decisions; and the queue ID of the copy that was deleted, or null", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "ledger decide DIR PARTICIPANT sent|free --by NAME --because TEXT",
            "Settles what nobody can tell but a person: an invitation or a reminder. sent: the receiver has it; the "
            "slot stays used. free: the receiver has not got it; the slot is free, and the mail is tried again. Only "
            "what "
            "is uncertain can be decided. A copy that is still on hold in Postfix's queue is deleted. Who, when and "
            "why is kept.",
            entries, 3, 3, &error))
        return command_fail(error);
    struct deciding deciding = {.participant = argv[2], .to = argv[3], .by = by, .because = because, .json = json};
    gboolean good = FALSE;
    if (strcmp(deciding.to, "sent") != 0 && strcmp(deciding.to, "free") != 0)
        error_set(&error, ERROR_USAGE, "\"%s\": decide for sent or free", deciding.to);
    else if (by == NULL || because == NULL || *by == '\0' || *because == '\0')
        error_set(&error, ERROR_USAGE, "who decides, and why? Add --by NAME --because TEXT");
    else
        good = decide(context, argv[1], &deciding, &error);
    g_free(deciding.queue_id);
    g_free(deciding.state);
    return good ? 0 : command_fail(error);
}

/* --- decisions ---------------------------------------------------------------------------------- */

static gboolean take_decision(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_autofree char *when = table_time(control_number(row, "time"), TABLE_MINUTE),
                    *mail = mail_text(control_number(row, "reminder"));
    table_add(cookie, attributes_text(row, "participant"), mail, when, attributes_text(row, "before"),
              attributes_text(row, "after"), attributes_text(row, "by"), attributes_text(row, "because"));
    return TRUE;
}

static int decisions_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column names[] = {
        {"PARTICIPANT", TABLE_NUMBER}, {"MAIL", TABLE_TEXT}, {"TIME", TABLE_TEXT},    {"BEFORE", TABLE_TEXT},
        {"AFTER", TABLE_TEXT},         {"BY", TABLE_TEXT},   {"BECAUSE", TABLE_WRAP}, {NULL, TABLE_TEXT}};
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    struct attributes last;
    if (!command_options(&argc, &argv, "ledger decisions DIR", "Shows what persons have settled: who, when, why.",
                         entries, 1, 1, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_campaign(context, argv[1], &error);
    struct policy_client *policy = campaign != NULL ? control_open(context, &error) : NULL;
    g_autoptr(table_auto) table = table_new("decisions", names, json);
    gboolean good = policy != NULL && control_rows(policy, control_campaign_request("decision-list", campaign, NULL),
                                                   take_decision, table, &last, &error);
    policy_client_free(policy);
    if (!good)
        return command_fail(error);
    table_print_or(table, "Nobody has settled anything by hand.");
    return 0;
}

int cmd_ledger(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"show", "what the ledger says about participants", show_command},
        {"decide", "settle what is uncertain", decide_command},
        {"decisions", "what persons have settled", decisions_command},
        {0},
    };
    return command_dispatch(context, "ledger", verbs, argc, argv);
}
