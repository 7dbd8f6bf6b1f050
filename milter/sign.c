/* sign.c - what both signers have in common: the choice of fields, the limits, the first error kept; see sign.h. */
#include "milter/sign.h"

#include <string.h>

#include "lib/error.h"
#include "milter/canon.h"

const char *const sign_fields[] = {
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Reply-To",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
    "Feedback-ID",
    "Auto-Submitted",
    "CFBL-Address", /* RFC 9477 §3.1 demands it */
    "X-CSA-Complaints",
    NULL,
};

struct signer {
    const struct signer_backend *backend;
    void *state;
};

struct signing {
    const struct signer_backend *backend;
    void *message;
    GError *error; /* the first */
    size_t fields, header_size;
    gboolean has_from, end_of_header, end_of_body;
    struct body_check body;
};

struct signer *signer_new(const struct signer_backend *backend, GError **error)
{
    void *state = backend->open(error);
    if (state == NULL)
        return NULL;
    struct signer *signer = g_new0(struct signer, 1);
    signer->backend = backend;
    signer->state = state;
    return signer;
}

void signer_free(struct signer *signer)
{
    if (signer == NULL)
        return;
    signer->backend->close(signer->state);
    g_free(signer);
}

struct signing *sign_begin(struct signer *signer, const struct signing_keys *keys, gint64 now)
{
    struct signing *signing = g_new0(struct signing, 1);
    signing->backend = signer->backend;
    body_check_init(&signing->body);
    if (keys->problem != NULL)
        error_set(&signing->error, ERROR_UNAVAILABLE, "%s", keys->problem);
    else
        signing->message = signer->backend->begin(signer->state, keys, now, &signing->error);
    return signing;
}

static gboolean is_signed(const char *name, size_t length)
{
    for (size_t i = 0; sign_fields[i] != NULL; i++)
        if (strlen(sign_fields[i]) == length && g_ascii_strncasecmp(sign_fields[i], name, length) == 0)
            return TRUE;
    return FALSE;
}

/* The first octet that may not stand in a signed field's value, or NULL: line ends only where the field is folded. */
static const char *bad_octet(const char *value)
{
    for (const char *p = value; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        gboolean good = c >= ' ' || c == '\t';
        if (c == '\r')
            good = p[1] == '\n';
        else if (c == '\n')
            good = p[1] == ' ' || p[1] == '\t';
        if (!good || c == 0x7f)
            return p;
    }
    return NULL;
}

/* The longest line of the field as it goes over the wire, its line end left out. */
static size_t longest_line(const char *name, const char *value)
{
    size_t longest = 0, length = strlen(name) + strlen(value[0] == ' ' ? ":" : ": ");
    for (const char *p = value;; p++) {
        const char *end = p + strcspn(p, "\r\n");
        longest = MAX(longest, length + (size_t)(end - p));
        length = 0;
        p = strchr(end, '\n');
        if (p == NULL)
            return longest;
    }
}

static gboolean check_field(struct signing *signing, const char *name, const char *value, GError **error)
{
    const char *bad = bad_octet(value);
    if (bad != NULL)
        return error_set(error, ERROR_DATA,
                         "header field %s: octet 0x%02x at position %zu is not allowed (RFC 5322, 2.2)", name,
                         (unsigned char)*bad, (size_t)(bad - value) + 1);
    if (longest_line(name, value) > CANON_LINE_MAX)
        return error_set(error, ERROR_DATA,
                         "header field %s: a line is longer than %d octets; Postfix would break it and the signature "
                         "with it: fold the field",
                         name, CANON_LINE_MAX);
    if (++signing->fields > SIGN_FIELDS_MAX)
        return error_set(error, ERROR_DATA, "header: more than %d fields to sign", SIGN_FIELDS_MAX);
    size_t size = strlen(name) + strlen(value);
    if (size > SIGN_HEADER_MAX - signing->header_size)
        return error_set(error, ERROR_DATA, "header: more than %d octets in the fields to sign", SIGN_HEADER_MAX);
    signing->header_size += size;
    return TRUE;
}

void sign_header_field(struct signing *signing, const char *name, const char *value)
{
    size_t length = strlen(name);
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t'))
        length--;
    if (signing->error != NULL || !is_signed(name, length))
        return;
    g_autofree char *bare_name = g_strndup(name, length);
    if (!check_field(signing, bare_name, value, &signing->error))
        return;
    signing->has_from |= g_ascii_strcasecmp(bare_name, "From") == 0;
    signing->backend->field(signing->message, bare_name, value, &signing->error);
}

void sign_end_header(struct signing *signing)
{
    if (signing->error != NULL)
        return;
    signing->end_of_header = TRUE;
    if (!signing->has_from)
        error_set(&signing->error, ERROR_DATA, "header: no From field (RFC 6376, 5.4, wants it signed)");
    else
        signing->backend->end_header(signing->message, &signing->error);
}

static gboolean body_error(const struct body_check *body, GError **error)
{
    static const char *const texts[] = {
        [BODY_BARE_CR] = "a CR stands without its LF",
        [BODY_BARE_LF] = "an LF stands without its CR",
        [BODY_LONG_LINE] = "is longer than 998 octets; Postfix would break it and the signature with it",
    };
    return body->fault == BODY_GOOD ||
           error_set(error, ERROR_DATA, "body: line %zu: %s", body->line, texts[body->fault]);
}

void sign_body(struct signing *signing, const char *octets, size_t size)
{
    if (signing->error != NULL || size == 0)
        return;
    body_check_feed(&signing->body, octets, size);
    if (body_error(&signing->body, &signing->error))
        signing->backend->body(signing->message, octets, size, &signing->error);
}

/* Checks the end of the body and gives an open last line its CR LF (RFC 6376 §3.4.4). */
static void end_body(struct signing *signing)
{
    if (signing->error == NULL && !signing->end_of_header)
        error_set(&signing->error, ERROR_INTERNAL, "signing: sign_end_header() was not called");
    if (signing->error != NULL)
        return;
    body_check_finish(&signing->body);
    if (body_error(&signing->body, &signing->error) && signing->body.line_open)
        signing->backend->body(signing->message, "\r\n", 2, &signing->error);
}

static gboolean is_good(const struct signing *signing, GError **error)
{
    if (signing->error != NULL)
        g_propagate_error(error, g_error_copy(signing->error));
    return signing->error == NULL;
}

gboolean sign_end_body(struct signing *signing, GError **error)
{
    if (!signing->end_of_body)
        end_body(signing);
    signing->end_of_body = TRUE;
    return is_good(signing, error);
}

GPtrArray *sign_finish(struct signing *signing, GError **error)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    if (!sign_end_body(signing, error))
        return NULL;
    if (signing->backend->finish(signing->message, values, &signing->error) && values->len == 0)
        error_set(&signing->error, ERROR_INTERNAL, "signing: no signature was made");
    return is_good(signing, error) ? g_steal_pointer(&values) : NULL;
}

void sign_free(struct signing *signing)
{
    if (signing == NULL)
        return;
    if (signing->message != NULL)
        signing->backend->end(signing->message);
    g_clear_error(&signing->error);
    g_free(signing);
}

/* --- the probe --- */

/* Everything that canonicalization changes, in a small message; %s is the client's domain. */
static const struct {
    const char *name, *value;
} probe_header[] = {
    {"From", "Probe  <probe@%s>"},
    {"To", "\"Beispiel,\n Empf\xc3\xa4nger\"\n\t<probe@%s>"},
    {"Subject", " =?utf-8?q?Pr=C3=BCfung?=\t der  Schl\xc3\xbcssel "},
    {"Date", "Mon, 23 Nov 2026 08:00:00 +0000"},
    {"Message-ID", "<probe@%s>"},
    {"MIME-Version", "1.0"},
    {"Content-Type", "text/plain;\n charset=utf-8"},
    {"List-Unsubscribe", "<mailto:probe@%s>"},
    {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
};

static const char probe_body[] = "\r\nThis  message \t\r\nis never sent.\r\n \r\n\r\n";

gboolean signer_probe(const struct signing_keys *keys, void *probe, GError **error)
{
    const struct signer_probe *with = probe;
    struct header_field fields[G_N_ELEMENTS(probe_header)];
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(signing_auto) signing = sign_begin(with->signer, keys, with->now);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_auto(GStrv) parts = g_strsplit(probe_header[i].value, "%s", -1);
        g_ptr_array_add(values, g_strjoinv(keys->domain, parts));
        fields[i] = (struct header_field){probe_header[i].name, values->pdata[i]};
        sign_header_field(signing, fields[i].name, fields[i].value);
    }
    sign_end_header(signing);
    sign_body(signing, probe_body, strlen(probe_body));
    g_autoptr(GPtrArray) signatures = sign_finish(signing, error);
    return signatures != NULL && verifier_check(with->verifier, keys, fields, G_N_ELEMENTS(fields), probe_body,
                                                strlen(probe_body), signatures, error);
}
