/* test_attempts.c - the tries to deliver a mail, looked up in Postfix's log file and its rotated siblings. */
#include "importer/attempts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define NOON 1795435200 /* 2026-11-23 12:00 UTC */
#define DAY 86400
#define OLDEST (NOON - 2 * DAY - 4 * 3600)    /* when the oldest line was written */
#define YESTERDAY (NOON - DAY - 4 * 3600)
#define LINE(day, time, id, rest)                                                                                      \
    "2026-11-" day "T" time "+00:00 mail postfix/postwelle/smtp[1]: " id                                               \
    ": to=<a@b.example>, relay=none, delay=1, " rest "\n"
#define OTHERS 300 /* lines about other mails, more than are read between two looks at their time */

struct log {
    char *folder;
    GTimeZone *zone;
    struct attempts_log log;
};

static void write_log(const struct log *log, const char *name, const char *text, gint64 changed)
{
    g_autofree char *path = g_build_filename(log->folder, name, NULL);
    const struct utimbuf times = {changed, changed};
    g_assert_true(g_file_set_contents(path, text, -1, NULL) && utime(path, &times) == 0);
}

static void set_up(struct log *log, gconstpointer data)
{
    (void)data;
    GString *today = g_string_new(LINE("23", "08:00:00", "4dFbk11Rs7z1Xq", "dsn=4.2.0, status=deferred (greylisted)"));
    for (int i = 0; i < OTHERS; i++)
        g_string_append(today, LINE("23", "09:00:00", "4dFbk11Rs7z1Xr",
                                    "dsn=2.0.0, status=sent (4dFbk11Rs7z1Xq is no queue ID here)"));
    g_string_append(today, LINE("23", "10:00:00", "4dFbk11Rs7z1Xq", "dsn=2.0.0, status=sent (ok)"));
    log->folder = g_dir_make_tmp("postwelle-XXXXXX", NULL);
    log->zone = g_time_zone_new_utc();
    log->log = (struct attempts_log){
        {.file = g_build_filename(log->folder, "mail.log", NULL), .syslog_name = "postfix"}, log->zone, NOON};
    write_log(log, "mail.log.2", LINE("21", "08:00:00", "4dFbk11Rs7z1Xq", "dsn=4.2.0, status=deferred (too old)"),
              NOON - 2 * DAY);
    write_log(log, "mail.log.1", LINE("22", "08:00:00", "4dFbk11Rs7z1Xq", "dsn=4.7.1, status=deferred (yesterday)"),
              NOON - DAY);
    write_log(log, "mail.log", today->str, NOON);
    g_string_free(today, TRUE);
}

static void tear_down(struct log *log, gconstpointer data)
{
    static const char *const names[] = {"mail.log", "mail.log.1", "mail.log.2"};
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(log->folder, names[i], NULL);
        g_unlink(path);
    }
    g_rmdir(log->folder);
    g_free((char *)log->log.log.file);
    g_free(log->folder);
    g_time_zone_unref(log->zone);
}

/* The tries' status codes, a word each; of another mail there is a word between. */
static char *tries_of(const GArray *mails)
{
    GString *codes = g_string_new(NULL);
    for (guint i = 0; i < mails->len; i++) {
        const GArray *tries = g_array_index(mails, struct attempts_mail, i).tries;
        g_string_append(codes, i > 0 ? "| " : "");
        for (guint k = 0; k < tries->len; k++)
            g_string_append_printf(codes, "%s ", g_array_index(tries, struct track_event, k).dsn);
    }
    return g_string_free(codes, FALSE);
}

static const struct {
    const char *name, *queue_id;
    gint64 since, until;
    const char *states; /* of the tries, a word each */
    gint64 missing;     /* what was logged before; 0: nothing is */
} cases[] = {
    {"over a rotation", "4dFbk11Rs7z1Xq", YESTERDAY, NOON, "4.7.1 4.2.0 2.0.0 ", 0},
    {"today's alone", "4dFbk11Rs7z1Xq", NOON - 5 * 3600, NOON, "4.2.0 2.0.0 ", 0},
    {"all", "4dFbk11Rs7z1Xq", OLDEST, NOON, "4.2.0 4.7.1 4.2.0 2.0.0 ", 0},
    {"from before the log's first line", "4dFbk11Rs7z1Xq", OLDEST - 1, NOON, "4.2.0 4.7.1 4.2.0 2.0.0 ", OLDEST},
    {"until its end", "4dFbk11Rs7z1Xq", NOON - 5 * 3600, NOON - 3 * 3600 - 1800, "4.2.0 ", 0},
    {"of another mail nothing", "4dFbk11Rs7z1Xs", OLDEST, NOON, "", 0},
};

static void test_file(struct log *log, gconstpointer data)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) mails = attempts_mails_new();
        attempts_mail_add(mails, cases[i].queue_id, cases[i].since, cases[i].until);
        g_autoptr(GArray) gaps = attempts_find(&log->log, mails, NULL);
        g_autofree char *tries = tries_of(mails);
        g_test_message("%s", cases[i].name);
        g_assert_nonnull(gaps);
        g_assert_cmpstr(tries, ==, cases[i].states);
        g_assert_cmpuint(gaps->len, ==, cases[i].missing != 0 ? 1 : 0);
        if (gaps->len > 0) {
            g_assert_cmpint(g_array_index(gaps, struct track_gap, 0).before, ==, cases[i].missing);
            g_assert_true(attempts_gap_hides(&g_array_index(gaps, struct track_gap, 0),
                                             &g_array_index(mails, struct attempts_mail, 0)));
        }
    }
}

/* One reading of the log serves all. */
static void test_many(struct log *log, gconstpointer data)
{
    g_autoptr(GArray) mails = attempts_mails_new();
    (void)data;
    attempts_mail_add(mails, "4dFbk11Rs7z1Xq", NOON - 5 * 3600, NOON - 3 * 3600 - 1800);
    attempts_mail_add(mails, "4dFbk11Rs7z1Xs", YESTERDAY, NOON);
    attempts_mail_add(mails, "4dFbk11Rs7z1Xq", YESTERDAY, NOON);
    g_autoptr(GArray) gaps = attempts_find(&log->log, mails, NULL);
    g_autofree char *tries = tries_of(mails);
    g_assert_cmpstr(tries, ==, "4.2.0 | | 4.7.1 4.2.0 2.0.0 ");
    g_assert_cmpuint(gaps->len, ==, 0);
}

/* What logrotate(8) has compressed is not read, and that is told of the mails of that time alone. */
static void test_compressed(struct log *log, gconstpointer data)
{
    g_autofree char *from = g_build_filename(log->folder, "mail.log.2", NULL), *to = g_strconcat(from, ".gz", NULL);
    g_autoptr(GArray) mails = attempts_mails_new();
    (void)data;
    g_assert_cmpint(g_rename(from, to), ==, 0);
    attempts_mail_add(mails, "4dFbk11Rs7z1Xq", OLDEST, NOON);
    attempts_mail_add(mails, "4dFbk11Rs7z1Xq", NOON - 2 * DAY, NOON);
    g_autoptr(GArray) gaps = attempts_find(&log->log, mails, NULL);
    g_assert_cmpuint(gaps->len, ==, 1);
    const struct track_gap *gap = &g_array_index(gaps, struct track_gap, 0);
    g_assert_cmpint(gap->before, ==, NOON - 2 * DAY);
    g_assert_nonnull(strstr(gap->what, "compressed"));
    g_assert_true(attempts_gap_hides(gap, &g_array_index(mails, struct attempts_mail, 0)));
    g_assert_false(attempts_gap_hides(gap, &g_array_index(mails, struct attempts_mail, 1)));
    g_assert_cmpint(g_rename(to, from), ==, 0);
}

static const struct {
    const char *name;
    gint64 after, before, since, until;
    gboolean hides;
} gap_cases[] = {
    {"within", 20, 30, 10, 40, TRUE},         {"around", 10, 40, 20, 30, TRUE},
    {"over its beginning", 5, 15, 10, 40, TRUE}, {"over its end", 35, 50, 10, 40, TRUE},
    {"before it", 5, 10, 10, 40, FALSE},      {"after its last line", 40, 50, 10, 40, FALSE},
    {"before the log", 0, 15, 10, 40, TRUE},  {"the log reaches back", 0, 10, 10, 40, FALSE},
};

static void test_gaps(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(gap_cases); i++) {
        const struct track_gap gap = {.after = gap_cases[i].after, .before = gap_cases[i].before};
        const struct attempts_mail mail = {.since = gap_cases[i].since, .until = gap_cases[i].until};
        g_test_message("%s", gap_cases[i].name);
        g_assert_cmpint(attempts_gap_hides(&gap, &mail), ==, gap_cases[i].hides);
    }
}

static void test_no_file(struct log *log, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *nowhere = g_build_filename(log->folder, "nowhere", NULL);
    struct attempts_log elsewhere = log->log;
    g_autoptr(GArray) mails = attempts_mails_new();
    (void)data;
    elsewhere.log.file = nowhere;
    attempts_mail_add(mails, "4dFbk11Rs7z1Xq", OLDEST, NOON);
    g_assert_null(attempts_find(&elsewhere, mails, &error));
    g_assert_nonnull(strstr(error->message, nowhere));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/attempts/file", struct log, NULL, set_up, test_file, tear_down);
    g_test_add("/attempts/many", struct log, NULL, set_up, test_many, tear_down);
    g_test_add("/attempts/compressed", struct log, NULL, set_up, test_compressed, tear_down);
    g_test_add_func("/attempts/gaps", test_gaps);
    g_test_add("/attempts/no file", struct log, NULL, set_up, test_no_file, tear_down);
    return g_test_run();
}
