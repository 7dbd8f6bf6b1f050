/*
 * test_tally.c - a campaign counted by provider and reason, pure and through the ledger; and what the command foresees
 * of it.
 */
#include "policyd/tally.h"
#include "tests/unit/ledger_house.h"

#include <string.h>

static const struct {
    const char *name;
    enum mail_state state;
    const char *reply, *code;
} code_cases[] = {
    {"enhanced first, as the log tells", STATE_BOUNCED, "5.1.1 550 5.1.1 <anna@mail.example>: unknown", "5.1.1"},
    {"behind the three digits", STATE_BOUNCED, "550 5.7.26 not authenticated", "5.7.26"},
    {"of several lines", STATE_BOUNCED, "550-5.1.1 no such user", "5.1.1"},
    {"three digits alone", STATE_BOUNCED, "550 no such user", "550"},
    {"three digits and no more", STATE_DEFERRED, "421", "421"},
    {"the enhanced one alone", STATE_BOUNCED, "5.2.2", "5.2.2"},
    {"nothing", STATE_EXPIRED, "", ""},
    {"words", STATE_BOUNCED, "mailbox unavailable", ""},
    {"a host has said it", STATE_BOUNCED, "5.7.1 host mx.mail.example[192.0.2.1] said: 550 5.7.1 no", "5.7.1"},
    {"a code that goes on", STATE_BOUNCED, "5.1.1.9 no", ""},
    {"digits that go on", STATE_BOUNCED, "5.1.1234 no", ""},
    {"a host's name", STATE_BOUNCED, "550.mail.example said no", ""},
    {"digits later in the text are free text", STATE_BOUNCED, "said 550", ""},
    {"success is no class of a basic code", STATE_BOUNCED, "250 ok", ""},
    {"greylisted", STATE_GREYLISTED,
     "4.2.0 host mx.b.example[192.0.2.1] said: 450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see x",
     "greylisted"},
    {"a bounce is not greylisted", STATE_BOUNCED, "5.7.1 550 greylisted for ever", "5.7.1"},
    {"the milter is away", STATE_NEW, "451 4.7.1 Service unavailable - try again later", "milter"},
    {"policyd is away", STATE_NEW, "451 4.3.5 Server configuration problem", "policyd"},
    {"no key", STATE_NEW, "451 4.7.5 no usable key", "key"},
    {"a receiver's words mean something else", STATE_DEFERRED, "451 4.7.1 Service unavailable - try again later",
     "4.7.1"},
};

static void test_codes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(code_cases); i++) {
        char code[TALLY_CODE];
        g_test_message("%s", code_cases[i].name);
        tally_code(code_cases[i].state, code_cases[i].reply, code);
        g_assert_cmpstr(code, ==, code_cases[i].code);
    }
}

static void add_many(struct tally *tally, guint count, const char *domain, enum mail_state state)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *address = g_strdup_printf("p%u@%s", i, domain);
        tally_add(tally, address, state, "");
    }
}

/*
 * A large provider is named whoever is there; another domain only where many are; who was forgotten is counted as well.
 */
static void test_providers(void)
{
    size_t count;
    struct tally *tally = tally_new();
    add_many(tally, 1, "gmail.com", STATE_SENT);
    add_many(tally, 1, "GoogleMail.com", STATE_BOUNCED);
    add_many(tally, TALLY_NAMED, "firm.example", STATE_SENT);
    add_many(tally, TALLY_NAMED - 1, "small.example", STATE_SENT);
    add_many(tally, 1, "anna-muster.example", STATE_NEW);
    tally_add(tally, NULL, STATE_SENT, "");
    tally_add(tally, "", STATE_SENT, "");
    const struct tally_provider *providers = tally_providers(tally, &count);
    g_assert_cmpuint(count, ==, 3);
    g_assert_cmpstr(providers[0].name, ==, "firm.example");
    g_assert_cmpuint(providers[0].counts[STATE_SENT], ==, TALLY_NAMED);
    g_assert_cmpstr(providers[1].name, ==, "google");
    g_assert_cmpuint(providers[1].total, ==, 2);
    g_assert_cmpuint(providers[1].counts[STATE_BOUNCED], ==, 1);
    g_assert_cmpstr(providers[2].name, ==, "");
    g_assert_cmpuint(providers[2].domains, ==, 2);
    g_assert_cmpuint(providers[2].total, ==, TALLY_NAMED + 2);
    g_assert_cmpuint(providers[2].counts[STATE_NEW], ==, 1);
    tally_free(tally);
}

/* However many domains and codes there are, the rows are bounded and nobody is lost. */
static void test_bounds(void)
{
    size_t count;
    guint64 sum = 0;
    struct tally *tally = tally_new();
    for (guint i = 0; i < 2 * TALLY_PROVIDERS; i++) {
        g_autofree char *domain = g_strdup_printf("d%u.example", i);
        add_many(tally, TALLY_NAMED + i, domain, STATE_SENT);
        sum += TALLY_NAMED + i;
    }
    for (guint i = 0; i < 3 * TALLY_REASONS; i++) {
        g_autofree char *reply = g_strdup_printf("5.%u.%u no", i % 1000, i);
        tally_add(tally, "a@gmail.com", STATE_BOUNCED, reply);
        tally_add(tally, "a@gmail.com", STATE_REFUSED, reply);
    }
    sum += 2 * 3 * TALLY_REASONS;
    const struct tally_provider *providers = tally_providers(tally, &count);
    g_assert_cmpuint(count, ==, TALLY_PROVIDERS + 1);
    g_assert_cmpstr(providers[0].name, ==, "google");
    g_assert_cmpuint(providers[count - 1].domains, ==, TALLY_PROVIDERS + 1);
    for (size_t i = 0; i < count; i++)
        sum -= providers[i].total;
    g_assert_cmpuint(sum, ==, 0);
    const struct tally_reason *reasons = tally_reasons(tally, &count);
    g_assert_cmpuint(count, <=, TALLY_REASONS + MAIL_STATES);
    sum = 2 * 3 * TALLY_REASONS;
    for (size_t i = 0; i < count; i++) {
        sum -= reasons[i].count;
        g_assert_true(i == 0 || reasons[i - 1].state <= reasons[i].state);
    }
    g_assert_cmpuint(sum, ==, 0);
    tally_free(tally);
}

/* --- through the ledger ---------------------------------------------------------------------------- */

static const struct attributes *find(const struct fixture *fixture, const char *name, const char *text)
{
    for (size_t i = 0; i < fixture->count; i++)
        if (g_strcmp0(attributes_get(&fixture->answers[i], name), text) == 0)
            return &fixture->answers[i];
    g_test_message("no answer has %s=%s", name, text);
    g_assert_not_reached();
}

#define TALLY "request=status-tally\nclient=acme\ncampaign=one\n"

static void test_ledger(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    struct mail mail;
    start_one(fixture, "acme", "one", "anna@gmail.com", &mail);
    import_one(fixture, "acme", "one", "bert@mail.example", "new");
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "queued");
    ask(fixture,
        "request=event\nqueue_id=Q1\nevent=bounced\ntime=%" G_GINT64_FORMAT
        "\ndsn=5.1.1\nreply=550 5.1.1 <anna@gmail.com> unknown\nrelay=r\n",
        fixture->now);
    ask(fixture, TALLY);
    assert_value(fixture, "done", "yes");
    g_assert_cmpuint(fixture->count, ==, 4);
    g_assert_cmpstr(attributes_text(find(fixture, "provider", "google"), "bounced"), ==, "1");
    g_assert_cmpstr(attributes_text(find(fixture, "provider", ""), "new"), ==, "1");
    g_assert_cmpstr(attributes_text(find(fixture, "reason", "bounced"), "code"), ==, "5.1.1");
    g_assert_null(strstr(fixture->out->str, "anna"));
    g_assert_null(strstr(fixture->out->str, "mail.example"));
}

/* More rows than one answer looks at: it takes several, and a count of another campaign between them begins anew. */
static void test_pieces(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    guint pieces = 1;
    import_begin(fixture, "acme", "one");
    int import = (int)g_ascii_strtoll(value(fixture, "import"), NULL, 10);
    for (int row = 1; row <= 6000; row++) {
        g_autofree char *address = g_strdup_printf("p%d@gmail.com", row);
        import_row(fixture, import, row, address, "new");
    }
    ask(fixture, TALLY);
    assert_status(fixture, "error"); /* nobody sees an import before it is done */
    ask(fixture, "request=import-commit\nimport=%d\nrows=6000\n", import);
    import_one(fixture, "acme", "two", "anna@web.de", "new");
    ask(fixture, TALLY);
    assert_value(fixture, "done", "no");
    ask(fixture, "request=status-tally\nclient=acme\ncampaign=two\n");
    assert_value(fixture, "done", "yes");
    g_assert_cmpstr(attributes_text(find(fixture, "provider", "1und1"), "new"), ==, "1");
    for (ask(fixture, TALLY); strcmp(value(fixture, "done"), "no") == 0; pieces++)
        ask(fixture, TALLY);
    g_assert_cmpuint(pieces, ==, 2);
    g_assert_cmpstr(attributes_text(find(fixture, "provider", "google"), "new"), ==, "6000");
    ask(fixture, TALLY); /* begun, and given up with the connection: nothing leaks */
}

#define OUTLOOK "request=campaign-outlook\nclient=acme\ncampaign=one\n"

static void test_outlook(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    import_one(fixture, "acme", "one", "anna@gmail.com", "new");
    ask(fixture, "request=status-show\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "told", "0");
    assert_value(fixture, "gate", "");
    assert_value(fixture, "state", "draft");
    assert_value(fixture, "zone", "Europe/Berlin");
    ask(fixture, OUTLOOK "wave=2\ndue=1800000000\ngate=stop\nbecause=5%% of mails bounced\nreminders=1/60/7\n");
    assert_status(fixture, "ok");
    ask(fixture, OUTLOOK "wave=2\ndue=1800000000\ngate=maybe\n");
    assert_status(fixture, "error");
    ask(fixture, OUTLOOK "wave=1000\ndue=0\ngate=open\n");
    assert_status(fixture, "error");
    ask(fixture, "request=status-show\nclient=acme\ncampaign=one\n");
    g_assert_cmpint(g_ascii_strtoll(value(fixture, "told"), NULL, 10), ==, fixture->now);
    assert_value(fixture, "wave", "2");
    assert_value(fixture, "due", "1800000000");
    assert_value(fixture, "gate", "stop");
    assert_value(fixture, "because", "5% of mails bounced");
    assert_value(fixture, "reminders", "1/60/7");
    ask(fixture, "request=status-service\n");
    assert_value(fixture, "trouble", "");
    assert_value(fixture, "read", "0");
    assert_value(fixture, "feeders", "0");
}

/* What the status page's socket can ask: look-ups alone, and none that tells an address. */
static void test_socket(void)
{
    static const char *const allowed[] = {"campaign-list", "campaign-status", "status-show",
                                          "status-tally",  "status-service",  "health"};
    static const char *const refused[] = {"campaign-show",
                                          "campaign-participants",
                                          "campaign-outlook",
                                          "campaign-pause",
                                          "explain",
                                          "suppress-show",
                                          "suppress-add",
                                          "begin",
                                          "event",
                                          "unsubscribe",
                                          "resolve-list",
                                          "decision-list",
                                          "reserve",
                                          "import-list",
                                          "campaign-queue",
                                          "smtpd_access_policy",
                                          "track-position",
                                          "backup"};
    struct attributes in = {.count = 1, .list = {{"request", NULL}}};
    for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++) {
        in.list[0].value = allowed[i];
        const struct request_type *type = request_type_find(&in, LEVEL_STATUS, NULL);
        g_assert_nonnull(type);
        g_assert_false(type->writes);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        in.list[0].value = refused[i];
        g_test_message("%s", refused[i]);
        g_assert_null(request_type_find(&in, LEVEL_STATUS, NULL));
    }
}

#define ADD(name, function) g_test_add("/tally/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tally/codes", test_codes);
    g_test_add_func("/tally/providers", test_providers);
    g_test_add_func("/tally/bounds", test_bounds);
    g_test_add_func("/tally/socket", test_socket);
    ADD("ledger", test_ledger);
    ADD("pieces", test_pieces);
    ADD("outlook", test_outlook);
    return g_test_run();
}
