/*
 * list_xml.c - the scanner; see list_xml.h.
 *
 * The buffer holds what came and is not yet done with, and a NUL, at which every loop stops. Each take_*() gets a place
 * in it and returns the place behind what it took, or NULL where it can't: either the scanner has a fault, or a handler
 * failed, or the rest of the token has not come yet. Then the token stays in the buffer and is taken anew with what
 * comes next; nothing is handed on before its token is complete.
 */
#include "importer/list_xml.h"

#include "importer/list_xml_buffer.h"
#include "importer/list_xml_names.h"

#define DIGITS_MAX 9u /* of a number: it fits into 32 bits, and so does its sum with another */

/* An attribute as it stands in the tag. */
struct attribute {
    char *name;
    size_t name_length;
    char *value;
    char *value_end;    /* gets a NUL once the tag is complete */
    const char *local;  /* the name's local part ... */
    const char *uri;    /* ... and namespace; "": none */
    int word;
};

struct element {
    size_t name;    /* where its name begins in scanner->open */
    size_t length;
    int word;
    guint bound;    /* prefixes before its own */
};

struct list_xml_scanner {
    const struct list_xml *xml;
    void *cookie;
    GError **error;     /* the caller's, for handlers */
    gboolean failed;    /* a handler has set it */
    const char *fault;
    guint64 line;       /* of the fault */

    struct list_xml_buffer buffer;
    gboolean begun;     /* a token was taken, so no XML declaration may come */
    gboolean rooted;    /* the outermost element was begun */

    struct attribute attributes[LIST_XML_ATTRIBUTES_MAX];
    guint attribute_count;
    struct list_xml_attribute known[LIST_XML_ATTRIBUTES_MAX + 1];
    char *values;       /* of the tag, where they differ from what stands there; as large as the buffer */
    size_t values_size;
    size_t values_length;

    struct element elements[LIST_XML_DEPTH_MAX];
    guint depth;
    char *open;         /* the names of these elements, end to end */
    size_t open_size;
    struct list_xml_names names;
};

/* Octets that need no second look: in names, as blanks, in texts, in values, and within comments and the like. */
enum { NAME_START = 1, NAME = 2, BLANK = 4, TEXT = 8, VALUE = 16, CHARACTER = 32, PLAIN = TEXT | VALUE | CHARACTER };

static const guint8 classes[256] = {
    ['\t' ... '\n'] = BLANK | TEXT | CHARACTER,
    ['\r'] = BLANK | CHARACTER,
    [' '] = BLANK | PLAIN,
    ['!'] = PLAIN,
    ['"'] = TEXT | CHARACTER,
    ['#' ... '%'] = PLAIN,
    ['&'] = CHARACTER,
    ['\''] = TEXT | CHARACTER,
    ['(' ... ','] = PLAIN,
    ['-' ... '.'] = NAME | PLAIN,
    ['/'] = PLAIN,
    ['0' ... '9'] = NAME | PLAIN,
    [':' ... ';'] = PLAIN,
    ['<'] = CHARACTER,
    ['=' ... '@'] = PLAIN,
    ['A' ... 'Z'] = NAME_START | NAME | PLAIN,
    ['[' ... '\\'] = PLAIN,
    [']'] = VALUE | CHARACTER,
    ['^'] = PLAIN,
    ['_'] = NAME_START | NAME | PLAIN,
    ['`'] = PLAIN,
    ['a' ... 'z'] = NAME_START | NAME | PLAIN,
    ['{' ... 0x7F] = PLAIN,
};

static gboolean is_class(char octet, int class)
{
    return (classes[(guint8)octet] & class) != 0;
}

static char *skip_class(char *at, int class)
{
    while (is_class(*at, class))
        at++;
    return at;
}

/* --- faults ---------------------------------------------------------------------------------- */

/* The part is at fault at this place. */
static char *blame(struct list_xml_scanner *scanner, const char *at, const char *fault)
{
    scanner->fault = fault;
    scanner->line = list_xml_buffer_line(&scanner->buffer, at);
    return NULL;
}

/* What stands at this place does not belong there; at the end of what came, more is wanted. */
static char *refuse(struct list_xml_scanner *scanner, const char *at, const char *fault)
{
    if (at < scanner->buffer.end)
        return blame(scanner, at, fault);
    return scanner->buffer.last ? blame(scanner, at, "the part ends too early") : NULL;
}

static gboolean handled(struct list_xml_scanner *scanner, gboolean fine)
{
    scanner->failed = !fine;
    return fine;
}

/* --- characters ------------------------------------------------------------------------------ */

static gboolean is_character(gunichar character)
{
    return character >= 0x20 ? g_unichar_validate(character) && character != 0xFFFE && character != 0xFFFF
                             : character == '\t' || character == '\n' || character == '\r';
}

/* Octets of the character beyond ASCII that stands here; 0 where none does, or not all of it. */
static size_t wide_length(const struct list_xml_scanner *scanner, const char *at)
{
    gunichar character = g_utf8_get_char_validated(at, scanner->buffer.end - at);
    return character >= 0x80 && is_character(character) ? (size_t)(g_utf8_next_char(at) - at) : 0;
}

/* Steps over ASCII of the class, and characters beyond ASCII. */
static char *skip_text(const struct list_xml_scanner *scanner, char *at, int class)
{
    for (;;) {
        at = skip_class(at, class);
        size_t length = (guint8)*at >= 0x80 ? wide_length(scanner, at) : 0;
        if (length == 0)
            return at;
        at += length;
    }
}

/* What stands here is no character, or not all of it has come. */
static char *refuse_character(struct list_xml_scanner *scanner, const char *at)
{
    gssize there = scanner->buffer.end - at;
    gboolean partly = (guint8)*at >= 0x80 && there < (gssize)(g_utf8_next_char(at) - at) &&
                      g_utf8_get_char_validated(at, there) == (gunichar)-2;
    return refuse(scanner, partly ? scanner->buffer.end : at, "octets that are no character of XML");
}

/* Steps over the fixed text. */
static char *expect(struct list_xml_scanner *scanner, char *at, const char *text, const char *fault)
{
    for (; *text != '\0'; text++, at++)
        if (*at != *text)
            return refuse(scanner, at, fault);
    return at;
}

/* Steps over a name; one colon may be within it where there may be a prefix. */
static char *skip_name(struct list_xml_scanner *scanner, char *at, gboolean prefixed)
{
    if (!is_class(*at, NAME_START) && wide_length(scanner, at) == 0)
        return (guint8)*at >= 0x80 ? refuse_character(scanner, at) : refuse(scanner, at, "a name is missing");
    at = skip_text(scanner, at, NAME);
    if ((guint8)*at >= 0x80 || at == scanner->buffer.end)
        return refuse_character(scanner, at);
    return *at == ':' && prefixed ? skip_name(scanner, at + 1, FALSE) : at;
}

/* A character by its number: "#228;", "#xE4;". */
static char *scan_number(struct list_xml_scanner *scanner, char *at, gunichar *character_r)
{
    guint base = at[1] == 'x' ? 16 : 10;
    char *digits = at + (base == 16 ? 2 : 1);
    *character_r = 0;
    for (at = digits; base == 16 ? g_ascii_isxdigit(*at) : g_ascii_isdigit(*at); at++)
        *character_r = MIN(*character_r * base + (gunichar)g_ascii_xdigit_value(*at), 0x110000u);
    if (at == digits || *at != ';' || !is_character(*character_r))
        return refuse(scanner, at, "a character number that is none");
    return at + 1;
}

/* A reference, from its & on. */
static char *scan_reference(struct list_xml_scanner *scanner, char *at, gunichar *character_r)
{
    static const struct {
        const char *name;
        gunichar character;
    } entities[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"apos", '\''}, {"quot", '"'}};
    char *name = at + 1;
    if (*name == '#')
        return scan_number(scanner, name, character_r);
    char *end = skip_name(scanner, name, FALSE);
    if (end == NULL || *end != ';')
        return end == NULL ? NULL : refuse(scanner, end, "a reference without ;");
    size_t length = (size_t)(end - name);
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++) {
        *character_r = entities[i].character;
        if (strlen(entities[i].name) == length && memcmp(entities[i].name, name, length) == 0)
            return end + 1;
    }
    return refuse(scanner, at, "a reference to an entity that is not defined");
}

/* --- texts ----------------------------------------------------------------------------------- */

static gboolean tell_text(struct list_xml_scanner *scanner, const char *text, size_t length)
{
    return length == 0 || scanner->xml->text == NULL ||
           handled(scanner, scanner->xml->text(scanner->cookie, text, length, scanner->error));
}

static char *take_reference(struct list_xml_scanner *scanner, char *at)
{
    gunichar character;
    char octets[6];
    at = scan_reference(scanner, at, &character);
    return at != NULL && tell_text(scanner, octets, (size_t)g_unichar_to_utf8(character, octets)) ? at : NULL;
}

/* Takes a carriage return and the line feed behind it, which are one line's end. */
static char *take_return(struct list_xml_scanner *scanner, char *at)
{
    if (at + 1 == scanner->buffer.end && !scanner->buffer.last)
        return NULL;
    return tell_text(scanner, "\n", 1) ? at + 1 + (at[1] == '\n') : NULL;
}

/* Takes one ], for ]]> may only end a CDATA section. */
static char *take_bracket(struct list_xml_scanner *scanner, char *at)
{
    size_t there = (size_t)(scanner->buffer.end - at);
    if (there >= 3 && memcmp(at, "]]>", 3) == 0)
        return blame(scanner, at, "]]> in a text");
    if (there < 3 && !scanner->buffer.last)
        return NULL;
    return tell_text(scanner, at, 1) ? at + 1 : NULL;
}

/* Takes text as far as it stands for itself, or one thing that does not. */
static char *take_text(struct list_xml_scanner *scanner, char *at)
{
    char *end = skip_text(scanner, at, TEXT);
    if (end > at)
        return tell_text(scanner, at, (size_t)(end - at)) ? end : NULL;
    switch (*at) {
    case '&':
        return take_reference(scanner, at);
    case '\r':
        return take_return(scanner, at);
    case ']':
        return take_bracket(scanner, at);
    default:
        return refuse_character(scanner, at);
    }
}

static char *take_blanks(struct list_xml_scanner *scanner, char *at)
{
    char *end = skip_class(at, BLANK);
    return end > at ? end : refuse(scanner, at, "text outside of all elements");
}

/* --- attributes as they stand --------------------------------------------------------------- */

/* A character of a value, its reference undone, blanks of all kinds being spaces. */
static char *scan_character(struct list_xml_scanner *scanner, char *at, gunichar *character_r)
{
    size_t length = is_class(*at, CHARACTER) ? 1 : wide_length(scanner, at);
    if (length == 0)
        return refuse_character(scanner, at);
    if (*at == '<')
        return refuse(scanner, at, "< within an attribute");
    if (*at == '&')
        return scan_reference(scanner, at, character_r);
    if (*at == '\r' && at[1] == '\n')
        length++;
    *character_r = is_class(*at, BLANK) ? ' ' : g_utf8_get_char(at);
    return at + length;
}

/* Takes a value that differs from what stands there into scanner->values, which has room: no character grows. */
static char *scan_odd_value(struct list_xml_scanner *scanner, char *at, char quote, struct attribute *attribute)
{
    char *value = scanner->values + scanner->values_length;
    attribute->value = value;
    while (at != NULL && *at != quote) {
        gunichar character;
        at = scan_character(scanner, at, &character);
        value += at != NULL ? g_unichar_to_utf8(character, value) : 0;
    }
    attribute->value_end = value;
    scanner->values_length = (size_t)(value + 1 - scanner->values);
    return at != NULL ? at + 1 : NULL;
}

static char *scan_value(struct list_xml_scanner *scanner, char *at, struct attribute *attribute)
{
    char quote = *at;
    if (quote != '"' && quote != '\'')
        return refuse(scanner, at, "an attribute without quotes");
    attribute->value = at + 1;
    attribute->value_end = skip_class(at + 1, VALUE);
    if (*attribute->value_end == quote)
        return attribute->value_end + 1;
    return scan_odd_value(scanner, at + 1, quote, attribute);
}

static char *scan_attribute(struct list_xml_scanner *scanner, char *at)
{
    if (scanner->attribute_count == LIST_XML_ATTRIBUTES_MAX)
        return blame(scanner, at, "more attributes than any spreadsheet program writes");
    struct attribute *attribute = &scanner->attributes[scanner->attribute_count++];
    attribute->name = at;
    at = skip_name(scanner, at, TRUE);
    if (at == NULL)
        return NULL;
    attribute->name_length = (size_t)(at - attribute->name);
    at = skip_class(at, BLANK);
    if (*at != '=')
        return refuse(scanner, at, "an attribute without value");
    return scan_value(scanner, skip_class(at + 1, BLANK), attribute);
}

/* Takes blanks and attributes up to what is neither. */
static char *scan_attributes(struct list_xml_scanner *scanner, char *at)
{
    scanner->attribute_count = 0;
    scanner->values_length = 0;
    for (;;) {
        char *next = skip_class(at, BLANK);
        if (next == at || *next == '>' || *next == '/' || *next == '?')
            return next;
        at = scan_attribute(scanner, next);
        if (at == NULL)
            return NULL;
    }
}

/* --- comments, sections, instructions -------------------------------------------------------- */

/* Takes up to the first such character, all before being valid. */
static char *skip_to(struct list_xml_scanner *scanner, char *at, char wanted)
{
    while (*at != wanted) {
        size_t length = is_class(*at, CHARACTER) ? 1 : wide_length(scanner, at);
        if (length == 0)
            return refuse_character(scanner, at);
        at += length;
    }
    return at;
}

static char *take_comment(struct list_xml_scanner *scanner, char *at)
{
    at = expect(scanner, at, "<!--", "broken markup");
    while (at != NULL && (at = skip_to(scanner, at, '-')) != NULL) {
        if (at[1] == '-')
            return expect(scanner, at, "-->", "-- within a comment");
        at++;
    }
    return NULL;
}

static char *take_section(struct list_xml_scanner *scanner, char *at)
{
    at = expect(scanner, at, "<![CDATA[", "broken markup");
    char *run = at;
    if (at != NULL && scanner->depth == 0)
        return refuse(scanner, at - 1, "text outside of all elements");
    while (at != NULL && (at = skip_to(scanner, at, ']')) != NULL && strncmp(at, "]]>", 3) != 0)
        at++;
    for (char *end; at != NULL && (end = memchr(run, '\r', (size_t)(at - run))) != NULL;
         run = end + 1 + (end[1] == '\n'))
        if (!tell_text(scanner, run, (size_t)(end - run)) || !tell_text(scanner, "\n", 1))
            return NULL;
    return at != NULL && tell_text(scanner, run, (size_t)(at - run)) ? at + 3 : NULL;
}

static char *take_declaration(struct list_xml_scanner *scanner, char *at)
{
    switch (at[2]) {
    case '-':
        return take_comment(scanner, at);
    case '[':
        return take_section(scanner, at);
    case 'D':
        return blame(scanner, at, "a DOCTYPE, which no spreadsheet program writes");
    default:
        return refuse(scanner, at + 2, "broken markup");
    }
}

static gboolean is_encoding(const struct list_xml_scanner *scanner, const char *name)
{
    static const char *const names[] = {
        [LIST_XML_UTF_8] = "UTF-8", [LIST_XML_UTF_16LE] = "UTF-16LE", [LIST_XML_UTF_16BE] = "UTF-16BE"};
    return g_ascii_strcasecmp(name, names[scanner->buffer.encoding]) == 0 ||
           g_ascii_strcasecmp(name, scanner->buffer.encoding == LIST_XML_UTF_8 ? "US-ASCII" : "UTF-16") == 0;
}

/* 1. and a number: later versions 1 are read as 1.0. */
static gboolean is_version(const char *value)
{
    return g_str_has_prefix(value, "1.") && value[2] != '\0' && value[2 + strspn(value + 2, "0123456789")] == '\0';
}

/* The attributes of the XML declaration: which, and in which order. */
static const char *judge_declaration(const struct list_xml_scanner *scanner)
{
    static const char *const names[] = {"version", "encoding", "standalone"};
    guint next = 0;
    for (guint i = 0; i < scanner->attribute_count; i++) {
        const struct attribute *attribute = &scanner->attributes[i];
        g_autofree char *name = g_strndup(attribute->name, attribute->name_length);
        g_autofree char *value = g_strndup(attribute->value, (size_t)(attribute->value_end - attribute->value));
        while (next < G_N_ELEMENTS(names) && strcmp(name, names[next]) != 0)
            next++;
        if (next == G_N_ELEMENTS(names) || (i == 0 && next != 0))
            return "a broken XML declaration";
        if (next == 0 && !is_version(value))
            return "another version of XML than 1.0";
        if (next == 1 && !is_encoding(scanner, value))
            return "an encoding that is not the part's own, or neither UTF-8 nor UTF-16";
        if (next == 2 && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
            return "a broken XML declaration";
        next++;
    }
    return scanner->attribute_count == 0 ? "an XML declaration without version" : NULL;
}

static char *take_instruction(struct list_xml_scanner *scanner, char *at)
{
    char *target = at + 2;
    at = skip_name(scanner, target, FALSE);
    if (at == NULL)
        return NULL;
    if (at - target == 3 && g_ascii_strncasecmp(target, "xml", 3) == 0) {
        if (scanner->begun || strncmp(target, "xml", 3) != 0)
            return blame(scanner, target, "an XML declaration that is not at the beginning");
        at = scan_attributes(scanner, at);
        at = at != NULL ? expect(scanner, at, "?>", "a broken XML declaration") : NULL;
        const char *fault = at != NULL ? judge_declaration(scanner) : NULL;
        return fault != NULL ? blame(scanner, target, fault) : at;
    }
    if (!is_class(*at, BLANK))
        return expect(scanner, at, "?>", "broken markup");
    for (; (at = skip_to(scanner, at, '?')) != NULL; at++)
        if (at[1] == '>')
            return at + 2;
    return NULL;
}

/* --- tags ------------------------------------------------------------------------------------ */

/* Namespace declarations are in a namespace of their own, so that two of them can be told apart. */
static gboolean is_binding(struct attribute *attribute)
{
    static const char xmlns[] = "xmlns";
    size_t length = strlen(xmlns);
    if (attribute->name_length < length || memcmp(attribute->name, xmlns, length) != 0 ||
        (attribute->name_length > length && attribute->name[length] != ':'))
        return FALSE;
    attribute->uri = xmlns;
    attribute->local = attribute->name + MIN(attribute->name_length, length + 1);
    attribute->word = 0;
    return TRUE;
}

static size_t local_length(const struct attribute *attribute)
{
    return (size_t)(attribute->name + attribute->name_length - attribute->local);
}

static gboolean bind_prefixes(struct list_xml_scanner *scanner)
{
    for (guint i = 0; i < scanner->attribute_count; i++) {
        struct attribute *attribute = &scanner->attributes[i];
        *attribute->value_end = '\0';
        if (!is_binding(attribute))
            continue;
        const char *fault =
            list_xml_names_bind(&scanner->names, attribute->local, local_length(attribute), attribute->value);
        if (fault != NULL)
            return blame(scanner, attribute->name, fault) != NULL;
    }
    return TRUE;
}

static const struct list_xml_meaning *find_name(struct list_xml_scanner *scanner, const char *name, size_t length,
                                                enum list_xml_kind kind)
{
    const struct list_xml_meaning *meaning = list_xml_names_find(&scanner->names, name, length, kind);
    if (meaning == NULL)
        blame(scanner, name, "a prefix that is bound to no namespace");
    return meaning;
}

static gboolean find_names(struct list_xml_scanner *scanner)
{
    for (guint i = 0; i < scanner->attribute_count; i++) {
        struct attribute *attribute = &scanner->attributes[i];
        if (is_binding(attribute))
            continue;
        const struct list_xml_meaning *meaning =
            find_name(scanner, attribute->name, attribute->name_length, LIST_XML_ATTRIBUTE);
        if (meaning == NULL)
            return FALSE;
        attribute->word = meaning->word;
        attribute->uri = meaning->uri;
        attribute->local = attribute->name + meaning->local;
    }
    return TRUE;
}

static gboolean is_unique(const struct list_xml_scanner *scanner, const struct attribute *attribute)
{
    size_t length = local_length(attribute);
    for (const struct attribute *other = scanner->attributes; other < attribute; other++)
        if (local_length(other) == length && *other->local == *attribute->local &&
            memcmp(other->local, attribute->local, length) == 0 && strcmp(other->uri, attribute->uri) == 0)
            return FALSE;
    return TRUE;
}

/* Puts the attributes that the reader knows into scanner->known. */
static gboolean gather_attributes(struct list_xml_scanner *scanner)
{
    guint count = 0;
    if (!bind_prefixes(scanner) || !find_names(scanner))
        return FALSE;
    for (guint i = 0; i < scanner->attribute_count; i++) {
        const struct attribute *attribute = &scanner->attributes[i];
        if (!is_unique(scanner, attribute))
            return blame(scanner, attribute->name, "an attribute that comes twice") != NULL;
        if (attribute->word != 0)
            scanner->known[count++] = (struct list_xml_attribute){attribute->word, attribute->value};
    }
    scanner->known[count].value = NULL;
    return TRUE;
}

/* For the end tag, and because the buffer may move on. */
static void keep_name(struct list_xml_scanner *scanner, struct element *element, const char *name, size_t length)
{
    element->name = scanner->depth > 0 ? element[-1].name + element[-1].length : 0;
    element->length = length;
    if (element->name + length > scanner->open_size) {
        scanner->open_size = 2 * (element->name + length);
        scanner->open = g_realloc(scanner->open, scanner->open_size);
    }
    memcpy(scanner->open + element->name, name, length);
}

static gboolean open_element(struct list_xml_scanner *scanner, const char *name, size_t length)
{
    struct element *element = &scanner->elements[scanner->depth];
    if (scanner->depth == LIST_XML_DEPTH_MAX)
        return blame(scanner, name, "elements deeper than any spreadsheet program writes") != NULL;
    if (scanner->depth == 0 && scanner->rooted)
        return blame(scanner, name, "an element behind the outermost one") != NULL;
    element->bound = list_xml_names_bound(&scanner->names);
    const struct list_xml_meaning *meaning =
        gather_attributes(scanner) ? find_name(scanner, name, length, LIST_XML_ELEMENT) : NULL;
    if (meaning == NULL)
        return FALSE;
    element->word = meaning->word;
    keep_name(scanner, element, name, length);
    scanner->depth++;
    scanner->rooted = TRUE;
    return handled(scanner, scanner->xml->start(scanner->cookie, meaning->word, scanner->known, scanner->error));
}

static gboolean close_element(struct list_xml_scanner *scanner)
{
    const struct element *element = &scanner->elements[--scanner->depth];
    if (element->bound < list_xml_names_bound(&scanner->names))
        list_xml_names_unbind(&scanner->names, element->bound);
    return scanner->xml->end == NULL ||
           handled(scanner, scanner->xml->end(scanner->cookie, element->word, scanner->error));
}

static char *take_start(struct list_xml_scanner *scanner, char *at)
{
    char *name = at + 1;
    char *end = skip_name(scanner, name, TRUE);
    at = end != NULL ? scan_attributes(scanner, end) : NULL;
    if (at == NULL)
        return NULL;
    gboolean empty = *at == '/';
    at += empty;
    if (*at != '>')
        return refuse(scanner, at, "a broken tag");
    return open_element(scanner, name, (size_t)(end - name)) && (!empty || close_element(scanner)) ? at + 1 : NULL;
}

static char *take_end(struct list_xml_scanner *scanner, char *at)
{
    static const char fault[] = "an end tag that closes nothing";
    if (scanner->depth == 0)
        return blame(scanner, at, fault);
    const struct element *element = &scanner->elements[scanner->depth - 1];
    size_t there = (size_t)(scanner->buffer.end - at - 2);
    if (memcmp(at + 2, scanner->open + element->name, MIN(there, element->length)) != 0)
        return blame(scanner, at, fault);
    at = there > element->length ? skip_class(at + 2 + element->length, BLANK) : scanner->buffer.end;
    if (*at != '>')
        return refuse(scanner, at, fault);
    return close_element(scanner) ? at + 1 : NULL;
}

/* --- the part -------------------------------------------------------------------------------- */

static char *take_token(struct list_xml_scanner *scanner, char *at)
{
    if (*at != '<')
        return scanner->depth > 0 ? take_text(scanner, at) : take_blanks(scanner, at);
    switch (at[1]) {
    case '/':
        return take_end(scanner, at);
    case '?':
        return take_instruction(scanner, at);
    case '!':
        return take_declaration(scanner, at);
    default:
        return take_start(scanner, at);
    }
}

gboolean list_xml_scan(struct list_xml_scanner *scanner, const void *octets, size_t length, gboolean last,
                       GError **error)
{
    struct list_xml_buffer *buffer = &scanner->buffer;
    scanner->error = error;
    list_xml_buffer_append(buffer, octets, length, last);
    if (scanner->values_size < buffer->size) {
        scanner->values_size = buffer->size;
        scanner->values = g_realloc(scanner->values, scanner->values_size);
    }
    char *at = buffer->start;
    for (char *next; at < buffer->end && (next = take_token(scanner, at)) != NULL; at = next)
        scanner->begun = TRUE;
    if (!scanner->failed && scanner->fault == NULL && last && (!scanner->rooted || scanner->depth > 0))
        blame(scanner, at, "the part ends too early");
    if (scanner->failed || scanner->fault != NULL)
        return FALSE;
    list_xml_buffer_forget(buffer, at);
    return buffer->end - buffer->start <= LIST_XML_MARKUP_MAX ||
           blame(scanner, buffer->start, "a tag, comment or section of more than 1 MiB") != NULL;
}

const char *list_xml_fault(const struct list_xml_scanner *scanner, guint64 *line_r)
{
    *line_r = scanner->line;
    return scanner->fault;
}

gboolean list_xml_number(const char *text, guint *number_r)
{
    guint number = 0, digits = 0;
    for (; g_ascii_isdigit(text[digits]) && digits < DIGITS_MAX; digits++)
        number = number * 10 + (guint)(text[digits] - '0');
    if (digits == 0 || text[digits] != '\0')
        return FALSE;
    *number_r = number;
    return TRUE;
}

struct list_xml_scanner *list_xml_scanner_new(const struct list_xml *xml, void *cookie)
{
    struct list_xml_scanner *scanner = g_new0(struct list_xml_scanner, 1);
    scanner->xml = xml;
    scanner->cookie = cookie;
    list_xml_names_init(&scanner->names, xml->names);
    return scanner;
}

void list_xml_scanner_free(struct list_xml_scanner *scanner)
{
    if (scanner == NULL)
        return;
    list_xml_names_release(&scanner->names);
    g_free(scanner->open);
    list_xml_buffer_release(&scanner->buffer);
    g_free(scanner->values);
    g_free(scanner);
}
