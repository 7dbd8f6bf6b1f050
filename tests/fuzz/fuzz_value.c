/*
 * fuzz_value.c - what cells show. The input is three lines: a number, a format code, and what was seen of the number.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "importer/list_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    if (!g_utf8_validate(text, -1, NULL))
        return 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", 3);
    guint count = g_strv_length(lines);
    const char *value = count > 0 ? lines[0] : "", *code = count > 1 ? lines[1] : "", *seen = count > 2 ? lines[2] : "";
    g_autoptr(GString) shown = g_string_new(NULL);
    list_show_decimal(value, list_format_of_code(code), size % 2 == 0, shown);
    g_assert_true(g_utf8_validate(shown->str, (gssize)shown->len, NULL));
    g_assert_true(shown->len > 0 || *value == '\0');
    g_string_truncate(shown, 0);
    g_assert_true(list_show_seen(g_ascii_strtod(value, NULL), seen, shown) == (shown->len > 0));
    g_string_assign(shown, seen);
    list_unescape(shown, 0);
    g_assert_true(g_utf8_validate(shown->str, (gssize)shown->len, NULL));
    g_string_truncate(shown, 0);
    list_show_date(value, shown);
    return 0;
}
