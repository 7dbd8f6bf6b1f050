/* test_config.c - configuration files are taken whole or refused with file, group and option. */
#include "lib/config.h"
#include "lib/error.h"

#include <glib/gstdio.h>

static const struct config_option options[] = {
    {"a", "text", CONFIG_TEXT, "x", 0, 0, NULL, "a text"},
    {"a", "path", CONFIG_PATH, "sub/file", 0, 0, NULL, "a path"},
    {"a", "number", CONFIG_NUMBER, "5", 1, 10, NULL, "a number"},
    {"a", "size", CONFIG_SIZE, "2K", 0, 1 << 20, NULL, "a size"},
    {"a", "time", CONFIG_DURATION, "2h", 0, 86400, NULL, "a duration"},
    {"a", "switch", CONFIG_SWITCH, "no", 0, 0, NULL, "a switch"},
    {"a", "choice", CONFIG_CHOICE, "red", 0, 0, "red|blue", "a choice"},
    {"a", "list", CONFIG_LIST, "", 0, 0, NULL, "a list"},
    {"b", "must", CONFIG_TEXT, NULL, 0, 0, NULL, "what must be there"},
    {0},
};
static const struct config_table table = {"test.conf", options, "free"};

static struct config *load(const char *text, char **path_r, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
    *path_r = g_build_filename(folder, "t.conf", NULL);
    g_assert_true(g_file_set_contents(*path_r, text, -1, NULL));
    struct config *config = config_load(*path_r, &table, error);
    g_remove(*path_r);
    g_rmdir(folder);
    return config;
}

static void test_good(void)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(config_auto) config = load(
        "[a]\nsize = 3 M\nsize=1K\ntime=90s\nlist= a , b,,c\nswitch=yes\nchoice=blue\n[b]\nmust=\n[free]\nName = x y\n",
        &path, &error);
    g_assert_no_error(error);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *resolved = g_build_filename(folder, "sub/file", NULL);
    g_assert_cmpstr(config_text(config, "a", "text"), ==, "x");
    g_assert_cmpstr(config_text(config, "a", "path"), ==, resolved);
    g_assert_cmpint(config_number(config, "a", "number"), ==, 5);
    g_assert_cmpint(config_number(config, "a", "size"), ==, 1024);
    g_assert_cmpint(config_number(config, "a", "time"), ==, 90);
    g_assert_cmpint(config_number(config, "a", "choice"), ==, 1);
    g_assert_true(config_switch(config, "a", "switch"));
    g_assert_cmpuint(g_strv_length((char **)config_list(config, "a", "list")), ==, 3);
    g_assert_cmpstr(config_text(config, "b", "must"), ==, "");
    g_assert_cmpstr(config_free_value(config, "Name"), ==, "x y");
    g_assert_cmpstr(config_free_value(config, "Other"), ==, "");
    g_auto(GStrv) names = config_free_names(config);
    g_assert_cmpuint(g_strv_length(names), ==, 1);
}

static const struct {
    const char *name, *text, *message;
    int status;
} bad_cases[] = {
    {"unknown group", "[c]\nx=1\n[b]\nmust=1\n", "no group [c]", ERROR_CONFIG},
    {"unknown option", "[a]\nsise=1\n[b]\nmust=1\n", "[a] has no option \"sise\"", ERROR_CONFIG},
    {"missing option", "[a]\n", "[b] must is missing", ERROR_CONFIG},
    {"no number", "[a]\nnumber=five\n[b]\nmust=1\n", "[a] number: \"five\" is not a whole number", ERROR_CONFIG},
    {"number with unit", "[a]\nnumber=5K\n[b]\nmust=1\n", "is not a whole number", ERROR_CONFIG},
    {"below the range", "[a]\nnumber=0\n[b]\nmust=1\n", "allowed is 1 to 10", ERROR_CONFIG},
    {"over the range", "[a]\nsize=2M\n[b]\nmust=1\n", "out of range", ERROR_CONFIG},
    {"over any range", "[a]\nsize=9223372036854775807G\n[b]\nmust=1\n", "out of range", ERROR_CONFIG},
    {"no size", "[a]\nsize=2T\n[b]\nmust=1\n", "is not a size", ERROR_CONFIG},
    {"no duration", "[a]\ntime=soon\n[b]\nmust=1\n", "is not a duration", ERROR_CONFIG},
    {"no switch", "[a]\nswitch=true\n[b]\nmust=1\n", "neither yes nor no", ERROR_CONFIG},
    {"no choice", "[a]\nchoice=green\n[b]\nmust=1\n", "red, blue", ERROR_CONFIG},
    {"no key file", "hello\n", "t.conf", ERROR_CONFIG},
    {"not UTF-8", "[b]\nmust=\xe4\n", "[b] must", ERROR_CONFIG},
};

static void test_bad(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        g_autofree char *path = NULL;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", bad_cases[i].name);
        g_assert_null(load(bad_cases[i].text, &path, &error));
        g_assert_cmpint(error_exit_status(error), ==, bad_cases[i].status);
        g_assert_nonnull(strstr(error->message, bad_cases[i].message));
        g_assert_true(g_str_has_prefix(error->message, path));
    }
}

static void test_missing_file(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(config_load("/nonexistent/t.conf", &table, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_NO_INPUT);
}

/* Every default of the real tables must be a value its own row allows. */
static void test_defaults(void)
{
    static const struct config_table *tables[] = {&config_postwelle, &config_client, &config_campaign};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autoptr(GKeyFile) file = g_key_file_new();
        for (const struct config_option *option = tables[i]->options; option->group != NULL; option++)
            g_key_file_set_string(file, option->group, option->name, option->fallback != NULL ? option->fallback : "x");
        g_autofree char *folder = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
        g_autofree char *path = g_build_filename(folder, tables[i]->kind, NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(g_key_file_save_to_file(file, path, &error));
        g_autoptr(config_auto) config = config_load(path, tables[i], &error);
        g_assert_no_error(error);
        g_assert_nonnull(config);
        g_remove(path);
        g_rmdir(folder);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/good", test_good);
    g_test_add_func("/config/bad", test_bad);
    g_test_add_func("/config/missing-file", test_missing_file);
    g_test_add_func("/config/defaults", test_defaults);
    return g_test_run();
}
