/* test_gather.c - how many requests a flush carries. */
#include "policyd/gather.h"

static const struct {
    const char *name;
    struct gather_facts facts;
    guint size;
    gint64 wait;
} cases[] = {
    {"nobody asks", {0, 400, 20000}, 0, 800},
    {"one alone never waits", {1, 400, 20000}, 0, 800},
    {"a slow disk gets all at once", {64, 8000, 20000}, 64, GATHER_MAX},
    {"a disk as fast as the loop gets all at once", {50, 1000, 20000}, 50, 2000},
    {"a fast disk gets one half while the loop works on the other", {64, 400, 20000}, 32, 800},
    {"halves of an odd number", {65, 400, 20000}, 33, 800},
    {"half of two is nothing to wait for", {2, 10, 20000}, 0, 20},
    {"a flush without time", {64, 0, 20000}, 32, 1},
    {"a loop that needs no time to speak of", {64, 400, 0}, 64, 800},
};

static void test_plan(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    const struct gather_plan plan = gather_plan(&cases[i].facts);
    g_assert_cmpuint(plan.size, ==, cases[i].size);
    g_assert_cmpint(plan.wait, ==, cases[i].wait);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/gather/%s", cases[i].name);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_plan);
    }
    return g_test_run();
}
