/* table.c - tables by libsmartcols; see table.h. */
#include "importer/table.h"

#include <libsmartcols.h>
#include <stdio.h>

struct table {
    struct libscols_table *table;
    size_t columns;
    gboolean json;
};

/* How a kind of column looks; shares of the terminal's width are hints. */
static const struct {
    double width;
    int flags, json;
} kinds[] = {
    [TABLE_TEXT] = {0, 0, SCOLS_JSON_STRING},
    [TABLE_NUMBER] = {0, SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER},
    [TABLE_CUT] = {0.3, SCOLS_FL_TRUNC, SCOLS_JSON_STRING},
    [TABLE_WRAP] = {0.6, SCOLS_FL_WRAP, SCOLS_JSON_STRING},
};

struct table *table_new(const char *name, const struct table_column *columns, gboolean json)
{
    struct table *table = g_new0(struct table, 1);
    table->table = scols_new_table();
    table->json = json;
    scols_table_set_name(table->table, name);
    scols_table_enable_json(table->table, json);
    for (; columns->name != NULL; columns++) {
        struct libscols_column *column =
            scols_table_new_column(table->table, columns->name, kinds[columns->kind].width, kinds[columns->kind].flags);
        scols_column_set_json_type(column, kinds[columns->kind].json);
        table->columns++;
    }
    return table;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    scols_unref_table(table->table);
    g_free(table);
}

void table_add_list(struct table *table, const char *const *cells)
{
    struct libscols_line *line = scols_table_new_line(table->table, NULL);
    for (size_t i = 0; i < table->columns; i++)
        scols_line_set_data(line, i, cells[i]);
}

void table_add(struct table *table, ...)
{
    const char *cells[32] = {NULL};
    va_list args;
    g_assert(table->columns <= G_N_ELEMENTS(cells));
    va_start(args, table);
    for (size_t i = 0; i < table->columns; i++)
        cells[i] = va_arg(args, const char *);
    va_end(args);
    table_add_list(table, cells);
}

char *table_time(guint64 when, const char *format)
{
    if (when == 0)
        return NULL;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local((gint64)when);
    return time != NULL ? g_date_time_format(time, format) : g_strdup("?");
}

gboolean table_is_empty(const struct table *table)
{
    return scols_table_get_nlines(table->table) == 0;
}

void table_print(struct table *table)
{
    scols_print_table(table->table);
    if (table->json)
        putchar('\n');
}

void table_print_or(struct table *table, const char *nothing)
{
    if (table->json || !table_is_empty(table))
        table_print(table);
    else
        puts(nothing);
}
