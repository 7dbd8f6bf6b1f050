/* test_remind_next.c - when `postwelle run` has to look for reminders again. */
#include "importer/remind.h"

#define NOW 1000000
#define DAY 86400

static const struct {
    const char *name;
    struct remind_plan plan;
    gint64 gap, next;
} cases[] = {
    {"somebody is due", {.counts = {[REMIND_DUE] = 1}}, DAY, NOW},
    {"one is tried again soon", {.counts = {[REMIND_WAITING] = 1}}, DAY, NOW},
    {"nobody in the next hour",
     {.counts = {[REMIND_EARLY] = 5, [REMIND_ANSWERED] = 7}, .earliest = NOW + DAY},
     DAY,
     NOW + REMIND_LOOK},
    {"the first before", {.counts = {[REMIND_EARLY] = 5}, .earliest = NOW + 60}, DAY, NOW + 60},
    {"whose invitation arrives meanwhile", {.counts = {[REMIND_DONE] = 5}}, 20, NOW + 20},
    {"no gap at all", {.counts = {[REMIND_DONE] = 5}}, 0, NOW},
    {"what has answered, ended, or lies in the queue can wait",
     {.counts = {[REMIND_OPEN] = 5, [REMIND_ENDED] = 5}},
     DAY,
     NOW + REMIND_LOOK},
};

static void test_next(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(remind_next(&cases[i].plan, cases[i].gap, NOW), ==, cases[i].next);
    }
}

/* A note holds for the limits that it was made under. */
static void test_note(void)
{
    struct campaign campaign = {.reminders = 2, .reminder_gap = 7 * DAY};
    g_autofree char *note = remind_note(&campaign, NOW);
    g_assert_cmpint(remind_noted(&campaign, note), ==, NOW);
    g_assert_cmpint(remind_noted(&campaign, ""), ==, 0);
    g_assert_cmpint(remind_noted(&campaign, "2/"), ==, 0);
    campaign.reminders = 3;
    g_assert_cmpint(remind_noted(&campaign, note), ==, 0);
    campaign.reminders = 2;
    campaign.reminder_gap = 60;
    g_assert_cmpint(remind_noted(&campaign, note), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/remind-next/next", test_next);
    g_test_add_func("/remind-next/note", test_note);
    return g_test_run();
}
