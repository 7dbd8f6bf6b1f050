/* connection.c - one peer; see connection.h. */
#include "policyd/connection.h"

#include "lib/error.h"
#include "lib/unfilled.h"
#include "policyd/requests.h"
#include "policyd/sockmap.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_FIRST ((size_t)4096)
#define UNSENT_MAX ((gsize)256 * 1024) /* octets of answers beyond which no further request is read */

/* Answers that wait for a batch. */
struct held {
    GString *text;
    guint requests;
};

struct connection {
    guint refs;
    unsigned level;
    int fd;
    gboolean closed, ended; /* ended: the peer sends no more */
    struct peer peer;
    struct session *session;
    const struct connection_keeper *keeper;
    const struct policy_limits *limits;
    struct event *readable, *writable;
    struct timeval idle;
    gint64 partial_since; /* monotonic microseconds: when the unfinished request began; 0: none */
    char *in;
    size_t in_size, in_capacity;
    GString *out;
    gsize sent; /* octets of out */
    gboolean writing, reading;
    gboolean taking;  /* take_requests() is at work */
    gboolean stalled; /* whole requests may lie in `in`, untaken because answers pile up */
    gboolean unsent;  /* the keeper was told, and will call connection_settle() */
    struct held building, flushing; /* while a batch is at the disk, `flushing` is its thread's to read */
    struct held behind;             /* answers that must not overtake `flushing` */
    gboolean express;               /* nothing is unsent before `flushing` */
    gsize delivered;                /* octets of flushing that connection_deliver() has sent */
};

/* --- life -------------------------------------------------------------------------------------- */

void connection_ref(struct connection *connection)
{
    connection->refs++;
}

void connection_unref(struct connection *connection)
{
    if (--connection->refs > 0)
        return;
    close(connection->fd);
    g_free(connection->in);
    g_string_free(connection->out, TRUE);
    g_string_free(connection->building.text, TRUE);
    g_string_free(connection->flushing.text, TRUE);
    g_string_free(connection->behind.text, TRUE);
    g_free(connection);
}

void connection_close(struct connection *connection)
{
    if (connection->closed)
        return;
    connection->closed = TRUE;
    event_free(connection->readable);
    event_free(connection->writable);
    shutdown(connection->fd, SHUT_RDWR); /* its number is not free before nobody can send to it any more */
    connection->keeper->closed(connection->keeper->cookie, connection);
    connection_unref(connection);
}

unsigned connection_level(const struct connection *connection)
{
    return connection->level;
}

const struct peer *connection_peer(const struct connection *connection)
{
    return &connection->peer;
}

struct session *connection_session(const struct connection *connection)
{
    return connection->session;
}

gboolean connection_is_closed(const struct connection *connection)
{
    return connection->closed;
}

/* --- out --------------------------------------------------------------------------------------- */

static gboolean has_unsent(const struct connection *connection)
{
    return connection->out->len > connection->sent;
}

static gboolean has_held(const struct connection *connection)
{
    return connection->building.requests > 0 || connection->flushing.requests > 0;
}

/* So many answers wait to be taken by the peer that no further request is read. */
static gboolean is_full(const struct connection *connection)
{
    return connection->out->len - connection->sent + connection->building.text->len + connection->flushing.text->len +
               connection->behind.text->len >
           UNSENT_MAX;
}

static void set_reading(struct connection *connection)
{
    gboolean reading = !connection->ended && !is_full(connection);
    if (reading && !connection->reading)
        event_add(connection->readable, &connection->idle);
    else if (!reading && connection->reading)
        event_del(connection->readable);
    connection->reading = reading;
}

static void send_out(struct connection *connection)
{
    while (!connection->closed && has_unsent(connection)) {
        ssize_t size = send(connection->fd, connection->out->str + connection->sent,
                            connection->out->len - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            connection_close(connection);
            return;
        }
        if (size < 0) {
            if (!connection->writing)
                event_add(connection->writable, &connection->idle);
            connection->writing = TRUE;
            return;
        }
        connection->sent += (gsize)size;
    }
    g_string_truncate(connection->out, 0);
    connection->sent = 0;
}

/* --- requests ---------------------------------------------------------------------------------- */

/* Takes one request from the buffer; *used_r is 0 where it is not whole. */
static gboolean take_request(struct connection *connection, size_t at, struct attributes *attributes, size_t *used_r,
                             GError **error)
{
    if (connection->level == LEVEL_POLICY && g_ascii_isdigit(connection->in[at]))
        connection->level = LEVEL_SOCKMAP;
    if (connection->level == LEVEL_SOCKMAP)
        return sockmap_parse(connection->in + at, connection->in_size - at, attributes, used_r, error);
    if (!policy_parse(connection->in + at, connection->in_size - at, connection->limits, attributes, used_r, error))
        return FALSE;
    return *used_r == 0 || connection->level == LEVEL_POLICY || policy_decode(attributes, error);
}

static void take_requests(struct connection *connection)
{
    struct attributes attributes UNFILLED;
    g_autoptr(GError) error = NULL;
    size_t at = 0, used;
    connection->taking = TRUE;
    while (!connection->closed && at < connection->in_size && !is_full(connection)) {
        if (!take_request(connection, at, &attributes, &used, &error)) {
            connection->keeper->broken(connection->keeper->cookie, connection, error);
            connection_close(connection);
            return;
        }
        if (used == 0)
            break;
        at += used;
        connection->partial_since = 0;
        connection->keeper->request(connection->keeper->cookie, connection, &attributes);
    }
    connection->taking = FALSE;
    connection->stalled = is_full(connection);
    connection->in_size -= at;
    if (at > 0 && connection->in_size > 0)
        memmove(connection->in, connection->in + at, connection->in_size);
}

void connection_settle(struct connection *connection)
{
    connection->unsent = FALSE;
    send_out(connection);
    while (!connection->closed && connection->stalled && !connection->taking && !is_full(connection)) {
        take_requests(connection);
        send_out(connection);
    }
    if (connection->closed)
        return;
    if (connection->ended && !connection->stalled && !has_unsent(connection) && !has_held(connection))
        connection_close(connection);
    else
        set_reading(connection);
}

/* Closed for what the peer did, with a line in the log. */
static void close_broken(struct connection *connection, const char *what)
{
    g_autoptr(GError) error = NULL;
    error_set(&error, ERROR_PROTOCOL, "%s for %ld s (idle-timeout)", what, (long)connection->idle.tv_sec);
    connection->keeper->broken(connection->keeper->cookie, connection, error);
    connection_close(connection);
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
    struct connection *connection = data;
    (void)fd;
    connection->writing = FALSE;
    if (what & EV_TIMEOUT)
        close_broken(connection, "the peer does not take its answers");
    else
        connection_settle(connection);
}

/* --- answers ----------------------------------------------------------------------------------- */

/* Where an answer goes that must not overtake those before it. */
static struct held *last_held(struct connection *connection)
{
    if (connection->building.requests > 0)
        return &connection->building;
    return connection->flushing.requests > 0 ? &connection->behind : NULL;
}

GString *connection_answer(struct connection *connection, gboolean held, gboolean *first_r)
{
    *first_r = connection->building.requests == 0;
    if (held)
        return connection->building.text;
    struct held *last = last_held(connection);
    return last != NULL ? last->text : connection->out;
}

void connection_answered(struct connection *connection, gboolean held)
{
    struct held *last = held ? &connection->building : last_held(connection);
    if (last != NULL)
        last->requests++;
}

void connection_batch_submit(struct connection *connection)
{
    if (connection->closed)
        return;
    g_assert(connection->flushing.requests == 0);
    struct held empty = connection->flushing;
    connection->flushing = connection->building;
    connection->building = empty;
    connection->express = !has_unsent(connection);
    connection->delivered = 0;
}

gboolean connection_at_disk(const struct connection *connection)
{
    return connection->flushing.requests > 0;
}

void connection_deliver(struct connection *connection)
{
    const GString *text = connection->flushing.text;
    if (!connection->express || connection->flushing.requests == 0)
        return;
    ssize_t size = send(connection->fd, text->str, text->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    connection->delivered = (gsize)MAX(size, 0); /* a failure shows again when the loop sends */
}

/* Appends what is held to what goes out, but for the first octets, and empties it. */
static void release_held(struct connection *connection, struct held *held, gsize but)
{
    g_string_append_len(connection->out, held->text->str + but, (gssize)(held->text->len - but));
    g_string_truncate(held->text, 0);
    held->requests = 0;
}

void connection_batch_done(struct connection *connection)
{
    release_held(connection, &connection->flushing, connection->delivered);
    release_held(connection, &connection->behind, 0);
    connection_settle(connection);
}

void connection_batch_lost(struct connection *connection, const char *text)
{
    guint requests = connection->building.requests;
    g_string_truncate(connection->building.text, 0);
    connection->building.requests = 0;
    for (guint i = 0; i < requests; i++) {
        struct held *last = last_held(connection);
        g_string_append(last != NULL ? last->text : connection->out, text);
    }
    connection_settle(connection);
}

/* --- reading ----------------------------------------------------------------------------------- */

/* Room for at least one more octet; a request never needs more than its limit. */
static void make_room(struct connection *connection)
{
    if (connection->in_size < connection->in_capacity)
        return;
    connection->in_capacity = connection->in_capacity == 0 ? BUFFER_FIRST : 2 * connection->in_capacity;
    connection->in = g_realloc(connection->in, connection->in_capacity);
}

/* One that sends its request octet by octet has as long as one that says nothing. */
static gboolean is_slow(struct connection *connection)
{
    if (connection->in_size == 0) {
        connection->partial_since = 0;
        return FALSE;
    }
    gint64 now = g_get_monotonic_time();
    if (connection->partial_since == 0)
        connection->partial_since = now;
    return now - connection->partial_since > (gint64)connection->idle.tv_sec * G_USEC_PER_SEC;
}

/* Now, if that means to send nothing. */
static void settle_later(struct connection *connection)
{
    if (connection->closed || !has_unsent(connection)) {
        connection_settle(connection);
    } else if (!connection->unsent) {
        connection->unsent = TRUE;
        connection->keeper->unsent(connection->keeper->cookie, connection);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
    struct connection *connection = data;
    if (what & EV_TIMEOUT) {
        /* Not idle while its answers are held up by the disk, or by itself (then on_writable() judges). */
        if (has_held(connection) || has_unsent(connection))
            return;
        if (connection->in_size > 0)
            close_broken(connection, "half a request, and nothing more");
        else
            connection_close(connection);
        return;
    }
    make_room(connection);
    ssize_t size = recv(fd, connection->in + connection->in_size, connection->in_capacity - connection->in_size, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    connection_ref(connection);
    if (size < 0)
        connection_close(connection);
    else if (size == 0)
        connection->ended = TRUE;
    else
        connection->in_size += (size_t)size;
    if (!connection->closed && size > 0)
        take_requests(connection);
    if (!connection->closed && is_slow(connection))
        close_broken(connection, "half a request");
    settle_later(connection);
    connection_unref(connection);
}

struct connection *connection_new(struct event_base *base, int fd, unsigned level, const struct peer *peer,
                                  struct session *session, guint idle, const struct connection_keeper *keeper)
{
    struct connection *connection = g_new0(struct connection, 1);
    connection->refs = 1;
    connection->level = level;
    connection->fd = fd;
    connection->peer = *peer;
    connection->session = session;
    connection->keeper = keeper;
    connection->limits = level == LEVEL_POLICY ? &policy_postfix_limits : &policy_own_limits;
    connection->idle.tv_sec = (time_t)idle;
    connection->out = g_string_new(NULL);
    connection->building.text = g_string_new(NULL);
    connection->flushing.text = g_string_new(NULL);
    connection->behind.text = g_string_new(NULL);
    connection->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
    connection->writable = event_new(base, fd, EV_WRITE, on_writable, connection);
    set_reading(connection);
    return connection;
}
