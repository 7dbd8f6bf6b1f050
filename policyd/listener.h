/*
 * listener.h - unix sockets to listen on, and who is at the other end.
 *
 * Thread rule: any; listener_open() changes the process's umask for a moment, so before threads are started.
 */
#ifndef POSTWELLE_POLICYD_LISTENER_H
#define POSTWELLE_POLICYD_LISTENER_H

#include <glib.h>
#include <sys/types.h>

/*
 * Binds and listens, non-blocking. A socket file that nobody listens on is replaced; a living one is an error. The file
 * gets the mode, and the group where that is not (gid_t)-1. Returns the descriptor, or -1 and *error.
 */
int listener_open(const char *path, mode_t mode, gid_t group, GError **error);

struct peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* Who has connected (SO_PEERCRED). */
gboolean peer_read(int fd, struct peer *peer_r, GError **error);

/* TRUE where the user is in the group, by its own or a further group. */
gboolean peer_in_group(const struct peer *peer, gid_t group);

#endif
