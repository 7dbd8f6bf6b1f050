/* test_html.c - the tokeniser, case by case, and character references. */
#include "lib/html.h"

static const struct {
    const char *name;
    const char *text;
    const char *tokens; /* see print_token() */
} token_cases[] = {
    {"nothing", "", ""},
    {"text alone", "a b", "text(a b)"},
    {"a start tag", "<p>", "<p>"},
    {"mixed case stays as written", "<P ALIGN=Left>", "<P|ALIGN=Left>"},
    {"an end tag", "x</p>", "text(x)</p>"},
    {"double quotes", "<a href=\"x y\">", "<a|href=x y>"},
    {"single quotes", "<a href='x\"y'>", "<a|href=x\"y>"},
    {"no quotes", "<a href=x/y>", "<a|href=x/y>"},
    {"no value", "<td nowrap>", "<td|nowrap=>"},
    {"space around the equals sign", "<a href\n=\t'x'>", "<a|href=x>"},
    {"a slash for a space", "<img/src='x'/alt='y'>", "<img|src=x|alt=y>"},
    {"self-closing", "<br/>", "<br/>"},
    {"self-closing with space", "<br />", "<br/>"},
    {"a slash that closes nothing", "<br / >", "<br>"},
    {"a form feed separates", "<img\fsrc=x>", "<img|src=x>"},
    {"a carriage return separates", "<img\rsrc=x>", "<img|src=x>"},
    {"a vertical tab does not", "<img\vsrc=x>", "<img\vsrc=x>"},
    {"no space after a quote", "<a b='c'd='e'>", "!4<a|b=c|d=e>"},
    {"a quote in a name", "<a b\"c=d>", "!4<a|b\"c=d>"},
    {"an equals sign before a name", "<a =b=c>", "!4<a|=b=c>"},
    {"a quote in an unquoted value", "<a b=c'd>", "!4<a|b=c'd>"},
    {"no value after the equals sign", "<a b=>", "!4<a|b=>"},
    {"a bracket in a quoted value", "<a b='>'>c", "<a|b=>>text(c)"},
    {"an unclosed tag", "<a b='c'", "!1<a|b=c>"},
    {"an unclosed quote", "<a b='c>d", "!1<a|b=c>d>"},
    {"less-than before a space is text", "a < b", "text(a < b)"},
    {"less-than at the end is text", "a<", "text(a<)"},
    {"less-than before a digit is text", "a<3<b>", "text(a<3)<b>"},
    {"an end tag without name", "a</>b", "text(a)bogus()text(b)"},
    {"an end tag with a space", "</ p>", "bogus( p)"},
    {"an end tag at the end is text", "a</", "text(a</)"},
    {"an end tag with attributes", "</p a=b>", "!16</p|a=b>"},
    {"a comment", "<!-- a > b -->c", "comment( a > b )text(c)"},
    {"an empty comment", "<!---->c", "comment()text(c)"},
    {"a comment closed at once", "<!-->c", "!2comment()text(c)"},
    {"a comment closed by one dash more", "<!--->c", "!2comment()text(c)"},
    {"a comment with three dashes", "<!-- a --->c", "comment( a -)text(c)"},
    {"a comment closed by a bang", "<!-- a --!>c", "!2comment( a )text(c)"},
    {"a comment with dashes and a space", "<!-- a -- >c-->", "!2comment( a -- >c)"},
    {"a comment in a comment", "<!-- <!-- a -->c-->", "!2comment( <!-- a )text(c-->)"},
    {"a comment opener closed as such", "<!--a<!-->c", "comment(a<!)text(c)"},
    {"an unclosed comment", "<!-- a", "!1comment( a)"},
    {"an unclosed empty comment", "<!--", "!1comment()"},
    {"a bang that makes a short comment no comment", "<!---!>a-->", "comment(-!>a)"},
    {"a bogus comment", "<!x>y", "bogus(x)text(y)"},
    {"a processing instruction", "<?xml a?>y", "bogus(?xml a?)text(y)"},
    {"a CDATA section ends at the bracket", "<![CDATA[a>b]]>", "bogus([CDATA[a)text(b]]>)"},
    {"a conditional that is no comment", "<![if !mso]>a<![endif]>", "bogus([if !mso])text(a)bogus([endif])"},
    {"a doctype", "<!DOCTYPE html>", "doctype(DOCTYPE html)"},
    {"a doctype ends within quotes", "<!doctype html \"a>b\">", "doctype(doctype html \"a)text(b\">)"},
    {"style holds text", "<style>a<b></style>c", "<style>raw(a<b>)</style>text(c)"},
    {"style ends in any case", "<style>a</STYLE >", "<style>raw(a)</STYLE>"},
    {"a longer name does not end style", "<style>a</styles></style>", "<style>raw(a</styles>)</style>"},
    {"a slash ends style's name", "<style></style/>", "<style>raw()!16</style>"},
    {"style in a comment look-alike", "<style><!-- </style> -->", "<style>raw(<!-- )</style>text( -->)"},
    {"an unclosed style", "<style>a", "<style>!1raw(a)"},
    {"an unclosed empty style", "<style>", "<style>!1raw()"},
    {"title holds text", "<title><b></title>", "<title>raw(<b>)</title>"},
    {"textarea holds text", "<textarea><b></textarea>", "<textarea>raw(<b>)</textarea>"},
    {"plaintext never ends", "<plaintext></plaintext>", "<plaintext>!1raw(</plaintext>)"},
};

static void print_token(GString *out, const struct html_token *token)
{
    static const char *const names[] = {
        [HTML_TEXT] = "text", [HTML_COMMENT] = "comment", [HTML_BOGUS_COMMENT] = "bogus", [HTML_DOCTYPE] = "doctype"};
    if (token->oddities != 0)
        g_string_append_printf(out, "!%u", token->oddities);
    if (token->type != HTML_START_TAG && token->type != HTML_END_TAG) {
        g_string_append_printf(out, "%s(%.*s)", token->raw ? "raw" : names[token->type], (int)token->text.length,
                               token->text.data);
        return;
    }
    g_string_append_printf(out, token->type == HTML_END_TAG ? "</%.*s" : "<%.*s", (int)token->text.length,
                           token->text.data);
    for (unsigned i = 0; i < token->n_attributes; i++)
        g_string_append_printf(out, "|%.*s=%.*s", (int)token->attributes[i].name.length, token->attributes[i].name.data,
                               (int)token->attributes[i].value.length, token->attributes[i].value.data);
    g_string_append(out, token->self_closing && token->type == HTML_START_TAG ? "/>" : ">");
}

static void test_tokens(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(token_cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        struct html_tokenizer tokenizer;
        struct html_token token;
        g_test_message("%s", token_cases[i].name);
        html_tokenizer_init(&tokenizer, slice_of(token_cases[i].text));
        while (html_tokenizer_next(&tokenizer, &token))
            print_token(out, &token);
        g_assert_cmpstr(out->str, ==, token_cases[i].tokens);
    }
}

/* The first of two attributes counts, in any case. */
static void test_attribute(void)
{
    static const struct {
        const char *name, *value; /* NULL: there is none */
    } rows[] = {{"src", "a.png"}, {"ALT", "x > y"}, {"title", "&lt;"}, {"hidden", ""}, {"none", NULL}};
    const char *text = "<IMG/src=a.png  alt = 'x > y' hidden title=\"&lt;\" Src=b.png/>";
    struct html_tokenizer tokenizer;
    struct html_token token;
    html_tokenizer_init(&tokenizer, slice_of(text));
    g_assert_true(html_tokenizer_next(&tokenizer, &token));
    g_assert_true(html_token_is(&token, "img"));
    g_assert_false(html_token_is(&token, "im"));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct html_attribute *attribute = html_token_attribute(&token, rows[i].name);
        g_assert_true((attribute == NULL) == (rows[i].value == NULL));
        if (attribute != NULL)
            g_assert_true(slice_equal(attribute->value, slice_of(rows[i].value)));
    }
}

static void test_many_attributes(void)
{
    g_autoptr(GString) text = g_string_new("<a");
    for (int i = 0; i < HTML_MAX_ATTRIBUTES; i++)
        g_string_append_printf(text, " a%d=1", i);
    struct html_tokenizer tokenizer;
    struct html_token token;
    g_autofree char *just = g_strconcat(text->str, ">", NULL), *more = g_strconcat(text->str, " z='>'>b", NULL);
    html_tokenizer_init(&tokenizer, slice_of(just));
    g_assert_true(html_tokenizer_next(&tokenizer, &token));
    g_assert_cmpuint(token.n_attributes, ==, HTML_MAX_ATTRIBUTES);
    g_assert_cmpuint(token.oddities, ==, 0);
    html_tokenizer_init(&tokenizer, slice_of(more));
    g_assert_true(html_tokenizer_next(&tokenizer, &token));
    g_assert_cmpuint(token.oddities, ==, HTML_ODD_MANY);
    g_assert_true(html_tokenizer_next(&tokenizer, &token));
    g_assert_cmpint(token.text.data[0], ==, 'b');
}

static const struct {
    const char *name;
    const char *text;
    gboolean in_attribute;
    const char *decoded;
    gboolean known;
} decode_cases[] = {
    {"nothing to do", "abc", TRUE, "abc", TRUE},
    {"amp", "a&amp;b", TRUE, "a&b", TRUE},
    {"decimal", "&#104;i", TRUE, "hi", TRUE},
    {"decimal without semicolon", "&#104i", TRUE, "hi", TRUE},
    {"leading zeros", "&#0000104;i", TRUE, "hi", TRUE},
    {"hexadecimal", "&#x68;&#X69;", TRUE, "hi", TRUE},
    {"no digits", "&#;&#x;", TRUE, "&#;&#x;", TRUE},
    {"too large", "&#x110000;", TRUE, "\xef\xbf\xbd", TRUE},
    {"far too large", "&#99999999999999999999;", TRUE, "\xef\xbf\xbd", TRUE},
    {"zero", "&#0;", TRUE, "\xef\xbf\xbd", TRUE},
    {"a surrogate", "&#xd800;", TRUE, "\xef\xbf\xbd", TRUE},
    {"windows-1252", "&#128;", TRUE, "€", TRUE},
    {"colon", "javascript&colon;x", TRUE, "javascript:x", TRUE},
    {"tab and new line", "java&Tab;script&NewLine;", TRUE, "java\tscript\n", TRUE},
    {"solidus and period", "&sol;&sol;a&period;b", TRUE, "//a.b", TRUE},
    {"brackets", "url&lpar;x&rpar;", TRUE, "url(x)", TRUE},
    {"backslash", "ur&bsol;6c", TRUE, "ur\\6c", TRUE},
    {"two characters", "&fjlig;", TRUE, "fj", TRUE},
    {"case matters", "&TAB;", TRUE, "&TAB;", FALSE},
    {"unknown", "a&nosuch;b", TRUE, "a&nosuch;b", FALSE},
    {"unknown without semicolon", "?a=1&b=2&c", TRUE, "?a=1&b=2&c", TRUE},
    {"legacy before an equals sign", "?a&copy=1", TRUE, "?a&copy=1", TRUE},
    {"legacy before a letter", "?a&copyx", TRUE, "?a&copyx", TRUE},
    {"legacy before another character", "?a&copy/", TRUE, "?a©/", TRUE},
    {"legacy at the end", "?a&copy", TRUE, "?a©", TRUE},
    {"legacy in text", "&copyx &ampb", FALSE, "©x &b", TRUE},
    {"the longest legacy name", "&notin &notit;", FALSE, "¬in ¬it;", TRUE},
    {"not a name", "& &; &&amp;", TRUE, "& &; &&", TRUE},
    {"line ends", "a\r\nb\rc", TRUE, "a\nb\nc", TRUE},
};

static void test_decode(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(decode_cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_test_message("%s", decode_cases[i].name);
        gboolean known = html_decode_references(slice_of(decode_cases[i].text), decode_cases[i].in_attribute, out);
        g_assert_cmpstr(out->str, ==, decode_cases[i].decoded);
        g_assert_cmpint(known, ==, decode_cases[i].known);
    }
}

static void test_entities(void)
{
    gboolean legacy;
    g_assert_cmpstr(html_entity(SLICE_LITERAL("AElig"), &legacy), ==, "Æ");
    g_assert_true(legacy);
    g_assert_cmpstr(html_entity(SLICE_LITERAL("zwnj"), &legacy), ==, "\u200c");
    g_assert_false(legacy);
    g_assert_cmpstr(html_entity(SLICE_LITERAL("thetasym"), &legacy), ==, "ϑ");
    g_assert_null(html_entity(SLICE_LITERAL("A"), &legacy));
    g_assert_null(html_entity(SLICE_LITERAL("zzz"), &legacy));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/html/tokens", test_tokens);
    g_test_add_func("/html/attribute", test_attribute);
    g_test_add_func("/html/many-attributes", test_many_attributes);
    g_test_add_func("/html/decode", test_decode);
    g_test_add_func("/html/entities", test_entities);
    return g_test_run();
}
