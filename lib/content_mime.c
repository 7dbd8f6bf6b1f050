/* content_mime.c - the walk through a message's parts: what each is, whether it may stand there, and its content. */
#include "lib/content_context.h"

/* What a part is; kinds from ALTERNATIVE on hold others. */
enum kind { PLAIN, HTML, IMAGE, PDF, ALTERNATIVE, RELATED, MIXED, KINDS };

#define MAY(kind) (1U << (kind))

/* Where a part stands, and which kinds may stand there. */
enum place { AT_TOP, IN_ALTERNATIVE, FIRST_IN_RELATED, IN_RELATED, IN_MIXED, PLACES };

static const unsigned allowed_kinds[PLACES] = {
    [AT_TOP] = MAY(PLAIN) | MAY(HTML) | MAY(ALTERNATIVE) | MAY(RELATED) | MAY(MIXED),
    [IN_ALTERNATIVE] = MAY(PLAIN) | MAY(HTML) | MAY(RELATED),
    [FIRST_IN_RELATED] = MAY(HTML) | MAY(ALTERNATIVE),
    [IN_RELATED] = MAY(IMAGE),
    [IN_MIXED] = MAY(PLAIN) | MAY(HTML) | MAY(IMAGE) | MAY(PDF) | MAY(ALTERNATIVE) | MAY(RELATED),
};

/* The types of parts, the parameters each may have, and the ends of a file's name. */
static const struct type {
    const char *name;
    enum kind kind;
    const char *parameters; /* between spaces */
    const char *file_ends;  /* the same; NULL: no name */
} types[] = {
    {"text/plain", PLAIN, " charset format delsp reply-type name ", " .txt "},
    {"text/html", HTML, " charset name ", " .html .htm "},
    {"image/png", IMAGE, " name name* x-apple-part-url x-unix-mode ", " .png "},
    {"image/jpeg", IMAGE, " name name* x-apple-part-url x-unix-mode ", " .jpg .jpeg .jpe .jfif "},
    {"image/gif", IMAGE, " name name* x-apple-part-url x-unix-mode ", " .gif "},
    {"image/webp", IMAGE, " name name* x-apple-part-url x-unix-mode ", " .webp "},
    {"application/pdf", PDF, " name name* x-unix-mode ", " .pdf "},
    {"multipart/alternative", ALTERNATIVE, " boundary charset differences ", NULL},
    {"multipart/related", RELATED, " boundary type start charset ", NULL},
    {"multipart/mixed", MIXED, " boundary charset ", NULL},
};

static const char disposition_parameters[] = " filename filename* size creation-date modification-date read-date ";

/* The fields that say how a part is read, each at most once. */
struct part {
    const struct type *type;
    struct slice text;       /* its octets, still encoded */
    struct mime_value value; /* Content-Type */
    struct mime_value disposition;
    enum mime_encoding encoding;
    gboolean readable; /* nothing is wrong that keeps its content from being read */
};

static void walk(struct content_context *context, const struct mime_field *fields, size_t n_fields, struct slice text,
                 enum place place);

static void report(struct content_context *context, enum content_reason reason, struct slice field, struct slice value)
{
    content_report(context, reason, &(struct content_place){.element = field, .value = value});
}

static void report_at(struct content_context *context, enum content_reason reason, const char *position)
{
    struct content_place place = {
        .line = content_line(context->body, position),
        .value = {position, (size_t)(context->body.data + context->body.length - position)},
    };
    content_report(context, reason, &place);
}

/* True where word is one of the words in list, which stand between spaces. */
static gboolean is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = list; length > 0 && (p = strstr(p, word)) != NULL; p++)
        if (p[-1] == ' ' && p[length] == ' ')
            return TRUE;
    return FALSE;
}

/* --- a part's header --- */

static const struct type *find_type(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

/* A name whose end says another type than the part is opened as that other type by some programs. */
static void rule_file_name(struct content_context *context, const struct type *type, struct slice field,
                           const char *name)
{
    const char *dot = strrchr(name, '.');
    g_autofree char *end = g_ascii_strdown(dot == NULL ? "" : dot, -1);
    if (end[0] != '\0' && (type->file_ends == NULL || !is_listed(type->file_ends, end)))
        report(context, CONTENT_FILE_NAME, field, slice_of(name));
}

static void rule_parameters(struct content_context *context, const struct type *type, struct slice field,
                            const struct mime_value *value, const char *allowed)
{
    for (unsigned i = 0; i < value->n_parameters; i++) {
        const char *name = value->parameters[i].name, *text = value->parameters[i].value;
        if (!is_listed(allowed, name))
            content_report(
                context, CONTENT_PARAMETER,
                &(struct content_place){.element = field, .attribute = slice_of(name), .value = slice_of(text)});
        else if (g_str_has_prefix(name, "name") || g_str_has_prefix(name, "filename"))
            rule_file_name(context, type, field, text);
    }
}

static void read_content_type(struct content_context *context, struct part *part, const struct mime_field *field)
{
    const char *problem = mime_value_parse(field->value, &part->value);
    if (problem != NULL) {
        report(context, CONTENT_TYPE_SYNTAX, field->name, slice_of(problem));
        part->readable = FALSE;
        return;
    }
    part->type = find_type(part->value.token);
    if (part->type == NULL) {
        report(context, CONTENT_TYPE_REFUSED, field->name, slice_of(part->value.token));
        part->readable = FALSE;
        return;
    }
    rule_parameters(context, part->type, field->name, &part->value, part->type->parameters);
}

static void read_disposition(struct content_context *context, struct part *part, const struct mime_field *field)
{
    const char *problem = mime_value_parse(field->value, &part->disposition);
    if (problem != NULL)
        report(context, CONTENT_TYPE_SYNTAX, field->name, slice_of(problem));
}

static void read_encoding(struct content_context *context, struct part *part, const struct mime_field *field)
{
    part->encoding = mime_encoding_parse(field->value);
    if (part->encoding == MIME_ENCODING_UNKNOWN) {
        report(context, CONTENT_ENCODING, field->name, slice_strip(field->value));
        part->readable = FALSE;
    }
}

static const struct {
    struct slice name;
    void (*read)(struct content_context *context, struct part *part, const struct mime_field *field);
} part_fields[] = {
    {SLICE_LITERAL("Content-Type"), read_content_type},
    {SLICE_LITERAL("Content-Transfer-Encoding"), read_encoding},
    {SLICE_LITERAL("Content-Disposition"), read_disposition},
    {SLICE_LITERAL("Content-ID"), NULL},
    {SLICE_LITERAL("Content-Description"), NULL},
    {SLICE_LITERAL("Content-Language"), NULL},
};

/* One field of the part's header; seen holds a bit for each that was there before. */
static void read_field(struct content_context *context, struct part *part, const struct mime_field *field,
                       unsigned *seen)
{
    for (size_t i = 0; i < G_N_ELEMENTS(part_fields); i++) {
        if (!slice_equal_folded(field->name, part_fields[i].name))
            continue;
        if ((*seen & 1U << i) != 0) {
            report(context, CONTENT_FIELD_REPEATED, field->name, (struct slice){0});
            part->readable = FALSE;
        } else if (part_fields[i].read != NULL) {
            part_fields[i].read(context, part, field);
        }
        *seen |= 1U << i;
        return;
    }
    /* Thunderbird fetches what X-Mozilla-External-Attachment-URL names, whatever its settings say. */
    if (slice_starts_folded(field->name, SLICE_LITERAL("Content-")) ||
        slice_starts_folded(field->name, SLICE_LITERAL("X-Mozilla-")))
        report(context, CONTENT_FIELD_REFUSED, field->name, slice_strip(field->value));
}

/* MIME-Version: 1.0 tells programs to read the Content- fields at all; some do so without it. */
static void rule_version(struct content_context *context, const struct mime_field *fields, size_t n_fields,
                         gboolean needed)
{
    for (size_t i = 0; i < n_fields; i++)
        if (slice_equal_folded(fields[i].name, SLICE_LITERAL("MIME-Version"))) {
            if (!slice_equal(slice_strip(fields[i].value), SLICE_LITERAL("1.0")))
                report(context, CONTENT_FIELD_SYNTAX, fields[i].name, slice_strip(fields[i].value));
            return;
        }
    if (needed)
        report(context, CONTENT_FIELD_MISSING, SLICE_LITERAL("MIME-Version"), (struct slice){0});
}

static void read_header(struct content_context *context, struct part *part, const struct mime_field *fields,
                        size_t n_fields, enum place place)
{
    unsigned seen = 0;
    for (size_t i = 0; i < n_fields; i++) {
        const char *problem = place == AT_TOP ? NULL : mime_field_problem(&fields[i]);
        if (problem != NULL)
            report(context, CONTENT_FIELD_SYNTAX, fields[i].name, slice_of(problem));
        read_field(context, part, &fields[i], &seen);
    }
    if ((seen & 1) == 0) {
        /* RFC 2045 section 5.2: what says nothing is text/plain; inside a multipart we want it said. */
        part->type = find_type("text/plain");
        if (place != AT_TOP)
            report(context, CONTENT_FIELD_MISSING, part_fields[0].name, (struct slice){0});
    }
    if (place == AT_TOP)
        rule_version(context, fields, n_fields, seen != 0);
}

/* --- leaves --- */

static void rule_disposition(struct content_context *context, const struct part *part)
{
    const struct slice field = SLICE_LITERAL("Content-Disposition");
    const char *token = part->disposition.token;
    gboolean attachment = g_strcmp0(token, "attachment") == 0;
    gboolean known = token == NULL || attachment || strcmp(token, "inline") == 0;
    enum kind kind = part->type->kind;
    if (!known || (attachment && kind != IMAGE && kind != PDF) || (!attachment && kind == PDF))
        report(context, CONTENT_DISPOSITION, field, slice_of(token == NULL ? "" : token));
    rule_parameters(context, part->type, field, &part->disposition, disposition_parameters);
}

static gboolean starts_with(struct slice data, const char *magic, size_t length)
{
    return data.length >= length && memcmp(data.data, magic, length) == 0;
}

const char *content_image_type(struct slice data)
{
    if (starts_with(data, "\x89PNG\r\n\x1a\n", 8))
        return "image/png";
    if (starts_with(data, "\xff\xd8\xff", 3))
        return "image/jpeg";
    if (starts_with(data, "GIF87a", 6) || starts_with(data, "GIF89a", 6))
        return "image/gif";
    if (data.length >= 12 && starts_with(data, "RIFF", 4) && memcmp(data.data + 8, "WEBP", 4) == 0)
        return "image/webp";
    return NULL;
}

static gboolean data_fit(const struct type *type, struct slice data)
{
    if (type->kind == PDF)
        return starts_with(data, "%PDF-", 5);
    return g_strcmp0(content_image_type(data), type->name) == 0;
}

/* True where a person would see something: a letter or digit, or a character beyond ASCII that is no kind of blank. */
static gboolean has_words(enum mime_charset charset, struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (g_ascii_isalnum(text.data[i]))
            return TRUE;
    for (size_t i = 0; i < text.length; i++) {
        gboolean utf8 = charset == MIME_UTF_8;
        guint8 c = (guint8)text.data[i];
        if (!utf8 && c >= 0xc0)
            return TRUE;
        if (utf8 && c >= 0xc0 && g_unichar_isalnum(g_utf8_get_char(text.data + i)))
            return TRUE;
    }
    return FALSE;
}

static void rule_text(struct content_context *context, const struct part *part, struct slice text, enum place place)
{
    const char *name = mime_value_get(&part->value, "charset");
    gboolean html = part->type->kind == HTML;
    /* RFC 2045 section 5.2 makes it us-ascii where nothing is said; for HTML programs guess. */
    enum mime_charset charset = name != NULL ? mime_charset_parse(name) : html ? MIME_CHARSET_UNKNOWN : MIME_US_ASCII;
    if (!mime_charset_valid(charset, text)) {
        report(context, CONTENT_CHARSET, part_fields[0].name, slice_of(name == NULL ? "" : name));
        return;
    }
    if (html) {
        context->html_parts++;
        content_rule_html(context, text);
        return;
    }
    content_rule_plain(context, text);
    if (has_words(charset, text)) {
        context->plain_parts++;
        if (place == IN_ALTERNATIVE)
            context->plain_alternatives++;
    }
}

static void rule_leaf(struct content_context *context, const struct part *part, enum place place)
{
    enum { MAGIC = 16 }; /* octets by which data are known */
    gboolean is_text = part->type->kind == PLAIN || part->type->kind == HTML;
    struct slice text;
    rule_disposition(context, part);
    const char *problem = mime_decode(part->encoding, part->text, is_text ? SIZE_MAX : MAGIC, context->decoded, &text);
    if (problem != NULL)
        report(context, CONTENT_ENCODING, part_fields[1].name, slice_of(problem));
    else if (is_text)
        rule_text(context, part, text, place);
    else if (!data_fit(part->type, text))
        report(context, CONTENT_IMAGE_DATA, part_fields[0].name, slice_of(part->type->name));
}

/* --- multiparts --- */

/* What a line that begins with "--" and the boundary is to the multipart. */
enum delimiter {
    NO_DELIMITER,
    DELIMITER,
    CLOSE_DELIMITER,
    ODD_DELIMITER, /* more than the boundary: some programs take it for a delimiter */
};

/* Reads the rest of the line that begins with the dashed boundary, from p on; *next_r is what follows the line. */
static enum delimiter read_delimiter(const char *p, const char *end, const char **next_r)
{
    struct slice rest = {p, (size_t)(end - p)};
    gboolean close = rest.length >= 2 && memcmp(rest.data, "--", 2) == 0;
    if (close)
        rest = slice_skip(rest, 2);
    if (rest.length >= 2 && memcmp(rest.data, "\r\n", 2) == 0)
        *next_r = rest.data + 2;
    else if (rest.length == 0 && close)
        *next_r = rest.data;
    else
        return ODD_DELIMITER;
    return close ? CLOSE_DELIMITER : DELIMITER;
}

/* The next line from p on that begins with the dashed boundary; *line_r is where it begins. */
static enum delimiter find_delimiter(struct slice text, const char *p, struct slice dashed, const char **line_r,
                                     const char **next_r)
{
    const char *end = text.data + text.length;
    while ((p = memmem(p, (size_t)(end - p), dashed.data, dashed.length)) != NULL) {
        if (p == text.data || p[-1] == '\n') {
            *line_r = p;
            return read_delimiter(p + dashed.length, end, next_r);
        }
        p++;
    }
    return NO_DELIMITER;
}

/* Boundaries of which one begins with the other could be taken for one another. */
static gboolean boundary_allowed(const struct content_context *context, const char *boundary)
{
    if (boundary == NULL || !mime_boundary_valid(boundary))
        return FALSE;
    for (unsigned i = 0; i < context->depth; i++)
        if (g_str_has_prefix(context->boundaries[i], boundary) || g_str_has_prefix(boundary, context->boundaries[i]))
            return FALSE;
    return TRUE;
}

/* Before the first part one line for programs without MIME may stand, which can't be taken for anything else. */
static gboolean preamble_allowed(struct slice text)
{
    enum { SHOWN = 200 };
    text = slice_strip(text);
    for (size_t i = 0; i < text.length; i++)
        if (!g_ascii_isalnum(text.data[i]) && strchr(" .,-", text.data[i]) == NULL)
            return FALSE;
    return text.length <= SHOWN;
}

/* The part between two delimiters, named by its path. */
static void walk_child(struct content_context *context, struct slice text, enum kind parent, unsigned number)
{
    struct mime_field fields[CONTENT_MAX_PART_FIELDS];
    const char *path = context->part;
    size_t n_fields;
    struct slice body;
    enum place place = parent == ALTERNATIVE ? IN_ALTERNATIVE : parent == MIXED ? IN_MIXED : IN_RELATED;
    if (parent == RELATED && number == 1)
        place = FIRST_IN_RELATED;
    g_autofree char *name = path == NULL ? g_strdup_printf("%u", number) : g_strdup_printf("%s.%u", path, number);
    context->part = name;
    const char *problem = mime_fields_parse(text, fields, G_N_ELEMENTS(fields), &n_fields, &body);
    if (problem != NULL)
        report(context, CONTENT_FIELD_SYNTAX, (struct slice){0}, slice_of(problem));
    else
        walk(context, fields, n_fields, body, place);
    context->part = path;
}

/* Reads the parts of a multipart one by one. text is all between its header and the end of the part that it is. */
static void read_parts(struct content_context *context, struct slice text, enum kind kind, struct slice dashed)
{
    const char *line = NULL, *next = NULL, *end = text.data + text.length;
    enum delimiter delimiter = find_delimiter(text, text.data, dashed, &line, &next);
    if (delimiter == DELIMITER && !preamble_allowed((struct slice){text.data, (size_t)(line - text.data)}))
        report_at(context, CONTENT_OUTSIDE_PARTS, text.data);
    unsigned number = 0;
    while (delimiter == DELIMITER && !content_is_done(context)) {
        const char *start = next;
        delimiter = find_delimiter(text, start, dashed, &line, &next);
        if (delimiter != DELIMITER && delimiter != CLOSE_DELIMITER)
            break;
        /* The line end before a delimiter belongs to it; an empty part has none of its own. */
        const char *stop = line - start >= 2 ? line - 2 : start;
        walk_child(context, (struct slice){start, (size_t)(stop - start)}, kind, ++number);
    }
    if (content_is_done(context))
        return;
    if (delimiter != CLOSE_DELIMITER || number == 0)
        report_at(context, CONTENT_BOUNDARY, delimiter == NO_DELIMITER ? text.data : line);
    else if (slice_strip((struct slice){next, (size_t)(end - next)}).length > 0)
        report_at(context, CONTENT_OUTSIDE_PARTS, next);
}

static void rule_multipart(struct content_context *context, const struct part *part)
{
    const char *boundary = mime_value_get(&part->value, "boundary");
    if (part->encoding != MIME_7BIT && part->encoding != MIME_8BIT) {
        report(context, CONTENT_ENCODING, part_fields[1].name, SLICE_LITERAL("on a multipart"));
        return;
    }
    if (context->depth == CONTENT_MAX_DEPTH) {
        report(context, CONTENT_DEPTH, (struct slice){0}, (struct slice){0});
        return;
    }
    if (!boundary_allowed(context, boundary)) {
        report(context, CONTENT_BOUNDARY, part_fields[0].name, slice_of(boundary == NULL ? "" : boundary));
        return;
    }
    g_autofree char *dashed = g_strconcat("--", boundary, NULL);
    context->boundaries[context->depth++] = boundary;
    read_parts(context, part->text, part->type->kind, slice_of(dashed));
    context->depth--;
}

/* One part: its header's fields and all that follows them. */
static void walk(struct content_context *context, const struct mime_field *fields, size_t n_fields, struct slice text,
                 enum place place)
{
    struct part part = {.text = text, .encoding = MIME_7BIT, .readable = TRUE};
    if (++context->parts > CONTENT_MAX_PARTS) {
        if (context->parts == CONTENT_MAX_PARTS + 1)
            report(context, CONTENT_PARTS, (struct slice){0}, (struct slice){0});
        return;
    }
    read_header(context, &part, fields, n_fields, place);
    if (part.readable && (allowed_kinds[place] & MAY(part.type->kind)) == 0)
        report(context, CONTENT_STRUCTURE, part_fields[0].name, slice_of(part.type->name));
    if (part.readable && !content_is_done(context)) {
        if (place == AT_TOP && part.type->kind < ALTERNATIVE)
            context->part = "1";
        if (part.type->kind >= ALTERNATIVE)
            rule_multipart(context, &part);
        else
            rule_leaf(context, &part, place);
    }
    mime_value_release(&part.value);
    mime_value_release(&part.disposition);
}

void content_rule_parts(struct content_context *context, const struct content_message *message)
{
    walk(context, message->fields, message->n_fields, message->body, AT_TOP);
    context->part = NULL;
    unsigned texts = context->html_parts > 0 ? context->plain_alternatives : context->plain_parts;
    if (texts == 0 && !content_is_done(context))
        report(context, CONTENT_TEXT_MISSING, (struct slice){0}, (struct slice){0});
}
