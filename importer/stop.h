/*
 * stop.h - a clean stop on SIGINT and SIGTERM without a signal handler: the signals are blocked and asked for.
 *
 * Begin before the first thread is made, so that all threads block them. The second signal ends the program at once,
 * which is safe, too: the state is policyd's.
 */
#ifndef POSTWELLE_IMPORTER_STOP_H
#define POSTWELLE_IMPORTER_STOP_H

#include <glib.h>
#include <signal.h>

struct stop {
    sigset_t before; /* the mask to go back to */
    gboolean asked;
};

void stop_begin(struct stop *stop);
void stop_end(struct stop *stop);

/* TRUE from the first signal on. For the thread that began. */
gboolean stop_asked(struct stop *stop);

/* Sleeps so long, or until a signal comes; TRUE where one did. */
gboolean stop_sleep(struct stop *stop, gint64 milliseconds);

#endif
