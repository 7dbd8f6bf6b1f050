/*
 * test_retention.c - when a campaign's participants' data is to be deleted, and the default that the tables and the
 * code share.
 */
#include "importer/retention.h"

#include "lib/client.h"
#include "lib/config.h"

#include <string.h>

#define DAY G_GINT64_CONSTANT(86400)
#define NOW (20000 * DAY)

static const struct {
    const char *name;
    struct retention_facts facts;
    enum retention_verdict verdict;
    gint64 due;
} cases[] = {
    {"just-over", {.now = NOW, .last_step = NOW - 90 * DAY, .keep = 90 * DAY}, RETENTION_DUE, NOW},
    {"a-second-left", {.now = NOW, .last_step = NOW - 90 * DAY + 1, .keep = 90 * DAY}, RETENTION_KEPT, NOW + 1},
    {"a-wave-is-planned",
     {.now = NOW, .last_step = NOW - 90 * DAY, .planned = NOW + DAY, .keep = 90 * DAY},
     RETENTION_KEPT,
     NOW + 91 * DAY},
    {"it-was-planned-before",
     {.now = NOW, .last_step = NOW - 90 * DAY, .planned = NOW - 99 * DAY, .keep = 90 * DAY},
     RETENTION_DUE,
     NOW},
    {"reminders-to-come",
     {.now = NOW, .last_step = NOW - 90 * DAY, .reminding = 14 * DAY, .keep = 90 * DAY},
     RETENTION_KEPT,
     NOW + 14 * DAY},
    {"never", {.now = NOW, .last_step = NOW - 9000 * DAY}, RETENTION_NEVER, 0},
    {"queued", {.now = NOW, .last_step = 1, .keep = DAY, .open = 1}, RETENTION_HELD, DAY + 1},
    {"uncertain", {.now = NOW, .last_step = 1, .keep = DAY, .uncertain = 1}, RETENTION_HELD, DAY + 1},
    {"feeding", {.now = NOW, .last_step = 1, .keep = DAY, .feeding = TRUE}, RETENTION_HELD, DAY + 1},
    {"no-folder", {.now = NOW, .last_step = 1, .keep = DAY, .unknown = TRUE}, RETENTION_HELD, DAY + 1},
    {"queued-but-not-due", {.now = NOW, .last_step = NOW, .keep = DAY, .open = 1}, RETENTION_KEPT, NOW + DAY},
    {"begun", {.now = NOW, .last_step = NOW, .keep = DAY, .open = 1, .deleted = NOW - 1}, RETENTION_BEGUN, 0},
    {"begun-though-never", {.now = NOW, .deleted = NOW - 1}, RETENTION_BEGUN, 0},
    {"done", {.now = NOW, .last_step = 1, .keep = DAY, .deleted = NOW - 2, .erased = NOW - 1}, RETENTION_DONE, 0},
};

static void test_judge(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    gint64 due;
    g_assert_cmpint(retention_judge(&cases[i].facts, &due), ==, cases[i].verdict);
    g_assert_cmpint(due, ==, cases[i].due);
}

/* Each reason has words of its own. */
static void test_why(void)
{
    static const struct {
        struct retention_facts facts;
        const char *words;
    } whys[] = {{{.open = 3, .uncertain = 1}, "3 mails are in Postfix's queue"},
                {{.uncertain = 2}, "2 mails are uncertain"},
                {{.feeding = TRUE}, "not fed to its end"},
                {{.unknown = TRUE}, "folder"}};
    for (size_t i = 0; i < G_N_ELEMENTS(whys); i++) {
        g_autofree char *why = retention_why(&whys[i].facts);
        g_assert_nonnull(strstr(why, whys[i].words));
    }
}

/* A client without a file is treated as one whose file says nothing. */
static void test_default(void)
{
    for (const struct config_option *option = config_client.options; option->name != NULL; option++)
        if (strcmp(option->name, "retention") == 0) {
            g_autofree char *days = g_strdup_printf("%dd", (int)(CLIENT_RETENTION / DAY));
            g_assert_cmpstr(option->fallback, ==, days);
            return;
        }
    g_assert_not_reached();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/retention/", cases[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_judge);
    }
    g_test_add_func("/retention/why", test_why);
    g_test_add_func("/retention/default", test_default);
    return g_test_run();
}
