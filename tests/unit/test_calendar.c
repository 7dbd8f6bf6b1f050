/* test_calendar.c - public holidays, hours, weekdays; over clock changes and the ends of years. */
#include "importer/calendar.h"

#include "lib/error.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *holidays;
    const char *day;
    const char *name; /* NULL: a working day */
} day_cases[] = {
    {"DE", "2026-01-01", "Neujahr"},
    {"DE", "2026-01-06", NULL},
    {"DE-BY", "2026-01-06", "Heilige Drei Könige"},
    {"DE-ST", "2026-01-06", "Heilige Drei Könige"},
    {"DE-BE", "2026-03-08", "Internationaler Frauentag"},
    {"DE-BB", "2026-03-08", NULL},
    {"DE", "2024-03-29", "Karfreitag"},
    {"DE", "2024-04-01", "Ostermontag"},
    {"DE-BB", "2024-03-31", "Ostersonntag"},
    {"DE", "2025-04-18", "Karfreitag"},
    {"DE", "2025-04-21", "Ostermontag"},
    {"DE", "2026-04-03", "Karfreitag"},
    {"DE", "2026-05-14", "Christi Himmelfahrt"},
    {"DE", "2026-05-25", "Pfingstmontag"},
    {"DE", "2038-04-26", "Ostermontag"}, /* the latest there is */
    {"DE", "2285-03-23", "Ostermontag"}, /* the earliest */
    {"DE-NW", "2026-06-04", "Fronleichnam"},
    {"DE-HE", "2026-06-04", "Fronleichnam"},
    {"DE-SN", "2026-06-04", NULL},
    {"DE-SL", "2026-08-15", "Mariä Himmelfahrt"},
    {"DE-TH", "2026-09-20", "Weltkindertag"},
    {"DE-HH", "2026-10-31", "Reformationstag"},
    {"DE-BY", "2026-10-31", NULL},
    {"DE", "2026-10-31", NULL},
    {"DE-NW", "2026-11-01", "Allerheiligen"},
    {"DE-SN", "2026-11-18", "Buß- und Bettag"},
    {"DE-SN", "2023-11-22", "Buß- und Bettag"},
    {"DE-SN", "2027-11-17", "Buß- und Bettag"},
    {"DE-SN", "2026-11-25", NULL},
    {"DE", "2026-12-24", NULL},
    {"de-by,2026-12-24", "2026-12-24", "listed"},
    {"DE-BY,DE-HH", "2026-10-31", "Reformationstag"},
    {"DE-BY,DE-HH", "2026-11-01", "Allerheiligen"},
    {"2028-02-29", "2028-02-29", "listed"},
    {"2026-12-24", "2026-12-25", NULL},
};

static gboolean read_words(gboolean (*read)(const char *const *, struct calendar *, GError **), const char *text,
                           struct calendar *calendar, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    return read((const char *const *)words, calendar, error);
}

static void test_days(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(day_cases); i++) {
        g_autoptr(GError) error = NULL;
        struct calendar calendar = {0};
        int year, month, day;
        g_test_message("%s %s", day_cases[i].holidays, day_cases[i].day);
        g_assert_true(read_words(calendar_holidays, day_cases[i].holidays, &calendar, &error));
        g_assert_cmpint(sscanf(day_cases[i].day, "%d-%d-%d", &year, &month, &day), ==, 3);
        g_assert_cmpstr(calendar_holiday(&calendar, year, month, day), ==, day_cases[i].name);
    }
}

/* Each of the sixteen has as many public holidays as its law says, Sundays of its own among them. */
static void test_counts(void)
{
    static const struct {
        const char *state;
        int days;
    } states[] = {{"DE", 9},     {"DE-BW", 12}, {"DE-BY", 13}, {"DE-BE", 10}, {"DE-BB", 12}, {"DE-HB", 10},
                  {"DE-HH", 10}, {"DE-HE", 10}, {"DE-MV", 11}, {"DE-NI", 10}, {"DE-NW", 11}, {"DE-RP", 11},
                  {"DE-SL", 12}, {"DE-SN", 11}, {"DE-ST", 11}, {"DE-SH", 10}, {"DE-TH", 11}};
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        struct calendar calendar = {0};
        int days = 0;
        g_test_message("%s", states[i].state);
        g_assert_true(read_words(calendar_holidays, states[i].state, &calendar, NULL));
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++)
                days += calendar_holiday(&calendar, 2026, month, day) != NULL;
        g_assert_cmpint(days, ==, states[i].days);
    }
}

static const struct {
    const char *name;
    gboolean (*read)(const char *const *, struct calendar *, GError **);
    const char *text;
    const char *message; /* NULL: fine */
} word_cases[] = {
    {"hours", calendar_hours, "9:00-17:30", NULL},
    {"two stretches", calendar_hours, "09:00-12:00,13:00-24:00", NULL},
    {"backwards", calendar_hours, "17:00-9:00", "must end after"},
    {"overlapping", calendar_hours, "9:00-12:00,11:00-13:00", "begin after"},
    {"too late", calendar_hours, "9:00-24:01", "24:00"},
    {"no minutes", calendar_hours, "9-17", "\"9-17\""},
    {"more behind", calendar_hours, "9:00-17:00 Uhr", "Uhr"},
    {"minute 60", calendar_hours, "9:60-17:00", "9:60"},
    {"nine stretches", calendar_hours,
     "0:00-0:01,1:00-1:01,2:00-2:01,3:00-3:01,4:00-4:01,5:00-5:01,6:00-6:01,7:00-7:01,8:00-8:01", "more than 8"},
    {"weekdays", calendar_weekdays, "mon-fri,sun", NULL},
    {"German", calendar_weekdays, "Mo-Fr", NULL},
    {"over Sunday", calendar_weekdays, "sat-tue", NULL},
    {"word", calendar_weekdays, "workdays", "workdays"},
    {"half a range", calendar_weekdays, "mon-", "\"mon-\""},
    {"no such state", calendar_holidays, "DE-XX", "DE-XX"},
    {"no such day", calendar_holidays, "2026-02-30", "2026-02-30"},
    {"another country", calendar_holidays, "AT", "\"AT\""},
    {"time behind", calendar_holidays, "2026-12-24 12:00", "12:00"},
};

static void test_words(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(word_cases); i++) {
        g_autoptr(GError) error = NULL;
        struct calendar calendar = {0};
        g_test_message("%s", word_cases[i].name);
        gboolean good = read_words(word_cases[i].read, word_cases[i].text, &calendar, &error);
        g_assert_cmpint(good, ==, word_cases[i].message == NULL);
        if (!good)
            g_assert_nonnull(strstr(error->message, word_cases[i].message));
        if (!good)
            g_assert_cmpint(error_exit_status(error), ==, ERROR_CONFIG);
    }
}

/* "2026-11-23 09:00" in the zone. */
static gint64 at(GTimeZone *zone, const char *text)
{
    int year, month, day, hour, minute;
    g_assert_cmpint(sscanf(text, "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute), ==, 5);
    g_autoptr(GDateTime) time = g_date_time_new(zone, year, month, day, hour, minute, 0);
    return g_date_time_to_unix(time);
}

static const struct {
    const char *name;
    const char *zone, *hours, *weekdays, *holidays;
    const char *when, *next;
    const char *until; /* NULL: never; of `next` */
} next_cases[] = {
    {"always", "Europe/Berlin", "", "", "", "2026-11-23 03:00", "2026-11-23 03:00", NULL},
    {"inside", "Europe/Berlin", "9:00-17:00", "", "", "2026-11-23 09:00", "2026-11-23 09:00", "2026-11-23 17:00"},
    {"before", "Europe/Berlin", "9:00-17:00", "", "", "2026-11-23 08:59", "2026-11-23 09:00", "2026-11-23 17:00"},
    {"at the end", "Europe/Berlin", "9:00-17:00", "", "", "2026-11-23 17:00", "2026-11-24 09:00", "2026-11-24 17:00"},
    {"at noon", "Europe/Berlin", "9:00-12:00,13:00-17:00", "", "", "2026-11-23 12:30", "2026-11-23 13:00",
     "2026-11-23 17:00"},
    {"weekend", "Europe/Berlin", "9:00-17:00", "mon-fri", "", "2026-11-20 18:00", "2026-11-23 09:00",
     "2026-11-23 17:00"},
    {"Friday and Monday are holidays", "Europe/Berlin", "9:00-17:00", "mon-fri", "DE", "2026-04-02 17:30",
     "2026-04-07 09:00", "2026-04-07 17:00"},
    {"end of the year", "Europe/Berlin", "9:00-17:00", "mon-fri", "DE", "2026-12-31 17:00", "2027-01-04 09:00",
     "2027-01-04 17:00"},
    {"Epiphany in Bavaria", "Europe/Berlin", "9:00-17:00", "mon-fri", "DE-BY", "2027-01-05 20:00", "2027-01-07 09:00",
     "2027-01-07 17:00"},
    {"whole days touch", "Europe/Berlin", "", "mon-fri", "", "2026-11-21 12:00", "2026-11-23 00:00",
     "2026-11-28 00:00"},
    {"to midnight, and from there", "Europe/Berlin", "0:00-6:00,20:00-24:00", "", "", "2026-11-23 12:00",
     "2026-11-23 20:00", "2026-11-24 06:00"},
    {"over the night that loses an hour", "Europe/Berlin", "9:00-17:00", "", "", "2026-03-28 17:00", "2026-03-29 09:00",
     "2026-03-29 17:00"},
    {"over the night that gains one", "Europe/Berlin", "9:00-17:00", "", "", "2026-10-24 17:00", "2026-10-25 09:00",
     "2026-10-25 17:00"},
    {"within the night that loses an hour", "Europe/Berlin", "1:00-4:00", "", "", "2026-03-29 01:30",
     "2026-03-29 01:30", "2026-03-29 04:00"},
    {"a day without midnight", "America/Asuncion", "", "sun", "", "2023-09-30 12:00", "2023-10-01 01:00",
     "2023-10-02 00:00"},
    {"another zone's day", "Pacific/Auckland", "9:00-17:00", "mon-fri", "", "2026-11-23 08:00", "2026-11-23 09:00",
     "2026-11-23 17:00"},
};

static void test_next(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(next_cases); i++) {
        struct calendar calendar = {0};
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(next_cases[i].zone);
        g_test_message("%s", next_cases[i].name);
        g_assert_true(read_words(calendar_hours, next_cases[i].hours, &calendar, NULL));
        g_assert_true(read_words(calendar_weekdays, next_cases[i].weekdays, &calendar, NULL));
        g_assert_true(read_words(calendar_holidays, next_cases[i].holidays, &calendar, NULL));
        gint64 when = at(zone, next_cases[i].when), next = at(zone, next_cases[i].next);
        g_assert_cmpint(calendar_next(&calendar, zone, when), ==, next);
        g_assert_cmpint(calendar_next(&calendar, zone, next), ==, next);
        gint64 until = next_cases[i].until != NULL ? at(zone, next_cases[i].until) : G_MAXINT64;
        g_assert_cmpint(calendar_until(&calendar, zone, next), ==, until);
        if (when < next)
            g_assert_cmpint(calendar_until(&calendar, zone, when), ==, when);
    }
}

/* The two hours from 2:00 to 3:00 of the night that has them twice are both inside. */
static void test_twice(void)
{
    struct calendar calendar = {0};
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    g_assert_true(read_words(calendar_hours, "1:00-4:00", &calendar, NULL));
    gint64 from = at(zone, "2026-10-25 01:00");
    g_assert_cmpint(calendar_until(&calendar, zone, from) - from, ==, 4 * 3600);
}

/* A calendar that has no day left says so. */
static void test_never(void)
{
    struct calendar calendar = {.weekdays = 1, .n_days = 0};
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    GDate monday;
    g_date_clear(&monday, 1);
    g_date_set_dmy(&monday, 23, G_DATE_NOVEMBER, 2026);
    for (; calendar.n_days < 120; g_date_add_days(&monday, 7))
        calendar.days[calendar.n_days++] =
            g_date_get_year(&monday) * 10000u + g_date_get_month(&monday) * 100u + g_date_get_day(&monday);
    g_assert_cmpint(calendar_next(&calendar, zone, at(zone, "2026-11-23 09:00")), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calendar/days", test_days);
    g_test_add_func("/calendar/counts", test_counts);
    g_test_add_func("/calendar/words", test_words);
    g_test_add_func("/calendar/next", test_next);
    g_test_add_func("/calendar/twice", test_twice);
    g_test_add_func("/calendar/never", test_never);
    return g_test_run();
}
