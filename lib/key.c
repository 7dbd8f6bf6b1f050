/* key.c - private keys for DKIM; see key.h. */
#include "lib/key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"

#define SECURE_HEAP_GRAIN 32
#define GROUPS_MAX 65536
#define SIGNERS 4 /* threads that sign with one RSA key without waiting for each other's blinding, most of the time */

struct key {
    int references; /* atomic; the inline operations, which ThreadSanitizer sees */
    enum key_algorithm algorithm;
    EVP_PKEY *pkey;
    /*
     * RSA: ready, copied for each signature; making one looks algorithms up, under locks. Each has a copy of the key of
     * its own: OpenSSL locks a key while it blinds it.
     */
    EVP_PKEY_CTX *signers[SIGNERS];
    int turn; /* atomic: whose turn it is */
    EVP_MD_CTX *ed25519; /* the same for that: ready, copied */
    EVP_MD *sha256;
    char *pem; /* in the secure heap, pem_size octets */
    size_t pem_size;
    char *public_base64;
};

/* What OpenSSL complained about last, as text; empties its queue. */
static const char *openssl_reason(void)
{
    const char *reason = NULL;
    for (unsigned long code; (code = ERR_get_error()) != 0;)
        reason = ERR_reason_error_string(code);
    return reason != NULL ? reason : "no reason given";
}

gboolean key_protect_memory(GError **error)
{
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "can't make the process undumpable");
    if (CRYPTO_secure_malloc_initialized())
        return TRUE;
    switch (CRYPTO_secure_malloc_init(KEY_SECURE_HEAP, SECURE_HEAP_GRAIN)) {
    case 1:
        return TRUE;
    case 2:
        return error_set(error, ERROR_SYSTEM,
                         "can't lock %d KiB of memory for keys; raise LimitMEMLOCK to 8M or more (a container must "
                         "allow mlock, too)",
                         KEY_SECURE_HEAP / 1024);
    default:
        return error_set(error, ERROR_SYSTEM, "can't set up %d KiB of secure memory for keys: %s",
                         KEY_SECURE_HEAP / 1024, openssl_reason());
    }
}

/* --- the file --- */

static gboolean owner_is_trusted(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

static gboolean group_is_trusted(gid_t group)
{
    if (group == 0 || group == getegid() || geteuid() == 0)
        return TRUE;
    int count = getgroups(0, NULL);
    if (count <= 0 || count > GROUPS_MAX)
        return FALSE;
    g_autofree gid_t *groups = g_new(gid_t, count);
    count = getgroups(count, groups);
    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return TRUE;
    return FALSE;
}

/* A folder on the way to path, open as fd. */
static gboolean check_folder(int fd, const char *path, const char *folder, GError **error)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "%s: folder %s", path, folder);
    if (!owner_is_trusted(&st))
        return error_set(error, ERROR_DENIED,
                         "%s: folder %s belongs to uid %u, must belong to root or uid %u: chown it", path, folder,
                         st.st_uid, geteuid());
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (st.st_mode & S_ISVTX) == 0)
        return error_set(error, ERROR_DENIED, "%s: folder %s has mode %04o, only its owner may write: chmod go-w %s",
                         path, folder, st.st_mode & 07777, folder);
    return TRUE;
}

/* Walks down to folder (absolute, without links), checking each step; returns a descriptor of it, or -1. */
static int open_folder(const char *path, const char *folder, GError **error)
{
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "%s: folder /", path);
        return -1;
    }
    if (!check_folder(fd, path, "/", error)) {
        close(fd);
        return -1;
    }
    g_auto(GStrv) steps = g_strsplit(folder, "/", -1);
    g_autoptr(GString) so_far = g_string_new(NULL);
    for (size_t i = 0; steps[i] != NULL; i++) {
        if (steps[i][0] == '\0')
            continue;
        g_string_append_printf(so_far, "/%s", steps[i]);
        int next = openat(fd, steps[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int saved = errno;
        close(fd);
        if (next < 0) {
            error_from_errno(error, ERROR_SYSTEM, saved, "%s: folder %s", path, so_far->str);
            return -1;
        }
        fd = next;
        if (!check_folder(fd, path, so_far->str, error)) {
            close(fd);
            return -1;
        }
    }
    return fd;
}

/* Opens path without following a link in its last step, each folder above it checked. -1 and *error. */
static int open_key_file(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    char *real = realpath(folder, NULL);
    if (real == NULL) {
        error_from_errno(error, ERROR_SYSTEM, errno, "%s: folder %s", path, folder);
        return -1;
    }
    int dir = open_folder(path, real, error);
    free(real);
    if (dir < 0)
        return -1;
    /* O_NONBLOCK: a FIFO must not hold us. */
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int saved = errno;
    close(dir);
    if (fd < 0 && saved == ELOOP)
        error_set(error, ERROR_DENIED, "%s: is a symbolic link; name the key file itself", path);
    else if (fd < 0)
        error_from_errno(error, ERROR_SYSTEM, saved, "%s", path);
    return fd;
}

static gboolean check_file(int fd, const char *path, size_t *size_r, GError **error)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(error, ERROR_DENIED, "%s: is not a regular file; a key must be one", path);
    if (!owner_is_trusted(&st))
        return error_set(error, ERROR_DENIED, "%s: belongs to uid %u, must belong to root or uid %u: chown root it",
                         path, st.st_uid, geteuid());
    if ((st.st_mode & 07777 & ~0640u) != 0)
        return error_set(error, ERROR_DENIED, "%s: has mode %04o, at most 0640 is allowed: chmod 0400 (or 0440) it",
                         path, st.st_mode & 07777);
    if ((st.st_mode & S_IRGRP) != 0 && !group_is_trusted(st.st_gid))
        return error_set(error, ERROR_DENIED, "%s: is readable by group %u, which is not ours: chgrp or chmod 0400 it",
                         path, st.st_gid);
    if (st.st_size == 0)
        return error_set(error, ERROR_DATA, "%s: is empty; a private key in PEM form belongs here", path);
    if (st.st_size > KEY_FILE_MAX)
        return error_set(error, ERROR_DATA, "%s: has %jd octets, more than the %d of any key; is this the right file?",
                         path, (intmax_t)st.st_size, KEY_FILE_MAX);
    *size_r = (size_t)st.st_size;
    return TRUE;
}

static gboolean read_all(int fd, const char *path, char *text, size_t size, GError **error)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, text + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_from_errno(error, ERROR_IO, errno, "%s", path);
        if (got == 0)
            return error_set(error, ERROR_IO, "%s: became shorter while it was read; try again", path);
        done += (size_t)got;
    }
    return TRUE;
}

struct key *key_load(const char *path, GError **error)
{
    struct key *key = NULL;
    size_t size = 0;
    int fd = open_key_file(path, error);
    if (fd < 0)
        return NULL;
    if (check_file(fd, path, &size, error)) {
        char *text = OPENSSL_secure_malloc(size);
        if (text == NULL)
            error_set(error, ERROR_SYSTEM, "%s: no secure memory left for keys; load fewer", path);
        else if (read_all(fd, path, text, size, error))
            key = key_load_memory(text, size, path, error);
        OPENSSL_secure_clear_free(text, size);
    }
    close(fd);
    return key;
}

/* --- the text --- */

/* The end of the PEM block's last line, or NULL: text is bounded by NUL. */
static const char *pem_end(const char *text)
{
    const char *end = strstr(text, "\n-----END ");
    if (end == NULL)
        return NULL;
    end = strstr(end + strlen("\n-----END "), "-----");
    return end != NULL ? end + strlen("-----") : NULL;
}

/* What OpenSSL would take or ask about, but we must not: text is bounded by NUL. */
static gboolean check_pem(const char *text, size_t size, const char *name, GError **error)
{
    static const char *const labels[] = {"-----BEGIN PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\n"};
    if (strlen(text) != size)
        return error_set(error, ERROR_DATA, "%s: holds a NUL octet; a private key in PEM form belongs here", name);
    if (g_str_has_prefix(text, "\xef\xbb\xbf"))
        return error_set(error, ERROR_DATA, "%s: begins with a byte order mark; save it without (as plain ASCII)",
                         name);
    if (strchr(text, '\r') != NULL)
        return error_set(error, ERROR_DATA, "%s: has Windows line ends (CR LF); convert it, as with dos2unix", name);
    if (strstr(text, "BEGIN ENCRYPTED ") != NULL || strstr(text, ",ENCRYPTED") != NULL)
        return error_set(error, ERROR_DATA,
                         "%s: is protected by a pass phrase, which a daemon can't type; write it without, "
                         "as with openssl pkey",
                         name);
    if (strstr(text, "-----BEGIN PUBLIC KEY-----") != NULL)
        return error_set(error, ERROR_DATA, "%s: is a public key; the private key belongs here", name);
    if (strstr(text, "-----BEGIN EC P") != NULL)
        return error_set(error, ERROR_DATA, "%s: is an EC key; DKIM knows RSA and Ed25519 (RFC 8463)", name);
    if (!g_str_has_prefix(text, labels[0]) && !g_str_has_prefix(text, labels[1]))
        return error_set(error, ERROR_DATA,
                         "%s: does not begin with \"-----BEGIN PRIVATE KEY-----\"; "
                         "a private key in PEM form and nothing else belongs here",
                         name);
    const char *end = pem_end(text);
    if (end == NULL)
        return error_set(error, ERROR_DATA, "%s: has no line \"-----END PRIVATE KEY-----\"; it is cut off", name);
    if (end[strspn(end, " \t\n")] != '\0')
        return error_set(error, ERROR_DATA, "%s: holds more than one PEM block; leave the private key alone in it",
                         name);
    return TRUE;
}

/* In place of the terminal. */
static int no_pass_phrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

/* --- the key --- */

static gboolean check_algorithm(struct key *key, const char *name, GError **error)
{
    if (EVP_PKEY_is_a(key->pkey, "ED25519")) {
        key->algorithm = KEY_ED25519;
        return TRUE;
    }
    if (!EVP_PKEY_is_a(key->pkey, "RSA"))
        return error_set(error, ERROR_DATA, "%s: is a key of type %s; DKIM knows RSA and Ed25519 (RFC 8463)", name,
                         EVP_PKEY_get0_type_name(key->pkey));
    key->algorithm = KEY_RSA;
    int bits = EVP_PKEY_get_bits(key->pkey);
    if (bits < KEY_RSA_BITS_MIN)
        return error_set(error, ERROR_DATA, "%s: is an RSA key of %d bits; at least %d are needed: make a new key",
                         name, bits, KEY_RSA_BITS_MIN);
    if (bits > KEY_RSA_BITS_MAX)
        return error_set(error, ERROR_DATA,
                         "%s: is an RSA key of %d bits; verifiers need only take %d (RFC 8301): "
                         "make a new key",
                         name, bits, KEY_RSA_BITS_MAX);
    return TRUE;
}

/* The numbers fit each other; Ed25519 has no such test in a private key alone. */
static gboolean check_numbers(const struct key *key, const char *name, GError **error)
{
    if (key->algorithm == KEY_ED25519)
        return TRUE;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    int good = context != NULL && EVP_PKEY_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    if (!good)
        return error_set(error, ERROR_DATA, "%s: is a damaged RSA key (%s); restore it or make a new one", name,
                         openssl_reason());
    return TRUE;
}

static EVP_PKEY_CTX *new_signer(const struct key *key)
{
    EVP_PKEY *copy = EVP_PKEY_dup(key->pkey);
    EVP_PKEY_CTX *signer = copy != NULL ? EVP_PKEY_CTX_new_from_pkey(NULL, copy, NULL) : NULL;
    EVP_PKEY_free(copy);
    if (signer != NULL && EVP_PKEY_sign_init(signer) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(signer, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_CTX_set_signature_md(signer, key->sha256) == 1)
        return signer;
    EVP_PKEY_CTX_free(signer);
    return NULL;
}

static gboolean prepare_rsa(struct key *key)
{
    for (int i = 0; i < SIGNERS; i++)
        if ((key->signers[i] = new_signer(key)) == NULL)
            return FALSE;
    return TRUE;
}

static gboolean prepare_ed25519(struct key *key)
{
    key->ed25519 = EVP_MD_CTX_new();
    return key->ed25519 != NULL && EVP_DigestSignInit(key->ed25519, NULL, NULL, NULL, key->pkey) == 1;
}

static gboolean prepare(struct key *key, const char *name, GError **error)
{
    return (key->algorithm == KEY_RSA ? prepare_rsa(key) : prepare_ed25519(key)) ||
           error_set(error, ERROR_INTERNAL, "%s: OpenSSL can't sign with it (%s)", name, openssl_reason());
}

static gboolean check_round_trip(struct key *key, const char *name, GError **error)
{
    static const uint8_t digest[KEY_DIGEST_SIZE] = "postwelle: does this key sign?";
    uint8_t signature[KEY_SIGNATURE_MAX];
    size_t size;
    if (!key_sign(key, digest, signature, &size, NULL) || !key_verify(key, digest, signature, size))
        return error_set(error, ERROR_DATA, "%s: does not verify what it signs; restore it or make a new one", name);
    return TRUE;
}

static char *public_base64(const struct key *key)
{
    uint8_t *octets = NULL;
    size_t size;
    if (key->algorithm == KEY_RSA) {
        int length = i2d_PUBKEY(key->pkey, &octets);
        size = length > 0 ? (size_t)length : 0;
    } else {
        size = KEY_DIGEST_SIZE;
        octets = OPENSSL_malloc(size);
        if (octets == NULL || EVP_PKEY_get_raw_public_key(key->pkey, octets, &size) != 1)
            size = 0;
    }
    char *text = size != 0 ? g_base64_encode(octets, size) : NULL;
    OPENSSL_free(octets);
    return text;
}

/* Reads key->pem into key->pkey. */
static gboolean decode(struct key *key, const char *name, GError **error)
{
    BIO *bio = BIO_new_mem_buf(key->pem, (int)key->pem_size);
    if (bio != NULL)
        key->pkey = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
    BIO_free(bio);
    if (key->pkey == NULL)
        return error_set(error, ERROR_DATA, "%s: is damaged (%s); restore it or make a new one", name,
                         openssl_reason());
    return TRUE;
}

struct key *key_load_memory(const char *pem, size_t size, const char *name, GError **error)
{
    if (size > KEY_FILE_MAX) {
        error_set(error, ERROR_DATA, "%s: has %zu octets, more than the %d of any key", name, size, KEY_FILE_MAX);
        return NULL;
    }
    ERR_clear_error();
    struct key *key = g_new0(struct key, 1);
    key->references = 1;
    key->pem_size = size;
    key->pem = OPENSSL_secure_malloc(size + 1);
    key->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (key->pem == NULL || key->sha256 == NULL) {
        error_set(error, ERROR_SYSTEM, "%s: no secure memory left for keys; load fewer", name);
        key_unref(key);
        return NULL;
    }
    memcpy(key->pem, pem, size);
    key->pem[size] = '\0';
    if (!check_pem(key->pem, size, name, error) || !decode(key, name, error) || !check_algorithm(key, name, error) ||
        !check_numbers(key, name, error) || !prepare(key, name, error) || !check_round_trip(key, name, error)) {
        key_unref(key);
        return NULL;
    }
    key->public_base64 = public_base64(key);
    if (key->public_base64 == NULL) {
        error_set(error, ERROR_INTERNAL, "%s: can't compute the public key (%s)", name, openssl_reason());
        g_clear_pointer(&key, key_unref);
    }
    return key;
}

struct key *key_ref(struct key *key)
{
    g_atomic_int_inc(&key->references);
    return key;
}

void key_unref(struct key *key)
{
    if (key == NULL || !g_atomic_int_dec_and_test(&key->references))
        return;
    for (int i = 0; i < SIGNERS; i++)
        EVP_PKEY_CTX_free(key->signers[i]);
    EVP_MD_CTX_free(key->ed25519);
    EVP_PKEY_free(key->pkey);
    EVP_MD_free(key->sha256);
    if (key->pem != NULL)
        OPENSSL_secure_clear_free(key->pem, key->pem_size + 1);
    g_free(key->public_base64);
    g_free(key);
}

enum key_algorithm key_algorithm(const struct key *key)
{
    return key->algorithm;
}

const char *key_algorithm_name(enum key_algorithm algorithm)
{
    return algorithm == KEY_RSA ? "rsa-sha256" : "ed25519-sha256";
}

const char *key_type_name(enum key_algorithm algorithm)
{
    return algorithm == KEY_RSA ? "rsa" : "ed25519";
}

const char *key_public_base64(const struct key *key)
{
    return key->public_base64;
}

const char *key_private_pem(const struct key *key)
{
    return key->pem;
}

static gboolean sign_rsa(struct key *key, const uint8_t *digest, uint8_t *signature, size_t *size)
{
    guint turn = (guint)g_atomic_int_add(&key->turn, 1);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(key->signers[turn % SIGNERS]);
    gboolean good = context != NULL && EVP_PKEY_sign(context, signature, size, digest, KEY_DIGEST_SIZE) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

static gboolean sign_ed25519(const struct key *key, const uint8_t *digest, uint8_t *signature, size_t *size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    gboolean good = context != NULL && EVP_MD_CTX_copy_ex(context, key->ed25519) == 1 &&
                    EVP_DigestSign(context, signature, size, digest, KEY_DIGEST_SIZE) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

gboolean key_sign(struct key *key, const uint8_t digest[KEY_DIGEST_SIZE], uint8_t signature[KEY_SIGNATURE_MAX],
                  size_t *size_r, GError **error)
{
    *size_r = KEY_SIGNATURE_MAX;
    gboolean good = key->algorithm == KEY_RSA ? sign_rsa(key, digest, signature, size_r)
                                              : sign_ed25519(key, digest, signature, size_r);
    return good || error_set(error, ERROR_INTERNAL, "signing failed (%s)", openssl_reason());
}

static gboolean verify_rsa(const struct key *key, const uint8_t *digest, const uint8_t *signature, size_t size)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    gboolean good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                    EVP_PKEY_CTX_set_signature_md(context, key->sha256) == 1 &&
                    EVP_PKEY_verify(context, signature, size, digest, KEY_DIGEST_SIZE) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

gboolean key_verify(const struct key *key, const uint8_t digest[KEY_DIGEST_SIZE], const uint8_t *signature, size_t size)
{
    gboolean good;
    if (key->algorithm == KEY_RSA) {
        good = verify_rsa(key, digest, signature, size);
    } else {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
               EVP_DigestVerify(context, signature, size, digest, KEY_DIGEST_SIZE) == 1;
        EVP_MD_CTX_free(context);
    }
    ERR_clear_error();
    return good;
}

/* --- a new key --- */

static EVP_PKEY *generate(enum key_algorithm algorithm)
{
    if (algorithm == KEY_RSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)KEY_RSA_BITS_MIN);
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

/* Writes PKCS#8 in PEM to fd and brings it to disk; path is for the error. */
static gboolean write_pem(EVP_PKEY *pkey, int fd, const char *path, GError **error)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    char *text;
    long size = 0;
    if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1)
        size = BIO_get_mem_data(bio, &text);
    gboolean good = size > 0;
    if (!good)
        error_set(error, ERROR_INTERNAL, "%s: can't encode the new key (%s)", path, openssl_reason());
    for (long done = 0; good && done < size;) {
        ssize_t wrote = write(fd, text + done, (size_t)(size - done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            good = error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", path);
        else
            done += wrote;
    }
    BIO_free(bio);
    return good && (fsync(fd) == 0 || error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", path));
}

static gboolean set_mode(int fd, const char *path, gid_t group, GError **error)
{
    if (group != KEY_NO_GROUP && fchown(fd, (uid_t)-1, group) != 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s: can't give it to group %u", path, group);
    if (fchmod(fd, group != KEY_NO_GROUP ? 0440 : 0400) != 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s: can't set its mode", path);
    return TRUE;
}

static gboolean refuse_overwriting(const char *path, GError **error)
{
    return error_set(error, ERROR_CANT_CREATE, "%s: exists already; keys are never overwritten: choose another name",
                     path);
}

/* Gives the finished file its name, which must be free, and brings the folder to disk. */
static gboolean publish(const char *temporary, const char *path, GError **error)
{
    if (link(temporary, path) != 0)
        return errno == EEXIST ? refuse_overwriting(path, error)
                               : error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", path);
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean good = fd >= 0 && fsync(fd) == 0;
    if (!good)
        error_from_errno(error, ERROR_CANT_CREATE, errno, "%s: folder %s", path, folder);
    if (fd >= 0)
        close(fd);
    return good;
}

gboolean key_generate(enum key_algorithm algorithm, const char *path, gid_t group, GError **error)
{
    if (access(path, F_OK) == 0)
        return refuse_overwriting(path, error);
    EVP_PKEY *pkey = generate(algorithm);
    if (pkey == NULL)
        return error_set(error, ERROR_INTERNAL, "%s: can't make a key (%s)", path, openssl_reason());
    g_autofree char *temporary = g_strdup_printf("%s.new.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        EVP_PKEY_free(pkey);
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", temporary);
    }
    gboolean good =
        write_pem(pkey, fd, path, error) && set_mode(fd, path, group, error) && publish(temporary, path, error);
    EVP_PKEY_free(pkey);
    close(fd);
    unlink(temporary);
    return good;
}
