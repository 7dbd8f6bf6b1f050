/* turns.c - so many threads at once; see turns.h. */
#include "milter/turns.h"

#include <pthread.h>

/* One who waits; on its thread's stack. */
struct waiter {
    pthread_cond_t called;
    gboolean is_called;
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

/* Called with the lock held, and returns with it. */
static void wait_for_call(struct turns *turns)
{
    struct waiter self = {.next = NULL};
    pthread_cond_init(&self.called, NULL);
    *turns->last = &self;
    turns->last = &self.next;
    turns->waiting++;
    while (!self.is_called)
        pthread_cond_wait(&self.called, &turns->lock);
    pthread_cond_destroy(&self.called);
}

void turns_take(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    if (turns->free > 0)
        turns->free--;
    else
        wait_for_call(turns);
    pthread_mutex_unlock(&turns->lock);
}

/* The turn goes on to who has waited longest, who need not win it against others. */
void turns_end(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    struct waiter *next = turns->first;
    if (next == NULL) {
        turns->free++;
    } else {
        turns->first = next->next;
        if (turns->first == NULL)
            turns->last = &turns->first;
        turns->waiting--;
        next->is_called = TRUE;
        pthread_cond_signal(&next->called);
    }
    pthread_mutex_unlock(&turns->lock);
}

guint turns_waiting(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    guint waiting = turns->waiting;
    pthread_mutex_unlock(&turns->lock);
    return waiting;
}
