/* test_css.c - what style text may say, and what it may not. */
#include "lib/css.h"

enum { NONE = -1 };

static const struct {
    const char *name;
    const char *text;
    int kind;
} cases[] = {
    {"nothing", "", NONE},
    {"declarations", "color:#fff;font:bold 12px/1.5 Arial,'Segoe UI',sans-serif", NONE},
    {"a sheet", "a:hover,.x>td{color:red!important}@media (max-width:600px){.y{width:100%!important}}", NONE},
    {"harmless functions", "color:rgba(0,0,0,.5);width:calc(100% - 20px);background:linear-gradient(#fff,#000)", NONE},
    {"the first and the last function", "width:-moz-calc(1px);a:where(b)", NONE},
    {"functions in the middle", "a:nth-child(2n+1);b:translate3d(0,0,0);c:minmax(1px,2px);d:or(e)", NONE},
    {"harmless at-rules", "@media screen{}@supports (display:grid){}@page WordSection1{size:8in 11in}@list l0{a:b}",
     NONE},
    {"key frames", "@-webkit-keyframes x{from{a:b}to{a:c}}@keyframes x{0%{a:b}}", NONE},
    {"a media query without space", "@media only screen and(max-width:600px){a{b:c}}", NONE},
    {"Outlook's own", "mso-line-height-rule:exactly;mso-padding-alt:0 5.4pt;mso-style-name:\"Table Normal\"", NONE},
    {"hacks for old programs", "*zoom:1;_height:1%;width:10px\\9;filter:alpha(opacity=50)", NONE},
    {"strings and escapes", "font-family:'a\\'b';content:\"\\201C\";content:'a\\\nb'", NONE},
    {"escaped selectors", ".sm\\:w-full{width:100%}", NONE},
    {"attribute selectors", "[data-ogsc] .x,a[href^=\"tel:\"]{color:inherit}", NONE},
    {"the old habit", "<!-- a{b:c} -->", NONE},
    {"a media range", "@media (400px <= width < 700px){a{b:c}}", NONE},
    {"comments", "/* url(x) */a{b:c}/**/", NONE},
    {"a custom property", "--x: 1px; a: var(--x)", NONE},
    {"a word that is no function", "url:1;image-set:2", NONE},
    {"scroll-behavior", "scroll-behavior:smooth", NONE},
    {"behavior as a selector", ".behavior .x{color:red}", NONE},

    {"url", "background:url(http://x.test/)", CSS_FUNCTION},
    {"url with quotes", "background:url('http://x.test/')", CSS_FUNCTION},
    {"url in capitals", "background:URL(//x.test)", CSS_FUNCTION},
    {"url with a space", "background:url( x )", CSS_FUNCTION},
    {"url with an escape", "background:u\\72 l(x)", CSS_FUNCTION},
    {"url with a long escape", "background:\\000075rl(x)", CSS_FUNCTION},
    {"url with an escape and a line end", "background:\\75\r\nrl(x)", CSS_FUNCTION},
    {"url with an escape of a letter", "background:ur\\l(x)", CSS_FUNCTION},
    {"url with all escapes", "background:\\75\\72\\6c(x)", CSS_FUNCTION},
    {"url in a custom property", "--x:url(x)", CSS_FUNCTION},
    {"url in a sheet", "a{b:c}d{e:f url(x)}", CSS_FUNCTION},
    {"url in a media query", "@media screen{a{b:url(x)}}", CSS_FUNCTION},
    {"url after a comment", "b:/*x*/url(x)", CSS_FUNCTION},
    {"url after a tricky comment", "b:/*/ a */url(x)", CSS_FUNCTION},
    {"url split by a comment", "b:u/**/rl(x)", CSS_FUNCTION},
    {"url after an unclosed look-alike", "b:'/*';c:url(x)/* */", CSS_FUNCTION},
    {"url after an escaped quote", "b:\"\\\\\";c:url(x)", CSS_FUNCTION},
    {"url behind a number", "b:1url(x)", CSS_FUNCTION},
    {"url behind a signed number", "b:-1url(x)", CSS_FUNCTION},
    {"url behind a hash", "b:#url(x)", CSS_FUNCTION},
    {"a unit with an escape", "b:1\\75rl(x)", CSS_FUNCTION},
    {"an escape alone as a name", "b:\\75rl(x)", CSS_FUNCTION},
    {"src", "background:src('x')", CSS_FUNCTION},
    {"image", "background:image('x')", CSS_FUNCTION},
    {"image-set", "background:image-set('x' 1x)", CSS_FUNCTION},
    {"image-set with a prefix", "background:-webkit-image-set(\"x\" 1x)", CSS_FUNCTION},
    {"cross-fade", "background:cross-fade('x','y')", CSS_FUNCTION},
    {"element", "background:element(#x)", CSS_FUNCTION},
    {"paint", "background:paint(x)", CSS_FUNCTION},
    {"attr", "content:attr(data-x)", CSS_FUNCTION},
    {"expression", "width:expression(alert(1))", CSS_FUNCTION},
    {"expression with a comment", "width:exp/**/ression(alert(1))", CSS_FUNCTION},
    {"a filter that loads", "filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='x')", CSS_FUNCTION},
    {"an unknown function", "a:fetch(x)", CSS_FUNCTION},
    {"a function beyond ASCII", "a:\xc5\xbfrc(x)", CSS_FUNCTION},
    {"a function with a very long name", "a:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxrgb(x)",
     CSS_FUNCTION},
    {"a bracket without name", "a:-(x)", CSS_FUNCTION},
    {"import", "@import 'x.css';", CSS_AT_RULE},
    {"import with url", "@import url(x.css);", CSS_AT_RULE},
    {"import in capitals", "@IMPORT\"x\"", CSS_AT_RULE},
    {"import with an escape", "@\\69mport 'x'", CSS_AT_RULE},
    {"import with an escape inside", "@i\\6d port 'x'", CSS_AT_RULE},
    {"import after others", "a{b:c}@import 'x'", CSS_AT_RULE},
    {"font-face", "@font-face{font-family:x}", CSS_AT_RULE},
    {"namespace", "@namespace 'x'", CSS_AT_RULE},
    {"charset", "@charset 'utf-7'", CSS_AT_RULE},
    {"property", "@property --x{}", CSS_AT_RULE},
    {"document", "@-moz-document url-prefix(){}", CSS_AT_RULE},
    {"an at-rule without name", "@ import 'x'", CSS_AT_RULE},
    {"behavior", "behavior:#x", CSS_PROPERTY},
    {"behavior with a comment", "behavior/**/ : x", CSS_PROPERTY},
    {"behavior with an escape", "beh\\61vior:x", CSS_PROPERTY},
    {"behavior with an escape first", "\\62 ehavior:x", CSS_PROPERTY},
    {"behavior in capitals", "BEHAVIOR:x", CSS_PROPERTY},
    {"-ms-behavior", "-ms-behavior:x", CSS_PROPERTY},
    {"-moz-binding", "-moz-binding:x", CSS_PROPERTY},
    {"a string with url", "b:'url(x)'", CSS_STRING},
    {"a string with URL", "b:\"x;URL(y)\"", CSS_STRING},
    {"a tag", "a{b:c}<img src=x>", CSS_MARKUP},
    {"an end tag", "a{b:c}</x>", CSS_MARKUP},
    {"a declaration", "<!x>", CSS_MARKUP},
    {"an unclosed comment", "a{b:c}/* url(x)", CSS_UNCLOSED},
    {"an unclosed short comment", "a:b/*/", CSS_UNCLOSED},
    {"an unclosed string", "a:'b", CSS_UNCLOSED},
    {"a string closed by an escape", "a:'b\\'", CSS_UNCLOSED},
    {"a string with a backslash at the end", "a:'b\\", CSS_UNCLOSED},
    {"an unclosed block", "a{b:c", CSS_UNCLOSED},
    {"an unclosed function", "a:rgb(1,2", CSS_UNCLOSED},
    {"an unclosed list", "a[b", CSS_UNCLOSED},
    {"a line break in a string", "a:'b\nc'", CSS_BROKEN},
    {"a carriage return in a string", "a:'b\rc'", CSS_BROKEN},
    {"a bracket too many", "a:b}c:d", CSS_BROKEN},
    {"the wrong bracket", "a{b:(c}", CSS_BROKEN},
    {"a lone backslash", "a:b\\\nc", CSS_BROKEN},
    {"a backslash at the end", "a:b \\", CSS_BROKEN},
    {"a control character", "a:\001b", CSS_BROKEN},
    {"deep brackets", "((((((((((((((((((((((((((((((((((((", CSS_DEEP},
    {"deep functions",
     "min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min(min("
     "min(min(min(min(min(min(min(min(min(min(min(min(",
     CSS_DEEP},
};

static void test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct css_scanner scanner;
        struct css_problem problem;
        g_test_message("%s", cases[i].name);
        css_scanner_init(&scanner, slice_of(cases[i].text));
        int kind = css_scanner_next(&scanner, &problem) ? (int)problem.kind : NONE;
        g_assert_cmpint(kind, ==, cases[i].kind);
    }
}

static void test_all_problems(void)
{
    const char *text = "a{b:url(x)}@import 'y';c{behavior:z;d:src(\"e\")}'";
    static const enum css_problem_kind expected[] = {CSS_FUNCTION, CSS_AT_RULE, CSS_PROPERTY, CSS_FUNCTION,
                                                     CSS_UNCLOSED};
    struct css_scanner scanner;
    struct css_problem problem;
    css_scanner_init(&scanner, slice_of(text));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_true(css_scanner_next(&scanner, &problem));
        g_assert_cmpint(problem.kind, ==, expected[i]);
        g_assert_true(problem.text.data >= text && problem.text.data + problem.text.length <= text + strlen(text));
    }
    g_assert_false(css_scanner_next(&scanner, &problem));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/css/cases", test_cases);
    g_test_add_func("/css/all-problems", test_all_problems);
    return g_test_run();
}
