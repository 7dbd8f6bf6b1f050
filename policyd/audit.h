/*
 * audit.h - the audit trail: who did what, and when, as a chain of entries that can only grow.
 *
 * Entries are numbered from 1. Each holds the link (chain.h) of the one before it, and its own, which is made of
 * everything else in it with a key of the installation's secret. So an entry that was changed, or stands in another
 * one's place, is found by itself, and one that is missing by the gap. Where the trail ends says the head, which is
 * sealed with the same key: nobody cuts the end off without an older head. Entries are written by the ledger
 * (ledger_audit.c) in the transaction that does what they tell of, and come into the witness with it.
 *
 * No entry holds an address: what is about one has its keyed hash as the subject, and a word with an @ in a reason is
 * left out.
 *
 * Thread rule: the secret's.
 */
#ifndef POSTWELLE_POLICYD_AUDIT_H
#define POSTWELLE_POLICYD_AUDIT_H

#include "policyd/record.h"

/* What is told of, with its subject. The words are stored: add, never change. */
#define AUDIT_EPOCH "epoch"               /* number: the trail begins, or the ledger was replayed, restored, loaded */
#define AUDIT_BROKEN "broken"             /* at a start, the end of the trail was not as it was left */
#define AUDIT_SETTINGS "settings"         /* option: of a client's file, found other than it was */
#define AUDIT_IMPORT "import"             /* number: a list, with the consent that it was given with */
#define AUDIT_IMPORT_UNDO "import-undo"   /* number */
#define AUDIT_PROOF "proof"               /* content hash */
#define AUDIT_APPROVE "approve"           /* content hash */
#define AUDIT_WAVE_OPEN "wave-open"       /* number of the wave */
#define AUDIT_REMIND_OPEN "remind-open"   /* which reminder of each participant: 1 the first one */
#define AUDIT_PAUSE "pause"               /* number of the wave; empty: all */
#define AUDIT_RESUME "resume"             /* likewise */
#define AUDIT_CANCEL "cancel"             /* likewise */
#define AUDIT_DECIDE "decide"             /* participant */
#define AUDIT_KEY "key"                   /* selector */
#define AUDIT_SUPPRESS "suppress"         /* hash of the address; client empty: for all */
#define AUDIT_UNSUPPRESS "unsuppress"     /* likewise */
#define AUDIT_DELETE "delete"             /* participant whose data is deleted; empty: all of the campaign */
#define AUDIT_SUPPRESS_LIST "suppress-list" /* of many addresses at once; client empty: for all */

/*
 * An entry's octets, sealed into the chain behind `head`, which becomes its own. `record` needs neither number nor
 * links.
 */
void audit_seal(struct audit_record *record, struct audit_head *head, struct secret *secret, GString *out);

/* FALSE: nobody with the secret has written this head. One of zeros is good: the trail is empty. */
gboolean audit_head_good(const struct audit_head *head, struct secret *secret);

enum audit_fault {
    AUDIT_GOOD,
    AUDIT_UNREADABLE,
    AUDIT_CHANGED, /* it is not what was written */
    AUDIT_MOVED,   /* it was written as another number's */
    AUDIT_UNLINKED /* it is whole, but was not written behind the entry that stands before it */
};

/*
 * Judges the row that stands at `number`. before: the link of the entry that stands before it; NULL where there is
 * none, or it is not to be trusted. What can be read is in *record_r (texts borrow from the value); unreadable: zeros,
 * and empty texts.
 */
enum audit_fault audit_check(struct bytes value, guint64 number, const struct chain_mac *before, struct secret *secret,
                             struct audit_record *record_r);

/* The fault in words, for whoever reads the trail; NULL for AUDIT_GOOD. The caller frees. */
char *audit_fault_text(enum audit_fault fault, const struct audit_record *record, guint64 number);

/*
 * The text without words that hold an @, and something else than punctuation: they may be addresses, and the trail is
 * kept when those are deleted. The caller frees.
 */
char *audit_mask(const char *text);

/* Cuts a text to at most so many octets, in place and between characters. */
void audit_cut(char *text, size_t most);

#endif
