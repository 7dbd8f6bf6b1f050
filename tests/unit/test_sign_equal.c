/* test_sign_equal.c - both signers give the same signatures, octet by octet, and libopendkim accepts them. */
#include <string.h>

#include "tests/unit/signing.h"

#define MAILS 2000

static void test_equal(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE);
    g_autoptr(signer_auto) evp = signer_new(&signer_evp, &error), opendkim = signer_new(&signer_opendkim, &error);
    g_autoptr(verifier_auto) verifier = verifier_new(&error);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "Client.EXAMPLE");
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    g_assert_no_error(error);
    for (size_t i = 0; i < MAILS; i++) {
        g_autoptr(mail_auto) mail = mail_random();
        g_autoptr(GPtrArray) ours = mail_sign(mail, evp, keys, now - (gint64)i, i % 3 == 0 ? 3 : 65535, &error);
        g_assert_no_error(error);
        g_autoptr(GPtrArray) theirs = mail_sign(mail, opendkim, keys, now - (gint64)i, i % 2 == 0 ? 5 : 4096, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(ours->len, ==, 2);
        g_assert_cmpuint(theirs->len, ==, 1);
        g_assert_cmpstr(ours->pdata[0], ==, theirs->pdata[0]);
        verifier_check(verifier, keys, &g_array_index(mail->fields, struct header_field, 0), mail->fields->len,
                       mail->body->str, mail->body->len, ours, &error);
        g_assert_no_error(error);
    }
}

/* The verifier is no yes-man: each change to the mail or to a signature is found. */
static void test_verifier_refuses(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE), other_keys = signing_snapshot(TRUE);
    g_autoptr(signer_auto) signer = signer_new(&signer_evp, &error);
    g_autoptr(verifier_auto) verifier = verifier_new(&error);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    const struct signing_keys *others = key_snapshot_find(other_keys, "client.example");
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    g_autoptr(mail_auto) mail = mail_new();
    mail_add(mail, "From", "a@client.example");
    mail_add(mail, "Subject", "one");
    mail_add(mail, "X-Other", "not signed");
    g_string_append(mail->body, "text\r\n");
    struct header_field *fields = &g_array_index(mail->fields, struct header_field, 0);
    g_autoptr(GPtrArray) good = mail_sign(mail, signer, keys, now, 100, &error);
    struct header_field changed[] = {fields[0], {"Subject", "two"}, fields[2]};
    struct header_field added[] = {fields[0], fields[1], fields[2], {"Subject", "one"}};
    struct header_field no_reply_to[] = {fields[0], fields[1], fields[2], {"Reply-To", "x@test"}};
    struct header_field harmless[] = {{"from", "  a@client.example"}, {"SUBJECT", "one  "}, {"X-Other", "changed"}};
    g_autoptr(GPtrArray) one_bad = g_ptr_array_new(), none = g_ptr_array_new();
    g_autofree char *bad = g_strdup(good->pdata[1]);
    bad[strlen(bad) - 10] ^= 1;
    g_ptr_array_add(one_bad, good->pdata[0]);
    g_ptr_array_add(one_bad, bad);
    const struct {
        const char *name;
        const struct signing_keys *keys;
        const struct header_field *fields;
        size_t count;
        const char *body;
        const GPtrArray *signatures;
        gboolean good;
    } cases[] = {
        {"as signed", keys, fields, 3, "text\r\n", good, TRUE},
        {"harmless changes", keys, harmless, 3, "text  \r\n\r\n", good, TRUE},
        {"changed body", keys, fields, 3, "text!\r\n", good, FALSE},
        {"changed subject", keys, changed, 3, "text\r\n", good, FALSE},
        {"second subject", keys, added, 4, "text\r\n", good, FALSE},
        {"added reply-to", keys, no_reply_to, 4, "text\r\n", good, FALSE},
        {"other keys published", others, fields, 3, "text\r\n", good, FALSE},
        {"one of two signatures bad", keys, fields, 3, "text\r\n", one_bad, FALSE},
        {"no signature", keys, fields, 3, "text\r\n", none, FALSE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) wrong = NULL;
        g_test_message("%s", cases[i].name);
        gboolean pass = verifier_check(verifier, cases[i].keys, cases[i].fields, cases[i].count, cases[i].body,
                                       strlen(cases[i].body), cases[i].signatures, &wrong);
        g_assert_cmpint(pass, ==, cases[i].good);
        g_assert_cmpint(wrong == NULL, ==, cases[i].good);
    }
}

struct shared {
    struct signer *evp, *opendkim;
    const struct signing_keys *keys;
};

static gpointer sign_some(gpointer data)
{
    const struct shared *shared = data;
    for (int i = 0; i < 25; i++) {
        g_autoptr(mail_auto) mail = mail_new();
        mail_add(mail, "From", "a@client.example");
        g_string_append_printf(mail->body, "text %d\r\n", i);
        g_autoptr(GPtrArray) ours = mail_sign(mail, shared->evp, shared->keys, 1000000 + i, 100, NULL);
        g_autoptr(GPtrArray) theirs = mail_sign(mail, shared->opendkim, shared->keys, 1000000 + i, 100, NULL);
        g_assert_cmpstr(ours->pdata[0], ==, theirs->pdata[0]);
    }
    return NULL;
}

/* Each message has its own time, whichever thread it is in. */
static void test_threads(void)
{
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(FALSE);
    g_autoptr(signer_auto) evp = signer_new(&signer_evp, NULL), opendkim = signer_new(&signer_opendkim, NULL);
    struct shared shared = {evp, opendkim, key_snapshot_find(snapshot, "client.example")};
    GThread *threads[4];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("sign", sign_some, &shared);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sign/equal", test_equal);
    g_test_add_func("/sign/verifier-refuses", test_verifier_refuses);
    g_test_add_func("/sign/threads", test_threads);
    return g_test_run();
}
