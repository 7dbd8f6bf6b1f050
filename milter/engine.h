/*
 * engine.h - who speaks the milter protocol with Postfix and runs the sessions.
 *
 * An engine is one of two implementations behind one set of functions:
 *   engine_own       a thread for each connection, protocol.c's reading and writing. The default: half the CPU beside
 * the signature, and no mail waits for another's connection. engine_libmilter Sendmail's library (callbacks.c): reads
 * each packet with four system calls, and Postfix sends two packets for every header field; its pool of workers lets
 * single mails wait for half a second when many sessions are open (tests/bench measures it). Both give Postfix the same
 * answers.
 */
#ifndef POSTWELLE_MILTER_ENGINE_H
#define POSTWELLE_MILTER_ENGINE_H

#include "milter/session.h"

#include <glib.h>

#define MILTER_NAME "postwelle-milter"

/*
 * Seconds a connection may be silent between packets. Postfix keeps one open as long as its SMTP session, in which a
 * slow client may take long over its message; only Postfix's group can connect.
 */
#define ENGINE_TIMEOUT 7200
#define ENGINE_BACKLOG 512 /* connections that wait to be taken */

struct engine {
    const char *name;

    /*
     * Listens at `address`, "unix:PATH" or "inet:PORT@HOST" ("inet6:"), for which socket_make_way() has made way.
     * Returns what serve() takes, NULL with *error where it can't. Call once; milter must stay.
     */
    void *(*open)(struct milter *milter, const char *address, GError **error);

    /*
     * Serves connections; returns only where it must give up. Run it on a thread of its own that blocks all signals:
     * libmilter starts a thread that waits for SIGHUP, SIGTERM and SIGINT and takes each as "stop" (see main.c).
     */
    void (*serve)(void *state);
};

extern const struct engine engine_own;
extern const struct engine engine_libmilter;

#endif
