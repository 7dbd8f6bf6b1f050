/*
 * content.h - the content rule: nothing leaves that makes a reader's mail program load anything.
 *
 * A mail is read as a mail program would read it, and everything in it must be on a list of what is allowed: structure,
 * header fields, charsets, elements, attributes, style text. What is unknown, broken, or could be read in two ways is a
 * finding.
 *
 * What passes:
 * - fields: one From, Date, Message-ID and Subject each, at most one To, Cc, Reply-To, Sender, MIME-Version;
 * List-Unsubscribe with an https URI and List-Unsubscribe-Post (RFC 8058); none that asks for a receipt or names a
 * picture or base address;
 * - structure: text/plain alone, or multipart/alternative with text/plain and text/html (or multipart/related with the
 *   HTML first, then its pictures), the whole in multipart/mixed with further pictures and PDFs (as attachments) if
 * need be; images are PNG, JPEG, GIF and WebP by label and by first octets; a text/plain with words, always;
 * - encodings 7bit, 8bit, quoted-printable, base64; charsets us-ascii, utf-8, iso-8859-1, iso-8859-15, windows-1252;
 * - HTML: the elements and attributes of content_table.h; links http, https, mailto, tel and "#" in a, area and VML
 * shapes; pictures cid: and data:image (img, VML); style text without what loads (css.h); Outlook's conditional
 * comments, whose inside is read by the same rule, and there alone <noscript>, as MJML writes it.
 *
 * A PDF is opened by the person, not by the mail program, and is not looked into.
 *
 * Everything here is pure and thread-safe: no file-scope state, no I/O, nothing kept between calls. The cost is linear
 * in the message's size.
 */
#ifndef POSTWELLE_LIB_CONTENT_H
#define POSTWELLE_LIB_CONTENT_H

#include "lib/mime.h"

/* Header fields of a message, those that Postfix adds included, and the octets of them all. */
#define CONTENT_MAX_FIELDS 64
#define CONTENT_MAX_FIELDS_SIZE (32 * 1024)
/* Octets of one header field. */
#define CONTENT_MAX_FIELD_SIZE (16 * 1024)
/* Header fields of a part inside the message. */
#define CONTENT_MAX_PART_FIELDS 16
/* Multiparts inside one another. */
#define CONTENT_MAX_DEPTH 8
/* Parts of a message, multiparts included. */
#define CONTENT_MAX_PARTS 100

struct content_options {
    size_t max_message;  /* octets of header and body */
    size_t max_findings; /* the check ends when it has so many; at least 1 */
};

/* 512 KiB, 100 findings. */
#define CONTENT_OPTIONS_DEFAULT ((struct content_options){.max_message = 512 * 1024, .max_findings = 100})

/*
 * A message: its header fields in order, and the body with CR LF line ends, as it goes over the wire (dots not
 * doubled).
 */
struct content_message {
    const struct mime_field *fields;
    size_t n_fields;
    struct slice body;
};

enum content_reason {
    /* HTML */
    CONTENT_ELEMENT,
    CONTENT_ATTRIBUTE,
    CONTENT_LINK,
    CONTENT_LINK_TYPE,
    CONTENT_IMAGE,
    CONTENT_FRAGMENT,
    CONTENT_META,
    CONTENT_REFERENCE,
    CONTENT_CONTROL,
    CONTENT_UNCLOSED,
    CONTENT_COMMENT,
    CONTENT_CONDITIONAL,
    CONTENT_DECLARATION,
    CONTENT_AMBIGUOUS,
    CONTENT_MANY_ATTRIBUTES,
    CONTENT_RAW_MARKUP,
    /* style text */
    CONTENT_STYLE_FUNCTION,
    CONTENT_STYLE_AT_RULE,
    CONTENT_STYLE_PROPERTY,
    CONTENT_STYLE_STRING,
    CONTENT_STYLE_MARKUP,
    CONTENT_STYLE_UNCLOSED,
    CONTENT_STYLE_BROKEN,
    CONTENT_STYLE_DEEP,
    CONTENT_STYLE_TYPE,
    /* the message */
    CONTENT_MESSAGE_SIZE,
    CONTENT_LINE_END,
    CONTENT_LINE_LENGTH,
    CONTENT_NUL,
    CONTENT_FIELD_COUNT,
    CONTENT_FIELD_SIZE,
    CONTENT_FIELD_SYNTAX,
    CONTENT_FIELD_MISSING,
    CONTENT_FIELD_REPEATED,
    CONTENT_FIELD_REFUSED,
    CONTENT_UNSUBSCRIBE,
    /* MIME */
    CONTENT_TYPE_SYNTAX,
    CONTENT_TYPE_REFUSED,
    CONTENT_PARAMETER,
    CONTENT_STRUCTURE,
    CONTENT_BOUNDARY,
    CONTENT_OUTSIDE_PARTS,
    CONTENT_DEPTH,
    CONTENT_PARTS,
    CONTENT_DISPOSITION,
    CONTENT_FILE_NAME,
    CONTENT_ENCODING,
    CONTENT_CHARSET,
    CONTENT_PLAIN_HTML,
    CONTENT_PLAIN_ENCODED,
    CONTENT_IMAGE_DATA,
    CONTENT_TEXT_MISSING,
    CONTENT_REASONS
};

/* One thing that is not allowed. Strings may be NULL where they don't apply. */
struct content_finding {
    enum content_reason reason;
    char *part;      /* "1.2" as in IMAP; "header"; NULL for a single HTML text and for the whole message */
    guint line;      /* from 1, in the part's decoded text, or in the body for its structure; 0 where there is none */
    char *element;   /* an element's or header field's name */
    char *attribute; /* its attribute, or a parameter */
    char *value;     /* what was found there: shortened, what can't be printed escaped */
};

/* A list for content_check(); frees its findings. */
GPtrArray *content_findings_new(void);

/* A reason's short name for programs ("link"), and what it means and what to do, for people. */
const char *content_reason_name(enum content_reason reason);
const char *content_reason_text(enum content_reason reason);

/*
 * The finding as one line: "part 1.2, line 14: <img src="http://…">: only cid: and data:image may be shown; attach the
 * picture". The caller frees it.
 */
char *content_finding_text(const struct content_finding *finding);

/*
 * Checks a whole message. findings gets up to options->max_findings; NULL where the verdict is enough (the check then
 * ends at the first). TRUE when nothing was found.
 */
gboolean content_check(const struct content_message *message, const struct content_options *options,
                       GPtrArray *findings);

/* The same for a message as it stands in a file: header, empty line, body, with CR LF line ends. */
gboolean content_check_message(struct slice text, const struct content_options *options, GPtrArray *findings);

/* Checks a single HTML text in UTF-8, by the rules for HTML alone. Arguments and result as above. */
gboolean content_check_html(struct slice text, const struct content_options *options, GPtrArray *findings);

/* Checks a single plain text in UTF-8, by the rules for text/plain alone: no HTML, no file, no control characters. */
gboolean content_check_plain(struct slice text, const struct content_options *options, GPtrArray *findings);

#endif
