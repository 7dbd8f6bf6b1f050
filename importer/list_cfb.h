/*
 * list_cfb.h - streams out of a compound file (MS-CFB), the container of .xls files; private to importer/list*.c.
 *
 * Every number in the file is checked before it is followed: chains that run in circles, out of the file, or longer
 * than the file end in an error.
 */
#ifndef POSTWELLE_IMPORTER_LIST_CFB_H
#define POSTWELLE_IMPORTER_LIST_CFB_H

#include "importer/list_reader.h"

#define LIST_CFB_MARK "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" /* the first octets of a compound file ... */
#define LIST_CFB_MARK_LENGTH 8u                          /* ... and how many */

struct list_cfb;

/* Opens the input. NULL with *error (ERROR_DATA): damaged or cut off. */
struct list_cfb *list_cfb_open(const struct list_input *input, GError **error);
void list_cfb_free(struct list_cfb *cfb);

/* Is there a stream or storage of this name (ASCII, case does not count) at the top? */
gboolean list_cfb_has(const struct list_cfb *cfb, const char *name);

/* All octets of the stream of this name. The caller frees. NULL with *error: no such stream, damaged, cut off. */
GByteArray *list_cfb_read(const struct list_cfb *cfb, const char *name, GError **error);

#endif
