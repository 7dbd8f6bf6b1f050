/*
 * callbacks.h - the milter's side of libmilter; nothing else knows it.
 *
 * libmilter (Debian builds it with its pool of workers) calls back on threads of its own, one at a time for a
 * connection, but not the same one each time. A connection's state hangs off smfi_setpriv(). libmilter gives no
 * argument to reach what all connections share, so callbacks.c keeps the one pointer milter_open() was given.
 *
 * Of Postfix we ask: no events but MAIL, RCPT, header, end of header, body, end of message; no replies but to the last,
 * so that it sends the whole mail in one go (twice the rate). The price is that the body of nobody's mail comes, too;
 * it is dropped. Header values come with their leading space, as the signer wants them.
 */
#ifndef POSTWELLE_MILTER_CALLBACKS_H
#define POSTWELLE_MILTER_CALLBACKS_H

#include "milter/session.h"

#include <glib.h>

#define MILTER_NAME "postwelle-milter"

/*
 * Seconds a connection may be silent. Postfix keeps one open as long as its SMTP session, in which a slow client
 * may take long over its message; only Postfix's group can connect.
 */
#define MILTER_TIMEOUT 7200
#define MILTER_BACKLOG 512 /* connections that wait to be taken */

/*
 * Listens at `address`, "unix:PATH" or "inet:PORT@HOST" ("inet6:"), and registers the callbacks. A unix socket gets
 * mode 0660 and that group (name; "" leaves it), and one left behind by a milter that is gone is replaced. FALSE and
 * *error: the text names the address and what to do (ERROR_UNAVAILABLE where another milter answers there). Call once;
 * milter must stay.
 */
gboolean milter_open(struct milter *milter, const char *address, const char *group, GError **error);

/*
 * Serves connections; returns only where libmilter gives up. Run it on a thread of its own that blocks all signals:
 * libmilter starts a thread that waits for SIGHUP, SIGTERM and SIGINT and takes each as "stop" (see main.c).
 */
gboolean milter_serve(void);

/* Takes the unix socket away, if it is still the one that milter_open() made. */
void milter_close(const char *address);

#endif
