/* conversation.c - see conversation.h. */
#include "tests/unit/conversation.h"

#include <glib/gstdio.h>

#include "milter/protocol.h"

static const char client[] = "[client]\ntitle=Client\ndomains=client.example\nreturn-path=bounce.client.example\n"
                             "[signing]\ndomain=client.example\nrsa-selector=none\nrsa-key=/nonexistent\n"
                             "[unsubscribe]\nuri=https://client.example/u/\nmailto=u@client.example\n";

static struct snapshot *no_keys(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_dir_make_tmp("postwelle-conversation-XXXXXX", NULL);
    g_autofree char *clients = g_build_filename(folder, "clients", NULL);
    g_autofree char *path = g_build_filename(folder, "postwelle.conf", NULL);
    g_autofree char *client_path = g_build_filename(clients, "client.conf", NULL);
    g_mkdir(clients, 0700);
    g_file_set_contents(client_path, client, -1, NULL);
    g_file_set_contents(path, "[paths]\nclients=clients\n", -1, NULL);
    struct snapshot *snapshot = snapshot_load(path, problems, &error);
    g_assert_no_error(error);
    g_remove(client_path);
    g_remove(path);
    g_rmdir(clients);
    g_rmdir(folder);
    return snapshot;
}

static struct milter *the_milter(void)
{
    static struct milter milter; /* made at the first call, kept to the end */
    if (milter.box.current == NULL) {
        milter.journal.syslog = TRUE; /* decisions about nobody's mail are not for standard error */
        setlogmask(LOG_MASK(LOG_EMERG));
        snapshot_box_init(&milter.box, no_keys());
        milter.turns = turns_new(1);
    }
    return &milter;
}

static gboolean keep(void *user, const void *octets, size_t size)
{
    g_byte_array_append(user, octets, (guint)size);
    return TRUE;
}

static gboolean is_there(void *user)
{
    (void)user;
    return TRUE;
}

static const struct protocol_peer peer = {keep, is_there};

GBytes *conversation(const void *octets, size_t size, size_t piece, gboolean *ended_r, GError **error)
{
    GByteArray *sent = g_byte_array_new();
    struct protocol *protocol = protocol_new(the_milter(), &peer, sent);
    g_autoptr(GString) buffer = g_string_new(NULL);
    *ended_r = FALSE;
    for (size_t done = 0, taken; done < size && !*ended_r; done += piece) {
        g_string_append_len(buffer, (const char *)octets + done, (gssize)MIN(piece, size - done));
        *ended_r = !protocol_take(protocol, buffer->str, buffer->len, &taken, error);
        g_string_erase(buffer, 0, (gssize)taken);
    }
    protocol_free(protocol);
    return g_byte_array_free_to_bytes(sent);
}
