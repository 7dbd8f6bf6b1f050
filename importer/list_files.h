/*
 * list_files.h - .xlsx files about lists that go to the client: the empty template, and a list with remarks.
 */
#ifndef POSTWELLE_IMPORTER_LIST_FILES_H
#define POSTWELLE_IMPORTER_LIST_FILES_H

#include <glib.h>

/* What is said about one row of a list. */
struct list_remark {
    guint row;          /* as in struct list_row */
    guint column;       /* the cell that is coloured, from 0 */
    gboolean rejected;  /* else a warning */
    char *text;
};

/* A heap copy; for arrays with list_remark_free(). */
struct list_remark *list_remark_new(guint row, guint column, gboolean rejected, const char *text);
void list_remark_free(void *remark);

/*
 * Writes the template that a client fills in: headings, a sheet of hints with an example, choices and checks where
 * spreadsheet programs offer them. language: "de" or "en". FALSE with *error: ERROR_CANT_CREATE, ERROR_USAGE.
 */
gboolean list_template_write(const char *path, const char *language, GError **error);

/*
 * Copies the list (as list_read() reads it) to the new file at path, with the cells of the remarks coloured and a
 * column of remarks added, whose heading is German or English as the remarks are. remarks: of struct list_remark, by
 * rising rows. Every cell is written as a text, so nothing of the list becomes a formula. FALSE with *error; no file is
 * left then.
 */
gboolean list_remarks_write(const char *list, const char *sheet, const GPtrArray *remarks, gboolean german,
                            const char *path, GError **error);

#endif
