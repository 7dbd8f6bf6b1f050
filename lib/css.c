/* css.c - the CSS tokeniser, with the lists of what may stay. Each read_… leaves `next` behind what it read. */
#include "lib/css.h"

#include <stdlib.h>

/* Longer names are on no list, and are cut. */
#define NAME_MAX_LENGTH 48

enum {
    PLAIN = 1 << 0,   /* neither begins nor ends anything */
    SPACE = 1 << 1,   /* white space */
    NAME = 1 << 2,    /* goes on in a name */
    START = 1 << 3,   /* begins a name */
    DIGIT = 1 << 4,   /* begins a number */
    QUOTE = 1 << 5,   /* begins a string */
    BRACKET = 1 << 6, /* opens or closes a block */
    NEWLINE = 1 << 7,
};

/* What has no bit is looked at by itself (# / < @ \ -) or is a control character. */
static const guint8 classes[256] = {
    ['\t'] = SPACE,
    [' '] = SPACE,
    ['\n'] = SPACE | NEWLINE,
    ['\r'] = SPACE | NEWLINE,
    ['\f'] = SPACE | NEWLINE,
    ['!'] = PLAIN,
    ['$' ... '&'] = PLAIN,
    ['*' ... ','] = PLAIN,
    ['.'] = PLAIN,
    [':' ... ';'] = PLAIN,
    ['=' ... '?'] = PLAIN,
    ['^'] = PLAIN,
    ['`'] = PLAIN,
    ['|'] = PLAIN,
    ['~'] = PLAIN,
    ['"'] = QUOTE,
    ['\''] = QUOTE,
    ['('] = BRACKET,
    [')'] = BRACKET,
    ['['] = BRACKET,
    [']'] = BRACKET,
    ['{'] = BRACKET,
    ['}'] = BRACKET,
    ['0' ... '9'] = DIGIT | NAME,
    ['-'] = NAME,
    ['_'] = NAME | START,
    ['A' ... 'Z'] = NAME | START,
    ['a' ... 'z'] = NAME | START,
    [0x80 ... 0xff] = NAME | START,
};

/* Functions that load nothing, whatever their arguments; sorted. In selectors they are pseudo-classes. */
static const char functions[][NAME_MAX_LENGTH] = {
    "-moz-calc",
    "-moz-linear-gradient",
    "-ms-linear-gradient",
    "-o-linear-gradient",
    "-webkit-calc",
    "-webkit-gradient",
    "-webkit-linear-gradient",
    "-webkit-radial-gradient",
    "alpha",
    "and",
    "blur",
    "brightness",
    "calc",
    "circle",
    "clamp",
    "color",
    "color-mix",
    "color-stop",
    "conic-gradient",
    "contrast",
    "counter",
    "counters",
    "cubic-bezier",
    "dir",
    "drop-shadow",
    "ellipse",
    "env",
    "fit-content",
    "from",
    "gradient",
    "grayscale",
    "has",
    "hsl",
    "hsla",
    "hue-rotate",
    "hwb",
    "inset",
    "invert",
    "is",
    "lab",
    "lang",
    "lch",
    "light-dark",
    "linear-gradient",
    "matrix",
    "matrix3d",
    "max",
    "min",
    "minmax",
    "not",
    "nth-child",
    "nth-last-child",
    "nth-last-of-type",
    "nth-of-type",
    "oklab",
    "oklch",
    "opacity",
    "or",
    "perspective",
    "polygon",
    "radial-gradient",
    "rect",
    "repeat",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "rgb",
    "rgba",
    "rotate",
    "rotate3d",
    "rotatex",
    "rotatey",
    "rotatez",
    "saturate",
    "scale",
    "scale3d",
    "scalex",
    "scaley",
    "scalez",
    "selector",
    "sepia",
    "skew",
    "skewx",
    "skewy",
    "steps",
    "to",
    "translate",
    "translate3d",
    "translatex",
    "translatey",
    "translatez",
    "var",
    "where",
};

/* At-rules that load nothing; sorted. "list" and "page" are Word's. */
static const char at_rules[][NAME_MAX_LENGTH] = {
    "-moz-keyframes", "-ms-viewport", "-o-keyframes", "-webkit-keyframes", "container", "keyframes", "layer",
    "list",           "media",        "page",         "supports",          "viewport",
};

/* A name with its escapes undone, in lower case. */
struct name {
    char text[NAME_MAX_LENGTH];
    size_t length;
};

static inline unsigned class_of(char c)
{
    return classes[(guint8)c];
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

#define IS_LISTED(name, list) (bsearch((name)->text, list, G_N_ELEMENTS(list), sizeof *(list), compare_names) != NULL)

/* Might a property of this first letter be one that loads? */
static inline gboolean may_load(char first)
{
    return first == 'b' || first == 'B' || first == '-';
}

static gboolean is_loading_property(const struct name *name)
{
    return strcmp(name->text, "behavior") == 0 || strcmp(name->text, "-ms-behavior") == 0 ||
           strcmp(name->text, "-ms-filter") == 0 || strcmp(name->text, "-moz-binding") == 0;
}

void css_scanner_init(struct css_scanner *scanner, struct slice text)
{
    scanner->start = scanner->next = text.data;
    scanner->end = text.data + text.length;
    scanner->depth = 0;
}

static gboolean report(struct css_problem *problem, enum css_problem_kind kind, const char *start, const char *end)
{
    *problem = (struct css_problem){kind, {start, (size_t)(end - start)}};
    return TRUE;
}

/* Reports what keeps the rest from being read, and ends the scan. */
static gboolean give_up(struct css_scanner *s, struct css_problem *problem, enum css_problem_kind kind,
                        const char *start)
{
    const char *end = MIN(s->end, start + NAME_MAX_LENGTH);
    s->next = s->end;
    s->depth = 0;
    return report(problem, kind, start, end);
}

static void name_append(struct name *name, gunichar code)
{
    if (name->length + 1 >= sizeof name->text)
        return;
    /* Beyond ASCII nothing is on a list; one character that is on none stands for all. */
    name->text[name->length++] = code < 0x80 ? slice_fold((char)code) : '\x7f';
}

/* The escape at p, which points to a backslash that is not followed by a line break; returns what follows it. */
static const char *read_escape(const char *p, const char *end, struct name *name)
{
    gunichar code = 0;
    int digits = 0;
    p++;
    if (p == end)
        return p;
    for (; p < end && digits < 6 && g_ascii_isxdigit(*p); p++, digits++)
        code = code * 16 + (gunichar)g_ascii_xdigit_value(*p);
    if (digits == 0) {
        name_append(name, (guint8)*p);
        return p + 1;
    }
    name_append(name, code == 0 ? 0xfffd : code);
    if (end - p > 1 && p[0] == '\r' && p[1] == '\n')
        return p + 2;
    return p < end && (class_of(*p) & SPACE) != 0 ? p + 1 : p;
}

static inline gboolean is_escape(const char *p, const char *end)
{
    return *p == '\\' && end - p > 1 && (class_of(p[1]) & NEWLINE) == 0;
}

/* Reads name characters and escapes; returns what follows them. */
static const char *read_name(const char *p, const char *end, struct name *name)
{
    name->length = 0;
    for (;;) {
        if (p < end && (class_of(*p) & NAME) != 0)
            name_append(name, (guint8)*p++);
        else if (p < end && is_escape(p, end))
            p = read_escape(p, end, name);
        else
            break;
    }
    name->text[name->length] = '\0';
    return p;
}

/* White space and comments; NULL where a comment is not closed. */
static const char *skip_blank(const char *p, const char *end)
{
    for (;;) {
        while (p < end && (class_of(*p) & SPACE) != 0)
            p++;
        if (end - p < 2 || p[0] != '/' || p[1] != '*')
            return p;
        const char *inside = p + 2;
        p = inside;
        while ((p = memchr(p, '/', (size_t)(end - p))) != NULL && (p == inside || p[-1] != '*'))
            p++;
        if (p == NULL)
            return NULL;
        p++;
    }
}

static gboolean push(struct css_scanner *s, char closing)
{
    if (s->depth == CSS_MAX_DEPTH)
        return FALSE;
    s->open[s->depth++] = closing;
    return TRUE;
}

/* The name that begins at start has been read up to s->next: is it a function or a property that loads? */
static gboolean judge_name(struct css_scanner *s, const struct name *name, const char *start,
                           struct css_problem *problem)
{
    if (s->next < s->end && *s->next == '(') {
        s->next++;
        if (!push(s, ')'))
            return give_up(s, problem, CSS_DEEP, start);
        return !IS_LISTED(name, functions) && report(problem, CSS_FUNCTION, start, s->next);
    }
    if (!may_load(name->text[0]) || !is_loading_property(name))
        return FALSE;
    const char *after = skip_blank(s->next, s->end);
    return after != NULL && after < s->end && *after == ':' && report(problem, CSS_PROPERTY, start, s->next);
}

/*
 * Most names hold no escape, are followed by no "(", and do not begin as the properties that load do: they need not be
 * copied.
 */
static gboolean read_identifier(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next, *p = start, *end = s->end;
    while (p < end && (class_of(*p) & NAME) != 0)
        p++;
    gboolean simple = p == end || (*p != '(' && *p != '\\');
    if (simple && !may_load(*start)) {
        s->next = p;
        return FALSE;
    }
    struct name name;
    s->next = read_name(start, end, &name);
    return judge_name(s, &name, start, problem);
}

/* Something that is no function but followed by "(": "1url(", "#url(": some readers take it for one. */
static gboolean judge_odd_function(struct css_scanner *s, const char *start, struct css_problem *problem)
{
    if (s->next == s->end || *s->next != '(')
        return FALSE;
    return report(problem, CSS_FUNCTION, start, s->next + 1);
}

/* A number with its unit, or "#" with a name. */
static gboolean read_number_or_hash(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next, *p = start + 1, *end = s->end;
    while (p < end && ((class_of(*p) & NAME) != 0 || *p == '.'))
        p++;
    struct name unit;
    s->next = p < end && is_escape(p, end) ? read_name(p, end, &unit) : p;
    return judge_odd_function(s, start, problem);
}

static gboolean holds_url(struct slice text)
{
    const char *p = text.data, *end = p + text.length;
    while ((p = memchr(p, '(', (size_t)(end - p))) != NULL) {
        if (p - text.data >= 3 && g_ascii_strncasecmp(p - 3, "url", 3) == 0)
            return TRUE;
        p++;
    }
    return FALSE;
}

static gboolean read_string(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next, *p = start + 1;
    for (; p < s->end && *p != *start; p++) {
        if (*p == '\\' && s->end - p > 1)
            p += s->end - p > 2 && p[1] == '\r' && p[2] == '\n' ? 2 : 1;
        else if ((class_of(*p) & NEWLINE) != 0)
            return give_up(s, problem, CSS_BROKEN, start);
    }
    if (p >= s->end)
        return give_up(s, problem, CSS_UNCLOSED, start);
    s->next = p + 1;
    struct slice text = {start, (size_t)(s->next - start)};
    return holds_url(text) && report(problem, CSS_STRING, start, s->next);
}

static gboolean read_at_rule(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next;
    struct name name;
    s->next = read_name(start + 1, s->end, &name);
    return !IS_LISTED(&name, at_rules) && report(problem, CSS_AT_RULE, start, s->next);
}

static gboolean read_bracket(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next++;
    switch (*start) {
    case '(':
        if (!push(s, ')'))
            return give_up(s, problem, CSS_DEEP, start);
        /* Some readers drop comments first, and then see a function here. */
        return start - s->start >= 2 && memcmp(start - 2, "*/", 2) == 0 &&
               report(problem, CSS_FUNCTION, start - 2, s->next);
    case '[':
        return !push(s, ']') && give_up(s, problem, CSS_DEEP, start);
    case '{':
        return !push(s, '}') && give_up(s, problem, CSS_DEEP, start);
    default:
        if (s->depth == 0 || s->open[s->depth - 1] != *start)
            return give_up(s, problem, CSS_BROKEN, start);
        s->depth--;
        return FALSE;
    }
}

/* "<" is for media ranges and the old habit of <!-- … --> around a style sheet; before a letter it begins a tag. */
static gboolean read_less_than(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next;
    if (s->end - start >= 4 && memcmp(start, "<!--", 4) == 0) {
        s->next += 4;
        return FALSE;
    }
    s->next++;
    char c = s->next < s->end ? *s->next : '\0';
    return (g_ascii_isalpha(c) || c == '/' || c == '!' || c == '?') &&
           report(problem, CSS_MARKUP, start, MIN(s->end, start + NAME_MAX_LENGTH));
}

/* What begins with a character of no class. */
static gboolean read_special(struct css_scanner *s, struct css_problem *problem)
{
    const char *start = s->next;
    switch (*start) {
    case '@':
        return read_at_rule(s, problem);
    case '#':
        return read_number_or_hash(s, problem);
    case '<':
        return read_less_than(s, problem);
    case '/':
        s->next = skip_blank(start, s->end);
        if (s->next == NULL)
            return give_up(s, problem, CSS_UNCLOSED, start);
        s->next += s->next == start;
        return FALSE;
    case '\\':
        if (is_escape(start, s->end)) {
            struct name name;
            s->next = read_name(start, s->end, &name);
            return judge_name(s, &name, start, problem);
        }
        return give_up(s, problem, CSS_BROKEN, start);
    default:
        return give_up(s, problem, CSS_BROKEN, start);
    }
}

/* One token that is neither white space nor plain; TRUE where it is a problem. */
static gboolean read_token(struct css_scanner *s, struct css_problem *problem)
{
    unsigned class = class_of(*s->next);
    if ((class & START) != 0 || *s->next == '-')
        return read_identifier(s, problem);
    if ((class & DIGIT) != 0)
        return read_number_or_hash(s, problem);
    if ((class & QUOTE) != 0)
        return read_string(s, problem);
    if ((class & BRACKET) != 0)
        return read_bracket(s, problem);
    return read_special(s, problem);
}

gboolean css_scanner_next(struct css_scanner *s, struct css_problem *problem)
{
    while (s->next < s->end) {
        if ((class_of(*s->next) & (SPACE | PLAIN)) != 0)
            s->next++;
        else if (read_token(s, problem))
            return TRUE;
    }
    if (s->depth == 0)
        return FALSE;
    s->depth = 0;
    return report(problem, CSS_UNCLOSED, s->end, s->end);
}
