/* inbound.c - reads mail that comes in; see inbound.h. */
#include "importer/inbound.h"

#include "lib/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* --- header and body ---------------------------------------------------------------------------- */

/* CR LF becomes LF, NUL a blank, and what is not UTF-8 a replacement. */
static char *clean(const char *text, size_t size)
{
    GString *out = g_string_sized_new(size);
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
            g_string_append_c(out, text[i] != '\0' ? text[i] : ' ');
    char *valid = g_utf8_make_valid(out->str, (gssize)out->len);
    g_string_free(out, TRUE);
    return valid;
}

static gboolean is_name(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] <= ' ' || line[i] == 0x7F)
            return FALSE;
    return length > 0;
}

/* A line of the header: a field, a fold of the one before, or neither, which is dropped. */
static void take_line(GPtrArray *fields, GString *value, const char *line, size_t length)
{
    if (length > 0 && (*line == ' ' || *line == '\t')) {
        g_string_append_len(value, line, (gssize)length);
        return;
    }
    if (fields->len % 2 == 1) {
        g_ptr_array_add(fields, g_strdup(g_strstrip(value->str)));
        g_string_truncate(value, 0);
    }
    const char *colon = memchr(line, ':', length);
    size_t name = colon != NULL ? (size_t)(colon - line) : 0;
    if (!is_name(line, name) || fields->len >= 2 * (size_t)INBOUND_FIELDS)
        return;
    g_ptr_array_add(fields, g_strndup(line, name));
    g_string_append_len(value, colon + 1, (gssize)(length - name - 1));
}

void inbound_read(const char *text, size_t size, struct inbound *inbound_r)
{
    g_autofree char *cleaned = clean(text, size);
    g_autoptr(GString) value = g_string_new(NULL);
    const char *at = cleaned;
    inbound_r->fields = g_ptr_array_new_with_free_func(g_free);
    while (*at != '\0' && *at != '\n') {
        size_t length = strcspn(at, "\n");
        take_line(inbound_r->fields, value, at, length);
        at += length + (at[length] == '\n');
    }
    take_line(inbound_r->fields, value, "", 0);
    inbound_r->body = g_strdup(at + (*at == '\n'));
}

void inbound_release(struct inbound *inbound)
{
    g_clear_pointer(&inbound->fields, g_ptr_array_unref);
    g_clear_pointer(&inbound->body, g_free);
}

const char *inbound_get(const struct inbound *inbound, const char *name)
{
    for (guint i = 0; i + 1 < inbound->fields->len; i += 2)
        if (g_ascii_strcasecmp(inbound->fields->pdata[i], name) == 0)
            return inbound->fields->pdata[i + 1];
    return "";
}

/* --- types -------------------------------------------------------------------------------------- */

char *inbound_type(const struct inbound *inbound)
{
    const char *value = inbound_get(inbound, "Content-Type");
    g_autofree char *type = g_strndup(value, strcspn(value, "; \t"));
    return *type != '\0' ? g_ascii_strdown(type, -1) : g_strdup("text/plain");
}

/* One parameter's value, quoted or not, from behind the =. */
static char *parameter_value(const char *at)
{
    GString *value = g_string_new(NULL);
    at += strspn(at, " \t");
    if (*at != '"') {
        g_string_append_len(value, at, (gssize)strcspn(at, "; \t"));
        return g_string_free(value, FALSE);
    }
    for (at++; *at != '\0' && *at != '"'; at++) {
        at += *at == '\\' && at[1] != '\0';
        g_string_append_c(value, *at);
    }
    return g_string_free(value, FALSE);
}

char *inbound_parameter(const struct inbound *inbound, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = inbound_get(inbound, "Content-Type"); (at = strchr(at, ';')) != NULL;) {
        at += 1 + strspn(at + 1, " \t");
        if (g_ascii_strncasecmp(at, name, length) != 0)
            continue;
        const char *equals = at + length + strspn(at + length, " \t");
        if (*equals == '=')
            return parameter_value(equals + 1);
    }
    return g_strdup("");
}

/* --- parts -------------------------------------------------------------------------------------- */

static void part_free(gpointer part)
{
    inbound_release(part);
    g_free(part);
}

static void add_part(GPtrArray *parts, const char *from, const char *to)
{
    if (from == NULL || parts->len == INBOUND_PARTS)
        return;
    struct inbound *part = g_new0(struct inbound, 1);
    inbound_read(from, (size_t)(to - from), part);
    g_ptr_array_add(parts, part);
}

GPtrArray *inbound_parts(const struct inbound *inbound)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func(part_free);
    g_autofree char *type = inbound_type(inbound), *boundary = inbound_parameter(inbound, "boundary");
    size_t length = strlen(boundary);
    const char *from = NULL, *line = inbound->body;
    if (!g_str_has_prefix(type, "multipart/") || length == 0)
        return parts;
    for (; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        if (line[0] != '-' || line[1] != '-' || strncmp(line + 2, boundary, length) != 0)
            continue;
        add_part(parts, from, line);
        const char *end = line + 2 + length;
        gboolean last = end[0] == '-' && end[1] == '-';
        end += strcspn(end, "\n");
        from = last ? NULL : end + (*end == '\n');
        if (last)
            return parts;
    }
    add_part(parts, from, line); /* cut off: what is there is a part */
    return parts;
}

static char *undo_quoted_printable(const char *text)
{
    GString *out = g_string_new(NULL);
    for (; *text != '\0'; text++) {
        int high = *text == '=' ? g_ascii_xdigit_value(text[1]) : -1;
        int low = high >= 0 ? g_ascii_xdigit_value(text[2]) : -1;
        if (low >= 0) {
            g_string_append_c(out, (char)(high * 16 + low));
            text += 2;
        } else if (*text == '=' && text[1] == '\n') {
            text++;
        } else {
            g_string_append_c(out, *text);
        }
    }
    char *clean_text = clean(out->str, out->len);
    g_string_free(out, TRUE);
    return clean_text;
}

char *inbound_text(const struct inbound *inbound)
{
    const char *encoding = inbound_get(inbound, "Content-Transfer-Encoding");
    if (g_ascii_strcasecmp(encoding, "quoted-printable") == 0)
        return undo_quoted_printable(inbound->body);
    if (g_ascii_strcasecmp(encoding, "base64") != 0)
        return g_strdup(inbound->body);
    gsize size;
    g_autofree guchar *data = g_base64_decode(inbound->body, &size);
    return clean((const char *)data, size);
}

/* --- standard input ----------------------------------------------------------------------------- */

char *inbound_stdin(size_t *size_r, GError **error)
{
    g_autofree char *text = g_malloc(INBOUND_SIZE + 1);
    char rest[4096];
    ssize_t got;
    *size_r = 0;
    do {
        gboolean full = *size_r > INBOUND_SIZE;
        got = read(STDIN_FILENO, full ? rest : text + *size_r, full ? sizeof rest : INBOUND_SIZE + 1 - *size_r);
        if (got > 0 && !full)
            *size_r += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got == 0)
        return g_steal_pointer(&text);
    error_from_errno(error, ERROR_IO, errno, "standard input");
    return NULL;
}
