/*
 * fuzz_xlsx.c - workbooks: octets that begin with PK are taken as the whole file, XML that names OpenDocument as the
 * content of an .ods, all others as the XML of a sheet (with a fixed workbook, shared strings and styles round it),
 * since few mutations of a deflated part get past its CRC.
 */
#include "config.h" /* _GNU_SOURCE */

#include <stdint.h>
#include <string.h>

#include "importer/list.h"
#include "tests/xlsx_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char strings[] =
    "<sst xmlns='" XLSX_MAIN "'><si><t>E-Mail</t></si><si><r><t>a@</t></r><r><t>x.example</t></r>"
    "</si><si><t>_x000D_</t></si></sst>";
static const char styles[] = "<styleSheet xmlns='" XLSX_MAIN "'><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/>"
                             "<xf numFmtId='21'/><xf numFmtId='46'/></cellXfs></styleSheet>";

static gboolean take_cells(void *cookie, const struct list_cells *row, GError **error)
{
    (void)error;
    guint *last_row = cookie;
    g_assert_cmpuint(row->row, >, *last_row);
    g_assert_cmpuint(row->count, <=, LIST_COLUMNS_MAX);
    for (guint i = 0; i < row->count; i++)
        g_assert_true(g_utf8_validate(row->cells[i], -1, NULL));
    *last_row = row->row;
    return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    guint last_row = 0;
    struct list_sink sink = {.cells = take_cells, .cookie = &last_row};
    struct xlsx_recipe recipe = {
        .sheet = (const char *)data, .sheet_length = size, .strings = strings, .styles = styles};
    struct xlsx_part content = {"content.xml", (const char *)data, size};
    g_autofree guint8 *made = NULL;
    g_autoptr(GError) error = NULL;
    if (size == 0)
        return 0;
    if (memmem(data, size, "opendocument", strlen("opendocument")) != NULL && data[0] == '<')
        data = made = xlsx_zip(&content, 1, &size);
    else if (size < 2 || memcmp(data, "PK", 2) != 0)
        data = made = xlsx_make(&recipe, &size);
    if (!list_read_here("LIST", data, size, NULL, &sink, &error))
        g_assert_true(g_str_has_prefix(error->message, "LIST: "));
    return 0;
}
