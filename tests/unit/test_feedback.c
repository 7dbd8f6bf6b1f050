/*
 * test_feedback.c - what comes back from recipients, in the ledger: bounces, complaints, wishes to be left alone;
 * tokens that are not ours.
 */
#include "tests/unit/ledger_house.h"

#include <string.h>

static void feedback(struct fixture *fixture, const char *token, const char *kind, const char *known,
                     const char *suppressed)
{
    ask(fixture, "request=feedback\ntoken=%s\nkind=%s\nstatus=5.1.1\ntext=no such user\n", token, kind);
    assert_status(fixture, "ok");
    assert_value(fixture, "known", known);
    assert_value(fixture, "suppressed", suppressed);
}

static void assert_suppressed(struct fixture *fixture, const char *address, const char *scope, const char *reason)
{
    ask(fixture, "request=suppress-show\naddress=%s\n", address);
    g_assert_cmpuint(fixture->count, ==, *scope != '\0' ? 2 : 1);
    if (*scope == '\0')
        return;
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "scope"), ==, scope);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "reason"), ==, reason);
}

static void test_hard(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    feedback(fixture, tokens.reverse, "hard", "yes", "yes");
    assert_value(fixture, "campaign", "one");
    assert_count(fixture, "acme", "one", "bounced", 1);
    assert_slots(fixture, "1");
    assert_suppressed(fixture, "anna@mail.example", "acme", "bounced: 5.1.1 no such user");
    feedback(fixture, tokens.reverse, "hard", "yes", "no"); /* twice is once */
    event(fixture, "Q1", "sent");                           /* the tracker begins anew */
    assert_count(fixture, "acme", "one", "bounced", 1);
    import_one(fixture, "acme", "two", "anna@mail.example", "suppressed");
    import_one(fixture, "other", "three", "anna@mail.example", "new"); /* another client may try */
}

static void test_soft(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    feedback(fixture, tokens.reverse, "soft", "yes", "no");
    assert_count(fixture, "acme", "one", "bounced", 1);
    assert_slots(fixture, "1");
    assert_suppressed(fixture, "anna@mail.example", "", "");
}

/* Our own Postfix gives up what the receiver may have, and says so to the reverse-path: nobody knows more by that. */
static void test_uncertain(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    struct tokens tokens;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    take_tokens(fixture, 0, &tokens);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "uncertain");
    feedback(fixture, tokens.reverse, "soft", "yes", "no");
    assert_count(fixture, "acme", "one", "uncertain", 1);
    feedback(fixture, tokens.reverse, "hard", "yes", "yes");
    assert_count(fixture, "acme", "one", "bounced", 1);
}

static void test_still_queued(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    struct tokens tokens;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    take_tokens(fixture, 0, &tokens);
    feedback(fixture, tokens.reverse, "hard", "no", "no"); /* nothing was sent */
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "deferred");
    feedback(fixture, tokens.reverse, "soft", "yes", "no");
    assert_count(fixture, "acme", "one", "deferred", 1); /* the log tells of what Postfix has */
    event(fixture, "Q1", "expired");
    assert_count(fixture, "acme", "one", "expired", 1);
}

/* Another server's notification is faster than the log: it has to come again. */
static void test_early(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    struct tokens tokens;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    take_tokens(fixture, 0, &tokens);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    assert_sending(fixture, "Q1", "NOTFOUND ");
    ask(fixture, "request=feedback\ntoken=%s\nkind=hard\nstatus=5.1.1\ntext=no such user\n", tokens.reverse);
    assert_status(fixture, "temporary");
    assert_suppressed(fixture, "anna@mail.example", "", "");
    feedback(fixture, tokens.unsubscribe, "complaint", "yes", "yes"); /* whoever complains has it */
    event(fixture, "Q1", "sent");
    feedback(fixture, tokens.reverse, "hard", "yes", "yes");
    assert_count(fixture, "acme", "one", "bounced", 1);
}

static void test_complaint(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    feedback(fixture, tokens.unsubscribe, "hard", "no", "no"); /* no reverse-path */
    feedback(fixture, tokens.unsubscribe, "complaint", "yes", "yes");
    feedback(fixture, tokens.reverse, "complaint", "yes", "no");
    assert_count(fixture, "acme", "one", "sent", 1);
    assert_suppressed(fixture, "anna@mail.example", "*", "complaint");
    ask(fixture, "request=campaign-status\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "complaints", "1");
    import_one(fixture, "other", "three", "anna@mail.example", "suppressed");
}

static void unsubscribe(struct fixture *fixture, const char *token, const char *scope, const char *act,
                        const char *known, const char *new_one)
{
    ask(fixture, "request=unsubscribe\ntoken=%s\nscope=%s\nact=%s\n", token, scope, act);
    assert_status(fixture, "ok");
    assert_value(fixture, "known", known);
    assert_value(fixture, "new", new_one);
}

static void test_unsubscribe(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    unsubscribe(fixture, tokens.unsubscribe, "client", "no", "yes", "no");
    assert_suppressed(fixture, "anna@mail.example", "", ""); /* looked at, no more */
    unsubscribe(fixture, tokens.unsubscribe, "client", "yes", "yes", "yes");
    unsubscribe(fixture, tokens.unsubscribe, "client", "yes", "yes", "no");
    assert_suppressed(fixture, "anna@mail.example", "acme", "unsubscribed");
    assert_count(fixture, "acme", "one", "sent", 1);
    import_one(fixture, "other", "three", "anna@mail.example", "new");
    unsubscribe(fixture, tokens.unsubscribe, "all", "yes", "yes", "yes");
    import_one(fixture, "other", "four", "anna@mail.example", "suppressed");
    unsubscribe(fixture, tokens.reverse, "client", "yes", "no", "no");
    ask(fixture, "request=unsubscribe\ntoken=%s\nscope=some\nact=yes\n", tokens.unsubscribe);
    assert_status(fixture, "error");
}

/* Each octet of each token: another one is nobody's. */
static void test_forged(struct fixture *fixture, gconstpointer data)
{
    static const char *const others[] = {"", "x", "abcdefghijklmnopqrstuvwxyz234567",
                                         "pw-abcdefghijklmnopqrstuvwxyz234567"};
    struct tokens tokens;
    (void)data;
    invite(fixture, "one", "anna@mail.example", "Q1", "sent", &tokens);
    for (size_t i = 0; i < 32; i++) {
        struct tokens forged = tokens;
        forged.reverse[i] = forged.reverse[i] == 'b' ? 'c' : 'b';
        forged.unsubscribe[i] = forged.unsubscribe[i] == 'b' ? 'c' : 'b';
        feedback(fixture, forged.reverse, "hard", "no", "no");
        feedback(fixture, forged.unsubscribe, "complaint", "no", "no");
        unsubscribe(fixture, forged.unsubscribe, "all", "yes", "no", "no");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        feedback(fixture, others[i], "hard", "no", "no");
        unsubscribe(fixture, others[i], "all", "yes", "no", "no");
    }
    assert_count(fixture, "acme", "one", "sent", 1);
    assert_suppressed(fixture, "anna@mail.example", "", "");
    ask(fixture, "request=feedback\ntoken=%s\nkind=auto-reply\n", tokens.reverse);
    assert_status(fixture, "error");
}

/* A proof shows a participant's data, and acts on nobody. */
static void test_proof(struct fixture *fixture, gconstpointer data)
{
    struct tokens tokens;
    (void)data;
    import_one(fixture, "acme", "one", "anna@mail.example", "new");
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_A "\nto=boss@acme.example\n");
    take_tokens(fixture, 0, &tokens);
    feedback(fixture, tokens.reverse, "hard", "no", "no");
    unsubscribe(fixture, tokens.unsubscribe, "all", "yes", "no", "no");
    assert_suppressed(fixture, "anna@mail.example", "", "");
    assert_suppressed(fixture, "boss@acme.example", "", "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/feedback/hard", struct fixture, NULL, set_up, test_hard, tear_down);
    g_test_add("/feedback/soft", struct fixture, NULL, set_up, test_soft, tear_down);
    g_test_add("/feedback/uncertain", struct fixture, NULL, set_up, test_uncertain, tear_down);
    g_test_add("/feedback/still-queued", struct fixture, NULL, set_up, test_still_queued, tear_down);
    g_test_add("/feedback/early", struct fixture, NULL, set_up, test_early, tear_down);
    g_test_add("/feedback/complaint", struct fixture, NULL, set_up, test_complaint, tear_down);
    g_test_add("/feedback/unsubscribe", struct fixture, NULL, set_up, test_unsubscribe, tear_down);
    g_test_add("/feedback/forged", struct fixture, NULL, set_up, test_forged, tear_down);
    g_test_add("/feedback/proof", struct fixture, NULL, set_up, test_proof, tear_down);
    return g_test_run();
}
