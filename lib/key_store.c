/* key_store.c - the keys of a client that `postwelle key` keeps; see key_store.h. */
#include "lib/key_store.h"

#include "lib/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define INDEX "keys.conf"
#define SELECTOR_MAX 63 /* octets of a DNS label */
#define HEAD "# Kept by `postwelle key`; not to be edited by hand.\n"

static const char *const state_names[] = {"new", "published", "active", "retired"};

const char *key_state_name(enum key_state state)
{
    return state < KEY_STATE_DELETED ? state_names[state] : "deleted";
}

enum key_state key_state_parse(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(state_names); i++)
        if (strcmp(name, state_names[i]) == 0)
            return (enum key_state)i;
    return KEY_STATE_DELETED;
}

static void entry_free(void *data)
{
    struct key_entry *entry = data;
    g_free(entry->selector);
    g_free(entry->public);
    g_free(entry->file);
    g_free(entry);
}

/* --- reading --- */

static gboolean selector_valid(const char *selector)
{
    size_t length = strlen(selector);
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(selector[i]) && selector[i] != '-')
            return FALSE;
    return length > 0 && length <= SELECTOR_MAX && g_ascii_isalnum(selector[0]);
}

static gboolean public_valid(const char *public)
{
    return *public != '\0' &&
           public[strspn(public, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")] == '\0';
}

static gboolean bad_entry(const char *path, const char *selector, const char *what, GError **error)
{
    return error_set(error, ERROR_DATA, "%s: [%s]: %s is missing or wrong; restore the file from a backup", path,
                     selector, what);
}

static gboolean read_entry(struct key_store *store, GKeyFile *file, const char *selector, const char *path,
                           GError **error)
{
    g_autofree char *algorithm = g_key_file_get_string(file, selector, "algorithm", NULL);
    g_autofree char *state = g_key_file_get_string(file, selector, "state", NULL);
    g_autofree char *public = g_key_file_get_string(file, selector, "public", NULL);
    enum key_state found = state != NULL ? key_state_parse(state) : KEY_STATE_DELETED;
    if (!selector_valid(selector))
        return bad_entry(path, selector, "the selector", error);
    if (found == KEY_STATE_DELETED)
        return bad_entry(path, selector, "state", error);
    if (algorithm == NULL || (strcmp(algorithm, "rsa") != 0 && strcmp(algorithm, "ed25519") != 0))
        return bad_entry(path, selector, "algorithm", error);
    if (public == NULL || !public_valid(public))
        return bad_entry(path, selector, "public", error);
    struct key_entry *entry = g_new0(struct key_entry, 1);
    entry->selector = g_strdup(selector);
    entry->algorithm = strcmp(algorithm, "rsa") == 0 ? KEY_RSA : KEY_ED25519;
    entry->state = found;
    entry->public = g_steal_pointer(&public);
    entry->file = g_strdup_printf("%s/%s.pem", store->folder, selector);
    for (size_t i = 0; i < G_N_ELEMENTS(state_names); i++)
        entry->since[i] = g_key_file_get_int64(file, selector, state_names[i], NULL);
    g_ptr_array_add(store->entries, entry);
    return TRUE;
}

static gboolean read_index(struct key_store *store, GError **error)
{
    g_autofree char *path = g_build_filename(store->folder, INDEX, NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) wrong = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &wrong)) {
        if (g_error_matches(wrong, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return TRUE;
        return error_set(error, wrong->domain == G_FILE_ERROR ? ERROR_DENIED : ERROR_DATA, "%s: %s", path,
                         wrong->message);
    }
    g_auto(GStrv) selectors = g_key_file_get_groups(file, NULL);
    for (char **selector = selectors; *selector != NULL; selector++)
        if (!read_entry(store, file, *selector, path, error))
            return FALSE;
    return TRUE;
}

static struct key_store *store_new(const char *keys_folder, const char *client)
{
    struct key_store *store = g_new0(struct key_store, 1);
    store->client = g_strdup(client);
    store->folder = g_build_filename(keys_folder, client, NULL);
    store->entries = g_ptr_array_new_with_free_func(entry_free);
    store->lock = -1;
    return store;
}

struct key_store *key_store_load(const char *keys_folder, const char *client, GError **error)
{
    g_autoptr(key_store_auto) store = store_new(keys_folder, client);
    return read_index(store, error) ? g_steal_pointer(&store) : NULL;
}

static gboolean make_folder(const char *folder, GError **error)
{
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", folder);
    return TRUE;
}

struct key_store *key_store_open(const char *keys_folder, const char *client, GError **error)
{
    g_autoptr(key_store_auto) store = store_new(keys_folder, client);
    if (!make_folder(keys_folder, error) || !make_folder(store->folder, error))
        return NULL;
    store->lock = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->lock < 0 || flock(store->lock, LOCK_EX) != 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "%s", store->folder);
        return NULL;
    }
    return read_index(store, error) ? g_steal_pointer(&store) : NULL;
}

void key_store_free(struct key_store *store)
{
    if (store == NULL)
        return;
    if (store->lock >= 0)
        close(store->lock);
    g_ptr_array_unref(store->entries);
    g_free(store->client);
    g_free(store->folder);
    g_free(store);
}

struct key_entry *key_store_find(const struct key_store *store, const char *selector)
{
    for (guint i = 0; i < store->entries->len; i++)
        if (strcmp(((const struct key_entry *)store->entries->pdata[i])->selector, selector) == 0)
            return store->entries->pdata[i];
    return NULL;
}

guint key_store_count(const struct key_store *store, enum key_algorithm algorithm, enum key_state state)
{
    guint count = 0;
    for (guint i = 0; i < store->entries->len; i++) {
        const struct key_entry *entry = store->entries->pdata[i];
        count += entry->algorithm == algorithm && entry->state == state ? 1u : 0u;
    }
    return count;
}

/* --- the rules --- */

static gboolean may_not(const struct key_entry *entry, const char *why, GError **error)
{
    return error_set(error, ERROR_WANTING, "key %s is %s: %s", entry->selector, key_state_name(entry->state), why);
}

static gboolean may_activate(const struct key_store *store, const struct key_entry *entry, GError **error)
{
    if (entry->state != KEY_STATE_PUBLISHED)
        return may_not(entry, "only a published key can be made active; postwelle key check looks whether it is",
                       error);
    guint active =
        key_store_count(store, KEY_RSA, KEY_STATE_ACTIVE) + key_store_count(store, KEY_ED25519, KEY_STATE_ACTIVE);
    if (active >= KEY_STORE_ACTIVE_MAX)
        return may_not(entry, "four keys are active already, as many as a mail can have; retire one first", error);
    if (entry->algorithm == KEY_ED25519 && key_store_count(store, KEY_RSA, KEY_STATE_ACTIVE) == 0)
        return may_not(entry, "many receivers verify RSA alone; make an RSA key active first", error);
    return TRUE;
}

static gboolean may_retire(const struct key_store *store, const struct key_entry *entry, GError **error)
{
    if (entry->state != KEY_STATE_ACTIVE)
        return may_not(entry, "only an active key can be retired; one that never signed can be deleted", error);
    if (entry->algorithm == KEY_RSA && key_store_count(store, KEY_RSA, KEY_STATE_ACTIVE) == 1)
        return may_not(entry, "it is the only RSA key that signs; make another one active first", error);
    return TRUE;
}

static gboolean may_delete(const struct key_entry *entry, gint64 now, GError **error)
{
    if (entry->state == KEY_STATE_ACTIVE)
        return may_not(entry, "it signs; retire it first", error);
    gint64 left = entry->since[KEY_STATE_RETIRED] + KEY_STORE_KEEP - now;
    if (entry->state == KEY_STATE_RETIRED && left > 0)
        return error_set(error, ERROR_WANTING,
                         "key %s is retired: mails that it signed may be under way for %" G_GINT64_FORMAT
                         " days yet; keep its record published until then",
                         entry->selector, (left + 86399) / 86400);
    return TRUE;
}

gboolean key_store_may(const struct key_store *store, const struct key_entry *entry, enum key_state state, gint64 now,
                       GError **error)
{
    switch (state) {
    case KEY_STATE_NEW:
        break;
    case KEY_STATE_PUBLISHED:
        return entry->state == KEY_STATE_NEW || may_not(entry, "only a new key can become published", error);
    case KEY_STATE_ACTIVE:
        return may_activate(store, entry, error);
    case KEY_STATE_RETIRED:
        return may_retire(store, entry, error);
    case KEY_STATE_DELETED:
        return may_delete(entry, now, error);
    }
    return may_not(entry, "no key becomes new again; make another one", error);
}

/* --- changing --- */

static gboolean selector_is_free(const struct key_store *store, const char *selector)
{
    g_autofree char *file = g_strdup_printf("%s/%s.pem", store->folder, selector);
    return key_store_find(store, selector) == NULL && access(file, F_OK) != 0;
}

char *key_store_selector(const struct key_store *store, enum key_algorithm algorithm, gint64 now)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(now);
    g_autofree char *day = g_date_time_format(time, "%Y%m%d");
    const char *suffix = algorithm == KEY_ED25519 ? "e" : "";
    char *selector = g_strconcat(day, suffix, NULL);
    for (guint i = 2; !selector_is_free(store, selector); i++) {
        g_free(selector);
        selector = g_strdup_printf("%s%s-%u", day, suffix, i);
    }
    return selector;
}

/* The public half of a key file that was just made; its owner is still us. */
static char *read_public(const char *path, GError **error)
{
    g_autoptr(key_auto) key = key_load(path, error);
    return key != NULL ? g_strdup(key_public_base64(key)) : NULL;
}

struct key_entry *key_store_make(struct key_store *store, enum key_algorithm algorithm, const char *selector,
                                 uid_t owner, gid_t group, gint64 now, GError **error)
{
    if (store->entries->len >= KEY_STORE_MAX) {
        error_set(error, ERROR_WANTING, "%s has %d keys already; delete old ones first", store->client, KEY_STORE_MAX);
        return NULL;
    }
    if (!selector_valid(selector) || !selector_is_free(store, selector)) {
        error_set(error, ERROR_USAGE, "selector \"%s\": give one of letters, digits and hyphens that is not taken",
                  selector);
        return NULL;
    }
    g_autofree char *file = g_strdup_printf("%s/%s.pem", store->folder, selector);
    if (!key_generate(algorithm, file, KEY_NO_GROUP, error))
        return NULL;
    g_autofree char *public = read_public(file, error);
    if (public == NULL || lchown(file, owner, group) != 0) {
        if (public != NULL)
            error_from_errno(error, ERROR_CANT_CREATE, errno,
                             "%s: can't give it to uid %u, who signs; run this as root", file, owner);
        unlink(file);
        return NULL;
    }
    struct key_entry *entry = g_new0(struct key_entry, 1);
    entry->selector = g_strdup(selector);
    entry->algorithm = algorithm;
    entry->public = g_steal_pointer(&public);
    entry->file = g_steal_pointer(&file);
    entry->since[KEY_STATE_NEW] = now;
    g_ptr_array_add(store->entries, entry);
    return entry;
}

gboolean key_store_set(struct key_store *store, struct key_entry *entry, enum key_state state, gint64 now,
                       GError **error)
{
    if (!key_store_may(store, entry, state, now, error))
        return FALSE;
    if (state != KEY_STATE_DELETED) {
        entry->state = state;
        entry->since[state] = now;
        return TRUE;
    }
    if (unlink(entry->file) != 0 && errno != ENOENT)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", entry->file);
    g_ptr_array_remove(store->entries, entry);
    return TRUE;
}

gboolean key_store_save(const struct key_store *store, GError **error)
{
    g_autoptr(GString) text = g_string_new(HEAD);
    for (guint i = 0; i < store->entries->len; i++) {
        const struct key_entry *entry = store->entries->pdata[i];
        g_string_append_printf(text, "[%s]\nalgorithm=%s\nstate=%s\npublic=%s\n", entry->selector,
                               key_type_name(entry->algorithm), key_state_name(entry->state), entry->public);
        for (size_t s = 0; s < G_N_ELEMENTS(state_names); s++)
            if (entry->since[s] != 0)
                g_string_append_printf(text, "%s=%" G_GINT64_FORMAT "\n", state_names[s], entry->since[s]);
    }
    g_autofree char *path = g_build_filename(store->folder, INDEX, NULL);
    g_autoptr(GError) wrong = NULL;
    if (!g_file_set_contents_full(path, text->str, (gssize)text->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, &wrong))
        return error_set(error, ERROR_CANT_CREATE, "%s", wrong->message);
    return TRUE;
}
