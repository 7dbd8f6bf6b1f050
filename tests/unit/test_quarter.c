/* test_quarter.c - quarter labels at their edges, in zones that make them hard; the cap's period. */
#include "lib/error.h"
#include "lib/quarter.h"

static const struct {
    const char *name, *zone, *utc, *label;
} label_cases[] = {
    {"last second in Berlin", "Europe/Berlin", "2026-12-31T22:59:59Z", "2026Q4"},
    {"first second in Berlin", "Europe/Berlin", "2026-12-31T23:00:00Z", "2027Q1"},
    {"the same second in UTC", "UTC", "2026-12-31T23:00:00Z", "2026Q4"},
    {"quarter end on a DST day", "Europe/Berlin", "2024-03-31T21:59:59Z", "2024Q1"},
    {"one second later", "Europe/Berlin", "2024-03-31T22:00:00Z", "2024Q2"},
    {"no midnight: Asuncion 2017, before", "America/Asuncion", "2017-10-01T03:59:59Z", "2017Q3"},
    {"no midnight: Asuncion 2017, after", "America/Asuncion", "2017-10-01T04:00:00Z", "2017Q4"},
    {"no midnight: Asuncion 2023, before", "America/Asuncion", "2023-10-01T03:59:59Z", "2023Q3"},
    {"no midnight: Asuncion 2023, after", "America/Asuncion", "2023-10-01T04:00:00Z", "2023Q4"},
    {"no midnight: Amman 2016, before", "Asia/Amman", "2016-03-31T21:59:59Z", "2016Q1"},
    {"no midnight: Amman 2016, after", "Asia/Amman", "2016-03-31T22:00:00Z", "2016Q2"},
    {"a half-hour zone", "Asia/Kolkata", "2026-06-30T18:30:00Z", "2026Q3"},
    {"the far east of the date line", "Pacific/Kiritimati", "2026-09-30T10:00:00Z", "2026Q4"},
    {"a leap day", "Europe/Berlin", "2028-02-29T12:00:00Z", "2028Q1"},
    {"1970", "UTC", "1970-01-01T00:00:00Z", "1970Q1"},
};

static void test_labels(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(label_cases); i++) {
        g_test_message("%s", label_cases[i].name);
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(label_cases[i].zone);
        g_assert_nonnull(zone);
        g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(label_cases[i].utc, NULL);
        char label[QUARTER_LABEL_SIZE];
        quarter_label(g_date_time_to_unix(when), zone, label);
        g_assert_cmpstr(label, ==, label_cases[i].label);
    }
}

static const struct {
    const char *name, *zone, *utc, *end;
} end_cases[] = {
    {"the middle of a quarter", "Europe/Berlin", "2026-11-23T12:00:00Z", "2026-12-31T23:00:00Z"},
    {"its first second", "Europe/Berlin", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"},
    {"its last second", "Europe/Berlin", "2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z"},
    {"on a DST day", "Europe/Berlin", "2024-02-01T00:00:00Z", "2024-03-31T22:00:00Z"},
    {"no midnight: Asuncion 2017", "America/Asuncion", "2017-08-01T00:00:00Z", "2017-10-01T04:00:00Z"},
    {"no midnight: Amman 2016", "Asia/Amman", "2016-03-01T00:00:00Z", "2016-03-31T22:00:00Z"},
    {"UTC", "UTC", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"},
};

static void test_ends(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(end_cases); i++) {
        g_test_message("%s", end_cases[i].name);
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(end_cases[i].zone);
        g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(end_cases[i].utc, NULL);
        g_autoptr(GDateTime) end = g_date_time_new_from_iso8601(end_cases[i].end, NULL);
        g_assert_cmpint(quarter_end(g_date_time_to_unix(when), zone), ==, g_date_time_to_unix(end));
    }
}

static const struct {
    const char *text;
    int days; /* -1: refused */
} period_cases[] = {
    {"calendar-quarter", 0}, {"rolling 90d", 90}, {"rolling 1d", 1},  {"rolling 3660d", 3660}, {"rolling 0d", -1},
    {"rolling 3661d", -1},   {"rolling 90", -1},  {"rolling d", -1},  {"rolling -1d", -1},     {"rolling 9 d", -1},
    {"quarter", -1},         {"", -1},            {"rolling ", -1},
};

static void test_periods(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(period_cases); i++) {
        g_autoptr(GError) error = NULL;
        struct cap_period period;
        g_test_message("\"%s\"", period_cases[i].text);
        g_assert_cmpint(cap_period_parse(period_cases[i].text, &period, &error), ==, period_cases[i].days >= 0);
        if (period_cases[i].days >= 0)
            g_assert_cmpuint(period.rolling_days, ==, (guint)period_cases[i].days);
        else
            g_assert_error(error, POSTWELLE_ERROR, ERROR_CONFIG);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quarter/labels", test_labels);
    g_test_add_func("/quarter/ends", test_ends);
    g_test_add_func("/quarter/periods", test_periods);
    return g_test_run();
}
