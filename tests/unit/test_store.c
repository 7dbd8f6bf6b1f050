/* test_store.c - the store on Berkeley DB: rows, scans, transactions, a killed process, what may not be opened. */
#include "policyd/store.h"

#include "lib/error.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CACHE ((guint64)1 << 20)

struct fixture {
    char *root, *folder;
    struct store *store;
};

static struct bytes text(const char *string)
{
    return (struct bytes){string, strlen(string)};
}

static void set_up(struct fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    fixture->root = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
    fixture->folder = g_build_filename(fixture->root, "ledger", NULL);
    g_assert_true(store_bdb_create(fixture->folder, &error));
    g_assert_no_error(error);
    fixture->store = store_bdb_open(fixture->folder, CACHE, &error);
    g_assert_no_error(error);
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
}

static void tear_down(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    store_close(fixture->store);
    remove_folder(fixture->folder);
    g_rmdir(fixture->root);
    g_free(fixture->folder);
    g_free(fixture->root);
}

static void put(struct store *store, const char *key, const char *value)
{
    g_assert_cmpint(store_put(store, STORE_SLOT, text(key), text(value), NULL), ==, STORE_DONE);
}

static void assert_value(struct store *store, const char *key, const char *expected)
{
    struct bytes value = {"as it was", 1};
    enum store_result result = store_get(store, STORE_SLOT, text(key), &value, NULL);
    if (expected == NULL) {
        g_assert_cmpint(result, ==, STORE_ABSENT);
        g_assert_cmpstr(value.data, ==, "as it was");
        return;
    }
    g_assert_cmpint(result, ==, STORE_DONE);
    g_assert_cmpuint(value.size, ==, strlen(expected));
    g_assert_true(memcmp(value.data, expected, value.size) == 0);
}

static void test_rows(struct fixture *fixture, gconstpointer data)
{
    struct store *store = fixture->store;
    (void)data;
    g_assert_true(store_begin(store, NULL));
    put(store, "a", "1");
    put(store, "a", "2");
    g_assert_cmpint(store_insert(store, STORE_SLOT, text("a"), text("3"), NULL), ==, STORE_PRESENT);
    g_assert_cmpint(store_insert(store, STORE_SLOT, text("b"), text(""), NULL), ==, STORE_DONE);
    assert_value(store, "a", "2");
    assert_value(store, "b", "");
    assert_value(store, "c", NULL);
    g_assert_cmpint(store_remove(store, STORE_SLOT, text("b"), NULL), ==, STORE_DONE);
    g_assert_cmpint(store_remove(store, STORE_SLOT, text("b"), NULL), ==, STORE_ABSENT);
    g_assert_true(store_commit(store, NULL));
    assert_value(store, "a", "2");
    assert_value(store, "b", NULL);
    g_autofree char *big = g_strnfill(20000, 'x');
    g_assert_true(store_begin(store, NULL));
    put(store, "big", big);
    g_assert_true(store_commit(store, NULL));
    assert_value(store, "big", big);
}

static void test_abort(struct fixture *fixture, gconstpointer data)
{
    struct store *store = fixture->store;
    (void)data;
    g_assert_true(store_begin(store, NULL));
    put(store, "a", "1");
    g_assert_true(store_commit(store, NULL));
    g_assert_true(store_begin(store, NULL));
    put(store, "a", "2");
    put(store, "b", "2");
    g_assert_true(store_abort(store, NULL));
    assert_value(store, "a", "1");
    assert_value(store, "b", NULL);
}

static void assert_scan(struct store *store, const char *from, const char *prefix, const char *expected)
{
    g_autoptr(store_scan_auto) scan = store_scan(store, STORE_SLOT, text(from), text(prefix), NULL);
    g_autoptr(GString) keys = g_string_new(NULL);
    struct bytes key, value;
    while (store_next(scan, &key, &value, NULL) == STORE_DONE) {
        g_string_append_len(keys, key.data, (gssize)key.size);
        g_string_append_c(keys, ' ');
    }
    g_assert_cmpstr(keys->str, ==, expected);
}

static void test_scan(struct fixture *fixture, gconstpointer data)
{
    static const char *const keys[] = {"b2", "a", "b", "b10", "c", "\xff"};
    struct store *store = fixture->store;
    (void)data;
    assert_scan(store, "", "", "");
    g_assert_true(store_begin(store, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        put(store, keys[i], "");
    assert_scan(store, "", "", "a b b10 b2 c \xff ");
    g_assert_true(store_commit(store, NULL));
    assert_scan(store, "", "b", "b b10 b2 ");
    assert_scan(store, "b11", "b", "b2 ");
    assert_scan(store, "b3", "b", "");
    assert_scan(store, "", "x", "");
}

/* --- any order of calls --- */

#define MODEL_KEYS 400
#define MODEL_ROUNDS 300

/* The number that each key has; 0: it is not there. */
struct model {
    struct store *store;
    GRand *random;
    guint now[MODEL_KEYS], committed[MODEL_KEYS];
};

/* Of all lengths: short ones, and such as no cache keeps. */
static char *model_value(guint number)
{
    return g_strdup_printf("%u%0*d", number, number % 3 == 0 ? (int)(number % 200) + 1 : 1, 0);
}

static void assert_model(struct model *model, guint index)
{
    g_autofree char *key = g_strdup_printf("k%03u", index), *value = model_value(model->now[index]);
    assert_value(model->store, key, model->now[index] != 0 ? value : NULL);
}

static void change_model(struct model *model)
{
    guint index = (guint)g_rand_int_range(model->random, 0, MODEL_KEYS);
    guint number = (guint)g_rand_int_range(model->random, 1, 1000);
    gboolean there = model->now[index] != 0;
    g_autofree char *key = g_strdup_printf("k%03u", index), *value = model_value(number);
    switch (g_rand_int_range(model->random, 0, 4)) {
    case 0:
        put(model->store, key, value);
        model->now[index] = number;
        break;
    case 1:
        g_assert_cmpint(store_insert(model->store, STORE_SLOT, text(key), text(value), NULL), ==,
                        there ? STORE_PRESENT : STORE_DONE);
        model->now[index] = there ? model->now[index] : number;
        break;
    case 2:
        g_assert_cmpint(store_remove(model->store, STORE_SLOT, text(key), NULL), ==, there ? STORE_DONE : STORE_ABSENT);
        model->now[index] = 0;
        break;
    default:
        assert_model(model, index);
    }
}

static void end_transaction(struct model *model)
{
    gboolean commits = g_rand_int_range(model->random, 0, 3) > 0;
    g_assert_true(commits ? store_commit(model->store, NULL) : store_abort(model->store, NULL));
    if (commits)
        memcpy(model->committed, model->now, sizeof model->now);
    else
        memcpy(model->now, model->committed, sizeof model->now);
}

/* Transactions of many changes, ended both ways, and now and then a new process. */
static void test_model(struct fixture *fixture, gconstpointer data)
{
    struct model model = {.store = fixture->store, .random = g_rand_new_with_seed(11)};
    (void)data;
    for (guint round = 0; round < MODEL_ROUNDS; round++) {
        g_assert_true(store_begin(model.store, NULL));
        for (int changes = g_rand_int_range(model.random, 0, 60); changes > 0; changes--)
            change_model(&model);
        end_transaction(&model);
        if (round % 20 == 19) {
            store_close(model.store);
            model.store = fixture->store = store_bdb_open(fixture->folder, CACHE, NULL);
        }
        for (guint index = 0; index < MODEL_KEYS; index++)
            assert_model(&model, index);
    }
    g_rand_free(model.random);
}

/* A child commits and flushes some, commits one more, leaves another open, and is killed. */
static void test_killed(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    store_close(g_steal_pointer(&fixture->store));
    pid_t child = fork();
    if (child == 0) {
        struct store *store = store_bdb_open(fixture->folder, CACHE, NULL);
        for (int i = 0; i < 100; i++) {
            char key[16];
            g_snprintf(key, sizeof key, "k%03d", i);
            store_begin(store, NULL);
            store_put(store, STORE_SLOT, text(key), text("durable"), NULL);
            store_commit(store, NULL);
        }
        store_flush(store, NULL);
        store_begin(store, NULL);
        store_put(store, STORE_SLOT, text("open"), text("x"), NULL);
        store_put(store, STORE_SLOT, text("k000"), text("changed"), NULL);
        kill(getpid(), SIGKILL);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    fixture->store = store_bdb_open(fixture->folder, CACHE, &error);
    g_assert_no_error(error);
    assert_value(fixture->store, "k000", "durable");
    assert_value(fixture->store, "k099", "durable");
    assert_value(fixture->store, "open", NULL);
}

static void test_stats(struct fixture *fixture, gconstpointer data)
{
    struct store_stats stats;
    (void)data;
    g_assert_true(store_begin(fixture->store, NULL));
    put(fixture->store, "a", "1");
    g_assert_true(store_commit(fixture->store, NULL));
    g_assert_cmpuint(store_log_size(fixture->store), >, 0);
    g_assert_true(store_flush(fixture->store, NULL));
    g_assert_true(store_checkpoint(fixture->store, NULL));
    store_stats(fixture->store, &stats);
    g_assert_cmpuint(stats.commits, ==, 1);
    g_assert_cmpuint(stats.flushes, ==, 1);
    g_assert_cmpuint(stats.checkpoints, ==, 1);
}

static void assert_not_opened(const char *folder, int code, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(store_bdb_open(folder, CACHE, &error));
    g_assert_error(error, POSTWELLE_ERROR, code);
    g_assert_nonnull(strstr(error->message, what));
}

static void test_not_opened(struct fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    store_close(g_steal_pointer(&fixture->store));
    assert_not_opened("/nonexistent/ledger", ERROR_NO_INPUT, "--init");
    g_assert_false(store_bdb_create(fixture->folder, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_CANT_CREATE);

    g_autofree char *config = g_build_filename(fixture->folder, "DB_CONFIG", NULL);
    g_assert_true(g_file_set_contents(config, "set_flags DB_TXN_NOSYNC\n", -1, NULL));
    assert_not_opened(fixture->folder, ERROR_DENIED, "DB_CONFIG");
    g_unlink(config);

    g_assert_cmpint(g_chmod(fixture->folder, 0750), ==, 0);
    assert_not_opened(fixture->folder, ERROR_DENIED, "0700");
    g_assert_cmpint(g_chmod(fixture->folder, 0700), ==, 0);

    g_autofree char *table = g_build_filename(fixture->folder, "slot.db", NULL);
    g_autofree char *away = g_build_filename(fixture->folder, "away", NULL);
    g_assert_cmpint(g_rename(table, away), ==, 0);
    assert_not_opened(fixture->folder, ERROR_NO_INPUT, "slot.db");
    g_assert_cmpint(g_rename(away, table), ==, 0);

    g_autofree char *log = g_build_filename(fixture->folder, "log.0000000001", NULL);
    g_unlink(log);
    assert_not_opened(fixture->folder, ERROR_NO_INPUT, "log files");
}

/* --- removed rows leave nothing --- */

#define PEOPLE 900
#define SECRET "kim.geheim"

/* Of all lengths, so that pages are split and long values have pages of their own; every third one stays. */
static void person(char *key, char *value, size_t size, int number, gboolean stays)
{
    g_snprintf(key, 16, "%05d", number);
    g_snprintf(value, size, "%s%d@mail.example %0*d", stays ? "bleibt" : SECRET, number, number * 7 % 3000 + 1, 0);
}

static void put_people(struct store *store, gboolean stay)
{
    char key[16], value[4096];
    for (int step = 0; step < PEOPLE; step++) {
        int number = step * 1009 % PEOPLE; /* not in order */
        person(key, value, sizeof value, number, number % 3 == 0 && stay);
        g_assert_cmpint(store_put(store, STORE_PARTICIPANT, text(key), text(value), NULL), ==, STORE_DONE);
    }
}

static void remove_people(struct store *store)
{
    char key[16], value[4096];
    for (int number = 0; number < PEOPLE; number++) {
        person(key, value, sizeof value, number, FALSE);
        if (number % 3 != 0)
            g_assert_cmpint(store_remove(store, STORE_PARTICIPANT, text(key), NULL), ==, STORE_DONE);
    }
}

/* The file of the folder that holds the text; NULL: none. The caller frees. */
static char *file_with(const char *folder, const char *text_there)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *content = NULL;
        gsize size;
        g_assert_true(g_file_get_contents(path, &content, &size, NULL));
        if (memmem(content, size, text_there, strlen(text_there)) != NULL)
            return g_strdup(name);
    }
    return NULL;
}

static void assert_people(struct store *store)
{
    char key[16], value[4096];
    struct bytes found;
    for (int number = 0; number < PEOPLE; number++) {
        person(key, value, sizeof value, number, TRUE);
        enum store_result result = store_get(store, STORE_PARTICIPANT, text(key), &found, NULL);
        g_assert_cmpint(result, ==, number % 3 == 0 ? STORE_DONE : STORE_ABSENT);
        if (number % 3 == 0)
            g_assert_true(found.size == strlen(value) && memcmp(found.data, value, found.size) == 0);
    }
}

/*
 * A process that fills, removes and scrubs, and ends without closing; whether the files hold it before a checkpoint
 * does not matter.
 */
static void test_scrub(struct fixture *fixture, gconstpointer data)
{
    gboolean closes = data != NULL;
    struct store *store = fixture->store;
    struct store_place place = {0};
    store_begin(store, NULL);
    put_people(store, FALSE); /* all of them secret, then a third is not any more */
    store_commit(store, NULL);
    store_begin(store, NULL);
    put_people(store, TRUE);
    remove_people(store);
    store_commit(store, NULL);
    g_assert_true(store_checkpoint(store, NULL));
    g_autofree char *before = file_with(fixture->folder, SECRET);
    g_assert_nonnull(before); /* or this test tells nothing */
    while (place.table < STORE_TABLES)
        g_assert_true(store_scrub(store, &place, 100, NULL));
    guint32 turned = store_turn_log(store, NULL);
    g_assert_cmpuint(turned, >, 1);
    g_assert_cmpuint(store_oldest_log(store), <, turned);
    g_assert_true(store_checkpoint(store, NULL));
    g_assert_cmpuint(store_oldest_log(store), ==, turned);
    g_autofree char *after = file_with(fixture->folder, SECRET);
    g_assert_cmpstr(after, ==, NULL);
    assert_people(store);
    if (closes) {
        g_autoptr(GError) error = NULL;
        store_close(store);
        fixture->store = store_bdb_open(fixture->folder, CACHE, &error);
        g_assert_no_error(error);
        assert_people(fixture->store);
    }
    store_begin(fixture->store, NULL);
    put_people(fixture->store, TRUE); /* the pages are as good as new */
    store_commit(fixture->store, NULL);
}

/* Killed between any two steps: what is there is whole, and the next process scrubs anew. */
static void test_scrub_killed(struct fixture *fixture, gconstpointer data)
{
    for (int stage = 0; stage < 4; stage++) {
        g_autoptr(GError) error = NULL;
        store_close(fixture->store);
        pid_t child = fork();
        if (child == 0) {
            struct store_place place = {0};
            struct store *store = store_bdb_open(fixture->folder, CACHE, NULL);
            store_begin(store, NULL);
            put_people(store, TRUE);
            remove_people(store);
            store_commit(store, NULL);
            store_flush(store, NULL);
            if (stage > 0)
                store_scrub(store, &place, G_MAXUINT, NULL);
            if (stage > 1)
                store_turn_log(store, NULL);
            if (stage > 2)
                store_checkpoint(store, NULL);
            raise(SIGKILL);
        }
        waitpid(child, NULL, 0);
        fixture->store = store_bdb_open(fixture->folder, CACHE, &error);
        g_assert_no_error(error);
        assert_people(fixture->store);
    }
    test_scrub(fixture, data);
}

#define ADD(name, function) g_test_add("/store/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("rows", test_rows);
    ADD("abort", test_abort);
    ADD("scan", test_scan);
    ADD("model", test_model);
    ADD("killed", test_killed);
    ADD("stats", test_stats);
    ADD("not-opened", test_not_opened);
    ADD("scrub", test_scrub);
    g_test_add("/store/scrub/reopened", struct fixture, "", set_up, test_scrub, tear_down);
    ADD("scrub/killed", test_scrub_killed);
    return g_test_run();
}
