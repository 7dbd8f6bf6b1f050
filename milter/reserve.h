/*
 * reserve.h - asks policyd for the slots of a message, and takes the question back (doc/PROTOCOL.md §4).
 *
 * Connections are kept open and shared by all threads. A kept connection that turns out closed (policyd was restarted)
 * costs one try on a new one, which is safe: the same queue ID may ask as often as it likes. A time-out, a new
 * connection that breaks, or an answer that can't be read is doubt; the caller then cancels and answers 451.
 *
 * Waiting for an answer takes at most twice the pool's time-out, and so does a cancel.
 */
#ifndef POSTWELLE_MILTER_RESERVE_H
#define POSTWELLE_MILTER_RESERVE_H

#include "milter/verdict.h"

#include <glib.h>

#define RESERVE_IDLE_MAX 64 /* connections kept open */

struct reserve_pool;

/* path: policyd's reserve socket; nothing is connected yet. */
struct reserve_pool *reserve_pool_new(const char *path, guint timeout_ms);
guint reserve_pool_idle(struct reserve_pool *pool); /* connections that are kept now; any thread */
void reserve_pool_free(struct reserve_pool *pool); /* when no thread uses it any more; NULL is fine */

struct reserve_question {
    const char *queue_id;
    const char *sender;      /* without <>; "" is the null sender */
    const char *from_domain; /* A-labels, lower case */
    const char *message_id;  /* with <> */
    const char *const *recipients;
    size_t recipient_count;
};

/* The question as it goes to policyd. deadline_ms: milliseconds since 1970 after which policyd must not reserve. */
void reserve_request(GString *request, const struct reserve_question *question, gint64 deadline_ms);

/* A question under way, of one thread. */
struct reserve_asking;

/*
 * Asks, ahead of reserve_end(), where a kept connection is at hand: it does not wait. The question's texts are borrowed
 * until the end. Never NULL; to be ended by one of the two below.
 */
struct reserve_asking *reserve_begin(struct reserve_pool *pool, const struct reserve_question *question);

/*
 * Waits for the answer, and asks before that where it was not possible yet. *answer_r says how it ended; *error (may be
 * NULL) tells the log why where that is RESERVE_UNASKED or RESERVE_DOUBT: then reserve_cancel() it.
 */
void reserve_end(struct reserve_asking *asking, struct reserve_answer *answer_r, GError **error);

/* Nobody wants to know any more: if it was asked, it is cancelled as by reserve_cancel(). */
gboolean reserve_take_back(struct reserve_asking *asking, GError **error);

/*
 * Takes back what was or will be reserved for the queue ID, on a connection of its own. FALSE and *error: not
 * confirmed; policyd finds out by itself (DESIGN §4.6).
 */
gboolean reserve_cancel(struct reserve_pool *pool, const char *queue_id, GError **error);

#endif
