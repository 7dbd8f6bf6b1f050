/*
 * markup.h - HTML and SVG piece by piece: what is put in is escaped.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_MARKUP_H
#define POSTWELLE_IMPORTER_MARKUP_H

#include <glib.h>

/* Appends the format, with each text that fills it escaped for content and for attributes in double quotes. */
void markup_append(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
