/*
 * cmd_participants.c - postwelle participants: until when their data is kept, and deleting it, of a campaign or of one
 * person.
 */
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/participants.h"
#include "importer/table.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

/* --- due ----------------------------------------------------------------------------------------- */

static void add_campaign(struct table *table, const struct retained *retained)
{
    static const char *const words[] = {
        [RETENTION_KEPT] = "kept",  [RETENTION_NEVER] = "kept until somebody deletes it", [RETENTION_HELD] = "",
        [RETENTION_DUE] = "due now", [RETENTION_BEGUN] = "being deleted",                 [RETENTION_DONE] = "deleted"};
    gint64 due;
    enum retention_verdict verdict = retention_judge(&retained->facts, &due);
    g_autofree char *participants = g_strdup_printf("%" G_GUINT64_FORMAT, retained->participants);
    g_autofree char *last = table_time((guint64)retained->facts.last_step, TABLE_DAY);
    g_autofree char *day = table_time((guint64)(verdict == RETENTION_DONE ? retained->facts.erased : due), TABLE_DAY);
    g_autofree char *why = verdict == RETENTION_HELD ? retention_why(&retained->facts) : g_strdup(words[verdict]);
    table_add(table, retained->client, retained->campaign, participants, last, day, why);
}

static int due_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column columns[] = {
        {"CLIENT", TABLE_TEXT},    {"CAMPAIGN", TABLE_TEXT}, {"PARTICIPANTS", TABLE_NUMBER},
        {"LAST_STEP", TABLE_TEXT}, {"DELETED", TABLE_TEXT},  {"STATE", TABLE_WRAP},
        {NULL, TABLE_TEXT}};
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    if (!command_options(&argc, &argv, "participants due",
                         "Shows of each campaign when its participants' addresses and attributes are deleted ([client] "
                         "retention, [campaign] retention), "
                         "or were, and what holds it up.",
                         entries, 0, 0, &error))
        return command_fail(error);
    g_autoptr(policy_client_auto) policy = control_open(context, &error);
    g_autoptr(GPtrArray) list = policy != NULL ? participants_retained(context, policy, &error) : NULL;
    if (list == NULL)
        return command_fail(error);
    g_autoptr(table_auto) table = table_new("campaigns", columns, json);
    for (guint i = 0; i < list->len; i++)
        add_campaign(table, list->pdata[i]);
    table_print_or(table, "There is no campaign with participants.");
    return 0;
}

/* --- delete --------------------------------------------------------------------------------------- */

struct deletion {
    /* as the command line has it */
    char *address, *by, *because, *client, *campaign;
    gboolean json;
    const char *directory;

    struct campaign *opened;
    struct policy_client *policy;
    GPtrArray *places; /* of char *: where the person was found */
    json_t *rows;
};

static const char kept[] = "Kept, and of no name: slots, suppression and the index of addresses as keyed hashes, what "
                           "became of each mail by number, counts, the audit trail.\n"
                           "Not ours to delete: the client's lists, reports with addresses, the mail log. Backups hold "
                           "it until they are rotated away.\n";

static gboolean check_usage(struct deletion *deletion, GError **error)
{
    gboolean named = deletion->client != NULL && deletion->campaign != NULL;
    if (deletion->by == NULL || *deletion->by == '\0')
        return error_set(error, ERROR_USAGE,
                         "who says so? Give --by NAME; it is kept in the audit trail, as this can't be taken back");
    if ((deletion->client == NULL) != (deletion->campaign == NULL) || (named && deletion->directory != NULL))
        return error_set(error, ERROR_USAGE,
                         "name the campaign by its folder, or, where that is gone, by --client and --campaign");
    return named || deletion->directory != NULL || deletion->address != NULL ||
           error_set(error, ERROR_USAGE,
                     "whose data? Name the campaign's folder, or one person with --address, or both");
}

static gboolean find_campaign(struct deletion *deletion, struct command_context *context, GError **error)
{
    if (deletion->directory == NULL)
        return TRUE;
    deletion->opened = control_campaign(context, deletion->directory, error);
    if (deletion->opened == NULL)
        return FALSE;
    deletion->client = g_strdup(deletion->opened->client->name);
    deletion->campaign = g_strdup(deletion->opened->name);
    return TRUE;
}

static gboolean delete_campaign(struct deletion *deletion, GError **error)
{
    guint64 deleted;
    if (!participants_delete(deletion->policy, deletion->client, deletion->campaign, deletion->by, deletion->because,
                             &deleted, error))
        return FALSE;
    if (deletion->json)
        json_print(json_pack("{s:I}", "deleted", (json_int_t)deleted));
    else
        g_print("%s: the data of %" G_GUINT64_FORMAT " participants was deleted.\n%s", deletion->campaign, deleted,
                kept);
    return TRUE;
}

static gboolean take_place(void *cookie, const struct attributes *row, GError **error)
{
    struct deletion *deletion = cookie;
    (void)error;
    g_ptr_array_add(deletion->places, g_strdup_printf("%s/%s: row %s of %s", attributes_text(row, "client"),
                                                      attributes_text(row, "campaign"), attributes_text(row, "row"),
                                                      attributes_text(row, "file")));
    json_array_append_new(deletion->rows,
                          json_pack("{s:s, s:s, s:I, s:I, s:s}", "client", attributes_text(row, "client"), "campaign",
                                    attributes_text(row, "campaign"), "participant",
                                    (json_int_t)control_number(row, "participant"), "row",
                                    (json_int_t)control_number(row, "row"), "file", attributes_text(row, "file")));
    return TRUE;
}

static void print_person(const struct deletion *deletion)
{
    if (deletion->json) {
        json_t *root = json_pack("{s:i, s:O}", "deleted", (int)deletion->places->len, "participants", deletion->rows);
        json_print(root);
        return;
    }
    if (deletion->places->len == 0)
        g_print("Nothing is kept about this address%s.\n", deletion->campaign != NULL ? " in this campaign" : "");
    for (guint i = 0; i < deletion->places->len; i++)
        g_print("deleted: %s\n", (const char *)deletion->places->pdata[i]);
    if (deletion->places->len > 0)
        g_print("%sA later list may hold the address again; postwelle suppress add keeps it from being mailed.\n",
                kept);
}

static gboolean delete_person(struct deletion *deletion, GError **error)
{
    struct attributes last;
    GString *request =
        control_request("person-delete", "client", deletion->client, "campaign", deletion->campaign, "address",
                        deletion->address, "by", deletion->by, "because", deletion->because, NULL);
    if (!control_rows(deletion->policy, request, take_place, deletion, &last, error))
        return FALSE;
    print_person(deletion);
    return TRUE;
}

static gboolean run(struct deletion *deletion, struct command_context *context, GError **error)
{
    if (!check_usage(deletion, error) || !find_campaign(deletion, context, error) ||
        (deletion->policy = control_open(context, error)) == NULL)
        return FALSE;
    return deletion->address != NULL ? delete_person(deletion, error) : delete_campaign(deletion, error);
}

static int delete_command(struct command_context *context, int argc, char **argv)
{
    struct deletion deletion = {0};
    const GOptionEntry entries[] = {
        {"address", 0, 0, G_OPTION_ARG_STRING, &deletion.address,
         "Of this person alone: in the campaign, or without one in all", "ADDRESS"},
        {"by", 0, 0, G_OPTION_ARG_STRING, &deletion.by, "Who says so; kept in the audit trail", "NAME"},
        {"because", 0, 0, G_OPTION_ARG_STRING, &deletion.because, "Why; kept there, too", "TEXT"},
        {"client", 0, 0, G_OPTION_ARG_STRING, &deletion.client, "Where the campaign's folder is gone: its client",
         "CLIENT"},
        {"campaign", 0, 0, G_OPTION_ARG_STRING, &deletion.campaign, "... and its name", "CAMPAIGN"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &deletion.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good = command_options(&argc, &argv, "participants delete [DIR]",
                                    "Deletes addresses, attributes and receivers' replies of a campaign's "
                                    "participants, or of one person everywhere. It can't be taken back; "
                                    "a campaign is over with it, and what was not sent is not sent any more. Nothing "
                                    "is deleted as long as mails are in Postfix's queue, or "
                                    "uncertain. Caps, suppressions, reports' counts and the audit trail stay. "
                                    "Interrupted, it goes on with the same command, or by `run`.",
                                    entries, 0, 1, &error);
    deletion.directory = good && argc > 1 ? argv[1] : NULL;
    deletion.places = g_ptr_array_new_with_free_func(g_free);
    deletion.rows = json_array();
    good = good && run(&deletion, context, &error);
    policy_client_free(deletion.policy);
    campaign_close(deletion.opened);
    g_ptr_array_unref(deletion.places);
    json_decref(deletion.rows);
    char *texts[] = {deletion.address, deletion.by, deletion.because, deletion.client, deletion.campaign};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    return good ? 0 : command_fail(error);
}

int cmd_participants(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"due", "show until when participants' data is kept", due_command},
        {"delete", "delete participants' data, or one person's", delete_command},
        {0},
    };
    return command_dispatch(context, "participants", verbs, argc, argv);
}
