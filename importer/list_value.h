/*
 * list_value.h - what a cell shows: its number under its format, its escapes undone; private to importer/list*.c.
 *
 * Pure functions. Dates and times are shown as ISO 8601 writes them, whatever their format says. All other numbers are
 * shown as the format says (decimals, leading zeros, percent, currency and other words), but always with a point before
 * the decimals and without grouping: files do not tell which separators their author saw, and 1,234 has two meanings.
 */
#ifndef POSTWELLE_IMPORTER_LIST_VALUE_H
#define POSTWELLE_IMPORTER_LIST_VALUE_H

#include <glib.h>

/* What a number format makes of a number. */
enum list_format_kind {
    LIST_PLAIN,     /* the shortest form: 42, 4.2 */
    LIST_DATE,      /* 2026-11-23, or with a time 2026-11-23T08:15:00 */
    LIST_TIME,      /* 08:15:00 */
    LIST_DURATION,  /* hours without end: 49:30:00 */
    LIST_CODE,      /* what the code says: 01067, 25%, 4.20 € */
};

struct list_format {
    enum list_format_kind kind;
    const char *code; /* LIST_CODE: borrowed */
};

/* The formats of a workbook's cells, in the order in which it lists its cell styles. */
struct list_formats {
    GHashTable *own;    /* the workbook's number formats: id -> its code */
    GArray *cells;      /* of struct list_format: what a cell's style number counts */
};

void list_formats_init(struct list_formats *formats);
void list_formats_release(struct list_formats *formats);

/* A number format of the workbook's own (ISO/IEC 29500, 18.8.30); before any cell style that refers to it. */
void list_formats_add(struct list_formats *formats, guint id, const char *code);

/* The next cell style: the number format's id, the workbook's own or one that every program knows. */
void list_formats_add_cell(struct list_formats *formats, guint id);

/* The format of cell style number `style`; LIST_PLAIN where there is none. Lives as long as the formats. */
struct list_format list_formats_cell(const struct list_formats *formats, guint style);

/* What a format code ("dd.mm.yyyy", "00000", "[h]:mm") makes of numbers; borrows the code. */
struct list_format list_format_of_code(const char *code);

/*
 * Appends the number to *shown as the format says, and plainly where that is not possible: dates that do not exist,
 * codes with conditions or fractions, or that would show nothing. date1904: days count from 1904, not 1900.
 */
void list_show_number(double number, struct list_format format, gboolean date1904, GString *shown);

/* The same for a number in XML's decimal form; what is no number is appended as it stands. */
void list_show_decimal(const char *value, struct list_format format, gboolean date1904, GString *shown);

/* Appends an ISO 8601 date, without what says nothing: midnight, fractions of a second, the zone that UTC is. */
void list_show_date(const char *value, GString *shown);

/*
 * Appends what a program showed for a number in its author's language: "1.234,50 €" with a point before the decimals
 * and without grouping, "1234.50 €"; digits among other signs, "0170 1234-567", and words, "yes", as they are. FALSE,
 * and nothing appended, where `seen` shows another number.
 */
gboolean list_show_seen(double number, const char *seen, GString *shown);

/* Undoes _xHHHH_ (ST_Xstring, ISO/IEC 29500, 22.9.2.19) from `start` on, in place; forms that are no character stay. */
void list_unescape(GString *text, gsize start);

#endif
