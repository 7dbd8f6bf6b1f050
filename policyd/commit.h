/*
 * commit.h - the threads that wait for the disk, so that the event loop never does.
 *
 * One flushes: what the loop has committed (store_commit()) becomes durable by one fsync, however many requests it was.
 * The loop goes on taking requests meanwhile; they are the next batch. The other writes checkpoints once enough log has
 * gathered.
 *
 * Thread rule: all functions here are for the loop's thread.
 */
#ifndef POSTWELLE_POLICYD_COMMIT_H
#define POSTWELLE_POLICYD_COMMIT_H

#include "policyd/store.h"

struct commit;

/*
 * Starts the threads. checkpoint_size: octets of log from one checkpoint to the next. flushed(cookie) is called in the
 * flushing thread when a flush has done well, before commit_reap() tells of it.
 */
struct commit *commit_new(struct store *store, guint64 checkpoint_size, void (*flushed)(void *cookie), void *cookie,
                          GError **error);

/* Waits for a flush under way, ends the threads. NULL is fine. */
void commit_free(struct commit *commit);

/* Readable when commit_reap() has something to say. */
int commit_fd(const struct commit *commit);

/* A flush is under way. */
gboolean commit_busy(const struct commit *commit);

/* The flush under way has ended, and commit_reap() will say so. Cheap enough to be asked after each request. */
gboolean commit_is_over(const struct commit *commit);

/* Begins a flush of everything committed so far. Not while one is under way. */
void commit_submit(struct commit *commit);

/* Begins a checkpoint soon, however little log there is. */
void commit_checkpoint(struct commit *commit);

/*
 * *done_r: the flush is done, and everything committed before it is durable. FALSE and *error (ERROR_IO) where the disk
 * failed: nobody knows what is on it, end the process.
 */
gboolean commit_reap(struct commit *commit, gboolean *done_r, GError **error);

#endif
