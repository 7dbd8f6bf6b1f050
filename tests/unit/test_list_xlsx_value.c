/* test_list_xlsx_value.c - how numbers of .xlsx cells are shown. */
#include "importer/list_xlsx_value.h"

static const struct {
    const char *name;
    const char *code;
    enum xlsx_format_kind kind;
    guint width;
} code_cases[] = {
    {"general", "General", XLSX_PLAIN, 0},
    {"decimals", "0.00", XLSX_PLAIN, 0},
    {"thousands", "#,##0.00 \"EUR/d\"", XLSX_PLAIN, 0},
    {"red negatives", "0;[Red]-0", XLSX_PLAIN, 0},
    {"postcode", "00000", XLSX_PADDED, 5},
    {"one zero", "0", XLSX_PLAIN, 0},
    {"German date", "dd/mm/yyyy;@", XLSX_DATE, 0},
    {"date with locale", "[$-407]d. mmmm yyyy", XLSX_DATE, 0},
    {"month and year", "mmm yy", XLSX_DATE, 0},
    {"time", "h:mm AM/PM", XLSX_TIME, 0},
    {"elapsed", "[hh]:mm:ss", XLSX_DURATION, 0},
    {"letters in quotes", "0 \"days\"", XLSX_PLAIN, 0},
    {"escaped letters", "0\\d\\y", XLSX_PLAIN, 0},
    {"unclosed quote", "0 \"dd", XLSX_PLAIN, 0},
    {"unclosed bracket", "0 [dd", XLSX_PLAIN, 0},
    {"nothing", "", XLSX_PLAIN, 0},
};

static void test_codes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(code_cases); i++) {
        g_test_message("%s", code_cases[i].name);
        struct xlsx_format format = xlsx_format_of_code(code_cases[i].code);
        g_assert_cmpint(format.kind, ==, code_cases[i].kind);
        g_assert_cmpuint(format.width, ==, code_cases[i].width);
    }
}

static const struct {
    const char *name;
    const char *value;
    struct xlsx_format format;
    gboolean date1904;
    const char *shown;
} number_cases[] = {
    {"integer", "42.0", {XLSX_PLAIN, 0}, FALSE, "42"},
    {"minus zero", "-0", {XLSX_PLAIN, 0}, FALSE, "0"},
    {"15 digits", "0.1000000000000000055", {XLSX_PLAIN, 0}, FALSE, "0.1"},
    {"large", "1e20", {XLSX_PLAIN, 0}, FALSE, "1E+20"},
    {"telephone", "491701234567", {XLSX_PLAIN, 0}, FALSE, "491701234567"},
    {"padded", "1067", {XLSX_PADDED, 5}, FALSE, "01067"},
    {"padded, long enough", "123456", {XLSX_PADDED, 5}, FALSE, "123456"},
    {"padded, negative", "-5", {XLSX_PADDED, 5}, FALSE, "-5"},
    {"first day", "1", {XLSX_DATE, 0}, FALSE, "1900-01-01"},
    {"before the day that never was", "59", {XLSX_DATE, 0}, FALSE, "1900-02-28"},
    {"after it", "61", {XLSX_DATE, 0}, FALSE, "1900-03-01"},
    {"leap day", "45351", {XLSX_DATE, 0}, FALSE, "2024-02-29"},
    {"last day", "2958465", {XLSX_DATE, 0}, FALSE, "9999-12-31"},
    {"beyond", "2958466", {XLSX_DATE, 0}, FALSE, "2958466"},
    {"negative date", "-1", {XLSX_DATE, 0}, FALSE, "-1"},
    {"1904", "43889", {XLSX_DATE, 0}, TRUE, "2024-02-29"},
    {"rounded up to midnight", "45350.999999999", {XLSX_DATE, 0}, FALSE, "2024-02-29"},
    {"time of a date", "45351.34375", {XLSX_TIME, 0}, FALSE, "08:15:00"},
    {"duration", "2.0625", {XLSX_DURATION, 0}, FALSE, "49:30:00"},
    {"no number", "abc", {XLSX_DATE, 0}, FALSE, "abc"},
    {"hexadecimal", "0x10", {XLSX_PLAIN, 0}, FALSE, "0x10"},
    {"infinity", "1e999", {XLSX_DATE, 0}, FALSE, "1e999"},
    {"not a number", "nan", {XLSX_PLAIN, 0}, FALSE, "nan"},
};

static void test_numbers(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(number_cases); i++) {
        g_autoptr(GString) shown = g_string_new(NULL);
        g_test_message("%s", number_cases[i].name);
        xlsx_show_number(number_cases[i].value, number_cases[i].format, number_cases[i].date1904, shown);
        g_assert_cmpstr(shown->str, ==, number_cases[i].shown);
    }
}

static const struct {
    const char *name;
    const char *text;
    const char *plain;
} escape_cases[] = {
    {"none", "a_b", "a_b"},
    {"line break", "a_x000a_b", "a\nb"},
    {"the escape itself", "_x005F_x000D_", "_x000D_"},
    {"beyond ASCII", "_x20AC_", "€"},
    {"half a pair", "_xD800_", "_xD800_"},
    {"NUL", "_x0000_", "_x0000_"},
    {"too short", "_x00", "_x00"},
    {"no digits", "_xyzzy_", "_xyzzy_"},
};

static void test_unescape(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(escape_cases); i++) {
        g_autoptr(GString) text = g_string_new(escape_cases[i].text);
        g_test_message("%s", escape_cases[i].name);
        xlsx_unescape(text);
        g_assert_cmpstr(text->str, ==, escape_cases[i].plain);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list-xlsx-value/codes", test_codes);
    g_test_add_func("/list-xlsx-value/numbers", test_numbers);
    g_test_add_func("/list-xlsx-value/unescape", test_unescape);
    return g_test_run();
}
