/* test_edition.c - languages in words and file names, and who gets which edition. */
#include "importer/edition.h"

#include <glib/gstdio.h>
#include <string.h>

static void test_language(void)
{
    static const struct {
        const char *value, *expected; /* NULL: none */
    } cases[] = {
        {"en", "en"},      {" EN ", "en"},     {"en-GB", "en"},  {"de_AT", "de"}, {"Deutsch", "de"},
        {"ENGLISH", "en"}, {"Englisch", "en"}, {"german", "de"}, {"", NULL},      {"e", NULL},
        {"eng", NULL},     {"4x", NULL},       {"../", NULL},    {"ü", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char language[EDITION_LANGUAGE_SIZE];
        gboolean found = edition_language(cases[i].value, language);
        g_assert_cmpstr(found ? language : NULL, ==, cases[i].expected);
    }
}

static void test_file(void)
{
    static const struct {
        const char *file, *expected;
    } cases[] = {
        {"invitation.de.html", "de"}, {"a/b.EN.txt", "en"},           {"invitation.html", NULL}, {"de.html", NULL},
        {"x.y.html", NULL},           {"a.de/invitation.html", NULL}, {"nodot", NULL},           {".de.html", "de"},
        {"v1.2b.html", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char language[EDITION_LANGUAGE_SIZE];
        gboolean found = edition_language_of_file(cases[i].file, language);
        g_assert_cmpstr(found ? language : NULL, ==, cases[i].expected);
    }
    g_autofree char *sibling = edition_sibling("a/invitation.en.html", "txt");
    g_assert_cmpstr(sibling, ==, "a/invitation.en.txt");
}

static void test_files(void)
{
    static const char *const names[] = {"nps.de.html", "nps.fr.html", "nps.en.html",
                                        "nps.en.txt",  "nps.html",    "invitation.en.html"};
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"nps.de.html", "nps.en.html nps.fr.html"},
        {"nps.html", "nps.de.html nps.en.html nps.fr.html"},
        {"other.html", ""},
    };
    g_autofree char *directory = g_dir_make_tmp("test-edition-XXXXXX", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_assert_true(g_file_set_contents(path, "", 0, NULL));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) files = edition_files(directory, cases[i].name);
        g_autofree char *joined = g_strjoinv(" ", files);
        g_assert_cmpstr(joined, ==, cases[i].expected);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_unlink(path);
    }
    g_rmdir(directory);
}

static void test_choose(void)
{
    const struct edition editions[] = {{.language = "de", .main = TRUE},
                                       {.language = "en"},
                                       {.language = "en", .main = TRUE, .reminder = TRUE},
                                       {.language = "fr", .reminder = TRUE}};
    static const struct {
        const char *value, *expected, *reminder;
    } cases[] = {{"en", "en", "en"}, {"EN-us", "en", "en"}, {"de", "de", "en"},     {"fr", "de", "fr"},
                 {"", "de", "en"},   {NULL, "de", "en"},    {"Klingon", "de", "en"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct edition *invitation = edition_choose(editions, G_N_ELEMENTS(editions), FALSE, cases[i].value);
        const struct edition *reminder = edition_choose(editions, G_N_ELEMENTS(editions), TRUE, cases[i].value);
        g_assert_cmpstr(invitation->language, ==, cases[i].expected);
        g_assert_cmpstr(reminder->language, ==, cases[i].reminder);
        g_assert_true(reminder->reminder && !invitation->reminder);
        g_assert_true(edition_choose(editions, 2, FALSE, cases[i].value) == invitation);
    }
    g_assert_true(edition_is_column("LANG") && edition_is_column("Sprache") && !edition_is_column("languages"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/edition/language", test_language);
    g_test_add_func("/edition/file", test_file);
    g_test_add_func("/edition/files", test_files);
    g_test_add_func("/edition/choose", test_choose);
    return g_test_run();
}
