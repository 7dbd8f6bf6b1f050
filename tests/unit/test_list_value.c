/* test_list_value.c - how the numbers and texts of cells are shown. */
#include "importer/list_value.h"

static const struct {
    const char *name;
    const char *code;
    enum list_format_kind kind;
} code_cases[] = {
    {"general", "General", LIST_PLAIN},
    {"decimals", "0.00", LIST_CODE},
    {"thousands", "#,##0.00 \"EUR/d\"", LIST_CODE},
    {"red negatives", "0;[Red]-0", LIST_CODE},
    {"postcode", "00000", LIST_CODE},
    {"German date", "dd/mm/yyyy;@", LIST_DATE},
    {"date with locale", "[$-407]d. mmmm yyyy", LIST_DATE},
    {"month and year", "mmm yy", LIST_DATE},
    {"month alone", "mmmm", LIST_DATE},
    {"time", "h:mm AM/PM", LIST_TIME},
    {"elapsed", "[hh]:mm:ss", LIST_DURATION},
    {"letters in quotes", "0 \"days\"", LIST_CODE},
    {"escaped letters", "0\\d\\y", LIST_CODE},
    {"a coloured number", "[Magenta]0", LIST_CODE},
    {"unclosed quote", "0 \"dd", LIST_CODE},
    {"unclosed bracket", "0 [dd", LIST_CODE},
    {"nothing", "", LIST_CODE},
};

static void test_codes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(code_cases); i++) {
        g_test_message("%s", code_cases[i].name);
        g_assert_cmpint(list_format_of_code(code_cases[i].code).kind, ==, code_cases[i].kind);
    }
}

static const struct {
    const char *name;
    const char *value;
    struct list_format format;
    gboolean date1904;
    const char *shown;
} number_cases[] = {
    {"integer", "42.0", {LIST_PLAIN, NULL}, FALSE, "42"},
    {"minus zero", "-0", {LIST_PLAIN, NULL}, FALSE, "0"},
    {"zeros in front", "007", {LIST_PLAIN, NULL}, FALSE, "7"},
    {"15 digits", "0.1000000000000000055", {LIST_PLAIN, NULL}, FALSE, "0.1"},
    {"large", "1e20", {LIST_PLAIN, NULL}, FALSE, "1E+20"},
    {"telephone", "491701234567", {LIST_PLAIN, NULL}, FALSE, "491701234567"},
    {"first day", "1", {LIST_DATE, NULL}, FALSE, "1900-01-01"},
    {"before the day that never was", "59", {LIST_DATE, NULL}, FALSE, "1900-02-28"},
    {"after it", "61", {LIST_DATE, NULL}, FALSE, "1900-03-01"},
    {"leap day", "45351", {LIST_DATE, NULL}, FALSE, "2024-02-29"},
    {"last day", "2958465", {LIST_DATE, NULL}, FALSE, "9999-12-31"},
    {"beyond", "2958466", {LIST_DATE, NULL}, FALSE, "2958466"},
    {"negative date", "-1", {LIST_DATE, NULL}, FALSE, "-1"},
    {"1904", "43889", {LIST_DATE, NULL}, TRUE, "2024-02-29"},
    {"rounded up to midnight", "45350.999999999", {LIST_DATE, NULL}, FALSE, "2024-02-29"},
    {"time of a date", "45351.34375", {LIST_TIME, NULL}, FALSE, "08:15:00"},
    {"duration", "2.0625", {LIST_DURATION, NULL}, FALSE, "49:30:00"},
    {"no number", "abc", {LIST_DATE, NULL}, FALSE, "abc"},
    {"hexadecimal", "0x10", {LIST_PLAIN, NULL}, FALSE, "0x10"},
    {"infinity", "1e999", {LIST_DATE, NULL}, FALSE, "1e999"},
    {"not a number", "nan", {LIST_PLAIN, NULL}, FALSE, "nan"},
    {"padded", "1067", {LIST_CODE, "00000"}, FALSE, "01067"},
    {"padded, long enough", "123456", {LIST_CODE, "00000"}, FALSE, "123456"},
    {"padded, negative", "-5", {LIST_CODE, "00000"}, FALSE, "-00005"},
    {"no grouping", "1234567.5", {LIST_CODE, "#,##0.00"}, FALSE, "1234567.50"},
    {"rounded as decimals are", "2.675", {LIST_CODE, "0.00"}, FALSE, "2.68"},
    {"percent", "0.25", {LIST_CODE, "0%"}, FALSE, "25%"},
    {"percent with decimals", "0.1915", {LIST_CODE, "0.0%"}, FALSE, "19.2%"},
    {"euro behind", "9.9", {LIST_CODE, "#,##0.00\\ [$€-407]"}, FALSE, "9.90 €"},
    {"euro in quotes", "9.9", {LIST_CODE, "#,##0.00 \"€\""}, FALSE, "9.90 €"},
    {"accounting",
     "-1234",
     {LIST_CODE, "_-* #,##0.00\\ \"€\"_-;\\-* #,##0.00\\ \"€\"_-;_-* \"-\"_-"},
     FALSE,
     "-1234.00 €"},
    {"accounting, zero", "0", {LIST_CODE, "0.00_-;-0.00_-;_-* \"-\"_-"}, FALSE, "-"},
    {"a little less than nothing", "-0.0001", {LIST_CODE, "0.00;(0.00)"}, FALSE, "0.00"},
    {"in parentheses", "-5", {LIST_CODE, "0;(0)"}, FALSE, "(5)"},
    {"red alone keeps its sign", "-5", {LIST_CODE, "0.0;[Red]0.0"}, FALSE, "-5.0"},
    {"a word", "1", {LIST_CODE, "\"ja\";;\"nein\""}, FALSE, "ja"},
    {"another word", "0", {LIST_CODE, "\"ja\";;\"nein\""}, FALSE, "nein"},
    {"customer number", "1067", {LIST_CODE, "\"K-\"00000"}, FALSE, "K-01067"},
    {"digits in groups", "123456789", {LIST_CODE, "000\\-00\\-0000"}, FALSE, "123-45-6789"},
    {"digits in groups, more than places", "99123456789", {LIST_CODE, "000-00-0000"}, FALSE, "99123-45-6789"},
    {"decimals that need not be", "1.5", {LIST_CODE, "0.0##"}, FALSE, "1.5"},
    {"no point without decimals", "5", {LIST_CODE, "0.##"}, FALSE, "5"},
    {"no zero before the point", "0.5", {LIST_CODE, "#.00"}, FALSE, ".50"},
    {"no place before the point", "12.5", {LIST_CODE, ".00"}, FALSE, "12.50"},
    {"thousands", "1234567", {LIST_CODE, "0.0,\" T€\""}, FALSE, "1234.6 T€"},
    {"general with a word", "5.25", {LIST_CODE, "General\" km\""}, FALSE, "5.25 km"},
    {"hidden", "5", {LIST_CODE, ";;;"}, FALSE, "5"},
    {"fraction", "0.5", {LIST_CODE, "# ?/?"}, FALSE, "0.5"},
    {"exponent", "12345", {LIST_CODE, "0.00E+00"}, FALSE, "12345"},
    {"condition", "5", {LIST_CODE, "[<10]\"few\";\"many\""}, FALSE, "5"},
    {"text", "5", {LIST_CODE, "@"}, FALSE, "5"},
    {"too large for places", "1e15", {LIST_CODE, "0.00"}, FALSE, "1E+15"},
    {"unclosed quote", "5", {LIST_CODE, "0\" x"}, FALSE, "5 x"},
    {"a lone backslash", "5", {LIST_CODE, "0\\"}, FALSE, "5"},
};

static void test_numbers(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(number_cases); i++) {
        g_autoptr(GString) shown = g_string_new(NULL);
        g_test_message("%s", number_cases[i].name);
        list_show_decimal(number_cases[i].value, number_cases[i].format, number_cases[i].date1904, shown);
        g_assert_cmpstr(shown->str, ==, number_cases[i].shown);
    }
}

/* Formats by their number: the workbook's own first, then those that every program knows. */
static void test_formats(void)
{
    struct list_formats formats;
    g_autoptr(GString) shown = g_string_new(NULL);
    list_formats_init(&formats);
    list_formats_add(&formats, 164, "000");
    list_formats_add(&formats, 9, "0.0%");
    const guint ids[] = {0, 164, 9, 10, 14, 4000};
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        list_formats_add_cell(&formats, ids[i]);
    for (guint style = 0; style <= G_N_ELEMENTS(ids); style++) {
        list_show_decimal("0.5", list_formats_cell(&formats, style), FALSE, shown);
        g_string_append_c(shown, '|');
    }
    g_assert_cmpstr(shown->str, ==, "0.5|001|50.0%|50.00%|1899-12-31T12:00:00|0.5|0.5|");
    list_formats_release(&formats);
}

static const struct {
    const char *name;
    double number;
    const char *seen;
    const char *shown; /* NULL: not understood */
} seen_cases[] = {
    {"integer", 42, "42", "42"},
    {"German", 1234.5, "1.234,50 €", "1234.50 €"},
    {"English", 1234.5, "$1,234.50", "$1234.50"},
    {"Swiss", 1234.5, "CHF 1’234.50", "CHF 1234.50"},
    {"French", -1234567.25, "-1\xE2\x80\xAF" "234\xE2\x80\xAF" "567,25", "-1234567.25"},
    {"grouping that looks like decimals", 1234, "1.234", "1234"},
    {"decimals that look like grouping", 1.234, "1,234", "1.234"},
    {"rounded", 2.675, "2,68", "2.68"},
    {"percent", 0.25, "25 %", "25 %"},
    {"percent with decimals", 0.1915, "19,2%", "19.2%"},
    {"padded", 1067, "01067", "01067"},
    {"zero", 0, "0,00", "0.00"},
    {"negative in parentheses", -5, "(5)", "(5)"},
    {"another number", 5, "6", NULL},
    {"a word", 1, "WAHR", "WAHR"},
    {"digits in groups", 1701234567, "0170 1234-567", "0170 1234-567"},
    {"other digits in groups", 1701234568, "0170 1234-567", NULL},
    {"two numbers", 5, "5 von 10", NULL},
    {"exponent", 123456, "1,23E+05", NULL},
    {"hashes", 5, "###", NULL},
    {"an error", 0, "#NUM!", "#NUM!"},
    {"nothing", 5, "", NULL},
};

static void test_seen(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(seen_cases); i++) {
        g_autoptr(GString) shown = g_string_new(NULL);
        g_test_message("%s", seen_cases[i].name);
        g_assert_cmpint(list_show_seen(seen_cases[i].number, seen_cases[i].seen, shown), ==,
                        seen_cases[i].shown != NULL);
        g_assert_cmpstr(shown->str, ==, seen_cases[i].shown != NULL ? seen_cases[i].shown : "");
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
        list_unescape(text, 0);
        g_assert_cmpstr(text->str, ==, escape_cases[i].plain);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list-value/codes", test_codes);
    g_test_add_func("/list-value/numbers", test_numbers);
    g_test_add_func("/list-value/formats", test_formats);
    g_test_add_func("/list-value/seen", test_seen);
    g_test_add_func("/list-value/unescape", test_unescape);
    return g_test_run();
}
