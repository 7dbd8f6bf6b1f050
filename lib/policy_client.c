/* policy_client.c - the blocking client end of the attribute protocol; see policy.h. */
#include "lib/policy.h"

#include "lib/error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct policy_client {
    int fd;
    char *path;
    gint64 timeout; /* microseconds for one answer, 0: no limit */
    size_t used;   /* octets of the answer handed out last, at the start of the buffer */
    size_t filled; /* octets in the buffer */
    char buffer[2 * POLICY_SIZE];
};

static gboolean connect_error(const char *path, int errnum, GError **error)
{
    switch (errnum) {
    case ENOENT:
    case ECONNREFUSED:
        return error_set(error, ERROR_UNAVAILABLE, "%s: postwelle-policyd does not answer; start it (systemctl start "
                         "postwelle-policyd) and try again", path);
    case EACCES:
    case EPERM:
        return error_set(error, ERROR_DENIED, "%s: you may not connect; become a member of the socket's group "
                         "(postwelle-admin), or check its mode and its folder's with `ls -ld`", path);
    default:
        return error_from_errno(error, ERROR_UNAVAILABLE, errnum, "%s", path);
    }
}

struct policy_client *policy_client_new(const char *path, int timeout_ms, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) {
        error_set(error, ERROR_CONFIG, "%s: a socket's path has at most %zu octets", path, sizeof address.sun_path - 1);
        return NULL;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "socket");
        return NULL;
    }
    struct timeval limit = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        connect_error(path, errno, error);
        close(fd);
        return NULL;
    }
    struct policy_client *client = g_new(struct policy_client, 1);
    client->fd = fd;
    client->path = g_strdup(path);
    client->timeout = (gint64)timeout_ms * 1000;
    client->used = client->filled = 0;
    return client;
}

void policy_client_free(struct policy_client *client)
{
    if (client == NULL)
        return;
    close(client->fd);
    g_free(client->path);
    g_free(client);
}

gboolean policy_client_send(struct policy_client *client, const GString *request, GError **error)
{
    for (size_t sent = 0; sent < request->len;) {
        ssize_t count = send(client->fd, request->str + sent, request->len - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return error_set(error, ERROR_TEMPORARY, "%s: postwelle-policyd takes no request in time", client->path);
        if (count < 0)
            return error_from_errno(error, ERROR_UNAVAILABLE, errno, "%s: lost postwelle-policyd", client->path);
        sent += (size_t)count;
    }
    return TRUE;
}

/* Reads more octets behind what is there; an answer always fits, as the buffer holds two. */
static gboolean fill(struct policy_client *client, GError **error)
{
    ssize_t count;
    do
        count = recv(client->fd, client->buffer + client->filled, sizeof client->buffer - client->filled, 0);
    while (count < 0 && errno == EINTR);
    if (count > 0) {
        client->filled += (size_t)count;
        return TRUE;
    }
    if (count == 0)
        return error_set(error, ERROR_UNAVAILABLE, "%s: postwelle-policyd closed the connection; its log says why",
                         client->path);
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return error_set(error, ERROR_TEMPORARY, "%s: no answer in time from postwelle-policyd", client->path);
    return error_from_errno(error, ERROR_UNAVAILABLE, errno, "%s: lost postwelle-policyd", client->path);
}

gboolean policy_client_read(struct policy_client *client, struct attributes *answer_r, GError **error)
{
    client->filled -= client->used;
    memmove(client->buffer, client->buffer + client->used, client->filled);
    client->used = 0;
    for (gint64 start = g_get_monotonic_time();;) {
        if (!policy_parse(client->buffer, client->filled, &policy_own_limits, answer_r, &client->used, error))
            return FALSE;
        if (client->used > 0)
            return policy_decode(answer_r, error);
        if (client->timeout > 0 && g_get_monotonic_time() - start > client->timeout)
            return error_set(error, ERROR_TEMPORARY, "%s: no answer in time from postwelle-policyd", client->path);
        if (!fill(client, error))
            return FALSE;
    }
}

gboolean policy_client_ask(struct policy_client *client, const GString *request, struct attributes *answer_r,
                           GError **error)
{
    return policy_client_send(client, request, error) && policy_client_read(client, answer_r, error);
}

gboolean policy_answer_more(const struct attributes *answer)
{
    return strcmp(attributes_text(answer, "status"), "more") == 0;
}

gboolean policy_answer_ok(const struct attributes *answer, GError **error)
{
    static const struct {
        const char *status;
        enum error_code code;
    } classes[] = {{"refused", ERROR_WANTING}, {"temporary", ERROR_TEMPORARY}, {"error", ERROR_DATA}};
    const char *status = attributes_text(answer, "status");
    if (strcmp(status, "ok") == 0 || strcmp(status, "more") == 0)
        return TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (strcmp(classes[i].status, status) == 0)
            return error_set(error, classes[i].code, "%s", attributes_text(answer, "reason"));
    return error_set(error, ERROR_PROTOCOL, "postwelle-policyd gave an answer without a known status: \"%.40s\"",
                     status);
}
