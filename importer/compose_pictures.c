/* compose_pictures.c - pictures as finished MIME parts, made with GMime once for all mails; see compose.h. */
#include "importer/compose_pictures.h"

#include <gmime/gmime.h>
#include <string.h>

#include "lib/error.h"

static gboolean has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return TRUE;
    return FALSE;
}

static gboolean check(const struct picture *picture, GError **error)
{
    if (!g_utf8_validate(picture->name, -1, NULL) || has_control(picture->name))
        return error_set(error, ERROR_DATA, "picture: its name holds a control character or is not UTF-8; rename it");
    if (!g_str_has_prefix(picture->type, "image/"))
        return error_set(error, ERROR_DATA, "%s: is of type %s, not a picture", picture->name, picture->type);
    if (has_control(picture->content_id) || strpbrk(picture->content_id, "<> ") != NULL)
        return error_set(error, ERROR_DATA, "%s: its content id holds characters that can't stand there",
                         picture->name);
    return TRUE;
}

/* Header fields and body, CRLF line ends. */
static GString *part_text(GMimeObject *part)
{
    GMimeFormatOptions *format = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    g_autofree char *text = g_mime_object_to_string(part, format);
    g_mime_format_options_free(format);
    return g_string_new(text);
}

static GString *encode(const struct picture *picture)
{
    size_t length;
    const char *bytes = g_bytes_get_data(picture->bytes, &length);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_BINARY);
    GMimePart *part = g_mime_part_new_with_type("image", picture->type + strlen("image/"));
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_content_id(GMIME_OBJECT(part), picture->content_id);
    g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_INLINE);
    g_mime_object_set_content_disposition_parameter(GMIME_OBJECT(part), "filename", picture->name);
    GString *text = part_text(GMIME_OBJECT(part));
    g_object_unref(part);
    g_object_unref(content);
    g_object_unref(stream);
    return text;
}

static void part_free(void *part)
{
    g_string_free(part, TRUE);
}

struct compose_pictures *compose_pictures_new(const struct picture *pictures, size_t n, GError **error)
{
    if (n > COMPOSE_PICTURES_MAX) {
        error_set(error, ERROR_DATA, "%zu pictures; a mail may have %d", n, COMPOSE_PICTURES_MAX);
        return NULL;
    }
    g_mime_init();
    struct compose_pictures *prepared = g_new0(struct compose_pictures, 1);
    prepared->parts = g_ptr_array_new_with_free_func(part_free);
    for (size_t i = 0; i < n; i++) {
        if (!check(&pictures[i], error)) {
            compose_pictures_free(prepared);
            return NULL;
        }
        g_ptr_array_add(prepared->parts, encode(&pictures[i]));
    }
    return prepared;
}

void compose_pictures_free(struct compose_pictures *pictures)
{
    if (pictures == NULL)
        return;
    g_ptr_array_unref(pictures->parts);
    g_free(pictures);
}
