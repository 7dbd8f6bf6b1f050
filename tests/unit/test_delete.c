/*
 * test_delete.c - deleting personal data in the ledger: what goes, what stays and still holds, what is in the way, what
 * a kill on the way leaves.
 */
#include "tests/unit/ledger_house.h"

#include <string.h>

static void delete_page(struct fixture *fixture, const char *campaign, const char *after, int limit)
{
    ask(fixture,
        "request=participants-delete\nclient=acme\ncampaign=%s\nby=Kim\nbecause=it is time\nafter=%s\nlimit=%d\n",
        campaign, after, limit);
}

/* To its end. */
static void delete_all(struct fixture *fixture, const char *campaign, int limit)
{
    char after[32] = "0";
    do {
        delete_page(fixture, campaign, after, limit);
        assert_status(fixture, "ok");
        g_strlcpy(after, value(fixture, "last"), sizeof after);
    } while (strcmp(after, "0") != 0);
}

static void delete_person(struct fixture *fixture, const char *address, const char *deleted)
{
    ask(fixture, "request=person-delete\naddress=%s\nby=Kim\nbecause=%s asked\n", address, address);
    assert_status(fixture, "ok");
    assert_value(fixture, "deleted", deleted);
}

/* How the campaign is listed. */
static const char *listed(struct fixture *fixture, const char *campaign, const char *name)
{
    ask(fixture, "request=campaign-list\n");
    for (size_t i = 0; i + 1 < fixture->count; i++)
        if (strcmp(attributes_text(&fixture->answers[i], "campaign"), campaign) == 0)
            return attributes_text(&fixture->answers[i], name);
    return "";
}

static const char *participant(struct fixture *fixture, const char *campaign, size_t number, const char *name)
{
    ask(fixture, "request=campaign-participants\nclient=acme\ncampaign=%s\n", campaign);
    g_assert_cmpuint(fixture->count, >, number + 1);
    return attributes_text(&fixture->answers[number], name);
}

static void send_one(struct fixture *fixture, const char *campaign, const char *address, const char *queue_id,
                     struct mail *mail)
{
    start_one(fixture, "acme", campaign, address, mail);
    ask_reserve(fixture, mail, queue_id, "acme.example");
    event(fixture, queue_id, "queued");
}

/* Two sent, one begun and never reserved. */
static void send_three(struct fixture *fixture)
{
    struct mail mail;
    import_begin(fixture, "acme", "one");
    import_row(fixture, 1, 1, "anna@mail.example", "new");
    import_row(fixture, 1, 2, "bea@mail.example", "new");
    ask(fixture, "request=import-row\nimport=1\nrow=3\naddress=cleo@mail.example\nwave=1\na.Name=Cleo\n");
    ask(fixture, "request=import-commit\nimport=1\nrows=3\n");
    approve(fixture, "acme", "one", HASH_A);
    open_wave(fixture, "acme", "one");
    begin(fixture, "acme", "one");
    struct mail first = {0};
    take_mail(fixture, 0, &first);
    take_mail(fixture, 1, &mail);
    ask_reserve(fixture, &first, "Q1", "acme.example");
    ask_reserve(fixture, &mail, "Q2", "acme.example");
    event(fixture, "Q1", "sent");
    ask(fixture,
        "request=event\nqueue_id=Q2\nevent=bounced\ntime=%" G_GINT64_FORMAT
        "\ndsn=5.1.1\nreply=550 5.1.1 <bea@mail.example> no bea here\nrelay=r\n",
        fixture->now);
}

static void test_campaign(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    send_three(fixture);
    g_assert_cmpstr(participant(fixture, "one", 1, "reply"), ==,
                    "5.1.1 550 5.1.1 (address) no bea here"); /* never kept with an address */
    g_assert_cmpstr(listed(fixture, "one", "new"), ==, "1");
    fixture->now += DAY;
    ask(fixture, "request=answers\nclient=acme\ncampaign=one\nact=add\naddress.1=anna@mail.example\n");
    ask(fixture, "request=answers-commit\nclient=acme\ncampaign=one\nact=add\nchanges=1\n");
    ledger_session_free(fixture->ledger, fixture->session); /* the feeder is done */
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    delete_all(fixture, "one", 2);
    for (size_t i = 0; i < 3; i++)
        g_assert_cmpstr(participant(fixture, "one", i, "address"), ==, "");
    g_assert_cmpstr(participant(fixture, "one", 0, "state"), ==, "sent");
    g_assert_cmpstr(participant(fixture, "one", 1, "reply"), ==, "5.1.1"); /* reports say why */
    g_assert_cmpstr(participant(fixture, "one", 2, "state"), ==, "refused");
    assert_count(fixture, "acme", "one", "sent", 1);
    assert_count(fixture, "acme", "one", "bounced", 1);
    assert_slots(fixture, "2");
    ask(fixture, "request=campaign-status\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "answered", "1");
    assert_value(fixture, "participants", "3");
    g_assert_true(ledger_needs_scrub(fixture->ledger));
    import_one(fixture, "acme", "two", "Anna@mail.example", "capped"); /* the promise holds */
    import_one(fixture, "other", "three", "anna@mail.example", "new");
    ask(fixture, "request=explain\naddress=anna@mail.example\n"); /* whoever names the address is told */
    g_assert_cmpuint(fixture->count, >, 2);
}

/* Nothing comes into it, and nothing of it is fed; also after a restart. */
static void test_over(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    send_one(fixture, "one", "anna@mail.example", "Q1", &mail);
    event(fixture, "Q1", "sent");
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    delete_all(fixture, "one", 100);
    close_ledger(fixture);
    open_ledger(fixture);
    g_assert_true(ledger_needs_scrub(fixture->ledger));
    static const char *const requests[] = {
        "import-begin\nclient=acme\ncampaign=one\ntitle=t\ndir=/"
        "d\nfile=f\nfile_sha256=s\nbasis=b\nassured_by=a\nwaves=w\n",
        "campaign-approve\nclient=acme\ncampaign=one\nhash=" HASH_A "\nby=Kim\n",
        "wave-open\nclient=acme\ncampaign=one\nwave=1\nhash=" HASH_A "\n",
        "remind-open\nclient=acme\ncampaign=one\nmost=1\nhash=" HASH_A "\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        ask(fixture, "request=%s", requests[i]);
        assert_status(fixture, "refused");
        g_assert_nonnull(strstr(value(fixture, "reason"), "was deleted"));
    }
    ask(fixture, "request=proof-begin\nclient=acme\ncampaign=one\nhash=" HASH_B "\nto=boss@acme.example\n");
    assert_status(fixture, "error");
}

/* What is in the way, and that nothing was deleted then. */
static void test_refused(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    send_one(fixture, "one", "anna@mail.example", "Q1", &mail);
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    static const struct {
        const char *event, *word;
    } cases[] = {{"queued", "Postfix's queue"}, {"deferred", "Postfix's queue"}, {"uncertain", "uncertain"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        event(fixture, "Q1", cases[i].event);
        delete_page(fixture, "one", "0", 10);
        assert_status(fixture, "refused");
        g_assert_nonnull(strstr(value(fixture, "reason"), cases[i].word));
        ask(fixture, "request=person-delete\naddress=anna@mail.example\n");
        assert_status(fixture, "refused");
        g_assert_cmpstr(participant(fixture, "one", 0, "address"), ==, "anna@mail.example");
        g_assert_cmpstr(listed(fixture, "one", "deleted"), ==, "0");
    }
    ask(fixture,
        "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=sent\nby=Kim\nbecause=anna@mail.example has "
        "it\n",
        mail.participant);
    assert_status(fixture, "ok");
    delete_all(fixture, "one", 10);
    g_assert_cmpstr(participant(fixture, "one", 0, "address"), ==, "");
    ask(fixture, "request=decision-list\nclient=acme\ncampaign=one\n");
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "because"), ==, "(address) has it");
}

/* A feeder or importer is at work. */
static void test_busy(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    struct session *other = ledger_session_new(fixture->ledger, 77, 0);
    ask_other(fixture, other, "request=participants-delete\nclient=acme\ncampaign=one\nafter=0\nlimit=1\n");
    assert_status(fixture, "refused");
    assert_value(fixture, "pid", "1");
    ask_other(fixture, other, "request=person-delete\naddress=anna@mail.example\n");
    assert_status(fixture, "refused");
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    ask_other(fixture, other, "request=participants-delete\nclient=acme\ncampaign=one\nafter=0\nlimit=1\n");
    assert_status(fixture, "ok");
    ask_reserve(fixture, &mail, "Q1", "acme.example"); /* what the dead feeder had begun comes too late */
    assert_prefix(fixture, "reply", "5");
    assert_slots(fixture, "0");
    ledger_session_free(fixture->ledger, other);
}

/* Ended in the midst, it goes on; the trail has one beginning and one end. */
static void test_resumed(struct fixture *fixture, gconstpointer data)
{
    guint entries = 0;
    (void)data;
    import_begin(fixture, "acme", "one");
    for (int row = 1; row <= 5; row++) {
        g_autofree char *address = g_strdup_printf("p%d@mail.example", row);
        import_row(fixture, 1, row, address, "new");
    }
    ask(fixture, "request=import-commit\nimport=1\nrows=5\n");
    delete_page(fixture, "one", "0", 2);
    assert_value(fixture, "deleted", "2");
    g_assert_cmpstr(listed(fixture, "one", "erased"), ==, "0");
    close_ledger(fixture);
    open_ledger(fixture);
    g_assert_cmpstr(listed(fixture, "one", "deleted"), !=, "0");
    delete_all(fixture, "one", 2);
    delete_all(fixture, "one", 2); /* once more is once too often, and no harm */
    g_assert_cmpstr(listed(fixture, "one", "erased"), !=, "0");
    assert_count(fixture, "acme", "one", "refused", 5);
    ask(fixture, "request=audit-list\nclient=acme\ncampaign=one\n");
    for (size_t i = 0; i + 1 < fixture->count; i++)
        entries += strcmp(attributes_text(&fixture->answers[i], "action"), "delete") == 0 ? 1 : 0;
    g_assert_cmpuint(entries, ==, 2);
    assert_value(fixture, "faults", "0");
}

/* One person, wherever it is; others stay, and nobody invites it a second time. */
static void test_person(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    send_three(fixture);
    import_one(fixture, "acme", "two", "anna@mail.example", "capped");
    import_one(fixture, "other", "three", "Anna@mail.example", "new");
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
    delete_person(fixture, "ANNA@mail.example", "3");
    g_assert_cmpuint(fixture->count, ==, 4);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], "row"), ==, "1");
    delete_person(fixture, "anna@mail.example", "0");
    delete_person(fixture, "nobody@mail.example", "0");
    g_assert_cmpstr(participant(fixture, "one", 0, "address"), ==, "");
    g_assert_cmpstr(participant(fixture, "one", 0, "state"), ==, "sent");
    g_assert_cmpstr(participant(fixture, "one", 1, "address"), ==, "bea@mail.example");
    assert_count(fixture, "other", "three", "refused", 1);
    ask(fixture, "request=audit-list\naddress=anna@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 4); /* by its hash */
    g_assert_null(strstr(attributes_text(&fixture->answers[0], "detail"), "@"));
    import_begin(fixture, "acme", "one"); /* the same list again */
    import_row(fixture, 2, 1, "anna@mail.example", "known");
    assert_value(fixture, "changed", "");
    import_one(fixture, "acme", "four", "anna@mail.example", "capped");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/delete/campaign", struct fixture, NULL, set_up, test_campaign, tear_down);
    g_test_add("/delete/over", struct fixture, NULL, set_up, test_over, tear_down);
    g_test_add("/delete/refused", struct fixture, NULL, set_up, test_refused, tear_down);
    g_test_add("/delete/busy", struct fixture, NULL, set_up, test_busy, tear_down);
    g_test_add("/delete/resumed", struct fixture, NULL, set_up, test_resumed, tear_down);
    g_test_add("/delete/person", struct fixture, NULL, set_up, test_person, tear_down);
    return g_test_run();
}
