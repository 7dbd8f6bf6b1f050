/*
 * sign_opendkim.c - libopendkim as a signer and as the verifier; see sign.h. The only file that knows it.
 *
 * What has to be known about libopendkim 2.11 beta 2:
 * - The time of a signature is an option of the library handle, not of the message. So a message has a handle to
 *   itself while it is signed, taken from a list of idle ones; a verifier's handle is shared, as it only reads it.
 * - It takes keys as text, copies them, and frees the copy without wiping it: hence the allocator that wipes.
 * - It never frees the private key of an Ed25519 signature. So it gets RSA keys only. (Verifying frees its keys.)
 * - It parses DKIM-Signature fields even when it signs, and fails on bad ones: it gets the fields to be signed only.
 */
#include <malloc.h>
#include <opendkim/dkim.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "lib/error.h"
#include "milter/sign.h"

#define MESSAGE_ID "postwelle" /* only for libopendkim's own messages */

static void *wiping_malloc(void *closure, size_t size)
{
    (void)closure;
    return malloc(size);
}

static void wiping_free(void *closure, void *memory)
{
    (void)closure;
    if (memory == NULL)
        return;
    OPENSSL_cleanse(memory, malloc_usable_size(memory));
    free(memory);
}

static gboolean set_option(DKIM_LIB *library, dkim_opts_t option, const void *value, size_t size)
{
    return dkim_options(library, DKIM_OP_SETOPT, option, (void *)value, size) == DKIM_STAT_OK;
}

/* libopendkim's word for what went wrong. */
static const char *reason_of(DKIM *dkim, DKIM_STAT status)
{
    const char *text = dkim != NULL ? dkim_geterror(dkim) : NULL;
    return text != NULL && text[0] != '\0' ? text : dkim_getresultstr(status);
}

static gboolean refuse(GError **error, const char *what, DKIM *dkim, DKIM_STAT status)
{
    return error_set(error, ERROR_INTERNAL, "libopendkim, %s: %s", what, reason_of(dkim, status));
}

/* --- the signer --- */

struct opendkim_signer {
    pthread_mutex_t lock; /* not GMutex, which ThreadSanitizer does not see */
    GPtrArray *idle;      /* DKIM_LIB *, guarded by lock */
};

struct opendkim_message {
    struct opendkim_signer *signer;
    DKIM_LIB *library; /* ours until opendkim_end() */
    DKIM *handles[SIGNING_KEYS_MAX];
    size_t count;
};

static DKIM_LIB *new_signing_library(void)
{
    DKIM_LIB *library = dkim_init(wiping_malloc, wiping_free);
    uint64_t lifetime = SIGN_LIFETIME;
    if (library == NULL)
        return NULL;
    if (set_option(library, DKIM_OPTS_SIGNHDRS, sign_fields, sizeof(const char **)) &&
        set_option(library, DKIM_OPTS_OVERSIGNHDRS, sign_fields, sizeof(const char **)) &&
        set_option(library, DKIM_OPTS_SIGNATURETTL, &lifetime, sizeof lifetime))
        return library;
    dkim_close(library);
    return NULL;
}

static DKIM_LIB *take_library(struct opendkim_signer *signer)
{
    DKIM_LIB *library = NULL;
    pthread_mutex_lock(&signer->lock);
    if (signer->idle->len > 0)
        library = g_ptr_array_steal_index_fast(signer->idle, signer->idle->len - 1);
    pthread_mutex_unlock(&signer->lock);
    return library != NULL ? library : new_signing_library();
}

static void give_library_back(struct opendkim_signer *signer, DKIM_LIB *library)
{
    pthread_mutex_lock(&signer->lock);
    g_ptr_array_add(signer->idle, library);
    pthread_mutex_unlock(&signer->lock);
}

static void *opendkim_open(GError **error)
{
    DKIM_LIB *first = new_signing_library();
    if (first == NULL) {
        error_set(error, ERROR_SYSTEM, "libopendkim can't be set up for signing");
        return NULL;
    }
    struct opendkim_signer *signer = g_new0(struct opendkim_signer, 1);
    pthread_mutex_init(&signer->lock, NULL);
    signer->idle = g_ptr_array_new();
    g_ptr_array_add(signer->idle, first);
    return signer;
}

static void opendkim_close(void *state)
{
    struct opendkim_signer *signer = state;
    for (size_t i = 0; i < signer->idle->len; i++)
        dkim_close(signer->idle->pdata[i]);
    g_ptr_array_unref(signer->idle);
    pthread_mutex_destroy(&signer->lock);
    g_free(signer);
}

static void opendkim_end(void *state)
{
    struct opendkim_message *message = state;
    for (size_t i = 0; i < message->count; i++)
        dkim_free(message->handles[i]);
    if (message->library != NULL)
        give_library_back(message->signer, message->library);
    g_free(message);
}

static gboolean add_handle(struct opendkim_message *message, const struct signing_keys *keys,
                           const struct signing_key *key, GError **error)
{
    DKIM_STAT status;
    DKIM *handle =
        dkim_sign(message->library, (const u_char *)MESSAGE_ID, NULL, (dkim_sigkey_t)key_private_pem(key->key),
                  (const u_char *)key->selector, (const u_char *)keys->domain, DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
                  DKIM_SIGN_RSASHA256, -1, &status);
    if (handle == NULL)
        return refuse(error, "begin", NULL, status);
    message->handles[message->count++] = handle;
    status = dkim_set_margin(handle, SIGN_MARGIN);
    return status == DKIM_STAT_OK || refuse(error, "margin", handle, status);
}

static void *opendkim_begin(void *state, const struct signing_keys *keys, gint64 now, GError **error)
{
    struct opendkim_message *message = g_new0(struct opendkim_message, 1);
    uint64_t time = (uint64_t)now;
    message->signer = state;
    message->library = take_library(message->signer);
    gboolean good = message->library != NULL && set_option(message->library, DKIM_OPTS_FIXEDTIME, &time, sizeof time);
    if (!good)
        error_set(error, ERROR_SYSTEM, "libopendkim can't be set up for signing");
    for (size_t i = 0; good && i < keys->count; i++)
        if (key_algorithm(keys->keys[i].key) == KEY_RSA)
            good = add_handle(message, keys, &keys->keys[i], error);
    if (good)
        return message;
    opendkim_end(message);
    return NULL;
}

/* "Name: value" as libopendkim wants a field. */
static GString *whole_field(const char *name, const char *value)
{
    GString *field = g_string_new(name);
    g_string_append(field, ": ");
    for (const char *p = value + strspn(value, " \t\r\n"); *p != '\0'; p++)
        if (*p == '\n')
            g_string_append(field, "\r\n");
        else if (*p != '\r')
            g_string_append_c(field, *p);
    return field;
}

static gboolean opendkim_field(void *state, const char *name, const char *value, GError **error)
{
    struct opendkim_message *message = state;
    g_autoptr(GString) field = whole_field(name, value);
    for (size_t i = 0; i < message->count; i++) {
        DKIM_STAT status = dkim_header(message->handles[i], (u_char *)field->str, field->len);
        if (status != DKIM_STAT_OK)
            return refuse(error, name, message->handles[i], status);
    }
    return TRUE;
}

static gboolean opendkim_end_header(void *state, GError **error)
{
    struct opendkim_message *message = state;
    for (size_t i = 0; i < message->count; i++) {
        DKIM_STAT status = dkim_eoh(message->handles[i]);
        if (status != DKIM_STAT_OK)
            return refuse(error, "end of header", message->handles[i], status);
    }
    return TRUE;
}

static gboolean opendkim_body(void *state, const char *octets, size_t size, GError **error)
{
    struct opendkim_message *message = state;
    for (size_t i = 0; i < message->count; i++) {
        DKIM_STAT status = dkim_body(message->handles[i], (u_char *)octets, size);
        if (status != DKIM_STAT_OK)
            return refuse(error, "body", message->handles[i], status);
    }
    return TRUE;
}

static gboolean opendkim_finish(void *state, GPtrArray *values, GError **error)
{
    struct opendkim_message *message = state;
    for (size_t i = 0; i < message->count; i++) {
        DKIM *handle = message->handles[i];
        u_char *text;
        size_t size;
        DKIM_STAT status = dkim_eom(handle, NULL);
        if (status == DKIM_STAT_OK)
            status = dkim_getsighdr_d(handle, strlen(SIGN_FIELD_NAME ": "), &text, &size);
        if (status != DKIM_STAT_OK)
            return refuse(error, "end of message", handle, status);
        g_auto(GStrv) lines = g_strsplit((const char *)text, "\r\n", -1);
        g_ptr_array_add(values, g_strjoinv("\n", lines));
    }
    return TRUE;
}

const struct signer_backend signer_opendkim = {
    .name = "opendkim",
    .open = opendkim_open,
    .close = opendkim_close,
    .begin = opendkim_begin,
    .field = opendkim_field,
    .end_header = opendkim_end_header,
    .body = opendkim_body,
    .finish = opendkim_finish,
    .end = opendkim_end,
};

/* --- the verifier --- */

struct verifier {
    DKIM_LIB *library;
};

/* Stands in for DNS: the record that should be published for the signature's selector. */
static DKIM_CBSTAT record_of_key(DKIM *dkim, DKIM_SIGINFO *signature, u_char *buffer, size_t size)
{
    const struct signing_keys *keys = dkim_get_user_context(dkim);
    const char *domain = (const char *)dkim_sig_getdomain(signature);
    const char *selector = (const char *)dkim_sig_getselector(signature);
    for (size_t i = 0; i < keys->count; i++) {
        const struct key *key = keys->keys[i].key;
        if (g_ascii_strcasecmp(domain, keys->domain) != 0 || g_ascii_strcasecmp(selector, keys->keys[i].selector) != 0)
            continue;
        int length = g_snprintf((char *)buffer, size, "v=DKIM1; k=%s; p=%s", key_type_name(key_algorithm(key)),
                                key_public_base64(key));
        return length > 0 && (size_t)length < size ? DKIM_CBSTAT_CONTINUE : DKIM_CBSTAT_ERROR;
    }
    return DKIM_CBSTAT_NOTFOUND;
}

struct verifier *verifier_new(GError **error)
{
    DKIM_LIB *library = dkim_init(NULL, NULL);
    unsigned int bits = KEY_RSA_BITS_MIN;
    if (library == NULL || dkim_set_key_lookup(library, record_of_key) != DKIM_STAT_OK ||
        !set_option(library, DKIM_OPTS_MINKEYBITS, &bits, sizeof bits)) {
        if (library != NULL)
            dkim_close(library);
        error_set(error, ERROR_SYSTEM, "libopendkim can't be set up for verifying");
        return NULL;
    }
    struct verifier *verifier = g_new0(struct verifier, 1);
    verifier->library = library;
    return verifier;
}

void verifier_free(struct verifier *verifier)
{
    if (verifier == NULL)
        return;
    dkim_close(verifier->library);
    g_free(verifier);
}

static DKIM_STAT verify_field(DKIM *dkim, const char *name, const char *value)
{
    g_autoptr(GString) field = whole_field(name, value);
    return dkim_header(dkim, (u_char *)field->str, field->len);
}

static DKIM_STAT verify_header(DKIM *dkim, const struct header_field *fields, size_t count, const GPtrArray *signatures)
{
    DKIM_STAT status = DKIM_STAT_OK;
    for (size_t i = 0; status == DKIM_STAT_OK && i < signatures->len; i++)
        status = verify_field(dkim, SIGN_FIELD_NAME, signatures->pdata[i]);
    for (size_t i = 0; status == DKIM_STAT_OK && i < count; i++)
        if (g_ascii_strcasecmp(fields[i].name, SIGN_FIELD_NAME) != 0)
            status = verify_field(dkim, fields[i].name, fields[i].value);
    return status == DKIM_STAT_OK ? dkim_eoh(dkim) : status;
}

static DKIM_STAT verify_body(DKIM *dkim, const char *body, size_t size)
{
    DKIM_STAT status = size > 0 ? dkim_body(dkim, (u_char *)body, size) : DKIM_STAT_OK;
    if (status == DKIM_STAT_OK && size > 0 && body[size - 1] != '\n')
        status = dkim_body(dkim, (u_char *)"\r\n", 2);
    return status == DKIM_STAT_OK ? dkim_eom(dkim, NULL) : status;
}

/* Each signature on its own: libopendkim's verdict on the message is good where one of them is. */
static gboolean all_pass(DKIM *dkim, size_t expected, GError **error)
{
    DKIM_SIGINFO **list = NULL;
    int count = 0;
    DKIM_STAT status = dkim_getsiglist(dkim, &list, &count);
    if (status != DKIM_STAT_OK)
        return refuse(error, "verifying", dkim, status);
    if ((size_t)count != expected)
        return error_set(error, ERROR_INTERNAL, "libopendkim sees %d signatures, not %zu", count, expected);
    for (int i = 0; i < count; i++)
        if ((dkim_sig_getflags(list[i]) & DKIM_SIGFLAG_PASSED) == 0 || dkim_sig_getbh(list[i]) != DKIM_SIGBH_MATCH)
            return error_set(error, ERROR_INTERNAL, "libopendkim rejects the signature with selector %s: %s",
                             (const char *)dkim_sig_getselector(list[i]),
                             dkim_sig_geterrorstr(dkim_sig_geterror(list[i])));
    return TRUE;
}

gboolean verifier_check(struct verifier *verifier, const struct signing_keys *keys, const struct header_field *fields,
                        size_t count, const char *body, size_t size, const GPtrArray *signatures, GError **error)
{
    DKIM_STAT status;
    DKIM *dkim = dkim_verify(verifier->library, (const u_char *)MESSAGE_ID, NULL, &status);
    if (dkim == NULL)
        return refuse(error, "verifying", NULL, status);
    dkim_set_user_context(dkim, (void *)keys);
    status = verify_header(dkim, fields, count, signatures);
    if (status == DKIM_STAT_OK)
        status = verify_body(dkim, body, size);
    /* A bad signature is told by all_pass(), with its selector. */
    gboolean good = status == DKIM_STAT_OK || status == DKIM_STAT_BADSIG || status == DKIM_STAT_CANTVRFY
                        ? all_pass(dkim, signatures->len, error)
                        : refuse(error, "verifying", dkim, status);
    dkim_free(dkim);
    return good;
}
