/* keys.c - the signing keys of all clients as one immutable snapshot; see keys.h. */
#include "milter/keys.h"

#include <string.h>

#include "lib/error.h"

#define LABEL_MAX 63

struct key_snapshot {
    int references;      /* atomic; the inline operations, which ThreadSanitizer sees */
    GHashTable *domains; /* domain in lower case → struct signing_keys */
};

static void signing_keys_free(void *data)
{
    struct signing_keys *keys = data;
    for (size_t i = 0; i < keys->count; i++) {
        g_free((char *)keys->keys[i].selector);
        key_unref(keys->keys[i].key);
    }
    g_free((char *)keys->client);
    g_free((char *)keys->domain);
    g_free((char *)keys->refused);
    g_free((char *)keys->problem);
    g_free(keys);
}

/* A dotted name of letters, digits, hyphens (and underscores): what may stand in d= and s= (RFC 6376 §3.5). */
static gboolean is_name(const char *name)
{
    size_t label = 0, size = strlen(name);
    if (size == 0 || size > SIGNING_DOMAIN_MAX)
        return FALSE;
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '.' && label == 0)
            return FALSE;
        label = *p == '.' ? 0 : label + 1;
        if (label > LABEL_MAX || (*p != '.' && *p != '-' && *p != '_' && !g_ascii_isalnum(*p)))
            return FALSE;
    }
    return label > 0;
}

static gboolean check_row(const struct key_row *row, GError **error)
{
    if (!is_name(row->domain))
        return error_set(error, ERROR_CONFIG, "client %s: domain \"%s\" is not a domain name in ASCII form",
                         row->client, row->domain);
    if (!is_name(row->selector))
        return error_set(error, ERROR_CONFIG,
                         "client %s: selector \"%s\" may hold only letters, digits, hyphens and dots", row->client,
                         row->selector);
    if (strlen(row->domain) + strlen("._domainkey.") + strlen(row->selector) > SIGNING_DOMAIN_MAX)
        return error_set(error, ERROR_CONFIG,
                         "client %s: selector \"%s\" is too long: with the domain, no DNS name can hold it",
                         row->client, row->selector);
    return TRUE;
}

/* The domain's entry, made where it is not there yet. */
static struct signing_keys *entry_of(struct key_snapshot *snapshot, const struct key_row *row)
{
    g_autofree char *domain = g_ascii_strdown(row->domain, -1);
    struct signing_keys *keys = g_hash_table_lookup(snapshot->domains, domain);
    if (keys == NULL) {
        keys = g_new0(struct signing_keys, 1);
        keys->client = g_strdup(row->client);
        keys->domain = g_steal_pointer(&domain);
        g_hash_table_insert(snapshot->domains, (char *)keys->domain, keys);
    }
    return keys;
}

/* The key of path, read once for all rows that name it. */
static struct key *load_once(GHashTable *files, const char *path, GError **error)
{
    struct key *key = g_hash_table_lookup(files, path);
    if (key == NULL) {
        key = key_load(path, error);
        if (key != NULL)
            g_hash_table_insert(files, g_strdup(path), key);
    }
    return key != NULL ? key_ref(key) : NULL;
}

static gboolean add_row(struct signing_keys *keys, const struct key_row *row, GHashTable *files, GError **error)
{
    if (strcmp(keys->client, row->client) != 0)
        return error_set(error, ERROR_CONFIG, "client %s: domain %s belongs to client %s already", row->client,
                         row->domain, keys->client);
    if (!check_row(row, error))
        return FALSE;
    for (size_t i = 0; i < keys->count; i++)
        if (g_ascii_strcasecmp(keys->keys[i].selector, row->selector) == 0)
            return error_set(error, ERROR_CONFIG, "client %s: selector %s of %s is named twice", row->client,
                             row->selector, row->domain);
    if (keys->count == SIGNING_KEYS_MAX)
        return error_set(error, ERROR_CONFIG, "client %s: %s has more than %d active keys; retire one", row->client,
                         row->domain, SIGNING_KEYS_MAX);
    struct key *key = load_once(files, row->path, error);
    if (key == NULL) {
        g_prefix_error(error, "client %s, selector %s: ", row->client, row->selector);
        return FALSE;
    }
    if (row->public != NULL && strcmp(row->public, key_public_base64(key)) != 0) {
        key_unref(key);
        return error_set(
            error, ERROR_DATA,
            "client %s, selector %s: %s is not the key that was published (keys.conf); restore it or make a new one",
            row->client, row->selector, row->path);
    }
    keys->keys[keys->count++] = (struct signing_key){.selector = g_strdup(row->selector), .key = key};
    return TRUE;
}

static gboolean has_rsa(const struct signing_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        if (key_algorithm(keys->keys[i].key) == KEY_RSA)
            return TRUE;
    return FALSE;
}

/* Marks the domain where it can't sign; tells a problem that was not told with its rows. */
static void judge(struct signing_keys *keys, keys_check *check, void *user, GPtrArray *problems)
{
    g_autoptr(GError) error = NULL;
    if (keys->problem == NULL && !has_rsa(keys) && keys->refused != NULL)
        keys->problem = g_strdup_printf("client %s: %s has no RSA key that can be used: %s", keys->client, keys->domain,
                                        keys->refused);
    else if (keys->problem == NULL && !has_rsa(keys))
        keys->problem = g_strdup_printf("client %s: %s has no RSA key, and many receivers verify no other: add one",
                                        keys->client, keys->domain);
    else if (keys->problem == NULL && check != NULL && !check(keys, user, &error))
        keys->problem = g_strdup_printf("client %s: the keys of %s fail their probe: %s", keys->client, keys->domain,
                                        error->message);
    else
        return;
    g_ptr_array_add(problems, g_strdup(keys->problem));
}

struct key_snapshot *key_snapshot_load(const struct key_row *rows, size_t count, keys_check *check, void *user,
                                       GPtrArray *problems)
{
    struct key_snapshot *snapshot = g_new0(struct key_snapshot, 1);
    snapshot->references = 1;
    snapshot->domains = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, signing_keys_free);
    g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)key_unref);
    if (count > SIGNING_ROWS_MAX) {
        g_ptr_array_add(problems,
                        g_strdup_printf("%zu signing keys are more than the %d allowed", count, SIGNING_ROWS_MAX));
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        struct signing_keys *keys = entry_of(snapshot, &rows[i]);
        if (add_row(keys, &rows[i], files, &error))
            continue;
        g_ptr_array_add(problems, g_strdup(error->message));
        if (keys->refused == NULL)
            keys->refused = g_strdup(error->message);
    }
    GHashTableIter iter;
    void *keys;
    g_hash_table_iter_init(&iter, snapshot->domains);
    while (g_hash_table_iter_next(&iter, NULL, &keys))
        judge(keys, check, user, problems);
    return snapshot;
}

struct key_snapshot *key_snapshot_ref(struct key_snapshot *snapshot)
{
    g_atomic_int_inc(&snapshot->references);
    return snapshot;
}

void key_snapshot_unref(struct key_snapshot *snapshot)
{
    if (snapshot == NULL || !g_atomic_int_dec_and_test(&snapshot->references))
        return;
    g_hash_table_unref(snapshot->domains);
    g_free(snapshot);
}

const struct signing_keys *key_snapshot_find(const struct key_snapshot *snapshot, const char *domain)
{
    g_autofree char *lower = g_ascii_strdown(domain, -1);
    return g_hash_table_lookup(snapshot->domains, lower);
}

size_t key_snapshot_count(const struct key_snapshot *snapshot, size_t *usable_r)
{
    GHashTableIter iter;
    void *value;
    *usable_r = 0;
    g_hash_table_iter_init(&iter, snapshot->domains);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        *usable_r += ((const struct signing_keys *)value)->problem == NULL;
    return g_hash_table_size(snapshot->domains);
}
