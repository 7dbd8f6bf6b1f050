/* quarter.c - calendar quarters and rolling periods; see quarter.h. */
#include "lib/quarter.h"

#include "lib/error.h"

#include <string.h>

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
    return error_set(error, ERROR_CONFIG, "\"%s\" is no period; write calendar-quarter, or rolling Nd with 1 to %d days",
                     text, CAP_ROLLING_DAYS_MAX);
}

void quarter_label(gint64 when, GTimeZone *zone, char label_r[QUARTER_LABEL_SIZE])
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
    if (local == NULL)
        g_error("no calendar date for %" G_GINT64_FORMAT, when);
    int quarter = (g_date_time_get_month(local) + 2) / 3;
    g_snprintf(label_r, QUARTER_LABEL_SIZE, "%04dQ%d", g_date_time_get_year(local), quarter);
}
