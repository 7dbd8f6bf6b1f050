/*
 * server.h - the unsubscribe pages over HTTP, on loopback behind a web server that does TLS (packaging/nginx); and, on
 * an address of their own, the status pages, for people on this machine. The only file that knows evhttp.
 *
 * Neither listener can answer what the other one does: a web server that is let to one never shows the other.
 *
 * One thread; policyd is asked while the others wait, which takes it as long as a write to the disk, or a piece of a
 * count (web/inquiry.h).
 */
#ifndef POSTWELLE_WEB_SERVER_H
#define POSTWELLE_WEB_SERVER_H

#include "lib/journal.h"

#define WEB_BODY_MAX 16384   /* octets of a POST; RFC 8058's has 26 */
#define WEB_HEADER_MAX 16384 /* octets of a request's header */
#define WEB_TIMEOUT 10       /* seconds that a silent peer may take */
#define WEB_POLICY_MS 5000   /* for policyd's answer; then 503 */
#define STATUS_BODY_MAX 1024 /* octets; a request for a status page has none */

struct web_options {
    const char *host; /* a loopback address */
    guint16 port;
    const char *feedback_socket;
    const char *status_listen; /* loopback ADDRESS:PORT of the status pages; "": there are none */
    const char *status_socket;
    const struct journal *journal;
};

/*
 * Listens. NULL and *error (ERROR_CONFIG: a host is none of loopback, or status_listen has another form;
 * ERROR_UNAVAILABLE: a port is taken). options must outlive it.
 */
struct web_server *web_server_new(const struct web_options *options, GError **error);

/* Serves until SIGTERM or SIGINT. */
void web_server_run(struct web_server *server);

void web_server_free(struct web_server *server); /* NULL is fine */

#endif
