/*
 * calendar.h - when first attempts may be made: hours, weekdays and holidays on the client's wall. Pure: clock and zone
 * are arguments.
 *
 * The public holidays of the German states are computed (those in force since 2023; where a holiday is one in parts of
 * a state only, it counts in Bavaria and nowhere else); all others are listed. A calendar of zeros is always open. Any
 * thread.
 */
#ifndef POSTWELLE_IMPORTER_CALENDAR_H
#define POSTWELLE_IMPORTER_CALENDAR_H

#include <glib.h>

#define CALENDAR_HOURS_MAX 8  /* stretches of a day */
#define CALENDAR_DAYS_MAX 200 /* days that are listed */

struct calendar {
    guint8 weekdays; /* bit 0 is Monday; 0: all */
    size_t n_hours;  /* 0: the whole day */
    struct {
        guint16 from, to; /* minutes after midnight; to is the first that is outside, at most 24 * 60 */
    } hours[CALENDAR_HOURS_MAX]; /* in order, not overlapping */
    guint32 states; /* whose public holidays count: bits of calendar.c; 0: nobody's */
    size_t n_days;
    guint32 days[CALENDAR_DAYS_MAX]; /* holidays as numbers: 20261224 */
};

/*
 * Read the words of an option (NULL-terminated) into the calendar: "9:00-12:00", "14:00-17:30"; "mon-fri", "sun"
 * (German words, too: "mo-fr"); "DE" (holidays of all states), "DE-BY" (a state's, by ISO 3166-2), "2026-12-24". No
 * words: no restriction. FALSE and *error (ERROR_CONFIG) for anything else.
 */
gboolean calendar_hours(const char *const *words, struct calendar *calendar, GError **error);
gboolean calendar_weekdays(const char *const *words, struct calendar *calendar, GError **error);
gboolean calendar_holidays(const char *const *words, struct calendar *calendar, GError **error);

/* The name of the holiday that the calendar knows on that day; NULL where there is none. Static. */
const char *calendar_holiday(const struct calendar *calendar, int year, int month, int day);

/* `when` where it is open then, else when it opens next; 0 where it does not open within two years. */
gint64 calendar_next(const struct calendar *calendar, GTimeZone *zone, gint64 when);

/* Open at `when`: when it closes; G_MAXINT64 where it does not within two years. Closed: `when`. */
gint64 calendar_until(const struct calendar *calendar, GTimeZone *zone, gint64 when);

#endif
