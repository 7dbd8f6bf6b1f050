/*
 * mime.h - the pieces of a MIME message, read strictly: header fields, structured values, transfer encodings, charsets.
 *
 * Mail programs repair broken MIME each in their own way, so what can be read in two ways is an error here, not a
 * guess. RFC 5322 (fields), RFC 2045 (Content-Type, encodings), RFC 2046 (boundaries), RFC 2183 (Content-Disposition).
 * Everything is pure and thread-safe; slices lie in the text that was given.
 */
#ifndef POSTWELLE_LIB_MIME_H
#define POSTWELLE_LIB_MIME_H

#include "lib/slice.h"

#include <stdint.h>

/* Parameters of one Content-Type or Content-Disposition. */
#define MIME_MAX_PARAMETERS 8

/* Octets of a line without its CR LF (RFC 5322 section 2.1.1). */
#define MIME_LINE_MAX 998

/*
 * A header field; the value is all after the colon, folded as it stands in the message (CR LF or LF, then space or
 * tab).
 */
struct mime_field {
    struct slice name;
    struct slice value;
};

/*
 * Cuts text, which begins with header fields, into at most max fields and the body after the empty line. Lines end in
 * CR LF. Returns NULL, or what is wrong: a line that is no field (a space before the colon too), more than max fields,
 * no empty line. *count_r fields are filled in, either way.
 */
const char *mime_fields_parse(struct slice text, struct mime_field *fields, size_t max, size_t *count_r,
                              struct slice *body_r);

/*
 * NULL, or what is wrong with the field: its name (RFC 5322 section 3.6.8), a control character, a bare CR, a line
 * break that is no folding, a folded line of white space alone, text that is not UTF-8.
 */
const char *mime_field_problem(const struct mime_field *field);

/* The value "token; name=value; …" of Content-Type or Content-Disposition. Embedded: init by parse, then release. */
struct mime_value {
    char *token; /* lower case: "text/html", "inline" */
    unsigned n_parameters;
    struct {
        char *name;  /* lower case */
        char *value; /* quotes undone */
    } parameters[MIME_MAX_PARAMETERS];
};

/*
 * Reads a structured value. Returns NULL, or what is wrong: a character that may not stand there, comments, a parameter
 * given twice, an empty or missing value, more than MIME_MAX_PARAMETERS. Release *value_r in either case.
 */
const char *mime_value_parse(struct slice text, struct mime_value *value_r);
void mime_value_release(struct mime_value *value);

/* The parameter's value, owned by value; NULL where there is none. */
const char *mime_value_get(const struct mime_value *value, const char *name);

/* True where text may be a boundary (RFC 2046 section 5.1.1). */
gboolean mime_boundary_valid(const char *text);

enum mime_encoding {
    MIME_7BIT,
    MIME_8BIT,
    MIME_QUOTED_PRINTABLE,
    MIME_BASE64,
    MIME_ENCODING_UNKNOWN, /* binary, x-uuencode … */
};

/* The encoding that a Content-Transfer-Encoding field names; white space around it is allowed. */
enum mime_encoding mime_encoding_parse(struct slice text);

/*
 * Undoes the encoding. *text_r is the decoded text: the input itself for 7bit and 8bit, else buffer, which is
 * overwritten. The whole input is checked, but where only the first octets are wanted, as a picture is known by them,
 * base64 need not be decoded further: wanted is their number, SIZE_MAX for all. Returns NULL, or what is wrong: 8-bit
 * characters in 7bit or quoted-printable, "=" without two digits 0-9A-F, white space before a line's end in
 * quoted-printable, in base64 any character of no meaning, wrong padding, bits left over.
 */
const char *mime_decode(enum mime_encoding encoding, struct slice text, size_t wanted, GString *buffer,
                        struct slice *text_r);

enum mime_charset {
    MIME_US_ASCII,
    MIME_UTF_8,
    MIME_ISO_8859_1,
    MIME_ISO_8859_15,
    MIME_WINDOWS_1252,
    MIME_CHARSET_UNKNOWN, /* all others: utf-7, utf-16, iso-2022-jp … hide ASCII, which is what HTML is made of */
};

/* The charset of this name, compared without case. Each contains ASCII: markup can be read without conversion. */
enum mime_charset mime_charset_parse(const char *name);

/* True where text has no octets that the charset does not define, nor a byte order mark of UTF-16. */
gboolean mime_charset_valid(enum mime_charset charset, struct slice text);

#endif
