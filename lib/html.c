/* html.c - the states of the HTML tokeniser. Each function reads one construct and leaves `next` behind it. */
#include "lib/html.h"

enum {
    SPACE = 1 << 0,
    LETTER = 1 << 1,
    END_NAME = 1 << 2,      /* ends a tag's or attribute's name: space / > */
    END_ATTRIBUTE = 1 << 3, /* the same and = */
    END_UNQUOTED = 1 << 4,  /* ends an unquoted value: space > */
    ODD_NAME = 1 << 5,      /* " ' < */
    ODD_UNQUOTED = 1 << 6,  /* " ' < = ` */
};

#define SPACES SPACE | END_NAME | END_ATTRIBUTE | END_UNQUOTED

static const guint8 classes[256] = {
    ['\t'] = SPACES,
    ['\n'] = SPACES,
    ['\f'] = SPACES,
    ['\r'] = SPACES,
    [' '] = SPACES,
    ['/'] = END_NAME | END_ATTRIBUTE,
    ['>'] = END_NAME | END_ATTRIBUTE | END_UNQUOTED,
    ['='] = END_ATTRIBUTE | ODD_UNQUOTED,
    ['"'] = ODD_NAME | ODD_UNQUOTED,
    ['\''] = ODD_NAME | ODD_UNQUOTED,
    ['<'] = ODD_NAME | ODD_UNQUOTED,
    ['`'] = ODD_UNQUOTED,
    ['A' ... 'Z'] = LETTER,
    ['a' ... 'z'] = LETTER,
};

/* Elements whose content is text up to their own end tag. */
static const struct slice raw_elements[] = {
    SLICE_LITERAL("style"),   SLICE_LITERAL("title"),    SLICE_LITERAL("textarea"),
    SLICE_LITERAL("script"),  SLICE_LITERAL("xmp"),      SLICE_LITERAL("iframe"),
    SLICE_LITERAL("noembed"), SLICE_LITERAL("noframes"), SLICE_LITERAL("plaintext"),
};

static inline gboolean is(char c, unsigned class)
{
    return (classes[(guint8)c] & class) != 0;
}

static inline const char *skip_class(const char *p, const char *end, unsigned class)
{
    while (p < end && is(*p, class))
        p++;
    return p;
}

static inline const char *find_class(const char *p, const char *end, unsigned class)
{
    while (p < end && !is(*p, class))
        p++;
    return p;
}

void html_tokenizer_init(struct html_tokenizer *tokenizer, struct slice text)
{
    *tokenizer = (struct html_tokenizer){.next = text.data, .end = text.data + text.length};
}

static struct slice raw_element(struct slice name)
{
    /* The lengths of their names: most elements are told apart by them. */
    const unsigned lengths = 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9;
    if (name.length > 9 || (lengths & 1U << name.length) == 0)
        return (struct slice){0};
    for (size_t i = 0; i < G_N_ELEMENTS(raw_elements); i++)
        if (slice_equal_folded(name, raw_elements[i]))
            return raw_elements[i];
    return (struct slice){0};
}

/* True where markup begins at p, which points to "<". */
static gboolean is_markup(const char *p, const char *end)
{
    if (end - p < 2)
        return FALSE;
    if (p[1] == '/')
        return end - p > 2;
    return p[1] == '!' || p[1] == '?' || is(p[1], LETTER);
}

static gboolean read_text(struct html_tokenizer *t, struct html_token *token)
{
    const char *start = t->next, *p = start;
    while ((p = memchr(p, '<', (size_t)(t->end - p))) != NULL && !is_markup(p, t->end))
        p++;
    if (p == NULL)
        p = t->end;
    token->type = HTML_TEXT;
    token->text = (struct slice){start, (size_t)(p - start)};
    t->next = p;
    return TRUE;
}

/* True where p begins the end tag that closes raw text of this element. */
static gboolean closes_raw(const char *p, const char *end, struct slice name)
{
    struct slice rest = {p + 2, (size_t)(end - p) - 2};
    return p[1] == '/' && rest.length > name.length && slice_starts_folded(rest, name) &&
           is(rest.data[name.length], END_NAME);
}

static gboolean read_raw_text(struct html_tokenizer *t, struct html_token *token)
{
    const char *start = t->next, *p = start;
    gboolean plaintext = slice_equal(t->raw_name, SLICE_LITERAL("plaintext"));
    while ((p = memchr(p, '<', (size_t)(t->end - p))) != NULL) {
        if (!plaintext && t->end - p > 2 && closes_raw(p, t->end, t->raw_name))
            break;
        p++;
    }
    if (p == NULL) {
        p = t->end;
        token->oddities = HTML_ODD_UNCLOSED;
    }
    token->type = HTML_TEXT;
    token->raw = TRUE;
    token->text = (struct slice){start, (size_t)(p - start)};
    t->raw_name.length = 0;
    t->next = p;
    return TRUE;
}

/* Where "-- >" stands, SGML ended a comment; another <!-- looks like a comment that was never closed. */
static gboolean odd_comment_text(struct slice text)
{
    const char *p = text.data, *end = p + text.length;
    while ((p = memchr(p, '-', (size_t)(end - p))) != NULL) {
        if (end - p < 2 || p[1] != '-') {
            p++;
            continue;
        }
        if (p - text.data >= 2 && p[-1] == '!' && p[-2] == '<')
            return TRUE;
        const char *after = skip_class(p + 2, end, SPACE);
        if (after < end && *after == '>')
            return TRUE;
        p = after == p + 2 ? p + 1 : after;
    }
    return FALSE;
}

/* After "<!--": to "-->", "--!>" or the end; "<!-->" and "<!--->" are whole comments. */
static gboolean read_comment(struct html_tokenizer *t, struct html_token *token)
{
    const char *start = t->next + 4, *p = start;
    token->type = HTML_COMMENT;
    token->text.data = start;
    while ((p = memchr(p, '>', (size_t)(t->end - p))) != NULL) {
        size_t inside = (size_t)(p - start);
        if (inside == 0 || (inside == 1 && p[-1] == '-')) {
            token->oddities = HTML_ODD_COMMENT;
            token->text.length = 0;
            break;
        }
        if (inside >= 2 && p[-1] == '-' && p[-2] == '-') {
            token->text.length = inside - 2;
            break;
        }
        if (inside >= 3 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-') {
            token->oddities = HTML_ODD_COMMENT;
            token->text.length = inside - 3;
            break;
        }
        p++;
    }
    if (p == NULL) {
        token->oddities = HTML_ODD_UNCLOSED;
        token->text.length = (size_t)(t->end - start);
    } else if (odd_comment_text(token->text)) {
        token->oddities |= HTML_ODD_COMMENT;
    }
    t->next = p == NULL ? t->end : p + 1;
    return TRUE;
}

/* A bogus comment or DOCTYPE: text from start to the next ">". */
static gboolean read_to_bracket(struct html_tokenizer *t, struct html_token *token, enum html_type type,
                                const char *start)
{
    const char *p = memchr(start, '>', (size_t)(t->end - start));
    if (p == NULL)
        token->oddities = HTML_ODD_UNCLOSED;
    token->type = type;
    token->text = (struct slice){start, (size_t)((p == NULL ? t->end : p) - start)};
    t->next = p == NULL ? t->end : p + 1;
    return TRUE;
}

static gboolean read_declaration(struct html_tokenizer *t, struct html_token *token)
{
    struct slice rest = {t->next + 2, (size_t)(t->end - t->next) - 2};
    if (slice_starts_folded(rest, SLICE_LITERAL("--")))
        return read_comment(t, token);
    enum html_type type = slice_starts_folded(rest, SLICE_LITERAL("doctype")) ? HTML_DOCTYPE : HTML_BOGUS_COMMENT;
    return read_to_bracket(t, token, type, rest.data);
}

static const char *read_unquoted(const char *p, const char *end, struct html_attribute *attribute, unsigned *oddities)
{
    const char *start = p;
    unsigned seen = 0;
    for (; p < end && !is(*p, END_UNQUOTED); p++)
        seen |= classes[(guint8)*p];
    if ((seen & ODD_UNQUOTED) != 0 || p == start)
        *oddities |= HTML_ODD_ATTRIBUTE;
    attribute->value = (struct slice){start, (size_t)(p - start)};
    return p;
}

static const char *read_quoted(const char *p, const char *end, struct html_attribute *attribute, unsigned *oddities)
{
    const char *close = memchr(p + 1, *p, (size_t)(end - p) - 1);
    if (close == NULL) {
        *oddities |= HTML_ODD_UNCLOSED;
        close = end;
    }
    attribute->value = (struct slice){p + 1, (size_t)(close - p) - 1};
    if (close == end)
        return end;
    if (close + 1 < end && !is(close[1], END_NAME))
        *oddities |= HTML_ODD_ATTRIBUTE;
    return close + 1;
}

/* One attribute at p, which is no space, "/" or ">"; returns what follows it. */
static const char *read_attribute(const char *p, const char *end, struct html_attribute *attribute, unsigned *oddities)
{
    const char *start = p;
    unsigned seen = 0;
    if (*p == '=') {
        *oddities |= HTML_ODD_ATTRIBUTE;
        p++;
    }
    for (; p < end && !is(*p, END_ATTRIBUTE); p++)
        seen |= classes[(guint8)*p];
    if ((seen & ODD_NAME) != 0)
        *oddities |= HTML_ODD_ATTRIBUTE;
    attribute->name = (struct slice){start, (size_t)(p - start)};
    attribute->value = (struct slice){p, 0};
    const char *equals = skip_class(p, end, SPACE);
    if (equals == end || *equals != '=')
        return equals;
    p = skip_class(equals + 1, end, SPACE);
    if (p < end && (*p == '"' || *p == '\''))
        return read_quoted(p, end, attribute, oddities);
    return read_unquoted(p, end, attribute, oddities);
}

/* What stands in a tag from p on, behind its name; returns what follows the tag. */
static const char *read_attributes(const char *p, const char *end, struct html_token *token)
{
    struct html_attribute surplus;
    for (;;) {
        p = skip_class(p, end, SPACE);
        if (p == end) {
            token->oddities |= HTML_ODD_UNCLOSED;
            return p;
        }
        if (*p == '>')
            return p + 1;
        if (*p == '/') {
            p++;
            token->self_closing = p < end && *p == '>';
            continue;
        }
        if (token->n_attributes < HTML_MAX_ATTRIBUTES) {
            p = read_attribute(p, end, &token->attributes[token->n_attributes++], &token->oddities);
        } else {
            token->oddities |= HTML_ODD_MANY;
            p = read_attribute(p, end, &surplus, &token->oddities);
        }
    }
}

static inline void read_tag(struct html_tokenizer *t, struct html_token *token, const char *name)
{
    const char *p = find_class(name, t->end, END_NAME);
    token->text = (struct slice){name, (size_t)(p - name)};
    t->next = p < t->end && *p == '>' ? p + 1 : read_attributes(p, t->end, token);
}

static gboolean read_start_tag(struct html_tokenizer *t, struct html_token *token)
{
    token->type = HTML_START_TAG;
    read_tag(t, token, t->next + 1);
    t->raw_name = raw_element(token->text);
    return TRUE;
}

static gboolean read_end_tag(struct html_tokenizer *t, struct html_token *token)
{
    const char *name = t->next + 2;
    if (!is(*name, LETTER))
        return read_to_bracket(t, token, HTML_BOGUS_COMMENT, name);
    token->type = HTML_END_TAG;
    read_tag(t, token, name);
    if (token->n_attributes > 0 || token->self_closing)
        token->oddities |= HTML_ODD_END_TAG;
    return TRUE;
}

const struct html_attribute *html_token_attribute(const struct html_token *token, const char *name)
{
    for (unsigned i = 0; i < token->n_attributes; i++)
        if (slice_equal_folded(token->attributes[i].name, slice_of(name)))
            return &token->attributes[i];
    return NULL;
}

gboolean html_tokenizer_next(struct html_tokenizer *t, struct html_token *token)
{
    token->oddities = 0;
    token->start = t->next;
    token->raw = token->self_closing = FALSE;
    token->n_attributes = 0;
    if (t->raw_name.length > 0)
        return read_raw_text(t, token);
    if (t->next == t->end)
        return FALSE;
    if (*t->next != '<' || !is_markup(t->next, t->end))
        return read_text(t, token);
    switch (t->next[1]) {
    case '!':
        return read_declaration(t, token);
    case '?':
        return read_to_bracket(t, token, HTML_BOGUS_COMMENT, t->next + 1);
    case '/':
        return read_end_tag(t, token);
    default:
        return read_start_tag(t, token);
    }
}
