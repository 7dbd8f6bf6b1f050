/* status.c - the milter's numbers on a socket; see status.h. */
#include "milter/status.h"

#include "lib/error.h"
#include "milter/socket.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 8
#define PREFIX "postwelle_milter_"

static void write_all(GString *out, struct milter *milter)
{
    struct snapshot *snapshot = snapshot_box_get(&milter->box);
    size_t usable, domains = key_snapshot_count(snapshot->keys, &usable);
    counters_write(out, &milter->counters);
    metrics_single(out, PREFIX "ends_of_message", METRICS_GAUGE, "Mails at their end now.",
                   (guint64)MAX(g_atomic_int_get(&milter->busy), 0));
    metrics_single(out, PREFIX "policyd_idle_connections", METRICS_GAUGE,
                   "Connections to policyd that are kept for the next mail.", reserve_pool_idle(milter->pool));
    metrics_single(out, PREFIX "signing_domains", METRICS_GAUGE, "Signing domains that are configured.", domains);
    metrics_single(out, PREFIX "usable_signing_domains", METRICS_GAUGE, "Of these, with a key that signs.", usable);
    snapshot_unref(snapshot);
}

/* A reader that takes nothing loses what its socket has no room for. */
static gboolean on_connect(gint listening, GIOCondition condition, gpointer user)
{
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    g_autoptr(GString) text = g_string_new(NULL);
    (void)condition;
    if (fd < 0)
        return G_SOURCE_CONTINUE;
    write_all(text, user);
    for (size_t sent = 0; sent < text->len;) {
        ssize_t size = send(fd, text->str + sent, text->len - sent, MSG_NOSIGNAL);
        if (size <= 0)
            break;
        sent += (size_t)size;
    }
    close(fd);
    return G_SOURCE_CONTINUE;
}

gboolean status_listen(struct milter *milter, const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *name = g_strconcat("unix:", path, NULL);
    if (!socket_make_way(name, error))
        return FALSE;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0666) != 0 ||
        listen(fd, BACKLOG) != 0) {
        int errnum = errno;
        if (fd >= 0)
            close(fd);
        return error_from_errno(error, ERROR_CANT_CREATE, errnum, "status socket %s", path);
    }
    g_unix_fd_add(fd, G_IO_IN, on_connect, milter);
    return TRUE;
}
