/* test_turns.c - so many threads at once, and the others in their order. */
#include "milter/turns.h"

#define THREADS 8
#define AT_ONCE 2
#define ROUNDS 2000

struct crowd {
    struct turns *turns;
    gint inside, most; /* atomic */
    gint done;
};

static void note_most(struct crowd *crowd, gint inside)
{
    gint most = g_atomic_int_get(&crowd->most);
    while (inside > most && !g_atomic_int_compare_and_exchange(&crowd->most, most, inside))
        most = g_atomic_int_get(&crowd->most);
}

static gpointer run(gpointer data)
{
    struct crowd *crowd = data;
    for (int i = 0; i < ROUNDS; i++) {
        turns_take(crowd->turns);
        note_most(crowd, g_atomic_int_add(&crowd->inside, 1) + 1);
        g_thread_yield();
        g_atomic_int_add(&crowd->inside, -1);
        turns_end(crowd->turns);
        g_atomic_int_inc(&crowd->done);
    }
    return NULL;
}

static void test_crowd(void)
{
    struct crowd crowd = {.turns = turns_new(AT_ONCE)};
    GThread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("crowd", run, &crowd);
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(crowd.done, ==, THREADS * ROUNDS);
    g_assert_cmpint(crowd.most, <=, AT_ONCE);
    turns_free(crowd.turns);
}

struct guest {
    struct turns *turns;
    int number;
    gint *next; /* atomic: whose turn it should be */
};

static gpointer wait_and_check(gpointer data)
{
    struct guest *guest = data;
    turns_take(guest->turns);
    g_assert_cmpint(g_atomic_int_add(guest->next, 1), ==, guest->number);
    turns_end(guest->turns);
    return NULL;
}

/* They come one after the other while nobody gets in, and must get in as they came. */
static void test_order(void)
{
    gint next = 0;
    struct turns *turns = turns_new(1);
    struct guest guests[THREADS];
    GThread *threads[THREADS];
    turns_take(turns);
    for (int i = 0; i < THREADS; i++) {
        guests[i] = (struct guest){turns, i, &next};
        threads[i] = g_thread_new("guest", wait_and_check, &guests[i]);
        while (turns_waiting(turns) != (guint)i + 1)
            g_thread_yield();
    }
    g_assert_cmpint(g_atomic_int_get(&next), ==, 0);
    turns_end(turns);
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(next, ==, THREADS);
    turns_free(turns);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/turns/no more than are allowed at once", test_crowd);
    g_test_add_func("/turns/in the order in which they came", test_order);
    return g_test_run();
}
