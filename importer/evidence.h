/*
 * evidence.h - what Postfix's queue tells about mails of which nobody said whether they were queued (doc/DESIGN.md
 * §4.6).
 *
 * `postqueue -j` looks through the queue's folders one after the other, so it can miss a mail that is being moved, and
 * never shows what cleanup(8) has not finished: so it is asked three times, and root also looks at the files
 * themselves.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_EVIDENCE_H
#define POSTWELLE_IMPORTER_EVIDENCE_H

#include "importer/stop.h"

#define EVIDENCE_LISTINGS 3  /* policyd asks for as many */
#define EVIDENCE_PAUSE 2000  /* milliseconds between two listings */

/* PROTOCOL's words for what was found of cleanup(8)'s file. */
enum evidence_file { EVIDENCE_UNSEEN, EVIDENCE_NONE, EVIDENCE_WRITING, EVIDENCE_LEFT };

const char *evidence_file_word(enum evidence_file file);

/* What was found of one queue ID. */
struct evidence_mail {
    gboolean listed;
    guint absent; /* listings in a row that did not show it */
    enum evidence_file file;
    guint seen;   /* the listing that showed it last; for the use of evidence.c */
};

struct evidence {
    GHashTable *mails;     /* queue ID -> struct evidence_mail: what is asked for, with what was found */
    gint64 began, looked;  /* seconds since 1970: when the first listing began; the second after the last one began */
    gint64 postfix_since;  /* when Postfix was started; 0: it does not run */
    gint64 daemon_timeout; /* seconds */
};

void evidence_init(struct evidence *evidence);
void evidence_release(struct evidence *evidence);
void evidence_add(struct evidence *evidence, const char *queue_id);

/*
 * For root: looks for the files of all that were added, and at nothing else; config as below. FALSE with *error
 * (ERROR_UNAVAILABLE) where Postfix's commands fail.
 */
gboolean evidence_look(struct evidence *evidence, const char *config, GError **error);

/*
 * What it found of a mail, in a word for another process ("complete" or evidence_file_word()), and that word taken
 * over.
 */
const char *evidence_seen(const struct evidence_mail *mail);
void evidence_take(struct evidence_mail *mail, const char *seen);

/*
 * Looks for all that were added. config: Postfix's folder of settings. Takes EVIDENCE_LISTINGS times the time of
 * `postqueue -j` and the pauses; a signal to `stop` (may be NULL) cuts it short. FALSE with *error (ERROR_UNAVAILABLE)
 * where Postfix's commands fail.
 */
gboolean evidence_collect(struct evidence *evidence, const char *config, struct stop *stop, GError **error);

/* Looks for them once in `postqueue -j`, and at nothing else. */
gboolean evidence_list(struct evidence *evidence, const char *config, GError **error);

/* One line of `postqueue -j`: its queue ID, or NULL where the line is none. Free with g_free(). Pure. */
char *evidence_line_queue_id(const char *line, size_t size);

#endif
