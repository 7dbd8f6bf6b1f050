/*
 * counters.h - what policyd counts of its own work, for `metrics`.
 *
 * Thread rule: the event loop's.
 */
#ifndef POSTWELLE_POLICYD_COUNTERS_H
#define POSTWELLE_POLICYD_COUNTERS_H

#include "lib/metrics.h"

#define COUNTERS_REQUESTS 96 /* kinds of requests: requests.c has fewer */
#define COUNTERS_SOCKETS 5

/* How a request was answered. */
enum counted_answer {
    ANSWERED_OK,
    ANSWERED_REFUSED,
    ANSWERED_ERROR,
    ANSWERED_TEMPORARY,
    ANSWERED_DUNNO, /* to Postfix, at RCPT: nothing against it */
    ANSWERED_REJECT,
    ANSWERED_DEFER,
    ANSWERED_OTHER,
    COUNTED_ANSWERS
};

/* Why one was answered "temporary" before it was looked at, or its batch was lost. */
enum counted_trouble {
    TROUBLE_STOPPING,
    TROUBLE_DISK,    /* too little is free */
    TROUBLE_PENDING, /* too many wait for the disk */
    TROUBLE_READ,    /* the ledger could not be read */
    TROUBLE_WRITE,   /* or written */
    COUNTED_TROUBLES
};

struct counters {
    const char *ledger, *witness; /* folders */
    gint64 started;               /* seconds since 1970 */
    guint64 answers[COUNTERS_REQUESTS][COUNTED_ANSWERS];
    guint64 troubles[COUNTED_TROUBLES];
    struct {
        const char *name;
        guint open;
    } sockets[COUNTERS_SOCKETS]; /* connections; a name that is NULL ends them */
    struct metrics_histogram commits; /* from the batch's end to its being on the disk */
    guint64 committed;                /* requests in them */
};

/* What an answer says, by its octets (PROTOCOL, or sockmap.h's form). */
enum counted_answer counted_answer_of(const char *answer);

/*
 * Appends all that can be said without the ledger. `request_name` tells the name of a kind by its index; NULL behind
 * the last one.
 */
void counters_append(GString *out, const struct counters *counters, const char *(*request_name)(size_t index));

#endif
