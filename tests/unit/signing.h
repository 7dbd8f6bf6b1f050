/* signing.h - keys and mails for the tests that sign. */
#ifndef POSTWELLE_TESTS_UNIT_SIGNING_H
#define POSTWELLE_TESTS_UNIT_SIGNING_H

#include <glib.h>

#include "milter/keys.h"
#include "milter/sign.h"

/* A snapshot with new keys for client.example: RSA with selector "rsa", Ed25519 with selector "ed" where asked for. */
struct key_snapshot *signing_snapshot(gboolean with_ed25519);

/* A mail as the milter sees it. */
struct mail {
    GArray *fields; /* of struct header_field, texts in texts */
    GPtrArray *texts;
    GString *body;
};

struct mail *mail_new(void);
void mail_add(struct mail *mail, const char *name, const char *value);
void mail_free(struct mail *mail);
typedef struct mail mail_auto; /* g_autoptr(mail_auto) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mail_auto, mail_free)

/* A mail that may leave, full of what canonicalization changes; g_test's random numbers decide. */
struct mail *mail_random(void);

/* Signs with body chunks of random sizes up to chunk_max (at least 1). NULL and *error as sign_finish(). */
GPtrArray *mail_sign(const struct mail *mail, struct signer *signer, const struct signing_keys *keys, gint64 now,
                     int chunk_max, GError **error);

/* The value of a tag in a DKIM-Signature field, without white space; NULL where it is missing. Free it. */
char *signature_tag(const char *value, const char *tag);

#endif
