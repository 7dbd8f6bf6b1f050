/* content_fields.c - the rule for a message's header: which fields must, may and must not be there. */
#include "lib/content_context.h"

/* How often a field may be there (RFC 5322 section 3.6, RFC 2045, RFC 8058). */
static const struct {
    struct slice name;
    gboolean needed;
} single_fields[] = {
    {SLICE_LITERAL("From"), TRUE},
    {SLICE_LITERAL("Date"), TRUE},
    {SLICE_LITERAL("Message-ID"), TRUE},
    {SLICE_LITERAL("Subject"), TRUE},
    {SLICE_LITERAL("List-Unsubscribe"), TRUE},
    {SLICE_LITERAL("List-Unsubscribe-Post"), TRUE},
    {SLICE_LITERAL("To"), FALSE},
    {SLICE_LITERAL("Cc"), FALSE},
    {SLICE_LITERAL("Bcc"), FALSE},
    {SLICE_LITERAL("Reply-To"), FALSE},
    {SLICE_LITERAL("Sender"), FALSE},
    {SLICE_LITERAL("MIME-Version"), FALSE},
    {SLICE_LITERAL("List-Id"), FALSE},
    {SLICE_LITERAL("In-Reply-To"), FALSE},
    {SLICE_LITERAL("References"), FALSE},
};

/* Fields that make the reader's program answer, or fetch a picture or a base address. */
static const struct slice refused_fields[] = {
    SLICE_LITERAL("Disposition-Notification-To"),
    SLICE_LITERAL("Disposition-Notification-Options"),
    SLICE_LITERAL("Return-Receipt-To"),
    SLICE_LITERAL("Return-Receipt-Requested"),
    SLICE_LITERAL("Read-Receipt-To"),
    SLICE_LITERAL("Generate-Delivery-Report"),
    SLICE_LITERAL("Registered-Mail-Reply-Requested-By"),
    SLICE_LITERAL("X-Confirm-Reading-To"),
    SLICE_LITERAL("X-Confirm-Delivery-To"),
    SLICE_LITERAL("X-Pmrqc"),
    SLICE_LITERAL("X-Image-Url"),
    SLICE_LITERAL("X-Face-Url"),
    SLICE_LITERAL("Face-Url"),
    SLICE_LITERAL("X-Base"),
    SLICE_LITERAL("Link"),
    SLICE_LITERAL("BIMI-Location"),
    SLICE_LITERAL("BIMI-Indicator"),
};

static void report_field(struct content_context *context, enum content_reason reason, struct slice name,
                         struct slice value)
{
    content_report(context, reason, &(struct content_place){.element = name, .value = value});
}

static void rule_counts(struct content_context *context, const struct content_message *message)
{
    for (size_t i = 0; i < G_N_ELEMENTS(single_fields); i++) {
        size_t count = 0;
        for (size_t j = 0; j < message->n_fields; j++)
            if (slice_equal_folded(message->fields[j].name, single_fields[i].name))
                count++;
        if (count > 1)
            report_field(context, CONTENT_FIELD_REPEATED, single_fields[i].name, (struct slice){0});
        if (count == 0 && single_fields[i].needed)
            report_field(context, CONTENT_FIELD_MISSING, single_fields[i].name, (struct slice){0});
    }
}

static void rule_sizes(struct content_context *context, const struct content_message *message)
{
    size_t size = 0;
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct mime_field *field = &message->fields[i];
        size_t length = field->name.length + field->value.length + 3;
        if (length > CONTENT_MAX_FIELD_SIZE)
            report_field(context, CONTENT_FIELD_SIZE, field->name, (struct slice){0});
        size += length;
    }
    if (size > CONTENT_MAX_FIELDS_SIZE)
        report_field(context, CONTENT_FIELD_SIZE, (struct slice){0}, (struct slice){0});
    if (message->n_fields > CONTENT_MAX_FIELDS)
        report_field(context, CONTENT_FIELD_COUNT, (struct slice){0}, (struct slice){0});
}

static void rule_each(struct content_context *context, const struct content_message *message)
{
    for (size_t i = 0; i < message->n_fields && !content_is_done(context); i++) {
        const struct mime_field *field = &message->fields[i];
        const char *problem = mime_field_problem(field);
        if (problem != NULL)
            report_field(context, CONTENT_FIELD_SYNTAX, field->name, slice_of(problem));
        for (size_t j = 0; j < G_N_ELEMENTS(refused_fields); j++)
            if (slice_equal_folded(field->name, refused_fields[j]))
                report_field(context, CONTENT_FIELD_REFUSED, field->name, slice_strip(field->value));
    }
}

/* "<uri>, <uri>": TRUE where it is nothing else and one of them begins with https://. */
static gboolean unsubscribe_valid(struct slice value)
{
    gboolean https = FALSE;
    for (value = slice_strip(value); value.length > 0;) {
        const char *close = memchr(value.data, '>', value.length);
        if (value.data[0] != '<' || close == NULL)
            return FALSE;
        struct slice uri = {value.data + 1, (size_t)(close - value.data) - 1};
        for (size_t i = 0; i < uri.length; i++)
            if (uri.data[i] <= ' ' || uri.data[i] >= 0x7f || uri.data[i] == '<')
                return FALSE;
        https |= uri.length > 8 && slice_starts_folded(uri, SLICE_LITERAL("https://"));
        value = slice_strip(slice_skip(value, uri.length + 2));
        if (value.length > 0 && value.data[0] != ',')
            return FALSE;
        if (value.length > 0)
            value = slice_strip(slice_skip(value, 1));
    }
    return https;
}

static void rule_unsubscribe(struct content_context *context, const struct content_message *message)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct mime_field *field = &message->fields[i];
        struct slice value = slice_strip(field->value);
        gboolean valid = TRUE;
        if (slice_equal_folded(field->name, SLICE_LITERAL("List-Unsubscribe")))
            valid = unsubscribe_valid(value);
        else if (slice_equal_folded(field->name, SLICE_LITERAL("List-Unsubscribe-Post")))
            valid = slice_equal(value, SLICE_LITERAL("List-Unsubscribe=One-Click"));
        if (!valid)
            report_field(context, CONTENT_UNSUBSCRIBE, field->name, value);
    }
}

void content_rule_fields(struct content_context *context, const struct content_message *message)
{
    context->part = "header";
    rule_sizes(context, message);
    rule_each(context, message);
    rule_counts(context, message);
    rule_unsubscribe(context, message);
    context->part = NULL;
}
