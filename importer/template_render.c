/* template_render.c - renders a parsed template; see template.h. */
#include <string.h>

#include "importer/template_tree.h"
#include "lib/error.h"

/* One rendering. */
struct render {
    const struct template *template;
    const json_t *contexts[TEMPLATE_CONTEXTS_MAX]; /* innermost last */
    size_t n_contexts;
    GString *out;
    size_t begin;    /* of our output in out */
    GString *indent; /* of the partials we are in */
    unsigned partial_depth;
    unsigned steps;
};

/* A value as text: points into the data, or into number. */
struct value {
    const char *text;
    size_t length;
    char number[32];
};

static gboolean render_range(struct render *render, const struct unit *unit, size_t from, size_t to, GError **error);

static gboolean fail(const struct unit *unit, const struct node *node, const char *text, GError **error)
{
    return template_error(error, unit, node->line, node->name, text);
}

/* The first segment is looked for from the innermost context outwards, the others within what it names. */
static const json_t *look_up(const struct render *render, const struct node *node)
{
    if (node->path == NULL)
        return render->contexts[render->n_contexts - 1];
    const json_t *found = NULL;
    for (size_t i = render->n_contexts; i > 0 && found == NULL; i--)
        found = json_object_get(render->contexts[i - 1], node->path[0]);
    for (size_t i = 1; node->path[i] != NULL && found != NULL; i++)
        found = json_object_get(found, node->path[i]);
    return found;
}

static gboolean find(const struct render *render, const struct unit *unit, const struct node *node,
                     const json_t **value_r, GError **error)
{
    *value_r = look_up(render, node);
    if (*value_r != NULL || render->template->lenient)
        return TRUE;
    return fail(unit, node, "no such name: neither a column of the list nor a value that Postwelle provides", error);
}

static gboolean is_true(const json_t *value)
{
    if (value == NULL || json_is_null(value) || json_is_false(value))
        return FALSE;
    if (json_is_array(value))
        return json_array_size(value) > 0;
    return !json_is_string(value) || json_string_length(value) > 0;
}

/* The shortest decimal that reads back as the same number. */
static void real_text(double real, char *text, size_t size)
{
    for (int digits = 15; digits <= 17; digits++) {
        char format[8];
        g_snprintf(format, sizeof format, "%%.%dg", digits);
        g_ascii_formatd(text, (int)size, format, real);
        if (!(g_ascii_strtod(text, NULL) < real) && !(g_ascii_strtod(text, NULL) > real))
            return;
    }
}

/* FALSE where the value is a list or an object, which have no text. */
static gboolean value_text(const json_t *json, struct value *value)
{
    *value = (struct value){ .text = "" };
    switch (json == NULL ? JSON_NULL : json_typeof(json)) {
    case JSON_STRING:
        value->text = json_string_value(json);
        value->length = json_string_length(json);
        return TRUE;
    case JSON_INTEGER:
        g_snprintf(value->number, sizeof value->number, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        value->text = value->number;
        break;
    case JSON_REAL:
        real_text(json_real_value(json), value->number, sizeof value->number);
        value->text = value->number;
        break;
    case JSON_TRUE:
        value->text = "true";
        break;
    case JSON_FALSE:
        value->text = "false";
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
        return FALSE;
    default:
        break;
    }
    value->length = strlen(value->text);
    return TRUE;
}

/* C0, DEL and the C1 controls U+0080 to U+009F; of these, line ends and tab are allowed in bodies. */
static gboolean has_control(const struct value *value, gboolean header)
{
    for (size_t i = 0; i < value->length; i++) {
        unsigned char byte = (unsigned char)value->text[i];
        if (byte == 0xC2 && i + 1 < value->length && (unsigned char)value->text[i + 1] < 0xA0)
            return TRUE;
        if (byte == 0x7F || (byte < ' ' && (header || (byte != '\t' && byte != '\n' && byte != '\r'))))
            return TRUE;
    }
    return FALSE;
}

static void write_escaped(GString *out, const struct value *value)
{
    const char *run = value->text;
    const char *end = value->text + value->length;
    for (const char *c = run; c < end; c++) {
        const char *escaped = NULL;
        switch (*c) {
        case '&':
            escaped = "&amp;";
            break;
        case '<':
            escaped = "&lt;";
            break;
        case '>':
            escaped = "&gt;";
            break;
        case '"':
            escaped = "&quot;";
            break;
        case '\'':
            escaped = "&#39;";
            break;
        default:
            continue;
        }
        g_string_append_len(out, run, c - run);
        g_string_append(out, escaped);
        run = c + 1;
    }
    g_string_append_len(out, run, end - run);
}

static gboolean is_url(const struct value *value)
{
    static const char *const schemes[] = { "https://", "http://", "mailto:", "tel:" };
    for (size_t i = 0; i < value->length; i++)
        if ((unsigned char)value->text[i] <= ' ')
            return FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(value->text, schemes[i], strlen(schemes[i])) == 0)
            return TRUE;
    return FALSE;
}

static gboolean is_plain_style(const struct value *value)
{
    for (size_t i = 0; i < value->length; i++)
        if (!g_ascii_isalnum(value->text[i]) && strchr("#.%,- ", value->text[i]) == NULL)
            return FALSE;
    return TRUE;
}

/* Writes a value into HTML in the way its place asks for. */
static gboolean write_html(struct render *render, const struct unit *unit, const struct node *node,
                           const struct value *value, GError **error)
{
    switch (node->place) {
    case HTML_URL_START:
        if (!is_url(value))
            return fail(unit, node,
                        "the value stands for a whole link, so it must be an http, https, mailto or tel URL", error);
        break;
    case HTML_URL_REST: {
        g_autofree char *text = g_strndup(value->text, value->length);
        g_string_append_uri_escaped(render->out, text, "@", FALSE);
        return TRUE;
    }
    case HTML_STYLE:
        if (!is_plain_style(value))
            return fail(unit, node, "in a style only letters, digits, blanks and #.%,- are allowed", error);
        break;
    default:
        break;
    }
    write_escaped(render->out, value);
    return TRUE;
}

static gboolean check_value(const struct render *render, const struct unit *unit, const struct node *node,
                            const struct value *value, GError **error)
{
    gboolean header = render->template->kind == TEMPLATE_HEADER;
    if (!render->template->lenient && value->length == 0)
        return fail(
            unit, node,
            "the value is empty; write a default with {{^name}}default{{/name}}, and this in {{#name}}{{/name}}",
            error);
    if ((header || !render->template->lenient) && has_control(value, header))
        return fail(unit, node, "the value holds a control character; correct the list", error);
    return TRUE;
}

static gboolean write_value(struct render *render, const struct unit *unit, const struct node *node, GError **error)
{
    const json_t *json;
    struct value value;
    if (!find(render, unit, node, &json, error))
        return FALSE;
    if (!value_text(json, &value) && !render->template->lenient)
        return fail(unit, node, "the value is a list or an object; open a section for it", error);
    if (!check_value(render, unit, node, &value, error))
        return FALSE;
    if (node->kind == NODE_RAW || render->template->kind != TEMPLATE_HTML) {
        g_string_append_len(render->out, value.text, (gssize)value.length);
        return TRUE;
    }
    if (!render->template->lenient)
        return write_html(render, unit, node, &value, error);
    write_escaped(render->out, &value);
    return TRUE;
}

/* Literal text; within indented partials each of its lines gets the indentation. */
static void write_literal(struct render *render, const struct node *node)
{
    if (render->indent->len == 0) {
        g_string_append_len(render->out, node->text, (gssize)node->length);
        return;
    }
    if (node->line_start)
        g_string_append_len(render->out, render->indent->str, (gssize)render->indent->len);
    const char *end = node->text + node->length;
    for (const char *line = node->text; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *next = newline == NULL ? end : newline + 1;
        g_string_append_len(render->out, line, next - line);
        if (next < end)
            g_string_append_len(render->out, render->indent->str, (gssize)render->indent->len);
        line = next;
    }
}

static gboolean render_with(struct render *render, const json_t *context, const struct unit *unit, size_t index,
                            GError **error)
{
    const struct node *node = &g_array_index(unit->nodes, struct node, index);
    if (render->n_contexts == TEMPLATE_CONTEXTS_MAX)
        return fail(unit, node, "sections are nested too deeply", error);
    render->contexts[render->n_contexts++] = context;
    gboolean ok = render_range(render, unit, index + 1, node->end, error);
    render->n_contexts--;
    return ok;
}

static gboolean render_section(struct render *render, const struct unit *unit, size_t index, GError **error)
{
    const struct node *node = &g_array_index(unit->nodes, struct node, index);
    const json_t *value;
    if (!find(render, unit, node, &value, error))
        return FALSE;
    if (node->kind == NODE_INVERTED)
        return is_true(value) || render_range(render, unit, index + 1, node->end, error);
    if (!is_true(value))
        return TRUE;
    if (!json_is_array(value))
        return render_with(render, value, unit, index, error);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!render_with(render, json_array_get(value, i), unit, index, error))
            return FALSE;
    return TRUE;
}

static gboolean render_partial(struct render *render, const struct unit *unit, const struct node *node, GError **error)
{
    const struct unit *partial = node->partial;
    if (partial == NULL)
        return TRUE;
    if (render->partial_depth == TEMPLATE_PARTIAL_DEPTH)
        return fail(unit, node, "partials are nested too deeply", error);
    size_t before = render->indent->len;
    if (node->indent != NULL)
        g_string_append(render->indent, node->indent);
    render->partial_depth++;
    gboolean ok = render_range(render, partial, 0, partial->nodes->len, error);
    render->partial_depth--;
    g_string_truncate(render->indent, before);
    return ok;
}

static gboolean render_node(struct render *render, const struct unit *unit, size_t index, GError **error)
{
    const struct node *node = &g_array_index(unit->nodes, struct node, index);
    if (++render->steps > TEMPLATE_STEPS_MAX)
        return fail(unit, node, "the template takes too many steps; does a partial include itself?", error);
    if (render->out->len - render->begin > TEMPLATE_OUTPUT_MAX)
        return fail(unit, node, "the output is larger than 1 MiB", error);
    switch (node->kind) {
    case NODE_LITERAL:
        write_literal(render, node);
        return TRUE;
    case NODE_VALUE:
    case NODE_RAW:
        return write_value(render, unit, node, error);
    case NODE_PARTIAL:
        return render_partial(render, unit, node, error);
    default:
        return render_section(render, unit, index, error);
    }
}

static gboolean render_range(struct render *render, const struct unit *unit, size_t from, size_t to, GError **error)
{
    for (size_t i = from; i < to;) {
        const struct node *node = &g_array_index(unit->nodes, struct node, i);
        if (!render_node(render, unit, i, error))
            return FALSE;
        i = node->end != 0 ? node->end : i + 1;
    }
    return TRUE;
}

gboolean template_render(const struct template *template, const json_t *data, GString *out, GError **error)
{
    g_autoptr(GString) indent = g_string_new(NULL);
    struct render render = {
        .template = template,
        .contexts = { data },
        .n_contexts = 1,
        .out = out,
        .begin = out->len,
        .indent = indent,
    };
    if (render_range(&render, template->main, 0, template->main->nodes->len, error))
        return TRUE;
    g_string_truncate(out, render.begin);
    return FALSE;
}
