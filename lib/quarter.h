/*
 * quarter.h - the period in which a participant gets at most one invitation, in the client's time zone.
 *
 * Every instant lies in exactly one calendar quarter of a zone, also where midnight of its first day does not exist (a
 * clock change). The zone is an argument: nothing here reads TZ, so any thread may ask for any client.
 */
#ifndef POSTWELLE_LIB_QUARTER_H
#define POSTWELLE_LIB_QUARTER_H

#include <glib.h>

#define QUARTER_LABEL_SIZE 8 /* "2026Q4" and its NUL, with room for a sign */

/* A client's cap: a calendar quarter, or the last `days` days. */
struct cap_period {
    guint rolling_days; /* 0: calendar quarters */
};

#define CAP_ROLLING_DAYS_MAX 3660

/*
 * Reads "calendar-quarter" or "rolling Nd" (N from 1 to CAP_ROLLING_DAYS_MAX). FALSE and *error (ERROR_CONFIG) for
 * anything else.
 */
gboolean cap_period_parse(const char *text, struct cap_period *period_r, GError **error);

/*
 * Writes the label of the calendar quarter in which `when` (seconds since 1970) lies in that zone: "2026Q4". Years 1 to
 * 9999; a time outside them is a bug of the caller and ends the program.
 */
void quarter_label(gint64 when, GTimeZone *zone, char label_r[QUARTER_LABEL_SIZE]);

/* The first second of the calendar quarter after the one in which `when` lies. Years 1 to 9998. */
gint64 quarter_end(gint64 when, GTimeZone *zone);

#endif
