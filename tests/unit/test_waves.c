/* test_waves.c - wave sizes, spreading and times over clock changes. */
#include "importer/waves.h"
#include "lib/error.h"

#include <string.h>

static const struct {
    const char *name;
    const char *sizes;
    const char *message; /* NULL: fine */
    const char *text;    /* or the plan's line */
} size_cases[] = {
    {"one for all", "100%", NULL, "sizes=100%; start=0; gap=0"},
    {"count, then shares of the rest", "50,20%,80%", NULL, "sizes=50, 20%, 80%; start=0; gap=0"},
    {"decimals", "33.33%,33.3%,33.37%", NULL, "sizes=33.33%, 33.30%, 33.37%; start=0; gap=0"},
    {"blank before the sign", "100 %", NULL, "sizes=100%; start=0; gap=0"},
    {"nothing", "", "empty", NULL},
    {"counts alone", "50,50", "make 0.00%", NULL},
    {"not all", "50%,20%", "make 70.00%", NULL},
    {"too much", "50%,60%", "make 110.00%", NULL},
    {"none", "0,100%", "\"0\"", NULL},
    {"no share", "0%,100%", "\"0%\"", NULL},
    {"negative", "-5,100%", "\"-5\"", NULL},
    {"word", "all", "\"all\"", NULL},
    {"over 100", "101%", "\"101%\"", NULL},
    {"three decimals", "33.333%,66.667%", "\"33.333%\"", NULL},
    {"half a decimal", "50.%,50%", "\"50.%\"", NULL},
    {"huge count", "99999999999,100%", "99999999999", NULL},
};

static void test_sizes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(size_cases); i++) {
        g_autoptr(GError) error = NULL;
        struct wave_plan plan = {0};
        g_auto(GStrv) words = g_strsplit(size_cases[i].sizes, ",", -1);
        g_test_message("%s", size_cases[i].name);
        if (wave_plan_sizes((const char *const *)words, &plan, &error)) {
            g_autofree char *text = wave_plan_text(&plan);
            g_assert_cmpstr(text, ==, size_cases[i].text);
        } else {
            g_assert_nonnull(size_cases[i].message);
            g_assert_nonnull(strstr(error->message, size_cases[i].message));
            g_assert_cmpint(error_exit_status(error), ==, ERROR_CONFIG);
        }
    }
    const char *many[WAVES_MAX + 2] = {NULL};
    for (size_t i = 0; i <= WAVES_MAX; i++)
        many[i] = "1";
    struct wave_plan plan;
    g_assert_false(wave_plan_sizes(many, &plan, NULL));
}

static void parse(struct wave_plan *plan, const char *sizes)
{
    g_auto(GStrv) words = g_strsplit(sizes, ",", -1);
    g_autoptr(GError) error = NULL;
    g_assert_true(wave_plan_sizes((const char *const *)words, plan, &error));
}

static const struct {
    const char *name;
    const char *sizes;
    size_t rows;
    size_t quotas[3];
} quota_cases[] = {
    {"all", "100%", 7, {7, 0, 0}},
    {"thirds", "33.33%,33.33%,33.34%", 100, {33, 34, 33}},
    {"count first", "50,20%,80%", 150, {50, 20, 80}},
    {"count last", "20%,80%,50", 150, {20, 80, 50}},
    {"list too short", "50,20%,80%", 30, {30, 0, 0}},
    {"two rows", "20%,80%", 2, {0, 2, 0}},
    {"none", "50,20%,80%", 0, {0, 0, 0}},
};

static void test_quotas(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(quota_cases); i++) {
        struct wave_plan plan = {0};
        size_t quotas[WAVES_MAX] = {0};
        g_test_message("%s", quota_cases[i].name);
        parse(&plan, quota_cases[i].sizes);
        wave_plan_quotas(&plan, quota_cases[i].rows, quotas);
        for (size_t j = 0; j < 3; j++)
            g_assert_cmpuint(quotas[j], ==, quota_cases[i].quotas[j]);
    }
}

#define ROWS ((size_t)10000)
#define DOMAINS 5

/* Each wave has its quota, each domain its share in it, and another seed another order. */
static void test_spread(void)
{
    struct wave_plan plan = {0};
    parse(&plan, "500,20%,80%");
    g_autofree struct wave_row *rows = g_new(struct wave_row, ROWS), *others = g_new(struct wave_row, ROWS);
    g_autofree guint16 *waves = g_new0(guint16, ROWS), *again = g_new0(guint16, ROWS);
    size_t quotas[WAVES_MAX], counts[4] = {0}, by_domain[DOMAINS][4] = {{0}}, of_domain[DOMAINS] = {0};
    for (size_t i = 0; i < ROWS; i++) {
        /* The first domain has half of the rows, and they lie together. */
        size_t domain = i < ROWS / 2 ? 0 : 1 + i % (DOMAINS - 1);
        g_autofree char *name = g_strdup_printf("d%zu.example", domain);
        g_autofree char *address = g_strdup_printf("p%zu@%s", i, name);
        rows[i] = wave_row("client/a", address, name);
        others[i] = wave_row("client/b", address, name);
        of_domain[domain]++;
    }
    wave_plan_assign(&plan, rows, ROWS, waves);
    for (size_t i = 0; i < ROWS; i++) {
        g_assert_cmpuint(waves[i], >=, 1);
        g_assert_cmpuint(waves[i], <=, 3);
        counts[waves[i]]++;
        by_domain[i < ROWS / 2 ? 0 : 1 + i % (DOMAINS - 1)][waves[i]]++;
    }
    wave_plan_quotas(&plan, ROWS, quotas);
    for (size_t j = 0; j < 3; j++) {
        g_assert_cmpuint(counts[j + 1], ==, quotas[j]);
        for (size_t d = 0; d < DOMAINS; d++) {
            double share = (double)of_domain[d] * (double)quotas[j] / (double)ROWS;
            g_assert_cmpfloat_with_epsilon((double)by_domain[d][j + 1], share, 2.0);
        }
    }
    wave_plan_assign(&plan, rows, ROWS, again);
    g_assert_cmpint(memcmp(waves, again, ROWS * sizeof *waves), ==, 0);
    wave_plan_assign(&plan, others, ROWS, again);
    g_assert_cmpint(memcmp(waves, again, ROWS * sizeof *waves), !=, 0);
    wave_plan_assign(&plan, rows, 0, again);
}

static const struct {
    const char *name;
    const char *zone;
    const char *text;
    gint64 start; /* -1: refused */
} start_cases[] = {
    {"none", "Europe/Berlin", "", 0},
    {"winter", "Europe/Berlin", "2026-11-23 09:00", 1795420800},
    {"summer", "Europe/Berlin", "2026-07-01 09:00", 1782889200},
    {"left out by the clock change", "Europe/Berlin", "2026-03-29 02:30", -1},
    {"first day of the quarter without midnight", "America/Asuncion", "2023-10-01 00:00", -1},
    {"no such day", "Europe/Berlin", "2026-02-30 09:00", -1},
    {"seconds", "Europe/Berlin", "2026-11-23 09:00:00", -1},
    {"date alone", "Europe/Berlin", "2026-11-23", -1},
    {"German", "Europe/Berlin", "23.11.2026 09:00", -1},
};

static void test_start(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(start_cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(start_cases[i].zone);
        gint64 start;
        g_test_message("%s", start_cases[i].name);
        g_assert_nonnull(zone);
        gboolean good = wave_plan_start(start_cases[i].text, zone, &start, &error);
        g_assert_cmpint(good, ==, start_cases[i].start >= 0);
        if (good)
            g_assert_cmpint(start, ==, start_cases[i].start);
    }
}

#define BERLIN(text) berlin(zone, text)

static gint64 berlin(GTimeZone *zone, const char *text)
{
    gint64 time;
    g_assert_true(wave_plan_start(text, zone, &time, NULL));
    return time;
}

static void test_due(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    struct wave_plan plan = {.gap = 86400};
    gint64 opened[WAVES_MAX] = {0};
    parse(&plan, "10%,20%,70%");
    /* Without a start nothing is ever due, but there is a next one. */
    g_assert_cmpuint(wave_plan_due_now(&plan, zone, opened, G_MAXINT32), ==, 0);
    g_assert_cmpuint(wave_plan_next(&plan, opened), ==, 1);
    /* The night to 2026-03-29 is an hour short: 09:00 stays 09:00. */
    plan.start = BERLIN("2026-03-28 09:00");
    g_assert_cmpuint(wave_plan_due_now(&plan, zone, opened, plan.start - 1), ==, 0);
    g_assert_cmpuint(wave_plan_due_now(&plan, zone, opened, plan.start), ==, 1);
    g_assert_cmpint(wave_plan_due(&plan, zone, opened, 2), ==, 0);
    opened[0] = plan.start + 40;
    g_assert_cmpint(wave_plan_due(&plan, zone, opened, 2), ==, BERLIN("2026-03-29 09:00"));
    /* Opened six hours late: the next one keeps its distance, but for the slack. */
    opened[1] = BERLIN("2026-03-29 15:00");
    g_assert_cmpint(wave_plan_due(&plan, zone, opened, 3), ==, BERLIN("2026-03-30 15:00") - 600);
    g_assert_cmpuint(wave_plan_due_now(&plan, zone, opened, BERLIN("2026-03-30 09:01")), ==, 0);
    opened[2] = BERLIN("2026-03-30 15:00");
    g_assert_cmpuint(wave_plan_next(&plan, opened), ==, 0);
    g_assert_cmpuint(wave_plan_due_now(&plan, zone, opened, BERLIN("2027-01-01 00:00")), ==, 0);
    /* A gap of hours is hours, over the end of the year as well. */
    plan.gap = 36 * 3600;
    plan.start = BERLIN("2026-12-31 12:00");
    opened[0] = plan.start;
    g_assert_cmpint(wave_plan_due(&plan, zone, opened, 2), ==, BERLIN("2027-01-02 00:00"));
}

static void set_calendar(struct calendar *calendar, const char *hours, const char *weekdays, const char *holidays)
{
    g_auto(GStrv) hour_words = g_strsplit(hours, ",", -1), day_words = g_strsplit(weekdays, ",", -1);
    g_auto(GStrv) holiday_words = g_strsplit(holidays, ",", -1);
    g_assert_true(calendar_hours((const char *const *)hour_words, calendar, NULL));
    g_assert_true(calendar_weekdays((const char *const *)day_words, calendar, NULL));
    g_assert_true(calendar_holidays((const char *const *)holiday_words, calendar, NULL));
}

/* A plan with a calendar: when its first five waves are planned. */
static const struct {
    const char *name;
    const char *start;
    gint64 gap;
    const char *hours, *weekdays, *holidays;
    const char *planned[5];
} calendar_cases[] = {
    {"no calendar",
     "2026-11-20 09:00",
     86400,
     "",
     "",
     "",
     {"2026-11-20 09:00", "2026-11-21 09:00", "2026-11-22 09:00", "2026-11-23 09:00", "2026-11-24 09:00"}},
    {"working days: none falls on another",
     "2026-11-19 09:00",
     86400,
     "",
     "mon-fri",
     "",
     {"2026-11-19 09:00", "2026-11-20 09:00", "2026-11-23 00:00", "2026-11-24 00:00", "2026-11-25 00:00"}},
    {"hours keep the start of the day",
     "2026-11-19 09:00",
     86400,
     "9:00-17:00",
     "mon-fri",
     "",
     {"2026-11-19 09:00", "2026-11-20 09:00", "2026-11-23 09:00", "2026-11-24 09:00", "2026-11-25 09:00"}},
    {"over Christmas and New Year, in Bavaria",
     "2026-12-23 10:00",
     86400,
     "9:00-17:00",
     "mon-fri",
     "DE-BY,2026-12-24,2026-12-31",
     {"2026-12-23 10:00", "2026-12-28 09:00", "2026-12-29 09:00", "2026-12-30 09:00", "2027-01-04 09:00"}},
    {"every four hours, within hours",
     "2026-11-23 08:00",
     14400,
     "9:00-17:00",
     "",
     "",
     {"2026-11-23 09:00", "2026-11-23 13:00", "2026-11-24 09:00", "2026-11-24 13:00", "2026-11-25 09:00"}},
    {"over the clock change",
     "2026-10-23 09:00",
     86400,
     "9:00-17:00",
     "",
     "",
     {"2026-10-23 09:00", "2026-10-24 09:00", "2026-10-25 09:00", "2026-10-26 09:00", "2026-10-27 09:00"}},
};

static void test_calendar(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    for (size_t i = 0; i < G_N_ELEMENTS(calendar_cases); i++) {
        struct wave_plan plan = {.gap = calendar_cases[i].gap};
        gint64 opened[WAVES_MAX] = {0};
        g_test_message("%s", calendar_cases[i].name);
        parse(&plan, "20%,20%,20%,20%,20%");
        plan.start = BERLIN(calendar_cases[i].start);
        set_calendar(&plan.calendar, calendar_cases[i].hours, calendar_cases[i].weekdays, calendar_cases[i].holidays);
        for (size_t n = 1; n <= 5; n++) {
            gint64 planned = BERLIN(calendar_cases[i].planned[n - 1]);
            g_assert_cmpint(wave_plan_planned(&plan, zone, n), ==, planned);
            /* Opened as planned, a little late: nothing moves. */
            g_assert_cmpint(wave_plan_due(&plan, zone, opened, n), ==, planned);
            opened[n - 1] = planned + 55;
        }
    }
}

static gboolean read_times(struct wave_plan *plan, GTimeZone *zone, const char *times, GError **error)
{
    g_auto(GStrv) words = g_strsplit(times, ",", -1);
    return wave_plan_times((const char *const *)words, zone, plan, error);
}

static void test_times(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    static const struct {
        const char *times, *message;
    } bad[] = {{"2026-11-23 09:00", "times has 1, sizes 2"},
               {"2026-11-23 09:00,2026-11-22 09:00", "before the one before"},
               {"2026-11-23 09:00,soon", "\"soon\" is no time"},
               {"2026-11-23 09:00,2027-03-28 02:30", "does not exist"}};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        struct wave_plan plan = {0};
        parse(&plan, "50,100%");
        g_assert_false(read_times(&plan, zone, bad[i].times, &error));
        g_assert_nonnull(strstr(error->message, bad[i].message));
    }
    struct wave_plan plan = {.gap = 86400};
    gint64 opened[WAVES_MAX] = {0};
    g_autoptr(GError) error = NULL;
    parse(&plan, "50,100%");
    g_assert_true(read_times(&plan, zone, "2026-11-23 09:00,2027-01-04 14:00", &error));
    set_calendar(&plan.calendar, "9:00-12:00", "", "");
    g_assert_cmpuint(wave_plan_due_now(&plan, zone, opened, BERLIN("2026-11-23 09:00")), ==, 1);
    g_assert_cmpint(wave_plan_due(&plan, zone, opened, 2), ==, 0);
    opened[0] = BERLIN("2027-01-04 13:00"); /* much too late: the second keeps its time, as the calendar allows */
    g_assert_cmpint(wave_plan_due(&plan, zone, opened, 2), ==, BERLIN("2027-01-05 09:00"));
    g_assert_false(read_times(&plan, zone, "2026-11-23 09:00,2027-01-04 14:00", &error)); /* start is set now */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/waves/sizes", test_sizes);
    g_test_add_func("/waves/quotas", test_quotas);
    g_test_add_func("/waves/spread", test_spread);
    g_test_add_func("/waves/start", test_start);
    g_test_add_func("/waves/due", test_due);
    g_test_add_func("/waves/calendar", test_calendar);
    g_test_add_func("/waves/times", test_times);
    return g_test_run();
}
