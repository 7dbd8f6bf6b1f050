/* What set-up changed, and what puts it back; addresses as Postfix writes them. */
#include "importer/postfix_instance.h"
#include "importer/postfix_record.h"
#include "lib/error.h"

#include <glib/gstdio.h>
#include <string.h>

#define MILTERS "inet:a:1, $postwelle_milter"
#define ENTRY "postwelle unix - - y - - smtp -o syslog_name=postfix/postwelle"

/* --- back --- */

/* Three moments of one parameter or entry: as set-up found it, as it left it, as it is now. NULL: not there. */
struct back_case {
    const char *name;
    gboolean service;
    const char *setting;
    const char *before, *after, *now;
    gboolean changed; /* --undo has something to do */
    const char *back; /* what comes of it */
    gboolean conflict;
};

static const struct back_case back_cases[] = {
    {"as it was left", FALSE, "enable_long_queue_ids", NULL, "yes", "yes", TRUE, NULL, FALSE},
    {"as it was left, set before", FALSE, "milter_default_action", "accept", "tempfail", "tempfail", TRUE, "accept",
     FALSE},
    {"never applied", FALSE, "enable_long_queue_ids", NULL, "yes", NULL, FALSE, NULL, FALSE},
    {"put back by hand", FALSE, "milter_default_action", "accept", "tempfail", "accept", FALSE, NULL, FALSE},
    {"changed by hand", FALSE, "milter_default_action", "accept", "tempfail", "reject", TRUE, "reject", TRUE},
    {"a list as it was left", FALSE, "smtpd_milters", "inet:a:1", MILTERS, MILTERS, TRUE, "inet:a:1", FALSE},
    {"a list with one more", FALSE, "smtpd_milters", "inet:a:1", MILTERS, MILTERS ", inet:b:2", TRUE,
     "inet:a:1, inet:b:2", FALSE},
    {"a list without ours", FALSE, "smtpd_milters", "inet:a:1", MILTERS, "inet:b:2", FALSE, NULL, FALSE},
    {"a list that was not set, with one more", FALSE, "smtpd_milters", NULL, "$postwelle_milter",
     "${postwelle_milter} inet:b:2", TRUE, "inet:b:2", FALSE},
    {"an entry as it was left", TRUE, "postwelle/unix", NULL, ENTRY, ENTRY, TRUE, NULL, FALSE},
    {"an entry that was changed", TRUE, "postwelle/unix", NULL, ENTRY, ENTRY " -o a=b", TRUE, ENTRY " -o a=b", TRUE},
    {"an entry that is gone", TRUE, "postwelle/unix", NULL, ENTRY, NULL, FALSE, NULL, FALSE},
    {"a listener that moved", TRUE, "127.0.0.1:1/inet", "127.0.0.1:1 inet n - y - - smtpd", NULL, NULL, TRUE,
     "127.0.0.1:1 inet n - y - - smtpd", FALSE},
};

static void add(struct postfix_record *record, gboolean service, const char *name, const char *before,
                const char *after)
{
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func((GDestroyNotify)postfix_change_free);
    g_ptr_array_add(changes, postfix_change_new(service, name, before, after, ""));
    postfix_record_add(record, changes);
}

static struct postfix_facts *facts_with(gboolean service, const char *name, const char *now)
{
    GError *error = NULL;
    g_autofree char *line = now == NULL ? g_strdup("")
                            : service   ? g_strdup(now)
                                        : g_strdup_printf("%s = %s", name, now);
    struct postfix_facts *facts = postfix_facts_new(service ? "" : line, "", "", service ? line : "", &error);
    g_assert_no_error(error);
    return facts;
}

static void test_back(const void *data)
{
    const struct back_case *one = data;
    g_autoptr(postfix_record_auto) record = postfix_record_new();
    add(record, one->service, one->setting, one->before, one->after);
    g_autoptr(postfix_facts_auto) facts = facts_with(one->service, one->setting, one->now);
    g_autoptr(GPtrArray) changes = postfix_record_undo(record, facts);
    g_assert_cmpuint(changes->len, ==, one->changed ? 1 : 0);
    if (!one->changed)
        return;
    const struct postfix_change *change = changes->pdata[0];
    g_assert_cmpint(change->conflict != NULL, ==, one->conflict);
    g_assert_cmpstr(change->after, ==, one->back);
}

/* --- changes upon changes --- */

struct again_case {
    const char *name;
    const char *setting;
    const char *first[2], *second[2]; /* before and after of two runs */
    const char *before;               /* what there is to go back to */
    gboolean empty;                   /* nothing is left to put back */
};

static const struct again_case again_cases[] = {
    {"a new value of ours",
     "postwelle_return_domains",
     {NULL, "a.example"},
     {"a.example", "a.example, b.example"},
     NULL,
     FALSE},
    {"the site's since", "milter_default_action", {"accept", "tempfail"}, {"reject", "tempfail"}, "reject", FALSE},
    {"killed before it was applied",
     "milter_default_action",
     {"accept", "tempfail"},
     {"accept", "tempfail"},
     "accept",
     FALSE},
    {"a list with one behind ours",
     "smtpd_milters",
     {"inet:a:1", MILTERS},
     {MILTERS ", inet:b:2", "inet:a:1, inet:b:2, $postwelle_milter"},
     "inet:a:1, inet:b:2",
     FALSE},
    {"a list that was not set", "smtpd_milters", {NULL, "$postwelle_milter"}, {"", "$postwelle_milter"}, NULL, FALSE},
    {"there and back", "milter_default_action", {"accept", "tempfail"}, {"tempfail", "accept"}, NULL, TRUE},
};

static void test_again(const void *data)
{
    const struct again_case *one = data;
    g_autoptr(postfix_record_auto) record = postfix_record_new();
    add(record, FALSE, one->setting, one->first[0], one->first[1]);
    add(record, FALSE, one->setting, one->second[0], one->second[1]);
    g_assert_cmpuint(record->items->len, ==, one->empty ? 0 : 1);
    if (one->empty)
        return;
    const struct postfix_record_item *item = record->items->pdata[0];
    g_assert_cmpstr(item->before, ==, one->before);
    g_assert_cmpstr(item->after, ==, one->second[1]);
}

/* --- the file --- */

static void test_file(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("postwelle-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, POSTFIX_RECORD, NULL);
    g_autoptr(postfix_record_auto) none = postfix_record_load(folder, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(none->items->len, ==, 0);

    g_autoptr(postfix_record_auto) record = postfix_record_new();
    add(record, TRUE, "[::1]:10587/inet", NULL, ENTRY);
    add(record, FALSE, "smtpd_milters", " ;a=\\b\t", "$x");
    g_ptr_array_add(record->folders, g_strdup("/var/spool/one;two"));
    g_assert_true(postfix_record_save(record, folder, &error));
    g_autoptr(postfix_record_auto) read = postfix_record_load(folder, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(read->items->len, ==, 2);
    for (guint i = 0; i < read->items->len; i++) {
        const struct postfix_record_item *got = read->items->pdata[i], *put = record->items->pdata[i];
        g_assert_cmpint(got->service, ==, put->service);
        g_assert_cmpstr(got->name, ==, put->name);
        g_assert_cmpstr(got->before, ==, put->before);
        g_assert_cmpstr(got->after, ==, put->after);
    }
    g_assert_cmpstr(read->folders->pdata[0], ==, "/var/spool/one;two");

    g_assert_true(g_file_set_contents(path, "[1]\nname=x\n", -1, NULL));
    g_assert_null(postfix_record_load(folder, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
    g_clear_error(&error);
    g_assert_true(postfix_record_save(none, folder, &error));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_rmdir(folder);
}

/* --- addresses --- */

static void test_address(void)
{
    static const struct {
        const char *socket, *address;
    } cases[] = {
        {"unix:/var/spool/postfix/postwelle-milter/milter.sock", "unix:postwelle-milter/milter.sock"},
        {"local:/var/spool/postfix//x/../m", "unix:m"},
        {"unix:/var/spool/postfix-out/m", NULL},
        {"unix:/run/m", NULL},
        {"unix:/var/spool/postfix", NULL},
        {"inet:8890@127.0.0.1", "inet:127.0.0.1:8890"},
        {"inet6:8890@::1", "inet:[::1]:8890"},
        {"inet6:8890@[::1]", "inet:[::1]:8890"},
        {"inet:8890", "inet:localhost:8890"},
        {"8890", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *address = postfix_milter_address(cases[i].socket, "/var/spool/postfix/");
        g_test_message("%s", cases[i].socket);
        g_assert_cmpstr(address, ==, cases[i].address);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(back_cases); i++) {
        g_autofree char *path = g_strdup_printf("/postfix-record/back/%s", back_cases[i].name);
        g_test_add_data_func(path, &back_cases[i], test_back);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(again_cases); i++) {
        g_autofree char *path = g_strdup_printf("/postfix-record/again/%s", again_cases[i].name);
        g_test_add_data_func(path, &again_cases[i], test_again);
    }
    g_test_add_func("/postfix-record/file", test_file);
    g_test_add_func("/postfix-record/address", test_address);
    return g_test_run();
}
