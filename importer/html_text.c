/* html_text.c - makes text from HTML; see html_text.h. */
#include "importer/html_text.h"

#include <string.h>

#include "lib/html.h"

#define LEVELS_MAX 8           /* lists and quotations deeper than this are not indented further */
#define INDENT_WIDTH_MAX 8     /* bytes of one level's indentation */
#define ITEM_NUMBER_MAX 9999   /* fits the indentation; later items repeat it */
#define TABLES_MAX 16          /* tables deeper than this count as layout */
#define NO_BREAK_SPACE "\xC2\xA0"

enum element_kind {
    ELEMENT_INLINE, /* also unknown elements */
    ELEMENT_BLOCK,  /* a line of its own */
    ELEMENT_PARAGRAPH, /* empty lines around */
    ELEMENT_BREAK,
    ELEMENT_RULE,
    ELEMENT_HEADING,
    ELEMENT_LIST,
    ELEMENT_ITEM,
    ELEMENT_QUOTE,
    ELEMENT_TABLE,
    ELEMENT_ROW,
    ELEMENT_CELL,
    ELEMENT_LINK,
    ELEMENT_IMAGE,
    ELEMENT_PRE,
    ELEMENT_SKIPPED, /* with all that is in it */
};

struct element {
    const char *name;
    enum element_kind kind;
};

static const struct element elements[] = {
    { "a", ELEMENT_LINK },          { "address", ELEMENT_PARAGRAPH }, { "article", ELEMENT_PARAGRAPH },
    { "aside", ELEMENT_PARAGRAPH }, { "blockquote", ELEMENT_QUOTE },  { "br", ELEMENT_BREAK },
    { "caption", ELEMENT_BLOCK },   { "center", ELEMENT_BLOCK },      { "dd", ELEMENT_BLOCK },
    { "div", ELEMENT_BLOCK },       { "dl", ELEMENT_PARAGRAPH },      { "dt", ELEMENT_BLOCK },
    { "footer", ELEMENT_PARAGRAPH }, { "h1", ELEMENT_HEADING },       { "h2", ELEMENT_HEADING },
    { "h3", ELEMENT_PARAGRAPH },    { "h4", ELEMENT_PARAGRAPH },      { "h5", ELEMENT_PARAGRAPH },
    { "h6", ELEMENT_PARAGRAPH },    { "head", ELEMENT_SKIPPED },      { "header", ELEMENT_PARAGRAPH },
    { "hr", ELEMENT_RULE },         { "img", ELEMENT_IMAGE },         { "li", ELEMENT_ITEM },
    { "main", ELEMENT_PARAGRAPH },  { "nav", ELEMENT_PARAGRAPH },     { "ol", ELEMENT_LIST },
    { "p", ELEMENT_PARAGRAPH },     { "pre", ELEMENT_PRE },           { "script", ELEMENT_SKIPPED },
    { "section", ELEMENT_PARAGRAPH }, { "style", ELEMENT_SKIPPED },   { "table", ELEMENT_TABLE },
    { "td", ELEMENT_CELL },         { "template", ELEMENT_SKIPPED },  { "th", ELEMENT_CELL },
    { "title", ELEMENT_SKIPPED },   { "tr", ELEMENT_ROW },            { "ul", ELEMENT_LIST },
};

/* A list or quotation that we are in. */
struct level {
    char first[INDENT_WIDTH_MAX]; /* before the next line: an item's mark */
    char rest[INDENT_WIDTH_MAX];  /* before all others */
    gboolean ordered;
    unsigned number;
};

struct writer {
    GString *out;
    GString *paragraph; /* the text being gathered; line breaks are "\n" */
    gboolean gap;       /* an empty line goes before the next text */
    struct level levels[LEVELS_MAX];
    size_t n_levels;  /* may exceed LEVELS_MAX */
    gboolean data[TABLES_MAX]; /* open tables: whether of data */
    size_t n_tables;  /* may exceed TABLES_MAX */
    gboolean row_begun;
    gboolean pre;
    gboolean heading;
    char skipped[16];  /* the element being left out, "" for none */
    unsigned skip_depth;
    char *link;        /* href of the open link */
    size_t link_begin; /* of its text in paragraph */
    GPtrArray *notes;  /* URLs */
    GHashTable *note_numbers;
};

/*
 * --- writing ---------------------------------------------------------------------------------------------------------
 */

static size_t columns(const char *text, size_t length)
{
    size_t width = 0;
    for (const char *c = text; c < text + length; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);
        width += g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

static size_t used_levels(const struct writer *writer)
{
    return MIN(writer->n_levels, LEVELS_MAX);
}

/* Begins a line with the marks and indentation of the open lists; returns its columns. */
static size_t begin_line(struct writer *writer)
{
    size_t before = writer->out->len;
    for (size_t i = 0; i < used_levels(writer); i++) {
        struct level *level = &writer->levels[i];
        g_string_append(writer->out, level->first);
        memcpy(level->first, level->rest, sizeof level->first);
    }
    return columns(writer->out->str + before, writer->out->len - before);
}

static void end_line(struct writer *writer)
{
    while (writer->out->len > 0 && writer->out->str[writer->out->len - 1] == ' ')
        g_string_truncate(writer->out, writer->out->len - 1);
    g_string_append_c(writer->out, '\n');
}

/* Writes one line of the paragraph, wrapped at its blanks; returns the columns of the last line. */
static size_t write_line(struct writer *writer, const char *text, const char *end)
{
    size_t indent = begin_line(writer);
    size_t column = indent;
    for (const char *word = text; word < end;) {
        const char *blank = memchr(word, ' ', (size_t)(end - word));
        size_t length = (size_t)((blank == NULL ? end : blank) - word);
        size_t width = columns(word, length);
        if (column > indent && column + 1 + width > HTML_TEXT_WIDTH) {
            end_line(writer);
            column = begin_line(writer);
        } else if (column > indent) {
            g_string_append_c(writer->out, ' ');
            column++;
        }
        g_string_append_len(writer->out, word, (gssize)length);
        column += width;
        word += length + 1;
    }
    end_line(writer);
    return column;
}

static void replace_no_break_spaces(GString *out, size_t from)
{
    char *to = out->str + from;
    for (const char *c = to; *c != '\0';) {
        gboolean space = strncmp(c, NO_BREAK_SPACE, strlen(NO_BREAK_SPACE)) == 0;
        *to++ = space ? ' ' : *c;
        c += space ? strlen(NO_BREAK_SPACE) : 1;
    }
    g_string_truncate(out, (size_t)(to - out->str));
}

static gboolean is_empty(const GString *paragraph)
{
    for (const char *c = paragraph->str; *c != '\0'; c++)
        if (*c != ' ' && *c != '\n')
            return strncmp(c, NO_BREAK_SPACE, strlen(NO_BREAK_SPACE)) == 0 && c[2] == '\0';
    return TRUE;
}

/* Writes the gathered paragraph; gap asks for an empty line behind it. */
static void flush(struct writer *writer, gboolean gap)
{
    GString *paragraph = writer->paragraph;
    if (!is_empty(paragraph)) {
        if (writer->gap && writer->out->len > 0)
            g_string_append_c(writer->out, '\n');
        writer->gap = FALSE;
        size_t before = writer->out->len;
        size_t width = 0;
        const char *end = paragraph->str + paragraph->len;
        while (end > paragraph->str && (end[-1] == '\n' || end[-1] == ' '))
            end--;
        for (const char *line = paragraph->str; line < end;) {
            const char *newline = memchr(line, '\n', (size_t)(end - line));
            const char *line_end = newline == NULL ? end : newline;
            size_t columns_used = write_line(writer, line, line_end);
            width = MAX(width, columns_used);
            line = line_end + 1;
        }
        replace_no_break_spaces(writer->out, before);
        if (writer->heading) {
            for (size_t i = 0; i < MIN(width, HTML_TEXT_WIDTH); i++)
                g_string_append_c(writer->out, '=');
            g_string_append_c(writer->out, '\n');
        }
    }
    writer->gap = writer->gap || gap;
    writer->link_begin = 0;
    g_string_truncate(paragraph, 0);
}

static gboolean in_data(const struct writer *writer)
{
    return writer->n_tables > 0 && writer->n_tables <= TABLES_MAX && writer->data[writer->n_tables - 1];
}

/* A block begins or ends; within a row of data that is a blank only. */
static void block(struct writer *writer, gboolean gap)
{
    if (!in_data(writer))
        flush(writer, gap);
    else if (writer->paragraph->len > 0 && writer->paragraph->str[writer->paragraph->len - 1] != ' ')
        g_string_append_c(writer->paragraph, ' ');
}

/*
 * Characters that only steer layout: soft hyphen, zero width ones, byte order mark, and the joiner preheaders are
 * padded with.
 */
static gboolean is_invisible(gunichar c)
{
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF || c == 0x34F || c == 0x2007;
}

/* Adds text, white space collapsed (or kept in pre). */
static void add_text(struct writer *writer, const char *text)
{
    GString *paragraph = writer->paragraph;
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);
        gboolean blank =
            character == ' ' || character == '\t' || character == '\n' || character == '\r' || character == '\f';
        char last = paragraph->len == 0 ? '\n' : paragraph->str[paragraph->len - 1];
        if (is_invisible(character))
            continue;
        if (!blank)
            g_string_append_unichar(paragraph, character);
        else if (writer->pre && character != '\r')
            g_string_append(paragraph, character == '\n' ? "\n" : NO_BREAK_SPACE);
        else if (last != ' ' && last != '\n')
            g_string_append_c(paragraph, ' ');
    }
}

/*
 * --- elements
 * ---------------------------------------------------------------------------------------------------------
 */

static enum element_kind kind_of(const struct html_token *token)
{
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++)
        if (html_token_is(token, elements[i].name))
            return elements[i].kind;
    return ELEMENT_INLINE;
}

static gboolean is_void(const struct html_token *token)
{
    static const char *const names[] = { "img", "br", "hr", "input", "meta", "link", "col", "wbr" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (html_token_is(token, names[i]))
            return TRUE;
    return FALSE;
}

/* The decoded value of a tag's attribute, NULL where there is none; free with g_free(). */
static char *attribute_value(const struct html_token *token, const char *name)
{
    const struct html_attribute *attribute = html_token_attribute(token, name);
    if (attribute == NULL)
        return NULL;
    GString *value = g_string_new(NULL);
    html_decode_references(attribute->value, TRUE, value);
    return g_string_free(value, FALSE);
}

static gboolean is_hidden(const struct html_token *token)
{
    if (html_token_attribute(token, "hidden") != NULL)
        return TRUE;
    g_autofree char *style = attribute_value(token, "style");
    if (style == NULL)
        return FALSE;
    char *to = style;
    for (const char *c = style; *c != '\0'; c++)
        if (!g_ascii_isspace(*c))
            *to++ = g_ascii_tolower(*c);
    *to = '\0';
    return strstr(style, "display:none") != NULL;
}

/* The number of a URL's note. */
static unsigned note(struct writer *writer, const char *url)
{
    unsigned number = GPOINTER_TO_UINT(g_hash_table_lookup(writer->note_numbers, url));
    if (number != 0)
        return number;
    g_ptr_array_add(writer->notes, g_strdup(url));
    g_hash_table_insert(writer->note_numbers, g_strdup(url), GUINT_TO_POINTER(writer->notes->len));
    return writer->notes->len;
}

static void open_link(struct writer *writer, const struct html_token *token)
{
    g_free(writer->link);
    writer->link = attribute_value(token, "href");
    if (writer->link != NULL)
        g_strstrip(writer->link);
    writer->link_begin = writer->paragraph->len;
}

/* A link whose text is its URL needs no note, and one within the mail leads nowhere. */
static void close_link(struct writer *writer)
{
    g_autofree char *url = g_steal_pointer(&writer->link);
    if (url == NULL || *url == '\0' || *url == '#')
        return;
    g_autofree char *text = g_strstrip(g_strdup(writer->paragraph->str + writer->link_begin));
    const char *shown = g_str_has_prefix(url, "mailto:") ? url + strlen("mailto:") : url;
    if (strcmp(text, url) == 0 || strcmp(text, shown) == 0)
        return;
    char last = writer->paragraph->len == 0 ? ' ' : writer->paragraph->str[writer->paragraph->len - 1];
    g_string_append_printf(writer->paragraph, "%s[%u]", last == ' ' || last == '\n' ? "" : NO_BREAK_SPACE,
                           note(writer, url));
}

static void open_level(struct writer *writer, gboolean ordered, const char *indent)
{
    if (writer->n_levels++ >= LEVELS_MAX)
        return;
    struct level *level = &writer->levels[writer->n_levels - 1];
    *level = (struct level){ .ordered = ordered };
    g_strlcpy(level->first, indent, sizeof level->first);
    g_strlcpy(level->rest, indent, sizeof level->rest);
}

static void close_level(struct writer *writer)
{
    if (writer->n_levels > 0)
        writer->n_levels--;
}

static void open_item(struct writer *writer)
{
    block(writer, FALSE);
    if (writer->n_levels == 0 || writer->n_levels > LEVELS_MAX || in_data(writer))
        return;
    struct level *level = &writer->levels[writer->n_levels - 1];
    level->number += level->number < ITEM_NUMBER_MAX;
    if (level->ordered)
        g_snprintf(level->first, sizeof level->first, "%u. ", level->number);
    else
        g_strlcpy(level->first, "- ", sizeof level->first);
    size_t width = strlen(level->first);
    memset(level->rest, ' ', width);
    level->rest[width] = '\0';
}

/* Rows of data need cells to tell apart: a table with a role of presentation or none has layout. */
static void open_table(struct writer *writer, const struct html_token *token)
{
    block(writer, TRUE);
    g_autofree char *role = attribute_value(token, "role");
    gboolean layout = role != NULL && (strcmp(role, "presentation") == 0 || strcmp(role, "none") == 0);
    if (writer->n_tables++ < TABLES_MAX)
        writer->data[writer->n_tables - 1] = !layout;
}

static void close_table(struct writer *writer)
{
    if (in_data(writer))
        flush(writer, TRUE);
    if (writer->n_tables > 0)
        writer->n_tables--;
    block(writer, TRUE);
}

static void row(struct writer *writer)
{
    flush(writer, FALSE);
    writer->row_begun = FALSE;
}

static void open_cell(struct writer *writer)
{
    if (!in_data(writer)) {
        flush(writer, FALSE);
        return;
    }
    if (writer->row_begun)
        g_string_append(writer->paragraph, g_str_has_suffix(writer->paragraph->str, " ") ? "| " : " | ");
    writer->row_begun = TRUE;
}

static void rule(struct writer *writer)
{
    block(writer, TRUE);
    for (size_t i = 0; i < HTML_TEXT_WIDTH / 2; i++)
        g_string_append_c(writer->paragraph, '-');
    block(writer, TRUE);
}

static void image(struct writer *writer, const struct html_token *token)
{
    g_autofree char *alt = attribute_value(token, "alt");
    if (alt != NULL)
        add_text(writer, alt);
}

static void open_element(struct writer *writer, const struct html_token *token)
{
    switch (kind_of(token)) {
    case ELEMENT_BLOCK:
        block(writer, FALSE);
        break;
    case ELEMENT_PARAGRAPH:
        block(writer, TRUE);
        break;
    case ELEMENT_HEADING:
        block(writer, TRUE);
        writer->heading = !in_data(writer);
        break;
    case ELEMENT_BREAK:
        g_string_append_c(writer->paragraph, in_data(writer) ? ' ' : '\n');
        break;
    case ELEMENT_RULE:
        rule(writer);
        break;
    case ELEMENT_LIST:
        block(writer, writer->n_levels == 0);
        open_level(writer, html_token_is(token, "ol"), "");
        break;
    case ELEMENT_ITEM:
        open_item(writer);
        break;
    case ELEMENT_QUOTE:
        block(writer, TRUE);
        open_level(writer, FALSE, "> ");
        break;
    case ELEMENT_TABLE:
        open_table(writer, token);
        break;
    case ELEMENT_ROW:
        row(writer);
        break;
    case ELEMENT_CELL:
        open_cell(writer);
        break;
    case ELEMENT_LINK:
        open_link(writer, token);
        break;
    case ELEMENT_IMAGE:
        image(writer, token);
        break;
    case ELEMENT_PRE:
        block(writer, TRUE);
        writer->pre = TRUE;
        break;
    default:
        break;
    }
}

static void close_element(struct writer *writer, const struct html_token *token)
{
    switch (kind_of(token)) {
    case ELEMENT_BLOCK:
    case ELEMENT_ITEM:
        block(writer, FALSE);
        break;
    case ELEMENT_PARAGRAPH:
        block(writer, TRUE);
        break;
    case ELEMENT_HEADING:
        block(writer, TRUE);
        writer->heading = FALSE;
        break;
    case ELEMENT_LIST:
        block(writer, writer->n_levels <= 1);
        close_level(writer);
        break;
    case ELEMENT_QUOTE:
        block(writer, TRUE);
        close_level(writer);
        break;
    case ELEMENT_TABLE:
        close_table(writer);
        break;
    case ELEMENT_ROW:
        row(writer);
        break;
    case ELEMENT_CELL:
        if (!in_data(writer))
            flush(writer, FALSE);
        break;
    case ELEMENT_LINK:
        close_link(writer);
        break;
    case ELEMENT_PRE:
        block(writer, TRUE);
        writer->pre = FALSE;
        break;
    default:
        break;
    }
}

/* Within what is left out only its own tags count. */
static void skip(struct writer *writer, const struct html_token *token)
{
    if ((token->type != HTML_START_TAG && token->type != HTML_END_TAG) || !html_token_is(token, writer->skipped))
        return;
    if (token->type == HTML_START_TAG)
        writer->skip_depth++;
    else if (--writer->skip_depth == 0)
        writer->skipped[0] = '\0';
}

static void start(struct writer *writer, const struct html_token *token)
{
    struct slice name = token->text;
    gboolean hidden = is_hidden(token);
    if (hidden && is_void(token))
        return;
    if ((hidden || kind_of(token) == ELEMENT_SKIPPED) && name.length < sizeof writer->skipped) {
        memcpy(writer->skipped, name.data, name.length);
        writer->skipped[name.length] = '\0';
        writer->skip_depth = 1;
        return;
    }
    open_element(writer, token);
}

static void read_text(struct writer *writer, struct slice html)
{
    g_autoptr(GString) text = g_string_new(NULL);
    html_decode_references(html, FALSE, text);
    add_text(writer, text->str);
}

/* A tag that is never closed is shown as it stands: nothing that somebody wrote gets lost. */
static void read_token(struct writer *writer, const struct html_token *token)
{
    gboolean tag = token->type == HTML_START_TAG || token->type == HTML_END_TAG;
    if (writer->skipped[0] != '\0')
        skip(writer, token);
    else if (tag && (token->oddities & HTML_ODD_UNCLOSED) != 0)
        read_text(writer, slice_of(token->start));
    else if (token->type == HTML_START_TAG)
        start(writer, token);
    else if (token->type == HTML_END_TAG)
        close_element(writer, token);
    else if (token->type == HTML_TEXT)
        read_text(writer, token->text);
}

static void write_notes(struct writer *writer)
{
    writer->n_levels = 0;
    for (guint i = 0; i < writer->notes->len; i++)
        g_string_append_printf(writer->out, "%s[%u] %s\n", i == 0 && writer->out->len > 0 ? "\n" : "", i + 1,
                               (const char *)g_ptr_array_index(writer->notes, i));
}

char *html_text_make(const char *html)
{
    g_autofree char *valid = g_utf8_make_valid(html, -1);
    struct writer writer = {
        .out = g_string_new(NULL),
        .paragraph = g_string_new(NULL),
        .notes = g_ptr_array_new_with_free_func(g_free),
        .note_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    struct html_tokenizer tokenizer;
    struct html_token token;
    html_tokenizer_init(&tokenizer, slice_of(valid));
    while (html_tokenizer_next(&tokenizer, &token))
        read_token(&writer, &token);
    flush(&writer, FALSE);
    write_notes(&writer);
    g_string_free(writer.paragraph, TRUE);
    g_ptr_array_unref(writer.notes);
    g_hash_table_unref(writer.note_numbers);
    g_free(writer.link);
    return g_string_free(writer.out, FALSE);
}
