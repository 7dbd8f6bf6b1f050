/* test_row_cache.c - what is kept, what makes place, and that what is told is always true. */
#include "policyd/row_cache.h"

#include <string.h>

static struct bytes text(const char *string)
{
    return (struct bytes){string, strlen(string)};
}

static void assert_octets(struct bytes value, const void *octets, size_t size)
{
    g_assert_cmpuint(value.size, ==, size);
    g_assert_true(memcmp(value.data, octets, size) == 0);
}

static void assert_value(const struct row_cache *cache, enum store_table table, const char *key, const char *expected)
{
    struct bytes value;
    g_assert_true(row_cache_look(cache, table, text(key), &value));
    if (expected == NULL) {
        g_assert_null(value.data);
        return;
    }
    assert_octets(value, expected, strlen(expected));
}

static void assert_unknown(const struct row_cache *cache, enum store_table table, const char *key)
{
    struct bytes value;
    g_assert_false(row_cache_look(cache, table, text(key), &value));
}

static void test_rows(void)
{
    struct row_cache *cache = row_cache_new();
    const struct bytes one = text("1"), empty = text("");
    assert_unknown(cache, STORE_SLOT, "a");
    assert_unknown(cache, STORE_META, "");
    row_cache_keep(cache, STORE_SLOT, text("a"), &one);
    row_cache_keep(cache, STORE_SLOT, text("b"), NULL);
    row_cache_keep(cache, STORE_SLOT, text("c"), &empty);
    assert_value(cache, STORE_SLOT, "a", "1");
    assert_value(cache, STORE_SLOT, "b", NULL);
    assert_value(cache, STORE_SLOT, "c", "");
    assert_unknown(cache, STORE_LIFE, "a");
    assert_unknown(cache, STORE_SLOT, "a1");
    row_cache_change(cache, STORE_SLOT, text("a"), NULL);
    row_cache_change(cache, STORE_SLOT, text("b"), &one);
    row_cache_change(cache, STORE_SLOT, text("d"), &one);
    assert_value(cache, STORE_SLOT, "a", NULL);
    assert_value(cache, STORE_SLOT, "b", "1");
    assert_unknown(cache, STORE_SLOT, "d");
    row_cache_forget(cache);
    assert_unknown(cache, STORE_SLOT, "a");
    assert_unknown(cache, STORE_SLOT, "b");
    row_cache_free(cache);
}

/* What does not fit is not kept, and what it replaces is gone. */
static void test_size(void)
{
    struct row_cache *cache = row_cache_new();
    char octets[ROW_CACHE_OCTETS + 1];
    memset(octets, 'x', sizeof octets);
    const struct bytes most = {octets, ROW_CACHE_OCTETS - 1}, more = {octets, ROW_CACHE_OCTETS}, one = text("1");
    struct bytes value;
    row_cache_keep(cache, STORE_SLOT, text("a"), &more);
    assert_unknown(cache, STORE_SLOT, "a");
    row_cache_keep(cache, STORE_SLOT, text("a"), &most);
    g_assert_true(row_cache_look(cache, STORE_SLOT, text("a"), &value));
    assert_octets(value, most.data, most.size);
    row_cache_change(cache, STORE_SLOT, text("a"), &more);
    assert_unknown(cache, STORE_SLOT, "a");
    row_cache_keep(cache, STORE_SLOT, more, NULL);
    g_assert_true(row_cache_look(cache, STORE_SLOT, more, &value));
    row_cache_keep(cache, STORE_SLOT, (struct bytes){octets, sizeof octets}, NULL);
    g_assert_false(row_cache_look(cache, STORE_SLOT, (struct bytes){octets, sizeof octets}, &value));
    row_cache_keep(cache, STORE_SLOT, more, &one);
    row_cache_free(cache);
}

/* Many more rows than places: each look tells what was kept last, or nothing; and most of the latest are there. */
static void test_many(void)
{
    const guint64 rows = 10 * ROW_CACHE_ROWS;
    struct row_cache *cache = row_cache_new();
    guint found = 0;
    for (guint64 row = 0; row < rows; row++) {
        const guint64 square = row * row;
        row_cache_keep(cache, STORE_LIFE, (struct bytes){&row, sizeof row}, &(struct bytes){&square, sizeof square});
    }
    for (guint64 row = 0; row < rows; row++) {
        const guint64 square = row * row;
        struct bytes value;
        if (!row_cache_look(cache, STORE_LIFE, (struct bytes){&row, sizeof row}, &value))
            continue;
        assert_octets(value, &square, sizeof square);
        found += row >= rows - ROW_CACHE_ROWS / 4 ? 1 : 0;
    }
    g_assert_cmpuint(found, >, ROW_CACHE_ROWS / 5);
    row_cache_free(cache);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/row-cache/rows", test_rows);
    g_test_add_func("/row-cache/size", test_size);
    g_test_add_func("/row-cache/many", test_many);
    return g_test_run();
}
