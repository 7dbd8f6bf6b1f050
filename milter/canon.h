/*
 * canon.h - relaxed canonicalization (RFC 6376 §3.4.2, §3.4.4) as the octets arrive.
 *
 * Only what the milter lets through has a defined form: lines end with CR LF (a last one may lack it), no CR or LF
 * stands alone, and no line is longer than Postfix sends unbroken. body_check finds the rest; canon_body may then be
 * fed anything, and gives the same octets however the body is cut into chunks.
 *
 * Pure; no function fails. Threads: one struct, one thread at a time.
 */
#ifndef POSTWELLE_MILTER_CANON_H
#define POSTWELLE_MILTER_CANON_H

#include <glib.h>

#define CANON_LINE_MAX 998 /* octets of a line without its CR LF: smtp_line_length_limit, RFC 5321 §4.5.3.1.6 */
#define CANON_BUFFER 2048  /* short pieces are gathered up to this before they are handed on */

/* Takes size canonical octets, size > 0. */
typedef void canon_sink(void *user, const char *octets, size_t size);

struct canon_body {
    canon_sink *sink;
    void *user;
    size_t line_ends; /* CR LFs seen but not given out: they may be trailing empty lines */
    gboolean space;   /* white space seen on this line, not given out: it may end the line */
    gboolean cr;      /* a CR seen, its LF not yet */
    gboolean any;     /* something was given out */
    size_t held;      /* octets in buffer */
    char buffer[CANON_BUFFER];
};

/* Starts a body whose canonical form goes to sink(user, …). */
void canon_body_init(struct canon_body *canon, canon_sink *sink, void *user);

/* The next size octets, 0 or more. Clean stretches go to the sink from where they lie, without a copy. */
void canon_body_feed(struct canon_body *canon, const char *octets, size_t size);

/* Ends the body: gives out what is left. An empty body, or blank lines alone, gives nothing (RFC 6376 §3.4.4). */
void canon_body_finish(struct canon_body *canon);

/*
 * Appends the canonical form of the header field without its CR LF: name in lower case, colon, value unfolded, white
 * space runs as one space, none at either end. value may be folded with LF or CR LF, with or without a leading space.
 */
void canon_header_field(GString *out, const char *name, const char *value);

/* What is wrong with a body, if anything; counts as it goes. */
enum body_fault {
    BODY_GOOD,
    BODY_BARE_CR,
    BODY_BARE_LF,
    BODY_LONG_LINE, /* over CANON_LINE_MAX */
};

struct body_check {
    enum body_fault fault; /* the first */
    size_t line;           /* the line it stands on, or the line being read: from 1 */
    size_t length;         /* octets of the line so far */
    gboolean cr;           /* the last octet was a CR */
    gboolean line_open;    /* the last line has no CR LF yet */
};

void body_check_init(struct body_check *check);
void body_check_feed(struct body_check *check, const char *octets, size_t size);

/* Call it once after the last chunk: a CR as the very last octet stands alone. */
void body_check_finish(struct body_check *check);

#endif
