/* sign_evp.c - the signer of our own: one pass over the body, all signatures over one body hash; see sign.h. */
#include <openssl/evp.h>
#include <string.h>

#include "lib/error.h"
#include "milter/canon.h"
#include "milter/sign.h"

#define TAB_WIDTH 8
#define BASE64_MAX ((KEY_SIGNATURE_MAX + 2) / 3 * 4)

struct evp_signer {
    EVP_MD *sha256; /* fetched once: fetching takes locks */
};

struct evp_field {
    char *name;         /* as the message spells it */
    size_t start, size; /* its canonical form in canonical, CR LF included */
};

struct evp_message {
    const struct evp_signer *signer;
    const struct signing_keys *keys;
    gint64 now;
    GString *canonical;
    GString *names; /* h=, with the line end before it: all signatures have the same */
    struct evp_field fields[SIGN_FIELDS_MAX];
    size_t count;
    struct canon_body canon;
    EVP_MD_CTX *body;
    gboolean failed; /* OpenSSL refused an update */
};

static void *evp_open(GError **error)
{
    struct evp_signer *signer = g_new0(struct evp_signer, 1);
    signer->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (signer->sha256 != NULL)
        return signer;
    g_free(signer);
    error_set(error, ERROR_SYSTEM, "OpenSSL offers no SHA-256; check its configuration (openssl.cnf)");
    return NULL;
}

static void evp_close(void *state)
{
    struct evp_signer *signer = state;
    EVP_MD_free(signer->sha256);
    g_free(signer);
}

static void hash_body(void *user, const char *octets, size_t size)
{
    struct evp_message *message = user;
    message->failed |= EVP_DigestUpdate(message->body, octets, size) != 1;
}

static void *evp_begin(void *state, const struct signing_keys *keys, gint64 now, GError **error)
{
    (void)error;
    struct evp_message *message = g_new0(struct evp_message, 1);
    message->signer = state;
    message->keys = keys;
    message->now = now;
    message->canonical = g_string_sized_new(2048);
    message->names = g_string_sized_new(512);
    message->body = EVP_MD_CTX_new();
    message->failed = EVP_DigestInit_ex2(message->body, message->signer->sha256, NULL) != 1;
    canon_body_init(&message->canon, hash_body, message);
    return message;
}

static gboolean evp_field(void *state, const char *name, const char *value, GError **error)
{
    (void)error;
    struct evp_message *message = state;
    struct evp_field *field = &message->fields[message->count++]; /* sign.c counts them */
    field->name = g_strdup(name);
    field->start = message->canonical->len;
    canon_header_field(message->canonical, name, value);
    g_string_append(message->canonical, "\r\n");
    field->size = message->canonical->len - field->start;
    return TRUE;
}

static void append_name(GString *names, size_t *column, const char *name, const char *after)
{
    size_t size = strlen(name) + strlen(after);
    g_string_append_c(names, ':');
    if (*column + size + 1 > SIGN_MARGIN) {
        g_string_append(names, "\n\t ");
        *column = TAB_WIDTH;
    }
    *column += size + 1;
    g_string_append(names, name);
    g_string_append(names, after);
}

/* h=: the names that are there, in order, then each name once more. It starts a line, as it never fits on one. */
static gboolean evp_end_header(void *state, GError **error)
{
    (void)error;
    struct evp_message *message = state;
    GString *names = message->names;
    g_string_append(names, "\n\th=");
    g_string_append(names, message->fields[0].name);
    size_t column = TAB_WIDTH + strlen("h=") + strlen(message->fields[0].name);
    for (size_t i = 1; i < message->count; i++)
        append_name(names, &column, message->fields[i].name, "");
    for (size_t i = 0; sign_fields[i] != NULL; i++)
        append_name(names, &column, sign_fields[i], sign_fields[i + 1] == NULL ? ";" : "");
    return TRUE;
}

static gboolean evp_body(void *state, const char *octets, size_t size, GError **error)
{
    struct evp_message *message = state;
    canon_body_feed(&message->canon, octets, size);
    return !message->failed || error_set(error, ERROR_INTERNAL, "body: OpenSSL refuses to hash");
}

static gboolean same_name(const struct evp_field *a, const struct evp_field *b)
{
    return g_ascii_strcasecmp(a->name, b->name) == 0;
}

/* The field that the i-th name in h= stands for: of equal names, the first means the last field (RFC 6376 §5.4.2). */
static const struct evp_field *field_meant(const struct evp_message *message, size_t i)
{
    size_t earlier = 0;
    for (size_t j = 0; j < i; j++)
        if (same_name(&message->fields[j], &message->fields[i]))
            earlier++;
    for (size_t j = message->count; j-- > 0;)
        if (same_name(&message->fields[j], &message->fields[i]) && earlier-- == 0)
            return &message->fields[j];
    return NULL; /* not reached: i itself is there */
}

static gboolean hash_header(const struct evp_message *message, EVP_MD_CTX *hash)
{
    gboolean good = EVP_DigestInit_ex2(hash, message->signer->sha256, NULL) == 1;
    for (size_t i = 0; good && i < message->count; i++) {
        const struct evp_field *field = field_meant(message, i);
        good = EVP_DigestUpdate(hash, message->canonical->str + field->start, field->size) == 1;
    }
    return good;
}

/* --- the field's layout: libopendkim's, as folding in h= counts as a space in the hash --- */

struct layout {
    GString *text;
    size_t column;
};

static void append_tag(struct layout *layout, const char *tag)
{
    size_t size = strlen(tag);
    if (layout->column + size > SIGN_MARGIN) {
        g_string_append(layout->text, "\n\t");
        layout->column = TAB_WIDTH;
    } else if (layout->text->len > 0) {
        g_string_append_c(layout->text, ' ');
        layout->column++;
    }
    g_string_append(layout->text, tag);
    layout->column += size;
}

/* The value up to and with "b=". */
static GString *signature_start(const struct evp_message *message, const struct signing_key *key, const char *body_hash)
{
    struct layout layout = {.text = g_string_sized_new(1536), .column = strlen(SIGN_FIELD_NAME ": ")};
    g_autofree char *tags = g_strdup_printf("v=1;|a=%s;|c=relaxed/relaxed;|d=%s;|s=%s;|t=%" G_GINT64_FORMAT
                                            ";|x=%" G_GINT64_FORMAT ";|bh=%s;",
                                            key_algorithm_name(key_algorithm(key->key)), message->keys->domain,
                                            key->selector, message->now, message->now + SIGN_LIFETIME, body_hash);
    g_auto(GStrv) list = g_strsplit(tags, "|", -1);
    g_string_append(layout.text, list[0]);
    layout.column += strlen(list[0]);
    for (size_t i = 1; list[i] != NULL; i++)
        append_tag(&layout, list[i]);
    g_string_append_len(layout.text, message->names->str, (gssize)message->names->len);
    g_string_append(layout.text, "\n\tb=");
    return layout.text;
}

static void append_signature(GString *value, const char *base64)
{
    size_t size = strlen(base64), width = SIGN_MARGIN - TAB_WIDTH - strlen("b=");
    for (size_t done = 0; done < size; done += width) {
        if (done > 0) {
            g_string_append(value, "\n\t ");
            width = SIGN_MARGIN - TAB_WIDTH - 1;
        }
        g_string_append_len(value, base64 + done, (gssize)MIN(size - done, width));
    }
}

/* One signature: the header's hash goes on with the field itself, b= empty and no CR LF (RFC 6376 §3.7). */
static char *make_signature(const struct evp_message *message, const struct signing_key *key, const char *body_hash,
                            const EVP_MD_CTX *header, GError **error)
{
    uint8_t digest[KEY_DIGEST_SIZE], signature[KEY_SIGNATURE_MAX];
    size_t size;
    GString *value = signature_start(message, key, body_hash);
    g_autoptr(GString) canonical = g_string_sized_new(value->len + 32);
    canon_header_field(canonical, SIGN_FIELD_NAME, value->str);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    gboolean good = EVP_MD_CTX_copy_ex(hash, header) == 1 &&
                    EVP_DigestUpdate(hash, canonical->str, canonical->len) == 1 &&
                    EVP_DigestFinal_ex(hash, digest, NULL) == 1;
    EVP_MD_CTX_free(hash);
    if (!good)
        error_set(error, ERROR_INTERNAL, "header: OpenSSL refuses to hash");
    else
        good = key_sign(key->key, digest, signature, &size, error);
    if (!good) {
        g_string_free(value, TRUE);
        return NULL;
    }
    g_autofree char *base64 = g_base64_encode(signature, size);
    append_signature(value, base64);
    return g_string_free(value, FALSE);
}

static gboolean evp_finish(void *state, GPtrArray *values, GError **error)
{
    struct evp_message *message = state;
    uint8_t digest[KEY_DIGEST_SIZE];
    canon_body_finish(&message->canon);
    EVP_MD_CTX *header = EVP_MD_CTX_new();
    gboolean good =
        !message->failed && EVP_DigestFinal_ex(message->body, digest, NULL) == 1 && hash_header(message, header);
    if (!good)
        error_set(error, ERROR_INTERNAL, "message: OpenSSL refuses to hash");
    g_autofree char *body_hash = good ? g_base64_encode(digest, sizeof digest) : NULL;
    for (size_t i = 0; good && i < message->keys->count; i++) {
        char *value = make_signature(message, &message->keys->keys[i], body_hash, header, error);
        good = value != NULL;
        if (good)
            g_ptr_array_add(values, value);
    }
    EVP_MD_CTX_free(header);
    return good;
}

static void evp_end(void *state)
{
    struct evp_message *message = state;
    for (size_t i = 0; i < message->count; i++)
        g_free(message->fields[i].name);
    g_string_free(message->canonical, TRUE);
    g_string_free(message->names, TRUE);
    EVP_MD_CTX_free(message->body);
    g_free(message);
}

const struct signer_backend signer_evp = {
    .name = "evp",
    .open = evp_open,
    .close = evp_close,
    .begin = evp_begin,
    .field = evp_field,
    .end_header = evp_end_header,
    .body = evp_body,
    .finish = evp_finish,
    .end = evp_end,
};
