/* html_scan.c - takes HTML apart; see html_scan.h. */
#include "importer/html_scan.h"

#include <stdlib.h>
#include <string.h>

#define REFERENCE_MAX 12 /* characters of a character reference between "&" and ";" */

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

gboolean html_name_is(const char *begin, const char *end, const char *name)
{
    size_t length = (size_t)(end - begin);
    return strlen(name) == length && g_ascii_strncasecmp(begin, name, length) == 0;
}

void html_scan_init(struct html_scan *scan, const char *text, size_t length)
{
    *scan = (struct html_scan){ .cursor = text, .end = text + length };
}

/* Behind the ">" that ends the tag whose name ends at c; NULL where it is never closed. */
static const char *tag_end(const char *c, const char *end)
{
    char quote = '\0';
    char last = '\0'; /* the last character that is no blank */
    for (; c < end; c++) {
        if (quote != '\0')
            quote = *c == quote ? '\0' : quote;
        else if (*c == '>')
            return c + 1;
        else if ((*c == '"' || *c == '\'') && last == '=')
            quote = *c;
        last = is_blank(*c) ? last : *c;
    }
    return NULL;
}

static const char *find(const char *c, const char *end, const char *what)
{
    return memmem(c, (size_t)(end - c), what, strlen(what));
}

/* The end of a comment or declaration that begins at c with "<!", "<?" or "</" and no letter. */
static const char *other_end(const char *c, const char *end)
{
    gboolean comment = end - c >= 4 && memcmp(c, "<!--", 4) == 0;
    if (comment && end - c >= 5 && c[4] == '>')
        return c + 5;
    const char *close = comment ? find(c + 4, end, "-->") : find(c, end, ">");
    return close == NULL ? end : close + (comment ? 3 : 1);
}

/* Where a tag, comment or declaration begins: "<" and a letter, "/", "!" or "?". */
static gboolean begins_markup(const char *c, const char *end)
{
    return *c == '<' && c + 1 < end && (g_ascii_isalpha(c[1]) || c[1] == '/' || c[1] == '!' || c[1] == '?');
}

static const char *text_end(const char *c, const char *end)
{
    for (c++; c < end && !begins_markup(c, end);)
        c++;
    return c;
}

/* Where the end tag of the raw element begins. */
static const char *raw_end(const struct html_scan *scan)
{
    size_t length = strlen(scan->raw);
    for (const char *c = scan->cursor; (c = find(c, scan->end, "</")) != NULL; c += 2)
        if ((size_t)(scan->end - c) >= 2 + length && g_ascii_strncasecmp(c + 2, scan->raw, length) == 0)
            return c;
    return scan->end;
}

static void enter_raw(struct html_scan *scan, const struct html_token *token)
{
    static const char *const names[] = { "style", "script", "title" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (html_name_is(token->name, token->name_end, names[i]))
            g_strlcpy(scan->raw, names[i], sizeof scan->raw);
}

/* A tag, or the rest of the text where it isn't closed. */
static void next_tag(struct html_scan *scan, struct html_token *token)
{
    gboolean closing = scan->cursor[1] == '/';
    token->kind = closing ? HTML_TOKEN_END : HTML_TOKEN_START;
    token->name = scan->cursor + 1 + closing;
    token->name_end = token->name;
    while (token->name_end < scan->end && !is_blank(*token->name_end) && *token->name_end != '/' && *token->name_end != '>')
        token->name_end++;
    const char *end = tag_end(token->name_end, scan->end);
    if (end == NULL) {
        token->kind = HTML_TOKEN_TEXT;
        token->end = scan->end;
        return;
    }
    token->end = end;
    if (!closing)
        enter_raw(scan, token);
}

gboolean html_scan_next(struct html_scan *scan, struct html_token *token)
{
    if (scan->cursor >= scan->end)
        return FALSE;
    const char *c = scan->cursor;
    *token = (struct html_token){ .kind = HTML_TOKEN_TEXT, .begin = c };
    if (scan->raw[0] != '\0') {
        token->end = raw_end(scan);
        scan->raw[0] = '\0';
        if (token->end > c) {
            scan->cursor = token->end;
            return TRUE;
        }
    }
    if (!begins_markup(c, scan->end)) {
        token->end = text_end(c, scan->end);
    } else if (g_ascii_isalpha(c[1]) || (c[1] == '/' && c + 2 < scan->end && g_ascii_isalpha(c[2]))) {
        next_tag(scan, token);
    } else {
        token->kind = HTML_TOKEN_OTHER;
        token->end = other_end(c, scan->end);
    }
    scan->cursor = token->end;
    return TRUE;
}

/* Reads a value behind its "="; returns where to go on. */
static const char *read_value(const char *c, const char *end, struct html_attribute *attribute)
{
    while (c < end && is_blank(*c))
        c++;
    char quote = c < end && (*c == '"' || *c == '\'') ? *c : '\0';
    attribute->value = c += quote != '\0';
    while (c < end && (quote != '\0' ? *c != quote : !is_blank(*c)))
        c++;
    attribute->value_end = c;
    return c < end && quote != '\0' ? c + 1 : c;
}

gboolean html_token_attribute(const struct html_token *token, const char **cursor, struct html_attribute *attribute)
{
    const char *end = token->end - 1;
    const char *c = *cursor;
    while (c < end && (is_blank(*c) || *c == '/'))
        c++;
    if (c >= end)
        return FALSE;
    *attribute = (struct html_attribute){ .name = c };
    for (c++; c < end && !is_blank(*c) && *c != '=' && *c != '/';)
        c++;
    attribute->name_end = c;
    while (c < end && is_blank(*c))
        c++;
    *cursor = c < end && *c == '=' ? read_value(c + 1, end, attribute) : attribute->name_end;
    return TRUE;
}

char *html_token_value(const struct html_token *token, const char *name)
{
    struct html_attribute attribute;
    for (const char *cursor = token->name_end; html_token_attribute(token, &cursor, &attribute);) {
        if (!html_name_is(attribute.name, attribute.name_end, name) || attribute.value == NULL)
            continue;
        g_autoptr(GString) value = g_string_new(NULL);
        html_decode(value, attribute.value, attribute.value_end);
        return g_strdup(value->str);
    }
    return NULL;
}

/* --- character references ------------------------------------------------------------------------------------------ */

struct reference {
    const char *name;
    gunichar character;
};

/* HTML 4's names and apos, sorted by strcmp. */
static const struct reference references[] = {
    { "AElig", 0xC6 }, { "Aacute", 0xC1 }, { "Acirc", 0xC2 }, { "Agrave", 0xC0 }, { "Alpha", 0x391 },
    { "Aring", 0xC5 }, { "Atilde", 0xC3 }, { "Auml", 0xC4 }, { "Beta", 0x392 }, { "Ccedil", 0xC7 }, { "Chi", 0x3A7 },
    { "Dagger", 0x2021 }, { "Delta", 0x394 }, { "ETH", 0xD0 }, { "Eacute", 0xC9 }, { "Ecirc", 0xCA },
    { "Egrave", 0xC8 }, { "Epsilon", 0x395 }, { "Eta", 0x397 }, { "Euml", 0xCB }, { "Gamma", 0x393 },
    { "Iacute", 0xCD }, { "Icirc", 0xCE }, { "Igrave", 0xCC }, { "Iota", 0x399 }, { "Iuml", 0xCF },
    { "Kappa", 0x39A }, { "Lambda", 0x39B }, { "Mu", 0x39C }, { "Ntilde", 0xD1 }, { "Nu", 0x39D },
    { "OElig", 0x152 }, { "Oacute", 0xD3 }, { "Ocirc", 0xD4 }, { "Ograve", 0xD2 }, { "Omega", 0x3A9 },
    { "Omicron", 0x39F }, { "Oslash", 0xD8 }, { "Otilde", 0xD5 }, { "Ouml", 0xD6 }, { "Phi", 0x3A6 },
    { "Pi", 0x3A0 }, { "Prime", 0x2033 }, { "Psi", 0x3A8 }, { "Rho", 0x3A1 }, { "Scaron", 0x160 },
    { "Sigma", 0x3A3 }, { "THORN", 0xDE }, { "Tau", 0x3A4 }, { "Theta", 0x398 }, { "Uacute", 0xDA },
    { "Ucirc", 0xDB }, { "Ugrave", 0xD9 }, { "Upsilon", 0x3A5 }, { "Uuml", 0xDC }, { "Xi", 0x39E },
    { "Yacute", 0xDD }, { "Yuml", 0x178 }, { "Zeta", 0x396 }, { "aacute", 0xE1 }, { "acirc", 0xE2 },
    { "acute", 0xB4 }, { "aelig", 0xE6 }, { "agrave", 0xE0 }, { "alefsym", 0x2135 }, { "alpha", 0x3B1 },
    { "amp", 0x26 }, { "and", 0x2227 }, { "ang", 0x2220 }, { "apos", 0x27 }, { "aring", 0xE5 }, { "asymp", 0x2248 },
    { "atilde", 0xE3 }, { "auml", 0xE4 }, { "bdquo", 0x201E }, { "beta", 0x3B2 }, { "brvbar", 0xA6 },
    { "bull", 0x2022 }, { "cap", 0x2229 }, { "ccedil", 0xE7 }, { "cedil", 0xB8 }, { "cent", 0xA2 }, { "chi", 0x3C7 },
    { "circ", 0x2C6 }, { "clubs", 0x2663 }, { "cong", 0x2245 }, { "copy", 0xA9 }, { "crarr", 0x21B5 },
    { "cup", 0x222A }, { "curren", 0xA4 }, { "dArr", 0x21D3 }, { "dagger", 0x2020 }, { "darr", 0x2193 },
    { "deg", 0xB0 }, { "delta", 0x3B4 }, { "diams", 0x2666 }, { "divide", 0xF7 }, { "eacute", 0xE9 },
    { "ecirc", 0xEA }, { "egrave", 0xE8 }, { "empty", 0x2205 }, { "emsp", 0x2003 }, { "ensp", 0x2002 },
    { "epsilon", 0x3B5 }, { "equiv", 0x2261 }, { "eta", 0x3B7 }, { "eth", 0xF0 }, { "euml", 0xEB },
    { "euro", 0x20AC }, { "exist", 0x2203 }, { "fnof", 0x192 }, { "forall", 0x2200 }, { "frac12", 0xBD },
    { "frac14", 0xBC }, { "frac34", 0xBE }, { "frasl", 0x2044 }, { "gamma", 0x3B3 }, { "ge", 0x2265 },
    { "gt", 0x3E }, { "hArr", 0x21D4 }, { "harr", 0x2194 }, { "hearts", 0x2665 }, { "hellip", 0x2026 },
    { "iacute", 0xED }, { "icirc", 0xEE }, { "iexcl", 0xA1 }, { "igrave", 0xEC }, { "image", 0x2111 },
    { "infin", 0x221E }, { "int", 0x222B }, { "iota", 0x3B9 }, { "iquest", 0xBF }, { "isin", 0x2208 },
    { "iuml", 0xEF }, { "kappa", 0x3BA }, { "lArr", 0x21D0 }, { "lambda", 0x3BB }, { "lang", 0x2329 },
    { "laquo", 0xAB }, { "larr", 0x2190 }, { "lceil", 0x2308 }, { "ldquo", 0x201C }, { "le", 0x2264 },
    { "lfloor", 0x230A }, { "lowast", 0x2217 }, { "loz", 0x25CA }, { "lrm", 0x200E }, { "lsaquo", 0x2039 },
    { "lsquo", 0x2018 }, { "lt", 0x3C }, { "macr", 0xAF }, { "mdash", 0x2014 }, { "micro", 0xB5 },
    { "middot", 0xB7 }, { "minus", 0x2212 }, { "mu", 0x3BC }, { "nabla", 0x2207 }, { "nbsp", 0xA0 },
    { "ndash", 0x2013 }, { "ne", 0x2260 }, { "ni", 0x220B }, { "not", 0xAC }, { "notin", 0x2209 },
    { "nsub", 0x2284 }, { "ntilde", 0xF1 }, { "nu", 0x3BD }, { "oacute", 0xF3 }, { "ocirc", 0xF4 },
    { "oelig", 0x153 }, { "ograve", 0xF2 }, { "oline", 0x203E }, { "omega", 0x3C9 }, { "omicron", 0x3BF },
    { "oplus", 0x2295 }, { "or", 0x2228 }, { "ordf", 0xAA }, { "ordm", 0xBA }, { "oslash", 0xF8 },
    { "otilde", 0xF5 }, { "otimes", 0x2297 }, { "ouml", 0xF6 }, { "para", 0xB6 }, { "part", 0x2202 },
    { "permil", 0x2030 }, { "perp", 0x22A5 }, { "phi", 0x3C6 }, { "pi", 0x3C0 }, { "piv", 0x3D6 },
    { "plusmn", 0xB1 }, { "pound", 0xA3 }, { "prime", 0x2032 }, { "prod", 0x220F }, { "prop", 0x221D },
    { "psi", 0x3C8 }, { "quot", 0x22 }, { "rArr", 0x21D2 }, { "radic", 0x221A }, { "rang", 0x232A },
    { "raquo", 0xBB }, { "rarr", 0x2192 }, { "rceil", 0x2309 }, { "rdquo", 0x201D }, { "real", 0x211C },
    { "reg", 0xAE }, { "rfloor", 0x230B }, { "rho", 0x3C1 }, { "rlm", 0x200F }, { "rsaquo", 0x203A },
    { "rsquo", 0x2019 }, { "sbquo", 0x201A }, { "scaron", 0x161 }, { "sdot", 0x22C5 }, { "sect", 0xA7 },
    { "shy", 0xAD }, { "sigma", 0x3C3 }, { "sigmaf", 0x3C2 }, { "sim", 0x223C }, { "spades", 0x2660 },
    { "sub", 0x2282 }, { "sube", 0x2286 }, { "sum", 0x2211 }, { "sup", 0x2283 }, { "sup1", 0xB9 }, { "sup2", 0xB2 },
    { "sup3", 0xB3 }, { "supe", 0x2287 }, { "szlig", 0xDF }, { "tau", 0x3C4 }, { "there4", 0x2234 },
    { "theta", 0x3B8 }, { "thetasym", 0x3D1 }, { "thinsp", 0x2009 }, { "thorn", 0xFE }, { "tilde", 0x2DC },
    { "times", 0xD7 }, { "trade", 0x2122 }, { "uArr", 0x21D1 }, { "uacute", 0xFA }, { "uarr", 0x2191 },
    { "ucirc", 0xFB }, { "ugrave", 0xF9 }, { "uml", 0xA8 }, { "upsih", 0x3D2 }, { "upsilon", 0x3C5 },
    { "uuml", 0xFC }, { "weierp", 0x2118 }, { "xi", 0x3BE }, { "yacute", 0xFD }, { "yen", 0xA5 }, { "yuml", 0xFF },
    { "zeta", 0x3B6 }, { "zwj", 0x200D }, { "zwnj", 0x200C },
};

static int compare_reference(const void *name, const void *reference)
{
    return strcmp(name, ((const struct reference *)reference)->name);
}

/* The character that name (without "&" and ";") stands for, 0 where it is unknown or no character. */
static gunichar refer(const char *name)
{
    if (*name != '#') {
        const struct reference *found =
            bsearch(name, references, G_N_ELEMENTS(references), sizeof *references, compare_reference);
        return found == NULL ? 0 : found->character;
    }
    gboolean hex = name[1] == 'x' || name[1] == 'X';
    const char *digits = name + 1 + hex;
    if (*digits == '\0' || digits[strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789")] != '\0')
        return 0;
    guint64 number = g_ascii_strtoull(digits, NULL, hex ? 16 : 10);
    gboolean control = number < ' ' && number != '\t' && number != '\n';
    return number > 0x10FFFF || control || (number >= 0x7F && number < 0xA0) || !g_unichar_validate((gunichar)number)
               ? 0
               : (gunichar)number;
}

void html_decode(GString *out, const char *begin, const char *end)
{
    for (const char *c = begin; c < end;) {
        char name[REFERENCE_MAX + 1];
        size_t length = 0;
        if (*c == '&')
            while (length < REFERENCE_MAX && c + 1 + length < end && (g_ascii_isalnum(c[1 + length]) || c[1 + length] == '#'))
                length++;
        memcpy(name, c + 1, length);
        name[length] = '\0';
        gboolean closed = length > 0 && c + 1 + length < end && c[1 + length] == ';';
        gunichar character = closed ? refer(name) : 0;
        if (character != 0) {
            g_string_append_unichar(out, character);
            c += length + 2;
        } else {
            g_string_append_c(out, *c++);
        }
    }
}
