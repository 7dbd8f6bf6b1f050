/*
 * cmd_list.c - postwelle list: checks a client's list without a campaign, prints it, hands it back with remarks.
 *
 * With --format csv or json the good rows go to stdout and the others, as people read them, to stderr; with the table
 * it is the other way round: what needs attention is shown, the good rows are counted.
 */
#include "importer/command.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "importer/csv_field.h"
#include "importer/list_check.h"
#include "importer/list_dns.h"
#include "importer/list_files.h"
#include "importer/progress.h"
#include "importer/table.h"
#include "lib/error.h"

enum format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };

struct list_options {
    char *sheet;
    char *column;
    char *format_name;
    char *identity_name;
    gboolean json;
    gboolean raw;
    char *rejects;      /* --rejects FILE */
    gboolean dns;
    char *resolver;     /* --resolver ADDR@PORT; it implies --dns */
    enum format format;
    enum address_identity identity;
};

struct printing {
    const struct list_options *options;
    const char *file;
    struct table *table;   /* FORMAT_TABLE */
    gboolean begun;                 /* FORMAT_CSV: the heading is out; FORMAT_JSON: a row is out */
    GString *line;
    GPtrArray *remarks;             /* for --rejects, of struct list_remark; else NULL */
    struct progress progress;
    guint rows;
};

/* --- CSV ------------------------------------------------------------------------------------- */

static gboolean write_line(struct printing *printing, GError **error)
{
    g_string_append_c(printing->line, '\n');
    gboolean fine = fwrite(printing->line->str, printing->line->len, 1, stdout) == 1;
    g_string_truncate(printing->line, 0);
    return fine || error_set(error, ERROR_IO, "standard output: writing failed");
}

static gboolean write_csv(struct printing *printing, const char *address, const char *const *fields, guint count,
                          GError **error)
{
    csv_field_append(printing->line, address);
    for (guint i = 0; i < count; i++) {
        g_string_append_c(printing->line, ',');
        csv_field_append(printing->line, fields[i]);
    }
    return write_line(printing, error);
}

static gboolean print_csv(struct printing *printing, const struct list_row *row, GError **error)
{
    guint count = g_strv_length((char **)row->names);
    if (!printing->begun && !write_csv(printing, "address", row->names, count, error))
        return FALSE;
    printing->begun = TRUE;
    if (row->verdict == LIST_GOOD)
        return write_csv(printing, row->address.text, row->values, count, error);
    char letters[4];
    list_column_letters(row->column, letters);
    progress_clear(&printing->progress);
    fprintf(stderr, "%s: row %u, column %s: %s\n", printing->file, row->row, letters, row->reason);
    return TRUE;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *json_of_row(const struct list_row *row)
{
    if (row->verdict == LIST_REJECTED) {
        char letters[4];
        list_column_letters(row->column, letters);
        return json_pack("{s:i, s:s, s:s, s:s, s:s}", "row", (int)row->row, "verdict", "rejected", "column", letters,
                         "reason", row->reason, "text", row->text);
    }
    json_t *attributes = json_object();
    for (guint i = 0; row->names[i] != NULL; i++)
        json_object_set_new(attributes, row->names[i], json_string(row->values[i]));
    json_t *object = json_pack("{s:i, s:s, s:s, s:o}", "row", (int)row->row, "verdict", "good", "address",
                               row->address.text, "attributes", attributes);
    if (row->warning != NULL)
        json_object_set_new(object, "warning", json_string(row->warning));
    return object;
}

/* One array of rows, written as they come, within one object that the summary closes. */
static gboolean print_json(struct printing *printing, const struct list_row *row)
{
    fputs(printing->begun ? ",\n" : "{\"rows\": [\n", stdout);
    printing->begun = TRUE;
    json_t *object = json_of_row(row);
    json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    return TRUE;
}

static void print_json_end(const struct printing *printing, const struct list_summary *summary)
{
    json_t *object = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "rows", (int)summary->rows, "good",
                               (int)summary->good, "rejected", (int)summary->rejected, "duplicates",
                               (int)summary->duplicates, "empty", (int)summary->empty, "warned", (int)summary->warned);
    fputs(printing->begun ? "\n], \"summary\": " : "{\"rows\": [], \"summary\": ", stdout);
    json_dumpf(object, stdout, JSON_COMPACT);
    fputs("}\n", stdout);
    json_decref(object);
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct table_column columns[] = {{"ROW", TABLE_NUMBER}, {"COL", TABLE_TEXT}, {"VERDICT", TABLE_TEXT},
                                              {"ADDRESS", TABLE_CUT}, {"REMARK", TABLE_WRAP}, {NULL, TABLE_TEXT}};

static void add_to_table(struct printing *printing, const struct list_row *row)
{
    if (row->verdict == LIST_GOOD && row->warning == NULL)
        return;
    char letters[4] = "";
    if (row->verdict == LIST_REJECTED)
        list_column_letters(row->column, letters);
    g_autofree char *number = g_strdup_printf("%u", row->row);
    table_add(printing->table, number, letters, row->verdict == LIST_GOOD ? "warning" : "rejected", row->text,
              row->verdict == LIST_GOOD ? row->warning : row->reason);
}

static void print_table_end(const struct printing *printing, const struct list_summary *summary)
{
    if (!table_is_empty(printing->table)) {
        table_print(printing->table);
        putchar('\n');
    }
    printf("%s: %u rows: %u good, %u rejected (%u of them duplicates); %u with a warning; %u empty rows skipped\n",
           printing->file, summary->rows, summary->good, summary->rejected, summary->duplicates, summary->warned,
           summary->empty);
}

/* --- list check ------------------------------------------------------------------------------ */

static void add_remark(GPtrArray *remarks, const struct list_row *row)
{
    if (row->verdict == LIST_REJECTED)
        g_ptr_array_add(remarks, list_remark_new(row->row, row->column, TRUE, row->remark));
    else if (row->warning != NULL)
        g_ptr_array_add(remarks, list_remark_new(row->row, row->column, FALSE, row->remark));
}

static gboolean print_row(void *cookie, const struct list_row *row, GError **error)
{
    struct printing *printing = cookie;
    progress_show(&printing->progress, ++printing->rows, NULL);
    if (printing->remarks != NULL)
        add_remark(printing->remarks, row);
    switch (printing->options->format) {
    case FORMAT_CSV:
        return print_csv(printing, row, error);
    case FORMAT_JSON:
        return print_json(printing, row);
    case FORMAT_TABLE:
        break;
    }
    add_to_table(printing, row);
    return TRUE;
}

static gboolean print_cells(void *cookie, const struct list_cells *cells, GError **error)
{
    struct printing *printing = cookie;
    progress_show(&printing->progress, ++printing->rows, NULL);
    return write_csv(printing, cells->cells[0], cells->cells + 1, cells->count - 1, error);
}

static void print_note(void *cookie, const char *text)
{
    const struct printing *printing = cookie;
    fprintf(stderr, "%s: %s\n", printing->file, text);
}

static gboolean check_list(struct printing *printing, struct list_summary *summary, GError **error)
{
    struct list_check_options options = {
        .file = printing->file, .column = printing->options->column, .identity = printing->options->identity};
    g_autoptr(resolver_auto) resolver = NULL;
    g_autoptr(domain_check_auto) domains = NULL;
    if (printing->options->dns) {
        resolver = resolver_new(&(struct resolver_options){.server = printing->options->resolver}, error);
        if (resolver != NULL)
            domains = list_dns_ask(resolver, printing->file, printing->options->sheet, &options, NULL, error);
        if (domains == NULL)
            return FALSE;
        options.domains = domains;
    }
    if (!list_check_file(printing->file, printing->options->sheet, &options, print_row, print_note, printing, summary,
                         error))
        return FALSE;
    progress_clear(&printing->progress);
    if (printing->options->format == FORMAT_JSON)
        print_json_end(printing, summary);
    else if (printing->options->format == FORMAT_TABLE)
        print_table_end(printing, summary);
    if (printing->remarks == NULL)
        return TRUE;
    if (!list_remarks_write(printing->file, printing->options->sheet, printing->remarks, summary->german,
                            printing->options->rejects, error))
        return FALSE;
    if (printing->options->format == FORMAT_TABLE)
        printf("%s: a copy with %u remarks, to hand back to the client.\n", printing->options->rejects,
               printing->remarks->len);
    return TRUE;
}

static gboolean print_raw(struct printing *printing, GError **error)
{
    struct list_sink sink = {.cells = print_cells, .note = print_note, .cookie = printing};
    return list_read(printing->file, printing->options->sheet, &sink, error);
}

/* Prints as the options say; returns the exit status. */
static int run_check(const struct list_options *options, const char *file)
{
    struct printing printing = {.options = options, .file = file, .line = g_string_new(NULL)};
    struct list_summary summary = {0};
    GError *error = NULL;
    progress_begin(&printing.progress, file, 0);
    if (options->format == FORMAT_TABLE)
        printing.table = table_new("rows", columns, FALSE);
    if (options->rejects != NULL)
        printing.remarks = g_ptr_array_new_with_free_func(list_remark_free);
    gboolean fine = options->raw ? print_raw(&printing, &error) : check_list(&printing, &summary, &error);
    if (fine && fflush(stdout) != 0)
        fine = error_set(&error, ERROR_IO, "standard output: writing failed");
    if (!fine)
        progress_clear(&printing.progress);
    table_free(printing.table);
    g_string_free(printing.line, TRUE);
    g_clear_pointer(&printing.remarks, g_ptr_array_unref);
    if (!fine)
        return command_fail(error);
    return summary.rejected > 0 ? ERROR_WANTING : 0;
}

/* Turns the names given into choices; what contradicts itself is an error. */
static gboolean choose(struct list_options *options, GError **error)
{
    static const char *const formats[] = {"table", "csv", "json", NULL};
    const char *format = options->format_name != NULL ? options->format_name : options->json ? "json" : "table";
    const char *identity = options->identity_name != NULL ? options->identity_name : "mailbox";
    if (!g_strv_contains(formats, format))
        return error_set(error, ERROR_USAGE, "--format %s: choose table, csv or json", format);
    options->format = strcmp(format, "csv") == 0 ? FORMAT_CSV
                      : strcmp(format, "json") == 0 ? FORMAT_JSON
                                                    : FORMAT_TABLE;
    if (options->json && options->format != FORMAT_JSON)
        return error_set(error, ERROR_USAGE, "--json and --format %s contradict each other; give one", format);
    if (options->raw && options->format != FORMAT_CSV)
        return error_set(error, ERROR_USAGE, "--raw prints CSV only; add --format csv");
    options->dns |= options->resolver != NULL;
    if (options->raw && options->dns)
        return error_set(error, ERROR_USAGE, "--raw judges no row, so there is nothing to ask DNS; leave --dns out");
    if (options->raw && options->rejects != NULL)
        return error_set(error, ERROR_USAGE, "--raw judges no row, so there is nothing for --rejects; leave one out");
    if (strcmp(identity, "mailbox") != 0 && strcmp(identity, "strict") != 0)
        return error_set(error, ERROR_USAGE, "--identity %s: choose mailbox or strict", identity);
    options->identity = strcmp(identity, "strict") == 0 ? ADDRESS_IDENTITY_STRICT : ADDRESS_IDENTITY_MAILBOX;
    return TRUE;
}

static int list_check_command(struct command_context *context, int argc, char **argv)
{
    (void)context;
    struct list_options options = {0};
    const GOptionEntry entries[] = {
        {"sheet", 's', 0, G_OPTION_ARG_STRING, &options.sheet, "The sheet to read (default: the first visible)",
         "NAME|N"},
        {"column", 0, 0, G_OPTION_ARG_STRING, &options.column, "The column with the addresses: heading or letter",
         "COLUMN"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format_name,
         "table: what needs attention (default); csv: the good rows; json: all rows", "table|csv|json"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Same as --format json", NULL},
        {"identity", 0, 0, G_OPTION_ARG_STRING, &options.identity_name,
         "What makes two addresses one person (default: mailbox)", "mailbox|strict"},
        {"raw", 0, 0, G_OPTION_ARG_NONE, &options.raw, "Print every cell as read, with --format csv", NULL},
        {"rejects", 0, 0, G_OPTION_ARG_FILENAME, &options.rejects,
         "Write a copy of the list with remarks, to hand back to the client", "FILE.xlsx"},
        {"dns", 0, 0, G_OPTION_ARG_NONE, &options.dns, "Ask DNS whether the domains take mail", NULL},
        {"resolver", 0, 0, G_OPTION_ARG_STRING, &options.resolver,
         "The name server to ask (default: the system's); implies --dns", "ADDR@PORT"},
        {0},
    };
    GError *error = NULL;
    gboolean fine =
        command_options(
            &argc, &argv, "list check FILE",
            "Reads a list (.xlsx, .xls, .ods, .csv, .tsv) and says for each row whether it can be mailed to, "
            "and why not. Ends with 0 when all rows are good, 1 when some are rejected.",
            entries, 1, 1, &error) &&
        choose(&options, &error);
    int status = fine ? run_check(&options, argv[1]) : command_fail(error);
    g_free(options.sheet);
    g_free(options.column);
    g_free(options.format_name);
    g_free(options.identity_name);
    g_free(options.rejects);
    g_free(options.resolver);
    return status;
}

/* --- list template --------------------------------------------------------------------------- */

static int list_template_command(struct command_context *context, int argc, char **argv)
{
    (void)context;
    g_autofree char *language = NULL;
    const GOptionEntry entries[] = {
        {"language", 'l', 0, G_OPTION_ARG_STRING, &language, "Language of headings and hints (default: de)", "de|en"},
        {0},
    };
    GError *error = NULL;
    gboolean fine = command_options(&argc, &argv, "list template FILE.xlsx",
                                    "Writes an empty list for the client to fill in, with headings and hints.", entries,
                                    1, 1, &error) &&
                    list_template_write(argv[1], language != NULL ? language : "de", &error);
    return fine ? 0 : command_fail(error);
}

int cmd_list(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"check", "says for each row whether it can be mailed to, and why not", list_check_command},
        {"template", "writes an empty list for the client to fill in", list_template_command},
        {0},
    };
    return command_dispatch(context, "list", verbs, argc, argv);
}
