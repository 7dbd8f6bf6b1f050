/* test_prune.c - what the ledger forgets, and what it must not. */
#include "policyd/decide.h"
#include "tests/unit/ledger_house.h"

#define OLD (PRUNE_QUEUE_AGE + 1)

static const struct {
    const char *name;
    struct prune_facts facts;
    gboolean gone;
} cases[] = {
    {"sent", {.state = STATE_SENT, .age = OLD}, TRUE},
    {"sent lately", {.state = STATE_SENT, .age = PRUNE_QUEUE_AGE}, FALSE},
    {"bounced", {.state = STATE_BOUNCED, .age = OLD}, TRUE},
    {"a tombstone", {.tombstone = TRUE, .age = OLD}, TRUE},
    {"a young tombstone", {.tombstone = TRUE, .age = 3600}, FALSE},
    {"another queue ID's by now", {.state = STATE_NONE, .age = OLD}, TRUE},
    {"uncertain: a person may free its slot", {.state = STATE_UNCERTAIN, .age = OLD}, FALSE},
    {"queued, and nobody has told", {.state = STATE_QUEUED, .age = OLD}, FALSE},
    {"deferred, and nobody has told", {.state = STATE_DEFERRED, .age = OLD}, FALSE},
    {"reserved", {.state = STATE_RESERVED, .age = OLD}, FALSE},
    {"another program's, reserved", {.state = STATE_RESERVED, .foreign = TRUE, .age = OLD}, FALSE},
    {"another program's, queued", {.state = STATE_QUEUED, .foreign = TRUE, .age = OLD}, TRUE},
    {"another program's, uncertain", {.state = STATE_UNCERTAIN, .foreign = TRUE, .age = OLD}, TRUE},
    {"of the future", {.state = STATE_SENT, .age = -OLD}, FALSE},
};

static void test_decide(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(decide_prune(&cases[i].facts), ==, cases[i].gone);
    }
}

/* Steps until the end of the tables; returns how many. */
static guint prune(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    gboolean more = TRUE;
    guint steps = 0;
    for (; more; steps++) {
        g_assert_true(ledger_batch_begin(fixture->ledger, &error));
        g_assert_true(ledger_prune(fixture->ledger, fixture->now, &more, &error));
        g_assert_true(ledger_batch_commit(fixture->ledger, &error));
    }
    g_assert_no_error(error);
    return steps;
}

static guint rows(struct fixture *fixture, enum store_table table)
{
    const struct bytes all = {NULL, 0};
    struct bytes key, value;
    guint count = 0;
    g_autoptr(store_scan_auto) scan = store_scan(ledger_store(fixture->ledger), table, all, all, NULL);
    while (store_next(scan, &key, &value, NULL) == STORE_DONE)
        count++;
    return count;
}

static void ask_foreign(struct fixture *fixture, const char *queue_id, const char *recipient, const char *status)
{
    ask(fixture,
        "request=reserve\nqueue_id=%s\nsender=news@acme.example\nfrom_domain=acme.example\nmessage_id=<%s@acme.example>"
        "\n"
        "recipients=1\nrecipient.1=%s\ndeadline=%" G_GINT64_FORMAT "\n",
        queue_id, queue_id, recipient, fixture->now * 1000 + 5000);
    assert_status(fixture, status);
}

/* Sent and cancelled mails are forgotten in time; what is uncertain is not, and the slots stay while they count. */
static void test_ages(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    struct mail mail;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    guint before = rows(fixture, STORE_QUEUE);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "uncertain");
    ask_foreign(fixture, "F1", "bert@mail.example", "ok");
    event(fixture, "F1", "sent");
    ask(fixture, "request=cancel\nqueue_id=LATE\n");
    g_assert_cmpuint(rows(fixture, STORE_QUEUE), ==, before + 3);
    prune(fixture);
    g_assert_cmpuint(rows(fixture, STORE_QUEUE), ==, before + 3);
    fixture->now += OLD + 1;
    prune(fixture);
    g_assert_cmpuint(rows(fixture, STORE_QUEUE), <, before + 3);
    event(fixture, "F1", "sent");
    assert_value(fixture, "known", "no");
    assert_slots(fixture, "2");
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=free\nby=me\nbecause=x\n",
        mail.participant);
    assert_value(fixture, "state", "new");
    assert_slots(fixture, "1");
    fixture->now += PRUNE_SLOT_AGE;
    prune(fixture);
    assert_slots(fixture, "0");
    g_assert_cmpuint(rows(fixture, STORE_SLOT), ==, 0);
    g_assert_cmpuint(rows(fixture, STORE_SENDING), ==, 0);
}

/* More rows than one step looks at: all are reached, and the next walk begins anew. */
static void test_steps(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    for (int i = 0; i < 4100; i++)
        ask(fixture, "request=cancel\nqueue_id=T%d\n", i);
    g_assert_cmpuint(prune(fixture), ==, 3);
    g_assert_cmpuint(rows(fixture, STORE_QUEUE), ==, 4100);
    fixture->now += OLD + 1;
    prune(fixture);
    g_assert_cmpuint(rows(fixture, STORE_QUEUE), ==, 0);
    close_ledger(fixture);
    open_ledger(fixture);
    g_assert_cmpuint(prune(fixture), ==, 1);
}

/* With a rolling cap a recipient has one slot, however old. */
static void test_rolling(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    struct mail mail;
    start_one(fixture, "rolling", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "rolling.example");
    fixture->now += 2 * PRUNE_SLOT_AGE;
    prune(fixture);
    assert_slots(fixture, "1");
}

#define ADD(name, function) g_test_add("/prune/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/prune/decide", test_decide);
    ADD("ages", test_ages);
    ADD("steps", test_steps);
    ADD("rolling", test_rolling);
    return g_test_run();
}
