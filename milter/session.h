/*
 * session.h - one connection of Postfix: takes its mails one after the other through the steps of verdict.h.
 *
 * Knows nothing of the milter protocol: an engine (engine.h) hands in what arrives and carries out what is decided.
 *
 * Threads: a session belongs to one thread at a time; all sessions share one struct milter.
 */
#ifndef POSTWELLE_MILTER_SESSION_H
#define POSTWELLE_MILTER_SESSION_H

#include "lib/journal.h"
#include "milter/counters.h"
#include "milter/reserve.h"
#include "milter/snapshot.h"
#include "milter/turns.h"
#include "milter/verdict.h"

#include <glib.h>

/* What all sessions share; lives as long as the process. */
struct milter {
    struct journal journal;
    struct snapshot_box box;
    struct reserve_pool *pool;
    struct turns *turns; /* of the mails at their end */
    struct counters counters;
    guint signed_mails; /* atomic: for verify-sample */
    gint busy;          /* atomic: mails at their end */
    gint stopping;      /* atomic: TRUE after SIGTERM */
};

struct session;

/* What a session has done by whoever speaks to Postfix; user is theirs. */
struct session_host {
    /*
     * Inserts a header field above all others; may send it with the answer alone. FALSE: Postfix is gone, so that no
     * slot is to be reserved for its mail.
     */
    gboolean (*insert)(void *user, const char *name, const char *value);
};

struct session *session_new(struct milter *milter);
void session_free(struct session *session); /* ends a mail under way; NULL is fine */

/* MAIL: ends an earlier mail, begins a new one. */
void session_mail(struct session *session, const char *sender);

/*
 * RCPT, header field, end of header, piece of the body, in the order of a mail. Nothing fails here; nothing is done
 * where no mail has begun.
 */
void session_recipient(struct session *session, const char *recipient);
void session_field(struct session *session, const char *name, const char *value);
void session_end_header(struct session *session);
void session_body(struct session *session, const char *octets, size_t size);

/*
 * End of message: decides, signs, reserves, logs, and ends the mail. queue_id: macro i, or NULL. *verdict_r is what to
 * answer, never VERDICT_CONTINUE. Takes at most four times reserve-timeout: 16 s, where Postfix waits for 300
 * (milter_content_timeout), so it is not asked for more time.
 */
void session_end_message(struct session *session, const char *queue_id, const struct session_host *host, void *user,
                         struct verdict *verdict_r);

/* The mail was given up: nothing was reserved, as that is the last thing before the answer. */
void session_abort(struct session *session);

#endif
