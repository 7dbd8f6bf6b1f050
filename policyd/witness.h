/*
 * witness.h - the witness: an append-only text file of what changes in the ledger, on another directory than the
 * ledger, on the disk before an answer leaves. It tells whether the ledger in place is the newest, and can bring back
 * what that has lost.
 *
 * The form, by lines:
 *
 *      postwelle-witness 1 FILE UUID EPOCH BASE CHAIN MAC     the head: number of the file, the ledger's identity and
 *                                                             epoch, sequence number and MAC that it goes on from
 *      + TABLE KEY VALUE                                      a row was written (rowtext.h)
 *      - TABLE KEY                                            a row was removed
 *      = SEQUENCE CHANGES CRC MAC                             ends a record, which is one transaction of the ledger
 *      ! SEQUENCE                                             up to here the ledger is on its disk, too
 *
 * CRC is CRC-32C over the record's lines; it finds accidents without any key. MAC is the first half of HMAC-SHA256 over
 * the MAC before it and the record: a chain over all records, from file to file. So nothing can be changed, left out,
 * put in or put elsewhere without the secret.
 *
 * What may be missing. A record is written before its transaction is committed, and an answer leaves only after the
 * record and the ledger's log are on the disk and `!` is written. So what a crash cuts off at the end of the newest
 * file (a record without its last line, or with NULs where the file system lost a page) was never acknowledged, and is
 * ignored. So are the NULs behind it all, which are room for what comes next while policyd runs. A record that is whole
 * but without its `!` may not have been acknowledged. All else that is not as it was written is damage, and reported.
 *
 * Files are FOLDER/slots.NNNNNN. A new one is begun when one is full, after a backup, and with each epoch; a backup
 * lets go the files that end before the backup that went before it.
 *
 * Thread rule: witness_sync() and witness_settle() may run in any thread; all else belongs to the ledger's.
 */
#ifndef POSTWELLE_POLICYD_WITNESS_H
#define POSTWELLE_POLICYD_WITNESS_H

#include "policyd/chain.h"
#include "policyd/rowtext.h"

#define WITNESS_UUID_SIZE 33 /* 32 hex digits and NUL */
/* Octets; then a new file is begun. Reading one takes a fraction of a second. */
#define WITNESS_FILE_SIZE ((guint64)64 << 20)

/* The first line of a file. */
struct witness_head {
    guint32 file; /* number, from 1 */
    char uuid[WITNESS_UUID_SIZE];
    guint64 epoch;
    guint64 base;             /* sequence number before the first record */
    struct chain_mac chain; /* the end of the file before; zeros: it goes on from none */
};

/* What a file was found to hold. */
struct witness_summary {
    struct witness_head head;
    guint64 last;             /* sequence number of the last whole record; base where there is none */
    guint64 settled;          /* ... of the last one that the ledger is known to have; base where there is none */
    guint64 last_begin;       /* where the last record begins in the file; meaningless where there is none */
    struct chain_mac chain; /* at its end */
    guint64 size;             /* octets that are whole; what lies behind is cut off */
};

/* One change of a verified record; value is NULL where the row was removed. */
typedef gboolean (*witness_visit)(void *cookie, guint64 sequence, enum store_table table, struct bytes key,
                                  const struct bytes *value, GError **error);

/*
 * Verifies the octets of a file, and hands on the changes of each record with a sequence number above `after`; visit
 * may be NULL. name is for error texts. FALSE and *error: ERROR_DATA where it is damaged or of another secret, or what
 * visit said.
 */
gboolean witness_read(struct bytes file, const char *name, struct secret *secret, guint64 after, witness_visit visit,
                      void *cookie, struct witness_summary *summary_r, GError **error);

/* --- the folder -------------------------------------------------------------------------------- */

/*
 * The numbers of the files there, ascending (guint32). NULL and *error where the folder can't be read. Free with
 * g_array_unref().
 */
GArray *witness_list(const char *folder, GError **error);

/* FOLDER/slots.NNNNNN; free with g_free(). */
char *witness_path(const char *folder, guint32 file);

/* witness_read() of a file on the disk. ERROR_NO_INPUT where it is not there. */
gboolean witness_read_file(const char *folder, guint32 file, struct secret *secret, guint64 after, witness_visit visit,
                           void *cookie, struct witness_summary *summary_r, GError **error);

/*
 * The oldest file from which the chain runs unbroken to the newest, by whole files and no gap in the sequence:
 * *oldest_r and *newest_r. FALSE and *error as witness_read_file() for the newest, and ERROR_NO_INPUT where there is no
 * file at all.
 */
gboolean witness_chain(const char *folder, struct secret *secret, struct witness_summary *oldest_r,
                       struct witness_summary *newest_r, GError **error);

/* --- writing ----------------------------------------------------------------------------------- */

struct witness;

/*
 * Begins a new file: head->file is ignored, it gets the next number. The folder (0700) is made where there is none.
 * Borrows the secret. NULL and *error where it can't be made. Free with witness_free().
 */
struct witness *witness_create(const char *folder, struct secret *secret, const struct witness_head *head,
                               GError **error);

/*
 * Goes on in the newest file, which witness_read_file() has read as *summary; what lies behind its whole part is cut
 * off.
 */
struct witness *witness_open(const char *folder, struct secret *secret, const struct witness_summary *summary,
                             GError **error);
void witness_free(struct witness *witness); /* NULL is fine */

/* The sequence number of the last record. */
guint64 witness_last(const struct witness *witness);

/* Notes a change for the next record; value NULL: removed. */
void witness_note(struct witness *witness, enum store_table table, struct bytes key, const struct bytes *value);
gboolean witness_has_notes(const struct witness *witness);
void witness_forget(struct witness *witness); /* the changes noted */

/*
 * Writes what was noted as one record, without waiting for the disk. FALSE and *error: ERROR_TEMPORARY where nothing
 * was written, ERROR_IO where nobody knows.
 */
gboolean witness_append(struct witness *witness, GError **error);

/* Takes the last record back, which was not synced. FALSE and *error (ERROR_IO). */
gboolean witness_retract(struct witness *witness, GError **error);

/* Returns when what was appended before the call is on the disk. *last_r: up to which record. ERROR_IO. */
gboolean witness_sync(struct witness *witness, guint64 *last_r, GError **error);

/* Says that the ledger is on its disk, too, up to that record; once is enough. ERROR_IO. */
gboolean witness_settle(struct witness *witness, guint64 sequence, GError **error);

/* The next record begins a new file of the chain. */
void witness_turn(struct witness *witness);

/* Removes the files that end at or before that sequence number. Failing is no harm. */
void witness_prune(struct witness *witness, guint64 sequence);

#endif
