/* test_csv_field.c - fields of CSV lines. */
#include "importer/csv_field.h"

static const struct {
    const char *name;
    const char *field;
    const char *written;
} cases[] = {
    {"plain", "Müller", "Müller"},
    {"empty", "", ""},
    {"comma", "a,b", "\"a,b\""},
    {"semicolon", "a;b", "\"a;b\""},
    {"quotation mark", "a\"b", "\"a\"\"b\""},
    {"line break", "a\nb", "\"a\nb\""},
    {"formula", "=1+1", "\"'=1+1\""},
    {"command", "@SUM(A1)", "\"'@SUM(A1)\""},
    {"plus", "+49 30 1234", "\"'+49 30 1234\""},
    {"minus", "-1+1", "\"'-1+1\""},
    {"tab in front", "\t=1", "\"'\t'=1\""},
    {"negative number", "-5", "-5"},
    {"negative decimals", "-0.25", "-0.25"},
    {"a dash", "-", "\"'-\""},
    {"a point is missing its decimals", "-5.", "\"'-5.\""},
    {"formula behind a semicolon", "a;=1+1", "\"a;'=1+1\""},
    {"formula behind a semicolon and quotes", "a;\"=1+1\"", "\"a;\"\"'=1+1\"\"\""},
    {"formula in a new line", "a\n=1+1", "\"a\n'=1+1\""},
    {"an address with a plus", "a+b@x.example", "a+b@x.example"},
    {"no formula behind a comma or blank", "3,- =x", "\"3,- =x\""},
};

static void test_fields(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) line = g_string_new(NULL);
        g_test_message("%s", cases[i].name);
        csv_field_append(line, cases[i].field);
        g_assert_cmpstr(line->str, ==, cases[i].written);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/csv-field/fields", test_fields);
    return g_test_run();
}
