/* list_value.c - numbers, dates and escapes of cells; see list_value.h. */
#include "importer/list_value.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "importer/list_code.h"

#define INTEGER_MAX 1e15        /* integers below are shown with all digits, as 15 are significant */
#define INTEGER_DIGITS_MAX 15
#define DECIMALS_MAX 15
#define SECONDS_A_DAY 86400
#define SERIAL_MAX 2958465.0    /* 9999-12-31 */
#define DURATION_MAX 1e6        /* days */
#define DATE_LENGTH 10          /* of 2026-11-23 */
#define DATE_TIME_LENGTH 19     /* of 2026-11-23T08:15:00 */
#define ESCAPE_LENGTH 7         /* of _xHHHH_ */

/* Number formats that have no code in the file (18.8.30 and, from 27, what East Asian Excel adds). */
static const struct {
    guint first;
    guint last;
    struct list_format format;
} known_formats[] = {
    {1, 1, {LIST_CODE, "0"}},
    {2, 2, {LIST_CODE, "0.00"}},
    {3, 3, {LIST_CODE, "#,##0"}},
    {4, 4, {LIST_CODE, "#,##0.00"}},
    {9, 9, {LIST_CODE, "0%"}},
    {10, 10, {LIST_CODE, "0.00%"}},
    {14, 17, {LIST_DATE, NULL}},
    {18, 21, {LIST_TIME, NULL}},
    {22, 22, {LIST_DATE, NULL}},
    {27, 31, {LIST_DATE, NULL}},
    {32, 35, {LIST_TIME, NULL}},
    {36, 36, {LIST_DATE, NULL}},
    {37, 38, {LIST_CODE, "#,##0;(#,##0)"}},
    {39, 40, {LIST_CODE, "#,##0.00;(#,##0.00)"}},
    {45, 45, {LIST_TIME, NULL}},
    {46, 46, {LIST_DURATION, NULL}},
    {47, 47, {LIST_TIME, NULL}},
    {50, 58, {LIST_DATE, NULL}},
};

void list_formats_init(struct list_formats *formats)
{
    formats->own = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    formats->cells = g_array_new(FALSE, TRUE, sizeof(struct list_format));
}

void list_formats_release(struct list_formats *formats)
{
    g_hash_table_unref(formats->own);
    g_array_unref(formats->cells);
}

void list_formats_add(struct list_formats *formats, guint id, const char *code)
{
    if (!g_hash_table_contains(formats->own, GUINT_TO_POINTER(id)))
        g_hash_table_insert(formats->own, GUINT_TO_POINTER(id), g_strdup(code));
}

void list_formats_add_cell(struct list_formats *formats, guint id)
{
    struct list_format format = {LIST_PLAIN, NULL};
    const char *own = g_hash_table_lookup(formats->own, GUINT_TO_POINTER(id));
    if (own != NULL)
        format = list_format_of_code(own);
    for (size_t i = 0; own == NULL && i < G_N_ELEMENTS(known_formats); i++)
        if (id >= known_formats[i].first && id <= known_formats[i].last)
            format = known_formats[i].format;
    g_array_append_val(formats->cells, format);
}

struct list_format list_formats_cell(const struct list_formats *formats, guint style)
{
    return style < formats->cells->len ? g_array_index(formats->cells, struct list_format, style)
                                       : (struct list_format){LIST_PLAIN, NULL};
}

/* [h], [mm], [ss]: elapsed time. */
static gboolean is_elapsed(const char *code, size_t length)
{
    size_t letters = *code == '[' ? strspn(code + 1, "hHmMsS") : 0;
    return letters > 0 && letters + 2 == length;
}

struct list_format list_format_of_code(const char *code)
{
    gboolean elapsed = FALSE, date = FALSE, month = FALSE, time = FALSE;
    if (g_ascii_strcasecmp(code, "General") == 0 || g_ascii_strcasecmp(code, "Standard") == 0)
        return (struct list_format){LIST_PLAIN, NULL};
    for (const char *p = code; *p != '\0' && *p != ';';) {
        size_t skip = list_code_literal(p);
        elapsed |= is_elapsed(p, skip);
        if (skip == 0 && g_ascii_strncasecmp(p, "General", strlen("General")) == 0)
            skip = strlen("General");
        if (skip == 0) {
            date |= strchr("dDyY", *p) != NULL;
            month |= strchr("mM", *p) != NULL;
            time |= strchr("hHsS", *p) != NULL;
        }
        p += MAX(skip, 1);
    }
    enum list_format_kind kind = elapsed ? LIST_DURATION : date ? LIST_DATE : time ? LIST_TIME
                                 : month ? LIST_DATE : LIST_CODE;
    return (struct list_format){kind, kind == LIST_CODE ? code : NULL};
}

static void append_time(GString *shown, guint64 seconds)
{
    g_string_append_printf(shown, "%02" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600, (guint)(seconds / 60 % 60),
                           (guint)(seconds % 60));
}

/* A number with noughts before it, to that many digits; without printf(), as a million cells may be dates. */
static void append_digits(GString *shown, guint number, guint digits)
{
    char text[4];
    for (guint i = digits; i-- > 0; number /= 10)
        text[i] = (char)('0' + number % 10);
    g_string_append_len(shown, text, digits);
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
    append_digits(shown, g_date_get_year(&date), 4);
    g_string_append_c(shown, '-');
    append_digits(shown, (guint)g_date_get_month(&date), 2);
    g_string_append_c(shown, '-');
    append_digits(shown, g_date_get_day(&date), 2);
}

static void append_date(GString *shown, guint64 seconds, gboolean date1904)
{
    append_day(shown, (guint)(seconds / SECONDS_A_DAY), date1904);
    if (seconds % SECONDS_A_DAY == 0)
        return;
    g_string_append_c(shown, 'T');
    append_time(shown, seconds % SECONDS_A_DAY);
}

static gboolean append_moment(GString *shown, double number, enum list_format_kind kind, gboolean date1904)
{
    if (!(number >= 0 && number < (kind == LIST_DURATION ? DURATION_MAX : SERIAL_MAX + 1)))
        return FALSE;
    guint64 seconds = (guint64)(number * SECONDS_A_DAY + 0.5);
    if (kind == LIST_DATE)
        append_date(shown, seconds, date1904);
    else
        append_time(shown, kind == LIST_TIME ? seconds % SECONDS_A_DAY : seconds);
    return TRUE;
}

static void append_plain(GString *shown, double number)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    gboolean integer = fabs(number) < INTEGER_MAX && number == trunc(number);
    g_ascii_formatd(digits, sizeof digits, integer ? "%.0f" : "%.15G", number == 0 ? 0.0 : number);
    g_string_append(shown, digits);
}

void list_show_number(double number, struct list_format format, gboolean date1904, GString *shown)
{
    gboolean done = FALSE;
    if (!isfinite(number)) {
        g_string_append(shown, "#NUM!");
        return;
    }
    if (format.kind == LIST_CODE)
        done = list_code_apply(format.code, number, shown);
    else if (format.kind != LIST_PLAIN)
        done = append_moment(shown, number, format.kind, date1904);
    if (!done)
        append_plain(shown, number);
}

/* Most numbers of a list: what append_plain() would make of them is what they are. */
static gboolean is_plain_integer(const char *value)
{
    size_t length = strspn(value, "0123456789");
    return value[length] == '\0' && length <= INTEGER_DIGITS_MAX && (length == 1 || (length > 1 && *value != '0'));
}

void list_show_decimal(const char *value, struct list_format format, gboolean date1904, GString *shown)
{
    char *end;
    if (format.kind == LIST_PLAIN && is_plain_integer(value)) {
        g_string_append(shown, value);
        return;
    }
    double number = g_ascii_strtod(value, &end);
    if (end == value || *end != '\0' || !isfinite(number) || strspn(value, "0123456789+-.eE") != strlen(value))
        g_string_append(shown, value);
    else
        list_show_number(number, format, date1904, shown);
}

void list_show_date(const char *value, GString *shown)
{
    gsize length = strlen(value);
    if (length >= DATE_TIME_LENGTH && value[DATE_LENGTH] == 'T')
        length = g_str_has_prefix(value + DATE_LENGTH, "T00:00:00") ? DATE_LENGTH : DATE_TIME_LENGTH;
    g_string_append_len(shown, value, (gssize)length);
}

/* --- numbers as seen ------------------------------------------------------------------------- */

/* The separators that programs group with or put before decimals: . , ' and blanks. Returns its length, or 0. */
static size_t separator_length(const char *text)
{
    static const char *const separators[] = {".", ",", "'", " ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x99"};
    for (size_t i = 0; i < G_N_ELEMENTS(separators); i++)
        if (g_str_has_prefix(text, separators[i]))
            return strlen(separators[i]);
    return 0;
}

/* A run of digits with single separators between them. */
struct seen_digits {
    GString *digits;
    guint since;        /* digits behind the last separator; all, where there is none */
    const char *rest;   /* what follows the run */
};

static struct seen_digits gather_digits(const char *text)
{
    struct seen_digits seen = {.digits = g_string_new(NULL)};
    while (g_ascii_isdigit(*text)) {
        g_string_append_c(seen.digits, *text++);
        seen.since++;
        size_t skip = separator_length(text);
        if (skip > 0 && g_ascii_isdigit(text[skip])) {
            text += skip;
            seen.since = 0;
        }
    }
    seen.rest = text;
    return seen;
}

/* Do the digits show the number, `decimals` of them being behind the point? */
static gboolean digits_show(const char *digits, guint decimals, double number)
{
    char format[8], text[G_ASCII_DTOSTR_BUF_SIZE * 2];
    g_snprintf(format, sizeof format, "%%.%uf", decimals);
    g_ascii_formatd(text, sizeof text, format, number * (1 + 2 * DBL_EPSILON));
    char *point = strchr(text, '.');
    if (point != NULL)
        memmove(point, point + 1, strlen(point));
    size_t surplus = strlen(digits) > strlen(text) ? strlen(digits) - strlen(text) : 0;
    return strspn(digits, "0") >= surplus && strcmp(digits + surplus, text) == 0;
}

/* How many digits stand behind the point: those behind the last separator, or none. FALSE where neither is right. */
static gboolean find_decimals(const struct seen_digits *seen, double number, guint *decimals_r)
{
    gboolean separated = seen->since < seen->digits->len && seen->since <= DECIMALS_MAX;
    *decimals_r = separated && digits_show(seen->digits->str, seen->since, number) ? seen->since : 0;
    return *decimals_r > 0 || digits_show(seen->digits->str, 0, number);
}

/* Digits with other signs between them, "0170 1234-567", or none at all, "yes": shown as they are. */
static gboolean is_seen_as_text(double number, const char *seen)
{
    GString *digits = g_string_new(NULL);
    for (const char *p = seen; *p != '\0'; p++)
        if (g_ascii_isdigit(*p))
            g_string_append_c(digits, *p);
    gboolean fine = digits->len > 0 ? number == trunc(number) && digits_show(digits->str, 0, fabs(number))
                                    : seen[strspn(seen, "#")] != '\0'; /* "###" is too narrow a column */
    g_string_free(digits, TRUE);
    return fine;
}

gboolean list_show_seen(double number, const char *seen, GString *shown)
{
    size_t before = strcspn(seen, "0123456789");
    struct seen_digits run = gather_digits(seen + before);
    double wanted = fabs(number) * (strchr(run.rest, '%') != NULL ? 100 : 1);
    guint decimals;
    gboolean fine = wanted < INTEGER_MAX;
    if (fine && run.digits->len > 0 && run.rest[strcspn(run.rest, "0123456789")] == '\0' &&
        find_decimals(&run, wanted, &decimals)) {
        g_string_append_len(shown, seen, (gssize)before);
        if (decimals > 0)
            g_string_insert_c(run.digits, (gssize)(run.digits->len - decimals), '.');
        g_string_append_printf(shown, "%s%s", run.digits->str, run.rest);
    } else {
        fine = fine && is_seen_as_text(number, seen);
        g_string_append(shown, fine ? seen : "");
    }
    g_string_free(run.digits, TRUE);
    return fine;
}

/* --- escapes --------------------------------------------------------------------------------- */

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

void list_unescape(GString *text, gsize start)
{
    char *out = strstr(text->str + start, "_x");
    if (out == NULL)
        return;
    for (const char *in = out; *in != '\0';) {
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
