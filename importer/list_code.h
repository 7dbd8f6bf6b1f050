/*
 * list_code.h - a number under a format code of ISO/IEC 29500, 18.8.31; private to importer/list_value.c.
 */
#ifndef POSTWELLE_IMPORTER_LIST_CODE_H
#define POSTWELLE_IMPORTER_LIST_CODE_H

#include <glib.h>

/* The characters to skip at `code` where they show nothing or only themselves ("text", \c, _c, *c, [Red]); 0: none. */
size_t list_code_literal(const char *code);

/*
 * Appends the finite number as the code shows it, with a point before the decimals and without grouping. FALSE, and
 * nothing appended, for codes that are not understood (conditions, fractions, dates) and where nothing would be shown.
 */
gboolean list_code_apply(const char *code, double number, GString *shown);

#endif
