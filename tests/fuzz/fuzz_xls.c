/*
 * fuzz_xls.c - .xls files: compound files, and the workbooks inside them, which need no compound file round them.
 */
#include <stdint.h>

#include "importer/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean take_cells(void *cookie, const struct list_cells *row, GError **error)
{
    (void)error;
    guint *last_row = cookie;
    g_assert_cmpuint(row->row, >, *last_row);
    g_assert_cmpuint(row->count, <=, LIST_COLUMNS_MAX);
    for (guint i = 0; i < row->count; i++)
        g_assert_true(g_utf8_validate(row->cells[i], -1, NULL));
    *last_row = row->row;
    return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    guint last_row = 0;
    struct list_sink sink = {.cells = take_cells, .cookie = &last_row};
    g_autoptr(GError) error = NULL;
    if (!list_read_here("LIST", data, size, NULL, &sink, &error))
        g_assert_true(g_str_has_prefix(error->message, "LIST: "));
    return 0;
}
