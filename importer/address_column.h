/*
 * address_column.h - the addresses of a list, and nothing else of it: what `suppress` needs of lists of any kind.
 *
 * The column is found by its heading; a list of nothing but addresses needs none. One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_ADDRESS_COLUMN_H
#define POSTWELLE_IMPORTER_ADDRESS_COLUMN_H

#include "importer/stop.h"

#include <jansson.h>

#define ADDRESS_COLUMN_MAX 100000 /* addresses; the limit of `suppress-list-rows`, PROTOCOL §5 */

struct address_row {
    guint row;         /* as the spreadsheet program numbers it */
    const char *text;  /* the address as it is sent; of an invalid row, what stands there */
    const char *fault; /* why it is invalid; NULL: it is not */
};

struct address_column {
    GArray *rows; /* struct address_row; those without an address are not among them */
    guint place;  /* of the column, from 0 */
    guint invalid, empty;
    GStringChunk *texts; /* of rows */
};

struct address_column_options {
    const char *file, *sheet, *column; /* sheet and column may be NULL */
    struct stop *stop;                 /* ends it in good order */
};

/*
 * Reads the list. Notes about the file go to stderr. NULL with *error as list_read(); or where the column is not found,
 * no row holds an address (ERROR_DATA), there are more than the limit, or it was stopped (ERROR_TEMPORARY).
 */
struct address_column *address_column_read(const struct address_column_options *options, GError **error);
void address_column_free(struct address_column *column); /* NULL is fine */
typedef struct address_column address_column_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(address_column_auto, address_column_free)

/* The invalid rows as JSON: an array of row, text and reason. The caller takes it over. */
json_t *address_column_invalid(const struct address_column *column);

/* Prints a table of the invalid rows, and an empty line; nothing where there is none. */
void address_column_print_invalid(const struct address_column *column);

#endif
