/* metrics.c - Prometheus' text form; see metrics.h. */
#include "lib/metrics.h"


/* --- text --- */

static void append_escaped(GString *out, const char *text, gboolean quotes)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *c = valid; *c != '\0'; c++)
        if (*c == '\\')
            g_string_append(out, "\\\\");
        else if (*c == '\n')
            g_string_append(out, "\\n");
        else if (*c == '"' && quotes)
            g_string_append(out, "\\\"");
        else
            g_string_append_c(out, *c);
}

void metrics_family(GString *out, const char *name, enum metrics_type type, const char *help)
{
    static const char *const types[] = {
        [METRICS_COUNTER] = "counter", [METRICS_GAUGE] = "gauge", [METRICS_HISTOGRAM] = "histogram"};
    g_string_append_printf(out, "# HELP %s ", name);
    append_escaped(out, help, FALSE);
    g_string_append_printf(out, "\n# TYPE %s %s\n", name, types[type]);
}

static void append_labels(GString *out, va_list args)
{
    char before = '{';
    for (const char *name = va_arg(args, const char *); name != NULL; name = va_arg(args, const char *)) {
        g_string_append_printf(out, "%c%s=\"", before, name);
        append_escaped(out, va_arg(args, const char *), TRUE);
        g_string_append_c(out, '"');
        before = ',';
    }
    if (before == ',')
        g_string_append_c(out, '}');
}

/* Whatever the locale. */
static void append_double(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, g_ascii_formatd(text, sizeof text, "%.9g", value));
}

void metrics_number(GString *out, const char *name, guint64 value, ...)
{
    va_list args;
    va_start(args, value);
    g_string_append(out, name);
    append_labels(out, args);
    va_end(args);
    g_string_append_printf(out, " %" G_GUINT64_FORMAT "\n", value);
}

void metrics_seconds(GString *out, const char *name, double value, ...)
{
    va_list args;
    va_start(args, value);
    g_string_append(out, name);
    append_labels(out, args);
    va_end(args);
    g_string_append_c(out, ' ');
    append_double(out, value);
    g_string_append_c(out, '\n');
}

void metrics_single(GString *out, const char *name, enum metrics_type type, const char *help, guint64 value)
{
    metrics_family(out, name, type, help);
    metrics_number(out, name, value, NULL);
}

/* --- numbers --- */

void metrics_add(guint64 *counter, guint64 more)
{
    __atomic_fetch_add(counter, more, __ATOMIC_RELAXED);
}

guint64 metrics_get(const guint64 *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static const gint64 bounds[METRICS_BUCKETS] = {500,    1000,   2500,   5000,   10000,   25000,
                                               50000, 100000, 250000, 500000, 1000000, 2500000}; /* microseconds */

void metrics_observe(struct metrics_histogram *histogram, gint64 microseconds)
{
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS && microseconds > bounds[bucket])
        bucket++;
    metrics_add(&histogram->counts[bucket], 1);
    metrics_add(&histogram->microseconds, (guint64)MAX(microseconds, 0));
}

/* Prometheus counts in each bucket all that is below its bound. */
void metrics_histogram(GString *out, const char *name, const char *help, const struct metrics_histogram *histogram)
{
    g_autofree char *bucket_name = g_strconcat(name, "_bucket", NULL);
    g_autofree char *sum_name = g_strconcat(name, "_sum", NULL), *count_name = g_strconcat(name, "_count", NULL);
    guint64 count = 0;
    metrics_family(out, name, METRICS_HISTOGRAM, help);
    for (size_t bucket = 0; bucket < METRICS_BUCKETS; bucket++) {
        char bound[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(bound, sizeof bound, "%.9g", (double)bounds[bucket] / 1e6);
        count += metrics_get(&histogram->counts[bucket]);
        metrics_number(out, bucket_name, count, "le", bound, NULL);
    }
    count += metrics_get(&histogram->counts[METRICS_BUCKETS]);
    metrics_number(out, bucket_name, count, "le", "+Inf", NULL);
    metrics_seconds(out, sum_name, (double)metrics_get(&histogram->microseconds) / 1e6, NULL);
    metrics_number(out, count_name, count, NULL);
}
