/* commit.c - the threads that wait for the disk; see commit.h. */
#include "policyd/commit.h"

#include "lib/error.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define CHECKPOINT_LOOK 100000000 /* nanoseconds after which the size of the log is looked at */
#define SECOND 1000000000

struct commit {
    struct store *store;
    guint64 checkpoint_size;
    void (*on_flushed)(void *cookie);
    void *cookie;
    int fd;
    gboolean busy; /* the loop's own view */
    GThread *flusher, *checkpointer;
    pthread_mutex_t mutex; /* guards what follows; not GLib's, which ThreadSanitizer can't see */
    pthread_cond_t wanted, ended;
    gboolean flush, flushed, stop;
    gint checkpoint; /* atomic: one is asked for */
    gint over; /* atomic: a flush has ended, and was not reaped */
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
    pthread_mutex_lock(&commit->mutex);
    while (TRUE) {
        while (!commit->flush && !commit->stop)
            pthread_cond_wait(&commit->wanted, &commit->mutex);
        if (!commit->flush)
            break;
        commit->flush = FALSE;
        pthread_mutex_unlock(&commit->mutex);
        GError *error = NULL;
        if (store_flush(commit->store, &error))
            commit->on_flushed(commit->cookie);
        pthread_mutex_lock(&commit->mutex);
        if (error != NULL)
            note_failure(commit, error);
        commit->flushed = TRUE;
        g_atomic_int_set(&commit->over, TRUE);
        wake_loop(commit);
    }
    pthread_mutex_unlock(&commit->mutex);
    return NULL;
}

/* Or for CHECKPOINT_LOOK. */
static void wait_for_end(struct commit *commit)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += CHECKPOINT_LOOK;
    until.tv_sec += until.tv_nsec / SECOND;
    until.tv_nsec %= SECOND;
    pthread_cond_clockwait(&commit->ended, &commit->mutex, CLOCK_MONOTONIC, &until);
}

static gpointer run_checkpointer(gpointer data)
{
    struct commit *commit = data;
    pthread_mutex_lock(&commit->mutex);
    while (!commit->stop) {
        wait_for_end(commit);
        if (commit->stop)
            break;
        pthread_mutex_unlock(&commit->mutex);
        GError *error = NULL;
        if (g_atomic_int_compare_and_exchange(&commit->checkpoint, TRUE, FALSE) ||
            store_log_size(commit->store) >= commit->checkpoint_size)
            store_checkpoint(commit->store, &error);
        pthread_mutex_lock(&commit->mutex);
        if (error == NULL)
            continue;
        note_failure(commit, error);
        wake_loop(commit);
    }
    pthread_mutex_unlock(&commit->mutex);
    return NULL;
}

struct commit *commit_new(struct store *store, guint64 checkpoint_size, void (*flushed)(void *cookie), void *cookie,
                          GError **error)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "eventfd");
        return NULL;
    }
    struct commit *commit = g_new0(struct commit, 1);
    commit->store = store;
    commit->checkpoint_size = checkpoint_size;
    commit->on_flushed = flushed;
    commit->cookie = cookie;
    commit->fd = fd;
    pthread_mutex_init(&commit->mutex, NULL);
    pthread_cond_init(&commit->wanted, NULL);
    pthread_cond_init(&commit->ended, NULL);
    commit->flusher = g_thread_new("flush", run_flusher, commit);
    commit->checkpointer = g_thread_new("checkpoint", run_checkpointer, commit);
    return commit;
}

void commit_free(struct commit *commit)
{
    if (commit == NULL)
        return;
    pthread_mutex_lock(&commit->mutex);
    commit->stop = TRUE;
    pthread_cond_signal(&commit->wanted);
    pthread_cond_signal(&commit->ended);
    pthread_mutex_unlock(&commit->mutex);
    g_thread_join(commit->flusher);
    g_thread_join(commit->checkpointer);
    close(commit->fd);
    g_clear_error(&commit->failure);
    pthread_cond_destroy(&commit->wanted);
    pthread_cond_destroy(&commit->ended);
    pthread_mutex_destroy(&commit->mutex);
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

gboolean commit_is_over(const struct commit *commit)
{
    return g_atomic_int_get(&commit->over);
}

void commit_submit(struct commit *commit)
{
    g_assert(!commit->busy);
    commit->busy = TRUE;
    pthread_mutex_lock(&commit->mutex);
    commit->flush = TRUE;
    pthread_cond_signal(&commit->wanted);
    pthread_mutex_unlock(&commit->mutex);
}

void commit_checkpoint(struct commit *commit)
{
    g_atomic_int_set(&commit->checkpoint, TRUE);
}

gboolean commit_reap(struct commit *commit, gboolean *done_r, GError **error)
{
    eventfd_t count;
    eventfd_read(commit->fd, &count);
    pthread_mutex_lock(&commit->mutex);
    *done_r = commit->flushed;
    commit->flushed = FALSE;
    g_atomic_int_set(&commit->over, FALSE);
    GError *failure = g_steal_pointer(&commit->failure);
    pthread_mutex_unlock(&commit->mutex);
    if (*done_r)
        commit->busy = FALSE;
    if (failure == NULL)
        return TRUE;
    g_propagate_error(error, failure);
    return FALSE;
}
