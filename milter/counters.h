/*
 * counters.h - what the milter counts of its own work, in Prometheus' text form: decisions by reason, signatures by
 * algorithm, times.
 *
 * Threads: any may count; reading sees each number whole.
 */
#ifndef POSTWELLE_MILTER_COUNTERS_H
#define POSTWELLE_MILTER_COUNTERS_H

#include "lib/metrics.h"
#include "milter/verdict.h"

#define COUNTERS_REASONS 24

struct counters {
    gint64 started; /* seconds since 1970 */
    guint64 decisions[VERDICT_TEMPFAIL + 1][COUNTERS_REASONS];
    guint64 rsa, ed25519; /* signatures */
    guint64 reloads, failed_reloads;
    gint connections; /* of Postfix, now; atomic */
    struct metrics_histogram times; /* of ends of message */
};

/* One mail was decided. reason is verdict.h's; one that is not known here counts as "other". */
void counters_decision(struct counters *counters, enum verdict_action action, const char *reason, gint64 microseconds);

/* The DKIM-Signature fields of a mail (char *), told apart by their a= tag. */
void counters_signatures(struct counters *counters, const GPtrArray *fields);

void counters_write(GString *out, const struct counters *counters);

#endif
