/* sockmap.c - Postfix's socketmap protocol; see sockmap.h. */
#include "policyd/sockmap.h"

#include "lib/error.h"

#include <string.h>

#define LENGTH_DIGITS 5

static gboolean is_wrong(GError **error)
{
    return error_set(error, ERROR_PROTOCOL, "not a question of socketmap_table(5) of at most %zu octets", SOCKMAP_MAX);
}

/* "LENGTH:"; *begin_r is 0 where the colon has not come yet. */
static gboolean take_length(const char *data, size_t size, size_t *begin_r, size_t *length_r)
{
    size_t digits = 0;
    *length_r = *begin_r = 0;
    for (; digits < size && digits <= LENGTH_DIGITS && g_ascii_isdigit(data[digits]); digits++)
        *length_r = *length_r * 10 + (size_t)(data[digits] - '0');
    if (digits == size && digits <= LENGTH_DIGITS)
        return TRUE;
    *begin_r = digits + 1;
    return digits > 0 && digits <= LENGTH_DIGITS && data[digits] == ':' && *length_r <= SOCKMAP_MAX;
}

gboolean sockmap_parse(char *data, size_t size, struct attributes *attributes_r, size_t *used_r, GError **error)
{
    size_t begin, length;
    *used_r = 0;
    attributes_r->count = 0;
    if (!take_length(data, size, &begin, &length))
        return is_wrong(error);
    if (begin == 0 || size - begin <= length)
        return TRUE;
    char *name = data + begin, *end = name + length, *blank = memchr(name, ' ', length);
    if (*end != ',' || blank == NULL || memchr(name, '\0', length) != NULL)
        return is_wrong(error);
    *blank = *end = '\0';
    attributes_r->list[attributes_r->count++] = (struct attribute){"request", name};
    attributes_r->list[attributes_r->count++] = (struct attribute){"queue_id", blank + 1};
    *used_r = begin + length + 1;
    return TRUE;
}

void sockmap_answer(GString *out, const char *status, const char *text)
{
    g_string_append_printf(out, "%zu:%s %s,", strlen(status) + 1 + strlen(text), status, text);
}
