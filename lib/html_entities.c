/*
 * html_entities.c - character references: the named ones of HTML 4, all that stand for ASCII, and how they are decoded.
 * Names and characters are those of the HTML standard, section 13.5.
 */
#include "lib/html.h"

static const struct {
    const char name[18];
    const char text[5];
    gboolean legacy; /* known without ";" too */
} entities[] = {
    {"AElig", "Æ", TRUE}, {"AMP", "&", TRUE}, {"Aacute", "Á", TRUE}, {"Acirc", "Â", TRUE}, {"Agrave", "À", TRUE},
    {"Alpha", "Α", FALSE}, {"Aring", "Å", TRUE}, {"Atilde", "Ã", TRUE}, {"Auml", "Ä", TRUE}, {"Beta", "Β", FALSE},
    {"COPY", "©", TRUE}, {"Ccedil", "Ç", TRUE}, {"Chi", "Χ", FALSE}, {"Dagger", "\u2021", FALSE}, {"Delta", "Δ", FALSE},
    {"DiacriticalGrave", "`", FALSE}, {"ETH", "Ð", TRUE}, {"Eacute", "É", TRUE}, {"Ecirc", "Ê", TRUE},
    {"Egrave", "È", TRUE}, {"Epsilon", "Ε", FALSE}, {"Eta", "Η", FALSE}, {"Euml", "Ë", TRUE}, {"GT", ">", TRUE},
    {"Gamma", "Γ", FALSE}, {"Hat", "^", FALSE}, {"Iacute", "Í", TRUE}, {"Icirc", "Î", TRUE}, {"Igrave", "Ì", TRUE},
    {"Iota", "Ι", FALSE}, {"Iuml", "Ï", TRUE}, {"Kappa", "Κ", FALSE}, {"LT", "<", TRUE}, {"Lambda", "Λ", FALSE},
    {"Mu", "Μ", FALSE}, {"NewLine", "\n", FALSE}, {"Ntilde", "Ñ", TRUE}, {"Nu", "Ν", FALSE}, {"OElig", "Œ", FALSE},
    {"Oacute", "Ó", TRUE}, {"Ocirc", "Ô", TRUE}, {"Ograve", "Ò", TRUE}, {"Omega", "Ω", FALSE}, {"Omicron", "Ο", FALSE},
    {"Oslash", "Ø", TRUE}, {"Otilde", "Õ", TRUE}, {"Ouml", "Ö", TRUE}, {"Phi", "Φ", FALSE}, {"Pi", "Π", FALSE},
    {"Prime", "\u2033", FALSE}, {"Psi", "Ψ", FALSE}, {"QUOT", "\"", TRUE}, {"REG", "®", TRUE}, {"Rho", "Ρ", FALSE},
    {"Scaron", "Š", FALSE}, {"Sigma", "Σ", FALSE}, {"THORN", "Þ", TRUE}, {"Tab", "\t", FALSE}, {"Tau", "Τ", FALSE},
    {"Theta", "Θ", FALSE}, {"Uacute", "Ú", TRUE}, {"Ucirc", "Û", TRUE}, {"Ugrave", "Ù", TRUE}, {"UnderBar", "_", FALSE},
    {"Upsilon", "Υ", FALSE}, {"Uuml", "Ü", TRUE}, {"VerticalLine", "|", FALSE}, {"Xi", "Ξ", FALSE},
    {"Yacute", "Ý", TRUE}, {"Yuml", "Ÿ", FALSE}, {"Zeta", "Ζ", FALSE}, {"aacute", "á", TRUE}, {"acirc", "â", TRUE},
    {"acute", "´", TRUE}, {"aelig", "æ", TRUE}, {"agrave", "à", TRUE}, {"alefsym", "ℵ", FALSE}, {"alpha", "α", FALSE},
    {"amp", "&", TRUE}, {"and", "∧", FALSE}, {"ang", "∠", FALSE}, {"apos", "'", FALSE}, {"aring", "å", TRUE},
    {"ast", "*", FALSE}, {"asymp", "≈", FALSE}, {"atilde", "ã", TRUE}, {"auml", "ä", TRUE}, {"bdquo", "\u201e", FALSE},
    {"beta", "β", FALSE}, {"brvbar", "¦", TRUE}, {"bsol", "\\", FALSE}, {"bull", "\u2022", FALSE}, {"cap", "∩", FALSE},
    {"ccedil", "ç", TRUE}, {"cedil", "¸", TRUE}, {"cent", "¢", TRUE}, {"chi", "χ", FALSE}, {"circ", "ˆ", FALSE},
    {"clubs", "♣", FALSE}, {"colon", ":", FALSE}, {"comma", ",", FALSE}, {"commat", "@", FALSE}, {"cong", "≅", FALSE},
    {"copy", "©", TRUE}, {"crarr", "↵", FALSE}, {"cup", "∪", FALSE}, {"curren", "¤", TRUE}, {"dArr", "⇓", FALSE},
    {"dagger", "\u2020", FALSE}, {"darr", "↓", FALSE}, {"deg", "°", TRUE}, {"delta", "δ", FALSE}, {"diams", "♦", FALSE},
    {"divide", "÷", TRUE}, {"dollar", "$", FALSE}, {"eacute", "é", TRUE}, {"ecirc", "ê", TRUE}, {"egrave", "è", TRUE},
    {"empty", "∅", FALSE}, {"emsp", "\u2003", FALSE}, {"ensp", "\u2002", FALSE}, {"epsilon", "ε", FALSE},
    {"equals", "=", FALSE}, {"equiv", "≡", FALSE}, {"eta", "η", FALSE}, {"eth", "ð", TRUE}, {"euml", "ë", TRUE},
    {"euro", "€", FALSE}, {"excl", "!", FALSE}, {"exist", "∃", FALSE}, {"fjlig", "fj", FALSE}, {"fnof", "ƒ", FALSE},
    {"forall", "∀", FALSE}, {"frac12", "½", TRUE}, {"frac14", "¼", TRUE}, {"frac34", "¾", TRUE},
    {"frasl", "\u2044", FALSE}, {"gamma", "γ", FALSE}, {"ge", "≥", FALSE}, {"grave", "`", FALSE}, {"gt", ">", TRUE},
    {"hArr", "⇔", FALSE}, {"harr", "↔", FALSE}, {"hearts", "♥", FALSE}, {"hellip", "\u2026", FALSE},
    {"iacute", "í", TRUE}, {"icirc", "î", TRUE}, {"iexcl", "¡", TRUE}, {"igrave", "ì", TRUE}, {"image", "ℑ", FALSE},
    {"infin", "∞", FALSE}, {"int", "∫", FALSE}, {"iota", "ι", FALSE}, {"iquest", "¿", TRUE}, {"isin", "∈", FALSE},
    {"iuml", "ï", TRUE}, {"kappa", "κ", FALSE}, {"lArr", "⇐", FALSE}, {"lambda", "λ", FALSE}, {"lang", "⟨", FALSE},
    {"laquo", "«", TRUE}, {"larr", "←", FALSE}, {"lbrace", "{", FALSE}, {"lbrack", "[", FALSE}, {"lceil", "⌈", FALSE},
    {"lcub", "{", FALSE}, {"ldquo", "\u201c", FALSE}, {"le", "≤", FALSE}, {"lfloor", "⌊", FALSE},
    {"lowast", "∗", FALSE}, {"lowbar", "_", FALSE}, {"loz", "◊", FALSE}, {"lpar", "(", FALSE}, {"lrm", "\u200e", FALSE},
    {"lsaquo", "\u2039", FALSE}, {"lsqb", "[", FALSE}, {"lsquo", "\u2018", FALSE}, {"lt", "<", TRUE},
    {"macr", "¯", TRUE}, {"mdash", "\u2014", FALSE}, {"micro", "µ", TRUE}, {"midast", "*", FALSE},
    {"middot", "·", TRUE}, {"minus", "−", FALSE}, {"mu", "μ", FALSE}, {"nabla", "∇", FALSE}, {"nbsp", "\u00a0", TRUE},
    {"ndash", "\u2013", FALSE}, {"ne", "≠", FALSE}, {"ni", "∋", FALSE}, {"not", "¬", TRUE}, {"notin", "∉", FALSE},
    {"nsub", "⊄", FALSE}, {"ntilde", "ñ", TRUE}, {"nu", "ν", FALSE}, {"num", "#", FALSE}, {"oacute", "ó", TRUE},
    {"ocirc", "ô", TRUE}, {"oelig", "œ", FALSE}, {"ograve", "ò", TRUE}, {"oline", "\u203e", FALSE},
    {"omega", "ω", FALSE}, {"omicron", "ο", FALSE}, {"oplus", "⊕", FALSE}, {"or", "∨", FALSE}, {"ordf", "ª", TRUE},
    {"ordm", "º", TRUE}, {"oslash", "ø", TRUE}, {"otilde", "õ", TRUE}, {"otimes", "⊗", FALSE}, {"ouml", "ö", TRUE},
    {"para", "¶", TRUE}, {"part", "∂", FALSE}, {"percnt", "%", FALSE}, {"period", ".", FALSE},
    {"permil", "\u2030", FALSE}, {"perp", "⊥", FALSE}, {"phi", "φ", FALSE}, {"pi", "π", FALSE}, {"piv", "ϖ", FALSE},
    {"plus", "+", FALSE}, {"plusmn", "±", TRUE}, {"pound", "£", TRUE}, {"prime", "\u2032", FALSE}, {"prod", "∏", FALSE},
    {"prop", "∝", FALSE}, {"psi", "ψ", FALSE}, {"quest", "?", FALSE}, {"quot", "\"", TRUE}, {"rArr", "⇒", FALSE},
    {"radic", "√", FALSE}, {"rang", "⟩", FALSE}, {"raquo", "»", TRUE}, {"rarr", "→", FALSE}, {"rbrace", "}", FALSE},
    {"rbrack", "]", FALSE}, {"rceil", "⌉", FALSE}, {"rcub", "}", FALSE}, {"rdquo", "\u201d", FALSE},
    {"real", "ℜ", FALSE}, {"reg", "®", TRUE}, {"rfloor", "⌋", FALSE}, {"rho", "ρ", FALSE}, {"rlm", "\u200f", FALSE},
    {"rpar", ")", FALSE}, {"rsaquo", "\u203a", FALSE}, {"rsqb", "]", FALSE}, {"rsquo", "\u2019", FALSE},
    {"sbquo", "\u201a", FALSE}, {"scaron", "š", FALSE}, {"sdot", "⋅", FALSE}, {"sect", "§", TRUE}, {"semi", ";", FALSE},
    {"shy", "\u00ad", TRUE}, {"sigma", "σ", FALSE}, {"sigmaf", "ς", FALSE}, {"sim", "∼", FALSE}, {"sol", "/", FALSE},
    {"spades", "♠", FALSE}, {"sub", "⊂", FALSE}, {"sube", "⊆", FALSE}, {"sum", "∑", FALSE}, {"sup", "⊃", FALSE},
    {"sup1", "¹", TRUE}, {"sup2", "²", TRUE}, {"sup3", "³", TRUE}, {"supe", "⊇", FALSE}, {"szlig", "ß", TRUE},
    {"tau", "τ", FALSE}, {"there4", "∴", FALSE}, {"theta", "θ", FALSE}, {"thetasym", "ϑ", FALSE},
    {"thinsp", "\u2009", FALSE}, {"thorn", "þ", TRUE}, {"tilde", "˜", FALSE}, {"times", "×", TRUE},
    {"trade", "™", FALSE}, {"uArr", "⇑", FALSE}, {"uacute", "ú", TRUE}, {"uarr", "↑", FALSE}, {"ucirc", "û", TRUE},
    {"ugrave", "ù", TRUE}, {"uml", "¨", TRUE}, {"upsih", "ϒ", FALSE}, {"upsilon", "υ", FALSE}, {"uuml", "ü", TRUE},
    {"verbar", "|", FALSE}, {"vert", "|", FALSE}, {"weierp", "℘", FALSE}, {"xi", "ξ", FALSE}, {"yacute", "ý", TRUE},
    {"yen", "¥", TRUE}, {"yuml", "ÿ", TRUE}, {"zeta", "ζ", FALSE}, {"zwj", "\u200d", FALSE}, {"zwnj", "\u200c", FALSE},
};

const char *html_entity(struct slice name, gboolean *legacy_r)
{
    size_t low = 0, high = G_N_ELEMENTS(entities);
    while (low < high) {
        size_t middle = (low + high) / 2;
        size_t length = strlen(entities[middle].name);
        int order = memcmp(name.data, entities[middle].name, MIN(name.length, length));
        if (order == 0 && name.length == length) {
            *legacy_r = entities[middle].legacy;
            return entities[middle].text;
        }
        if (order > 0 || (order == 0 && name.length > length))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* What browsers make of references to the C1 controls: the characters of windows-1252 at those places. */
static gunichar code_point(gunichar code)
{
    static const guint16 windows[32] = {
        0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
    };
    if (code >= 0x80 && code < 0xa0)
        return windows[code - 0x80];
    return code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code;
}

/* A numeric reference at p, which points to "&#"; returns what follows it, or p itself where there are no digits. */
static const char *decode_numeric(const char *p, const char *end, GString *out)
{
    gboolean hex = end - p > 2 && (p[2] | 0x20) == 'x';
    const char *digits = p + (hex ? 3 : 2), *q = digits;
    gunichar code = 0;
    for (; q < end && (hex ? g_ascii_isxdigit(*q) : g_ascii_isdigit(*q)); q++)
        if (code <= 0x10ffff)
            code = code * (hex ? 16 : 10) + (gunichar)g_ascii_xdigit_value(*q);
    if (q == digits)
        return p;
    g_string_append_unichar(out, code_point(code));
    return q < end && *q == ';' ? q + 1 : q;
}

/* The longest name that HTML knows without ";" at the beginning of name, which is not closed: "notit" holds "not". */
static const char *legacy_prefix(struct slice name, size_t *length_r)
{
    enum { LONGEST = 6 };
    for (size_t length = MIN(name.length, LONGEST); length > 1; length--) {
        gboolean legacy;
        const char *text = html_entity((struct slice){name.data, length}, &legacy);
        if (text != NULL && legacy) {
            *length_r = length;
            return text;
        }
    }
    return NULL;
}

/* A named reference at p, which points to "&"; returns what follows it, or p itself where it is none. */
static const char *decode_named(const char *p, const char *end, gboolean in_attribute, GString *out, gboolean *known)
{
    const char *q = p + 1;
    while (q < end && g_ascii_isalnum(*q))
        q++;
    struct slice name = {p + 1, (size_t)(q - p) - 1};
    gboolean closed = q < end && *q == ';', legacy;
    const char *text = name.length > 0 ? html_entity(name, &legacy) : NULL;
    if (text != NULL && closed) {
        g_string_append(out, text);
        return q + 1;
    }
    size_t length = 0;
    text = name.length > 0 ? legacy_prefix(name, &length) : NULL;
    gboolean goes_on = length < name.length || (q < end && *q == '=');
    if (text == NULL || (in_attribute && goes_on)) {
        if (closed && name.length > 0)
            *known = FALSE;
        return p;
    }
    g_string_append(out, text);
    return p + 1 + length;
}

gboolean html_decode_references(struct slice text, gboolean in_attribute, GString *out)
{
    const char *p = text.data, *end = p + text.length;
    gboolean known = TRUE;
    while (p < end) {
        const char *q = p;
        while (q < end && *q != '&' && *q != '\r')
            q++;
        g_string_append_len(out, p, q - p);
        if (q == end)
            break;
        p = q;
        if (*q == '\r') {
            g_string_append_c(out, '\n');
            p += q + 1 < end && q[1] == '\n' ? 2 : 1;
            continue;
        }
        if (end - q > 2 && q[1] == '#')
            p = decode_numeric(q, end, out);
        else
            p = decode_named(q, end, in_attribute, out, &known);
        if (p == q)
            g_string_append_c(out, *p++);
    }
    return known;
}
