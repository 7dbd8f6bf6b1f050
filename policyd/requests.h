/*
 * requests.h - the table of requests: name, sockets, attributes, handler; and how a handler's failure is answered.
 *
 * Thread rule: the ledger's.
 */
#ifndef POSTWELLE_POLICYD_REQUESTS_H
#define POSTWELLE_POLICYD_REQUESTS_H

#include "policyd/ledger.h"

/* Sockets, as bits. */
enum socket_level {
    LEVEL_POLICY = 1,  /* Postfix */
    LEVEL_RESERVE = 2, /* the milter */
    LEVEL_CONTROL = 4, /* the command */
    LEVEL_FEEDBACK = 8, /* who takes what strangers send: bounces, wishes to be left alone */
    LEVEL_STATUS = 32,  /* who may see numbers, and change nothing: the status page */
    LEVEL_SOCKMAP = 16, /* Postfix on the first one's socket, in the other protocol it has (sockmap.h) */
};

struct request_type {
    const char *name;
    unsigned levels;        /* where it may come from */
    gboolean writes;        /* it needs a batch, and is answered when that is on the disk */
    const char *attributes; /* the names it knows, between blanks; "a." and "recipient." stand for all that begin so */
    request_handler *handler;
};

/*
 * Finds the type of a parsed request that came over a socket of that level. NULL and *error (ERROR_DATA) where the name
 * is missing, unknown or not for that socket.
 */
const struct request_type *request_type_find(const struct attributes *in, unsigned level, GError **error);

/* Types are numbered from 0, without a gap; and the name of one, NULL behind the last. For counting them. */
size_t request_type_index(const struct request_type *type);
const char *request_type_name(size_t index);

enum request_result {
    REQUEST_ANSWERED,
    REQUEST_FAILED, /* in the store: *error is set, nothing is in `out`; abort the batch */
};

/* Runs it. What is refused or wrong is answered here. */
enum request_result request_run(const struct request_type *type, struct request *request, GError **error);

/* Appends the answer `temporary` as that socket's peer expects it. */
void request_answer_temporary(GString *out, unsigned level, const char *reason);

/* Appends the answer `error`. Not for what Postfix asks. */
void request_answer_error(GString *out, const GError *error);

#endif
