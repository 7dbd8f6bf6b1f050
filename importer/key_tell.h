/*
 * key_tell.h - tells policyd how a client's keys stand, for the audit trail.
 *
 * Keys lie in files of their own, and each knows when it came into which state. policyd compares that with what it was
 * told last, and puts down what is new: so it may be told at any time, again and again, and nothing is lost while it
 * does not run. One thread.
 */
#ifndef POSTWELLE_IMPORTER_KEY_TELL_H
#define POSTWELLE_IMPORTER_KEY_TELL_H

#include "lib/key_store.h"
#include "lib/policy.h"

/* FALSE and *error as for any request. */
gboolean key_tell(struct policy_client *policy, const struct key_store *store, GError **error);

#endif
