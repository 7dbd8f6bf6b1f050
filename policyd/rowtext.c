/* rowtext.c - rows as lines of text; see rowtext.h. */
#include "policyd/rowtext.h"

#include <string.h>

static const char hex[] = "0123456789ABCDEF";

void rowtext_init(struct rowtext *row)
{
    row->table = STORE_META;
    row->key = g_string_new(NULL);
    row->value = g_string_new(NULL);
}

void rowtext_release(struct rowtext *row)
{
    g_string_free(row->key, TRUE);
    g_string_free(row->value, TRUE);
}

static gboolean is_plain(guint8 octet)
{
    return octet > ' ' && octet < 0x7f && octet != '%';
}

static void append_octets(GString *out, struct bytes bytes)
{
    const guint8 *octets = bytes.data;
    gsize before = out->len;
    g_string_set_size(out, before + 3 * bytes.size); /* room for the worst */
    char *to = out->str + before;
    for (size_t i = 0; i < bytes.size; i++) {
        if (is_plain(octets[i])) {
            *to++ = (char)octets[i];
            continue;
        }
        *to++ = '%';
        *to++ = hex[octets[i] >> 4];
        *to++ = hex[octets[i] & 15];
    }
    g_string_truncate(out, (gsize)(to - out->str));
}

void rowtext_append(GString *out, enum store_table table, struct bytes key, const struct bytes *value)
{
    g_string_append(out, store_table_name(table));
    g_string_append_c(out, ' ');
    append_octets(out, key);
    if (value == NULL)
        return;
    g_string_append_c(out, ' ');
    append_octets(out, *value);
}

static int digit(char c)
{
    const char *at = c != '\0' ? strchr(hex, c) : NULL;
    return at != NULL ? (int)(at - hex) : -1;
}

static gboolean read_octets(const char *text, size_t size, size_t most, GString *octets_r)
{
    g_string_truncate(octets_r, 0);
    for (size_t i = 0; i < size; i++) {
        char octet = text[i];
        if (octet == '%') {
            int high = size - i > 2 ? digit(text[i + 1]) : -1, low = size - i > 2 ? digit(text[i + 2]) : -1;
            if (high < 0 || low < 0 || is_plain((guint8)(high * 16 + low)))
                return FALSE;
            octet = (char)(high * 16 + low);
            i += 2;
        } else if (!is_plain((guint8)octet)) {
            return FALSE;
        }
        g_string_append_c(octets_r, octet);
    }
    return octets_r->len <= most;
}

static gboolean find_table(const char *name, size_t size, enum store_table *table_r)
{
    for (int table = 0; table < STORE_TABLES; table++) {
        const char *known = store_table_name((enum store_table)table);
        *table_r = (enum store_table)table;
        if (strlen(known) == size && memcmp(known, name, size) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean rowtext_parse(const char *text, size_t size, gboolean with_value, struct rowtext *row_r)
{
    const char *end = text + size;
    const char *key = memchr(text, ' ', size);
    if (key == NULL || !find_table(text, (size_t)(key - text), &row_r->table))
        return FALSE;
    key++;
    const char *key_end = memchr(key, ' ', (size_t)(end - key));
    if ((key_end != NULL) != with_value)
        return FALSE;
    if (key_end == NULL)
        key_end = end;
    if (!read_octets(key, (size_t)(key_end - key), STORE_KEY_MAX, row_r->key))
        return FALSE;
    return !with_value || read_octets(key_end + 1, (size_t)(end - key_end - 1), STORE_VALUE_MAX, row_r->value);
}
