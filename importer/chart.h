/*
 * chart.h - charts as inline SVG: no script, no style of its own, nothing loaded; each part has its text as a tooltip
 * and for screen readers.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_CHART_H
#define POSTWELLE_IMPORTER_CHART_H

#include <glib.h>

struct chart_part {
    guint64 value;
    const char *color; /* "#1f7a4d" */
    const char *label; /* "sent: 1,234" */
};

/* A ring of the parts' shares, with two lines of text in its middle. title is what the chart shows. */
void chart_ring(GString *out, const char *title, const struct chart_part *parts, size_t count, const char *large,
                const char *small);

/* One bar in which the parts follow one another; `whole` (at least their sum) is its full width. */
void chart_bar(GString *out, const char *title, const struct chart_part *parts, size_t count, guint64 whole);

#endif
