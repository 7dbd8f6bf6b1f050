/* dump.c - the ledger as plain text; see dump.h. */
#include "policyd/dump.h"

#include "lib/error.h"

#include <errno.h>

#define HEAD "postwelle ledger dump 1"

static void put_hex(GString *line, struct bytes bytes)
{
    const guint8 *data = bytes.data;
    g_string_append_c(line, ' ');
    if (bytes.size == 0)
        g_string_append_c(line, '-');
    for (size_t i = 0; i < bytes.size; i++)
        g_string_append_printf(line, "%02x", data[i]);
}

static gboolean dump_table(struct store *store, enum store_table table, FILE *out, guint64 *rows, GError **error)
{
    const struct bytes all = {NULL, 0};
    g_autoptr(store_scan_auto) scan = store_scan(store, table, all, all, error);
    g_autoptr(GString) line = g_string_new(NULL);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        g_string_assign(line, store_table_name(table));
        put_hex(line, key);
        put_hex(line, value);
        fprintf(out, "%s\n", line->str);
        (*rows)++;
    }
    return result == STORE_ABSENT;
}

gboolean dump_store(struct store *store, FILE *out, GError **error)
{
    guint64 rows = 0;
    fprintf(out, HEAD "\n");
    for (int table = 0; table < STORE_TABLES; table++)
        if (!dump_table(store, (enum store_table)table, out, &rows, error))
            return FALSE;
    fprintf(out, "end %" G_GUINT64_FORMAT "\n", rows);
    if (fflush(out) != 0 || ferror(out))
        return error_from_errno(error, ERROR_IO, errno, "write the dump");
    return TRUE;
}
