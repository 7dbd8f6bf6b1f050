/*
 * ledger_backup.c - copying the ledger while it is served: backup, backup-status, backup-end (doc/PROTOCOL.md §5).
 *
 * A thread copies; the loop goes on. Whoever asked looks now and then, verifies the copy, and says that it is good:
 * only then the witness lets go what two backups hold.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"
#include "policyd/meta.h"
#include "policyd/witness.h"

#include <errno.h>
#include <sys/stat.h>

#define FOLDER_MAX 1000 /* octets of a path */

struct backup {
    struct store *store;
    char *folder; /* of the ledger's copy */
    GThread *thread;
    gint done;     /* atomic: the thread is through */
    GError *error; /* what it says is valid then */
};

static gpointer copy(gpointer data)
{
    struct backup *backup = data;
    store_backup(backup->store, backup->folder, &backup->error);
    g_atomic_int_set(&backup->done, 1);
    return NULL;
}

void backup_free(struct backup *backup)
{
    if (backup == NULL)
        return;
    g_thread_join(backup->thread);
    g_clear_error(&backup->error);
    g_free(backup->folder);
    g_free(backup);
}

gboolean backup_runs(const struct backup *backup)
{
    return backup != NULL && g_atomic_int_get(&backup->done) == 0;
}

static struct backup *begin(struct store *store, const char *folder)
{
    struct backup *backup = g_new0(struct backup, 1);
    backup->store = store;
    backup->folder = g_build_filename(folder, "ledger", NULL);
    backup->thread = g_thread_new("backup", copy, backup);
    return backup;
}

/* The folder and the one for the ledger in it, both new. */
static gboolean make_folders(const char *folder, GError **error)
{
    g_autofree char *ledger = g_build_filename(folder, "ledger", NULL);
    if (*folder != '/')
        return error_set(error, ERROR_DATA, "attribute folder: %s is no absolute path", folder);
    if (mkdir(folder, 0700) == 0 && mkdir(ledger, 0700) == 0)
        return TRUE;
    return error_set(error, ERROR_WANTING, "make %s: %s; it must be new, and policyd's user must be able to make it",
                     folder, g_strerror(errno));
}

gboolean ledger_backup(struct request *request, GError **error)
{
    struct ledger *ledger = request->ledger;
    const char *folder;
    guint64 sequence;
    if (!request_text(request, "folder", FALSE, FOLDER_MAX, &folder, error))
        return FALSE;
    if (backup_runs(ledger->backup))
        return error_set(error, ERROR_WANTING, "another backup is under way, to %s", ledger->backup->folder);
    if (!meta_get_number(ledger->store, META_SEQUENCE, &sequence, error) || !make_folders(folder, error))
        return FALSE;
    backup_free(ledger->backup);
    ledger->backup = begin(ledger->store, folder);
    answer_begin(request, "ok");
    policy_append_number(request->out, "sequence", sequence);
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_backup_status(struct request *request, GError **error)
{
    const struct backup *backup = request->ledger->backup;
    gboolean done = backup != NULL && g_atomic_int_get(&backup->done) != 0;
    if (done && backup->error != NULL)
        return error_set(error, ERROR_WANTING, "%s", backup->error->message);
    answer_begin(request, "ok");
    policy_append(request->out, "state", backup == NULL ? "none" : done ? "done" : "running");
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_backup_end(struct request *request, GError **error)
{
    struct ledger *ledger = request->ledger;
    guint64 sequence, current, before;
    if (!meta_get_number(ledger->store, META_SEQUENCE, &current, error) ||
        !meta_get_number(ledger->store, META_BACKED_UP, &before, error) ||
        !request_number(request, "sequence", 0, current, &sequence, error))
        return FALSE;
    if (!meta_put_number(ledger->store, META_BACKED_UP, sequence, error) ||
        !meta_put_number(ledger->store, META_BACKED_UP_AT, (guint64)request_seconds(request), error))
        return FALSE;
    if (ledger->witness != NULL) {
        witness_turn(ledger->witness);
        witness_prune(ledger->witness, MIN(before, sequence));
    }
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}
