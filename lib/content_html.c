/*
 * content_html.c - the rule for an HTML text: each token by the tables, style text by css.h, conditional comments
 * again.
 */
#include "lib/content_context.h"
#include "lib/css.h"
#include "lib/html.h"

/* Characters of the expression in a conditional comment. */
#define CONDITION_MAX 100

/* The text that is read; conditional comments lie inside it. */
struct reader {
    struct content_context *context;
    struct slice text;
    struct slice last_start; /* name of the last start tag: raw text belongs to it */
    gboolean in_conditional; /* inside <!--[if …]> … <![endif]--> */
    const char *counted;     /* up to here lines were counted: `line` of them */
    guint line;
};

static void read_markup(struct reader *reader, struct slice text);

/*
 * Findings come nearly in order: goes on from the last one, so that ten thousand of them cost one walk over the text.
 */
static guint line_of(struct reader *r, const char *position)
{
    if (position < r->counted) {
        r->counted = r->text.data;
        r->line = 1;
    }
    r->line += content_line((struct slice){r->counted, (size_t)(position - r->counted)}, position) - 1;
    r->counted = position;
    return r->line;
}

static void report(struct reader *r, enum content_reason reason, const struct html_token *token, struct slice value)
{
    gboolean tag = token->type == HTML_START_TAG || token->type == HTML_END_TAG;
    struct content_place place = {
        .line = line_of(r, token->start),
        .element = tag ? token->text : (struct slice){0},
        .value = value,
    };
    content_report(r->context, reason, &place);
}

static void report_attribute(struct reader *r, enum content_reason reason, const struct html_token *token,
                             const struct html_attribute *attribute, struct slice value)
{
    struct content_place place = {
        .line = line_of(r, attribute->name.data),
        .element = token->text,
        .attribute = attribute->name,
        .value = value,
    };
    content_report(r->context, reason, &place);
}

/* The token as it stands in the text, for the findings that have no name to show. */
static struct slice whole_token(const struct reader *r, const struct html_token *token)
{
    return (struct slice){token->start, (size_t)(r->text.data + r->text.length - token->start)};
}

/* --- URLs --- */

SLICE_VECTORIZE static gboolean has_control(struct slice url)
{
    guint8 seen = 0;
    for (size_t i = 0; i < url.length; i++)
        seen |= (guint8)(((guint8)url.data[i] < 0x20) | (url.data[i] == 0x7f));
    return seen != 0;
}

/* A link that a person follows with a click. */
static gboolean link_allowed(struct slice url)
{
    static const struct slice hosts[] = {SLICE_LITERAL("https://"), SLICE_LITERAL("http://")};
    static const struct slice others[] = {SLICE_LITERAL("mailto:"), SLICE_LITERAL("tel:")};
    url = slice_strip(url);
    if (url.length == 0 || has_control(url))
        return FALSE;
    if (url.data[0] == '#')
        return TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++)
        if (slice_starts_folded(url, hosts[i]))
            return url.length > hosts[i].length && strchr("/\\ ?#", url.data[hosts[i].length]) == NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (slice_starts_folded(url, others[i]))
            return url.length > others[i].length;
    return FALSE;
}

/* base64 on one line, padded. */
static gboolean base64_valid(struct slice text)
{
    while (text.length > 0 && text.data[text.length - 1] == '=' && text.length % 4 != 2)
        text.length--;
    for (size_t i = 0; i < text.length; i++)
        if (!g_ascii_isalnum(text.data[i]) && text.data[i] != '+' && text.data[i] != '/')
            return FALSE;
    return text.length % 4 != 1;
}

/* After "data:": one of the image types, base64, with data of that type. */
static gboolean data_allowed(struct slice url)
{
    enum { HEAD = 16 }; /* base64 characters that hold the octets by which images are known */
    const char *comma = memchr(url.data, ',', MIN(url.length, 32));
    if (comma == NULL)
        return FALSE;
    struct slice type = {url.data, (size_t)(comma - url.data)}, data = slice_skip(url, type.length + 1), head;
    if (data.length < HEAD || data.length % 4 != 0 || !base64_valid(data))
        return FALSE;
    g_autoptr(GString) buffer = g_string_new(NULL);
    mime_decode(MIME_BASE64, (struct slice){data.data, HEAD}, SIZE_MAX, buffer, &head);
    const char *real = content_image_type(head);
    if (real == NULL)
        return FALSE;
    size_t length = strlen(real);
    return slice_starts_folded(type, (struct slice){real, length}) &&
           slice_equal_folded(slice_skip(type, length), SLICE_LITERAL(";base64"));
}

/* The Content-ID of a part, as RFC 2392 writes it in a URL: an address's characters; nothing that looks like a URL. */
static gboolean is_content_id(struct slice id)
{
    for (size_t i = 0; i < id.length; i++)
        if (!g_ascii_isalnum(id.data[i]) && (id.data[i] == '\0' || strchr(".@-_=+%$!'*^`{|}~&/", id.data[i]) == NULL))
            return FALSE;
    return id.length > 0 && id.data[0] != '/';
}

/* What is shown without a click. */
static gboolean image_allowed(struct slice url, gboolean data)
{
    url = slice_strip(url);
    if (data && slice_starts_folded(url, SLICE_LITERAL("data:")))
        return data_allowed(slice_skip(url, 5));
    if (!slice_starts_folded(url, SLICE_LITERAL("cid:")))
        return FALSE;
    return is_content_id(slice_skip(url, strlen("cid:")));
}

/* "#" and a name. */
static gboolean fragment_allowed(struct slice url)
{
    for (size_t i = 1; i < url.length; i++)
        if (!g_ascii_isalnum(url.data[i]) && strchr("_-.:", url.data[i]) == NULL)
            return FALSE;
    return url.length > 1 && url.data[0] == '#';
}

/*
 * "<![" or "<!--[" where no markup is read: in a value, a string, a CSS comment. A program that skips a conditional
 * part ends it at the first <![endif] in the text, wherever that stands, and reads what follows as markup. NULL: none.
 */
static const char *find_conditional(struct slice text)
{
    const char *p = text.data, *end = p + text.length;
    while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        struct slice rest = {p, (size_t)(end - p)};
        if (slice_starts_folded(rest, SLICE_LITERAL("<![")) || slice_starts_folded(rest, SLICE_LITERAL("<!--[")))
            return p;
        p++;
    }
    return NULL;
}

/* --- style text --- */

static enum content_reason style_reason(enum css_problem_kind kind)
{
    static const enum content_reason of_kind[] = {
        [CSS_FUNCTION] = CONTENT_STYLE_FUNCTION, [CSS_AT_RULE] = CONTENT_STYLE_AT_RULE,
        [CSS_PROPERTY] = CONTENT_STYLE_PROPERTY, [CSS_STRING] = CONTENT_STYLE_STRING,
        [CSS_MARKUP] = CONTENT_STYLE_MARKUP,     [CSS_UNCLOSED] = CONTENT_STYLE_UNCLOSED,
        [CSS_BROKEN] = CONTENT_STYLE_BROKEN,     [CSS_DEEP] = CONTENT_STYLE_DEEP,
    };
    return of_kind[kind];
}

/* From the problem on: "url(http://…" says more than "url(". */
static struct slice rest_of_problem(struct slice text, const struct css_problem *problem)
{
    return (struct slice){problem->text.data, (size_t)(text.data + text.length - problem->text.data)};
}

static void rule_style_element(struct reader *r, struct slice text)
{
    size_t before = r->context->found;
    struct css_scanner scanner;
    struct css_problem problem;
    css_scanner_init(&scanner, text);
    while (!content_is_done(r->context) && css_scanner_next(&scanner, &problem)) {
        struct content_place place = {
            .line = line_of(r, problem.text.data),
            .element = SLICE_LITERAL("style"),
            .value = rest_of_problem(text, &problem),
        };
        content_report(r->context, style_reason(problem.kind), &place);
    }
    const char *conditional = r->context->found == before ? find_conditional(text) : NULL;
    if (conditional != NULL) {
        struct content_place place = {
            .line = line_of(r, conditional),
            .element = SLICE_LITERAL("style"),
            .value = {conditional, (size_t)(text.data + text.length - conditional)},
        };
        content_report(r->context, CONTENT_STYLE_MARKUP, &place);
    }
}

static void rule_style_attribute(struct reader *r, const struct html_token *token,
                                 const struct html_attribute *attribute, struct slice text)
{
    struct css_scanner scanner;
    struct css_problem problem;
    css_scanner_init(&scanner, text);
    while (!content_is_done(r->context) && css_scanner_next(&scanner, &problem))
        report_attribute(r, style_reason(problem.kind), token, attribute, rest_of_problem(text, &problem));
}

/* --- tags --- */

static gboolean is_one_of(struct slice text, const char *const *names)
{
    for (text = slice_strip(text); *names != NULL; names++)
        if (slice_equal_folded(text, slice_of(*names)))
            return TRUE;
    return FALSE;
}

static gboolean charset_allowed(struct slice text)
{
    g_autofree char *name = g_strndup(text.data, text.length);
    return mime_charset_parse(name) != MIME_CHARSET_UNKNOWN;
}

/* True for "text/html; charset=utf-8". */
static gboolean content_type_allowed(struct slice text)
{
    struct mime_value value;
    gboolean allowed = mime_value_parse(text, &value) == NULL && strcmp(value.token, "text/html") == 0;
    const char *charset = allowed ? mime_value_get(&value, "charset") : NULL;
    allowed = allowed && (charset == NULL || mime_charset_parse(charset) != MIME_CHARSET_UNKNOWN);
    mime_value_release(&value);
    return allowed;
}

/* No "prefetch", "prerender", "next": words of which some program thinks that the link may be followed ahead. */
static gboolean link_type_allowed(struct slice text)
{
    static const char *const words[] = {"noopener", "noreferrer", "nofollow", "external", "sponsored", "ugc",
                                        "author",   "bookmark",   "help",     "license",  "tag",       NULL};
    const char *p = text.data, *end = p + text.length;
    while (p < end) {
        const char *start = p;
        while (p < end && !slice_is_space(*p))
            p++;
        if (p > start && !is_one_of((struct slice){start, (size_t)(p - start)}, words))
            return FALSE;
        p += p < end;
    }
    return TRUE;
}

/* The value without character references. It lies in the text or in context->value, until the next call. */
static struct slice decode_value(struct reader *r, const struct html_token *token,
                                 const struct html_attribute *attribute)
{
    struct slice raw = attribute->value;
    if (raw.length == 0 || memchr(raw.data, '&', raw.length) == NULL)
        return raw;
    g_string_truncate(r->context->value, 0);
    if (!html_decode_references(raw, TRUE, r->context->value))
        report_attribute(r, CONTENT_REFERENCE, token, attribute, raw);
    return (struct slice){r->context->value->str, r->context->value->len};
}

static void rule_value(struct reader *r, const struct html_token *token, const struct html_attribute *attribute,
                       enum content_rule rule)
{
    static const char *const http_equivs[] = {
        "content-type", "content-language", "content-style-type", "x-ua-compatible", "imagetoolbar", "cleartype", NULL};
    static const char *const meta_names[] = {"viewport",
                                             "color-scheme",
                                             "supported-color-schemes",
                                             "format-detection",
                                             "x-apple-disable-message-reformatting",
                                             "robots",
                                             "author",
                                             "description",
                                             "keywords",
                                             "generator",
                                             "progid",
                                             "originator",
                                             "date",
                                             "copyright",
                                             "title",
                                             "language",
                                             "theme-color",
                                             "referrer",
                                             "handheldfriendly",
                                             "mobileoptimized",
                                             "apple-mobile-web-app-capable",
                                             "og:title",
                                             "og:description",
                                             "og:type",
                                             "og:locale",
                                             "og:site_name",
                                             NULL};
    struct slice value = decode_value(r, token, attribute);
    gboolean allowed = TRUE;
    enum content_reason reason = CONTENT_META;
    switch (rule) {
    case RULE_FREE:
        break;
    case RULE_STYLE:
        rule_style_attribute(r, token, attribute, value);
        break;
    case RULE_LINK:
        allowed = link_allowed(value);
        reason = CONTENT_LINK;
        break;
    case RULE_IMAGE:
    case RULE_CID:
        allowed = image_allowed(value, rule == RULE_IMAGE);
        reason = CONTENT_IMAGE;
        break;
    case RULE_FRAGMENT:
        allowed = fragment_allowed(value);
        reason = CONTENT_FRAGMENT;
        break;
    case RULE_CHARSET:
        allowed = charset_allowed(value);
        break;
    case RULE_HTTP_EQUIV:
        allowed = is_one_of(value, http_equivs);
        break;
    case RULE_META_NAME:
        allowed = is_one_of(value, meta_names);
        break;
    case RULE_CSS_TYPE:
        allowed = slice_equal_folded(value, SLICE_LITERAL("text/css"));
        reason = CONTENT_STYLE_TYPE;
        break;
    case RULE_LINK_TYPE:
        allowed = link_type_allowed(value);
        reason = CONTENT_LINK_TYPE;
        break;
    }
    if (!allowed)
        report_attribute(r, reason, token, attribute, value);
}

/* A meta element that names the type must name one that a mail's HTML may have. */
static void rule_meta(struct reader *r, const struct html_token *token)
{
    gboolean names_type = FALSE;
    for (unsigned i = 0; i < token->n_attributes; i++)
        names_type |= slice_equal_folded(token->attributes[i].name, SLICE_LITERAL("http-equiv")) &&
                      slice_equal_folded(slice_strip(decode_value(r, token, &token->attributes[i])),
                                         SLICE_LITERAL("content-type"));
    for (unsigned i = 0; names_type && i < token->n_attributes; i++) {
        const struct html_attribute *attribute = &token->attributes[i];
        if (!slice_equal_folded(attribute->name, SLICE_LITERAL("content")))
            continue;
        struct slice value = decode_value(r, token, attribute);
        if (!content_type_allowed(value))
            report_attribute(r, CONTENT_META, token, attribute, value);
    }
}

/* FALSE where the tag can't be read surely. */
static gboolean rule_oddities(struct reader *r, const struct html_token *token)
{
    if (token->oddities == 0)
        return TRUE;
    enum content_reason reason = CONTENT_AMBIGUOUS;
    if ((token->oddities & HTML_ODD_UNCLOSED) != 0)
        reason = CONTENT_UNCLOSED;
    else if ((token->oddities & HTML_ODD_MANY) != 0)
        reason = CONTENT_MANY_ATTRIBUTES;
    report(r, reason, token, whole_token(r, token));
    return FALSE;
}

/* One look at all values of a tag. */
static gboolean values_hold_conditional(const struct html_token *token)
{
    if (token->n_attributes == 0)
        return FALSE;
    const struct slice *last = &token->attributes[token->n_attributes - 1].value;
    const char *start = token->attributes[0].name.data;
    return find_conditional((struct slice){start, (size_t)(last->data + last->length - start)}) != NULL;
}

static void rule_start_tag(struct reader *r, const struct html_token *token)
{
    r->last_start = token->text;
    if (!rule_oddities(r, token) && content_is_done(r->context))
        return;
    const struct content_element *element = content_element_find(&r->context->index, token->text);
    if (element == NULL) {
        report(r, CONTENT_ELEMENT, token, (struct slice){0});
        return;
    }
    if (values_hold_conditional(token))
        report(r, CONTENT_RAW_MARKUP, token, whole_token(r, token));
    for (unsigned i = 0; i < token->n_attributes && !content_is_done(r->context); i++) {
        const struct html_attribute *attribute = &token->attributes[i];
        const struct content_attribute *known =
            content_attribute_find(&r->context->index, attribute->name, element->groups);
        if (known == NULL)
            report_attribute(r, CONTENT_ATTRIBUTE, token, attribute, attribute->value);
        else if (known->rule != RULE_FREE)
            rule_value(r, token, attribute, known->rule);
    }
    if ((element->groups & GROUP_META) != 0)
        rule_meta(r, token);
}

static void rule_end_tag(struct reader *r, const struct html_token *token)
{
    if (rule_oddities(r, token) && content_element_find(&r->context->index, token->text) == NULL)
        report(r, CONTENT_ELEMENT, token, (struct slice){0});
}

/* A title holds text; what looks like markup there is markup to some. */
static gboolean holds_markup(struct slice text)
{
    const char *p = text.data, *end = p + text.length;
    while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        p++;
        if (p < end && (g_ascii_isalpha(*p) || *p == '/' || *p == '!' || *p == '?'))
            return TRUE;
    }
    return FALSE;
}

static void rule_raw_text(struct reader *r, const struct html_token *token)
{
    if ((token->oddities & HTML_ODD_UNCLOSED) != 0) {
        struct content_place place = {.line = line_of(r, token->start), .element = r->last_start};
        content_report(r->context, CONTENT_UNCLOSED, &place);
    }
    if (slice_equal_folded(r->last_start, SLICE_LITERAL("style")))
        rule_style_element(r, token->text);
    else if (slice_equal_folded(r->last_start, SLICE_LITERAL("title")) && holds_markup(token->text))
        report(r, CONTENT_RAW_MARKUP, token, token->text);
}

/* "<" right before a tag or comment: a program that takes those out first makes markup of it and what follows. */
static void rule_text(struct reader *r, const struct html_token *token)
{
    const char *end = token->text.data + token->text.length;
    if (end[-1] == '<' && end < r->text.data + r->text.length)
        report(r, CONTENT_RAW_MARKUP, token, whole_token(r, token));
}

/* --- comments --- */

static gboolean holds_folded(struct slice text, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = text.data, *end = p + text.length; (p = memchr(p, word[0], (size_t)(end - p))) != NULL; p++)
        if ((size_t)(end - p) >= length && g_ascii_strncasecmp(p, word, length) == 0)
            return TRUE;
    return FALSE;
}

/*
 * At "[if EXPRESSION]": the number of octets up to and with the "]"; 0 where it is none. An expression is made of
 * words, numbers, brackets and operators.
 */
static size_t condition_length(struct slice text)
{
    if (!slice_starts_folded(text, SLICE_LITERAL("[if")))
        return 0;
    for (size_t i = 3; i < text.length && i < CONDITION_MAX; i++) {
        if (text.data[i] == ']')
            return i > 3 ? i + 1 : 0;
        if (!g_ascii_isalnum(text.data[i]) && strchr(" ()!&|.", text.data[i]) == NULL)
            return 0;
    }
    return 0;
}

static gboolean ends_folded(struct slice text, struct slice end)
{
    return text.length >= end.length && slice_equal_folded(slice_skip(text, text.length - end.length), end);
}

/* <!--[if …]> HTML <![endif]-->, or <!--[if …]><!--> before HTML that all others see too. */
static void rule_conditional(struct reader *r, const struct html_token *token, struct slice text)
{
    const struct slice closing = SLICE_LITERAL("<![endif]");
    size_t length = condition_length(text);
    if (length == 0 || length == text.length || text.data[length] != '>') {
        report(r, CONTENT_CONDITIONAL, token, whole_token(r, token));
        return;
    }
    struct slice inside = slice_strip(slice_skip(text, length + 1));
    if (inside.length == 0 || slice_equal(inside, SLICE_LITERAL("<!")) || slice_equal(inside, SLICE_LITERAL("<!--")))
        return;
    if ((token->oddities & HTML_ODD_COMMENT) != 0)
        report(r, CONTENT_COMMENT, token, whole_token(r, token));
    else if (!ends_folded(inside, closing))
        report(r, CONTENT_CONDITIONAL, token, whole_token(r, token));
    else {
        r->in_conditional = TRUE;
        read_markup(r, (struct slice){inside.data, inside.length - closing.length});
        r->in_conditional = FALSE;
    }
}

static void rule_comment(struct reader *r, const struct html_token *token)
{
    struct slice text = slice_strip(token->text);
    if ((token->oddities & HTML_ODD_UNCLOSED) != 0)
        report(r, CONTENT_UNCLOSED, token, whole_token(r, token));
    else if (text.length > 0 && text.data[0] == '[')
        rule_conditional(r, token, text);
    else if (slice_equal_folded(text, SLICE_LITERAL("<![endif]")))
        return;
    else if ((token->oddities & HTML_ODD_COMMENT) != 0)
        report(r, CONTENT_COMMENT, token, whole_token(r, token));
    else if (holds_folded(text, "[if") || holds_folded(text, "[endif"))
        report(r, CONTENT_CONDITIONAL, token, whole_token(r, token));
}

/* <?xml version="1.0" …?> before the DOCTYPE of XHTML. */
static gboolean is_xml_declaration(struct slice text)
{
    if (!slice_starts_folded(text, SLICE_LITERAL("?xml version")))
        return FALSE;
    for (size_t i = 1; i < text.length; i++)
        if (!g_ascii_isalnum(text.data[i]) && strchr(" =\"'.?-", text.data[i]) == NULL)
            return FALSE;
    return TRUE;
}

/* <![if …]> and <![endif]> stand around HTML that is read as the rest of the text. */
static void rule_bogus_comment(struct reader *r, const struct html_token *token)
{
    struct slice text = slice_strip(token->text);
    if ((token->oddities & HTML_ODD_UNCLOSED) == 0) {
        if (slice_equal_folded(text, SLICE_LITERAL("[endif]")) || slice_equal_folded(text, SLICE_LITERAL("[endif]--")))
            return;
        if (text.length > 0 && (condition_length(text) == text.length || is_xml_declaration(text)))
            return;
    }
    report(r, CONTENT_DECLARATION, token, whole_token(r, token));
}

static void rule_doctype(struct reader *r, const struct html_token *token)
{
    if ((token->oddities & HTML_ODD_UNCLOSED) != 0 || memchr(token->text.data, '[', token->text.length) != NULL)
        report(r, CONTENT_DECLARATION, token, whole_token(r, token));
}

/*
 * MJML puts <noscript> around the settings for Outlook. Some programs read its inside as text up to the first end tag,
 * some as markup: both find the same end where the inside is whole by itself.
 */
static void rule_noscript(struct reader *r, struct html_tokenizer *tokenizer, const struct html_token *token)
{
    const struct slice closing = SLICE_LITERAL("</noscript>");
    const char *start = tokenizer->next, *p = start, *end = tokenizer->end;
    tokenizer->next = end;
    if (!rule_oddities(r, token) || token->n_attributes > 0 || token->self_closing) {
        report(r, CONTENT_ELEMENT, token, (struct slice){0});
        return;
    }
    while ((p = memchr(p, '<', (size_t)(end - p))) != NULL &&
           !slice_starts_folded((struct slice){p, (size_t)(end - p)}, SLICE_LITERAL("</noscript")))
        p++;
    if (p == NULL || !slice_starts_folded((struct slice){p, (size_t)(end - p)}, closing)) {
        report(r, CONTENT_UNCLOSED, token, (struct slice){0});
        return;
    }
    read_markup(r, (struct slice){start, (size_t)(p - start)});
    tokenizer->next = p + closing.length;
}

static void read_markup(struct reader *r, struct slice text)
{
    struct html_tokenizer tokenizer;
    struct html_token token;
    html_tokenizer_init(&tokenizer, text);
    while (!content_is_done(r->context) && html_tokenizer_next(&tokenizer, &token)) {
        switch (token.type) {
        case HTML_TEXT:
            if (token.raw)
                rule_raw_text(r, &token);
            else
                rule_text(r, &token);
            break;
        case HTML_START_TAG:
            if (r->in_conditional && html_token_is(&token, "noscript"))
                rule_noscript(r, &tokenizer, &token);
            else
                rule_start_tag(r, &token);
            break;
        case HTML_END_TAG:
            rule_end_tag(r, &token);
            break;
        case HTML_COMMENT:
            rule_comment(r, &token);
            break;
        case HTML_BOGUS_COMMENT:
            rule_bogus_comment(r, &token);
            break;
        case HTML_DOCTYPE:
            rule_doctype(r, &token);
            break;
        }
    }
}

void content_rule_html(struct content_context *context, struct slice text)
{
    struct reader reader = {.context = context, .text = text, .counted = text.data, .line = 1};
    const char *control = content_control(text);
    if (control != NULL) {
        struct content_place place = {.line = content_line(text, control), .value = {control, 1}};
        content_report(context, CONTENT_CONTROL, &place);
    }
    if (!content_is_done(context))
        read_markup(&reader, text);
}
