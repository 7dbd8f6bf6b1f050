/* test_track_tls.c - which deliveries went out by TLS, told by lines that come before theirs. */
#include "importer/track_tls.h"

#include <string.h>

#define NOW 1795422291 /* 2026-11-23 08:24:51 UTC */
#define HEAD "Nov 23 08:24:51 mail postfix/"
#define MX1 "mx1.example[192.0.2.1]:25"
#define MX2 "mx2.example[2001:db8::2]:25"
#define TLS(agent, relay, version)                                                                                     \
    HEAD "postwelle/smtp[" agent "]: Untrusted TLS connection established to " relay ": " version                      \
         " with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
#define SENT(agent, relay)                                                                                             \
    HEAD "postwelle/smtp[" agent "]: 4dFbk11Rs7z1Xq: to=<a@b.example>, relay=" relay                                   \
         ", delay=1, delays=0.1/0.02/1.2/0.18, dsn=2.0.0, status=sent (250 ok)"
#define LATER(agent, relay)                                                                                            \
    HEAD "postwelle/smtp[" agent "]: 4dFbk11Rs7z1Xq: to=<a@b.example>, relay=" relay                                   \
         ", delay=1, delays=0.1/0.02/1.2/0.18, dsn=4.2.0, status=deferred (host x said: 450 no)"

static const struct {
    const char *name;
    const char *lines[5]; /* the last is a delivery; NULL: no more */
    gint64 begin;         /* since when all was read; 0: not known */
    gboolean told;
    const char *tls; /* of the last one */
} cases[] = {
    {"by TLS", {TLS("7", MX1, "TLSv1.3"), SENT("7", MX1)}, NOW - 100, TRUE, "TLSv1.3"},
    {"reused",
     {HEAD "smtp[7]: Verified TLS connection reused to " MX1 ": TLSv1.2 with cipher X (128/128 bits)", SENT("7", MX1)},
     NOW - 100,
     TRUE,
     "TLSv1.2"},
    {"in the clear", {SENT("7", MX1)}, NOW - 100, TRUE, "no"},
    {"smtp does not log it", {SENT("7", MX1)}, NOW - 100, FALSE, ""},
    {"smtp logs it though we did not know", {TLS("7", MX1, "TLSv1.3"), SENT("7", MX1)}, NOW - 100, FALSE, "TLSv1.3"},
    {"another process'", {TLS("8", MX1, "TLSv1.3"), SENT("7", MX1)}, NOW - 100, TRUE, "no"},
    {"to another host first", {TLS("7", MX1, "TLSv1.3"), SENT("7", MX2)}, NOW - 100, TRUE, "no"},
    {"of two hosts the second",
     {TLS("7", MX1, "TLSv1.2"), TLS("7", MX2, "TLSv1.3"), SENT("7", MX2)},
     NOW - 100,
     TRUE,
     "TLSv1.3"},
    {"the mail before had it", {TLS("7", MX1, "TLSv1.3"), LATER("7", MX1), SENT("7", MX1)}, NOW - 100, TRUE, "no"},
    {"read from the middle on", {SENT("7", MX1)}, NOW - 2, TRUE, ""},
    {"nothing is known of the time before", {SENT("7", MX1)}, 0, TRUE, ""},
    {"in a receiver's words",
     {HEAD "smtp[7]: 4dFbk11Rs7z1Xr: to=<a@b.example>, relay=" MX1
           ", dsn=4.0.0, status=deferred (host x said: 450 A TLS "
           "connection established to " MX1 ": TLSv1.3 with)",
      SENT("7", MX1)},
     NOW - 100,
     TRUE,
     "no"},
    {"smtpd's",
     {HEAD "smtpd[7]: Anonymous TLS connection established from x[192.0.2.7]: TLSv1.3 with", SENT("7", MX1)},
     NOW - 100,
     TRUE,
     "no"},
    {"a line cut",
     {HEAD "smtp[7]: Untrusted TLS connection established to " MX1 ": TLS", SENT("7", MX1)},
     NOW - 100,
     TRUE,
     "no"},
    {"local delivery",
     {HEAD
      "local[7]: 4dFbk11Rs7z1Xq: to=<a@b.example>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (x)"},
     NOW - 100,
     TRUE,
     ""},
};

static void test_lines(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct track_tls *tls = track_tls_new(cases[i].told);
        const char *said = NULL;
        g_test_message("%s", cases[i].name);
        if (cases[i].begin != 0)
            track_tls_begin(tls, cases[i].begin);
        for (size_t j = 0; j < G_N_ELEMENTS(cases[i].lines) && cases[i].lines[j] != NULL; j++) {
            const char *line = cases[i].lines[j];
            struct track_event event;
            track_tls_line(tls, line, strlen(line), "postfix");
            if (track_line(line, strlen(line), "postfix", zone, NOW, &event) != TRACK_NONE)
                said = track_tls_of(tls, &event);
        }
        g_assert_cmpstr(said, ==, cases[i].tls);
        track_tls_free(tls);
    }
}

/* However many connections break off before a delivery, memory is bounded, and nothing wrong is said. */
static void test_many(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    struct track_tls *tls = track_tls_new(TRUE);
    struct track_event event;
    const char *sent = SENT("1000", MX1);
    track_tls_begin(tls, NOW - 100);
    for (guint agent = 1000; agent <= 1000 + TRACK_TLS_AGENTS; agent++) {
        g_autofree char *line = g_strdup_printf(TLS("%u", MX1, "TLSv1.3"), agent);
        track_tls_line(tls, line, strlen(line), "postfix");
    }
    g_assert_cmpint(track_line(sent, strlen(sent), "postfix", zone, NOW, &event), ==, TRACK_SENT);
    g_assert_cmpstr(track_tls_of(tls, &event), ==, "");
    track_tls_free(tls);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-tls/lines", test_lines);
    g_test_add_func("/track-tls/many", test_many);
    return g_test_run();
}
