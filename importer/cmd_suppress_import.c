/*
 * cmd_suppress_import.c - postwelle suppress import: a list of addresses that are never mailed again.
 *
 * The list is read to its end before policyd is told of it, and policyd stores all of it in one transaction: all or
 * nothing. An invalid row stops nothing, as the people in the other rows do not want to wait for it; it is shown. What
 * is suppressed stays so, with its first reason.
 */
#include "importer/cmd_suppress.h"

#include "importer/address_column.h"
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/list.h"
#include "importer/progress.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

#define BATCH 200          /* addresses in a request, its limit in PROTOCOL §5 */
#define BATCH_OCTETS 48000 /* of them, so that the request stays within its limit */

struct suppress_import {
    /* as the command line has it */
    char *client, *reason, *source, *sheet, *column;
    gboolean all, dry_run, json;
    const char *file;

    char *base, *sha256;
    struct address_column *list;
    char *results; /* of each row, as `suppress-list-rows` answers: n, k, d; NUL: it is invalid */
    struct stop stop;
    struct policy_client *policy;
    guint counts[G_MAXUINT8 + 1]; /* by result */
};

static const struct address_row *row_of(const struct suppress_import *import, guint i)
{
    return &g_array_index(import->list->rows, struct address_row, i);
}

static gboolean read_list(struct suppress_import *import, GError **error)
{
    const struct address_column_options options = {import->file, import->sheet, import->column, &import->stop};
    import->sha256 = list_sha256(import->file, error);
    import->list = import->sha256 != NULL ? address_column_read(&options, error) : NULL;
    g_autofree char *again = import->list != NULL ? list_sha256(import->file, error) : NULL;
    if (again == NULL)
        return FALSE;
    import->results = g_malloc0(import->list->rows->len);
    return strcmp(again, import->sha256) == 0 ||
           error_set(error, ERROR_DATA, "%s was changed while it was read", import->file);
}

/* --- policyd ------------------------------------------------------------------------------------ */

/* Tells of addresses from the row `first` on, as many as a request holds; *next_r is the first row after them. */
static gboolean tell_batch(struct suppress_import *import, guint first, guint *next_r, GError **error)
{
    struct attributes answer;
    guint count = 0, next = first;
    GString *request = control_request("suppress-list-rows", NULL);
    for (; next < import->list->rows->len && count < BATCH && request->len < BATCH_OCTETS; next++) {
        g_autofree char *name = g_strdup_printf("address.%u", count + 1);
        if (row_of(import, next)->fault != NULL)
            continue;
        policy_append(request, name, row_of(import, next)->text);
        count++;
    }
    const char *results = control_ask_results(import->policy, request, count, &answer, error);
    if (results == NULL)
        return FALSE;
    for (guint i = first; i < next; i++)
        if (row_of(import, i)->fault == NULL)
            import->counts[(guint8)(import->results[i] = *results++)]++;
    *next_r = next;
    return TRUE;
}

static gboolean tell_rows(struct suppress_import *import, GError **error)
{
    struct progress progress;
    gboolean good = TRUE;
    progress_begin(&progress, "checking", import->list->rows->len);
    for (guint next = 0; next < import->list->rows->len && good;) {
        good = tell_batch(import, next, &next, error);
        progress_show(&progress, next, NULL);
        if (good && stop_asked(&import->stop))
            good = error_set(error, ERROR_TEMPORARY, "stopped");
    }
    progress_clear(&progress);
    return good;
}

/* Between the rows and the commit somebody else may suppress one of them: what counts is what the commit found. */
static gboolean commit(struct suppress_import *import, GError **error)
{
    struct attributes answer;
    GString *request = control_request("suppress-list-commit", NULL);
    policy_append_number(request, "rows", (guint64)import->counts['n'] + import->counts['k']);
    if (!control_ask(import->policy, request, &answer, error))
        return FALSE;
    import->counts['n'] = (guint)control_number(&answer, "new");
    import->counts['k'] = (guint)control_number(&answer, "known");
    return TRUE;
}

static gboolean tell_list(struct suppress_import *import, struct command_context *context, GError **error)
{
    struct attributes answer;
    const char *scope = suppress_scope(import->client, import->all, error);
    import->policy = control_open(context, error);
    if (import->policy == NULL)
        return FALSE;
    g_autofree char *reason = g_strdup_printf("%s (%s)", import->reason != NULL ? import->reason : "by list",
                                              import->source != NULL ? import->source : import->base);
    GString *request = control_request("suppress-list-begin", "scope", scope, "reason", reason, "file", import->base,
                                       "file_sha256", import->sha256, NULL);
    return control_ask(import->policy, request, &answer, error) && tell_rows(import, error) &&
           (import->dry_run || commit(import, error));
}

/* --- telling ------------------------------------------------------------------------------------ */

static void print_json(const struct suppress_import *import)
{
    json_t *known = json_array();
    for (guint i = 0; i < import->list->rows->len; i++)
        if (import->results[i] == 'k')
            json_array_append_new(known, json_integer(row_of(import, i)->row));
    json_t *root =
        json_pack("{s:s, s:b, s:i, s:i, s:i, s:i, s:o, s:o}", "file_sha256", import->sha256, "stored", !import->dry_run,
                  "new", (int)import->counts['n'], "known", (int)import->counts['k'], "duplicates",
                  (int)import->counts['d'], "empty", (int)import->list->empty, "known_rows", known, "invalid",
                  address_column_invalid(import->list));
    json_print(root);
}

static void print_result(const struct suppress_import *import)
{
    g_print("%s: %u %s, %u suppressed already, %u invalid", import->file, import->counts['n'],
            import->dry_run ? "would be new" : "new", import->counts['k'], import->list->invalid);
    if (import->counts['d'] > 0)
        g_print(", %u more than once", import->counts['d']);
    if (import->list->empty > 0)
        g_print(", %u rows without an address", import->list->empty);
    g_print(".%s\n", import->dry_run ? " Nothing was stored." : "");
}

static gboolean run(struct suppress_import *import, struct command_context *context, GError **error)
{
    if (suppress_scope(import->client, import->all, error) == NULL)
        return FALSE;
    import->base = g_path_get_basename(import->file);
    stop_begin(&import->stop);
    gboolean good = read_list(import, error);
    if (good && !import->json)
        address_column_print_invalid(import->list);
    good = good && tell_list(import, context, error);
    stop_end(&import->stop);
    if (!good)
        g_prefix_error(error, "nothing was stored: ");
    else
        (import->json ? print_json : print_result)(import);
    return good;
}

static void release(struct suppress_import *import)
{
    char *texts[] = {import->client, import->reason, import->source, import->sheet,
                     import->column, import->base,   import->sha256};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    policy_client_free(import->policy);
    address_column_free(import->list);
    g_free(import->results);
}

int suppress_import_command(struct command_context *context, int argc, char **argv)
{
    struct suppress_import import = {0};
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &import.client, "For this client", "CLIENT"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &import.all, "For all clients", NULL},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &import.reason, "Why (default: by list)", "TEXT"},
        {"source", 0, 0, G_OPTION_ARG_STRING, &import.source, "Where the list comes from (default: the file's name)",
         "TEXT"},
        {"column", 0, 0, G_OPTION_ARG_STRING, &import.column, "The column with the addresses: heading or letter",
         "COLUMN"},
        {"sheet", 0, 0, G_OPTION_ARG_STRING, &import.sheet, "The sheet to read (default: the first visible)", "NAME|N"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &import.dry_run, "Only show what would be new; store nothing", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &import.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good = command_options(&argc, &argv, "suppress import FILE",
                                    "The addresses in a list (.xlsx, .xls, .ods, .csv, .tsv) are never mailed again: "
                                    "all of them are stored, or, where anything goes wrong, "
                                    "none. Invalid rows are shown and do not hold up the others. What is suppressed "
                                    "already stays as it is. Of the addresses keyed hashes are kept, "
                                    "nothing else: no list comes out again, so keep yours (suppress check tells which "
                                    "addresses of a list are suppressed).",
                                    entries, 1, 1, &error);
    import.file = good ? argv[1] : NULL;
    good = good && run(&import, context, &error);
    release(&import);
    return good ? 0 : command_fail(error);
}
