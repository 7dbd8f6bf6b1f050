/*
 * smtp.h - a client for Postfix's loopback listener: one connection, kept open, commands pipelined (RFC 5321, RFC
 * 2920).
 *
 * It knows our case only: no TLS, no authentication, one recipient a mail, a server that offers PIPELINING. A reply, or
 * its absence, is a hint about the mail and no proof (doc/DESIGN.md §4); the caller asks the ledger.
 *
 * Thread rule: a connection belongs to one thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_SMTP_H
#define POSTWELLE_IMPORTER_SMTP_H

#include <glib.h>

#define SMTP_LINE_MAX 2000  /* octets of a reply's line; RFC 5321 4.5.3.1.5 has 512, extensions more */
#define SMTP_LINES_MAX 100  /* lines of a reply */
#define SMTP_TEXT_SIZE 1024 /* what is kept of a reply's text; the rest is dropped */

struct smtp_reply {
    int code;                  /* 200 to 599; 0: none came */
    char enhanced[12];         /* "4.7.1" (RFC 3463), "" where there is none */
    char text[SMTP_TEXT_SIZE]; /* without codes, lines joined by LF, valid UTF-8, no other control characters */
};

/* TRUE for 2yz, and for 4yz. */
gboolean smtp_reply_good(const struct smtp_reply *reply);
gboolean smtp_reply_temporary(const struct smtp_reply *reply);

/* The reply on one line: "451 4.7.1 Try again later". The caller frees. */
char *smtp_reply_line(const struct smtp_reply *reply);

/*
 * Looks for one whole reply at the start of data[0..size). TRUE with *used_r = 0 where more octets are needed; TRUE
 * with *used_r = its octets and *reply_r filled. FALSE with *error (ERROR_PROTOCOL) where it is none, or over a limit.
 */
gboolean smtp_reply_parse(const char *data, size_t size, struct smtp_reply *reply_r, size_t *used_r, GError **error);

/*
 * Appends a message as DATA takes it: dots doubled at line starts, CRLF and a dot at the end (RFC 5321 4.5.2). FALSE
 * with *error (ERROR_DATA) where it holds a CR or LF that stands alone, which servers read in different ways.
 */
gboolean smtp_stuff(GString *to, const char *message, size_t size, GError **error);

struct smtp;

struct smtp_mail {
    const char *sender;    /* reverse-path without <>, "" is the null sender */
    const char *recipient; /* without <> */
    const char *message;   /* header and body, lines end in CRLF */
    size_t size;
    gboolean smtputf8; /* an address or a header field is not ASCII (RFC 6531) */
};

/*
 * Connects, reads the greeting, says EHLO. timeout_ms bounds each wait. NULL and *error: ERROR_UNAVAILABLE where nobody
 * listens or the connection breaks, ERROR_TEMPORARY on a time-out or 4yz, ERROR_PROTOCOL where it is no SMTP or lacks
 * PIPELINING; the texts say what to do.
 */
struct smtp *smtp_connect(const char *host, guint16 port, int timeout_ms, GError **error);

/* Says QUIT without waiting, closes. NULL is fine. */
void smtp_free(struct smtp *smtp);

/*
 * Sends one mail. TRUE with the reply that decided: of the first command that was refused, else the last one. FALSE
 * with *error where none came (classes as above) or where the mail can't be sent here (ERROR_DATA: SMTPUTF8 or SIZE not
 * offered, a lone CR or LF). After ERROR_DATA the connection goes on; after any other it is of no use.
 *
 * `next` is the mail that the next call will send, or NULL where that is not known: its MAIL, RCPT and DATA go out in
 * one write with this mail's content (RFC 2920 3.1), which saves a round trip. Both are borrowed until `next` was sent
 * or the connection was freed. Only a mail whose content was written can have been queued: when the connection breaks
 * before the call for `next`, that mail was not sent, and may go over another one.
 */
gboolean smtp_send(struct smtp *smtp, const struct smtp_mail *mail, const struct smtp_mail *next,
                   struct smtp_reply *reply_r, GError **error);

#endif
