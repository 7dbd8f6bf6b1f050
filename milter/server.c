/* server.c - the engine of our own: a thread for each connection, which does nothing but read, take, answer. */
#include "milter/engine.h"

#include "lib/error.h"
#include "milter/protocol.h"
#include "milter/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000 /* Postfix has at most one a process: default_process_limit is 100 */
#define PACKET_SECONDS 30    /* for the rest of a packet that has begun: Postfix writes it as a whole */
#define ACCEPT_PAUSE 1000000 /* microseconds, where the machine has no file descriptors or memory left */

struct server {
    struct milter *milter;
    int fd;
    gint connections; /* atomic */
};

struct connection {
    struct server *server;
    int fd;
};

/* --- a connection --- */

static gboolean send_all(void *user, const void *octets, size_t size)
{
    const struct connection *connection = user;
    for (const char *p = octets, *end = p + size; p < end;) {
        ssize_t sent = send(connection->fd, p, (size_t)(end - p), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return FALSE;
        p += MAX(sent, 0);
    }
    return TRUE;
}

/* Whoever closes a connection has sent its end: it can be seen behind what is unread. */
static gboolean is_there(void *user)
{
    const struct connection *connection = user;
    struct pollfd seen = {.fd = connection->fd, .events = POLLRDHUP};
    return poll(&seen, 1, 0) == 0;
}

static const struct protocol_peer peer = {send_all, is_there};

/* Until something has come; FALSE and *error at `late`, monotonic time. */
static gboolean wait_until(const struct connection *connection, gint64 late, GError **error)
{
    struct pollfd seen = {.fd = connection->fd, .events = POLLIN};
    for (;;) {
        gint64 left = MAX(late - g_get_monotonic_time(), 0);
        int count = poll(&seen, 1, (int)((left + 999) / 1000));
        if (count > 0)
            return TRUE;
        if (count == 0)
            return error_set(error, ERROR_PROTOCOL, "half a packet, then not the rest within %d s", PACKET_SECONDS);
        if (errno != EINTR)
            return FALSE;
    }
}

/*
 * Adds what has come to the buffer. late is 0 between packets. FALSE: the mail server is gone or silent for too long,
 * with *error in the middle of a packet.
 */
static gboolean receive(const struct connection *connection, char *buffer, size_t *filled, gint64 late, GError **error)
{
    ssize_t got;
    if (late != 0 && !wait_until(connection, late, error))
        return FALSE;
    do
        got = recv(connection->fd, buffer + *filled, PROTOCOL_BUFFER - *filled, 0);
    while (got < 0 && errno == EINTR);
    *filled += (size_t)MAX(got, 0);
    return got > 0;
}

static void converse(struct connection *connection)
{
    struct milter *milter = connection->server->milter;
    struct protocol *protocol = protocol_new(milter, &peer, connection);
    g_autofree char *buffer = g_malloc(PROTOCOL_BUFFER);
    g_autoptr(GError) error = NULL;
    size_t filled = 0, taken;
    gint64 late = 0; /* when the packet that has begun must be there */
    while (receive(connection, buffer, &filled, late, &error) &&
           protocol_take(protocol, buffer, filled, &taken, &error)) {
        filled -= taken;
        memmove(buffer, buffer + taken, filled);
        if (filled == 0)
            late = 0;
        else if (late == 0 || taken > 0)
            late = g_get_monotonic_time() + PACKET_SECONDS * G_USEC_PER_SEC;
    }
    if (error != NULL)
        journal_write(&milter->journal, LOG_WARNING, "connection closed: %s", error->message);
    protocol_free(protocol);
}

static gpointer connection_thread(void *user)
{
    struct connection *connection = user;
    converse(connection);
    close(connection->fd);
    g_atomic_int_add(&connection->server->connections, -1);
    g_free(connection);
    return NULL;
}

static gboolean start_connection(struct server *server, int fd, GError **error)
{
    static const struct timeval timeout = {ENGINE_TIMEOUT, 0};
    int on = 1;
    if (g_atomic_int_get(&server->connections) >= CONNECTIONS_MAX)
        return error_set(error, ERROR_UNAVAILABLE, "%d connections are open, no more are served", CONNECTIONS_MAX);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails for a unix socket, which has no need of it */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    struct connection *connection = g_new0(struct connection, 1);
    *connection = (struct connection){server, fd};
    GThread *thread = g_thread_try_new("connection", connection_thread, connection, error);
    if (thread == NULL) {
        g_free(connection);
        return FALSE;
    }
    g_thread_unref(thread);
    return TRUE;
}

/* --- the listening socket --- */

/* A listening socket, or -1 with errno set. */
static int listen_at(const struct sockaddr *address, socklen_t size)
{
    int on = 1, fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address, size) == 0 && listen(fd, ENGINE_BACKLOG) == 0)
        return fd;
    int errnum = errno;
    close(fd);
    errno = errnum;
    return -1;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path); /* socket_make_way() knows that it fits */
    return listen_at((struct sockaddr *)&address, sizeof address);
}

/* PORT or PORT@HOST behind "inet:" or "inet6:". */
static int listen_tcp(const char *address)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    hints.ai_family = g_str_has_prefix(address, "inet6:") ? AF_INET6 : AF_INET;
    g_auto(GStrv) parts = g_strsplit(strchr(address, ':') + 1, "@", 2);
    if (parts[0] == NULL || getaddrinfo(parts[1], parts[0], &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = listen_at(found->ai_addr, found->ai_addrlen);
    int errnum = errno;
    freeaddrinfo(found);
    errno = errnum;
    return fd;
}

static void *own_open(struct milter *milter, const char *address, GError **error)
{
    const char *path = socket_path(address);
    int fd = path != NULL ? listen_unix(path) : listen_tcp(address);
    if (fd < 0) {
        error_set(error, ERROR_CANT_CREATE, "%s: can't listen here (%s)%s", address, g_strerror(errno),
                  path != NULL ? "; its folder must exist and belong to the milter's user"
                               : "; if another program has the port (ss -ltnp), change [milter] socket");
        return NULL;
    }
    struct server *server = g_new0(struct server, 1);
    server->milter = milter;
    server->fd = fd;
    return server;
}

/* Why no connection could be taken: does it pass? */
static gboolean is_passing(int errnum)
{
    return errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM || errnum == ENOBUFS;
}

static void own_serve(void *state)
{
    struct server *server = state;
    const struct journal *journal = &server->milter->journal;
    for (;;) {
        g_autoptr(GError) error = NULL;
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0) {
            journal_write(journal, LOG_ERR, "error: a connection can't be taken: %s", g_strerror(errno));
            if (!is_passing(errno))
                return;
            g_usleep(ACCEPT_PAUSE);
            continue;
        }
        g_atomic_int_inc(&server->connections);
        if (start_connection(server, fd, &error))
            continue;
        g_atomic_int_add(&server->connections, -1);
        close(fd);
        journal_write(journal, LOG_ERR, "error: a connection can't be served: %s", error->message);
    }
}

const struct engine engine_own = {"own", own_open, own_serve};
