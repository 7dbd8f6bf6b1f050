/* test_template.c - the specification's own tests, and what strict adds. */
#include "importer/template.h"

#include <string.h>

#include "lib/error.h"

/* Partials out of a JSON object. */
static char *json_partial(const char *name, void *cookie, char **file_r, GError **error)
{
    (void)error;
    *file_r = g_strconcat(name, ".part", NULL);
    return g_strdup(json_string_value(json_object_get(cookie, name)));
}

static void run_specification_case(const void *data)
{
    const json_t *test = data;
    struct template_options options = {
        .kind = TEMPLATE_HTML,
        .lenient = TRUE,
        .partial = json_partial,
        .cookie = json_object_get(test, "partials"),
    };
    g_autoptr(GError) error = NULL;
    struct template *template =
        template_parse("spec", json_string_value(json_object_get(test, "template")), &options, &error);
    g_assert_no_error(error);
    g_autoptr(GString) out = g_string_new("before:");
    template_render(template, json_object_get(test, "data"), out, &error);
    g_assert_no_error(error);
    g_autofree char *expected = g_strconcat("before:", json_string_value(json_object_get(test, "expected")), NULL);
    g_assert_cmpstr(out->str, ==, expected);
    template_free(template);
}

static json_t *load_specification(const char *module)
{
    g_autofree char *name = g_strconcat(module, ".json", NULL);
    g_autofree char *file = g_test_build_filename(G_TEST_DIST, "tests", "data", "mustache", name, NULL);
    json_t *root = json_load_file(file, 0, NULL);
    g_assert_nonnull(root);
    return root;
}

static void add_specification(const char *module, json_t *root)
{
    size_t i;
    json_t *test;
    json_array_foreach (json_object_get(root, "tests"), i, test) {
        g_autofree char *path =
            g_strdup_printf("/template/spec/%s/%s", module, json_string_value(json_object_get(test, "name")));
        for (char *c = path + strlen("/template/spec/") + strlen(module) + 1; *c != '\0'; c++)
            if (*c == '/')
                *c = '-';
        g_test_add_data_func(path, test, run_specification_case);
    }
}

/* What a template makes of data, or the error's text. Kind: h(tml), t(ext), s(ubject); upper case is lenient. */
struct render_case {
    const char *name;
    char kind;
    const char *template;
    const char *data;
    const char *expected; /* NULL where an error is expected */
    const char *error;    /* a part of its text */
};

static const char partials[] =
    "{\"greet\": \"Hallo\\n{{name}}\\n\", \"two\": \"a\\n\\nb\", \"outer\": \"<\\n  {{> two}}\\n>\\n\","
    " \"self\": \"{{> self}}\", \"bad\": \"x\\ny {{#a}}\", \"tree\": \"{{v}}{{#kids}}({{> tree}}){{/kids}}\","
    " \"inline\": \"{{#a}}-{{/a}}\\n+\\n\"}";

static const struct render_case cases[] = {
    /* values by place */
    {"umlaut", 'h', "{{Straße}}", "{\"Straße\": \"Müller & Söhne\"}", "Müller &amp; Söhne", NULL},
    {"quotes", 'h', "<b title=\"{{x}}\">", "{\"x\": \"\\\"a' onclick='b\"}",
     "<b title=\"&quot;a&#39; onclick=&#39;b\">", NULL},
    {"text is not escaped", 't', "{{x}}", "{\"x\": \"<a & b>\"}", "<a & b>", NULL},
    {"whole link", 'h', "<a href=\"{{u}}\">", "{\"u\": \"https://s.example/?a=1&b=2\"}",
     "<a href=\"https://s.example/?a=1&amp;b=2\">", NULL},
    {"link with a script", 'h', "<a href=\"{{u}}\">", "{\"u\": \"JavaScript:alert(1)\"}", NULL,
     "t:1: {{u}}: the value stands"},
    {"link with white space", 'h', "<a href='{{u}}'>", "{\"u\": \"https://a b\"}", NULL, "link"},
    {"part of a link", 'h', "<a href=\"https://s.example/?n={{n}}&m={{m}}\">",
     "{\"n\": \"Ä & \\\"b\", \"m\": \"a@b.example\"}",
     "<a href=\"https://s.example/?n=%C3%84%20%26%20%22b&m=a@b.example\">", NULL},
    {"second value in a link", 'h', "<a href=\"{{u}}{{v}}\">", "{\"u\": \"https://s.example/\", \"v\": \"a/b\"}",
     "<a href=\"https://s.example/a%2Fb\">", NULL},
    {"style", 'h', "<p style=\"color:{{c}}\">", "{\"c\": \"#ff00aa\"}", "<p style=\"color:#ff00aa\">", NULL},
    {"style that loads", 'h', "<p style=\"color:{{c}}\">", "{\"c\": \"url(//e.example)\"}", NULL, "in a style"},
    {"style element", 'h', "<style>p{color:{{c}}}</style><p>{{t}}", "{\"c\": \"red\", \"t\": \"(x)\"}",
     "<style>p{color:red}</style><p>(x)", NULL},
    {"script", 'h', "a\n<script>{{c}}</script>", "{\"c\": \"x\"}", NULL, "t:2: {{c}}: a value can't stand"},
    {"comment", 'h', "<!-- {{c}} -->", "{\"c\": \"x\"}", NULL, "can't stand"},
    {"behind a comment", 'h', "<!-- a > b --->{{c}}<!-->{{c}}<!DOCTYPE html>{{c}}", "{\"c\": \"x\"}",
     "<!-- a > b --->x<!-->x<!DOCTYPE html>x", NULL},
    {"conditional comment", 'h', "<!--[if mso]><a href=\"{{c}}\">{{t}}</a><![endif]-->",
     "{\"c\": \"https://a.example\", \"t\": \"x\"}", "<!--[if mso]><a href=\"https://a.example\">x</a><![endif]-->",
     NULL},
    {"tag name", 'h', "<{{c}}>", "{\"c\": \"x\"}", NULL, "can't stand"},
    {"unquoted", 'h', "<p title={{c}}>", "{\"c\": \"x\"}", NULL, "can't stand"},
    {"event handler", 'h', "<p onclick=\"{{c}}\">", "{\"c\": \"x\"}", NULL, "can't stand"},
    {"less-than in text", 'h', "1 < 2 {{c}}", "{\"c\": \"x\"}", "1 < 2 x", NULL},
    /* raw */
    {"raw in HTML", 'h', "{{{x}}}", "{\"x\": \"a\"}", NULL, "{{x}}: unescaped"},
    {"raw with ampersand", 'h', "{{& x}}", "{\"x\": \"a\"}", NULL, "unescaped"},
    {"raw declared safe", 'h', "{{{question_html}}}", "{\"question_html\": \"<b>{{x}}</b>\"}", "<b>{{x}}</b>", NULL},
    {"raw in text", 't', "{{{x}}}", "{\"x\": \"<\"}", "<", NULL},
    /* names and defaults */
    {"unknown", 't', "a\nb {{Vornahme}}", "{\"Vorname\": \"Kim\"}", NULL, "t:2: {{Vornahme}}: no such name"},
    {"unknown, lenient", 'T', "[{{Vornahme}}]", "{}", "[]", NULL},
    {"unknown section", 't', "{{#x}}a{{/x}}", "{}", NULL, "no such name"},
    {"unknown inverted section", 't', "{{^x}}a{{/x}}", "{}", NULL, "no such name"},
    {"empty", 't', "{{x}}", "{\"x\": \"\"}", NULL, "{{x}}: the value is empty"},
    {"null", 't', "{{x}}", "{\"x\": null}", NULL, "empty"},
    {"default taken", 't', "{{#x}}Hallo {{x}}{{/x}}{{^x}}Guten Tag{{/x}}", "{\"x\": \"\"}", "Guten Tag", NULL},
    {"default not taken", 't', "{{#x}}Hallo {{x}}{{/x}}{{^x}}Guten Tag{{/x}}", "{\"x\": \"Kim\"}", "Hallo Kim", NULL},
    {"value holds a tag", 't', "{{x}}", "{\"x\": \"{{y}}\", \"y\": \"no\"}", "{{y}}", NULL},
    {"environment", 't', "{{env}}{{PATH}}", "{}", NULL, "{{env}}: no such name"},
    {"list as text", 't', "{{x}}", "{\"x\": [1]}", NULL, "is a list"},
    {"list", 't', "{{#x}}{{n}},{{/x}}", "{\"x\": [{\"n\": 1}, {\"n\": 2.5}, {\"n\": true}]}", "1,2.5,true,", NULL},
    {"control character", 't', "{{x}}", "{\"x\": \"a\\u0007\"}", NULL, "control character"},
    {"C1 control character", 'h', "{{x}}", "{\"x\": \"a\\u0085b\"}", NULL, "control character"},
    {"line end in text", 't', "{{x}}", "{\"x\": \"a\\nb\"}", "a\nb", NULL},
    /* header */
    {"subject", 's', "Ihre Meinung, {{x}}", "{\"x\": \"Kim <Müller>\"}", "Ihre Meinung, Kim <Müller>", NULL},
    {"subject with CR LF", 's', "{{x}}", "{\"x\": \"a\\r\\nBcc: b@c.example\"}", NULL, "control character"},
    {"subject with tab, lenient", 'S', "{{x}}", "{\"x\": \"a\\tb\"}", NULL, "control character"},
    {"subject of two lines", 's', "a\nb", "{}", NULL, "t:1: a header field is one line"},
    /* partials */
    {"partial", 't', "{{> greet}}!", "{\"name\": \"Kim\"}", "Hallo\nKim\n!", NULL},
    {"partial indented", 't', "a\n  {{> greet}}\nb", "{\"name\": \"K\\nim\"}", "a\n  Hallo\n  K\nim\nb", NULL},
    {"partial without last newline", 't', " {{> two}}\n>", "{}", " a\n \n b>", NULL},
    {"partial in partial", 't', "  {{> outer}}\n", "{}", "  <\n    a\n    \n    b  >\n", NULL},
    {"partial inline", 't', "x {{> two}} y", "{}", "x a\n\nb y", NULL},
    {"partial begins with a section", 't', "  {{> inline}}\n", "{\"a\": true}", "  -\n  +\n", NULL},
    {"partial recursion", 't', "{{> tree}}",
     "{\"v\": 1, \"kids\": [{\"v\": 2, \"kids\": []}, {\"v\": 3, \"kids\": []}]}", "1(2)(3)", NULL},
    {"partial without end", 't', "{{> self}}", "{}", NULL, "self.part:1: {{self}}: partials are nested too deeply"},
    {"partial missing", 't', "\n{{> nope}}", "{}", NULL, "t:2: {{nope}}: there is no such partial"},
    {"partial missing, lenient", 'T', "[{{> nope}}]", "{}", "[]", NULL},
    {"partial of another place", 't', "{{> ../etc/passwd}}", "{}", NULL, "a partial's name"},
    {"partial hidden", 't', "{{> .env}}", "{}", NULL, "a partial's name"},
    {"partial wrong", 't', "{{> bad}}", "{}", NULL, "bad.part:2: {{a}}: this section is never closed"},
    {"partial keeps its delimiters", 't', "{{=<% %>=}}<%> greet%>", "{\"name\": \"K\"}", "Hallo\nK\n", NULL},
    /* grammar */
    {"unclosed tag", 't', "a\n{{x", "{}", NULL, "t:2: a tag is opened"},
    {"unclosed section", 't', "\n{{#x}}", "{}", NULL, "t:2: {{x}}: this section is never closed"},
    {"crossed sections", 't', "{{#a}}\n{{#b}}{{/a}}{{/b}}", "{}", NULL, "t:2: {{a}}: closes {{b}} of line 2"},
    {"end without begin", 't', "{{/a}}", "{}", NULL, "never opened"},
    {"nested braces", 't', "{{{{x}}}}", "{\"x\": \"a\"}", NULL, "is no name"},
    {"name with a blank", 't', "{{a b}}", "{}", NULL, "is no name"},
    {"name with dots", 't', "{{a..b}}", "{}", NULL, "is no name"},
    {"no name", 't', "{{}}", "{}", NULL, "is no name"},
    {"one delimiter", 't', "{{=<%=}}", "{}", NULL, "set delimiters"},
    {"three delimiters", 't', "{{=a b c=}}", "{}", NULL, "set delimiters"},
    {"not UTF-8", 't', "a\n\xE4", "{}", NULL, "t:2: the file is not UTF-8"},
    {"control in template", 't', "a\x01", "{}", NULL, "control character"},
    {"byte order mark", 't', "\xEF\xBB\xBF{{! a }}\nb", "{}", "b", NULL},
    {"CR LF", 't', "{{#a}}\r\nb\r\n{{/a}}\r\nc", "{\"a\": 1}", "b\r\nc", NULL},
};

static struct template *parse_case(const struct render_case *test, json_t *found, GError **error)
{
    static const char *const safe[] = { "question_html", NULL };
    struct template_options options = {
        .kind = strchr("hH", test->kind) != NULL ? TEMPLATE_HTML
                : strchr("tT", test->kind) != NULL ? TEMPLATE_TEXT : TEMPLATE_HEADER,
        .lenient = g_ascii_isupper(test->kind),
        .safe_names = safe,
        .partial = json_partial,
        .cookie = found,
    };
    return template_parse("t", test->template, &options, error);
}

static void test_render(const void *data)
{
    const struct render_case *test = data;
    json_t *found = json_loads(partials, 0, NULL);
    json_t *values = json_loads(test->data, 0, NULL);
    g_assert_nonnull(found);
    g_assert_nonnull(values);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    struct template *template = parse_case(test, found, &error);
    gboolean ok = template != NULL && template_render(template, values, out, &error);
    g_assert_true(ok == (error == NULL));
    if (test->expected != NULL) {
        g_assert_no_error(error);
        g_assert_cmpstr(out->str, ==, test->expected);
    } else {
        g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
        if (strstr(error->message, test->error) == NULL)
            g_error("error is \"%s\"", error->message);
        g_assert_cmpuint(out->len, ==, 0);
    }
    template_free(template);
    json_decref(values);
    json_decref(found);
}

static void test_names(void)
{
    json_t *found = json_loads(partials, 0, NULL);
    static const struct render_case test = {
        .kind = 't', .template = "{{b}}{{#a.c}}{{.}}{{/a.c}}{{^b}}{{/b}}{{! no }}{{> greet}}{{{z}}}"
    };
    struct template *template = parse_case(&test, found, NULL);
    g_autofree char *names = g_strjoinv(" ", (char **)template_names(template));
    g_assert_cmpstr(names, ==, "a.c b name z");
    template_free(template);
    json_decref(found);
}

/* Deep or endless input ends with an error soon. */
static void test_limits(void)
{
    struct template_options options = { .kind = TEMPLATE_TEXT, .lenient = TRUE };
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i <= TEMPLATE_SECTIONS_MAX; i++)
        g_string_append(text, "{{#a}}");
    g_autoptr(GError) error = NULL;
    g_assert_null(template_parse("deep", text->str, &options, &error));
    g_assert_nonnull(strstr(error->message, "nested too deeply"));
    g_clear_error(&error);

    g_string_set_size(text, TEMPLATE_SIZE_MAX + 1);
    memset(text->str, 'x', text->len);
    g_assert_null(template_parse("large", text->str, &options, &error));
    g_assert_nonnull(strstr(error->message, "512 KiB"));
    g_clear_error(&error);

    /* a list within a list within a list: 200 * 200 * 200 steps without output */
    json_t *list = json_array();
    for (int i = 0; i < 200; i++)
        json_array_append_new(list, json_integer(i));
    json_t *data = json_pack("{s:o}", "l", list);
    struct template *template =
        template_parse("steps", "{{#l}}{{#l}}{{#l}}{{! }}{{^l}}{{/l}}{{/l}}{{/l}}{{/l}}", &options, NULL);
    g_string_truncate(text, 0);
    g_assert_false(template_render(template, data, text, &error));
    g_assert_nonnull(strstr(error->message, "too many steps"));
    g_clear_error(&error);
    template_free(template);

    /* 200 * 200 times 100 bytes are 4 MB */
    g_autofree char *wide = g_strdup_printf("{{#l}}{{#l}}%0100d{{/l}}{{/l}}", 0);
    template = template_parse("wide", wide, &options, NULL);
    g_assert_false(template_render(template, data, text, &error));
    g_assert_nonnull(strstr(error->message, "larger than 1 MiB"));
    template_free(template);
    json_decref(data);
}

static void *render_often(void *data)
{
    json_t *values = json_loads("{\"a\": {\"b\": \"ü\"}, \"l\": [1, 2, 3]}", 0, NULL);
    for (int i = 0; i < 2000; i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_assert_true(template_render(data, values, out, NULL));
        g_assert_cmpstr(out->str, ==, "<p>ü123</p>");
    }
    json_decref(values);
    return NULL;
}

static void test_threads(void)
{
    struct template_options options = { .kind = TEMPLATE_HTML };
    struct template *template = template_parse("t", "<p>{{a.b}}{{#l}}{{.}}{{/l}}</p>", &options, NULL);
    GThread *other = g_thread_new("render", render_often, template);
    render_often(template);
    g_thread_join(other);
    template_free(template);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const char *const modules[] = { "comments", "delimiters", "interpolation", "inverted",
                                           "partials", "sections" };
    json_t *roots[G_N_ELEMENTS(modules)];
    for (size_t i = 0; i < G_N_ELEMENTS(modules); i++) {
        roots[i] = load_specification(modules[i]);
        add_specification(modules[i], roots[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/template/strict/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_render);
    }
    g_test_add_func("/template/names", test_names);
    g_test_add_func("/template/limits", test_limits);
    g_test_add_func("/template/threads", test_threads);
    int status = g_test_run();
    for (size_t i = 0; i < G_N_ELEMENTS(modules); i++)
        json_decref(roots[i]);
    return status;
}
