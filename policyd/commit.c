/* commit.c - the threads that wait for the disk; see commit.h. */
#include "policyd/commit.h"

#include "lib/error.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHECKPOINT_LOOK (G_TIME_SPAN_SECOND) /* how often the size of the log is looked at */

struct commit {
    struct store *store;
    guint64 checkpoint_size;
    int fd;
    gboolean busy; /* the loop's own view */
    GThread *flusher, *checkpointer;
    GMutex mutex; /* guards what follows */
    GCond wanted, ended;
    gboolean flush, flushed, stop;
    GError *failure; /* the first one */
};

static void wake_loop(struct commit *commit)
{
    eventfd_write(commit->fd, 1);
}

/* Takes over `error`. */
static void note_failure(struct commit *commit, GError *error)
{
    if (commit->failure == NULL)
        commit->failure = error;
    else
        g_error_free(error);
}

static gpointer run_flusher(gpointer data)
{
    struct commit *commit = data;
    g_mutex_lock(&commit->mutex);
    while (TRUE) {
        while (!commit->flush && !commit->stop)
            g_cond_wait(&commit->wanted, &commit->mutex);
        if (!commit->flush)
            break;
        commit->flush = FALSE;
        g_mutex_unlock(&commit->mutex);
        GError *error = NULL;
        store_flush(commit->store, &error);
        g_mutex_lock(&commit->mutex);
        if (error != NULL)
            note_failure(commit, error);
        commit->flushed = TRUE;
        wake_loop(commit);
    }
    g_mutex_unlock(&commit->mutex);
    return NULL;
}

static gpointer run_checkpointer(gpointer data)
{
    struct commit *commit = data;
    g_mutex_lock(&commit->mutex);
    while (!commit->stop) {
        g_cond_wait_until(&commit->ended, &commit->mutex, g_get_monotonic_time() + CHECKPOINT_LOOK);
        if (commit->stop)
            break;
        g_mutex_unlock(&commit->mutex);
        GError *error = NULL;
        if (store_log_size(commit->store) >= commit->checkpoint_size)
            store_checkpoint(commit->store, &error);
        g_mutex_lock(&commit->mutex);
        if (error == NULL)
            continue;
        note_failure(commit, error);
        wake_loop(commit);
    }
    g_mutex_unlock(&commit->mutex);
    return NULL;
}

struct commit *commit_new(struct store *store, guint64 checkpoint_size, GError **error)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "eventfd");
        return NULL;
    }
    struct commit *commit = g_new0(struct commit, 1);
    commit->store = store;
    commit->checkpoint_size = checkpoint_size;
    commit->fd = fd;
    g_mutex_init(&commit->mutex);
    g_cond_init(&commit->wanted);
    g_cond_init(&commit->ended);
    commit->flusher = g_thread_new("flush", run_flusher, commit);
    commit->checkpointer = g_thread_new("checkpoint", run_checkpointer, commit);
    return commit;
}

void commit_free(struct commit *commit)
{
    if (commit == NULL)
        return;
    g_mutex_lock(&commit->mutex);
    commit->stop = TRUE;
    g_cond_signal(&commit->wanted);
    g_cond_signal(&commit->ended);
    g_mutex_unlock(&commit->mutex);
    g_thread_join(commit->flusher);
    g_thread_join(commit->checkpointer);
    close(commit->fd);
    g_clear_error(&commit->failure);
    g_cond_clear(&commit->wanted);
    g_cond_clear(&commit->ended);
    g_mutex_clear(&commit->mutex);
    g_free(commit);
}

int commit_fd(const struct commit *commit)
{
    return commit->fd;
}

gboolean commit_busy(const struct commit *commit)
{
    return commit->busy;
}

void commit_submit(struct commit *commit)
{
    g_assert(!commit->busy);
    commit->busy = TRUE;
    g_mutex_lock(&commit->mutex);
    commit->flush = TRUE;
    g_cond_signal(&commit->wanted);
    g_mutex_unlock(&commit->mutex);
}

gboolean commit_reap(struct commit *commit, gboolean *done_r, GError **error)
{
    eventfd_t count;
    eventfd_read(commit->fd, &count);
    g_mutex_lock(&commit->mutex);
    *done_r = commit->flushed;
    commit->flushed = FALSE;
    GError *failure = g_steal_pointer(&commit->failure);
    g_mutex_unlock(&commit->mutex);
    if (*done_r)
        commit->busy = FALSE;
    if (failure == NULL)
        return TRUE;
    g_propagate_error(error, failure);
    return FALSE;
}
