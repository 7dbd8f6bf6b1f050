/*
 * list_xlsx.c - .xlsx files (ISO/IEC 29500, transitional and strict) as streams of rows; see list_reader.h.
 *
 * The way through the file: the package's relationships name the workbook, the workbook names its sheets, the
 * workbook's relationships name their parts and those of the shared strings and styles. Everything else is left alone:
 * formulas (their saved values are read), external links, pictures, macros (such files are refused).
 */
#include "importer/list_reader.h"
#include "importer/list_sheets.h"
#include "importer/list_value.h"
#include "importer/list_zip.h"

#include <string.h>

#include "lib/error.h"

/* The names that are looked at, in all parts. */
enum word {
    OTHER,
    ELEMENT_RELATIONSHIP, ATTRIBUTE_ID, ATTRIBUTE_TYPE, ATTRIBUTE_TARGET, ATTRIBUTE_TARGET_MODE,
    ELEMENT_WORKBOOK_PR, ELEMENT_SHEET, ATTRIBUTE_DATE1904, ATTRIBUTE_NAME, ATTRIBUTE_STATE, ATTRIBUTE_PART,
    ELEMENT_CELL_XFS, ELEMENT_XF, ELEMENT_NUM_FMT, ATTRIBUTE_NUM_FMT_ID, ATTRIBUTE_FORMAT_CODE,
    ELEMENT_SI, ELEMENT_T, ELEMENT_R_PH,
    ELEMENT_ROW, ELEMENT_C, ELEMENT_V, ELEMENT_F, ATTRIBUTE_HIDDEN, ATTRIBUTE_R, ATTRIBUTE_S, ATTRIBUTE_T,
};

static const char *const main_spaces[] = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main", NULL};
static const char *const package_spaces[] = {"http://schemas.openxmlformats.org/package/2006/relationships", NULL};
static const char *const id_spaces[] = {
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships", NULL};

static const struct list_xml_name names[] = {
    {ELEMENT_RELATIONSHIP, package_spaces, "Relationship"},
    {ATTRIBUTE_ID, NULL, "Id"},
    {ATTRIBUTE_TYPE, NULL, "Type"},
    {ATTRIBUTE_TARGET, NULL, "Target"},
    {ATTRIBUTE_TARGET_MODE, NULL, "TargetMode"},
    {ELEMENT_WORKBOOK_PR, main_spaces, "workbookPr"},
    {ELEMENT_SHEET, main_spaces, "sheet"},
    {ATTRIBUTE_DATE1904, NULL, "date1904"},
    {ATTRIBUTE_NAME, NULL, "name"},
    {ATTRIBUTE_STATE, NULL, "state"},
    {ATTRIBUTE_PART, id_spaces, "id"},
    {ELEMENT_CELL_XFS, main_spaces, "cellXfs"},
    {ELEMENT_XF, main_spaces, "xf"},
    {ELEMENT_NUM_FMT, main_spaces, "numFmt"},
    {ATTRIBUTE_NUM_FMT_ID, NULL, "numFmtId"},
    {ATTRIBUTE_FORMAT_CODE, NULL, "formatCode"},
    {ELEMENT_SI, main_spaces, "si"},
    {ELEMENT_T, main_spaces, "t"},
    {ELEMENT_R_PH, main_spaces, "rPh"},
    {ELEMENT_ROW, main_spaces, "row"},
    {ELEMENT_C, main_spaces, "c"},
    {ELEMENT_V, main_spaces, "v"},
    {ELEMENT_F, main_spaces, "f"},
    {ATTRIBUTE_HIDDEN, NULL, "hidden"},
    {ATTRIBUTE_R, NULL, "r"},
    {ATTRIBUTE_S, NULL, "s"},
    {ATTRIBUTE_T, NULL, "t"},
    {OTHER, NULL, NULL},
};

struct relationship {
    char *id;
    char *type; /* the last word of the type's URI, e.g. "worksheet" */
    char *part; /* name in the zip, without the leading / */
};

/* Texts end to end; string i is from starts[i] to starts[i + 1]. */
struct strings {
    GString *text;
    GArray *starts; /* of gsize */
};

struct xlsx {
    const struct list_input *input;
    struct list_zip *zip;
    GPtrArray *relationships;   /* of the part read last */
    const char *base;           /* the part that the relationships belong to, for relative names */
    GPtrArray *sheets;          /* of struct list_sheet; part is the relationship's id until it is resolved */
    gboolean date1904;
    struct strings strings;
    struct list_formats formats;
};

static gboolean is_true(const char *value)
{
    return value != NULL && (list_xml_is(value, "1") || list_xml_is(value, "true"));
}

/* --- relationships --------------------------------------------------------------------------- */

static void relationship_free(void *pointer)
{
    struct relationship *relationship = pointer;
    g_free(relationship->id);
    g_free(relationship->type);
    g_free(relationship->part);
    g_free(relationship);
}

/* The name in the zip of a target, which is absolute, or relative to the folder of the part `base`. */
static char *resolve(const char *base, const char *target)
{
    g_autofree char *folder = g_path_get_dirname(base);
    g_autofree char *path = target[0] == '/' ? g_strdup(target) : g_strdup_printf("/%s/%s", folder, target);
    g_autofree char *clean = g_canonicalize_filename(path, "/");
    return g_strdup(clean + strspn(clean, "/"));
}

static gboolean start_relationship(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)error;
    struct xlsx *xlsx = cookie;
    const char *id = list_xml_attribute(attributes, ATTRIBUTE_ID);
    const char *type = list_xml_attribute(attributes, ATTRIBUTE_TYPE);
    const char *target = list_xml_attribute(attributes, ATTRIBUTE_TARGET);
    const char *mode = list_xml_attribute(attributes, ATTRIBUTE_TARGET_MODE);
    if (word != ELEMENT_RELATIONSHIP || id == NULL || type == NULL || target == NULL ||
        (mode != NULL && list_xml_is(mode, "External")))
        return TRUE;
    const char *slash = strrchr(type, '/');
    struct relationship *relationship = g_new0(struct relationship, 1);
    relationship->id = g_strdup(id);
    relationship->type = g_strdup(slash != NULL ? slash + 1 : type);
    relationship->part = resolve(xlsx->base, target);
    g_ptr_array_add(xlsx->relationships, relationship);
    return TRUE;
}

/* Reads the relationships of a part ("" for the package) into xlsx->relationships. */
static gboolean read_relationships(struct xlsx *xlsx, const char *part, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_relationship};
    g_autofree char *folder = g_path_get_dirname(part);
    g_autofree char *file = *part != '\0' ? g_path_get_basename(part) : g_strdup("");
    g_autofree char *path = list_xml_is(folder, ".") ? g_strdup_printf("_rels/%s.rels", file)
                                            : g_strdup_printf("%s/_rels/%s.rels", folder, file);
    g_ptr_array_set_size(xlsx->relationships, 0);
    xlsx->base = part;
    gboolean fine = list_zip_read(xlsx->zip, path, &xml, xlsx, error);
    xlsx->base = NULL;
    return fine;
}

static const struct relationship *find_by_type(const struct xlsx *xlsx, const char *type)
{
    for (guint i = 0; i < xlsx->relationships->len; i++) {
        const struct relationship *relationship = xlsx->relationships->pdata[i];
        if (list_xml_is(relationship->type, type))
            return relationship;
    }
    return NULL;
}

static const struct relationship *find_by_id(const struct xlsx *xlsx, const char *id)
{
    for (guint i = 0; i < xlsx->relationships->len; i++) {
        const struct relationship *relationship = xlsx->relationships->pdata[i];
        if (list_xml_is(relationship->id, id))
            return relationship;
    }
    return NULL;
}

/* --- the workbook ---------------------------------------------------------------------------- */

static gboolean start_workbook(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)error;
    struct xlsx *xlsx = cookie;
    if (word == ELEMENT_WORKBOOK_PR)
        xlsx->date1904 = is_true(list_xml_attribute(attributes, ATTRIBUTE_DATE1904));
    if (word != ELEMENT_SHEET)
        return TRUE;
    const char *id = list_xml_attribute(attributes, ATTRIBUTE_PART);
    const char *sheet_name = list_xml_attribute(attributes, ATTRIBUTE_NAME);
    const char *state = list_xml_attribute(attributes, ATTRIBUTE_STATE);
    if (id == NULL || sheet_name == NULL)
        return TRUE;
    struct list_sheet *sheet = list_sheets_add(xlsx->sheets, sheet_name);
    sheet->part = g_strdup(id);
    sheet->hidden = state != NULL && !list_xml_is(state, "visible");
    return TRUE;
}

/* Turns the ids of the sheets' relationships into the names of their parts. */
static void resolve_sheets(struct xlsx *xlsx)
{
    for (guint i = 0; i < xlsx->sheets->len; i++) {
        struct list_sheet *sheet = xlsx->sheets->pdata[i];
        const struct relationship *relationship = find_by_id(xlsx, sheet->part);
        sheet->other = relationship == NULL || !list_xml_is(relationship->type, "worksheet");
        g_free(sheet->part);
        sheet->part = sheet->other ? NULL : g_strdup(relationship->part);
    }
}

/* --- texts: plain or rich, without phonetic hints -------------------------------------------- */

/* Gathers the t elements of an si or is; those below rPh are readings, no text. */
struct text_state {
    GString *text;
    gboolean in_text;
    gboolean in_phonetic;
};

static void text_start(struct text_state *state, int word)
{
    if (word == ELEMENT_R_PH)
        state->in_phonetic = TRUE;
    else if (word == ELEMENT_T)
        state->in_text = !state->in_phonetic;
}

static void text_end(struct text_state *state, int word)
{
    if (word == ELEMENT_R_PH)
        state->in_phonetic = FALSE;
    else if (word == ELEMENT_T)
        state->in_text = FALSE;
}

struct strings_reading {
    struct xlsx *xlsx;
    struct text_state state;
};

static gboolean start_string(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)attributes;
    (void)error;
    struct strings_reading *reading = cookie;
    text_start(&reading->state, word);
    return TRUE;
}

static gboolean string_text(void *cookie, const char *text, size_t length, GError **error)
{
    (void)error;
    struct strings_reading *reading = cookie;
    if (reading->state.in_text)
        g_string_append_len(reading->state.text, text, (gssize)length);
    return TRUE;
}

static gboolean end_string(void *cookie, int word, GError **error)
{
    struct strings_reading *reading = cookie;
    struct strings *strings = &reading->xlsx->strings;
    text_end(&reading->state, word);
    if (word != ELEMENT_SI)
        return TRUE;
    list_unescape(strings->text, g_array_index(strings->starts, gsize, strings->starts->len - 1));
    gsize end = strings->text->len;
    g_array_append_val(strings->starts, end);
    if (strings->starts->len - 1 > LIST_STRINGS_MAX)
        return error_set(error, ERROR_DATA, "%s: more than %u different texts; divide the list",
                         reading->xlsx->input->name, LIST_STRINGS_MAX);
    return TRUE;
}

static gboolean read_strings(struct xlsx *xlsx, const char *part, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_string, .end = end_string, .text = string_text};
    struct strings_reading reading = {.xlsx = xlsx, .state = {.text = xlsx->strings.text}};
    return list_zip_read(xlsx->zip, part, &xml, &reading, error);
}

/* --- styles ---------------------------------------------------------------------------------- */

struct styles_reading {
    struct list_formats *formats;
    gboolean in_cells; /* within cellXfs, whose order the cells refer to */
};

static gboolean start_styles(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)error;
    struct styles_reading *reading = cookie;
    const char *id = list_xml_attribute(attributes, ATTRIBUTE_NUM_FMT_ID);
    const char *code = list_xml_attribute(attributes, ATTRIBUTE_FORMAT_CODE);
    guint number = 0;
    if (word == ELEMENT_CELL_XFS)
        reading->in_cells = TRUE;
    else if (word == ELEMENT_NUM_FMT && id != NULL && code != NULL && list_xml_number(id, &number))
        list_formats_add(reading->formats, number, code);
    else if (word == ELEMENT_XF && reading->in_cells) {
        if (id == NULL || !list_xml_number(id, &number))
            number = 0;
        list_formats_add_cell(reading->formats, number);
    }
    return TRUE;
}

static gboolean end_styles(void *cookie, int word, GError **error)
{
    (void)error;
    struct styles_reading *reading = cookie;
    if (word == ELEMENT_CELL_XFS)
        reading->in_cells = FALSE;
    return TRUE;
}

static gboolean read_styles(struct xlsx *xlsx, const char *part, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_styles, .end = end_styles};
    struct styles_reading reading = {.formats = &xlsx->formats};
    return list_zip_read(xlsx->zip, part, &xml, &reading, error);
}

/* --- the sheet ------------------------------------------------------------------------------- */

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_INLINE, CELL_TEXT, CELL_BOOLEAN, CELL_DATE, CELL_ERROR };

struct sheet_reading {
    const struct xlsx *xlsx;
    struct list_builder builder;
    GString *value;         /* of the cell */
    GString *number;        /* a number as it is shown */
    struct text_state state;
    gboolean in_value;      /* within v */
    gboolean has_value;     /* a v was in the cell */
    gboolean has_formula;
    gboolean in_cell;
    guint row;
    guint column;           /* the next, or that of the cell being read */
    enum cell_type type;
    guint style;
    gboolean row_hidden;
    guint hidden_rows;      /* that hold something */
    guint valueless;        /* formulas whose value was not saved */
};

/* Column (from 0) of a reference such as "AB12"; FALSE where it is none. */
static gboolean read_column(const char *reference, guint *column_r)
{
    guint column = 0, letters = 0;
    for (; g_ascii_isalpha(reference[letters]) && letters < 4; letters++)
        column = column * 26 + (guint)(g_ascii_toupper(reference[letters]) - 'A' + 1);
    if (letters == 0 || letters > 3)
        return FALSE;
    *column_r = column - 1;
    return TRUE;
}

static gboolean damaged(const struct sheet_reading *reading, const char *what, GError **error)
{
    return error_set(error, ERROR_DATA,
                     "%s: row %u: %s; the file is damaged: open it in a spreadsheet program and save it "
                     "anew as .xlsx",
                     reading->xlsx->input->name, reading->row, what);
}

static gboolean start_row(struct sheet_reading *reading, const struct list_xml_attribute *attributes, GError **error)
{
    const char *number = list_xml_attribute(attributes, ATTRIBUTE_R);
    reading->row++;
    reading->column = 0;
    if (number != NULL && !list_xml_number(number, &reading->row))
        return damaged(reading, "the next row's number is none", error);
    reading->row_hidden = is_true(list_xml_attribute(attributes, ATTRIBUTE_HIDDEN));
    return TRUE;
}

static enum cell_type cell_type(const char *name)
{
    if (name == NULL || list_xml_is(name, "n"))
        return CELL_NUMBER;
    if (list_xml_is(name, "s"))
        return CELL_SHARED;
    if (list_xml_is(name, "inlineStr"))
        return CELL_INLINE;
    if (list_xml_is(name, "str"))
        return CELL_TEXT;
    if (list_xml_is(name, "d"))
        return CELL_DATE;
    return list_xml_is(name, "b") ? CELL_BOOLEAN : CELL_ERROR;
}

static gboolean start_cell(struct sheet_reading *reading, const struct list_xml_attribute *attributes, GError **error)
{
    const char *reference = list_xml_attribute(attributes, ATTRIBUTE_R);
    const char *style = list_xml_attribute(attributes, ATTRIBUTE_S);
    if (reference != NULL && !read_column(reference, &reading->column))
        return damaged(reading, "a cell's place can't be read", error);
    reading->type = cell_type(list_xml_attribute(attributes, ATTRIBUTE_T));
    if (style == NULL || !list_xml_number(style, &reading->style))
        reading->style = 0;
    reading->in_cell = TRUE;
    reading->has_value = reading->has_formula = FALSE;
    g_string_truncate(reading->value, 0);
    return TRUE;
}

static gboolean start_sheet(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    struct sheet_reading *reading = cookie;
    switch (word) {
    case ELEMENT_C:
        return start_cell(reading, attributes, error);
    case ELEMENT_ROW:
        return start_row(reading, attributes, error);
    case ELEMENT_V:
        reading->in_value = reading->has_value = reading->in_cell;
        return TRUE;
    case ELEMENT_F:
        reading->has_formula = TRUE;
        return TRUE;
    default:
        text_start(&reading->state, word);
        return TRUE;
    }
}

static gboolean sheet_text(void *cookie, const char *text, size_t length, GError **error)
{
    (void)error;
    struct sheet_reading *reading = cookie;
    gboolean is_inline = reading->type == CELL_INLINE;
    if (reading->in_cell && (is_inline ? reading->state.in_text : reading->in_value))
        g_string_append_len(reading->value, text, (gssize)length);
    return TRUE;
}

/* A text that stands elsewhere. */
struct shown {
    const char *text;
    size_t length;
};

static struct shown shown_string(const GString *string)
{
    return (struct shown){string->str, string->len};
}

/* The shared string that the value is the number of. */
static gboolean look_up_string(const struct sheet_reading *reading, struct shown *shown_r, GError **error)
{
    const struct strings *strings = &reading->xlsx->strings;
    guint number;
    if (!list_xml_number(reading->value->str, &number) || number + 1 >= strings->starts->len)
        return damaged(reading, "a cell refers to a text that the file does not hold", error);
    gsize start = g_array_index(strings->starts, gsize, number);
    gsize end = g_array_index(strings->starts, gsize, number + 1);
    *shown_r = (struct shown){strings->text->str + start, end - start};
    return TRUE;
}

/* A number or date as a spreadsheet program shows it. */
static struct shown show_number(const struct sheet_reading *reading)
{
    const struct xlsx *xlsx = reading->xlsx;
    g_string_truncate(reading->number, 0);
    if (reading->type == CELL_DATE)
        list_show_date(reading->value->str, reading->number);
    else
        list_show_decimal(reading->value->str, list_formats_cell(&xlsx->formats, reading->style), xlsx->date1904,
                          reading->number);
    return shown_string(reading->number);
}

/* The cell as a spreadsheet program shows it. */
static gboolean show_cell(struct sheet_reading *reading, struct shown *shown_r, GError **error)
{
    *shown_r = shown_string(reading->value);
    if (reading->value->len == 0)
        return TRUE;
    switch (reading->type) {
    case CELL_SHARED:
        return look_up_string(reading, shown_r, error);
    case CELL_INLINE:
    case CELL_TEXT:
        list_unescape(reading->value, 0);
        *shown_r = shown_string(reading->value);
        return TRUE;
    case CELL_BOOLEAN:
        shown_r->text = is_true(reading->value->str) ? "TRUE" : "FALSE";
        shown_r->length = strlen(shown_r->text);
        return TRUE;
    case CELL_NUMBER:
    case CELL_DATE:
        *shown_r = show_number(reading);
        return TRUE;
    case CELL_ERROR:
        break;
    }
    return TRUE;
}

static gboolean end_cell(struct sheet_reading *reading, GError **error)
{
    struct shown shown;
    reading->in_cell = FALSE;
    reading->in_value = FALSE;
    reading->valueless += reading->has_formula && !reading->has_value;
    return show_cell(reading, &shown, error) &&
           list_builder_add(&reading->builder, reading->row, reading->column++, shown.text, shown.length, error);
}

static gboolean end_row(struct sheet_reading *reading, GError **error)
{
    reading->hidden_rows += reading->row_hidden && reading->builder.count > 0;
    return list_builder_end(&reading->builder, reading->row, 1, error);
}

static gboolean end_sheet(void *cookie, int word, GError **error)
{
    struct sheet_reading *reading = cookie;
    switch (word) {
    case ELEMENT_C:
        return end_cell(reading, error);
    case ELEMENT_ROW:
        return end_row(reading, error);
    case ELEMENT_V:
        reading->in_value = FALSE;
        return TRUE;
    default:
        text_end(&reading->state, word);
        return TRUE;
    }
}

static gboolean read_sheet(const struct xlsx *xlsx, const char *part, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_sheet, .end = end_sheet, .text = sheet_text};
    struct sheet_reading reading = {
        .xlsx = xlsx, .value = g_string_sized_new(256), .number = g_string_sized_new(256)};
    list_builder_init(&reading.builder, xlsx->input);
    gboolean fine = list_zip_read(xlsx->zip, part, &xml, &reading, error);
    if (fine)
        list_sheets_note_hidden(xlsx->input, reading.hidden_rows);
    if (fine && reading.valueless > 0)
        list_note(xlsx->input, "formulas whose value is not saved, read as empty cells: %u; open the list in a "
                  "spreadsheet program and save it", reading.valueless);
    list_builder_release(&reading.builder);
    g_string_free(reading.value, TRUE);
    g_string_free(reading.number, TRUE);
    return fine;
}

/* --- the whole ------------------------------------------------------------------------------- */

static void xlsx_init(struct xlsx *xlsx, const struct list_input *input, struct list_zip *zip)
{
    *xlsx = (struct xlsx){.input = input, .zip = zip};
    xlsx->relationships = g_ptr_array_new_with_free_func(relationship_free);
    xlsx->sheets = list_sheets_new();
    xlsx->strings.text = g_string_new(NULL);
    xlsx->strings.starts = g_array_new(FALSE, TRUE, sizeof(gsize));
    g_array_set_size(xlsx->strings.starts, 1);
    list_formats_init(&xlsx->formats);
}

static void xlsx_release(struct xlsx *xlsx)
{
    g_ptr_array_unref(xlsx->relationships);
    g_ptr_array_unref(xlsx->sheets);
    g_string_free(xlsx->strings.text, TRUE);
    g_array_unref(xlsx->strings.starts);
    list_formats_release(&xlsx->formats);
}

/* Zip files that are no .xlsx; NULL where it may be one. */
static const char *other_kind(const struct list_zip *zip)
{
    if (list_zip_has(zip, "xl/workbook.bin"))
        return "is a binary Excel workbook (.xlsb); open it in Excel and save it as .xlsx";
    if (list_zip_has(zip, "xl/vbaProject.bin"))
        return "holds macros (.xlsm); open it in Excel and save it as .xlsx, without them";
    if (list_zip_has(zip, "word/document.xml") || list_zip_has(zip, "ppt/presentation.xml"))
        return "is no table but another Office document; ask for the list as .xlsx or .csv";
    if (!list_zip_has(zip, "_rels/.rels"))
        return "is a zip archive but no .xlsx; if the list is inside, unpack it first";
    return NULL;
}

/* Reads everything that the sheet refers to, and chooses the sheet. */
static gboolean read_workbook(struct xlsx *xlsx, const struct list_sheet **sheet_r, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_workbook};
    if (!read_relationships(xlsx, "", error))
        return FALSE;
    const struct relationship *found = find_by_type(xlsx, "officeDocument");
    if (found == NULL)
        return error_set(error, ERROR_DATA,
                         "%s: the file names no workbook; open it in a spreadsheet program and save it "
                         "anew as .xlsx",
                         xlsx->input->name);
    g_autofree char *workbook = g_strdup(found->part);
    if (!list_zip_read(xlsx->zip, workbook, &xml, xlsx, error) || !read_relationships(xlsx, workbook, error))
        return FALSE;
    resolve_sheets(xlsx);
    *sheet_r = list_sheets_choose(xlsx->sheets, xlsx->input, error);
    if (*sheet_r == NULL)
        return FALSE;
    found = find_by_type(xlsx, "styles");
    if (found != NULL && list_zip_has(xlsx->zip, found->part) && !read_styles(xlsx, found->part, error))
        return FALSE;
    found = find_by_type(xlsx, "sharedStrings");
    return found == NULL || !list_zip_has(xlsx->zip, found->part) || read_strings(xlsx, found->part, error);
}

gboolean list_read_xlsx(const struct list_input *input, struct list_zip *zip, GError **error)
{
    const char *other = other_kind(zip);
    if (other != NULL)
        return error_set(error, ERROR_DATA, "%s: the file %s", input->name, other);
    struct xlsx xlsx;
    const struct list_sheet *sheet = NULL;
    xlsx_init(&xlsx, input, zip);
    gboolean fine = read_workbook(&xlsx, &sheet, error) && read_sheet(&xlsx, sheet->part, error);
    xlsx_release(&xlsx);
    return fine;
}
