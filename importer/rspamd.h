/*
 * rspamd.h - an rspamd of our own for some mails: in a folder and on a socket of its own, without network.
 */
#ifndef POSTWELLE_IMPORTER_RSPAMD_H
#define POSTWELLE_IMPORTER_RSPAMD_H

#include "importer/spam.h"

struct rspamd;

/* Starts it and waits until it listens. NULL and ERROR_UNAVAILABLE where it does not. Free with rspamd_free(). */
struct rspamd *rspamd_new(GError **error);

/* Ends it and removes its folder. NULL does nothing. */
void rspamd_free(struct rspamd *rspamd);

/* Asks it; the verdict's rules are the caller's (g_free). FALSE and ERROR_UNAVAILABLE where it does not answer. */
gboolean rspamd_judge(struct rspamd *rspamd, const GString *message, const struct spam_envelope *envelope,
                      struct spam_verdict *verdict_r, GError **error);

#endif
