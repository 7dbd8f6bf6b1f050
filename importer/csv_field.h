/*
 * csv_field.h - one field of a CSV line that a spreadsheet program may open without harm.
 */
#ifndef POSTWELLE_IMPORTER_CSV_FIELD_H
#define POSTWELLE_IMPORTER_CSV_FIELD_H

#include <glib.h>

/*
 * Appends the field as RFC 4180 wants it, in quotes where needed. What a spreadsheet program would take for a formula
 * (CWE-1236) gets a ' in front, also behind a semicolon, tab or line break within the field, where a program that
 * expects other separators begins a new cell. Negative numbers stay numbers.
 */
void csv_field_append(GString *line, const char *field);

#endif
