/* content.c - findings and their words, and the two checks: which rules apply to what. */
#include "lib/content_context.h"

/* Characters of a value that a finding quotes. */
#define VALUE_SHOWN 80

static const struct {
    const char *name;
    const char *text;
} reasons[CONTENT_REASONS] = {
    [CONTENT_ELEMENT] = {"element", "this element is not on the list of allowed ones; take it out"},
    [CONTENT_ATTRIBUTE] = {"attribute", "this attribute is not allowed on this element; take it out"},
    [CONTENT_LINK] = {"link", "links may go to http:, https:, mailto:, tel: or # alone"},
    [CONTENT_LINK_TYPE] = {"link-type", "rel may say noopener, noreferrer, nofollow, external, sponsored, ugc, author, "
                                        "bookmark, help, license, tag: nothing that fetches the link ahead"},
    [CONTENT_IMAGE] = {"image",
                       "only cid: and data:image/png, jpeg, gif, webp (base64) may be shown; attach the picture"},
    [CONTENT_FRAGMENT] = {"fragment", "only a name in the same text may stand here: # and the name"},
    [CONTENT_META] = {"meta", "this meta element is not on the list of harmless ones; take it out"},
    [CONTENT_REFERENCE] = {"reference", "an unknown character reference; write the character itself, & as &amp;"},
    [CONTENT_CONTROL] = {"control", "a control character; take it out"},
    [CONTENT_UNCLOSED] = {"unclosed", "the text ends before this is closed"},
    [CONTENT_COMMENT] = {"comment",
                         "mail programs disagree where this comment ends; write <!-- text --> without -- inside"},
    [CONTENT_CONDITIONAL] = {"conditional", "this is no well-formed conditional comment: <!--[if mso]> … <![endif]-->"},
    [CONTENT_DECLARATION] = {"declaration",
                             "only <!DOCTYPE …>, comments and conditional comments may begin with <! or <?"},
    [CONTENT_AMBIGUOUS] =
        {"ambiguous", "mail programs disagree on how to read this tag; quote each value, one space between attributes"},
    [CONTENT_MANY_ATTRIBUTES] = {"many-attributes", "more than 64 attributes in a tag"},
    [CONTENT_RAW_MARKUP] = {"raw-markup",
                            "markup inside a title or a value, or < right before markup; write < as &lt;"},
    [CONTENT_STYLE_FUNCTION] =
        {"style-function",
         "this function loads something or is not known to be harmless; attach pictures and use <img src=\"cid:…\">"},
    [CONTENT_STYLE_AT_RULE] = {"style-at-rule",
                               "this at-rule loads something or is not known to be harmless; take it out"},
    [CONTENT_STYLE_PROPERTY] = {"style-property", "this property loads a program or a picture; take it out"},
    [CONTENT_STYLE_STRING] = {"style-string", "a string with url( in it; take it out"},
    [CONTENT_STYLE_MARKUP] = {"style-markup", "a tag inside style text; take it out"},
    [CONTENT_STYLE_UNCLOSED] = {"style-unclosed", "the style text ends inside a comment, string or block; close it"},
    [CONTENT_STYLE_BROKEN] = {"style-broken", "the style text can't be read from here on: a bracket without partner, a "
                                              "line break in a string, a stray character"},
    [CONTENT_STYLE_DEEP] = {"style-deep", "more than 32 blocks inside one another"},
    [CONTENT_STYLE_TYPE] = {"style-type", "style elements are text/css"},
    [CONTENT_MESSAGE_SIZE] = {"message-size", "the message is larger than allowed"},
    [CONTENT_LINE_END] = {"line-end",
                          "lines end in CR LF; a bare CR or LF is read as a line end by some programs alone"},
    [CONTENT_LINE_LENGTH] = {"line-length", "a line of more than 998 octets; use quoted-printable or base64"},
    [CONTENT_NUL] = {"nul", "a NUL character"},
    [CONTENT_FIELD_COUNT] = {"field-count", "more than 64 header fields, or 16 in a part"},
    [CONTENT_FIELD_SIZE] = {"field-size", "a header field of more than 16 KiB, or more than 32 KiB in all"},
    [CONTENT_FIELD_SYNTAX] = {"field-syntax", "not a well-formed header field"},
    [CONTENT_FIELD_MISSING] = {"field-missing", "this header field must be there"},
    [CONTENT_FIELD_REPEATED] = {"field-repeated", "this header field must be there once"},
    [CONTENT_FIELD_REFUSED] =
        {"field-refused",
         "this header field is not allowed: it asks for a receipt, loads something, or changes how the part is read"},
    [CONTENT_UNSUBSCRIBE] = {"unsubscribe", "List-Unsubscribe needs an <https://…> URI, List-Unsubscribe-Post the "
                                            "value List-Unsubscribe=One-Click (RFC 8058)"},
    [CONTENT_TYPE_SYNTAX] = {"type-syntax", "the field can't be read surely"},
    [CONTENT_TYPE_REFUSED] = {"type-refused", "parts are text/plain, text/html, image/png, jpeg, gif, webp, "
                                              "application/pdf, multipart/alternative, related, mixed"},
    [CONTENT_PARAMETER] = {"parameter", "this parameter is not allowed here"},
    [CONTENT_STRUCTURE] = {"structure", "this type of part may not stand at this place: mixed > alternative > "
                                        "text/plain, related > text/html, images"},
    [CONTENT_BOUNDARY] = {"boundary", "no boundary, an invalid one, or one that could be taken for another; or the "
                                      "multipart is not closed or empty"},
    [CONTENT_OUTSIDE_PARTS] = {"outside-parts", "text before the first or after the last part of a multipart"},
    [CONTENT_DEPTH] = {"depth", "more than 8 multiparts inside one another"},
    [CONTENT_PARTS] = {"parts", "more than 100 parts"},
    [CONTENT_DISPOSITION] = {"disposition", "texts are inline, a PDF is an attachment, images are either"},
    [CONTENT_FILE_NAME] = {"file-name", "the file's name does not fit its type"},
    [CONTENT_ENCODING] = {"encoding", "the transfer encoding is unknown or broken"},
    [CONTENT_CHARSET] = {"charset", "the charset must be named and be utf-8, us-ascii, iso-8859-1, iso-8859-15 or "
                                    "windows-1252, and the text be in it"},
    [CONTENT_PLAIN_HTML] = {"plain-html", "HTML in a text/plain part, which some programs show as HTML"},
    [CONTENT_PLAIN_ENCODED] = {"plain-encoded", "a file encoded within a text/plain part"},
    [CONTENT_IMAGE_DATA] = {"image-data", "the data are not of the type that the part names"},
    [CONTENT_TEXT_MISSING] = {"text-missing", "no text/plain with words beside the HTML"},
};

const char *content_reason_name(enum content_reason reason)
{
    return reasons[reason].name;
}

const char *content_reason_text(enum content_reason reason)
{
    return reasons[reason].text;
}

static void finding_free(gpointer data)
{
    struct content_finding *finding = data;
    g_free(finding->part);
    g_free(finding->element);
    g_free(finding->attribute);
    g_free(finding->value);
    g_free(finding);
}

GPtrArray *content_findings_new(void)
{
    return g_ptr_array_new_with_free_func(finding_free);
}

/* A slice for people: at most `shown` characters, what can't be printed as \xNN. NULL where it is no slice. */
static char *quote(struct slice text, size_t shown)
{
    if (text.data == NULL)
        return NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    size_t i = 0;
    for (size_t n = 0; i < text.length && n < shown; n++) {
        gunichar c = g_utf8_get_char_validated(text.data + i, (gssize)(text.length - i));
        if (c < 0x110000 && c != 0 && g_unichar_isprint(c)) {
            g_string_append_unichar(out, c);
            i += (size_t)g_unichar_to_utf8(c, NULL);
        } else {
            g_string_append_printf(out, "\\x%02x", (guint8)text.data[i++]);
        }
    }
    if (i < text.length)
        g_string_append(out, "…");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void content_report(struct content_context *context, enum content_reason reason, const struct content_place *place)
{
    context->found++;
    if (context->findings == NULL || context->found > context->options->max_findings)
        return;
    struct content_finding *finding = g_new(struct content_finding, 1);
    *finding = (struct content_finding){
        .reason = reason,
        .part = g_strdup(context->part),
        .line = place->line,
        .element = quote(place->element, CONTENT_NAME_MAX),
        .attribute = quote(place->attribute, CONTENT_NAME_MAX),
        .value = quote(place->value, VALUE_SHOWN),
    };
    g_ptr_array_add(context->findings, finding);
}

guint content_line(struct slice text, const char *position)
{
    guint line = 1;
    const char *p = text.data;
    while ((p = memchr(p, '\n', (size_t)(position - p))) != NULL) {
        line++;
        p++;
    }
    return line;
}

char *content_finding_text(const struct content_finding *finding)
{
    gboolean header = g_strcmp0(finding->part, "header") == 0;
    GString *out = g_string_new(NULL);
    if (finding->part != NULL)
        g_string_append_printf(out, header ? "%s" : "part %s", finding->part);
    if (finding->line > 0)
        g_string_append_printf(out, "%sline %u", out->len > 0 ? ", " : "", finding->line);
    if (out->len > 0)
        g_string_append(out, ": ");
    if (finding->element != NULL && finding->attribute != NULL)
        g_string_append_printf(out, header ? "%s; %s=\"%s\": " : "<%s %s=\"%s\">: ", finding->element,
                               finding->attribute, finding->value != NULL ? finding->value : "");
    else if (finding->element != NULL && finding->value != NULL)
        g_string_append_printf(out, header ? "%s: %s: " : "<%s> %s: ", finding->element, finding->value);
    else if (finding->element != NULL)
        g_string_append_printf(out, header ? "%s: " : "<%s>: ", finding->element);
    else if (finding->value != NULL)
        g_string_append_printf(out, "%s: ", finding->value);
    g_string_append(out, reasons[finding->reason].text);
    return g_string_free(out, FALSE);
}

static void context_init(struct content_context *context, const struct content_options *options, GPtrArray *findings)
{
    *context = (struct content_context){
        .options = options,
        .findings = findings,
        .decoded = g_string_new(NULL),
        .value = g_string_new(NULL),
    };
    content_index_init(&context->index);
}

static gboolean context_release(struct content_context *context)
{
    g_string_free(context->decoded, TRUE);
    g_string_free(context->value, TRUE);
    return context->found == 0;
}

/* True where no CR or LF stands alone. */
SLICE_VECTORIZE static gboolean line_ends_valid(struct slice body)
{
    guint8 odd = 0;
    for (size_t i = 0; i + 1 < body.length; i++)
        odd |= (guint8)((body.data[i] == '\r') ^ (body.data[i + 1] == '\n'));
    return odd == 0 && (body.length == 0 || (body.data[0] != '\n' && body.data[body.length - 1] != '\r'));
}

/* The first line that is too long, NULL: none. From the start of a line it looks for the last line end in reach. */
static const char *find_long_line(struct slice body)
{
    const char *p = body.data, *end = p + body.length;
    while (end - p > MIME_LINE_MAX) {
        const char *line_feed = memrchr(p, '\n', MIN((size_t)(end - p), MIME_LINE_MAX + strlen("\r\n")));
        if (line_feed == NULL)
            return p;
        p = line_feed + 1;
    }
    return NULL;
}

/* The octets of the body: NUL, line ends, lengths of lines. FALSE where its structure can't be read. */
static gboolean rule_octets(struct content_context *context, struct slice body)
{
    const char *nul = body.length > 0 ? memchr(body.data, '\0', body.length) : NULL;
    if (nul != NULL)
        content_report(context, CONTENT_NUL, &(struct content_place){.line = content_line(body, nul)});
    gboolean valid = line_ends_valid(body);
    const char *long_line = valid ? find_long_line(body) : NULL;
    if (!valid)
        content_report(context, CONTENT_LINE_END, &(struct content_place){0});
    else if (long_line != NULL)
        content_report(context, CONTENT_LINE_LENGTH, &(struct content_place){.line = content_line(body, long_line)});
    return valid && nul == NULL;
}

/* True where no octet before the last is a control character, but tabs, LF and CR LF. */
SLICE_VECTORIZE static gboolean is_free_of_controls(struct slice text)
{
    guint8 odd = 0;
    for (size_t i = 0; i + 1 < text.length; i++) {
        guint8 c = (guint8)text.data[i], next = (guint8)text.data[i + 1];
        odd |= (guint8)(((c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r')) | ((c == '\r') & (next != '\n')));
    }
    return odd == 0;
}

const char *content_control(struct slice text)
{
    size_t i = is_free_of_controls(text) && text.length > 0 ? text.length - 1 : 0;
    for (; i < text.length; i++) {
        char c = text.data[i];
        if ((guint8)c >= 0x20 || c == '\n' || c == '\t')
            continue;
        if (c != '\r' || i + 1 == text.length || text.data[i + 1] != '\n')
            return text.data + i;
    }
    return NULL;
}

gboolean content_check(const struct content_message *message, const struct content_options *options,
                       GPtrArray *findings)
{
    struct content_context context;
    context_init(&context, options, findings);
    context.body = message->body;
    size_t size = message->body.length;
    for (size_t i = 0; i < message->n_fields; i++)
        size += message->fields[i].name.length + message->fields[i].value.length + 3;
    if (size > options->max_message) {
        content_report(&context, CONTENT_MESSAGE_SIZE, &(struct content_place){0});
        return context_release(&context);
    }
    content_rule_fields(&context, message);
    if (!content_is_done(&context) && rule_octets(&context, message->body))
        content_rule_parts(&context, message);
    return context_release(&context);
}

gboolean content_check_message(struct slice text, const struct content_options *options, GPtrArray *findings)
{
    /* One more than allowed, so that the check can say so. */
    struct mime_field fields[CONTENT_MAX_FIELDS + 1];
    struct content_message message = {.fields = fields};
    const char *problem = mime_fields_parse(text, fields, G_N_ELEMENTS(fields), &message.n_fields, &message.body);
    if (problem == NULL || message.n_fields > CONTENT_MAX_FIELDS)
        return content_check(&message, options, findings);
    struct content_context context;
    context_init(&context, options, findings);
    context.part = "header";
    content_report(&context, CONTENT_FIELD_SYNTAX, &(struct content_place){.value = slice_of(problem)});
    return context_release(&context);
}

gboolean content_check_html(struct slice text, const struct content_options *options, GPtrArray *findings)
{
    struct content_context context;
    context_init(&context, options, findings);
    if (!mime_charset_valid(MIME_UTF_8, text))
        content_report(&context, CONTENT_CHARSET, &(struct content_place){0});
    if (!content_is_done(&context))
        content_rule_html(&context, text);
    return context_release(&context);
}

gboolean content_check_plain(struct slice text, const struct content_options *options, GPtrArray *findings)
{
    struct content_context context;
    context_init(&context, options, findings);
    content_rule_plain(&context, text);
    return context_release(&context);
}
