/* csv_field.c - CSV fields without formulas; see csv_field.h. */
#include "importer/csv_field.h"

#include <string.h>

static gboolean is_in(const char *set, char character)
{
    return character != '\0' && strchr(set, character) != NULL;
}

static gboolean begins_formula(char character)
{
    return is_in("=+-@\t\r", character);
}

/* -5, -0.25 */
static gboolean is_negative_number(const char *field)
{
    size_t whole = *field == '-' ? strspn(field + 1, "0123456789") : 0;
    const char *rest = field + 1 + whole;
    if (whole == 0 || *rest != '.')
        return whole > 0 && *rest == '\0';
    size_t decimals = strspn(rest + 1, "0123456789");
    return decimals > 0 && rest[1 + decimals] == '\0';
}

void csv_field_append(GString *line, const char *field)
{
    if (is_negative_number(field) || (strpbrk(field, ",;\"\t\r\n") == NULL && !begins_formula(*field))) {
        g_string_append(line, field);
        return;
    }
    gboolean at_start = TRUE;
    g_string_append_c(line, '"');
    for (const char *p = field; *p != '\0'; p++) {
        if (at_start && begins_formula(*p))
            g_string_append_c(line, '\'');
        at_start = is_in(";\t\r\n", *p) || (at_start && *p == '"');
        if (*p == '"')
            g_string_append_c(line, '"');
        g_string_append_c(line, *p);
    }
    g_string_append_c(line, '"');
}
