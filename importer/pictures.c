/* pictures.c - the pictures of a campaign; see pictures.h. */
#include "importer/pictures.h"

#include <string.h>

#include "importer/file_within.h"
#include "lib/error.h"
#include "lib/html.h"

#define CONTENT_ID_DIGITS 24 /* of the SHA-256 of the picture */

struct pictures {
    char *directory;
    char *domain;
    GArray *list;       /* struct picture, whose strings and bytes are ours */
    GHashTable *by_name; /* file name → content id */
    size_t size;
};

/* Where we are in a template. */
struct place {
    const char *file;
    const char *counted; /* lines up to here are in line */
    unsigned line;
};

/* A kind of picture: by name and by first bytes. */
struct kind {
    const char *suffix;
    const char *type;
    const char *magic;
    size_t magic_length;
};

static const struct kind kinds[] = {
    { ".png", "image/png", "\x89PNG\r\n\x1A\n", 8 }, { ".jpg", "image/jpeg", "\xFF\xD8\xFF", 3 },
    { ".jpeg", "image/jpeg", "\xFF\xD8\xFF", 3 },    { ".gif", "image/gif", "GIF87a", 6 },
    { ".gif", "image/gif", "GIF89a", 6 },
};

static void picture_clear(void *data)
{
    struct picture *picture = data;
    g_free((char *)picture->name);
    g_free((char *)picture->content_id);
    g_bytes_unref(picture->bytes);
}

struct pictures *pictures_new(const char *directory, const char *domain)
{
    struct pictures *pictures = g_new0(struct pictures, 1);
    pictures->directory = g_strdup(directory);
    pictures->domain = g_strdup(domain);
    pictures->list = g_array_new(FALSE, TRUE, sizeof(struct picture));
    g_array_set_clear_func(pictures->list, picture_clear);
    pictures->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return pictures;
}

void pictures_free(struct pictures *pictures)
{
    if (pictures == NULL)
        return;
    g_array_unref(pictures->list);
    g_hash_table_unref(pictures->by_name);
    g_free(pictures->directory);
    g_free(pictures->domain);
    g_free(pictures);
}

const struct picture *pictures_list(const struct pictures *pictures, size_t *n_r)
{
    *n_r = pictures->list->len;
    return (const struct picture *)(void *)pictures->list->data;
}

static gboolean fail(const struct place *place, enum error_code code, const char *source, const char *text,
                     GError **error)
{
    return error_set(error, code, "%s:%u: picture \"%s\": %s", place->file, place->line, source, text);
}

static gboolean has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t wanted = strlen(suffix);
    return length > wanted && g_ascii_strcasecmp(name + length - wanted, suffix) == 0;
}

/* The kind that both the name and the first bytes tell; NULL where they don't agree. *named_r: the name tells one. */
static const struct kind *find_kind(const char *name, GBytes *bytes, gboolean *named_r)
{
    size_t length;
    const char *data = g_bytes_get_data(bytes, &length);
    *named_r = FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!has_suffix(name, kinds[i].suffix))
            continue;
        *named_r = TRUE;
        if (length > kinds[i].magic_length && memcmp(data, kinds[i].magic, kinds[i].magic_length) == 0)
            return &kinds[i];
    }
    return NULL;
}

/* Whether what src says is a plain file name; otherwise says what it is. */
static gboolean check_source(const struct place *place, const char *source, GError **error)
{
    size_t scheme = strcspn(source, ":/?#");
    if (*source == '\0')
        return fail(place, ERROR_DATA, source, "src is empty; name a file of the campaign's directory", error);
    if (strstr(source, "{{") != NULL)
        return fail(place, ERROR_DATA, source, "a picture is the same for all; name a file of the campaign's directory",
                    error);
    if (g_ascii_strncasecmp(source, "cid:", 4) == 0)
        return fail(place, ERROR_DATA, source, "name the file itself; Postwelle makes the cid: URL", error);
    if (g_str_has_prefix(source, "//") || source[scheme] == ':')
        return fail(place, ERROR_DATA, source,
                    "would load something when the mail is read; put the file into the campaign's directory", error);
    return TRUE;
}

static char *make_content_id(const struct pictures *pictures, GBytes *bytes)
{
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    return g_strdup_printf("%.*s@%s", CONTENT_ID_DIGITS, digest, pictures->domain);
}

/* Keeps a picture's bytes and returns its content id; equal pictures of two names are one. */
static const char *keep(struct pictures *pictures, const char *name, const struct kind *kind, GBytes *bytes)
{
    char *content_id = make_content_id(pictures, bytes);
    g_hash_table_insert(pictures->by_name, g_strdup(name), content_id);
    for (guint i = 0; i < pictures->list->len; i++)
        if (strcmp(g_array_index(pictures->list, struct picture, i).content_id, content_id) == 0)
            return content_id;
    struct picture picture = {
        .name = g_path_get_basename(name),
        .content_id = g_strdup(content_id),
        .type = kind->type,
        .bytes = g_bytes_ref(bytes),
    };
    g_array_append_val(pictures->list, picture);
    pictures->size += g_bytes_get_size(bytes);
    return content_id;
}

/* The content id of a file, loaded on first use; NULL and *error. */
static const char *load(struct pictures *pictures, const struct place *place, const char *source, GError **error)
{
    if (!check_source(place, source, error))
        return NULL;
    g_autofree char *name = g_uri_unescape_string(source, NULL);
    if (name == NULL)
        name = g_strdup(source);
    const char *known = g_hash_table_lookup(pictures->by_name, name);
    if (known != NULL)
        return known;
    g_autoptr(GError) reason = NULL;
    g_autoptr(GBytes) bytes = file_within_read(pictures->directory, name, PICTURE_SIZE_MAX, &reason);
    if (bytes == NULL) {
        gboolean missing = reason->code == ERROR_NO_INPUT;
        fail(place, missing ? ERROR_DATA : (enum error_code)reason->code, source, reason->message, error);
        return NULL;
    }
    gboolean named;
    const struct kind *kind = find_kind(name, bytes, &named);
    const char *problem = kind == NULL && !named ? "is none of .png, .jpg, .jpeg, .gif"
                          : kind == NULL         ? "is not what its name says; save it as PNG, JPEG or GIF"
                          : pictures->size + g_bytes_get_size(bytes) > PICTURES_SIZE_MAX
                              ? "with it the campaign's pictures are larger than 1 MiB together"
                          : pictures->list->len == COMPOSE_PICTURES_MAX ? "is one too many: a mail may have 32" : NULL;
    if (problem != NULL) {
        fail(place, ERROR_DATA, source, problem, error);
        return NULL;
    }
    return keep(pictures, name, kind, bytes);
}

/* Copies an img tag, each src rewritten. *copied is how far html is in out. */
static gboolean rewrite_image(struct pictures *pictures, const struct place *place, const struct html_token *token,
                              const char **copied, GString *out, GError **error)
{
    for (unsigned i = 0; i < token->n_attributes; i++) {
        const struct html_attribute *attribute = &token->attributes[i];
        if (!slice_equal_folded(attribute->name, SLICE_LITERAL("src")))
            continue;
        g_autoptr(GString) source = g_string_new(NULL);
        html_decode_references(attribute->value, TRUE, source);
        if (g_ascii_strncasecmp(source->str, "data:", 5) == 0)
            continue;
        g_strstrip(source->str);
        const char *content_id = load(pictures, place, source->str, error);
        if (content_id == NULL)
            return FALSE;
        g_string_append_len(out, *copied, attribute->value.data - *copied);
        g_string_append_printf(out, "cid:%s", content_id);
        *copied = attribute->value.data + attribute->value.length;
    }
    return TRUE;
}

static void count_lines(struct place *place, const char *to)
{
    for (; place->counted < to; place->counted++)
        place->line += *place->counted == '\n';
}

gboolean pictures_rewrite(struct pictures *pictures, const char *file, const char *html, GString *out, GError **error)
{
    struct place place = { .file = file, .counted = html, .line = 1 };
    const char *copied = html;
    struct html_tokenizer tokenizer;
    struct html_token token;
    html_tokenizer_init(&tokenizer, slice_of(html));
    while (html_tokenizer_next(&tokenizer, &token)) {
        if (token.type != HTML_START_TAG || !html_token_is(&token, "img"))
            continue;
        count_lines(&place, token.start);
        if (!rewrite_image(pictures, &place, &token, &copied, out, error))
            return FALSE;
    }
    g_string_append(out, copied);
    return TRUE;
}
