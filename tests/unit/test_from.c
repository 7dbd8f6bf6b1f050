/* test_from.c - the From field: one mailbox or a fault. */
#include "milter/from.h"

#include <string.h>

static void test_good(void)
{
    static const struct {
        const char *name, *value, *domain;
    } cases[] = {
        {"address alone", "umfrage@kunde.example", "kunde.example"},
        {"leading space", " umfrage@kunde.example", "kunde.example"},
        {"brackets alone", "<umfrage@kunde.example>", "kunde.example"},
        {"name", "Kunde <umfrage@kunde.example>", "kunde.example"},
        {"quoted name", "\"Kunde, die\" <umfrage@kunde.example>", "kunde.example"},
        {"escaped quote", "\"a \\\" b\" <umfrage@kunde.example>", "kunde.example"},
        {"address in a quoted name", "\"x@other.example\" <umfrage@kunde.example>", "kunde.example"},
        {"encoded word", "=?utf-8?q?M=C3=BCller?= <umfrage@kunde.example>", "kunde.example"},
        {"UTF-8 name", "M\303\274ller <umfrage@kunde.example>", "kunde.example"},
        {"dots in the name", "Dr. M. Muster <umfrage@kunde.example>", "kunde.example"},
        {"folded with LF", "Kunde\n <umfrage@kunde.example>", "kunde.example"},
        {"folded with CR LF", "Kunde\r\n\t<umfrage@kunde.example>", "kunde.example"},
        {"comments", "(a(b\\)c)) umfrage (d) @ (e) kunde.example (f)", "kunde.example"},
        {"capitals", "<umfrage@KUNDE.Example>", "kunde.example"},
        {"final dot", "<umfrage@kunde.example.>", "kunde.example"},
        {"U-label", "<umfrage@m\303\274ller.example>", "xn--mller-kva.example"},
        {"quoted local part", "<\"a b@c\"@kunde.example>", "kunde.example"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char domain[FROM_DOMAIN_SIZE] = "";
        g_test_message("%s", cases[i].name);
        g_assert_cmpstr(from_parse(cases[i].value, domain), ==, NULL);
        g_assert_cmpstr(domain, ==, cases[i].domain);
    }
}

static void test_bad(void)
{
    static const struct {
        const char *name, *value, *fault;
    } cases[] = {
        {"empty", "", "has no address"},
        {"blanks", " \t", "has no address"},
        {"a name alone", "Kunde", "has no readable address"},
        {"two", "a@kunde.example, b@kunde.example", "several"},
        {"two with names", "A <a@kunde.example>, B <b@other.example>", "several"},
        {"comma before", ", a@kunde.example", "several"},
        {"group", "Kunde: a@kunde.example;", "group"},
        {"empty group", "undisclosed:;", "group"},
        {"route", "<@relay.example:a@kunde.example>", "before the @"},
        {"two brackets", "<a@kunde.example><b@other.example>", "after its address"},
        {"brackets in brackets", "<<a@kunde.example>>", "before the @"},
        {"address, then bracket", "a@kunde.example <b@other.example>", "after its address"},
        {"two @", "a@kunde.example@other.example", "after its address"},
        {"literal", "a@[192.0.2.1]", "valid domain"},
        {"host name alone", "root@localhost", "valid domain"},
        {"no domain", "<a@>", "valid domain"},
        {"no local part", "<@kunde.example>", "before the @"},
        {"dots in a row", "<a..b@kunde.example>", "before the @"},
        {"no end", "Kunde <a@kunde.example", "without >"},
        {"words before @", "Kunde a@kunde.example", "without < and >"},
        {"comment without end", "a@kunde.example (b", "without an end"},
        {"quote without end", "\"Kunde <a@kunde.example>", "without an end"},
        {"escape at the end", "(\\", "without an end"},
        {"deep comments", "((((((((((a)))))))))) a@kunde.example", "nested"},
        {"line break without blank", "Kunde\n<a@kunde.example>", "no readable address"},
        {"bare CR", "Kunde\r <a@kunde.example>", "no readable address"},
        {"control character", "Kunde\001 <a@kunde.example>", "no readable address"},
        {"domain around a comment", "<a@kunde.example(.other).test>", "without >"},
        {"trailing text", "<a@kunde.example> Kunde", "after its address"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char domain[FROM_DOMAIN_SIZE];
        const char *fault = from_parse(cases[i].value, domain);
        g_test_message("%s: %s", cases[i].name, fault);
        g_assert_nonnull(fault);
        g_assert_nonnull(strstr(fault, cases[i].fault));
    }
}

static void test_domains(void)
{
    static const struct {
        const char *name, *value, *domain; /* the one that must be found; NULL: none */
    } cases[] = {
        {"two", "a@other.example, b@kunde.example", "kunde.example"},
        {"comment within", "a@kunde(x).example", "kunde.example"},
        {"white space within", "a@ kunde .\n example", "kunde.example"},
        {"in quotes", "\"a@kunde.example\"", "kunde.example"},
        {"within a comment", "x (a@kunde.example", "kunde.example"},
        {"capitals", "a@KUNDE.EXAMPLE;", "kunde.example"},
        {"none", "root@localhost", NULL},
        {"empty", "", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) domains = from_domains(cases[i].value);
        g_test_message("%s", cases[i].name);
        if (cases[i].domain != NULL)
            g_assert_true(g_strv_contains((const char *const *)domains, cases[i].domain));
        else
            g_assert_null(domains[0]);
    }
    g_autofree char *many = g_strnfill(3000, '@');
    GString *long_list = g_string_new(many);
    for (int i = 0; i < 500; i++)
        g_string_append(long_list, "a@kunde.example,");
    g_auto(GStrv) domains = from_domains(long_list->str);
    g_assert_cmpuint(g_strv_length(domains), ==, FROM_DOMAINS_MAX);
    g_string_free(long_list, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/from/good", test_good);
    g_test_add_func("/from/bad", test_bad);
    g_test_add_func("/from/domains", test_domains);
    return g_test_run();
}
