/* socket.c - the milter's place on the machine; see socket.h. */
#include "milter/socket.h"

#include "lib/error.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

const char *socket_path(const char *address)
{
    if (g_str_has_prefix(address, "unix:"))
        return address + strlen("unix:");
    return g_str_has_prefix(address, "local:") ? address + strlen("local:") : NULL;
}

/* TRUE where somebody takes connections at the socket. */
static gboolean answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    gboolean taken = fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return taken;
}

gboolean socket_make_way(const char *address, GError **error)
{
    struct stat found;
    const char *path = socket_path(address);
    if (path == NULL && !g_str_has_prefix(address, "inet:") && !g_str_has_prefix(address, "inet6:"))
        return error_set(error, ERROR_CONFIG, "[milter] socket: \"%s\" is neither unix:PATH nor inet:PORT@HOST",
                         address);
    if (path == NULL)
        return TRUE;
    if (strlen(path) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return error_set(error, ERROR_CONFIG, "%s: a socket's path has at most %zu octets", path,
                         sizeof((struct sockaddr_un *)NULL)->sun_path - 1);
    if (lstat(path, &found) < 0)
        return errno == ENOENT ? TRUE : error_from_errno(error, ERROR_SYSTEM, errno, "%s", path);
    if (!S_ISSOCK(found.st_mode))
        return error_set(error, ERROR_CANT_CREATE, "%s: is no socket; move it away, or change [milter] socket", path);
    if (answers(path))
        return error_set(error, ERROR_UNAVAILABLE,
                         "%s: another milter answers here; stop it first (systemctl stop "
                         "postwelle-milter), or give this one another [milter] socket",
                         path);
    if (unlink(path) < 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s: can't remove the socket of a milter that is gone",
                                path);
    return TRUE;
}

gboolean socket_set_group(const char *address, const char *name, GError **error)
{
    struct stat made;
    const char *path = socket_path(address);
    if (path == NULL || name[0] == '\0')
        return TRUE;
    struct group *group = getgrnam(name);
    if (group == NULL)
        return error_set(error, ERROR_CONFIG, "[milter] postfix-group: there is no group %s", name);
    if (stat(path, &made) == 0 && made.st_gid == group->gr_gid)
        return TRUE;
    if (chown(path, (uid_t)-1, group->gr_gid) < 0)
        return error_set(error, ERROR_DENIED,
                         "%s: can't be given to group %s (%s); give its folder that group and mode "
                         "2750, or make the milter's user a member",
                         path, name, g_strerror(errno));
    return TRUE;
}

void socket_remove(const char *address)
{
    const char *path = socket_path(address);
    if (path != NULL)
        unlink(path);
}
