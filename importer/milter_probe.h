/*
 * milter_probe.h - asks a milter as Postfix would, and sends no mail: does it answer, and does it know a client?
 *
 * The milter protocol (mfapi's, version 6) with one mail that has only a From field and no queue ID. A milter that
 * knows the domain as a client's must refuse it or put it off, whatever else is right: it reserves and signs nothing
 * without a queue ID. One that does not know it accepts.
 *
 * Blocks; one thread a probe.
 */
#ifndef POSTWELLE_IMPORTER_MILTER_PROBE_H
#define POSTWELLE_IMPORTER_MILTER_PROBE_H

#include <glib.h>

#define MILTER_PROBE_SECONDS 30 /* for each answer */

struct milter_probe;

/*
 * Connects to "unix:PATH" or "inet:HOST:PORT" and comes to terms. NULL with *error: ERROR_UNAVAILABLE where nobody is
 * there, ERROR_DENIED, ERROR_PROTOCOL where what answers is no milter.
 */
struct milter_probe *milter_probe_open(const char *address, GError **error);
void milter_probe_free(struct milter_probe *probe); /* NULL is fine */
typedef struct milter_probe milter_probe_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(milter_probe_auto, milter_probe_free)

/*
 * Offers a mail from postmaster@domain. *known_r: it was not let through. FALSE with *error as above. Once a probe.
 */
gboolean milter_probe_ask(struct milter_probe *probe, const char *domain, gboolean *known_r, GError **error);

#endif
