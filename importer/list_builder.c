/* list_builder.c - gathers the cells of a row under the limits of list.h; see list_reader.h. */
#include "importer/list_reader.h"

#include <stdarg.h>
#include <string.h>

#include "lib/error.h"

#define CELL_COST 8u /* octets that a cell counts for beside its text */

void list_column_letters(guint column, char letters_r[4])
{
    char reversed[4];
    guint length = 0;
    for (guint rest = column + 1; rest > 0 && length < 3; rest = (rest - 1) / 26)
        reversed[length++] = (char)('A' + (rest - 1) % 26);
    for (guint i = 0; i < length; i++)
        letters_r[i] = reversed[length - 1 - i];
    letters_r[length] = '\0';
}

gboolean list_is_blank(gunichar character)
{
    return g_unichar_isspace(character) || character == 0xFEFF || character == 0x200B;
}

const char *list_trim(const char *text, size_t *length_r)
{
    while (*text != '\0' && list_is_blank(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    const char *end = text + strlen(text);
    while (end > text) {
        const char *last = g_utf8_prev_char(end);
        if (!list_is_blank(g_utf8_get_char(last)))
            break;
        end = last;
    }
    *length_r = (size_t)(end - text);
    return text;
}

void list_note(const struct list_input *input, const char *text, ...)
{
    if (input->sink->note == NULL)
        return;
    va_list values;
    va_start(values, text);
    g_autofree char *note = g_strdup_vprintf(text, values);
    va_end(values);
    input->sink->note(input->sink->cookie, note);
}

void list_builder_init(struct list_builder *builder, const struct list_input *input)
{
    *builder = (struct list_builder){.input = input, .text = g_string_sized_new(1024)};
}

void list_builder_release(struct list_builder *builder)
{
    g_string_free(builder->text, TRUE);
    builder->text = NULL;
}

/* "LIST.xlsx: row 7, column AB: " and what is wrong. */
static gboolean refuse_cell(const struct list_builder *builder, guint row, guint column, const char *what,
                            GError **error)
{
    char letters[4];
    list_column_letters(column, letters);
    return error_set(error, ERROR_DATA, "%s: row %u, column %s: %s", builder->input->name, row, letters, what);
}

/* ASCII without NUL, as most cells are: eight octets at once. */
static gboolean is_plain(const char *text, size_t length)
{
    guint64 high = 0;
    size_t i = 0;
    for (; i + sizeof high <= length; i += sizeof high) {
        guint64 octets;
        memcpy(&octets, text + i, sizeof octets);
        high |= octets;
    }
    for (; i < length; i++)
        high |= (guint8)text[i];
    return !(high & G_GUINT64_CONSTANT(0x8080808080808080)) && memchr(text, '\0', length) == NULL;
}

gboolean list_is_text(const char *text, size_t length)
{
    return is_plain(text, length) || g_utf8_validate_len(text, length, NULL);
}

static void add_cell(struct list_builder *builder, const char *text, size_t length)
{
    gsize start = builder->text->len;
    builder->starts[builder->count++] = start;
    g_string_set_size(builder->text, start + length + 1);
    memcpy(builder->text->str + start, text, length);
    builder->text->str[start + length] = '\0';
}

gboolean list_builder_add(struct list_builder *builder, guint row, guint column, const char *text, size_t length,
                          GError **error)
{
    if (length == 0)
        return TRUE;
    if (column >= LIST_COLUMNS_MAX)
        return refuse_cell(builder, row, column, "more than 256 columns hold something; delete what isn't needed",
                           error);
    if (column < builder->count)
        return refuse_cell(builder, row, column, "this cell comes twice or out of order; the file is damaged", error);
    if (length > LIST_CELL_MAX)
        return refuse_cell(builder, row, column, "the cell holds more than 32 KiB of text; shorten it", error);
    if (!list_is_text(text, length))
        return refuse_cell(builder, row, column, "the cell is not valid UTF-8 text, or holds NUL", error);
    while (builder->count < column)
        add_cell(builder, "", 0);
    add_cell(builder, text, length);
    return TRUE;
}

/* A small file can repeat a long text in every cell. */
static gboolean hand_on(struct list_builder *builder, guint row, GError **error)
{
    const char *cells[LIST_COLUMNS_MAX];
    builder->octets += builder->text->len + builder->count * CELL_COST;
    if (builder->octets > LIST_TEXT_MAX)
        return error_set(error, ERROR_DATA, "%s: row %u: the cells so far hold more than %u MiB of text; divide the "
                         "list", builder->input->name, row, LIST_TEXT_MAX / (1024 * 1024));
    for (guint i = 0; i < builder->count; i++)
        cells[i] = builder->text->str + builder->starts[i];
    struct list_cells list_cells = {.row = row, .count = builder->count, .cells = cells};
    return builder->input->sink->cells(builder->input->sink->cookie, &list_cells, error);
}

/* One row, checked and handed on. */
static gboolean end_row(struct list_builder *builder, guint row, GError **error)
{
    const char *name = builder->input->name;
    if (row <= builder->last_row)
        return error_set(error, ERROR_DATA, "%s: row %u follows row %u; the file is damaged: open it and save it anew",
                         name, row, builder->last_row);
    if (row > LIST_ROW_NUMBER_MAX)
        return error_set(error, ERROR_DATA, "%s: row %u: more than %u rows; divide the list", name, row,
                         LIST_ROW_NUMBER_MAX);
    builder->last_row = row;
    if (builder->count == 0)
        return TRUE;
    if (++builder->rows > LIST_ROWS_MAX)
        return error_set(error, ERROR_DATA, "%s: row %u: more than %u rows below the heading; divide the list", name,
                         row, LIST_ROWS_MAX - 1);
    return hand_on(builder, row, error);
}

gboolean list_builder_end(struct list_builder *builder, guint row, guint repeat, GError **error)
{
    gboolean fine = TRUE;
    for (guint i = 0; fine && i < repeat; i++)
        fine = end_row(builder, row + i, error);
    builder->count = 0;
    g_string_truncate(builder->text, 0);
    return fine;
}
