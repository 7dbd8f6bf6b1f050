/*
 * integrity.h - is the ledger in place the right one and the newest one? Opening it, and what a person can do where it
 * is not.
 *
 * The witness tells. Where ledger and witness do not agree, nothing is served until somebody says what to make of it:
 *
 *      integrity_replay()    the witness has more: it is brought back (after a crash of the disk, or over a backup)
 *      integrity_restored()  the witness is lost or damaged: the ledger is taken as it is
 *      integrity_load()      a dump is loaded into an empty ledger
 *
 * Each raises the epoch: attempts at mails that were given out before it are refused from then on, as nobody knows all
 * of them any more.
 *
 * All functions need the lock on the state folder. Thread rule: one thread.
 */
#ifndef POSTWELLE_POLICYD_INTEGRITY_H
#define POSTWELLE_POLICYD_INTEGRITY_H

#include "policyd/ledger.h"
#include "policyd/settings.h"

#include <stdio.h>

/* --- the rule ---------------------------------------------------------------------------------- */

struct integrity_facts {
    gboolean same;   /* ledger and witness are of one installation */
    gboolean backup; /* the ledger is a backup's copy */
    guint64 ledger;  /* its sequence number */
    guint64 last;    /* the witness's */
    guint64 settled; /* ... up to which the ledger was known to be on its disk */
};

enum integrity {
    INTEGRITY_GOOD,
    INTEGRITY_FINISH, /* good, but a crash came before the last record's transaction: nobody was answered; do it now */
    INTEGRITY_SKIP,   /* good, but the power failed before the last transaction's record: nobody was answered */
    INTEGRITY_OTHER,  /* another installation's ledger or witness */
    INTEGRITY_BACKUP,
    INTEGRITY_OLD,   /* the ledger has lost something, or is an older copy */
    INTEGRITY_AHEAD, /* the witness has lost something */
};

/* Pure; any thread. */
enum integrity integrity_judge(const struct integrity_facts *facts);

/* --- acting on it ------------------------------------------------------------------------------ */

/* Makes the secret (unless it is there), an empty ledger and its witness. */
gboolean integrity_init(const struct settings *settings, GError **error);

/*
 * Opens ledger and witness. Takes over the secret (also on failure), and a reference to clients. NULL and *error, whose
 * text says what a person has to do, where the ledger must not be served. *note_r (free with g_free(); may be NULL):
 * what was mended by itself, for the log.
 */
struct ledger *integrity_open(const struct settings *settings, struct secret *secret, struct client_set *clients,
                              char **note_r, GError **error);

/*
 * Brings back from the witness what the ledger lacks. A ledger that can't be opened is put aside and rebuilt, where the
 * witness goes back to the beginning; the imported lists are not in it. Says what it did on `out`.
 */
gboolean integrity_replay(const struct settings *settings, FILE *out, GError **error);

/* Takes the ledger as it is, and begins a new witness. ERROR_WANTING where the witness is whole and has more. */
gboolean integrity_restored(const struct settings *settings, FILE *out, GError **error);

/* Loads a dump (dump.h) into a ledger in which nothing was stored yet. All or nothing. */
gboolean integrity_load(const struct settings *settings, const char *path, FILE *out, GError **error);

/* Writes the ledger as text. */
gboolean integrity_dump(const struct settings *settings, FILE *out, GError **error);

#endif
