/*
 * metrics.h - numbers for Prometheus, in its text form 0.0.4: families with HELP and TYPE, samples with labels,
 * histograms.
 *
 * Names and units follow its conventions: postwelle_PROGRAM_WHAT, _total for what only grows, seconds and bytes. A
 * family's samples come right behind it, and each family is written once.
 *
 * Any thread; struct metrics_histogram may be added to by many threads at once.
 */
#ifndef POSTWELLE_LIB_METRICS_H
#define POSTWELLE_LIB_METRICS_H

#include <glib.h>

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* "# HELP NAME TEXT" and "# TYPE NAME TYPE". help: one sentence. */
void metrics_family(GString *out, const char *name, enum metrics_type type, const char *help);

/* A sample: its labels' names and values in turn, ended by NULL. Any UTF-8 is good in a value. */
void metrics_number(GString *out, const char *name, guint64 value, ...) G_GNUC_NULL_TERMINATED;
void metrics_seconds(GString *out, const char *name, double value, ...) G_GNUC_NULL_TERMINATED;

/* A family of one sample without labels. */
void metrics_single(GString *out, const char *name, enum metrics_type type, const char *help, guint64 value);

/* --- how long something took --- */

#define METRICS_BUCKETS 12 /* bounds from 0.5 ms to 2.5 s; all above them is +Inf */

struct metrics_histogram {
    guint64 counts[METRICS_BUCKETS + 1]; /* of each bucket alone; atomic */
    guint64 microseconds;                /* atomic: the sum */
};

void metrics_observe(struct metrics_histogram *histogram, gint64 microseconds);

/* The family, with _bucket, _sum and _count. */
void metrics_histogram(GString *out, const char *name, const char *help, const struct metrics_histogram *histogram);

/* A counter that many threads add to. */
void metrics_add(guint64 *counter, guint64 more);
guint64 metrics_get(const guint64 *counter);

#endif
