/*
 * read_list.h - what each fuzzer of a list's form does with it: whatever is read keeps the readers' promises to those
 * who take the rows, and whatever is not is told of with the list's name.
 */
#ifndef POSTWELLE_TESTS_FUZZ_READ_LIST_H
#define POSTWELLE_TESTS_FUZZ_READ_LIST_H

#include "importer/list.h"

static inline gboolean read_list_row(void *cookie, const struct list_cells *row, GError **error)
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

static inline void read_list(const guint8 *data, gsize size)
{
    guint last_row = 0;
    struct list_sink sink = {.cells = read_list_row, .cookie = &last_row};
    g_autoptr(GError) error = NULL;
    if (!list_read_here("LIST", data, size, NULL, &sink, &error))
        g_assert_true(g_str_has_prefix(error->message, "LIST: "));
}

#endif
