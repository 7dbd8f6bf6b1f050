/* hold.c - a campaign's mail in Postfix's queue; see hold.h. */
#include "importer/hold.h"

#include "importer/postfix.h"
#include "lib/error.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ROUND_MS 500 /* between two looks */

void hold_init(struct hold *hold, const char *postfix_config, const char *client, const char *campaign, guint wave)
{
    *hold = (struct hold){.mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                          .config = postfix_config,
                          .client = client,
                          .campaign = campaign,
                          .wave = wave};
}

void hold_release(struct hold *hold)
{
    g_clear_pointer(&hold->mails, g_hash_table_unref);
}

guint hold_count(const struct hold *hold, enum hold_place place)
{
    GHashTableIter iter;
    gpointer value;
    guint count = 0;
    g_hash_table_iter_init(&iter, hold->mails);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        count += ((const struct hold_mail *)value)->place == place;
    return count;
}

/* --- looking ------------------------------------------------------------------------------------ */

static gboolean take_mail(void *cookie, const struct attributes *row, GError **error)
{
    GHashTable *mails = cookie;
    const char *queue_id = attributes_text(row, "queue_id");
    (void)error;
    if (*queue_id == '\0')
        return TRUE;
    struct hold_mail *mail = g_new0(struct hold_mail, 1);
    mail->reserved = strcmp(attributes_text(row, "state"), "reserved") == 0;
    g_hash_table_replace(mails, g_strdup(queue_id), mail);
    return TRUE;
}

static gboolean ask_ledger(struct hold *hold, struct policy_client *policy, GError **error)
{
    struct attributes last;
    guint64 after = 0;
    g_hash_table_remove_all(hold->mails);
    do {
        GString *request = control_request("campaign-queue", "client", hold->client, "campaign", hold->campaign, NULL);
        policy_append_number(request, "after", after);
        if (hold->wave > 0)
            policy_append_number(request, "wave", hold->wave);
        if (!control_rows(policy, request, take_mail, hold->mails, &last, error))
            return FALSE;
        after = control_number(&last, "last");
    } while (after != 0);
    return TRUE;
}

gboolean hold_read_line(const char *line, size_t size, char **queue_id_r, enum hold_place *place_r)
{
    json_t *mail = json_loadb(line, size, 0, NULL);
    const char *queue = json_string_value(json_object_get(mail, "queue_name"));
    *queue_id_r = g_strdup(json_string_value(json_object_get(mail, "queue_id")));
    *place_r = g_strcmp0(queue, "hold") == 0 ? HOLD_HELD : HOLD_QUEUE;
    json_decref(mail);
    return *queue_id_r != NULL;
}

static gboolean take_line(void *cookie, const char *line, size_t size, GError **error)
{
    struct hold *hold = cookie;
    g_autofree char *queue_id = NULL;
    enum hold_place place;
    if (size == 0)
        return TRUE;
    if (!hold_read_line(line, size, &queue_id, &place))
        return error_set(error, ERROR_UNAVAILABLE, "postqueue -j: a line is no mail: %.100s", line);
    struct hold_mail *mail = g_hash_table_lookup(hold->mails, queue_id);
    if (mail != NULL)
        mail->place = place;
    return TRUE;
}

static gboolean ask_postfix(struct hold *hold, GError **error)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, hold->mails);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((struct hold_mail *)value)->place = HOLD_NOWHERE;
    return g_hash_table_size(hold->mails) == 0 || postfix_list_queue(hold->config, take_line, hold, error);
}

gboolean hold_look(struct hold *hold, struct policy_client *policy, GError **error)
{
    return ask_ledger(hold, policy, error) && ask_postfix(hold, error);
}

/* --- postsuper ---------------------------------------------------------------------------------- */

/* Runs `postsuper OPTION - [hold]` over all mails in that place. */
static gboolean run_postsuper(const struct hold *hold, const char *option, const char *queue, const GString *ids,
                              GError **error)
{
    const char *const argv[] = {"postsuper", "-c", hold->config, option, "-", queue, NULL};
    return ids->len == 0 || postfix_write(argv, ids->str, ids->len, error);
}

static GString *ids_in(const struct hold *hold, enum hold_place place)
{
    GString *ids = g_string_new(NULL);
    GHashTableIter iter;
    gpointer queue_id, value;
    g_hash_table_iter_init(&iter, hold->mails);
    while (g_hash_table_iter_next(&iter, &queue_id, &value))
        if (((const struct hold_mail *)value)->place == place)
            g_string_append_printf(ids, "%s\n", (const char *)queue_id);
    return ids;
}

/* The first time nothing is known of any place: all are tried, which costs nothing where a mail is gone. */
static gboolean put_on_hold(const struct hold *hold, enum hold_place place, GError **error)
{
    g_autoptr(GString) ids = ids_in(hold, place);
    return run_postsuper(hold, "-h", NULL, ids, error);
}

/* Is something outside that is in the queue, or may yet come? */
static gboolean is_open(const struct hold *hold)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, hold->mails);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct hold_mail *mail = value;
        if (mail->place == HOLD_QUEUE || (mail->place == HOLD_NOWHERE && mail->reserved))
            return TRUE;
    }
    return FALSE;
}

static gboolean pause_between(struct stop *stop)
{
    if (stop != NULL)
        return stop_sleep(stop, ROUND_MS);
    g_usleep(ROUND_MS * 1000);
    return FALSE;
}

gboolean hold_all(struct hold *hold, struct policy_client *policy, gint64 patience_ms, struct stop *stop,
                  GError **error)
{
    gint64 until = g_get_monotonic_time() + patience_ms * 1000;
    if (!ask_ledger(hold, policy, error) || !put_on_hold(hold, HOLD_NOWHERE, error) || !hold_look(hold, policy, error))
        return FALSE;
    while (is_open(hold) && g_get_monotonic_time() < until && !pause_between(stop))
        if (!put_on_hold(hold, HOLD_QUEUE, error) || !hold_look(hold, policy, error))
            return FALSE;
    return TRUE;
}

gboolean hold_release_all(struct hold *hold, struct policy_client *policy, GError **error)
{
    if (!hold_look(hold, policy, error))
        return FALSE;
    g_autoptr(GString) ids = ids_in(hold, HOLD_HELD);
    return run_postsuper(hold, "-H", NULL, ids, error);
}

/* --- deleting ----------------------------------------------------------------------------------- */

/*
 * A delivery agent locks the file of the mail it sends. One that has only been told to send it finds no such file where
 * it looks for it. TRUE where nobody has the lock; FALSE, too, where that can't be seen.
 */
static gboolean is_idle(const char *folder, const char *queue_id)
{
    g_autofree char *path = g_build_filename(folder, queue_id, NULL);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return FALSE;
    gboolean idle = flock(file, LOCK_EX | LOCK_NB) == 0 && fcntl(file, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
    close(file);
    return idle;
}

/* Those that are idle stay HOLD_HELD; the others become HOLD_QUEUE. */
static guint find_busy(struct hold *hold, const char *folder)
{
    GHashTableIter iter;
    gpointer queue_id, value;
    guint busy = 0;
    g_hash_table_iter_init(&iter, hold->mails);
    while (g_hash_table_iter_next(&iter, &queue_id, &value)) {
        struct hold_mail *mail = value;
        if (mail->place != HOLD_HELD || is_idle(folder, queue_id))
            continue;
        mail->place = HOLD_QUEUE;
        busy++;
    }
    return busy;
}

gboolean hold_delete(struct hold *hold, GPtrArray *deleted, guint *busy_r, GError **error)
{
    *busy_r = 0;
    g_autofree char *queue = postfix_parameter(hold->config, "queue_directory", error);
    if (queue == NULL)
        return FALSE;
    g_autofree char *folder = g_build_filename(queue, "hold", NULL);
    *busy_r = find_busy(hold, folder);
    g_autoptr(GString) ids = ids_in(hold, HOLD_HELD);
    g_auto(GStrv) list = g_strsplit(ids->str, "\n", -1);
    if (!run_postsuper(hold, "-d", "hold", ids, error) || !ask_postfix(hold, error))
        return FALSE;
    for (char **id = list; *id != NULL; id++) {
        const struct hold_mail *mail = g_hash_table_lookup(hold->mails, *id);
        if (**id == '\0' || mail == NULL || mail->place != HOLD_NOWHERE)
            continue;
        g_ptr_array_add(deleted, g_strdup(*id));
        g_hash_table_remove(hold->mails, *id);
    }
    return TRUE;
}
