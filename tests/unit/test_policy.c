/* test_policy.c - the attribute protocol: form, limits, encoding, the blocking client. */
#include "lib/error.h"
#include "lib/policy.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct policy_limits small = {64, 20, 3};

static const struct {
    const char *name;
    const char *text;
    size_t size; /* 0: strlen(text) */
    size_t used; /* 0: more needed */
    size_t count;
    const char *message; /* NULL: fine */
} parse_cases[] = {
    {"one list", "a=1\nb=\n\n", 0, 8, 2, NULL},
    {"the rest stays", "a=1\n\nb=2\n\n", 0, 5, 1, NULL},
    {"half a list", "a=1\nb=2\n", 0, 0, 0, NULL},
    {"nothing", "", 0, 0, 0, NULL},
    {"a value may hold =", "a=b=c\n\n", 0, 7, 1, NULL},
    {"empty list", "\n", 0, 0, 0, "without attributes"},
    {"no sign", "a\n\n", 0, 0, 0, "name=value"},
    {"no name", "=x\n\n", 0, 0, 0, "name=value"},
    {"name beyond ASCII", "a.\xc3\xa4=1\n\n", 0, 8, 1, NULL},
    {"odd name", "a b=x\n\n", 0, 0, 0, "name=value"},
    {"NUL", "a=\0\n\n", 5, 0, 0, "NUL"},
    {"too many", "a=1\nb=2\nc=3\nd=4\n\n", 0, 0, 0, "more than 3"},
    {"line at the limit", "a=345678901234567890\n\n", 0, 22, 1, NULL},
    {"line over the limit", "a=3456789012345678901\n\n", 0, 0, 0, "at most 20"},
    {"no end within the limit", "a=1234567890\nb=1234567890\nc=1234567890\nd=1234567890\ne=1234567890\n", 0, 0, 0,
     "no empty line"},
};

static void test_parse(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parse_cases); i++) {
        g_autoptr(GError) error = NULL;
        struct attributes attributes;
        size_t size = parse_cases[i].size != 0 ? parse_cases[i].size : strlen(parse_cases[i].text);
        g_autofree char *data = g_memdup2(parse_cases[i].text, MAX(size, 1));
        size_t used;
        g_test_message("%s", parse_cases[i].name);
        gboolean good = policy_parse(data, size, &small, &attributes, &used, &error);
        g_assert_cmpint(good, ==, parse_cases[i].message == NULL);
        g_assert_cmpuint(used, ==, parse_cases[i].used);
        if (good)
            g_assert_cmpuint(attributes.count, ==, parse_cases[i].count);
        else
            g_assert_nonnull(strstr(error->message, parse_cases[i].message));
    }
}

static void test_round_trip(void)
{
    g_autoptr(GString) list = g_string_new(NULL);
    policy_append(list, "text", "100 % of\r\n\x7f M\xc3\xbcller = x");
    policy_append(list, "empty", "");
    policy_append_number(list, "number", G_MAXUINT64);
    policy_end(list);
    g_assert_null(strchr(list->str, '\r'));
    struct attributes attributes;
    size_t used;
    g_autoptr(GError) error = NULL;
    g_assert_true(policy_parse(list->str, list->len, &policy_own_limits, &attributes, &used, &error));
    g_assert_true(policy_decode(&attributes, &error));
    g_assert_cmpstr(attributes_get(&attributes, "text"), ==, "100 % of\r\n\x7f M\xc3\xbcller = x");
    g_assert_cmpstr(attributes_get(&attributes, "empty"), ==, "");
    g_assert_null(attributes_get(&attributes, "absent"));
    g_assert_cmpstr(attributes_text(&attributes, "absent"), ==, "");
    guint64 number;
    g_assert_true(attributes_number(&attributes, "number", G_MAXUINT64, &number, &error));
    g_assert_cmpuint(number, ==, G_MAXUINT64);
    g_assert_false(attributes_number(&attributes, "text", 5, &number, NULL));
    g_assert_false(attributes_number(&attributes, "absent", 5, &number, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_DATA);
}

static void test_decode_refusals(void)
{
    static const char *const bad[] = {"a=%\n\n", "a=%4\n\n", "a=%4x\n\n", "a=%00\n\n", "a=1\na=2\n\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *data = g_strdup(bad[i]);
        g_autoptr(GError) error = NULL;
        struct attributes attributes;
        size_t used;
        g_assert_true(policy_parse(data, strlen(data), &policy_own_limits, &attributes, &used, NULL));
        g_assert_false(policy_decode(&attributes, &error));
        g_assert_cmpint(error_exit_status(error), ==, ERROR_PROTOCOL);
    }
}

/* A peer that sends two answers in three pieces, then closes. */
static gpointer serve(gpointer data)
{
    int fd = accept(GPOINTER_TO_INT(data), NULL, NULL);
    char question[64];
    g_assert_cmpint(recv(fd, question, sizeof question, 0), ==, 10);
    static const char *const pieces[] = {"status=more\nn=1\n\nsta", "tus=refused\nreason=no", " luck\n\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_assert_cmpint(send(fd, pieces[i], strlen(pieces[i]), 0), ==, (ssize_t)strlen(pieces[i]));
        g_usleep(10000);
    }
    close(fd);
    return NULL;
}

static void test_client(void)
{
    g_autofree char *folder = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(policy_client_new(path, 1000, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_UNAVAILABLE);
    g_clear_error(&error);

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    GThread *thread = g_thread_new("serve", serve, GINT_TO_POINTER(listener));
    g_autoptr(policy_client_auto) client = policy_client_new(path, 5000, &error);
    g_assert_no_error(error);

    g_autoptr(GString) request = g_string_new("request=x\n");
    g_assert_cmpuint(request->len, ==, 10);
    struct attributes answer;
    g_assert_true(policy_client_ask(client, request, &answer, &error));
    g_assert_true(policy_answer_ok(&answer, &error) && policy_answer_more(&answer));
    g_assert_cmpstr(attributes_get(&answer, "n"), ==, "1");
    g_assert_true(policy_client_read(client, &answer, &error));
    g_assert_false(policy_answer_ok(&answer, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_WANTING);
    g_assert_cmpstr(error->message, ==, "no luck");
    g_clear_error(&error);
    g_assert_false(policy_client_read(client, &answer, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_UNAVAILABLE);
    g_thread_join(thread);
    close(listener);
    unlink(path);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy/parse", test_parse);
    g_test_add_func("/policy/round-trip", test_round_trip);
    g_test_add_func("/policy/decode-refusals", test_decode_refusals);
    g_test_add_func("/policy/client", test_client);
    return g_test_run();
}
