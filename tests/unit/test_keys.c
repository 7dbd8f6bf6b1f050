/* test_keys.c - the snapshot of all clients' keys: what is usable, what is not and why, and how it is swapped. */
#include "milter/keys.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>

#include "lib/error.h"

static char *folder, *rsa, *rsa2, *ed25519, *bad;

static gboolean accept(const struct signing_keys *keys, void *user, GError **error)
{
    (void)error;
    g_assert_null(keys->problem);
    ++*(int *)user;
    return TRUE;
}

static gboolean refuse_second(const struct signing_keys *keys, void *user, GError **error)
{
    (void)user;
    return strcmp(keys->domain, "second.example") != 0 || error_set(error, ERROR_INTERNAL, "not verified");
}

static const char *only_problem(const GPtrArray *problems)
{
    g_assert_cmpuint(problems->len, ==, 1);
    g_test_message("%s", (const char *)problems->pdata[0]);
    return problems->pdata[0];
}

static void test_good(void)
{
    const struct key_row rows[] = {
        {"first", "First.Example", "20261123", rsa, NULL},   {"first", "first.example", "20261123e", ed25519, NULL},
        {"first", "first.example", "20270101", rsa2, NULL},  {"second", "second.example", "a.b", rsa, NULL},
        {"second", "mail.second.example", "a.b", rsa, NULL},
    };
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    int checked = 0;
    g_autoptr(key_snapshot_auto) snapshot = key_snapshot_load(rows, G_N_ELEMENTS(rows), accept, &checked, problems);
    size_t usable;
    g_assert_cmpuint(problems->len, ==, 0);
    g_assert_cmpuint(key_snapshot_count(snapshot, &usable), ==, 3);
    g_assert_cmpuint(usable, ==, 3);
    g_assert_cmpint(checked, ==, 3);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "FIRST.example");
    g_assert_cmpstr(keys->client, ==, "first");
    g_assert_cmpstr(keys->domain, ==, "first.example");
    g_assert_cmpuint(keys->count, ==, 3);
    g_assert_cmpstr(keys->keys[1].selector, ==, "20261123e");
    g_assert_cmpint(key_algorithm(keys->keys[1].key), ==, KEY_ED25519);
    g_assert_null(key_snapshot_find(snapshot, "sub.first.example"));
    g_assert_null(key_snapshot_find(snapshot, "example"));
    g_assert_true(key_snapshot_find(snapshot, "second.example")->keys[0].key ==
                  key_snapshot_find(snapshot, "mail.second.example")->keys[0].key);
}

static void test_bad_rows(void)
{
    g_autofree char *long_selector = g_strnfill(64, 's');
    const struct {
        const char *name;
        struct key_row row; /* after a good one of client "first" */
        const char *reason;
    } cases[] = {
        {"missing file", {"first", "first.example", "b", "/nonexistent/key", NULL}, "selector b: /nonexistent/key"},
        {"damaged file", {"first", "first.example", "b", bad, NULL}, "does not begin with"},
        {"selector twice", {"first", "first.example", "A", rsa2, NULL}, "named twice"},
        {"other client's domain", {"second", "first.example", "b", rsa2, NULL}, "belongs to client first already"},
        {"selector with a blank", {"first", "first.example", "b c", rsa2, NULL}, "may hold only"},
        {"selector with a semicolon", {"first", "first.example", "b;d=x", rsa2, NULL}, "may hold only"},
        {"empty selector", {"first", "first.example", "", rsa2, NULL}, "may hold only"},
        {"not the published key", {"first", "first.example", "b", rsa2, "AAAA"}, "is not the key that was published"},
        {"selector too long", {"first", "first.example", long_selector, rsa2, NULL}, "may hold only"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct key_row rows[] = {{"first", "first.example", "a", rsa, NULL}, cases[i].row};
        g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(key_snapshot_auto) snapshot = key_snapshot_load(rows, 2, NULL, NULL, problems);
        g_test_message("%s", cases[i].name);
        g_assert_nonnull(strstr(only_problem(problems), cases[i].reason));
        g_assert_null(key_snapshot_find(snapshot, "first.example")->problem);
        g_assert_cmpuint(key_snapshot_find(snapshot, "first.example")->count, ==, 1);
    }
}

static void test_unusable_domains(void)
{
    const struct key_row rows[] = {
        {"first", "first.example", "a", rsa, NULL},       {"second", "second.example", "a", rsa, NULL},
        {"third", "third.example", "a", ed25519, NULL},   {"fourth", "fourth.example", "a", "/nonexistent/key", NULL},
        {"fifth", "f\xc3\xbcnf.example", "a", rsa, NULL},
    };
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(key_snapshot_auto) snapshot = key_snapshot_load(rows, G_N_ELEMENTS(rows), refuse_second, NULL, problems);
    size_t usable;
    g_assert_cmpuint(key_snapshot_count(snapshot, &usable), ==, 5);
    g_assert_cmpuint(usable, ==, 1);
    g_assert_null(key_snapshot_find(snapshot, "first.example")->problem);
    g_assert_nonnull(strstr(key_snapshot_find(snapshot, "second.example")->problem, "not verified"));
    g_assert_nonnull(strstr(key_snapshot_find(snapshot, "third.example")->problem, "has no RSA key"));
    const char *unread = key_snapshot_find(snapshot, "fourth.example")->problem;
    g_assert_nonnull(strstr(unread, "has no RSA key that can be used: "));
    g_assert_nonnull(strstr(unread, "/nonexistent/key"));
    g_assert_nonnull(key_snapshot_find(snapshot, "f\xc3\xbcnf.example")->problem);
    g_assert_cmpuint(problems->len, >=, 5);
}

static void test_too_many(void)
{
    struct key_row rows[SIGNING_KEYS_MAX + 1];
    static const char *const selectors[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        rows[i] = (struct key_row){"first", "first.example", selectors[i], rsa, NULL};
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(key_snapshot_auto) snapshot = key_snapshot_load(rows, G_N_ELEMENTS(rows), NULL, NULL, problems);
    g_assert_nonnull(strstr(only_problem(problems), "more than 4 active keys"));
    g_assert_cmpuint(key_snapshot_find(snapshot, "first.example")->count, ==, SIGNING_KEYS_MAX);
}

struct current {
    pthread_mutex_t lock; /* not GMutex, which ThreadSanitizer does not see */
    struct key_snapshot *snapshot;
    gboolean stop;
};

static gpointer use_keys(gpointer data)
{
    struct current *current = data;
    static const uint8_t digest[KEY_DIGEST_SIZE] = "x";
    for (gboolean stop = FALSE; !stop;) {
        uint8_t signature[KEY_SIGNATURE_MAX];
        size_t size;
        pthread_mutex_lock(&current->lock);
        g_autoptr(key_snapshot_auto) held = key_snapshot_ref(current->snapshot);
        stop = current->stop;
        pthread_mutex_unlock(&current->lock);
        const struct signing_keys *keys = key_snapshot_find(held, "first.example");
        g_assert_true(key_sign(keys->keys[0].key, digest, signature, &size, NULL));
    }
    return NULL;
}

/* Snapshots are swapped while others sign; the last holder frees the old one. */
static void test_swap(void)
{
    struct current current = {0};
    const struct key_row rows[] = {{"first", "first.example", "a", ed25519, NULL}};
    GThread *threads[2];
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    pthread_mutex_init(&current.lock, NULL);
    current.snapshot = key_snapshot_load(rows, 1, NULL, NULL, problems);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("use", use_keys, &current);
    for (int i = 0; i < 100; i++) {
        struct key_snapshot *new = key_snapshot_load(rows, 1, NULL, NULL, problems), *old;
        pthread_mutex_lock(&current.lock);
        old = current.snapshot;
        current.snapshot = new;
        current.stop = i == 99;
        pthread_mutex_unlock(&current.lock);
        key_snapshot_unref(old);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    key_snapshot_unref(current.snapshot);
    pthread_mutex_destroy(&current.lock);
}

static char *new_key(const char *name, enum key_algorithm algorithm)
{
    char *path = g_build_filename(folder, name, NULL);
    g_assert_true(key_generate(algorithm, path, KEY_NO_GROUP, NULL));
    return path;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("postwelle-keys-XXXXXX", NULL);
    rsa = new_key("rsa", KEY_RSA);
    rsa2 = new_key("rsa2", KEY_RSA);
    ed25519 = new_key("ed25519", KEY_ED25519);
    bad = g_build_filename(folder, "bad", NULL);
    g_assert_true(g_file_set_contents_full(bad, "no key\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    g_test_add_func("/keys/good", test_good);
    g_test_add_func("/keys/bad-rows", test_bad_rows);
    g_test_add_func("/keys/unusable-domains", test_unusable_domains);
    g_test_add_func("/keys/too-many", test_too_many);
    g_test_add_func("/keys/swap", test_swap);
    int status = g_test_run();
    char *paths[] = {rsa, rsa2, ed25519, bad};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_unlink(paths[i]);
        g_free(paths[i]);
    }
    g_rmdir(folder);
    g_free(folder);
    return status;
}
