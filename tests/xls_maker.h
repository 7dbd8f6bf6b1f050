/*
 * xls_maker.h - makes .xls files in memory from their records, for tests.
 */
#ifndef POSTWELLE_TESTS_XLS_MAKER_H
#define POSTWELLE_TESTS_XLS_MAKER_H

#include <glib.h>

#define XLS_BIFF5 0x0500
#define XLS_BIFF8 0x0600

/* A record: its type, and its content as hexadecimal digits, with blanks where they help. hex NULL ends a list. */
struct xls_record {
    guint16 type;
    const char *hex;
};

/* A workbook with these records among its globals and these in its one sheet, 'Liste'. */
GByteArray *xls_book(guint16 version, const struct xls_record *globals, const struct xls_record *sheet);

/*
 * A compound file with one stream of this name and, if other is not NULL, an empty storage of that name beside it.
 * Streams of less than 4,096 octets are put into short sectors, as the format wants it. The caller frees.
 */
GByteArray *xls_compound(const char *name, const GByteArray *stream, const char *other);

#endif
