/* test_columns.c - from the heading row to the address column and the attributes' names. */
#include "importer/columns.h"

#include <string.h>

#include "lib/error.h"

/* Headings are separated by |. */
static const struct {
    const char *name;
    const char *headings;
    const char *wanted;
    guint address;
    const char *names;
} good_cases[] = {
    {"German", "Anrede|Nachname|E-Mail|Produkt", NULL, 2, "Anrede|Nachname|Produkt"},
    {"English", "email|name", NULL, 0, "name"},
    {"blanks and case", " E - MAIL  Adresse |Name", NULL, 0, "Name"},
    {"e-mail address", "E-Mail Address|x", NULL, 0, "x"},
    {"full-width letters", "\xEF\xBC\xAD" "ail|x", NULL, 0, "x"},
    {"blanks become _", "Mail|  Datum  der\nBestellung ", NULL, 0, "Datum_der_Bestellung"},
    {"any letters", "Mail|Größe|имя|_x-1", NULL, 0, "Größe|имя|_x-1"},
    {"an empty heading is no attribute", "Mail||x", NULL, 0, "x"},
    {"wanted by heading", "Mail|Zweitmail|x", "zweitmail", 1, "Mail|x"},
    {"wanted by letter", "Mail|a|x", "c", 2, "Mail|a"},
    {"a heading goes before a letter", "Mail|C|x", "C", 1, "Mail|x"},
    {"wanted settles two candidates", "Mail|E-Mail", "E-Mail", 1, "Mail"},
    {"wanted by letter settles two equal ones", "Mail|Mail 2", "A", 0, "Mail_2"},
    {"the address column's heading need be no name", "Ihre E-Mail?|x", "A", 0, "x"},
    {"addresses alone", "Mail", NULL, 0, ""},
};

static const struct {
    const char *name;
    const char *headings;
    const char *wanted;
    enum error_code code;
    const char *says;
} bad_cases[] = {
    {"no candidate", "Name|Vorname", NULL, ERROR_DATA, "--column"},
    {"two candidates", "Mail|Name|E-Mail", NULL, ERROR_DATA, "A ('Mail') and C ('E-Mail')"},
    {"wanted is missing", "Mail|Name", "Adresse", ERROR_USAGE, "'Adresse'"},
    {"wanted is there twice", "Mail|Mail", "Mail", ERROR_USAGE, "2 columns"},
    {"wanted is beyond", "Mail|Name", "C", ERROR_USAGE, "'C'"},
    {"a digit first", "Mail|1. Name", NULL, ERROR_DATA, "column B ('1. Name')"},
    {"a dash first", "Mail|-x", NULL, ERROR_DATA, "column B"},
    {"braces", "Mail|{{x}}", NULL, ERROR_DATA, "column B"},
    {"two equal names", "Mail|a b|a  b", NULL, ERROR_DATA, "column C ('a  b')"},
    {"a long name", "Mail|abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmn", NULL, ERROR_DATA,
     "64 octets"},
};

static struct columns *find(const char *headings, const char *wanted, GError **error)
{
    g_auto(GStrv) cells = g_strsplit(headings, "|", -1);
    struct list_cells heading = {.row = 1, .count = g_strv_length(cells), .cells = (const char *const *)cells};
    return columns_find("LIST", &heading, wanted, error);
}

static void test_good(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(good_cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", good_cases[i].name);
        struct columns *columns = find(good_cases[i].headings, good_cases[i].wanted, &error);
        g_assert_no_error(error);
        g_autofree char *names = g_strjoinv("|", columns->names);
        g_assert_cmpstr(names, ==, good_cases[i].names);
        g_assert_cmpuint(columns->address, ==, good_cases[i].address);
        columns_free(columns);
    }
}

static void test_bad(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", bad_cases[i].name);
        g_assert_null(find(bad_cases[i].headings, bad_cases[i].wanted, &error));
        g_assert_error(error, POSTWELLE_ERROR, (int)bad_cases[i].code);
        if (strstr(error->message, bad_cases[i].says) == NULL)
            g_error("\"%s\" does not say \"%s\"", error->message, bad_cases[i].says);
    }
}

static void test_places(void)
{
    struct columns *columns = find("x||Mail|y", NULL, NULL);
    g_assert_cmpuint(columns->count, ==, 2);
    g_assert_cmpuint(columns->places[0], ==, 0);
    g_assert_cmpuint(columns->places[1], ==, 3);
    g_assert_true(columns->known[2]);
    g_assert_false(columns->known[1]);
    columns_free(columns);
}

static const struct {
    const char *name, *headings, *wanted;
    guint column;     /* where it is found */
    const char *says; /* else */
} person_cases[] = {
    {"tokens", "id|Token|x", NULL, 1, NULL},
    {"tokens before addresses", "E-Mail|Zugangscode", NULL, 1, NULL},
    {"addresses where there are no tokens", "1. Frage?|E-Mail", NULL, 1, NULL},
    {"other headings need be no names", "{{x}}|a|a|token", NULL, 3, NULL},
    {"wanted by heading", "Token|Kennung", "kennung", 1, NULL},
    {"wanted by letter", "Token|Kennung", "b", 1, NULL},
    {"two of them", "Token|Survey token", NULL, 0, "both look like the tokens"},
    {"none", "id|x", NULL, 0, "--column"},
    {"wanted, and not there", "id|Token", "Code", 0, "no column is headed 'Code'"},
};

static void test_person(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(person_cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) cells = g_strsplit(person_cases[i].headings, "|", -1);
        struct list_cells heading = {.row = 1, .count = g_strv_length(cells), .cells = (const char *const *)cells};
        guint column;
        g_test_message("%s", person_cases[i].name);
        gboolean found = columns_find_person("LIST", &heading, person_cases[i].wanted, &column, &error);
        g_assert_true(found == (person_cases[i].says == NULL));
        if (found)
            g_assert_cmpuint(column, ==, person_cases[i].column);
        else
            g_assert_nonnull(strstr(error->message, person_cases[i].says));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/columns/good", test_good);
    g_test_add_func("/columns/bad", test_bad);
    g_test_add_func("/columns/places", test_places);
    g_test_add_func("/columns/person", test_person);
    return g_test_run();
}
