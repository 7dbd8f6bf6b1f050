/* callbacks.c - the only place that knows libmilter; see callbacks.h. */
#include "milter/callbacks.h"

#include "lib/error.h"

#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

/* Set once by milter_open(), before there are threads; only what it points to has locks of its own. */
static struct milter *the_milter;

/* A connection as libmilter keeps it for us. */
struct connection {
    SMFICTX *context;
    struct session *session;
    gboolean leading_space; /* header values come, and go, with their leading space */
};

static struct connection *connection_of(SMFICTX *context)
{
    return smfi_getpriv(context);
}

/* --- what a session asks for --- */

static void do_progress(void *user)
{
    struct connection *connection = user;
    smfi_progress(connection->context);
}

/*
 * Success means no more than that Postfix has been told: it never says whether its queue file took the field (tried). A
 * queue file that did not is never queued, so no mail leaves without it.
 */
static gboolean do_insert(void *user, const char *name, const char *value)
{
    struct connection *connection = user;
    g_autofree char *text = g_strconcat(connection->leading_space ? " " : "", value, NULL);
    return smfi_insheader(connection->context, 0, (char *)(uintptr_t)name, text) == MI_SUCCESS;
}

static const struct session_host host = {do_progress, do_insert};

/* --- libmilter's callbacks, in the order of a mail --- */

#define WANTED_STEPS                                                                                                   \
    (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR |  \
     SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_HDR_LEADSPC)

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long unused_2,
                             unsigned long unused_3, unsigned long *actions_r, unsigned long *steps_r,
                             unsigned long *unused_2_r, unsigned long *unused_3_r)
{
    (void)unused_2;
    (void)unused_3;
    if ((actions & SMFIF_ADDHDRS) == 0) {
        journal_write(&the_milter->journal, LOG_ERR, "error: the mail server does not let header fields be added");
        return SMFIS_REJECT;
    }
    *actions_r = SMFIF_ADDHDRS;
    *steps_r = WANTED_STEPS & steps;
    *unused_2_r = *unused_3_r = 0;
    struct connection *connection = connection_of(context); /* a second negotiation is not in the protocol */
    if (connection == NULL) {
        connection = g_new0(struct connection, 1);
        connection->context = context;
        connection->session = session_new(the_milter);
        smfi_setpriv(context, connection);
    }
    connection->leading_space = (*steps_r & SMFIP_HDR_LEADSPC) != 0;
    return SMFIS_CONTINUE;
}

static sfsistat on_mail(SMFICTX *context, char **arguments)
{
    struct connection *connection = connection_of(context);
    if (connection != NULL)
        session_mail(connection->session, arguments[0]);
    return SMFIS_NOREPLY;
}

static sfsistat on_recipient(SMFICTX *context, char **arguments)
{
    struct connection *connection = connection_of(context);
    if (connection != NULL)
        session_recipient(connection->session, arguments[0]);
    return SMFIS_NOREPLY;
}

static sfsistat on_field(SMFICTX *context, char *name, char *value)
{
    struct connection *connection = connection_of(context);
    if (connection != NULL)
        session_field(connection->session, name, value);
    return SMFIS_NOREPLY;
}

static sfsistat on_end_header(SMFICTX *context)
{
    struct connection *connection = connection_of(context);
    if (connection != NULL)
        session_end_header(connection->session);
    return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *context, unsigned char *octets, size_t size)
{
    struct connection *connection = connection_of(context);
    if (connection != NULL)
        session_body(connection->session, (const char *)octets, size);
    return SMFIS_NOREPLY;
}

static sfsistat on_end_message(SMFICTX *context)
{
    static char queue_id_macro[] = "i";
    struct connection *connection = connection_of(context);
    struct verdict verdict;
    if (connection == NULL)
        return SMFIS_TEMPFAIL;
    session_end_message(connection->session, smfi_getsymval(context, queue_id_macro), &host, connection, &verdict);
    switch (verdict.action) {
    case VERDICT_UNTOUCHED:
    case VERDICT_ACCEPT:
        return SMFIS_ACCEPT;
    case VERDICT_REJECT:
        smfi_setreply(context, verdict.code, verdict.dsn, verdict.text);
        return SMFIS_REJECT;
    case VERDICT_TEMPFAIL:
        smfi_setreply(context, verdict.code, verdict.dsn, verdict.text);
        return SMFIS_TEMPFAIL;
    case VERDICT_CONTINUE:
        break;
    }
    return SMFIS_TEMPFAIL;
}

static sfsistat on_abort(SMFICTX *context)
{
    struct connection *connection = connection_of(context);
    if (connection != NULL)
        session_abort(connection->session);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
    struct connection *connection = connection_of(context);
    if (connection == NULL)
        return SMFIS_CONTINUE;
    smfi_setpriv(context, NULL);
    session_free(connection->session);
    g_free(connection);
    return SMFIS_CONTINUE;
}

/* --- the socket --- */

/* The path in "unix:PATH" ("local:" is the same to libmilter), NULL for TCP. */
static const char *unix_path(const char *address)
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

/* Makes way for our socket: nothing there, or one nobody answers at. */
static gboolean clear_path(const char *path, GError **error)
{
    struct stat found;
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

static gboolean set_group(const char *path, const char *name, GError **error)
{
    struct stat made;
    if (name[0] == '\0')
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

/*
 * libmilter writes fields and verdict as packets of their own, so that Nagle's algorithm would cost each mail 40 ms. It
 * does not give its socket away; it is the only one of this process that listens. Connections inherit the option.
 */
static void set_no_delay(void)
{
    for (int fd = 0; fd < 64; fd++) {
        int listening = 0, on = 1;
        socklen_t size = sizeof listening;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

static gboolean register_callbacks(const char *address, GError **error)
{
    static char name[] = MILTER_NAME;
    struct smfiDesc description = {
        .xxfi_name = name,
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS,
        .xxfi_negotiate = on_negotiate,
        .xxfi_envfrom = on_mail,
        .xxfi_envrcpt = on_recipient,
        .xxfi_header = on_field,
        .xxfi_eoh = on_end_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end_message,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
    };
    g_autofree char *copy = g_strdup(address); /* libmilter copies it, too, but wants to write to it */
    if (smfi_setconn(copy) != MI_SUCCESS || smfi_register(description) != MI_SUCCESS ||
        smfi_settimeout(MILTER_TIMEOUT) != MI_SUCCESS || smfi_setbacklog(MILTER_BACKLOG) != MI_SUCCESS)
        return error_set(error, ERROR_SYSTEM, "libmilter can't be set up for %s", address);
    return TRUE;
}

gboolean milter_open(struct milter *milter, const char *address, const char *group, GError **error)
{
    const char *path = unix_path(address);
    if (path == NULL && !g_str_has_prefix(address, "inet:") && !g_str_has_prefix(address, "inet6:"))
        return error_set(error, ERROR_CONFIG, "[milter] socket: \"%s\" is neither unix:PATH nor inet:PORT@HOST",
                         address);
    the_milter = milter;
    if ((path != NULL && !clear_path(path, error)) || !register_callbacks(address, error))
        return FALSE;
    mode_t mask = umask(0117);
    int opened = smfi_opensocket(FALSE);
    umask(mask);
    if (opened != MI_SUCCESS)
        return error_set(error, ERROR_CANT_CREATE, "%s: can't listen here (%s)%s", address, g_strerror(errno),
                         path != NULL ? "; its folder must exist and belong to the milter's user" : "");
    if (path != NULL)
        return set_group(path, group, error);
    set_no_delay();
    return TRUE;
}

gboolean milter_serve(void)
{
    return smfi_main() == MI_SUCCESS;
}

void milter_close(const char *address)
{
    const char *path = unix_path(address);
    if (path != NULL)
        unlink(path);
}
