/*
 * ready_policyd.c - a policyd that says yes to everything at once and keeps nothing: so that a bench of the milter
 * alone measures the milter.
 *
 * usage: ready_policyd SOCKET      runs until SIGTERM
 */
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

static const char answer[] = "status=ok\nkind=invitation\n\n";

/* A connection's thread. One question is under way on it at a time, so an answer is due where an empty line ends what
 * was read. */
static gpointer serve(void *user)
{
    int fd = GPOINTER_TO_INT(user);
    char octets[64 * 1024];
    size_t size = 0;
    for (ssize_t got; (got = recv(fd, octets + size, sizeof octets - size, 0)) > 0;) {
        size += (size_t)got;
        if (size < 2 || memcmp(octets + size - 2, "\n\n", 2) != 0)
            continue;
        size = 0;
        if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
            break;
    }
    close(fd);
    return NULL;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    g_printerr("ready_policyd: %s: can't listen here\n", path);
    return -1;
}

int main(int argc, char **argv)
{
    int fd;
    if (argc != 2) {
        g_printerr("usage: ready_policyd SOCKET\n");
        return EX_USAGE;
    }
    if ((fd = listen_at(argv[1])) < 0)
        return EX_CANTCREAT;
    for (int taken; (taken = accept(fd, NULL, NULL)) >= 0;)
        g_thread_unref(g_thread_new("question", serve, GINT_TO_POINTER(taken)));
    return EX_OSERR;
}
