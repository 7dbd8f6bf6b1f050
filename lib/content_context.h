/*
 * content_context.h - what the parts of the content rule share during one check. Only for lib/content*.c.
 */
#ifndef POSTWELLE_LIB_CONTENT_CONTEXT_H
#define POSTWELLE_LIB_CONTENT_CONTEXT_H

#include "lib/content.h"
#include "lib/content_table.h"

struct content_context {
    const struct content_options *options;
    GPtrArray *findings; /* or NULL */
    size_t found;
    const char *part; /* the path of the part that is read, or NULL */
    struct content_index index;
    GString *decoded; /* the part without its transfer encoding */
    GString *value;   /* an attribute's value without references */
    /* The walk through the parts. */
    struct slice body; /* the message's; positions in it are told as lines */
    unsigned parts;
    unsigned html_parts;
    unsigned plain_alternatives; /* text/plain with words, alone or beside HTML */
    unsigned plain_parts;        /* text/plain with words, anywhere */
    unsigned depth;
    const char *boundaries[CONTENT_MAX_DEPTH];
};

/* Where a finding is: a line, an element or field, an attribute, a value. Left-out members are none. */
struct content_place {
    guint line;
    struct slice element;
    struct slice attribute;
    struct slice value;
};

/* Notes a finding in the part that is being read. */
void content_report(struct content_context *context, enum content_reason reason, const struct content_place *place);

/* True when the check need not go on. */
static inline gboolean content_is_done(const struct content_context *context)
{
    return context->found >= (context->findings == NULL ? 1 : context->options->max_findings);
}

/* The line, from 1, in which position lies. */
guint content_line(struct slice text, const char *position);

/* The first control character that is no tab, LF or CR LF; NULL where there is none. */
const char *content_control(struct slice text);

/* The type that an image's first octets show: "image/png" …; NULL where it is none of those that are allowed. */
const char *content_image_type(struct slice data);

/*
 * The rule for HTML (content_html.c) and for plain text (content_plain.c); text is decoded, its octets are ASCII or
 * more.
 */
void content_rule_html(struct content_context *context, struct slice text);
void content_rule_plain(struct content_context *context, struct slice text);

/* The rules for the header (content_fields.c) and for the parts (content_mime.c). */
void content_rule_fields(struct content_context *context, const struct content_message *message);
void content_rule_parts(struct content_context *context, const struct content_message *message);

#endif
