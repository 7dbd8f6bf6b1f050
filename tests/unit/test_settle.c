/* test_settle.c - what is open is settled: by evidence, by the mail log, by a person; and who is whose slot. */
#include "lib/unfilled.h"
#include "policyd/record.h"
#include "tests/unit/ledger_house.h"

#include <string.h>

static void resolve_with(struct fixture *fixture, const char *queue_id, const char *listed, int absent,
                         const char *file, gint64 postfix_since)
{
    ask(fixture,
        "request=resolve\nqueue_id=%s\nlisted=%s\nabsent=%d\nbegan=%" G_GINT64_FORMAT "\nlooked=%" G_GINT64_FORMAT
        "\nfile=%s\npostfix_since=%" G_GINT64_FORMAT "\ndaemon_timeout=18000\n",
        queue_id, listed, absent, fixture->now - 4, fixture->now, file, postfix_since);
    assert_status(fixture, "ok");
}

/* Looked for three times and not found, the log read to its end, Postfix running since yesterday. */
static void resolve_gone(struct fixture *fixture, const char *queue_id, const char *resolution)
{
    ask(fixture, "request=track-position\nread=%" G_GINT64_FORMAT "\n", fixture->now);
    resolve_with(fixture, queue_id, "no", 3, "none", fixture->now - DAY);
    assert_value(fixture, "resolution", resolution);
}

static void test_free(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, again;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    ask(fixture, "request=resolve-list\n");
    g_assert_cmpuint(fixture->count, ==, 3); /* the proof, the invitation, and the end */
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "queue_id"), ==, "Q1");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "kind"), ==, "invitation");
    abandon(fixture, &mail, "acme", "one", "451 lost", "reserved");
    resolve_gone(fixture, "Q1", "wait"); /* too young */
    fixture->now += 60;
    resolve_gone(fixture, "Q1", "free");
    assert_value(fixture, "state", "new");
    assert_slots(fixture, "0");
    assert_count(fixture, "acme", "one", "new", 1);
    ask(fixture, "request=resolve-list\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    /* A zombie's reserve comes late; and asking again changes nothing. */
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    resolve_gone(fixture, "Q1", "wait");
    /* It is tried again. */
    fixture->now += 60;
    begin(fixture, "acme", "one");
    take_mail(fixture, 0, &again);
    g_assert_cmpstr(again.attempt, ==, "2");
    ask_reserve(fixture, &again, "Q3", "acme.example");
    assert_status(fixture, "ok");
    /* Too late for the first one, which belongs to nobody any more. */
    resolve_gone(fixture, "Q1", "wait");
    assert_count(fixture, "acme", "one", "reserved", 1);
}

static void test_queued(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    fixture->now += 60;
    resolve_with(fixture, "Q1", "yes", 0, "unseen", 0);
    assert_value(fixture, "resolution", "queued");
    assert_count(fixture, "acme", "one", "queued", 1);
    assert_slots(fixture, "1");
    ask(fixture, "request=resolve-list\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    /* Later it is gone, and the log never told how. */
    fixture->now += 60;
    resolve_gone(fixture, "Q1", "uncertain");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    event(fixture, "Q1", "sent");
    assert_count(fixture, "acme", "one", "sent", 1);
    assert_slots(fixture, "1");
}

/* A reservation as one of form 6: its row holds the boot alone, and all else is in the table queue. */
static void make_old(struct fixture *fixture, const char *queue_id)
{
    struct store *store = ledger_store(fixture->ledger);
    struct queue_record queue UNFILLED;
    struct key key;
    struct bytes value;
    gboolean whole;
    g_autoptr(GString) reservation = g_string_new(NULL), rest = g_string_new(NULL);
    key_queue(&key, queue_id);
    g_assert_true(store_get(store, STORE_RESERVATION, key_bytes(&key), &value, NULL) == STORE_DONE);
    g_assert_true(reservation_read(value, &queue, &whole) && whole);
    number_write(reservation, queue.boot);
    queue_write(rest, &queue);
    g_assert_true(ledger_batch_begin(fixture->ledger, NULL));
    g_assert_true(store_put(store, STORE_RESERVATION, key_bytes(&key),
                            (struct bytes){reservation->str, reservation->len}, NULL) == STORE_DONE);
    g_assert_true(store_put(store, STORE_QUEUE, key_bytes(&key), (struct bytes){rest->str, rest->len}, NULL) ==
                  STORE_DONE);
    g_assert_true(ledger_batch_commit(fixture->ledger, NULL));
}

static gboolean is_kept(struct fixture *fixture, enum store_table table, const char *queue_id)
{
    struct key key;
    struct bytes value;
    key_queue(&key, queue_id);
    return store_get(ledger_store(fixture->ledger), table, key_bytes(&key), &value, NULL) == STORE_DONE;
}

/* A queue ID's record lies among the reservations, then in the table queue, and an old one gets there, too. */
static void test_tables(struct fixture *fixture, gconstpointer data)
{
    gboolean old = GPOINTER_TO_INT(data);
    struct mail mail,
        foreign = {.address = "b@mail.example", .reverse_path = "n@acme.example", .message_id = "<1@acme.example>"};
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    ask_reserve(fixture, &foreign, "F1", "acme.example");
    for (int i = 0; i < 2; i++) {
        const char *queue_id = i == 0 ? "Q1" : "F1";
        g_assert_true(is_kept(fixture, STORE_RESERVATION, queue_id) && !is_kept(fixture, STORE_QUEUE, queue_id));
        if (old)
            make_old(fixture, queue_id);
        ask_reserve(fixture, i == 0 ? &mail : &foreign, queue_id, "acme.example");
        assert_status(fixture, "ok");
        event(fixture, queue_id, "rejected");
        ask(fixture, "request=resolve-list\n");
        g_assert_cmpuint(fixture->count, ==, i == 0 ? 4 : 3); /* the proof's, both or one of these, and the end */
        event(fixture, queue_id, "queued");
        g_assert_true(!is_kept(fixture, STORE_RESERVATION, queue_id) && is_kept(fixture, STORE_QUEUE, queue_id));
        event(fixture, queue_id, "sent");
        assert_value(fixture, "known", "yes");
    }
    ask(fixture, "request=resolve-list\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    assert_slots(fixture, "2");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
}

/* What happened since the reservation that makes silence worthless. */
static const struct {
    const char *name;
    const char *times; /* of track-position */
    guint64 boot;      /* after a restart of policyd; 0: none */
    gint64 postfix_age;
    const char *resolution;
} lost_cases[] = {
    {"nothing", "", 0, 2 * DAY, "free"},
    {"a gap before it", "gap=1795424000\n", 0, 2 * DAY, "free"},
    {"a gap after it", "gap=1795424520\n", 0, 2 * DAY, "uncertain"},
    {"a restart before it, says the log", "restart=1795424000\n", 0, 2 * DAY, "free"},
    {"a restart after it, says the log", "restart=1795424520\n", 0, 2 * DAY, "uncertain"},
    {"a restart after it, says Postfix", "", 0, 30, "uncertain"},
    {"policyd was restarted", "", 1, 2 * DAY, "free"},
    {"the host was restarted", "", 2, 2 * DAY, "uncertain"},
};

static void test_lost(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    size_t i = GPOINTER_TO_SIZE(data) % G_N_ELEMENTS(lost_cases);
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    if (GPOINTER_TO_SIZE(data) != i)
        make_old(fixture, "Q1");
    fixture->now += 60;
    ask(fixture, "request=track-position\nread=%" G_GINT64_FORMAT "\n%s", fixture->now, lost_cases[i].times);
    ask(fixture, "request=track-position\ngap=5\nrestart=5\n"); /* an older one does not take back the newer */
    if (lost_cases[i].boot != 0) {
        close_ledger(fixture);
        fixture->boot = lost_cases[i].boot;
        open_ledger(fixture);
    }
    resolve_with(fixture, "Q1", "no", 3, "none", fixture->now - lost_cases[i].postfix_age);
    assert_value(fixture, "resolution", lost_cases[i].resolution);
    gboolean free = strcmp(lost_cases[i].resolution, "free") == 0;
    assert_slots(fixture, free ? "0" : "1");
    assert_count(fixture, "acme", "one", free ? "new" : "uncertain", 1);
}

/* The log said that Postfix refused it: no more is needed. */
static void test_rejected(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "rejected");
    assert_count(fixture, "acme", "one", "reserved", 1);
    ask(fixture, "request=resolve-list\n");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "rejected"), ==, "yes");
    resolve_with(fixture, "Q1", "no", 0, "unseen", 0);
    assert_value(fixture, "resolution", "free");
    assert_slots(fixture, "0");
}

/* Listings from before the reservation are none. */
static void test_old_listing(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    ask(fixture, "request=track-position\nread=%" G_GINT64_FORMAT "\n", fixture->now + 60);
    for (int yes = 0; yes < 2; yes++) {
        fixture->now += 60;
        ask(fixture,
            "request=resolve\nqueue_id=Q1\nlisted=%s\nabsent=3\nbegan=%" G_GINT64_FORMAT "\nlooked=%" G_GINT64_FORMAT
            "\nfile=none\npostfix_since=5\ndaemon_timeout=18000\n",
            yes ? "yes" : "no", NOVEMBER, fixture->now);
        assert_value(fixture, "resolution", "wait");
    }
}

static void test_proof_and_foreign(struct fixture *fixture, gconstpointer data)
{
    struct mail proof;
    (void)data;
    import_one(fixture, "acme", "one", "anna@mail.example", "new");
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_A "\nto=boss@acme.example\n");
    take_mail(fixture, 0, &proof);
    ask_reserve(fixture, &proof, "P1", "acme.example");
    struct mail foreign = {
        .address = "b@mail.example", .reverse_path = "n@acme.example", .message_id = "<1@acme.example>"};
    ask_reserve(fixture, &foreign, "F1", "acme.example");
    ask_reserve(fixture, &foreign, "F2", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    assert_slots(fixture, "1");
    fixture->now += 60;
    ask(fixture, "request=resolve-list\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    ask(fixture, "request=resolve-list\nlimit=1\n");
    assert_value(fixture, "last", "F1");
    ask(fixture, "request=resolve-list\nlimit=1\nafter=F1\n");
    assert_value(fixture, "last", "P1");
    ask(fixture, "request=resolve-list\nlimit=1\nafter=P1\n");
    g_assert_cmpuint(fixture->count, ==, 1);
    assert_value(fixture, "last", "");
    resolve_gone(fixture, "P1", "free");
    resolve_gone(fixture, "F1", "free");
    assert_slots(fixture, "0");
    ask_reserve(fixture, &foreign, "F1", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask_reserve(fixture, &foreign, "F2", "acme.example");
    assert_value(fixture, "kind", "foreign");
    ask_reserve(fixture, &proof, "P2", "acme.example");
    assert_value(fixture, "kind", "proof");
}

static void decide(struct fixture *fixture, const struct mail *mail, const char *to, const char *status)
{
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=%s\nby=Erika\nbecause=she rang\n",
        mail->participant, to);
    assert_status(fixture, status);
}

static void test_decide(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, again;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    decide(fixture, &mail, "sent", "refused");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    decide(fixture, &mail, "free", "refused"); /* that is for resolve, or for nobody */
    event(fixture, "Q1", "deferred");
    decide(fixture, &mail, "free", "refused");
    event(fixture, "Q1", "uncertain");
    decide(fixture, &mail, "away", "error");
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=free\nby=\nbecause=x\n",
        mail.participant);
    assert_status(fixture, "error");
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=77\nto=free\nby=x\nbecause=x\n");
    assert_status(fixture, "error");
    assert_slots(fixture, "1");
    decide(fixture, &mail, "free", "ok");
    assert_value(fixture, "state", "new");
    assert_slots(fixture, "0");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    fixture->now += 60;
    begin(fixture, "acme", "one");
    take_mail(fixture, 0, &again);
    ask_reserve(fixture, &again, "Q2", "acme.example");
    event(fixture, "Q2", "uncertain");
    decide(fixture, &mail, "sent", "ok");
    assert_value(fixture, "state", "sent");
    assert_slots(fixture, "1");
    decide(fixture, &mail, "free", "refused");
    ask(fixture, "request=decision-list\nclient=acme\ncampaign=one\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "after"), ==, "new");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "queue_id"), ==, "Q1");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "after"), ==, "sent");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "by"), ==, "Erika");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "because"), ==, "she rang");
    ask(fixture, "request=explain\naddress=Anna@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 5);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "state"), ==, "sent");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reply"), ==, "taken for sent by Erika: she rang");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "about"), ==, "decision");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "reason"), ==, "she rang");
    g_assert_cmpstr(attributes_text(&fixture->answers[3], "slot"), ==, "invitation");
    ask(fixture, "request=explain\naddress=nobody@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 1);
}

/* Cancelled, and queued all the same: the queue ID is a tombstone, and a person can settle it nevertheless. */
static void test_decide_cancelled(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    ask(fixture, "request=cancel\nqueue_id=Q1\n");
    event(fixture, "Q1", "queued");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    decide(fixture, &mail, "free", "ok");
    assert_slots(fixture, "0");
    assert_count(fixture, "acme", "one", "new", 1);
}

/* Who is the same participant: for the slot, by the client's identity; for suppression, always by mailbox. */
static const struct {
    const char *name;
    const char *a, *b;
    gboolean mailbox, strict; /* the same for a client with that identity */
} same_cases[] = {
    {"the same", "anna@mail.example", "anna@mail.example", TRUE, TRUE},
    {"case of the domain", "anna@mail.example", "anna@MAIL.Example", TRUE, TRUE},
    {"case of the local part", "anna@mail.example", "Anna@mail.example", TRUE, TRUE},
    {"dot at the domain's end", "anna@mail.example", "anna@mail.example.", TRUE, TRUE},
    {"U-label and A-label", "anna@m\xc3\xbcller.example", "anna@xn--mller-kva.example", TRUE, TRUE},
    {"U-label in capitals", "anna@M\xc3\x9cLLER.example", "anna@xn--mller-kva.example", TRUE, TRUE},
    {"tag", "anna@mail.example", "anna+survey@mail.example", FALSE, FALSE},
    {"tag at a provider that has them", "anna@gmail.com", "anna+survey@gmail.com", TRUE, FALSE},
    {"dots and a second name of a provider", "anna@gmail.com", "A.n.n.a@googlemail.com", TRUE, FALSE},
    {"dots elsewhere", "anna@mail.example", "a.nna@mail.example", FALSE, FALSE},
    {"another domain", "anna@mail.example", "anna@mail2.example", FALSE, FALSE},
    {"another person", "anna@mail.example", "annas@mail.example", FALSE, FALSE},
};

static void test_same(struct fixture *fixture, gconstpointer data)
{
    const struct {
        const char *client;
        gboolean same;
    } clients[] = {{"acme", same_cases[GPOINTER_TO_SIZE(data)].mailbox},
                   {"strict", same_cases[GPOINTER_TO_SIZE(data)].strict}};
    const char *a = same_cases[GPOINTER_TO_SIZE(data)].a, *b = same_cases[GPOINTER_TO_SIZE(data)].b;
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        struct mail mail;
        g_autofree char *domain = g_strconcat(clients[i].client, ".example", NULL);
        start_one(fixture, clients[i].client, "one", a, &mail);
        g_autofree char *queue_id = g_strdup_printf("Q%zu", i);
        ask_reserve(fixture, &mail, queue_id, domain);
        assert_value(fixture, "kind", "invitation");
        import_one(fixture, clients[i].client, "one", b, clients[i].same ? "known" : "new");
        import_one(fixture, clients[i].client, "two", b, clients[i].same ? "capped" : "new");
        ask(fixture, "request=explain\naddress=%s\n", b);
        gboolean found = FALSE;
        for (size_t k = 0; k < fixture->count; k++)
            found |= strcmp(attributes_text(&fixture->answers[k], "slot"), "invitation") == 0 &&
                     strcmp(attributes_text(&fixture->answers[k], "client"), clients[i].client) == 0;
        g_assert_true(found == clients[i].same);
    }
    /* Who wants no mail gets none under any spelling of the mailbox, whatever the client's identity. */
    ask(fixture, "request=suppress-add\naddress=%s\nscope=*\nreason=asked\n", a);
    import_one(fixture, "other", "one", b, clients[0].same ? "suppressed" : "new");
    import_one(fixture, "strict", "three", b, clients[0].same ? "suppressed" : "new");
}

/* One recipient's other program and our campaign meet at the same slot, whoever comes first. */
static void test_foreign_identity(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    struct mail foreign = {
        .address = "A.nna+x@googlemail.com", .reverse_path = "n@acme.example", .message_id = "<1@acme.example>"};
    struct mail mail;
    start_one(fixture, "acme", "one", "anna@gmail.com", &mail);
    ask_reserve(fixture, &foreign, "F1", "acme.example");
    assert_value(fixture, "kind", "foreign");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    ask_policy(fixture, &mail);
    assert_prefix(fixture, "action", "550 5.7.1 ");
}

/* One message to one person under two addresses: refused, and nothing of it is taken. */
static void test_foreign_twice(struct fixture *fixture, gconstpointer data)
{
    static const struct {
        const char *second, *status;
    } cases[] = {{"a.nna+x@googlemail.com", "refused"}, {"ANNA@gmail.com", "ok"}};
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ask(fixture,
            "request=reserve\nqueue_id=F%zu\nsender=n@acme.example\nfrom_domain=acme.example\nmessage_id=<%zu@acme."
            "example>\n"
            "recipients=2\nrecipient.1=anna@gmail.com\nrecipient.2=%s\ndeadline=%" G_GINT64_FORMAT "\n",
            i, i, cases[i].second, fixture->now * 1000 + 5000);
        assert_status(fixture, cases[i].status);
        assert_slots(fixture, i == 0 ? "0" : "1");
    }
}

/* Reserved, and sent in the next quarter, by the mail log's time; a decision of a person stays in its own. */
static void test_next_quarter(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    fixture->now = JANUARY - 3 * DAY; /* 31 December in Berlin */
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "uncertain");
    fixture->now = JANUARY;
    decide(fixture, &mail, "sent", "ok");
    assert_slots(fixture, "1");
    struct mail foreign = {
        .address = "anna@mail.example", .reverse_path = "n@acme.example", .message_id = "<1@acme.example>"};
    ask_reserve(fixture, &foreign, "F1", "acme.example");
    assert_value(fixture, "kind", "foreign");
    assert_slots(fixture, "2");
}

/* A rolling cap counts from when the mail arrived; one that is still on its way keeps others waiting. */
static void test_rolling_open(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, second;
    (void)data;
    start_one(fixture, "rolling", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "rolling.example");
    fixture->now += 29 * DAY;
    event(fixture, "Q1", "deferred");
    import_one(fixture, "rolling", "two", "anna@mail.example", "capped");
    fixture->now += DAY;
    import_one(fixture, "rolling", "three", "anna@mail.example", "new");
    approve(fixture, "rolling", "three", HASH_A);
    open_wave(fixture, "rolling", "three");
    begin(fixture, "rolling", "three");
    assert_value(fixture, "waiting", "1");
    event(fixture, "Q1", "expired"); /* nobody got it: the time runs from the reservation */
    begin(fixture, "rolling", "three");
    take_mail(fixture, 0, &second);
    ask_reserve(fixture, &second, "Q2", "rolling.example");
    assert_status(fixture, "ok");
    assert_slots(fixture, "1");
    /* Greylisted for three days: the time runs from when it arrived. */
    fixture->now += 3 * DAY;
    event(fixture, "Q2", "sent");
    fixture->now += 30 * DAY - 1;
    import_one(fixture, "rolling", "four", "anna@mail.example", "capped");
    fixture->now += 1;
    import_one(fixture, "rolling", "five", "anna@mail.example", "new");
}

#define ADD(name, function) g_test_add("/settle/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("free", test_free);
    ADD("queued", test_queued);
    ADD("tables", test_tables);
    g_test_add("/settle/tables-of-form-6", struct fixture, GINT_TO_POINTER(TRUE), set_up, test_tables, tear_down);
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(lost_cases); i++) {
        const char *name = lost_cases[i % G_N_ELEMENTS(lost_cases)].name;
        g_autofree char *path =
            g_strdup_printf("/settle/lost/%s%s", name, i < G_N_ELEMENTS(lost_cases) ? "" : ", a reservation of form 6");
        g_test_add(path, struct fixture, GSIZE_TO_POINTER(i), set_up, test_lost, tear_down);
    }
    ADD("rejected", test_rejected);
    ADD("old-listing", test_old_listing);
    ADD("proof-and-foreign", test_proof_and_foreign);
    ADD("decide", test_decide);
    ADD("decide-cancelled", test_decide_cancelled);
    for (size_t i = 0; i < G_N_ELEMENTS(same_cases); i++) {
        g_autofree char *path = g_strdup_printf("/settle/same/%s", same_cases[i].name);
        g_test_add(path, struct fixture, GSIZE_TO_POINTER(i), set_up, test_same, tear_down);
    }
    ADD("foreign-identity", test_foreign_identity);
    ADD("foreign-twice", test_foreign_twice);
    ADD("next-quarter", test_next_quarter);
    ADD("rolling-open", test_rolling_open);
    return g_test_run();
}
