/* xml_peer.c - our scanner beside expat; see xml_peer.h. */
#include "tests/xml_peer.h"

#include <expat.h>
#include <string.h>

#include "importer/list_xml.h"

#define SEPARATOR "\x1F"

static const char *const a_spaces[] = {"urn:a", "urn:strict:a", NULL};
static const char *const b_spaces[] = {"urn:b", NULL};
static const char *const xml_spaces[] = {"http://www.w3.org/XML/1998/namespace", NULL};

/* Names of elements and attributes, with and without namespaces, one that stands for many, and one too long to keep. */
static const struct list_xml_name names[] = {
    {1, a_spaces, "a"},    {2, a_spaces, "row"}, {3, b_spaces, "a"}, {4, b_spaces, NULL}, {5, NULL, "a"},
    {6, NULL, "r"},        {7, NULL, "name"},    {8, xml_spaces, "space"},
    {9, NULL, "a-name-of-more-than-twenty-four-octets"}, {0, NULL, NULL},
};

/* What our faults say that expat does not find: limits, DOCTYPE, encodings and versions. */
static const char *const ours_alone[] = {"spreadsheet program", "MiB", "encoding", "another version"};

/* --- ours ------------------------------------------------------------------------------------ */

static void note_text(GString *events, const char *text, size_t length, gboolean *in_text)
{
    if (!*in_text)
        g_string_append(events, "text ");
    *in_text = TRUE;
    g_string_append_len(events, text, (gssize)length);
}

static void note_tag(GString *events, const char *kind, int word, gboolean *in_text)
{
    if (*in_text)
        g_string_append_c(events, '\n');
    *in_text = FALSE;
    g_string_append_printf(events, "%s %d", kind, word);
}

struct reading {
    GString *events;
    gboolean in_text;
    XML_Parser parser;
    gboolean doctype;
};

static gboolean on_start(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error)
{
    (void)error;
    struct reading *reading = cookie;
    note_tag(reading->events, "start", word, &reading->in_text);
    for (; attributes->value != NULL; attributes++)
        g_string_append_printf(reading->events, " %d=%s;", attributes->word, attributes->value);
    g_string_append_c(reading->events, '\n');
    return TRUE;
}

static gboolean on_end(void *cookie, int word, GError **error)
{
    (void)error;
    struct reading *reading = cookie;
    note_tag(reading->events, "end", word, &reading->in_text);
    g_string_append_c(reading->events, '\n');
    return TRUE;
}

static gboolean on_text(void *cookie, const char *text, size_t length, GError **error)
{
    (void)error;
    struct reading *reading = cookie;
    note_text(reading->events, text, length, &reading->in_text);
    return TRUE;
}

static const struct list_xml xml = {.names = names, .start = on_start, .end = on_end, .text = on_text};

/* The document in pieces: the first of that size, the others of this. */
static void scan(const char *octets, size_t length, size_t first, size_t piece, struct xml_finding *finding_r)
{
    struct reading reading = {.events = g_string_new(NULL)};
    struct list_xml_scanner *scanner = list_xml_scanner_new(&xml, &reading);
    gboolean fine = TRUE;
    *finding_r = (struct xml_finding){.events = reading.events};
    for (size_t done = 0, size = MIN(first, length); fine; size = MIN(piece, length - done)) {
        /* An exact copy, so that the sanitizer sees a read past its end. */
        g_autofree char *exact = g_memdup2(octets + done, size);
        done += size;
        gboolean last = size == 0 && done == length;
        fine = list_xml_scan(scanner, exact, size, last, NULL);
        if (last)
            break;
    }
    if (!fine)
        finding_r->fault = list_xml_fault(scanner, &finding_r->line);
    g_assert_true(fine || finding_r->fault != NULL);
    for (size_t i = 0; !fine && i < G_N_ELEMENTS(ours_alone); i++)
        finding_r->out_of_reach |= strstr(finding_r->fault, ours_alone[i]) != NULL;
    list_xml_scanner_free(scanner);
}

void xml_peer_ours(const void *octets, size_t length, size_t piece, struct xml_finding *finding_r)
{
    scan(octets, length, piece > 0 ? piece : length, piece > 0 ? piece : length, finding_r);
}

/* --- expat ----------------------------------------------------------------------------------- */

/* The word of "URI SEPARATOR LOCAL", or of a local part alone. */
static int word_of(const char *name)
{
    const char *separator = strchr(name, SEPARATOR[0]);
    g_autofree char *uri = separator != NULL ? g_strndup(name, (size_t)(separator - name)) : g_strdup("");
    const char *local = separator != NULL ? separator + 1 : name;
    int other = 0;
    for (const struct list_xml_name *known = names; known->word != 0; known++) {
        if (known->spaces == NULL ? *uri != '\0' : !g_strv_contains(known->spaces, uri))
            continue;
        if (known->local == NULL)
            other = known->word;
        else if (strcmp(known->local, local) == 0)
            return known->word;
    }
    return other;
}

static void XMLCALL expat_start(void *cookie, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = cookie;
    note_tag(reading->events, "start", word_of(name), &reading->in_text);
    for (; attributes[0] != NULL; attributes += 2)
        if (word_of(attributes[0]) != 0)
            g_string_append_printf(reading->events, " %d=%s;", word_of(attributes[0]), attributes[1]);
    g_string_append_c(reading->events, '\n');
}

static void XMLCALL expat_end(void *cookie, const XML_Char *name)
{
    struct reading *reading = cookie;
    note_tag(reading->events, "end", word_of(name), &reading->in_text);
    g_string_append_c(reading->events, '\n');
}

static void XMLCALL expat_text(void *cookie, const XML_Char *text, int length)
{
    struct reading *reading = cookie;
    note_text(reading->events, text, (size_t)length, &reading->in_text);
}

static void XMLCALL expat_doctype(void *cookie, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                                  int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    struct reading *reading = cookie;
    reading->doctype = TRUE;
    XML_StopParser(reading->parser, XML_FALSE);
}

static gboolean is_wide(const guint8 *octets, size_t length, gboolean *is_little_r)
{
    *is_little_r = length > 1 && (octets[0] == 0xFF || octets[1] == 0);
    return *is_little_r || (length > 1 && (octets[0] == 0xFE || octets[0] == 0));
}

/* The character at a place of UTF-16; half a pair where it is no whole one. */
static gunichar wide_character(const guint8 *octets, size_t left, gboolean is_little)
{
    gunichar units[2] = {0, 0};
    size_t high = is_little ? 1 : 0;
    for (size_t i = 0; i < 2 && 2 * i + 2 <= left; i++)
        units[i] = (gunichar)octets[2 * i + high] << 8 | octets[2 * i + 1 - high];
    if (units[0] >= 0xD800 && units[0] < 0xDC00 && units[1] >= 0xDC00 && units[1] < 0xE000)
        return 0x10000 + ((units[0] - 0xD800) << 10) + (units[1] - 0xDC00);
    return units[0];
}

/* Does expat refuse a character beyond ASCII, which it only does in names, or where it is none? */
static gboolean is_about_name(XML_Parser parser, const guint8 *octets, size_t length)
{
    XML_Index index = XML_GetCurrentByteIndex(parser);
    if (XML_GetErrorCode(parser) != XML_ERROR_INVALID_TOKEN || index < 0 || (size_t)index >= length)
        return FALSE;
    size_t left = length - (size_t)index;
    gboolean is_little;
    gunichar character = is_wide(octets, length, &is_little)
                             ? wide_character(octets + index, left, is_little)
                             : g_utf8_get_char_validated((const char *)octets + index, (gssize)left);
    return character >= 0x80 && g_unichar_validate(character) && character != 0xFFFE && character != 0xFFFF;
}

/* The first half of a pair of UTF-16 without the second? Expat takes whatever follows it. */
static gboolean has_half_pair(const guint8 *octets, size_t length)
{
    gboolean is_little;
    if (!is_wide(octets, length, &is_little))
        return FALSE;
    for (size_t at = 0; at + 1 < length; at += 2) {
        gunichar character = wide_character(octets + at, length - at, is_little);
        if (character >= 0xD800 && character < 0xDC00)
            return TRUE;
        at += character >= 0x10000 ? 2 : 0;
    }
    return FALSE;
}

void xml_peer_expat(const void *octets, size_t length, struct xml_finding *finding_r)
{
    struct reading reading = {.events = g_string_new(NULL), .parser = XML_ParserCreateNS(NULL, SEPARATOR[0])};
    *finding_r = (struct xml_finding){.events = reading.events};
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, expat_start, expat_end);
    XML_SetCharacterDataHandler(reading.parser, expat_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, expat_doctype);
    finding_r->out_of_reach = has_half_pair(octets, length);
    if (XML_Parse(reading.parser, octets, (int)length, 1) != XML_STATUS_OK) {
        finding_r->fault = XML_ErrorString(XML_GetErrorCode(reading.parser));
        finding_r->line = XML_GetErrorLineNumber(reading.parser);
        finding_r->out_of_reach |= reading.doctype || is_about_name(reading.parser, octets, length);
    }
    XML_ParserFree(reading.parser);
}

/* --- both ------------------------------------------------------------------------------------ */

void xml_finding_release(struct xml_finding *finding)
{
    g_string_free(finding->events, TRUE);
}

static void assert_same_pieces(const struct xml_finding *whole, struct xml_finding *pieces)
{
    g_assert_cmpstr(whole->fault, ==, pieces->fault);
    g_assert_cmpuint(whole->line, ==, pieces->line);
    g_assert_cmpstr(whole->events->str, ==, pieces->events->str);
    xml_finding_release(pieces);
}

void xml_peer_compare(const void *octets, size_t length)
{
    struct xml_finding ours, pieces, theirs;
    xml_peer_ours(octets, length, 0, &ours);
    xml_peer_expat(octets, length, &theirs);
    if (!ours.out_of_reach && !theirs.out_of_reach) {
        if (ours.fault == NULL || theirs.fault == NULL)
            g_assert_cmpstr(ours.fault, ==, theirs.fault);
        if (ours.fault == NULL)
            g_assert_cmpstr(ours.events->str, ==, theirs.events->str);
    }
    xml_finding_release(&theirs);
    xml_peer_ours(octets, length, 1, &pieces);
    assert_same_pieces(&ours, &pieces);
    xml_finding_release(&ours);
}

void xml_peer_compare_pieces(const void *octets, size_t length)
{
    struct xml_finding ours, pieces;
    xml_peer_ours(octets, length, 0, &ours);
    for (size_t first = 1; first < length; first++) {
        scan(octets, length, first, length, &pieces);
        assert_same_pieces(&ours, &pieces);
    }
    xml_finding_release(&ours);
}
