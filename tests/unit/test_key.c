/* test_key.c - a private key is loaded only where nothing is wrong with it, its file, or the folders above. */
#include "lib/key.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"

static const char *folder;
static char *rsa_pem, *ed25519_pem;

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void write_file(const char *path, const char *text, size_t size, mode_t mode)
{
    g_unlink(path);
    g_assert_true(g_file_set_contents(path, text, (gssize)size, NULL));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

static char *pem_of(EVP_PKEY *pkey, const char *pass_phrase)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    g_assert_nonnull(pkey);
    g_assert_cmpint(PEM_write_bio_PKCS8PrivateKey(bio, pkey, pass_phrase != NULL ? EVP_aes_128_cbc() : NULL, NULL, 0,
                                                  NULL, (void *)pass_phrase),
                    ==, 1);
    long size = BIO_get_mem_data(bio, &text);
    char *copy = g_strndup(text, (gsize)size);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return copy;
}

static char *traditional_pem_of(EVP_PKEY *pkey, const EVP_CIPHER *cipher)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    g_assert_cmpint(PEM_write_bio_PrivateKey_traditional(bio, pkey, cipher, NULL, 0, NULL, (void *)"x"), ==, 1);
    long size = BIO_get_mem_data(bio, &text);
    char *copy = g_strndup(text, (gsize)size);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return copy;
}

static EVP_PKEY *rsa(size_t bits)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

static EVP_PKEY *parse(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return pkey;
}

static void refuse(const char *path, int status, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(key_auto) key = key_load(path, &error);
    g_assert_null(key);
    g_assert_nonnull(error);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_nonnull(strstr(error->message, reason));
    g_assert_cmpint(error_exit_status(error), ==, status);
}

static void test_generated(void)
{
    static const struct {
        const char *name;
        enum key_algorithm algorithm;
        const char *a;
    } cases[] = {{"new-rsa", KEY_RSA, "rsa-sha256"}, {"new-ed25519", KEY_ED25519, "ed25519-sha256"}};
    static const uint8_t digest[KEY_DIGEST_SIZE] = "abc", other[KEY_DIGEST_SIZE] = "abd";
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = in_folder(cases[i].name);
        g_autoptr(GError) error = NULL;
        uint8_t signature[KEY_SIGNATURE_MAX];
        size_t size;
        struct stat st;
        g_assert_true(key_generate(cases[i].algorithm, path, KEY_NO_GROUP, &error));
        g_assert_cmpint(stat(path, &st), ==, 0);
        g_assert_cmpint(st.st_mode & 07777, ==, 0400);
        g_assert_cmpuint(st.st_nlink, ==, 1);
        g_autoptr(key_auto) key = key_load(path, &error);
        g_assert_no_error(error);
        g_assert_cmpint(key_algorithm(key), ==, cases[i].algorithm);
        g_assert_cmpstr(key_algorithm_name(key_algorithm(key)), ==, cases[i].a);
        g_assert_true(key_sign(key, digest, signature, &size, &error));
        g_assert_cmpuint(size, ==, cases[i].algorithm == KEY_RSA ? 256 : 64);
        g_assert_true(key_verify(key, digest, signature, size));
        g_assert_false(key_verify(key, other, signature, size));
        signature[size / 2] ^= 1;
        g_assert_false(key_verify(key, digest, signature, size));
    }
}

static void test_never_overwrites(void)
{
    g_autofree char *path = in_folder("taken");
    g_autoptr(GError) error = NULL;
    write_file(path, "x", 1, 0600);
    g_assert_false(key_generate(KEY_ED25519, path, KEY_NO_GROUP, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_CANT_CREATE);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "x");
    g_autofree char *nowhere = in_folder("no-such-folder/key");
    g_autoptr(GError) error2 = NULL;
    g_assert_false(key_generate(KEY_ED25519, nowhere, KEY_NO_GROUP, &error2));
    g_assert_error(error2, POSTWELLE_ERROR, ERROR_CANT_CREATE);
}

/* RFC 8463 §A.2 (the private key in its PKCS#8 form, and p= of the record). */
static const char rfc8463_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                  "-----END PRIVATE KEY-----\n";

static void test_public_value(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(key_auto) ed25519 = key_load_memory(rfc8463_pem, strlen(rfc8463_pem), "rfc8463", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(key_public_base64(ed25519), ==, "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

    g_autoptr(key_auto) key = key_load_memory(rsa_pem, strlen(rsa_pem), "rsa", &error);
    g_assert_no_error(error);
    EVP_PKEY *pkey = parse(rsa_pem), *public;
    gsize size;
    g_autofree guchar *octets = g_base64_decode(key_public_base64(key), &size);
    const unsigned char *p = octets;
    public = d2i_PUBKEY(NULL, &p, (long)size);
    g_assert_cmpint(EVP_PKEY_eq(pkey, public), ==, 1);
    EVP_PKEY_free(pkey);
    EVP_PKEY_free(public);
}

/* The PEM text with its letter at `at` from the start of line 2 changed to another of the alphabet. */
static char *change_letter(const char *pem, size_t at)
{
    char *copy = g_strdup(pem);
    char *p = strchr(copy, '\n') + 1 + at;
    *p = *p == 'A' ? 'B' : 'A';
    return copy;
}

static void test_bad_contents(void)
{
    g_auto(GStrv) lines = g_strsplit(rsa_pem, "\n", -1);
    g_autofree char *crlf = g_strjoinv("\r\n", lines);
    g_autofree char *bom = g_strconcat("\xef\xbb\xbf", rsa_pem, NULL);
    g_autofree char *twice = g_strconcat(rsa_pem, ed25519_pem, NULL);
    g_autofree char *text_first = g_strconcat("Bag Attributes\n", rsa_pem, NULL);
    g_autofree char *changed = change_letter(rsa_pem, 700);
    g_autofree char *changed_early = change_letter(rsa_pem, 3);
    g_autofree char *changed_ed25519 = change_letter(ed25519_pem, 5);
    g_autofree char *truncated = g_strndup(rsa_pem, strlen(rsa_pem) / 2);
    g_autofree char *short_rsa = pem_of(rsa(1024), NULL);
    g_autofree char *shortest_rsa = pem_of(rsa(512), NULL);
    g_autofree char *ec = pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), NULL);
    g_autofree char *traditional_ec = traditional_pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), NULL);
    g_autofree char *encrypted = pem_of(parse(rsa_pem), "x");
    g_autofree char *encrypted_old = traditional_pem_of(parse(rsa_pem), EVP_aes_128_cbc());
    g_autofree char *long_file = g_strnfill(KEY_FILE_MAX + 1, '\n');
    const struct {
        const char *name, *text, *reason;
    } cases[] = {
        {"empty", "", "is empty"},
        {"not a key", "hello\n", "does not begin with"},
        {"CR LF", crlf, "Windows line ends"},
        {"byte order mark", bom, "byte order mark"},
        {"two keys", twice, "more than one PEM block"},
        {"text before", text_first, "does not begin with"},
        {"one letter changed", changed, "damaged"},
        {"one letter of the frame changed", changed_early, "damaged"},
        {"one letter of Ed25519's frame changed", changed_ed25519, "damaged"},
        {"truncated", truncated, "cut off"},
        {"RSA 1024", short_rsa, "RSA key of 1024 bits"},
        {"RSA 512", shortest_rsa, "RSA key of 512 bits"},
        {"EC", ec, "key of type EC"},
        {"EC, traditional", traditional_ec, "is an EC key"},
        {"encrypted", encrypted, "pass phrase"},
        {"encrypted, traditional", encrypted_old, "pass phrase"},
        {"public", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n", "is a public key"},
        {"too long", long_file, "octets, more than"},
        {"empty block", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "damaged"},
    };
    g_autofree char *path = in_folder("bad-contents");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        write_file(path, cases[i].text, strlen(cases[i].text), 0600);
        refuse(path, EX_DATAERR, cases[i].reason);
    }
    write_file(path, "-----BEGIN\0PRIVATE", 18, 0600);
    refuse(path, EX_DATAERR, "NUL octet");
}

static void test_modes(void)
{
    static const struct {
        mode_t mode;
        gboolean good;
    } cases[] = {
        {0400, TRUE},  {0440, TRUE},  {0600, TRUE},  {0640, TRUE},  {0644, FALSE},  {0604, FALSE},
        {0660, FALSE}, {0620, FALSE}, {0602, FALSE}, {0700, FALSE}, {04600, FALSE}, {0601, FALSE},
    };
    g_autofree char *path = in_folder("modes");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%04o", cases[i].mode);
        write_file(path, ed25519_pem, strlen(ed25519_pem), cases[i].mode);
        if (!cases[i].good) {
            refuse(path, EX_NOPERM, "has mode");
            continue;
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(key_auto) key = key_load(path, &error);
        g_assert_no_error(error);
        g_assert_nonnull(key);
    }
}

static void test_file_kinds(void)
{
    g_autofree char *path = in_folder("good"), *symlink_path = in_folder("link"), *fifo = in_folder("fifo");
    g_autofree char *missing = in_folder("missing");
    write_file(path, ed25519_pem, strlen(ed25519_pem), 0600);
    g_assert_cmpint(symlink("good", symlink_path), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    refuse(symlink_path, EX_NOPERM, "symbolic link");
    refuse(fifo, EX_NOPERM, "not a regular file");
    refuse(folder, EX_NOPERM, "not a regular file");
    refuse(missing, EX_NOINPUT, "No such file");
}

static void test_folders(void)
{
    g_autofree char *sub = in_folder("sub"), *path = in_folder("sub/key"), *through = in_folder("through");
    g_autofree char *linked = in_folder("through/key");
    g_assert_cmpint(g_mkdir(sub, 0700), ==, 0);
    g_assert_cmpint(symlink("sub", through), ==, 0);
    write_file(path, ed25519_pem, strlen(ed25519_pem), 0600);
    static const struct {
        mode_t mode;
        gboolean good;
    } cases[] = {{0700, TRUE}, {0755, TRUE}, {0770, FALSE}, {0777, FALSE}, {0707, FALSE}, {01777, TRUE}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%04o", cases[i].mode);
        g_assert_cmpint(g_chmod(sub, cases[i].mode), ==, 0);
        if (!cases[i].good) {
            refuse(path, EX_NOPERM, "only its owner may write");
            refuse(linked, EX_NOPERM, "only its owner may write");
            continue;
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(key_auto) key = key_load(path, &error);
        g_assert_no_error(error);
        g_assert_nonnull(key);
        g_autoptr(key_auto) same = key_load(linked, &error);
        g_assert_no_error(error);
        g_assert_nonnull(same);
    }
}

static void test_owner(void)
{
    if (geteuid() != 0) {
        g_test_skip("only root can give a file away");
        return;
    }
    g_autofree char *sub = in_folder("given"), *path = in_folder("given/key");
    g_assert_cmpint(g_mkdir(sub, 0700), ==, 0);
    write_file(path, ed25519_pem, strlen(ed25519_pem), 0600);
    g_assert_cmpint(chown(path, 65534, (gid_t)-1), ==, 0);
    refuse(path, EX_NOPERM, "belongs to uid 65534");
    g_assert_cmpint(chown(path, 0, (gid_t)-1), ==, 0);
    g_assert_cmpint(chown(sub, 65534, (gid_t)-1), ==, 0);
    refuse(path, EX_NOPERM, "belongs to uid 65534");
    g_assert_cmpint(chown(sub, 0, (gid_t)-1), ==, 0);
}

static gpointer sign_many(gpointer data)
{
    uint8_t digest[KEY_DIGEST_SIZE] = {0}, signature[KEY_SIGNATURE_MAX];
    for (unsigned i = 0; i < 50; i++) {
        size_t size;
        digest[0] = (uint8_t)i;
        g_autoptr(key_auto) key = key_ref(data);
        g_assert_true(key_sign(key, digest, signature, &size, NULL));
        g_assert_true(key_verify(key, digest, signature, size));
    }
    return NULL;
}

static void test_threads(void)
{
    const char *const pems[] = {rsa_pem, ed25519_pem};
    for (size_t i = 0; i < G_N_ELEMENTS(pems); i++) {
        g_autoptr(key_auto) key = key_load_memory(pems[i], strlen(pems[i]), "shared", NULL);
        GThread *threads[4];
        for (size_t j = 0; j < G_N_ELEMENTS(threads); j++)
            threads[j] = g_thread_new("sign", sign_many, key);
        for (size_t j = 0; j < G_N_ELEMENTS(threads); j++)
            g_thread_join(threads[j]);
    }
}

/* In a process of its own: the secure heap lives as long as the process. */
static void test_protected_subprocess(void)
{
    g_autoptr(GError) error = NULL;
    gboolean locked = key_protect_memory(&error);
    g_assert_cmpint(prctl(PR_GET_DUMPABLE), ==, 0);
    g_assert_cmpint(prctl(PR_SET_DUMPABLE, 1), ==, 0); /* LeakSanitizer wants to look */
    g_assert_true(locked || strstr(error->message, "LimitMEMLOCK") != NULL);
    size_t before = CRYPTO_secure_used();
    struct key *key = key_load_memory(rsa_pem, strlen(rsa_pem), "secure", NULL);
    g_assert_true(CRYPTO_secure_allocated(key_private_pem(key)));
    g_assert_cmpuint(CRYPTO_secure_used(), >, before + strlen(rsa_pem));
    key_unref(key);
    g_assert_cmpuint(CRYPTO_secure_used(), ==, before);
}

static void test_protected(void)
{
    g_test_trap_subprocess("/key/protected/subprocess", 0, 0);
    g_test_trap_assert_passed();
}

static void remove_folder(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *entry = g_build_filename(path, name, NULL);
        if (g_file_test(entry, G_FILE_TEST_IS_DIR) && !g_file_test(entry, G_FILE_TEST_IS_SYMLINK))
            remove_folder(entry);
        else
            g_unlink(entry);
    }
    g_rmdir(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *made = g_dir_make_tmp("postwelle-key-XXXXXX", &error);
    g_assert_no_error(error);
    folder = made;
    rsa_pem = pem_of(rsa(KEY_RSA_BITS_MIN), NULL);
    ed25519_pem = pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL);
    g_test_add_func("/key/generated", test_generated);
    g_test_add_func("/key/never-overwrites", test_never_overwrites);
    g_test_add_func("/key/public-value", test_public_value);
    g_test_add_func("/key/bad-contents", test_bad_contents);
    g_test_add_func("/key/modes", test_modes);
    g_test_add_func("/key/file-kinds", test_file_kinds);
    g_test_add_func("/key/folders", test_folders);
    g_test_add_func("/key/owner", test_owner);
    g_test_add_func("/key/threads", test_threads);
    g_test_add_func("/key/protected", test_protected);
    g_test_add_func("/key/protected/subprocess", test_protected_subprocess);
    int status = g_test_run();
    remove_folder(folder);
    g_free(rsa_pem);
    g_free(ed25519_pem);
    return status;
}
