/*
 * backup.h - postwelle-policyd --backup: a copy of everything, made while the daemon serves, and tried out before it
 * counts.
 *
 *      DIR/ledger   the daemon copies it (requests backup, backup-status); then it is opened, which recovers it, and
 * read whole. It is marked as a copy: a policyd started on it serves nobody until --replay or --restored DIR/witness
 * DIR/secret   copied here, after the ledger, so that the witness has at least what the ledger has
 *
 * Last, the daemon is told (backup-end), and lets go what of the witness the backup before this one holds.
 */
#ifndef POSTWELLE_POLICYD_BACKUP_H
#define POSTWELLE_POLICYD_BACKUP_H

#include "policyd/settings.h"

#include <stdio.h>

/*
 * dir must be new, absolute, and such that policyd's user can make it. As root, this goes on as that user. FALSE and
 * *error where there is no good backup; what was made of it stays there to be looked at.
 */
gboolean backup_make(const struct settings *settings, const char *dir, FILE *out, GError **error);

#endif
