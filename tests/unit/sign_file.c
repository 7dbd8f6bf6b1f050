/*
 * sign_file.c - signs mails for verifiers that are not ours.
 *
 * usage: sign_file FOLDER [evp|opendkim]
 *
 * Makes keys for client.example, signs each FOLDER/NAME.eml (CR LF line ends) into FOLDER/NAME.signed with the body in
 * chunks of growing size, and writes the keys' DNS records to FOLDER/records, one "name TAB text" a line.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/signing.h"

static gboolean take_header(struct signing *signing, const char *mail, const char **body_r)
{
    const char *end = strstr(mail, "\r\n\r\n");
    if (end == NULL)
        return FALSE;
    *body_r = end + strlen("\r\n\r\n");
    for (const char *p = mail; p < end + 2;) {
        const char *stop = strstr(p, "\r\n");
        while (stop < end && (stop[2] == ' ' || stop[2] == '\t'))
            stop = strstr(stop + 2, "\r\n");
        g_autofree char *field = g_strndup(p, (size_t)(stop - p));
        char *colon = strchr(field, ':');
        if (colon == NULL)
            return FALSE;
        *colon = '\0';
        sign_header_field(signing, field, colon + 1);
        p = stop + 2;
    }
    return TRUE;
}

static void take_body(struct signing *signing, const char *body, size_t size)
{
    for (size_t done = 0, chunk = 1; done < size; chunk = chunk * 3 + 1) {
        size_t part = MIN(chunk, size - done);
        sign_body(signing, body + done, part);
        done += part;
    }
}

static gboolean sign_one(struct signer *signer, const struct signing_keys *keys, const char *path, GError **error)
{
    g_autofree char *mail = NULL;
    size_t size;
    const char *body;
    if (!g_file_get_contents(path, &mail, &size, error))
        return FALSE;
    g_autoptr(signing_auto) signing = sign_begin(signer, keys, g_get_real_time() / G_USEC_PER_SEC);
    if (!take_header(signing, mail, &body)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: no header", path);
        return FALSE;
    }
    sign_end_header(signing);
    take_body(signing, body, size - (size_t)(body - mail));
    g_autoptr(GPtrArray) values = sign_finish(signing, error);
    if (values == NULL)
        return FALSE;
    g_autoptr(GString) out = g_string_new(NULL);
    for (size_t i = 0; i < values->len; i++) {
        g_auto(GStrv) lines = g_strsplit(values->pdata[i], "\n", -1);
        g_autofree char *value = g_strjoinv("\r\n", lines);
        g_string_append_printf(out, SIGN_FIELD_NAME ": %s\r\n", value);
    }
    g_string_append_len(out, mail, (gssize)size);
    g_autofree char *signed_path = g_strdup_printf("%.*s.signed", (int)(strlen(path) - strlen(".eml")), path);
    return g_file_set_contents(signed_path, out->str, (gssize)out->len, error);
}

static gboolean write_records(const struct signing_keys *keys, const char *folder, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (size_t i = 0; i < keys->count; i++)
        g_string_append_printf(out, "%s._domainkey.%s.\tv=DKIM1; k=%s; p=%s\n", keys->keys[i].selector, keys->domain,
                               key_type_name(key_algorithm(keys->keys[i].key)), key_public_base64(keys->keys[i].key));
    g_autofree char *path = g_build_filename(folder, "records", NULL);
    return g_file_set_contents(path, out->str, (gssize)out->len, error);
}

static gboolean sign_folder(const char *folder, const struct signer_backend *backend, GError **error)
{
    g_autoptr(key_snapshot_auto) snapshot = signing_snapshot(TRUE);
    g_autoptr(signer_auto) signer = signer_new(backend, error);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    const struct signing_keys *keys = key_snapshot_find(snapshot, "client.example");
    if (signer == NULL || dir == NULL || !write_records(keys, folder, error))
        return FALSE;
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_str_has_suffix(name, ".eml") && !sign_one(signer, keys, path, error))
            return FALSE;
    }
    return TRUE;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc < 2) {
        fprintf(stderr, "usage: sign_file FOLDER [evp|opendkim]\n");
        return 64;
    }
    gboolean opendkim = argc > 2 && strcmp(argv[2], signer_opendkim.name) == 0;
    if (sign_folder(argv[1], opendkim ? &signer_opendkim : &signer_evp, &error))
        return 0;
    fprintf(stderr, "sign_file: %s\n", error->message);
    return 1;
}
