/*
 * key.h - private keys for DKIM: loaded with suspicion, used by many threads, wiped when released.
 *
 * A key file is one PEM block ("PRIVATE KEY" or "RSA PRIVATE KEY", not encrypted, lines ended by LF) with an RSA key of
 * 2048 to 4096 bits (RFC 8301) or an Ed25519 key (RFC 8463). Loading refuses what could have been changed or read by
 * others, what would stop to ask for a pass phrase, and what does not sign. A changed octet in an Ed25519 key that is
 * still a key can't be seen here: only the comparison with the DNS record shows it.
 *
 * A file is accepted when it is a regular file reached without a symbolic link as the last step, owned by root or the
 * effective user, with a mode within 0640; group read only where the group is root's, one of this process's, or this
 * process is root's. Every folder above it belongs to root or the effective user and is writable by its owner alone,
 * but for sticky ones like /tmp. The checks are made on the descriptors that are then used.
 *
 * This is the only module that touches OpenSSL's keys. After key_protect_memory() the private numbers and the PEM text
 * lie in OpenSSL's secure heap: locked, left out of core dumps, wiped on release. OpenSSL's working copies while it
 * signs (Montgomery forms, blinding) lie in ordinary memory, which is why the process is made undumpable too.
 *
 * Threads: a loaded key is immutable; every function may run in any number of threads with the same key.
 */
#ifndef POSTWELLE_LIB_KEY_H
#define POSTWELLE_LIB_KEY_H

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

#define KEY_RSA_BITS_MIN 2048
#define KEY_RSA_BITS_MAX 4096    /* what RFC 8301 §3.2 makes every verifier take */
#define KEY_FILE_MAX (16 * 1024) /* octets of a key file; RSA-4096 takes 3.3 K */
#define KEY_DIGEST_SIZE 32       /* SHA-256 */
#define KEY_SIGNATURE_MAX (KEY_RSA_BITS_MAX / 8)
#define KEY_SECURE_HEAP (4 * 1024 * 1024) /* some 400 keys: two snapshots of 100 clients with both algorithms */

enum key_algorithm {
    KEY_RSA,     /* a=rsa-sha256, k=rsa */
    KEY_ED25519, /* a=ed25519-sha256, k=ed25519 */
};

struct key;

/*
 * Sets up the secure heap and makes the process undumpable (no core, no ptrace by equals). Call it once, at start,
 * before threads and before any key is loaded. Without it keys work, but in ordinary memory. FALSE and *error
 * (ERROR_SYSTEM) where the system refuses, also where the heap could not be locked in memory: raise LimitMEMLOCK.
 */
gboolean key_protect_memory(GError **error);

/*
 * Loads a key file. NULL and *error (ERROR_NO_INPUT, ERROR_DENIED for a rule about owner, mode or folders, ERROR_DATA
 * for a bad key); the text names file, rule and remedy. Takes some 50 ms for RSA, as the primes are tested.
 */
struct key *key_load(const char *path, GError **error);

/* The same checks of the key itself for PEM text of size octets in memory; name stands for the file in errors. */
struct key *key_load_memory(const char *pem, size_t size, const char *name, GError **error);

struct key *key_ref(struct key *key);
void key_unref(struct key *key); /* the last reference wipes the key; NULL is fine */
typedef struct key key_auto;     /* g_autoptr(key_auto), as g_autoptr takes one word */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_auto, key_unref)

enum key_algorithm key_algorithm(const struct key *key);

/* "rsa-sha256" or "ed25519-sha256" (the a= tag), and "rsa" or "ed25519" (the k= tag of the DNS record). */
const char *key_algorithm_name(enum key_algorithm algorithm);
const char *key_type_name(enum key_algorithm algorithm);

/*
 * The p= value of the DNS record: base64 of the SubjectPublicKeyInfo for RSA (RFC 6376 §3.6.1), of the 32 octets for
 * Ed25519 (RFC 8463 §4.2). One line; belongs to the key.
 */
const char *key_public_base64(const struct key *key);

/* The private key as PEM text, for a library that takes nothing else. Belongs to the key; never copy or show it. */
const char *key_private_pem(const struct key *key);

/*
 * Signs a SHA-256 digest as DKIM wants it: RSASSA-PKCS1-v1_5 (RFC 6376 §3.3.1), or PureEdDSA over the digest
 * (RFC 8463 §3). *size_r becomes the signature's length, at most KEY_SIGNATURE_MAX. FALSE and *error (ERROR_INTERNAL).
 */
gboolean key_sign(struct key *key, const uint8_t digest[KEY_DIGEST_SIZE], uint8_t signature[KEY_SIGNATURE_MAX],
                  size_t *size_r, GError **error);

/* TRUE where the signature over the digest is this key's. */
gboolean key_verify(const struct key *key, const uint8_t digest[KEY_DIGEST_SIZE], const uint8_t *signature,
                    size_t size);

#define KEY_NO_GROUP ((gid_t)-1)

/*
 * Makes a new key (RSA with KEY_RSA_BITS_MIN bits) and writes it to path, which must not exist: the file appears whole
 * or not at all and is on disk when this returns. Mode 0400, or 0440 with that group. FALSE and *error
 * (ERROR_CANT_CREATE); an existing file is never touched.
 */
gboolean key_generate(enum key_algorithm algorithm, const char *path, gid_t group, GError **error);

#endif
