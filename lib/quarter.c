/* quarter.c - calendar quarters and rolling periods; see quarter.h. */
#include "lib/quarter.h"

#include "lib/error.h"

#include <string.h>

#define QUARTER_SECONDS_MAX (94 * 86400) /* the longest has 92 days and a few hours of clock changes */

gboolean cap_period_parse(const char *text, struct cap_period *period_r, GError **error)
{
    static const char rolling[] = "rolling ";
    if (strcmp(text, "calendar-quarter") == 0) {
        period_r->rolling_days = 0;
        return TRUE;
    }
    size_t length = strlen(text);
    if (g_str_has_prefix(text, rolling) && length > strlen(rolling) && text[length - 1] == 'd') {
        g_autofree char *number = g_strndup(text + strlen(rolling), length - strlen(rolling) - 1);
        guint64 days;
        if (g_ascii_string_to_unsigned(number, 10, 1, CAP_ROLLING_DAYS_MAX, &days, NULL)) {
            period_r->rolling_days = (guint)days;
            return TRUE;
        }
    }
    return error_set(error, ERROR_CONFIG,
                     "\"%s\" is no period; write calendar-quarter, or rolling Nd with 1 to %d days", text,
                     CAP_ROLLING_DAYS_MAX);
}

static GDateTime *local_time(gint64 when, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    GDateTime *local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
    if (local == NULL)
        g_error("no calendar date for %" G_GINT64_FORMAT, when);
    return local;
}

static int quarter_of(GDateTime *local)
{
    return (g_date_time_get_month(local) + 2) / 3;
}

void quarter_label(gint64 when, GTimeZone *zone, char label_r[QUARTER_LABEL_SIZE])
{
    g_autoptr(GDateTime) local = local_time(when, zone);
    g_snprintf(label_r, QUARTER_LABEL_SIZE, "%04dQ%d", g_date_time_get_year(local), quarter_of(local));
}

/* Is it in a later quarter than the one that ends in that year and month? */
static gboolean is_after(gint64 when, GTimeZone *zone, int year, int quarter)
{
    g_autoptr(GDateTime) local = local_time(when, zone);
    return g_date_time_get_year(local) != year ? g_date_time_get_year(local) > year : quarter_of(local) > quarter;
}

/* Whatever a clock change does to that midnight: the second before is in the quarter, the second itself is not. */
gint64 quarter_end(gint64 when, GTimeZone *zone)
{
    g_autoptr(GDateTime) local = local_time(when, zone);
    int year = g_date_time_get_year(local), quarter = quarter_of(local);
    gint64 within = when, after = when + QUARTER_SECONDS_MAX;
    g_autoptr(GDateTime) midnight = quarter < 4 ? g_date_time_new(zone, year, quarter * 3 + 1, 1, 0, 0, 0)
                                                : g_date_time_new(zone, year + 1, 1, 1, 0, 0, 0);
    gint64 likely = g_date_time_to_unix(midnight);
    if (is_after(likely, zone, year, quarter) && !is_after(likely - 1, zone, year, quarter))
        return likely;
    while (after - within > 1) {
        gint64 middle = within + (after - within) / 2;
        *(is_after(middle, zone, year, quarter) ? &after : &within) = middle;
    }
    return after;
}
