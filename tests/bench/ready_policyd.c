/*
 * ready_policyd.c - a policyd that says yes to everything at once and keeps nothing: so that a bench of the milter
 * alone measures the milter, and one of look-ups has a bare server of the same protocol beside it.
 *
 * usage: ready_policyd SOCKET [FOLDER]      runs until SIGTERM
 *
 * One thread and one epoll loop, as the real one: a system call to read, one to answer. With FOLDER, which must be new,
 * it makes a ledger there, and before it answers does what the question asks of the store: a look-up's reads; for the
 * reserves of a round their reads and rows, in one transaction and one flush. That is what is left of policyd without
 * decisions and witness.
 */
#include "tests/bench/store_work.h"

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

static gboolean asks_policy(const struct peer *peer)
{
    return peer->size > strlen(policy_begin) && memcmp(peer->octets, policy_begin, strlen(policy_begin)) == 0;
}

static void answer(struct peer *peer)
{
    const char *text = asks_policy(peer) ? policy_answer : reserve_answer;
    peer->size = 0;
    if (send(peer->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        close_peer(peer);
}

static void look_up(struct store_work *work)
{
    g_autoptr(GError) error = NULL;
    if (!store_work_look_up(work, &error))
        g_error("ready_policyd: %s", error->message);
}

/* One question is under way on a connection at a time, so an answer is due where an empty line ends what was read. */
static void serve(struct peer *peer, struct store_work *work, GPtrArray *asked)
{
    ssize_t got = recv(peer->fd, peer->octets + peer->size, sizeof peer->octets - peer->size, 0);
    if (got <= 0) {
        close_peer(peer);
        return;
    }
    peer->size += (size_t)got;
    if (peer->size < 2 || memcmp(peer->octets + peer->size - 2, "\n\n", 2) != 0)
        return;
    if (work != NULL && !asks_policy(peer)) {
        g_ptr_array_add(asked, peer);
        return;
    }
    if (work != NULL)
        look_up(work);
    answer(peer);
}

/* Ends the round. */
static void answer_all(GPtrArray *asked, struct store_work *work)
{
    g_autoptr(GError) error = NULL;
    gboolean done = store_work_begin(work, &error);
    for (guint i = 0; done && i < asked->len; i++)
        done = store_work_reserve(work, &error);
    if (!done || !store_work_end(work, &error))
        g_error("ready_policyd: %s", error->message);
    for (guint i = 0; i < asked->len; i++)
        answer(g_ptr_array_index(asked, i));
    g_ptr_array_set_size(asked, 0);
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

static struct store_work *open_store(const char *folder)
{
    g_autoptr(GError) error = NULL;
    struct store_work *work = store_work_new(folder, &error);
    if (work == NULL)
        g_printerr("ready_policyd: %s\n", error->message);
    return work;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_MAX], listening = {.events = EPOLLIN, .data.ptr = NULL};
    int fd, epoll = epoll_create1(EPOLL_CLOEXEC);
    if (argc < 2 || argc > 3) {
        g_printerr("usage: ready_policyd SOCKET [FOLDER]\n");
        return EX_USAGE;
    }
    struct store_work *work = argc == 3 ? open_store(argv[2]) : NULL;
    GPtrArray *asked = g_ptr_array_new();
    if (argc == 3 && work == NULL)
        return EX_CANTCREAT;
    if ((fd = listen_at(argv[1])) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &listening) != 0)
        return EX_CANTCREAT;
    for (int count; (count = epoll_wait(epoll, events, EVENTS_MAX, -1)) >= 0 || errno == EINTR;) {
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr == NULL)
                welcome(epoll, fd);
            else
                serve(events[i].data.ptr, work, asked);
        if (asked->len > 0)
            answer_all(asked, work);
    }
    return EX_OSERR;
}
