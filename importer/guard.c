/* guard.c - holds mail of a killed smtp(8); see guard.h. */
#include "importer/guard.h"

#include "importer/hold.h"
#include "importer/postfix.h"
#include "lib/error.h"
#include "lib/policy.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define REVERSE_PATH "pw-" /* ours begin so: PROTOCOL §2 */
#define PATIENCE_MS 60000  /* for root's answer: postsuper(1) takes its time on a large queue */

static gboolean has_reason(const json_t *mail)
{
    size_t i;
    json_t *recipient;
    json_array_foreach(json_object_get(mail, "recipients"), i,
                       recipient) if (json_object_get(recipient, "delay_reason") != NULL) return TRUE;
    return FALSE;
}

static gboolean text_is(const json_t *mail, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(mail, name));
    return value != NULL && strcmp(value, text) == 0;
}

gboolean guard_is_victim(const char *line, size_t size, char id_r[TRACK_ID_SIZE])
{
    json_t *mail = json_loadb(line, size, 0, NULL);
    const char *sender = json_string_value(json_object_get(mail, "sender"));
    const char *id = json_string_value(json_object_get(mail, "queue_id"));
    gboolean victim = sender != NULL && g_str_has_prefix(sender, REVERSE_PATH) && id != NULL && *id != '\0' &&
                      strlen(id) < TRACK_ID_SIZE && text_is(mail, "queue_name", "deferred") && !has_reason(mail);
    if (victim)
        g_strlcpy(id_r, id, TRACK_ID_SIZE);
    json_decref(mail);
    return victim;
}

gboolean guard_is_queue_id(const char *text)
{
    size_t size = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    return size > 0 && size < TRACK_ID_SIZE && text[size] == '\0';
}

char *guard_line_own(const char *line, size_t size)
{
    json_t *mail = json_loadb(line, size, 0, NULL);
    const char *sender = json_string_value(json_object_get(mail, "sender"));
    const char *id = json_string_value(json_object_get(mail, "queue_id"));
    char *own = sender != NULL && g_str_has_prefix(sender, REVERSE_PATH) ? g_strdup(id) : NULL;
    json_decref(mail);
    return own;
}

static gboolean take_victim(void *cookie, const char *line, size_t size, GError **error)
{
    GPtrArray *ids = cookie;
    char id[TRACK_ID_SIZE];
    (void)error;
    if (guard_is_victim(line, size, id))
        g_ptr_array_add(ids, g_strdup(id));
    return TRUE;
}

GPtrArray *guard_find(const char *postfix_config, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    return postfix_list_queue(postfix_config, take_victim, ids, error) ? g_steal_pointer(&ids) : NULL;
}

struct refused {
    GHashTable *ids;
    GPtrArray *found;
};

static gboolean take_refused(void *cookie, const char *line, size_t size, GError **error)
{
    struct refused *refused = cookie;
    g_autofree char *queue_id = NULL;
    enum hold_place place;
    (void)error;
    if (hold_read_line(line, size, &queue_id, &place) && place == HOLD_QUEUE &&
        g_hash_table_contains(refused->ids, queue_id))
        g_ptr_array_add(refused->found, g_steal_pointer(&queue_id));
    return TRUE;
}

GPtrArray *guard_find_refused(const char *postfix_config, GHashTable *ids, GError **error)
{
    struct refused refused = {ids, g_ptr_array_new_with_free_func(g_free)};
    if (!postfix_list_queue(postfix_config, take_refused, &refused, error))
        g_clear_pointer(&refused.found, g_ptr_array_unref);
    return refused.found;
}

/* --- as root, or by who is ---------------------------------------------------------------------- */

static gboolean hold_as_root(const struct guard *guard, const char *const *ids, GError **error)
{
    const char *const argv[] = {"postsuper", "-c", guard->postfix, "-h", "-", NULL};
    g_autofree char *input = g_strjoinv("\n", (char **)ids);
    return postfix_write(argv, input, strlen(input), error);
}

static struct policy_client *connect_to_root(const struct guard *guard, GError **error)
{
    g_autoptr(GError) problem = NULL;
    struct policy_client *client = policy_client_new(guard->socket, PATIENCE_MS, &problem);
    if (client == NULL)
        error_set(error, ERROR_UNAVAILABLE, "%s: nobody answers who may do as root what this takes: %s", guard->socket,
                  "systemctl enable --now postwelle-guard.socket");
    return client;
}

/* One request about some queue IDs; files_r (may be NULL) is what was found of them, in their order. */
static gboolean ask_root(struct policy_client *client, const char *kind, const char *const *ids, char ***files_r,
                         GError **error)
{
    struct attributes answer;
    g_autoptr(GString) request = g_string_new(NULL);
    g_autofree char *list = g_strjoinv(" ", (char **)ids);
    policy_append(request, "request", kind);
    policy_append(request, "queue_ids", list);
    policy_end(request);
    if (!policy_client_ask(client, request, &answer, error) || !policy_answer_ok(&answer, error))
        return FALSE;
    if (files_r != NULL)
        *files_r = g_strsplit(attributes_text(&answer, "files"), " ", -1);
    return TRUE;
}

/* Up to GUARD_BATCH of them, from that one on, ended by NULL: the strings stay the list's. */
static char **batch(const GPtrArray *ids, guint from)
{
    guint count = MIN(GUARD_BATCH, ids->len - from);
    char **some = g_new0(char *, count + 1);
    for (guint i = 0; i < count; i++)
        some[i] = g_ptr_array_index(ids, from + i);
    return some;
}

gboolean guard_hold(const struct guard *guard, const GPtrArray *ids, GError **error)
{
    gboolean root = geteuid() == 0, good = TRUE;
    g_autoptr(policy_client_auto) client = root || ids->len == 0 ? NULL : connect_to_root(guard, error);
    if (!root && ids->len > 0 && client == NULL)
        return FALSE;
    for (guint from = 0; good && from < ids->len; from += GUARD_BATCH) {
        g_autofree char **some = batch(ids, from);
        good = root ? hold_as_root(guard, (const char *const *)some, error)
                    : ask_root(client, "hold", (const char *const *)some, NULL, error);
    }
    return good;
}

static void take_files(struct evidence *evidence, char **ids, char **files)
{
    for (size_t i = 0; ids[i] != NULL && files[i] != NULL; i++)
        evidence_take(g_hash_table_lookup(evidence->mails, ids[i]), files[i]);
}

gboolean guard_look(const struct guard *guard, struct evidence *evidence, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    g_autoptr(policy_client_auto) client = connect_to_root(guard, error);
    GHashTableIter iter;
    gpointer queue_id;
    if (client == NULL)
        return FALSE;
    g_hash_table_iter_init(&iter, evidence->mails);
    while (g_hash_table_iter_next(&iter, &queue_id, NULL))
        g_ptr_array_add(ids, queue_id);
    for (guint from = 0; from < ids->len; from += GUARD_BATCH) {
        g_autofree char **some = batch(ids, from);
        g_auto(GStrv) files = NULL;
        if (!ask_root(client, "look", (const char *const *)some, &files, error))
            return FALSE;
        take_files(evidence, some, files);
    }
    return TRUE;
}
