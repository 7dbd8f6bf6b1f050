/*
 * server.h - the event loop: sockets, requests, batches, signals.
 *
 * Requests that write go into the batch that is being built. Whenever the disk is free, the batch is committed and
 * handed to the flushing thread, and the next one begins; the answers wait for that. Look-ups are answered at once.
 *
 * A failure of the disk ends the process without further ado (_exit(EX_IOERR)): what is on it is known after a restart
 * only.
 *
 * Thread rule: one thread, which is the ledger's.
 */
#ifndef POSTWELLE_POLICYD_SERVER_H
#define POSTWELLE_POLICYD_SERVER_H

#include "lib/journal.h"
#include "policyd/ledger.h"
#include "policyd/settings.h"

#define CONNECTIONS_MAX 2000 /* further ones are closed at once */

struct server;

/*
 * Opens the sockets. Borrows all, which must outlive it. ledger is NULL where it must not be served: then every request
 * is answered "temporary", on the control socket with the reason `why`. NULL and *error where a socket can't be opened.
 * Free with server_free(), which removes the sockets.
 */
struct server *server_new(const struct settings *settings, struct ledger *ledger, const char *why,
                          const struct journal *journal, GError **error);
void server_free(struct server *server); /* NULL is fine */

/*
 * Serves until SIGTERM or SIGINT; then takes no more connections or writes, brings the last batch to the disk, answers
 * it, and returns. SIGHUP reads the clients anew; a bad configuration leaves the old one in force.
 */
void server_run(struct server *server);

#endif
