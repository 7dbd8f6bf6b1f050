/* test_verdict.c - every rule of the milter's decisions. */
#include "milter/verdict.h"

#include "lib/error.h"

#include <string.h>

static void check(const struct verdict *verdict, enum verdict_action action, const char *dsn, const char *reason)
{
    g_test_message("%s %s %s %s", verdict_action_word(verdict->action), verdict->code, verdict->dsn, verdict->text);
    g_assert_cmpint(verdict->action, ==, action);
    g_assert_cmpstr(verdict->reason, ==, reason);
    g_assert_cmpstr(verdict->dsn, ==, dsn);
    /* Code, enhanced code and action always agree. */
    char class = action == VERDICT_REJECT ? '5' : action == VERDICT_TEMPFAIL ? '4' : '\0';
    g_assert_cmpint(verdict->code[0], ==, class);
    g_assert_cmpint(verdict->dsn[0], ==, class);
    g_assert_cmpint(class == '\0', ==, verdict->text[0] == '\0');
    for (const char *at = verdict->text; *at != '\0'; at++)
        g_assert_true(g_ascii_isprint(*at) && *at != '%');
}

static void test_owner(void)
{
    static const struct {
        const char *name;
        struct owner_facts facts;
        enum verdict_action action;
        const char *dsn, *reason;
    } cases[] = {
        {"nobody's mail", {.from_fields = 1}, VERDICT_UNTOUCHED, "", "no-client"},
        {"nobody's mail without From", {0}, VERDICT_UNTOUCHED, "", "no-client"},
        {"nobody's mail, broken From",
         {.from_fields = 1, .from_fault = "has no address"},
         VERDICT_UNTOUCHED,
         "",
         "no-client"},
        {"nobody's mail, two From", {.from_fields = 2}, VERDICT_UNTOUCHED, "", "no-client"},
        {"more From fields than looked at", {.from_fields = 9, .from_unseen = TRUE}, VERDICT_REJECT, "5.6.0", "from"},
        {"our own", {.from_fields = 1, .from_client = "a", .sender_client = "a"}, VERDICT_CONTINUE, "", "ok"},
        {"another program's", {.from_fields = 1, .from_client = "a"}, VERDICT_CONTINUE, "", "ok"},
        {"no From, client's sender", {.sender_client = "a"}, VERDICT_REJECT, "5.6.0", "from"},
        {"two From, one a client's", {.from_fields = 2, .named_client = "a"}, VERDICT_REJECT, "5.6.0", "from"},
        {"two From, client's sender", {.from_fields = 2, .sender_client = "a"}, VERDICT_REJECT, "5.6.0", "from"},
        {"broken From naming a client",
         {.from_fields = 1, .from_fault = "has several addresses", .named_client = "a"},
         VERDICT_REJECT,
         "5.6.0",
         "from"},
        {"broken From, client's sender",
         {.from_fields = 1, .from_fault = "has no address", .sender_client = "a"},
         VERDICT_REJECT,
         "5.6.0",
         "from"},
        {"foreign From, client's sender",
         {.from_fields = 1, .sender_client = "a"},
         VERDICT_REJECT,
         "5.7.1",
         "alignment"},
        {"one client's sender, the other's From",
         {.from_fields = 1, .from_client = "a", .sender_client = "b"},
         VERDICT_REJECT,
         "5.7.1",
         "alignment"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct verdict verdict;
        g_test_message("%s", cases[i].name);
        verdict_owner(&cases[i].facts, &verdict);
        check(&verdict, cases[i].action, cases[i].dsn, cases[i].reason);
        g_assert_false(verdict.cancel);
    }
}

#define EACH_ONCE                                                                                                      \
    {                                                                                                                  \
        1, 1, 1, 1, 1, 1                                                                                               \
    }
#define GOOD .queue_id = "4X1", .recipients = 1, .message_size = 1000, .message_limit = 1000

static void test_message(void)
{
    static const struct {
        const char *name;
        struct message_facts facts;
        enum verdict_action action;
        const char *dsn, *reason;
    } cases[] = {
        {"good", {GOOD, .singles = EACH_ONCE}, VERDICT_CONTINUE, "", "ok"},
        {"no queue ID", {.recipients = 1, .singles = EACH_ONCE}, VERDICT_TEMPFAIL, "4.3.5", "queue-id"},
        {"empty queue ID",
         {.queue_id = "", .recipients = 1, .singles = EACH_ONCE},
         VERDICT_TEMPFAIL,
         "4.3.5",
         "queue-id"},
        {"no recipient", {.queue_id = "4X1", .singles = EACH_ONCE}, VERDICT_REJECT, "5.5.3", "envelope"},
        {"too many recipients",
         {GOOD, .singles = EACH_ONCE, .envelope_cut = TRUE},
         VERDICT_REJECT,
         "5.5.3",
         "envelope"},
        {"header too large", {GOOD, .singles = EACH_ONCE, .header_cut = TRUE}, VERDICT_REJECT, "5.3.4", "size"},
        {"body too large", {GOOD, .singles = EACH_ONCE, .body_cut = TRUE}, VERDICT_REJECT, "5.3.4", "size"},
        {"one octet too much",
         {.queue_id = "4X1", .recipients = 1, .singles = EACH_ONCE, .message_size = 1001, .message_limit = 1000},
         VERDICT_REJECT,
         "5.3.4",
         "size"},
        {"no Date", {GOOD, .singles = {1, 0, 1, 1, 1, 1}}, VERDICT_REJECT, "5.6.0", "header"},
        {"two Date", {GOOD, .singles = {1, 2, 1, 1, 1, 1}}, VERDICT_REJECT, "5.6.0", "header"},
        {"two Message-ID", {GOOD, .singles = {1, 1, 2, 1, 1, 1}}, VERDICT_REJECT, "5.6.0", "header"},
        {"no Subject", {GOOD, .singles = {1, 1, 1, 0, 1, 1}}, VERDICT_REJECT, "5.6.0", "header"},
        {"no List-Unsubscribe", {GOOD, .singles = {1, 1, 1, 1, 0, 1}}, VERDICT_REJECT, "5.6.0", "header"},
        {"no List-Unsubscribe-Post", {GOOD, .singles = {1, 1, 1, 1, 1, 0}}, VERDICT_REJECT, "5.6.0", "header"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct verdict verdict;
        g_test_message("%s", cases[i].name);
        verdict_message(&cases[i].facts, &verdict);
        check(&verdict, cases[i].action, cases[i].dsn, cases[i].reason);
        g_assert_cmpint(verdict.alarm, ==, cases[i].action == VERDICT_TEMPFAIL);
    }
}

static void test_content(void)
{
    struct verdict verdict;
    verdict_content(NULL, &verdict);
    check(&verdict, VERDICT_CONTINUE, "", "ok");
    verdict_content("part 2, line 7: 100% <img src=\"https://\303\244\">\r\n250 ok", &verdict);
    check(&verdict, VERDICT_REJECT, "5.6.0", "content");
    g_assert_cmpstr(verdict.text, ==, "part 2, line 7: 100? <img src=\"https://??\">??250 ok");
    g_autofree char *longest = g_strnfill(5000, 'x');
    verdict_content(longest, &verdict);
    g_assert_cmpuint(strlen(verdict.text), ==, VERDICT_TEXT - 1);
}

static void test_sign(void)
{
    static const struct {
        const char *name;
        enum error_code code;
        enum verdict_action action;
        const char *dsn, *reason;
    } cases[] = {
        {"bare line feed", ERROR_DATA, VERDICT_REJECT, "5.6.0", "structure"},
        {"no key", ERROR_UNAVAILABLE, VERDICT_TEMPFAIL, "4.7.5", "key"},
        {"signature does not verify", ERROR_INTERNAL, VERDICT_TEMPFAIL, "4.7.5", "sign"},
        {"system", ERROR_SYSTEM, VERDICT_TEMPFAIL, "4.7.5", "sign"},
    };
    struct verdict verdict;
    verdict_sign(NULL, &verdict);
    check(&verdict, VERDICT_CONTINUE, "", "ok");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        error_set(&error, cases[i].code, "line 3 has a LF alone");
        g_test_message("%s", cases[i].name);
        verdict_sign(error, &verdict);
        check(&verdict, cases[i].action, cases[i].dsn, cases[i].reason);
        g_assert_cmpint(verdict.alarm, ==, cases[i].action == VERDICT_TEMPFAIL);
    }
    g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, ERROR_DATA, "not ours");
    verdict_sign(foreign, &verdict);
    check(&verdict, VERDICT_TEMPFAIL, "4.7.5", "sign");
}

static void test_reserve(void)
{
    static const struct {
        const char *name;
        struct reserve_answer answer;
        enum verdict_action action;
        const char *code, *dsn, *reason;
        gboolean cancel;
    } cases[] = {
        {"ok", {RESERVE_OK, "invitation", ""}, VERDICT_ACCEPT, "", "", "ok", FALSE},
        {"refused", {RESERVE_REFUSED, "", "550 5.7.1 quarter used"}, VERDICT_REJECT, "550", "5.7.1", "policy", FALSE},
        {"other 5yz", {RESERVE_REFUSED, "", "554 5.7.12 no"}, VERDICT_REJECT, "554", "5.7.12", "policy", FALSE},
        {"refused without reply", {RESERVE_REFUSED, "", ""}, VERDICT_TEMPFAIL, "451", "4.3.2", "policyd-doubt", TRUE},
        {"refused with 250",
         {RESERVE_REFUSED, "", "250 2.0.0 ok"},
         VERDICT_TEMPFAIL,
         "451",
         "4.3.2",
         "policyd-doubt",
         TRUE},
        {"refused with 451",
         {RESERVE_REFUSED, "", "451 4.7.1 x"},
         VERDICT_TEMPFAIL,
         "451",
         "4.3.2",
         "policyd-doubt",
         TRUE},
        {"classes differ",
         {RESERVE_REFUSED, "", "550 4.7.1 x"},
         VERDICT_TEMPFAIL,
         "451",
         "4.3.2",
         "policyd-doubt",
         TRUE},
        {"no text", {RESERVE_REFUSED, "", "550 5.7.1 "}, VERDICT_TEMPFAIL, "451", "4.3.2", "policyd-doubt", TRUE},
        {"four digits", {RESERVE_REFUSED, "", "5500 5.7.1 x"}, VERDICT_TEMPFAIL, "451", "4.3.2", "policyd-doubt", TRUE},
        {"no second dot", {RESERVE_REFUSED, "", "550 5.7 x"}, VERDICT_TEMPFAIL, "451", "4.3.2", "policyd-doubt", TRUE},
        {"long numbers",
         {RESERVE_REFUSED, "", "550 5.777.1 x"},
         VERDICT_TEMPFAIL,
         "451",
         "4.3.2",
         "policyd-doubt",
         TRUE},
        {"temporary", {RESERVE_TEMPORARY, "", "452 4.7.2 paused"}, VERDICT_TEMPFAIL, "452", "4.7.2", "policy", FALSE},
        {"temporary without reply", {RESERVE_TEMPORARY, "", ""}, VERDICT_TEMPFAIL, "451", "4.7.1", "policy", FALSE},
        {"temporary with 550",
         {RESERVE_TEMPORARY, "", "550 5.7.1 x"},
         VERDICT_TEMPFAIL,
         "451",
         "4.7.1",
         "policy",
         FALSE},
        {"down", {RESERVE_UNASKED, "", ""}, VERDICT_TEMPFAIL, "451", "4.3.2", "policyd-down", FALSE},
        {"doubt", {RESERVE_DOUBT, "", ""}, VERDICT_TEMPFAIL, "451", "4.3.2", "policyd-doubt", TRUE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct verdict verdict;
        g_test_message("%s", cases[i].name);
        verdict_reserve(&cases[i].answer, &verdict);
        check(&verdict, cases[i].action, cases[i].dsn, cases[i].reason);
        g_assert_cmpstr(verdict.code, ==, cases[i].code);
        g_assert_cmpint(verdict.cancel, ==, cases[i].cancel);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/verdict/owner", test_owner);
    g_test_add_func("/verdict/message", test_message);
    g_test_add_func("/verdict/content", test_content);
    g_test_add_func("/verdict/sign", test_sign);
    g_test_add_func("/verdict/reserve", test_reserve);
    return g_test_run();
}
