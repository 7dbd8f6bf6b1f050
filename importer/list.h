/*
 * list.h - reads a client's list, whatever program wrote it, as rows of texts.
 *
 * The file's kind is taken from its content, never from its name. The formats are read in a child process that has no
 * rights but to compute and to write to one pipe (list_child.h), because such files come from strangers and their
 * formats are rich. Rows are streamed: memory does not grow with their number (but for the strings that .xlsx files
 * keep apart).
 */
#ifndef POSTWELLE_IMPORTER_LIST_H
#define POSTWELLE_IMPORTER_LIST_H

#include <glib.h>

/* Limits (DESIGN §7), enforced by the readers and once more by the parent. */
#define LIST_FILE_MAX (50u * 1024 * 1024)       /* octets of the file */
#define LIST_INFLATED_MAX (500u * 1024 * 1024)  /* octets of a zip file's parts together, and of each */
#define LIST_RATIO_MAX 100u                     /* inflated to compressed octets of a part ... */
#define LIST_RATIO_FREE (10u * 1024 * 1024)     /* ... that inflates to more than this */
#define LIST_ENTRIES_MAX 1000u                  /* parts of a zip file */
#define LIST_STRINGS_MAX 8000000u               /* texts that an .xlsx or .xls file keeps apart from its cells */
#define LIST_ROWS_MAX 1000001u                  /* rows that hold something: a heading and a million */
#define LIST_ROW_NUMBER_MAX 1048576u            /* the last row of a spreadsheet; lines of a text file likewise */
#define LIST_COLUMNS_MAX 256u                   /* columns that hold something */
#define LIST_CELL_MAX (32u * 1024)              /* octets of UTF-8 in a cell */
#define LIST_TEXT_MAX (500u * 1024 * 1024)      /* octets in all cells together */

/* One row as read. Rows that are empty are not handed on. */
struct list_cells {
    guint row;                  /* as the spreadsheet program numbers it, from 1; rising */
    guint count;                /* columns A.. as far as filled, 1 to LIST_COLUMNS_MAX */
    const char *const *cells;   /* count texts, valid UTF-8; "" where empty */
};

/* Where rows go. The texts live only during the call. */
struct list_sink {
    /* One row. FALSE with *error set ends the reading with that error. */
    gboolean (*cells)(void *cookie, const struct list_cells *row, GError **error);
    /* Something that was decided about the file and that a person should know; NULL: not wanted. */
    void (*note)(void *cookie, const char *text);
    void *cookie;
};

/*
 * Reads the list at path into the sink. sheet: the name of the sheet, or its number from 1, or NULL for the first
 * visible one; an error for files that have none. Forks; call it from a single-threaded program.
 *
 * FALSE with *error: ERROR_NO_INPUT, ERROR_DATA (wrong kind, damaged, encrypted, over a limit, sheet missing; names
 * file, row and column where it can, and the remedy), ERROR_SYSTEM, or the sink's own. Rows may have been handed on
 * before, so keep nothing of them after an error.
 */
gboolean list_read(const char *path, const char *sheet, const struct list_sink *sink, GError **error);

/*
 * As list_read(), but the file's octets are in memory and are read in this very process: for tests and fuzzing. name
 * is what errors call the file.
 */
gboolean list_read_here(const char *name, const guint8 *data, size_t size, const char *sheet,
                        const struct list_sink *sink, GError **error);

/* Blanks of all scripts, and the invisible ones that come with copied cells: what is taken off the ends of cells. */
gboolean list_is_blank(gunichar character);

/* Where a cell's text begins and how many octets it has without them at its ends. */
const char *list_trim(const char *text, size_t *length_r);

/*
 * SHA-256 of a file, in hex, to be kept with what was read from it. The caller frees. NULL with *error: ERROR_NO_INPUT
 * where it is none, or another that GLib gives.
 */
char *list_sha256(const char *path, GError **error);

/* The letters of a column from 0: A, B .. Z, AA ..; up to 16,384 columns. */
void list_column_letters(guint column, char letters_r[4]);

#endif
