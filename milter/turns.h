/*
 * turns.h - so many threads at once, and the others in the order in which they came.
 *
 * Reading and signing a whole mail is nothing but work for the processor. Were all who have one to do so at once, the
 * scheduler would share the processors among them as it likes: some mails would wait ten times as long as others, and
 * no more would be done.
 *
 * Thread rule: any thread.
 */
#ifndef POSTWELLE_MILTER_TURNS_H
#define POSTWELLE_MILTER_TURNS_H

#include <glib.h>

struct turns;

/* at_once: threads that may work at the same time, 1 or more. Free with turns_free(). */
struct turns *turns_new(guint at_once);

/* When nobody works or waits any more; NULL is fine. */
void turns_free(struct turns *turns);

/* Waits until it is this thread's turn. Each turn taken is to be ended; a thread has one at most. */
void turns_take(struct turns *turns);
void turns_end(struct turns *turns);

/* Threads that wait now. */
guint turns_waiting(struct turns *turns);

#endif
