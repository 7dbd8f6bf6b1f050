/*
 * test_remind.c - who has answered, and who is reminded, in the ledger: never before the gap, never twice, never whom
 * it is no business of.
 */
#include "tests/unit/ledger_house.h"

#include <string.h>

#define GAP (7 * DAY)

static void plan(struct fixture *fixture, int most)
{
    ask(fixture, "request=remind-plan\nclient=acme\ncampaign=one\nmost=%d\ngap=%d\nafter=0\n", most, GAP);
    assert_status(fixture, "ok");
    assert_value(fixture, "last", "0");
}

static void open_reminders(struct fixture *fixture, int most)
{
    ask(fixture, "request=remind-open\nclient=acme\ncampaign=one\nmost=%d\nhash=" HASH_A "\n", most);
    assert_status(fixture, "ok");
}

/* Opens and begins; how many mails are to be fed. */
static size_t remind(struct fixture *fixture, int most)
{
    open_reminders(fixture, most);
    ask(fixture, "request=remind-begin\nclient=acme\ncampaign=one\nmost=%d\ngap=%d\nafter=0\nlimit=50\n", most, GAP);
    assert_status(fixture, "ok");
    return fixture->count - 1;
}

static void remind_one(struct fixture *fixture, int most, const char *number, struct mail *mail_r)
{
    g_assert_cmpuint(remind(fixture, most), ==, 1);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder"), ==, number);
    take_mail(fixture, 0, mail_r);
}

static void abandon_reminder(struct fixture *fixture, const struct mail *mail, const char *reply, const char *state)
{
    ask(fixture, "request=abandon\nclient=acme\ncampaign=one\nparticipant=%s\nreminder=1\nattempt=%s\nreply=%s\n",
        mail->participant, mail->attempt, reply);
    assert_value(fixture, "state", state);
}

/* How many reminders of that number are in that state; the invitation's count is as it was. */
static void assert_reminders(struct fixture *fixture, const char *number, const char *state, const char *count)
{
    ask(fixture, "request=campaign-status\nclient=acme\ncampaign=one\n");
    for (size_t i = 0; i < fixture->count; i++)
        if (strcmp(attributes_text(&fixture->answers[i], "reminder"), number) == 0) {
            g_assert_cmpstr(attributes_text(&fixture->answers[i], state), ==, count);
            return;
        }
    g_assert_not_reached();
}

static void answered(struct fixture *fixture, const char *token, const char *known, const char *is_new)
{
    ask(fixture, "request=answered\ntoken=%s\n", token);
    assert_status(fixture, "ok");
    assert_value(fixture, "known", known);
    assert_value(fixture, "new", is_new);
}

/* --- reminders --------------------------------------------------------------------------------- */

static void test_life(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    g_autofree char *due = g_strdup_printf("%" G_GINT64_FORMAT, fixture->now + GAP);
    plan(fixture, 1);
    assert_value(fixture, "early", "1");
    assert_value(fixture, "earliest", due);
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    fixture->now += GAP - 1;
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    fixture->now++;
    plan(fixture, 1);
    assert_value(fixture, "due", "1");
    remind_one(fixture, 1, "1", &mail);
    ask_policy(fixture, &mail);
    assert_value(fixture, "action", "DUNNO");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_value(fixture, "kind", "reminder");
    ask_reserve(fixture, &mail, "Q2", "acme.example"); /* the answer was lost */
    assert_value(fixture, "kind", "reminder");
    ask_reserve(fixture, &mail, "Q3", "acme.example");
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    assert_slots(fixture, "1");
    event(fixture, "Q2", "queued");
    ask_reserve(fixture, &mail, "Q3", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 Duplicate");
    event(fixture, "Q2", "sent");
    assert_reminders(fixture, "1", "sent", "1");
    fixture->now += 10 * GAP;
    plan(fixture, 1);
    assert_value(fixture, "done", "1");
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\n");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "state"), ==, "sent");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder"), ==, "1");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder_state"), ==, "sent");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder_queue_id"), ==, "Q2");
}

/* The second has its own Message-ID, and comes a gap after the first; the first's token is worth nothing by then. */
static void test_second(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail first, second;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 2, "1", &first);
    ask_reserve(fixture, &first, "Q2", "acme.example");
    event(fixture, "Q2", "sent");
    g_assert_cmpuint(remind(fixture, 2), ==, 0);
    fixture->now += GAP;
    close_ledger(fixture);
    open_ledger(fixture);
    remind_one(fixture, 2, "2", &second);
    g_assert_cmpstr(first.message_id, !=, second.message_id);
    ask_policy(fixture, &first);
    assert_prefix(fixture, "action", "550 5.7.1 ");
    ask_reserve(fixture, &second, "Q3", "acme.example");
    assert_value(fixture, "kind", "reminder");
    event(fixture, "Q3", "bounced");
    event(fixture, "Q2", "deferred"); /* said late, about another mail */
    assert_reminders(fixture, "1", "sent", "1");
    assert_reminders(fixture, "2", "bounced", "1");
    fixture->now += GAP;
    g_assert_cmpuint(remind(fixture, 5), ==, 0);
    plan(fixture, 5);
    assert_value(fixture, "ended", "1");
}

static void test_not_sent(struct fixture *fixture, gconstpointer data)
{
    static const char *const ends[] = {"queued", "deferred", "bounced", "expired", "uncertain"};
    struct tokens tokens;
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_test_message("%s", ends[i]);
        g_autofree char *queue_id = g_strdup_printf("Q%zu", i);
        g_autofree char *address = g_strdup_printf("p%zu@mail.example", i);
        g_autofree char *name = g_strdup_printf("c%zu", i);
        invite(fixture, name, address, queue_id, ends[i], &tokens);
        ask(fixture, "request=remind-plan\nclient=acme\ncampaign=%s\nmost=1\ngap=0\nafter=0\n", name);
        assert_value(fixture, "not_sent", "1");
        assert_value(fixture, "due", "0");
    }
}

/* Answers and wishes that come while the reminder is under way are obeyed at RCPT, and at the end of the message. */
static void test_meanwhile(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail;
    gboolean wish = data != NULL;
    const char *said = wish ? "550 5.7.1 The recipient does not want" : "550 5.7.1 The recipient has answered";
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 1, "1", &mail);
    ask_policy(fixture, &mail);
    assert_value(fixture, "action", "DUNNO");
    if (wish)
        ask(fixture, "request=unsubscribe\ntoken=%s\nscope=client\nact=yes\n", tokens.unsubscribe);
    else
        answered(fixture, tokens.survey, "yes", "yes");
    ask_policy(fixture, &mail);
    assert_prefix(fixture, "action", said);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", said);
    abandon_reminder(fixture, &mail, said, wish ? "suppressed" : "refused");
    assert_reminders(fixture, "1", wish ? "suppressed" : "refused", "1");
    fixture->now += GAP;
    g_assert_cmpuint(remind(fixture, 2), ==, 0);
}

/* One that was to be tried again comes to its end when there is no reason for it any more. */
static void test_meanwhile_waiting(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 1, "1", &mail);
    abandon_reminder(fixture, &mail, "451 later", "new");
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    assert_value(fixture, "waiting", "1");
    answered(fixture, tokens.survey, "yes", "yes");
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    assert_value(fixture, "answered", "1");
    assert_reminders(fixture, "1", "refused", "1");
    assert_reminders(fixture, "1", "new", "0");
}

/* A feeder that was killed: what it had begun is begun again, and its own attempt is refused. */
static void test_killed_feeder(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail, again;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 1, "1", &mail);
    plan(fixture, 1);
    assert_value(fixture, "open", "1");
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    plan(fixture, 1);
    assert_value(fixture, "due", "1");
    remind_one(fixture, 1, "1", &again);
    g_assert_cmpstr(again.attempt, ==, "2");
    g_assert_cmpstr(again.message_id, ==, mail.message_id);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    ask_reserve(fixture, &again, "Q3", "acme.example");
    assert_status(fixture, "ok");
    ask(fixture, "request=cancel\nqueue_id=Q3\n");
    assert_reminders(fixture, "1", "begun", "1");
    ask_reserve(fixture, &again, "Q3", "acme.example"); /* a tombstone */
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    ask_reserve(fixture, &again, "Q4", "acme.example");
    assert_status(fixture, "ok");
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    assert_value(fixture, "open", "1");
}

/* What comes back by the reminder's reverse-path is about the reminder, and about the address. */
static void test_bounce(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 2, "1", &mail);
    take_tokens(fixture, 0, &tokens);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    event(fixture, "Q2", "sent");
    ask(fixture, "request=feedback\ntoken=%s\nkind=hard\nstatus=5.1.1\ntext=gone\n", tokens.reverse);
    assert_value(fixture, "suppressed", "yes");
    assert_reminders(fixture, "1", "bounced", "1");
    ask(fixture, "request=explain\naddress=anna@mail.example\n");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "state"), ==, "sent");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder_state"), ==, "bounced");
    fixture->now += GAP;
    g_assert_cmpuint(remind(fixture, 2), ==, 0);
}

static void decide(struct fixture *fixture, const struct mail *mail, const char *to, const char *status)
{
    ask(fixture,
        "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nreminder=1\nto=%s\nby=Erika\nbecause=she rang\n",
        mail->participant, to);
    assert_status(fixture, status);
}

/* A person settles what nobody can tell; the invitation and its slot are none of it. */
static void test_decide(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail, again;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    invite(fixture, "other", "bert@mail.example", "R1", "uncertain", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 2, "1", &mail);
    decide(fixture, &mail, "free", "refused");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    event(fixture, "Q2", "uncertain");
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\nstate=uncertain\n");
    g_assert_cmpuint(fixture->count, ==, 1); /* no invitation */
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\nstate=uncertain\nreminders=yes\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder_queue_id"), ==, "Q2");
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nreminder=2\nto=free\nby=x\nbecause=x\n",
        mail.participant);
    assert_status(fixture, "error"); /* there is none */
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=free\nby=x\nbecause=x\n",
        mail.participant);
    assert_status(fixture, "refused"); /* the invitation was sent */
    decide(fixture, &mail, "free", "ok");
    assert_value(fixture, "state", "new");
    assert_reminders(fixture, "1", "new", "1");
    assert_slots(fixture, "2");
    ask_reserve(fixture, &mail, "Q2", "acme.example"); /* a tombstone */
    assert_prefix(fixture, "reply", "451 4.7.1 ");
    fixture->now += GAP;
    remind_one(fixture, 2, "1", &again);
    g_assert_cmpstr(again.attempt, ==, "2");
    ask_reserve(fixture, &again, "Q3", "acme.example");
    event(fixture, "Q3", "uncertain");
    fixture->now += GAP;
    g_assert_cmpuint(remind(fixture, 2), ==, 0); /* it would be the last */
    decide(fixture, &again, "sent", "ok");
    assert_reminders(fixture, "1", "sent", "1");
    close_ledger(fixture);
    open_ledger(fixture);
    ask(fixture, "request=decision-list\nclient=acme\ncampaign=one\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "participant"), ==, mail.participant);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder"), ==, "1");
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "after"), ==, "sent");
    ask(fixture, "request=audit-list\n");
    g_assert_cmpstr(attributes_text(&fixture->answers[fixture->count - 2], "detail"), ==,
                    "reminder 1: sent, was uncertain, queue ID Q3: she rang");
    fixture->now += GAP;
    remind_one(fixture, 2, "2", &again); /* the second comes a gap after what was decided */
}

/* All that went to an address, each reminder for itself. */
static void test_explain(struct fixture *fixture, gconstpointer data)
{
    static const char *const abouts[] = {"invitation", "reminder", "reminder", "decision", "slot"};
    struct tokens tokens;
    struct mail mail;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 2, "1", &mail);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    event(fixture, "Q2", "uncertain");
    decide(fixture, &mail, "sent", "ok");
    fixture->now += GAP;
    remind_one(fixture, 2, "2", &mail);
    ask_reserve(fixture, &mail, "Q3", "acme.example");
    event(fixture, "Q3", "bounced");
    ask(fixture, "request=explain\naddress=anna@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, G_N_ELEMENTS(abouts) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(abouts); i++)
        g_assert_cmpstr(attributes_text(&fixture->answers[i], "about"), ==, abouts[i]);
    g_assert_cmpstr(attributes_text(&fixture->answers[1], "state"), ==, "sent");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "reminder"), ==, "2");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "state"), ==, "bounced");
    g_assert_cmpstr(attributes_text(&fixture->answers[2], "queue_id"), ==, "Q3");
    g_assert_cmpstr(attributes_text(&fixture->answers[3], "reminder"), ==, "1");
}

static void test_refused(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    ask(fixture, "request=remind-begin\nclient=acme\ncampaign=one\nmost=2\ngap=0\nafter=0\nlimit=50\n");
    assert_status(fixture, "refused"); /* as many are not open */
    ask(fixture, "request=remind-open\nclient=acme\ncampaign=one\nmost=1\nhash=" HASH_B "\n");
    assert_status(fixture, "refused"); /* other content */
    ask(fixture, "request=remind-open\nclient=acme\ncampaign=one\nmost=6\nhash=" HASH_A "\n");
    assert_status(fixture, "error");
    ask(fixture, "request=campaign-pause\nclient=acme\ncampaign=one\n");
    ask(fixture, "request=remind-open\nclient=acme\ncampaign=one\nmost=1\nhash=" HASH_A "\n");
    assert_status(fixture, "refused");
    ask(fixture, "request=campaign-resume\nclient=acme\ncampaign=one\n");
    open_reminders(fixture, 1);
    struct session *other = ledger_session_new(fixture->ledger, 2, 0);
    ask_other(fixture, other, "request=remind-open\nclient=acme\ncampaign=one\nmost=1\nhash=" HASH_A "\n");
    assert_status(fixture, "refused");
    ask_other(fixture, other, "request=remind-begin\nclient=acme\ncampaign=one\nmost=1\ngap=0\nafter=0\nlimit=1\n");
    assert_status(fixture, "refused");
    ledger_session_free(fixture->ledger, other);
}

/* A pause finds reminders in the queue, too, and a cancel ends what was begun of them. */
static void test_stop(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 1, "1", &mail);
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    event(fixture, "Q2", "queued");
    ask(fixture, "request=campaign-queue\nclient=acme\ncampaign=one\nwave=1\n");
    g_autofree char *last = g_strdup(value(fixture, "last"));
    g_assert_cmpuint(fixture->count, ==, 1);
    ask(fixture, "request=campaign-queue\nclient=acme\ncampaign=one\nwave=1\nafter=%s\n", last);
    g_assert_cmpuint(fixture->count, ==, 2);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "queue_id"), ==, "Q2");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reminder"), ==, "1");
    assert_value(fixture, "last", "0");
    ask(fixture, "request=track-position\nread=%" G_GINT64_FORMAT "\n", fixture->now + 2);
    ask(fixture, "request=withdraw\nqueue_id=Q2\ndeleted=%" G_GINT64_FORMAT "\nbecause=wrong\n", fixture->now + 1);
    assert_value(fixture, "state", "refused");
    assert_reminders(fixture, "1", "refused", "1");
    assert_slots(fixture, "1"); /* the invitation's */
}

static void test_cancel_begun(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    struct mail mail;
    guint64 cancelled = 0;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    fixture->now += GAP;
    remind_one(fixture, 1, "1", &mail);
    ask(fixture, "request=campaign-pause\nclient=acme\ncampaign=one\n");
    g_autofree char *after = g_strdup("0");
    do {
        ask(fixture, "request=campaign-cancel\nclient=acme\ncampaign=one\nafter=%s\nbecause=wrong\n", after);
        cancelled += g_ascii_strtoull(value(fixture, "cancelled"), NULL, 10);
        g_free(after);
        after = g_strdup(value(fixture, "last"));
    } while (strcmp(after, "0") != 0);
    g_assert_cmpuint(cancelled, ==, 1);
    ask(fixture, "request=campaign-resume\nclient=acme\ncampaign=one\n");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    assert_prefix(fixture, "reply", "550 5.7.1 ");
    g_assert_cmpuint(remind(fixture, 1), ==, 0);
    assert_value(fixture, "ended", "1");
}

/* --- answers ----------------------------------------------------------------------------------- */

static void answers(struct fixture *fixture, const char *act, const char *names, const char *results)
{
    ask(fixture, "request=answers\nclient=acme\ncampaign=one\nact=%s\n%s", act, names);
    assert_status(fixture, "ok");
    assert_value(fixture, "results", results);
}

static void commit(struct fixture *fixture, const char *act, int changes, const char *changed)
{
    ask(fixture, "request=answers-commit\nclient=acme\ncampaign=one\nact=%s\nchanges=%d\n", act, changes);
    assert_status(fixture, "ok");
    assert_value(fixture, "changed", changed);
}

static void assert_answered(struct fixture *fixture, const char *count)
{
    ask(fixture, "request=campaign-status\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "answered", count);
}

static void test_answers(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens, foreign;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    invite(fixture, "two", "berta@mail.example", "Q2", "sent", &foreign);
    g_autofree char *names = g_strdup_printf("token.1=%s\naddress.2=ANNA@mail.example\naddress.3=nobody@mail.example\n"
                                             "token.4=%s\ntoken.5=nonsense\ntoken.6=%s\naddress.7=no address\n",
                                             tokens.survey, foreign.survey, tokens.unsubscribe);
    answers(fixture, "add", names, "nkuuuuu");
    assert_answered(fixture, "0");
    commit(fixture, "add", 1, "1");
    assert_answered(fixture, "1");
    answers(fixture, "add", names, "kkuuuuu");
    commit(fixture, "add", 0, "0");
    assert_answered(fixture, "1");
    close_ledger(fixture);
    open_ledger(fixture);
    assert_answered(fixture, "1");
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\nanswered=yes\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "answered"), !=, "0");
    answers(fixture, "remove", names, "nkuuuuu");
    commit(fixture, "remove", 1, "1");
    assert_answered(fixture, "0");
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=one\nanswered=yes\n");
    g_assert_cmpuint(fixture->count, ==, 1);
    ask(fixture, "request=answers\nclient=acme\ncampaign=one\nact=guess\n");
    assert_status(fixture, "error");
}

/* All or nothing: a list that is not committed leaves nothing, and it is committed as it was sent. */
static void test_list(struct fixture *fixture, gconstpointer data)
{
    static const char anna[] = "address.1=anna@mail.example\n", bert[] = "address.1=bert@mail.example\n";
    struct tokens tokens;
    (void)data;
    import_begin(fixture, "acme", "one");
    import_row(fixture, 1, 1, "anna@mail.example", "new");
    import_row(fixture, 1, 2, "bert@mail.example", "new");
    ask(fixture, "request=import-commit\nimport=1\nrows=2\n");
    answers(fixture, "add", anna, "n");
    ledger_session_free(fixture->ledger, fixture->session); /* the command was killed */
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    answers(fixture, "add", bert, "n");
    ask(fixture, "request=answers-commit\nclient=acme\ncampaign=one\nact=add\nchanges=2\n");
    assert_status(fixture, "error");
    answers(fixture, "remove", anna, "k"); /* another list */
    answers(fixture, "add", anna, "n");
    answers(fixture, "add", bert, "n");
    struct session *other = ledger_session_new(fixture->ledger, 2, 0);
    ask_other(fixture, other, "request=answers-commit\nclient=acme\ncampaign=one\nact=add\nchanges=2\n");
    assert_status(fixture, "error");
    ask_other(fixture, other, "request=answers\nclient=acme\ncampaign=one\nact=add\n%s", bert);
    ask_other(fixture, other, "request=answers-commit\nclient=acme\ncampaign=one\nact=add\nchanges=1\n");
    assert_value(fixture, "changed", "1");
    ledger_session_free(fixture->ledger, other);
    assert_answered(fixture, "1");
    commit(fixture, "add", 2, "1"); /* one came from elsewhere meanwhile */
    assert_answered(fixture, "2");
    start_one(fixture, "acme", "two", "berta@mail.example", &(struct mail){0});
    take_tokens(fixture, 0, &tokens);
    g_autofree char *token = g_strdup_printf("token.1=%s\n", tokens.survey);
    answers(fixture, "add", token, "u"); /* of another campaign */
}

/* What the survey's script sends one by one. */
static void test_answered(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    answered(fixture, tokens.survey, "yes", "yes");
    assert_value(fixture, "campaign", "one");
    answered(fixture, tokens.survey, "yes", "no");
    answered(fixture, tokens.unsubscribe, "no", "no");
    answered(fixture, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "no", "no");
    assert_value(fixture, "campaign", "");
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_A "\nto=boss@acme.example\nagain=yes\n");
    g_autofree char *proof = g_strdup(value(fixture, "survey_token"));
    answered(fixture, proof, "no", "no");
    assert_answered(fixture, "1");
}

/* Whom an undone import takes away takes the answer along. */
static void test_undo(struct fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    import_one(fixture, "acme", "one", "anna@mail.example", "new");
    answers(fixture, "add", "address.1=anna@mail.example\n", "n");
    commit(fixture, "add", 1, "1");
    answers(fixture, "remove", "address.1=anna@mail.example\n", "n");
    ask(fixture, "request=import-undo\nclient=acme\ncampaign=one\n");
    assert_status(fixture, "ok");
    for (gboolean more = TRUE; more;) {
        g_assert_true(ledger_batch_begin(fixture->ledger, &error));
        g_assert_true(ledger_sweep(fixture->ledger, &more, &error));
        g_assert_true(ledger_batch_commit(fixture->ledger, &error));
    }
    ask(fixture, "request=answers-commit\nclient=acme\ncampaign=one\nact=remove\nchanges=1\n");
    assert_status(fixture, "error"); /* there is nobody any more */
    import_one(fixture, "acme", "one", "anna@mail.example", "new");
    answers(fixture, "add", "address.1=anna@mail.example\n", "n");
    assert_answered(fixture, "0");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct fixture *fixture, gconstpointer data);
        const void *data;
    } tests[] = {
        {"/remind/life", test_life, NULL},
        {"/remind/second", test_second, NULL},
        {"/remind/not-sent", test_not_sent, NULL},
        {"/remind/answered-meanwhile", test_meanwhile, NULL},
        {"/remind/unsubscribed-meanwhile", test_meanwhile, "wish"},
        {"/remind/meanwhile-waiting", test_meanwhile_waiting, NULL},
        {"/remind/killed-feeder", test_killed_feeder, NULL},
        {"/remind/bounce", test_bounce, NULL},
        {"/remind/decide", test_decide, NULL},
        {"/remind/explain", test_explain, NULL},
        {"/remind/refused", test_refused, NULL},
        {"/remind/stop", test_stop, NULL},
        {"/remind/cancel-begun", test_cancel_begun, NULL},
        {"/remind/answers", test_answers, NULL},
        {"/remind/list", test_list, NULL},
        {"/remind/answered", test_answered, NULL},
        {"/remind/undo", test_undo, NULL},
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct fixture, tests[i].data, set_up, tests[i].test, tear_down);
    return g_test_run();
}
