/*
 * fuzz_sign.c - any mail: cut into chunks or whole, signed by us or by libopendkim, the signature is the same or all
 * refuse. Input: an octet that says how to cut, the header with LF line ends, an empty line, the body as it is.
 */
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>

#include "milter/sign.h"

#define NOW 1795420800

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
    struct signer *evp, *opendkim;
    struct key *key;
    struct signing_keys keys;
};

static struct key *new_key(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("postwelle-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "key", NULL);
    key_generate(KEY_RSA, path, KEY_NO_GROUP, &error);
    g_assert_no_error(error);
    struct key *key = key_load(path, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
    return key;
}

static const struct bench *bench(void)
{
    static struct bench it; /* made at the first input, kept to the end */
    if (it.key == NULL) {
        it.evp = signer_new(&signer_evp, NULL);
        it.opendkim = signer_new(&signer_opendkim, NULL);
        it.key = new_key();
        it.keys = (struct signing_keys){.client = "c", .domain = "client.example", .count = 1, .keys = {{"s", it.key}}};
    }
    return &it;
}

/* A field: a line and those after it that begin with a blank. Returns where the next one starts. */
static const char *take_field(struct signing *signing, const char *p, const char *end)
{
    const char *stop = p;
    do {
        const char *lf = memchr(stop, '\n', (size_t)(end - stop));
        stop = lf != NULL ? lf + 1 : end;
    } while (stop < end && (*stop == ' ' || *stop == '\t'));
    g_autofree char *line = g_strndup(p, (size_t)(stop - p));
    g_strchomp(line);
    char *colon = strchr(line, ':');
    if (colon != NULL && colon > line) {
        *colon = '\0';
        sign_header_field(signing, line, colon + 1);
    }
    return stop;
}

static char *sign(struct signer *signer, const char *mail, size_t size, size_t chunk)
{
    const char *p = mail, *end = mail + size;
    g_autoptr(signing_auto) signing = sign_begin(signer, &bench()->keys, NOW);
    sign_header_field(signing, "From", "a@client.example");
    while (p < end && *p != '\n')
        p = take_field(signing, p, end);
    sign_end_header(signing);
    for (p += p < end; p < end; p += MIN(chunk, (size_t)(end - p))) {
        g_autofree char *exact = g_memdup2(p, MIN(chunk, (size_t)(end - p)));
        sign_body(signing, exact, MIN(chunk, (size_t)(end - p)));
    }
    g_autoptr(GPtrArray) values = sign_finish(signing, NULL);
    return values != NULL ? g_strdup(values->pdata[0]) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *mail = (const char *)data + 1;
    g_autofree char *whole = sign(bench()->evp, mail, size - 1, size);
    g_autofree char *cut = sign(bench()->evp, mail, size - 1, (size_t)data[0] + 1);
    g_autofree char *other = sign(bench()->opendkim, mail, size - 1, (size_t)data[0] / 2 + 1);
    g_assert_cmpstr(whole, ==, cut);
    g_assert_cmpstr(whole, ==, other);
    return 0;
}
