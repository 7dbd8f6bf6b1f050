/*
 * status.h - the milter's status socket: whoever connects gets its numbers in Prometheus' text form, and the connection
 * closes. Nothing is read from it, and no mail waits for it: it is served by the main thread.
 */
#ifndef POSTWELLE_MILTER_STATUS_H
#define POSTWELLE_MILTER_STATUS_H

#include "milter/session.h"

/*
 * Listens at path, with the default main context, until the process ends; milter must stay. Open to all users of the
 * machine, as it tells of no mail and no address. FALSE and *error where it can't: mails are served all the same.
 */
gboolean status_listen(struct milter *milter, const char *path, GError **error);

#endif
