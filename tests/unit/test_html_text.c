/* test_html_text.c - text made of HTML, and that it takes linear time. */
#include "importer/html_text.h"

#include <string.h>

struct text_case {
    const char *name;
    const char *html;
    const char *text;
};

static const struct text_case cases[] = {
    {"paragraphs", "<p>Eins\n  zwei</p><p>drei<br>vier<p>fünf", "Eins zwei\n\ndrei\nvier\n\nfünf\n"},
    {"blocks", "<div>a</div><div>b<div>c</div></div>", "a\nb\nc\n"},
    {"inline", "<p><b>a</b><i>b</i> <span>c</span></p>", "ab c\n"},
    {"references", "&Auml;&nbsp;&amp;&#228;&#xFC; &euro;5 &unknown; &amp;lt; &copy &#0; &#x110000; a&shy;b",
     "Ä &äü €5 &unknown; &lt; © \xEF\xBF\xBD \xEF\xBF\xBD ab\n"},
    {"wrapping",
     "<p>Wie zufrieden sind Sie mit der Qualität unserer Beratung in der Filiale am Marktplatz insgesamt gewesen?",
     "Wie zufrieden sind Sie mit der Qualität unserer Beratung in der Filiale\nam Marktplatz insgesamt gewesen?\n"},
    {"long word", "<p>a https://umfrage.example/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789 b",
     "a\nhttps://umfrage.example/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789\nb\n"},
    {"link", "<p><a href=\"https://a.example/?x=1&amp;y=2\">Zur Umfrage</a> oder <a href='https://b.example'>hier</a>.",
     "Zur Umfrage [1] oder hier [2].\n\n[1] https://a.example/?x=1&y=2\n[2] https://b.example\n"},
    {"link twice", "<a href=\"https://a.example\">x</a> <a href=\"https://a.example\">y</a>",
     "x [1] y [1]\n\n[1] https://a.example\n"},
    {"link that is its text",
     "<a href=\"https://a.example\">https://a.example</a> <a href=\"mailto:a@b.example\">a@b.example</a>",
     "https://a.example a@b.example\n"},
    {"link within the mail", "<a href=\"#top\">oben</a> <a name=x>y</a>", "oben y\n"},
    {"link around a block", "<a href=\"https://a.example\"><div>Button</div></a><p>b",
     "Button\n[1]\n\nb\n\n[1] https://a.example\n"},
    {"list", "<p>a<ul><li>eins<li>zwei<ol><li>innen</li><li>auch</li></ol></li></ul>b",
     "a\n\n- eins\n- zwei\n  1. innen\n  2. auch\n\nb\n"},
    {"list wraps", "<ul><li>Wie zufrieden sind Sie mit der Qualität unserer Beratung insgesamt gewesen?</ul>",
     "- Wie zufrieden sind Sie mit der Qualität unserer Beratung insgesamt\n  gewesen?\n"},
    {"quotation", "<blockquote><p>a<p>b</blockquote>c", "> a\n\n> b\n\nc\n"},
    {"headings", "<h1>Titel</h1><p>a</p><h3>Klein</h3>b", "Titel\n=====\n\na\n\nKlein\n\nb\n"},
    {"rule", "a<hr>b", "a\n\n------------------------------------\n\nb\n"},
    {"data table", "<table><tr><th>Ort<th>Zeit</tr><tr><td><p>Köln</p></td><td>9<br>Uhr</td></tr></table>c",
     "Ort | Zeit\nKöln | 9 Uhr\n\nc\n"},
    {"layout table", "<table role=\"presentation\"><tr><td>a</td><td>b</td></tr><tr><td><p>c</p></td></tr></table>",
     "a\nb\n\nc\n"},
    {"data in layout", "<table role=presentation><tr><td>x<table><tr><td>a<td>b</table>y</table>", "x\n\na | b\n\ny\n"},
    {"picture", "<img src=\"cid:a\" alt=\"Müller &amp; Söhne\"><img src=b alt=\"\"><img src=c>", "Müller & Söhne\n"},
    {"left out",
     "<html><head><title>t</title><style>p{}</style></head><body><!-- c --><script>if (a<b) "
     "x</script>a<template>t</template>",
     "a\n"},
    {"hidden", "<div style=\"DISPLAY: none\">pre<div>header</div></div><p hidden>x</p><img hidden alt=y>a", "a\n"},
    {"conditional comment", "<!--[if mso]><table><tr><td><![endif]-->a<!--[if mso]></td></tr></table><![endif]-->",
     "a\n"},
    {"pre", "<pre>a\n  b c</pre>", "a\n  b c\n"},
    {"less-than", "1 < 2 <3", "1 < 2 <3\n"},
    {"unclosed tag", "a <b class=\"", "a <b class=\"\n"},
    {"unclosed comment", "a<!-- b", "a\n"},
    {"quoted greater-than", "<p title = \"a>b\">c", "c\n"},
    {"invisible",
     "a\xE2\x80\x8B\xE2\x80\x8C"
     "b",
     "ab\n"},
    {"empty", "", ""},
};

static void test_make(const void *data)
{
    const struct text_case *test = data;
    g_autofree char *text = html_text_make(test->html);
    g_assert_cmpstr(text, ==, test->text);
}

/* What takes tree builders minutes takes us moments: half a megabyte of each pattern. */
static void test_hostile(void)
{
    static const char *const patterns[] = {
        "<b>",
        "<a \"",
        "<!--",
        "<!-",
        "</",
        "<p a='",
        "&",
        "&#",
        "<ul><li>",
        "<table>",
        "<blockquote>",
        "<style>",
        "</style",
        "<a href=x>",
        "<td>",
        "<p hidden>",
        "<div style=\"display:none\">",
        "<",
        " ",
        "<br>",
        "x ",
        "\xC2\xA0",
        "<a href='\n",
    };
    gint64 begin = g_get_monotonic_time();
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_autoptr(GString) html = g_string_new(NULL);
        while (html->len < 512 * 1024)
            g_string_append(html, patterns[i]);
        g_autofree char *text = html_text_make(html->str);
        g_assert_true(g_utf8_validate(text, -1, NULL));
    }
    /* 12 MB in all; a quadratic step would take an hour */
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 60 * G_TIME_SPAN_SECOND);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/html-text/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_make);
    }
    g_test_add_func("/html-text/hostile", test_hostile);
    return g_test_run();
}
