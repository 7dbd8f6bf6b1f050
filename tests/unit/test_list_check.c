/* test_list_check.c - a verdict for each row, fed from memory. */
#include "importer/list_check.h"

#include <string.h>

#include "lib/error.h"

/* Rows are separated by /, cells by |. An empty row is one without cells: its number is skipped. */
static const struct {
    const char *name;
    const char *list;
    const char *verdicts; /* per row: number, address and values, or number, column and reason; ! before a warning */
    struct list_summary summary;
} cases[] = {
    {"good rows",
     "Mail|Name/a@x.example|A/b@x.example|B",
     "2 a@x.example A/3 b@x.example B",
     {2, 2, 0, 0, 0, 0, FALSE}},
    {"blanks round cells go",
     "Mail|Name/ a@x.example\xC2\xA0|  A  B ",
     "2 a@x.example A  B",
     {1, 1, 0, 0, 0, 0, FALSE}},
    {"a short row has empty values", "Mail|Name|X/a@x.example", "2 a@x.example  ", {1, 1, 0, 0, 0, 0, FALSE}},
    {"the heading may come later", "//Mail|Name/a@x.example|A", "4 a@x.example A", {1, 1, 0, 0, 0, 0, FALSE}},
    {"empty rows are counted",
     "Mail|N/a@x.example|A// | /b@x.example|B",
     "2 a@x.example A/5 b@x.example B",
     {2, 2, 0, 0, 2, 0, FALSE}},
    {"the first of equal ones wins",
     "Mail/Ann@x.example/ANN@X.example./ann@x.example",
     "2 Ann@x.example/3 A the address is already in row 2/4 A the address is already in row 2",
     {3, 1, 2, 2, 0, 0, FALSE}},
    {"one mailbox at a provider",
     "Mail/a.b@gmail.com/ab+x@googlemail.com",
     "2 a.b@gmail.com/3 A the address is already in row 2",
     {2, 1, 1, 1, 0, 0, FALSE}},
    {"a rejected row does not count as the first",
     "Mail|N/a@x.example|A\x01/a@x.example|B",
     "2 B the cell holds a control character; retype it/3 a@x.example B",
     {2, 1, 1, 0, 0, 0, FALSE}},
    {"a broken address",
     "N|Mail/A|a@x,example",
     "2 B character 4, ',', is not allowed after the @",
     {1, 0, 1, 0, 0, 0, FALSE}},
    {"no address", "N|Mail/A", "2 B there is no address", {1, 0, 1, 0, 0, 0, FALSE}},
    {"line breaks become blanks",
     "Mail|Name/a@x.example|A\r\nB\tC",
     "2 a@x.example A B C ! line breaks or tabs in 'Name' became blanks",
     {1, 1, 0, 0, 0, 1, FALSE}},
    {"a line break in the address",
     "Mail/a@x.example\r\nBcc: b@x.example",
     "2 A character 12, U+000D, is a control character (line break, tab or the like)",
     {1, 0, 1, 0, 0, 0, FALSE}},
    {"a value with braces stays as it is",
     "Mail|N/a@x.example|{{Mail}}",
     "2 a@x.example {{Mail}}",
     {1, 1, 0, 0, 0, 0, FALSE}},
    {"warnings",
     "Mail/info@gmial.com",
     "2 info@gmial.com ! mistyped domain? probably meant: gmail.com; a function, not a person's address",
     {1, 1, 0, 0, 0, 1, FALSE}},
};

static gboolean note_row(void *cookie, const struct list_row *row, GError **error)
{
    (void)error;
    GString *verdicts = cookie;
    g_string_append_printf(verdicts, "%s%u ", verdicts->len > 0 ? "/" : "", row->row);
    if (row->verdict == LIST_REJECTED) {
        g_string_append_printf(verdicts, "%c %s", (char)('A' + row->column), row->reason);
        g_assert_null(row->warning);
        return TRUE;
    }
    g_string_append(verdicts, row->address.text);
    for (guint i = 0; row->names[i] != NULL; i++)
        g_string_append_printf(verdicts, " %s", row->values[i]);
    if (row->warning != NULL)
        g_string_append_printf(verdicts, " ! %s", row->warning);
    return TRUE;
}

/* Feeds the list as a reader would; returns list_check_finish()'s answer. */
static gboolean check(const char *list, const char *column, GString *verdicts, struct list_summary *summary,
                      GError **error)
{
    struct list_check_options options = {.file = "LIST", .column = column};
    struct list_check *checker = list_check_new(&options, note_row, verdicts);
    g_auto(GStrv) rows = g_strsplit(list, "/", -1);
    gboolean fine = TRUE;
    for (guint i = 0; fine && rows[i] != NULL; i++) {
        g_auto(GStrv) cells = g_strsplit(rows[i], "|", -1);
        struct list_cells row = {.row = i + 1, .count = g_strv_length(cells), .cells = (const char *const *)cells};
        fine = row.count == 0 || list_check_feed(checker, &row, error);
    }
    fine = fine && list_check_finish(checker, summary, error);
    list_check_free(checker);
    return fine;
}

static void test_verdicts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) verdicts = g_string_new(NULL);
        struct list_summary summary;
        g_test_message("%s", cases[i].name);
        g_assert_true(check(cases[i].list, NULL, verdicts, &summary, &error));
        g_assert_cmpstr(verdicts->str, ==, cases[i].verdicts);
        g_assert_true(memcmp(&summary, &cases[i].summary, sizeof summary) == 0);
    }
}

static const struct {
    const char *name;
    const char *list;
    const char *says;
} bad_cases[] = {
    {"nothing", "", "holds nothing"},
    {"blanks only", " | / ", "holds nothing"},
    {"a heading alone", "Mail|Name/ ", "no row below its heading (row 1)"},
    {"no address column", "Name/A", "no column is headed"},
    {"data below an empty heading", "Mail||N/a@x.example|x", "row 2, column B: there is data"},
    {"data beyond the headings", "Mail/a@x.example|x", "row 2, column B: there is data"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) verdicts = g_string_new(NULL);
        struct list_summary summary;
        g_test_message("%s", bad_cases[i].name);
        g_assert_false(check(bad_cases[i].list, NULL, verdicts, &summary, &error));
        g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
        if (strstr(error->message, bad_cases[i].says) == NULL)
            g_error("\"%s\" does not say \"%s\"", error->message, bad_cases[i].says);
    }
}

/* Remarks for the client are in the language of the headings; reasons are English. */
static gboolean note_remark(void *cookie, const struct list_row *row, GError **error)
{
    (void)error;
    g_string_append_printf(cookie, "%u %s\n", row->row, row->remark != NULL ? row->remark : "-");
    g_assert_true(row->reason == NULL || strstr(row->reason, "Zeile") == NULL);
    return TRUE;
}

static void test_remarks(void)
{
    static const struct {
        const char *heading;
        gboolean german;
        const char *remarks;
    } languages[] = {
        {"Vorname", TRUE,
         "2 -\n3 Die Adresse steht schon in Zeile 2.\n4 Zeichen 2, ',', ist vor dem @ nicht erlaubt.\n"
         "5 Die Adresse fehlt.\n6 Die Zelle enthält ein Steuerzeichen; bitte neu eintippen.\n"
         "7 Zeilenumbrüche oder Tabulatoren in „Vorname“ wurden zu Leerzeichen. Domain vertippt? Gemeint ist wohl: "
         "gmail.com. Die Adresse gehört zu einer Funktion, nicht zu einer Person.\n"},
        {"First", FALSE,
         "2 -\n3 the address is already in row 2\n4 character 2, ',', is not allowed before the @\n"
         "5 there is no address\n6 the cell holds a control character; retype it\n"
         "7 line breaks or tabs in 'First' became blanks; mistyped domain? probably meant: gmail.com; a function, not "
         "a person's address\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++) {
        const char *rows[][2] = {{"E-Mail", languages[i].heading}, {"a@x.example", "A"}, {"A@x.example", "B"},
                                 {"a,b@x.example", "C"}, {"", "D"}, {"b@x.example", "E\x01"},
                                 {"info@gmial.com", "F\nG"}};
        g_autoptr(GString) remarks = g_string_new(NULL);
        struct list_check_options options = {.file = "LIST"};
        struct list_check *checker = list_check_new(&options, note_remark, remarks);
        struct list_summary summary;
        for (guint row = 0; row < G_N_ELEMENTS(rows); row++)
            g_assert_true(list_check_feed(checker, &(struct list_cells){row + 1, 2, rows[row]}, NULL));
        g_assert_true(list_check_finish(checker, &summary, NULL));
        g_assert_cmpstr(remarks->str, ==, languages[i].remarks);
        g_assert_cmpint(summary.german, ==, languages[i].german);
        list_check_free(checker);
    }
}

/* What was taken for a duplicate must be by the identity asked for. */
static void test_strict(void)
{
    static const char *const rows[] = {"Mail", "a.b@gmail.com", "ab@gmail.com", "A.B@gmail.com"};
    struct list_check_options options = {.file = "LIST", .identity = ADDRESS_IDENTITY_STRICT};
    g_autoptr(GString) verdicts = g_string_new(NULL);
    struct list_check *checker = list_check_new(&options, note_row, verdicts);
    struct list_summary summary;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct list_cells row = {.row = i + 1, .count = 1, .cells = &rows[i]};
        g_assert_true(list_check_feed(checker, &row, NULL));
    }
    g_assert_true(list_check_finish(checker, &summary, NULL));
    g_assert_cmpuint(summary.good, ==, 2);
    g_assert_cmpuint(summary.duplicates, ==, 1);
    list_check_free(checker);
}

static void note_nothing(void *cookie, const char *text)
{
    (void)text;
    g_assert_nonnull(cookie);
}

/* The sample list in both its forms has 30 good rows, a duplicate, a broken address and an empty row. */
static void test_sample(void)
{
    static const char *const files[] = {"tests/data/liste.xlsx", "tests/data/liste.csv"};
    g_autofree char *first = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_test_build_filename(G_TEST_DIST, files[i], NULL);
        g_autoptr(GString) verdicts = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        struct list_check_options options = {.file = path};
        struct list_summary summary;
        list_check_file(path, NULL, &options, note_row, note_nothing, verdicts, &summary, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(summary.good, ==, 30);
        g_assert_cmpuint(summary.rejected, ==, 2);
        g_assert_cmpuint(summary.duplicates, ==, 1);
        g_assert_cmpuint(summary.empty, ==, 1);
        g_assert_nonnull(strstr(verdicts->str, "peter.lustig@xn--mller-kva.example Herr Peter Lustig"));
        if (first == NULL)
            first = g_strdup(verdicts->str);
        g_assert_cmpstr(verdicts->str, ==, first);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list-check/verdicts", test_verdicts);
    g_test_add_func("/list-check/bad", test_bad);
    g_test_add_func("/list-check/remarks", test_remarks);
    g_test_add_func("/list-check/strict", test_strict);
    g_test_add_func("/list-check/sample", test_sample);
    return g_test_run();
}
