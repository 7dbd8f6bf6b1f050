/* test_address.c - which texts are addresses, what is kept of them, and which of them are one recipient. */
#include "lib/address.h"

#include <string.h>

#include "lib/providers.h"

#define L16 "abcdefghijklmnop"
#define L64 L16 L16 L16 L16
#define LABEL63 L16 L16 L16 "abcdefghijklmno"

static const struct {
    const char *name;
    const char *text;
    enum address_fault fault;
    const char *kept;   /* good: as sent */
    size_t where;       /* bad: the octet */
} parse_cases[] = {
    {"plain", "anna@kunde.example", ADDRESS_GOOD, "anna@kunde.example", 0},
    {"case of the local part stays, the domain's goes", "Anna.M@KUNDE.Example", ADDRESS_GOOD, "Anna.M@kunde.example",
     0},
    {"all of atext", "a#$&'*+/=?^_`{|}~-z@x.example", ADDRESS_GOOD, "a#$&'*+/=?^_`{|}~-z@x.example", 0},
    {"digits and dashes in a domain", "a@1-2.x9.example", ADDRESS_GOOD, "a@1-2.x9.example", 0},
    {"one trailing dot goes", "a@kunde.example.", ADDRESS_GOOD, "a@kunde.example", 0},
    {"64 octets before the @", L64 "@x.example", ADDRESS_GOOD, L64 "@x.example", 0},
    {"a label of 63", "a@" LABEL63 ".example", ADDRESS_GOOD, "a@" LABEL63 ".example", 0},
    {"U-label", "a@müller.example", ADDRESS_GOOD, "a@xn--mller-kva.example", 0},
    {"U-label in capitals", "a@MÜLLER.EXAMPLE", ADDRESS_GOOD, "a@xn--mller-kva.example", 0},
    {"U-label decomposed", "a@mu\xCC\x88ller.example", ADDRESS_GOOD, "a@xn--mller-kva.example", 0},
    {"U-label with a trailing dot", "a@müller.example.", ADDRESS_GOOD, "a@xn--mller-kva.example", 0},
    {"A-label", "a@XN--mller-KVA.example", ADDRESS_GOOD, "a@xn--mller-kva.example", 0},
    {"sharp s is not ss", "a@groß.example", ADDRESS_GOOD, "a@xn--gro-7ka.example", 0},
    {"ideographic full stop",
     "a@kunde\xE3\x80\x82"
     "example",
     ADDRESS_GOOD, "a@kunde.example", 0},
    {"UTF-8 local part", "jürgen@kunde.example", ADDRESS_GOOD, "jürgen@kunde.example", 0},
    {"UTF-8 local part is composed", "ju\xCC\x88rgen@kunde.example", ADDRESS_GOOD, "jürgen@kunde.example", 0},

    {"nothing", "", ADDRESS_EMPTY, NULL, 0},
    {"a word", "anna", ADDRESS_NO_AT, NULL, 0},
    {"only an @", "@", ADDRESS_NO_LOCAL, NULL, 0},
    {"no local part", "@x.example", ADDRESS_NO_LOCAL, NULL, 0},
    {"no domain", "anna@", ADDRESS_NO_DOMAIN, NULL, 0},
    {"only a dot for a domain", "anna@.", ADDRESS_EMPTY_LABEL, NULL, 5},
    {"two @", "a@b@x.example", ADDRESS_TWO_AT, NULL, 3},
    {"two addresses by comma", "a@x.example,b@x.example", ADDRESS_SEVERAL, NULL, 11},
    {"two addresses by semicolon", "a@x.example; b@x.example", ADDRESS_SEVERAL, NULL, 11},
    {"name and address", "Anna <a@x.example>", ADDRESS_BRACKETS, NULL, 5},
    {"address in brackets", "<a@x.example>", ADDRESS_BRACKETS, NULL, 0},
    {"mailto", "mailto:a@x.example", ADDRESS_BAD_LOCAL, NULL, 6},
    {"comment", "a(b)@x.example", ADDRESS_BAD_LOCAL, NULL, 1},
    {"blank before the @", "a b@x.example", ADDRESS_SPACE, NULL, 1},
    {"blank after the @", "a@x .example", ADDRESS_SPACE, NULL, 3},
    {"blank in an international domain", "a@mü .example", ADDRESS_SPACE, NULL, 5},
    {"no-break space", "a\xC2\xA0@x.example", ADDRESS_SPACE, NULL, 1},
    {"comma in the domain", "karl@kunde,example", ADDRESS_BAD_DOMAIN, NULL, 10},
    {"comma in an international domain", "karl@münde,example", ADDRESS_BAD_DOMAIN, NULL, 11},
    {"underscore in the domain", "a@x_y.example", ADDRESS_BAD_DOMAIN, NULL, 3},
    {"format string", "%s@x.example", ADDRESS_ROUTED, NULL, 0},
    {"percent hack", "a%b.example@x.example", ADDRESS_ROUTED, NULL, 1},
    {"bang path", "host!a@x.example", ADDRESS_ROUTED, NULL, 4},
    {"source route", "@r.example:a@x.example", ADDRESS_ROUTED, NULL, 0},
    {"first dot", ".a@x.example", ADDRESS_LOCAL_DOTS, NULL, 0},
    {"last dot", "a.@x.example", ADDRESS_LOCAL_DOTS, NULL, 1},
    {"two dots", "a..b@x.example", ADDRESS_LOCAL_DOTS, NULL, 2},
    {"quoted", "\"a b\"@x.example", ADDRESS_QUOTED, NULL, 0},
    {"leading dash", "-a@x.example", ADDRESS_LEADING_DASH, NULL, 0},
    {"IPv4 literal", "a@[192.0.2.1]", ADDRESS_LITERAL, NULL, 2},
    {"IPv6 literal", "a@[IPv6:2001:db8::1]", ADDRESS_LITERAL, NULL, 2},
    {"IPv4 without brackets", "a@192.0.2.1", ADDRESS_LITERAL, NULL, 2},
    {"a host alone", "root@localhost", ADDRESS_NO_DOT, NULL, 0},
    {"an international host alone", "root@müller", ADDRESS_NO_DOT, NULL, 0},
    {"two dots in the domain", "a@x..example", ADDRESS_EMPTY_LABEL, NULL, 4},
    {"two dots at the end", "a@x.example..", ADDRESS_EMPTY_LABEL, NULL, 11},
    {"a first dot in the domain", "a@.x.example", ADDRESS_EMPTY_LABEL, NULL, 2},
    {"label begins with a dash", "a@x.-y.example", ADDRESS_LABEL_DASH, NULL, 4},
    {"label ends with a dash", "a@x-.example", ADDRESS_LABEL_DASH, NULL, 2},
    {"65 octets before the @", "x" L64 "@x.example", ADDRESS_LONG_LOCAL, NULL, 0},
    {"65 octets of UTF-8", "ü" L16 L16 L16 "abcdefghijklmno@x.example", ADDRESS_LONG_LOCAL, NULL, 0},
    {"a label of 64", "a@" L64 ".example", ADDRESS_LONG_LABEL, NULL, 2},
    {"a domain of 256", "a@" LABEL63 "." LABEL63 "." LABEL63 "." LABEL63, ADDRESS_LONG_DOMAIN, NULL, 0},
    {"an address of 254", L64 "@" LABEL63 "." LABEL63 "." L16 L16 L16 ".abcdefghij.x", ADDRESS_GOOD,
     L64 "@" LABEL63 "." LABEL63 "." L16 L16 L16 ".abcdefghij.x", 0},
    {"an address of 259", L64 "@" LABEL63 "." LABEL63 "." LABEL63 ".x", ADDRESS_LONG, NULL, 0},
    {"header injection", "a@x.example\r\nBcc: b@x.example", ADDRESS_CONTROL, NULL, 11},
    {"tab", "a\t@x.example", ADDRESS_CONTROL, NULL, 1},
    {"C1 control", "a\xC2\x85@x.example", ADDRESS_CONTROL, NULL, 1},
    {"right-to-left override", "a\xE2\x80\xAE@x.example", ADDRESS_HIDDEN, NULL, 1},
    {"zero-width space", "a@x\xE2\x80\x8B.example", ADDRESS_HIDDEN, NULL, 3},
    {"soft hyphen",
     "a@kun\xC2\xAD"
     "de.example",
     ADDRESS_HIDDEN, NULL, 5},
    {"a Greek question mark, which is composed into a semicolon", "a\xCD\xBE@x.example", ADDRESS_HIDDEN, NULL, 1},
    {"a Kelvin sign, which is composed into a K", "\xE2\x84\xAA@x.example", ADDRESS_HIDDEN, NULL, 0},
    {"private use", "a\xEE\x80\x80@x.example", ADDRESS_HIDDEN, NULL, 1},
    {"Windows-1252", "j\xFCrgen@x.example", ADDRESS_NOT_UTF8, NULL, 1},
    {"overlong UTF-8", "a\xC0\xAF@x.example", ADDRESS_NOT_UTF8, NULL, 1},
    {"an A-label of nothing", "a@xn--.example", ADDRESS_LABEL_DASH, NULL, 2},
    {"an A-label that decodes to none", "a@xn--99999999999.example", ADDRESS_IDNA, NULL, 0},
    {"a symbol", "a@☃.example", ADDRESS_IDNA, NULL, 0},
    {"a label that begins with a combining mark", "a@\xCC\x88x.example", ADDRESS_IDNA, NULL, 0},
};

static void test_parse(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parse_cases); i++) {
        const char *text = parse_cases[i].text;
        struct address address;
        size_t where = 99;
        g_test_message("%s", parse_cases[i].name);
        enum address_fault fault = address_parse(text, strlen(text), &address, &where);
        g_assert_cmpint(fault, ==, parse_cases[i].fault);
        if (fault == ADDRESS_GOOD) {
            g_assert_cmpstr(address.text, ==, parse_cases[i].kept);
            g_assert_cmpint(address.text[address.at], ==, '@');
        } else
            g_assert_cmpuint(where, ==, parse_cases[i].where);
    }
}

static void test_nul(void)
{
    struct address address;
    size_t where;
    g_assert_cmpint(address_parse("a@x.example\0y", 13, &address, &where), ==, ADDRESS_CONTROL);
    g_assert_cmpuint(where, ==, 11);
}

static void test_smtputf8(void)
{
    struct address address;
    g_assert_cmpint(address_parse("ü@x.example", strlen("ü@x.example"), &address, NULL), ==, ADDRESS_GOOD);
    g_assert_true(address.smtputf8);
    g_assert_cmpint(address_parse("u@ü.example", strlen("u@ü.example"), &address, NULL), ==, ADDRESS_GOOD);
    g_assert_false(address.smtputf8);
}

static const struct {
    const char *name;
    const char *text;
    const char *message;
} message_cases[] = {
    {"a character is named with its number", "jürgen@x,example", "character 9, ',', is not allowed after the @"},
    {"an invisible one by its code", "a\xE2\x80\xAE@x.example",
     "character 2, U+202E, is invisible, turns the writing direction or only looks like another; retype the address"},
    {"a wrong octet by its value", "j\xFC@x.example", "character 2, octet 0xFC, is not valid UTF-8"},
    {"the whole", "anna", "the @ is missing"},
};

static void test_message(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(message_cases); i++) {
        const char *text = message_cases[i].text;
        struct address address;
        size_t where;
        g_test_message("%s", message_cases[i].name);
        enum address_fault fault = address_parse(text, strlen(text), &address, &where);
        g_autofree char *message = address_fault_message(fault, text, strlen(text), where);
        g_assert_cmpstr(message, ==, message_cases[i].message);
    }
}

static const struct {
    const char *name;
    const char *text;
    const char *mailbox;
    const char *strict;
} canonical_cases[] = {
    {"case", "Anna.M@Kunde.Example.", "anna.m@kunde.example", "anna.m@kunde.example"},
    {"U-label and A-label", "a@Müller.example", "a@xn--mller-kva.example", "a@xn--mller-kva.example"},
    {"case beyond ASCII", "JÜRGEN@x.example", "jürgen@x.example", "jÜrgen@x.example"},
    {"tags are nothing special elsewhere", "a+b.c@kunde.example", "a+b.c@kunde.example", "a+b.c@kunde.example"},
    {"Google: dots, tag and domain", "A.nn.a+Umfrage@googlemail.com", "anna@gmail.com",
     "a.nn.a+umfrage@googlemail.com"},
    {"Outlook: tag, but dots count", "an.na+x@outlook.com", "an.na@outlook.com", "an.na+x@outlook.com"},
    {"a tag alone stays", "+x@gmail.com", "+x@gmail.com", "+x@gmail.com"},
    {"Apple's three domains", "anna@me.com", "anna@icloud.com", "anna@me.com"},
};

static void test_canonical(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(canonical_cases); i++) {
        const char *text = canonical_cases[i].text;
        struct address address;
        char canonical[ADDRESS_CANONICAL_SIZE];
        g_test_message("%s", canonical_cases[i].name);
        g_assert_cmpint(address_parse(text, strlen(text), &address, NULL), ==, ADDRESS_GOOD);
        address_canonical(&address, ADDRESS_IDENTITY_MAILBOX, canonical);
        g_assert_cmpstr(canonical, ==, canonical_cases[i].mailbox);
        address_canonical(&address, ADDRESS_IDENTITY_STRICT, canonical);
        g_assert_cmpstr(canonical, ==, canonical_cases[i].strict);
    }
}

/* U+0390 becomes three characters of two octets each when folded: the longest canonical form there is. */
static void test_longest_canonical(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 32; i++)
        g_string_append(text, "\xCE\x90");
    g_string_append(text, "@x.example");
    struct address address;
    char canonical[ADDRESS_CANONICAL_SIZE];
    g_assert_cmpint(address_parse(text->str, text->len, &address, NULL), ==, ADDRESS_GOOD);
    address_canonical(&address, ADDRESS_IDENTITY_MAILBOX, canonical);
    g_assert_true(g_str_has_suffix(canonical, "@x.example"));
    g_assert_true(g_utf8_validate(canonical, -1, NULL));
}

static const struct {
    const char *name;
    const char *text;
    unsigned warnings;
    const char *suggestion;
} warning_cases[] = {
    {"a person", "anna@kunde.example", 0, NULL},
    {"the first role", "Abuse@kunde.example", ADDRESS_ROLE, NULL},
    {"a role", "NoReply@kunde.example", ADDRESS_ROLE, NULL},
    {"the last role", "zentrale@kunde.example", ADDRESS_ROLE, NULL},
    {"the first typo", "anna@aol.con", ADDRESS_TYPO, "aol.com"},
    {"a typo", "anna@GMIAL.com", ADDRESS_TYPO, "gmail.com"},
    {"the last typo", "anna@yahoo.con", ADDRESS_TYPO, "yahoo.com"},
    {"Cyrillic a in a Latin domain", "anna@kund\xD0\xB0.example", ADDRESS_MIXED_SCRIPTS, NULL},
    {"the same as A-label", "anna@xn--kund-63d.example", ADDRESS_MIXED_SCRIPTS, NULL},
    {"Cyrillic a in a Latin local part", "\xD0\xB0nna@kunde.example", ADDRESS_MIXED_SCRIPTS, NULL},
    {"Cyrillic below a Latin ending", "anna@\xD0\xB0\xD0\xB1.example", 0, NULL},
};

static void test_warnings(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(warning_cases); i++) {
        const char *text = warning_cases[i].text;
        const char *suggestion;
        struct address address;
        g_test_message("%s", warning_cases[i].name);
        g_assert_cmpint(address_parse(text, strlen(text), &address, NULL), ==, ADDRESS_GOOD);
        g_assert_cmpuint(address_warnings(&address, &suggestion), ==, warning_cases[i].warnings);
        g_assert_cmpstr(suggestion, ==, warning_cases[i].suggestion);
    }
}

static const struct {
    const char *name, *text, *shown;
} shown_cases[] = {
    {"ASCII", "anna@kunde.example", "anna@kunde.example"},
    {"an address", "anna@xn--mller-kva.example", "anna@m\xC3\xBCller.example"},
    {"a domain", "mail.xn--mller-kva.example", "mail.m\xC3\xBCller.example"},
    {"sharp s", "xn--gro-7ka.example", "gro\xC3\x9F.example"},
    {"a local part that looks like an A-label", "xn--mller-kva@kunde.example", "xn--mller-kva@kunde.example"},
    {"a local part in UTF-8", "m\xC3\xBCller@xn--mller-kva.example", "m\xC3\xBCller@m\xC3\xBCller.example"},
    {"mixed scripts", "xn--kund-63d.example", "xn--kund-63d.example"},
    {"all of one other script", "xn--80ac.example", "\xD0\xB0\xD0\xB1.example"},
    {"decodes to ASCII", "xn--abc-.example", "xn--abc-.example"},
    {"decodes to what is no domain", "xn--99999999999.example", "xn--99999999999.example"},
    {"no domain at all", "GMX, WEB.DE (1&1)", "GMX, WEB.DE (1&1)"},
    {"nothing", "", ""},
};

static void test_shown(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(shown_cases); i++) {
        g_autofree char *shown = address_shown(shown_cases[i].text);
        g_test_message("%s", shown_cases[i].name);
        g_assert_cmpstr(shown, ==, shown_cases[i].shown);
    }
}

static void test_providers(void)
{
    g_assert_cmpstr(provider_find("fastmail.com")->mailbox, ==, "fastmail.com");
    g_assert_cmpstr(provider_find("protonmail.com")->mailbox, ==, "proton.me");
    g_assert_null(provider_find("kunde.example"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/parse", test_parse);
    g_test_add_func("/address/nul", test_nul);
    g_test_add_func("/address/smtputf8", test_smtputf8);
    g_test_add_func("/address/message", test_message);
    g_test_add_func("/address/canonical", test_canonical);
    g_test_add_func("/address/longest-canonical", test_longest_canonical);
    g_test_add_func("/address/warnings", test_warnings);
    g_test_add_func("/address/shown", test_shown);
    g_test_add_func("/address/providers", test_providers);
    return g_test_run();
}
