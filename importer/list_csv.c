/*
 * list_csv.c - text files with separated fields, by libcsv (RFC 4180, its quoting strictly); see list_reader.h.
 *
 * The character set is that of the byte order mark; without one UTF-16 where every other octet is NUL, UTF-8 where all
 * of the file is valid, else Windows-1252, which is what a German Excel writes. The separator is the one of ; , tab |
 * that splits the first lines most evenly, or that of Excel's "sep=" line. Both are told.
 */
#include "importer/list_codepage.h"
#include "importer/list_reader.h"

#include <csv.h>
#include <string.h>

#include "lib/error.h"

#define CHUNK (32u * 1024)      /* octets decoded and parsed at once */
#define SAMPLE (64u * 1024)     /* octets of text that the separator is guessed from */
#define SAMPLE_LINES 20         /* and lines */
#define NO_SEPARATOR '\x1F'     /* where the file is one column: occurs in no list */

enum charset { UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252 };

static const char *const charset_names[] = {
    [UTF_8] = "UTF-8", [UTF_16LE] = "UTF-16", [UTF_16BE] = "UTF-16", [WINDOWS_1252] = "Windows-1252",
};

/* The octets of a file as UTF-8 text, piece by piece. */
struct decoder {
    enum charset charset;
    const guint8 *next;
    const guint8 *end;
    GString *text;  /* the last piece */
    gboolean bad;   /* what follows the last piece is no text of this charset */
};

/* --- character sets -------------------------------------------------------------------------- */

static gboolean begins_with(const struct list_input *input, const char *octets, size_t length)
{
    return input->size >= length && memcmp(input->data, octets, length) == 0;
}

/* UTF-16 without a mark: of the first octets, those at even or odd places are mostly NUL. */
static gboolean nul_at_every_other(const struct list_input *input, size_t first)
{
    size_t size = MIN(input->size, 512u), nuls = 0, others = 0;
    for (size_t i = 0; i < size; i++) {
        nuls += input->data[i] == 0 && i % 2 == first;
        others += input->data[i] == 0 && i % 2 != first;
    }
    return size >= 4 && others == 0 && nuls > size / 4;
}

static void detect_charset(const struct list_input *input, struct decoder *decoder)
{
    size_t skip = 0;
    if (begins_with(input, "\xEF\xBB\xBF", 3)) {
        decoder->charset = UTF_8;
        skip = 3;
    } else if (begins_with(input, "\xFF\xFE", 2) || begins_with(input, "\xFE\xFF", 2)) {
        decoder->charset = input->data[0] == 0xFF ? UTF_16LE : UTF_16BE;
        skip = 2;
    } else if (nul_at_every_other(input, 1))
        decoder->charset = UTF_16LE;
    else if (nul_at_every_other(input, 0))
        decoder->charset = UTF_16BE;
    else if (g_utf8_validate_len((const char *)input->data, input->size, NULL))
        decoder->charset = UTF_8;
    else
        decoder->charset = WINDOWS_1252;
    decoder->next = input->data + skip;
    decoder->end = input->data + input->size;
}

static void decode_windows_1252(struct decoder *decoder, const guint8 *stop)
{
    const guint16 *upper = list_codepage(LIST_CODEPAGE_WESTERN);
    for (; decoder->next < stop; decoder->next++) {
        guint8 octet = *decoder->next;
        gunichar character = octet >= 0x80 ? upper[octet - 0x80] : octet;
        decoder->bad = character == 0;
        if (decoder->bad)
            return;
        g_string_append_unichar(decoder->text, character);
    }
}

static gunichar unit_at(const struct decoder *decoder, const guint8 *octets)
{
    return decoder->charset == UTF_16LE ? octets[0] | (gunichar)octets[1] << 8 : octets[1] | (gunichar)octets[0] << 8;
}

static void decode_utf_16(struct decoder *decoder, const guint8 *stop)
{
    while (decoder->next < stop) {
        size_t left = (size_t)(decoder->end - decoder->next);
        gunichar unit = left >= 2 ? unit_at(decoder, decoder->next) : 0;
        size_t used = 2;
        if (unit >= 0xD800 && unit < 0xDC00 && left >= 4) {
            gunichar low = unit_at(decoder, decoder->next + 2);
            unit = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) : 0;
            used = 4;
        }
        decoder->bad = unit == 0 || (unit >= 0xD800 && unit < 0xE000);
        if (decoder->bad)
            return;
        g_string_append_unichar(decoder->text, unit);
        decoder->next += used;
    }
}

/* The next piece of at most `size` octets of the file into decoder->text; FALSE at the end or where bad is set. */
static gboolean decode(struct decoder *decoder, size_t size)
{
    const guint8 *stop = decoder->next + MIN(size, (size_t)(decoder->end - decoder->next));
    g_string_truncate(decoder->text, 0);
    switch (decoder->charset) {
    case UTF_8: /* pieces may end within a character: fields are checked as a whole */
        g_string_append_len(decoder->text, (const char *)decoder->next, stop - decoder->next);
        decoder->next = stop;
        break;
    case UTF_16LE:
    case UTF_16BE:
        decode_utf_16(decoder, stop);
        break;
    case WINDOWS_1252:
        decode_windows_1252(decoder, stop);
        break;
    }
    return decoder->text->len > 0;
}

/* --- the separator --------------------------------------------------------------------------- */

/* How many of the first lines have as many separators outside quotes as the first has; 0 where that has none. */
static guint evenness(const GString *sample, char separator)
{
    guint first = 0, here = 0, lines = 0, even = 0;
    gboolean quoted = FALSE;
    for (size_t i = 0; i < sample->len && lines < SAMPLE_LINES; i++) {
        char character = sample->str[i];
        quoted ^= character == '"';
        here += !quoted && character == separator;
        if (quoted || (character != '\n' && i + 1 < sample->len))
            continue;
        if (lines++ == 0)
            first = here;
        even += here == first;
        here = 0;
    }
    return first == 0 ? 0 : even;
}

static char guess_separator(const GString *sample)
{
    static const char separators[] = ";,\t|";
    char best = NO_SEPARATOR;
    guint best_even = 0;
    for (const char *separator = separators; *separator != '\0'; separator++) {
        guint even = evenness(sample, *separator);
        if (even > best_even) {
            best_even = even;
            best = *separator;
        }
    }
    return best;
}

/* Excel's first line "sep=;" names the separator and is no row. Returns its length with its line end, or 0. */
static size_t separator_line(const GString *sample)
{
    if (sample->len < 6 || g_ascii_strncasecmp(sample->str, "sep=", 4) != 0)
        return 0;
    size_t length = 5;
    if (sample->str[length] == '\r')
        length++;
    return sample->str[length] == '\n' ? length + 1 : 0;
}

/* --- rows ------------------------------------------------------------------------------------ */

struct csv_reading {
    struct list_builder builder;
    guint row;          /* the row being read, from 1 */
    guint column;
    int last_end;       /* the character that ended the last row, or 0 after a field */
    GError *error;      /* the first */
};

static void take_field(void *text, size_t length, void *cookie)
{
    struct csv_reading *reading = cookie;
    reading->last_end = 0;
    if (reading->error == NULL)
        list_builder_add(&reading->builder, reading->row, reading->column++, text, length, &reading->error);
}

/* Called for each CR and LF outside quotes, and with -1 at the end of a file that lacks the last one. */
static void take_end(int character, void *cookie)
{
    struct csv_reading *reading = cookie;
    if (character == '\n' && reading->last_end == '\r') {
        reading->last_end = 0;
        return;
    }
    reading->last_end = character;
    reading->column = 0;
    if (reading->error == NULL)
        list_builder_end(&reading->builder, reading->row++, 1, &reading->error);
}

static gboolean refuse_row(const struct csv_reading *reading, const char *what, GError **error)
{
    return error_set(error, ERROR_DATA, "%s: row %u: %s", reading->builder.input->name, reading->row, what);
}

/* Moves the first error of the callbacks, or of libcsv, to *error. */
static gboolean check(struct csv_reading *reading, struct csv_parser *parser, gboolean complete, GError **error)
{
    if (reading->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&reading->error));
        return FALSE;
    }
    if (!complete)
        return refuse_row(reading, csv_error(parser) == CSV_EPARSE
                              ? "a quotation mark that is neither doubled nor round a whole field, or that is never "
                                "closed; save the list anew, or as .xlsx"
                              : "the row can't be read; save the list anew, or as .xlsx", error);
    if (csv_get_buffer_size(parser) > LIST_CELL_MAX + 2 * CHUNK)
        return refuse_row(reading, "a cell holds more than 32 KiB of text; is a quotation mark not closed?", error);
    return TRUE;
}

static gboolean parse_rest(struct csv_reading *reading, struct csv_parser *parser, struct decoder *decoder, size_t skip,
                           GError **error)
{
    do {
        size_t size = decoder->text->len - skip;
        size_t parsed = csv_parse(parser, decoder->text->str + skip, size, take_field, take_end, reading);
        if (!check(reading, parser, parsed == size, error))
            return FALSE;
        skip = 0;
    } while (!decoder->bad && decode(decoder, CHUNK));
    if (decoder->bad)
        return refuse_row(reading, decoder->charset == WINDOWS_1252
                              ? "a character that is neither UTF-8 nor Windows-1252; if it is a list, save it as .xlsx"
                              : "broken UTF-16 text, or NUL; save the list as .xlsx", error);
    return check(reading, parser, csv_fini(parser, take_field, take_end, reading) == 0, error);
}

static void tell(const struct list_input *input, const struct decoder *decoder, char separator)
{
    const char *charset = charset_names[decoder->charset];
    if (separator == NO_SEPARATOR)
        list_note(input, "read as text of one column, %s", charset);
    else if (separator == '\t')
        list_note(input, "read as text, %s, fields separated by tabs", charset);
    else
        list_note(input, "read as text, %s, fields separated by '%c'", charset, separator);
}

gboolean list_read_csv(const struct list_input *input, GError **error)
{
    struct decoder decoder = {.text = g_string_sized_new(2 * SAMPLE)};
    struct csv_reading reading = {.row = 1};
    struct csv_parser parser;
    detect_charset(input, &decoder);
    decode(&decoder, SAMPLE);
    size_t skip = separator_line(decoder.text);
    char separator = skip > 0 ? decoder.text->str[4] : guess_separator(decoder.text);
    tell(input, &decoder, separator);
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
    csv_set_delim(&parser, (unsigned char)separator);
    list_builder_init(&reading.builder, input);
    gboolean fine = parse_rest(&reading, &parser, &decoder, skip, error);
    g_clear_error(&reading.error);
    list_builder_release(&reading.builder);
    csv_free(&parser);
    g_string_free(decoder.text, TRUE);
    return fine;
}
