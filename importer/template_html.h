/*
 * template_html.h - where in an HTML template a placeholder stands, which decides how its value is written.
 *
 * A small state machine over the literal text of the template, in its order; sections are seen as if all were written.
 * It is no HTML parser and need not be one: what it misjudges is still escaped for HTML, and the content rule
 * (lib/content.h) reads the finished mail.
 */
#ifndef POSTWELLE_IMPORTER_TEMPLATE_HTML_H
#define POSTWELLE_IMPORTER_TEMPLATE_HTML_H

#include <glib.h>

enum html_place {
    HTML_TEXT,      /* between tags */
    HTML_ATTRIBUTE, /* in a quoted attribute value */
    HTML_URL_START, /* the first thing in a quoted href or src */
    HTML_URL_REST,  /* later in one */
    HTML_STYLE,     /* in a style attribute or element */
    HTML_NOWHERE,   /* where no value may stand: tag name, unquoted attribute, comment, script */
};

#define HTML_NAME_MAX 16 /* longer element and attribute names are cut; none we look for is that long */

/* Zeroed, it stands at the start of a text. */
struct html_tracker {
    int state;
    char quote;                  /* the open quotation mark in a value */
    gboolean begun;              /* the value has had text or a placeholder */
    char element[HTML_NAME_MAX]; /* of the tag we are in, lower case */
    char attribute[HTML_NAME_MAX];
    size_t matched;              /* characters seen of what ends a comment or raw text */
};

/* Reads a further piece of literal text. */
void html_tracker_feed(struct html_tracker *tracker, const char *text, size_t length);

/* Where a placeholder would stand now; the tracker counts it as part of the value it is in. */
enum html_place html_tracker_place(struct html_tracker *tracker);

#endif
