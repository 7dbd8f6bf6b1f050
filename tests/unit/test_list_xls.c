/* test_list_xls.c - .xls files, made record by record: what cells show, and what is refused. */
#include "importer/list.h"

#include <string.h>

#include "importer/list_codepage.h"
#include "lib/error.h"
#include "tests/xls_maker.h"

enum {
    FORMULA = 0x06, DATE1904 = 0x22, FILEPASS = 0x2F, CONTINUE = 0x3C, CODEPAGE = 0x42, SHEET = 0x85, BLANK = 0x201,
    MULRK = 0xBD, RSTRING = 0xD6, XF = 0xE0, SST = 0xFC, LABELSST = 0xFD, NUMBER = 0x203, LABEL = 0x204,
    BOOLERR = 0x205, STRING = 0x207, ROW = 0x208, ARRAY = 0x221, RK = 0x27E, FORMAT = 0x41E, BEGIN = 0x809, END = 0x0A,
};

#define ITEMS_MAX 12

/* "number:cell|cell" a line. */
static gboolean note_cells(void *cookie, const struct list_cells *row, GError **error)
{
    (void)error;
    GString *rows = cookie;
    g_string_append_printf(rows, "%s%u:", rows->len > 0 && !g_str_has_suffix(rows->str, "\n") ? "\n" : "", row->row);
    for (guint i = 0; i < row->count; i++)
        g_string_append_printf(rows, "%s%s", i > 0 ? "|" : "", row->cells[i]);
    return TRUE;
}

static void assert_says(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        g_error("\"%s\" does not say \"%s\"", text, wanted);
}

static void assert_reads(const GByteArray *file, const char *expected)
{
    g_autoptr(GString) rows = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct list_sink sink = {.cells = note_cells, .cookie = rows};
    list_read_here("LIST", file->data, file->len, NULL, &sink, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(rows->str, ==, expected);
}

static void assert_refused(const guint8 *data, size_t size, const char *sheet, const char *says)
{
    g_autoptr(GString) rows = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct list_sink sink = {.cells = note_cells, .cookie = rows};
    g_assert_false(list_read_here("LIST", data, size, sheet, &sink, &error));
    g_assert_cmpuint(error->domain, ==, POSTWELLE_ERROR);
    assert_says(error->message, "LIST: ");
    assert_says(error->message, says);
}

/* --- what cells show ------------------------------------------------------------------------- */

/* Formats 0 General, 1 a date, 2 "00000", 3 percent: XF records for cells to refer to. */
#define FORMATS                                                                                                        \
    {XF, "0000 0000"}, {XF, "0000 0E00"}, {FORMAT, "A400 0500 00 3030303030"}, {XF, "0000 A400"}, {XF, "0000 0900"}

static const struct {
    const char *name;
    guint16 version;
    struct xls_record globals[ITEMS_MAX];
    struct xls_record sheet[ITEMS_MAX];
    const char *rows;
} cases[] = {
    {"numbers",
     XLS_BIFF8,
     {{0, NULL}},
     {{NUMBER, "0000 0000 0000 000000000000F03F"}, {NUMBER, "0000 0100 0000 9A99999999991040"}, /* 1, 4.15 */
      {RK, "0000 0200 0000 AA000000"}, {RK, "0000 0300 0000 A3000000"},                       /* 42, 0.4 */
      {RK, "0000 0400 0000 00002440"}, {RK, "0000 0500 0000 FEFFFFFF"},                       /* 10, -1 */
      {0, NULL}},
     "1:1|4.15|42|0.4|10|-1"},
    {"numbers side by side, and blanks",
     XLS_BIFF8,
     {{0, NULL}},
     {{MULRK, "0200 0100 0000 06000000 0000 0A000000 0200"}, {BLANK, "0200 0300 0000"}, {0, NULL}},
     "3:|1|2"},
    {"formats",
     XLS_BIFF8,
     {FORMATS, {0, NULL}},
     {{RK, "0000 0000 0100 6AC90200"}, {RK, "0000 0100 0200 AE100000"}, {RK, "0000 0200 0300 67000000"}, {0, NULL}},
     "1:2025-01-01|01067|25%"},
    {"days from 1904",
     XLS_BIFF8,
     {{DATE1904, "0100"}, FORMATS, {0, NULL}},
     {{RK, "0000 0000 0100 92B20200"}, {0, NULL}},
     "1:2025-01-01"},
    {"booleans and errors",
     XLS_BIFF8,
     {{0, NULL}},
     {{BOOLERR, "0000 0000 0000 0100"}, {BOOLERR, "0000 0100 0000 0000"}, {BOOLERR, "0000 0200 0000 2A01"}, {0, NULL}},
     "1:TRUE|FALSE|#N/A"},
    {"formulas",
     XLS_BIFF8,
     {{0, NULL}},
     {{FORMULA, "0000 0000 0000 000000000000F03F"}, {FORMULA, "0000 0100 0000 000000000000FFFF"},
      {ARRAY, "0000"}, {STRING, "0200 00 6162"}, {FORMULA, "0000 0200 0000 010001000000FFFF"},
      {FORMULA, "0000 0300 0000 020007000000FFFF"}, {FORMULA, "0000 0400 0000 030000000000FFFF"},
      {FORMULA, "0000 0500 0000 000000000000FFFF"}, {NUMBER, "0000 0600 0000 000000000000F03F"}, {0, NULL}},
     "1:1|ab|TRUE|#DIV/0!|||1"},
    {"a formula of BIFF4", XLS_BIFF8, {{0, NULL}}, {{0x406, "0000 0000 0000 000000000000F03F"}, {0, NULL}}, "1:1"},
    {"shared texts, wide, rich, with readings",
     XLS_BIFF8,
     {{SST, "00000000 04000000 0100 00 FC 0200 01 AC20 3100"
            "0100 08 0100 61 00000000 0100 04 04000000 62 00000000"},
      {0, NULL}},
     {{LABELSST, "0000 0000 0000 00000000"}, {LABELSST, "0000 0100 0000 01000000"},
      {LABELSST, "0000 0200 0000 02000000"}, {LABELSST, "0000 0300 0000 03000000"}, {0, NULL}},
     "1:ü|€1|a|b"},
    {"shared texts that go on in other records",
     XLS_BIFF8,
     {{SST, "00000000 03000000 0400 01 6100 6200"}, {CONTINUE, "00 6364"}, /* wide, then narrow */
      {CONTINUE, "0100 00 65 0200 01 3DD8"}, {CONTINUE, "01 00DE"},        /* a pair in halves */
      {0, NULL}},
     {{LABELSST, "0000 0000 0000 00000000"}, {LABELSST, "0000 0100 0000 01000000"},
      {LABELSST, "0000 0200 0000 02000000"}, {0, NULL}},
     "1:abcd|e|😀"},
    {"half a pair",
     XLS_BIFF8,
     {{0, NULL}},
     {{LABEL, "0000 0000 0000 0200 01 3DD8 6100"}, {0, NULL}},
     "1:\xEF\xBF\xBD" "a"},
    {"texts in the cell",
     XLS_BIFF8,
     {{0, NULL}},
     {{LABEL, "0000 0000 0000 0200 00 FC62"}, {RSTRING, "0000 0100 0000 0100 00 63 0000"},
      {LABEL, "0000 0200 0000 0000"}, {0, NULL}},
     "1:üb|c"},
    {"BIFF5: texts in Windows-1252",
     XLS_BIFF5,
     {{0, NULL}},
     {{LABEL, "0000 0000 0000 0200 FC80"}, {0, NULL}},
     "1:ü€"},
    {"BIFF5: texts in Windows-1250",
     XLS_BIFF5,
     {{CODEPAGE, "E204"}, {0, NULL}},
     {{LABEL, "0000 0000 0000 0200 F8E8"}, {0, NULL}},
     "1:řč"},
    {"BIFF5: texts of a Mac",
     XLS_BIFF5,
     {{CODEPAGE, "0080"}, {0, NULL}},
     {{LABEL, "0000 0000 0000 0200 8A9F"}, {0, NULL}},
     "1:äü"},
    {"BIFF5: a format",
     XLS_BIFF5,
     {{FORMAT, "A400 05 3030303030"}, {XF, "0000 A400"}, {0, NULL}},
     {{RK, "0000 0000 0000 AE100000"}, {0, NULL}},
     "1:01067"},
    {"cells out of order, the last of a place counts",
     XLS_BIFF8,
     {{0, NULL}},
     {{RK, "0200 0000 0000 0E000000"}, {RK, "0000 0100 0000 0A000000"}, {RK, "0000 0000 0000 06000000"},
      {RK, "0200 0000 0000 12000000"}, {0, NULL}},
     "1:1|2\n3:4"},
    {"the last row and column",
     XLS_BIFF8,
     {{0, NULL}},
     {{RK, "FFFF 0000 0000 06000000"}, {0, NULL}},
     "65536:1"},
    {"what is nested in a sheet is no cell of it",
     XLS_BIFF8,
     {{0, NULL}},
     {{RK, "0000 0000 0000 06000000"}, {BEGIN, "0006 2000 0000"}, {RK, "0000 0100 0000 06000000"}, {END, ""},
      {RK, "0000 0200 0000 0A000000"}, {0, NULL}},
     "1:1||2"},
    {"records too short are nothing",
     XLS_BIFF8,
     {{0, NULL}},
     {{NUMBER, "0000 0000 0000 0000"}, {MULRK, "0000"}, {ROW, "00"}, {RK, "0000 0100 0000 06000000"}, {0, NULL}},
     "1:|1"},
};

/* In a compound file, in short sectors and in long ones, and bare. */
static void test_cells(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) book = xls_book(cases[i].version, cases[i].globals, cases[i].sheet);
        g_autoptr(GByteArray) file = xls_compound("Workbook", book, NULL);
        g_test_message("%s", cases[i].name);
        assert_reads(book, cases[i].rows);
        assert_reads(file, cases[i].rows);
        guint8 filler[5000] = {0};
        g_byte_array_append(book, filler, sizeof filler);
        g_autoptr(GByteArray) large = xls_compound("BOOK", book, NULL);
        assert_reads(large, cases[i].rows);
    }
}

static void note_note(void *cookie, const char *text)
{
    g_string_append_printf(cookie, "%s\n", text);
}

/* Hidden rows are told; sheets are chosen by name and number. */
static void test_notes(void)
{
    static const struct xls_record globals[] = {
        {SHEET, "FFFFFF7F 0100 03 00 416C74"}, {SHEET, "FFFFFF7F 0002 04 00 42696C64"}, {0, NULL}};
    static const struct xls_record sheet[] = {
        {ROW, "0000 0000 0100 0000 0000 0000 2000 0000"}, {ROW, "0100 0000 0100 0000 0000 0000 2000 0000"},
        {RK, "0000 0000 0000 06000000"}, {RK, "0200 0000 0000 0A000000"}, {0, NULL}};
    g_autoptr(GByteArray) book = xls_book(XLS_BIFF8, globals, sheet);
    g_autoptr(GString) rows = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct list_sink sink = {.cells = note_cells, .note = note_note, .cookie = rows};
    list_read_here("LIST", book->data, book->len, NULL, &sink, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(rows->str, ==, "sheet 'Liste' is read, of 'Alt' (hidden), 'Bild', 'Liste'\n1:1\n3:2"
                                   "1 row is hidden in the sheet; they are read like the others\n");
    assert_refused(book->data, book->len, "Bild", "sheet 'Bild' holds no cells");
    assert_refused(book->data, book->len, "1", "the sheet is not where the workbook says");
    assert_refused(book->data, book->len, "4", "no such sheet as 4; choose with --sheet from: 'Alt' (hidden), 'Bild'");
}

/* What beginners' scripts write: a sheet without a workbook, in no version at all. */
static void test_sheet_alone(void)
{
    static const guint8 octets[] = "\x09\x08\x08\0\0\0\x10\0\0\0\0\0" "\x04\x02\x09\0\0\0\0\0\0\0\x01\0\xFC"
                                   "\x03\x02\x0E\0\0\0\x01\0\0\0\0\0\0\0\0\0\xF0\x3F" "\x0A\0\0\0";
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, octets, sizeof octets - 1);
    assert_reads(file, "1:ü|1");
}

/* --- what is refused ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    guint16 version;
    struct xls_record globals[ITEMS_MAX];
    struct xls_record sheet[ITEMS_MAX];
    const char *says;
} bad_cases[] = {
    {"a password", XLS_BIFF8, {{FILEPASS, "0100"}, {0, NULL}}, {{0, NULL}}, "password"},
    {"a shared text that is none",
     XLS_BIFF8,
     {{SST, "00000000 01000000 0100 00 61"}, {0, NULL}},
     {{LABELSST, "0400 0000 0000 01000000"}, {0, NULL}},
     "row 5: a cell's text is missing"},
    {"a shared text that breaks off", XLS_BIFF8, {{SST, "00000000 01000000 0500 00 61"}, {0, NULL}}, {{0, NULL}},
     "a shared text breaks off"},
    {"more shared texts than can be", XLS_BIFF8, {{SST, "00000000 FFFFFFFF 0100 00 61"}, {0, NULL}}, {{0, NULL}},
     "more shared texts"},
    {"a text that breaks off", XLS_BIFF8, {{0, NULL}}, {{LABEL, "0000 0000 0000 FF00 00 61"}, {0, NULL}},
     "row 1: a cell's text is missing or breaks off"},
    {"too many columns", XLS_BIFF8, {{0, NULL}}, {{RK, "0000 0001 0000 06000000"}, {0, NULL}},
     "row 1, column IW: more than 256 columns"},
    {"NUL in a text", XLS_BIFF8, {{0, NULL}}, {{LABEL, "0000 0000 0000 0100 00 00"}, {0, NULL}}, "NUL"},
    {"a code page unknown here", XLS_BIFF5, {{CODEPAGE, "A403"}, {0, NULL}},
     {{LABEL, "0000 0000 0000 0200 8341"}, {0, NULL}}, "code page 932"},
    {"sheets nested without end", XLS_BIFF8, {{0, NULL}}, {{BEGIN, ""}, {BEGIN, ""}, {0, NULL}},
     "the sheet breaks off"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        g_autoptr(GByteArray) book = xls_book(bad_cases[i].version, bad_cases[i].globals, bad_cases[i].sheet);
        g_test_message("%s", bad_cases[i].name);
        assert_refused(book->data, book->len, NULL, bad_cases[i].says);
    }
}

/* Compound files that are something else. */
static void test_other_kinds(void)
{
    static const struct {
        const char *stream;
        const char *other;
        const char *says;
    } kinds[] = {
        {"EncryptedPackage", NULL, "password"},
        {"WordDocument", NULL, "no table"},
        {"Workbook", "_VBA_PROJECT_CUR", "macros"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GByteArray) book = xls_book(XLS_BIFF8, NULL, cases[0].sheet);
        g_autoptr(GByteArray) file = xls_compound(kinds[i].stream, book, kinds[i].other);
        assert_refused(file->data, file->len, NULL, kinds[i].says);
    }
}

/* However a file is cut off, or a number in its header or tables is changed, it ends: never a crash, never for ever. */
static void test_damaged(void)
{
    g_autoptr(GByteArray) book = xls_book(XLS_BIFF8, NULL, cases[0].sheet);
    g_autoptr(GByteArray) file = xls_compound("Workbook", book, NULL);
    g_autoptr(GString) rows = g_string_new(NULL);
    struct list_sink sink = {.cells = note_cells, .cookie = rows};
    for (guint cut = 8; cut < 2048; cut += 7) {
        g_autofree guint8 *exact = g_memdup2(file->data, cut);
        assert_refused(exact, cut, NULL, "damaged or cut off");
    }
    for (guint at = 8; at < 2048; at++) {
        static const guint8 values[] = {0, 1, 0x7F, 0xFF};
        guint8 before = file->data[at];
        for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
            file->data[at] = values[i];
            list_read_here("LIST", file->data, file->len, NULL, &sink, NULL);
        }
        file->data[at] = before;
    }
    g_string_truncate(rows, 0);
    assert_reads(file, cases[0].rows);
}

/* The tables are what iconv says. Not of a Mac: there iconv differs from Apple. */
static void test_codepages(void)
{
    static const struct {
        guint number;
        const char *name;
    } pages[] = {{1250, "CP1250"}, {1251, "CP1251"}, {1252, "CP1252"}, {1253, "CP1253"},
                 {1254, "CP1254"}, {1257, "CP1257"}};
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        const guint16 *upper = list_codepage(pages[i].number);
        for (guint octet = 0x80; octet <= 0xFF; octet++) {
            char narrow = (char)octet;
            g_autofree char *converted = g_convert(&narrow, 1, "UTF-8", pages[i].name, NULL, NULL, NULL);
            if (upper[octet - 0x80] != 0 && converted != NULL)
                g_assert_cmphex(g_utf8_get_char(converted), ==, upper[octet - 0x80]);
            g_assert_true(upper[octet - 0x80] != 0 || converted == NULL);
        }
    }
    g_assert_null(list_codepage(932));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/list-xls/cells", test_cells);
    g_test_add_func("/list-xls/notes", test_notes);
    g_test_add_func("/list-xls/sheet-alone", test_sheet_alone);
    g_test_add_func("/list-xls/bad", test_bad);
    g_test_add_func("/list-xls/other-kinds", test_other_kinds);
    g_test_add_func("/list-xls/damaged", test_damaged);
    g_test_add_func("/list-xls/codepages", test_codepages);
    return g_test_run();
}
