/* test_error.c - the exit status and the class of errors. */
#include "lib/error.h"

#include <errno.h>
#include <gio/gio.h>

static const struct {
    const char *name;
    enum error_code code;
    int errnum;
    int status;
    gboolean temporary;
} errno_cases[] = {
    {"a missing file is missing input", ERROR_SYSTEM, ENOENT, EX_NOINPUT, FALSE},
    {"a closed file is denied", ERROR_SYSTEM, EACCES, EX_NOPERM, FALSE},
    {"a full disk heals", ERROR_SYSTEM, ENOSPC, EX_IOERR, TRUE},
    {"other failures of the system heal", ERROR_SYSTEM, EMFILE, EX_OSERR, TRUE},
    {"a chosen code stays", ERROR_CONFIG, ENOENT, EX_CONFIG, FALSE},
};

static void test_errno(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(errno_cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", errno_cases[i].name);
        g_assert_false(error_from_errno(&error, errno_cases[i].code, errno_cases[i].errnum, "%s", "x.conf"));
        g_assert_cmpint(error_exit_status(error), ==, errno_cases[i].status);
        g_assert_cmpint(error_is_temporary(error), ==, errno_cases[i].temporary);
        g_assert_true(g_str_has_prefix(error->message, "x.conf: "));
    }
}

static void test_other_domains(void)
{
    g_autoptr(GError) option = g_error_new_literal(G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "x");
    g_autoptr(GError) file = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");
    g_autoptr(GError) strange = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, "x");
    g_assert_cmpint(error_exit_status(NULL), ==, 0);
    g_assert_cmpint(error_exit_status(option), ==, EX_USAGE);
    g_assert_cmpint(error_exit_status(file), ==, EX_NOINPUT);
    g_assert_cmpint(error_exit_status(strange), ==, EX_SOFTWARE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/errno", test_errno);
    g_test_add_func("/error/other-domains", test_other_domains);
    return g_test_run();
}
