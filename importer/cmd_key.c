/*
 * cmd_key.c - postwelle key: a client's signing keys, made, published, used, retired and deleted in stages.
 *
 * keys.conf has the public halves, so all but making and deleting keys needs no right to read a private one.
 */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/dns_records.h"
#include "importer/json_print.h"
#include "importer/key_tell.h"
#include "importer/key_watch.h"
#include "importer/table.h"
#include "lib/error.h"
#include "lib/key_store.h"

#include <pwd.h>
#include <string.h>

#define RELOAD "To have the milter take it up: systemctl reload postwelle-milter"

/* What most verbs need. */
struct keys {
    const struct config *config;
    struct client_set *clients;
    const struct client *client;
    struct key_store *store;
    gint64 now;
    gboolean json;
    json_t *told; /* with --json: the keys that the verb has dealt with */
};

static void keys_release(struct keys *keys)
{
    json_decref(keys->told);
    key_store_free(keys->store);
    client_set_unref(keys->clients);
}

/* The client of that name, and its store; `change` locks it. */
static gboolean keys_open(struct keys *keys, struct command_context *context, const char *name, gboolean change,
                          GError **error)
{
    keys->now = g_get_real_time() / G_USEC_PER_SEC;
    keys->config = command_config(context, error);
    keys->clients = keys->config != NULL ? control_clients(context, error) : NULL;
    if (keys->clients == NULL)
        return FALSE;
    keys->client = client_by_name(keys->clients, name);
    if (keys->client == NULL)
        return error_set(error, ERROR_USAGE, "there is no client \"%s\"; `postwelle client list` shows them", name);
    if (change && *keys->client->rsa.selector != '\0')
        return error_set(
            error, ERROR_CONFIG,
            "%s names its keys itself ([signing] rsa-selector …); take these options out to have them kept here",
            keys->client->file);
    const char *folder = config_text(keys->config, "paths", "keys");
    keys->store = change ? key_store_open(folder, name, error) : key_store_load(folder, name, error);
    return keys->store != NULL;
}

/* What an earlier change could not tell. Who only looks may have no right to ask policyd. */
static void tell_silently(struct command_context *context, const struct keys *keys)
{
    g_autoptr(policy_client_auto) policy = control_open(context, NULL);
    if (policy != NULL)
        key_tell(policy, keys->store, NULL);
}

/* For the audit trail. The keys are as they are: where policyd does not run, it is told the next time. */
static void tell(struct command_context *context, const struct keys *keys)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(policy_client_auto) policy = control_open(context, &error);
    if (policy == NULL || !key_tell(policy, keys->store, &error))
        g_printerr("postwelle: not in the audit trail yet, the next `postwelle key list %s` brings it there: %s\n",
                   keys->client->name, error->message);
}

/* --- telling --- */

static char *day(gint64 time)
{
    g_autoptr(GDateTime) utc = time != 0 ? g_date_time_new_from_unix_utc(time) : NULL;
    return utc != NULL ? g_date_time_format(utc, "%Y-%m-%d") : g_strdup("");
}

static char *remark(const struct key_entry *entry, gint64 now)
{
    g_autofree char *end = day(entry->since[KEY_STATE_RETIRED] + KEY_STORE_KEEP);
    switch (entry->state) {
    case KEY_STATE_NEW:
        return g_strdup("to be published");
    case KEY_STATE_PUBLISHED:
        return g_strdup("may be made active");
    case KEY_STATE_ACTIVE:
        return g_strdup("signs");
    default:
        return now < entry->since[KEY_STATE_RETIRED] + KEY_STORE_KEEP ? g_strdup_printf("keep its record until %s", end)
                                                                      : g_strdup("may be deleted");
    }
}

/* Its record, as a line of a zone file. */
static char *record_line(const struct client *client, const struct key_entry *entry)
{
    g_autofree char *name = dns_key_name(entry->selector, client->signing_domain);
    g_autofree char *data = dkim_record_text(key_type_name(entry->algorithm), entry->public);
    return dns_zone_line(name, "TXT", data);
}

/* As a row of `key list`, and its record. */
static json_t *key_json(const struct keys *keys, const struct key_entry *entry)
{
    g_autofree char *since = day(entry->since[entry->state]), *words = remark(entry, keys->now);
    g_autofree char *record = record_line(keys->client, entry);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "selector", entry->selector, "algorithm",
                     key_type_name(entry->algorithm), "state", key_state_name(entry->state), "since", since, "remark",
                     words, "record", record);
}

static void print_told(const struct keys *keys)
{
    json_print(json_pack("{s:s, s:O}", "client", keys->client->name, "keys", keys->told));
}

/* --- new --- */

static gboolean milter_user(const struct config *config, uid_t *user_r, gid_t *group_r, GError **error)
{
    const char *name = config_text(config, "policyd", "milter-user");
    const struct passwd *user = getpwnam(name);
    if (user == NULL)
        return error_set(error, ERROR_CONFIG,
                         "%s: [policyd] milter-user: there is no user %s; make it, or name another",
                         config_path(config), name);
    *user_r = user->pw_uid;
    *group_r = user->pw_gid;
    return TRUE;
}

static gboolean make_key(struct keys *keys, enum key_algorithm algorithm, const char *wanted, GError **error)
{
    uid_t user = 0;
    gid_t group = 0;
    if (!milter_user(keys->config, &user, &group, error))
        return FALSE;
    g_autofree char *selector =
        wanted != NULL ? g_strdup(wanted) : key_store_selector(keys->store, algorithm, keys->now);
    const struct key_entry *entry = key_store_make(keys->store, algorithm, selector, user, group, keys->now, error);
    if (entry == NULL || !key_store_save(keys->store, error))
        return FALSE;
    if (keys->json) {
        json_array_append_new(keys->told, key_json(keys, entry));
        return TRUE;
    }
    g_autofree char *record = record_line(keys->client, entry);
    g_print("%s\n", record);
    return TRUE;
}

static int new_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *algorithm = NULL, *selector = NULL;
    struct keys keys = {.told = json_array()};
    const GOptionEntry entries[] = {
        {"algorithm", 'a', 0, G_OPTION_ARG_STRING, &algorithm, "rsa (2048 bits), ed25519, or both (default)",
         "rsa|ed25519|both"},
        {"selector", 's', 0, G_OPTION_ARG_STRING, &selector, "The selector (default: today's date); with one algorithm",
         "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &keys.json, "Print JSON: the keys as key list has them, each with its record",
         NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good =
        command_options(&argc, &argv, "key new CLIENT",
                        "Makes new keys and prints the records to publish. They sign when they are published and "
                        "made active.",
                        entries, 1, 1, &error);
    gboolean both = algorithm == NULL || strcmp(algorithm, "both") == 0;
    gboolean rsa = good && (both || strcmp(algorithm, "rsa") == 0);
    gboolean ed25519 = good && (both || strcmp(algorithm, "ed25519") == 0);
    if (good && !rsa && !ed25519)
        good = error_set(&error, ERROR_USAGE, "--algorithm %s: choose rsa, ed25519 or both", algorithm);
    if (good && both && selector != NULL)
        good = error_set(&error, ERROR_USAGE, "--selector names one key; give --algorithm, too");
    good = good && key_protect_memory(&error) && keys_open(&keys, context, argv[1], TRUE, &error) &&
           (!rsa || make_key(&keys, KEY_RSA, selector, &error)) &&
           (!ed25519 || make_key(&keys, KEY_ED25519, selector, &error));
    if (good) {
        tell(context, &keys);
        if (keys.json)
            print_told(&keys);
        g_printerr(
            "Have these records published (postwelle dns letter %s writes the letter), then: postwelle key check %s\n",
            argv[1], argv[1]);
    }
    keys_release(&keys);
    return good ? 0 : command_fail(error);
}

/* --- list --- */

static int list_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column columns[] = {{"SELECTOR", TABLE_TEXT}, {"ALGORITHM", TABLE_TEXT},
                                                  {"STATE", TABLE_TEXT},    {"SINCE", TABLE_TEXT},
                                                  {"REMARK", TABLE_TEXT},   {NULL, TABLE_TEXT}};
    struct keys keys = {0};
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &keys.json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    gboolean good = command_options(&argc, &argv, "key list CLIENT", "Shows a client's keys and where they stand.",
                                    entries, 1, 1, &error) &&
                    keys_open(&keys, context, argv[1], FALSE, &error);
    if (good) {
        g_autoptr(table_auto) table = table_new("keys", columns, keys.json);
        for (guint i = 0; i < keys.store->entries->len; i++) {
            const struct key_entry *entry = keys.store->entries->pdata[i];
            g_autofree char *since = day(entry->since[entry->state]), *words = remark(entry, keys.now);
            table_add(table, entry->selector, key_type_name(entry->algorithm), key_state_name(entry->state), since,
                      words);
        }
        g_autofree char *nothing =
            *keys.client->rsa.file != '\0'
                ? g_strdup_printf("None was made here: %s names its keys itself.", keys.client->file)
                : g_strdup_printf("There is none yet: postwelle key new %s", argv[1]);
        table_print_or(table, nothing);
        tell_silently(context, &keys);
    }
    keys_release(&keys);
    return good ? 0 : command_fail(error);
}

/* --- check, activate --- */

/* Is it on all name servers? */
static gboolean is_seen(const struct key_sighting *sighting)
{
    return sighting->hosts > 0 && sighting->seen == sighting->hosts;
}

/* Asks all name servers for the entry's record. */
static gboolean look(const struct keys *keys, struct resolver *resolver, const struct key_entry *entry,
                     struct key_sighting *sighting_r, GError **error)
{
    g_autofree char *name = dns_key_name(entry->selector, keys->client->signing_domain);
    g_autofree char *line = record_line(keys->client, entry);
    const struct dkim_wish wish = {key_type_name(entry->algorithm), entry->public};
    return key_watch(resolver, name, &wish, line, sighting_r, error);
}

/* What is missing where. */
static void print_sighting(const struct keys *keys, const struct key_entry *entry, const struct key_sighting *sighting,
                           gboolean moved)
{
    g_autofree char *name = dns_key_name(entry->selector, keys->client->signing_domain);
    g_autofree char *line = record_line(keys->client, entry);
    g_print("%s: on %u of %u name servers\n", name, sighting->seen, sighting->hosts);
    for (guint i = 0; i < sighting->missing->len; i++) {
        const struct finding *finding = sighting->missing->pdata[i];
        g_print("  %s: %s\n", finding->name, finding->text);
    }
    if (!is_seen(sighting))
        g_print("  publish: %s\n", line);
    if (moved)
        g_print("  %s is %s now\n", entry->selector, key_state_name(entry->state));
}

static json_t *sighting_json(const struct keys *keys, const struct key_entry *entry,
                             const struct key_sighting *sighting)
{
    json_t *key = key_json(keys, entry), *missing = json_array();
    for (guint i = 0; i < sighting->missing->len; i++) {
        const struct finding *finding = sighting->missing->pdata[i];
        json_array_append_new(missing, json_pack("{s:s, s:s}", "name", finding->name, "text", finding->text));
    }
    json_object_set_new(key, "hosts", json_integer(sighting->hosts));
    json_object_set_new(key, "seen", json_integer(sighting->seen));
    json_object_set_new(key, "missing", missing);
    return key;
}

/* Looks for one key; where it is seen, it comes into the next state. */
static gboolean advance_one(struct keys *keys, struct resolver *resolver, struct key_entry *entry, gboolean *moved_r,
                            GError **error)
{
    struct key_sighting sighting;
    gboolean looked = look(keys, resolver, entry, &sighting, error);
    gboolean seen = looked && is_seen(&sighting);
    gboolean good =
        looked && (!seen || (key_store_set(keys->store, entry, (enum key_state)(entry->state + 1), keys->now, error) &&
                             key_store_save(keys->store, error)));
    *moved_r = good && seen;
    if (looked && keys->json)
        json_array_append_new(keys->told, sighting_json(keys, entry, &sighting));
    else if (looked)
        print_sighting(keys, entry, &sighting, *moved_r);
    key_sighting_release(&sighting);
    return good;
}

/* Does so with all keys of a state. *left_r: some were not seen. */
static gboolean advance(struct keys *keys, struct resolver *resolver, const char *selector, enum key_state from,
                        guint *moved_r, gboolean *left_r, GError **error)
{
    for (guint i = 0; i < keys->store->entries->len; i++) {
        struct key_entry *entry = keys->store->entries->pdata[i];
        gboolean moved = FALSE;
        if (entry->state != from || (selector != NULL && strcmp(entry->selector, selector) != 0))
            continue;
        if (!advance_one(keys, resolver, entry, &moved, error))
            return FALSE;
        *left_r |= !moved;
        *moved_r += moved ? 1 : 0;
    }
    return TRUE;
}

static gboolean known_selector(const struct keys *keys, const char *selector, GError **error)
{
    return selector == NULL || key_store_find(keys->store, selector) != NULL ||
           error_set(error, ERROR_USAGE, "%s has no key with the selector \"%s\"; `postwelle key list %s` shows them",
                     keys->client->name, selector, keys->client->name);
}

/* Why there was no key of that state to look for. FALSE with *error. */
static gboolean explain_none(const struct keys *keys, const char *selector, enum key_state from, GError **error)
{
    const struct key_entry *entry = selector != NULL ? key_store_find(keys->store, selector) : NULL;
    if (entry != NULL)
        return key_store_may(keys->store, entry, (enum key_state)(from + 1), keys->now, error);
    return error_set(error, ERROR_WANTING, "%s has no %s key", keys->client->name, key_state_name(from));
}

/* `key check` and `key activate`: both ask DNS afresh. */
static int advance_command(struct command_context *context, int argc, char **argv, enum key_state from,
                           const char *usage, const char *summary, const char *next)
{
    g_autofree char *server = NULL;
    struct keys keys = {.told = json_array()};
    const GOptionEntry entries[] = {
        {"resolver", 0, 0, G_OPTION_ARG_STRING, &server,
         "The name server to ask where the zone's own ones are (default: [dns] resolver)", "ADDR@PORT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &keys.json,
         "Print JSON: the keys that were looked at, how many name servers (hosts) have (seen) them, what is missing",
         NULL},
        {0}};
    GError *error = NULL;
    g_autoptr(resolver_auto) resolver = NULL;
    guint moved = 0;
    gboolean left = FALSE;
    gboolean good = command_options(&argc, &argv, usage, summary, entries, 1, 2, &error) &&
                    keys_open(&keys, context, argv[1], TRUE, &error) && known_selector(&keys, argv[2], &error) &&
                    (resolver = control_resolver(context, server, FALSE, &error)) != NULL;
    /* RSA comes before Ed25519 in the store, as `key new` makes them: a mail never has the latter alone. */
    good = good && advance(&keys, resolver, argv[2], from, &moved, &left, &error);
    if (good && moved == 0 && !left)
        good = explain_none(&keys, argv[2], from, &error);
    if (moved > 0)
        tell(context, &keys);
    if (good && keys.json)
        print_told(&keys);
    if (good && moved > 0)
        (keys.json ? g_printerr : g_print)("%s\n", next);
    keys_release(&keys);
    return !good ? command_fail(error) : left ? ERROR_WANTING : 0;
}

static int check_command(struct command_context *context, int argc, char **argv)
{
    return advance_command(
        context, argc, argv, KEY_STATE_NEW, "key check CLIENT [SELECTOR]",
        "Asks all authoritative name servers for the records of new keys. Those that all of them have are "
        "published, and may be made active. Ends with 1 while some are missing.",
        "Next: postwelle key activate, with the same arguments");
}

static int activate_command(struct command_context *context, int argc, char **argv)
{
    return advance_command(context, argc, argv, KEY_STATE_PUBLISHED, "key activate CLIENT [SELECTOR]",
                           "Makes published keys sign, after another look at all authoritative name servers.", RELOAD);
}

/* --- retire, delete --- */

static int set_command(struct command_context *context, int argc, char **argv, enum key_state state, const char *usage,
                       const char *summary, const char *next)
{
    struct keys keys = {0};
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &keys.json, "Print JSON: client, selector, state", NULL}, {0}};
    GError *error = NULL;
    gboolean good = command_options(&argc, &argv, usage, summary, entries, 2, 2, &error) &&
                    keys_open(&keys, context, argv[1], TRUE, &error) && known_selector(&keys, argv[2], &error) &&
                    key_store_set(keys.store, key_store_find(keys.store, argv[2]), state, keys.now, &error) &&
                    key_store_save(keys.store, &error);
    if (good) {
        tell(context, &keys);
        if (keys.json)
            json_print(
                json_pack("{s:s, s:s, s:s}", "client", argv[1], "selector", argv[2], "state", key_state_name(state)));
        else
            g_print("%s is %s. %s\n", argv[2], key_state_name(state), next);
    }
    keys_release(&keys);
    return good ? 0 : command_fail(error);
}

static int retire_command(struct command_context *context, int argc, char **argv)
{
    return set_command(
        context, argc, argv, KEY_STATE_RETIRED, "key retire CLIENT SELECTOR",
        "Makes a key sign no more. Its record must stay published for 14 days: its mails are still under way.",
        "Keep its record published for 14 days. " RELOAD);
}

static int delete_command(struct command_context *context, int argc, char **argv)
{
    return set_command(context, argc, argv, KEY_STATE_DELETED, "key delete CLIENT SELECTOR",
                       "Deletes a key that never signed, or was retired 14 days ago.",
                       "Its record may be taken out of DNS.");
}

int cmd_key(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"new", "make keys, and print the records to publish", new_command},
        {"list", "show the keys and where they stand", list_command},
        {"check", "look whether new keys are published everywhere", check_command},
        {"activate", "make published keys sign", activate_command},
        {"retire", "make a key sign no more", retire_command},
        {"delete", "delete a key that is of no more use", delete_command},
        {0},
    };
    return command_dispatch(context, "key", verbs, argc, argv);
}
