/*
 * address.c - reading, comparing and judging mail addresses; see address.h.
 *
 * Each step looks at one thing and gives back the first fault: characters that no address may hold, the place of the @,
 * the local part, the domain. Only what is not plain ASCII takes the way through GLib's Unicode tables and libidn2.
 */
#include "lib/address.h"

#include <idn2.h>
#include <string.h>

#include "lib/providers.h"
#include "lib/slice.h"

#define TEXT_MAX 4096 /* octets looked at; longer is no address in any form */

/* What an ASCII character may be; non-ASCII octets are letters here and judged by character elsewhere. */
enum character_class {
    IN_LOCAL = 1,   /* atext of RFC 5322 §3.2.3, as RFC 6531 extends it, but % and ! */
    IN_DOMAIN = 2,  /* Let-dig and - of RFC 5321 §4.1.2 */
    LETTER = 4,
};

static const guint8 classes[256] = {
    ['a' ... 'z'] = IN_LOCAL | IN_DOMAIN | LETTER,
    ['A' ... 'Z'] = IN_LOCAL | IN_DOMAIN | LETTER,
    ['0' ... '9'] = IN_LOCAL | IN_DOMAIN,
    ['-'] = IN_LOCAL | IN_DOMAIN,
    ['#'] = IN_LOCAL, ['$'] = IN_LOCAL, ['&'] = IN_LOCAL, ['\''] = IN_LOCAL, ['*'] = IN_LOCAL, ['+'] = IN_LOCAL,
    ['/'] = IN_LOCAL, ['='] = IN_LOCAL, ['?'] = IN_LOCAL, ['^'] = IN_LOCAL, ['_'] = IN_LOCAL, ['`'] = IN_LOCAL,
    ['{'] = IN_LOCAL, ['|'] = IN_LOCAL, ['}'] = IN_LOCAL, ['~'] = IN_LOCAL,
    [0x80 ... 0xFF] = IN_LOCAL | LETTER,
};

static const char *const fault_texts[] = {
    [ADDRESS_GOOD] = "is an address",
    [ADDRESS_EMPTY] = "there is no address",
    [ADDRESS_NOT_UTF8] = "is not valid UTF-8",
    [ADDRESS_CONTROL] = "is a control character (line break, tab or the like)",
    [ADDRESS_HIDDEN] = "is invisible, turns the writing direction or only looks like another; retype the address",
    [ADDRESS_SPACE] = "is a blank; an address has none",
    [ADDRESS_NO_AT] = "the @ is missing",
    [ADDRESS_TWO_AT] = "is a second @",
    [ADDRESS_SEVERAL] = "starts another address; give each its own row",
    [ADDRESS_BRACKETS] = "is a bracket; give the address alone, without the name",
    [ADDRESS_NO_LOCAL] = "there is nothing before the @",
    [ADDRESS_NO_DOMAIN] = "there is nothing after the @",
    [ADDRESS_BAD_LOCAL] = "is not allowed before the @",
    [ADDRESS_BAD_DOMAIN] = "is not allowed after the @",
    [ADDRESS_LOCAL_DOTS] = "is a dot that follows another, or stands first or last before the @",
    [ADDRESS_QUOTED] = "is a quotation mark; addresses in quotes are not mailed to",
    [ADDRESS_ROUTED] = "makes this a route (%, ! or @host:), not an address",
    [ADDRESS_LEADING_DASH] = "the address begins with a dash",
    [ADDRESS_LITERAL] = "begins an IP address where the domain should be",
    [ADDRESS_NO_DOT] = "the domain has no dot; is the ending missing?",
    [ADDRESS_EMPTY_LABEL] = "is a dot too many in the domain",
    [ADDRESS_LABEL_DASH] = "begins a part of the domain that starts or ends with a dash",
    [ADDRESS_IDNA] = "the domain is no valid international domain name (IDNA2008)",
    [ADDRESS_LONG_LOCAL] = "more than 64 octets before the @",
    [ADDRESS_LONG_LABEL] = "begins a part of the domain with more than 63 octets",
    [ADDRESS_LONG_DOMAIN] = "the domain has more than 253 octets",
    [ADDRESS_LONG] = "the address has more than 254 octets",
};

/* Faults about the whole, whose message names no character. */
static gboolean fault_is_whole(enum address_fault fault)
{
    switch (fault) {
    case ADDRESS_GOOD:
    case ADDRESS_EMPTY:
    case ADDRESS_NO_AT:
    case ADDRESS_NO_LOCAL:
    case ADDRESS_NO_DOMAIN:
    case ADDRESS_LEADING_DASH:
    case ADDRESS_NO_DOT:
    case ADDRESS_IDNA:
    case ADDRESS_LONG_LOCAL:
    case ADDRESS_LONG_DOMAIN:
    case ADDRESS_LONG:
        return TRUE;
    default:
        return FALSE;
    }
}

static enum address_fault fault_at(enum address_fault fault, size_t where, size_t *where_r)
{
    *where_r = where;
    return fault;
}

static guint8 class_of(char character)
{
    return classes[(guint8)character];
}

/* Characters that composing turns into ASCII, e.g. the Greek question mark into a semicolon. */
static gboolean is_ascii_in_disguise(gunichar character)
{
    gunichar decomposed[2];
    return g_unichar_fully_decompose(character, FALSE, decomposed, 2) == 1 && decomposed[0] < 0x80;
}

/* What a non-ASCII character is that no address may hold; ADDRESS_GOOD for letters, marks, digits, symbols. */
static enum address_fault judge_character(gunichar character)
{
    if (character >= 0x80 && is_ascii_in_disguise(character))
        return ADDRESS_HIDDEN;
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
        return ADDRESS_CONTROL;
    case G_UNICODE_FORMAT:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
        return ADDRESS_HIDDEN;
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return ADDRESS_SPACE;
    default:
        return ADDRESS_GOOD;
    }
}

/* Is every octet and character fit for some place in some address? Says in *ascii_r whether all is ASCII. */
static enum address_fault check_characters(const char *text, size_t length, gboolean *ascii_r, size_t *where_r)
{
    guint8 all = 0;
    for (size_t i = 0; i < length; i++) {
        guint8 octet = (guint8)text[i];
        if (octet < 0x20 || octet == 0x7F)
            return fault_at(ADDRESS_CONTROL, i, where_r);
        all |= octet;
    }
    *ascii_r = all < 0x80;
    if (*ascii_r)
        return ADDRESS_GOOD;
    const char *end;
    if (!g_utf8_validate_len(text, length, &end))
        return fault_at(ADDRESS_NOT_UTF8, (size_t)(end - text), where_r);
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        enum address_fault fault = (guint8)*p < 0x80 ? ADDRESS_GOOD : judge_character(g_utf8_get_char(p));
        if (fault != ADDRESS_GOOD)
            return fault_at(fault, (size_t)(p - text), where_r);
    }
    return ADDRESS_GOOD;
}

/* A second @: two addresses in one cell where something stands between them that separates, else a slip. */
static enum address_fault judge_second_at(const char *text, const char *first, const char *second, size_t *where_r)
{
    for (const char *p = first; p < second; p++)
        if (strchr(" ,;/", *p) != NULL)
            return fault_at(ADDRESS_SEVERAL, (size_t)(p - text), where_r);
    return fault_at(ADDRESS_TWO_AT, (size_t)(second - text), where_r);
}

/* Finds the one @, and first the forms that are no Mailbox at all. */
static enum address_fault find_at(const char *text, size_t length, size_t *at_r, size_t *where_r)
{
    if (text[0] == '"')
        return fault_at(ADDRESS_QUOTED, 0, where_r);
    const char *bracket = memchr(text, '<', length);
    if (bracket != NULL)
        return fault_at(ADDRESS_BRACKETS, (size_t)(bracket - text), where_r);
    const char *first = memchr(text, '@', length);
    if (first == NULL)
        return fault_at(ADDRESS_NO_AT, 0, where_r);
    if (first == text && memchr(text, ':', length) != NULL)
        return fault_at(ADDRESS_ROUTED, 0, where_r);
    *at_r = (size_t)(first - text);
    const char *second = memchr(first + 1, '@', length - *at_r - 1);
    if (second != NULL)
        return judge_second_at(text, first, second, where_r);
    if (*at_r == 0)
        return fault_at(ADDRESS_NO_LOCAL, 0, where_r);
    if (*at_r + 1 == length)
        return fault_at(ADDRESS_NO_DOMAIN, 0, where_r);
    return ADDRESS_GOOD;
}

/* Dot-string of RFC 5321 §4.1.2. */
static enum address_fault check_local(const char *local, size_t length, size_t *where_r)
{
    if (local[0] == '-')
        return fault_at(ADDRESS_LEADING_DASH, 0, where_r);
    gboolean after_dot = TRUE;
    for (size_t i = 0; i < length; i++) {
        if (class_of(local[i]) & IN_LOCAL) {
            after_dot = FALSE;
            continue;
        }
        if (local[i] == '.' && !after_dot && i + 1 < length) {
            after_dot = TRUE;
            continue;
        }
        if (local[i] == '.')
            return fault_at(ADDRESS_LOCAL_DOTS, i, where_r);
        if (local[i] == ' ')
            return fault_at(ADDRESS_SPACE, i, where_r);
        return fault_at(local[i] == '%' || local[i] == '!' ? ADDRESS_ROUTED : ADDRESS_BAD_LOCAL, i, where_r);
    }
    return ADDRESS_GOOD;
}

static enum address_fault check_label(const char *label, size_t length)
{
    if (length == 0)
        return ADDRESS_EMPTY_LABEL;
    if (length > ADDRESS_LABEL_MAX)
        return ADDRESS_LONG_LABEL;
    return label[0] == '-' || label[length - 1] == '-' ? ADDRESS_LABEL_DASH : ADDRESS_GOOD;
}

static gboolean is_alabel(const char *label, size_t length)
{
    return length >= 4 && g_ascii_strncasecmp(label, "xn--", 4) == 0;
}

/*
 * Domain of RFC 5321 §4.1.2, ASCII, no dot at its end: at least two labels, the last with a letter. *alabels_r says
 * whether one begins with xn--.
 */
static enum address_fault check_ascii_domain(const char *domain, size_t length, gboolean *alabels_r, size_t *where_r)
{
    size_t start = 0;
    guint8 kinds = 0;
    *alabels_r = FALSE;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && (class_of(domain[i]) & IN_DOMAIN)) {
            kinds |= class_of(domain[i]);
            continue;
        }
        if (i < length && domain[i] != '.')
            return fault_at(domain[i] == ' ' ? ADDRESS_SPACE : ADDRESS_BAD_DOMAIN, i, where_r);
        enum address_fault fault = check_label(domain + start, i - start);
        if (fault != ADDRESS_GOOD)
            return fault_at(fault, fault == ADDRESS_EMPTY_LABEL && i == length ? i - 1 : start, where_r);
        *alabels_r |= is_alabel(domain + start, i - start);
        if (i == length)
            break;
        start = i + 1;
        kinds = 0;
    }
    if ((kinds & LETTER) == 0)
        return fault_at(ADDRESS_LITERAL, 0, where_r);
    if (start == 0)
        return fault_at(ADDRESS_NO_DOT, 0, where_r);
    return length > ADDRESS_DOMAIN_MAX ? fault_at(ADDRESS_LONG_DOMAIN, 0, where_r) : ADDRESS_GOOD;
}

/* What stands in an international domain but its letters must fit, too; libidn2 maps some of it silently. */
static enum address_fault check_utf8_domain(const char *domain, size_t length, size_t *where_r)
{
    for (size_t i = 0; i < length; i++) {
        if ((guint8)domain[i] >= 0x80 || domain[i] == '.' || (class_of(domain[i]) & IN_DOMAIN))
            continue;
        return fault_at(domain[i] == ' ' ? ADDRESS_SPACE : ADDRESS_BAD_DOMAIN, i, where_r);
    }
    return ADDRESS_GOOD;
}

/* Latin beside Cyrillic or Greek in one part is how look-alikes are made; other mixtures are everyday writing. */
static gboolean scripts_are_mixed(const char *text, size_t length)
{
    unsigned seen = 0;
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        switch (g_unichar_get_script(g_utf8_get_char(p))) {
        case G_UNICODE_SCRIPT_LATIN:
            seen |= 1;
            break;
        case G_UNICODE_SCRIPT_CYRILLIC:
            seen |= 2;
            break;
        case G_UNICODE_SCRIPT_GREEK:
            seen |= 4;
            break;
        default:
            break;
        }
    }
    return (seen & (seen - 1)) != 0;
}

/* Whether a label of the international form mixes scripts; the ending is a label of its own and may differ. */
static gboolean domain_scripts_are_mixed(const char *alabels)
{
    char *unicode = NULL;
    if (idn2_to_unicode_8z8z(alabels, &unicode, 0) != IDN2_OK)
        return FALSE;
    gboolean mixed = FALSE;
    for (const char *label = unicode; label != NULL && !mixed;) {
        const char *dot = strchr(label, '.');
        mixed = scripts_are_mixed(label, dot != NULL ? (size_t)(dot - label) : strlen(label));
        label = dot != NULL ? dot + 1 : NULL;
    }
    idn2_free(unicode);
    return mixed;
}

/*
 * Puts an international domain (U-labels, A-labels or both; UTF-8) into A-labels at *alabels_r, which idn2_free()
 * frees. The result is checked as any other domain.
 */
static enum address_fault convert_domain(const char *domain, size_t length, char **alabels_r)
{
    g_autofree char *text = g_strndup(domain, length);
    guint8 *alabels = NULL;
    int result = idn2_lookup_u8((const guint8 *)text, &alabels, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    *alabels_r = (char *)alabels;
    switch (result) {
    case IDN2_OK:
        return ADDRESS_GOOD;
    case IDN2_TOO_BIG_LABEL:
        return ADDRESS_LONG_LABEL;
    case IDN2_TOO_BIG_DOMAIN:
        return ADDRESS_LONG_DOMAIN;
    default:
        return ADDRESS_IDNA;
    }
}

char *address_shown(const char *text)
{
    const char *at = strrchr(text, '@'), *domain = at != NULL ? at + 1 : text;
    char *unicode = NULL, *again = NULL, *shown = NULL;
    if (strstr(domain, "xn--") == NULL)
        return g_strdup(text);
    if (idn2_to_unicode_8z8z(domain, &unicode, 0) == IDN2_OK &&
        convert_domain(unicode, strlen(unicode), &again) == ADDRESS_GOOD && strcmp(again, domain) == 0 &&
        !domain_scripts_are_mixed(domain))
        shown = g_strdup_printf("%.*s%s", (int)(domain - text), text, unicode);
    idn2_free(unicode);
    idn2_free(again);
    return shown != NULL ? shown : g_strdup(text);
}

/* Copies a checked ASCII domain behind the local part, in lower case. */
static enum address_fault add_domain(struct address *address, const char *domain, size_t length)
{
    size_t start = (size_t)address->at + 1;
    if (start + length > ADDRESS_MAX)
        return ADDRESS_LONG;
    for (size_t i = 0; i < length; i++)
        address->text[start + i] = slice_fold(domain[i]);
    address->text[start + length] = '\0';
    return ADDRESS_GOOD;
}

static size_t without_trailing_dot(const char *domain, size_t length)
{
    return length > 1 && domain[length - 1] == '.' ? length - 1 : length;
}

static enum address_fault parse_international_domain(const char *domain, size_t length, struct address *address,
                                                     size_t *where_r)
{
    enum address_fault fault = check_utf8_domain(domain, length, where_r);
    if (fault != ADDRESS_GOOD)
        return fault;
    char *alabels = NULL;
    gboolean ignored;
    size_t inner = 0; /* a place within the A-labels, which the user never wrote */
    fault = convert_domain(domain, length, &alabels);
    if (fault == ADDRESS_GOOD) {
        size_t alabels_length = without_trailing_dot(alabels, strlen(alabels));
        fault = check_ascii_domain(alabels, alabels_length, &ignored, &inner);
        if (fault == ADDRESS_GOOD)
            fault = add_domain(address, alabels, alabels_length);
    }
    idn2_free(alabels);
    if (fault == ADDRESS_GOOD)
        address->mixed_scripts |= domain_scripts_are_mixed(address_domain(address));
    return fault == ADDRESS_GOOD ? fault : fault_at(fault, 0, where_r);
}

static enum address_fault parse_domain(const char *domain, size_t length, gboolean ascii, struct address *address,
                                       size_t *where_r)
{
    if (domain[0] == '[')
        return fault_at(ADDRESS_LITERAL, 0, where_r);
    length = without_trailing_dot(domain, length);
    gboolean alabels = FALSE;
    if (ascii) {
        enum address_fault fault = check_ascii_domain(domain, length, &alabels, where_r);
        if (fault != ADDRESS_GOOD)
            return fault;
    }
    if (!ascii || alabels)
        return parse_international_domain(domain, length, address, where_r);
    return add_domain(address, domain, length);
}

/* Copies the checked local part and the @ into *address; a UTF-8 one in NFC. */
static enum address_fault add_local(struct address *address, const char *local, size_t length, gboolean ascii)
{
    g_autofree char *composed = NULL;
    if (!ascii) {
        composed = g_utf8_normalize(local, (gssize)length, G_NORMALIZE_NFC);
        address->smtputf8 = g_utf8_strlen(local, (gssize)length) != (glong)length;
        address->mixed_scripts = scripts_are_mixed(local, length);
        local = composed;
        length = strlen(composed);
    }
    if (length > ADDRESS_LOCAL_MAX)
        return ADDRESS_LONG_LOCAL;
    memcpy(address->text, local, length);
    address->text[length] = '@';
    address->at = (guint8)length;
    return ADDRESS_GOOD;
}

static enum address_fault parse(const char *text, size_t length, struct address *address, size_t *where_r)
{
    gboolean ascii;
    size_t at = 0;
    if (length == 0)
        return ADDRESS_EMPTY;
    if (length > TEXT_MAX)
        return ADDRESS_LONG;
    enum address_fault fault = check_characters(text, length, &ascii, where_r);
    if (fault == ADDRESS_GOOD)
        fault = find_at(text, length, &at, where_r);
    if (fault == ADDRESS_GOOD)
        fault = check_local(text, at, where_r);
    if (fault == ADDRESS_GOOD)
        fault = add_local(address, text, at, ascii);
    if (fault != ADDRESS_GOOD)
        return fault;
    fault = parse_domain(text + at + 1, length - at - 1, ascii, address, where_r);
    if (fault != ADDRESS_GOOD)
        *where_r += at + 1;
    return fault;
}

enum address_fault address_parse(const char *text, size_t length, struct address *address_r, size_t *where_r)
{
    size_t where = 0;
    address_r->at = 0;
    address_r->smtputf8 = FALSE;
    address_r->mixed_scripts = FALSE;
    enum address_fault fault = parse(text, length, address_r, &where);
    if (where_r != NULL)
        *where_r = fault_is_whole(fault) ? 0 : where;
    return fault;
}

/* The character at an octet for a message: itself where a terminal shows it, else its number. */
static char *show_character(const char *text, size_t length, size_t where)
{
    gunichar character = g_utf8_get_char_validated(text + where, (gssize)(length - where));
    if (character == (gunichar)-1 || character == (gunichar)-2)
        return g_strdup_printf("octet 0x%02X", (guint8)text[where]);
    if (!g_unichar_isgraph(character) || judge_character(character) != ADDRESS_GOOD)
        return g_strdup_printf("U+%04X", character);
    char utf8[7] = "";
    g_unichar_to_utf8(character, utf8);
    return g_strdup_printf("'%s'", utf8);
}

/* The number of the character at an octet, from 1; wrong UTF-8 counts an octet a character. */
static size_t character_number(const char *text, size_t where)
{
    size_t number = 1;
    for (size_t i = 0; i < where; i++)
        number += ((guint8)text[i] & 0xC0) != 0x80;
    return number;
}

char *address_fault_place(enum address_fault fault, const char *text, size_t length, size_t where)
{
    if (fault_is_whole(fault) || where >= length)
        return NULL;
    g_autofree char *shown = show_character(text, length, where);
    return g_strdup_printf("%zu, %s", character_number(text, where), shown);
}

char *address_fault_message(enum address_fault fault, const char *text, size_t length, size_t where)
{
    g_autofree char *place = address_fault_place(fault, text, length, where);
    return place != NULL ? g_strdup_printf("character %s, %s", place, fault_texts[fault])
                         : g_strdup(fault_texts[fault]);
}

/* Copies a local part in the form that counts; returns its length. */
static size_t fold_local(const struct address *address, enum address_identity identity, char *local_r)
{
    size_t length = address->at;
    if (address->smtputf8 && identity == ADDRESS_IDENTITY_MAILBOX) {
        g_autofree char *folded = g_utf8_casefold(address->text, (gssize)length);
        g_autofree char *composed = g_utf8_normalize(folded, -1, G_NORMALIZE_NFC);
        length = strlen(composed);
        g_assert(length + 1 + ADDRESS_DOMAIN_MAX < ADDRESS_CANONICAL_SIZE);
        memcpy(local_r, composed, length);
        return length;
    }
    for (size_t i = 0; i < length; i++)
        local_r[i] = slice_fold(address->text[i]);
    return length;
}

/* Leaves out what the provider leaves out; keeps the local part where nothing would remain. */
static size_t apply_provider(const struct provider *provider, char *local, size_t length)
{
    size_t kept = 0;
    char *plus = provider->tags ? memchr(local, '+', length) : NULL;
    if (plus != NULL && plus > local)
        length = (size_t)(plus - local);
    for (size_t i = 0; i < length; i++)
        if (!provider->dots || local[i] != '.')
            local[kept++] = local[i];
    return kept;
}

void address_canonical(const struct address *address, enum address_identity identity,
                       char canonical_r[ADDRESS_CANONICAL_SIZE])
{
    const char *domain = address_domain(address);
    size_t length = fold_local(address, identity, canonical_r);
    const struct provider *provider = identity == ADDRESS_IDENTITY_MAILBOX ? provider_find(domain) : NULL;
    if (provider != NULL) {
        length = apply_provider(provider, canonical_r, length);
        domain = provider->mailbox;
    }
    canonical_r[length] = '@';
    g_strlcpy(canonical_r + length + 1, domain, ADDRESS_CANONICAL_SIZE - length - 1);
}

unsigned address_warnings(const struct address *address, const char **suggestion_r)
{
    const char *suggestion = provider_typo(address_domain(address));
    if (suggestion_r != NULL)
        *suggestion_r = suggestion;
    return (provider_role(address->text, address->at) ? ADDRESS_ROLE : 0u) |
           (suggestion != NULL ? ADDRESS_TYPO : 0u) | (address->mixed_scripts ? ADDRESS_MIXED_SCRIPTS : 0u);
}
