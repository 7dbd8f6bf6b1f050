/* test_bounce.c - what mails that came back say; the mails are the fuzz target's corpus. */
#include "importer/bounce.h"

#include <string.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz234567"
#define PATH "pw-" TOKEN "@bounce.muster.example"
#define UNSUBSCRIBE "qrstuvwxyz234567abcdefghijklmnop"

static const struct {
    const char *file;
    const char *sender;
    enum bounce_kind kind;
    const char *status;
    const char *token;
} cases[] = {
    {"postfix-unknown", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"postfix-full", "", BOUNCE_SOFT, "5.2.2", TOKEN},
    {"policy-block", "", BOUNCE_SOFT, "5.7.1", TOKEN},
    {"expired", "", BOUNCE_SOFT, "4.4.1", TOKEN},
    {"delayed", "", BOUNCE_NONE, "", TOKEN},
    {"relayed", "", BOUNCE_NONE, "", TOKEN},
    {"vague-status", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"vague-words", "", BOUNCE_HARD, "5.0.0", TOKEN},
    {"exchange-ndr", "", BOUNCE_HARD, "5.1.10", TOKEN},
    {"null-mx", "", BOUNCE_HARD, "5.1.10", TOKEN},
    {"two-groups-mixed", "", BOUNCE_NONE, "5.1.1", TOKEN},
    {"two-groups-failed", "", BOUNCE_SOFT, "5.2.2", TOKEN},
    {"base64-status", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"global-status", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"no-status-part", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"nested", "anna@mail.example", BOUNCE_NONE, "", TOKEN},
    {"nested", "", BOUNCE_NONE, "", TOKEN},
    {"cut-off", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"crlf", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"qmail", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"exim", "", BOUNCE_HARD, "", TOKEN},
    {"exim-delay", "", BOUNCE_NONE, "", TOKEN},
    {"german", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"old-exchange", "", BOUNCE_SOFT, "5.2.2", TOKEN},
    {"out-of-office", "", BOUNCE_AUTO_REPLY, "", TOKEN},
    {"vacation-old", "anna@mail.example", BOUNCE_AUTO_REPLY, "", TOKEN},
    {"person", "anna@mail.example", BOUNCE_NONE, "", TOKEN},
    {"person-system-name", "anna@mail.example", BOUNCE_NONE, "", TOKEN},
    {"no-header", "", BOUNCE_NONE, "", TOKEN},
    {"empty", "", BOUNCE_NONE, "", TOKEN},
    {"8bit", "", BOUNCE_HARD, "5.1.1", TOKEN},
    {"arf", "feedback@mail.example", BOUNCE_COMPLAINT, "", TOKEN},
    {"arf-return-path", "feedback@mail.example", BOUNCE_COMPLAINT, "", TOKEN},
    {"arf-unsubscribe", "feedback@mail.example", BOUNCE_COMPLAINT, "", UNSUBSCRIBE},
    {"arf-redacted", "feedback@mail.example", BOUNCE_COMPLAINT, "", ""},
    {"arf-not-spam", "feedback@mail.example", BOUNCE_NONE, "", TOKEN},
    {"cfbl", "feedback@mail.example", BOUNCE_COMPLAINT, "", TOKEN},
};

static char *load(const char *name, gsize *size_r)
{
    g_autofree char *file = g_strconcat(name, ".eml", NULL);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tests", "fuzz", "corpus", "bounce", file, NULL);
    g_autoptr(GError) error = NULL;
    char *text;
    g_file_get_contents(path, &text, size_r, &error);
    g_assert_no_error(error);
    return text;
}

static void test_corpus(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize size;
        struct bounce bounce;
        g_autofree char *mail = load(cases[i].file, &size);
        gboolean complaint = g_str_has_prefix(cases[i].file, "arf") || strcmp(cases[i].file, "cfbl") == 0;
        bounce_read(mail, size, cases[i].sender, complaint ? "complaints@agency.example" : PATH, &bounce);
        g_test_message("%s: %s %s, %s", cases[i].file, bounce_kind_name(bounce.kind), bounce.status, bounce.text);
        g_assert_cmpint(bounce.kind, ==, cases[i].kind);
        g_assert_cmpstr(bounce.status, ==, cases[i].status);
        g_assert_cmpstr(bounce.token, ==, cases[i].token);
    }
}

/* Sent to an address without a token: nobody is meant, whatever the mail says. */
static void test_tokenless(void)
{
    static const char *const recipients[] = {"",
                                             "bounce@bounce.muster.example",
                                             "pw-abc@bounce.muster.example",
                                             "xpw-" TOKEN "@bounce.muster.example",
                                             "pw-" TOKEN "a@bounce.muster.example",
                                             "pw-" TOKEN,
                                             TOKEN "@bounce.muster.example",
                                             "pw-abcdefghijklmnopqrstuvwxyz234589@b.example"};
    gsize size;
    g_autofree char *mail = load("postfix-unknown", &size);
    for (size_t i = 0; i < G_N_ELEMENTS(recipients); i++) {
        struct bounce bounce;
        bounce_read(mail, size, "", recipients[i], &bounce);
        g_test_message("%s", recipients[i]);
        g_assert_cmpstr(bounce.token, ==, "");
    }
    struct bounce bounce;
    bounce_read(mail, size, "", "<PW-ABCDEFGHIJKLMNOPQRSTUVWXYZ234567@bounce.muster.example>", &bounce);
    g_assert_cmpstr(bounce.token, ==, TOKEN); /* mail systems may change the case */
}

/* Too large to be one; and at the limit in good time, whatever it is made of. */
static void test_huge(void)
{
    static const char *const fills[] = {
        "a", "\n", "--b1\n", "5.1.1 ", "pw-abcdefghijklmnopqrstuvwxyz234567", "=\n", ": ;", "Action: failed\n\n"};
    gsize size;
    struct bounce bounce;
    g_autofree char *mail = load("postfix-unknown", &size);
    for (size_t i = 0; i < G_N_ELEMENTS(fills); i++) {
        g_autoptr(GString) huge = g_string_new(mail);
        while (huge->len < INBOUND_SIZE)
            g_string_append(huge, fills[i]);
        g_string_truncate(huge, INBOUND_SIZE);
        bounce_read(huge->str, huge->len, "", PATH, &bounce);
        g_assert_cmpint(bounce.kind, ==, BOUNCE_HARD);
        g_string_append_c(huge, 'x');
        bounce_read(huge->str, huge->len, "", PATH, &bounce);
        g_assert_cmpint(bounce.kind, ==, BOUNCE_NONE);
        g_assert_cmpstr(bounce.token, ==, "");
        /* The same as the beginning of a mail. */
        g_string_assign(huge, "");
        while (huge->len < INBOUND_SIZE - 100)
            g_string_append(huge, fills[i]);
        bounce_read(huge->str, huge->len, "", PATH, &bounce);
    }
}

static const struct {
    const char *status, *text;
    enum bounce_kind kind;
} class_cases[] = {
    {"5.1.1", "", BOUNCE_HARD},
    {"5.1.2", "", BOUNCE_HARD},
    {"5.2.1", "mailbox disabled", BOUNCE_HARD},
    {"5.1.0", "Unknown user", BOUNCE_HARD},
    {"5.1.0", "sender refused", BOUNCE_SOFT},
    {"5.1.8", "bad sender's address", BOUNCE_SOFT},
    {"5.7.1", "user unknown", BOUNCE_SOFT},
    {"5.2.2", "user unknown or over quota", BOUNCE_SOFT},
    {"4.1.1", "user unknown", BOUNCE_SOFT},
    {"5.5.0", "No such user", BOUNCE_HARD},
    {"5.4.4", "Host or domain name not found. does not exist", BOUNCE_HARD},
    {"5.4.1", "relay access denied", BOUNCE_SOFT},
    {"", "550 Benutzer unbekannt", BOUNCE_HARD},
    {"", "554 no", BOUNCE_SOFT},
    {"5.3.4", "too large", BOUNCE_SOFT},
};

static void test_classes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(class_cases); i++) {
        g_test_message("%s %s", class_cases[i].status, class_cases[i].text);
        g_assert_cmpint(bounce_classify(class_cases[i].status, class_cases[i].text), ==, class_cases[i].kind);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bounce/corpus", test_corpus);
    g_test_add_func("/bounce/tokenless", test_tokenless);
    g_test_add_func("/bounce/huge", test_huge);
    g_test_add_func("/bounce/classes", test_classes);
    return g_test_run();
}
