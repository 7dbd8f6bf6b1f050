/* list_xml_buffer.c - encodings, lines, room; see list_xml_buffer.h. */
#include "importer/list_xml_buffer.h"

#include <string.h>

#define BROKEN '\xFF' /* occurs in no UTF-8 */

void list_xml_buffer_release(struct list_xml_buffer *buffer)
{
    g_free(buffer->start);
}

/* --- UTF-16 ---------------------------------------------------------------------------------- */

/* Appends a unit of UTF-16. Halves of pairs that are alone are broken. */
static void append_unit(struct list_xml_buffer *buffer, gunichar unit)
{
    gboolean is_low = unit >= 0xDC00 && unit < 0xE000;
    gboolean broken = is_low != (buffer->high != 0);
    if (is_low && !broken)
        unit = 0x10000 + ((buffer->high - 0xD800) << 10) + (unit - 0xDC00);
    buffer->high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
    if (broken)
        *buffer->end++ = BROKEN;
    else if (buffer->high == 0)
        buffer->end += g_unichar_to_utf8(unit, buffer->end);
}

static void append_octets(struct list_xml_buffer *buffer, const guint8 *octets, size_t length)
{
    if (buffer->encoding == LIST_XML_UTF_8 && length > 0) {
        memcpy(buffer->end, octets, length);
        buffer->end += length;
        return;
    }
    for (size_t i = 0; i < length; i++) {
        buffer->held[buffer->held_count++] = octets[i];
        if (buffer->held_count < 2)
            continue;
        guint first = buffer->held[0], second = buffer->held[1];
        buffer->held_count = 0;
        append_unit(buffer, buffer->encoding == LIST_XML_UTF_16LE ? second << 8 | first : first << 8 | second);
    }
}

/* Knows the encoding by the first octets (XML 1.0, appendix F): a byte order mark, or the outermost element's <. */
static void begin(struct list_xml_buffer *buffer)
{
    static const struct {
        const char *octets;
        guint length;
        guint skip;
        enum list_xml_encoding encoding;
    } beginnings[] = {
        {"\xEF\xBB\xBF", 3, 3, LIST_XML_UTF_8},
        {"\xFF\xFE", 2, 2, LIST_XML_UTF_16LE},
        {"\xFE\xFF", 2, 2, LIST_XML_UTF_16BE},
        {"<\0", 2, 0, LIST_XML_UTF_16LE},
        {"\0<", 2, 0, LIST_XML_UTF_16BE},
        {"", 0, 0, LIST_XML_UTF_8},
    };
    guint8 first[sizeof buffer->held];
    guint count = buffer->held_count, i = 0;
    memcpy(first, buffer->held, sizeof first);
    while (count < beginnings[i].length || memcmp(first, beginnings[i].octets, beginnings[i].length) != 0)
        i++;
    buffer->encoding = beginnings[i].encoding;
    buffer->held_count = 0;
    append_octets(buffer, first + beginnings[i].skip, count - beginnings[i].skip);
}

/* Makes room for octets in each encoding: two of them become three at most, BROKEN and NUL follow. */
static void reserve(struct list_xml_buffer *buffer, size_t length)
{
    size_t there = (size_t)(buffer->end - buffer->start);
    size_t wanted = there + 2 * (length + sizeof buffer->held) + 2;
    if (wanted <= buffer->size)
        return;
    buffer->size = wanted;
    buffer->start = g_realloc(buffer->start, wanted);
    buffer->end = buffer->start + there;
}

void list_xml_buffer_append(struct list_xml_buffer *buffer, const guint8 *octets, size_t length, gboolean last)
{
    reserve(buffer, length);
    buffer->last = last;
    for (; buffer->encoding == LIST_XML_UNKNOWN && length > 0; octets++, length--) {
        buffer->held[buffer->held_count++] = *octets;
        if (buffer->held_count == sizeof buffer->held)
            begin(buffer);
    }
    if (last && buffer->encoding == LIST_XML_UNKNOWN)
        begin(buffer);
    append_octets(buffer, octets, length);
    if (last && (buffer->high != 0 || buffer->held_count > 0))
        *buffer->end++ = BROKEN;
    *buffer->end = '\0';
}

/* --- lines ----------------------------------------------------------------------------------- */

static guint64 count_lines(const char *text, const char *end)
{
    guint64 lines = 0;
    for (; (text = memchr(text, '\n', (size_t)(end - text))) != NULL; text++)
        lines++;
    return lines;
}

guint64 list_xml_buffer_line(const struct list_xml_buffer *buffer, const char *at)
{
    return buffer->lines + count_lines(buffer->start, at) + 1;
}

void list_xml_buffer_forget(struct list_xml_buffer *buffer, const char *rest)
{
    size_t left = (size_t)(buffer->end - rest);
    buffer->lines += count_lines(buffer->start, rest);
    memmove(buffer->start, rest, left);
    buffer->end = buffer->start + left;
}
