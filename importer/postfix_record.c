/* postfix_record.c - what was changed, and what puts it back; see postfix_record.h. */
#include "importer/postfix_record.h"

#include "lib/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define FOLDERS "folders"
#define HEADING " What `postwelle setup postfix` changed here, for its --undo. Leave it to the command."

static void item_free(gpointer pointer)
{
    struct postfix_record_item *item = pointer;
    g_free(item->name);
    g_free(item->before);
    g_free(item->after);
    g_free(item);
}

struct postfix_record *postfix_record_new(void)
{
    struct postfix_record *record = g_new(struct postfix_record, 1);
    record->items = g_ptr_array_new_with_free_func(item_free);
    record->folders = g_ptr_array_new_with_free_func(g_free);
    return record;
}

void postfix_record_free(struct postfix_record *record)
{
    if (record == NULL)
        return;
    g_ptr_array_unref(record->items);
    g_ptr_array_unref(record->folders);
    g_free(record);
}

/* --- the file --- */

static gboolean read_item(GKeyFile *file, const char *group, struct postfix_record *record, GError **error)
{
    g_autofree char *kind = g_key_file_get_string(file, group, "kind", NULL);
    g_autofree char *name = g_key_file_get_string(file, group, "name", NULL);
    if (kind == NULL || name == NULL || (strcmp(kind, "parameter") != 0 && strcmp(kind, "entry") != 0))
        return error_set(error, ERROR_DATA, "[%s] has no kind (parameter or entry) or no name", group);
    struct postfix_record_item *item = g_new0(struct postfix_record_item, 1);
    item->service = strcmp(kind, "entry") == 0;
    item->name = g_steal_pointer(&name);
    item->before = g_key_file_get_string(file, group, "before", NULL);
    item->after = g_key_file_get_string(file, group, "after", NULL);
    g_ptr_array_add(record->items, item);
    return TRUE;
}

struct postfix_record *postfix_record_load(const char *config, GError **error)
{
    g_autofree char *path = g_build_filename(config, POSTFIX_RECORD, NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(postfix_record_auto) record = postfix_record_new();
    GError *problem = NULL;
    gboolean good = g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &problem);
    if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_error_free(problem);
        return g_steal_pointer(&record);
    }
    g_auto(GStrv) groups = good ? g_key_file_get_groups(file, NULL) : NULL;
    for (char **group = groups; good && *group != NULL; group++)
        good = strcmp(*group, FOLDERS) == 0 || read_item(file, *group, record, &problem);
    if (problem != NULL && problem->domain == G_FILE_ERROR) {
        g_propagate_prefixed_error(error, problem, "%s: ", path);
        return NULL;
    }
    if (!good) {
        error_set(error, ERROR_DATA,
                  "%s: %s; take the file away to begin anew (what was set up before can't be undone then)", path,
                  problem->message);
        g_error_free(problem);
        return NULL;
    }
    g_auto(GStrv) folders = g_key_file_get_string_list(file, FOLDERS, "made", NULL, NULL);
    for (char **folder = folders; folder != NULL && *folder != NULL; folder++)
        g_ptr_array_add(record->folders, g_strdup(*folder));
    return g_steal_pointer(&record);
}

static void write_item(GKeyFile *file, const struct postfix_record_item *item, guint number)
{
    g_autofree char *group = g_strdup_printf("%u", number);
    g_key_file_set_string(file, group, "kind", item->service ? "entry" : "parameter");
    g_key_file_set_string(file, group, "name", item->name);
    if (item->before != NULL)
        g_key_file_set_string(file, group, "before", item->before);
    if (item->after != NULL)
        g_key_file_set_string(file, group, "after", item->after);
}

gboolean postfix_record_save(const struct postfix_record *record, const char *config, GError **error)
{
    g_autofree char *path = g_build_filename(config, POSTFIX_RECORD, NULL);
    if (record->items->len == 0 && record->folders->len == 0)
        return g_remove(path) == 0 || errno == ENOENT || error_from_errno(error, ERROR_SYSTEM, errno, "%s", path);
    g_autoptr(GKeyFile) file = g_key_file_new();
    for (guint i = 0; i < record->items->len; i++)
        write_item(file, record->items->pdata[i], i + 1);
    if (record->folders->len > 0)
        g_key_file_set_string_list(file, FOLDERS, "made", (const char *const *)record->folders->pdata,
                                   record->folders->len);
    g_key_file_set_comment(file, NULL, NULL, HEADING, NULL);
    gsize size;
    g_autofree char *text = g_key_file_to_data(file, &size, NULL);
    return g_file_set_contents_full(path, text, (gssize)size,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

/* --- changes --- */

static struct postfix_record_item *find(const struct postfix_record *record, const struct postfix_change *change)
{
    for (guint i = 0; i < record->items->len; i++) {
        struct postfix_record_item *item = record->items->pdata[i];
        if (item->service == change->service && strcmp(item->name, change->name) == 0)
            return item;
    }
    return NULL;
}

/* The item that we put into the list with this name; NULL where it is no list of ours. */
static const char *our_item(gboolean service, const char *name)
{
    const struct postfix_setting *setting = service ? NULL : postfix_setting_find(name);
    return setting != NULL && setting->rule >= POSTFIX_FIRST ? setting->value : NULL;
}

/* A value that the site has set since, without our item in it. */
static char *without_ours(const struct postfix_record_item *item, const char *now)
{
    const char *ours = our_item(item->service, item->name);
    g_autofree char *others = now != NULL && ours != NULL ? postfix_list_without(now, ours) : g_strdup(now);
    return others != NULL && *others == '\0' && item->before == NULL ? NULL : g_steal_pointer(&others);
}

static void replace(char **text, char *by)
{
    g_free(*text);
    *text = by;
}

static void add_change(struct postfix_record *record, const struct postfix_change *change)
{
    struct postfix_record_item *item = find(record, change);
    if (item == NULL) {
        item = g_new0(struct postfix_record_item, 1);
        item->service = change->service;
        item->name = g_strdup(change->name);
        item->before = g_strdup(change->before);
        g_ptr_array_add(record->items, item);
    } else if (!item->service && g_strcmp0(change->before, item->after) != 0) {
        replace(&item->before, without_ours(item, change->before));
    }
    replace(&item->after, g_strdup(change->after));
    if (g_strcmp0(item->before, item->after) == 0)
        g_ptr_array_remove(record->items, item);
}

void postfix_record_add(struct postfix_record *record, const GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        if (change->conflict == NULL)
            add_change(record, change);
    }
}

/* What is there now; NULL where it is not. Free with g_free(). */
static char *value_now(const struct postfix_record_item *item, const struct postfix_facts *facts)
{
    const char *slash = item->service ? strrchr(item->name, '/') : NULL;
    if (slash == NULL)
        return g_strdup(postfix_facts_set(facts, item->name));
    g_autofree char *name = g_strndup(item->name, (gsize)(slash - item->name));
    const struct postfix_service *service = postfix_facts_service(facts, name, slash + 1);
    return service != NULL ? postfix_service_line(service) : NULL;
}

static void undo_item(const struct postfix_record_item *item, const struct postfix_facts *facts, GPtrArray *changes)
{
    g_autofree char *now = value_now(item, facts);
    const char *ours = our_item(item->service, item->name);
    if (g_strcmp0(now, item->before) == 0)
        return;
    struct postfix_change *change = postfix_change_new(item->service, item->name, now, item->before, "");
    g_ptr_array_add(changes, change);
    if (g_strcmp0(now, item->after) == 0)
        return;
    g_autofree char *others = without_ours(item, now);
    if (ours != NULL && g_strcmp0(others, now) != 0)
        postfix_change_redirect(change, others, "without ours; the rest was changed since, and stays");
    else if (ours != NULL)
        g_ptr_array_remove(changes, change); /* somebody took ours out already */
    else
        postfix_change_refuse(change, g_strdup("somebody has changed it since; put it right by hand, or leave it as it "
                                               "is with --keep-changed"));
}

GPtrArray *postfix_record_undo(const struct postfix_record *record, const struct postfix_facts *facts)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func((GDestroyNotify)postfix_change_free);
    for (int service = TRUE; service >= FALSE; service--)
        for (guint i = 0; i < record->items->len; i++) {
            const struct postfix_record_item *item = record->items->pdata[i];
            if (item->service == service)
                undo_item(item, facts, changes);
        }
    return changes;
}
