/*
 * ready_policyd.c - a policyd that says yes to everything at once and keeps nothing: so that a bench of the milter
 * alone measures the milter, and one of look-ups has a bare server of the same protocol beside it.
 *
 * usage: ready_policyd SOCKET      runs until SIGTERM
 *
 * One thread and one epoll loop, as the real one: a system call to read, one to answer.
 */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define EVENTS_MAX 1024

static const char reserve_answer[] = "status=ok\nkind=invitation\n\n";
static const char policy_answer[] = "action=DUNNO\n\n";
static const char policy_begin[] = "request=smtpd_access_policy\n";

struct peer {
    int fd;
    size_t size;
    char octets[64 * 1024];
};

static void close_peer(struct peer *peer)
{
    close(peer->fd);
    g_free(peer);
}

/* One question is under way on a connection at a time, so an answer is due where an empty line ends what was read. */
static void serve(struct peer *peer)
{
    ssize_t got = recv(peer->fd, peer->octets + peer->size, sizeof peer->octets - peer->size, 0);
    if (got <= 0) {
        close_peer(peer);
        return;
    }
    peer->size += (size_t)got;
    if (peer->size < 2 || memcmp(peer->octets + peer->size - 2, "\n\n", 2) != 0)
        return;
    gboolean policy = peer->size > strlen(policy_begin) && memcmp(peer->octets, policy_begin, strlen(policy_begin)) == 0;
    const char *answer = policy ? policy_answer : reserve_answer;
    peer->size = 0;
    if (send(peer->fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
        close_peer(peer);
}

static void welcome(int epoll, int listening)
{
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct peer *peer = g_new(struct peer, 1);
    peer->fd = fd;
    peer->size = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        close_peer(peer);
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
    struct epoll_event events[EVENTS_MAX], listening = {.events = EPOLLIN, .data.ptr = NULL};
    int fd, epoll = epoll_create1(EPOLL_CLOEXEC);
    if (argc != 2) {
        g_printerr("usage: ready_policyd SOCKET\n");
        return EX_USAGE;
    }
    if ((fd = listen_at(argv[1])) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &listening) != 0)
        return EX_CANTCREAT;
    for (int count; (count = epoll_wait(epoll, events, EVENTS_MAX, -1)) >= 0 || errno == EINTR;)
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr == NULL)
                welcome(epoll, fd);
            else
                serve(events[i].data.ptr);
    return EX_OSERR;
}
