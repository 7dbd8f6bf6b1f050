/* template_html.c - where in an HTML template a placeholder stands; see template_html.h. */
#include "importer/template_html.h"

#include <string.h>

enum {
    IN_TEXT,         /* must be 0 */
    AFTER_LESS,      /* behind "<" */
    IN_ELEMENT,      /* in the element's name */
    IN_TAG,          /* between attributes */
    IN_ATTRIBUTE,    /* in an attribute's name */
    AFTER_ATTRIBUTE, /* white space behind it */
    BEFORE_VALUE,    /* behind "=" */
    IN_QUOTED,
    IN_UNQUOTED,
    IN_DECLARATION,  /* "<!", "<?" up to ">" */
    IN_COMMENT,
    IN_RAW,          /* style or script, up to its end tag */
};

#define DECLARED 3 /* matched: this declaration is no comment */

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void name_add(char *name, char c)
{
    size_t length = strlen(name);
    if (length + 1 < HTML_NAME_MAX) {
        name[length] = g_ascii_tolower(c);
        name[length + 1] = '\0';
    }
}

static void tag_ends(struct html_tracker *tracker)
{
    gboolean raw = strcmp(tracker->element, "style") == 0 || strcmp(tracker->element, "script") == 0;
    tracker->state = raw ? IN_RAW : IN_TEXT;
    tracker->matched = 0;
}

static void attribute_begins(struct html_tracker *tracker, char c)
{
    tracker->attribute[0] = '\0';
    name_add(tracker->attribute, c);
    tracker->state = IN_ATTRIBUTE;
}

static void after_less(struct html_tracker *tracker, char c)
{
    tracker->element[0] = '\0';
    tracker->matched = 0;
    if (g_ascii_isalpha(c) || c == '/') {
        name_add(tracker->element, c);
        tracker->state = IN_ELEMENT;
    } else if (c == '!' || c == '?') {
        tracker->state = IN_DECLARATION;
    } else if (c != '<') {
        tracker->state = IN_TEXT;
    }
}

static void in_comment(struct html_tracker *tracker, char c)
{
    if (c == '>' && tracker->matched >= 2)
        tracker->state = IN_TEXT;
    else
        tracker->matched = c == '-' ? tracker->matched + 1 : 0;
}

/*
 * Behind "<!": two hyphens make a comment, unless "[" follows. That is Outlook's conditional comment: its condition
 * ends at ">" and its inside is HTML again. Anything else ends at ">", too.
 */
static void in_declaration(struct html_tracker *tracker, char c)
{
    if (tracker->matched == 2 && c != '[') {
        tracker->state = IN_COMMENT;
        in_comment(tracker, c);
    } else if (tracker->matched < 2 && c == '-') {
        tracker->matched++;
    } else if (c == '>') {
        tracker->state = IN_TEXT;
    } else {
        tracker->matched = DECLARED;
    }
}

static void in_raw(struct html_tracker *tracker, char c)
{
    const char *element = tracker->element;
    size_t length = strlen(element);
    size_t seen = tracker->matched;
    char expected = seen == 0 ? '<' : seen == 1 ? '/' : seen < length + 2 ? element[seen - 2] : '>';
    if (seen == length + 2) {
        if (c == '>')
            tracker->state = IN_TEXT;
    } else if (g_ascii_tolower(c) == expected) {
        tracker->matched++;
    } else {
        tracker->matched = c == '<' ? 1 : 0;
    }
}

static void before_value(struct html_tracker *tracker, char c)
{
    if (is_blank(c))
        return;
    tracker->begun = FALSE;
    tracker->quote = c;
    if (c == '"' || c == '\'')
        tracker->state = IN_QUOTED;
    else if (c == '>')
        tag_ends(tracker);
    else
        tracker->state = IN_UNQUOTED;
}

/* Between attributes or behind an attribute's name. */
static void in_tag(struct html_tracker *tracker, char c)
{
    if (c == '>')
        tag_ends(tracker);
    else if (c == '=' && tracker->state != IN_TAG)
        tracker->state = BEFORE_VALUE;
    else if (is_blank(c))
        tracker->state = tracker->state == IN_ATTRIBUTE ? AFTER_ATTRIBUTE : tracker->state;
    else if (tracker->state == IN_ATTRIBUTE)
        name_add(tracker->attribute, c);
    else if (c != '/')
        attribute_begins(tracker, c);
}

static void in_value(struct html_tracker *tracker, char c)
{
    if (tracker->state == IN_QUOTED && c == tracker->quote)
        tracker->state = IN_TAG;
    else if (tracker->state == IN_UNQUOTED && c == '>')
        tag_ends(tracker);
    else if (tracker->state == IN_UNQUOTED && is_blank(c))
        tracker->state = IN_TAG;
    else if (!is_blank(c))
        tracker->begun = TRUE;
}

static void in_element(struct html_tracker *tracker, char c)
{
    if (c == '>')
        tag_ends(tracker);
    else if (is_blank(c) || c == '/')
        tracker->state = IN_TAG;
    else
        name_add(tracker->element, c);
}

static void feed(struct html_tracker *tracker, char c)
{
    switch (tracker->state) {
    case IN_TEXT:
        if (c == '<')
            tracker->state = AFTER_LESS;
        break;
    case AFTER_LESS:
        after_less(tracker, c);
        break;
    case IN_ELEMENT:
        in_element(tracker, c);
        break;
    case BEFORE_VALUE:
        before_value(tracker, c);
        break;
    case IN_QUOTED:
    case IN_UNQUOTED:
        in_value(tracker, c);
        break;
    case IN_DECLARATION:
        in_declaration(tracker, c);
        break;
    case IN_COMMENT:
        in_comment(tracker, c);
        break;
    case IN_RAW:
        in_raw(tracker, c);
        break;
    default:
        in_tag(tracker, c);
        break;
    }
}

void html_tracker_feed(struct html_tracker *tracker, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        feed(tracker, text[i]);
}

static enum html_place place_in_value(struct html_tracker *tracker)
{
    gboolean begun = tracker->begun;
    tracker->begun = TRUE;
    const char *attribute = tracker->attribute;
    if (strcmp(attribute, "style") == 0)
        return HTML_STYLE;
    if (attribute[0] == 'o' && attribute[1] == 'n')
        return HTML_NOWHERE;
    if (strcmp(attribute, "href") == 0 || strcmp(attribute, "src") == 0)
        return begun ? HTML_URL_REST : HTML_URL_START;
    return HTML_ATTRIBUTE;
}

enum html_place html_tracker_place(struct html_tracker *tracker)
{
    switch (tracker->state) {
    case IN_TEXT:
        return HTML_TEXT;
    case IN_QUOTED:
        return place_in_value(tracker);
    case IN_RAW:
        return strcmp(tracker->element, "style") == 0 ? HTML_STYLE : HTML_NOWHERE;
    default:
        return HTML_NOWHERE;
    }
}
