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

#define NAMESPACE "urn:oasis:names:tc:opendocument:xmlns:"
#define TABLE(name) NAMESPACE "table:1.0\x1F" name
#define OFFICE(name) NAMESPACE "office:1.0\x1F" name

static const struct list_namespace table_namespaces[] = {LIST_NAMESPACE(NAMESPACE "table:1.0"), LIST_NAMESPACES_END};
static const struct list_namespace text_namespaces[] = {LIST_NAMESPACE(NAMESPACE "text:1.0"), LIST_NAMESPACES_END};
static const struct list_namespace style_namespaces[] = {LIST_NAMESPACE(NAMESPACE "style:1.0"), LIST_NAMESPACES_END};
static const struct list_namespace manifest_namespaces[] = {LIST_NAMESPACE(NAMESPACE "manifest:1.0"), LIST_NAMESPACES_END};

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
static guint repeat_of(const char **attributes, const char *name)
{
    const char *text = list_xml_attribute(attributes, name);
    guint number;
    return text != NULL && list_xml_number(text, &number) && number > 0 ? number : 1;
}

/* --- cells ----------------------------------------------------------------------------------- */

static void start_cell(struct ods *ods, const char **attributes)
{
    static const char *const values[] = {
        OFFICE("value"), OFFICE("date-value"), OFFICE("time-value"), OFFICE("boolean-value"),
        OFFICE("string-value"),
    };
    ods->in_cell = TRUE;
    ods->paragraphs = 0;
    ods->cell_repeat = repeat_of(attributes, TABLE("number-columns-repeated"));
    ods->type = g_strdup(list_xml_attribute(attributes, OFFICE("value-type")));
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

static void start_row(struct ods *ods, const char **attributes)
{
    const char *visibility = list_xml_attribute(attributes, TABLE("visibility"));
    ods->row_repeat = repeat_of(attributes, TABLE("number-rows-repeated"));
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

static void start_sheet(struct ods *ods, const char **attributes)
{
    const char *name = list_xml_attribute(attributes, TABLE("name"));
    const char *style = list_xml_attribute(attributes, TABLE("style-name"));
    struct list_sheet *sheet = list_sheets_add(ods->sheets, name != NULL ? name : "");
    sheet->hidden = style != NULL && g_hash_table_contains(ods->hiding, style);
    if (ods->wanted == 0 && !sheet->hidden)
        ods->wanted = ods->sheets->len;
    ods->in_sheet = ods->wanted == ods->sheets->len;
    ods->next_row = 1;
}

/* Styles come before the sheets. */
static void start_style(struct ods *ods, const char *local, const char **attributes)
{
    if (list_xml_is(local, "style")) {
        g_free(ods->style);
        ods->style = g_strdup(list_xml_attribute(attributes, NAMESPACE "style:1.0\x1F" "name"));
    } else if (list_xml_is(local, "table-properties") && ods->style != NULL) {
        const char *display = list_xml_attribute(attributes, TABLE("display"));
        if (display != NULL && list_xml_is(display, "false"))
            g_hash_table_add(ods->hiding, g_strdup(ods->style));
    }
}

/* --- the part -------------------------------------------------------------------------------- */

static gboolean is_paragraph(const char *local)
{
    return list_xml_is(local, "p") || list_xml_is(local, "h");
}

/* Text that stands for itself, and the elements that stand for blanks and line ends. */
static void start_text(struct ods *ods, const char *local, const char **attributes)
{
    if (is_paragraph(local)) {
        if (ods->paragraphs++ > 0)
            g_string_append_c(ods->text, '\n');
        ods->in_paragraph = TRUE;
    } else if (list_xml_is(local, "s")) {
        guint blanks = MIN(repeat_of(attributes, NAMESPACE "text:1.0\x1F" "c"), LIST_CELL_MAX);
        for (guint i = 0; i < blanks && ods->text->len <= LIST_CELL_MAX; i++)
            g_string_append_c(ods->text, ' ');
    } else if (list_xml_is(local, "tab"))
        g_string_append_c(ods->text, '\t');
    else if (list_xml_is(local, "line-break"))
        g_string_append_c(ods->text, '\n');
}

static gboolean start_element(void *cookie, const char *name, const char **attributes, GError **error)
{
    (void)error;
    struct ods *ods = cookie;
    const char *local = list_xml_local(name, ods->in_cell ? text_namespaces : table_namespaces);
    if (ods->skipped > 0 || (ods->in_cell && *local == '\0'))
        ods->skipped++;
    else if (ods->in_cell)
        start_text(ods, local, attributes);
    else if (list_xml_is(local, "table"))
        start_sheet(ods, attributes);
    else if (ods->in_sheet && list_xml_is(local, "table-row"))
        start_row(ods, attributes);
    else if (ods->in_sheet && (list_xml_is(local, "table-cell") || list_xml_is(local, "covered-table-cell")))
        start_cell(ods, attributes);
    else if (*local == '\0')
        start_style(ods, list_xml_local(name, style_namespaces), attributes);
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

static gboolean end_element(void *cookie, const char *name, GError **error)
{
    struct ods *ods = cookie;
    const char *local = list_xml_local(name, table_namespaces);
    if (ods->skipped > 0)
        ods->skipped--;
    else if (list_xml_is(local, "table"))
        ods->in_sheet = FALSE;
    else if (ods->in_sheet && list_xml_is(local, "table-row"))
        return end_row(ods, error);
    else if (ods->in_cell && (list_xml_is(local, "table-cell") || list_xml_is(local, "covered-table-cell")))
        return end_cell(ods, error);
    else if (is_paragraph(list_xml_local(name, text_namespaces)))
        ods->in_paragraph = FALSE;
    return TRUE;
}

/* --- the file -------------------------------------------------------------------------------- */

static gboolean start_manifest(void *cookie, const char *name, const char **attributes, GError **error)
{
    (void)attributes;
    (void)error;
    struct ods *ods = cookie;
    ods->encrypted |= list_xml_is(list_xml_local(name, manifest_namespaces), "encryption-data");
    return TRUE;
}

static gboolean end_nothing(void *cookie, const char *name, GError **error)
{
    (void)cookie;
    (void)name;
    (void)error;
    return TRUE;
}

/* An encrypted file's parts are noise; its manifest is not. */
static gboolean check_manifest(struct ods *ods, struct list_zip *zip, GError **error)
{
    static const struct list_xml xml = {.start = start_manifest, .end = end_nothing};
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
    static const struct list_xml xml = {.start = start_element, .end = end_element};
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
    static const struct list_xml xml = {.start = start_element, .end = end_element, .text = element_text};
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
