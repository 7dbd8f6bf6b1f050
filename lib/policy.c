/* policy.c - the attribute protocol: parsing, building, decoding; see policy.h. The client end is policy_client.c. */
#include "lib/policy.h"

#include "lib/error.h"

#include <string.h>

const struct policy_limits policy_postfix_limits = {POLICY_POSTFIX_SIZE, POLICY_POSTFIX_SIZE,
                                                    POLICY_POSTFIX_ATTRIBUTES};
const struct policy_limits policy_own_limits = {POLICY_SIZE, POLICY_LINE, POLICY_ATTRIBUTES};

/* --- parsing ------------------------------------------------------------------------------------ */

/* Octets above 0x7F: the columns of a list are attributes under their own headings, "a.Straße". */
static const gboolean in_name[256] = {
    ['a' ... 'z'] = TRUE, ['A' ... 'Z'] = TRUE, ['0' ... '9'] = TRUE,       ['_'] = TRUE,
    ['.'] = TRUE,         ['-'] = TRUE,         [0x80 ... 0xFF] = TRUE,
};

/* The name that a line begins with; it ends before the LF at the latest. */
static size_t name_length(const char *line)
{
    size_t length = 0;
    while (in_name[(guint8)line[length]])
        length++;
    return length;
}

/* Is there a whole list, its empty line included? Mostly the octets are one, or several, and nothing behind. */
static gboolean is_whole(const char *data, size_t size)
{
    return (size > 0 && data[0] == '\n') || (size > 1 && memcmp(data + size - 2, "\n\n", 2) == 0) ||
           memmem(data, size, "\n\n", 2) != NULL;
}

/* Cuts one line `name=value` in place. The parts are NUL-terminated by taking the place of '=' and LF. */
static gboolean take_line(char *line, size_t length, gboolean may_hold_nul, const struct policy_limits *limits,
                          struct attributes *attributes, GError **error)
{
    if (length > limits->line)
        return error_set(error, ERROR_PROTOCOL, "a line of %zu octets; at most %zu are allowed", length, limits->line);
    if (attributes->count == limits->attributes)
        return error_set(error, ERROR_PROTOCOL, "more than %zu attributes", limits->attributes);
    char *sign = line + name_length(line);
    if (sign == line || *sign != '=')
        return error_set(error, ERROR_PROTOCOL, "attribute %zu is not of the form name=value", attributes->count + 1);
    if (may_hold_nul && memchr(line, '\0', length) != NULL)
        return error_set(error, ERROR_PROTOCOL, "attribute %zu holds a NUL", attributes->count + 1);
    *sign = '\0';
    line[length] = '\0';
    attributes->list[attributes->count++] = (struct attribute){line, sign + 1};
    return TRUE;
}

gboolean policy_parse(char *data, size_t size, const struct policy_limits *limits, struct attributes *attributes_r,
                      size_t *used_r, GError **error)
{
    *used_r = 0;
    attributes_r->count = 0;
    size = MIN(size, limits->size);
    if (!is_whole(data, size))
        return size < limits->size || error_set(error, ERROR_PROTOCOL, "no empty line within %zu octets", limits->size);
    gboolean may_hold_nul = memchr(data, '\0', size) != NULL; /* once for all lines, as hardly one ever does */
    char *line = data;
    while (*line != '\n') {
        char *newline = memchr(line, '\n', (size_t)(data + size - line));
        if (!take_line(line, (size_t)(newline - line), may_hold_nul, limits, attributes_r, error))
            return FALSE;
        line = newline + 1;
    }
    if (attributes_r->count == 0)
        return error_set(error, ERROR_PROTOCOL, "a list without attributes");
    *used_r = (size_t)(line + 1 - data);
    return TRUE;
}

static gboolean decode_value(char *value)
{
    char *to = strchrnul(value, '%');
    for (const char *from = to; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = g_ascii_xdigit_value(from[1]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(from[2]);
        if (low < 0 || (high == 0 && low == 0))
            return FALSE;
        *to++ = (char)(high * 16 + low);
        from += 2;
    }
    *to = '\0';
    return TRUE;
}

gboolean policy_decode(struct attributes *attributes, GError **error)
{
    for (size_t i = 0; i < attributes->count; i++) {
        const struct attribute *attribute = &attributes->list[i];
        for (size_t j = 0; j < i; j++)
            if (*attributes->list[j].name == *attribute->name && strcmp(attributes->list[j].name, attribute->name) == 0)
                return error_set(error, ERROR_PROTOCOL, "attribute %s stands twice", attribute->name);
        /* The value lies in the buffer that policy_parse() was given to change. */
        if (!decode_value((char *)attribute->value))
            return error_set(error, ERROR_PROTOCOL, "attribute %s holds a broken %%XX", attribute->name);
    }
    return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------ */

const char *attributes_get(const struct attributes *attributes, const char *name)
{
    for (size_t i = 0; i < attributes->count; i++)
        if (*attributes->list[i].name == *name && strcmp(attributes->list[i].name, name) == 0)
            return attributes->list[i].value;
    return NULL;
}

const char *attributes_text(const struct attributes *attributes, const char *name)
{
    const char *value = attributes_get(attributes, name);
    return value != NULL ? value : "";
}

gboolean attributes_number(const struct attributes *attributes, const char *name, guint64 high, guint64 *number_r,
                           GError **error)
{
    const char *value = attributes_get(attributes, name);
    if (value == NULL)
        return error_set(error, ERROR_DATA, "attribute %s is missing", name);
    g_autoptr(GError) why = NULL;
    if (!g_ascii_string_to_unsigned(value, 10, 0, high, number_r, &why))
        return error_set(error, ERROR_DATA, "attribute %s: \"%.40s\" is not a number of 0 to %" G_GUINT64_FORMAT, name,
                         value, high);
    return TRUE;
}

/* --- building ----------------------------------------------------------------------------------- */

void policy_append(GString *list, const char *name, const char *value)
{
    g_string_append(list, name);
    g_string_append_c(list, '=');
    for (const char *from = value; *from != '\0'; from++) {
        unsigned char octet = (unsigned char)*from;
        if (octet < 0x20 || octet == 0x7F || octet == '%')
            g_string_append_printf(list, "%%%02X", octet);
        else
            g_string_append_c(list, *from);
    }
    g_string_append_c(list, '\n');
}

void policy_append_number(GString *list, const char *name, guint64 number)
{
    g_string_append_printf(list, "%s=%" G_GUINT64_FORMAT "\n", name, number);
}

void policy_end(GString *list)
{
    g_string_append_c(list, '\n');
}
