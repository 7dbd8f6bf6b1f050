/* listener.c - unix sockets; see listener.h. */
#include "policyd/listener.h"

#include "lib/error.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 256
#define GROUPS_MAX 256 /* further groups of a user that are looked at */

/* --- listening --------------------------------------------------------------------------------- */

/*
 * Removes the file of a socket that nobody listens on. FALSE where somebody does, or where it is something else. One of
 * ours that was killed in bind_and_listen() has left a file that lets nobody connect, not even to find that out.
 */
static gboolean clear_path(const char *path, const struct sockaddr_un *address, GError **error)
{
    struct stat stat;
    if (lstat(path, &stat) != 0)
        return errno == ENOENT || error_from_errno(error, ERROR_SYSTEM, errno, "socket %s", path);
    if (!S_ISSOCK(stat.st_mode))
        return error_set(error, ERROR_CANT_CREATE,
                         "socket %s: there is a file of that name that is no socket; remove "
                         "it, or configure another path",
                         path);
    if (stat.st_uid == geteuid() && (stat.st_mode & 0777) == 0 && chmod(path, S_IWUSR) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "socket %s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "socket %s", path);
    int code = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
    close(fd);
    if (code != ECONNREFUSED)
        return error_set(error, ERROR_CANT_CREATE, "socket %s: another program listens on it; stop that first", path);
    return unlink(path) == 0 || error_from_errno(error, ERROR_SYSTEM, errno, "remove the old socket %s", path);
}

static gboolean bind_and_listen(int fd, const char *path, const struct sockaddr_un *address, mode_t mode, gid_t group,
                                GError **error)
{
    mode_t old = umask(0777); /* nobody gets in before owner and mode are right */
    int code = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int why = errno;
    umask(old);
    if (code != 0)
        return error_from_errno(error, ERROR_SYSTEM, why, "socket %s (its folder must exist and be writable)", path);
    if (group != (gid_t)-1 && chown(path, (uid_t)-1, group) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno,
                                "socket %s: give it to group %u (policyd's user must be in "
                                "it)",
                                path, (unsigned)group);
    if (chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "socket %s", path);
    return TRUE;
}

int listener_open(const char *path, mode_t mode, gid_t group, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        error_set(error, ERROR_CONFIG, "socket %s: a socket's path has at most %zu octets", path,
                  sizeof address.sun_path - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (!clear_path(path, &address, error))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "socket %s", path);
        return -1;
    }
    if (bind_and_listen(fd, path, &address, mode, group, error))
        return fd;
    close(fd);
    return -1;
}

/* --- peers ------------------------------------------------------------------------------------- */

gboolean peer_read(int fd, struct peer *peer_r, GError **error)
{
    struct ucred cred;
    socklen_t size = sizeof cred;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "SO_PEERCRED");
    *peer_r = (struct peer){cred.pid, cred.uid, cred.gid};
    return TRUE;
}

gboolean peer_in_group(const struct peer *peer, gid_t group)
{
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;
    if (peer->gid == group)
        return TRUE;
    const struct passwd *user = getpwuid(peer->uid);
    if (user == NULL)
        return FALSE;
    if (getgrouplist(user->pw_name, peer->gid, groups, &count) < 0)
        count = GROUPS_MAX;
    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return TRUE;
    return FALSE;
}
