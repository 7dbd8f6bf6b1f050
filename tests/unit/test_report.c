/* test_report.c - what a report counts and says: groups, sums, masked replies, numbers, charts. */
#include "importer/chart.h"
#include "importer/report.h"

#include <math.h>
#include <string.h>

#define NOVEMBER G_GINT64_CONSTANT(1795424514) /* 2026-11-23 09:01:54 UTC */

struct fixture {
    struct client client;
    struct campaign campaign;
    struct report *report;
};

static void set_up(struct fixture *fixture, gconstpointer language)
{
    static char name[] = "invitation.de";
    fixture->client = (struct client){.title = "Müller & Co", .time_zone = "UTC", .zone = g_time_zone_new_utc()};
    fixture->campaign =
        (struct campaign){.client = &fixture->client, .name = "spring", .title = "<Umfrage>", .n_editions = 1};
    fixture->campaign.editions[0].name = name;
    fixture->campaign.findings = g_ptr_array_new();
    fixture->report = report_new(&fixture->campaign, (enum report_language)GPOINTER_TO_INT(language), NOVEMBER);
}

static void tear_down(struct fixture *fixture, gconstpointer language)
{
    (void)language;
    report_free(fixture->report);
    g_ptr_array_unref(fixture->campaign.findings);
    g_time_zone_unref(fixture->client.zone);
}

static void add_import(struct fixture *fixture, guint number, guint64 rows)
{
    struct report_import *import = g_new0(struct report_import, 1);
    char **const texts[] = {&import->file, &import->sha256, &import->basis, &import->assured_by, &import->remark};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup(i == 0 ? "list.xlsx" : "");
    import->number = number;
    import->rows = rows;
    g_ptr_array_add(fixture->report->imports, import);
}

/* One participant in that state. */
static void add(struct fixture *fixture, guint state, const char *provider, const char *reply, const char *holder)
{
    struct report_row row = {.import = 1,
                             .row = 2,
                             .wave = 2,
                             .state = state,
                             .address = "",
                             .provider = provider,
                             .reply = reply,
                             .tls = state == STATE_SENT ? "TLSv1.3" : "",
                             .held_by = holder != NULL ? "invitation" : "foreign",
                             .held_campaign = holder != NULL ? holder : ""};
    status_code_find(reply, row.code);
    report_add(fixture->report, &row);
}

static guint64 count_of(const GPtrArray *groups, const char *name)
{
    for (guint i = 0; i < groups->len; i++) {
        const struct report_group *group = groups->pdata[i];
        if (strcmp(group->name, name) == 0)
            return group->counts.total;
    }
    return 0;
}

static void test_counts(struct fixture *fixture, gconstpointer data)
{
    struct report *report = fixture->report;
    (void)data;
    add_import(fixture, 1, 6);
    add(fixture, STATE_SENT, "google", "2.0.0 ok", NULL);
    add(fixture, STATE_SENT, "google", "2.0.0 ok", NULL);
    add(fixture, STATE_BOUNCED, "a.example", "5.1.1 <x@a.example>: no", NULL);
    add(fixture, STATE_DEFERRED, "a.example", "no code", NULL);
    add(fixture, STATE_CAPPED, NULL, "", "winter");
    add(fixture, STATE_CAPPED, "a.example", "", NULL);
    report_sort(report);
    g_assert_cmpuint(report->sum.total, ==, report_imported(report));
    g_assert_cmpuint(report->sum.states[STATE_SENT], ==, 2);
    g_assert_cmpuint(report->encrypted, ==, 2);
    g_assert_cmpuint(report->waves->len, ==, 2); /* the first is empty */
    g_assert_cmpuint(((const struct report_group *)report->waves->pdata[1])->counts.total, ==, 6);
    g_assert_cmpstr(((const struct report_group *)report->providers->pdata[0])->name, ==,
                    "a.example"); /* the largest */
    g_assert_cmpuint(count_of(report->providers, "google"), ==, 2);
    g_assert_cmpuint(count_of(report->providers, "unknown"), ==, 1);
    g_assert_cmpuint(count_of(report->reasons, "5.1.1"), ==, 1);
    g_assert_cmpuint(count_of(report->reasons, ""), ==, 1);
    g_assert_cmpuint(report->reasons->len, ==, 2); /* not of what was sent */
    g_assert_cmpuint(count_of(report->holders, "winter"), ==, 1);
    g_assert_cmpuint(count_of(report->holders, "other mail of the client"), ==, 1);
}

/* However many domains there are, memory ends somewhere, and the sum stays right. */
static void test_many(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    for (guint i = 0; i < REPORT_PROVIDERS_MAX + 10; i++) {
        g_autofree char *domain = g_strdup_printf("d%u.example", i);
        add(fixture, STATE_NEW, domain, "", NULL);
    }
    report_sort(fixture->report);
    g_assert_cmpuint(fixture->report->providers->len, ==, REPORT_PROVIDERS_MAX + 1);
    g_assert_cmpuint(count_of(fixture->report->providers, "others"), ==, 10);
}

static void test_rejects(struct fixture *fixture, gconstpointer data)
{
    static const struct report_reject rejects[] = {{1, 3, FALSE, "C", "the address is already in row 17"},
                                                   {1, 4, FALSE, "C", "the address is already in row 2"},
                                                   {1, 5, TRUE, "", ""},
                                                   {2, 5, FALSE, "C", "no address"}};
    const struct report *report = fixture->report;
    (void)data;
    add_import(fixture, 1, 0);
    add_import(fixture, 2, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rejects); i++)
        report_add_reject(fixture->report, &rejects[i]);
    report_sort(fixture->report);
    g_assert_cmpuint(count_of(report->rejects, "the address is already in row …"), ==, 2);
    const struct report_import *first = report->imports->pdata[0], *second = report->imports->pdata[1];
    g_assert_true(first->rejected == 2 && first->known == 1 && second->rejected == 1 && second->known == 0);
}

static const struct {
    const char *name, *reply, *masked;
} mask_cases[] = {
    {"an address in brackets", "550 5.1.1 <x@a.example>: no", "550 5.1.1 <…> no"},
    {"two", "x@a.example is not y@b.example", "<…> is not <…>"},
    {"an unusual one", "user \"a b\"@c.example unknown", "user \"a <…> unknown"},
    {"none", "no such user", "no such user"},
    {"nothing", "", ""},
};

static void test_masked(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mask_cases); i++) {
        g_test_message("%s", mask_cases[i].name);
        g_autofree char *masked = report_masked(mask_cases[i].reply);
        g_assert_cmpstr(masked, ==, mask_cases[i].masked);
    }
    g_autofree char *word = g_strnfill(1000, 'x'), *cut = report_masked(word);
    g_assert_cmpuint(strlen(cut), ==, REPORT_TEXT_MAX);
}

static const struct {
    guint64 part, whole;
    const char *english, *german;
} share_cases[] = {
    {0, 0, "0.0%", "0,0\302\240%"},       {0, 10, "0.0%", "0,0\302\240%"},
    {1, 3, "33.3%", "33,3\302\240%"},     {2, 3, "66.7%", "66,7\302\240%"},
    {1, 100000, "0.1%", "0,1\302\240%"},  {99999, 100000, "99.9%", "99,9\302\240%"},
    {10, 10, "100.0%", "100,0\302\240%"},
};

static void test_numbers(void)
{
    static const struct {
        guint64 number;
        const char *english, *german;
    } cases[] = {{0, "0", "0"}, {999, "999", "999"}, {1000, "1,000", "1.000"}, {1234567, "1,234,567", "1.234.567"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *english = report_number(REPORT_ENGLISH, cases[i].number);
        g_autofree char *german = report_number(REPORT_GERMAN, cases[i].number);
        g_assert_cmpstr(english, ==, cases[i].english);
        g_assert_cmpstr(german, ==, cases[i].german);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(share_cases); i++) {
        g_autofree char *english = report_share(REPORT_ENGLISH, share_cases[i].part, share_cases[i].whole);
        g_autofree char *german = report_share(REPORT_GERMAN, share_cases[i].part, share_cases[i].whole);
        g_assert_cmpstr(english, ==, share_cases[i].english);
        g_assert_cmpstr(german, ==, share_cases[i].german);
    }
}

/* Every word is there in both languages, and takes as many texts in each. */
static void test_words(void)
{
    for (int word = 0; word < REPORT_WORDS; word++) {
        const char *english = report_word(REPORT_ENGLISH, (enum report_word)word);
        const char *german = report_word(REPORT_GERMAN, (enum report_word)word);
        guint counts[2] = {0};
        g_assert_nonnull(english);
        g_assert_nonnull(german);
        for (const char *c = english; (c = strstr(c, "%s")) != NULL; c++)
            counts[0]++;
        for (const char *c = german; (c = strstr(c, "%s")) != NULL; c++)
            counts[1]++;
        g_assert_cmpuint(counts[0], ==, counts[1]);
    }
    for (guint state = 0; state < STATE_COUNT; state++)
        g_assert_true(report_state(REPORT_GERMAN, state) != NULL &&
                      report_state_meaning(REPORT_ENGLISH, state) != NULL);
}

/* The sum of a chart's attribute. */
struct sum {
    const char *element, *attribute;
    double sum;
    guint count;
};

static void take_element(GMarkupParseContext *context, const char *name, const char **names, const char **values,
                         gpointer cookie, GError **error)
{
    struct sum *sum = cookie;
    (void)context;
    (void)error;
    for (guint i = 0; strcmp(name, sum->element) == 0 && names[i] != NULL; i++)
        if (strcmp(names[i], sum->attribute) == 0) {
            sum->sum += g_ascii_strtod(values[i], NULL);
            sum->count++;
        }
}

static void parse_chart(const GString *svg, struct sum *sum)
{
    const GMarkupParser parser = {.start_element = take_element};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, G_MARKUP_DEFAULT_FLAGS, sum, NULL);
    g_assert_true(g_markup_parse_context_parse(context, svg->str, (gssize)svg->len, NULL));
    g_assert_true(g_markup_parse_context_end_parse(context, NULL));
    g_markup_parse_context_free(context);
}

/* Well-formed, and as long as the shares are; parts of nothing are left out. */
static void test_charts(void)
{
    const struct chart_part parts[] = {{750, "#111111", "a \"<&>\""}, {0, "#222222", "b"}, {250, "#333333", "c"}};
    g_autoptr(GString) bar = g_string_new(NULL), ring = g_string_new(NULL), empty = g_string_new(NULL);
    struct sum widths = {"rect", "width", 0, 0}, lengths = {"circle", "stroke-dasharray", 0, 0}, none = lengths;
    chart_bar(bar, "t<", parts, G_N_ELEMENTS(parts), 2000);
    parse_chart(bar, &widths);
    g_assert_cmpuint(widths.count, ==, 3);
    g_assert_true(fabs(widths.sum - 1500) < 0.01); /* the ground's 1000, and half of it */
    chart_ring(ring, "t", parts, G_N_ELEMENTS(parts), "75 %", "x&y");
    parse_chart(ring, &lengths);
    g_assert_cmpuint(lengths.count, ==, 2);
    g_assert_true(fabs(lengths.sum - 100) < 1); /* but for the gaps */
    chart_ring(empty, "t", parts + 1, 1, "", "");
    parse_chart(empty, &none);
    g_assert_cmpuint(none.count, ==, 0);
}

static void assert_says(const GString *page, const char *text, gboolean says)
{
    if ((strstr(page->str, text) != NULL) != says)
        g_error("the page %s \"%s\"", says ? "does not say" : "says", text);
}

/* It says what was found, also where that is bad. */
static void test_page(struct fixture *fixture, gconstpointer data)
{
    static const char checked[] = "0 remote loads, 0 open tracking";
    struct report *report = fixture->report;
    (void)data;
    add_import(fixture, 1, 1);
    add(fixture, STATE_SENT, "google", "2.0.0 ok", NULL);
    report_sort(report);
    g_autoptr(GString) good = report_html(report);
    assert_says(good, checked, TRUE);
    assert_says(good, "&lt;Umfrage&gt;", TRUE);
    assert_says(good, "<Umfrage>", FALSE);
    assert_says(good, "counted exactly once: 1 of 1", TRUE);
    assert_says(good, "none is missing", TRUE);
    report->check = REPORT_CHANGED;
    report->faults = 2;
    ((struct report_import *)report->imports->pdata[0])->rows = 2;
    g_autoptr(GString) bad = report_html(report);
    assert_says(bad, checked, FALSE);
    assert_says(bad, "Not confirmed", TRUE);
    assert_says(bad, "The sum is not right: 1 counted, 2 imported", TRUE);
    assert_says(bad, "not as it was written: 2 faults", TRUE);
}

/* Domains as people write them; counted, and in --json, they are as DNS has them. */
static void test_international(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    add_import(fixture, 1, 1);
    add(fixture, STATE_SENT, "xn--mller-kva.example", "2.0.0 ok", NULL);
    report_sort(fixture->report);
    g_autoptr(GString) page = report_html(fixture->report);
    assert_says(page, "m\xC3\xBCller.example", TRUE);
    assert_says(page, "xn--", FALSE);
    g_assert_cmpuint(count_of(fixture->report->providers, "xn--mller-kva.example"), ==, 1);
}

#define ADD(name, function)                                                                                            \
    g_test_add("/report/" name, struct fixture, GINT_TO_POINTER(REPORT_ENGLISH), set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("counts", test_counts);
    ADD("many", test_many);
    ADD("rejects", test_rejects);
    ADD("page", test_page);
    ADD("international", test_international);
    g_test_add_func("/report/masked", test_masked);
    g_test_add_func("/report/numbers", test_numbers);
    g_test_add_func("/report/words", test_words);
    g_test_add_func("/report/charts", test_charts);
    return g_test_run();
}
