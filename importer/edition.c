/* edition.c - templates by language; see edition.h. */
#include "importer/edition.h"

#include <string.h>

void edition_release(struct edition *edition)
{
    g_free(edition->name);
    template_free(edition->subject);
    template_free(edition->html);
    template_free(edition->text);
}

static gboolean is_code(const char *text, size_t length)
{
    return length == 2 && g_ascii_isalpha(text[0]) && g_ascii_isalpha(text[1]);
}

static void set_language(const char *code, char language_r[EDITION_LANGUAGE_SIZE])
{
    language_r[0] = g_ascii_tolower(code[0]);
    language_r[1] = g_ascii_tolower(code[1]);
    language_r[2] = '\0';
}

gboolean edition_language(const char *value, char language_r[EDITION_LANGUAGE_SIZE])
{
    static const struct {
        const char *word, *code;
    } words[] = {{"deutsch", "de"}, {"german", "de"}, {"englisch", "en"}, {"english", "en"}};
    g_autofree char *text = g_strstrip(g_strdup(value));
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(text, words[i].word) == 0) {
            set_language(words[i].code, language_r);
            return TRUE;
        }
    if (!is_code(text, strcspn(text, "-_")))
        return FALSE;
    set_language(text, language_r);
    return TRUE;
}

gboolean edition_language_of_file(const char *file, char language_r[EDITION_LANGUAGE_SIZE])
{
    const char *slash = strrchr(file, '/'), *base = slash != NULL ? slash + 1 : file;
    const char *end = strrchr(base, '.');
    if (end == NULL || end - base < 3 || end[-3] != '.' || !is_code(end - 2, 2))
        return FALSE;
    set_language(end - 2, language_r);
    return TRUE;
}

gboolean edition_is_column(const char *heading)
{
    static const char *const headings[] = {"sprache", "lang", "language"};
    for (size_t i = 0; i < G_N_ELEMENTS(headings); i++)
        if (g_ascii_strcasecmp(heading, headings[i]) == 0)
            return TRUE;
    return FALSE;
}

/* The file name without extension and language; its extension, dot included, in *extension_r. */
static char *stem_of(const char *name, const char **extension_r)
{
    char language[EDITION_LANGUAGE_SIZE];
    const char *end = strrchr(name, '.');
    *extension_r = end != NULL ? end : "";
    size_t length = end != NULL ? (size_t)(end - name) : strlen(name);
    return g_strndup(name, edition_language_of_file(name, language) ? length - 3 : length);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **edition_files(const char *directory, const char *name)
{
    const char *extension, *file_extension, *file;
    char language[EDITION_LANGUAGE_SIZE];
    g_autofree char *stem = stem_of(name, &extension);
    g_autoptr(GDir) open = g_dir_open(directory, 0, NULL);
    GPtrArray *files = g_ptr_array_new();
    while (open != NULL && (file = g_dir_read_name(open)) != NULL) {
        g_autofree char *file_stem = stem_of(file, &file_extension);
        if (strcmp(file, name) != 0 && edition_language_of_file(file, language) && strcmp(file_stem, stem) == 0 &&
            strcmp(file_extension, extension) == 0)
            g_ptr_array_add(files, g_strdup(file));
    }
    g_ptr_array_sort(files, compare_names);
    g_ptr_array_add(files, NULL);
    return (char **)g_ptr_array_free(files, FALSE);
}

char *edition_sibling(const char *file, const char *extension)
{
    const char *end = strrchr(file, '.');
    size_t length = end != NULL ? (size_t)(end - file) : strlen(file);
    return g_strdup_printf("%.*s.%s", (int)length, file, extension);
}

const struct edition *edition_choose(const struct edition *editions, size_t n, gboolean reminder, const char *value)
{
    const struct edition *chosen = &editions[0];
    char language[EDITION_LANGUAGE_SIZE] = "";
    if (value != NULL)
        edition_language(value, language);
    for (size_t i = 0; i < n; i++) {
        if (editions[i].reminder != reminder)
            continue;
        if (strcmp(editions[i].language, language) == 0)
            return &editions[i];
        if (editions[i].main)
            chosen = &editions[i];
    }
    return chosen;
}
