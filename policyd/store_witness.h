/*
 * store_witness.h - a store whose changes are witnessed: it hands everything on to another store, and writes what
 * changes to the witness.
 *
 * What is witnessed is what nobody could say again: slots, queue IDs, mails begun or ended, suppression, and the
 * numbers and names that these refer to; and that a participant was deleted, or an import done or undone. Not: imported
 * lists with their addresses (the lists are elsewhere, and personal data is deleted in time), and where the tracker is
 * (the mail log is read again).
 *
 * Each transaction that changes some of it is one record. Its sequence number is stored in the ledger by that very
 * transaction. The order is: record written; transaction committed; record on the disk; ledger's log on the disk; `!`
 * written; answers.
 *
 * Thread rule: as store.h.
 */
#ifndef POSTWELLE_POLICYD_STORE_WITNESS_H
#define POSTWELLE_POLICYD_STORE_WITNESS_H

#include "policyd/witness.h"

/* Takes over both. */
struct store *store_witness_new(struct store *inner, struct witness *witness);

/* A row that the witness must know of? value NULL: it is removed. */
gboolean store_witness_wants(enum store_table table, struct bytes key, const struct bytes *value);

#endif
