/*
 * ledger_house.h - a real ledger in a temporary folder with a clock of the test's own, and the steps of an invitation's
 * life as requests.
 */
#ifndef POSTWELLE_TESTS_UNIT_LEDGER_HOUSE_H
#define POSTWELLE_TESTS_UNIT_LEDGER_HOUSE_H

#include "policyd/ledger.h"
#include "policyd/requests.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NOVEMBER G_GINT64_CONSTANT(1795424514) /* 2026-11-23 */
#define JANUARY G_GINT64_CONSTANT(1799000000)  /* 2027-01-03: the next quarter */
#define DAY 86400
#define ANSWERS_MAX 100

struct fixture {
    char *root, *folder, *clients;
    struct ledger *ledger;
    struct session *session;
    gint64 now;   /* seconds */
    guint64 boot; /* of the host, from the next open_ledger() on */
    GString *out;
    size_t count; /* answers to the last request */
    struct attributes answers[ANSWERS_MAX];
};

/* What `begin` says about one mail. */
struct mail {
    char participant[32], address[256], reverse_path[256], message_id[256], attempt[16];
};

/* The tokens that go out with it: in the reverse-path, in List-Unsubscribe, in the survey's link. */
struct tokens {
    char reverse[40], unsubscribe[40], survey[40];
};

/* A ledger with the clients acme, other, strict and rolling; for g_test_add(). */
void set_up(struct fixture *fixture, gconstpointer data);
void tear_down(struct fixture *fixture, gconstpointer data);

/* As after a restart of policyd. */
void open_ledger(struct fixture *fixture);
void close_ledger(struct fixture *fixture);

/* One request in a batch of its own, its lines without the empty one; answers[] is what came back. */
void ask(struct fixture *fixture, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same on another connection. */
void ask_other(struct fixture *fixture, struct session *session, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The value in the last answer. */
const char *value(const struct fixture *fixture, const char *name);

/* Steps that many tests share. */
void import_begin(struct fixture *fixture, const char *client, const char *campaign);
void import_row(struct fixture *fixture, int import, int row, const char *address, const char *verdict);
void import_one(struct fixture *fixture, const char *client, const char *campaign, const char *address,
    const char *verdict);
void ask_reserve(struct fixture *fixture, const struct mail *mail, const char *queue_id, const char *domain);
void take_mail(const struct fixture *fixture, size_t answer, struct mail *mail_r);
void take_tokens(const struct fixture *fixture, size_t answer, struct tokens *tokens_r);
void approve(struct fixture *fixture, const char *client, const char *campaign, const char *hash);
void begin(struct fixture *fixture, const char *client, const char *campaign);
void open_wave(struct fixture *fixture, const char *client, const char *campaign);

/* A campaign of one participant, approved, its wave open, the mail begun. */
void start_one(struct fixture *fixture, const char *client, const char *campaign, const char *address,
    struct mail *mail_r);
/* The same, and the client's acme: the mail was queued under that ID, and has come to that end. */
void invite(struct fixture *fixture, const char *campaign, const char *address, const char *queue_id, const char *end,
    struct tokens *tokens_r);
void ask_policy(struct fixture *fixture, const struct mail *mail);

/* A line of the mail log. */
void event(struct fixture *fixture, const char *queue_id, const char *name);

/* What smtp(8) is answered, before it sends a mail's content. */
void assert_sending(struct fixture *fixture, const char *queue_id, const char *status);
void abandon(struct fixture *fixture, const struct mail *mail, const char *client, const char *campaign,
             const char *reply, const char *state);

/* The number of wave 1's participants in that state, and that all are accounted for. */
void assert_count(struct fixture *fixture, const char *client, const char *campaign, const char *state, int count);
void assert_slots(struct fixture *fixture, const char *count);
void write_client(struct fixture *fixture, const char *name, const char *cap);

#define assert_value(fixture, name, expected) g_assert_cmpstr(value(fixture, name), ==, expected)
#define assert_status(fixture, expected) assert_value(fixture, "status", expected)
#define assert_prefix(fixture, name, expected) g_assert_true(g_str_has_prefix(value(fixture, name), expected))

#endif
