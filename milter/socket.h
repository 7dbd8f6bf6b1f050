/*
 * socket.h - the place where the milter listens, whichever engine does.
 *
 * Threads: for the first thread, before there are others.
 */
#ifndef POSTWELLE_MILTER_SOCKET_H
#define POSTWELLE_MILTER_SOCKET_H

#include <glib.h>

/* The path in "unix:PATH" ("local:" is the same), NULL for TCP. It lies in address. */
const char *socket_path(const char *address);

/*
 * Makes way for a socket at the address: nothing is there, or one nobody answers at, which is removed. FALSE and
 * *error: the text names the address and what to do (ERROR_UNAVAILABLE where another milter answers there).
 */
gboolean socket_make_way(const char *address, GError **error);

/* Gives a new unix socket to that group (name; "" leaves it). FALSE and *error. */
gboolean socket_set_group(const char *address, const char *name, GError **error);

/* Takes a unix socket away. */
void socket_remove(const char *address);

#endif
