/*
 * test_ledger.c - whole lives of invitations, on a real store in a temporary folder, with a clock of the test's own.
 */
#include "tests/unit/ledger_house.h"

#include "lib/error.h"

#include <string.h>

/* --- tests ------------------------------------------------------------------------------------- */

static void test_life(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "Anna@Mail.Example", &mail);
    g_assert_cmpstr(mail.address, ==, "Anna@mail.example");
    ask_policy(fixture, &mail);
    assert_value(fixture, "action", "DUNNO");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_value(fixture, "kind", "invitation");
    ask_reserve(fixture, &mail, "Q1", "acme.example"); /* the answer was lost */
    assert_value(fixture, "kind", "invitation");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    assert_slots(fixture, "1");
    event(fixture, "Q1", "queued");
    assert_value(fixture, "known", "yes");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 Duplicate");
    event(fixture, "Q1", "deferred");
    assert_count(fixture, "acme", "one", "deferred", 1);
    event(fixture, "Q1", "queued");
    assert_count(fixture, "acme", "one", "deferred", 1);
    event(fixture, "Q1", "sent");
    event(fixture, "Q1", "bounced");
    assert_count(fixture, "acme", "one", "sent", 1);
    event(fixture, "Q9", "sent");
    assert_value(fixture, "known", "no");
    abandon(fixture, &mail, "acme", "one", "451 lost", "sent");
    assert_slots(fixture, "1");
}

/* Put off by a greylister, and otherwise: the reply at hand says which. */
static void test_greylisted(struct fixture *fixture, gconstpointer data)
{
    static const struct {
        const char *event, *reply, *state;
    } steps[] = {
        {"queued", "", "queued"},
        {"deferred", "host mx.mail.example[192.0.2.1] said: 450 4.2.0 Greylisted", "greylisted"},
        {"queued", "", "greylisted"},
        {"deferred", "host mx.mail.example[192.0.2.1] said: 450 4.2.0 Greylisted, again", "greylisted"},
        {"deferred", "host mx.mail.example[192.0.2.1] said: 452 4.2.2 Mailbox full", "deferred"},
        {"deferred", "host mx.mail.example[192.0.2.1] said: 450 4.2.0 Greylisted", "greylisted"},
        {"sent", "greylisted no more", "sent"},
    };
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        ask(fixture, "request=event\nqueue_id=Q1\nevent=%s\ntime=%" G_GINT64_FORMAT "\nreply=%s\n", steps[i].event,
            fixture->now, steps[i].reply);
        assert_count(fixture, "acme", "one", steps[i].state, 1);
        if (i == 2) {
            close_ledger(fixture);
            open_ledger(fixture);
            assert_count(fixture, "acme", "one", "greylisted", 1);
        }
    }
}

static void test_second_invitation(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, second;
    (void)data;
    import_one(fixture, "acme", "two", "a.n.na+news@mail.example", "new"); /* before the slot is taken */
    start_one(fixture, "acme", "one", "a.n.na+news@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_status(fixture, "ok");
    event(fixture, "Q1", "sent");
    import_one(fixture, "acme", "three", "A.N.NA+NEWS@mail.example", "capped");
    assert_count(fixture, "acme", "three", "capped", 1);
    approve(fixture, "acme", "two", HASH_A);
    open_wave(fixture, "acme", "two");
    begin(fixture, "acme", "two");
    g_assert_cmpuint(fixture->count, ==, 1); /* nothing to feed */
    assert_count(fixture, "acme", "two", "capped", 1);
    start_one(fixture, "other", "one", "a.n.na+news@mail.example", &second); /* another client's cap is its own */
    ask_reserve(fixture, &second, "Q2", "other.example");
    assert_status(fixture, "ok");
    fixture->now = JANUARY;
    start_one(fixture, "acme", "four", "a.n.na+news@mail.example", &second);
    ask_reserve(fixture, &second, "Q3", "acme.example");
    assert_status(fixture, "ok");
    assert_slots(fixture, "3");
}

/* Two campaigns begin the same participant before either has the slot. */
static void test_race(struct fixture *fixture, gconstpointer data)
{
    struct mail first, second;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &first);
    start_one(fixture, "acme", "two", "anna@mail.example", &second);
    ask_reserve(fixture, &second, "Q2", "acme.example");
    assert_status(fixture, "ok");
    ask_policy(fixture, &first);
    assert_prefix(fixture, "action", "550 5.7.1 ");
    ask_reserve(fixture, &first, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    abandon(fixture, &first, "acme", "one", "550 5.7.1 used", "capped");
    assert_count(fixture, "acme", "one", "capped", 1);
}

static void test_import(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    ask(fixture, "request=suppress-add\naddress=No@mail.example\nscope=*\nreason=asked\n");
    assert_value(fixture, "new", "yes");
    import_begin(fixture, "acme", "one");
    import_row(fixture, 1, 1, "a@mail.example", "new");
    import_row(fixture, 1, 2, "A@MAIL.example.", "known");
    import_row(fixture, 1, 3, "no@mail.example", "suppressed");
    ask(fixture, "request=import-row\nimport=1\nrow=1\naddress=b@mail.example\nwave=1\n");
    assert_status(fixture, "error");
    ask(fixture, "request=import-row\nimport=1\nrow=4\naddress=no address\nwave=1\n");
    assert_status(fixture, "error");
    ask(fixture, "request=import-row\nimport=1\nrow=4\naddress=b@mail.example\nwave=1000\n");
    assert_status(fixture, "error");
    ask(fixture, "request=campaign-show\nclient=acme\ncampaign=one\n");
    assert_status(fixture, "error"); /* not there before the commit */
    ask(fixture, "request=import-commit\nimport=1\nrows=4\n");
    assert_status(fixture, "error");
    ask(fixture, "request=import-commit\nimport=1\nrows=3\n");
    assert_value(fixture, "new", "1");
    assert_value(fixture, "known", "1");
    assert_value(fixture, "suppressed", "1");
    assert_count(fixture, "acme", "one", "new", 1);
    import_begin(fixture, "acme", "one");
    import_row(fixture, 2, 1, "a@mail.example", "known");
    assert_value(fixture, "changed", "");
    import_row(fixture, 2, 7, "a@mail.example", "known");
    assert_value(fixture, "changed", "Nachname");
    ask(fixture, "request=import-row\nimport=2\nrow=8\naddress=a@mail.example\nwave=1\na.Titel=Dr.\n");
    assert_value(fixture, "changed", "Titel, Nachname");
    ask(fixture, "request=import-row\nimport=2\nrow=9\naddress=a@mail.example\nwave=1\na.Nachname=N1\na.Titel=\n");
    assert_value(fixture, "changed", "");
    import_row(fixture, 2, 2, "b@mail.example", "new");
    ask(fixture, "request=import-commit\nimport=2\nrows=5\n");
    assert_status(fixture, "ok");
    assert_count(fixture, "acme", "one", "new", 2);
}

static void sweep(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    for (gboolean more = ledger_needs_sweep(fixture->ledger); more;) {
        g_assert_true(ledger_batch_begin(fixture->ledger, &error));
        g_assert_true(ledger_sweep(fixture->ledger, &more, &error));
        g_assert_true(ledger_batch_commit(fixture->ledger, &error));
    }
    g_assert_no_error(error);
}

/* The rows that a table holds. */
static int count_rows(struct fixture *fixture, enum store_table table)
{
    const struct bytes all = {NULL, 0};
    struct bytes key, row;
    int count = 0;
    g_autoptr(store_scan_auto) scan = store_scan(ledger_store(fixture->ledger), table, all, all, NULL);
    while (store_next(scan, &key, &row, NULL) == STORE_DONE)
        count++;
    return count;
}

/* Asks for all rejected rows, `limit` at a time; returns how many there are. */
static int count_rejects(struct fixture *fixture, const char *campaign, int limit)
{
    int count = 0;
    g_autofree char *after = g_strdup("0");
    do {
        ask(fixture, "request=campaign-rejects\nclient=acme\ncampaign=%s\nafter=%s\nlimit=%d\n", campaign, after,
            limit);
        count += (int)fixture->count - 1;
        g_free(after);
        after = g_strdup(value(fixture, "last"));
    } while (strcmp(after, "0") != 0);
    return count;
}

/* Rows that make no participant are kept with their import, and go with it. */
static void test_rejects(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    import_begin(fixture, "acme", "one");
    import_row(fixture, 1, 1, "a@mail.example", "new");
    import_row(fixture, 1, 2, "A@mail.example", "known");
    ask(fixture, "request=import-reject\nimport=1\nrow=3\ncolumn=B\nreason=no address\n");
    assert_status(fixture, "ok");
    ask(fixture, "request=import-reject\nimport=2\nrow=3\ncolumn=B\nreason=no address\n");
    assert_status(fixture, "error"); /* not this connection's */
    ask(fixture, "request=import-reject\nimport=1\nrow=3\ncolumn=ABCD\nreason=no address\n");
    assert_status(fixture, "error");
    ask(fixture, "request=import-commit\nimport=1\nrows=2\n"); /* rejected rows do not count */
    assert_status(fixture, "ok");
    ask(fixture, "request=campaign-rejects\nclient=acme\ncampaign=one\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "row"), ==, "2");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "known"), ==, "yes");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "row"), ==, "3");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "column"), ==, "B");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "reason"), ==, "no address");
    import_begin(fixture, "acme", "one");
    for (int row = 1; row <= 450; row++)
        ask(fixture, "request=import-reject\nimport=2\nrow=%d\ncolumn=\nreason=r\n", row);
    g_assert_cmpint(count_rejects(fixture, "one", 1), ==, 2); /* what is not committed is not seen */
    import_row(fixture, 2, 451, "b@mail.example", "new");
    ask(fixture, "request=import-commit\nimport=2\nrows=1\n");
    g_assert_cmpint(count_rejects(fixture, "one", 50), ==, 452);
    ask(fixture, "request=import-undo\nclient=acme\ncampaign=one\n");
    assert_status(fixture, "ok");
    g_assert_cmpint(count_rejects(fixture, "one", 50), ==, 2);
    sweep(fixture);
    g_assert_cmpint(count_rows(fixture, STORE_REJECT), ==, 2);
    g_assert_cmpint(count_rows(fixture, STORE_IMPORT), ==, 1);
}

/* Who is capped is told by whom, and until when; so is everything else that is known of an address. */
static void test_explain(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "sent");
    import_one(fixture, "acme", "two", "Anna@mail.example", "capped");
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=two\n");
    const struct attributes *row = &fixture->answers[0];
    g_assert_cmpstr(attributes_text(row, "held_by"), ==, "invitation");
    g_assert_cmpstr(attributes_text(row, "held_campaign"), ==, "one");
    g_autofree char *since = g_strdup_printf("%" G_GINT64_FORMAT, NOVEMBER);
    g_assert_cmpstr(attributes_text(row, "held_since"), ==, since);
    g_assert_cmpstr(attributes_text(row, "held_until"), ==, "1798758000"); /* midnight in Berlin */
    ask(fixture, "request=suppress-add\naddress=anna@mail.example\nscope=acme\nreason=asked\n");
    fixture->now = JANUARY; /* what was in the quarter before is told as well */
    ask(fixture, "request=explain\naddress=ANNA@mail.example\n");
    static const struct {
        const char *about, *name, *value;
    } rows[] = {{"invitation", "state", "sent"}, {"invitation", "held_campaign", "one"}, {"slot", "quarter", "2026Q4"},
                {"suppression", "reason", "asked"}};
    g_assert_cmpuint(fixture->count, ==, G_N_ELEMENTS(rows) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpstr(attributes_text(&fixture->answers[i], "about"), ==, rows[i].about);
        g_assert_cmpstr(attributes_text(&fixture->answers[i], rows[i].name), ==, rows[i].value);
    }
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "file"), ==, "f.csv");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "row"), ==, "1");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "campaign"), ==, "one");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "until"), ==, "1798758000");
}

/* Whoever got a proof need be no participant; a proof to another address is not told. */
static void test_explain_proof(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, proof;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_B "\nto=Chef@other.example\n");
    take_mail(fixture, 0, &proof);
    ask_reserve(fixture, &proof, "P2", "acme.example");
    fixture->now += 60;
    event(fixture, "P2", "sent");
    ask(fixture, "request=explain\naddress=chef@OTHER.example\n");
    static const char *const told[][2] = {{"about", "proof"}, {"client", "acme"}, {"campaign", "one"},
                                          {"proof", "2"},     {"by", "root"},     {"row", "1"},
                                          {"state", "sent"},  {"queue_id", "P2"}};
    g_assert_cmpuint(fixture->count, ==, 2);
    for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
        g_assert_cmpstr(attributes_text(&fixture->answers[0], told[i][0]), ==, told[i][1]);
    guint64 opened = g_ascii_strtoull(attributes_text(&fixture->answers[0], "opened"), NULL, 10);
    g_assert_cmpuint(g_ascii_strtoull(attributes_text(&fixture->answers[0], "changed"), NULL, 10), ==, opened + 60);
    ask(fixture, "request=explain\naddress=nobody@other.example\n");
    g_assert_cmpuint(fixture->count, ==, 1);
}

/* An import that is left: at the end of its connection, or with the whole process. */
static void test_import_left(struct fixture *fixture, gconstpointer restart)
{
    struct session *session;
    import_one(fixture, "acme", "one", "first@mail.example", "new");
    import_begin(fixture, "acme", "one");
    for (int row = 1; row <= 450; row++) {
        g_autofree char *address = g_strdup_printf("p%d@mail.example", row);
        import_row(fixture, 2, row, address, "new");
    }
    session = ledger_session_new(fixture->ledger, 2, 0);
    ask_other(fixture, session,
              "request=import-begin\nclient=acme\ncampaign=one\ntitle=T\ndir=/d\nfile=f\nfile_sha256=00\n"
              "basis=b\nassured_by=me\nremark=\nwaves=x\n");
    assert_status(fixture, "refused");
    assert_value(fixture, "pid", "1");
    ledger_session_free(fixture->ledger, session);
    assert_count(fixture, "acme", "one", "new", 1);
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    if (restart != NULL) {
        close_ledger(fixture);
        open_ledger(fixture);
    } else {
        ledger_session_free(fixture->ledger, fixture->session);
        fixture->session = ledger_session_new(fixture->ledger, 3, 0);
    }
    /* Before the sweep and after it, the address is as good as new. */
    import_begin(fixture, "acme", "one");
    import_row(fixture, 3, 1, "p1@mail.example", "new");
    ask(fixture, "request=import-commit\nimport=3\nrows=1\n");
    assert_status(fixture, "ok");
    g_assert_cmpint(count_rows(fixture, STORE_PARTICIPANT), ==, 452);
    sweep(fixture);
    g_assert_cmpint(count_rows(fixture, STORE_PARTICIPANT), ==, 2);
    g_assert_cmpint(count_rows(fixture, STORE_LIFE), ==, 2);
    g_assert_cmpint(count_rows(fixture, STORE_MEMBER), ==, 2);
    import_begin(fixture, "acme", "one");
    import_row(fixture, 4, 1, "p1@mail.example", "known");
    import_row(fixture, 4, 2, "p2@mail.example", "new");
}

/* An import with these columns and one row each of the addresses, all new. */
static void import_columns(struct fixture *fixture, const char *columns, int import, const char *first,
                           const char *second)
{
    ask(fixture,
        "request=import-begin\nclient=acme\ncampaign=one\ntitle=T\ndir=/d\nfile=f%d.csv\nfile_sha256=00\n"
        "basis=b%d\nassured_by=me\nremark=\nwaves=x\ncolumns=%s\n",
        import, import, columns);
    import_row(fixture, import, 1, first, "new");
    import_row(fixture, import, 2, second, "new");
    ask(fixture, "request=import-commit\nimport=%d\nrows=2\n", import);
    assert_status(fixture, "ok");
}

static void show(struct fixture *fixture)
{
    ask(fixture, "request=campaign-show\nclient=acme\ncampaign=one\n");
}

/* The last import goes as one step, and the campaign says again what it said before. */
static void test_import_undo(struct fixture *fixture, gconstpointer restart)
{
    static const char undo[] = "request=import-undo\nclient=acme\ncampaign=one\n";
    import_columns(fixture, ",Anrede,Name,", 1, "a@mail.example", "b@mail.example");
    import_columns(fixture, ",Name,Ort,", 2, "c@mail.example", "d@mail.example");
    show(fixture);
    assert_value(fixture, "columns", ",Name,");
    assert_value(fixture, "file", "f2.csv");
    ask(fixture, undo);
    assert_status(fixture, "ok");
    assert_value(fixture, "rows", "2");
    assert_value(fixture, "file", "f2.csv");
    assert_value(fixture, "participants", "2");
    if (restart != NULL) {
        close_ledger(fixture);
        open_ledger(fixture);
    }
    show(fixture);
    assert_value(fixture, "columns", ",Anrede,Name,");
    assert_value(fixture, "basis", "b1");
    assert_value(fixture, "participants", "2");
    assert_count(fixture, "acme", "one", "new", 2);
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    sweep(fixture);
    g_assert_cmpint(count_rows(fixture, STORE_PARTICIPANT), ==, 2);
    g_assert_cmpint(count_rows(fixture, STORE_MEMBER), ==, 2);
    ask(fixture, undo);
    assert_value(fixture, "participants", "0");
    show(fixture);
    assert_status(fixture, "error");
    ask(fixture, undo);
    assert_status(fixture, "error");
    /* The same people again, before the sweep; then a wave is opened. */
    import_columns(fixture, ",Name,", 3, "a@mail.example", "c@mail.example");
    sweep(fixture);
    g_assert_cmpint(count_rows(fixture, STORE_PARTICIPANT), ==, 2);
    approve(fixture, "acme", "one", HASH_A);
    open_wave(fixture, "acme", "one");
    ask(fixture, undo);
    assert_status(fixture, "refused");
    assert_count(fixture, "acme", "one", "new", 2);
}

static void test_abandon(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, again;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    abandon(fixture, &mail, "acme", "one", "", "new");
    ask_reserve(fixture, &mail, "Q1", "acme.example"); /* a zombie */
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    ask_policy(fixture, &mail);
    assert_prefix(fixture, "action", "550 5.7.1 ");
    begin(fixture, "acme", "one");
    assert_value(fixture, "waiting", "1");
    fixture->now += 60;
    begin(fixture, "acme", "one");
    take_mail(fixture, 0, &again);
    g_assert_cmpstr(again.attempt, ==, "2");
    g_assert_cmpstr(again.message_id, ==, mail.message_id);
    g_assert_cmpstr(again.reverse_path, !=, mail.reverse_path);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    ask_reserve(fixture, &again, "Q2", "acme.example");
    assert_status(fixture, "ok");
    abandon(fixture, &again, "acme", "one", "451 lost", "reserved");
}

/* The feeder dies; the next one takes over what was in its hands, and its mails are refused. */
static void test_feeder_dies(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, again;
    struct session *session = ledger_session_new(fixture->ledger, 2, 0);
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    begin(fixture, "acme", "one");
    g_assert_cmpuint(fixture->count, ==, 1); /* in hand */
    ask_other(fixture, session, "request=wave-open\nclient=acme\ncampaign=one\nwave=1\nhash=" HASH_A "\n");
    assert_status(fixture, "refused");
    assert_value(fixture, "pid", "1");
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = session;
    ask(fixture, "request=begin\nclient=acme\ncampaign=one\nwave=1\nafter=0\nlimit=50\n");
    assert_status(fixture, "refused");
    open_wave(fixture, "acme", "one");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    begin(fixture, "acme", "one");
    take_mail(fixture, 0, &again);
    g_assert_cmpstr(again.attempt, ==, "2");
    ask_reserve(fixture, &again, "Q1", "acme.example");
    assert_status(fixture, "ok");
}

static void test_cancel(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask(fixture, "request=cancel\nqueue_id=Q1\n"); /* before the reserve that it overtook */
    assert_status(fixture, "ok");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_status(fixture, "ok");
    ask(fixture, "request=cancel\nqueue_id=Q2\n");
    assert_status(fixture, "ok");
    assert_slots(fixture, "0");
    assert_count(fixture, "acme", "one", "begun", 1);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask_reserve(fixture, &mail, "Q3", "acme.example");
    assert_status(fixture, "ok");
    event(fixture, "Q3", "queued");
    ask(fixture, "request=cancel\nqueue_id=Q3\n"); /* too late: it is queued, and stays so */
    assert_status(fixture, "ok");
    assert_slots(fixture, "1");
    event(fixture, "Q3", "sent");
    assert_count(fixture, "acme", "one", "sent", 1);
}

/* Given up, and on its way all the same: the slot is held, and a person must look. */
static void test_cancelled_and_sent(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    ask(fixture, "request=cancel\nqueue_id=Q1\n");
    assert_slots(fixture, "0");
    event(fixture, "Q1", "rejected");
    assert_slots(fixture, "0");
    event(fixture, "Q1", "queued");
    assert_slots(fixture, "1");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 Duplicate");
}

static void test_late(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask(fixture,
        "request=reserve\nqueue_id=Q1\nsender=%s\nfrom_domain=acme.example\nmessage_id=%s\nrecipients=1\nrecipient.1=%"
        "s\n"
        "deadline=%" G_GINT64_FORMAT "\n",
        mail.reverse_path, mail.message_id, mail.address, fixture->now * 1000 - 1);
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    assert_slots(fixture, "0");
    ask_reserve(fixture, &mail, "Q1", "other.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    ask(fixture,
        "request=reserve\nqueue_id=Q1\nsender=%s\nfrom_domain=acme.example\nmessage_id=%s\nrecipients=2\n"
        "recipient.1=%s\nrecipient.2=x@mail.example\ndeadline=%" G_GINT64_FORMAT "\n",
        mail.reverse_path, mail.message_id, mail.address, fixture->now * 1000 + 1);
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    assert_slots(fixture, "0");
}

static void test_states_of_campaign(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask(fixture, "request=campaign-pause\nclient=acme\ncampaign=one\n");
    assert_status(fixture, "ok");
    ask_policy(fixture, &mail);
    assert_prefix(fixture, "action", "451 4.7.1 ");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask(fixture, "request=begin\nclient=acme\ncampaign=one\nwave=1\nafter=0\nlimit=50\n");
    assert_status(fixture, "refused");
    ask(fixture, "request=campaign-resume\nclient=acme\ncampaign=one\n");
    ask_policy(fixture, &mail);
    assert_value(fixture, "action", "DUNNO");
    ask(fixture, "request=wave-open\nclient=acme\ncampaign=one\nwave=1\nhash=" HASH_B "\n");
    assert_status(fixture, "refused");
    /* A new approval, once nobody feeds: what was begun with the old content is refused. */
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_B "\nto=boss@acme.example\nparts=B\n");
    struct mail proof;
    take_mail(fixture, 0, &proof);
    ask_reserve(fixture, &proof, "P2", "acme.example");
    /* Each content is shown once, unless somebody asks for it. */
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_B "\nto=boss@acme.example\n");
    assert_status(fixture, "refused");
    ask(fixture, "request=campaign-show\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "proof_parts", "B");
    assert_value(fixture, "parts", "");
    ask(fixture,
        "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_B "\nto=boss@acme.example\nagain=yes\nparts=B\n");
    assert_status(fixture, "ok");
    ask(fixture, "request=campaign-approve\nclient=acme\ncampaign=one\nhash=" HASH_B "\nby=B\n");
    assert_status(fixture, "refused");
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    ask(fixture, "request=campaign-approve\nclient=acme\ncampaign=one\nhash=" HASH_B "\nby=B\n");
    assert_status(fixture, "ok");
    ask(fixture, "request=campaign-show\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "parts", "B");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
}

static void test_suppression(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask(fixture, "request=suppress-add\naddress=ANNA@mail.example\nscope=other\nreason=other's\n");
    ask_policy(fixture, &mail);
    assert_value(fixture, "action", "DUNNO");
    ask(fixture, "request=suppress-add\naddress=ANNA@mail.example\nscope=acme\nreason=unsubscribed\n");
    assert_value(fixture, "new", "yes");
    ask(fixture, "request=suppress-add\naddress=ANNA@mail.example\nscope=acme\nreason=again\n");
    assert_value(fixture, "new", "no");
    ask_policy(fixture, &mail);
    assert_prefix(fixture, "action", "550 5.7.1 ");
    close_ledger(fixture);
    open_ledger(fixture);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    abandon(fixture, &mail, "acme", "one", "550 no", "suppressed");
    ask(fixture, "request=suppress-show\naddress=anna@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    ask(fixture, "request=suppress-remove\naddress=anna@mail.example\nscope=acme\n");
    assert_value(fixture, "removed", "yes");
    ask(fixture, "request=suppress-add\naddress=anna@mail.example\nscope=nobody\nreason=r\n");
    assert_status(fixture, "error");
}

static void reserve_foreign(struct fixture *fixture, const char *client, const char *queue_id, const char *message_id,
                            const char *a, const char *b)
{
    ask(fixture,
        "request=reserve\nqueue_id=%s\nsender=news@%s.example\nfrom_domain=%s.example\nmessage_id=%s\nrecipients=2\n"
        "recipient.1=%s\nrecipient.2=%s\ndeadline=%" G_GINT64_FORMAT "\n",
        queue_id, client, client, message_id, a, b, fixture->now * 1000 + 5000);
}

static void foreign_policy(struct fixture *fixture, const char *sender, const char *recipient, const char *action)
{
    ask(fixture, "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=%s\nrecipient=%s\n", sender, recipient);
    assert_prefix(fixture, "action", action);
}

static void test_foreign(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    foreign_policy(fixture, "news@acme.example", "a@mail.example", "DUNNO");
    foreign_policy(fixture, "news@strict.example", "a@mail.example", "550 5.7.1 ");
    foreign_policy(fixture, "news@nobody.example", "a@mail.example", "DUNNO");
    foreign_policy(fixture, "", "a@mail.example", "DUNNO");
    foreign_policy(fixture, "anything@bounce.acme.example", "a@mail.example", "550 5.7.1 ");
    reserve_foreign(fixture, "acme", "F1", "<1@acme.example>", "a@mail.example", "b@mail.example");
    assert_value(fixture, "kind", "foreign");
    assert_slots(fixture, "2");
    foreign_policy(fixture, "news@acme.example", "A@mail.example", "550 5.7.1 ");
    reserve_foreign(fixture, "acme", "F1", "<1@acme.example>", "a@mail.example", "b@mail.example");
    assert_status(fixture, "ok");
    reserve_foreign(fixture, "acme", "F2", "<1@acme.example>", "a@mail.example", "b@mail.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    reserve_foreign(fixture, "acme", "F3", "<2@acme.example>", "c@mail.example", "b@mail.example");
    assert_prefix(fixture, "reply", "550 5.7.1 "); /* and nothing of it was taken */
    assert_slots(fixture, "2");
    ask(fixture, "request=cancel\nqueue_id=F1\n");
    assert_slots(fixture, "0");
    reserve_foreign(fixture, "acme", "F2", "<1@acme.example>", "a@mail.example", "b@mail.example");
    assert_status(fixture, "ok");
    event(fixture, "F2", "sent");
    reserve_foreign(fixture, "acme", "F4", "<1@acme.example>", "a@mail.example", "c@mail.example");
    assert_prefix(fixture, "reply", "550 5.7.1 Duplicate");
    reserve_foreign(fixture, "strict", "F5", "<1@strict.example>", "a@mail.example", "b@mail.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    import_one(fixture, "acme", "one", "a@mail.example", "capped");
}

/* Reserved in one quarter, sent in the next: both are used. */
static void test_quarters(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, second;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "queued");
    fixture->now = JANUARY; /* 41 days later: nobody expects it to be in a queue any more */
    import_one(fixture, "acme", "two", "anna@mail.example", "new");
    approve(fixture, "acme", "two", HASH_A);
    open_wave(fixture, "acme", "two");
    begin(fixture, "acme", "two");
    take_mail(fixture, 0, &second);
    event(fixture, "Q1", "sent");
    assert_slots(fixture, "2");
    ask_reserve(fixture, &second, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
}

/* The clock goes back into an earlier quarter: who was invited in the later one is not invited again; others are. */
static void test_clock_back(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    gint64 november = fixture->now;
    fixture->now = JANUARY;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "sent");
    foreign_policy(fixture, "news@acme.example", "anna@mail.example", "550 5.7.1 ");
    fixture->now = november;
    foreign_policy(fixture, "news@acme.example", "otto@mail.example", "DUNNO");
    foreign_policy(fixture, "news@acme.example", "anna@mail.example", "550 5.7.1 ");
    import_one(fixture, "acme", "two", "anna@mail.example", "capped");
    import_one(fixture, "acme", "three", "otto@mail.example", "new");
}

/* Last quarter's invitation is still on its way: the next one has to wait for its end. */
static void test_earlier_open(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, second;
    (void)data;
    fixture->now = JANUARY - 10 * DAY;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "deferred");
    fixture->now = JANUARY;
    import_one(fixture, "acme", "two", "anna@mail.example", "new");
    approve(fixture, "acme", "two", HASH_A);
    open_wave(fixture, "acme", "two");
    begin(fixture, "acme", "two");
    g_assert_cmpuint(fixture->count, ==, 1);
    assert_value(fixture, "waiting", "1");
    event(fixture, "Q1", "expired");
    begin(fixture, "acme", "two");
    take_mail(fixture, 0, &second);
    ask_reserve(fixture, &second, "Q2", "acme.example");
    assert_status(fixture, "ok");
}

static void test_rolling(struct fixture *fixture, gconstpointer data)
{
    struct mail mail, second;
    (void)data;
    start_one(fixture, "rolling", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "rolling.example");
    assert_status(fixture, "ok");
    event(fixture, "Q1", "sent");
    fixture->now += 30 * DAY - 1;
    import_one(fixture, "rolling", "two", "anna@mail.example", "capped");
    fixture->now += 1;
    start_one(fixture, "rolling", "three", "anna@mail.example", &second);
    ask_reserve(fixture, &second, "Q2", "rolling.example");
    assert_status(fixture, "ok");
    assert_slots(fixture, "1");
}

/* What was answered is there after a restart; what was aborted is not, nor in memory. */
static void test_restart_and_abort(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    g_autoptr(GError) error = NULL;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    g_autofree char *reserve = g_strdup_printf(
        "request=reserve\nqueue_id=Q1\nsender=%s\nfrom_domain=acme.example\nmessage_id=%s\nrecipients=1\n"
        "recipient.1=%s\ndeadline=%" G_GINT64_FORMAT "\n\n",
        mail.reverse_path, mail.message_id, mail.address, fixture->now * 1000 + 5000);
    struct attributes in;
    size_t used;
    g_assert_true(policy_parse(reserve, strlen(reserve), &policy_own_limits, &in, &used, &error));
    struct request request = {.ledger = fixture->ledger,
                              .session = fixture->session,
                              .in = &in,
                              .out = fixture->out,
                              .now = fixture->now * 1000};
    g_assert_true(ledger_batch_begin(fixture->ledger, &error));
    g_assert_true(ledger_reserve(&request, &error));
    g_assert_true(ledger_batch_abort(fixture->ledger, &error));
    assert_slots(fixture, "0");
    assert_count(fixture, "acme", "one", "begun", 1);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_status(fixture, "ok");
    close_ledger(fixture);
    open_ledger(fixture);
    assert_slots(fixture, "1");
    assert_count(fixture, "acme", "one", "reserved", 1);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_status(fixture, "ok");
}

static void test_track_position(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    ask(fixture, "request=track-position\n");
    assert_value(fixture, "position", "");
    ask(fixture, "request=event\nqueue_id=Q1\nevent=sent\ntime=5\nposition=inode 5:77\n");
    assert_value(fixture, "known", "no");
    ask(fixture, "request=track-position\n");
    assert_value(fixture, "position", "inode 5:77");
    ask(fixture, "request=event\nqueue_id=Q-1\nevent=sent\ntime=5\n");
    assert_status(fixture, "error");
    ask(fixture, "request=event\nqueue_id=Q1\nevent=vanished\ntime=5\n");
    assert_status(fixture, "error");
    ask(fixture, "request=event\nqueue_id=Q1\nevent=sent\ntime=5\nmore=1\n");
    assert_status(fixture, "error");
}

#define ADD(name, function, data) g_test_add("/ledger/" name, struct fixture, data, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("life", test_life, NULL);
    ADD("second-invitation", test_second_invitation, NULL);
    ADD("race", test_race, NULL);
    ADD("import", test_import, NULL);
    ADD("import-left-by-connection", test_import_left, NULL);
    ADD("import-left-by-process", test_import_left, "restart");
    ADD("import-undo", test_import_undo, NULL);
    ADD("import-undo-restart", test_import_undo, "restart");
    ADD("rejects", test_rejects, NULL);
    ADD("explain", test_explain, NULL);
    ADD("explain, a proof", test_explain_proof, NULL);
    ADD("greylisted", test_greylisted, NULL);
    ADD("abandon", test_abandon, NULL);
    ADD("feeder-dies", test_feeder_dies, NULL);
    ADD("cancel", test_cancel, NULL);
    ADD("cancelled-and-sent", test_cancelled_and_sent, NULL);
    ADD("late", test_late, NULL);
    ADD("states-of-campaign", test_states_of_campaign, NULL);
    ADD("suppression", test_suppression, NULL);
    ADD("foreign", test_foreign, NULL);
    ADD("quarters", test_quarters, NULL);
    ADD("clock_back", test_clock_back, NULL);
    ADD("earlier-open", test_earlier_open, NULL);
    ADD("rolling", test_rolling, NULL);
    ADD("restart-and-abort", test_restart_and_abort, NULL);
    ADD("track-position", test_track_position, NULL);
    return g_test_run();
}
