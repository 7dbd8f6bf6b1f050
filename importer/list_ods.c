/*
 * list_ods.c - OpenDocument spreadsheets (ISO/IEC 26300) as streams of rows; see list_reader.h.
 *
 * All sheets are in one part, so it is read once from top to bottom and the rows of one sheet are handed on. Cells and
 * rows come with repeat counts, which spreadsheet programs use to fill up to a million rows with nothing: what is empty
 * is only counted.
 */
#include "importer/list_reader.h"
#include "importer/list_sheets.h"
#include "importer/list_value.h"
#include "importer/list_zip.h"

#include <string.h>

#include "lib/error.h"

#define TIME_MAX 4e9            /* seconds of a duration that are shown as hours */

#define NAMESPACE(name) "urn:oasis:names:tc:opendocument:xmlns:" name

/* The names that are looked at, in all parts. */
enum word {
    OTHER,
    ELEMENT_TABLE, ELEMENT_ROW, ELEMENT_CELL, ELEMENT_STYLE, ELEMENT_TABLE_PROPERTIES, ELEMENT_ENCRYPTION_DATA,
    ELEMENT_PARAGRAPH, ELEMENT_SPACES, ELEMENT_TAB, ELEMENT_LINE_BREAK, ELEMENT_OTHER_TEXT,
    ATTRIBUTE_TABLE_NAME, ATTRIBUTE_TABLE_STYLE, ATTRIBUTE_STYLE_NAME, ATTRIBUTE_DISPLAY, ATTRIBUTE_VISIBILITY,
    ATTRIBUTE_ROWS, ATTRIBUTE_COLUMNS, ATTRIBUTE_SPACES,
    ATTRIBUTE_TYPE, ATTRIBUTE_VALUE, ATTRIBUTE_DATE, ATTRIBUTE_TIME, ATTRIBUTE_BOOLEAN, ATTRIBUTE_STRING,
};

static const char *const table_spaces[] = {NAMESPACE("table:1.0"), NULL};
static const char *const text_spaces[] = {NAMESPACE("text:1.0"), NULL};
static const char *const style_spaces[] = {NAMESPACE("style:1.0"), NULL};
static const char *const office_spaces[] = {NAMESPACE("office:1.0"), NULL};
static const char *const manifest_spaces[] = {NAMESPACE("manifest:1.0"), NULL};

static const struct list_xml_name names[] = {
    {ELEMENT_TABLE, table_spaces, "table"},
    {ELEMENT_ROW, table_spaces, "table-row"},
    {ELEMENT_CELL, table_spaces, "table-cell"},
    {ELEMENT_CELL, table_spaces, "covered-table-cell"},
    {ELEMENT_STYLE, style_spaces, "style"},
    {ELEMENT_TABLE_PROPERTIES, style_spaces, "table-properties"},
    {ELEMENT_ENCRYPTION_DATA, manifest_spaces, "encryption-data"},
    {ELEMENT_PARAGRAPH, text_spaces, "p"},
    {ELEMENT_PARAGRAPH, text_spaces, "h"},
    {ELEMENT_SPACES, text_spaces, "s"},
    {ELEMENT_TAB, text_spaces, "tab"},
    {ELEMENT_LINE_BREAK, text_spaces, "line-break"},
    {ATTRIBUTE_TABLE_NAME, table_spaces, "name"},
    {ATTRIBUTE_TABLE_STYLE, table_spaces, "style-name"},
    {ATTRIBUTE_STYLE_NAME, style_spaces, "name"},
    {ATTRIBUTE_DISPLAY, table_spaces, "display"},
    {ATTRIBUTE_VISIBILITY, table_spaces, "visibility"},
    {ATTRIBUTE_ROWS, table_spaces, "number-rows-repeated"},
    {ATTRIBUTE_COLUMNS, table_spaces, "number-columns-repeated"},
    {ATTRIBUTE_SPACES, text_spaces, "c"},
    {ATTRIBUTE_TYPE, office_spaces, "value-type"},
    {ATTRIBUTE_VALUE, office_spaces, "value"},
    {ATTRIBUTE_DATE, office_spaces, "date-value"},
    {ATTRIBUTE_TIME, office_spaces, "time-value"},
    {ATTRIBUTE_BOOLEAN, office_spaces, "boolean-value"},
    {ATTRIBUTE_STRING, office_spaces, "string-value"},
    {ELEMENT_OTHER_TEXT, text_spaces, NULL},
    {OTHER, NULL, NULL},
};

struct ods {
    const struct list_input *input;
    struct list_builder builder;
    GPtrArray *sheets;      /* of struct list_sheet, so far */
    GHashTable *hiding;     /* names of the table styles that hide a sheet */
    char *style;            /* the style being defined */
    guint wanted;           /* the number of the sheet that is read, from 1; 0: the first visible one, not yet met */
    gboolean encrypted;
    gboolean in_sheet;      /* within the sheet that is read */
    guint next_row;         /* from 1 */
    guint row_repeat;
    gboolean row_hidden;
    guint column;
    guint hidden_rows;      /* that hold something */
    gboolean in_cell;
    guint cell_repeat;
    char *type;             /* of the cell's value */
    char *value;
    guint skipped;          /* open elements within a cell's annotation, drawing or table, which is not its text */
    guint paragraphs;       /* of the cell, begun */
    gboolean in_paragraph;
    GString *text;          /* of the cell's paragraphs, one a line */
    GString *shown;
};

/* A repeat count: 1 where none or nonsense is given. */
static guint repeat_of(const struct list_xml_attribute *attributes, int word)
{
    const char *text = list_xml_attribute(attributes, word);
    guint number;
    return text != NULL && list_xml_number(text, &number) && number > 0 ? number : 1;
}

/* --- cells ----------------------------------------------------------------------------------- */

static void start_cell(struct ods *ods, const struct list_xml_attribute *attributes)
{
    static const int values[] = {ATTRIBUTE_VALUE, ATTRIBUTE_DATE, ATTRIBUTE_TIME, ATTRIBUTE_BOOLEAN, ATTRIBUTE_STRING};
    ods->in_cell = TRUE;
    ods->paragraphs = 0;
    ods->cell_repeat = repeat_of(attributes, ATTRIBUTE_COLUMNS);
    ods->type = g_strdup(list_xml_attribute(attributes, ATTRIBUTE_TYPE));
    for (size_t i = 0; i < G_N_ELEMENTS(values) && ods->value == NULL; i++)
        ods->value = g_strdup(list_xml_attribute(attributes, values[i]));
    g_string_truncate(ods->text, 0);
}

/* The next part of an xs:duration, "30M": its number and letter, and the text behind it. FALSE where there is none. */
static gboolean next_part(const char **value, double *number_r, char *unit_r)
{
    char *end;
    *value += **value == 'T';
    *number_r = g_ascii_strtod(*value, &end);
    if (!g_ascii_isdigit(**value) || strchr("DHMS", *end) == NULL || *end == '\0')
        return FALSE;
    *unit_r = *end;
    *value = end + 1;
    return TRUE;
}

/* "PT49H30M00S" as "49:30:00"; what is no such time stays. */
static void show_time(const char *value, GString *shown)
{
    const char *rest = value[0] == 'P' ? value + 1 : value;
    double total = 0, number;
    char unit;
    while (next_part(&rest, &number, &unit))
        total += number * (unit == 'D' ? 86400 : unit == 'H' ? 3600 : unit == 'M' ? 60 : 1);
    if (*rest != '\0' || rest == value || !(total < TIME_MAX)) {
        g_string_assign(shown, value);
        return;
    }
    guint seconds = (guint)(total + 0.5);
    g_string_printf(shown, "%02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* As the program showed it, where that can be understood. */
static void show_number(const struct ods *ods, GString *shown)
{
    if (!list_show_seen(g_ascii_strtod(ods->value, NULL), ods->text->str, shown))
        list_show_decimal(ods->value, (struct list_format){LIST_PLAIN, NULL}, FALSE, shown);
}

static void show_cell(struct ods *ods)
{
    const char *type = ods->value != NULL && ods->type != NULL ? ods->type : "string";
    g_string_truncate(ods->shown, 0);
    if (list_xml_is(type, "float") || list_xml_is(type, "currency") || list_xml_is(type, "percentage"))
        show_number(ods, ods->shown);
    else if (list_xml_is(type, "date"))
        list_show_date(ods->value, ods->shown);
    else if (list_xml_is(type, "time"))
        show_time(ods->value, ods->shown);
    else if (list_xml_is(type, "boolean"))
        g_string_assign(ods->shown, list_xml_is(ods->value, "true") ? "TRUE" : "FALSE");
    else if (ods->text->len > 0)
        g_string_append_len(ods->shown, ods->text->str, (gssize)ods->text->len);
    else if (ods->value != NULL)
        g_string_append(ods->shown, ods->value);
}

static void forget_cell(struct ods *ods)
{
    ods->in_cell = FALSE;
    ods->in_paragraph = FALSE;
    g_clear_pointer(&ods->type, g_free);
    g_clear_pointer(&ods->value, g_free);
}

static gboolean end_cell(struct ods *ods, GError **error)
{
    gboolean fine = TRUE;
    show_cell(ods);
    forget_cell(ods);
    if (ods->shown->len == 0) {
        ods->column = MIN(ods->column + ods->cell_repeat, LIST_COLUMNS_MAX);
        return TRUE;
    }
    for (guint i = 0; fine && i < ods->cell_repeat; i++)
        fine = list_builder_add(&ods->builder, ods->next_row, ods->column++, ods->shown->str, ods->shown->len, error);
    return fine;
}

/* --- rows and sheets ------------------------------------------------------------------------- */

static void start_row(struct ods *ods, const struct list_xml_attribute *attributes)
{
    const char *visibility = list_xml_attribute(attributes, ATTRIBUTE_VISIBILITY);
    ods->row_repeat = repeat_of(attributes, ATTRIBUTE_ROWS);
    ods->column = 0;
    ods->row_hidden = visibility != NULL && !list_xml_is(visibility, "visible");
}

static gboolean end_row(struct ods *ods, GError **error)
{
    guint row = ods->next_row;
    if (row > LIST_ROW_NUMBER_MAX || ods->row_repeat > LIST_ROW_NUMBER_MAX)
        ods->next_row = LIST_ROW_NUMBER_MAX + 1;
    else
        ods->next_row += ods->row_repeat;
    if (ods->row_hidden && ods->builder.count > 0)
        ods->hidden_rows += ods->row_repeat;
    return ods->builder.count == 0 || list_builder_end(&ods->builder, row, ods->row_repeat, error);
}

static void start_sheet(struct ods *ods, const struct list_xml_attribute *attributes)
{
    const char *name = list_xml_attribute(attributes, ATTRIBUTE_TABLE_NAME);
    const char *style = list_xml_attribute(attributes, ATTRIBUTE_TABLE_STYLE);
    struct list_sheet *sheet = list_sheets_add(ods->sheets, name != NULL ? name : "");
    sheet->hidden = style != NULL && g_hash_table_contains(ods->hiding, style);
    if (ods->wanted == 0 && !sheet->hidden)
        ods->wanted = ods->sheets->len;
    ods->in_sheet = ods->wanted == ods->sheets->len;
    ods->next_row = 1;
}

/* Styles come before the sheets. */
static void start_style(struct ods *ods, int word, const struct list_xml_attribute *attributes)
{
    if (word == ELEMENT_STYLE) {
        g_free(ods->style);
        ods->style = g_strdup(list_xml_attribute(attributes, ATTRIBUTE_STYLE_NAME));
    } else if (word == ELEMENT_TABLE_PROPERTIES && ods->style != NULL) {
        const char *display = list_xml_attribute(attributes, ATTRIBUTE_DISPLAY);
        if (display != NULL && list_xml_is(display, "false"))
            g_hash_table_add(ods->hiding, g_strdup(ods->style));
    }
}

/* --- the part -------------------------------------------------------------------------------- */

/* Text that stands for itself, and the elements that stand for blanks and line ends. */
static void start_text(struct ods *ods, int word, const struct list_xml_attribute *attributes)
{
    if (word == ELEMENT_PARAGRAPH) {
        if (ods->paragraphs++ > 0)
            g_string_append_c(ods->text, '\n');
        ods->in_paragraph = TRUE;
    } else if (word == ELEMENT_SPACES) {
        guint blanks = MIN(repeat_of(attributes, ATTRIBUTE_SPACES), LIST_CELL_MAX);
        for (guint i = 0; i < blanks && ods->text->len <= LIST_CELL_MAX; i++)
            g_string_append_c(ods->text, ' ');
    } else if (word == ELEMENT_TAB)
        g_string_append_c(ods->text, '\t');
    else if (word == ELEMENT_LINE_BREAK)
        g_string_append_c(ods->text, '\n');
}

static gboolean is_text(int word)
{
    return word >= ELEMENT_PARAGRAPH && word <= ELEMENT_OTHER_TEXT;
}

static gboolean start_element(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)error;
    struct ods *ods = cookie;
    if (ods->skipped > 0 || (ods->in_cell && !is_text(word)))
        ods->skipped++;
    else if (ods->in_cell)
        start_text(ods, word, attributes);
    else if (word == ELEMENT_TABLE)
        start_sheet(ods, attributes);
    else if (ods->in_sheet && word == ELEMENT_ROW)
        start_row(ods, attributes);
    else if (ods->in_sheet && word == ELEMENT_CELL)
        start_cell(ods, attributes);
    else
        start_style(ods, word, attributes);
    return TRUE;
}

static gboolean element_text(void *cookie, const char *text, size_t length, GError **error)
{
    struct ods *ods = cookie;
    if (!ods->in_paragraph || ods->skipped > 0)
        return TRUE;
    g_string_append_len(ods->text, text, (gssize)length);
    return ods->text->len <= LIST_CELL_MAX ||
           list_builder_add(&ods->builder, ods->next_row, ods->column, ods->text->str, ods->text->len, error);
}

static gboolean end_element(void *cookie, int word, GError **error)
{
    struct ods *ods = cookie;
    if (ods->skipped > 0)
        ods->skipped--;
    else if (word == ELEMENT_TABLE)
        ods->in_sheet = FALSE;
    else if (ods->in_sheet && word == ELEMENT_ROW)
        return end_row(ods, error);
    else if (ods->in_cell && word == ELEMENT_CELL)
        return end_cell(ods, error);
    else if (word == ELEMENT_PARAGRAPH)
        ods->in_paragraph = FALSE;
    return TRUE;
}

/* --- the file -------------------------------------------------------------------------------- */

static gboolean start_manifest(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)attributes;
    (void)error;
    struct ods *ods = cookie;
    ods->encrypted |= word == ELEMENT_ENCRYPTION_DATA;
    return TRUE;
}

/* An encrypted file's parts are noise; its manifest is not. */
static gboolean check_manifest(struct ods *ods, struct list_zip *zip, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_manifest};
    if (list_zip_has(zip, "META-INF/manifest.xml") && !list_zip_read(zip, "META-INF/manifest.xml", &xml, ods, error))
        return FALSE;
    return !ods->encrypted ||
           error_set(error, ERROR_DATA, "%s: the file is protected with a password; save it without one",
                     ods->input->name);
}

/* What stands in list_sheets_choose() about the sheet, but for files that are no spreadsheet at all. */
static const struct list_sheet *choose(const struct ods *ods, GError **error)
{
    if (ods->sheets->len > 0)
        return list_sheets_choose(ods->sheets, ods->input, error);
    error_set(error, ERROR_DATA,
              "%s: the file is no table but another OpenDocument file; ask for the list as .xlsx or .csv",
              ods->input->name);
    return NULL;
}

/* Where a sheet is asked for, its number: a first look at the names alone, since a name comes before a number. */
static gboolean find_wanted(struct ods *ods, struct list_zip *zip, GError **error)
{
    static const struct list_xml xml = {.names = names, .start = start_element, .end = end_element};
    if (ods->input->sheet == NULL)
        return TRUE;
    ods->wanted = G_MAXUINT;
    const struct list_sheet *sheet = list_zip_read(zip, "content.xml", &xml, ods, error) ? choose(ods, error) : NULL;
    if (sheet == NULL || !g_ptr_array_find(ods->sheets, sheet, &ods->wanted))
        return FALSE;
    ods->wanted++;
    g_ptr_array_set_size(ods->sheets, 0);
    return TRUE;
}

static gboolean read_sheet(struct ods *ods, struct list_zip *zip, GError **error)
{
    static const struct list_xml xml = {
        .names = names, .start = start_element, .end = end_element, .text = element_text};
    if (!list_zip_read(zip, "content.xml", &xml, ods, error) ||
        (ods->input->sheet == NULL && choose(ods, error) == NULL))
        return FALSE;
    list_sheets_note_hidden(ods->input, ods->hidden_rows);
    return TRUE;
}

gboolean list_read_ods(const struct list_input *input, struct list_zip *zip, GError **error)
{
    struct ods ods = {.input = input, .sheets = list_sheets_new(), .text = g_string_new(NULL),
                      .shown = g_string_new(NULL)};
    ods.hiding = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    list_builder_init(&ods.builder, input);
    gboolean fine = check_manifest(&ods, zip, error) && find_wanted(&ods, zip, error) && read_sheet(&ods, zip, error);
    forget_cell(&ods);
    list_builder_release(&ods.builder);
    g_ptr_array_unref(ods.sheets);
    g_hash_table_unref(ods.hiding);
    g_string_free(ods.text, TRUE);
    g_string_free(ods.shown, TRUE);
    g_free(ods.style);
    return fine;
}
