/*
 * table.h - tables for people and the same as JSON for programs (libsmartcols).
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_TABLE_H
#define POSTWELLE_IMPORTER_TABLE_H

#include <glib.h>

struct table;

enum table_kind {
    TABLE_TEXT,
    TABLE_NUMBER, /* to the right; a number in JSON */
    TABLE_CUT,    /* a text that may be cut where the terminal is narrow */
    TABLE_WRAP,   /* a text that goes over several lines there */
};

/* How table_time() writes: to the day, minute, second. */
#define TABLE_DAY "%Y-%m-%d"
#define TABLE_MINUTE "%Y-%m-%d %H:%M"
#define TABLE_SECOND "%Y-%m-%d %H:%M:%S"

struct table_column {
    const char *name; /* heading; in JSON in lower case */
    enum table_kind kind;
};

/* columns ends with a row without a name. json prints as JSON, an object whose one member is called `name`. */
struct table *table_new(const char *name, const struct table_column *columns, gboolean json);
void table_free(struct table *table); /* NULL is fine */
typedef struct table table_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(table_auto, table_free)

/* Adds a line: one text a column; NULL is an empty cell. */
void table_add(struct table *table, ...);
void table_add_list(struct table *table, const char *const *cells);

/*
 * A time, in seconds since 1970, on the machine's clock, as a text for a cell: "?" where no calendar reaches it; NULL
 * for 0. The caller frees.
 */
char *table_time(guint64 when, const char *format);

/* TRUE where no line was added. */
gboolean table_is_empty(const struct table *table);

/* Prints to stdout, and the end of a line in JSON. */
void table_print(struct table *table);

/* The same; but whoever would see nothing, as the table is empty, is told `nothing`, a sentence. */
void table_print_or(struct table *table, const char *nothing);

#endif
