/* test_withdraw.c - what was not sent is taken back: the rule as a table, and its life in the ledger. */
#include "policyd/decide.h"
#include "tests/unit/ledger_house.h"


#define GOOD .state = STATE_DEFERRED, .log_read = TRUE

#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

static const struct {
    const char *name;
    struct withdraw_facts facts;
    enum resolution resolution;
} cases[] = {
    {"deferred, deleted", {GOOD}, RESOLVE_FREE},
    {"queued", {GOOD, .state = STATE_QUEUED}, RESOLVE_FREE},
    {"queued, and the tracker has not said so yet", {GOOD, .state = STATE_RESERVED}, RESOLVE_FREE},
    {"the log is not read so far", {GOOD, .log_read = FALSE}, RESOLVE_WAIT},
    {"lines of the log are lost", {GOOD, .log_gap = TRUE}, RESOLVE_UNCERTAIN},
    {"Postfix was restarted", {GOOD, .restarted = TRUE}, RESOLVE_UNCERTAIN},
    {"lost, but not read either", {GOOD, .log_gap = TRUE, .log_read = FALSE}, RESOLVE_WAIT},
    {"the log says that it was sent", {GOOD, .state = STATE_SENT}, RESOLVE_WAIT},
    {"bounced", {GOOD, .state = STATE_BOUNCED}, RESOLVE_WAIT},
    {"uncertain before", {GOOD, .state = STATE_UNCERTAIN}, RESOLVE_WAIT},
    {"withdrawn already", {GOOD, .state = STATE_REFUSED}, RESOLVE_WAIT},
    {"no mail of that queue ID", {GOOD, .state = STATE_NONE}, RESOLVE_WAIT},
};

static void test_decide(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *reason;
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(decide_withdraw(&cases[i].facts, &reason), ==, cases[i].resolution);
        g_assert_true(*reason != '\0');
    }
}

static void withdraw(struct fixture *fixture, const char *queue_id, const char *resolution, const char *state)
{
    ask(fixture, "request=withdraw\nqueue_id=%s\ndeleted=%" G_GINT64_FORMAT "\nbecause=enough\n", queue_id,
        fixture->now);
    assert_value(fixture, "resolution", resolution);
    assert_value(fixture, "state", state);
}

static void read_log(struct fixture *fixture)
{
    ask(fixture, "request=track-position\nread=%" G_GINT64_FORMAT "\n", fixture->now + 1);
}

static void test_queued(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "queued");
    ask(fixture, "request=campaign-queue\nclient=acme\ncampaign=one\nwave=1\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "queue_id"), ==, "Q1");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "state"), ==, "queued");
    ask(fixture, "request=campaign-queue\nclient=acme\ncampaign=one\nwave=2\n");
    g_assert_cmpuint(fixture->count, ==, 1);
    withdraw(fixture, "Q1", "wait", "queued");
    read_log(fixture);
    withdraw(fixture, "Q1", "free", "refused");
    withdraw(fixture, "Q1", "wait", "none");
    assert_slots(fixture, "0");
    assert_count(fixture, "acme", "one", "refused", 1);
    /* It is never tried again, and its queue ID is nobody's. */
    fixture->now += DAY;
    begin(fixture, "acme", "one");
    g_assert_cmpuint(fixture->count, ==, 1);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    /* The slot is free for another campaign. */
    start_one(fixture, "acme", "two", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q3", "acme.example");
    assert_status(fixture, "ok");
}

/* The log told late what nobody expected: a person must look at it, and the slot is taken. */
static void test_sent_all_the_same(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    read_log(fixture);
    withdraw(fixture, "Q1", "free", "refused");
    event(fixture, "Q1", "sent");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    assert_slots(fixture, "1");
}

static void test_lost(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    fixture->now += 60;
    ask(fixture, "request=track-position\nrestart=%" G_GINT64_FORMAT "\n", fixture->now - 5);
    read_log(fixture);
    withdraw(fixture, "Q1", "uncertain", "uncertain");
    assert_slots(fixture, "1");
    ask(fixture, "request=withdraw\nqueue_id=NONE\ndeleted=5\nbecause=x\n");
    assert_status(fixture, "error");
}

static void test_not_fed(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask(fixture, "request=campaign-cancel\nclient=acme\ncampaign=one\nbecause=enough\n");
    assert_status(fixture, "refused");
    ask(fixture, "request=campaign-pause\nclient=acme\ncampaign=one\n");
    ask(fixture, "request=campaign-cancel\nclient=acme\ncampaign=one\nwave=2\nbecause=enough\n");
    assert_value(fixture, "cancelled", "0");
    ask(fixture, "request=campaign-cancel\nclient=acme\ncampaign=one\nbecause=enough\n");
    assert_value(fixture, "cancelled", "1");
    assert_value(fixture, "last", "0");
    ask(fixture, "request=campaign-resume\nclient=acme\ncampaign=one\n");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    abandon(fixture, &mail, "acme", "one", "550 5.7.1 no", "refused");
    assert_count(fixture, "acme", "one", "refused", 1);
    assert_slots(fixture, "0");
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\n");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reply"), ==, "cancelled: enough");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/withdraw/decide", test_decide);
    g_test_add("/withdraw/queued", struct fixture, NULL, set_up, test_queued, tear_down);
    g_test_add("/withdraw/sent-all-the-same", struct fixture, NULL, set_up, test_sent_all_the_same, tear_down);
    g_test_add("/withdraw/lost", struct fixture, NULL, set_up, test_lost, tear_down);
    g_test_add("/withdraw/not-fed", struct fixture, NULL, set_up, test_not_fed, tear_down);
    return g_test_run();
}
