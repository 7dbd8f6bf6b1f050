/*
 * test_content_oracle.c - a second reader's opinion: whatever HTML the content rule accepts, gumbo builds its tree
 * from, and nothing in that tree may load anything. Texts are the newsletters and tens of thousands made of telling
 * pieces.
 */
#include <gumbo.h>
#include <string.h>

#include "lib/content.h"

/* Gumbo's cost is not linear; larger texts are not given to it. */
#define ORACLE_MAX 20000

#define ROUNDS 60000

/* --- what loads, told without the rule's own tables --- */

static const char *const loading_attributes[] = {
    "srcset",  "background", "poster",   "data",       "lowsrc",         "dynsrc",   "ping",
    "action",  "formaction", "manifest", "profile",    "longdesc",       "codebase", "archive",
    "classid", "icon",       "cite",     "xlink:href", "imagesrcset",    "o:href",   "o:althref",
    "srcdoc",  "code",       "datasrc",  "usesrc",     "implementation",
};

static const char *const loading_elements[] = {
    "script",  "iframe",   "frame", "frameset",  "object",   "embed",   "applet",  "link",
    "base",    "video",    "audio", "source",    "track",    "input",   "form",    "button",
    "select",  "textarea", "svg",   "math",      "template", "bgsound", "picture", "image",
    "noembed", "noframes", "xmp",   "plaintext", "isindex",  "amp-img", "portal",  "slot",
};

static gboolean is_in(const char *const *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (g_ascii_strcasecmp(list[i], name) == 0)
            return TRUE;
    return FALSE;
}

/* Style text without comments, strings and escapes, in lower case: what is left is names and brackets. */
static char *bare_style(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p != '\0';) {
        if (p[0] == '/' && p[1] == '*') {
            const char *close = strstr(p + 2, "*/");
            p = close == NULL ? p + strlen(p) : close + 2;
            g_string_append_c(out, ' ');
        } else if (*p == '"' || *p == '\'') {
            char quote = *p++;
            while (*p != '\0' && *p != quote)
                p += *p == '\\' && p[1] != '\0' ? 2 : 1;
            p += *p != '\0';
        } else if (*p == '\\' && g_ascii_isxdigit(p[1])) {
            gunichar code = 0;
            int digits = 0;
            for (p++; digits < 6 && g_ascii_isxdigit(*p); digits++)
                code = code * 16 + (gunichar)g_ascii_xdigit_value(*p++);
            g_string_append_c(out, code < 0x80 && code > 0 ? g_ascii_tolower((char)code) : '?');
            p += *p != '\0' && strchr(" \t\r\n\f", *p) != NULL;
        } else if (*p == '\\' && p[1] != '\0') {
            g_string_append_c(out, g_ascii_tolower(p[1]));
            p += 2;
        } else {
            g_string_append_c(out, g_ascii_tolower(*p++));
        }
    }
    return g_string_free(out, FALSE);
}

static gboolean style_loads(const char *text)
{
    static const char *const words[] = {"url(",       "@import",       "image-set(",       "src(",
                                        "image(",     "element(",      "cross-fade(",      "expression(",
                                        "@font-face", "-moz-binding:", "alphaimageloader("};
    g_autofree char *bare = bare_style(text);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(bare, words[i]) != NULL)
            return TRUE;
    return FALSE;
}

/* A URL as a browser sees it: control characters and blanks at its ends gone, tabs and line ends inside too. */
static gboolean has_scheme(const char *url, const char *const *schemes, size_t n)
{
    g_autofree char *seen = g_malloc(strlen(url) + 1);
    size_t length = 0;
    while (*url != '\0' && (guint8)*url <= ' ')
        url++;
    for (; *url != '\0'; url++)
        if (strchr("\t\r\n", *url) == NULL)
            seen[length++] = g_ascii_tolower(*url);
    seen[length] = '\0';
    for (size_t i = 0; i < n; i++)
        if (g_str_has_prefix(seen, schemes[i]))
            return TRUE;
    return FALSE;
}

static gboolean attribute_loads(const char *element, const GumboAttribute *attribute)
{
    static const char *const shown[] = {"cid:", "data:image/png", "data:image/jpeg", "data:image/gif",
                                        "data:image/webp"};
    static const char *const followed[] = {"http://", "https://", "mailto:", "tel:", "#"};
    if (g_ascii_strncasecmp(attribute->name, "on", 2) == 0 && strcmp(attribute->name, "on") != 0)
        return TRUE;
    if (is_in(loading_attributes, G_N_ELEMENTS(loading_attributes), attribute->name) &&
        !g_str_has_prefix(element, "o:"))
        return TRUE;
    if (strcmp(attribute->name, "src") == 0)
        return !has_scheme(attribute->value, shown, G_N_ELEMENTS(shown));
    if (strcmp(attribute->name, "href") == 0)
        return !has_scheme(attribute->value, followed, G_N_ELEMENTS(followed));
    if (strcmp(attribute->name, "http-equiv") == 0)
        return g_ascii_strcasecmp(attribute->value, "refresh") == 0;
    return strcmp(attribute->name, "style") == 0 && style_loads(attribute->value);
}

static const char *find_load(const GumboNode *node);

/* What loads in the HTML inside a conditional comment, or NULL. */
static const char *inside_load(const char *html)
{
    GumboOutput *output = gumbo_parse(html);
    const char *found = find_load(output->root);
    gumbo_destroy_output(&kGumboDefaultOptions, output);
    return found;
}

/*
 * Outlook reads what is inside a conditional comment. Whether what is inside <noscript> is markup or text, up to the
 * first end tag, is not known.
 */
static const char *comment_load(const char *text)
{
    const char *open = strstr(text, "]>");
    if (g_ascii_strncasecmp(text, "[if", 3) != 0 || open == NULL)
        return NULL;
    g_autoptr(GRegex) noscript =
        g_regex_new("<noscript\\b.*?(</noscript[^>]*>|$)", G_REGEX_CASELESS | G_REGEX_DOTALL | G_REGEX_RAW, 0, NULL);
    g_autofree char *without = g_regex_replace_literal(noscript, open + 2, -1, 0, "", 0, NULL);
    return inside_load(open + 2) != NULL || inside_load(without) != NULL ? "a conditional comment" : NULL;
}

static const char *element_load(const GumboNode *node)
{
    const GumboElement *element = &node->v.element;
    GumboStringPiece tag = element->original_tag;
    gumbo_tag_from_original_text(&tag);
    g_autofree char *name = element->tag == GUMBO_TAG_UNKNOWN
                                ? g_ascii_strdown(tag.data == NULL ? "" : tag.data, (gssize)tag.length)
                                : g_strdup(gumbo_normalized_tagname(element->tag));
    if (is_in(loading_elements, G_N_ELEMENTS(loading_elements), name) || element->tag_namespace != GUMBO_NAMESPACE_HTML)
        return "an element";
    for (unsigned i = 0; i < element->attributes.length; i++)
        if (attribute_loads(name, element->attributes.data[i]))
            return "an attribute";
    for (unsigned i = 0; i < element->children.length; i++) {
        const GumboNode *child = element->children.data[i];
        if (element->tag == GUMBO_TAG_STYLE && child->type == GUMBO_NODE_TEXT && style_loads(child->v.text.text))
            return "a style element";
        const char *found = find_load(child);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* What in the tree loads something, or NULL. */
static const char *find_load(const GumboNode *node)
{
    if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE)
        return element_load(node);
    return node->type == GUMBO_NODE_COMMENT ? comment_load(node->v.text.text) : NULL;
}

static gboolean accepted(const char *html, size_t length)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    return content_check_html((struct slice){html, length}, &options, NULL);
}

static const char *oracle(const char *html, size_t length)
{
    GumboOutput *output = gumbo_parse_with_options(&kGumboDefaultOptions, html, length);
    const char *found = NULL;
    for (unsigned i = 0; i < output->document->v.document.children.length && found == NULL; i++)
        found = find_load(output->document->v.document.children.data[i]);
    gumbo_destroy_output(&kGumboDefaultOptions, output);
    return found;
}

static void judge(const char *html, size_t length)
{
    const char *found = oracle(html, length);
    if (found != NULL)
        g_error("accepted, but gumbo finds %s that loads: %s", found, html);
}

/* --- texts --- */

static const char *const pieces[] = {
    "<img ",
    "<img/",
    "<IMG\n",
    "src=",
    "SRC = ",
    "alt=",
    "style=",
    "href=",
    "srcset=",
    "class=",
    "width=1 ",
    "<a ",
    "<p ",
    "<p>",
    "</p>",
    "<td ",
    "background=",
    "<div\t",
    "<style>",
    "</style>",
    "</style",
    "<title>",
    "</title>",
    "<script>",
    "<svg>",
    "<noscript>",
    "</noscript>",
    "<select>",
    "<image ",
    "\"",
    "'",
    "\"",
    "'",
    ">",
    ">",
    ">",
    "/>",
    " ",
    " ",
    "/",
    "=",
    "<",
    "\n",
    "\r\n",
    "`",
    "\\",
    "&quot;",
    "&#39;",
    "&#x3e;",
    "&lt;",
    "&colon;",
    "&#58;",
    "&Tab;",
    "&amp;",
    "&nosuch;",
    "cid:a",
    "cid:",
    "data:image/png;base64,",
    "data:",
    "http://x.test/",
    "//x.test/",
    "https:",
    "mailto:a@b.example",
    "#top",
    "javascript:x",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!--->",
    "--",
    "<!--[if mso]>",
    "<![endif]-->",
    "<!--[if !mso]><!-->",
    "<!--<![endif]-->",
    "<![if mso]>",
    "<![endif]>",
    "<![CDATA[",
    "]]>",
    "<!x>",
    "<?x?>",
    "<!DOCTYPE html>",
    "</",
    "</x>",
    "<v:fill ",
    "<o:p>",
    "</o:p>",
    "color:red",
    "url(x)",
    "url(",
    "ur\\6c(x)",
    "u\\72 l(x)",
    "rgb(1,2,3)",
    "/*",
    "*/",
    "/*/",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ":",
    "a{b:c}",
    "@import 'x'",
    "@media screen{a{b:c}}",
    "@\\69mport",
    "\\",
    "image-set('x')",
    "content:'x'",
    "x",
    "\xc3\xa4",
    "]>",
    "<img src=\"cid:a\">",
    "<a href=\"https://x.test/\">",
    "<p style=\"color:red\">",
    "<meta charset=utf-8>",
    "<table>",
    "<tr>",
    "<body ",
    "<html ",
};

static void test_pieces(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20261123);
    g_autoptr(GString) html = g_string_new(NULL);
    unsigned kept = 0, loading = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        g_string_truncate(html, 0);
        for (int n = g_rand_int_range(rand, 2, 12); n > 0; n--)
            g_string_append(html, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
        if (accepted(html->str, html->len)) {
            judge(html->str, html->len);
            kept++;
        } else if (round % 16 == 0 && oracle(html->str, html->len) != NULL) {
            loading++;
        }
    }
    g_test_message("%u of %u accepted; the oracle sees loads in %u of a sixteenth of the others", kept, ROUNDS,
                   loading);
    /* The test tells something only while both happen. */
    g_assert_cmpuint(kept, >, ROUNDS / 100);
    g_assert_cmpuint(loading, >, ROUNDS / 200);
}

/* Puts a piece somewhere into the text, cuts something out, or changes an octet. */
static void mutate(GRand *rand, GString *html)
{
    gint32 length = (gint32)html->len, place = g_rand_int_range(rand, 0, length);
    switch (g_rand_int_range(rand, 0, 3)) {
    case 0:
        g_string_insert(html, place, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
        break;
    case 1:
        g_string_erase(html, place, MIN(g_rand_int_range(rand, 1, 9), length - place));
        break;
    default:
        html->str[place] = "<>\"'=/&;:()\\ x"[g_rand_int_range(rand, 0, 14)];
        break;
    }
}

static void test_newsletters(void)
{
    static const char *const names[] = {"agency.html", "hybrid.html",   "magazine.html",
                                        "mjml.html",   "question.html", "word.html"};
    g_autoptr(GRand) rand = g_rand_new_with_seed(41);
    unsigned kept = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tests/data/newsletter", names[i], NULL);
        g_autofree char *data = NULL;
        size_t size;
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        g_assert_cmpuint(size, <, ORACLE_MAX);
        judge(data, size);
        for (unsigned round = 0; round < 400; round++) {
            g_autoptr(GString) html = g_string_new_len(data, (gssize)size);
            mutate(rand, html);
            if (!accepted(html->str, html->len))
                continue;
            judge(html->str, html->len);
            kept++;
        }
    }
    g_test_message("%u mutations accepted", kept);
    g_assert_cmpuint(kept, >, 100);
}

/* The oracle itself sees what it must. */
static void test_oracle(void)
{
    static const char *const loads[] = {
        "<img src=http://x.test/>",
        "<img/src='//x.test'>",
        "<body background=x>",
        "<p style='a:u\\72 l(x)'>",
        "<svg><image href=x></svg>",
        "<!--[if mso]><img src=http://x.test/><![endif]-->",
        "<!--[if mso]><noscript><p title='</noscript><img src=http://x.test/>'></noscript><![endif]-->",
        "<style>@import 'x';</style>",
        "<a href='java&Tab;script:x'>",
        "<p onclick=x>",
        "<v:fill src='http://x.test/'/>",
        "<!--><img src=http://x.test/>-->",
        "<meta http-equiv=Refresh>",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(loads); i++) {
        g_test_message("%s", loads[i]);
        g_assert_nonnull(oracle(loads[i], strlen(loads[i])));
        g_assert_false(accepted(loads[i], strlen(loads[i])));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/content-oracle/oracle", test_oracle);
    g_test_add_func("/content-oracle/newsletters", test_newsletters);
    g_test_add_func("/content-oracle/pieces", test_pieces);
    return g_test_run();
}
