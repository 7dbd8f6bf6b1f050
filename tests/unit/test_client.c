/* test_client.c - a folder of clients is taken whole or refused. */
#include "lib/client.h"
#include "lib/error.h"

#include <glib/gstdio.h>

#define GOOD                                                                                                           \
    "[client]\ntitle=Muster GmbH\ndomains=muster.example, M\xc3\x9cLLER.muster.example\n"                              \
    "return-path=bounce.muster.example\n[signing]\ndomain=muster.example\nrsa-selector=20261123\nrsa-key=rsa.pem\n"    \
    "[unsubscribe]\nuri=https://weg.example/u/\nmailto=weg@agentur.example\n"
#define OTHER                                                                                                          \
    "[client]\ntitle=Other\ndomains=other.example\nreturn-path=bounce.other.example\n"                                 \
    "[signing]\ndomain=other.example\nrsa-selector=s\nrsa-key=rsa.pem\n"                                               \
    "[unsubscribe]\nuri=https://weg.example/u/\nmailto=weg@agentur.example\n"

struct files {
    char *folder;
};

static void files_setup(struct files *files, gconstpointer data)
{
    (void)data;
    files->folder = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
}

static void files_write(const struct files *files, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(files->folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void files_teardown(struct files *files, gconstpointer data)
{
    (void)data;
    g_autoptr(GDir) dir = g_dir_open(files->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(files->folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(files->folder);
    g_free(files->folder);
}

static void test_good(struct files *files, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    files_write(files, "muster.conf", GOOD);
    files_write(files, "other.conf", OTHER "[cap]\nperiod=rolling 90d\nidentity=strict\nforeign-mail=reject\n");
    files_write(files, "notes.txt", "not a client");
    g_autoptr(client_set_auto) set = client_set_load(files->folder, &error);
    g_assert_no_error(error);
    size_t count;
    const struct client *const *list = client_set_list(set, &count);
    g_assert_cmpuint(count, ==, 2);
    g_assert_cmpstr(list[0]->name, ==, "muster");
    g_assert_cmpstr(list[0]->domains[1], ==, "xn--mller-kva.muster.example");
    g_assert_cmpuint(list[0]->cap.rolling_days, ==, 0);
    g_assert_true(client_by_sender_domain(set, "xn--mller-kva.muster.example") == list[0]);
    g_assert_true(client_by_return_path(set, "bounce.other.example") == list[1]);
    g_assert_true(client_by_name(set, "other") == list[1]);
    g_assert_null(client_by_sender_domain(set, "bounce.other.example"));
    g_assert_cmpuint(list[1]->cap.rolling_days, ==, 90);
    g_assert_cmpint(list[1]->identity, ==, ADDRESS_IDENTITY_STRICT);
    g_assert_cmpint(list[1]->foreign_mail, ==, CLIENT_FOREIGN_REJECT);
}

static const struct {
    const char *name, *file, *text, *message;
} bad_cases[] = {
    {"odd name", "a b.conf", OTHER, "rename the file"},
    {"bad domain", "x.conf",
     "[client]\ntitle=x\ndomains=nodot\nreturn-path=b.x.example\n[signing]\ndomain=x.example\n"
     "rsa-selector=s\nrsa-key=k\n[unsubscribe]\nuri=https://x.example/\nmailto=a@x.example\n",
     "[client] domains: \"nodot\" is no domain"},
    {"not aligned", "x.conf",
     "[client]\ntitle=x\ndomains=x.example\nreturn-path=b.x.example\n[signing]\n"
     "domain=ax.example\nrsa-selector=s\nrsa-key=k\n[unsubscribe]\nuri=https://x.example/\n"
     "mailto=a@x.example\n",
     "not aligned"},
    {"a suffix that is no parent", "x.conf",
     "[client]\ntitle=x\ndomains=ax.example\nreturn-path=b.x.example\n[signing]\n"
     "domain=x.example\nrsa-selector=s\nrsa-key=k\n[unsubscribe]\nuri=https://x.example/\n"
     "mailto=a@x.example\n",
     "not aligned"},
    {"unknown zone", "x.conf", OTHER "[client]\ntime-zone=Europe/Nowhere\n", "no known zone"},
    {"odd cap", "x.conf", OTHER "[cap]\nperiod=month\n", "[cap] period"},
    {"half a second key", "x.conf", OTHER "[signing]\ned25519-selector=e\n", "both, or neither"},
    {"plain http", "x.conf", OTHER "[unsubscribe]\nuri=http://x.example/\n", "https"},
    {"no mail address", "x.conf", OTHER "[unsubscribe]\nmailto=x\n", "[unsubscribe] mailto"},
    {"domain of two clients", "x.conf",
     "[client]\ntitle=x\ndomains=muster.example\nreturn-path=b.x.example\n[signing]\n"
     "domain=muster.example\nrsa-selector=s\nrsa-key=k\n[unsubscribe]\n"
     "uri=https://x.example/\nmailto=a@x.example\n",
     "also the client muster's"},
    {"signing domain of two clients", "x.conf",
     "[client]\ntitle=x\ndomains=x.muster.example\nreturn-path=b.x.example\n"
     "[signing]\ndomain=muster.example\nrsa-selector=s\nrsa-key=k\n[unsubscribe]\n"
     "uri=https://x.example/\nmailto=a@x.example\n",
     "the signing domain muster.example is also"},
};

static void test_bad(struct files *files, gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autoptr(GError) error = NULL;
    files_write(files, "muster.conf", GOOD);
    files_write(files, bad_cases[i].file, bad_cases[i].text);
    g_assert_null(client_set_load(files->folder, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_CONFIG);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, bad_cases[i].message));
    g_assert_true(g_str_has_prefix(error->message, files->folder));
}

static void test_empty(struct files *files, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    g_assert_null(client_set_load(files->folder, &error));
    g_assert_nonnull(strstr(error->message, "there is no client"));
    g_clear_error(&error);
    g_assert_null(client_set_load("/nonexistent", &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_CONFIG);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/client/good", struct files, NULL, files_setup, test_good, files_teardown);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        g_autofree char *path = g_strconcat("/client/bad/", bad_cases[i].name, NULL);
        g_test_add(path, struct files, GSIZE_TO_POINTER(i), files_setup, test_bad, files_teardown);
    }
    g_test_add("/client/empty", struct files, NULL, files_setup, test_empty, files_teardown);
    return g_test_run();
}
