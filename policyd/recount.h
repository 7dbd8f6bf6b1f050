/*
 * recount.h - the waves' counts, made anew from the rows that they count.
 *
 * policyd keeps them as it goes. The witness knows them, but not the imported rows: in an older copy of the ledger that
 * was brought up to date, or in one that was rebuilt, they would tell of rows that are not there.
 *
 * Thread rule: one thread.
 */
#ifndef POSTWELLE_POLICYD_RECOUNT_H
#define POSTWELLE_POLICYD_RECOUNT_H

#include "policyd/store.h"

/* Counts all campaigns' rows; about a second for a million. No transaction may be open. FALSE and *error. */
gboolean recount(struct store *store, GError **error);

#endif
