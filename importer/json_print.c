/* json_print.c - see json_print.h. */
#include "importer/json_print.h"

#include <stdio.h>

void json_print(json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(3));
    putchar('\n');
    json_decref(value);
}
