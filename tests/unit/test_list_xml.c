/* test_list_xml.c - the scanner of XML: events, faults and their lines, limits; each beside expat and in pieces. */
#include "importer/list_xml.h"

#include "tests/xml_peer.h"

#define A "<a xmlns='urn:a'>"
#define ALL_LENGTHS \
    "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBD" \
    "\xF0\x90\x80\x80\xF4\x8F\xBF\xBD"
#define TEXT(text) "start 1\ntext " text "\nend 1\n"

static const struct {
    const char *name;
    const char *text;
    size_t length; /* 0: strlen */
    const char *events;
} cases[] = {
    {"the least", "<x/>", 0, "start 0\nend 0\n"},
    {"an element with text", A "b</a>", 0, TEXT("b")},
    {"blanks in tags", "<a\t\n xmlns = 'urn:a'\r >b</a\n>", 0, TEXT("b")},
    {"a prefix", "<p:a xmlns:p='urn:a'><p:row/></p:a>", 0, "start 1\nstart 2\nend 2\nend 1\n"},
    {"a namespace by its second name", "<a xmlns='urn:strict:a'/>", 0, "start 1\nend 1\n"},
    {"a namespace within, and not behind", A "<a xmlns='urn:b'><c/></a><a/></a>", 0,
     "start 1\nstart 3\nstart 4\nend 4\nend 3\nstart 1\nend 1\nend 1\n"},
    {"a default taken back", A "<a xmlns=''/></a>", 0, "start 1\nstart 5\nend 5\nend 1\n"},
    {"a prefix bound anew", "<p:a xmlns:p='urn:a'><p:a xmlns:p='urn:b'/><p:a/></p:a>", 0,
     "start 1\nstart 3\nend 3\nstart 1\nend 1\nend 1\n"},
    {"attributes have no default namespace", "<a xmlns='urn:b' a='1' r=\"2\" x='3'/>", 0, "start 3 5=1; 6=2;\nend 3\n"},
    {"attributes with prefixes", "<x xmlns:p='urn:a' xmlns:q='urn:b' p:a='1' q:a='2' a='3' xml:space='4'/>", 0,
     "start 0 1=1; 3=2; 5=3; 8=4;\nend 0\n"},
    {"a long name", "<x a-name-of-more-than-twenty-four-octets='1' a-name-of-more-than-twenty-four-octetz='1'/>", 0,
     "start 0 9=1;\nend 0\n"},
    {"values", "<x a='&lt;&#228;&#xE4;&quot;\"' r=\"'\xC3\xA4 >\" name=''/>", 0,
     "start 0 5=<ää\"\"; 6='ä >; 7=;\nend 0\n"},
    {"blanks in values", "<x a='1\t2\n3\r4\r\n5&#10;6&#13;'/>", 0, "start 0 5=1 2 3 4 5\n6\r;\nend 0\n"},
    {"references", A "&lt;&gt;&amp;&apos;&quot;&#65;&#x1F600;</a>", 0, TEXT("<>&'\"A😀")},
    {"line ends", A "1\r2\r\n3\n4\r\r\n5&#13;\n</a>", 0, TEXT("1\n2\n3\n4\n\n5\r\n")},
    {"brackets", A "]] > ]]]&gt; ]</a>", 0, TEXT("]] > ]]]> ]")},
    {"sections", A "1<![CDATA[<&\r\n]]]]><![CDATA[>]]]></a>", 0, TEXT("1<&\n]]>]")},
    {"a section with nothing", A "<![CDATA[]]></a>", 0, "start 1\nend 1\n"},
    {"comments", "<!-- <x> - & --><!---->" A "1<!--\xC3\xA4-->2</a>\n<!-- -->", 0, TEXT("12")},
    {"instructions", "<?x?><?y z ? > ?>" A "1<?x y?>2</a><?x \n?>", 0, TEXT("12")},
    {"a declaration", "<?xml version=\"1.0\" encoding='utf-8' standalone='yes' ?>\n" A "1</a>", 0, TEXT("1")},
    {"a byte order mark", "\xEF\xBB\xBF<?xml version='1.0'?>" A "1</a>", 0, TEXT("1")},
    {"a text that begins like a byte order mark", A "\xEF\xBB\xBF\xEF\xBB\xBE</a>", 0,
     TEXT("\xEF\xBB\xBF\xEF\xBB\xBE")},
    {"names beyond ASCII", "<\xC3\xA4 \xC3\xB6\xC3\xB6='1'>1</\xC3\xA4>", 0, "start 0\ntext 1\nend 0\n"},
    {"characters of all lengths", A ALL_LENGTHS "</a>", 0, TEXT(ALL_LENGTHS)},
    {"UTF-16LE", "\xFF\xFE<\0a\0>\0\xE4\0\x3D\xD8\x00\xDE<\0/\0a\0>\0", 22, "start 5\ntext ä😀\nend 5\n"},
    {"UTF-16BE", "\xFE\xFF\0<\0a\0>\0\xE4\xD8\x3D\xDE\x00\0<\0/\0a\0>", 22, "start 5\ntext ä😀\nend 5\n"},
    {"UTF-16LE without a mark", "<\0a\0/\0>\0", 8, "start 5\nend 5\n"},
    {"UTF-16BE without a mark", "\0<\0a\0/\0>", 8, "start 5\nend 5\n"},
    {"the declaration of UTF-16",
     "<\0?\0x\0m\0l\0 \0v\0e\0r\0s\0i\0o\0n\0=\0'\0001\0.\0000\0'\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0u\0t\0f\0"
     "-\0001\0006\0'\0?\0>\0<\0a\0/\0>\0", 86, "start 5\nend 5\n"},
};

static const struct {
    const char *name;
    const char *text;
    size_t length; /* 0: strlen */
    guint line;
    const char *fault;
} bad_cases[] = {
    {"nothing", "", 0, 1, "the part ends too early"},
    {"blanks only", "\n \n", 0, 3, "the part ends too early"},
    {"a tag cut off", "<a b='c'", 0, 1, "the part ends too early"},
    {"an open element", "<a>\n<b></b>\n", 0, 3, "the part ends too early"},
    {"a wrong end", "<a>\n<b>\n</a>", 0, 3, "an end tag that closes nothing"},
    {"an end that goes on", "<a></ab>", 0, 1, "an end tag that closes nothing"},
    {"an end that is shorter", "<ab></a>", 0, 1, "an end tag that closes nothing"},
    {"an end too many", "<a/></a>", 0, 1, "an end tag that closes nothing"},
    {"two outermost elements", "<a/>\n<b/>", 0, 2, "an element behind the outermost one"},
    {"text before", "x<a/>", 0, 1, "text outside"},
    {"text behind", "<a/>\n\nx", 0, 3, "text outside"},
    {"a section behind", "<a/><![CDATA[]]>", 0, 1, "text outside"},
    {"a reference behind", "<a/>&#32;", 0, 1, "text outside"},
    {"no name", "<>", 0, 1, "a name is missing"},
    {"a name that begins with a digit", "<1/>", 0, 1, "a name is missing"},
    {"a blank before the name", "< a/>", 0, 1, "a name is missing"},
    {"a slash within a tag", "<a / >", 0, 1, "a broken tag"},
    {"two colons", "<a:b:c xmlns:a='u'/>", 0, 1, "a broken tag"},
    {"a colon first", "<:a/>", 0, 1, "a name is missing"},
    {"a colon last", "<a: xmlns:a='u'/>", 0, 1, "a name is missing"},
    {"attributes without a blank", "<a b='1'c='2'/>", 0, 1, "a broken tag"},
    {"an attribute without value", "<a b/>", 0, 1, "an attribute without value"},
    {"an attribute without quotes", "<a b=1/>", 0, 1, "an attribute without quotes"},
    {"quotes that differ", "<a b='1\"/>", 0, 1, "the part ends too early"},
    {"a tag within a value", "<a b='\n<'/>", 0, 2, "< within an attribute"},
    {"an attribute twice", "<a b='1' c='2'\nb='3'/>", 0, 2, "an attribute that comes twice"},
    {"an attribute twice by two prefixes", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", 0, 1, "comes twice"},
    {"a prefix twice", "<a xmlns:p='u' xmlns:p='v'/>", 0, 1, "comes twice"},
    {"a prefix unbound", "<p:a/>", 0, 1, "bound to no namespace"},
    {"a prefix unbound behind its element", "<x><p:a xmlns:p='u'/><p:a/></x>", 0, 1, "bound to no namespace"},
    {"an attribute's prefix unbound", "<a p:b=''/>", 0, 1, "bound to no namespace"},
    {"a prefix bound to nothing", "<a xmlns:p=''/>", 0, 1, "bound to what it may not be"},
    {"the prefix xml bound anew", "<a xmlns:xml='u'/>", 0, 1, "bound to what it may not be"},
    {"the prefix xmlns", "<a xmlns:xmlns='u'/>", 0, 1, "bound to what it may not be"},
    {"xml's namespace as default", "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", 0, 1,
     "bound to what it may not be"},
    {"xmlns's namespace", "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", 0, 1, "bound to what it may not be"},
    {"an unknown entity", "<a>&nbsp;</a>", 0, 1, "an entity that is not defined"},
    {"entities are told apart by case", "<a>&LT;</a>", 0, 1, "an entity that is not defined"},
    {"a bare &", "<a>b & c</a>", 0, 1, "a name is missing"},
    {"a reference without ;", "<a>&lt b</a>", 0, 1, "a reference without ;"},
    {"the character 0", "<a>&#0;</a>", 0, 1, "a character number"},
    {"half a pair by number", "<a>&#xD800;</a>", 0, 1, "a character number"},
    {"a number too large", "<a>&#x110000;</a>", 0, 1, "a character number"},
    {"a number far too large", "<a>&#99999999999999999999999999;</a>", 0, 1, "a character number"},
    {"no digits", "<a>&#x;</a>", 0, 1, "a character number"},
    {"a capital X", "<a>&#X41;</a>", 0, 1, "a character number"},
    {"]]> in text", "<a>\n]]></a>", 0, 2, "]]> in a text"},
    {"-- in a comment", "<!-- -- --><a/>", 0, 1, "-- within a comment"},
    {"a comment that ends --->", "<!-- ---><a/>", 0, 1, "-- within a comment"},
    {"markup that is none", "<!x><a/>", 0, 1, "broken markup"},
    {"a control character", "<a>\x01</a>", 0, 1, "no character of XML"},
    {"NUL", "<a>\0</a>", 8, 1, "no character of XML"},
    {"NUL in a tag", "<a b='\0'/>", 9, 1, "no character of XML"},
    {"a control character in a comment", "<!--\x02--><a/>", 0, 1, "no character of XML"},
    {"Latin-1", "<a>\xE4</a>", 0, 1, "no character of XML"},
    {"an overlong form", "<a>\xC0\xBC</a>", 0, 1, "no character of XML"},
    {"half a pair in UTF-8", "<a>\xED\xA0\x80</a>", 0, 1, "no character of XML"},
    {"U+FFFE", "<a b='\xEF\xBF\xBE'/>", 0, 1, "no character of XML"},
    {"a character cut off", "<a>\xE2\x82", 0, 1, "the part ends too early"},
    {"a character cut off by a tag", "<a>\xE2\x82</a>", 0, 1, "no character of XML"},
    {"a broken name", "<a\xFF/>", 0, 1, "no character of XML"},
    {"a declaration behind a blank", " <?xml version='1.0'?><a/>", 0, 1, "not at the beginning"},
    {"an instruction named XML", "<?XML x?><a/>", 0, 1, "not at the beginning"},
    {"a declaration without version", "<?xml encoding='UTF-8'?><a/>", 0, 1, "a broken XML declaration"},
    {"an empty declaration", "<?xml ?><a/>", 0, 1, "without version"},
    {"a declaration out of order", "<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", 0, 1, "a broken XML"},
    {"standalone maybe", "<?xml version='1.0' standalone='maybe'?><a/>", 0, 1, "a broken XML declaration"},
    {"a declaration that ends early", "<?xml version='1.0'><a/>", 0, 1, "a broken XML declaration"},
    {"an instruction with a colon", "<?a:b?><a/>", 0, 1, "broken markup"},
    {"DOCTYPE", "<!DOCTYPE a><a/>", 0, 1, "DOCTYPE"},
    {"Windows-1252", "<?xml version='1.0' encoding='windows-1252'?><a/>", 0, 1, "an encoding"},
    {"UTF-8 that says UTF-16", "<?xml version='1.0' encoding='UTF-16'?><a/>", 0, 1, "an encoding"},
    {"half a pair in UTF-16", "\xFF\xFE<\0a\0>\0\x3D\xD8<\0/\0a\0>\0", 18, 1, "no character of XML"},
    {"the other half", "\xFF\xFE<\0a\0>\0\x00\xDE<\0/\0a\0>\0", 18, 1, "no character of XML"},
    {"an odd octet at the end of UTF-16", "\xFF\xFE<\0a\0/\0>\0\n", 11, 1, "text outside"},
};

static size_t length_of(const char *text, size_t length)
{
    return length > 0 ? length : strlen(text);
}

static void test_events(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct xml_finding finding;
        size_t length = length_of(cases[i].text, cases[i].length);
        g_test_message("%s", cases[i].name);
        xml_peer_ours(cases[i].text, length, 0, &finding);
        g_assert_cmpstr(finding.fault, ==, NULL);
        g_assert_cmpstr(finding.events->str, ==, cases[i].events);
        xml_finding_release(&finding);
        xml_peer_compare(cases[i].text, length);
        xml_peer_compare_pieces(cases[i].text, length);
    }
}

static void test_faults(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        struct xml_finding finding;
        size_t length = length_of(bad_cases[i].text, bad_cases[i].length);
        g_test_message("%s", bad_cases[i].name);
        xml_peer_ours(bad_cases[i].text, length, 0, &finding);
        if (finding.fault == NULL || strstr(finding.fault, bad_cases[i].fault) == NULL)
            g_error("\"%s\" does not say \"%s\"", finding.fault, bad_cases[i].fault);
        g_assert_cmpuint(finding.line, ==, bad_cases[i].line);
        xml_finding_release(&finding);
        xml_peer_compare(bad_cases[i].text, length);
        xml_peer_compare_pieces(bad_cases[i].text, length);
    }
}

/* A document with so many times the middle between its ends; a # in it is the time's number, in six digits. */
static GString *repeat(const char *begin, const char *middle, guint count, const char *end)
{
    GString *text = g_string_new(begin);
    const char *hash = strchr(middle, '#');
    size_t before = hash != NULL ? (size_t)(hash - middle) : strlen(middle);
    for (guint i = 0; i < count; i++) {
        g_string_append_len(text, middle, (gssize)before);
        if (hash != NULL)
            g_string_append_printf(text, "%06u%s", i, hash + 1);
    }
    return g_string_append(text, end);
}

static void assert_limit(GString *text, const char *fault)
{
    struct xml_finding finding;
    xml_peer_ours(text->str, text->len, 64 * 1024, &finding);
    if (fault != NULL && (finding.fault == NULL || strstr(finding.fault, fault) == NULL))
        g_error("\"%s\" does not say \"%s\"", finding.fault, fault);
    if (fault == NULL)
        g_assert_cmpstr(finding.fault, ==, NULL);
    xml_finding_release(&finding);
    g_string_free(text, TRUE);
}

static void test_limits(void)
{
    GString *deep = repeat("", "<a>", LIST_XML_DEPTH_MAX, "");
    for (guint i = 0; i < LIST_XML_DEPTH_MAX; i++)
        g_string_append(deep, "</a>");
    assert_limit(deep, NULL);
    assert_limit(repeat("", "<a>", LIST_XML_DEPTH_MAX + 1, ""), "deeper");
    assert_limit(repeat("<a", " a#=''", LIST_XML_ATTRIBUTES_MAX, "/>"), NULL);
    assert_limit(repeat("<a", " a#=''", LIST_XML_ATTRIBUTES_MAX + 1, "/>"), "more attributes");
    assert_limit(repeat("<a>", "<a xmlns:p#='u'>", LIST_XML_ATTRIBUTES_MAX, ""), "more namespaces");
    assert_limit(repeat("<a b='", "#,", LIST_XML_MARKUP_MAX / 8, "'/>"), NULL);
    assert_limit(repeat("<a b='", "#,", LIST_XML_MARKUP_MAX / 4, "'/>"), "more than 1 MiB");
    assert_limit(repeat("<a>", "#,", LIST_XML_MARKUP_MAX / 4, "</a>"), NULL);
    assert_limit(repeat("<a>&#65;", "\xC3\xA4\n", LIST_XML_MARKUP_MAX, "</a>"), NULL);
}

/* Handlers: those not wanted, and one that ends the reading. */
static gboolean stop_at_row(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    guint *calls = cookie;
    (*calls)++;
    if (word != 1)
        return TRUE;
    g_assert_cmpstr(list_xml_attribute(attributes, 2), ==, "7");
    g_assert_null(list_xml_attribute(attributes, 3));
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_IO, "enough");
    return FALSE;
}

static void test_handlers(void)
{
    static const struct list_xml_name names[] = {{1, NULL, "row"}, {2, NULL, "r"}, {3, NULL, "s"}, {0, NULL, NULL}};
    static const struct list_xml xml = {.names = names, .start = stop_at_row};
    static const char text[] = "<a>b<c/><row r='7'/><d/><";
    guint calls = 0;
    guint64 line;
    g_autoptr(GError) error = NULL;
    struct list_xml_scanner *scanner = list_xml_scanner_new(&xml, &calls);
    g_assert_false(list_xml_scan(scanner, text, strlen(text), TRUE, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_IO);
    g_assert_null(list_xml_fault(scanner, &line));
    g_assert_cmpuint(calls, ==, 3);
    list_xml_scanner_free(scanner);
}

static void test_numbers(void)
{
    static const char *const others[] = {"", "1000000000", "-1", "+1", "1 ", "0x1", "1.0"};
    guint number;
    g_assert_true(list_xml_number("0", &number) && number == 0);
    g_assert_true(list_xml_number("999999999", &number) && number == 999999999);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(list_xml_number(others[i], &number));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list_xml/events", test_events);
    g_test_add_func("/list_xml/faults", test_faults);
    g_test_add_func("/list_xml/limits", test_limits);
    g_test_add_func("/list_xml/handlers", test_handlers);
    g_test_add_func("/list_xml/numbers", test_numbers);
    return g_test_run();
}
