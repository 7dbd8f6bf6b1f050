/*
 * inbound.h - reads mail that comes in, whoever made it: fields, parts, texts. Lenient, as bounces come in every form;
 * what is not understood is empty.
 *
 * It takes the outermost structure only: what lies in an attached mail is read when that part is given to
 * inbound_read() itself, so nesting costs nothing. Everything is linear in the size of the input. Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_INBOUND_H
#define POSTWELLE_IMPORTER_INBOUND_H

#include <glib.h>

#define INBOUND_SIZE ((size_t)1 << 20) /* octets; what is longer is no bounce and no wish of a person */
#define INBOUND_FIELDS 300             /* of one header; further ones are dropped */
#define INBOUND_PARTS 20               /* of a multipart; further ones are dropped */

/* A mail, a part, or a block of fields. Valid UTF-8 without NUL. */
struct inbound {
    GPtrArray *fields; /* name, value, name, value …; unfolded, of char * */
    char *body;        /* after the empty line; lines end in LF */
};

/* Reads size octets. inbound_release() it. */
void inbound_read(const char *text, size_t size, struct inbound *inbound_r);
void inbound_release(struct inbound *inbound);

/* The first field of that name, any case; "" where there is none. */
const char *inbound_get(const struct inbound *inbound, const char *name);

/*
 * The media type in lower case ("text/plain" where none is given), and a parameter of it ("" where it has none). Free
 * with g_free().
 */
char *inbound_type(const struct inbound *inbound);
char *inbound_parameter(const struct inbound *inbound, const char *name);

/* The parts of a multipart, struct inbound each, released with the array; empty for all else. */
GPtrArray *inbound_parts(const struct inbound *inbound);

/* The body with its transfer encoding undone. Free with g_free(). */
char *inbound_text(const struct inbound *inbound);

/*
 * Reads file descriptor 0 to its end. *size_r is its size where that is at most INBOUND_SIZE; else INBOUND_SIZE + 1,
 * and the rest is dropped. NULL and *error (ERROR_IO) where it can't be read. Free with g_free().
 */
char *inbound_stdin(size_t *size_r, GError **error);

#endif
