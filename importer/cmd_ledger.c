/* cmd_ledger.c - postwelle ledger: what the ledger says about participants, and a person's word where it is uncertain. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/evidence.h"
#include "importer/postfix.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>

#define PAGE 200

static char *time_text(guint64 when)
{
    g_autoptr(GDateTime) time = when != 0 ? g_date_time_new_from_unix_local((gint64)when) : NULL;
    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : NULL;
}

/* --- show --------------------------------------------------------------------------------------- */

struct showing {
    struct table *table;
    const char *client, *campaign, *state; /* state may be NULL: all */
};

static const struct table_column columns[] = {
    {"CLIENT", TABLE_TEXT},      {"CAMPAIGN", TABLE_TEXT}, {"PARTICIPANT", TABLE_NUMBER}, {"ADDRESS", TABLE_TEXT},
    {"STATE", TABLE_TEXT},       {"ATTEMPT", TABLE_NUMBER}, {"QUEUE_ID", TABLE_TEXT},     {"CHANGED", TABLE_TEXT},
    {"REPLY", TABLE_WRAP},       {NULL, TABLE_TEXT}};

static gboolean take_participant(void *cookie, const struct attributes *row, GError **error)
{
    struct showing *showing = cookie;
    (void)error;
    g_autofree char *changed = time_text(control_number(row, "changed"));
    table_add(showing->table, showing->client, showing->campaign, attributes_text(row, "participant"),
              attributes_text(row, "address"), attributes_text(row, "state"), attributes_text(row, "attempt"),
              attributes_text(row, "queue_id"), changed, attributes_text(row, "reply"));
    return TRUE;
}

static gboolean show_campaign(struct policy_client *policy, struct showing *showing, GError **error)
{
    struct attributes last;
    guint64 after = 0;
    do {
        GString *request = control_request("campaign-participants", "client", showing->client, "campaign",
                                           showing->campaign, "state", showing->state, NULL);
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
        g_autofree char *since = time_text(control_number(row, "since"));
        g_autofree char *text = g_strdup_printf("the slot is held by this %s", slot);
        table_add(showing->table, attributes_text(row, "client"), NULL, NULL, NULL, "slot", NULL,
                  attributes_text(row, "queue_id"), since, text);
        return TRUE;
    }
    if (strcmp(about, "invitation") != 0 ||
        (showing->state != NULL && strcmp(showing->state, attributes_text(row, "state")) != 0))
        return TRUE;
    showing->client = attributes_text(row, "client");
    showing->campaign = attributes_text(row, "campaign");
    return take_participant(showing, row, error);
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
        {"state", 0, 0, G_OPTION_ARG_STRING, &state, "Only participants in this state (uncertain, reserved, ...)", "STATE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(&argc, &argv, "ledger show [DIR|ADDRESS]",
                         "Shows what the ledger says: about a campaign's participants, about one address in all campaigns, or, "
                         "without either, about all that is uncertain.", entries, 0, 1, &error))
        return command_fail(error);
    g_autoptr(table_auto) table = table_new("ledger", columns, json);
    struct showing showing = {.table = table, .state = state != NULL ? state : argc < 2 ? "uncertain" : NULL};
    if (!show(context, argc > 1 ? argv[1] : NULL, &showing, &error))
        return command_fail(error);
    table_print(table);
    return 0;
}

/* --- decide ------------------------------------------------------------------------------------- */

struct deciding {
    const char *participant, *to, *by, *because;
    char *queue_id, *state; /* of that participant */
};

/* Of the rows, the participant's. */
static gboolean take_mail(void *cookie, const struct attributes *row, GError **error)
{
    struct deciding *deciding = cookie;
    (void)error;
    if (strcmp(attributes_text(row, "participant"), deciding->participant) != 0)
        return TRUE;
    deciding->queue_id = g_strdup(attributes_text(row, "queue_id"));
    deciding->state = g_strdup(attributes_text(row, "state"));
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
    return deciding->state != NULL || error_set(error, ERROR_DATA, "%s has no participant %s", campaign->name, deciding->participant);
}

/* What was decided must not be undone by a copy that is on hold: it is deleted first. */
static gboolean delete_held(const char *config, const char *queue_id, GError **error)
{
    struct evidence evidence;
    evidence_init(&evidence);
    evidence_add(&evidence, queue_id);
    gboolean good = *queue_id == '\0' || evidence_list(&evidence, config, error);
    const struct evidence_mail *mail = g_hash_table_lookup(evidence.mails, queue_id);
    const char *const argv[] = {"postsuper", "-c", config, "-d", queue_id, NULL};
    if (good && mail->listed && !postfix_run(argv, NULL, error)) {
        g_prefix_error(error, "the mail is still in Postfix's queue and has to be deleted there first, which needs root; ");
        good = FALSE;
    }
    if (good && mail->listed)
        g_print("%s was still in Postfix's queue and is deleted.\n", queue_id);
    evidence_release(&evidence);
    return good;
}

static gboolean decide(struct command_context *context, const char *directory, struct deciding *deciding, GError **error)
{
    struct attributes answer;
    g_autoptr(campaign_auto) campaign = control_campaign(context, directory, error);
    struct policy_client *policy = campaign != NULL ? control_open(context, error) : NULL;
    if (policy == NULL)
        return FALSE;
    gboolean good = find_mail(policy, campaign, deciding, error);
    if (good && strcmp(deciding->state, "uncertain") == 0)
        good = delete_held(config_text(context->config, "postfix", "config-directory"), deciding->queue_id, error);
    good = good && control_ask(policy,
                               control_campaign_request("decide", campaign, "participant", deciding->participant, "to",
                                                        deciding->to, "by", deciding->by, "because", deciding->because,
                                                        NULL),
                               &answer, error);
    if (good)
        g_print("Participant %s of %s was %s, and is %s now.\n", deciding->participant, campaign->name, deciding->state,
                attributes_text(&answer, "state"));
    policy_client_free(policy);
    return good;
}

static int decide_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *by = NULL, *because = NULL;
    const GOptionEntry entries[] = {
        {"by", 0, 0, G_OPTION_ARG_STRING, &by, "Who decides", "NAME"},
        {"because", 0, 0, G_OPTION_ARG_STRING, &because, "Why", "TEXT"},
        {0},
    };
    GError *error = NULL;
    if (!command_options(&argc, &argv, "ledger decide DIR PARTICIPANT sent|free --by NAME --because TEXT",
                         "Settles what nobody can tell but a person. sent: the receiver has it; the slot stays used. free: the "
                         "receiver has not got it; the slot is free, and the invitation is tried again. Only what is uncertain can "
                         "be freed. A copy that is still on hold in Postfix's queue is deleted. Who, when and why is kept.",
                         entries, 3, 3, &error))
        return command_fail(error);
    struct deciding deciding = {.participant = argv[2], .to = argv[3], .by = by, .because = because};
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
    g_autofree char *when = time_text(control_number(row, "time"));
    table_add(cookie, attributes_text(row, "participant"), when, attributes_text(row, "before"),
              attributes_text(row, "after"), attributes_text(row, "by"), attributes_text(row, "because"));
    return TRUE;
}

static int decisions_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column names[] = {{"PARTICIPANT", TABLE_NUMBER}, {"TIME", TABLE_TEXT}, {"BEFORE", TABLE_TEXT},
                                                {"AFTER", TABLE_TEXT},         {"BY", TABLE_TEXT},   {"BECAUSE", TABLE_WRAP},
                                                {NULL, TABLE_TEXT}};
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    struct attributes last;
    if (!command_options(&argc, &argv, "ledger decisions DIR", "Shows what persons have settled: who, when, why.", entries,
                         1, 1, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_campaign(context, argv[1], &error);
    struct policy_client *policy = campaign != NULL ? control_open(context, &error) : NULL;
    g_autoptr(table_auto) table = table_new("decisions", names, json);
    gboolean good = policy != NULL && control_rows(policy, control_campaign_request("decision-list", campaign, NULL),
                                                   take_decision, table, &last, &error);
    policy_client_free(policy);
    if (!good)
        return command_fail(error);
    table_print(table);
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
