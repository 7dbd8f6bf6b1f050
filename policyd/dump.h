/*
 * dump.h - the ledger as plain text: a head line, a line `TABLE KEY VALUE` a row (rowtext.h) in the order of tables and
 * keys, and a last line `end ROWS SHA256`, the hash of all before it, so that a cut or changed file is noticed.
 *
 *      postwelle-ledger 1 SECRET       SECRET: 16 hex digits that tell which secret the hashes in it were made with
 *
 * Thread rule: the store's.
 */
#ifndef POSTWELLE_POLICYD_DUMP_H
#define POSTWELLE_POLICYD_DUMP_H

#include "policyd/secret.h"

#include <stdio.h>

/* Writes every row. ERROR_IO where `out` can't be written. */
gboolean dump_store(struct store *store, struct secret *secret, FILE *out, GError **error);

/*
 * Verifies a whole dump, and whether it was made with this secret. ERROR_DATA where not, ERROR_NO_INPUT where it can't
 * be read.
 */
gboolean dump_check(const char *path, struct secret *secret, GError **error);

/* Writes the rows of a checked dump into an empty store, in several transactions. */
gboolean dump_load(const char *path, struct store *store, guint64 *rows_r, GError **error);

#endif
