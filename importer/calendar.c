/* calendar.c - hours, weekdays, holidays; see calendar.h. */
#include "importer/calendar.h"

#include "lib/error.h"

#include <stdio.h>
#include <string.h>

#define DAY_MINUTES (24 * 60)
#define DAYS_AHEAD 731

/* --- German public holidays ---------------------------------------------------------------------- */

enum { BW, BY, BE, BB, HB, HH, HE, MV, NI, NW, RP, SL, SN, ST, SH, TH, LAENDER };

static const char *const state_names[LAENDER] = {
    [BW] = "BW", [BY] = "BY", [BE] = "BE", [BB] = "BB", [HB] = "HB", [HH] = "HH", [HE] = "HE", [MV] = "MV",
    [NI] = "NI", [NW] = "NW", [RP] = "RP", [SL] = "SL", [SN] = "SN", [ST] = "ST", [SH] = "SH", [TH] = "TH"};

#define IN(state) (1u << (state))
#define ALL ((1u << LAENDER) - 1)
#define NATIONAL (1u << LAENDER) /* "DE": what is a holiday in all of them */

static const struct {
    const char *name;
    int month, day; /* month 0: days after Easter Sunday */
    guint32 states;
} holidays[] = {
    {"Neujahr", 1, 1, ALL},
    {"Heilige Drei Könige", 1, 6, IN(BW) | IN(BY) | IN(ST)},
    {"Internationaler Frauentag", 3, 8, IN(BE) | IN(MV)},
    {"Karfreitag", 0, -2, ALL},
    {"Ostersonntag", 0, 0, IN(BB)},
    {"Ostermontag", 0, 1, ALL},
    {"Tag der Arbeit", 5, 1, ALL},
    {"Christi Himmelfahrt", 0, 39, ALL},
    {"Pfingstsonntag", 0, 49, IN(BB)},
    {"Pfingstmontag", 0, 50, ALL},
    {"Fronleichnam", 0, 60, IN(BW) | IN(BY) | IN(HE) | IN(NW) | IN(RP) | IN(SL)},
    {"Mariä Himmelfahrt", 8, 15, IN(BY) | IN(SL)},
    {"Weltkindertag", 9, 20, IN(TH)},
    {"Tag der Deutschen Einheit", 10, 3, ALL},
    {"Reformationstag", 10, 31,
     IN(BB) | IN(HB) | IN(HH) | IN(MV) | IN(NI) | IN(SN) | IN(ST) | IN(SH) | IN(TH)},
    {"Allerheiligen", 11, 1, IN(BW) | IN(BY) | IN(NW) | IN(RP) | IN(SL)},
    {"1. Weihnachtstag", 12, 25, ALL},
    {"2. Weihnachtstag", 12, 26, ALL},
};

/* Easter Sunday by the Gregorian rule, as days after the first of March. */
static int easter(int year)
{
    int golden = year % 19, century = year / 100;
    int moon = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    moon -= moon / 28 * (1 - 29 / (moon + 1) * ((21 - golden) / 11));
    int weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7;
    return moon - weekday + 27; /* counted from the 28th of March */
}

/* Wednesday before the 23rd of November. */
static gboolean is_repentance_day(const GDate *date)
{
    return g_date_get_month(date) == G_DATE_NOVEMBER && g_date_get_weekday(date) == G_DATE_WEDNESDAY &&
           g_date_get_day(date) >= 16 && g_date_get_day(date) <= 22;
}

static const char *public_holiday(guint32 states, const GDate *date)
{
    GDate march;
    g_date_clear(&march, 1);
    g_date_set_dmy(&march, 1, G_DATE_MARCH, g_date_get_year(date));
    int after_easter = g_date_days_between(&march, date) - easter(g_date_get_year(date));
    int month = (int)g_date_get_month(date), day = g_date_get_day(date);
    for (size_t i = 0; i < G_N_ELEMENTS(holidays); i++) {
        guint32 here = holidays[i].states == ALL ? ALL | NATIONAL : holidays[i].states;
        gboolean falls = holidays[i].month == 0 ? holidays[i].day == after_easter
                                                : holidays[i].month == month && holidays[i].day == day;
        if (falls && (here & states) != 0)
            return holidays[i].name;
    }
    return (states & IN(SN)) != 0 && is_repentance_day(date) ? "Buß- und Bettag" : NULL;
}

const char *calendar_holiday(const struct calendar *calendar, int year, int month, int day)
{
    GDate date;
    for (size_t i = 0; i < calendar->n_days; i++)
        if (calendar->days[i] == (guint32)(year * 10000 + month * 100 + day))
            return "listed";
    if (calendar->states == 0 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return NULL;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return public_holiday(calendar->states, &date);
}

static gboolean read_day(const char *word, guint32 *day_r)
{
    int year, month, day, end = 0;
    if (sscanf(word, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || word[end] != '\0' || year < 1970 ||
        month < 1 || day < 1 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return FALSE;
    *day_r = (guint32)(year * 10000 + month * 100 + day);
    return TRUE;
}

static guint32 read_state(const char *word)
{
    if (g_ascii_strcasecmp(word, "DE") == 0)
        return NATIONAL;
    for (int i = 0; i < LAENDER; i++)
        if (g_ascii_strncasecmp(word, "DE-", 3) == 0 && g_ascii_strcasecmp(word + 3, state_names[i]) == 0)
            return IN(i);
    return 0;
}

gboolean calendar_holidays(const char *const *words, struct calendar *calendar, GError **error)
{
    calendar->states = 0;
    calendar->n_days = 0;
    for (; *words != NULL; words++) {
        guint32 state = read_state(*words);
        calendar->states |= state;
        if (state != 0)
            continue;
        if (calendar->n_days == CALENDAR_DAYS_MAX)
            return error_set(error, ERROR_CONFIG, "[waves] holidays: more than %d days", CALENDAR_DAYS_MAX);
        if (!read_day(*words, &calendar->days[calendar->n_days++]))
            return error_set(error, ERROR_CONFIG,
                             "[waves] holidays: \"%s\" is neither DE, a German state (DE-BY), nor a day (2026-12-24)",
                             *words);
    }
    return TRUE;
}

/* --- hours and weekdays -------------------------------------------------------------------------- */

gboolean calendar_hours(const char *const *words, struct calendar *calendar, GError **error)
{
    calendar->n_hours = 0;
    for (guint before = 0; *words != NULL; words++) {
        guint hour, minute, to_hour, to_minute;
        int end = 0;
        if (calendar->n_hours == CALENDAR_HOURS_MAX)
            return error_set(error, ERROR_CONFIG, "[waves] hours: more than %d stretches", CALENDAR_HOURS_MAX);
        if (sscanf(*words, "%2u:%2u-%2u:%2u%n", &hour, &minute, &to_hour, &to_minute, &end) != 4 ||
            (*words)[end] != '\0' || minute > 59 || to_minute > 59)
            return error_set(error, ERROR_CONFIG, "[waves] hours: \"%s\" is no stretch of a day; write 9:00-17:30",
                             *words);
        guint from = hour * 60 + minute, to = to_hour * 60 + to_minute;
        if (from < before || from >= to || to > DAY_MINUTES)
            return error_set(error, ERROR_CONFIG,
                             "[waves] hours: %s must end after it begins, at 24:00 at the latest, and begin after the "
                             "one before it ends",
                             *words);
        calendar->hours[calendar->n_hours].from = (guint16)from;
        calendar->hours[calendar->n_hours++].to = (guint16)to;
        before = to;
    }
    return TRUE;
}

/* 0 is Monday; -1: no weekday. */
static int read_weekday(const char *word, size_t length)
{
    static const char *const names[][7] = {{"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
                                           {"mo", "di", "mi", "do", "fr", "sa", "so"}};
    for (size_t language = 0; language < G_N_ELEMENTS(names); language++)
        for (int i = 0; i < 7; i++)
            if (strlen(names[language][i]) == length && g_ascii_strncasecmp(names[language][i], word, length) == 0)
                return i;
    return -1;
}

gboolean calendar_weekdays(const char *const *words, struct calendar *calendar, GError **error)
{
    calendar->weekdays = 0;
    for (; *words != NULL; words++) {
        size_t length = strcspn(*words, "-");
        int from = read_weekday(*words, length), to = from;
        if ((*words)[length] == '-')
            to = read_weekday(*words + length + 1, strlen(*words + length + 1));
        if (from < 0 || to < 0)
            return error_set(error, ERROR_CONFIG, "[waves] weekdays: \"%s\" is no weekday; write mon-fri, or mon, wed",
                             *words);
        for (int i = from;; i = (i + 1) % 7) {
            calendar->weekdays |= (guint8)(1u << i);
            if (i == to)
                break;
        }
    }
    return TRUE;
}

/* --- times --------------------------------------------------------------------------------------- */

static gint64 instant(GTimeZone *zone, GDate date, guint minutes)
{
    if (minutes == DAY_MINUTES) {
        g_date_add_days(&date, 1);
        minutes = 0;
    }
    g_autoptr(GDateTime) time = g_date_time_new(zone, g_date_get_year(&date), (int)g_date_get_month(&date),
                                                g_date_get_day(&date), (int)minutes / 60, (int)minutes % 60, 0);
    return g_date_time_to_unix(time);
}

static gboolean is_open_day(const struct calendar *calendar, const GDate *date)
{
    guint bit = 1u << (g_date_get_weekday(date) - G_DATE_MONDAY);
    return (calendar->weekdays == 0 || (calendar->weekdays & bit) != 0) &&
           calendar_holiday(calendar, g_date_get_year(date), (int)g_date_get_month(date), g_date_get_day(date)) == NULL;
}

/* The first stretch that ends after `when`. FALSE where there is none within two years. */
static gboolean find_stretch(const struct calendar *calendar, GTimeZone *zone, gint64 when, gint64 *from_r,
                             gint64 *to_r)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)g_date_time_get_day_of_month(local), (GDateMonth)g_date_time_get_month(local),
                   (GDateYear)g_date_time_get_year(local));
    for (int days = 0; days < DAYS_AHEAD; days++, g_date_add_days(&date, 1)) {
        if (!is_open_day(calendar, &date))
            continue;
        for (size_t i = 0; i < MAX(calendar->n_hours, 1); i++) {
            *from_r = instant(zone, date, calendar->n_hours > 0 ? calendar->hours[i].from : 0);
            *to_r = instant(zone, date, calendar->n_hours > 0 ? calendar->hours[i].to : DAY_MINUTES);
            if (when < *to_r)
                return TRUE;
        }
    }
    return FALSE;
}

gint64 calendar_next(const struct calendar *calendar, GTimeZone *zone, gint64 when)
{
    gint64 from, to;
    return find_stretch(calendar, zone, when, &from, &to) ? MAX(when, from) : 0;
}

/* Stretches that touch are one: whole days do. */
gint64 calendar_until(const struct calendar *calendar, GTimeZone *zone, gint64 when)
{
    gint64 from, to, until = when;
    for (int days = 0; days < DAYS_AHEAD; days++) {
        if (!find_stretch(calendar, zone, until, &from, &to) || from > until)
            return until;
        until = to;
    }
    return G_MAXINT64;
}
