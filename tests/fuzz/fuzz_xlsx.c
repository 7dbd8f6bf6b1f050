/*
 * fuzz_xlsx.c - workbooks: octets that begin with PK are taken as the whole file, XML that names OpenDocument as the
 * content of an .ods, all others as the XML of a sheet (with a fixed workbook, shared strings and styles round it),
 * since few mutations of a deflated part get past its CRC.
 */
#include "config.h" /* _GNU_SOURCE */

#include <stdint.h>
#include <string.h>

#include "tests/fuzz/read_list.h"
#include "tests/xlsx_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char strings[] =
    "<sst xmlns='" XLSX_MAIN "'><si><t>E-Mail</t></si><si><r><t>a@</t></r><r><t>x.example</t></r>"
    "</si><si><t>_x000D_</t></si></sst>";
static const char styles[] = "<styleSheet xmlns='" XLSX_MAIN "'><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/>"
                             "<xf numFmtId='21'/><xf numFmtId='46'/></cellXfs></styleSheet>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xlsx_recipe recipe = {
        .sheet = (const char *)data, .sheet_length = size, .strings = strings, .styles = styles};
    struct xlsx_part content = {"content.xml", (const char *)data, size};
    g_autofree guint8 *made = NULL;
    if (size == 0)
        return 0;
    if (memmem(data, size, "opendocument", strlen("opendocument")) != NULL && data[0] == '<')
        data = made = xlsx_zip(&content, 1, &size);
    else if (size < 2 || memcmp(data, "PK", 2) != 0)
        data = made = xlsx_make(&recipe, &size);
    read_list(data, size);
    return 0;
}
