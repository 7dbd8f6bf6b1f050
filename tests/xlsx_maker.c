/* xlsx_maker.c - makes .xlsx files in memory; see xlsx_maker.h. */
#include "tests/xlsx_maker.h"

#include <string.h>
#include <zip.h>

#define PARTS_MAX 8

static const char package_relationships[] =
    "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    "<Relationship Id='r1' Type='" XLSX_RELATIONSHIPS "/officeDocument' Target='xl/workbook.xml'/></Relationships>";

static const char workbook_relationships[] =
    "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    "<Relationship Id='r1' Type='" XLSX_RELATIONSHIPS "/worksheet' Target='worksheets/sheet1.xml'/>"
    "<Relationship Id='r2' Type='" XLSX_RELATIONSHIPS "/sharedStrings' Target='/xl/sharedStrings.xml'/>"
    "<Relationship Id='r3' Type='" XLSX_RELATIONSHIPS "/styles' Target='styles.xml'/></Relationships>";

static guint8 *read_source(zip_source_t *source, size_t *size_r)
{
    zip_stat_t status;
    g_assert_cmpint(zip_source_open(source), ==, 0);
    g_assert_cmpint(zip_source_stat(source, &status), ==, 0);
    *size_r = status.size;
    guint8 *data = g_malloc(status.size);
    g_assert_cmpint(zip_source_read(source, data, status.size), ==, (zip_int64_t)status.size);
    zip_source_close(source);
    return data;
}

guint8 *xlsx_zip(const struct xlsx_part *parts, size_t count, size_t *size_r)
{
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *archive = zip_open_from_source(source, ZIP_TRUNCATE, NULL);
    g_assert_nonnull(archive);
    zip_source_keep(source);
    for (size_t i = 0; i < count; i++) {
        size_t length = parts[i].length > 0 ? parts[i].length : strlen(parts[i].text);
        zip_source_t *part = zip_source_buffer(archive, parts[i].text, length, 0);
        g_assert_cmpint(zip_file_add(archive, parts[i].name, part, ZIP_FL_ENC_UTF_8), >=, 0);
    }
    g_assert_cmpint(zip_close(archive), ==, 0);
    guint8 *data = read_source(source, size_r);
    zip_source_free(source);
    return data;
}

guint8 *xlsx_make(const struct xlsx_recipe *recipe, size_t *size_r)
{
    g_autofree char *workbook = g_strdup_printf(
        "<workbook xmlns='" XLSX_MAIN "' xmlns:r='" XLSX_RELATIONSHIPS "'>%s<sheets>"
        "<sheet name='Liste' sheetId='1' r:id='r1'/></sheets></workbook>",
        recipe->workbook_pr != NULL ? recipe->workbook_pr : "");
    struct xlsx_part parts[PARTS_MAX] = {
        {"_rels/.rels", package_relationships, 0},
        {"xl/_rels/workbook.xml.rels", workbook_relationships, 0},
        {"xl/workbook.xml", workbook, 0},
        {"xl/worksheets/sheet1.xml", recipe->sheet, recipe->sheet_length},
    };
    size_t count = 4;
    if (recipe->strings != NULL)
        parts[count++] = (struct xlsx_part){"xl/sharedStrings.xml", recipe->strings, 0};
    if (recipe->styles != NULL)
        parts[count++] = (struct xlsx_part){"xl/styles.xml", recipe->styles, 0};
    return xlsx_zip(parts, count, size_r);
}
