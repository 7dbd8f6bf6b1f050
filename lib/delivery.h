/*
 * delivery.h - what the last word of a receiver means for one mail: is it greylisted, and when does Postfix try again?
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_LIB_DELIVERY_H
#define POSTWELLE_LIB_DELIVERY_H

#include <glib.h>

/*
 * TRUE where the reply of a deferred delivery, as Postfix notes it, is a greylister's: a 4yz of the receiver's host
 * that says so in one of the ways that are in use. All receivers that mean it and don't say it are merely "deferred".
 */
gboolean delivery_is_greylisted(const char *reply);

/*
 * When a mail came into the queue, by its long queue ID (enable_long_queue_ids), seconds since 1970; 0 where it is
 * none.
 */
gint64 delivery_arrival(const char *queue_id);

/* Postfix's parameters, seconds. */
struct delivery_pace {
    gint64 minimal, maximal; /* minimal_backoff_time, maximal_backoff_time */
};

/*
 * Before that time Postfix does not try a mail again that was put off at `tried`; it does with the next run of its
 * queue (queue_run_delay). Seconds since 1970; 0 where it is not known. As qmgr(8) reckons: the mail's age, within the
 * limits.
 */
gint64 delivery_next_try(const char *queue_id, gint64 tried, const struct delivery_pace *pace);

#endif
