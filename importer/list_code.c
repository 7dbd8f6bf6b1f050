/* list_code.c - number formats: sections, literals, placeholders; see list_code.h. */
#include "importer/list_code.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define SECTIONS_MAX 4      /* positive; negative; zero; text */
#define DECIMALS_MAX 15     /* more are noise in a double */
#define NUMBER_MAX 1e15     /* beyond, no digit behind the point is significant, and programs turn to exponents */
#define DIGITS_SIZE 64      /* room for a number below NUMBER_MAX times a few hundreds, and its decimals */

/* What a section's placeholders ask for. */
struct picture {
    guint places;           /* placeholders before the point */
    guint decimals;         /* and after it */
    guint fixed_decimals;   /* of these, as far as the last 0 */
    guint percent;          /* signs */
    guint thousands;        /* commas behind the last place: divide by a thousand each */
    gboolean general;       /* the word General */
    gboolean strange;       /* something that is not understood */
};

static gboolean is_place(char character)
{
    return character != '\0' && strchr("0#?", character) != NULL;
}

size_t list_code_literal(const char *code)
{
    const char *end;
    switch (*code) {
    case '"':
        end = strchr(code + 1, '"');
        break;
    case '[':
        end = strchr(code, ']');
        break;
    case '\\':
    case '_':
    case '*':
        return code[1] == '\0' ? 1 : (size_t)(g_utf8_next_char(code + 1) - code);
    default:
        return 0;
    }
    return end != NULL ? (size_t)(end - code) + 1 : strlen(code);
}

static gboolean is_general(const char *code)
{
    return g_ascii_strncasecmp(code, "General", strlen("General")) == 0;
}

/* Finds the sections; returns how many. starts_r[i + 1] - 1 is where section i ends. */
static guint split(const char *code, const char *starts_r[SECTIONS_MAX + 1])
{
    guint count = 0;
    starts_r[count++] = code;
    while (*code != '\0') {
        size_t skip = list_code_literal(code);
        if (skip == 0 && *code == ';' && count < SECTIONS_MAX)
            starts_r[count++] = code + 1;
        code += MAX(skip, 1);
    }
    starts_r[count] = code + 1;
    return count;
}

/* One character outside literals. */
static void note_character(struct picture *picture, const char *code, gboolean *behind_point)
{
    if (is_place(*code)) {
        picture->thousands = 0;
        if (!*behind_point) {
            picture->places++;
            return;
        }
        picture->decimals++;
        if (*code == '0')
            picture->fixed_decimals = picture->decimals;
    } else if (*code == '.') {
        picture->strange |= *behind_point;
        *behind_point = TRUE;
    } else if (*code == '%') {
        picture->percent++;
    } else if (*code == ',') {
        picture->thousands += picture->places + picture->decimals > 0;
    } else {
        gboolean exponent = (*code == 'E' || *code == 'e') && (code[1] == '+' || code[1] == '-');
        gboolean fraction = *code == '/' && (is_place(code[1]) || g_ascii_isdigit(code[1]));
        picture->strange |= exponent || fraction || *code == '@';
    }
}

static struct picture read_section(const char *code, const char *end)
{
    struct picture picture = {0};
    gboolean behind_point = FALSE;
    while (code < end) {
        size_t skip = list_code_literal(code);
        if (*code == '[')
            picture.strange |= strchr("<>=", code[1]) != NULL;
        if (skip == 0 && is_general(code)) {
            picture.general = TRUE;
            skip = strlen("General");
        } else if (skip == 0) {
            note_character(&picture, code, &behind_point);
            skip = 1;
        }
        code += skip;
    }
    picture.strange |= picture.decimals > DECIMALS_MAX || picture.percent > 1 || picture.thousands > 3 ||
                       (picture.general && picture.places > 0);
    return picture;
}

/* "[$€-407]": the currency's sign; "text": the text; \c: the character; _c: a blank the width of c. */
static void append_literal(GString *shown, const char *code, size_t length)
{
    if (*code == '"')
        g_string_append_len(shown, code + 1, (gssize)(length - (length > 1 && code[length - 1] == '"' ? 2 : 1)));
    else if (*code == '[' && code[1] == '$')
        g_string_append_len(shown, code + 2, (gssize)strcspn(code + 2, "-]"));
    else if (*code == '\\')
        g_string_append_len(shown, code + 1, (gssize)length - 1);
    else if (*code == '_')
        g_string_append_c(shown, ' ');
}

/* The number's digits, rounded as decimals are: 2.675 to 2.68, though the double is a little less. */
static void make_digits(const struct picture *picture, double number, char digits_r[DIGITS_SIZE])
{
    number *= picture->percent > 0 ? 100 : 1;
    number /= pow(1000, picture->thousands);
    number *= 1 + 2 * DBL_EPSILON;
    char format[] = {'%', '.', (char)('0' + picture->decimals / 10), (char)('0' + picture->decimals % 10), 'f', '\0'};
    g_ascii_formatd(digits_r, DIGITS_SIZE, format, number);
}

/* The digits that are still to be put in. */
struct digits {
    const char *next;
    guint whole;        /* before the point, still to come */
    guint places;       /* placeholders before the point, still to come */
    guint decimals;     /* behind the point, still to come, without zeros that need not be shown */
};

static struct digits split_digits(const struct picture *picture, const char *text)
{
    struct digits digits = {.next = text, .whole = (guint)strcspn(text, "."), .places = picture->places};
    size_t length = strlen(text);
    if (text[digits.whole] == '.')
        digits.decimals = (guint)length - digits.whole - 1;
    while (digits.decimals > picture->fixed_decimals && text[--length] == '0')
        digits.decimals--;
    if (digits.whole == 1 && *text == '0') { /* only a 0 of the code shows this one */
        digits.whole = 0;
        digits.next++;
    }
    return digits;
}

/* All digits for which no placeholder is left but `places`. */
static void append_surplus(GString *shown, struct digits *digits, guint places)
{
    for (; digits->whole > places; digits->whole--)
        g_string_append_c(shown, *digits->next++);
}

static void append_whole(GString *shown, struct digits *digits, char place)
{
    guint before = digits->whole;
    append_surplus(shown, digits, --digits->places);
    if (digits->whole == before && place != '#')
        g_string_append_c(shown, place == '0' ? '0' : ' ');
}

static void append_point(GString *shown, struct digits *digits)
{
    append_surplus(shown, digits, 0);
    digits->next += *digits->next == '.';
    if (digits->decimals > 0)
        g_string_append_c(shown, '.');
}

static void append_decimal(GString *shown, struct digits *digits, char place)
{
    if (digits->decimals > 0) {
        g_string_append_c(shown, *digits->next++);
        digits->decimals--;
    } else if (place == '?') {
        g_string_append_c(shown, ' ');
    }
}

static void fill(GString *shown, const char *code, const char *end, struct digits digits, const char *general)
{
    gboolean behind_point = FALSE;
    while (code < end) {
        size_t skip = list_code_literal(code);
        if (skip > 0) {
            append_literal(shown, code, skip);
        } else if (is_general(code)) {
            g_string_append(shown, general);
            skip = strlen("General");
        } else if (is_place(*code) && !behind_point) {
            append_whole(shown, &digits, *code);
        } else if (is_place(*code)) {
            append_decimal(shown, &digits, *code);
        } else if (*code == '.') {
            behind_point = TRUE;
            append_point(shown, &digits);
        } else if (*code != ',') {
            g_string_append_c(shown, *code);
        }
        code += MAX(skip, 1);
    }
}

/* Is anything in the first three sections beyond us? A condition in one of them changes the choice among all. */
static gboolean is_strange(const char *const starts[], guint count)
{
    for (guint i = 0; i < MIN(count, SECTIONS_MAX - 1); i++)
        if (read_section(starts[i], starts[i + 1] - 1).strange)
            return TRUE;
    return FALSE;
}

/* The number without its sign as the section from `code` to `end` shows it. The caller frees. */
static char *show_section(const char *code, const char *end, double number)
{
    char digits[DIGITS_SIZE], general[G_ASCII_DTOSTR_BUF_SIZE];
    struct picture picture = read_section(code, end);
    GString *text = g_string_new(NULL);
    make_digits(&picture, number, digits);
    g_ascii_formatd(general, sizeof general, "%.15G", number);
    fill(text, code, end, split_digits(&picture, digits), general);
    return g_strstrip(g_string_free(text, FALSE));
}

/* A little less than nothing, of which no digit is left, has no sign either. */
static gboolean rounds_to_zero(const char *code, const char *end, double number)
{
    char digits[DIGITS_SIZE];
    struct picture picture = read_section(code, end);
    make_digits(&picture, number, digits);
    return picture.places + picture.decimals > 0 && digits[strspn(digits, "0.")] == '\0';
}

gboolean list_code_apply(const char *code, double number, GString *shown)
{
    const char *starts[SECTIONS_MAX + 1];
    guint count = split(code, starts), section = 0;
    if (is_strange(starts, count) || fabs(number) >= NUMBER_MAX)
        return FALSE;
    if (number < 0 && rounds_to_zero(starts[0], starts[1] - 1, -number))
        number = -number;
    if (count >= 3 && number == 0)
        section = 2;
    else if (count >= 2 && number < 0)
        section = 1;
    g_autofree char *text = show_section(starts[section], starts[section + 1] - 1, fabs(number));
    g_autofree char *positive = show_section(starts[0], starts[1] - 1, fabs(number));
    if (*text == '\0')
        return FALSE;
    /* Negative numbers that differ by their colour only would become positive ones. */
    g_string_append_printf(shown, "%s%s", number < 0 && strcmp(text, positive) == 0 ? "-" : "", text);
    return TRUE;
}
