/* test_key_store.c - the stages of a key, and what is on disk. */
#include "lib/key_store.h"

#include "lib/error.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOON 1795435200 /* 2026-11-23 12:00 UTC */
#define DAY 86400

/* A store of entries "KIND STATE", as "r active"; all retired at NOON. */
static struct key_store *make(const char *folder, const char *entries)
{
    struct key_store *store = key_store_load(folder, "kunde", NULL);
    g_auto(GStrv) list = g_strsplit(entries, ", ", -1);
    for (char **one = list; *one != NULL; one++) {
        struct key_entry *entry = g_new0(struct key_entry, 1);
        entry->selector = g_strdup_printf("s%u", store->entries->len);
        entry->algorithm = **one == 'r' ? KEY_RSA : KEY_ED25519;
        entry->state = key_state_parse(*one + 2);
        entry->public = g_strdup("AAAA");
        entry->file = g_strdup("/nonexistent");
        entry->since[KEY_STATE_RETIRED] = NOON;
        g_ptr_array_add(store->entries, entry);
    }
    return store;
}

static const struct {
    const char *entries; /* the first one is asked about */
    enum key_state to;
    gint64 after;      /* NOON */
    const char *error; /* part of it; NULL: it may */
} rules[] = {
    {"r new", KEY_STATE_PUBLISHED, 0, NULL},
    {"r published", KEY_STATE_PUBLISHED, 0, "only a new key"},
    {"r active", KEY_STATE_PUBLISHED, 0, "only a new key"},
    {"r published", KEY_STATE_ACTIVE, 0, NULL},
    {"r new", KEY_STATE_ACTIVE, 0, "only a published key"},
    {"r retired", KEY_STATE_ACTIVE, 0, "only a published key"},
    {"e published", KEY_STATE_ACTIVE, 0, "RSA key active first"},
    {"e published, r active", KEY_STATE_ACTIVE, 0, NULL},
    {"r published, r active, e active, r active, e active", KEY_STATE_ACTIVE, 0, "retire one first"},
    {"r active", KEY_STATE_RETIRED, 0, "only RSA key"},
    {"r active, e active", KEY_STATE_RETIRED, 0, "only RSA key"},
    {"r active, r active", KEY_STATE_RETIRED, 0, NULL},
    {"e active, r active", KEY_STATE_RETIRED, 0, NULL},
    {"r published", KEY_STATE_RETIRED, 0, "only an active key"},
    {"r active, r active", KEY_STATE_DELETED, 0, "retire it first"},
    {"r retired", KEY_STATE_DELETED, 0, "14 days yet"},
    {"r retired", KEY_STATE_DELETED, 14 * DAY - 1, "1 days yet"},
    {"r retired", KEY_STATE_DELETED, 14 * DAY, NULL},
    {"r new", KEY_STATE_DELETED, 0, NULL},
    {"r published", KEY_STATE_DELETED, 0, NULL},
    {"r active", KEY_STATE_NEW, 0, "make another one"},
};

static void test_rules(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autoptr(key_store_auto) store = make("/nonexistent", rules[i].entries);
        g_autoptr(GError) error = NULL;
        g_test_message("%s to %s", rules[i].entries, key_state_name(rules[i].to));
        gboolean may = key_store_may(store, store->entries->pdata[0], rules[i].to, NOON + rules[i].after, &error);
        g_assert_cmpint(may, ==, rules[i].error == NULL);
        if (rules[i].error != NULL)
            g_assert_true(strstr(error->message, rules[i].error) != NULL);
    }
}

static char *make_folder(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("postwelle-keys-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static void test_life(void)
{
    g_autofree char *folder = make_folder();
    g_autoptr(GError) error = NULL;
    struct key_store *store = key_store_open(folder, "kunde", &error);
    g_assert_no_error(error);
    for (int i = 0; i < 2; i++) {
        g_autofree char *selector = key_store_selector(store, KEY_ED25519, NOON);
        g_assert_cmpstr(selector, ==, i == 0 ? "20261123e" : "20261123e-2");
        g_assert_nonnull(key_store_make(store, KEY_ED25519, selector, getuid(), getgid(), NOON, &error));
        g_assert_no_error(error);
    }
    g_assert_null(key_store_make(store, KEY_ED25519, "20261123e", getuid(), getgid(), NOON, NULL));
    g_assert_null(key_store_make(store, KEY_ED25519, "../x", getuid(), getgid(), NOON, NULL));
    struct key_entry *entry = key_store_find(store, "20261123e");
    g_assert_true(key_store_set(store, entry, KEY_STATE_PUBLISHED, NOON + 1, &error));
    g_assert_true(key_store_save(store, &error));
    g_autofree char *public = g_strdup(entry->public), *file = g_strdup(entry->file);
    struct stat info;
    g_assert_cmpint(stat(file, &info), ==, 0);
    g_assert_cmpuint(info.st_mode & 07777, ==, 0400);
    key_store_free(store);

    store = key_store_open(folder, "kunde", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(store->entries->len, ==, 2);
    entry = key_store_find(store, "20261123e");
    g_assert_cmpint(entry->state, ==, KEY_STATE_PUBLISHED);
    g_assert_cmpint(entry->since[KEY_STATE_PUBLISHED], ==, NOON + 1);
    g_assert_cmpstr(entry->public, ==, public);
    g_autoptr(key_auto) key = key_load(entry->file, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(key_public_base64(key), ==, public);
    g_assert_true(key_store_set(store, entry, KEY_STATE_DELETED, NOON, &error));
    g_assert_true(key_store_save(store, &error));
    g_assert_cmpint(access(file, F_OK), !=, 0);
    key_store_free(store);
    store = key_store_load(folder, "kunde", &error);
    g_assert_cmpuint(store->entries->len, ==, 1);
    key_store_free(store);
}

static const struct {
    const char *name, *text;
    const char *error; /* part of it; NULL: it is read */
} files[] = {
    {"right", "[s]\nalgorithm=rsa\nstate=new\npublic=AAAA\n", NULL},
    {"empty", "", NULL},
    {"no state", "[s]\nalgorithm=rsa\npublic=AAAA\n", "[s]: state"},
    {"an unknown state", "[s]\nalgorithm=rsa\nstate=deleted\npublic=AAAA\n", "[s]: state"},
    {"an unknown algorithm", "[s]\nalgorithm=dsa\nstate=new\npublic=AAAA\n", "[s]: algorithm"},
    {"no public key", "[s]\nalgorithm=rsa\nstate=new\n", "[s]: public"},
    {"a public key with more in it", "[s]\nalgorithm=rsa\nstate=new\npublic=AA;AA\n", "[s]: public"},
    {"a selector that leads away", "[../s]\nalgorithm=rsa\nstate=new\npublic=AAAA\n", "the selector"},
    {"no key file", "hello\n", "keys.conf"},
};

static void test_files(void)
{
    g_autofree char *folder = make_folder();
    key_store_free(key_store_open(folder, "kunde", NULL));
    g_autofree char *path = g_build_filename(folder, "kunde", "keys.conf", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", files[i].name);
        g_assert_true(g_file_set_contents(path, files[i].text, -1, NULL));
        g_autoptr(key_store_auto) store = key_store_load(folder, "kunde", &error);
        g_assert_cmpint(store != NULL, ==, files[i].error == NULL);
        if (files[i].error != NULL)
            g_assert_true(strstr(error->message, files[i].error) != NULL);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(key_store_auto) none = key_store_load(folder, "fremd", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(none->entries->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/key_store/rules", test_rules);
    g_test_add_func("/key_store/life", test_life);
    g_test_add_func("/key_store/files", test_files);
    return g_test_run();
}
