/*
 * cmd_suppress_import.c - postwelle suppress import: a list of addresses that are never mailed again.
 *
 * The list is read to its end before policyd is told of it, and policyd stores all of it in one transaction: all or nothing. An invalid row stops
 * nothing, as the people in the other rows do not want to wait for it; it is shown. What is suppressed stays so, with its first reason.
 */
#include "importer/cmd_suppress.h"

#include "importer/columns.h"
#include "importer/control.h"
#include "importer/progress.h"
#include "importer/stop.h"
#include "importer/table.h"
#include "lib/address.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

#define BATCH 200          /* addresses in a request, its limit in PROTOCOL §5 */
#define BATCH_OCTETS 48000 /* of them, so that the request stays within its limit */
#define LIST_MAX 100000    /* addresses, the limit of PROTOCOL §5 */
#define SHOWN_MAX 1000     /* rows in the table of invalid ones */

/* One row of the list. */
struct suppressed {
    guint row;
    const char *text;   /* the address as it is sent; of an invalid row, what stands there */
    const char *reason; /* why it is invalid; NULL: it is not */
    char result;        /* of `suppress-list-rows`: n, k, d */
};

struct suppress_import {
    /* as the command line has it */
    char *client, *reason, *source, *sheet, *column;
    gboolean all, dry_run, json;
    const char *file;

    char *base, *sha256;
    gboolean heading_read;
    guint place; /* of the column */
    guint empty; /* rows without an address */
    GArray *rows; /* struct suppressed */
    GStringChunk *texts;
    struct stop stop;
    struct policy_client *policy;
    guint counts[G_MAXUINT8 + 1]; /* by result; 'i': invalid ones */
};

/* --- the list ----------------------------------------------------------------------------------- */

static void add(struct suppress_import *import, guint row, const char *text)
{
    struct address address;
    size_t length, where;
    text = list_trim(text, &length);
    if (length == 0) {
        import->empty++;
        return;
    }
    struct suppressed one = {.row = row};
    enum address_fault fault = address_parse(text, length, &address, &where);
    if (fault != ADDRESS_GOOD) {
        g_autofree char *why = address_fault_message(fault, text, length, where);
        one.reason = g_string_chunk_insert(import->texts, why);
        import->counts['i']++;
    }
    one.text = fault == ADDRESS_GOOD ? g_string_chunk_insert(import->texts, address.text)
                                     : g_string_chunk_insert_len(import->texts, text, (gssize)length);
    g_array_append_val(import->rows, one);
}

/* A list of nothing but addresses has no heading. */
static gboolean is_no_heading(const struct list_cells *cells)
{
    return cells->count == 1 && strchr(cells->cells[0], '@') != NULL;
}

static gboolean take_cells(void *cookie, const struct list_cells *cells, GError **error)
{
    struct suppress_import *import = cookie;
    if (!import->heading_read) {
        import->heading_read = TRUE;
        if (import->column != NULL || !is_no_heading(cells))
            return columns_find_address(import->file, cells, import->column, &import->place, error);
    }
    add(import, cells->row, import->place < cells->count ? cells->cells[import->place] : "");
    if (import->rows->len - import->counts['i'] > LIST_MAX)
        return error_set(error, ERROR_DATA, "%s: more than %d addresses; split the list; nothing was stored", import->file, LIST_MAX);
    return !stop_asked(&import->stop) || error_set(error, ERROR_TEMPORARY, "stopped; nothing was stored");
}

static void print_note(void *cookie, const char *text)
{
    const struct suppress_import *import = cookie;
    g_printerr("%s: %s\n", import->file, text);
}

static void print_invalid(const struct suppress_import *import)
{
    static const struct table_column columns[] = {
        {"ROW", TABLE_NUMBER}, {"ADDRESS", TABLE_CUT}, {"REASON", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    g_autoptr(table_auto) table = table_new("invalid", columns, FALSE);
    guint shown = 0;
    for (guint i = 0; i < import->rows->len && shown < SHOWN_MAX; i++) {
        const struct suppressed *one = &g_array_index(import->rows, struct suppressed, i);
        if (one->reason == NULL)
            continue;
        g_autofree char *row = g_strdup_printf("%u", one->row);
        table_add(table, row, one->text, one->reason);
        shown++;
    }
    if (shown == 0 || import->json)
        return;
    table_print(table);
    if (import->counts['i'] > shown)
        g_print("… and %u more\n", import->counts['i'] - shown);
    g_print("\n");
}

static gboolean read_file(struct suppress_import *import, GError **error)
{
    const struct list_sink sink = {take_cells, print_note, import};
    import->sha256 = list_sha256(import->file, error);
    if (import->sha256 == NULL || !list_read(import->file, import->sheet, &sink, error))
        return FALSE;
    g_autofree char *again = list_sha256(import->file, error);
    if (again == NULL)
        return FALSE;
    if (strcmp(again, import->sha256) != 0)
        return error_set(error, ERROR_DATA, "%s was changed while it was read; nothing was stored", import->file);
    print_invalid(import);
    return import->rows->len > import->counts['i'] ||
           error_set(error, ERROR_DATA, "%s: no row holds an address (%u are invalid, %u empty); nothing was stored. Is it the right "
                                        "column (--column)?",
                     import->file, import->counts['i'], import->empty);
}

/* --- policyd ------------------------------------------------------------------------------------ */

/* Tells of addresses from the row `first` on, as many as a request holds; *next_r is the first row after them. */
static gboolean tell_batch(struct suppress_import *import, guint first, guint *next_r, GError **error)
{
    struct attributes answer;
    guint count = 0, next = first;
    GString *request = control_request("suppress-list-rows", NULL);
    for (; next < import->rows->len && count < BATCH && request->len < BATCH_OCTETS; next++) {
        const struct suppressed *one = &g_array_index(import->rows, struct suppressed, next);
        g_autofree char *name = g_strdup_printf("address.%u", count + 1);
        if (one->reason != NULL)
            continue;
        policy_append(request, name, one->text);
        count++;
    }
    const char *results = control_ask_results(import->policy, request, count, &answer, error);
    if (results == NULL)
        return FALSE;
    for (guint i = first; i < next; i++) {
        struct suppressed *one = &g_array_index(import->rows, struct suppressed, i);
        if (one->reason == NULL)
            import->counts[(guint8)(one->result = *results++)]++;
    }
    *next_r = next;
    return TRUE;
}

static gboolean tell_rows(struct suppress_import *import, GError **error)
{
    struct progress progress;
    gboolean good = TRUE;
    progress_begin(&progress, "checking", import->rows->len);
    for (guint next = 0; next < import->rows->len && good;) {
        good = tell_batch(import, next, &next, error);
        progress_show(&progress, next, NULL);
        if (good && stop_asked(&import->stop))
            good = error_set(error, ERROR_TEMPORARY, "stopped; nothing was stored");
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
    g_autofree char *reason =
        g_strdup_printf("%s (%s)", import->reason != NULL ? import->reason : "by list", import->source != NULL ? import->source : import->base);
    GString *request = control_request("suppress-list-begin", "scope", scope, "reason", reason, "file", import->base, "file_sha256",
                                       import->sha256, NULL);
    return control_ask(import->policy, request, &answer, error) && tell_rows(import, error) &&
           (import->dry_run || commit(import, error));
}

/* --- telling ------------------------------------------------------------------------------------ */

static void print_json(const struct suppress_import *import)
{
    json_t *invalid = json_array(), *known = json_array();
    for (guint i = 0; i < import->rows->len; i++) {
        const struct suppressed *one = &g_array_index(import->rows, struct suppressed, i);
        if (one->reason != NULL)
            json_array_append_new(invalid, json_pack("{s:i, s:s, s:s}", "row", (int)one->row, "text", one->text, "reason", one->reason));
        else if (one->result == 'k')
            json_array_append_new(known, json_integer(one->row));
    }
    json_t *root = json_pack("{s:s, s:b, s:i, s:i, s:i, s:i, s:o, s:o}", "file_sha256", import->sha256, "stored", !import->dry_run, "new",
                             (int)import->counts['n'], "known", (int)import->counts['k'], "duplicates", (int)import->counts['d'],
                             "empty", (int)import->empty, "known_rows", known, "invalid", invalid);
    json_dumpf(root, stdout, JSON_INDENT(3));
    putchar('\n');
    json_decref(root);
}

static void print_result(const struct suppress_import *import)
{
    g_print("%s: %u %s, %u suppressed already, %u invalid", import->file, import->counts['n'],
            import->dry_run ? "would be new" : "new", import->counts['k'], import->counts['i']);
    if (import->counts['d'] > 0)
        g_print(", %u more than once", import->counts['d']);
    if (import->empty > 0)
        g_print(", %u rows without an address", import->empty);
    g_print(".%s\n", import->dry_run ? " Nothing was stored." : "");
}

static gboolean run(struct suppress_import *import, struct command_context *context, GError **error)
{
    if (suppress_scope(import->client, import->all, error) == NULL)
        return FALSE;
    import->base = g_path_get_basename(import->file);
    stop_begin(&import->stop);
    gboolean good = read_file(import, error) && tell_list(import, context, error);
    stop_end(&import->stop);
    if (good)
        (import->json ? print_json : print_result)(import);
    return good;
}

static void release(struct suppress_import *import)
{
    char *texts[] = {import->client, import->reason, import->source, import->sheet, import->column, import->base, import->sha256};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    policy_client_free(import->policy);
    g_array_unref(import->rows);
    g_string_chunk_free(import->texts);
}

int suppress_import_command(struct command_context *context, int argc, char **argv)
{
    struct suppress_import import = {0};
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &import.client, "For this client", "CLIENT"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &import.all, "For all clients", NULL},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &import.reason, "Why (default: by list)", "TEXT"},
        {"source", 0, 0, G_OPTION_ARG_STRING, &import.source, "Where the list comes from (default: the file's name)", "TEXT"},
        {"column", 0, 0, G_OPTION_ARG_STRING, &import.column, "The column with the addresses: heading or letter", "COLUMN"},
        {"sheet", 0, 0, G_OPTION_ARG_STRING, &import.sheet, "The sheet to read (default: the first visible)", "NAME|N"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &import.dry_run, "Only show what would be new; store nothing", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &import.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good = command_options(
        &argc, &argv, "suppress import FILE",
        "The addresses in a list (.xlsx, .xls, .ods, .csv, .tsv) are never mailed again: all of them are stored, or, where anything goes wrong, "
        "none. Invalid rows are shown and do not hold up the others. What is suppressed already stays as it is. Of the addresses keyed hashes are kept, "
        "nothing else.",
        entries, 1, 1, &error);
    import.file = good ? argv[1] : NULL;
    import.rows = g_array_new(FALSE, FALSE, sizeof(struct suppressed));
    import.texts = g_string_chunk_new(1 << 16);
    good = good && run(&import, context, &error);
    release(&import);
    return good ? 0 : command_fail(error);
}
