/*
 * cmd_suppress_check.c - postwelle suppress check: which addresses of a list are suppressed, for whom, since when, and
 * why.
 *
 * The ledger knows addresses by keyed hashes alone, so nobody can have a list of those that are suppressed; but whoever
 * has a list can have it checked. Changes nothing.
 */
#include "importer/cmd_suppress.h"

#include "importer/address_column.h"
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/list_files.h"
#include "importer/progress.h"
#include "importer/table.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

/*
 * Octets of requests that are sent before their answers are read, about 600 of them: the socket takes so much from us
 * even while policyd waits until we read.
 */
#define BATCH_OCTETS 32000

struct check {
    /* as the command line has it */
    char *client, *sheet, *column, *rejects;
    gboolean json;
    const char *file;

    gboolean german; /* of the remarks */
    struct address_column *list;
    struct stop stop;
    struct table *table;
    json_t *found;
    GPtrArray *remarks;            /* struct list_remark */
    guint suppressed;              /* rows */
    const struct address_row *row; /* that is asked about now */
    gboolean row_found;
};

static void add_remark(struct check *check, const char *scope, const char *since, const char *reason)
{
    gboolean all = strcmp(scope, "*") == 0;
    g_autofree char *text =
        check->german
            ? g_strdup_printf("gesperrt%s%s seit %s: %s", all ? "" : " für ", all ? "" : scope, since, reason)
            : g_strdup_printf("suppressed%s%s since %s: %s", all ? "" : " for ", all ? "" : scope, since, reason);
    if (!check->row_found) /* one remark a row */
        g_ptr_array_add(check->remarks, list_remark_new(check->row->row, check->list->place, TRUE, text));
}

static gboolean take_suppression(void *cookie, const struct attributes *answer, GError **error)
{
    struct check *check = cookie;
    const char *scope = attributes_text(answer, "scope"), *reason = attributes_text(answer, "reason");
    (void)error;
    if (check->client != NULL && strcmp(scope, check->client) != 0 && strcmp(scope, "*") != 0)
        return TRUE;
    g_autofree char *number = g_strdup_printf("%u", check->row->row);
    g_autofree char *since = table_time(control_number(answer, "since"), TABLE_MINUTE);
    table_add(check->table, number, check->row->text, scope, reason, since);
    json_array_append_new(check->found, json_pack("{s:i, s:s, s:s, s:s, s:s}", "row", (int)check->row->row, "address",
                                                  check->row->text, "scope", scope, "reason", reason, "since", since));
    add_remark(check, scope, since, reason);
    check->suppressed += check->row_found ? 0 : 1;
    check->row_found = TRUE;
    return TRUE;
}

static const struct address_row *row_of(const struct check *check, guint i)
{
    return &g_array_index(check->list->rows, struct address_row, i);
}

/* Asks about rows from `first` on, as many as fit into the socket; *next_r is the first row after them. */
static gboolean send_batch(const struct check *check, struct policy_client *policy, guint first, guint *next_r,
                           GError **error)
{
    g_autoptr(GString) requests = g_string_new(NULL);
    guint next = first;
    for (; next < check->list->rows->len && requests->len < BATCH_OCTETS; next++) {
        if (row_of(check, next)->fault != NULL)
            continue;
        policy_append(requests, "request", "suppress-show");
        policy_append(requests, "address", row_of(check, next)->text);
        policy_end(requests);
    }
    *next_r = next;
    return requests->len == 0 || policy_client_send(policy, requests, error);
}

/* The answers come in the requests' order. */
static gboolean read_batch(struct check *check, struct policy_client *policy, guint first, guint next, GError **error)
{
    struct attributes last;
    gboolean good = TRUE;
    for (guint i = first; i < next && good; i++) {
        check->row = row_of(check, i);
        check->row_found = FALSE;
        good = check->row->fault != NULL || control_read_rows(policy, take_suppression, check, &last, error);
    }
    return good;
}

static gboolean ask(struct check *check, struct policy_client *policy, GError **error)
{
    struct progress progress;
    gboolean good = TRUE;
    progress_begin(&progress, "checking", check->list->rows->len);
    for (guint first = 0, next; first < check->list->rows->len && good; first = next) {
        good = send_batch(check, policy, first, &next, error) && read_batch(check, policy, first, next, error);
        progress_show(&progress, next, NULL);
        if (good && stop_asked(&check->stop))
            good = error_set(error, ERROR_TEMPORARY, "stopped");
    }
    progress_clear(&progress);
    return good;
}

static void print_json(const struct check *check)
{
    json_t *root = json_pack("{s:i, s:i, s:i, s:O, s:o}", "addresses",
                             (int)(check->list->rows->len - check->list->invalid), "suppressed", (int)check->suppressed,
                             "empty", (int)check->list->empty, "suppressions", check->found, "invalid",
                             address_column_invalid(check->list));
    json_print(root);
}

static void print_result(const struct check *check)
{
    address_column_print_invalid(check->list);
    if (!table_is_empty(check->table)) {
        table_print(check->table);
        g_print("\n");
    }
    g_print("%s: %u addresses, %u of them suppressed; %u invalid", check->file,
            check->list->rows->len - check->list->invalid, check->suppressed, check->list->invalid);
    if (check->list->empty > 0)
        g_print(", %u rows without an address", check->list->empty);
    g_print(".\n");
}

/* The client is there, and its language is that of the remarks. */
static gboolean find_client(struct check *check, struct command_context *context, GError **error)
{
    if (check->client == NULL)
        return TRUE;
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    const struct client *client = clients != NULL ? client_by_name(clients, check->client) : NULL;
    if (clients != NULL && client == NULL)
        return error_set(error, ERROR_DATA, "--client %s: there is no such client; `postwelle client list` shows them",
                         check->client);
    check->german = client != NULL && strcmp(client->language, "de") == 0;
    return client != NULL;
}

static gboolean run(struct check *check, struct command_context *context, GError **error)
{
    const struct address_column_options options = {check->file, check->sheet, check->column, &check->stop};
    if (!find_client(check, context, error))
        return FALSE;
    check->list = address_column_read(&options, error);
    g_autoptr(policy_client_auto) policy = check->list != NULL ? control_open(context, error) : NULL;
    if (policy == NULL || !ask(check, policy, error))
        return FALSE;
    if (check->rejects != NULL &&
        !list_remarks_write(check->file, check->sheet, check->remarks, check->german, check->rejects, error))
        return FALSE;
    (check->json ? print_json : print_result)(check);
    if (check->rejects != NULL && !check->json)
        g_print("%s: a copy with %u remarks, to hand back to the client.\n", check->rejects, check->remarks->len);
    return TRUE;
}

static void release(struct check *check)
{
    address_column_free(check->list);
    table_free(check->table);
    json_decref(check->found);
    g_ptr_array_unref(check->remarks);
    g_free(check->client);
    g_free(check->sheet);
    g_free(check->column);
    g_free(check->rejects);
}

int suppress_check_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column columns[] = {{"ROW", TABLE_NUMBER}, {"ADDRESS", TABLE_TEXT},
                                                  {"SCOPE", TABLE_TEXT}, {"REASON", TABLE_WRAP},
                                                  {"SINCE", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    struct check check = {0};
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &check.client,
         "Only what keeps this client from writing: its own entries, and those for all", "CLIENT"},
        {"column", 0, 0, G_OPTION_ARG_STRING, &check.column, "The column with the addresses: heading or letter",
         "COLUMN"},
        {"sheet", 0, 0, G_OPTION_ARG_STRING, &check.sheet, "The sheet to read (default: the first visible)", "NAME|N"},
        {"rejects", 0, 0, G_OPTION_ARG_FILENAME, &check.rejects,
         "Write a copy of the list with remarks, to hand back to the client", "FILE.xlsx"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &check.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good = command_options(
        &argc, &argv, "suppress check FILE",
        "Tells which addresses of a list (.xlsx, .xls, .ods, .csv, .tsv) are suppressed, for whom, since when, and "
        "why. Changes "
        "nothing. Addresses are kept as keyed hashes, so there is no list of all that are suppressed: the client's own "
        "list is what can be marked and handed back. Exit status 1: some are.",
        entries, 1, 1, &error);
    check.file = good ? argv[1] : NULL;
    check.table = table_new("suppressed", columns, FALSE);
    check.found = json_array();
    check.remarks = g_ptr_array_new_with_free_func(list_remark_free);
    stop_begin(&check.stop);
    good = good && run(&check, context, &error);
    stop_end(&check.stop);
    int status = !good ? command_fail(error) : check.suppressed > 0 ? ERROR_WANTING : 0;
    release(&check);
    return status;
}
