/* address_column.c - the addresses of a list; see address_column.h. */
#include "importer/address_column.h"

#include "importer/columns.h"
#include "importer/table.h"
#include "lib/address.h"
#include "lib/error.h"

#include <string.h>

#define SHOWN_MAX 1000 /* rows in the table of invalid ones */

struct reading {
    const struct address_column_options *options;
    struct address_column *column;
    gboolean heading_read;
};

static void add(struct address_column *column, guint row, const char *text)
{
    struct address address;
    struct address_row one = {.row = row};
    size_t length, where;
    text = list_trim(text, &length);
    if (length == 0) {
        column->empty++;
        return;
    }
    enum address_fault fault = address_parse(text, length, &address, &where);
    if (fault != ADDRESS_GOOD) {
        g_autofree char *why = address_fault_message(fault, text, length, where);
        one.fault = g_string_chunk_insert(column->texts, why);
        column->invalid++;
    }
    one.text = fault == ADDRESS_GOOD ? g_string_chunk_insert(column->texts, address.text)
                                     : g_string_chunk_insert_len(column->texts, text, (gssize)length);
    g_array_append_val(column->rows, one);
}

/* A list of nothing but addresses has no heading. */
static gboolean is_no_heading(const struct list_cells *cells)
{
    return cells->count == 1 && strchr(cells->cells[0], '@') != NULL;
}

static gboolean take_cells(void *cookie, const struct list_cells *cells, GError **error)
{
    struct reading *reading = cookie;
    struct address_column *column = reading->column;
    const struct address_column_options *options = reading->options;
    if (!reading->heading_read) {
        reading->heading_read = TRUE;
        if (options->column != NULL || !is_no_heading(cells))
            return columns_find_address(options->file, cells, options->column, &column->place, error);
    }
    add(column, cells->row, column->place < cells->count ? cells->cells[column->place] : "");
    if (column->rows->len - column->invalid > ADDRESS_COLUMN_MAX)
        return error_set(error, ERROR_DATA, "%s: more than %d addresses; split the list", options->file,
                         ADDRESS_COLUMN_MAX);
    return !stop_asked(options->stop) || error_set(error, ERROR_TEMPORARY, "stopped");
}

static void print_note(void *cookie, const char *text)
{
    const struct reading *reading = cookie;
    g_printerr("%s: %s\n", reading->options->file, text);
}

struct address_column *address_column_read(const struct address_column_options *options, GError **error)
{
    g_autoptr(address_column_auto) column = g_new0(struct address_column, 1);
    struct reading reading = {options, column, FALSE};
    const struct list_sink sink = {take_cells, print_note, &reading};
    column->rows = g_array_new(FALSE, FALSE, sizeof(struct address_row));
    column->texts = g_string_chunk_new(1 << 16);
    if (!list_read(options->file, options->sheet, &sink, error))
        return NULL;
    if (column->rows->len > column->invalid)
        return g_steal_pointer(&column);
    error_set(error, ERROR_DATA,
              "%s: no row holds an address (%u are invalid, %u empty); is it the right column (--column)?",
              options->file, column->invalid, column->empty);
    return NULL;
}

void address_column_free(struct address_column *column)
{
    if (column == NULL)
        return;
    g_array_unref(column->rows);
    g_string_chunk_free(column->texts);
    g_free(column);
}

json_t *address_column_invalid(const struct address_column *column)
{
    json_t *invalid = json_array();
    for (guint i = 0; i < column->rows->len; i++) {
        const struct address_row *row = &g_array_index(column->rows, struct address_row, i);
        if (row->fault != NULL)
            json_array_append_new(invalid, json_pack("{s:i, s:s, s:s}", "row", (int)row->row, "text", row->text,
                                                     "reason", row->fault));
    }
    return invalid;
}

void address_column_print_invalid(const struct address_column *column)
{
    static const struct table_column columns[] = {
        {"ROW", TABLE_NUMBER}, {"ADDRESS", TABLE_CUT}, {"REASON", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    g_autoptr(table_auto) table = table_new("invalid", columns, FALSE);
    guint shown = 0;
    for (guint i = 0; i < column->rows->len && shown < SHOWN_MAX; i++) {
        const struct address_row *one = &g_array_index(column->rows, struct address_row, i);
        if (one->fault == NULL)
            continue;
        g_autofree char *row = g_strdup_printf("%u", one->row);
        table_add(table, row, one->text, one->fault);
        shown++;
    }
    if (shown == 0)
        return;
    table_print(table);
    if (column->invalid > shown)
        g_print("… and %u more\n", column->invalid - shown);
    g_print("\n");
}
