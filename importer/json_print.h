/*
 * json_print.h - the one JSON value that a command with --json prints on stdout when its work is done (jansson).
 *
 * Members are named as the columns of the tables are; of what is not there they are null, times are texts as in the
 * tables.
 */
#ifndef POSTWELLE_IMPORTER_JSON_PRINT_H
#define POSTWELLE_IMPORTER_JSON_PRINT_H

#include <jansson.h>

/* Prints it, and the end of a line; takes it over. */
void json_print(json_t *value);

#endif
