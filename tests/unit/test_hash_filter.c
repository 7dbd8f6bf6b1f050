/* test_hash_filter.c - "no" is sure, "maybe" is rare. */
#include "policyd/hash_filter.h"

#define HASHES 100000u

static struct hash random_hash(GRand *random)
{
    struct hash hash;
    for (size_t i = 0; i < HASH_SIZE; i++)
        hash.octets[i] = (guint8)g_rand_int_range(random, 0, 256);
    return hash;
}

static void test_filter(void)
{
    struct hash_filter *filter = hash_filter_new();
    GRand *random = g_rand_new_with_seed(7);
    guint maybe = 0;
    for (guint i = 0; i < HASHES; i++)
        g_assert_false(hash_filter_may_have(filter, &(struct hash){{(guint8)i, (guint8)(i >> 8), 1}}));
    for (guint i = 0; i < HASHES; i++) {
        const struct hash hash = random_hash(random);
        hash_filter_add(filter, &hash);
        g_assert_true(hash_filter_may_have(filter, &hash));
    }
    for (guint i = 0; i < HASHES; i++) {
        const struct hash other = random_hash(random);
        maybe += hash_filter_may_have(filter, &other) ? 1 : 0;
    }
    g_assert_cmpuint(maybe, <, HASHES / 500);
    g_rand_set_seed(random, 7);
    for (guint i = 0; i < HASHES; i++) {
        const struct hash hash = random_hash(random);
        g_assert_true(hash_filter_may_have(filter, &hash));
    }
    g_rand_free(random);
    hash_filter_free(filter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hash-filter/sure-and-rare", test_filter);
    return g_test_run();
}
