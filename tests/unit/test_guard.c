/* test_guard.c - which mail a killed smtp(8) had, and how the log tells of its end. */
#include "importer/guard.h"

#include <string.h>

#define MAIL(queue, sender, recipient)                                                                                 \
    "{\"queue_name\": \"" queue "\", \"queue_id\": \"4jY0wG6FL1z1dQHk\", \"arrival_time\": 1795426062, "               \
    "\"sender\": \"" sender "\", \"recipients\": [" recipient "]}"
#define OURS "pw-caaacaaacaaaeaab@bounce.client.example"
#define PLAIN "{\"address\": \"a@people.test\"}"
#define GREYLISTED "{\"address\": \"a@people.test\", \"delay_reason\": \"450 4.2.0 later\"}"

static const struct {
    const char *name, *line;
    gboolean victim;
} mails[] = {
    {"deferred without a reason", MAIL("deferred", OURS, PLAIN), TRUE},
    {"greylisted", MAIL("deferred", OURS, GREYLISTED), FALSE},
    {"one of two recipients has a reason", MAIL("deferred", OURS, PLAIN ", " GREYLISTED), FALSE},
    {"being delivered", MAIL("active", OURS, PLAIN), FALSE},
    {"new", MAIL("incoming", OURS, PLAIN), FALSE},
    {"held already", MAIL("hold", OURS, PLAIN), FALSE},
    {"another program's", MAIL("deferred", "umfrage@client.example", PLAIN), FALSE},
    {"a DSN to us", MAIL("deferred", "MAILER-DAEMON", "{\"address\": \"" OURS "\"}"), FALSE},
    {"no JSON", "postqueue: fatal: out of memory", FALSE},
    {"an array", "[1]", FALSE},
    {"nothing", "", FALSE},
    {"an ID that is too long",
     "{\"queue_name\": \"deferred\", \"queue_id\": \"01234567890123456789012345678901\", \"sender\": \"" OURS "\"}",
     FALSE},
    {"an ID that is a number", "{\"queue_name\": \"deferred\", \"queue_id\": 7, \"sender\": \"" OURS "\"}", FALSE},
};

static void test_victim(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        char id[TRACK_ID_SIZE] = "";
        g_test_message("%s", mails[i].name);
        g_assert_cmpint(guard_is_victim(mails[i].line, strlen(mails[i].line), id), ==, mails[i].victim);
        g_assert_cmpstr(id, ==, mails[i].victim ? "4jY0wG6FL1z1dQHk" : "");
    }
}

static const struct {
    const char *name, *text;
    gboolean is;
} ids[] = {
    {"long", "4jY0wG6FL1z1dQHk", TRUE},
    {"short", "B1C2F3A45", TRUE},
    {"31 characters", "0123456789012345678901234567890", TRUE},
    {"32 characters", "01234567890123456789012345678901", FALSE},
    {"nothing", "", FALSE},
    {"all mails", "ALL ", FALSE},
    {"a path", "../active/4jY0wG6FL1z1dQHk", FALSE},
    {"an option", "-d", FALSE},
    {"two lines", "4jY0\n4jY1", FALSE},
    {"UTF-8", "4jY0\xc3\xa4", FALSE},
};

static void test_queue_id(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_test_message("%s", ids[i].name);
        g_assert_cmpint(guard_is_queue_id(ids[i].text), ==, ids[i].is);
    }
}

static const struct {
    const char *name, *line, *id;
} owned[] = {
    {"deferred", MAIL("deferred", OURS, GREYLISTED), "4jY0wG6FL1z1dQHk"},
    {"on hold", MAIL("hold", OURS, PLAIN), "4jY0wG6FL1z1dQHk"},
    {"another program's", MAIL("deferred", "umfrage@client.example", PLAIN), NULL},
    {"a DSN to us", MAIL("deferred", "MAILER-DAEMON", "{\"address\": \"" OURS "\"}"), NULL},
    {"no JSON", "postqueue: fatal: out of memory", NULL},
    {"no queue ID", "{\"sender\": \"" OURS "\"}", NULL},
};

static void test_own(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(owned); i++) {
        g_autofree char *id = guard_line_own(owned[i].line, strlen(owned[i].line));
        g_test_message("%s", owned[i].name);
        g_assert_cmpstr(id, ==, owned[i].id);
    }
}

#define HEAD "Nov 23 09:27:43 mail postfix/master[13860]: warning: process /usr/lib/postfix/sbin/"

static const struct {
    const char *name, *line;
    gboolean crash;
} lines[] = {
    {"killed", HEAD "smtp pid 13874 killed by signal 9", TRUE},
    {"fatal", HEAD "smtp pid 13874 exit status 1", TRUE},
    {"RFC 3339",
     "2026-11-23T09:27:43+01:00 mail postfix/master[1]: warning: process /usr/libexec/postfix/smtp pid 1 killed by "
     "signal 11",
     TRUE},
    {"smtpd", HEAD "smtpd pid 13874 killed by signal 9", FALSE},
    {"qmgr", HEAD "qmgr pid 13874 killed by signal 9", FALSE},
    {"cut", HEAD "smtp pid 13874 kil", FALSE},
    {"another instance", "Nov 23 09:27:43 mail postfix-in/master[1]: warning: process /x/smtp pid 1 killed by signal 9",
     FALSE},
    {"a reply that says so",
     "Nov 23 09:27:43 mail postfix/smtp[1]: 4jY0wG6FL1z1dQHk: to=<a@b.example>, relay=x, dsn=4.0.0, "
     "status=deferred (x postfix/smtp pid 1 killed by signal 9)",
     FALSE},
    {"nothing", "", FALSE},
};

static void test_crash(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_test_message("%s", lines[i].name);
        g_assert_cmpint(track_line_is_crash(lines[i].line, strlen(lines[i].line), "postfix"), ==, lines[i].crash);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guard/victim", test_victim);
    g_test_add_func("/guard/crash", test_crash);
    g_test_add_func("/guard/queue-id", test_queue_id);
    g_test_add_func("/guard/own", test_own);
    return g_test_run();
}
