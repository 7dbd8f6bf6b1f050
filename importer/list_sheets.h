/*
 * list_sheets.h - the sheets of a workbook, and which of them is read; private to importer/list*.c.
 */
#ifndef POSTWELLE_IMPORTER_LIST_SHEETS_H
#define POSTWELLE_IMPORTER_LIST_SHEETS_H

#include "importer/list_reader.h"

/* One sheet, in the workbook's order. */
struct list_sheet {
    char *name;
    gboolean hidden;
    gboolean other;     /* holds no cells: a chart, a macro sheet */
    char *part;         /* .xlsx: its part, or NULL */
    guint32 offset;     /* .xls: where it begins */
};

/* An array of struct list_sheet * that owns them. */
GPtrArray *list_sheets_new(void);

/* Adds a sheet with this name, visible, with cells; the array owns it. */
struct list_sheet *list_sheets_add(GPtrArray *sheets, const char *name);

/* "'Kunden', 'Alt' (hidden)", for messages. The caller frees. */
char *list_sheets_names(const GPtrArray *sheets);

/*
 * The sheet that input->sheet names or counts (from 1; names come first), else the first visible one with cells; tells
 * the sink which one it is. NULL with *error: ERROR_USAGE where none is so named, ERROR_DATA where it holds no cells or
 * there is none.
 */
const struct list_sheet *list_sheets_choose(const GPtrArray *sheets, const struct list_input *input, GError **error);

/* Tells the sink how many of the rows read are hidden in the spreadsheet program, if any. */
void list_sheets_note_hidden(const struct list_input *input, guint rows);

#endif
