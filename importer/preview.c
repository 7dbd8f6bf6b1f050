/* preview.c - a rendered mail as files; see preview.h. */
#include "importer/preview.h"

#include "importer/pictures.h"

static const struct {
    const char *suffix;
    int width;
    gboolean dark;
} shots[] = {{"320.png", 320, FALSE}, {"640.png", 640, FALSE}, {"640.dark.png", 640, TRUE}};

static char *path_of(const char *folder, const char *name, const char *suffix)
{
    g_autofree char *file = g_strconcat(name, ".", suffix, NULL);
    return g_build_filename(folder, file, NULL);
}

static gboolean write_file(const char *folder, const char *name, const char *suffix, const GString *text,
                           GError **error)
{
    g_autofree char *path = path_of(folder, name, suffix);
    return g_file_set_contents_full(path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_NONE, 0666, error);
}

/* The HTML with each cid: URL made a data: URL of the same picture. */
static GString *self_contained(const struct renderer *renderer)
{
    size_t n;
    const struct picture *pictures = pictures_list(renderer->campaign->picture_files, &n);
    GString *html = g_string_new_len(renderer->html->str, (gssize)renderer->html->len);
    for (size_t i = 0; i < n; i++) {
        gsize size;
        const guchar *data = g_bytes_get_data(pictures[i].bytes, &size);
        g_autofree char *encoded = g_base64_encode(data, size);
        g_autofree char *cid = g_strconcat("\"cid:", pictures[i].content_id, "\"", NULL);
        g_autofree char *url = g_strdup_printf("\"data:%s;base64,%s\"", pictures[i].type, encoded);
        g_string_replace(html, cid, url, 0);
    }
    return html;
}

static gboolean take_pictures(const char *folder, const char *name, struct browser *browser, GError **error)
{
    g_autofree char *html = path_of(folder, name, "html");
    for (size_t i = 0; i < G_N_ELEMENTS(shots); i++) {
        g_autofree char *picture = path_of(folder, name, shots[i].suffix);
        const struct browser_shot shot = {html, picture, shots[i].width, shots[i].dark};
        if (!browser_shoot(browser, &shot, error))
            return FALSE;
    }
    return TRUE;
}

gboolean preview_write(const struct renderer *renderer, const char *folder, const char *name, struct browser *browser,
                       GError **error)
{
    g_autoptr(GString) html = self_contained(renderer);
    return write_file(folder, name, "eml", renderer->message, error) && write_file(folder, name, "html", html, error) &&
           write_file(folder, name, "txt", renderer->text, error) &&
           (browser == NULL || take_pictures(folder, name, browser, error));
}
