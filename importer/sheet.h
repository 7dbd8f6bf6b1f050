/*
 * sheet.h - writes .xlsx files row by row: templates, annotated lists, reports.
 *
 * Memory does not grow with the rows, so the cells of a sheet must come in order: rows from above, columns from the
 * left. Rows that are written wait in a temporary file in the folder of the book. Texts are written as texts, never as
 * formulas, whatever they begin with. A file that exists is not overwritten. LC_NUMERIC must be "C" while a book is
 * written (main.c). One thread a book.
 */
#ifndef POSTWELLE_IMPORTER_SHEET_H
#define POSTWELLE_IMPORTER_SHEET_H

#include <glib.h>

#define SHEET_ROWS_MAX 1048576u /* of a sheet, with its heading */
#define SHEET_TEXT_MAX 32767u /* characters in a cell; more are cut off with "..." */

enum sheet_style {
    SHEET_PLAIN,
    SHEET_HEADING,  /* bold on grey */
    SHEET_BAD,      /* red ground */
    SHEET_WARNING,  /* yellow ground */
    SHEET_HINT,     /* grey italics */
};

struct sheet_book;

/* Begins a file that must not exist yet. NULL with *error (ERROR_CANT_CREATE). */
struct sheet_book *sheet_book_new(const char *path, GError **error);

/* Ends the file and frees the book. FALSE with *error where writing failed; the file is then gone. */
gboolean sheet_book_close(struct sheet_book *book, GError **error);

/* Frees the book and removes the file: for a writer whose input broke off. NULL is nothing. */
void sheet_book_cancel(struct sheet_book *book);

/* Begins a sheet; its heading row, the first, stays in view. name: at most 31 characters, none of []:*?/\ */
void sheet_begin(struct sheet_book *book, const char *name);

/* Goes on in a sheet begun before, by its name. */
void sheet_select(struct sheet_book *book, const char *name);

/* Cells of the sheet begun or selected last; row and column from 0. */
void sheet_text(struct sheet_book *book, guint row, guint column, const char *text, enum sheet_style style);
void sheet_number(struct sheet_book *book, guint row, guint column, double number, enum sheet_style style);

/* Date and time of day as they are in the time's own zone. */
void sheet_time(struct sheet_book *book, guint row, guint column, GDateTime *time);

/* A share of 1, shown in percent. */
void sheet_share(struct sheet_book *book, guint row, guint column, double share);

/* The width of a column in characters. */
void sheet_width(struct sheet_book *book, guint column, guint characters);

/* The same for a column in which all that is typed stays text: 01067 keeps its zero. */
void sheet_text_width(struct sheet_book *book, guint column, guint characters);

/*
 * What spreadsheet programs show beside a chosen cell of the column below the heading; at most 255 characters. With
 * choices (ended by NULL, or NULL) they offer these and warn of other texts; with `wanted` they warn of texts without
 * it. Once a column.
 */
struct sheet_advice {
    const char *message;
    const char *const *choices;
    const char *wanted;
};
void sheet_advise(struct sheet_book *book, guint column, const struct sheet_advice *advice);

#endif
