/* test_list.c - the readers: text files, workbooks, what is refused, and the child that reads. */
#include "importer/list.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "importer/list_child.h"
#include "lib/error.h"
#include "tests/xlsx_maker.h"

#define SHEET(rows) "<worksheet xmlns='" XLSX_MAIN "'><sheetData>" rows "</sheetData></worksheet>"
#define INLINE(text) "<is><t>" text "</t></is>"
#define OLE "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

/* What a list came to: "number:cell|cell" a line, and the notes. */
struct outcome {
    GString *rows;
    GString *notes;
};

static gboolean note_cells(void *cookie, const struct list_cells *row, GError **error)
{
    (void)error;
    struct outcome *outcome = cookie;
    g_string_append_printf(outcome->rows, "%s%u:", outcome->rows->len > 0 ? "\n" : "", row->row);
    for (guint i = 0; i < row->count; i++)
        g_string_append_printf(outcome->rows, "%s%s", i > 0 ? "|" : "", row->cells[i]);
    return TRUE;
}

static void note_note(void *cookie, const char *text)
{
    struct outcome *outcome = cookie;
    g_string_append_printf(outcome->notes, "%s\n", text);
}

static void outcome_init(struct outcome *outcome)
{
    outcome->rows = g_string_new(NULL);
    outcome->notes = g_string_new(NULL);
}

static void outcome_release(struct outcome *outcome)
{
    g_string_free(outcome->rows, TRUE);
    g_string_free(outcome->notes, TRUE);
}

static struct list_sink sink_of(struct outcome *outcome)
{
    return (struct list_sink){.cells = note_cells, .note = note_note, .cookie = outcome};
}

static void assert_says(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        g_error("\"%s\" does not say \"%s\"", text, wanted);
}

/* Reads octets here; they must give these rows and a note that says this. */
static void assert_reads(const void *data, size_t size, const char *sheet, const char *rows, const char *note)
{
    struct outcome outcome;
    outcome_init(&outcome);
    struct list_sink sink = sink_of(&outcome);
    g_autoptr(GError) error = NULL;
    list_read_here("LIST", data, size, sheet, &sink, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(outcome.rows->str, ==, rows);
    if (note != NULL)
        assert_says(outcome.notes->str, note);
    outcome_release(&outcome);
}

static void assert_refused(const void *data, size_t size, const char *sheet, const char *says)
{
    struct outcome outcome;
    outcome_init(&outcome);
    struct list_sink sink = sink_of(&outcome);
    g_autoptr(GError) error = NULL;
    g_assert_false(list_read_here("LIST", data, size, sheet, &sink, &error));
    g_assert_cmpuint(error->domain, ==, POSTWELLE_ERROR);
    g_assert_true(g_str_has_prefix(error->message, "LIST: "));
    assert_says(error->message, says);
    outcome_release(&outcome);
}

/* --- text files ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *text;
    size_t size; /* 0: strlen */
    const char *rows;
    const char *note;
} text_cases[] = {
    {"semicolons", "a;b\r\nc;d\r\n", 0, "1:a|b\n2:c|d", "UTF-8, fields separated by ';'"},
    {"commas", "a,b\nc,d", 0, "1:a|b\n2:c|d", "','"},
    {"tabs", "a\tb\nc\t\n\td\n", 0, "1:a|b\n2:c\n3:|d", "tabs"},
    {"commas within fields", "a;b\nc,d;e,f\n", 0, "1:a|b\n2:c,d|e,f", "';'"},
    {"commas within quotes", "a;b\n\"c,d,e\";f\n", 0, "1:a|b\n2:c,d,e|f", "';'"},
    {"one column", "mail\na@x.example\n", 0, "1:mail\n2:a@x.example", "one column"},
    {"sep line", "sep=|\na|b;c\n", 0, "1:a|b;c", "'|'"},
    {"quotes doubled", "a;b\n\"x\"\"y\";z\n", 0, "1:a|b\n2:x\"y|z", NULL},
    {"line break in a field", "a;b\n\"x\r\ny\";z\nc;d\n", 0, "1:a|b\n2:x\r\ny|z\n3:c|d", NULL},
    {"empty rows keep their number", "a;b\r\n\r\n;\r\nc;d\r\n\r\n", 0, "1:a|b\n4:c|d", NULL},
    {"old Mac line ends", "a;b\rc;d\r", 0, "1:a|b\n2:c|d", NULL},
    {"byte order mark", "\xEF\xBB\xBFm\xC3\xBC;b\n", 0, "1:mü|b", "UTF-8"},
    {"Windows-1252", "M\xFCller;\x80\nx;y\n", 0, "1:Müller|€\n2:x|y", "Windows-1252"},
    {"UTF-16LE", "\xFF\xFE\xFC\0;\0a\0\n\0", 10, "1:ü|a", "UTF-16, fields separated by ';'"},
    {"UTF-16BE", "\xFE\xFF\0\xFC\0;\xD8\x3D\xDE\x00\0\n", 12, "1:ü|😀", "UTF-16"},
    {"UTF-16LE without a mark", "a\0;\0b\0\n\0c\0;\0\xE4\0\n\0", 16, "1:a|b\n2:c|ä", "UTF-16"},
};

static const struct {
    const char *name;
    const char *text;
    size_t size;
    const char *says;
} bad_text_cases[] = {
    {"empty", "", 0, "is empty"},
    {"unclosed quote", "a;b\nc;\"d\ne;f\n", 0, "row 2: a quotation mark"},
    {"stray quote", "a;b\nc;d\n\"e\"x;f\n", 0, "row 3: a quotation mark"},
    {"NUL", "a;b\nc;\0d\n", 9, "row 2: a character that is neither"},
    {"not in Windows-1252", "a;b\n\xFC;c\n\x81;d\n", 0, "row 3: a character that is neither"},
    {"half a surrogate pair", "\xFF\xFE" "a\0;\0\n\0\x3D\xD8\n\0", 12, "row 2: broken UTF-16"},
    {"an odd octet at the end of UTF-16", "\xFF\xFE" "a\0;\0b", 7, "row 1: broken UTF-16"},
    {"web page", "\n <html><table>", 0, "web page"},
    {"web page with a mark", "\xEF\xBB\xBF<?xml version='1.0'?>", 0, "web page"},
    {"PDF", "%PDF-1.4", 0, "PDF"},
    {"Excel 2.1", "\x09\0\x04\0\x02\0\x10\0", 8, "very old Excel"},
    {"a compound file cut off", OLE, 0, "damaged or cut off"},
    {"gzip", "\x1F\x8B\x08", 0, "gzip"},
    {"truncated zip", "PK\x03\x04zz", 0, "damaged or cut off"},
};

static size_t size_of(const char *text, size_t size)
{
    return size > 0 ? size : strlen(text);
}

static void test_text(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(text_cases); i++) {
        g_test_message("%s", text_cases[i].name);
        assert_reads(text_cases[i].text, size_of(text_cases[i].text, text_cases[i].size), NULL, text_cases[i].rows,
                     text_cases[i].note);
    }
}

static void test_bad_text(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_text_cases); i++) {
        g_test_message("%s", bad_text_cases[i].name);
        assert_refused(bad_text_cases[i].text, size_of(bad_text_cases[i].text, bad_text_cases[i].size), NULL,
                       bad_text_cases[i].says);
    }
    assert_refused("a;b\n", 4, "Kunden", "--sheet");
}

/* An unclosed quote must end soon, with the row where it began, not with all of the file in one cell. */
static void test_text_limits(void)
{
    g_autoptr(GString) text = g_string_new("a;b\nc;\"");
    for (int i = 0; i < 200000; i++)
        g_string_append(text, "x;y\n");
    assert_refused(text->str, text->len, NULL, "row 2: a cell holds more than 32 KiB");
    g_string_assign(text, "a");
    for (int i = 0; i < 256; i++)
        g_string_append(text, ";b");
    assert_refused(text->str, text->len, NULL, "row 1, column IW: more than 256 columns");
    g_string_assign(text, "a;");
    for (int i = 0; i < 32 * 1024 + 1; i++)
        g_string_append_c(text, 'x');
    assert_refused(text->str, text->len, NULL, "row 1, column B: the cell holds more than 32 KiB");
    assert_reads(text->str, text->len - 32 * 1024, NULL, "1:a|x", NULL);
}

/* --- workbooks ------------------------------------------------------------------------------- */

static const char strings[] =
    "<sst xmlns='" XLSX_MAIN
    "'><si><t>one</t></si><si><r><t>ri</t></r><r><rPr/><t xml:space='preserve'>ch </t></r></si>"
    "<si><t>kanji</t><rPh sb='0' eb='1'><t>reading</t></rPh></si><si/><si><t>a_x000D_b_x005F_x0041_</t></si></sst>";

static const char styles[] =
    "<styleSheet xmlns='" XLSX_MAIN "'><numFmts><numFmt numFmtId='164' formatCode='00000'/>"
    "<numFmt numFmtId='165' formatCode='dd\\.mm\\.yyyy\\ hh:mm'/><numFmt numFmtId='166' formatCode='[h]:mm'/></numFmts>"
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/>"
    "<xf numFmtId='165'/><xf numFmtId='166'/><xf numFmtId='20'/></cellXfs></styleSheet>";

static const struct {
    const char *name;
    const char *sheet;
    const char *workbook_pr;
    const char *rows;
} sheet_cases[] = {
    {"inline strings", SHEET("<row r='1'><c r='A1' t='inlineStr'>" INLINE("a") "</c></row>"), NULL, "1:a"},
    {"shared strings, rich and with readings",
     SHEET("<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c><c r='C1' t='s'><v>2</v></c>"
           "<c r='D1' t='s'><v>3</v></c><c r='E1' t='s'><v>0</v></c></row>"),
     NULL, "1:one|rich |kanji||one"},
    {"escapes", SHEET("<row r='1'><c r='A1' t='s'><v>4</v></c></row>"), NULL, "1:a\rb_x0041_"},
    {"numbers as shown",
     SHEET("<row r='1'><c r='A1'><v>42</v></c><c r='B1'><v>42.0</v></c><c r='C1'><v>4.2000000000000002</v></c>"
           "<c r='D1'><v>1E3</v></c><c r='E1' t='n'><v>-0.5</v></c><c r='F1'><v>123456789012</v></c></row>"),
     NULL, "1:42|42|4.2|1000|-0.5|123456789012"},
    {"formula, boolean, error, ISO date",
     SHEET("<row r='1'><c r='A1' t='str'><f>A2&amp;1</f><v>x1</v></c><c r='B1' t='b'><v>1</v></c>"
           "<c r='C1' t='b'><v>0</v></c><c r='D1' t='e'><v>#N/A</v></c><c r='E1' t='d'><v>2026-11-23</v></c>"
           "<c r='F1' t='d'><v>2026-11-23T08:15:00.765Z</v></c></row>"),
     NULL, "1:x1|TRUE|FALSE|#N/A|2026-11-23|2026-11-23T08:15:00"},
    {"dates, postcodes, times",
     SHEET(
         "<row r='1'><c r='A1' s='1'><v>45658</v></c><c r='B1' s='2'><v>1067</v></c><c r='C1' s='3'><v>45658.75</v></c>"
         "<c r='D1' s='4'><v>1.5</v></c><c r='E1' s='5'><v>0.5</v></c><c r='F1' s='99'><v>1</v></c></row>"),
     NULL, "1:2025-01-01|01067|2025-01-01T18:00:00|36:00:00|12:00:00|1"},
    {"dates from 1904", SHEET("<row r='1'><c r='A1' s='1'><v>0</v></c><c r='B1' s='1'><v>44196</v></c></row>"),
     "<workbookPr date1904='1'/>", "1:1904-01-01|2025-01-01"},
    {"missing rows and cells",
     SHEET("<row r='2'><c r='B2'><v>1</v></c><c r='D2'><v>2</v></c></row><row r='5'/><row r='7'><c r='A7'/></row>"
           "<row r='9'><c r='A9'><v>3</v></c></row>"),
     NULL, "2:|1||2\n9:3"},
    {"no references at all", SHEET("<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>"), NULL,
     "1:1|2\n2:|3"},
    {"another prefix",
     "<x:worksheet xmlns:x='" XLSX_MAIN "'><x:sheetData><x:row r='1'><x:c r='A1'><x:v>1</x:v></x:c></x:row>"
     "</x:sheetData></x:worksheet>",
     NULL, "1:1"},
    {"strict OOXML",
     "<worksheet xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'><sheetData><row r='1'><c "
     "r='A1'><v>1</v></c></row>"
     "</sheetData></worksheet>",
     NULL, "1:1"},
    {"an inline string beside a value",
     SHEET("<row r='1'><c r='A1' t='inlineStr'><v>0</v>" INLINE("a") "</c><c r='B1'><v>1</v>" INLINE("b") "</c></row>"),
     NULL, "1:a|1"},
    {"elements of other namespaces are skipped",
     SHEET("<row r='1'><c r='A1'><v>1</v><e:v xmlns:e='urn:e'>9</e:v></c></row>"), NULL, "1:1"},
    {"empty cells far right are nothing", SHEET("<row r='1'><c r='A1'><v>1</v></c><c r='XFD1' s='1'/></row>"), NULL,
     "1:1"},
};

static const struct {
    const char *name;
    const char *sheet;
    const char *says;
} bad_sheet_cases[] = {
    {"DOCTYPE", "<!DOCTYPE x [<!ENTITY e 'x'>]>" SHEET(""), "DOCTYPE"},
    {"external entity", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" SHEET(""), "DOCTYPE"},
    {"broken XML", "<worksheet><row>", "line 1"},
    {"a shared string that is none", SHEET("<row r='3'><c r='A3' t='s'><v>5</v></c></row>"), "row 3: a cell refers"},
    {"a shared string of no number", SHEET("<row r='3'><c r='A3' t='s'><v>-1</v></c></row>"), "row 3: a cell refers"},
    {"row numbers fall", SHEET("<row r='3'/><row r='2'/>"), "row 2 follows row 3"},
    {"row number is none", SHEET("<row r='x'/>"), "row 1: the next row's number"},
    {"row number beyond", SHEET("<row r='1048577'/>"), "more than 1048576 rows"},
    {"row number overflows", SHEET("<row r='4294967297'/>"), "number is none"},
    {"column order", SHEET("<row r='1'><c r='B1'><v>1</v></c><c r='A1'><v>1</v></c></row>"), "twice or out of order"},
    {"column beyond", SHEET("<row r='1'><c r='IW1'><v>1</v></c></row>"), "row 1, column IW: more than 256 columns"},
    {"cell without a place", SHEET("<row r='1'><c r='11'><v>1</v></c></row>"), "place"},
};

static void test_sheets(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sheet_cases); i++) {
        struct xlsx_recipe recipe = {.sheet = sheet_cases[i].sheet,
                                     .strings = strings,
                                     .styles = styles,
                                     .workbook_pr = sheet_cases[i].workbook_pr};
        size_t size;
        g_autofree guint8 *data = xlsx_make(&recipe, &size);
        g_test_message("%s", sheet_cases[i].name);
        assert_reads(data, size, NULL, sheet_cases[i].rows, "sheet 'Liste'");
    }
}

static void test_bad_sheets(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_sheet_cases); i++) {
        struct xlsx_recipe recipe = {.sheet = bad_sheet_cases[i].sheet, .strings = strings, .styles = styles};
        size_t size;
        g_autofree guint8 *data = xlsx_make(&recipe, &size);
        g_test_message("%s", bad_sheet_cases[i].name);
        assert_refused(data, size, NULL, bad_sheet_cases[i].says);
    }
}

#define PACKAGE_RELS                                                                                                   \
    {                                                                                                                  \
        "_rels/.rels",                                                                                                 \
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship "       \
            "Id='a' Type='" XLSX_RELATIONSHIPS "/officeDocument' Target='/book/main.xml'/></Relationships>",           \
            0                                                                                                          \
    }
#define BOOK_RELS                                                                                                      \
    {                                                                                                                  \
        "book/_rels/main.xml.rels",                                                                                    \
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"                     \
            "<Relationship Id='a' Type='" XLSX_RELATIONSHIPS "/worksheet' Target='../one.xml'/>"                       \
            "<Relationship Id='b' Type='" XLSX_RELATIONSHIPS "/worksheet' Target='/Two.XML'/>"                         \
            "<Relationship Id='c' Type='" XLSX_RELATIONSHIPS "/chartsheet' Target='chart.xml'/>"                       \
            "<Relationship Id='d' Type='" XLSX_RELATIONSHIPS                                                           \
            "/worksheet' TargetMode='External' Target='http://x.example/'/>"                                           \
            "</Relationships>",                                                                                        \
            0                                                                                                          \
    }
#define BOOK \
    {"book/main.xml", "<w:workbook xmlns:w='" XLSX_MAIN "' xmlns:rel='" XLSX_RELATIONSHIPS "'><w:sheets>" \
     "<w:sheet name='Alt' state='hidden' rel:id='a'/><w:sheet name='Neu' rel:id='b'/>" \
     "<w:sheet name='1' rel:id='a'/><w:sheet name='Bild' rel:id='c'/><w:sheet name='Fern' rel:id='d'/>" \
     "</w:sheets></w:workbook>", 0}
#define ONE {"one.xml", SHEET("<row r='1' hidden='1'><c r='A1'><v>1</v></c></row>"), 0}
#define TWO {"two.xml", SHEET("<row r='1'><c r='A1'><v>2</v></c></row>"), 0}

/* What a program without a calculator writes: the formula, and no value. */
static void test_valueless(void)
{
    struct xlsx_recipe recipe = {.sheet = SHEET("<row r='1'><c r='A1'><v>1</v></c><c r='B1'><f>A1</f></c>"
                                                "<c r='C1' t='str'><f>A2</f><v></v></c></row>")};
    size_t size;
    g_autofree guint8 *data = xlsx_make(&recipe, &size);
    assert_reads(data, size, NULL, "1:1", "formulas whose value is not saved, read as empty cells: 1");
}

/* Several sheets, absolute and relative part names, other prefixes, other case. */
static void test_choice(void)
{
    static const struct xlsx_part parts[] = {PACKAGE_RELS, BOOK_RELS, BOOK, ONE, TWO};
    size_t size;
    g_autofree guint8 *data = xlsx_zip(parts, G_N_ELEMENTS(parts), &size);
    assert_reads(data, size, NULL, "1:2", "sheet 'Neu' is read, of 'Alt' (hidden), 'Neu', '1', 'Bild', 'Fern'");
    assert_reads(data, size, "Alt", "1:1", "1 row is hidden");
    assert_reads(data, size, "2", "1:2", "sheet 'Neu'");
    assert_reads(data, size, "1", "1:1", "sheet '1'");
    assert_refused(data, size, "Weg", "no such sheet as Weg");
    assert_refused(data, size, "6", "no such sheet");
    assert_refused(data, size, "Bild", "holds no cells");
    assert_refused(data, size, "Fern", "holds no cells");
}

static const struct {
    const char *name;
    struct xlsx_part part;
    const char *says;
} other_kinds[] = {
    {"OpenDocument of another kind", {"content.xml", "<x/>", 0}, "OpenDocument"},
    {"binary workbook", {"xl/workbook.bin", "x", 0}, ".xlsb"},
    {"macros", {"xl/vbaProject.bin", "x", 0}, "macros"},
    {"Word", {"word/document.xml", "<x/>", 0}, "no table"},
    {"a list in a zip file", {"liste.csv", "a;b\n", 0}, "unpack it first"},
    {"a package without workbook",
     {"_rels/.rels", "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'/>", 0},
     "names no workbook"},
};

static void test_other_kinds(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(other_kinds); i++) {
        size_t size;
        g_autofree guint8 *data = xlsx_zip(&other_kinds[i].part, 1, &size);
        g_test_message("%s", other_kinds[i].name);
        assert_refused(data, size, NULL, other_kinds[i].says);
    }
}

static void test_bomb(void)
{
    g_autoptr(GString) sheet = g_string_new("<worksheet xmlns='" XLSX_MAIN "'>");
    while (sheet->len < LIST_RATIO_FREE + 1024 * 1024)
        g_string_append(sheet, "                                                                ");
    g_string_append(sheet, "</worksheet>");
    struct xlsx_recipe recipe = {.sheet = sheet->str};
    size_t size;
    g_autofree guint8 *data = xlsx_make(&recipe, &size);
    assert_refused(data, size, NULL, "hundredfold");
}

static void test_many_parts(void)
{
    g_autofree struct xlsx_part *parts = g_new0(struct xlsx_part, LIST_ENTRIES_MAX + 1);
    for (guint i = 0; i <= LIST_ENTRIES_MAX; i++)
        parts[i] = (struct xlsx_part){g_strdup_printf("%u", i), "x", 1};
    size_t size;
    g_autofree guint8 *data = xlsx_zip(parts, LIST_ENTRIES_MAX + 1, &size);
    assert_refused(data, size, NULL, "more than 1000 parts");
    for (guint i = 0; i <= LIST_ENTRIES_MAX; i++)
        g_free((char *)parts[i].name);
}

/* However a workbook is cut off, it ends in an error, never in a crash or in part of the rows only. */
static void test_truncated(void)
{
    struct xlsx_recipe recipe = {.sheet = sheet_cases[0].sheet, .strings = strings};
    size_t size;
    g_autofree guint8 *data = xlsx_make(&recipe, &size);
    for (size_t cut = 4; cut < size; cut++) { /* shorter is a text file */
        g_autofree guint8 *exact = g_memdup2(data, cut);
        struct outcome outcome;
        outcome_init(&outcome);
        struct list_sink sink = sink_of(&outcome);
        g_autoptr(GError) error = NULL;
        g_assert_false(list_read_here("LIST", exact, cut, NULL, &sink, &error));
        g_assert_nonnull(error);
        outcome_release(&outcome);
    }
}

/* --- OpenDocument ------------------------------------------------------------------------------ */

#define ODS_NAMESPACE "urn:oasis:names:tc:opendocument:xmlns:"
#define ODS(tables)                                                                                                    \
    "<o:document-content xmlns:o='" ODS_NAMESPACE "office:1.0' xmlns:t='" ODS_NAMESPACE                                \
    "table:1.0' xmlns:x='" ODS_NAMESPACE "text:1.0' xmlns:d='" ODS_NAMESPACE "drawing:1.0' xmlns:s='" ODS_NAMESPACE    \
    "style:1.0'><o:body><o:spreadsheet>" tables "</o:spreadsheet></o:body></o:document-content>"
#define ODS_ROW(cells) "<t:table-row>" cells "</t:table-row>"
#define ODS_TEXT(text) "<t:table-cell o:value-type='string'><x:p>" text "</x:p></t:table-cell>"
#define ODS_SHEETS \
    ODS("<s:style s:name='ta1'><s:table-properties t:display='true'/></s:style>" \
        "<s:style s:name='ta2'><s:table-properties t:display='false'/></s:style>" \
        "<t:table t:name='Alt' t:style-name='ta2'>" ODS_ROW(ODS_TEXT("0")) "</t:table>" \
        "<t:table t:name='Eins' t:style-name='ta1'>" ODS_ROW(ODS_TEXT("1")) "</t:table><t:table t:name='Zwei'>" \
        "<t:table-row t:visibility='collapse'>" ODS_TEXT("2") "</t:table-row>" \
        "<t:table-row t:visibility='filter' t:number-rows-repeated='999999'/></t:table>" \
        "<t:table t:name='2'>" ODS_ROW(ODS_TEXT("3")) "</t:table>")

static const struct {
    const char *name;
    const char *content;
    const char *sheet;
    const char *rows;
    const char *note;
} ods_cases[] = {
    {"repeats, and a million empty rows",
     ODS("<t:table t:name='A'>" ODS_ROW(ODS_TEXT("a") "<t:table-cell t:number-columns-repeated='2'/>" ODS_TEXT("b")
                                        "<t:table-cell t:number-columns-repeated='16380'/>")
         "<t:table-row t:number-rows-repeated='3'><t:table-cell t:number-columns-repeated='2' o:value-type='float' "
         "o:value='4.0'><x:p>4</x:p></t:table-cell></t:table-row><t:table-row t:number-rows-repeated='1048572'>"
         "<t:table-cell t:number-columns-repeated='16384'/></t:table-row></t:table>"),
     NULL, "1:a|||b\n2:4|4\n3:4|4\n4:4|4", "sheet 'A' is read"},
    {"values of all types",
     ODS("<t:table t:name='A'>"
         ODS_ROW("<t:table-cell o:value-type='float' o:value='1234.5'><x:p>1.234,50</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='float' o:value='1067'><x:p>01067</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='date' o:date-value='2026-11-23'><x:p>23.11.26</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='time' o:time-value='PT08H15M00S'><x:p>08:15</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='boolean' o:boolean-value='true'><x:p>WAHR</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='string' o:string-value='a'/>")
         "</t:table>"),
     NULL, "1:1234.50|01067|2026-11-23|08:15:00|TRUE|a", NULL},
    {"text with marks, without annotations and drawings",
     ODS("<t:table t:name='A'>"
         ODS_ROW(ODS_TEXT("a<x:s x:c='2'/>b<x:span>c</x:span><x:tab/>d</x:p><x:p>e<x:line-break/>f")
                 "<t:table-cell><o:annotation><x:p>note</x:p></o:annotation><x:p>g</x:p><d:frame><x:p>h</x:p></d:frame>"
                 "</t:table-cell><t:covered-table-cell><x:p>i</x:p></t:covered-table-cell>")
         "</t:table>"),
     NULL, "1:a  bc\td\ne\nf|g|i", NULL},
    {"dates and times",
     ODS("<t:table t:name='A'>"
         ODS_ROW("<t:table-cell o:value-type='date' o:date-value='2026-11-23T00:00:00.000'/>"
                 "<t:table-cell o:value-type='date' o:date-value='2026-11-23T08:15:00.25'/>"
                 "<t:table-cell o:value-type='time' o:time-value='PT49H30M00.4S'/>"
                 "<t:table-cell o:value-type='time' o:time-value='P1DT2H'/>"
                 "<t:table-cell o:value-type='time' o:time-value='P1Y'/>")
         "</t:table>"),
     NULL, "1:2026-11-23|2026-11-23T08:15:00|49:30:00|26:00:00|P1Y", NULL},
    {"numbers as shown",
     ODS("<t:table t:name='A'>"
         ODS_ROW("<t:table-cell o:value-type='percentage' o:value='0.25'><x:p>25,0 %</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='currency' o:value='1234.5'><x:p>1.234,50 €</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='float' o:value='12345.6'><x:p>1,23E+04</x:p></t:table-cell>"
                 "<t:table-cell o:value-type='float' o:value='5'/>")
         "</t:table>"),
     NULL, "1:25.0 %|1234.50 €|12345.6|5", NULL},
    {"the first visible sheet", ODS_SHEETS, NULL, "1:1",
     "sheet 'Eins' is read, of 'Alt' (hidden), 'Eins', 'Zwei', '2'"},
    {"a sheet by name", ODS_SHEETS, "Zwei", "1:2", "1 row is hidden"},
    {"a hidden sheet by number", ODS_SHEETS, "1", "1:0", "sheet 'Alt'"},
    {"a sheet by number", ODS_SHEETS, "3", "1:2", "sheet 'Zwei'"},
    {"a name before a number", ODS_SHEETS, "2", "1:3", "sheet '2'"},
};

static const struct {
    const char *name;
    const char *content;
    const char *manifest;
    const char *sheet;
    const char *says;
} bad_ods_cases[] = {
    {"no such sheet", ODS_SHEETS, NULL, "Drei",
     "no such sheet as Drei; choose with --sheet from: 'Alt' (hidden), 'Eins', 'Zwei'"},
    {"a text document", ODS(""), NULL, NULL, "no table"},
    {"encrypted", "noise",
     "<m:manifest xmlns:m='" ODS_NAMESPACE
     "manifest:1.0'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>",
     NULL, "password"},
    {"too many columns",
     ODS("<t:table>" ODS_ROW(
         "<t:table-cell t:number-columns-repeated='999999999'><x:p>a</x:p></t:table-cell>") "</t:table>"),
     NULL, NULL, "row 1, column IW: more than 256 columns"},
    {"something below the last row",
     ODS("<t:table><t:table-row t:number-rows-repeated='999999999'/>" ODS_ROW(ODS_TEXT("a")) "</t:table>"), NULL, NULL,
     "more than 1048576 rows"},
    {"too many rows",
     ODS("<t:table><t:table-row t:number-rows-repeated='1000002'>" ODS_TEXT("a") "</t:table-row></t:table>"), NULL,
     NULL, "more than 1000000 rows below the heading"},
};

static guint8 *make_ods(const char *content, const char *manifest, size_t *size_r)
{
    struct xlsx_part parts[] = {{"content.xml", content, 0}, {"META-INF/manifest.xml", manifest, 0}};
    return xlsx_zip(parts, manifest != NULL ? 2 : 1, size_r);
}

static void test_ods(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ods_cases); i++) {
        size_t size;
        g_autofree guint8 *data = make_ods(ods_cases[i].content, NULL, &size);
        g_test_message("%s", ods_cases[i].name);
        assert_reads(data, size, ods_cases[i].sheet, ods_cases[i].rows, ods_cases[i].note);
    }
}

static gboolean take_nothing(void *cookie, const struct list_cells *row, GError **error)
{
    (void)cookie;
    (void)row;
    (void)error;
    return TRUE;
}

static void test_bad_ods(void)
{
    struct list_sink sink = {.cells = take_nothing};
    for (size_t i = 0; i < G_N_ELEMENTS(bad_ods_cases); i++) {
        size_t size;
        g_autoptr(GError) error = NULL;
        g_autofree guint8 *data = make_ods(bad_ods_cases[i].content, bad_ods_cases[i].manifest, &size);
        g_test_message("%s", bad_ods_cases[i].name);
        g_assert_false(list_read_here("LIST", data, size, bad_ods_cases[i].sheet, &sink, &error));
        assert_says(error->message, bad_ods_cases[i].says);
    }
}

/* --- the child ------------------------------------------------------------------------------- */

static void test_file(void)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tests/data/liste.xlsx", NULL);
    g_autofree char *data = NULL;
    size_t size;
    struct outcome here, there;
    outcome_init(&here);
    outcome_init(&there);
    struct list_sink here_sink = sink_of(&here), there_sink = sink_of(&there);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    list_read(path, NULL, &there_sink, &error);
    g_assert_no_error(error);
    g_assert_true(list_read_here(path, (guint8 *)data, size, NULL, &here_sink, NULL));
    g_assert_cmpstr(here.rows->str, ==, there.rows->str);
    g_assert_cmpstr(here.notes->str, ==, there.notes->str);
    assert_says(there.rows->str, "\n7:Herr|Peter|Lustig|peter.lustig@müller.example|");
    outcome_release(&here);
    outcome_release(&there);
}

static void test_no_file(void)
{
    struct outcome outcome;
    outcome_init(&outcome);
    struct list_sink sink = sink_of(&outcome);
    g_autoptr(GError) missing = NULL, folder = NULL;
    g_assert_false(list_read("/nonexistent/list.xlsx", NULL, &sink, &missing));
    g_assert_error(missing, POSTWELLE_ERROR, ERROR_NO_INPUT);
    assert_says(missing->message, "/nonexistent/list.xlsx");
    g_assert_false(list_read("/", NULL, &sink, &folder));
    g_assert_error(folder, POSTWELLE_ERROR, ERROR_NO_INPUT);
    outcome_release(&outcome);
}

static gboolean read_and_die(const struct list_input *input, GError **error)
{
    (void)input;
    (void)error;
    abort();
}

static gboolean read_and_call_out(const struct list_input *input, GError **error)
{
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        list_note(input, "a socket");
    return error_set(error, ERROR_DATA, "went on");
}

static gboolean send_rows(const struct list_input *input, guint first, guint second, const char *text)
{
    struct list_cells row = {.row = first, .count = 1, .cells = &text};
    return input->sink->cells(input->sink->cookie, &row, NULL) && (row.row = second) > 0 &&
           input->sink->cells(input->sink->cookie, &row, NULL);
}

static gboolean read_backwards(const struct list_input *input, GError **error)
{
    (void)error;
    return send_rows(input, 2, 1, "x");
}

static gboolean read_garbage(const struct list_input *input, GError **error)
{
    (void)error;
    return send_rows(input, 1, 2, "\xFF");
}

static gboolean read_two(const struct list_input *input, GError **error)
{
    (void)error;
    return send_rows(input, 1, 2, "x");
}

static gboolean read_and_fail(const struct list_input *input, GError **error)
{
    return send_rows(input, 1, 2, "x") && error_set(error, ERROR_USAGE, "LIST: no such thing");
}

/* Has the reader run in a child; *error_r is what came of it. */
static void run_child(gboolean (*reader)(const struct list_input *, GError **), GError **error_r)
{
    struct outcome outcome;
    outcome_init(&outcome);
    struct list_sink sink = sink_of(&outcome);
    struct list_input input = {.name = "LIST", .data = (const guint8 *)"x", .size = 1, .sink = &sink};
    g_assert_true(list_child_read(&input, reader, error_r) == (*error_r == NULL));
    outcome_release(&outcome);
}

static void test_child(void)
{
    static const struct {
        const char *name;
        gboolean (*reader)(const struct list_input *, GError **);
        const char *says; /* NULL: no error */
    } readers[] = {
        {"well", read_two, NULL},
        {"with an error", read_and_fail, "LIST: no such thing"},
        {"and dies", read_and_die, "broke its reader (signal"},
        {"rows backwards", read_backwards, "answered with nonsense"},
        {"no UTF-8", read_garbage, "answered with nonsense"},
#if LIST_CHILD_CONFINED
        {"and asks for a socket", read_and_call_out, "broke its reader (signal"},
#endif
    };
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("the child reads %s", readers[i].name);
        run_child(readers[i].reader, &error);
        if (readers[i].says == NULL)
            g_assert_no_error(error);
        else
            assert_says(error->message, readers[i].says);
    }
    (void)read_and_call_out;
}

static gboolean refuse_second(void *cookie, const struct list_cells *row, GError **error)
{
    (void)cookie;
    return row->row < 2 || error_set(error, ERROR_CONFIG, "enough");
}

/* An error of the receiving side ends the reading and comes out as it is. */
static void test_sink_error(void)
{
    struct list_sink sink = {.cells = refuse_second};
    struct list_input input = {.name = "LIST", .data = (const guint8 *)"x", .size = 1, .sink = &sink};
    g_autoptr(GError) error = NULL;
    g_assert_false(list_child_read(&input, read_two, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_CONFIG);
    g_assert_cmpstr(error->message, ==, "enough");
}

static void test_letters(void)
{
    static const struct {
        guint column;
        const char *letters;
    } columns[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {255, "IV"}, {701, "ZZ"}, {702, "AAA"}, {16383, "XFD"}};
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        char letters[4];
        list_column_letters(columns[i].column, letters);
        g_assert_cmpstr(letters, ==, columns[i].letters);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list/text", test_text);
    g_test_add_func("/list/bad-text", test_bad_text);
    g_test_add_func("/list/text-limits", test_text_limits);
    g_test_add_func("/list/sheets", test_sheets);
    g_test_add_func("/list/bad-sheets", test_bad_sheets);
    g_test_add_func("/list/valueless", test_valueless);
    g_test_add_func("/list/choice", test_choice);
    g_test_add_func("/list/other-kinds", test_other_kinds);
    g_test_add_func("/list/bomb", test_bomb);
    g_test_add_func("/list/many-parts", test_many_parts);
    g_test_add_func("/list/truncated", test_truncated);
    g_test_add_func("/list/ods", test_ods);
    g_test_add_func("/list/bad-ods", test_bad_ods);
    g_test_add_func("/list/file", test_file);
    g_test_add_func("/list/no-file", test_no_file);
    g_test_add_func("/list/child", test_child);
    g_test_add_func("/list/sink-error", test_sink_error);
    g_test_add_func("/list/letters", test_letters);
    return g_test_run();
}
