/*
 * gather.h - how many requests one flush should carry. Pure.
 *
 * Who was just answered mostly asks again at once. If a flush takes longer than the loop needs for all who ask, they go
 * best in one batch: else they would be two halves for ever, each waiting for the flush of the other. If the loop needs
 * longer, two halves go best: while one is at the disk, the loop works on the other, and neither ever waits.
 */
#ifndef POSTWELLE_POLICYD_GATHER_H
#define POSTWELLE_POLICYD_GATHER_H

#include <glib.h>

#define GATHER_MAX 2000 /* microseconds that a batch waits at most for more */

/* What is known when a flush has ended. */
struct gather_facts {
    guint asking;        /* requests of the batch that was flushed, and of the one being built */
    gint64 flush_time;   /* microseconds that the flush took, its answers included */
    gint64 request_time; /* nanoseconds that the loop needs for a request, reading and look-ups included */
};

struct gather_plan {
    guint size;  /* requests that the batch being built waits for; 0: for none */
    gint64 wait; /* microseconds that it waits for them */
};

struct gather_plan gather_plan(const struct gather_facts *facts);

#endif
