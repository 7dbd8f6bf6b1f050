/* content_plain.c - the rule for plain text: words, no HTML, no file encoded in it. */
#include "lib/content_context.h"

/* The name of the element whose tag begins behind "<" or "</"; length 0 where none does. */
static struct slice tag_name(const char *p, const char *end)
{
    const char *start = p;
    while (p < end && p - start <= CONTENT_NAME_MAX && (g_ascii_isalnum(*p) || *p == ':'))
        p++;
    gboolean ends = p < end && (slice_is_space(*p) || *p == '>' || *p == '/');
    return (struct slice){start, ends ? (size_t)(p - start) : 0};
}

/* True where HTML begins at p, which points behind "<". */
static gboolean is_html(const struct content_context *context, const char *p, const char *end)
{
    struct slice rest = {p, (size_t)(end - p)};
    if (slice_starts_folded(rest, SLICE_LITERAL("!doctype")) || slice_starts_folded(rest, SLICE_LITERAL("!--")) ||
        slice_starts_folded(rest, SLICE_LITERAL("?xml")))
        return TRUE;
    struct slice name = tag_name(p < end && *p == '/' ? p + 1 : p, end);
    return name.length > 0 && content_is_html_element(&context->index, name);
}

static void rule_no_html(struct content_context *context, struct slice text)
{
    const char *p = text.data, *end = p + text.length;
    while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        if (is_html(context, p + 1, end)) {
            struct content_place place = {content_line(text, p), .value = {p, (size_t)(end - p)}};
            content_report(context, CONTENT_PLAIN_HTML, &place);
            return;
        }
        p++;
    }
}

/* "begin 644 name" of uuencode or "=ybegin …" at a line's start: some programs make an attachment of what follows. */
static gboolean begins_file(const char *line, const char *end)
{
    struct slice rest = {line, (size_t)(end - line)};
    if (slice_starts_folded(rest, SLICE_LITERAL("=ybegin ")))
        return TRUE;
    if (!slice_starts_folded(rest, SLICE_LITERAL("begin")))
        return FALSE;
    rest = slice_skip(rest, 5);
    if (slice_starts_folded(rest, SLICE_LITERAL("-base64")))
        rest = slice_skip(rest, 7);
    return rest.length >= 5 && rest.data[0] == ' ' && g_ascii_isdigit(rest.data[1]) && g_ascii_isdigit(rest.data[2]) &&
           g_ascii_isdigit(rest.data[3]);
}

static void rule_no_file(struct content_context *context, struct slice text)
{
    const char *end = text.data + text.length, *p = text.data;
    while ((p = memmem(p, (size_t)(end - p), "begin", 5)) != NULL) {
        const char *line = p;
        while (line > text.data && line[-1] != '\n' && p - line < 2)
            line--;
        if ((line == text.data || line[-1] == '\n') && begins_file(line, end)) {
            struct content_place place = {content_line(text, line), .value = {line, (size_t)(end - line)}};
            content_report(context, CONTENT_PLAIN_ENCODED, &place);
            return;
        }
        p += 5;
    }
}

void content_rule_plain(struct content_context *context, struct slice text)
{
    const char *control = content_control(text);
    if (control != NULL) {
        struct content_place place = {content_line(text, control), .value = {control, 1}};
        content_report(context, CONTENT_CONTROL, &place);
    }
    rule_no_html(context, text);
    rule_no_file(context, text);
}
