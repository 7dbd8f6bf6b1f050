/* template_file.c - loads templates from a campaign directory; see template_file.h. */
#include "importer/template_file.h"

#include <string.h>

#include "importer/file_within.h"
#include "lib/error.h"

/* What the partials of one template need. */
struct loader {
    const char *directory;
    const char *suffix; /* ".de.html" */
    const struct template_options *options;
    struct pictures *pictures;
};

enum template_kind template_kind_of(const char *name)
{
    if (g_str_has_suffix(name, ".txt"))
        return TEMPLATE_TEXT;
    return g_str_has_suffix(name, ".subject") ? TEMPLATE_HEADER : TEMPLATE_HTML;
}

/* The file's text with its pictures rewritten; g_free(). */
static char *load_text(const struct loader *loader, const char *name, GError **error)
{
    g_autoptr(GBytes) bytes = file_within_read(loader->directory, name, TEMPLATE_SIZE_MAX, error);
    if (bytes == NULL)
        return NULL;
    const char *text = g_bytes_get_data(bytes, NULL);
    if (strlen(text) != g_bytes_get_size(bytes)) {
        error_set(error, ERROR_DATA, "%s: holds a NUL byte; save it as UTF-8", name);
        return NULL;
    }
    if (loader->options->kind == TEMPLATE_HEADER)
        return g_strchomp(g_strdup(text)); /* editors end the line */
    if (loader->pictures == NULL || loader->options->kind != TEMPLATE_HTML)
        return g_strdup(text);
    GString *rewritten = g_string_new(NULL);
    gboolean ok = pictures_rewrite(loader->pictures, name, text, rewritten, error);
    return g_string_free(rewritten, !ok);
}

/* Tries NAME.de.html, then NAME.html. */
static char *load_partial(const char *name, void *cookie, char **file_r, GError **error)
{
    const struct loader *loader = cookie;
    char *text = NULL;
    if (loader->options->partial != NULL)
        text = loader->options->partial(name, loader->options->cookie, file_r, error);
    for (const char *suffix = loader->suffix; text == NULL && *error == NULL && suffix != NULL;
         suffix = strchr(suffix + 1, '.')) {
        g_autofree char *file = g_strconcat(name, suffix, NULL);
        text = load_text(loader, file, error);
        if (text != NULL)
            *file_r = g_steal_pointer(&file);
        else if (g_error_matches(*error, POSTWELLE_ERROR, ERROR_NO_INPUT))
            g_clear_error(error);
    }
    return text;
}

struct template *template_load(const char *directory, const char *name, const struct template_options *options,
                               struct pictures *pictures, GError **error)
{
    const char *base = strrchr(name, '/') == NULL ? name : strrchr(name, '/') + 1;
    struct loader loader = {
        .directory = directory,
        .suffix = strchr(base, '.'),
        .options = options,
        .pictures = pictures,
    };
    g_autofree char *text = load_text(&loader, name, error);
    if (text == NULL)
        return NULL;
    struct template_options with_partials = *options;
    with_partials.partial = load_partial;
    with_partials.cookie = &loader;
    return template_parse(name, text, &with_partials, error);
}
