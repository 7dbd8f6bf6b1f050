/* compose_encode.c - encodings of a mail; see compose_encode.h. */
#include "importer/compose_encode.h"

#include <string.h>

#define WORD_MAX 75 /* characters of an encoded word, RFC 2047 section 2 */
#define WORD_BEGIN "=?UTF-8?"
#define WORD_END "?="
#define TOKEN_MAX 500 /* a longer word without white space is written as encoded words: a line ends at 998 */
#define BASE64_LINE 57 /* bytes in a line of 76 characters */

static const char hex_digits[] = "0123456789ABCDEF";

/*
 * --- bodies --------------------------------------------------------------------------------------------------------
 */

enum { PLAIN = 1, BLANK, LINE_END, ESCAPED, HIGH, CONTROL = 0 };

/* What quoted-printable does with a byte. */
static inline int byte_class(unsigned char byte)
{
    static const unsigned char classes[256] = {
        ['\t'] = BLANK, [' '] = BLANK, ['\n'] = LINE_END, ['\r'] = LINE_END,
        ['!' ... '<'] = PLAIN, ['='] = ESCAPED, ['>' ... '~'] = PLAIN, [0x80 ... 0xFF] = HIGH,
    };
    return classes[byte];
}

struct text_scan encode_scan(const char *text, size_t length)
{
    struct text_scan scan = { .valid = TRUE };
    const char *end = text + length;
    for (const char *c = text; c < end;) {
        int class = byte_class((unsigned char)*c);
        if (class == HIGH) {
            gunichar character = g_utf8_get_char_validated(c, end - c);
            if (character >= (gunichar)-2 || character < 0xA0)
                return (struct text_scan){ .valid = FALSE };
            size_t width = (size_t)(g_utf8_next_char(c) - c);
            scan.n_encoded += width;
            c += width;
            continue;
        }
        if (class == CONTROL)
            return (struct text_scan){ .valid = FALSE };
        scan.n_encoded += class == ESCAPED;
        c++;
    }
    return scan;
}

/* The length of the line end at c, 0 where there is none. */
static size_t line_end_at(const char *c, const char *end)
{
    if (c == end || (*c != '\n' && *c != '\r'))
        return 0;
    return *c == '\r' && c + 1 < end && c[1] == '\n' ? 2 : 1;
}

/* How many bytes from c on, at most room, can stand as they are. A blank can't end a line. */
static size_t plain_run(const char *c, const char *end, size_t room)
{
    size_t length = 0;
    size_t most = MIN(room, (size_t)(end - c));
    while (length < most &&
           (byte_class((unsigned char)c[length]) == PLAIN || byte_class((unsigned char)c[length]) == BLANK))
        length++;
    gboolean line_ends = c + length == end || line_end_at(c + length, end) > 0;
    if (length > 0 && line_ends && byte_class((unsigned char)c[length - 1]) == BLANK)
        length--;
    return length;
}

static gboolean must_escape_at_begin(const char *c, const char *end)
{
    return *c == '.' || (end - c >= 5 && memcmp(c, "From ", 5) == 0);
}

static char *put_escaped(char *to, unsigned char byte)
{
    *to++ = '=';
    *to++ = hex_digits[byte >> 4];
    *to++ = hex_digits[byte & 15];
    return to;
}

static char *put(char *to, const char *text, size_t length)
{
    memcpy(to, text, length);
    return to + length;
}

void encode_quoted_printable(GString *out, const char *text, size_t length)
{
    const size_t room = ENCODE_LINE_MAX - 1; /* the last column is for "=" */
    const size_t before = out->len;
    /* At worst each byte becomes three, and each 25 of these need a soft line end of three. */
    g_string_set_size(out, before + 3 * length + 3 * (length / 24 + 2));
    char *to = out->str + before;
    size_t column = 0;
    const char *end = text + length;
    for (const char *c = text; c < end;) {
        size_t line_end = line_end_at(c, end);
        if (line_end > 0) {
            to = put(to, "\r\n", 2);
            column = 0;
            c += line_end;
            continue;
        }
        gboolean escape = column == 0 && must_escape_at_begin(c, end);
        size_t run = escape ? 0 : plain_run(c, end, room - column);
        to = put(to, c, run);
        c += run;
        column += run;
        if (c == end || line_end_at(c, end) > 0)
            continue;
        if (column + 3 > room) {
            to = put(to, "=\r\n", 3);
            column = 0;
        } else {
            to = put_escaped(to, (unsigned char)*c++);
            column += 3;
        }
    }
    g_string_set_size(out, (size_t)(to - out->str));
}

static void put_base64(GString *out, const guchar *bytes, size_t length)
{
    char line[ENCODE_LINE_MAX + 8];
    int state = 0;
    int save = 0;
    size_t n = g_base64_encode_step(bytes, length, FALSE, line, &state, &save);
    n += g_base64_encode_close(FALSE, line + n, &state, &save);
    g_string_append_len(out, line, (gssize)n);
}

void encode_base64(GString *out, const char *text, size_t length)
{
    g_autoptr(GString) lines = g_string_sized_new(length + length / 16);
    const char *end = text + length;
    for (const char *c = text; c < end;) {
        size_t line_end = line_end_at(c, end);
        if (line_end > 0)
            g_string_append(lines, "\r\n");
        else
            g_string_append_c(lines, *c);
        c += MAX(line_end, 1);
    }
    for (size_t i = 0; i < lines->len; i += BASE64_LINE) {
        put_base64(out, (const guchar *)lines->str + i, MIN(lines->len - i, BASE64_LINE));
        g_string_append(out, "\r\n");
    }
}

/*
 * --- header fields -------------------------------------------------------------------------------------------------
 */

/* A field being written; column counts the characters of its current line. */
struct field {
    GString *out;
    size_t column;
};

static void field_put(struct field *field, const char *text, size_t length)
{
    g_string_append_len(field->out, text, (gssize)length);
    field->column += length;
}

static void field_fold(struct field *field)
{
    g_string_append(field->out, "\r\n");
    field->column = 0;
}

static struct field field_begin(GString *out, const char *name)
{
    struct field field = { .out = out };
    field_put(&field, name, strlen(name));
    field_put(&field, ":", 1);
    return field;
}

static gboolean is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((*text & 0x80) != 0)
            return FALSE;
    return TRUE;
}

/* RFC 2047 section 5 (3): what a phrase may hold unencoded within a word of encoding Q; fits everywhere else, too. */
static gboolean is_word_safe(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!*+-/", c) != NULL);
}

/* The length of one character in encoding Q. */
static size_t q_width(const char *c, size_t bytes)
{
    return bytes == 1 && (is_word_safe(*c) || *c == ' ') ? 1 : 3 * bytes;
}

static void put_q(struct field *field, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char escaped[3];
        if (text[i] == ' ') {
            field_put(field, "_", 1);
        } else if (is_word_safe(text[i])) {
            field_put(field, text + i, 1);
        } else {
            put_escaped(escaped, (unsigned char)text[i]);
            field_put(field, escaped, sizeof escaped);
        }
    }
}

/*
 * How many bytes of text, in whole characters, fit into an encoded word with room for that many encoded characters. In
 * base64 only the last word gets padding where that can be had: GMime, for one, decodes adjacent words as one and
 * stumbles over it.
 */
static size_t word_bytes(const char *text, gboolean q, size_t room)
{
    size_t bytes = 0;
    size_t unpadded = 0;
    size_t width = 0;
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c)) {
        size_t next = (size_t)(g_utf8_next_char(c) - c);
        width = q ? width + q_width(c, next) : (bytes + next + 2) / 3 * 4;
        if (width > room)
            return q || unpadded == 0 ? bytes : unpadded;
        bytes += next;
        unpadded = bytes % 3 == 0 ? bytes : unpadded;
    }
    return bytes;
}

static gboolean q_is_shorter(const char *text)
{
    size_t escaped = 0;
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        escaped += !is_word_safe(text[length]) && text[length] != ' ';
    return escaped * 6 <= length;
}

/* Writes the whole text as encoded words, a blank (or a fold and a blank) before each. */
static void put_encoded_words(struct field *field, const char *text)
{
    const size_t frame = strlen(WORD_BEGIN) + 2 + strlen(WORD_END); /* "Q?" */
    gboolean q = q_is_shorter(text);
    while (*text != '\0') {
        size_t used = field->column + 1 + frame;
        size_t bytes = used < ENCODE_LINE_MAX ? word_bytes(text, q, MIN(ENCODE_LINE_MAX - used, WORD_MAX - frame)) : 0;
        if (bytes == 0) {
            field_fold(field);
            bytes = word_bytes(text, q, WORD_MAX - frame);
        }
        field_put(field, " " WORD_BEGIN, 1 + strlen(WORD_BEGIN));
        field_put(field, q ? "Q?" : "B?", 2);
        if (q) {
            put_q(field, text, bytes);
        } else {
            size_t before = field->out->len;
            put_base64(field->out, (const guchar *)text, bytes);
            field->column += field->out->len - before;
        }
        field_put(field, WORD_END, strlen(WORD_END));
        text += bytes;
    }
}

/* Writes words of ASCII, a fold before the blanks where the line would be too long; the blanks stay as they are. */
static void put_words(struct field *field, const char *text)
{
    for (const char *c = text; *c != '\0';) {
        size_t blanks = strspn(c, " ");
        size_t length = blanks + strcspn(c + blanks, " ");
        if (field->column + length > ENCODE_LINE_MAX && c > text && blanks > 0)
            field_fold(field);
        field_put(field, c, length);
        c += length;
    }
}

/* Whether text can stand in an unstructured field as it is and be folded there. */
static gboolean is_plain_text(const char *text)
{
    if (!is_ascii(text) || strstr(text, "=?") != NULL || *text == ' ' || g_str_has_suffix(text, " "))
        return FALSE;
    for (const char *c = text; *c != '\0'; c += strspn(c, " ")) {
        size_t length = strcspn(c, " ");
        if (length > TOKEN_MAX)
            return FALSE;
        c += length;
    }
    return TRUE;
}

void encode_unstructured(GString *out, const char *name, const char *value)
{
    struct field field = field_begin(out, name);
    if (is_plain_text(value)) {
        field_put(&field, " ", 1);
        put_words(&field, value);
    } else {
        put_encoded_words(&field, value);
    }
    g_string_append(out, "\r\n");
}

/* RFC 5322 section 3.2.3: words of atext. */
static gboolean is_phrase(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr(" !#$%&'*+-/=?^_`{|}~", *c) == NULL)
            return FALSE;
    return strstr(text, "  ") == NULL;
}

static void put_quoted(struct field *field, const char *text)
{
    field_put(field, " \"", 2);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            field_put(field, "\\", 1);
        field_put(field, c, 1);
    }
    field_put(field, "\"", 1);
}

static void put_display(struct field *field, const char *display)
{
    if (!is_plain_text(display) || strlen(display) > ENCODE_LINE_MAX / 2) {
        put_encoded_words(field, display);
    } else if (is_phrase(display)) {
        field_put(field, " ", 1);
        put_words(field, display);
    } else {
        put_quoted(field, display);
    }
}

void encode_mailbox(GString *out, const char *name, const char *display, const char *address)
{
    struct field field = field_begin(out, name);
    gboolean named = display != NULL && *display != '\0';
    if (named)
        put_display(&field, display);
    if (field.column + strlen(address) + 3 > ENCODE_LINE_MAX && named)
        field_fold(&field);
    g_string_append_printf(out, named ? " <%s>\r\n" : " %s\r\n", address);
}
