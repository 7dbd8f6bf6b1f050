/*
 * probe.h - asks whether a client's unsubscribe address works as RFC 8058 wants it: over HTTPS with a certificate that
 * this host trusts, a page for GET, and a POST that is taken at once, without a redirect. It asks with a token of the
 * right form that is nobody's.
 *
 * Blocks; any thread.
 */
#ifndef POSTWELLE_IMPORTER_PROBE_H
#define POSTWELLE_IMPORTER_PROBE_H

#include <glib.h>

#define PROBE_SECONDS 15           /* for each step of a connection */
#define PROBE_ANSWER ((size_t)65536) /* octets of an answer that are read */

/*
 * uri is https://host[:port]/…, to which a token is appended. FALSE with *error (ERROR_WANTING: what is wrong, and what
 * to do).
 */
gboolean probe_unsubscribe(const char *uri, GError **error);

#endif
