/* dns_records.c - what a client publishes; see dns_records.h. */
#include "importer/dns_records.h"

#include "importer/dkim_record.h"

#include <string.h>

#define STRING_MAX 255 /* octets of a string of a TXT record (RFC 1035 3.3.14) */
#define MX_PREFERENCE 10

/* --- zone lines --- */

static void append_text(GString *line, const char *data)
{
    size_t length = strlen(data);
    for (size_t i = 0; i == 0 || i < length; i++) {
        if (i % STRING_MAX == 0)
            g_string_append(line, i == 0 ? "\"" : "\" \"");
        if (i == length)
            break;
        if (data[i] == '"' || data[i] == '\\')
            g_string_append_c(line, '\\');
        g_string_append_c(line, data[i]);
    }
    g_string_append_c(line, '"');
}

char *dns_zone_line(const char *name, const char *type, const char *data)
{
    GString *line = g_string_new(NULL);
    g_string_append_printf(line, "%s. IN %s ", name, type);
    if (strcmp(type, "TXT") == 0)
        append_text(line, data);
    else
        g_string_append_printf(line, "%s.", data);
    return g_string_free(line, FALSE);
}

/* --- keys --- */

static void key_free(void *data)
{
    struct dns_key *key = data;
    g_free(key->selector);
    g_free(key->public);
    g_free(key->unknown);
    g_free(key);
}

char *dns_key_name(const char *selector, const char *domain)
{
    return g_strdup_printf("%s._domainkey.%s", selector, domain);
}

static void add_configured(GPtrArray *keys, const struct client_key *configured, enum key_algorithm algorithm)
{
    g_autoptr(GError) error = NULL;
    if (*configured->selector == '\0')
        return;
    /* Where the system refuses, the key is as safe as any in an ordinary process: it is read, and forgotten. */
    key_protect_memory(NULL);
    g_autoptr(key_auto) key = key_load(configured->file, &error);
    struct dns_key *row = g_new0(struct dns_key, 1);
    row->selector = g_strdup(configured->selector);
    row->algorithm = key != NULL ? key_algorithm(key) : algorithm;
    row->state = KEY_STATE_ACTIVE;
    row->public = key != NULL ? g_strdup(key_public_base64(key)) : NULL;
    row->unknown = key == NULL ? g_strdup(error->message) : NULL;
    g_ptr_array_add(keys, row);
}

GPtrArray *dns_keys(const struct client *client, const char *keys_folder, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(key_free);
    add_configured(keys, &client->rsa, KEY_RSA);
    add_configured(keys, &client->ed25519, KEY_ED25519);
    if (keys->len > 0)
        return g_steal_pointer(&keys);
    g_autoptr(key_store_auto) store = key_store_load(keys_folder, client->name, error);
    if (store == NULL)
        return NULL;
    for (guint i = 0; i < store->entries->len; i++) {
        const struct key_entry *entry = store->entries->pdata[i];
        struct dns_key *row = g_new0(struct dns_key, 1);
        row->selector = g_strdup(entry->selector);
        row->algorithm = entry->algorithm;
        row->state = entry->state;
        row->public = g_strdup(entry->public);
        g_ptr_array_add(keys, row);
    }
    return g_steal_pointer(&keys);
}

/* --- records --- */

static void line_free(void *data)
{
    struct dns_line *line = data;
    g_free(line->name);
    g_free(line->data);
    g_free(line);
}

/* Takes over name and data. */
static void add_line(GPtrArray *lines, enum dns_purpose purpose, char *name, const char *type, char *data)
{
    struct dns_line *line = g_new0(struct dns_line, 1);
    *line = (struct dns_line){purpose, name, type, data};
    g_ptr_array_add(lines, line);
}

char *dns_spf_text(const struct config *config)
{
    const char *include = config_text(config, "dns", "spf-include");
    const char *const *addresses = config_list(config, "dns", "addresses");
    g_autoptr(GString) text = g_string_new("v=spf1");
    if (*include != '\0')
        g_string_append_printf(text, " include:%s", include);
    else
        for (; *addresses != NULL; addresses++)
            g_string_append_printf(text, " %s:%s", strchr(*addresses, ':') != NULL ? "ip6" : "ip4", *addresses);
    if (strcmp(text->str, "v=spf1") == 0)
        return NULL;
    g_string_append(text, " -all");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *delegated_name(const struct client *client, const struct dns_key *key, const char *delegate)
{
    return g_strdup_printf("%s._domainkey.%s.%s", key->selector, client->name, delegate);
}

static void add_keys(GPtrArray *lines, const struct client *client, const GPtrArray *keys, const char *delegate)
{
    for (guint i = 0; i < keys->len; i++) {
        const struct dns_key *key = keys->pdata[i];
        if (key->public == NULL || key->state == KEY_STATE_RETIRED)
            continue;
        char *name = dns_key_name(key->selector, client->signing_domain);
        if (delegate != NULL)
            add_line(lines, DNS_FOR_DKIM, name, "CNAME", delegated_name(client, key, delegate));
        else
            add_line(lines, DNS_FOR_DKIM, name, "TXT", dkim_record_text(key_type_name(key->algorithm), key->public));
    }
}

GPtrArray *dns_records(const struct client *client, const GPtrArray *keys, const struct config *config,
                       const char *delegate)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
    char *spf = dns_spf_text(config);
    const char *bounces = config_text(config, "dns", "bounce-host");
    if (spf != NULL)
        add_line(lines, DNS_FOR_SPF, g_strdup(client->return_path), "TXT", spf);
    if (*bounces != '\0')
        add_line(lines, DNS_FOR_BOUNCES, g_strdup(client->return_path), "MX",
                 g_strdup_printf("%d %s", MX_PREFERENCE, bounces));
    add_keys(lines, client, keys, delegate);
    add_line(lines, DNS_AS_ADVICE, g_strconcat("_dmarc.", client->signing_domain, NULL), "TXT",
             g_strdup_printf("v=DMARC1; p=none; rua=mailto:dmarc@%s", client->signing_domain));
    return lines;
}

GPtrArray *dns_delegated(const struct client *client, const GPtrArray *keys, const char *delegate)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
    for (guint i = 0; i < keys->len; i++) {
        const struct dns_key *key = keys->pdata[i];
        if (key->public != NULL && key->state != KEY_STATE_RETIRED)
            add_line(lines, DNS_FOR_DKIM, delegated_name(client, key, delegate), "TXT",
                     dkim_record_text(key_type_name(key->algorithm), key->public));
    }
    return lines;
}
