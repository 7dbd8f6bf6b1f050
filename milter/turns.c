/* turns.c - so many threads at once; see turns.h. */
#include "milter/turns.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

/* One who waits; on its thread's stack. */
struct waiter {
    sem_t called;
    struct waiter *next;
};

struct turns {
    pthread_mutex_t lock;
    guint free, waiting;
    struct waiter *first, **last;
};

struct turns *turns_new(guint at_once)
{
    struct turns *turns = g_new0(struct turns, 1);
    pthread_mutex_init(&turns->lock, NULL);
    turns->free = at_once;
    turns->last = &turns->first;
    return turns;
}

void turns_free(struct turns *turns)
{
    if (turns == NULL)
        return;
    pthread_mutex_destroy(&turns->lock);
    g_free(turns);
}

/* With the lock held. */
static void join(struct turns *turns, struct waiter *self)
{
    self->next = NULL;
    sem_init(&self->called, 0, 0);
    *turns->last = self;
    turns->last = &self->next;
    turns->waiting++;
}

/* With the lock held; NULL where nobody waits. */
static struct waiter *leave(struct turns *turns)
{
    struct waiter *first = turns->first;
    if (first == NULL)
        return NULL;
    turns->first = first->next;
    if (turns->first == NULL)
        turns->last = &turns->first;
    turns->waiting--;
    return first;
}

void turns_take(struct turns *turns)
{
    struct waiter self;
    pthread_mutex_lock(&turns->lock);
    gboolean waits = turns->free == 0;
    if (waits)
        join(turns, &self);
    else
        turns->free--;
    pthread_mutex_unlock(&turns->lock);
    if (!waits)
        return;
    while (sem_wait(&self.called) != 0 && errno == EINTR)
        ;
    sem_destroy(&self.called);
}

/*
 * The turn goes on to who has waited longest, who need not win it against others. Called without the lock, which the
 * one called would only run into.
 */
void turns_end(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    struct waiter *next = leave(turns);
    if (next == NULL)
        turns->free++;
    pthread_mutex_unlock(&turns->lock);
    if (next != NULL)
        sem_post(&next->called);
}

guint turns_waiting(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    guint waiting = turns->waiting;
    pthread_mutex_unlock(&turns->lock);
    return waiting;
}
