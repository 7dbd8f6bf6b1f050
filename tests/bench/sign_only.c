/*
 * sign_only.c - a milter that signs every mail and does nothing else: what signing costs without the content rule and
 * without a question to policyd. Engine, protocol and signer are the product's; only session.c is replaced, by what is
 * below.
 *
 * usage: sign_only SOCKET DOMAIN SELECTOR KEY [SELECTOR KEY]...     runs until SIGTERM
 *        sign_only --ceiling SOCKET DOMAIN SELECTOR KEY             reads the mail and signs 32 octets in place of it:
 *                                                                   no milter that signs with OpenSSL can be faster
 */
#include "milter/engine.h"
#include "milter/sign.h"

#include <string.h>
#include <sysexits.h>

#define SOCKET 0
#define DOMAIN 1
#define FIRST_KEY 2

/* What all sessions share; the engine knows its first member alone. */
struct sign_only {
    struct milter milter;
    struct signer *signer;
    struct key_snapshot *snapshot;
    const struct signing_keys *keys;
    gboolean ceiling;
};

struct session {
    const struct sign_only *shared;
    struct signing *signing;
};

struct session *session_new(struct milter *milter)
{
    struct session *session = g_new0(struct session, 1);
    session->shared = (const struct sign_only *)milter;
    return session;
}

void session_abort(struct session *session)
{
    g_clear_pointer(&session->signing, sign_free);
}

void session_free(struct session *session)
{
    if (session == NULL)
        return;
    session_abort(session);
    g_free(session);
}

void session_mail(struct session *session, const char *sender)
{
    (void)sender;
    session_abort(session);
    if (!session->shared->ceiling)
        session->signing =
            sign_begin(session->shared->signer, session->shared->keys, g_get_real_time() / G_USEC_PER_SEC);
}

void session_recipient(struct session *session, const char *recipient)
{
    (void)session;
    (void)recipient;
}

void session_field(struct session *session, const char *name, const char *value)
{
    if (session->signing != NULL)
        sign_header_field(session->signing, name, value);
}

void session_end_header(struct session *session)
{
    if (session->signing != NULL)
        sign_end_header(session->signing);
}

void session_body(struct session *session, const char *octets, size_t size)
{
    if (session->signing != NULL)
        sign_body(session->signing, octets, size);
}

/* A mail's signatures, or the ceiling's; NULL and *error. */
static GPtrArray *make_signatures(struct session *session, GError **error)
{
    static const uint8_t digest[KEY_DIGEST_SIZE] = "in place of the mail";
    uint8_t signature[KEY_SIGNATURE_MAX];
    size_t size;
    if (!session->shared->ceiling)
        return sign_finish(session->signing, error);
    if (!key_sign(session->shared->keys->keys[0].key, digest, signature, &size, error))
        return NULL;
    GPtrArray *signatures = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(signatures, g_base64_encode(signature, size));
    return signatures;
}

void session_end_message(struct session *session, const char *queue_id, const struct session_host *host, void *user,
                         struct verdict *verdict_r)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) signatures = make_signatures(session, &error);
    (void)queue_id;
    for (guint i = signatures != NULL ? signatures->len : 0; i-- > 0;)
        host->insert(user, SIGN_FIELD_NAME, g_ptr_array_index(signatures, i));
    memset(verdict_r, 0, sizeof *verdict_r);
    verdict_r->action = VERDICT_ACCEPT;
    if (signatures == NULL)
        verdict_sign(error, verdict_r);
    session_abort(session);
}

/* words: the arguments from SOCKET on. */
static gboolean load_keys(struct sign_only *shared, char **words, size_t count)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    struct key_row rows[SIGNING_KEYS_MAX];
    size_t n = 0;
    for (size_t i = FIRST_KEY; i + 1 < count && n < G_N_ELEMENTS(rows); i += 2)
        rows[n++] = (struct key_row){"client", words[DOMAIN], words[i], words[i + 1], NULL};
    shared->snapshot = key_snapshot_load(rows, n, NULL, NULL, problems);
    shared->keys = key_snapshot_find(shared->snapshot, words[DOMAIN]);
    for (guint i = 0; i < problems->len; i++)
        g_printerr("sign_only: %s\n", (const char *)g_ptr_array_index(problems, i));
    return problems->len == 0 && shared->keys != NULL;
}

int main(int argc, char **argv)
{
    static struct sign_only shared; /* the engine's threads never end */
    g_autoptr(GError) error = NULL;
    shared.ceiling = argc > 1 && strcmp(argv[1], "--ceiling") == 0;
    char **words = argv + (shared.ceiling ? 2 : 1);
    size_t count = g_strv_length(words);
    if (count < FIRST_KEY + 2) {
        g_printerr("usage: sign_only [--ceiling] SOCKET DOMAIN SELECTOR KEY [SELECTOR KEY]...\n");
        return EX_USAGE;
    }
    journal_init(&shared.milter.journal, "sign_only", FALSE);
    shared.signer = signer_new(&signer_evp, &error);
    g_autofree char *address = g_strconcat("unix:", words[SOCKET], NULL);
    void *state = shared.signer != NULL && load_keys(&shared, words, count)
                      ? engine_own.open(&shared.milter, address, &error)
                      : NULL;
    if (state != NULL)
        engine_own.serve(state);
    g_printerr("sign_only: %s\n", error != NULL ? error->message : "the engine has stopped");
    return EX_UNAVAILABLE;
}
