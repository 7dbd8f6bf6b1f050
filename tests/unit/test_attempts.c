/* test_attempts.c - the tries to deliver a mail, looked up in Postfix's log file and its rotated siblings. */
#include "importer/attempts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define NOON 1795435200 /* 2026-11-23 12:00 UTC */
#define DAY 86400
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

static const struct {
    const char *name, *queue_id;
    gint64 since, until;
    const char *states; /* of the tries, a word each */
} cases[] = {
    {"over a rotation", "4dFbk11Rs7z1Xq", NOON - DAY - 60, NOON, "4.7.1 4.2.0 2.0.0 "},
    {"today's alone", "4dFbk11Rs7z1Xq", NOON - 60, NOON, "4.2.0 2.0.0 "},
    {"all", "4dFbk11Rs7z1Xq", 0, NOON, "4.2.0 4.7.1 4.2.0 2.0.0 "},
    {"until its end", "4dFbk11Rs7z1Xq", NOON - 60, NOON - 3 * 3600 - 1800, "4.2.0 "},
    {"of another mail nothing", "4dFbk11Rs7z1Xs", 0, NOON, ""},
};

static void test_file(struct log *log, gconstpointer data)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) states = g_string_new(NULL);
        const struct attempts_mail mail = {cases[i].queue_id, cases[i].since, cases[i].until};
        g_autoptr(GArray) found = attempts_find(&log->log, &mail, NULL);
        g_test_message("%s", cases[i].name);
        g_assert_nonnull(found);
        for (guint k = 0; k < found->len; k++)
            g_string_append_printf(states, "%s ", g_array_index(found, struct track_event, k).dsn);
        g_assert_cmpstr(states->str, ==, cases[i].states);
    }
}

static void test_no_file(struct log *log, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *nowhere = g_build_filename(log->folder, "nowhere", NULL);
    struct attempts_log elsewhere = log->log;
    (void)data;
    elsewhere.log.file = nowhere;
    g_assert_null(attempts_find(&elsewhere, &(struct attempts_mail){"4dFbk11Rs7z1Xq", 0, NOON}, &error));
    g_assert_nonnull(strstr(error->message, nowhere));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/attempts/file", struct log, NULL, set_up, test_file, tear_down);
    g_test_add("/attempts/no file", struct log, NULL, set_up, test_no_file, tear_down);
    return g_test_run();
}
