/* test_status_code.c - enhanced status codes: found in replies, put into words. */
#include "lib/status_code.h"

static const struct {
    const char *name, *reply, *code;
} find_cases[] = {
    {"at the start", "5.1.1 host a[1.2.3.4] said: 550 no", "5.1.1"},
    {"behind the basic code", "550 5.7.26 unauthenticated", "5.7.26"},
    {"the first of two", "4.7.1 said: 450 4.2.0 greylisted", "4.7.1"},
    {"at the end of a sentence", "it said 5.2.2.", "5.2.2"},
    {"in brackets", "(5.1.10)", "5.1.10"},
    {"an address is none", "from 2.5.1.9: no", ""},
    {"nor is a part of one", "192.5.1.1 said no", ""},
    {"nor a word", "a5.1.1", ""},
    {"nor a version", "postfix 3.7.11", ""},
    {"too many digits", "5.1234.1", ""},
    {"class only", "5. 1. 1", ""},
    {"nothing", "", ""},
    {"only dots", "...", ""},
};

static void test_find(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(find_cases); i++) {
        char code[STATUS_CODE_SIZE];
        g_test_message("%s", find_cases[i].name);
        g_assert_cmpint(status_code_find(find_cases[i].reply, code), ==, *find_cases[i].code != '\0');
        g_assert_cmpstr(code, ==, find_cases[i].code);
    }
}

static const struct {
    const char *code, *german, *english;
} meaning_cases[] = {
    {"5.1.1", "Postfach gibt es nicht", "no such mailbox"},
    {"4.2.2", "Postfach voll", "mailbox full"},
    {"5.2.99", "Postfach nimmt nichts an", "mailbox takes no mail"},
    {"5.7.1", "aus Sicherheits- oder Spamgründen abgelehnt", "refused for policy or as spam"},
    {"5.7.26", "Absenderprüfungen nicht bestanden", "sender authentication failed"},
    {"5.1.10", "Domain nimmt keine Mail an", "domain takes no mail"},
    {"5.9.9", "unbekannter Statuscode", "unknown status code"},
    {"5.77.1", "unbekannter Statuscode", "unknown status code"},
    {"", "ohne Statuscode", "without a status code"},
};

static void test_meaning(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(meaning_cases); i++) {
        g_test_message("%s", meaning_cases[i].code);
        g_assert_cmpstr(status_code_meaning(meaning_cases[i].code, TRUE), ==, meaning_cases[i].german);
        g_assert_cmpstr(status_code_meaning(meaning_cases[i].code, FALSE), ==, meaning_cases[i].english);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/status-code/find", test_find);
    g_test_add_func("/status-code/meaning", test_meaning);
    return g_test_run();
}
