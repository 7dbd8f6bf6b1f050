/* test_sign.c - what is signed, how the field looks, and what is refused: by both signers alike. */
#include <string.h>

#include "lib/error.h"
#include "milter/canon.h"
#include "tests/unit/signing.h"

#define NOW 1795420800 /* 2026-11-23 08:00 UTC */

static const struct signer_backend *const backends[] = {&signer_evp, &signer_opendkim};

/* RFC 8463 §A.3: the body of its example, and its bh=. */
static void test_body_hash(void)
{
    static const struct {
        const char *name, *body, *hash;
    } cases[] = {
        {"RFC 8463 A.3", "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n",
         "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="},
        {"RFC 6376 3.4.4, empty", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
        {"blank lines are empty", " \r\n\r\n\t\r\n", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    };
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(backends); j++) {
            g_test_message("%s, %s", cases[i].name, backends[j]->name);
            g_autoptr(signer_auto) signer = signer_new(backends[j], NULL);
            g_autoptr(mail_auto) mail = mail_new();
            mail_add(mail, "From", "a@client.example");
            g_string_append(mail->body, cases[i].body);
            g_autoptr(GPtrArray) values = mail_sign(mail, signer, keys, NOW, 7, NULL);
            for (size_t k = 0; k < values->len; k++) {
                g_autofree char *hash = signature_tag(values->pdata[k], "bh");
                g_assert_cmpstr(hash, ==, cases[i].hash);
            }
        }
}

static void assert_tag(const char *value, const char *tag, const char *want)
{
    g_autofree char *is = signature_tag(value, tag);
    g_assert_cmpstr(is, ==, want);
}

static void test_tags(void)
{
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    for (size_t j = 0; j < G_N_ELEMENTS(backends); j++) {
        g_autoptr(signer_auto) signer = signer_new(backends[j], NULL);
        g_autoptr(mail_auto) mail = mail_new();
        mail_add(mail, "Received", "by mx");
        mail_add(mail, "from", "a@client.example");
        mail_add(mail, "Subject", "one");
        mail_add(mail, "X-Other", "x");
        mail_add(mail, "SUBJECT ", "two");
        g_autoptr(GPtrArray) values = mail_sign(mail, signer, keys, NOW, 100, NULL);
        g_assert_cmpuint(values->len, ==, backends[j] == &signer_evp ? 2 : 1);
        for (size_t i = 0; i < values->len; i++) {
            const char *value = values->pdata[i];
            assert_tag(value, "v", "1");
            assert_tag(value, "a", i == 0 ? "rsa-sha256" : "ed25519-sha256");
            assert_tag(value, "s", i == 0 ? "rsa" : "ed");
            assert_tag(value, "d", "client.example");
            assert_tag(value, "c", "relaxed/relaxed");
            assert_tag(value, "t", "1795420800");
            assert_tag(value, "x", "1796630400");
            assert_tag(value, "l", NULL);
            assert_tag(value, "i", NULL);
            assert_tag(
                value, "h",
                "from:Subject:SUBJECT:From:To:Cc:Subject:Date:Reply-To:Message-ID:MIME-Version:Content-Type:"
                "Content-Transfer-Encoding:List-Unsubscribe:List-Unsubscribe-Post:List-Id:Feedback-ID:Auto-Submitted:"
                "CFBL-Address:X-CSA-Complaints");
        }
    }
}

/* Lines as smfi_insheader() wants them, none longer than 78 columns. */
static void test_layout(void)
{
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    g_autoptr(signer_auto) signer = signer_new(&signer_evp, NULL);
    for (int i = 0; i < 100; i++) {
        g_autoptr(mail_auto) mail = mail_random();
        g_autoptr(GPtrArray) values = mail_sign(mail, signer, keys, NOW, 1000, NULL);
        for (size_t j = 0; j < values->len; j++) {
            g_autofree char *field = g_strconcat(SIGN_FIELD_NAME ": ", values->pdata[j], NULL);
            g_auto(GStrv) lines = g_strsplit(field, "\n", -1);
            for (size_t k = 0; lines[k] != NULL; k++) {
                g_assert_null(strchr(lines[k], '\r'));
                g_assert_true(k == 0 || lines[k][0] == '\t');
                g_assert_cmpuint(strlen(lines[k]) + (k == 0 ? 0 : 7), <=, 78);
            }
        }
    }
}

static char *repeat(const char *text, size_t count)
{
    GString *all = g_string_new(NULL);
    while (count-- > 0)
        g_string_append(all, text);
    return g_string_free(all, FALSE);
}

static void test_refused(void)
{
    g_autofree char *long_line = repeat("x", CANON_LINE_MAX + 1), *long_value = repeat("word\n ", SIGN_HEADER_MAX / 6);
    /* "Subject: " and as much as makes the line just too long; the same on the second line of a folded field. */
    g_autofree char *long_subject = repeat("x", CANON_LINE_MAX - 8);
    g_autofree char *long_fold = g_strconcat("short\n ", long_line, "\n end", NULL);
    const struct {
        const char *text, *name, *value, *body;
        size_t times;
        gboolean no_from;
    } cases[] = {
        {"no From", "Subject", "x", "", 1, TRUE},
        {"octet 0x0b at position 2", "Subject", "a\vb", "", 1, FALSE},
        {"octet 0x0d", "Subject", "a\rb", "", 1, FALSE},
        {"octet 0x0a", "Subject", "a\nb", "", 1, FALSE},
        {"octet 0x0a", "Subject", "a\r\nX-Injected: b", "", 1, FALSE},
        {"octet 0x0a", "Subject", "a\n", "", 1, FALSE},
        {"octet 0x7f", "To", "\x7f", "", 1, FALSE},
        {"more than 100 fields", "To", "x", "", SIGN_FIELDS_MAX, FALSE},
        {"more than 65536 octets", "To", long_value, "", 2, FALSE},
        {"line 2: a CR stands without its LF", "To", "x", "a\r\nb\rc\r\n", 1, FALSE},
        {"line 1: a CR stands without its LF", "To", "x", "a\r", 1, FALSE},
        {"line 2: an LF stands without its CR", "To", "x", "a\r\nb\nc\r\n", 1, FALSE},
        {"line 1: is longer than 998 octets", "To", "x", long_line, 1, FALSE},
        {"field Subject: a line is longer than 998 octets", "Subject", long_subject, "", 1, FALSE},
        {"field Cc: a line is longer than 998 octets", "Cc", long_fold, "", 1, FALSE},
    };
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(FALSE);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(backends); j++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(signer_auto) signer = signer_new(backends[j], NULL);
            g_autoptr(mail_auto) mail = mail_new();
            if (!cases[i].no_from)
                mail_add(mail, "From", "a@client.example");
            for (size_t k = 0; k < cases[i].times; k++)
                mail_add(mail, cases[i].name, cases[i].value);
            g_string_append(mail->body, cases[i].body);
            g_autoptr(GPtrArray) values = mail_sign(mail, signer, keys, NOW, 2, &error);
            g_assert_null(values);
            g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
            g_test_message("%s", error->message);
            g_assert_nonnull(strstr(error->message, cases[i].text));
        }
}

/* A header line of just what is allowed, in a first and in a folded line, with and without the leading space. */
static void test_longest(void)
{
    g_autofree char *subject = repeat("x", CANON_LINE_MAX - strlen("Subject: "));
    g_autofree char *with_space = g_strconcat(" ", subject, NULL), *rest = repeat("x", CANON_LINE_MAX - 1);
    g_autofree char *folded = g_strconcat("a\n ", rest, "\r\n b", NULL);
    const char *const values[] = {subject, with_space, folded};
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(FALSE);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    g_autoptr(signer_auto) signer = signer_new(&signer_evp, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(mail_auto) mail = mail_new();
        mail_add(mail, "From", "a@client.example");
        mail_add(mail, "Subject", values[i]);
        g_autoptr(GPtrArray) signatures = mail_sign(mail, signer, keys, NOW, 100, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(signatures->len, ==, 1);
    }
}

static void test_unusable(void)
{
    static const struct signing_keys keys = {.client = "c", .domain = "client.example", .problem = "client c: no key"};
    for (size_t j = 0; j < G_N_ELEMENTS(backends); j++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(signer_auto) signer = signer_new(backends[j], NULL);
        g_autoptr(mail_auto) mail = mail_random();
        g_autoptr(GPtrArray) values = mail_sign(mail, signer, &keys, NOW, 100, &error);
        g_assert_null(values);
        g_assert_error(error, POSTWELLE_ERROR, ERROR_UNAVAILABLE);
        g_assert_true(error_is_temporary(error));
    }
}

/* A message may end anywhere: the connection is lost, the milter has refused. */
static void test_abandoned(void)
{
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(FALSE);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    for (size_t j = 0; j < G_N_ELEMENTS(backends); j++) {
        g_autoptr(signer_auto) signer = signer_new(backends[j], NULL);
        for (int steps = 0; steps < 4; steps++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(signing_auto) signing = sign_begin(signer, keys, NOW);
            if (steps > 0)
                sign_header_field(signing, "From", "a@client.example");
            if (steps > 1)
                sign_end_header(signing);
            if (steps > 2)
                sign_body(signing, "text", 4);
            if (steps == 1)
                g_assert_null(sign_finish(signing, &error));
        }
    }
}

static void test_probe(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE);
    g_autoptr(verifier_auto) verifier = verifier_new(NULL);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    for (size_t j = 0; j < G_N_ELEMENTS(backends); j++) {
        g_autoptr(signer_auto) signer = signer_new(backends[j], NULL);
        struct signer_probe probe = {signer, verifier, g_get_real_time() / G_USEC_PER_SEC};
        g_assert_true(signer_probe(keys, &probe, &error));
        g_assert_no_error(error);
        g_autoptr(GError) expired = NULL;
        probe.now -= 2 * SIGN_LIFETIME;
        g_assert_false(signer_probe(keys, &probe, &expired));
        g_assert_error(expired, POSTWELLE_ERROR, ERROR_INTERNAL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sign/body-hash", test_body_hash);
    g_test_add_func("/sign/tags", test_tags);
    g_test_add_func("/sign/layout", test_layout);
    g_test_add_func("/sign/refused", test_refused);
    g_test_add_func("/sign/longest", test_longest);
    g_test_add_func("/sign/unusable", test_unusable);
    g_test_add_func("/sign/abandoned", test_abandoned);
    g_test_add_func("/sign/probe", test_probe);
    return g_test_run();
}
