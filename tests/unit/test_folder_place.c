/* test_folder_place.c - where a campaign's folder lies, and who may write there. */
#include "importer/folder_place.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name, *path, *private;
} private_cases[] = {
    {"below /tmp", "/tmp/spring", "/tmp"},
    {"deep below /tmp", "/tmp/a/b/spring", "/tmp"},
    {"/tmp itself", "/tmp", "/tmp"},
    {"below /var/tmp", "/var/tmp/spring", "/var/tmp"},
    {"a name that begins alike", "/tmpfiles/spring", NULL},
    {"a folder of that name elsewhere", "/srv/tmp/spring", NULL},
    {"at home, where run may read", "/home/kim/spring", NULL},
};

static void test_private(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(private_cases); i++) {
        g_test_message("%s", private_cases[i].name);
        g_assert_cmpstr(folder_place_private(private_cases[i].path), ==, private_cases[i].private);
    }
}

static const struct {
    const char *name;
    mode_t above, mode;
    enum folder_place place;
} mode_cases[] = {
    {"the owner's", 0755, 0750, FOLDER_PLACE_GOOD},
    {"everybody's", 0755, 0777, FOLDER_PLACE_WRITABLE},
    {"everybody's, with a sticky bit", 0755, 01777, FOLDER_PLACE_WRITABLE},
    {"below everybody's", 0777, 0750, FOLDER_PLACE_WRITABLE},
    {"below everybody's with a sticky bit", 01777, 0750, FOLDER_PLACE_GOOD},
};

/* In the build folder, where that has a good place itself. */
static void test_modes(void)
{
    g_autofree char *here = g_get_current_dir(), *above = g_build_filename(here, "folder-place-XXXXXX", NULL);
    g_autofree char *here_problem = NULL, *here_remedy = NULL;
    if (folder_place_look(here, &here_problem, &here_remedy) != FOLDER_PLACE_GOOD) {
        g_test_skip(here_problem);
        return;
    }
    g_assert_nonnull(g_mkdtemp(above));
    g_autofree char *folder = g_build_filename(above, "spring", NULL);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(mode_cases); i++) {
        g_autofree char *problem = NULL, *remedy = NULL;
        g_assert_true(g_chmod(above, mode_cases[i].above) == 0 && g_chmod(folder, mode_cases[i].mode) == 0);
        g_test_message("%s", mode_cases[i].name);
        enum folder_place place = folder_place_look(folder, &problem, &remedy);
        g_assert_cmpint(place, ==, mode_cases[i].place);
        g_assert_cmpint(problem != NULL && remedy != NULL, ==, place != FOLDER_PLACE_GOOD);
        if (place == FOLDER_PLACE_WRITABLE)
            g_assert_nonnull(strstr(remedy, mode_cases[i].above == 0777 ? above : folder));
    }
    g_assert_true(g_rmdir(folder) == 0 && g_rmdir(above) == 0);
}

static void test_look(void)
{
    g_autofree char *problem = NULL, *remedy = NULL;
    g_assert_cmpint(folder_place_look("/tmp/.", &problem, &remedy), ==, FOLDER_PLACE_PRIVATE);
    g_assert_nonnull(strstr(problem, "a /tmp of its own"));
    g_assert_nonnull(strstr(remedy, "mv /tmp /srv/"));
    g_clear_pointer(&problem, g_free);
    g_clear_pointer(&remedy, g_free);
    g_assert_cmpint(folder_place_look("/nowhere/at/all", &problem, &remedy), ==, FOLDER_PLACE_GOOD);
    g_assert_null(problem);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folder-place/private", test_private);
    g_test_add_func("/folder-place/modes", test_modes);
    g_test_add_func("/folder-place/look", test_look);
    return g_test_run();
}
