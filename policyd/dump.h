/* dump.h - the ledger as plain text. Thread rule: the store's. */
#ifndef POSTWELLE_POLICYD_DUMP_H
#define POSTWELLE_POLICYD_DUMP_H

#include "policyd/store.h"

#include <stdio.h>

/*
 * Writes every row of every table, in order: a line `TABLE KEY VALUE` each, key and value in hex ("-" where empty),
 * after a head line and before a line `end ROWS`, so that a cut file is noticed. ERROR_IO where `out` can't be written.
 */
gboolean dump_store(struct store *store, FILE *out, GError **error);

#endif
