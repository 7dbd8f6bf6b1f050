/* dump.c - the ledger as plain text; see dump.h. */
#include "policyd/dump.h"

#include "lib/error.h"
#include "policyd/rowtext.h"

#include <errno.h>
#include <string.h>

#define HEAD "postwelle-ledger 1 "
#define END "end "
#define MARK_OCTETS 8
#define ROWS_AT_ONCE 1000 /* in one transaction of a load */

/* Which secret it is, without saying anything about it. */
static char *secret_mark(struct secret *secret)
{
    static const char text[] = "dump";
    guint8 mac[SECRET_MAC_SIZE];
    GString *mark = g_string_new(NULL);
    secret_mac(secret, SECRET_WITNESS, (struct bytes){text, strlen(text)}, mac);
    for (size_t i = 0; i < MARK_OCTETS; i++)
        g_string_append_printf(mark, "%02x", mac[i]);
    return g_string_free(mark, FALSE);
}

/* --- writing ----------------------------------------------------------------------------------- */

static void put_line(FILE *out, GChecksum *sum, GString *line)
{
    g_string_append_c(line, '\n');
    g_checksum_update(sum, (const guchar *)line->str, (gssize)line->len);
    fwrite(line->str, 1, line->len, out);
}

static gboolean dump_table(struct store *store, enum store_table table, FILE *out, GChecksum *sum, guint64 *rows,
                           GError **error)
{
    const struct bytes all = {NULL, 0};
    g_autoptr(store_scan_auto) scan = store_scan(store, table, all, all, error);
    g_autoptr(GString) line = g_string_new(NULL);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        g_string_truncate(line, 0);
        rowtext_append(line, table, key, &value);
        put_line(out, sum, line);
        (*rows)++;
    }
    return result == STORE_ABSENT;
}

gboolean dump_store(struct store *store, struct secret *secret, FILE *out, GError **error)
{
    guint64 rows = 0;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *mark = secret_mark(secret);
    g_autoptr(GString) head = g_string_new(HEAD);
    g_string_append(head, mark);
    put_line(out, sum, head);
    for (int table = 0; table < STORE_TABLES; table++)
        if (!dump_table(store, (enum store_table)table, out, sum, &rows, error))
            return FALSE;
    fprintf(out, END "%" G_GUINT64_FORMAT " %s\n", rows, g_checksum_get_string(sum));
    if (fflush(out) != 0 || ferror(out))
        return error_from_errno(error, ERROR_IO, errno, "write the dump");
    return TRUE;
}

/* --- reading ----------------------------------------------------------------------------------- */

/* A file read line by line, without LF. */
struct lines {
    FILE *file;
    const char *path;
    char *line;
    size_t room, size;
    guint64 number;
};

static gboolean lines_open(struct lines *lines, const char *path, GError **error)
{
    *lines = (struct lines){.file = fopen(path, "re"), .path = path};
    return lines->file != NULL || error_from_errno(error, ERROR_NO_INPUT, errno, "dump %s", path);
}

static void lines_close(struct lines *lines)
{
    if (lines->file != NULL)
        fclose(lines->file);
    free(lines->line);
}

/* FALSE at the end of the file; a last line without LF is none. */
static gboolean lines_next(struct lines *lines)
{
    ssize_t size = getline(&lines->line, &lines->room, lines->file);
    if (size <= 0 || lines->line[size - 1] != '\n')
        return FALSE;
    lines->size = (size_t)size - 1;
    lines->number++;
    return TRUE;
}

static gboolean is_end(const struct lines *lines)
{
    return lines->size > strlen(END) && memcmp(lines->line, END, strlen(END)) == 0;
}

static gboolean damaged(const struct lines *lines, GError **error)
{
    return error_set(error, ERROR_DATA, "dump %s: line %" G_GUINT64_FORMAT " is no row of a ledger; nothing was loaded",
                     lines->path, lines->number);
}

static gboolean check_head(struct lines *lines, struct secret *secret, GError **error)
{
    g_autofree char *mark = secret_mark(secret);
    g_autofree char *head = g_strconcat(HEAD, mark, "\n", NULL);
    if (!lines_next(lines) || strncmp(lines->line, HEAD, strlen(HEAD)) != 0)
        return error_set(error, ERROR_DATA, "dump %s: it is no dump of a ledger of this form", lines->path);
    return strcmp(lines->line, head) == 0 ||
           error_set(error, ERROR_DATA,
                     "dump %s: it was made with another secret, and its hashes mean nothing without it; put "
                     "that installation's secret in place first",
                     lines->path);
}

static gboolean check_lines(struct lines *lines, struct secret *secret, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint64 rows = 0;
    if (!check_head(lines, secret, error))
        return FALSE;
    do {
        g_checksum_update(sum, (const guchar *)lines->line, (gssize)lines->size + 1);
        if (!lines_next(lines))
            return error_set(error, ERROR_DATA,
                             "dump %s: it was cut off behind line %" G_GUINT64_FORMAT "; nothing was loaded",
                             lines->path, lines->number);
        rows++;
    } while (!is_end(lines));
    g_autofree char *end = g_strdup_printf(END "%" G_GUINT64_FORMAT " %s\n", rows - 1, g_checksum_get_string(sum));
    return (strcmp(lines->line, end) == 0 && !lines_next(lines)) ||
           error_set(error, ERROR_DATA, "dump %s: its rows are not those that its last line counts; nothing was loaded",
                     lines->path);
}

gboolean dump_check(const char *path, struct secret *secret, GError **error)
{
    struct lines lines;
    gboolean done = lines_open(&lines, path, error) && check_lines(&lines, secret, error);
    lines_close(&lines);
    return done;
}

static gboolean load_line(struct lines *lines, struct store *store, struct rowtext *row, GError **error)
{
    if (!rowtext_parse(lines->line, lines->size, TRUE, row))
        return damaged(lines, error);
    return store_put(store, row->table, rowtext_bytes(row->key), rowtext_bytes(row->value), error) == STORE_DONE;
}

static gboolean load_lines(struct lines *lines, struct store *store, struct rowtext *row, guint64 *rows_r,
                           GError **error)
{
    *rows_r = 0;
    if (!lines_next(lines))
        return damaged(lines, error);
    if (!store_begin(store, error))
        return FALSE;
    while (lines_next(lines) && !is_end(lines)) {
        if (!load_line(lines, store, row, error))
            return FALSE;
        if (++*rows_r % ROWS_AT_ONCE == 0 && (!store_commit(store, error) || !store_begin(store, error)))
            return FALSE;
    }
    return store_commit(store, error);
}

gboolean dump_load(const char *path, struct store *store, guint64 *rows_r, GError **error)
{
    struct lines lines;
    struct rowtext row;
    rowtext_init(&row);
    gboolean done = lines_open(&lines, path, error) && load_lines(&lines, store, &row, rows_r, error);
    rowtext_release(&row);
    lines_close(&lines);
    return done;
}
