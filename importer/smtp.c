/* smtp.c - the connection to Postfix; see smtp.h. Replies are read in smtp_reply.c. */
#include "importer/smtp.h"

#include "lib/error.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)SMTP_LINE_MAX * SMTP_LINES_MAX) /* holds the longest reply that is read */

struct smtp {
    int fd;
    char *where; /* "127.0.0.1:10587" for errors */
    gboolean smtputf8;
    guint64 size_limit; /* of SIZE; 0: none given */
    GString *out;
    const struct smtp_mail *announced; /* its MAIL, RCPT and DATA are out, their replies not yet read; NULL: none */
    GString *content;                  /* of the mail being sent, as DATA takes it; of `announced` between two calls */
    size_t used, filled;               /* of the buffer: octets taken, octets read */
    char buffer[BUFFER_SIZE];
};

/* --- octets ------------------------------------------------------------------------------------- */

static gboolean io_error(const struct smtp *smtp, int errnum, GError **error)
{
    if (errnum == EAGAIN || errnum == EWOULDBLOCK)
        return error_set(error, ERROR_TEMPORARY, "%s: Postfix gave no reply in time; see its log", smtp->where);
    return error_from_errno(error, ERROR_UNAVAILABLE, errnum, "%s: the connection to Postfix broke", smtp->where);
}

static gboolean write_all(struct smtp *smtp, const GString *data, GError **error)
{
    for (size_t sent = 0; sent < data->len;) {
        ssize_t count = send(smtp->fd, data->str + sent, data->len - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return io_error(smtp, errno, error);
        sent += (size_t)count;
    }
    return TRUE;
}

static gboolean fill(struct smtp *smtp, GError **error)
{
    memmove(smtp->buffer, smtp->buffer + smtp->used, smtp->filled -= smtp->used);
    smtp->used = 0;
    ssize_t count;
    do
        count = recv(smtp->fd, smtp->buffer + smtp->filled, sizeof smtp->buffer - smtp->filled, 0);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return io_error(smtp, errno, error);
    if (count == 0)
        return error_set(error, ERROR_UNAVAILABLE, "%s: Postfix closed the connection; its log says why", smtp->where);
    smtp->filled += (size_t)count;
    return TRUE;
}

static gboolean read_reply(struct smtp *smtp, struct smtp_reply *reply_r, GError **error)
{
    for (;;) {
        size_t used;
        if (!smtp_reply_parse(smtp->buffer + smtp->used, smtp->filled - smtp->used, reply_r, &used, error)) {
            g_prefix_error(error, "%s: ", smtp->where);
            return FALSE;
        }
        smtp->used += used;
        if (used > 0)
            return TRUE;
        if (!fill(smtp, error))
            return FALSE;
    }
}

/* --- connecting --------------------------------------------------------------------------------- */

static int open_socket(const char *host, guint16 port, int timeout_ms, int *errnum_r)
{
    char service[8];
    g_snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int fd = -1;
    *errnum_r = EADDRNOTAVAIL;
    if (getaddrinfo(host, service, &hints, &list) != 0)
        return -1;
    for (const struct addrinfo *one = list; one != NULL && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        struct timeval limit = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) == 0)
            break;
        *errnum_r = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

static gboolean connect_error(const char *where, int errnum, GError **error)
{
    if (errnum == ECONNREFUSED)
        return error_set(error, ERROR_UNAVAILABLE,
                         "Postfix is not listening on %s: is it running (postfix status), are our "
                         "settings in its master.cf, and is it the [submission] host and port of postwelle.conf?",
                         where);
    return error_from_errno(error, ERROR_UNAVAILABLE, errnum,
                            "can't connect to Postfix on %s ([submission] of "
                            "postwelle.conf)",
                            where);
}

/* Reads what EHLO's reply offers, one keyword a line. */
static gboolean read_keywords(struct smtp *smtp, const char *text, GError **error)
{
    gboolean pipelining = FALSE;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (g_ascii_strcasecmp(*line, "PIPELINING") == 0)
            pipelining = TRUE;
        else if (g_ascii_strcasecmp(*line, "SMTPUTF8") == 0)
            smtp->smtputf8 = TRUE;
        else if (g_ascii_strncasecmp(*line, "SIZE ", 5) == 0)
            smtp->size_limit = g_ascii_strtoull(*line + 5, NULL, 10);
    }
    return pipelining || error_set(error, ERROR_PROTOCOL,
                                   "%s does not offer PIPELINING: is it Postfix's listener with our "
                                   "settings?",
                                   smtp->where);
}

static gboolean refused(const struct smtp *smtp, const char *step, const struct smtp_reply *reply, GError **error)
{
    g_autofree char *line = smtp_reply_line(reply);
    return error_set(error, smtp_reply_temporary(reply) ? ERROR_TEMPORARY : ERROR_UNAVAILABLE,
                     "%s: Postfix answers %s with: %s", smtp->where, step, line);
}

static gboolean greet(struct smtp *smtp, GError **error)
{
    struct smtp_reply reply;
    if (!read_reply(smtp, &reply, error))
        return FALSE;
    if (reply.code != 220)
        return refused(smtp, "the connection", &reply, error);
    char name[256] = "localhost";
    gethostname(name, sizeof name - 1);
    g_string_printf(smtp->out, "EHLO %s\r\n", name);
    if (!write_all(smtp, smtp->out, error) || !read_reply(smtp, &reply, error))
        return FALSE;
    return reply.code == 250 ? read_keywords(smtp, reply.text, error) : refused(smtp, "EHLO", &reply, error);
}

struct smtp *smtp_connect(const char *host, guint16 port, int timeout_ms, GError **error)
{
    int errnum;
    g_autofree char *where = g_strdup_printf(strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
    int fd = open_socket(host, port, timeout_ms, &errnum);
    if (fd < 0) {
        connect_error(where, errnum, error);
        return NULL;
    }
    struct smtp *smtp = g_new0(struct smtp, 1);
    smtp->fd = fd;
    smtp->where = g_steal_pointer(&where);
    smtp->out = g_string_new(NULL);
    smtp->content = g_string_new(NULL);
    if (greet(smtp, error))
        return smtp;
    smtp_free(smtp);
    return NULL;
}

void smtp_free(struct smtp *smtp)
{
    if (smtp == NULL)
        return;
    send(smtp->fd, "QUIT\r\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(smtp->fd);
    g_free(smtp->where);
    g_string_free(smtp->out, TRUE);
    g_string_free(smtp->content, TRUE);
    g_free(smtp);
}

/* --- a mail ------------------------------------------------------------------------------------- */

static gboolean check_mail(const struct smtp *smtp, const struct smtp_mail *mail, GError **error)
{
    if (strpbrk(mail->sender, "<> \r\n") != NULL || strpbrk(mail->recipient, "<> \r\n") != NULL ||
        *mail->recipient == '\0')
        return error_set(error, ERROR_DATA, "an address that can't stand in an SMTP command");
    if (mail->smtputf8 && !smtp->smtputf8)
        return error_set(error, ERROR_DATA,
                         "%s: the address needs SMTPUTF8, which Postfix does not offer: smtputf8_enable = "
                         "yes",
                         smtp->where);
    if (smtp->size_limit > 0 && mail->size > smtp->size_limit)
        return error_set(error, ERROR_DATA,
                         "%s: the mail has %zu octets; Postfix takes %" G_GUINT64_FORMAT " (message_size_limit)",
                         smtp->where, mail->size, smtp->size_limit);
    return TRUE;
}

/* A refused mail's transaction stays open: the next MAIL would be "503 nested", and that mail refused for good. */
static gboolean reset(struct smtp *smtp, GError **error)
{
    struct smtp_reply ignored;
    g_string_assign(smtp->out, "RSET\r\n");
    return write_all(smtp, smtp->out, error) && read_reply(smtp, &ignored, error);
}

/* Reads the replies of MAIL, RCPT and DATA; *go_on_r tells whether DATA wants the message. */
static gboolean read_envelope(struct smtp *smtp, struct smtp_reply *reply_r, gboolean *go_on_r, GError **error)
{
    struct smtp_reply replies[3] = {0};
    int first = -1;
    for (int i = 0; i < 3; i++) {
        if (!read_reply(smtp, &replies[i], error))
            return FALSE;
        gboolean good = i < 2 ? smtp_reply_good(&replies[i]) : replies[i].code == 354;
        if (!good && first < 0)
            first = i;
        if (replies[i].code == 421) {
            *go_on_r = FALSE;
            *reply_r = replies[first];
            return TRUE; /* the server is closing: nothing follows */
        }
    }
    *go_on_r = first < 0;
    if (first < 0)
        return TRUE;
    *reply_r = replies[first];
    if (replies[2].code != 354)
        return reset(smtp, error);
    /* DATA was taken although there is no recipient: an empty message ends it (RFC 2920 3.1). */
    struct smtp_reply ignored;
    g_string_assign(smtp->out, ".\r\n");
    return write_all(smtp, smtp->out, error) && read_reply(smtp, &ignored, error);
}

static void append_envelope(GString *to, const struct smtp_mail *mail)
{
    g_string_append_printf(to, "MAIL FROM:<%s> SIZE=%zu%s\r\nRCPT TO:<%s>\r\nDATA\r\n", mail->sender, mail->size,
                           mail->smtputf8 ? " SMTPUTF8" : "", mail->recipient);
}

/* Checks a mail and puts its content, as DATA takes it, into smtp->content. */
static gboolean take_mail(struct smtp *smtp, const struct smtp_mail *mail, GError **error)
{
    g_string_truncate(smtp->content, 0);
    return check_mail(smtp, mail, error) && smtp_stuff(smtp->content, mail->message, mail->size, error);
}

/*
 * Writes the content, and in the same write the envelope of the next mail, if it can be sent; else that call will say
 * why it can't.
 */
static gboolean write_content(struct smtp *smtp, const struct smtp_mail *next, GError **error)
{
    GString *content = smtp->content;
    smtp->content = smtp->out; /* for the next mail's */
    smtp->out = content;
    if (next != NULL && take_mail(smtp, next, NULL)) {
        append_envelope(smtp->out, next);
        smtp->announced = next;
    }
    return write_all(smtp, smtp->out, error);
}

gboolean smtp_send(struct smtp *smtp, const struct smtp_mail *mail, const struct smtp_mail *next,
                   struct smtp_reply *reply_r, GError **error)
{
    gboolean go_on;
    *reply_r = (struct smtp_reply){0};
    if (smtp->announced == NULL) {
        if (!take_mail(smtp, mail, error))
            return FALSE;
        g_string_truncate(smtp->out, 0);
        append_envelope(smtp->out, mail);
        if (!write_all(smtp, smtp->out, error))
            return FALSE;
    } else if (smtp->announced != mail) {
        g_error("a mail was announced and another one sent"); /* would give it to the wrong recipient */
    }
    smtp->announced = NULL;
    if (!read_envelope(smtp, reply_r, &go_on, error))
        return FALSE;
    return !go_on || (write_content(smtp, next, error) && read_reply(smtp, reply_r, error));
}
