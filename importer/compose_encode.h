/*
 * compose_encode.h - encodings of a mail: bodies (RFC 2045) and header fields (RFC 5322, RFC 2047). Pure; used by
 * compose.c.
 */
#ifndef POSTWELLE_IMPORTER_COMPOSE_ENCODE_H
#define POSTWELLE_IMPORTER_COMPOSE_ENCODE_H

#include <glib.h>

#define ENCODE_LINE_MAX 76 /* characters of a line without its CRLF */

/* What a text is made of. */
struct text_scan {
    gboolean valid;   /* UTF-8 without control characters but tab and line ends */
    size_t n_encoded; /* bytes that quoted-printable writes as =XX */
};

/* Looks through a body. */
struct text_scan encode_scan(const char *text, size_t length);

/*
 * Appends text as quoted-printable. Line ends (LF, CRLF, CR) become CRLF. A dot or "From " at a line's begin is
 * encoded, so that neither SMTP nor mbox changes the line.
 */
void encode_quoted_printable(GString *out, const char *text, size_t length);

/* Appends text as base64, its line ends made CRLF before. */
void encode_base64(GString *out, const char *text, size_t length);

/*
 * Appends "name: value" and CRLF, folded at white space; a value that is not ASCII or that could be mistaken for an
 * encoded word is written as encoded words. value must be UTF-8 without control characters.
 */
void encode_unstructured(GString *out, const char *name, const char *value);

/* Appends `name: "display name" <address>` and CRLF. display may be NULL or empty. Same conditions. */
void encode_mailbox(GString *out, const char *name, const char *display, const char *address);

#endif
