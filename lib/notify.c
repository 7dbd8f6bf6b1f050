/* notify.c - the messages of a daemon to systemd; see notify.h. */
#include "lib/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

gboolean notify_send(const char *state)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        return FALSE;
    size_t length = strlen(path);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* Linux's abstract name space */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return FALSE;
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(fd);
    return sent == (ssize_t)strlen(state);
}

guint notify_watchdog_interval(void)
{
    const char *text = g_getenv("WATCHDOG_USEC"), *pid = g_getenv("WATCHDOG_PID");
    guint64 usec;
    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT, &usec, NULL))
        return 0;
    if (pid != NULL && g_ascii_strtoull(pid, NULL, 10) != (guint64)getpid())
        return 0;
    return (guint)MAX(usec / 2000, 1);
}
