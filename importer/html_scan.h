/*
 * html_scan.h - takes the HTML of a template or mail apart into texts and tags, in linear time and without building a tree.
 *
 * For our own templates: it finds pictures and makes the text part. Whether a mail may leave is decided by lib/content.h.
 * Nothing is copied: everything points into the text that is scanned. What is not closed reaches to the text's end.
 */
#ifndef POSTWELLE_IMPORTER_HTML_SCAN_H
#define POSTWELLE_IMPORTER_HTML_SCAN_H

#include <glib.h>

enum html_kind {
    HTML_TOKEN_TEXT,
    HTML_TOKEN_START, /* <p ...> */
    HTML_TOKEN_END,   /* </p> */
    HTML_TOKEN_OTHER, /* comment, declaration */
};

/* A piece of the text; name is of a tag, in the text's own case. */
struct html_token {
    enum html_kind kind;
    const char *begin;
    const char *end;
    const char *name;
    const char *name_end; /* the attributes begin here */
};

/* value is NULL where there is none, and without its quotation marks; character references are not yet decoded. */
struct html_attribute {
    const char *name;
    const char *name_end;
    const char *value;
    const char *value_end;
};

struct html_scan {
    const char *cursor;
    const char *end;
    char raw[8]; /* style, script or title while we are in one: no tags are seen in there */
};

/* Begins at text. */
void html_scan_init(struct html_scan *scan, const char *text, size_t length);

/* The next piece; FALSE at the end. */
gboolean html_scan_next(struct html_scan *scan, struct html_token *token);

/* Steps through a start tag's attributes: *cursor begins as token->name_end. FALSE behind the last. */
gboolean html_token_attribute(const struct html_token *token, const char **cursor, struct html_attribute *attribute);

/* Whether [begin, end) is name, in any case. */
gboolean html_name_is(const char *begin, const char *end, const char *name);

/* The decoded value of a token's attribute, NULL where there is none; free with g_free(). */
char *html_token_value(const struct html_token *token, const char *name);

/* Appends [begin, end) with its character references decoded: numbers and the names of HTML 4; unknown ones stay. */
void html_decode(GString *out, const char *begin, const char *end);

#endif
