/* list_xlsx_value.c - numbers, dates and escapes of .xlsx cells; see list_xlsx_value.h. */
#include "importer/list_xlsx_value.h"

#include <math.h>
#include <string.h>

#define WIDTH_MAX 32            /* digits that a format pads to */
#define INTEGER_MAX 1e15        /* integers below are shown with all digits, as 15 are significant */
#define SECONDS_A_DAY 86400
#define SERIAL_MAX 2958465.0    /* 9999-12-31 */
#define DURATION_MAX 1e6        /* days */
#define ESCAPE_LENGTH 7         /* of _xHHHH_ */

/* Number formats that have no code in the file (18.8.30 and, from 27, what East Asian Excel adds). */
static const struct {
    guint first;
    guint last;
    enum xlsx_format_kind kind;
} known_formats[] = {
    {14, 17, XLSX_DATE}, {18, 21, XLSX_TIME}, {22, 22, XLSX_DATE}, {27, 31, XLSX_DATE}, {32, 35, XLSX_TIME},
    {36, 36, XLSX_DATE}, {45, 45, XLSX_TIME}, {46, 46, XLSX_DURATION}, {47, 47, XLSX_TIME}, {50, 58, XLSX_DATE},
};

void xlsx_styles_init(struct xlsx_styles *styles)
{
    styles->formats = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    styles->cells = g_array_new(FALSE, TRUE, sizeof(struct xlsx_format));
}

void xlsx_styles_release(struct xlsx_styles *styles)
{
    g_hash_table_unref(styles->formats);
    g_array_unref(styles->cells);
}

void xlsx_styles_add_format(struct xlsx_styles *styles, guint id, const char *code)
{
    struct xlsx_format format = xlsx_format_of_code(code);
    g_hash_table_insert(styles->formats, GUINT_TO_POINTER(id), g_memdup2(&format, sizeof format));
}

void xlsx_styles_add_cell(struct xlsx_styles *styles, guint id)
{
    struct xlsx_format format = {XLSX_PLAIN, 0};
    const struct xlsx_format *own = g_hash_table_lookup(styles->formats, GUINT_TO_POINTER(id));
    if (own != NULL)
        format = *own;
    for (size_t i = 0; own == NULL && i < G_N_ELEMENTS(known_formats); i++)
        if (id >= known_formats[i].first && id <= known_formats[i].last)
            format.kind = known_formats[i].kind;
    g_array_append_val(styles->cells, format);
}

struct xlsx_format xlsx_styles_cell(const struct xlsx_styles *styles, guint style)
{
    return style < styles->cells->len ? g_array_index(styles->cells, struct xlsx_format, style)
                                      : (struct xlsx_format){XLSX_PLAIN, 0};
}

/* Skips what is no format letter at code: "text", \c, _c, *c. Returns the characters to skip, 0 for none. */
static size_t literal_length(const char *code)
{
    if (*code == '"') {
        const char *end = strchr(code + 1, '"');
        return end != NULL ? (size_t)(end - code) + 1 : strlen(code);
    }
    return strchr("\\_*", *code) != NULL && code[1] != '\0' ? 2 : 0;
}

/* [h], [mm], [ss]: elapsed time; other brackets are colours, conditions and locales. Returns the length of the
 * brackets. */
static size_t bracket_length(const char *code, gboolean *elapsed_r)
{
    const char *end = strchr(code, ']');
    if (end == NULL)
        return strlen(code);
    size_t inner = (size_t)(end - code) - 1;
    *elapsed_r |= inner > 0 && strspn(code + 1, "hHmMsS") == inner;
    return inner + 2;
}

struct xlsx_format xlsx_format_of_code(const char *code)
{
    gboolean elapsed = FALSE, date = FALSE, time = FALSE;
    size_t zeros = strspn(code, "0");
    if (zeros >= 2 && zeros <= WIDTH_MAX && code[zeros] == '\0')
        return (struct xlsx_format){XLSX_PADDED, (guint)zeros};
    if (g_ascii_strcasecmp(code, "General") == 0 || g_ascii_strcasecmp(code, "Standard") == 0)
        return (struct xlsx_format){XLSX_PLAIN, 0};
    while (*code != '\0' && *code != ';') {
        size_t skip = *code == '[' ? bracket_length(code, &elapsed) : literal_length(code);
        if (skip == 0) {
            date |= strchr("dDyY", *code) != NULL;
            time |= strchr("hHsS", *code) != NULL;
            skip = 1;
        }
        code += skip;
    }
    return (struct xlsx_format){elapsed ? XLSX_DURATION : date ? XLSX_DATE : time ? XLSX_TIME : XLSX_PLAIN, 0};
}

static void append_time(GString *shown, guint64 seconds)
{
    g_string_append_printf(shown, "%02" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600, (guint)(seconds / 60 % 60),
                           (guint)(seconds % 60));
}

/*
 * Day 0 is the last of 1899, or the first of 1904. The 1900 system has a 29 February 1900 that never was: the days
 * after it are one less than they count.
 */
static void append_day(GString *shown, guint day, gboolean date1904)
{
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, date1904 ? 1 : 31, date1904 ? G_DATE_JANUARY : G_DATE_DECEMBER, date1904 ? 1904 : 1899);
    g_date_add_days(&date, !date1904 && day > 60 ? day - 1 : day);
    g_string_append_printf(shown, "%04u-%02u-%02u", g_date_get_year(&date), (guint)g_date_get_month(&date),
                           g_date_get_day(&date));
}

static void append_date(GString *shown, guint64 seconds, gboolean date1904)
{
    append_day(shown, (guint)(seconds / SECONDS_A_DAY), date1904);
    if (seconds % SECONDS_A_DAY == 0)
        return;
    g_string_append_c(shown, 'T');
    append_time(shown, seconds % SECONDS_A_DAY);
}

static gboolean append_moment(GString *shown, double number, enum xlsx_format_kind kind, gboolean date1904)
{
    if (!(number >= 0 && number < (kind == XLSX_DURATION ? DURATION_MAX : SERIAL_MAX + 1)))
        return FALSE;
    guint64 seconds = (guint64)(number * SECONDS_A_DAY + 0.5);
    if (kind == XLSX_DATE)
        append_date(shown, seconds, date1904);
    else
        append_time(shown, kind == XLSX_TIME ? seconds % SECONDS_A_DAY : seconds);
    return TRUE;
}

static void append_plain(GString *shown, double number, guint width)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    gboolean integer = fabs(number) < INTEGER_MAX && number == trunc(number);
    g_ascii_formatd(digits, sizeof digits, integer ? "%.0f" : "%.15G", number == 0 ? 0.0 : number);
    size_t length = strlen(digits);
    for (size_t i = length; integer && number >= 0 && i < width; i++)
        g_string_append_c(shown, '0');
    g_string_append_len(shown, digits, (gssize)length);
}

void xlsx_show_number(const char *value, struct xlsx_format format, gboolean date1904, GString *shown)
{
    char *end;
    double number = g_ascii_strtod(value, &end);
    if (end == value || *end != '\0' || !isfinite(number) || strspn(value, "0123456789+-.eE") != strlen(value)) {
        g_string_append(shown, value);
        return;
    }
    gboolean moment = format.kind == XLSX_DATE || format.kind == XLSX_TIME || format.kind == XLSX_DURATION;
    if (!moment || !append_moment(shown, number, format.kind, date1904))
        append_plain(shown, number, format.kind == XLSX_PADDED ? format.width : 0);
}

/* The character of an escape at text, or 0 where none begins there. Halves of pairs and NUL are none. */
static gunichar escaped_character(const char *text)
{
    gunichar character = 0;
    if (text[0] != '_' || text[1] != 'x')
        return 0;
    for (int i = 2; i < 6; i++) {
        if (!g_ascii_isxdigit(text[i]))
            return 0;
        character = character << 4 | (gunichar)g_ascii_xdigit_value(text[i]);
    }
    return text[6] == '_' && g_unichar_validate(character) ? character : 0;
}

void xlsx_unescape(GString *text)
{
    if (strstr(text->str, "_x") == NULL)
        return;
    char *out = text->str;
    for (const char *in = text->str; *in != '\0';) {
        gunichar character = escaped_character(in);
        if (character == 0) {
            *out++ = *in++;
            continue;
        }
        out += g_unichar_to_utf8(character, out);
        in += ESCAPE_LENGTH;
    }
    g_string_truncate(text, (gsize)(out - text->str));
}
