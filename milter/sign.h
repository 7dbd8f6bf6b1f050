/*
 * sign.h - DKIM signatures of one message, made while it arrives (RFC 6376, RFC 8463).
 *
 * A signer is one of two implementations behind one set of functions:
 *   signer_evp       our own canonicalization and preloaded keys; all signatures over one body hash. The default.
 *   signer_opendkim  libopendkim: slower by half and not faster on a second core, as it decodes the key anew for each
 *                    message. It signs with RSA keys only, as its Ed25519 signing leaks the private key's memory.
 * Both give octet by octet the same RSA signature for the same message and time, layout included.
 *
 * What is signed: every occurrence of the fields in sign_fields, and each of these names once more than it occurs
 * (oversigning: none can be added later). c=relaxed/relaxed, no l=, no i=; q= is left out, its default being dns/txt;
 * t= is `now`, x= is SIGN_LIFETIME later.
 *
 * What is refused, as the signature would not survive or could not be trusted (ERROR_DATA): no From field, a CR or LF
 * alone, a line over 998 octets in the body or a signed field (Postfix would break it), control characters in a signed
 * field, more than SIGN_FIELDS_MAX signed fields or SIGN_HEADER_MAX octets of them. A domain without a usable key is
 * ERROR_UNAVAILABLE, so 451.
 *
 * Order of calls for a message: sign_begin, sign_header_field…, sign_end_header, sign_body…, sign_end_body,
 * sign_finish, sign_free. Before sign_end_body nothing fails: the first error is kept and told by it. sign_free may
 * come at any point. Give the fields as they leave Postfix, after the milter's own edits.
 *
 * Fields and body are taken as the milter protocol gives them: values folded with LF, with or without the leading space
 * of SMFIP_HDR_LEADSPC. sign_finish's values are folded with LF TAB, without line end or leading space, as
 * SMFIR_INSHEADER wants them. Where SMFIP_HDR_LEADSPC was negotiated, put a space before each value: the MTA then adds
 * none.
 *
 * Threads: a signer and a verifier are shared by all; a struct signing belongs to one message and one thread at a time.
 */
#ifndef POSTWELLE_MILTER_SIGN_H
#define POSTWELLE_MILTER_SIGN_H

#include <glib.h>

#include "milter/keys.h"

#define SIGN_LIFETIME (14 * 24 * 3600) /* seconds from t= to x= */
#define SIGN_FIELDS_MAX 100            /* signed fields of a message */
#define SIGN_HEADER_MAX (64 * 1024)    /* octets of signed fields, names and values */
#define SIGN_MARGIN 75                 /* columns of a DKIM-Signature line, a tab taken as 8 */
#define SIGN_FIELD_NAME "DKIM-Signature"

/* The names of the fields signed, NULL at the end. */
extern const char *const sign_fields[];

/*
 * An implementation. sign.c has checked all that is passed: field() gets only signed fields, body() lines within limits
 * whose last one ends with CR LF. finish() appends one value for each signature. begin() and the rest may fail with
 * *error.
 */
struct signer_backend {
    const char *name;
    void *(*open)(GError **error);
    void (*close)(void *signer);
    void *(*begin)(void *signer, const struct signing_keys *keys, gint64 now, GError **error);
    gboolean (*field)(void *message, const char *name, const char *value, GError **error);
    gboolean (*end_header)(void *message, GError **error);
    gboolean (*body)(void *message, const char *octets, size_t size, GError **error);
    gboolean (*finish)(void *message, GPtrArray *values, GError **error);
    void (*end)(void *message);
};

extern const struct signer_backend signer_evp;
extern const struct signer_backend signer_opendkim;

struct signer;

/* NULL and *error (ERROR_SYSTEM) where the library can't be set up. Free it after all its messages. */
struct signer *signer_new(const struct signer_backend *backend, GError **error);
void signer_free(struct signer *signer); /* NULL is fine */
typedef struct signer signer_auto;       /* g_autoptr(signer_auto) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(signer_auto, signer_free)

struct signing;

/*
 * Begins a message to be signed with keys, which must outlive it (hold the snapshot), at `now`, seconds since 1970.
 * Never NULL: errors wait for sign_end_body().
 */
struct signing *sign_begin(struct signer *signer, const struct signing_keys *keys, gint64 now);

/* The next field of the header, from the top; any field: those not signed are passed over. */
void sign_header_field(struct signing *signing, const char *name, const char *value);
void sign_end_header(struct signing *signing);
void sign_body(struct signing *signing, const char *octets, size_t size);

/* Ends the message. FALSE and *error where it can't be signed, for anything that is wrong with it. */
gboolean sign_end_body(struct signing *signing, GError **error);

/*
 * Makes the signatures, which is the dear part; ends the message where that was not done. Returns the values of the
 * DKIM-Signature fields to insert at the top (char *, freed with the array by g_ptr_array_unref), in the order of the
 * keys; or NULL and *error: then the message must not leave.
 */
GPtrArray *sign_finish(struct signing *signing, GError **error);
void sign_free(struct signing *signing); /* NULL is fine */
typedef struct signing signing_auto;     /* g_autoptr(signing_auto) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(signing_auto, sign_free)

/* --- the second pair of eyes: libopendkim verifies what was signed --- */

struct verifier;

/* NULL and *error (ERROR_SYSTEM). */
struct verifier *verifier_new(GError **error);
void verifier_free(struct verifier *verifier); /* NULL is fine */
typedef struct verifier verifier_auto;         /* g_autoptr(verifier_auto) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(verifier_auto, verifier_free)

struct header_field {
    const char *name;
    const char *value;
};

/*
 * True where libopendkim accepts every one of the signatures (the values of sign_finish) over the message; the public
 * keys come from `keys`, so no DNS is asked. It compares t= and x= with the system's clock. fields is the whole header,
 * body the whole body. FALSE and *error (ERROR_INTERNAL: the mail must wait and someone must look).
 */
gboolean verifier_check(struct verifier *verifier, const struct signing_keys *keys, const struct header_field *fields,
                        size_t count, const char *body, size_t size, const GPtrArray *signatures, GError **error);

/* What signer_probe() takes as `user`. */
struct signer_probe {
    struct signer *signer;
    struct verifier *verifier;
    gint64 now; /* the system's time */
};

/* Signs a message of its own with the keys and has it verified: a keys_check for key_snapshot_load(). */
gboolean signer_probe(const struct signing_keys *keys, void *probe, GError **error);

#endif
