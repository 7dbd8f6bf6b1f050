/* client.c - the clients of this installation; see client.h. */
#include "lib/client.h"

#include "lib/config.h"
#include "lib/error.h"

#include <string.h>

/* A client and the configuration that its borrowed texts live in. */
struct entry {
    struct client client;
    char *name;
    struct config *config;
};

struct client_set {
    gatomicrefcount references;
    GPtrArray *entries; /* struct entry, by name */
    GHashTable *by_name, *by_sender_domain, *by_return_path, *by_signing_domain;
    char *digest;
};

gboolean client_name_valid(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(name[i]) && name[i] != '-' && name[i] != '_')
            return FALSE;
    return length > 0 && length <= CLIENT_NAME_MAX;
}

static void entry_free(void *data)
{
    struct entry *entry = data;
    g_strfreev(entry->client.domains);
    g_free(entry->client.return_path);
    g_free(entry->client.signing_domain);
    g_clear_pointer(&entry->client.zone, g_time_zone_unref);
    g_free(entry->name);
    config_free(entry->config);
    g_free(entry);
}

static gboolean bad_option(const struct entry *entry, const char *group, const char *name, const char *why,
                           GError **error)
{
    return error_set(error, ERROR_CONFIG, "%s: [%s] %s: %s", config_path(entry->config), group, name, why);
}

/* --- one client --------------------------------------------------------------------------------- */

/* The domain as a lower-case A-label, by the rules for addresses; NULL with the fault in words. */
static char *domain_form(const char *text, char **why_r)
{
    struct address address;
    g_autofree char *probe = g_strconcat("x@", text, NULL);
    size_t where;
    enum address_fault fault = address_parse(probe, strlen(probe), &address, &where);
    if (fault == ADDRESS_GOOD)
        return g_strdup(address_domain(&address));
    g_autofree char *fault_text = address_fault_message(fault, probe, strlen(probe), where);
    *why_r = g_strdup_printf("\"%s\" is no domain: %s", text, fault_text);
    return NULL;
}

static gboolean take_domain(const struct entry *entry, const char *group, const char *name, const char *text,
                            char **domain_r, GError **error)
{
    g_autofree char *why = NULL;
    *domain_r = domain_form(text, &why);
    return *domain_r != NULL || bad_option(entry, group, name, why, error);
}

/* A signature is aligned where d= is the From domain or a parent of it (RFC 7489 3.1.1, relaxed). */
static gboolean is_within(const char *domain, const char *parent)
{
    size_t domain_length = strlen(domain), parent_length = strlen(parent);
    return g_str_has_suffix(domain, parent) &&
           (domain_length == parent_length || domain[domain_length - parent_length - 1] == '.');
}

static gboolean take_domains(struct entry *entry, GError **error)
{
    const char *const *given = config_list(entry->config, "client", "domains");
    size_t count = g_strv_length((char **)given);
    if (count == 0)
        return bad_option(entry, "client", "domains", "name at least one domain", error);
    if (!take_domain(entry, "client", "return-path", config_text(entry->config, "client", "return-path"),
                     &entry->client.return_path, error) ||
        !take_domain(entry, "signing", "domain", config_text(entry->config, "signing", "domain"),
                     &entry->client.signing_domain, error))
        return FALSE;
    entry->client.domains = g_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!take_domain(entry, "client", "domains", given[i], &entry->client.domains[i], error))
            return FALSE;
        if (!is_within(entry->client.domains[i], entry->client.signing_domain)) {
            g_autofree char *why =
                g_strdup_printf("d=%s is not aligned with the sender domain %s; sign with that domain "
                                "or a parent of it",
                                entry->client.signing_domain, entry->client.domains[i]);
            return bad_option(entry, "signing", "domain", why, error);
        }
    }
    return TRUE;
}

static gboolean take_cap(struct entry *entry, GError **error)
{
    struct client *client = &entry->client;
    client->time_zone = config_text(entry->config, "client", "time-zone");
    client->zone = g_time_zone_new_identifier(client->time_zone);
    if (client->zone == NULL)
        return bad_option(entry, "client", "time-zone", "is no known zone; write one as Europe/Berlin", error);
    g_autoptr(GError) period_error = NULL;
    if (!cap_period_parse(config_text(entry->config, "cap", "period"), &client->cap, &period_error))
        return bad_option(entry, "cap", "period", period_error->message, error);
    client->identity = config_number(entry->config, "cap", "identity") == 0 ? ADDRESS_IDENTITY_MAILBOX
                                                                             : ADDRESS_IDENTITY_STRICT;
    client->foreign_mail = config_number(entry->config, "cap", "foreign-mail") == 0 ? CLIENT_FOREIGN_INVITATION
                                                                                     : CLIENT_FOREIGN_REJECT;
    return TRUE;
}

static gboolean take_keys(struct entry *entry, GError **error)
{
    const struct config *config = entry->config;
    struct client *client = &entry->client;
    client->rsa = (struct client_key){config_text(config, "signing", "rsa-selector"),
                                      config_text(config, "signing", "rsa-key")};
    client->ed25519 = (struct client_key){config_text(config, "signing", "ed25519-selector"),
                                          config_text(config, "signing", "ed25519-key")};
    if (*client->rsa.selector == '\0' && *client->rsa.file == '\0' && *client->ed25519.selector == '\0' &&
        *client->ed25519.file == '\0')
        return TRUE; /* kept by `postwelle key` */
    if (*client->rsa.selector == '\0' || *client->rsa.file == '\0')
        return bad_option(entry, "signing", *client->rsa.file == '\0' ? "rsa-key" : "rsa-selector", "must not be empty",
                          error);
    if ((*client->ed25519.selector == '\0') != (*client->ed25519.file == '\0'))
        return bad_option(entry, "signing", "ed25519-key", "give ed25519-selector and ed25519-key both, or neither",
                          error);
    return TRUE;
}

static gboolean take_unsubscribe(struct entry *entry, GError **error)
{
    struct client *client = &entry->client;
    client->unsubscribe_uri = config_text(entry->config, "unsubscribe", "uri");
    client->unsubscribe_mailto = config_text(entry->config, "unsubscribe", "mailto");
    client->unsubscribe_probe = config_switch(entry->config, "unsubscribe", "probe");
    if (!g_str_has_prefix(client->unsubscribe_uri, "https://") || strpbrk(client->unsubscribe_uri, " \t<>\"") != NULL)
        return bad_option(entry, "unsubscribe", "uri", "must be an https:// address (RFC 8058 3.1)", error);
    struct address address;
    if (address_parse(client->unsubscribe_mailto, strlen(client->unsubscribe_mailto), &address, NULL) != ADDRESS_GOOD)
        return bad_option(entry, "unsubscribe", "mailto", "must be a mail address", error);
    return TRUE;
}

static struct entry *load_entry(const char *folder, const char *file_name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, file_name, NULL);
    struct entry *entry = g_new0(struct entry, 1);
    entry->name = g_strndup(file_name, strlen(file_name) - strlen(".conf"));
    entry->config = config_load(path, &config_client, error);
    if (entry->config == NULL || !take_domains(entry, error) || !take_cap(entry, error) || !take_keys(entry, error) ||
        !take_unsubscribe(entry, error)) {
        entry_free(entry);
        return NULL;
    }
    entry->client.name = entry->name;
    entry->client.file = config_path(entry->config);
    entry->client.title = config_text(entry->config, "client", "title");
    entry->client.language = config_text(entry->config, "client", "language");
    entry->client.proof_to = config_text(entry->config, "client", "proof-to");
    entry->client.retention = config_number(entry->config, "client", "retention");
    return entry;
}

/* --- the set ------------------------------------------------------------------------------------ */

static gboolean add_unique(GHashTable *table, const char *domain, struct entry *entry, const char *what, GError **error)
{
    const struct client *other = g_hash_table_lookup(table, domain);
    if (other != NULL && other != &entry->client)
        return error_set(error, ERROR_CONFIG, "%s: the %s %s is also the client %s's; a domain names one client",
                         config_path(entry->config), what, domain, other->name);
    g_hash_table_insert(table, (char *)domain, &entry->client);
    return TRUE;
}

static gboolean add_entry(struct client_set *set, struct entry *entry, GError **error)
{
    g_ptr_array_add(set->entries, entry);
    g_hash_table_insert(set->by_name, entry->name, &entry->client);
    if (!add_unique(set->by_return_path, entry->client.return_path, entry, "return-path domain", error) ||
        !add_unique(set->by_signing_domain, entry->client.signing_domain, entry, "signing domain", error))
        return FALSE;
    for (char **domain = entry->client.domains; *domain != NULL; domain++)
        if (!add_unique(set->by_sender_domain, *domain, entry, "sender domain", error))
            return FALSE;
    return TRUE;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the folder's *.conf files in order. */
static GPtrArray *list_files(const char *folder, GError **error)
{
    g_autoptr(GError) open_error = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &open_error);
    if (dir == NULL) {
        error_set(error, ERROR_CONFIG, "%s; make the folder and a file NAME.conf for each client in it",
                  open_error->message);
        return NULL;
    }
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        if (*name != '.' && g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(files, g_strdup(name));
    g_ptr_array_sort(files, compare_names);
    return files;
}

static gboolean load_files(struct client_set *set, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) files = list_files(folder, error);
    if (files == NULL)
        return FALSE;
    if (files->len == 0)
        return error_set(error, ERROR_CONFIG, "%s: there is no client; make a file NAME.conf for each", folder);
    for (guint i = 0; i < files->len; i++) {
        struct entry *entry = load_entry(folder, files->pdata[i], error);
        if (entry == NULL)
            return FALSE;
        if (!client_name_valid(entry->name)) {
            error_set(error, ERROR_CONFIG, "%s: a client's name has 1 to %d letters, digits, - or _; rename the file",
                      config_path(entry->config), CLIENT_NAME_MAX);
            entry_free(entry);
            return FALSE;
        }
        if (!add_entry(set, entry, error))
            return FALSE;
    }
    return TRUE;
}

/* Of all names and their files' digests. */
static char *digest_of(const struct client_set *set)
{
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < set->entries->len; i++) {
        const struct entry *entry = set->entries->pdata[i];
        g_string_append_printf(all, "%s %s\n", entry->name, config_digest(entry->config));
    }
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all->str, (gssize)all->len);
}

struct client_set *client_set_load(const char *folder, GError **error)
{
    g_autoptr(client_set_auto) set = g_new0(struct client_set, 1);
    g_atomic_ref_count_init(&set->references);
    set->entries = g_ptr_array_new_with_free_func(entry_free);
    set->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    set->by_sender_domain = g_hash_table_new(g_str_hash, g_str_equal);
    set->by_return_path = g_hash_table_new(g_str_hash, g_str_equal);
    set->by_signing_domain = g_hash_table_new(g_str_hash, g_str_equal);
    if (!load_files(set, folder, error))
        return NULL;
    set->digest = digest_of(set);
    return g_steal_pointer(&set);
}

struct client_set *client_set_ref(struct client_set *set)
{
    g_atomic_ref_count_inc(&set->references);
    return set;
}

void client_set_unref(struct client_set *set)
{
    if (set == NULL || !g_atomic_ref_count_dec(&set->references))
        return;
    g_hash_table_destroy(set->by_name);
    g_hash_table_destroy(set->by_sender_domain);
    g_hash_table_destroy(set->by_return_path);
    g_hash_table_destroy(set->by_signing_domain);
    g_ptr_array_unref(set->entries);
    g_free(set->digest);
    g_free(set);
}

const struct client *const *client_set_list(const struct client_set *set, size_t *count_r)
{
    /* struct entry begins with its client, so the array of entries is one of clients. */
    G_STATIC_ASSERT(G_STRUCT_OFFSET(struct entry, client) == 0);
    *count_r = set->entries->len;
    return (const struct client *const *)set->entries->pdata;
}

const char *client_set_digest(const struct client_set *set)
{
    return set->digest;
}

const struct client *client_by_name(const struct client_set *set, const char *name)
{
    return g_hash_table_lookup(set->by_name, name);
}

const struct client *client_by_sender_domain(const struct client_set *set, const char *domain)
{
    return g_hash_table_lookup(set->by_sender_domain, domain);
}

const struct client *client_by_return_path(const struct client_set *set, const char *domain)
{
    return g_hash_table_lookup(set->by_return_path, domain);
}
