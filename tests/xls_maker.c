/* xls_maker.c - makes .xls files in memory; see xls_maker.h. */
#include "tests/xls_maker.h"

#include <string.h>

#define SECTOR 512u
#define SHORT_SECTOR 64u
#define CUTOFF 4096u
#define END_OF_CHAIN 0xFFFFFFFEu
#define TABLE_SECTOR 0xFFFFFFFDu
#define FREE 0xFFFFFFFFu

enum { TABLE, DIRECTORY, SHORT_TABLE, DATA }; /* the order of the sectors */

static void put(GByteArray *out, guint64 number, guint octets)
{
    for (guint i = 0; i < octets; i++) {
        guint8 octet = (guint8)(i < sizeof number ? number >> 8 * i : 0);
        g_byte_array_append(out, &octet, 1);
    }
}

static void put_hex(GByteArray *out, const char *hex)
{
    for (; *hex != '\0'; hex++)
        if (g_ascii_isxdigit(*hex)) {
            put(out, (guint64)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1])), 1);
            hex++;
        }
}

static void put_record(GByteArray *out, guint16 type, const char *hex)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    put_hex(content, hex);
    put(out, type, 2);
    put(out, content->len, 2);
    g_byte_array_append(out, content->data, content->len);
}

static void put_begin(GByteArray *out, guint16 version, guint16 substream)
{
    put(out, 0x809, 2);
    put(out, 8, 2);
    put(out, version, 2);
    put(out, substream, 2);
    put(out, 0, 4);
}

GByteArray *xls_book(guint16 version, const struct xls_record *globals, const struct xls_record *sheet)
{
    GByteArray *book = g_byte_array_new();
    put_begin(book, version, 5);
    for (; globals != NULL && globals->hex != NULL; globals++)
        put_record(book, globals->type, globals->hex);
    guint place = book->len + 4;
    put_record(book, 0x85, version == XLS_BIFF8 ? "00000000 0000 05 00 4C69737465" : "00000000 0000 05 4C69737465");
    put_record(book, 0x0A, "");
    guint32 begin = GUINT32_TO_LE(book->len);
    memcpy(book->data + place, &begin, sizeof begin);
    put_begin(book, version, 0x10);
    for (; sheet->hex != NULL; sheet++)
        put_record(book, sheet->type, sheet->hex);
    put_record(book, 0x0A, "");
    return book;
}

/* A directory entry; the numbers are siblings, child, first sector and size. */
static void put_entry(GByteArray *out, const char *name, guint8 type, guint32 right, guint32 child, guint32 start,
                      guint32 size)
{
    guint8 wide[64] = {0};
    for (size_t i = 0; name[i] != '\0'; i++)
        wide[2 * i] = (guint8)name[i];
    g_byte_array_append(out, wide, sizeof wide);
    put(out, 2 * strlen(name) + 2, 2);
    put(out, type, 1);
    put(out, 1, 1);
    put(out, FREE, 4);
    put(out, right, 4);
    put(out, child, 4);
    put(out, 0, 36);
    put(out, start, 4);
    put(out, size, 4);
    put(out, 0, 4);
}

static void put_header(GByteArray *out)
{
    put_hex(out, "D0CF11E0A1B11AE1");
    put(out, 0, 16);
    put_hex(out, "3E00 0300 FEFF 0900 0600 000000000000");
    put(out, 0, 4);
    put(out, 1, 4);
    put(out, DIRECTORY, 4);
    put(out, 0, 4);
    put(out, CUTOFF, 4);
    put(out, SHORT_TABLE, 4);
    put(out, 1, 4);
    put(out, END_OF_CHAIN, 4);
    put(out, 0, 4);
    put(out, TABLE, 4);
    while (out->len < SECTOR)
        put(out, FREE, 4);
}

/* `count` sectors or short sectors one after another, from the table's present end on. */
static void put_chain(GByteArray *out, guint from, guint count)
{
    for (guint i = 1; i <= count; i++)
        put(out, i == count ? END_OF_CHAIN : from + i, 4);
}

static void fill_sector(GByteArray *out, guint32 filler)
{
    while (out->len % SECTOR != 0)
        put(out, filler, out->len % 4 == 0 ? 4 : 1);
}

GByteArray *xls_compound(const char *name, const GByteArray *stream, const char *other)
{
    gboolean is_short = stream->len < CUTOFF;
    guint sectors = (stream->len + SECTOR - 1) / SECTOR;
    GByteArray *file = g_byte_array_new();
    put_header(file);
    put(file, TABLE_SECTOR, 4);
    put_chain(file, DIRECTORY, 1);
    put_chain(file, SHORT_TABLE, 1);
    put_chain(file, DATA, sectors);
    fill_sector(file, FREE);
    put_entry(file, "Root Entry", 5, FREE, 1, is_short ? DATA : END_OF_CHAIN, is_short ? sectors * SECTOR : 0);
    put_entry(file, name, 2, other != NULL ? 2 : FREE, FREE, is_short ? 0 : DATA, stream->len);
    if (other != NULL)
        put_entry(file, other, 1, FREE, FREE, 0, 0);
    fill_sector(file, 0);
    if (is_short)
        put_chain(file, 0, (stream->len + SHORT_SECTOR - 1) / SHORT_SECTOR);
    fill_sector(file, FREE);
    if (file->len == (DATA + 0) * SECTOR)
        put(file, FREE, 4);
    fill_sector(file, FREE);
    g_byte_array_append(file, stream->data, stream->len);
    fill_sector(file, 0);
    return file;
}
