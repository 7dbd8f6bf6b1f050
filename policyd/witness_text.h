/* witness_text.h - writing the lines of a witness; for witness.c, witness_file.c and their tests. See witness.h. */
#ifndef POSTWELLE_POLICYD_WITNESS_TEXT_H
#define POSTWELLE_POLICYD_WITNESS_TEXT_H

#include "policyd/witness.h"

/* Appends the head's line, with its MAC, which is the first link of the file's chain: *chain_r. */
void witness_text_head(GString *out, const struct witness_head *head, struct secret *secret,
                       struct chain_mac *chain_r);

/*
 * Appends the last line of a record to `record`, which holds CHAIN_OCTETS of room and then the record's `changes`
 * lines. *chain is the chain before, and after.
 */
void witness_text_end(GString *record, guint64 sequence, guint64 changes, struct secret *secret,
                      struct chain_mac *chain);

#endif
