/*
 * list_codepage.h - character sets of one octet a character, as old programs write them; private to importer/list*.c.
 *
 * Tables of our own, because iconv would load its modules from files, which the reader's child may not open.
 */
#ifndef POSTWELLE_IMPORTER_LIST_CODEPAGE_H
#define POSTWELLE_IMPORTER_LIST_CODEPAGE_H

#include <glib.h>

#define LIST_CODEPAGE_WESTERN 1252u

/*
 * The characters of the octets 0x80 to 0xFF in this code page, 0 where none is assigned; below 0x80 it is ASCII.
 * Numbers are Microsoft's, and Excel's own 32768 and 32769. NULL for code pages that are not known.
 */
const guint16 *list_codepage(guint number);

#endif
