/*
 * compose.h - makes the mail: header fields, text, HTML and pictures in, one RFC 5322 message out.
 *
 * Structure: multipart/alternative of text/plain and text/html; with pictures the HTML is the root of a
 * multipart/related; without HTML the mail is one text/plain. Always written: MIME-Version, Auto-Submitted:
 * auto-generated (RFC 3834), List-Unsubscribe with the https URI first and mailto second, List-Unsubscribe-Post (RFC
 * 8058).
 *
 * The same mail is byte for byte the same at each attempt: nothing is read from clock, host or chance, and the
 * boundaries come from the Message-ID. They begin with "=_", which neither quoted-printable nor base64 can contain.
 *
 * What is the same for all participants is encoded once: the pictures. GMime does that. Header fields and text, which
 * change with each participant, are encoded here: GMime 3.2 makes encoded words longer than the 75 characters of RFC
 * 2047, lets "=?" in an ASCII subject pass, and takes 120 µs for the quoted-printable of 40 KB alone. The tests read
 * the mail back with GMime.
 *
 * Threads: compose_mail() may run in any number of threads at once, sharing one struct compose_pictures, which is read
 * only.
 */
#ifndef POSTWELLE_IMPORTER_COMPOSE_H
#define POSTWELLE_IMPORTER_COMPOSE_H

#include <glib.h>

#define COMPOSE_FIELD_MAX ((size_t)900)          /* bytes of one address, URI, identifier or other field */
#define COMPOSE_BODY_MAX ((size_t)1024 * 1024)   /* bytes of text or html before encoding */
#define COMPOSE_PICTURES_MAX 32

/*
 * A mailbox: address is ASCII (domains as A-labels; of `to`, the local part may be UTF-8); name is UTF-8, NULL or empty
 * for none.
 */
struct mail_address {
    const char *address;
    const char *name;
};

/* A header field as given: name without colon; value is UTF-8 text of one line. */
struct mail_field {
    const char *name;
    const char *value;
};

/* A picture: the bytes behind cid:content_id in the HTML. */
struct picture {
    const char *name;       /* file name, UTF-8, shown by mail programs that list attachments */
    const char *content_id; /* without angle brackets, "a@b" */
    const char *type;       /* "image/png" */
    GBytes *bytes;
};

/* Pictures ready to be put into mails. */
struct compose_pictures;

/* One mail. Strings are UTF-8 and belong to the caller. NULL is "none" where it says optional. */
struct mail {
    struct mail_address from;
    struct mail_address reply_to; /* optional: address NULL */
    struct mail_address to;
    const char *subject;
    const char *message_id; /* without angle brackets */
    gint64 date;            /* seconds since 1970 */
    GTimeZone *zone;        /* in which Date is written */
    const char *list_unsubscribe_url;    /* https: */
    const char *list_unsubscribe_mailto; /* mailto: */
    const char *list_id;     /* optional: identifier without angle brackets (RFC 2919) */
    const char *feedback_id; /* optional */
    const struct mail_field *fields; /* further ones, such as X-CSA-Complaints and CFBL-Address */
    size_t n_fields;
    const char *text;
    const char *html;                         /* optional */
    const struct compose_pictures *pictures; /* optional; only with html */
};

/*
 * Encodes n pictures, at most COMPOSE_PICTURES_MAX; they are not needed any more afterwards. NULL and ERROR_DATA naming
 * the picture and what is wrong with it. Free with compose_pictures_free(). Call it from one thread only (it sets GMime
 * up).
 */
struct compose_pictures *compose_pictures_new(const struct picture *pictures, size_t n, GError **error);

/* NULL does nothing. */
void compose_pictures_free(struct compose_pictures *pictures);

/*
 * Writes the mail into out, whose former content is replaced; its memory is reused, so give the same one for mail after
 * mail. Lines end with CRLF and are at most 76 characters long, but for URIs and identifiers, which can't be folded; no
 * dot-stuffing. FALSE and ERROR_DATA naming the field (or "text", "html") and what is wrong with it: missing, too long,
 * not UTF-8, a control character, not ASCII where it must be; out then is empty.
 */
gboolean compose_mail(const struct mail *mail, GString *out, GError **error);

/*
 * Would compose_mail() make this mail? Without making it, so in a tenth of the time: all its checks but whether text
 * and html are UTF-8 without control characters, which template_render() sees to.
 */
gboolean compose_check(const struct mail *mail, GError **error);

#endif
