/* signing.c - keys and mails for the tests that sign; see signing.h. */
#include "tests/unit/signing.h"

#include <glib/gstdio.h>
#include <string.h>

#define DOMAIN "client.example"

static char *new_key(const char *folder, enum key_algorithm algorithm)
{
    g_autoptr(GError) error = NULL;
    char *path = g_build_filename(folder, key_type_name(algorithm), NULL);
    key_generate(algorithm, path, KEY_NO_GROUP, &error);
    g_assert_no_error(error);
    return path;
}

struct key_snapshot *signing_snapshot(gboolean with_ed25519)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_dir_make_tmp("postwelle-sign-XXXXXX", NULL);
    g_autofree char *rsa = new_key(folder, KEY_RSA), *ed25519 = new_key(folder, KEY_ED25519);
    const struct key_row rows[] = {{"client", DOMAIN, "rsa", rsa, NULL}, {"client", DOMAIN, "ed", ed25519, NULL}};
    struct key_snapshot *snapshot = key_snapshot_load(rows, with_ed25519 ? 2 : 1, NULL, NULL, problems);
    g_assert_cmpuint(problems->len, ==, 0);
    g_unlink(rsa);
    g_unlink(ed25519);
    g_rmdir(folder);
    return snapshot;
}

struct mail *mail_new(void)
{
    struct mail *mail = g_new0(struct mail, 1);
    mail->fields = g_array_new(FALSE, FALSE, sizeof(struct header_field));
    mail->texts = g_ptr_array_new_with_free_func(g_free);
    mail->body = g_string_new(NULL);
    return mail;
}

void mail_add(struct mail *mail, const char *name, const char *value)
{
    struct header_field field = {g_strdup(name), g_strdup(value)};
    g_ptr_array_add(mail->texts, (char *)field.name);
    g_ptr_array_add(mail->texts, (char *)field.value);
    g_array_append_val(mail->fields, field);
}

void mail_free(struct mail *mail)
{
    g_array_unref(mail->fields);
    g_ptr_array_unref(mail->texts);
    g_string_free(mail->body, TRUE);
    g_free(mail);
}

static const char *one_of(const char *const *list, size_t count)
{
    return list[g_test_rand_int_range(0, (gint32)count)];
}

static char *random_value(void)
{
    static const char *const pieces[] = {
        "word",  " ",   "  ",    "\t",       "\n ",  "\n\t",    "\r\n ", "=?utf-8?q?=C3=A4?=", ";", "a=b", ":",
        "\"q\"", "(c)", "<x@y>", "\xc3\xa4", "\xff", "\n \n\t", ","};
    GString *value = g_string_new(g_test_rand_bit() ? " " : "");
    for (gint32 i = g_test_rand_int_range(0, 30); i > 0; i--)
        g_string_append(value, one_of(pieces, G_N_ELEMENTS(pieces)));
    return g_string_free(value, FALSE);
}

static void random_header(struct mail *mail)
{
    static const char *const unsigned_names[] = {"Received",   "X-Campaign", "Sender",
                                                 "Precedence", "Subjects",   "DKIM-Signature"};
    gint32 from_at = g_test_rand_int_range(0, 15), count = g_test_rand_int_range(from_at + 1, 30);
    for (gint32 i = 0; i < count; i++) {
        const char *name = g_test_rand_int_range(0, 4) == 0 ? one_of(unsigned_names, G_N_ELEMENTS(unsigned_names))
                                                            : one_of(sign_fields, 17);
        if (i == from_at) {
            mail_add(mail, "From", "Umfrage  \xc3\xbc\n\t<umfrage@" DOMAIN "> ");
            continue;
        }
        if (strcmp(name, "From") == 0)
            continue;
        g_autofree char *value = random_value();
        g_autofree char *other_case = g_test_rand_bit() ? g_strdup(name) : g_ascii_strdown(name, -1);
        mail_add(mail, other_case, value);
    }
}

static void random_body(struct mail *mail)
{
    static const char *const pieces[] = {"line of text", "=20=\r\n", " ", "  ",        "\t",       "\r\n", "\r\n\r\n",
                                         " \r\n",        "\t\r\n",   ".", "\r\n.\r\n", "\xc3\xa4", "\xff", "<td  >\r\n",
                                         "Y29kZWQ=\r\n", "-- \r\n",  "x"};
    gint32 count = g_test_rand_int_range(0, 20);
    size_t line = 0;
    if (g_test_rand_int_range(0, 10) == 0)
        count = g_test_rand_int_range(0, 6000);
    for (; count > 0; count--) {
        const char *piece = one_of(pieces, G_N_ELEMENTS(pieces));
        line = strchr(piece, '\n') != NULL ? 0 : line + strlen(piece);
        g_string_append(mail->body, line > 900 ? "\r\n" : piece);
        line = line > 900 ? 0 : line;
    }
    for (count = g_test_rand_int_range(0, 4); count > 0; count--)
        g_string_append(mail->body, "\r\n");
}

struct mail *mail_random(void)
{
    struct mail *mail = mail_new();
    random_header(mail);
    random_body(mail);
    return mail;
}

GPtrArray *mail_sign(const struct mail *mail, struct signer *signer, const struct signing_keys *keys, gint64 now,
                     int chunk_max, GError **error)
{
    g_autoptr(signing_auto) signing = sign_begin(signer, keys, now);
    for (size_t i = 0; i < mail->fields->len; i++) {
        const struct header_field *field = &g_array_index(mail->fields, struct header_field, i);
        sign_header_field(signing, field->name, field->value);
    }
    sign_end_header(signing);
    for (size_t done = 0; done < mail->body->len;) {
        size_t chunk = (size_t)g_test_rand_int_range(1, chunk_max + 1), size = MIN(chunk, mail->body->len - done);
        sign_body(signing, mail->body->str + done, size);
        done += size;
    }
    return sign_finish(signing, error);
}

char *signature_tag(const char *value, const char *tag)
{
    GString *bare = g_string_new(";");
    for (const char *p = value; *p != '\0'; p++)
        if (strchr(" \t\r\n", *p) == NULL)
            g_string_append_c(bare, *p);
    g_autofree char *key = g_strdup_printf(";%s=", tag);
    const char *found = strstr(bare->str, key);
    char *result = found != NULL ? g_strndup(found + strlen(key), strcspn(found + strlen(key), ";")) : NULL;
    g_string_free(bare, TRUE);
    return result;
}
