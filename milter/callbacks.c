/*
 * callbacks.c - the engine on libmilter, the only place that knows it; see engine.h.
 *
 * libmilter (Debian builds it with its pool of workers) calls back on threads of its own, one at a time for a
 * connection, but not the same one each time. A connection's state hangs off smfi_setpriv(). libmilter gives no
 * argument to reach what all connections share, so the one pointer libmilter_open() was given is kept here.
 *
 * What is asked of Postfix is the same as in protocol.h.
 */
#include "milter/engine.h"

#include "lib/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <libmilter/mfapi.h>

/* Set once by libmilter_open(), before there are threads; only what it points to has locks of its own. */
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

/*
 * libmilter sends it at once. Success means no more than that Postfix has been told: it never says whether its queue
 * file took the field (tried). A queue file that did not is never queued, so no mail leaves without it.
 */
static gboolean do_insert(void *user, const char *name, const char *value)
{
    struct connection *connection = user;
    g_autofree char *text = g_strconcat(connection->leading_space ? " " : "", value, NULL);
    return smfi_insheader(connection->context, 0, (char *)(uintptr_t)name, text) == MI_SUCCESS;
}

static const struct session_host host = {do_insert};

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
        smfi_settimeout(ENGINE_TIMEOUT) != MI_SUCCESS || smfi_setbacklog(ENGINE_BACKLOG) != MI_SUCCESS)
        return error_set(error, ERROR_SYSTEM, "libmilter can't be set up for %s", address);
    return TRUE;
}

static void *libmilter_open(struct milter *milter, const char *address, GError **error)
{
    the_milter = milter;
    if (!register_callbacks(address, error))
        return NULL;
    if (smfi_opensocket(FALSE) != MI_SUCCESS) {
        error_set(error, ERROR_CANT_CREATE,
                  "%s: can't listen here (%s); its folder or port must be free for the milter ([milter] socket)",
                  address, g_strerror(errno));
        return NULL;
    }
    set_no_delay();
    return milter;
}

static void libmilter_serve(void *state)
{
    (void)state;
    smfi_main();
}

const struct engine engine_libmilter = {"libmilter", libmilter_open, libmilter_serve};
