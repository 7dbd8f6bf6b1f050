/*
 * html_text.h - makes the text part of a mail from its HTML, for campaigns without a text template.
 */
#ifndef POSTWELLE_IMPORTER_HTML_TEXT_H
#define POSTWELLE_IMPORTER_HTML_TEXT_H

#include <glib.h>

#define HTML_TEXT_WIDTH 72 /* columns; longer words, such as URLs, stand alone on their line */

/*
 * Reads rendered HTML (UTF-8) and returns text that a person can read, with LF line ends and one at the end: paragraphs
 * wrapped, lists with marks and numbers, the rows of data tables on a line each with " | " between cells, layout tables
 * (role="presentation") cell by cell, links as numbers with the URLs at the end, pictures by their alt text, character
 * references decoded. Left out: head, style, script, comments, and what is hidden (hidden, display:none), such as a
 * preheader. Linear time; never fails. Free with g_free().
 */
char *html_text_make(const char *html);

#endif
