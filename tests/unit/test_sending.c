/*
 * test_sending.c - may smtp(8) send a mail's content now? The rule, the ledger's answer, and the protocol that Postfix
 * asks in.
 */
#include "policyd/decide.h"
#include "policyd/sockmap.h"
#include "tests/unit/ledger_house.h"

#include <string.h>

/* --- the rule ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    struct sending_facts facts;
    enum verdict verdict;
} cases[] = {
    {"queued", {.known = TRUE, .state = STATE_QUEUED}, VERDICT_ACCEPT},
    {"deferred", {.known = TRUE, .state = STATE_DEFERRED}, VERDICT_ACCEPT},
    {"queued, and nobody has told", {.known = TRUE, .state = STATE_RESERVED}, VERDICT_ACCEPT},
    {"begun before", {.known = TRUE, .state = STATE_QUEUED, .open = TRUE}, VERDICT_IN_DOUBT},
    {"sent", {.known = TRUE, .state = STATE_SENT}, VERDICT_DUPLICATE},
    {"uncertain", {.known = TRUE, .state = STATE_UNCERTAIN}, VERDICT_DUPLICATE},
    {"uncertain, and still open", {.known = TRUE, .state = STATE_UNCERTAIN, .open = TRUE}, VERDICT_DUPLICATE},
    {"freed by a person", {.known = TRUE, .state = STATE_NONE}, VERDICT_TOMBSTONE},
    {"unknown to this ledger", {.known = FALSE}, VERDICT_FORGED},
};

static void test_decide(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(decide_sending(&cases[i].facts), ==, cases[i].verdict);
    }
}

static const struct {
    const char *name;
    enum mail_event event;
    gint64 when;
    gboolean content;
    gint64 since;
    enum sending_end end;
} ends[] = {
    {"was not begun", EVENT_DEFERRED, 10, TRUE, 0, SENDING_OPEN},
    {"refused at the last dot", EVENT_DEFERRED, 11, TRUE, 10, SENDING_ENDED},
    {"in the same second", EVENT_DEFERRED, 10, TRUE, 10, SENDING_ENDED},
    {"refused at the last dot before it was begun again", EVENT_DEFERRED, 9, TRUE, 10, SENDING_OPEN},
    {"a later attempt was greylisted", EVENT_DEFERRED, 11, FALSE, 10, SENDING_LOST},
    {"an earlier attempt was greylisted", EVENT_DEFERRED, 9, FALSE, 10, SENDING_OPEN},
    {"one in the same second was", EVENT_DEFERRED, 10, FALSE, 10, SENDING_OPEN},
    {"active again", EVENT_QUEUED, 11, FALSE, 10, SENDING_OPEN},
    {"rejected, long ago", EVENT_REJECTED, 11, FALSE, 10, SENDING_OPEN},
    {"sent", EVENT_SENT, 11, FALSE, 10, SENDING_ENDED},
    {"bounced", EVENT_BOUNCED, 11, FALSE, 10, SENDING_ENDED},
    {"held by the guard", EVENT_UNCERTAIN, 11, FALSE, 10, SENDING_ENDED},
};

static void test_end(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_test_message("%s", ends[i].name);
        g_assert_cmpint(decide_sending_end(ends[i].event, ends[i].when, ends[i].content, ends[i].since), ==,
                        ends[i].end);
    }
}

/* What may still be sent goes on by itself; all else that Postfix puts off would be put off for days. */
static void test_hold(void)
{
    for (int state = STATE_NONE; state < MAIL_STATES; state++)
        g_assert_cmpint(decide_hold((enum mail_state)state), ==, state >= STATE_SENT);
}

/* --- the ledger -------------------------------------------------------------------------------- */

/* A line of the log about an attempt that ended after its content was begun. */
static void refused_content(struct fixture *fixture, const char *queue_id)
{
    ask(fixture,
        "request=event\nqueue_id=%s\nevent=deferred\ntime=%" G_GINT64_FORMAT
        "\ndsn=4.2.0\nreply=later\nrelay=r\nstage=content\n",
        queue_id, fixture->now);
    assert_status(fixture, "ok");
}

static void test_life(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    assert_sending(fixture, "Q1", "TEMP ");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_sending(fixture, "Q1", "NOTFOUND ");
    assert_count(fixture, "acme", "one", "queued", 1);
    assert_sending(fixture, "Q1", "TEMP ");
    fixture->now++;
    refused_content(fixture, "Q1");
    assert_count(fixture, "acme", "one", "deferred", 1);
    close_ledger(fixture);
    open_ledger(fixture);
    assert_sending(fixture, "Q1", "NOTFOUND ");
    close_ledger(fixture);
    open_ledger(fixture);
    assert_sending(fixture, "Q1", "TEMP ");
    event(fixture, "Q1", "sent");
    assert_sending(fixture, "Q1", "TEMP ");
    assert_sending(fixture, "not a queue ID", "TEMP ");
}

/* The attempt that was killed is not in the log, and a later one is: nobody knows whether the receiver has the mail. */
static void test_lost(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "deferred");
    fixture->now++;
    assert_sending(fixture, "Q1", "NOTFOUND ");
    event(fixture, "Q1", "queued");
    assert_count(fixture, "acme", "one", "deferred", 1);
    fixture->now++;
    event(fixture, "Q1", "deferred");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    assert_slots(fixture, "1");
    assert_sending(fixture, "Q1", "TEMP ");
    event(fixture, "Q1", "deferred");
    event(fixture, "Q1", "expired");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    event(fixture, "Q1", "sent");
    assert_count(fixture, "acme", "one", "sent", 1);
}

/* A copy that lies in the queue is not sent any more once a person has freed the slot. */
static void test_freed(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "uncertain");
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=free\nby=me\nbecause=x\n",
        mail.participant);
    assert_value(fixture, "state", "new");
    assert_sending(fixture, "Q1", "TEMP ");
}

/* An uncertain mail may have arrived when its last attempt was made: in that quarter it counts, too. */
static void test_quarters(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    fixture->now = JANUARY - 10 * DAY;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "deferred");
    fixture->now = JANUARY;
    assert_sending(fixture, "Q1", "NOTFOUND ");
    fixture->now++;
    event(fixture, "Q1", "deferred");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    assert_slots(fixture, "2");
    import_one(fixture, "acme", "two", "anna@mail.example", "capped");
}

/* --- the protocol ------------------------------------------------------------------------------ */

static const struct {
    const char *name, *text;
    gsize size; /* 0: strlen(text) */
    gboolean good;
    gsize used; /* 0: not whole */
    const char *request, *queue_id;
} questions[] = {
    {"a question", "12:sending 4ABC,", 0, TRUE, 16, "sending", "4ABC"},
    {"two at once", "12:sending 4ABC,12:sending 4ABD,", 0, TRUE, 16, "sending", "4ABC"},
    {"blanks in the key", "5:x a b,", 0, TRUE, 8, "x", "a b"},
    {"an empty key", "2:x ,", 0, TRUE, 5, "x", ""},
    {"half a length", "12", 0, TRUE, 0, NULL, NULL},
    {"half a question", "12:sending 4", 0, TRUE, 0, NULL, NULL},
    {"no comma yet", "12:sending 4ABC", 0, TRUE, 0, NULL, NULL},
    {"no comma", "12:sending 4ABCx", 0, FALSE, 0, NULL, NULL},
    {"no blank", "3:abc,", 0, FALSE, 0, NULL, NULL},
    {"a NUL", "4:a \0b,", 7, FALSE, 0, NULL, NULL},
    {"too long", "1025:", 0, FALSE, 0, NULL, NULL},
    {"a length without end", "999999", 0, FALSE, 0, NULL, NULL},
    {"no length", ":a b,", 0, FALSE, 0, NULL, NULL},
    {"no number", "1x:a b,", 0, FALSE, 0, NULL, NULL},
};

static void test_parse(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        struct attributes in;
        size_t used, size = questions[i].size != 0 ? questions[i].size : strlen(questions[i].text);
        g_autofree char *data = g_memdup2(questions[i].text, size);
        g_autoptr(GError) error = NULL;
        g_test_message("%s", questions[i].name);
        g_assert_cmpint(sockmap_parse(data, size, &in, &used, &error), ==, questions[i].good);
        g_assert_true((error != NULL) == !questions[i].good);
        g_assert_cmpuint(used, ==, questions[i].used);
        if (used > 0) {
            g_assert_cmpstr(attributes_get(&in, "request"), ==, questions[i].request);
            g_assert_cmpstr(attributes_get(&in, "queue_id"), ==, questions[i].queue_id);
        }
    }
}

static void test_answer(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    sockmap_answer(out, SOCKMAP_GO_ON, "");
    sockmap_answer(out, SOCKMAP_NOT_NOW, "no");
    g_assert_cmpstr(out->str, ==, "9:NOTFOUND ,7:TEMP no,");
}

#define ADD(name, function) g_test_add("/sending/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sending/decide", test_decide);
    g_test_add_func("/sending/end", test_end);
    g_test_add_func("/sending/hold", test_hold);
    ADD("life", test_life);
    ADD("lost", test_lost);
    ADD("freed", test_freed);
    ADD("quarters", test_quarters);
    g_test_add_func("/sending/parse", test_parse);
    g_test_add_func("/sending/answer", test_answer);
    return g_test_run();
}
