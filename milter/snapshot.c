/* snapshot.c - configuration, clients and keys as one; see snapshot.h. */
#include "milter/snapshot.h"

#include "lib/key_store.h"

#include <string.h>

/* One row a key that the client's file names. */
static void add_key(GArray *rows, const struct client *client, const struct client_key *key)
{
    if (key->selector[0] == '\0')
        return;
    struct key_row row = {client->name, client->signing_domain, key->selector, key->file, NULL};
    g_array_append_val(rows, row);
}

/*
 * The active keys of the client's store, where its file names none. The store is kept in stores, for the rows' texts.
 */
static void add_store(GArray *rows, GPtrArray *stores, const char *folder, const struct client *client,
                      GPtrArray *problems)
{
    g_autoptr(GError) error = NULL;
    struct key_store *store = client->rsa.selector[0] == '\0' ? key_store_load(folder, client->name, &error) : NULL;
    if (error != NULL)
        g_ptr_array_add(problems, g_strdup_printf("client %s: %s", client->name, error->message));
    if (store == NULL)
        return;
    g_ptr_array_add(stores, store);
    for (guint i = 0; i < store->entries->len; i++) {
        const struct key_entry *entry = store->entries->pdata[i];
        struct key_row row = {client->name, client->signing_domain, entry->selector, entry->file, entry->public};
        if (entry->state == KEY_STATE_ACTIVE)
            g_array_append_val(rows, row);
    }
}

static struct key_snapshot *load_keys(const struct snapshot *snapshot, GPtrArray *problems)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct key_row));
    g_autoptr(GPtrArray) stores = g_ptr_array_new_with_free_func((GDestroyNotify)key_store_free);
    const char *folder = config_text(snapshot->config, "paths", "keys");
    struct signer_probe probe = {snapshot->signer, snapshot->verifier, g_get_real_time() / G_USEC_PER_SEC};
    size_t count;
    const struct client *const *clients = client_set_list(snapshot->clients, &count);
    for (size_t i = 0; i < count; i++) {
        add_key(rows, clients[i], &clients[i]->rsa);
        add_key(rows, clients[i], &clients[i]->ed25519);
        add_store(rows, stores, folder, clients[i], problems);
    }
    return key_snapshot_load((const struct key_row *)(void *)rows->data, rows->len, signer_probe, &probe, problems);
}

static const struct signer_backend *backend(const struct config *config)
{
    return strcmp(config_text(config, "milter", "signer"), "opendkim") == 0 ? &signer_opendkim : &signer_evp;
}

struct snapshot *snapshot_load(const char *path, GPtrArray *problems, GError **error)
{
    g_autoptr(snapshot_auto) snapshot = g_new0(struct snapshot, 1);
    snapshot->references = 1;
    if ((snapshot->config = config_load(path, &config_postwelle, error)) == NULL ||
        (snapshot->clients = client_set_load(config_text(snapshot->config, "paths", "clients"), error)) == NULL ||
        (snapshot->signer = signer_new(backend(snapshot->config), error)) == NULL ||
        (snapshot->verifier = verifier_new(error)) == NULL)
        return NULL;
    snapshot->message_size = (size_t)config_number(snapshot->config, "milter", "message-size");
    snapshot->verify_sample = (guint)config_number(snapshot->config, "milter", "verify-sample");
    snapshot->keys = load_keys(snapshot, problems);
    return g_steal_pointer(&snapshot);
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
    g_atomic_int_inc(&snapshot->references);
    return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
    if (snapshot == NULL || !g_atomic_int_dec_and_test(&snapshot->references))
        return;
    key_snapshot_unref(snapshot->keys);
    verifier_free(snapshot->verifier);
    signer_free(snapshot->signer);
    client_set_unref(snapshot->clients);
    config_free(snapshot->config);
    g_free(snapshot);
}

const struct signing_keys *snapshot_keys(const struct snapshot *snapshot, const struct client *client)
{
    return key_snapshot_find(snapshot->keys, client->signing_domain);
}

void snapshot_box_init(struct snapshot_box *box, struct snapshot *snapshot)
{
    pthread_mutex_init(&box->lock, NULL);
    box->current = snapshot;
}

struct snapshot *snapshot_box_get(struct snapshot_box *box)
{
    pthread_mutex_lock(&box->lock);
    struct snapshot *snapshot = snapshot_ref(box->current);
    pthread_mutex_unlock(&box->lock);
    return snapshot;
}

void snapshot_box_swap(struct snapshot_box *box, struct snapshot *snapshot)
{
    pthread_mutex_lock(&box->lock);
    struct snapshot *old = g_steal_pointer(&box->current);
    box->current = snapshot;
    pthread_mutex_unlock(&box->lock);
    snapshot_unref(old);
}
