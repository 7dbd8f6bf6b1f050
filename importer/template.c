/* template.c - parses Mustache templates; see template.h. */
#include "importer/template.h"

#include <string.h>

#include "importer/template_tree.h"
#include "lib/error.h"

#define DELIMITER_MAX 16 /* bytes of one delimiter */
#define BOM "\xEF\xBB\xBF"

/* One file being parsed. */
struct parser {
    struct template *template;
    const struct template_options *options;
    GHashTable *names; /* set of names seen so far */
    struct unit *unit;
    const char *literal; /* where literal text not yet stored begins */
    const char *cursor;  /* everything before it is read */
    unsigned line;       /* of the cursor */
    unsigned literal_line;
    char open[DELIMITER_MAX + 1];
    char close[DELIMITER_MAX + 1];
    size_t sections[TEMPLATE_SECTIONS_MAX]; /* indices of the nodes of the open ones */
    size_t n_sections;
    struct html_tracker tracker;
};

/* A tag as read. */
struct tag {
    char sigil;       /* ' ' for {{name}} */
    const char *begin; /* of the opening delimiter */
    const char *after; /* behind the closing one */
    char *name;        /* trimmed; the parser's caller frees it */
};

gboolean template_error(GError **error, const struct unit *unit, unsigned line, const char *name, const char *text)
{
    if (name != NULL)
        return error_set(error, ERROR_DATA, "%s:%u: {{%s}}: %s", unit->file, line, name, text);
    return error_set(error, ERROR_DATA, "%s:%u: %s", unit->file, line, text);
}

static void node_clear(void *data)
{
    struct node *node = data;
    g_free(node->name);
    g_strfreev(node->path);
    g_free(node->indent);
}

static void unit_free(void *data)
{
    struct unit *unit = data;
    if (unit == NULL)
        return;
    g_array_unref(unit->nodes);
    g_free(unit->file);
    g_free(unit->text);
    g_free(unit);
}

/* Takes both strings. */
static struct unit *unit_new(char *file, char *text)
{
    struct unit *unit = g_new0(struct unit, 1);
    unit->file = file;
    unit->text = text;
    unit->nodes = g_array_new(FALSE, TRUE, sizeof(struct node));
    g_array_set_clear_func(unit->nodes, node_clear);
    return unit;
}

static void advance(struct parser *parser, const char *to)
{
    for (; parser->cursor < to; parser->cursor++)
        if (*parser->cursor == '\n')
            parser->line++;
}

static gboolean is_line_start(const struct parser *parser, const char *at)
{
    return at == parser->unit->text || at[-1] == '\n';
}

static void append_literal(struct parser *parser, const char *begin, const char *end)
{
    struct node node = {
        .kind = NODE_LITERAL,
        .line_start = is_line_start(parser, begin),
        .line = parser->literal_line,
        .text = begin,
        .length = (size_t)(end - begin),
    };
    g_array_append_val(parser->unit->nodes, node);
}

/*
 * Stores the literal text up to end, where a tag or nothing follows. If that tag begins a line and stays on it, an
 * empty literal marks the place for a partial's indentation.
 */
static void store_literal(struct parser *parser, const char *end, gboolean mark)
{
    if (end > parser->literal) {
        append_literal(parser, parser->literal, end);
        html_tracker_feed(&parser->tracker, parser->literal, (size_t)(end - parser->literal));
    }
    if (mark && is_line_start(parser, end))
        append_literal(parser, end, end);
}

/* Where a tag stands alone on its line: *begin_r is that line's begin, *after_r the next line's. */
static gboolean is_standalone(const struct parser *parser, const struct tag *tag, const char **begin_r,
                              const char **after_r)
{
    if (strchr("#^/!=>", tag->sigil) == NULL)
        return FALSE;
    const char *begin = tag->begin;
    while (begin > parser->literal && (begin[-1] == ' ' || begin[-1] == '\t'))
        begin--;
    const char *after = tag->after + strspn(tag->after, " \t");
    if (!is_line_start(parser, begin) || (*after != '\0' && *after != '\n' && strncmp(after, "\r\n", 2) != 0))
        return FALSE;
    after += *after == '\r' ? 2 : *after == '\n' ? 1 : 0;
    *begin_r = begin;
    *after_r = after;
    return TRUE;
}

/* A name's segments are not empty and hold no character that means something in a template. */
static gboolean name_is_valid(const char *name)
{
    if (strcmp(name, ".") == 0)
        return TRUE;
    if (*name == '\0' || *name == '.' || g_str_has_suffix(name, ".") || strstr(name, "..") != NULL)
        return FALSE;
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7F || strchr("{}<>&\"'=#^/!", *c) != NULL)
            return FALSE;
    return TRUE;
}

static gboolean partial_name_is_valid(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("_-.", *c) == NULL)
            return FALSE;
    return *name != '\0' && *name != '.';
}

static gboolean fail(const struct parser *parser, const char *name, const char *text, GError **error)
{
    return template_error(error, parser->unit, parser->line, name, text);
}

/* {{=<% %>=}}: two delimiters without white space or "=". */
static gboolean set_delimiters(struct parser *parser, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    const char *found[2] = { NULL, NULL };
    size_t n = 0;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (*words[i] == '\0')
            continue;
        if (n == 2 || strchr(words[i], '=') != NULL || strlen(words[i]) > DELIMITER_MAX)
            return fail(parser, NULL, "set delimiters as in {{=<% %>=}}: two words of at most 16 bytes without \"=\"",
                        error);
        found[n++] = words[i];
    }
    if (n != 2)
        return fail(parser, NULL, "set delimiters as in {{=<% %>=}}: an opening and a closing one", error);
    g_strlcpy(parser->open, found[0], sizeof parser->open);
    g_strlcpy(parser->close, found[1], sizeof parser->close);
    return TRUE;
}

static gboolean is_safe(const struct template *template, const char *name)
{
    return template->safe_names != NULL && g_strv_contains((const char *const *)template->safe_names, name);
}

/* Whether a value may stand where it does; strict HTML only. */
static gboolean check_place(const struct parser *parser, const struct node *node, GError **error)
{
    const struct template *template = parser->template;
    if (template->lenient || template->kind != TEMPLATE_HTML)
        return TRUE;
    if (node->kind == NODE_RAW && !is_safe(template, node->name))
        return fail(parser, node->name, "unescaped values can't be written into HTML; use {{name}}", error);
    if (node->place == HTML_NOWHERE)
        return fail(
            parser, node->name,
            "a value can't stand in a tag's name, an unquoted attribute, an on... attribute, a comment or a script; "
            "put it between tags or in a quoted attribute",
            error);
    return TRUE;
}

static gboolean parse_unit(struct parser *parser, GError **error);

/* The unit of a partial, parsed on first use. NULL without error: there is none, and lenient is fine with that. */
static gboolean find_partial(struct parser *parser, const char *name, const struct unit **unit_r, GError **error)
{
    struct template *template = parser->template;
    *unit_r = g_hash_table_lookup(template->partials, name);
    if (*unit_r != NULL)
        return TRUE;
    if (!partial_name_is_valid(name))
        return fail(parser, name, "a partial's name has only letters a-z, digits, \"-\", \"_\" and inner dots", error);
    if (g_hash_table_size(template->partials) == TEMPLATE_PARTIALS_MAX)
        return fail(parser, name, "too many partials", error);
    g_autoptr(GError) reason = NULL;
    g_autofree char *file = NULL;
    char *text = NULL;
    if (parser->options->partial != NULL)
        text = parser->options->partial(name, parser->options->cookie, &file, &reason);
    if (reason != NULL)
        return fail(parser, name, reason->message, error);
    if (text == NULL)
        return template->lenient || fail(parser, name, "there is no such partial in the campaign's directory", error);
    struct unit *unit = unit_new(g_strdup(file != NULL ? file : name), text);
    g_hash_table_insert(template->partials, g_strdup(name), unit);
    *unit_r = unit;
    struct parser inner = {
        .template = template,
        .options = parser->options,
        .names = parser->names,
        .unit = unit,
    };
    return parse_unit(&inner, error);
}

static struct node *append(struct parser *parser, struct node *node)
{
    g_array_append_val(parser->unit->nodes, *node);
    return &g_array_index(parser->unit->nodes, struct node, parser->unit->nodes->len - 1);
}

/* A value or the begin of a section; takes tag->name. */
static gboolean add_named(struct parser *parser, struct tag *tag, enum node_kind kind, GError **error)
{
    if (!name_is_valid(tag->name))
        return fail(parser, tag->name, "is no name; names hold neither white space nor {}<>&\"'=#^/!", error);
    gboolean written = kind == NODE_VALUE || kind == NODE_RAW;
    gboolean dot = strcmp(tag->name, ".") == 0;
    if (!dot)
        g_hash_table_add(parser->names, g_strdup(tag->name));
    struct node *node = append(parser, &(struct node){ .kind = kind, .line = parser->line, .name = tag->name });
    tag->name = NULL;
    if (!dot)
        node->path = g_strsplit(node->name, ".", -1);
    if (written)
        node->place = html_tracker_place(&parser->tracker);
    if (written)
        return check_place(parser, node, error);
    if (parser->n_sections == TEMPLATE_SECTIONS_MAX)
        return fail(parser, node->name, "sections are nested too deeply", error);
    parser->sections[parser->n_sections++] = parser->unit->nodes->len - 1;
    return TRUE;
}

static gboolean close_section(struct parser *parser, const char *name, GError **error)
{
    if (parser->n_sections == 0)
        return fail(parser, name, "this section was never opened", error);
    size_t index = parser->sections[--parser->n_sections];
    struct node *node = &g_array_index(parser->unit->nodes, struct node, index);
    node->end = parser->unit->nodes->len;
    if (strcmp(node->name, name) == 0)
        return TRUE;
    g_autofree char *text = g_strdup_printf("closes {{%s}} of line %u", node->name, node->line);
    return fail(parser, name, text, error);
}

/* indent is the white space before a standalone tag; it is taken. */
static gboolean add_partial(struct parser *parser, struct tag *tag, char *indent, GError **error)
{
    size_t index = parser->unit->nodes->len;
    append(parser, &(struct node){
        .kind = NODE_PARTIAL,
        .line = parser->line,
        .name = g_steal_pointer(&tag->name),
        .indent = indent,
    });
    const struct unit *partial = NULL;
    const char *name = g_array_index(parser->unit->nodes, struct node, index).name;
    if (!find_partial(parser, name, &partial, error))
        return FALSE;
    g_array_index(parser->unit->nodes, struct node, index).partial = partial;
    return TRUE;
}

static gboolean add_tag(struct parser *parser, struct tag *tag, char *indent, GError **error)
{
    g_autofree char *owned = indent;
    switch (tag->sigil) {
    case '!':
        return TRUE;
    case '=':
        return set_delimiters(parser, tag->name, error);
    case '/':
        return close_section(parser, tag->name, error);
    case '>':
        return add_partial(parser, tag, g_steal_pointer(&owned), error);
    case '#':
        return add_named(parser, tag, NODE_SECTION, error);
    case '^':
        return add_named(parser, tag, NODE_INVERTED, error);
    case '&':
    case '{':
        return add_named(parser, tag, NODE_RAW, error);
    default:
        return add_named(parser, tag, NODE_VALUE, error);
    }
}

/* Reads the tag whose opening delimiter stands at begin. */
static gboolean read_tag(struct parser *parser, const char *begin, struct tag *tag, GError **error)
{
    const char *body = begin + strlen(parser->open);
    tag->begin = begin;
    tag->sigil = *body != '\0' && strchr("!=/>#^&{", *body) != NULL ? *body : ' ';
    if (tag->sigil != ' ')
        body++;
    char closer[DELIMITER_MAX + 2];
    const char *prefix = tag->sigil == '{' ? "}" : tag->sigil == '=' ? "=" : "";
    g_snprintf(closer, sizeof closer, "%s%s", prefix, parser->close);
    const char *end = strstr(body, closer);
    if (end == NULL)
        return fail(parser, NULL, "a tag is opened here and never closed", error);
    tag->after = end + strlen(closer);
    tag->name = g_strstrip(g_strndup(body, (size_t)(end - body)));
    return TRUE;
}

/* Stores the literal text before a tag and the tag; white space and line end go where it stands alone on its line. */
static gboolean parse_tag(struct parser *parser, const char *begin, GError **error)
{
    advance(parser, begin);
    struct tag tag = { .sigil = ' ' };
    if (!read_tag(parser, begin, &tag, error))
        return FALSE;
    const char *line_begin = begin;
    const char *after = tag.after;
    gboolean standalone = is_standalone(parser, &tag, &line_begin, &after);
    char *indent = standalone ? g_strndup(line_begin, (size_t)(begin - line_begin)) : NULL;
    store_literal(parser, line_begin, !standalone);
    gboolean ok = add_tag(parser, &tag, indent, error);
    g_free(tag.name);
    advance(parser, after);
    parser->literal = after;
    parser->literal_line = parser->line;
    return ok;
}

/* Templates are UTF-8 text; a header field is one line of it. */
static gboolean check_text(const struct parser *parser, GError **error)
{
    const char *text = parser->unit->text;
    size_t length = strlen(text);
    if (length > TEMPLATE_SIZE_MAX)
        return error_set(error, ERROR_DATA, "%s: larger than the %zu KiB a template may have", parser->unit->file,
                         TEMPLATE_SIZE_MAX / 1024);
    unsigned line = 1;
    const char *valid = NULL;
    gboolean utf8 = g_utf8_validate(text, (gssize)length, &valid);
    gboolean header = parser->template->kind == TEMPLATE_HEADER;
    for (const char *c = text; c < valid; c++) {
        unsigned char byte = (unsigned char)*c;
        gboolean control = byte < ' ' || byte == 0x7F;
        if (control && (header || strchr("\t\n\r", *c) == NULL))
            return template_error(error, parser->unit, line, NULL,
                                  header ? "a header field is one line without control characters"
                                         : "the template holds a control character");
        line += *c == '\n';
    }
    return utf8 || template_error(error, parser->unit, line, NULL, "the file is not UTF-8; save it as UTF-8");
}

static gboolean parse_unit(struct parser *parser, GError **error)
{
    if (!check_text(parser, error))
        return FALSE;
    g_strlcpy(parser->open, "{{", sizeof parser->open);
    g_strlcpy(parser->close, "}}", sizeof parser->close);
    parser->cursor = parser->literal = parser->unit->text;
    parser->line = parser->literal_line = 1;
    const char *begin;
    while ((begin = strstr(parser->literal, parser->open)) != NULL)
        if (!parse_tag(parser, begin, error))
            return FALSE;
    const char *end = parser->literal + strlen(parser->literal);
    store_literal(parser, end, FALSE);
    advance(parser, end);
    if (parser->n_sections == 0)
        return TRUE;
    size_t index = parser->sections[parser->n_sections - 1];
    const struct node *node = &g_array_index(parser->unit->nodes, struct node, index);
    return template_error(error, parser->unit, node->line, node->name, "this section is never closed");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **sorted_names(GHashTable *set)
{
    guint n = 0;
    g_autofree void **keys = g_hash_table_get_keys_as_array(set, &n);
    char **names = g_new0(char *, (size_t)n + 1);
    for (guint i = 0; i < n; i++)
        names[i] = g_strdup(keys[i]);
    qsort(names, n, sizeof *names, compare_names);
    return names;
}

struct template *template_parse(const char *file, const char *text, const struct template_options *options,
                                GError **error)
{
    if (g_str_has_prefix(text, BOM))
        text += strlen(BOM);
    struct template *template = g_new0(struct template, 1);
    template->kind = options->kind;
    template->lenient = options->lenient;
    template->safe_names = g_strdupv((char **)options->safe_names);
    template->partials = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unit_free);
    template->main = unit_new(g_strdup(file), g_strdup(text));
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct parser parser = {
        .template = template,
        .options = options,
        .names = names,
        .unit = template->main,
    };
    if (!parse_unit(&parser, error)) {
        template_free(template);
        return NULL;
    }
    template->names = sorted_names(names);
    return template;
}

void template_free(struct template *template)
{
    if (template == NULL)
        return;
    unit_free(template->main);
    g_hash_table_unref(template->partials);
    g_strfreev(template->safe_names);
    g_strfreev(template->names);
    g_free(template);
}

const char *const *template_names(const struct template *template)
{
    return (const char *const *)template->names;
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *const *left = a, *const *right = b;
    return strcmp((*left)->file, (*right)->file);
}

void template_texts(const struct template *template, void (*func)(void *cookie, const char *file, const char *text),
                    void *cookie)
{
    g_autoptr(GPtrArray) units = g_ptr_array_new();
    GHashTableIter iter;
    void *unit;
    g_hash_table_iter_init(&iter, template->partials);
    while (g_hash_table_iter_next(&iter, NULL, &unit))
        if (unit != NULL) /* lenient, and missing */
            g_ptr_array_add(units, unit);
    g_ptr_array_add(units, template->main);
    g_ptr_array_sort(units, compare_units);
    for (guint i = 0; i < units->len; i++) {
        const struct unit *one = units->pdata[i];
        func(cookie, one->file, one->text);
    }
}
