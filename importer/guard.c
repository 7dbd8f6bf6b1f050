/* guard.c - holds mail of a killed smtp(8); see guard.h. */
#include "importer/guard.h"

#include "importer/hold.h"
#include "importer/postfix.h"

#include <jansson.h>
#include <string.h>

#define REVERSE_PATH "pw-" /* ours begin so: PROTOCOL §2 */
#define HOLD_BATCH 100     /* queue IDs to one postsuper(1) */

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

static gboolean hold(const char *postfix_config, const GPtrArray *ids, guint from, guint count, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    const char *const first[] = {"postsuper", "-c", postfix_config};
    for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
        g_ptr_array_add(argv, (char *)first[i]);
    for (guint i = 0; i < count; i++) {
        g_ptr_array_add(argv, (char *)"-h");
        g_ptr_array_add(argv, g_ptr_array_index(ids, from + i));
    }
    g_ptr_array_add(argv, NULL);
    return postfix_run((const char *const *)argv->pdata, NULL, error);
}

static GPtrArray *find_victims(const char *queue)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    char id[TRACK_ID_SIZE];
    for (const char *line = queue; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        if (guard_is_victim(line, size, id))
            g_ptr_array_add(ids, g_strdup(id));
        line += size + (line[size] != '\0');
    }
    return ids;
}

GPtrArray *guard_find(const char *postfix_config, GError **error)
{
    g_autofree char *queue = NULL;
    const char *const list[] = {"postqueue", "-c", postfix_config, "-j", NULL};
    return postfix_run(list, &queue, error) ? find_victims(queue) : NULL;
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
    const char *const argv[] = {"postqueue", "-c", postfix_config, "-j", NULL};
    struct refused refused = {ids, g_ptr_array_new_with_free_func(g_free)};
    if (!postfix_read(argv, take_refused, &refused, error))
        g_clear_pointer(&refused.found, g_ptr_array_unref);
    return refused.found;
}

gboolean guard_hold(const char *postfix_config, const GPtrArray *ids, GError **error)
{
    for (guint from = 0; from < ids->len; from += HOLD_BATCH)
        if (!hold(postfix_config, ids, from, MIN(HOLD_BATCH, ids->len - from), error))
            return FALSE;
    return TRUE;
}
