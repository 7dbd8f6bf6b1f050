/* secret.c - the one secret of an installation; see secret.h. */
#include "policyd/secret.h"

#include "lib/error.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct secret {
    EVP_MAC_CTX *keys[SECRET_PURPOSES]; /* each with its key set, begun anew for each text */
};

static const char *const labels[SECRET_PURPOSES] = {
    [SECRET_ADDRESS] = "postwelle address 1",         [SECRET_REVERSE_PATH] = "postwelle reverse-path 1",
    [SECRET_UNSUBSCRIBE] = "postwelle unsubscribe 1", [SECRET_SURVEY] = "postwelle survey 1",
    [SECRET_MESSAGE_ID] = "postwelle message-id 1",   [SECRET_FOREIGN] = "postwelle foreign 1",
    [SECRET_WITNESS] = "postwelle witness 1",         [SECRET_AUDIT] = "postwelle audit 1",
};

/* OpenSSL fails here only for want of memory or of its own provider: nothing can go on then. */
#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != 1)                                                                                               \
            g_error("OpenSSL: %s failed", #call);                                                                      \
    } while (0)

static EVP_MAC_CTX *new_key(EVP_MAC *hmac, const guint8 *key, size_t size)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
    MUST(context != NULL);
    MUST(EVP_MAC_init(context, key, size, params));
    return context;
}

static void mac(EVP_MAC_CTX *context, const void *data, size_t size, guint8 mac_r[SECRET_MAC_SIZE])
{
    size_t length;
    MUST(EVP_MAC_init(context, NULL, 0, NULL));
    MUST(EVP_MAC_update(context, data, size));
    MUST(EVP_MAC_final(context, mac_r, &length, SECRET_MAC_SIZE));
}

struct secret *secret_new(const guint8 octets[SECRET_SIZE])
{
    struct secret *secret = g_new0(struct secret, 1);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    MUST(hmac != NULL);
    EVP_MAC_CTX *master = new_key(hmac, octets, SECRET_SIZE);
    for (int purpose = 0; purpose < SECRET_PURPOSES; purpose++) {
        guint8 key[SECRET_MAC_SIZE];
        mac(master, labels[purpose], strlen(labels[purpose]), key);
        secret->keys[purpose] = new_key(hmac, key, sizeof key);
        OPENSSL_cleanse(key, sizeof key);
    }
    EVP_MAC_CTX_free(master);
    EVP_MAC_free(hmac);
    return secret;
}

void secret_free(struct secret *secret)
{
    if (secret == NULL)
        return;
    for (int purpose = 0; purpose < SECRET_PURPOSES; purpose++)
        EVP_MAC_CTX_free(secret->keys[purpose]);
    g_free(secret);
}

void secret_mac(struct secret *secret, enum secret_purpose purpose, struct bytes data, guint8 mac_r[SECRET_MAC_SIZE])
{
    mac(secret->keys[purpose], data.data, data.size, mac_r);
}

/* --- the file ---------------------------------------------------------------------------------- */

static gboolean write_file(int file, const char *path, const guint8 *octets, GError **error)
{
    if (write(file, octets, SECRET_SIZE) != SECRET_SIZE || fsync(file) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "write the secret %s", path);
    return TRUE;
}

gboolean secret_create(const char *path, GError **error)
{
    guint8 octets[SECRET_SIZE];
    MUST(RAND_bytes(octets, sizeof octets));
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    if (file < 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "make the secret %s", path);
    gboolean done = write_file(file, path, octets, error);
    close(file);
    OPENSSL_cleanse(octets, sizeof octets);
    return done;
}

static gboolean read_file(int file, const char *path, guint8 *octets, GError **error)
{
    struct stat stat;
    if (fstat(file, &stat) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "secret %s", path);
    if (!S_ISREG(stat.st_mode) || (stat.st_mode & 077) != 0 || stat.st_uid != geteuid())
        return error_set(error, ERROR_DENIED,
                         "secret %s: it must be a file of policyd's user that nobody else may read "
                         "(0400)",
                         path);
    if (stat.st_size != SECRET_SIZE || read(file, octets, SECRET_SIZE) != SECRET_SIZE)
        return error_set(error, ERROR_DATA, "secret %s: it must have %d octets; restore it", path, SECRET_SIZE);
    return TRUE;
}

struct secret *secret_load(const char *path, GError **error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "secret %s: it is made by postwelle-policyd --init", path);
        return NULL;
    }
    guint8 octets[SECRET_SIZE];
    struct secret *secret = read_file(file, path, octets, error) ? secret_new(octets) : NULL;
    close(file);
    OPENSSL_cleanse(octets, sizeof octets);
    return secret;
}
