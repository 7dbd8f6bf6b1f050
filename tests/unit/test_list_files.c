/* test_list_files.c - the template and the list with remarks, read back by our own reader. */
#include "importer/list_files.h"

#include <glib/gstdio.h>
#include <string.h>

#include "importer/list_check.h"
#include "lib/error.h"

struct fixture {
    char *folder;
    char *list;
    char *output;
};

static void set_up(struct fixture *fixture, const void *unused)
{
    (void)unused;
    fixture->folder = g_dir_make_tmp("postwelle-XXXXXX", NULL);
    fixture->list = g_build_filename(fixture->folder, "list.csv", NULL);
    fixture->output = g_build_filename(fixture->folder, "output.xlsx", NULL);
}

static void tear_down(struct fixture *fixture, const void *unused)
{
    (void)unused;
    g_unlink(fixture->list);
    g_unlink(fixture->output);
    g_assert_cmpint(g_rmdir(fixture->folder), ==, 0);
    g_free(fixture->folder);
    g_free(fixture->list);
    g_free(fixture->output);
}

static gboolean join_cells(void *cookie, const struct list_cells *row, GError **error)
{
    (void)error;
    GString *rows = cookie;
    g_string_append_printf(rows, "%u:", row->row);
    for (guint i = 0; i < row->count; i++)
        g_string_append_printf(rows, "%s|", row->cells[i]);
    g_string_append_c(rows, '\n');
    return TRUE;
}

static void assert_holds(const char *path, const char *sheet, const char *expected)
{
    g_autoptr(GString) rows = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct list_sink sink = {.cells = join_cells, .cookie = rows};
    list_read(path, sheet, &sink, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(rows->str, ==, expected);
}

/* What we hand out must be what we can read: the headings must do. */
static void test_template(struct fixture *fixture, const void *unused)
{
    (void)unused;
    static const struct {
        const char *language;
        const char *headings;
    } languages[] = {
        {"de", "1:Anrede|Titel|Vorname|Nachname|E-Mail|Sprache|Kundengruppe|Produkt|\n"},
        {"en", "1:Salutation|Title|First name|Last name|E-Mail|Language|Group|Product|\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++) {
        g_autoptr(GError) error = NULL;
        list_template_write(fixture->output, languages[i].language, &error);
        g_assert_no_error(error);
        assert_holds(fixture->output, NULL, languages[i].headings);
        g_assert_cmpint(g_unlink(fixture->output), ==, 0);
    }
}

static void test_template_refused(struct fixture *fixture, const void *unused)
{
    (void)unused;
    g_autoptr(GError) language = NULL, exists = NULL, folder = NULL;
    g_autofree char *text = NULL;
    g_assert_false(list_template_write(fixture->output, "fr", &language));
    g_assert_error(language, POSTWELLE_ERROR, ERROR_USAGE);
    g_assert_false(g_file_test(fixture->output, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_set_contents(fixture->output, "mine", -1, NULL));
    g_assert_false(list_template_write(fixture->output, "de", &exists));
    g_assert_error(exists, POSTWELLE_ERROR, ERROR_CANT_CREATE);
    g_assert_true(g_file_get_contents(fixture->output, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
    g_assert_false(list_template_write("/nonexistent/x.xlsx", "de", &folder));
    g_assert_error(folder, POSTWELLE_ERROR, ERROR_CANT_CREATE);
}

static void test_remarks(struct fixture *fixture, const void *unused)
{
    (void)unused;
    g_autoptr(GPtrArray) remarks = g_ptr_array_new_with_free_func(list_remark_free);
    g_autoptr(GError) error = NULL;
    g_assert_true(
        g_file_set_contents(fixture->list, "Mail;N\na@x.example;=1+1\n\nb@;B\n;C\nd@x.example;D;more\n", -1, NULL));
    g_ptr_array_add(remarks, list_remark_new(4, 0, TRUE, "bad"));
    g_ptr_array_add(remarks, list_remark_new(5, 0, TRUE, "none"));
    g_ptr_array_add(remarks, list_remark_new(6, 1, FALSE, "look"));
    list_remarks_write(fixture->list, NULL, remarks, FALSE, fixture->output, &error);
    g_assert_no_error(error);
    assert_holds(fixture->output, NULL,
                 "1:Mail|N|Remark|\n2:a@x.example|=1+1|\n4:b@|B|bad|\n5:|C|none|\n6:d@x.example|D|more|look|\n");
}

/* A list that can't be read leaves nothing behind. */
static void test_remarks_refused(struct fixture *fixture, const void *unused)
{
    (void)unused;
    g_autoptr(GPtrArray) remarks = g_ptr_array_new_with_free_func(list_remark_free);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(fixture->list, "Mail;N\na@x.example;\"\n", -1, NULL));
    g_assert_false(list_remarks_write(fixture->list, NULL, remarks, FALSE, fixture->output, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
    g_assert_false(g_file_test(fixture->output, G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/list-files/template", struct fixture, NULL, set_up, test_template, tear_down);
    g_test_add("/list-files/template-refused", struct fixture, NULL, set_up, test_template_refused, tear_down);
    g_test_add("/list-files/remarks", struct fixture, NULL, set_up, test_remarks, tear_down);
    g_test_add("/list-files/remarks-refused", struct fixture, NULL, set_up, test_remarks_refused, tear_down);
    return g_test_run();
}
