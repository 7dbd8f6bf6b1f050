/* test_journal_gap.c - when the systemd journal lacks lines, and how far its silence counts. */
#include "importer/journal_gap.h"

#include <string.h>

#define S1 "0123456789abcdef0123456789abcdef"
#define S2 "fedcba9876543210fedcba9876543210"
#define B1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B2 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define UNIT "postfix@-.service"

static const struct {
    const char *name, *cursor;
    gboolean good;
    guint64 number;
} cursors[] = {
    {"as systemd 252 writes it", "s=" S1 ";i=1f;b=" B1 ";m=4d2;t=64b2;x=9c", TRUE, 0x1f},
    {"in another order", "b=" B1 ";i=ffffffffffffffff;s=" S1, TRUE, G_MAXUINT64},
    {"a log file's position", "131:4711:0badcafe", FALSE, 0},
    {"nothing", "", FALSE, 0},
    {"no number", "s=" S1 ";b=" B1, FALSE, 0},
    {"number 0", "s=" S1 ";i=0;b=" B1, FALSE, 0},
    {"a number too long", "s=" S1 ";i=1ffffffffffffffff;b=" B1, FALSE, 0},
    {"an empty number", "s=" S1 ";i=;b=" B1, FALSE, 0},
    {"no boot", "s=" S1 ";i=1f", FALSE, 0},
    {"a lineage cut", "s=0123;i=1f;b=" B1, FALSE, 0},
    {"no hex digits", "s=" S1 ";i=1g;b=" B1, FALSE, 0},
    {"semicolons", ";;;", FALSE, 0},
};

static void test_cursors(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cursors); i++) {
        struct journal_place place;
        g_test_message("%s", cursors[i].name);
        g_assert_true(journal_place_read(cursors[i].cursor, &place) == cursors[i].good);
        g_assert_cmpuint(place.number, ==, cursors[i].number);
        g_assert_cmpstr(place.lineage, ==, cursors[i].good ? S1 : "");
        g_assert_cmpstr(place.boot, ==, cursors[i].good ? B1 : "");
    }
}

static void test_marks(void)
{
    static const char started[] = "f77379a8490b408bbe5f6940505a777b", suppressed[] = "a596d6fe7bfa4994828e72309e95d61e";
    g_assert_cmpint(journal_mark_read(started, strlen(started)), ==, JOURNAL_STARTED);
    g_assert_cmpint(journal_mark_read(suppressed, strlen(suppressed)), ==, JOURNAL_SUPPRESSED);
    g_assert_cmpint(journal_mark_read(suppressed, strlen(suppressed) - 1), ==, JOURNAL_PLAIN);
    g_assert_cmpint(journal_mark_read("", 0), ==, JOURNAL_PLAIN);
}

static const struct {
    const char *name;
    struct journal_step step;
    enum journal_gap gap;
} steps[] = {
    {"the next entry", {{S1, 7, B1}, {S1, 8, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_NONE},
    {"the first entry ever read", {{"", 0, ""}, {S1, 900, B1}, JOURNAL_PLAIN, "", NULL}, JOURNAL_GAP_NONE},
    {"one entry is missing", {{S1, 7, B1}, {S1, 9, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_MISSING},
    {"vacuumed up to here", {{S1, 7, B1}, {S1, 70000, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_MISSING},
    {"another user's file goes on counting", {{S1, 7, B1}, {S2, 8, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_NONE},
    {"another user's file, and one missing", {{S1, 7, B1}, {S2, 9, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_MISSING},
    {"the files were removed", {{S1, 7, B1}, {S2, 1, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_OTHER},
    {"an entry that comes late", {{S1, 7, B1}, {S1, 6, B1}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_NONE},
    {"another boot", {{S1, 7, B1}, {S1, 8, B2}, JOURNAL_PLAIN, "", UNIT}, JOURNAL_GAP_BOOT},
    {"journald was started", {{S1, 7, B1}, {S1, 8, B1}, JOURNAL_STARTED, "", UNIT}, JOURNAL_GAP_STARTED},
    {"journald was started, first entry", {{"", 0, ""}, {S1, 1, B1}, JOURNAL_STARTED, "", NULL}, JOURNAL_GAP_STARTED},
    {"Postfix's lines suppressed", {{S1, 7, B1}, {S1, 8, B1}, JOURNAL_SUPPRESSED, UNIT, UNIT}, JOURNAL_GAP_SUPPRESSED},
    {"another service's", {{S1, 7, B1}, {S1, 8, B1}, JOURNAL_SUPPRESSED, "web.service", UNIT}, JOURNAL_GAP_NONE},
    {"nobody knows whose", {{S1, 7, B1}, {S1, 8, B1}, JOURNAL_SUPPRESSED, "", UNIT}, JOURNAL_GAP_SUPPRESSED},
    {"nobody knows where Postfix runs",
     {{S1, 7, B1}, {S1, 8, B1}, JOURNAL_SUPPRESSED, "web.service", NULL},
     JOURNAL_GAP_SUPPRESSED},
    {"another service's, and one missing",
     {{S1, 7, B1}, {S1, 9, B1}, JOURNAL_SUPPRESSED, "web.service", UNIT},
     JOURNAL_GAP_MISSING},
};

static void test_steps(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_test_message("%s", steps[i].name);
        g_assert_cmpint(journal_gap_between(&steps[i].step), ==, steps[i].gap);
        g_assert_true((*journal_gap_text(steps[i].gap) == '\0') == (steps[i].gap == JOURNAL_GAP_NONE));
    }
}

static const struct {
    const char *name;
    struct journal_limit limit;
    gboolean matters;
} limits[] = {
    {"not known", {0, 0}, TRUE},
    {"journald's default", {30 * G_USEC_PER_SEC, 10000}, TRUE},
    {"a burst without interval", {0, 1000000000}, TRUE},
    {"as our package sets it", {G_USEC_PER_SEC, 1000000000}, FALSE},
    {"just enough", {2 * G_USEC_PER_SEC, 200000}, FALSE},
    {"just not enough", {2 * G_USEC_PER_SEC + 1, 200000}, TRUE},
};

static void test_limits(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_test_message("%s", limits[i].name);
        g_assert_true(journal_limit_matters(&limits[i].limit) == limits[i].matters);
    }
}

static const struct {
    const char *name;
    struct journal_reach reach;
    gint64 until;
} reaches[] = {
    {"no line of Postfix was seen", {NULL, TRUE, 0, 500}, 0},
    {"in no unit: there is no limit", {"", TRUE, 400, 500}, 500},
    {"the unit may log as it likes", {UNIT, FALSE, 400, 500}, 500},
    {"only its next line would tell of dropped ones", {UNIT, TRUE, 400, 500}, 400},
    {"no line since the start", {UNIT, TRUE, 0, 500}, 0},
    {"a clock that went back", {UNIT, TRUE, 600, 500}, 500},
};

static void test_reaches(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reaches); i++) {
        g_test_message("%s", reaches[i].name);
        g_assert_cmpint(journal_complete_until(&reaches[i].reach), ==, reaches[i].until);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/journal-gap/cursors", test_cursors);
    g_test_add_func("/journal-gap/marks", test_marks);
    g_test_add_func("/journal-gap/steps", test_steps);
    g_test_add_func("/journal-gap/limits", test_limits);
    g_test_add_func("/journal-gap/reaches", test_reaches);
    return g_test_run();
}
