/*
 * list_xlsx_value.h - how an .xlsx cell's number is shown: pure functions over the number and its format; private to
 * importer/list*.c.
 */
#ifndef POSTWELLE_IMPORTER_LIST_XLSX_VALUE_H
#define POSTWELLE_IMPORTER_LIST_XLSX_VALUE_H

#include <glib.h>

/* What a number format makes of a number, as far as lists need it. */
enum xlsx_format_kind {
    XLSX_PLAIN,     /* the shortest form: 42, 4.2 */
    XLSX_PADDED,    /* at least width digits: a German postcode */
    XLSX_DATE,      /* 2026-11-23, or with a time 2026-11-23T08:15:00 */
    XLSX_TIME,      /* 08:15:00 */
    XLSX_DURATION,  /* hours without end: 49:30:00 */
};

struct xlsx_format {
    enum xlsx_format_kind kind;
    guint width;
};

/* The formats of a workbook's cells, in the order of its style part. */
struct xlsx_styles {
    GHashTable *formats;    /* own number formats: id -> struct xlsx_format */
    GArray *cells;          /* of struct xlsx_format: what a cell's s attribute counts */
};

void xlsx_styles_init(struct xlsx_styles *styles);
void xlsx_styles_release(struct xlsx_styles *styles);

/* A number format of the workbook's own (18.8.30); before any cell style that refers to it. */
void xlsx_styles_add_format(struct xlsx_styles *styles, guint id, const char *code);

/* The next cell style: the number format's id, the workbook's own or one that every program knows. */
void xlsx_styles_add_cell(struct xlsx_styles *styles, guint id);

/* The format of cell style number `style`; XLSX_PLAIN where there is none. */
struct xlsx_format xlsx_styles_cell(const struct xlsx_styles *styles, guint style);

/* What a format code ("dd.mm.yyyy", "00000", "[h]:mm") makes of numbers. */
struct xlsx_format xlsx_format_of_code(const char *code);

/*
 * Puts the number in `value` (XML's decimal form) into *shown as the format says; what is no number, or no date that
 * exists, is put there as it stands. date1904: the workbook counts days from 1904, not 1900.
 */
void xlsx_show_number(const char *value, struct xlsx_format format, gboolean date1904, GString *shown);

/* Undoes _xHHHH_ (ST_Xstring, 22.9.2.19) in place; forms that are no character stay. */
void xlsx_unescape(GString *text);

#endif
