/*
 * list_xls.c - .xls files (BIFF5 and BIFF8, MS-XLS) as streams of rows; see list_reader.h.
 *
 * A workbook is a stream of records: first its globals (code page, number formats, shared texts, the sheets and where
 * they begin), then each sheet. Cells may stand in any order, so a sheet is first indexed, twelve octets a cell, then
 * read by rows. Formulas are not computed: their saved values are read. Some programs write the stream without the
 * compound file round it; so does what beginners' scripts call an Excel export.
 */
#include "importer/list_cfb.h"
#include "importer/list_codepage.h"
#include "importer/list_sheets.h"
#include "importer/list_value.h"

#include <string.h>

#include "lib/error.h"

#define HEADER 4u               /* octets of a record's type and length */
#define NESTING_MAX 16u         /* charts within sheets */
#define ROWS_MAX 65536u
#define VERSION_BIFF8 0x0600u
#define UNKNOWN_CHARACTER 0xFFFDu

enum record_type {
    FORMULA = 0x06,
    END = 0x0A,
    DATE1904 = 0x22,
    FILEPASS = 0x2F,
    CONTINUE = 0x3C,
    CODEPAGE = 0x42,
    BOUNDSHEET = 0x85,
    MULRK = 0xBD,
    RSTRING = 0xD6,
    XF = 0xE0,
    SST = 0xFC,
    LABELSST = 0xFD,
    NUMBER = 0x203,
    LABEL = 0x204,
    BOOLERR = 0x205,
    FORMULA_3 = 0x206,
    STRING = 0x207,
    ROW = 0x208,
    RK = 0x27E,
    FORMULA_4 = 0x406,
    FORMAT = 0x41E,
    BEGIN = 0x809,
};

enum substream { SUBSTREAM_GLOBALS = 0x05, SUBSTREAM_SHEET = 0x10 };

struct record {
    guint16 type;
    guint16 length;
    guint32 at;         /* where its content begins in the book */
    const guint8 *data; /* length octets */
};

/* A cell of the sheet: where it is, and where its record's content is. */
struct cell {
    guint32 place;      /* row << 16 | column, both from 0 */
    guint32 at;         /* of MULRK: four octets before the style, so that all cells look alike */
    guint16 type;
};

struct xls {
    const struct list_input *input;
    const guint8 *book;
    guint32 size;
    gboolean biff8;
    guint codepage;
    gboolean date1904;
    GPtrArray *sheets;          /* of struct list_sheet */
    struct list_formats formats;
    GString *strings;           /* the shared texts, one after another */
    GArray *starts;             /* of gsize: string i is from starts[i] to starts[i + 1] */
    gboolean foreign;           /* a text was in a code page that is not known */
};

static guint16 get16(const guint8 *octets)
{
    return (guint16)(octets[0] | octets[1] << 8);
}

static guint32 get32(const guint8 *octets)
{
    return octets[0] | (guint32)octets[1] << 8 | (guint32)octets[2] << 16 | (guint32)octets[3] << 24;
}

static gboolean damaged(const struct xls *xls, const char *what, GError **error)
{
    return error_set(error, ERROR_DATA,
                     "%s: %s; the file is damaged or cut off: open it in a spreadsheet program and save it as .xlsx",
                     xls->input->name, what);
}

/* The record at *at, which moves behind it. FALSE where no whole record is left. */
static gboolean next_record(const struct xls *xls, guint32 *at, struct record *record)
{
    if (*at > xls->size || xls->size - *at < HEADER)
        return FALSE;
    const guint8 *header = xls->book + *at;
    *record = (struct record){.type = get16(header), .length = get16(header + 2), .at = *at + HEADER};
    record->data = xls->book + record->at;
    if (xls->size - record->at < record->length)
        return FALSE;
    *at = record->at + record->length;
    return TRUE;
}

/* --- texts ----------------------------------------------------------------------------------- */

/* Reads through a record and the CONTINUE records behind it. */
struct pieces {
    const struct xls *xls;
    guint32 at;
    guint32 end; /* of this piece */
};

static struct pieces pieces_of(const struct xls *xls, guint32 at, guint32 end)
{
    return (struct pieces){.xls = xls, .at = at, .end = end};
}

/* Goes on to the next piece that holds anything, if this one is used up. FALSE where there is none. */
static gboolean pieces_more(struct pieces *pieces)
{
    while (pieces->at >= pieces->end) {
        struct record record;
        guint32 next = pieces->end;
        if (!next_record(pieces->xls, &next, &record) || record.type != CONTINUE)
            return FALSE;
        pieces->at = record.at;
        pieces->end = next;
    }
    return TRUE;
}

/* A number of one to four octets. */
static gboolean take_number(struct pieces *pieces, guint octets, guint32 *number_r)
{
    *number_r = 0;
    for (guint i = 0; i < octets; i++) {
        if (!pieces_more(pieces))
            return FALSE;
        *number_r |= (guint32)pieces->xls->book[pieces->at++] << 8 * i;
    }
    return TRUE;
}

static gboolean skip_octets(struct pieces *pieces, guint64 count)
{
    while (count > 0) {
        if (!pieces_more(pieces))
            return FALSE;
        guint32 here = (guint32)MIN(count, pieces->end - pieces->at);
        pieces->at += here;
        count -= here;
    }
    return TRUE;
}

/* Appends a unit of UTF-16. *high is the first half of a pair, or 0; halves alone become U+FFFD. */
static void append_unit(GString *text, guint16 unit, guint16 *high)
{
    gboolean is_high = unit >= 0xD800 && unit < 0xDC00, is_low = unit >= 0xDC00 && unit < 0xE000;
    if (*high != 0 && is_low)
        g_string_append_unichar(text, 0x10000 + ((gunichar)(*high - 0xD800) << 10) + (gunichar)(unit - 0xDC00));
    else if (*high != 0 || is_low)
        g_string_append_unichar(text, UNKNOWN_CHARACTER);
    if (!is_high && !is_low)
        g_string_append_unichar(text, unit);
    *high = is_high ? unit : 0;
}

/* Characters of BIFF8: two octets each, or one where the upper octets are all 0; each piece says which. */
static gboolean take_units(struct pieces *pieces, guint32 count, gboolean wide, GString *text)
{
    guint16 high = 0;
    while (count > 0) {
        guint32 flags;
        if (pieces->at >= pieces->end) {
            if (!take_number(pieces, 1, &flags))
                return FALSE;
            wide = flags & 1;
        }
        guint width = wide ? 2 : 1;
        guint32 here = MIN(count, (pieces->end - pieces->at) / width);
        if (here == 0)
            return FALSE;
        for (guint32 i = 0; i < here; i++, pieces->at += width) {
            const guint8 *octets = pieces->xls->book + pieces->at;
            append_unit(text, wide ? get16(octets) : *octets, &high);
        }
        count -= here;
    }
    if (high != 0)
        g_string_append_unichar(text, UNKNOWN_CHARACTER);
    return TRUE;
}

/* A text of BIFF8; its length has length_octets. What is said of its fonts and readings is skipped. */
static gboolean take_unicode(struct pieces *pieces, guint length_octets, GString *text)
{
    guint32 count, flags, runs = 0, extra = 0;
    if (!take_number(pieces, length_octets, &count) || !take_number(pieces, 1, &flags))
        return count == 0;
    return (!(flags & 8) || take_number(pieces, 2, &runs)) && (!(flags & 4) || take_number(pieces, 4, &extra)) &&
           take_units(pieces, count, flags & 1, text) && skip_octets(pieces, (guint64)runs * 4 + extra);
}

/* A text of BIFF5, in the book's code page. */
static gboolean take_octets(struct xls *xls, struct pieces *pieces, guint length_octets, GString *text)
{
    const guint16 *upper = list_codepage(xls->codepage);
    guint32 count, octet;
    if (!take_number(pieces, length_octets, &count))
        return FALSE;
    for (guint32 i = 0; i < count; i++) {
        if (!take_number(pieces, 1, &octet))
            return FALSE;
        gunichar character = octet < 0x80 ? octet : upper != NULL ? upper[octet - 0x80] : 0;
        xls->foreign |= octet >= 0x80 && upper == NULL;
        g_string_append_unichar(text, character != 0 || octet == 0 ? character : UNKNOWN_CHARACTER);
    }
    return TRUE;
}

static gboolean take_text(struct xls *xls, struct pieces *pieces, guint length_octets, GString *text)
{
    return xls->biff8 ? take_unicode(pieces, length_octets, text) : take_octets(xls, pieces, length_octets, text);
}

/* --- the globals ----------------------------------------------------------------------------- */

static gboolean read_strings(struct xls *xls, const struct record *record, GError **error)
{
    struct pieces pieces = pieces_of(xls, record->at + 8, record->at + record->length);
    guint32 count = record->length >= 8 ? get32(record->data + 4) : 0;
    if (count > LIST_STRINGS_MAX)
        return damaged(xls, "more shared texts than a sheet has cells", error);
    for (guint32 i = 0; i < count && pieces_more(&pieces); i++) {
        if (!take_unicode(&pieces, 2, xls->strings))
            return damaged(xls, "a shared text breaks off", error);
        gsize end = xls->strings->len;
        g_array_append_val(xls->starts, end);
    }
    return TRUE;
}

static gboolean add_sheet(struct xls *xls, const struct record *record, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);
    struct pieces pieces = pieces_of(xls, record->at + 6, record->at + record->length);
    if (record->length < 7 || !take_text(xls, &pieces, 1, name))
        return damaged(xls, "the name of a sheet breaks off", error);
    struct list_sheet *sheet = list_sheets_add(xls->sheets, name->str);
    sheet->offset = get32(record->data);
    sheet->hidden = (record->data[4] & 3) != 0;
    sheet->other = record->data[5] != 0;
    return TRUE;
}

static void add_format(struct xls *xls, const struct record *record)
{
    g_autoptr(GString) code = g_string_new(NULL);
    struct pieces pieces = pieces_of(xls, record->at + 2, record->at + record->length);
    if (record->length > 2 && take_text(xls, &pieces, xls->biff8 ? 2 : 1, code))
        list_formats_add(&xls->formats, get16(record->data), code->str);
}

static gboolean take_global(struct xls *xls, const struct record *record, GError **error)
{
    switch (record->type) {
    case FILEPASS:
        return error_set(error, ERROR_DATA, "%s: the file is protected with a password; save it without one",
                         xls->input->name);
    case CODEPAGE:
        xls->codepage = record->length >= 2 ? get16(record->data) : LIST_CODEPAGE_WESTERN;
        return TRUE;
    case DATE1904:
        xls->date1904 = record->length >= 2 && get16(record->data) == 1;
        return TRUE;
    case BOUNDSHEET:
        return add_sheet(xls, record, error);
    case FORMAT:
        add_format(xls, record);
        return TRUE;
    case XF:
        list_formats_add_cell(&xls->formats, record->length >= 4 ? get16(record->data + 2) : 0);
        return TRUE;
    case SST:
        return read_strings(xls, record, error);
    default:
        return TRUE;
    }
}

/* Reads up to the end of the globals. A book that begins with a sheet has no globals and this one sheet. */
static gboolean read_globals(struct xls *xls, GError **error)
{
    struct record record;
    guint32 at = 0;
    if (!next_record(xls, &at, &record) || record.type != BEGIN || record.length < 4)
        return damaged(xls, "the workbook does not begin as one", error);
    xls->biff8 = get16(record.data) == VERSION_BIFF8;
    if (get16(record.data + 2) == SUBSTREAM_SHEET) {
        list_sheets_add(xls->sheets, "Sheet1");
        return TRUE;
    }
    while (next_record(xls, &at, &record)) {
        if (record.type == END)
            return TRUE;
        if (!take_global(xls, &record, error))
            return FALSE;
    }
    return damaged(xls, "the workbook breaks off", error);
}

/* --- the sheet ------------------------------------------------------------------------------- */

/* The cells of a sheet, and which of its rows are hidden. */
struct sheet_index {
    GArray *cells;              /* of struct cell */
    gboolean in_order;
    guint8 hidden[ROWS_MAX / 8];
};

/* The least octets of the content of a cell's record, or 0 for records that are no such cell. */
static guint least_length(guint16 type)
{
    switch (type) {
    case NUMBER:
    case FORMULA:
    case FORMULA_3:
    case FORMULA_4:
        return 14;
    case RK:
    case LABELSST:
        return 10;
    case LABEL:
    case RSTRING:
    case BOOLERR:
        return 8;
    default:
        return 0;
    }
}

static void add_cell(struct sheet_index *index, guint16 type, guint32 row, guint32 column, guint32 at)
{
    struct cell cell = {.place = row << 16 | column, .at = at, .type = type};
    const struct cell *last = index->cells->len > 0 ? &g_array_index(index->cells, struct cell, index->cells->len - 1)
                                                    : NULL;
    index->in_order = index->in_order && (last == NULL || last->place < cell.place);
    g_array_append_val(index->cells, cell);
}

/* Numbers side by side in one record: row, first column, then style and value of each, and the last column. */
static void add_numbers(struct sheet_index *index, const struct record *record)
{
    guint count = record->length >= 6 ? (record->length - 6u) / 6u : 0;
    for (guint i = 0; i < count; i++)
        add_cell(index, MULRK, get16(record->data), get16(record->data + 2) + i, record->at + 6 * i);
}

static void take_row(struct sheet_index *index, const struct record *record)
{
    guint row = record->length >= 14 ? get16(record->data) : 0;
    if (record->length >= 14 && (get16(record->data + 12) & 0x20))
        index->hidden[row / 8] |= (guint8)(1u << row % 8);
}

static void take_record(struct sheet_index *index, const struct record *record)
{
    guint least = least_length(record->type);
    if (record->type == MULRK)
        add_numbers(index, record);
    else if (record->type == ROW)
        take_row(index, record);
    else if (least > 0 && record->length >= least)
        add_cell(index, record->type, get16(record->data), get16(record->data + 2), record->at);
}

/* By place; of cells at the same place the later one in the file is the later one here. */
static int compare_cells(const void *left, const void *right)
{
    const struct cell *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Notes where the cells are, from the sheet's beginning to its end, leaving out what is nested in it. */
static gboolean index_sheet(const struct xls *xls, const struct list_sheet *sheet, struct sheet_index *index,
                            GError **error)
{
    struct record record;
    guint32 at = sheet->offset;
    if (!next_record(xls, &at, &record) || record.type != BEGIN)
        return damaged(xls, "the sheet is not where the workbook says", error);
    for (guint depth = 1; depth > 0 && depth <= NESTING_MAX;) {
        if (!next_record(xls, &at, &record))
            return damaged(xls, "the sheet breaks off", error);
        if (record.type == BEGIN)
            depth++;
        else if (record.type == END)
            depth--;
        else if (depth == 1)
            take_record(index, &record);
    }
    if (!index->in_order)
        g_array_sort(index->cells, compare_cells);
    return TRUE;
}

static double number_of_rk(guint32 rk)
{
    double number;
    if (rk & 2)
        number = (gint32)rk >> 2;
    else {
        guint64 bits = (guint64)(rk & ~3u) << 32;
        memcpy(&number, &bits, sizeof number);
    }
    return rk & 1 ? number / 100 : number;
}

static const char *error_name(guint8 code)
{
    static const struct {
        guint8 code;
        const char *name;
    } names[] = {
        {0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0F, "#VALUE!"}, {0x17, "#REF!"},
        {0x1D, "#NAME?"}, {0x24, "#NUM!"},   {0x2A, "#N/A"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].code == code)
            return names[i].name;
    return "#ERROR!";
}

static void show_boolean_or_error(gboolean is_error, guint8 value, GString *shown)
{
    g_string_append(shown, is_error ? error_name(value) : value != 0 ? "TRUE" : "FALSE");
}

static void show_number(const struct xls *xls, const struct cell *cell, double number, GString *shown)
{
    guint16 style = get16(xls->book + cell->at + 4);
    list_show_number(number, list_formats_cell(&xls->formats, style), xls->date1904, shown);
}

static void show_double(const struct xls *xls, const struct cell *cell, GString *shown)
{
    guint64 bits = get32(xls->book + cell->at + 6) | (guint64)get32(xls->book + cell->at + 10) << 32;
    double number;
    memcpy(&number, &bits, sizeof number);
    show_number(xls, cell, number, shown);
}

static guint32 content_end(const struct xls *xls, const struct cell *cell)
{
    return cell->at + get16(xls->book + cell->at - 2);
}

/* The text that a formula gave stands in a record of its own, at most a few records behind it. */
static gboolean show_formula_text(struct xls *xls, const struct cell *cell, GString *shown)
{
    struct record record;
    guint32 at = content_end(xls, cell);
    while (next_record(xls, &at, &record) && least_length(record.type) == 0 && record.type != END) {
        if (record.type != STRING)
            continue;
        struct pieces pieces = pieces_of(xls, record.at, record.at + record.length);
        return take_text(xls, &pieces, 2, shown);
    }
    return TRUE;
}

static gboolean show_formula(struct xls *xls, const struct cell *cell, GString *shown)
{
    const guint8 *value = xls->book + cell->at + 6;
    if (get16(value + 6) != 0xFFFF)
        show_double(xls, cell, shown);
    else if (value[0] == 0)
        return show_formula_text(xls, cell, shown);
    else if (value[0] != 3)
        show_boolean_or_error(value[0] == 2, value[2], shown);
    return TRUE;
}

static gboolean show_shared(const struct xls *xls, const struct cell *cell, GString *shown)
{
    guint32 number = get32(xls->book + cell->at + 6);
    if (number >= xls->starts->len - 1)
        return FALSE;
    gsize start = g_array_index(xls->starts, gsize, number), end = g_array_index(xls->starts, gsize, number + 1);
    g_string_append_len(shown, xls->strings->str + start, (gssize)(end - start));
    return TRUE;
}

/* Appends what the cell shows. FALSE where it points to nothing. */
static gboolean show_cell(struct xls *xls, const struct cell *cell, GString *shown)
{
    const guint8 *value = xls->book + cell->at + 6;
    struct pieces pieces;
    switch (cell->type) {
    case RK:
    case MULRK:
        show_number(xls, cell, number_of_rk(get32(value)), shown);
        return TRUE;
    case NUMBER:
        show_double(xls, cell, shown);
        return TRUE;
    case BOOLERR:
        show_boolean_or_error(value[1] != 0, value[0], shown);
        return TRUE;
    case FORMULA:
    case FORMULA_3: /* of BIFF3 and BIFF4, which Numbers writes today */
    case FORMULA_4:
        return show_formula(xls, cell, shown);
    case LABELSST:
        return show_shared(xls, cell, shown);
    default:
        pieces = pieces_of(xls, cell->at + 6, content_end(xls, cell));
        return take_text(xls, &pieces, 2, shown);
    }
}

static gboolean refuse_cell(const struct xls *xls, guint row, GError **error)
{
    g_autofree char *what = g_strdup_printf("row %u: a cell's text is missing or breaks off", row);
    return damaged(xls, what, error);
}

static gboolean hand_on_cells(struct xls *xls, const struct sheet_index *index, struct list_builder *builder,
                              GError **error)
{
    g_autoptr(GString) shown = g_string_new(NULL);
    guint hidden = 0;
    for (guint i = 0; i < index->cells->len; i++) {
        const struct cell *cell = &g_array_index(index->cells, struct cell, i);
        const struct cell *next = i + 1 < index->cells->len ? cell + 1 : NULL;
        guint row = cell->place >> 16;
        g_string_truncate(shown, 0);
        if (!show_cell(xls, cell, shown))
            return refuse_cell(xls, row + 1, error);
        if ((next == NULL || next->place != cell->place) &&
            !list_builder_add(builder, row + 1, cell->place & 0xFFFF, shown->str, shown->len, error))
            return FALSE;
        if (next != NULL && next->place >> 16 == row)
            continue;
        hidden += builder->count > 0 && (index->hidden[row / 8] >> row % 8 & 1);
        if (!list_builder_end(builder, row + 1, 1, error))
            return FALSE;
    }
    list_sheets_note_hidden(xls->input, hidden);
    return TRUE;
}

static gboolean read_sheet(struct xls *xls, const struct list_sheet *sheet, GError **error)
{
    struct sheet_index index = {.cells = g_array_new(FALSE, FALSE, sizeof(struct cell)), .in_order = TRUE};
    struct list_builder builder;
    list_builder_init(&builder, xls->input);
    gboolean fine = index_sheet(xls, sheet, &index, error) && hand_on_cells(xls, &index, &builder, error);
    if (fine && xls->foreign)
        fine = error_set(error, ERROR_DATA,
                         "%s: the texts are in code page %u, which is not known here; open the file in a spreadsheet "
                         "program and save it as .xlsx", xls->input->name, xls->codepage);
    list_builder_release(&builder);
    g_array_unref(index.cells);
    return fine;
}

/* --- the whole ------------------------------------------------------------------------------- */

static gboolean read_book(const struct list_input *input, const guint8 *book, guint32 size, GError **error)
{
    struct xls xls = {.input = input, .book = book, .size = size, .codepage = LIST_CODEPAGE_WESTERN};
    xls.sheets = list_sheets_new();
    xls.strings = g_string_new(NULL);
    xls.starts = g_array_new(FALSE, TRUE, sizeof(gsize));
    g_array_set_size(xls.starts, 1);
    list_formats_init(&xls.formats);
    const struct list_sheet *sheet = read_globals(&xls, error) ? list_sheets_choose(xls.sheets, input, error) : NULL;
    gboolean fine = sheet != NULL && read_sheet(&xls, sheet, error);
    g_ptr_array_unref(xls.sheets);
    g_string_free(xls.strings, TRUE);
    g_array_unref(xls.starts);
    list_formats_release(&xls.formats);
    return fine;
}

/* Compound files that are no list that we read, and what to do; NULL where it may be one. */
static const char *other_kind(const struct list_cfb *cfb)
{
    if (list_cfb_has(cfb, "EncryptedPackage"))
        return "is protected with a password; save it without one";
    if (!list_cfb_has(cfb, "Workbook") && !list_cfb_has(cfb, "Book"))
        return "is an old Office file but no table; ask for the list as .xlsx or .csv";
    if (list_cfb_has(cfb, "_VBA_PROJECT_CUR"))
        return "holds macros; open it in a spreadsheet program and save it as .xlsx, without them";
    return NULL;
}

gboolean list_read_xls(const struct list_input *input, GError **error)
{
    if (input->size < LIST_CFB_MARK_LENGTH || memcmp(input->data, LIST_CFB_MARK, LIST_CFB_MARK_LENGTH) != 0)
        return read_book(input, input->data, (guint32)input->size, error);
    struct list_cfb *cfb = list_cfb_open(input, error);
    if (cfb == NULL)
        return FALSE;
    const char *other = other_kind(cfb);
    if (other != NULL) {
        list_cfb_free(cfb);
        return error_set(error, ERROR_DATA, "%s: the file %s", input->name, other);
    }
    GByteArray *book = list_cfb_read(cfb, list_cfb_has(cfb, "Workbook") ? "Workbook" : "Book", error);
    list_cfb_free(cfb);
    gboolean fine = book != NULL && read_book(input, book->data, book->len, error);
    if (book != NULL)
        g_byte_array_unref(book);
    return fine;
}
