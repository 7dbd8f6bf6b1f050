/* test_evidence.c - reading what Postfix's commands say. */
#include "importer/evidence.h"
#include "importer/postfix.h"

#include "lib/error.h"

#include <string.h>

static const struct {
    const char *name, *line, *queue_id;
} line_cases[] = {
    {"a mail", "{\"queue_name\": \"active\", \"queue_id\": \"4jY1LK45FSz1dTWf\", \"sender\": \"a@b.test\"}",
     "4jY1LK45FSz1dTWf"},
    {"one in a sender", "{\"sender\": \"\\\"queue_id\\\": \\\"4X\\\"\", \"queue_id\": \"4Y\"}", "4Y"},
    {"half a line", "{\"queue_name\": \"active\", \"queue_id\": \"4jY1LK", NULL},
    {"a number", "{\"queue_id\": 4}", NULL},
    {"no list", "[\"queue_id\"]", NULL},
    {"words", "Mail system is down", NULL},
    {"nothing", "", NULL},
};

static void test_lines(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(line_cases); i++) {
        g_autofree char *queue_id = evidence_line_queue_id(line_cases[i].line, strlen(line_cases[i].line));
        g_test_message("%s", line_cases[i].name);
        g_assert_cmpstr(queue_id, ==, line_cases[i].queue_id);
    }
}

static void test_seconds(void)
{
    static const struct {
        const char *value;
        gint64 seconds;
    } cases[] = {{"18000s", 18000}, {"5h", 18000}, {"300", 300}, {"1d", 86400}, {"2w", 1209600}, {"3m", 180},
                 {"", 0}, {"h", 0}, {"5x", 0}, {"5hh", 0}, {"99999999999s", 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].value);
        g_assert_cmpint(postfix_seconds(cases[i].value), ==, cases[i].seconds);
    }
}

static gboolean count_line(void *cookie, const char *line, size_t size, GError **error)
{
    guint *count = cookie;
    (void)error;
    g_assert_true(memchr(line, '\n', size) == NULL);
    (*count)++;
    return TRUE;
}

static void test_run(void)
{
    const char *const three[] = {"printf", "a\\nbb\\nccc", NULL};
    const char *const fails[] = {"sh", "-c", "echo no good >&2; exit 1", NULL};
    const char *const none[] = {"/nonexistent/postqueue", NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL;
    guint count = 0;
    g_assert_true(postfix_read(three, 60000, count_line, &count, &error));
    g_assert_cmpuint(count, ==, 3);
    g_assert_true(postfix_run(three, &output, &error));
    g_assert_cmpstr(output, ==, "a\nbb\nccc");
    g_assert_false(postfix_run(fails, NULL, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, "no good"));
    g_clear_error(&error);
    g_assert_false(postfix_read(fails, 60000, count_line, &count, &error));
    g_clear_error(&error);
    g_assert_false(postfix_read(none, 60000, count_line, &count, &error));
    g_assert_nonnull(strstr(error->message, "/nonexistent/postqueue"));
}

/* A command that hangs is given up, with what it said before; one that speaks now and then is not. */
static void test_silence(void)
{
    const char *const hangs[] = {"sh", "-c", "echo a; exec sleep 1000", NULL};
    const char *const slow[] = {"sh", "-c", "for i in 1 2 3 4; do sleep 0.2; echo $i; done", NULL};
    g_autoptr(GError) error = NULL;
    guint count = 0;
    g_assert_false(postfix_read(hangs, 500, count_line, &count, &error));
    g_assert_cmpuint(count, ==, 1);
    g_assert_cmpint(error_exit_status(error), ==, ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, "said nothing"));
    g_clear_error(&error);
    g_assert_true(postfix_read(slow, 30000, count_line, &count, &error));
    g_assert_cmpuint(count, ==, 5);
}

static gboolean refuse_line(void *cookie, const char *line, size_t size, GError **error)
{
    (void)cookie;
    return error_set(error, ERROR_DATA, "not %.*s", (int)size, line);
}

/* Who wants no more lines does not wait for the others. */
static void test_refused(void)
{
    const char *const endless[] = {"sh", "-c", "echo a; exec sleep 1000", NULL};
    g_autoptr(GError) error = NULL;
    g_assert_false(postfix_read(endless, 60000, refuse_line, NULL, &error));
    g_assert_cmpstr(error->message, ==, "not a");
}

/* Postfix's commands fail: no evidence, and nothing is said to be absent. */
static void test_no_postfix(void)
{
    g_autoptr(GError) error = NULL;
    struct evidence evidence;
    evidence_init(&evidence);
    evidence_add(&evidence, "4X");
    evidence_add(&evidence, "4X");
    g_assert_cmpuint(g_hash_table_size(evidence.mails), ==, 1);
    g_assert_false(evidence_collect(&evidence, "/nonexistent", NULL, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_UNAVAILABLE);
    evidence_release(&evidence);
}

/* What another process saw of a file is taken as if it had been seen here. */
static void test_seen(void)
{
    static const struct evidence_mail cases[] = {{.file = EVIDENCE_UNSEEN},
                                                 {.file = EVIDENCE_NONE},
                                                 {.file = EVIDENCE_WRITING},
                                                 {.file = EVIDENCE_LEFT},
                                                 {.listed = TRUE}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct evidence_mail taken = {0};
        evidence_take(&taken, evidence_seen(&cases[i]));
        g_assert_cmpint(taken.file, ==, cases[i].file);
        g_assert_cmpint(taken.listed, ==, cases[i].listed);
    }
    struct evidence_mail listed = {.listed = TRUE};
    evidence_take(&listed, "none");
    g_assert_true(listed.listed);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence/lines", test_lines);
    g_test_add_func("/evidence/seconds", test_seconds);
    g_test_add_func("/evidence/run", test_run);
    g_test_add_func("/evidence/run/silence", test_silence);
    g_test_add_func("/evidence/run/refused", test_refused);
    g_test_add_func("/evidence/no-postfix", test_no_postfix);
    g_test_add_func("/evidence/seen", test_seen);
    return g_test_run();
}
