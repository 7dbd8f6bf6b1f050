/* mime.c - strict readers for the pieces of a MIME message. */
#include "lib/mime.h"

static gboolean is_token_char(char c)
{
    return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* --- header fields --- */

static gboolean field_name_valid(struct slice name)
{
    for (size_t i = 0; i < name.length; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 0x7f || name.data[i] == ':')
            return FALSE;
    return name.length > 0;
}

/* The end of the field that begins at p: behind the CR LF that no folded line follows. NULL where there is none. */
static const char *field_end(const char *p, const char *end)
{
    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        p++;
        if (p == end || (*p != ' ' && *p != '\t'))
            return p;
    }
    return NULL;
}

const char *mime_fields_parse(struct slice text, struct mime_field *fields, size_t max, size_t *count_r,
                              struct slice *body_r)
{
    const char *p = text.data, *end = p + text.length;
    *count_r = 0;
    while (end - p < 2 || p[0] != '\r' || p[1] != '\n') {
        const char *stop = field_end(p, end);
        if (stop == NULL || stop - p < 2 || stop[-2] != '\r')
            return "the header does not end in an empty line";
        const char *colon = memchr(p, ':', (size_t)(stop - p));
        if (colon == NULL || !field_name_valid((struct slice){p, (size_t)(colon - p)}))
            return "a line in the header is no header field";
        if (*count_r == max)
            return "too many header fields";
        fields[(*count_r)++] = (struct mime_field){
            .name = {p, (size_t)(colon - p)},
            .value = {colon + 1, (size_t)(stop - colon) - 3},
        };
        p = stop;
    }
    *body_r = (struct slice){p + 2, (size_t)(end - p) - 2};
    return NULL;
}

/* A line break inside a value: *i stands on CR or LF, and is moved behind it. */
static const char *folding_problem(struct slice value, size_t *i)
{
    if (value.data[*i] == '\r' && ++*i == value.length)
        return "a bare CR";
    if (value.data[*i] != '\n')
        return "a bare CR";
    size_t next = *i + 1;
    if (next == value.length || (value.data[next] != ' ' && value.data[next] != '\t'))
        return "a line break that is no folding";
    while (next < value.length && (value.data[next] == ' ' || value.data[next] == '\t'))
        next++;
    if (next == value.length || value.data[next] == '\r' || value.data[next] == '\n')
        return "a folded line of white space alone";
    return NULL;
}

/* True for one line of printable ASCII, which most values are. */
SLICE_VECTORIZE static gboolean is_plain_line(struct slice text)
{
    guint8 odd = 0;
    for (size_t i = 0; i < text.length; i++)
        odd |= (guint8)((guint8)(text.data[i] - ' ') > '~' - ' ');
    return odd == 0;
}

const char *mime_field_problem(const struct mime_field *field)
{
    if (!field_name_valid(field->name))
        return "the field's name";
    if (is_plain_line(field->value))
        return NULL;
    for (size_t i = 0; i < field->value.length; i++) {
        guint8 c = (guint8)field->value.data[i];
        if (c >= ' ' && c != 0x7f)
            continue;
        if (c == '\r' || c == '\n') {
            const char *problem = folding_problem(field->value, &i);
            if (problem != NULL)
                return problem;
        } else if (c != '\t') {
            return "a control character";
        }
    }
    return g_utf8_validate_len(field->value.data, field->value.length, NULL) ? NULL : "text that is not UTF-8";
}

/* --- structured values --- */

struct reader {
    const char *next;
    const char *end;
};

static void skip_space(struct reader *r)
{
    while (r->next < r->end && slice_is_space(*r->next))
        r->next++;
}

static gboolean take(struct reader *r, char c)
{
    if (r->next == r->end || *r->next != c)
        return FALSE;
    r->next++;
    return TRUE;
}

/* A token, with "/" inside where slash says so; NULL where there is none. */
static char *read_token(struct reader *r, gboolean slash)
{
    const char *start = r->next;
    while (r->next < r->end && (is_token_char(*r->next) || (slash && *r->next == '/')))
        r->next++;
    return r->next == start ? NULL : g_ascii_strdown(start, r->next - start);
}

static char *read_quoted(struct reader *r)
{
    g_autoptr(GString) value = g_string_new(NULL);
    for (; r->next < r->end; r->next++) {
        if (*r->next == '"') {
            r->next++;
            return g_string_free(g_steal_pointer(&value), FALSE);
        }
        if (*r->next == '\\' && ++r->next == r->end)
            break;
        if (*r->next == '\0' || *r->next == '\n' || *r->next == '\r')
            break;
        g_string_append_c(value, *r->next);
    }
    return NULL;
}

static char *read_parameter_value(struct reader *r)
{
    if (take(r, '"'))
        return read_quoted(r);
    const char *start = r->next;
    while (r->next < r->end && is_token_char(*r->next))
        r->next++;
    return g_strndup(start, (size_t)(r->next - start));
}

static const char *read_parameter(struct reader *r, struct mime_value *value)
{
    g_autofree char *name = read_token(r, FALSE);
    if (name == NULL)
        return "a parameter has no name";
    skip_space(r);
    if (!take(r, '='))
        return "a parameter has no value";
    skip_space(r);
    g_autofree char *text = read_parameter_value(r);
    if (text == NULL || text[0] == '\0')
        return "a parameter's value is empty or not closed";
    if (mime_value_get(value, name) != NULL)
        return "a parameter is there twice";
    if (value->n_parameters == MIME_MAX_PARAMETERS)
        return "too many parameters";
    value->parameters[value->n_parameters].name = g_steal_pointer(&name);
    value->parameters[value->n_parameters++].value = g_steal_pointer(&text);
    return NULL;
}

const char *mime_value_parse(struct slice text, struct mime_value *value)
{
    struct reader r = {text.data, text.data + text.length};
    *value = (struct mime_value){0};
    skip_space(&r);
    value->token = read_token(&r, TRUE);
    if (value->token == NULL)
        return "the value is empty";
    for (;;) {
        skip_space(&r);
        if (r.next == r.end)
            return NULL;
        if (!take(&r, ';'))
            return "a character may not stand there";
        skip_space(&r);
        if (r.next == r.end)
            return NULL;
        const char *problem = read_parameter(&r, value);
        if (problem != NULL)
            return problem;
    }
}

void mime_value_release(struct mime_value *value)
{
    g_free(value->token);
    for (unsigned i = 0; i < value->n_parameters; i++) {
        g_free(value->parameters[i].name);
        g_free(value->parameters[i].value);
    }
    *value = (struct mime_value){0};
}

const char *mime_value_get(const struct mime_value *value, const char *name)
{
    for (unsigned i = 0; i < value->n_parameters; i++)
        if (strcmp(value->parameters[i].name, name) == 0)
            return value->parameters[i].value;
    return NULL;
}

gboolean mime_boundary_valid(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > 70 || text[length - 1] == ' ')
        return FALSE;
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && strchr("'()+_,-./:=? ", text[i]) == NULL)
            return FALSE;
    return TRUE;
}

/* --- transfer encodings --- */

enum mime_encoding mime_encoding_parse(struct slice text)
{
    static const struct slice names[] = {
        [MIME_7BIT] = SLICE_LITERAL("7bit"),
        [MIME_8BIT] = SLICE_LITERAL("8bit"),
        [MIME_QUOTED_PRINTABLE] = SLICE_LITERAL("quoted-printable"),
        [MIME_BASE64] = SLICE_LITERAL("base64"),
    };
    text = slice_strip(text);
    for (int i = 0; i < MIME_ENCODING_UNKNOWN; i++)
        if (slice_equal_folded(text, names[i]))
            return (enum mime_encoding)i;
    return MIME_ENCODING_UNKNOWN;
}

/* The same octet eight times. */
#define EIGHT(octet) (G_GUINT64_CONSTANT(0x0101010101010101) * (octet))

static inline guint64 load_eight(const char *p)
{
    guint64 octets;
    memcpy(&octets, p, sizeof octets);
    return GUINT64_FROM_LE(octets);
}

/* The place of the first of eight octets whose high bit is set in `marks`, which has no other bits and is not 0. */
static inline size_t first_marked(guint64 marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

/* The number of leading ASCII octets, eight at a time. */
static size_t ascii_length(struct slice text)
{
    size_t i = 0;
    for (; i + 8 <= text.length; i += 8) {
        guint64 beyond = load_eight(text.data + i) & EIGHT(0x80);
        if (beyond != 0)
            return i + first_marked(beyond);
    }
    while (i < text.length && (guint8)text.data[i] < 0x80)
        i++;
    return i;
}

SLICE_VECTORIZE static gboolean is_ascii(struct slice text)
{
    guint8 seen = 0;
    for (size_t i = 0; i < text.length; i++)
        seen |= (guint8)text.data[i];
    return seen < 0x80;
}

static int upper_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What follows "=" at p, up to end: two digits or a line's end. Returns what comes after it, or NULL. */
static const char *decode_equals(const char *p, const char *end, char **out)
{
    if (end - p >= 3 && upper_hex(p[1]) >= 0 && upper_hex(p[2]) >= 0) {
        *(*out)++ = (char)(upper_hex(p[1]) << 4 | upper_hex(p[2]));
        return p + 3;
    }
    return end - p >= 3 && p[1] == '\r' && p[2] == '\n' ? p + 3 : NULL;
}

static inline gboolean is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/*
 * True where white space stands before CR LF or at the end: it belongs to nobody, programs keep or drop it as they
 * like.
 */
SLICE_VECTORIZE static gboolean has_trailing_space(struct slice text)
{
    guint8 seen = 0;
    for (size_t i = 0; i + 1 < text.length; i++)
        seen |= (guint8)(((text.data[i] == ' ') | (text.data[i] == '\t')) & (text.data[i + 1] == '\r'));
    return seen != 0 || (text.length > 0 && is_blank(text.data[text.length - 1]));
}

/*
 * Copies the ASCII that stands before the next "=", eight octets at a time: there is one every few octets. Returns
 * where it stands, or end. Up to eight octets more are written behind *out, into what the buffer has for them.
 */
static const char *copy_literally(const char *p, const char *end, char **out)
{
    while (end - p >= 8) {
        /* The high bit stays clear where an octet of ASCII is "=", and no octet runs over into the next. */
        guint64 octets = load_eight(p), other = (octets ^ EIGHT('=')) + EIGHT(0x7f), found = ~other & EIGHT(0x80);
        size_t run = found == 0 ? 8 : first_marked(found);
        memcpy(*out, p, 8);
        p += run;
        *out += run;
        if (found != 0)
            return p;
    }
    while (p < end && *p != '=')
        *(*out)++ = *p++;
    return p;
}

static const char *decode_quoted_printable(struct slice text, GString *buffer)
{
    if (!is_ascii(text))
        return "an 8-bit character in quoted-printable";
    if (has_trailing_space(text))
        return "white space at a line's end in quoted-printable";
    g_string_set_size(buffer, text.length);
    const char *p = text.data, *end = p + text.length;
    char *out = buffer->str;
    while ((p = copy_literally(p, end, &out)) < end) {
        p = decode_equals(p, end, &out);
        if (p == NULL)
            return "\"=\" without two digits 0-9A-F in quoted-printable";
    }
    g_string_truncate(buffer, (gsize)(out - buffer->str));
    return NULL;
}

static inline gboolean is_break(char c)
{
    return c == '\r' || c == '\n';
}

/*
 * Counts the characters of base64's alphabet, modulo 4, as they come in groups of four. FALSE where there is anything
 * else but line breaks.
 */
SLICE_VECTORIZE static gboolean count_sextets(struct slice text, unsigned *count_r)
{
    guint8 foreign = 0, breaks = 0; /* runs over at a multiple of 4, too */
    for (size_t i = 0; i < text.length; i++) {
        guint8 c = (guint8)text.data[i];
        guint8 letter = (guint8)((c | 0x20) - 'a') < 26, digit_or_slash = (guint8)(c - '/') < 11;
        guint8 line_break = (c == '\r') | (c == '\n');
        breaks = (guint8)(breaks + line_break);
        foreign |= (letter | digit_or_slash | line_break | (c == '+')) ^ 1;
    }
    *count_r = (unsigned)(text.length - breaks) % 4;
    return foreign == 0;
}

/* The alphabet's values; 255 for all else. */
static void base64_table(guint8 table[256])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(table, 255, 256);
    for (guint8 i = 0; i < 64; i++)
        table[(guint8)alphabet[i]] = i;
}

/*
 * The end of the text: `left` characters of a last group, and padding from its first "=" on. What the last character
 * has beyond whole octets must be 0.
 */
static const char *base64_end_problem(const guint8 table[256], struct slice sextets, unsigned left,
                                      struct slice padding)
{
    size_t pads = 0;
    for (size_t i = 0; i < padding.length; i++) {
        pads += padding.data[i] == '=';
        if (padding.data[i] != '=' && !is_break(padding.data[i]))
            return "characters after the padding in base64";
    }
    if (pads == 0)
        return left == 0 ? NULL : "base64 that ends within a group";
    if (left < 2 || left + pads != 4)
        return "wrong padding in base64";
    const char *last = sextets.data + sextets.length - 1;
    while (is_break(*last))
        last--;
    return (table[(guint8)*last] & (left == 2 ? 0x0f : 0x03)) == 0 ? NULL : "bits left over in base64";
}

/* Whole groups of four from p on, until one holds a line break; returns where it stands. */
static const char *decode_groups(const guint8 table[256], const char *p, const char *end, char **out)
{
    char *to = *out; /* a copy, as what is written through *out might be *out itself */
    for (; end - p >= 4; p += 4) {
        guint32 a = table[(guint8)p[0]], b = table[(guint8)p[1]], c = table[(guint8)p[2]], d = table[(guint8)p[3]];
        if ((a | b | c | d) >= 64)
            break;
        guint32 octets = GUINT32_TO_BE(a << 26 | b << 20 | c << 14 | d << 8);
        memcpy(to, &octets, sizeof octets); /* the fourth is overwritten by the next group, or not counted */
        to += 3;
    }
    *out = to;
    return p;
}

/* Decodes what has been checked, the alphabet and line breaks alone, until there are `wanted` octets. */
static void decode_sextets(const guint8 table[256], struct slice text, size_t wanted, GString *buffer)
{
    const char *p = text.data, *end = p + text.length;
    guint32 bits = 0;
    unsigned held = 0; /* sextets in bits */
    g_string_set_size(buffer, text.length);
    char *out = buffer->str;
    while (p < end && (size_t)(out - buffer->str) < wanted) {
        if (held == 0 && (p = decode_groups(table, p, end, &out)) == end)
            break;
        if (is_break(*p++))
            continue;
        bits = bits << 6 | table[(guint8)p[-1]];
        held = (held + 1) % 4;
        if (held != 1)
            *out++ = (char)(bits >> (held == 0 ? 0 : held == 2 ? 4 : 2));
    }
    g_string_truncate(buffer, (gsize)(out - buffer->str));
}

static const char *decode_base64(struct slice text, size_t wanted, GString *buffer)
{
    guint8 table[256];
    const char *equals = text.length > 0 ? memchr(text.data, '=', text.length) : NULL;
    struct slice sextets = {text.data, equals != NULL ? (size_t)(equals - text.data) : text.length};
    unsigned left;
    if (!count_sextets(sextets, &left))
        return "a character of no meaning in base64";
    base64_table(table);
    decode_sextets(table, sextets, wanted, buffer);
    return base64_end_problem(table, sextets, left, slice_skip(text, sextets.length));
}

const char *mime_decode(enum mime_encoding encoding, struct slice text, size_t wanted, GString *buffer,
                        struct slice *text_r)
{
    const char *problem = NULL;
    *text_r = text;
    switch (encoding) {
    case MIME_8BIT:
        return NULL;
    case MIME_7BIT:
        return is_ascii(text) ? NULL : "an 8-bit character in 7bit";
    case MIME_QUOTED_PRINTABLE:
        problem = decode_quoted_printable(text, buffer);
        break;
    case MIME_BASE64:
        problem = decode_base64(text, wanted, buffer);
        break;
    case MIME_ENCODING_UNKNOWN:
        return "an unknown encoding";
    }
    *text_r = (struct slice){buffer->str, buffer->len};
    return problem;
}

/* --- charsets --- */

enum mime_charset mime_charset_parse(const char *name)
{
    static const char *const names[] = {
        [MIME_US_ASCII] = "us-ascii",         [MIME_UTF_8] = "utf-8",
        [MIME_ISO_8859_1] = "iso-8859-1",     [MIME_ISO_8859_15] = "iso-8859-15",
        [MIME_WINDOWS_1252] = "windows-1252",
    };
    for (int i = 0; i < MIME_CHARSET_UNKNOWN; i++)
        if (g_ascii_strcasecmp(name, names[i]) == 0)
            return (enum mime_charset)i;
    return MIME_CHARSET_UNKNOWN;
}

/* The octets that ASCII and the characters of two octets have at the beginning of text: most of what Europe writes. */
static size_t simple_length(struct slice text)
{
    size_t i = ascii_length(text);
    while (i + 2 <= text.length && (guint8)text.data[i] >= 0xc2 && (guint8)text.data[i] < 0xe0 &&
           ((guint8)text.data[i + 1] & 0xc0) == 0x80)
        i += 2 + ascii_length(slice_skip(text, i + 2));
    return i;
}

/* A character beyond ASCII has no ASCII octet, so each run between two of them can be judged by itself. */
static gboolean utf8_valid(struct slice text)
{
    for (;;) {
        text = slice_skip(text, simple_length(text));
        if (text.length == 0)
            return TRUE;
        size_t run = 1;
        while (run < text.length && (guint8)text.data[run] >= 0x80)
            run++;
        if (!g_utf8_validate_len(text.data, run, NULL))
            return FALSE;
        text = slice_skip(text, run);
    }
}

/* ISO 8859 has control characters from 80 to 9F, which no mail needs; windows-1252 leaves five of them undefined. */
static gboolean single_octets_valid(enum mime_charset charset, struct slice text)
{
    for (size_t i = ascii_length(text); i < text.length; i++) {
        guint8 c = (guint8)text.data[i];
        if (c < 0x80 || c >= 0xa0)
            continue;
        if (charset != MIME_WINDOWS_1252 || c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d)
            return FALSE;
    }
    return TRUE;
}

gboolean mime_charset_valid(enum mime_charset charset, struct slice text)
{
    if (text.length >= 2 && (memcmp(text.data, "\xfe\xff", 2) == 0 || memcmp(text.data, "\xff\xfe", 2) == 0))
        return FALSE;
    switch (charset) {
    case MIME_US_ASCII:
        return is_ascii(text);
    case MIME_UTF_8:
        return utf8_valid(text);
    case MIME_ISO_8859_1:
    case MIME_ISO_8859_15:
    case MIME_WINDOWS_1252:
        return single_octets_valid(charset, text);
    case MIME_CHARSET_UNKNOWN:
        break;
    }
    return FALSE;
}
