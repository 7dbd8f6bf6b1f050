/*
 * fuzz_csv.c - any octets as a list, most of them as text: what comes out must keep the reader's promises, and the
 * check of the list must come to an end.
 */
#include <stdint.h>
#include <string.h>

#include "importer/list_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct checking {
    struct list_check *check;
    guint last_row;
};

static gboolean take_cells(void *cookie, const struct list_cells *row, GError **error)
{
    struct checking *checking = cookie;
    g_assert_cmpuint(row->row, >, checking->last_row);
    g_assert_cmpuint(row->count, >, 0);
    g_assert_cmpuint(row->count, <=, LIST_COLUMNS_MAX);
    for (guint i = 0; i < row->count; i++) {
        g_assert_true(g_utf8_validate(row->cells[i], -1, NULL));
        g_assert_cmpuint(strlen(row->cells[i]), <=, LIST_CELL_MAX);
    }
    checking->last_row = row->row;
    return list_check_feed(checking->check, row, error);
}

static gboolean take_row(void *cookie, const struct list_row *row, GError **error)
{
    (void)cookie;
    (void)error;
    g_assert_true((row->verdict == LIST_GOOD) == (row->reason == NULL));
    for (guint i = 0; row->names[i] != NULL; i++)
        g_assert_null(strpbrk(row->values[i], "\r\n"));
    return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct list_check_options options = {.file = "LIST"};
    struct list_summary summary;
    struct checking checking = {.check = list_check_new(&options, take_row, NULL)};
    struct list_sink sink = {.cells = take_cells, .cookie = &checking};
    g_autoptr(GError) error = NULL;
    if (list_read_here("LIST", data, size, NULL, &sink, &error) &&
        list_check_finish(checking.check, &summary, &error))
        g_assert_cmpuint(summary.good + summary.rejected, ==, summary.rows);
    else
        g_assert_true(g_str_has_prefix(error->message, "LIST: "));
    list_check_free(checking.check);
    return 0;
}
