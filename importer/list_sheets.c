/* list_sheets.c - which sheet of a workbook is read; see list_sheets.h. */
#include "importer/list_sheets.h"

#include <string.h>

#include "importer/list_xml.h"
#include "lib/error.h"

static void sheet_free(void *pointer)
{
    struct list_sheet *sheet = pointer;
    g_free(sheet->name);
    g_free(sheet->part);
    g_free(sheet);
}

GPtrArray *list_sheets_new(void)
{
    return g_ptr_array_new_with_free_func(sheet_free);
}

struct list_sheet *list_sheets_add(GPtrArray *sheets, const char *name)
{
    struct list_sheet *sheet = g_new0(struct list_sheet, 1);
    sheet->name = g_strdup(name);
    g_ptr_array_add(sheets, sheet);
    return sheet;
}

char *list_sheets_names(const GPtrArray *sheets)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < sheets->len; i++) {
        const struct list_sheet *sheet = sheets->pdata[i];
        g_string_append_printf(names, "%s'%s'%s", i > 0 ? ", " : "", sheet->name, sheet->hidden ? " (hidden)" : "");
    }
    return g_string_free(names, FALSE);
}

static const struct list_sheet *find_wanted(const GPtrArray *sheets, const char *wanted)
{
    guint number;
    for (guint i = 0; i < sheets->len; i++) {
        const struct list_sheet *sheet = sheets->pdata[i];
        if (strcmp(sheet->name, wanted) == 0)
            return sheet;
    }
    return list_xml_number(wanted, &number) && number >= 1 && number <= sheets->len ? sheets->pdata[number - 1] : NULL;
}

static const struct list_sheet *find_first(const GPtrArray *sheets)
{
    for (guint i = 0; i < sheets->len; i++) {
        const struct list_sheet *sheet = sheets->pdata[i];
        if (!sheet->hidden && !sheet->other)
            return sheet;
    }
    return NULL;
}

const struct list_sheet *list_sheets_choose(const GPtrArray *sheets, const struct list_input *input, GError **error)
{
    g_autofree char *names = list_sheets_names(sheets);
    const struct list_sheet *sheet = input->sheet != NULL ? find_wanted(sheets, input->sheet) : find_first(sheets);
    if (sheets->len == 0)
        error_set(error, ERROR_DATA, "%s: the workbook holds no sheet; ask for the list again", input->name);
    else if (sheet == NULL && input->sheet != NULL)
        error_set(error, ERROR_USAGE, "%s: there is no such sheet as %s; choose with --sheet from: %s", input->name,
                  input->sheet, names);
    else if (sheet == NULL)
        error_set(error, ERROR_DATA, "%s: no visible sheet holds cells; choose with --sheet from: %s", input->name,
                  names);
    else if (sheet->other)
        error_set(error, ERROR_DATA, "%s: sheet '%s' holds no cells (a chart?); choose with --sheet from: %s",
                  input->name, sheet->name, names);
    else {
        if (sheets->len > 1)
            list_note(input, "sheet '%s' is read, of %s", sheet->name, names);
        else
            list_note(input, "sheet '%s' is read", sheet->name);
        return sheet;
    }
    return NULL;
}

void list_sheets_note_hidden(const struct list_input *input, guint rows)
{
    if (rows > 0)
        list_note(input, "%u %s hidden in the sheet; they are read like the others", rows,
                  rows == 1 ? "row is" : "rows are");
}
