/*
 * resolve.h - settles what is open in the ledger: collects evidence for each mail that is reserved and of which nobody
 * has heard since, and hands it to policyd, which decides (doc/DESIGN.md §4.6, doc/PROTOCOL.md §5 "Settling").
 *
 * Several may do so at once: each decision is a transaction that looks again.
 */
#ifndef POSTWELLE_IMPORTER_RESOLVE_H
#define POSTWELLE_IMPORTER_RESOLVE_H

#include "importer/control.h"
#include "importer/stop.h"

#include <jansson.h>

struct resolve_options {
    const char *postfix; /* its folder of settings */
    const char *guard;   /* who is not root has files looked at by this socket (guard.h); NULL: they are not */
    gboolean audit;      /* look for queued and deferred mails that have left the queue, too */
    struct stop *stop;   /* or NULL */
    gint64 patience;     /* milliseconds to wait at most until the mail log was read so far */
    /* Reads the mail log to its end and tells policyd; NULL where another process, `postwelle track`, does. */
    gboolean (*read_log)(void *cookie, GError **error);
    void *cookie;
};

struct resolve_result {
    guint64 looked; /* at so many mails */
    guint64 queued, free, uncertain, waiting;
    char *reason; /* why one of those that wait does, or NULL; free with g_free() */
};

/*
 * Does nothing more than ask policyd where nothing is old enough. FALSE with *error where policyd or Postfix's commands
 * fail; *result_r is filled in each case.
 */
gboolean resolve_open(struct policy_client *policy, const struct resolve_options *options,
                      struct resolve_result *result_r, GError **error);

/*
 * Waits until the tracker has read what was logged before `when` (seconds since 1970), which policyd knows, or patience
 * (milliseconds) ends, or a signal comes to stop (may be NULL). FALSE with *error where policyd fails.
 */
gboolean resolve_wait_for_log(struct policy_client *policy, gint64 when, gint64 patience, struct stop *stop,
                              GError **error);

/*
 * Prints what was settled, as "2 mails were never queued and will be tried again", a line each; nothing where nothing
 * was.
 */
void resolve_print(const struct resolve_result *result);

/* The same for programs: looked, queued, free, uncertain, waiting, and the reason, or null. The caller takes it over.
 */
json_t *resolve_json(const struct resolve_result *result);

#endif
