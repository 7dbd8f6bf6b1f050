/* test_gate.c - when a campaign stops by itself, and how fast it is fed. */
#include "importer/gate.h"
#include "importer/rate.h"
#include "lib/error.h"
#include "lib/gate_reason.h"
#include "lib/providers.h"

#include <string.h>

#define LIMITS {.bounces = 500, .deferrals = 3000, .complaints = 30, .backlog = 1000}

static const struct {
    const char *name;
    struct gate_facts facts;
    enum gate_verdict verdict;
    const char *why;
} cases[] = {
    {"nothing yet", {.next = TRUE}, GATE_OPEN, NULL},
    {"all is well", {.sent = 1000, .bounced = 50, .queued = 100, .next = TRUE}, GATE_OPEN, NULL},
    {"at the limit", {.sent = 950, .bounced = 50}, GATE_OPEN, NULL},
    {"one more", {.sent = 949, .bounced = 51}, GATE_STOP, "51 of 1000 mails bounced, 5.10 %; [gates] allows 5.00 %"},
    {"expired ones count", {.sent = 949, .bounced = 25, .expired = 26}, GATE_STOP, "51 of 1000"},
    {"too few to tell", {.bounced = 49}, GATE_OPEN, NULL},
    {"just enough to tell", {.bounced = 50}, GATE_STOP, "50 of 50"},
    {"complaints", {.sent = 1000, .complaints = 4}, GATE_STOP, "complained"},
    {"one complaint", {.sent = 50, .complaints = 1}, GATE_OPEN, NULL},
    {"two complaints", {.sent = 50, .complaints = 2}, GATE_STOP, "2 of 50"},
    {"few complaints", {.sent = 1000, .complaints = 3}, GATE_OPEN, NULL},
    {"deferred at the next wave", {.sent = 600, .deferred = 400, .next = TRUE}, GATE_STOP, "are deferred"},
    {"deferred within a wave", {.sent = 600, .deferred = 400}, GATE_OPEN, NULL},
    {"backlog", {.backlog = 1000}, GATE_WAIT, "1000 mails are in Postfix's queue"},
    {"less backlog", {.backlog = 999}, GATE_OPEN, NULL},
    {"backlog and bounces", {.backlog = 1000, .bounced = 60}, GATE_STOP, "bounced"},
};

static void test_judge(void)
{
    const struct gates gates = LIMITS;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *why = NULL, *none = NULL;
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(gate_judge(&gates, &cases[i].facts, &why), ==, cases[i].verdict);
        g_assert_cmpint(why != NULL, ==, cases[i].why != NULL);
        if (why != NULL)
            g_assert_nonnull(strstr(why, cases[i].why));
        g_assert_cmpint(gate_judge(&(struct gates){0}, &cases[i].facts, &none), ==, GATE_OPEN);
    }
}

static const struct {
    const char *english, *german;
} reasons[] = {
    {"51 of 1000 mails bounced, 5.10 %; [gates] allows 5.00 %",
     "51 von 1000 Mails kamen zurück, 5,10 %; [gates] erlaubt 5,00 %"},
    {"2 of 50 mails were complained of, 4.00 %; [gates] allows 0.30 %",
     "über 2 von 50 Mails gab es Beschwerden, 4,00 %; [gates] erlaubt 0,30 %"},
    {"2 of 3 mails are deferred, 66.67 %; [gates] allows 30.00 %",
     "2 von 3 Mails sind aufgeschoben, 66,67 %; [gates] erlaubt 30,00 %"},
    {"1000 mails are in Postfix's queue; [gates] backlog allows 500",
     "1000 Mails sind in Postfix' Warteschlange; [gates] backlog erlaubt 500"},
    {"1000 mails are in Postfix's queue; [gates] backlog allows 500!", NULL},
    {"1000 mails are in Postfix's queue; [gates] backlog allows ", NULL},
    {"51 of many mails bounced, 5.10 %; [gates] allows 5.00 %", NULL},
    {"by anna", NULL},
    {"", NULL},
};

static void test_reasons(void)
{
    g_autofree char *share = gate_reason_rate(GATE_REASON_DEFERRALS, 2, 3, 3000),
                    *mails = gate_reason_backlog(1000, 500);
    g_assert_cmpstr(share, ==, reasons[2].english);
    g_assert_cmpstr(mails, ==, reasons[3].english);
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        g_autofree char *german = gate_reason_german(reasons[i].english);
        g_test_message("%s", reasons[i].english);
        g_assert_cmpstr(german, ==, reasons[i].german);
    }
}

static void test_read(void)
{
    g_autoptr(GError) error = NULL;
    struct gates gates;
    g_assert_true(gates_read("5%", "", "0.3%", 7, &gates, &error));
    g_assert_cmpuint(gates.bounces, ==, 500);
    g_assert_cmpuint(gates.deferrals, ==, 0);
    g_assert_cmpuint(gates.complaints, ==, 30);
    g_assert_cmpuint(gates.backlog, ==, 7);
    g_assert_false(gates_read("5", "", "", 0, &gates, &error));
    g_assert_nonnull(strstr(error->message, "[gates] bounces: \"5\""));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_CONFIG);
}

/* How many of `tries` mails, offered one after the other whenever the limiter says so, go within a minute. */
static guint fed_in_a_minute(const struct rates *rates, const char *domain)
{
    struct rate_limiter *limiter = rate_limiter_new(rates);
    guint fed = 0;
    for (gint64 now = 5000; now < 60 * G_USEC_PER_SEC;) {
        gint64 wait = rate_limiter_take(limiter, domain, now);
        fed += wait == 0;
        now += wait == 0 ? 100 : wait;
    }
    rate_limiter_free(limiter);
    return fed;
}

static void test_rates(void)
{
    g_autoptr(GError) error = NULL;
    const char *const words[] = {"google 60", "mail.example  30", "gmx.net 12", NULL};
    struct rates rates = {.minute = 600, .provider = 120};
    g_assert_true(rates_read(words, &rates, &error));
    g_assert_true(rates_limit(&rates));
    const struct {
        const char *domain;
        guint rate;
    } rows[] = {
        {"gmail.com", 60}, {"googlemail.com", 60}, {"mail.example", 30}, {"web.de", 12}, {"other.example", 120}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint fed = fed_in_a_minute(&rates, rows[i].domain);
        g_test_message("%s", rows[i].domain);
        g_assert_cmpuint(fed, >=, rows[i].rate - 1);
        g_assert_cmpuint(fed, <=, rows[i].rate + rows[i].rate / 60 + 2);
    }
    /* One provider that is slow does not stop the others, and all together keep the overall rate. */
    struct rate_limiter *limiter = rate_limiter_new(&rates);
    guint fed = 0, google = 0;
    for (gint64 now = 0; now < 60 * G_USEC_PER_SEC; now += 5000) {
        g_autofree char *domain = g_strdup_printf("d%" G_GINT64_FORMAT ".example", now % 17);
        google += rate_limiter_take(limiter, "gmail.com", now) == 0;
        fed += rate_limiter_take(limiter, domain, now) == 0;
    }
    g_assert_cmpuint(google, >=, 50);
    g_assert_cmpuint(fed + google, <=, 612);
    g_assert_cmpuint(fed + google, >=, 590);
    rate_limiter_free(limiter);
    rates_release(&rates);
}

static void test_rate_words(void)
{
    static const char *const bad[] = {"google", "google 0", "google sixty", "60 google x", "google -1", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        struct rates rates = {0};
        const char *const words[] = {bad[i], NULL};
        g_assert_false(rates_read(words, &rates, &error));
        g_assert_cmpint(error_exit_status(error), ==, ERROR_CONFIG);
        rates_release(&rates);
    }
    g_assert_false(rates_limit(&(struct rates){0}));
}

static void test_operators(void)
{
    static const char *const rows[][2] = {
        {"gmail.com", "google"},    {"web.de", "1und1"},      {"gmx.net", "1und1"},
        {"t-online.de", "telekom"}, {"live.de", "microsoft"}, {"me.com", "apple"},
        {"aol.com", "yahoo"},       {"arcor.de", "vodafone"}, {"example.org", "example.org"}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(provider_operator(rows[i][0]), ==, rows[i][1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/judge", test_judge);
    g_test_add_func("/gate/reasons", test_reasons);
    g_test_add_func("/gate/read", test_read);
    g_test_add_func("/rate/fed", test_rates);
    g_test_add_func("/rate/words", test_rate_words);
    g_test_add_func("/rate/operators", test_operators);
    return g_test_run();
}
