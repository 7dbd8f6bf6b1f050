/* compose.c - makes the mail; see compose.h. */
#include "importer/compose.h"

#include <string.h>

#include "importer/compose_encode.h"
#include "importer/compose_pictures.h"
#include "lib/error.h"

#define SPECIALS "<>()[]\\,;:\""
#define BOUNDARY_DIGITS 24 /* of the SHA-256 of the Message-ID */

/* The boundaries of one mail. */
struct boundaries {
    char alternative[BOUNDARY_DIGITS + 8];
    char related[BOUNDARY_DIGITS + 8];
};

/* --- checks: each names the field -------------------------------------------------------------------------------- */

static gboolean refuse(const char *field, const char *rule, GError **error)
{
    return error_set(error, ERROR_DATA, "%s: %s", field, rule);
}

/* UTF-8 of one line, not empty. */
static gboolean check_line(const char *field, const char *value, GError **error)
{
    if (value == NULL || *value == '\0')
        return refuse(field, "is missing", error);
    size_t length = strlen(value);
    if (length > COMPOSE_FIELD_MAX)
        return error_set(error, ERROR_DATA, "%s: longer than %zu bytes", field, COMPOSE_FIELD_MAX);
    if (!encode_scan(value, length).valid || strpbrk(value, "\t\r\n") != NULL)
        return refuse(field, "holds a control character or is not UTF-8", error);
    return TRUE;
}

/* Visible ASCII without the characters in without. */
static gboolean check_token(const char *field, const char *value, const char *without, GError **error)
{
    if (!check_line(field, value, error))
        return FALSE;
    for (const char *c = value; *c != '\0'; c++)
        if (*c <= ' ' || *c == 0x7F || strchr(without, *c) != NULL)
            return error_set(error, ERROR_DATA, "%s: must be ASCII without blanks%s%s", field,
                             *without == '\0' ? "" : " and without ", without);
    return TRUE;
}

/* An address in UTF-8, of receivers only, makes it an internationalized mail (RFC 6532). */
static gboolean check_mailbox(const char *field, const struct mail_address *mailbox, gboolean utf8, GError **error)
{
    if (utf8 ? !check_line(field, mailbox->address, error) : !check_token(field, mailbox->address, SPECIALS, error))
        return FALSE;
    if (strpbrk(mailbox->address, " " SPECIALS) != NULL)
        return refuse(field, "must be without blanks and " SPECIALS, error);
    if (strchr(mailbox->address, '@') == NULL)
        return refuse(field, "is no address", error);
    return mailbox->name == NULL || *mailbox->name == '\0' || check_line(field, mailbox->name, error);
}

static gboolean check_uri(const char *field, const char *uri, const char *scheme, GError **error)
{
    if (!check_token(field, uri, "<>\",", error))
        return FALSE;
    return g_ascii_strncasecmp(uri, scheme, strlen(scheme)) == 0 ||
           error_set(error, ERROR_DATA, "%s: must begin with \"%s\"", field, scheme);
}

static gboolean check_further_field(const struct mail_field *field, GError **error)
{
    static const char *const ours[] = {
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
        "List-Id", "Feedback-ID",
    };
    if (!check_token("name of a further field", field->name, ":", error))
        return FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (g_ascii_strcasecmp(field->name, ours[i]) == 0)
            return refuse(field->name, "is written by Postwelle itself and can't be given", error);
    return check_line(field->name, field->value, error);
}

static gboolean check_header(const struct mail *mail, GError **error)
{
    if (!check_mailbox("From", &mail->from, FALSE, error) || !check_mailbox("To", &mail->to, TRUE, error) ||
        (mail->reply_to.address != NULL && !check_mailbox("Reply-To", &mail->reply_to, FALSE, error)) ||
        !check_line("Subject", mail->subject, error) || !check_token("Message-ID", mail->message_id, "<>", error) ||
        !check_uri("List-Unsubscribe (URL)", mail->list_unsubscribe_url, "https://", error) ||
        !check_uri("List-Unsubscribe (mailto)", mail->list_unsubscribe_mailto, "mailto:", error) ||
        (mail->list_id != NULL && !check_token("List-Id", mail->list_id, "<>", error)) ||
        (mail->feedback_id != NULL && !check_token("Feedback-ID", mail->feedback_id, "", error)))
        return FALSE;
    for (size_t i = 0; i < mail->n_fields; i++)
        if (!check_further_field(&mail->fields[i], error))
            return FALSE;
    return TRUE;
}

static gboolean check_size(const char *what, const char *text, GError **error)
{
    return strlen(text) <= COMPOSE_BODY_MAX ||
           error_set(error, ERROR_DATA, "%s: larger than %zu KiB", what, COMPOSE_BODY_MAX / 1024);
}

static gboolean check_body(const struct mail *mail, GError **error)
{
    if (mail->text == NULL || *mail->text == '\0')
        return refuse("text", "is missing; a mail needs a text part", error);
    return check_size("text", mail->text, error) && (mail->html == NULL || check_size("html", mail->html, error));
}

/* --- header ------------------------------------------------------------------------------------------------------- */

/* RFC 5322 section 3.3, in English whatever the locale. */
static gboolean write_date(GString *out, gint64 seconds, GTimeZone *zone, GError **error)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(seconds);
    g_autoptr(GDateTime) local = utc == NULL ? NULL : g_date_time_to_timezone(utc, zone);
    if (local == NULL)
        return refuse("Date", "is out of range", error);
    int minutes = (int)(g_date_time_get_utc_offset(local) / G_TIME_SPAN_MINUTE);
    g_string_append_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d %c%02d%02d\r\n",
                           days[g_date_time_get_day_of_week(local) - 1], g_date_time_get_day_of_month(local),
                           months[g_date_time_get_month(local) - 1], g_date_time_get_year(local),
                           g_date_time_get_hour(local), g_date_time_get_minute(local), g_date_time_get_second(local),
                           minutes < 0 ? '-' : '+', ABS(minutes) / 60, ABS(minutes) % 60);
    return TRUE;
}

static gboolean write_header(GString *out, const struct mail *mail, GError **error)
{
    encode_mailbox(out, "From", mail->from.name, mail->from.address);
    encode_mailbox(out, "To", mail->to.name, mail->to.address);
    if (mail->reply_to.address != NULL)
        encode_mailbox(out, "Reply-To", mail->reply_to.name, mail->reply_to.address);
    encode_unstructured(out, "Subject", mail->subject);
    if (!write_date(out, mail->date, mail->zone, error))
        return FALSE;
    g_string_append_printf(out, "Message-ID: <%s>\r\n", mail->message_id);
    g_string_append_printf(out, "List-Unsubscribe: <%s>,\r\n <%s>\r\n", mail->list_unsubscribe_url,
                           mail->list_unsubscribe_mailto);
    g_string_append(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    if (mail->list_id != NULL)
        g_string_append_printf(out, "List-Id: <%s>\r\n", mail->list_id);
    if (mail->feedback_id != NULL)
        g_string_append_printf(out, "Feedback-ID: %s\r\n", mail->feedback_id);
    for (size_t i = 0; i < mail->n_fields; i++)
        encode_unstructured(out, mail->fields[i].name, mail->fields[i].value);
    g_string_append(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    return TRUE;
}

/* --- body --------------------------------------------------------------------------------------------------------- */

static void make_boundaries(const char *message_id, struct boundaries *boundaries)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, message_id, -1);
    g_snprintf(boundaries->alternative, sizeof boundaries->alternative, "=_a%.*s", BOUNDARY_DIGITS, digest);
    g_snprintf(boundaries->related, sizeof boundaries->related, "=_r%.*s", BOUNDARY_DIGITS, digest);
}

/* A text part: its header fields and its body in the shorter encoding. */
static gboolean write_text(GString *out, const char *subtype, const char *what, const char *text, GError **error)
{
    size_t length = strlen(text);
    struct text_scan scan = encode_scan(text, length);
    if (!scan.valid)
        return refuse(what, "holds a control character or is not UTF-8", error);
    gboolean base64 = scan.n_encoded * 6 > length; /* n + 2e > 4n / 3 */
    g_string_append_printf(out, "Content-Type: text/%s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n",
                           subtype, base64 ? "base64" : "quoted-printable");
    if (base64)
        encode_base64(out, text, length);
    else
        encode_quoted_printable(out, text, length);
    return TRUE;
}

/* The HTML and, where there are any, its pictures. */
static gboolean write_html(GString *out, const struct mail *mail, const char *boundary, GError **error)
{
    if (mail->pictures == NULL || mail->pictures->parts->len == 0)
        return write_text(out, "html", "html", mail->html, error);
    g_string_append_printf(out,
                           "Content-Type: multipart/related; type=\"text/html\";\r\n boundary=\"%s\"\r\n\r\n--%s\r\n",
                           boundary, boundary);
    if (!write_text(out, "html", "html", mail->html, error))
        return FALSE;
    for (guint i = 0; i < mail->pictures->parts->len; i++) {
        const GString *part = g_ptr_array_index(mail->pictures->parts, i);
        g_string_append_printf(out, "\r\n--%s\r\n", boundary);
        g_string_append_len(out, part->str, (gssize)part->len);
    }
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
    return TRUE;
}

static gboolean write_body(GString *out, const struct mail *mail, GError **error)
{
    if (mail->html == NULL)
        return write_text(out, "plain", "text", mail->text, error);
    struct boundaries boundaries;
    make_boundaries(mail->message_id, &boundaries);
    const char *boundary = boundaries.alternative;
    g_string_append_printf(out, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
                           boundary);
    if (!write_text(out, "plain", "text", mail->text, error))
        return FALSE;
    g_string_append_printf(out, "\r\n--%s\r\n", boundary);
    if (!write_html(out, mail, boundaries.related, error))
        return FALSE;
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
    return TRUE;
}

gboolean compose_check(const struct mail *mail, GError **error)
{
    return check_header(mail, error) && check_body(mail, error);
}

gboolean compose_mail(const struct mail *mail, GString *out, GError **error)
{
    g_string_truncate(out, 0);
    if (compose_check(mail, error) && write_header(out, mail, error) && write_body(out, mail, error))
        return TRUE;
    g_string_truncate(out, 0);
    return FALSE;
}
