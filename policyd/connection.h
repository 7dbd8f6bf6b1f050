/*
 * connection.h - one peer: its octets in, its answers out, in the order of its requests.
 *
 * An answer is sent at once, or held until the batch that it depends on is on the disk. There are two batches at a time
 * at most: one being flushed, one being built; a connection holds text for each. An answer that needs no disk but comes
 * after a held one is held behind it.
 *
 * Memory is bounded: a request by its socket's limits, answers by not reading on while a peer does not take them.
 *
 * Thread rule: the event loop's, but for connection_deliver().
 */
#ifndef POSTWELLE_POLICYD_CONNECTION_H
#define POSTWELLE_POLICYD_CONNECTION_H

#include "lib/policy.h"
#include "policyd/ledger.h"
#include "policyd/listener.h"

struct event_base;
struct connection;

/* What a connection asks of whoever keeps it. cookie is the keeper's. */
struct connection_keeper {
    /* A whole, parsed request; answer with the functions below. */
    void (*request)(void *cookie, struct connection *connection, const struct attributes *in);
    /* It broke the form of the protocol; it closes by itself. */
    void (*broken)(void *cookie, struct connection *connection, const GError *error);
    /*
     * It has answers to send: call connection_settle(), at the latest when the round of the loop is over. Once until
     * then.
     */
    void (*unsent)(void *cookie, struct connection *connection);
    /* It is closed; called once, the struct lives on while the keeper refers to it. */
    void (*closed)(void *cookie, struct connection *connection);
    void *cookie;
};

/*
 * Takes over the descriptor and the session. idle: seconds of silence after which it is closed. Begins with one
 * reference.
 */
struct connection *connection_new(struct event_base *base, int fd, unsigned level, const struct peer *peer,
                                  struct session *session, guint idle, const struct connection_keeper *keeper);
void connection_ref(struct connection *connection);
void connection_unref(struct connection *connection);

/* Closes now; what is not sent is lost. */
void connection_close(struct connection *connection);

unsigned connection_level(const struct connection *connection);
const struct peer *connection_peer(const struct connection *connection);
struct session *connection_session(const struct connection *connection);
gboolean connection_is_closed(const struct connection *connection);

/*
 * Where the answer of a request goes that depends on the batch being built (`held`), or on nothing. Append to it, then
 * call connection_answered() with the same argument. *first_r: the connection had nothing in that batch so far.
 */
GString *connection_answer(struct connection *connection, gboolean held, gboolean *first_r);
void connection_answered(struct connection *connection, gboolean held);

/*
 * Sends what is to be sent, and goes on with what waits for that. At the end of a round, so that whoever waits for an
 * answer does not get the processor, answer by answer, before all questions of the round are through.
 */
void connection_settle(struct connection *connection);

/* The batch being built goes to the disk. */
void connection_batch_submit(struct connection *connection);

/* It has answers in the batch at the disk. */
gboolean connection_at_disk(const struct connection *connection);

/*
 * The batch at the disk is durable: its answers go out, as far as the peer takes them at once. In the thread that made
 * it durable, between connection_batch_submit() and connection_batch_done().
 */
void connection_deliver(struct connection *connection);

/* Likewise in the loop: what is left goes out. */
void connection_batch_done(struct connection *connection);

/* The batch being built is lost: each of its answers is replaced by `text`. */
void connection_batch_lost(struct connection *connection, const char *text);

#endif
