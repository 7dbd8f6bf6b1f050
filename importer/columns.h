/*
 * columns.h - what the columns of a list are: one holds the addresses, the others are attributes that templates name.
 *
 * Pure: from the heading row to names. An attribute's name is its heading with blanks at the ends taken off and blanks
 * inside turned into `_`; it must then be a letter (of any script) or `_`, followed by letters, digits, `_` and `-`.
 * The address column is found by its heading (E-Mail, Mailadresse, email address ...; case, blanks and punctuation do
 * not count), or named by the user.
 */
#ifndef POSTWELLE_IMPORTER_COLUMNS_H
#define POSTWELLE_IMPORTER_COLUMNS_H

#include "importer/list.h"

#define COLUMNS_NAME_MAX 64u /* octets of an attribute's name */

struct columns {
    guint address;          /* the column with the addresses, from 0 */
    guint count;            /* attributes */
    char **names;           /* count names and NULL; in the order of the columns, without the address column */
    guint *places;          /* count columns, from 0, where the attributes stand */
    gboolean *known;        /* width flags: is the column one of the above? Data elsewhere is an error. */
    guint width;            /* columns of the heading row */
    gboolean german;        /* at least one heading is German */
};

/*
 * Reads the heading row. wanted: the address column's heading, or its letters (A, B ..), or NULL to find it. file is
 * what errors call the list. NULL with *error (ERROR_DATA, for wanted ERROR_USAGE): no address column or several, a
 * heading that makes no name, two equal names.
 */
struct columns *columns_find(const char *file, const struct list_cells *heading, const char *wanted, GError **error);

void columns_free(struct columns *columns);

/*
 * The column of another list that says who: of survey tokens (Token, Zugangscode ...), or where there is none of
 * addresses; *column_r is from 0. wanted as above. No other heading matters. FALSE with *error as above.
 */
gboolean columns_find_person(const char *file, const struct list_cells *heading, const char *wanted, guint *column_r,
                             GError **error);

/* The column with the addresses alone: *column_r is from 0. wanted and errors as above. */
gboolean columns_find_address(const char *file, const struct list_cells *heading, const char *wanted, guint *column_r,
                              GError **error);

/* True where the text is an attribute's name as above. Also for names in templates. */
gboolean columns_name_is_valid(const char *name);

#endif
