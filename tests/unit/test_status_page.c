/* test_status_page.c - what a request to the status pages asks, what is an alarm, and the pages. */
#include "web/alarm.h"
#include "web/status_page.h"
#include "web/view.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT(1795424514) /* 2026-11-23 */

static const struct {
    const char *name, *path;
    enum view_kind kind;
} view_cases[] = {
    {"the index", "/", VIEW_INDEX},
    {"a campaign", "/acme/spring-2026_b", VIEW_CAMPAIGN},
    {"nothing", "", VIEW_NOT_FOUND},
    {"a client alone", "/acme", VIEW_NOT_FOUND},
    {"no campaign", "/acme/", VIEW_NOT_FOUND},
    {"no client", "//spring", VIEW_NOT_FOUND},
    {"more behind", "/acme/spring/", VIEW_NOT_FOUND},
    {"dots", "/../spring", VIEW_NOT_FOUND},
    {"encoded", "/ac%6de/spring", VIEW_NOT_FOUND},
    {"a line break", "/acme/spring\nclient=b", VIEW_NOT_FOUND},
    {"without a slash", "acme/spring", VIEW_NOT_FOUND},
    {"an unsubscribe link", "/u/abcdefghijklmnopqrstuvwxyz234567", VIEW_CAMPAIGN}, /* policyd knows no client u */
    {"too long a name", "/a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     VIEW_NOT_FOUND},
    {"*", "*", VIEW_NOT_FOUND},
};

static void test_views(void)
{
    struct view view;
    for (size_t i = 0; i < G_N_ELEMENTS(view_cases); i++) {
        g_test_message("%s", view_cases[i].name);
        view_read(view_cases[i].path, &view);
        g_assert_cmpint(view.kind, ==, view_cases[i].kind);
    }
    view_read("/acme/spring", &view);
    g_assert_cmpstr(view.client, ==, "acme");
    g_assert_cmpstr(view.campaign, ==, "spring");
}

static const struct {
    const char *host;
    gboolean good;
} host_cases[] = {
    {"127.0.0.1", TRUE},
    {"127.0.0.1:8426", TRUE},
    {"localhost", TRUE},
    {"LocalHost:9999", TRUE},
    {"[::1]", TRUE},
    {"[::1]:8426", TRUE},
    {"127.9.9.9:1", TRUE},
    {NULL, FALSE},
    {"", FALSE},
    {"umfrage.agency.example", FALSE},
    {"rebound.example:8426", FALSE},
    {"127.0.0.1.rebound.example", FALSE},
    {"localhost.example", FALSE},
    {"localhost.", FALSE},
    {"192.0.2.1:8426", FALSE},
    {"0.0.0.0", FALSE},
    {"::1", FALSE},
    {"[::1", FALSE},
    {"[::1]8426", FALSE},
    {"[127.0.0.1]", FALSE},
    {"127.0.0.1:", FALSE},
    {"127.0.0.1:80x", FALSE},
    {"127.0.0.1:80:80", FALSE},
    {"a@127.0.0.1", FALSE},
    {"127.0.0.1 ", FALSE},
    {"[]", FALSE},
    {":8426", FALSE},
    {"2130706433", FALSE},
    {"127.1", FALSE},
    {"[::ffff:192.0.2.1]", FALSE},
    {"localhost,rebound.example", FALSE},
    {"1111111111111111111111111111111111111111111111111111111111111111111111", FALSE},
};

static void test_hosts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(host_cases); i++) {
        g_test_message("%s", host_cases[i].host != NULL ? host_cases[i].host : "none");
        g_assert_cmpint(view_host_good(host_cases[i].host), ==, host_cases[i].good);
    }
}

/* --- alarms ----------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *state, *gate, *because;
    gint64 told;
    guint64 next, uncertain, feeders;
    const char *alarms; /* their kinds, a letter each */
} alarm_cases[] = {
    {"all is well", "approved", "open", "", NOW - 60, 2, 0, 0, ""},
    {"paused", "paused", "open", "", NOW, 2, 0, 0, "P"},
    {"paused by a gate", "paused", "stop", "many bounced", NOW, 2, 0, 0, "PG"},
    {"a gate that has tripped just now", "approved", "stop", "many bounced", NOW, 2, 0, 0, "G"},
    {"it waits", "approved", "wait", "backlog", NOW, 2, 0, 0, "W"},
    {"a wait while paused is of no matter", "paused", "wait", "backlog", NOW, 2, 0, 0, "P"},
    {"a draft", "draft", "", "", 0, 0, 0, 0, ""},
    {"nobody opens waves", "approved", "open", "", NOW - ALARM_RUN_AGE - 1, 2, 0, 0, "R"},
    {"nobody, as one is being fed", "approved", "open", "", NOW - 9999, 2, 0, 1, ""},
    {"nobody has to, as all are open", "approved", "open", "", NOW - 9999, 0, 0, 0, ""},
    {"nobody has told since policyd's start", "approved", "", "", 0, 0, 0, 0, ""},
    {"uncertain", "approved", "open", "", NOW, 2, 3, 0, "U"},
};

static const char letters[ALARM_KINDS] = {
    [ALARM_TROUBLE] = 'T', [ALARM_LOG] = 'L',  [ALARM_RUN] = 'R',       [ALARM_PAUSED] = 'P',
    [ALARM_GATE] = 'G',    [ALARM_WAIT] = 'W', [ALARM_UNCERTAIN] = 'U', [ALARM_MILTER] = 'M',
    [ALARM_POLICYD] = 'D', [ALARM_KEY] = 'K',  [ALARM_NOT_TAKEN] = 'N'};

static void assert_alarms(const struct alarm *alarms, size_t count, const char *expected)
{
    char found[ALARMS_MAX + 1] = "";
    for (size_t i = 0; i < count; i++)
        found[i] = letters[alarms[i].kind];
    g_assert_cmpstr(found, ==, expected);
}

static void test_alarms(void)
{
    struct alarm alarms[ALARMS_MAX];
    for (size_t i = 0; i < G_N_ELEMENTS(alarm_cases); i++) {
        const struct facts_service service = {
            .now = NOW, .read = NOW, .feeders = alarm_cases[i].feeders, .trouble = (char *)""};
        const struct facts_campaign campaign = {.state = (char *)alarm_cases[i].state,
                                                .gate = (char *)alarm_cases[i].gate,
                                                .because = (char *)alarm_cases[i].because,
                                                .told = alarm_cases[i].told,
                                                .next = alarm_cases[i].next,
                                                .sum.of[FACTS_UNCERTAIN] = alarm_cases[i].uncertain};
        g_test_message("%s", alarm_cases[i].name);
        assert_alarms(alarms, alarms_campaign(&campaign, &service, alarms), alarm_cases[i].alarms);
    }
}

/* Reminders count as invitations do. */
static void test_reminders(void)
{
    struct alarm alarms[ALARMS_MAX];
    const struct facts_service service = {.now = NOW, .read = NOW, .trouble = (char *)""};
    g_autoptr(GArray) reminders = g_array_new(FALSE, FALSE, sizeof(struct facts_wave));
    struct facts_wave first = {.number = 1, .counts.of[FACTS_UNCERTAIN] = 2},
                      second = {.number = 2, .counts.of[FACTS_SENT] = 2};
    struct facts_campaign campaign = {
        .state = (char *)"approved", .sum.of[FACTS_UNCERTAIN] = 1, .reminders = reminders};
    g_array_append_val(reminders, first);
    g_array_append_val(reminders, second);
    size_t count = alarms_campaign(&campaign, &service, alarms);
    assert_alarms(alarms, count, "U");
    g_assert_cmpuint(alarms[0].count, ==, 3);
    g_assert_false(alarms_moving(&campaign));
    g_array_index(reminders, struct facts_wave, 1).counts.of[FACTS_GREYLISTED] = 1;
    g_assert_true(alarms_moving(&campaign));
}

static const struct {
    const char *name;
    struct facts_service service;
    gboolean moving;
    const char *alarms;
} service_cases[] = {
    {"all is well", {.now = NOW, .read = NOW - 10, .trouble = (char *)""}, TRUE, ""},
    {"the log is not read", {.now = NOW, .read = NOW - ALARM_LOG_AGE - 1, .trouble = (char *)""}, TRUE, "L"},
    {"and need not be", {.now = NOW, .read = 0, .trouble = (char *)""}, FALSE, ""},
    {"never was", {.now = NOW, .read = 0, .trouble = (char *)""}, TRUE, "L"},
    {"a full disk", {.now = NOW, .read = NOW, .trouble = (char *)"The disk is nearly full"}, FALSE, "T"},
};

static void test_service(void)
{
    struct alarm alarms[ALARMS_MAX];
    for (size_t i = 0; i < G_N_ELEMENTS(service_cases); i++) {
        g_test_message("%s", service_cases[i].name);
        assert_alarms(alarms, alarms_service(&service_cases[i].service, service_cases[i].moving, alarms),
                      service_cases[i].alarms);
    }
}

/* Mails that Postfix does not take are told by what is away; more reasons than there is room for do no harm. */
static void test_not_taken(void)
{
    static const char *const codes[] = {"milter", "policyd", "key", "4.3.1"};
    const struct facts_service service = {.now = NOW, .read = NOW, .trouble = (char *)""};
    struct alarm alarms[ALARMS_MAX];
    g_autoptr(facts_campaign_auto) campaign = facts_campaign_new("acme", "one");
    campaign->tally = facts_tally_new();
    for (size_t i = 0; i < 40; i++) {
        struct facts_reason reason = {.state = i < G_N_ELEMENTS(codes) ? FACTS_NEW : FACTS_DEFERRED, .count = i + 1};
        g_strlcpy(reason.code, codes[i % G_N_ELEMENTS(codes)], sizeof reason.code);
        g_array_append_val(campaign->tally->reasons, reason);
    }
    assert_alarms(alarms, alarms_campaign(campaign, &service, alarms), "MDKN");
    g_assert_cmpuint(alarms[0].count, ==, 1);
    for (guint i = 0; i < campaign->tally->reasons->len; i++)
        g_array_index(campaign->tally->reasons, struct facts_reason, i).state = FACTS_NEW;
    g_assert_cmpuint(alarms_campaign(campaign, &service, alarms), ==, ALARMS_MAX);
}

/* --- pages -------------------------------------------------------------------------------------------- */

/* A campaign with something of everything. */
static struct facts_campaign *new_campaign(const char *title)
{
    struct facts_campaign *campaign = facts_campaign_new("acme", "one");
    struct facts_wave wave = {.number = 1, .opened = NOW, .counts = {.total = 1234567, .of = {[FACTS_SENT] = 1234567}}};
    struct facts_provider provider = {.name = g_strdup("<b>.example"), .domains = 1, .counts = wave.counts};
    struct facts_provider international = {.name = g_strdup("xn--mller-kva.example"), .counts = wave.counts};
    struct facts_reason reason = {.state = FACTS_BOUNCED, .code = "5.1.1", .count = 7};
    campaign->title = g_strdup(title);
    campaign->state = g_strdup("paused");
    campaign->zone = g_strdup("Europe/Berlin");
    campaign->gate = g_strdup("stop");
    campaign->because = g_strdup("<i>many</i> & more");
    campaign->sum = wave.counts;
    campaign->told = NOW;
    campaign->next = 2;
    campaign->tally = facts_tally_new();
    g_array_append_val(campaign->waves, wave);
    g_array_append_val(campaign->tally->providers, provider);
    g_array_append_val(campaign->tally->providers, international);
    g_array_append_val(campaign->tally->reasons, reason);
    return campaign;
}

static void assert_has(const GString *page, const char *text)
{
    if (strstr(page->str, text) == NULL)
        g_error("the page lacks \"%s\": %s", text, page->str);
}

/* Whatever comes from people stands there as text. */
static void test_escaping(void)
{
    const struct facts_service service = {.now = NOW, .read = NOW, .trouble = (char *)"<u>disk</u>"};
    g_autoptr(GString) page = g_string_new("old");
    g_autoptr(GPtrArray) campaigns = g_ptr_array_new_with_free_func((GDestroyNotify)facts_campaign_free);
    g_ptr_array_add(campaigns, new_campaign("</title><script>\"'&"));
    for (int language = 0; language < LANGUAGES; language++) {
        for (int one = 0; one < 2; one++) {
            if (one)
                status_page_campaign(page, campaigns->pdata[0], &service, (enum language)language);
            else
                status_page_index(page, campaigns, 3, &service, (enum language)language);
            g_assert_true(g_str_has_prefix(page->str, "<!DOCTYPE html>"));
            assert_has(page, "&lt;/title&gt;&lt;script&gt;&quot;&apos;&amp;");
            assert_has(page, "&lt;i&gt;many&lt;/i&gt; &amp; more");
            assert_has(page, "&lt;u&gt;disk&lt;/u&gt;");
            g_assert_null(strstr(page->str, "<script"));
            g_assert_null(strstr(page->str, "<i>"));
            g_assert_null(strstr(page->str, "<b>"));
            g_assert_null(strstr(page->str, "%s"));
            g_assert_true(g_utf8_validate(page->str, -1, NULL));
        }
    }
    assert_has(page, "&lt;b&gt;.example");
    assert_has(page, "<li class=\"card\" data-provider=\"xn--mller-kva.example\"><h3>m\xC3\xBCller.example</h3>");
    assert_has(page, "1\u202f234\u202f567");
    assert_has(page, "no such mailbox");
    assert_has(page, "CET");
}

static const struct {
    const char *name, *state;
    gint64 told, due;
    guint64 next;
    gint64 opened;
    const char *text;
} next_cases[] = {
    {"not told", "approved", 0, 0, 0, 0, "has not told so far"},
    {"all are open", "approved", NOW, 0, 0, NOW, "all waves are open"},
    {"planned", "approved", NOW, NOW + 86400, 1, 0, "Wave 1 is expected to open on <time datetime=\"2026-11-24T"},
    {"by hand", "approved", NOW, 0, 1, 0, "opened by hand"},
    {"goes on", "approved", NOW, NOW, 1, NOW, "Wave 1 is not all sent yet"},
    {"paused", "paused", NOW, NOW, 1, 0, "once the campaign is approved"},
};

static void test_next(void)
{
    const struct facts_service service = {.now = NOW, .read = NOW, .trouble = (char *)""};
    g_autoptr(GString) page = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(next_cases); i++) {
        g_test_message("%s", next_cases[i].name);
        g_autoptr(facts_campaign_auto) campaign = new_campaign("T");
        g_free(campaign->state);
        campaign->state = g_strdup(next_cases[i].state);
        campaign->told = next_cases[i].told;
        campaign->due = next_cases[i].due;
        campaign->next = next_cases[i].next;
        g_array_index(campaign->waves, struct facts_wave, 0).opened = next_cases[i].opened;
        status_page_campaign(page, campaign, &service, LANGUAGE_EN);
        assert_has(page, next_cases[i].text);
    }
}

/* Each word is there in each language, and says something else; each has as many places as the other. */
static void test_words(void)
{
    for (int word = 0; word < WORDS; word++)
        for (int language = 0; language < LANGUAGES; language++)
            g_assert_true(words((enum word)word, (enum language)language) != NULL);
    for (int kind = 0; kind < ALARM_KINDS; kind++)
        g_assert_cmpint(strstr(words_alarm((enum alarm_kind)kind, LANGUAGE_DE), "%s") != NULL, ==,
                        strstr(words_alarm((enum alarm_kind)kind, LANGUAGE_EN), "%s") != NULL);
    for (int state = 0; state < FACTS_STATES; state++)
        g_assert_true(words_state((enum facts_state)state, LANGUAGE_DE) != NULL);
    g_assert_cmpstr(words_reply("5.1.1", LANGUAGE_EN), ==, "no such mailbox");
    g_assert_cmpstr(words_reply("", LANGUAGE_DE), ==, "ohne Statuscode");
    g_assert_cmpstr(words_reply("milter", LANGUAGE_EN), ==, "postwelle-milter does not answer");
    g_assert_cmpstr(words_reply("greylisted", LANGUAGE_DE), ==, "Greylisting: ein späterer Versuch wird angenommen");
}

static void test_languages(void)
{
    static const struct {
        const char *accept;
        enum language language;
    } cases[] = {{"", LANGUAGE_DE},
                 {"en", LANGUAGE_EN},
                 {"en-GB,en;q=0.9", LANGUAGE_EN},
                 {"fr,en;q=0.5,de;q=0.2", LANGUAGE_EN},
                 {"fr,de;q=0.9", LANGUAGE_DE},
                 {"fr", LANGUAGE_DE},
                 {"de;q=0.1,en;q=0", LANGUAGE_DE},
                 {"nl,es", LANGUAGE_DE}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(status_language(cases[i].accept), ==, cases[i].language);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/status-page/views", test_views);
    g_test_add_func("/status-page/hosts", test_hosts);
    g_test_add_func("/status-page/alarms", test_alarms);
    g_test_add_func("/status-page/service", test_service);
    g_test_add_func("/status-page/reminders", test_reminders);
    g_test_add_func("/status-page/not-taken", test_not_taken);
    g_test_add_func("/status-page/escaping", test_escaping);
    g_test_add_func("/status-page/next", test_next);
    g_test_add_func("/status-page/words", test_words);
    g_test_add_func("/status-page/languages", test_languages);
    return g_test_run();
}
