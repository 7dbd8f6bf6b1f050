/* stop.c - asks for SIGINT and SIGTERM; see stop.h. */
#include "importer/stop.h"

static void signal_set(sigset_t *set_r)
{
    sigemptyset(set_r);
    sigaddset(set_r, SIGINT);
    sigaddset(set_r, SIGTERM);
}

void stop_begin(struct stop *stop)
{
    sigset_t set;
    signal_set(&set);
    stop->asked = FALSE;
    pthread_sigmask(SIG_BLOCK, &set, &stop->before);
}

void stop_end(struct stop *stop)
{
    pthread_sigmask(SIG_SETMASK, &stop->before, NULL);
}

gboolean stop_sleep(struct stop *stop, gint64 milliseconds)
{
    if (stop->asked)
        return TRUE;
    sigset_t set;
    signal_set(&set);
    const struct timespec limit = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    stop->asked = sigtimedwait(&set, NULL, &limit) > 0;
    if (stop->asked)
        pthread_sigmask(SIG_SETMASK, &stop->before, NULL); /* the next one is final */
    return stop->asked;
}

gboolean stop_asked(struct stop *stop)
{
    return stop_sleep(stop, 0);
}
