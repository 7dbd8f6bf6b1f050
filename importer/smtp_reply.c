/* smtp_reply.c - replies of an SMTP server, and the form of DATA: pure functions; see smtp.h. */
#include "importer/smtp.h"

#include "lib/error.h"
#include "lib/slice.h"

#include <string.h>

gboolean smtp_reply_good(const struct smtp_reply *reply)
{
    return reply->code >= 200 && reply->code <= 299;
}

gboolean smtp_reply_temporary(const struct smtp_reply *reply)
{
    return reply->code >= 400 && reply->code <= 499;
}

char *smtp_reply_line(const struct smtp_reply *reply)
{
    if (reply->code == 0)
        return g_strdup("");
    char *line =
        g_strdup_printf("%d %s%s%s", reply->code, reply->enhanced, *reply->enhanced != '\0' ? " " : "", reply->text);
    return g_strdelimit(line, "\n", ' ');
}

/* Length of "4.7.1" (RFC 3463) at the start of a text, followed by a blank or the end; 0 where it is none. */
static size_t enhanced_length(const char *text, size_t size)
{
    size_t i = 1, digits;
    if (size < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5'))
        return 0;
    for (int part = 0; part < 2; part++) {
        if (i >= size || text[i++] != '.')
            return 0;
        for (digits = 0; i < size && g_ascii_isdigit(text[i]); i++)
            digits++;
        if (digits < 1 || digits > 3)
            return 0;
    }
    return i == size || text[i] == ' ' ? i : 0;
}

static void append_text(struct smtp_reply *reply, const char *text, size_t size)
{
    size_t length = strlen(reply->text);
    if (length > 0 && length + 1 < sizeof reply->text)
        reply->text[length++] = '\n';
    for (size_t i = 0; i < size && length + 1 < sizeof reply->text; i++)
        reply->text[length++] = g_ascii_iscntrl(text[i]) ? ' ' : text[i];
    reply->text[length] = '\0';
}

/* "250-text", "250 text", "250". */
static gboolean take_line(const char *line, size_t size, struct smtp_reply *reply, gboolean *last_r, GError **error)
{
    if (size < 3 || line[0] < '2' || line[0] > '5' || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]) ||
        (size > 3 && line[3] != ' ' && line[3] != '-'))
        return error_set(error, ERROR_PROTOCOL,
                         "an answer that is no SMTP reply; does another service have "
                         "the [submission] port of postwelle.conf?");
    int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (reply->code != 0 && reply->code != code)
        return error_set(error, ERROR_PROTOCOL, "a reply whose lines have different codes, %d and %d", reply->code,
                         code);
    const char *text = line + MIN(size, 4);
    size_t rest = size - MIN(size, 4), enhanced = enhanced_length(text, rest);
    if (enhanced > 0 && enhanced < sizeof reply->enhanced) {
        if (reply->code == 0)
            g_snprintf(reply->enhanced, sizeof reply->enhanced, "%.*s", (int)enhanced, text);
        size_t skip = MIN(enhanced + 1, rest);
        text += skip;
        rest -= skip;
    }
    reply->code = code;
    append_text(reply, text, rest);
    *last_r = size <= 3 || line[3] == ' ';
    return TRUE;
}

static void make_valid(struct smtp_reply *reply)
{
    if (g_utf8_validate(reply->text, -1, NULL))
        return;
    g_autofree char *valid = g_utf8_make_valid(reply->text, -1);
    g_strlcpy(reply->text, valid, sizeof reply->text);
    const char *end;
    if (!g_utf8_validate(reply->text, -1, &end))
        reply->text[end - reply->text] = '\0'; /* cut within a character */
}

gboolean smtp_reply_parse(const char *data, size_t size, struct smtp_reply *reply_r, size_t *used_r, GError **error)
{
    *used_r = 0;
    *reply_r = (struct smtp_reply){0};
    size_t at = 0;
    for (size_t lines = 0; lines < SMTP_LINES_MAX; lines++) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t length = end != NULL ? (size_t)(end - data) - at : size - at;
        if (length > SMTP_LINE_MAX)
            return error_set(error, ERROR_PROTOCOL, "a reply's line is longer than %d octets", SMTP_LINE_MAX);
        if (end == NULL)
            return TRUE;
        gboolean last = FALSE;
        size_t text = length > 0 && data[at + length - 1] == '\r' ? length - 1 : length;
        if (!take_line(data + at, text, reply_r, &last, error))
            return FALSE;
        at += length + 1;
        if (last) {
            make_valid(reply_r);
            *used_r = at;
            return TRUE;
        }
    }
    return error_set(error, ERROR_PROTOCOL, "a reply of more than %d lines", SMTP_LINES_MAX);
}

/* Can the message go as it is: all its lines end with CR LF, the last one, too, and none begins with a dot? */
SLICE_VECTORIZE static gboolean is_stuffed(const char *message, size_t size)
{
    if (size < 2 || message[0] == '.' || message[0] == '\n' || message[size - 1] != '\n')
        return FALSE;
    guint8 other = 0;
    for (size_t i = 0; i + 1 < size; i++)
        other |= (guint8)(((message[i] == '\r') ^ (message[i + 1] == '\n')) |
                          ((message[i] == '\n') & (message[i + 1] == '.')));
    return other == 0;
}

gboolean smtp_stuff(GString *to, const char *message, size_t size, GError **error)
{
    if (is_stuffed(message, size)) {
        g_string_append_len(to, message, (gssize)size);
        g_string_append(to, ".\r\n");
        return TRUE;
    }
    const char *end = message + size;
    for (const char *line = message; line < end;) {
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        const char *stop = lf != NULL ? lf : end;
        const char *cr = memchr(line, '\r', (size_t)(stop - line));
        if (lf != NULL ? cr != lf - 1 : cr != NULL)
            return error_set(error, ERROR_DATA, "the message has a CR or LF that stands alone, at octet %zu",
                             (size_t)((cr != NULL ? cr : stop) - message));
        if (*line == '.')
            g_string_append_c(to, '.');
        g_string_append_len(to, line, (gssize)(stop - line));
        if (lf == NULL)
            g_string_append_c(to, '\r');
        g_string_append_c(to, '\n');
        line = stop + 1;
    }
    g_string_append(to, ".\r\n");
    return TRUE;
}
