/* test_track.c - lines of Postfix's mail log, as 3.7 and 3.10 write them. */
#include "importer/track.h"

#include <string.h>

#define NOW 1795422291 /* 2026-11-23 09:24:51 in Berlin */
#define ID "4dFbk11Rs7z1Xq"
#define HEAD "Nov 23 09:24:50 mail postfix/"
#define DELIVERY "to=<anna@mx.example>, relay=mx.example[192.0.2.1]:25, delay=0.5, delays=0.1/0.02/0.2/0.18, "

static const struct {
    const char *name;
    const char *line;
    enum track_kind kind;
    const char *id;
    gint64 time;
    const char *dsn;
    const char *relay;
    const char *reply;
} cases[] = {
    {"active", HEAD "qmgr[11]: " ID ": from=<pw-ab@r.example>, size=4242, nrcpt=1 (queue active)", TRACK_QUEUED, ID,
     NOW - 1, "", "", ""},
    {"sent", HEAD "postwelle/smtp[1]: " ID ": " DELIVERY "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9)",
     TRACK_SENT, ID, NOW - 1, "2.0.0", "mx.example[192.0.2.1]:25", "250 2.0.0 Ok: queued as 9"},
    {"greylisted",
     HEAD "smtp[1]: " ID ": " DELIVERY "dsn=4.2.0, status=deferred (host mx.example[192.0.2.1] said: 450 4.2.0 "
          "<anna@mx.example>: Recipient address rejected: Greylisted (in reply to RCPT TO command))",
     TRACK_DEFERRED, ID, NOW - 1, "4.2.0", "mx.example[192.0.2.1]:25",
     "host mx.example[192.0.2.1] said: 450 4.2.0 <anna@mx.example>: Recipient address rejected: Greylisted (in reply "
     "to RCPT "
     "TO command)"},
    {"bounced",
     HEAD "smtp[1]: " ID ": " DELIVERY "dsn=5.1.1, status=bounced (host mx.example[192.0.2.1] said: 550 5.1.1 no)",
     TRACK_BOUNCED, ID, NOW - 1, "5.1.1", "mx.example[192.0.2.1]:25", "host mx.example[192.0.2.1] said: 550 5.1.1 no"},
    {"uncertain",
     HEAD "smtp[1]: " ID ": " DELIVERY "dsn=5.4.2, status=bounced (postwelle-uncertain: lost connection with "
          "mx.example[192.0.2.1] while sending end of data -- message may be sent more than once)",
     TRACK_UNCERTAIN, ID, NOW - 1, "5.4.2", "mx.example[192.0.2.1]:25",
     "postwelle-uncertain: lost connection with mx.example[192.0.2.1] while sending end of data -- message may be sent "
     "more "
     "than once"},
    {"the word in a remote reply is none of ours",
     HEAD "smtp[1]: " ID ": " DELIVERY "dsn=5.0.0, status=bounced (host x said: 550 postwelle-uncertain: x)",
     TRACK_BOUNCED, ID, NOW - 1, "5.0.0", "mx.example[192.0.2.1]:25", "host x said: 550 postwelle-uncertain: x"},
    {"error(8)",
     HEAD "error[1]: " ID
          ": to=<a@b.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (delivery "
          "temporarily suspended: connect to b.example[192.0.2.9]:25: Connection refused)",
     TRACK_DEFERRED, ID, NOW - 1, "4.4.1", "none",
     "delivery temporarily suspended: connect to b.example[192.0.2.9]:25: Connection refused"},
    {"orig_to",
     HEAD "local[1]: " ID ": to=<a@b.example>, orig_to=<c@b.example>, relay=local, delay=0, delays=0/0/0/0, "
          "dsn=2.0.0, status=sent (delivered to mailbox)",
     TRACK_SENT, ID, NOW - 1, "2.0.0", "local", "delivered to mailbox"},
    {"virtual",
     HEAD "virtual[1]: ABCDEF0123: to=<a@b.example>, relay=virtual, delay=0, delays=0/0/0/0, dsn=2.0.0, "
          "status=sent (delivered to maildir)",
     TRACK_SENT, "ABCDEF0123", NOW - 1, "2.0.0", "virtual", "delivered to maildir"},
    {"lmtp",
     HEAD "lmtp[1]: " ID ": to=<a@b.example>, relay=mail[private/dovecot-lmtp], delay=0, delays=0/0/0/0, dsn=2.0.0, "
          "status=sent (250 2.0.0 <a@b.example> saved)",
     TRACK_SENT, ID, NOW - 1, "2.0.0", "mail[private/dovecot-lmtp]", "250 2.0.0 <a@b.example> saved"},
    {"pipe",
     HEAD "pipe[1]: " ID ": to=<a@b.example>, relay=maildrop, delay=0, delays=0/0/0/0, dsn=4.3.0, status=deferred "
          "(temporary failure)",
     TRACK_DEFERRED, ID, NOW - 1, "4.3.0", "maildrop", "temporary failure"},
    {"discard",
     HEAD "discard[1]: " ID
          ": to=<a@b.example>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (b.example)",
     TRACK_SENT, ID, NOW - 1, "2.0.0", "none", "b.example"},
    {"error(8) bounces",
     HEAD "error[1]: " ID
          ": to=<a@b.example>, relay=none, delay=0, delays=0/0/0/0, dsn=5.1.2, status=bounced (no such domain)",
     TRACK_BOUNCED, ID, NOW - 1, "5.1.2", "none", "no such domain"},
    {"retry",
     HEAD "retry[1]: " ID ": to=<a@b.example>, relay=none, delay=0, delays=0/0/0/0, dsn=4.3.0, status=deferred (later)",
     TRACK_DEFERRED, ID, NOW - 1, "4.3.0", "none", "later"},
    {"expired", HEAD "qmgr[11]: " ID ": from=<pw-ab@r.example>, status=expired, returned to sender", TRACK_EXPIRED, ID,
     NOW - 1, "", "", ""},
    {"expired by force", HEAD "qmgr[11]: " ID ": from=<>, status=force-expired, returned to sender", TRACK_EXPIRED, ID,
     NOW - 1, "", "", ""},
    {"milter says later",
     HEAD "postwelle-submission/cleanup[7]: " ID
          ": milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 4.7.1 Service "
          "unavailable - try again later; from=<pw-ab@r.example> to=<a@b.example> proto=ESMTP helo=<mail>",
     TRACK_REJECTED, ID, NOW - 1, "4.7.1", "", "4.7.1 Service unavailable - try again later"},
    {"milter refuses",
     HEAD "cleanup[7]: " ID
          ": milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 5.7.1 quarter used; from=<x@y.example> "
          "to=<a@b.example> proto=ESMTP helo=<mail>",
     TRACK_REJECTED, ID, NOW - 1, "5.7.1", "", "5.7.1 quarter used"},
    {"RFC 3339",
     "2026-11-23T09:24:50.123456+01:00 mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)",
     TRACK_QUEUED, ID, NOW - 1, "", "", ""},
    {"RFC 3339 in UTC", "2026-11-23T08:24:50Z mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)",
     TRACK_QUEUED, ID, NOW - 1, "", "", ""},
    {"one digit of day", "Nov  3 09:24:50 mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)",
     TRACK_QUEUED, ID, NOW - 1 - 20 * 86400, "", "", ""},
    {"last year", "Dec 31 23:59:59 mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)", TRACK_QUEUED,
     ID, 1767221999, "", "", ""},
    {"a clock that is a little ahead",
     "Nov 24 09:24:51 mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)", TRACK_QUEUED, ID,
     NOW + 86400, "", "", ""},
    {"29 February", "Feb 29 12:00:00 mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)",
     TRACK_QUEUED, ID, 1709204400, "", "", ""},
    {"control characters in a reply",
     HEAD "smtp[1]: " ID ": " DELIVERY "dsn=5.0.0, status=bounced (a\tb\xff"
          "c)",
     TRACK_BOUNCED, ID, NOW - 1, "5.0.0", "mx.example[192.0.2.1]:25", "a b?c"},
    {"another programme", "Nov 23 09:24:50 mail dovecot[1]: " ID ": to=<a>, relay=x, dsn=2.0.0, status=sent (x)",
     TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"another instance", "Nov 23 09:24:50 mail postfix-in/smtp[1]: " ID ": " DELIVERY "dsn=2.0.0, status=sent (x)",
     TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"removed", HEAD "qmgr[1]: " ID ": removed", TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"cleanup's message-id", HEAD "cleanup[1]: " ID ": message-id=<a@b.example>", TRACK_NONE, NULL, 0, NULL, NULL,
     NULL},
    {"refused at RCPT", HEAD "smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.7.1 no", TRACK_NONE, NULL, 0,
     NULL, NULL, NULL},
    {"milter at RCPT", HEAD "smtpd[1]: " ID ": milter-reject: RCPT from x[192.0.2.1]: 550 5.7.1 no; from=<> to=<>",
     TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"discard by header_checks", HEAD "cleanup[1]: " ID ": discard: header X: y from x[192.0.2.1]; from=<> to=<>",
     TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"connect", HEAD "smtp[1]: connect to mx.example[192.0.2.1]:25: Connection refused", TRACK_NONE, NULL, 0, NULL,
     NULL, NULL},
    {"another status", HEAD "smtp[1]: " ID ": " DELIVERY "dsn=2.1.5, status=deliverable (250 ok)", TRACK_NONE, NULL, 0,
     NULL, NULL, NULL},
    {"no such day", "Feb 30 09:24:50 mail postfix/qmgr[1]: " ID ": from=<>, size=1, nrcpt=1 (queue active)", TRACK_NONE,
     NULL, 0, NULL, NULL, NULL},
    {"cut in the status", HEAD "smtp[1]: " ID ": " DELIVERY "dsn=2.0.0, stat", TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"an ID that is none", HEAD "qmgr[1]: A-B: from=<>, size=1, nrcpt=1 (queue active)", TRACK_NONE, NULL, 0, NULL,
     NULL, NULL},
    {"no host", "Nov 23 09:24:50 postfix/qmgr[1]", TRACK_NONE, NULL, 0, NULL, NULL, NULL},
    {"nothing", "", TRACK_NONE, NULL, 0, NULL, NULL, NULL},
};

static void test_lines(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct track_event event = {0};
        g_test_message("%s", cases[i].name);
        enum track_kind kind = track_line(cases[i].line, strlen(cases[i].line), "postfix", zone, NOW, &event);
        g_assert_cmpstr(track_kind_word(kind), ==, track_kind_word(cases[i].kind));
        g_assert_cmpint(event.kind, ==, kind);
        if (kind == TRACK_NONE)
            continue;
        g_assert_cmpstr(event.queue_id, ==, cases[i].id);
        g_assert_cmpint(event.time, ==, cases[i].time);
        g_assert_cmpstr(event.dsn, ==, cases[i].dsn);
        g_assert_cmpstr(event.relay, ==, cases[i].relay);
        g_assert_cmpstr(event.reply, ==, cases[i].reply);
    }
}

/* Did an attempt end after its content was begun? Only Postfix's own words tell, and these end the line. */
static const struct {
    const char *name, *reply;
    gboolean content;
} content_cases[] = {
    {"refused at the last dot", "host x said: 451 4.3.0 later (in reply to end of DATA command)", TRUE},
    {"broken off in the content", "lost connection with x[192.0.2.1] while sending message body", TRUE},
    {"timed out in the content", "conversation with x[192.0.2.1] timed out while sending message body", TRUE},
    {"refused at RCPT", "host x said: 450 4.2.0 Greylisted (in reply to RCPT TO command)", FALSE},
    {"refused at DATA", "host x said: 450 4.2.0 later (in reply to DATA command)", FALSE},
    {"after the last dot", "lost connection with x while sending end of data -- message may be sent more than once",
     FALSE},
    {"refused by policyd", "local data error while talking to x[192.0.2.1]", FALSE},
    {"in a receiver's words", "host x said: 450 (in reply to end of DATA command) (in reply to RCPT TO command)",
     FALSE},
};

static void test_content(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    for (size_t i = 0; i < G_N_ELEMENTS(content_cases); i++) {
        struct track_event event;
        g_autofree char *line = g_strdup_printf(
            HEAD "postwelle/smtp[1]: " ID ": " DELIVERY "dsn=4.2.0, status=deferred (%s)", content_cases[i].reply);
        g_test_message("%s", content_cases[i].name);
        g_assert_cmpint(track_line(line, strlen(line), "postfix", zone, NOW, &event), ==, TRACK_DEFERRED);
        g_assert_cmpint(event.content, ==, content_cases[i].content);
    }
}

/* Each cut of each line is read without harm, and says the same or nothing, but for the reply. */
static void test_cuts(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t size = 0; size < strlen(cases[i].line); size++) {
            struct track_event event = {0};
            g_autofree char *cut = g_memdup2(cases[i].line, MAX(size, 1));
            enum track_kind kind = track_line(cut, size, "postfix", zone, NOW, &event);
            g_assert_true(kind == TRACK_NONE || kind == cases[i].kind || kind == TRACK_BOUNCED);
        }
}

/* A reply longer than we keep is cut at a character. */
static void test_long_reply(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    g_autoptr(GString) line = g_string_new(HEAD "smtp[1]: " ID ": " DELIVERY "dsn=5.0.0, status=bounced (x");
    struct track_event event;
    while (line->len < 2 * TRACK_LINE_MAX)
        g_string_append(line, "\xe2\x82\xac");
    g_assert_cmpint(track_line(line->str, line->len, "postfix", zone, NOW, &event), ==, TRACK_BOUNCED);
    g_assert_true(g_utf8_validate(event.reply, -1, NULL));
    g_assert_cmpuint(strlen(event.reply), >, TRACK_REPLY_SIZE - 5);
}

static const struct {
    const char *name, *line;
    gboolean restart;
} master_cases[] = {
    {"started", HEAD "master[7]: daemon started -- version 3.7.11, configuration /etc/postfix", TRUE},
    {"stopped", HEAD "master[7]: terminating on signal 15", TRUE},
    {"reloaded", HEAD "master[7]: reload -- version 3.7.11, configuration /etc/postfix", FALSE},
    {"another program", HEAD "smtpd[7]: daemon started", FALSE},
    {"in a stranger's words", HEAD "smtp[7]: " ID ": to=<a@b>, status=deferred (x postfix/master[7]: daemon started)",
     FALSE},
    {"no time", "postfix/master[7]: daemon started", FALSE},
};

static void test_restart(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    for (size_t i = 0; i < G_N_ELEMENTS(master_cases); i++) {
        const char *line = master_cases[i].line;
        gint64 when = 0, same = 0;
        g_test_message("%s", master_cases[i].name);
        g_assert_true(track_line_is_restart(line, strlen(line), "postfix", zone, NOW, &when) ==
                      master_cases[i].restart);
        g_assert_true(!master_cases[i].restart ||
                      (track_line_time(line, strlen(line), zone, NOW, &same) && same == when && when > 0));
    }
}

static const struct {
    const char *name, *line;
    gboolean daily;
} daily_cases[] = {
    {"qmgr", HEAD "qmgr[1]: " ID ": removed", TRUE},
    {"smtp in RFC 3339", "2026-11-23T08:24:50Z mail postfix/postwelle/smtp[1]: " ID ": to=<a>, relay=x", TRUE},
    {"cleanup", HEAD "cleanup[1]: " ID ": message-id=<a@b.example>", TRUE},
    {"postsuper(1), of another service", HEAD "postsuper[1]: " ID ": removed", FALSE},
    {"about no mail", HEAD "smtp[1]: connect to mx.example[192.0.2.1]:25: Connection refused", FALSE},
    {"another program", "Nov 23 09:24:50 mail dovecot[1]: " ID ": x", FALSE},
    {"nothing", "", FALSE},
};

static void test_daily(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(daily_cases); i++) {
        g_test_message("%s", daily_cases[i].name);
        g_assert_true(track_line_is_daily(daily_cases[i].line, strlen(daily_cases[i].line), "postfix") ==
                      daily_cases[i].daily);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track/lines", test_lines);
    g_test_add_func("/track/content", test_content);
    g_test_add_func("/track/cuts", test_cuts);
    g_test_add_func("/track/long-reply", test_long_reply);
    g_test_add_func("/track/restart", test_restart);
    g_test_add_func("/track/daily", test_daily);
    return g_test_run();
}
