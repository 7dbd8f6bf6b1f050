/*
 * postfix_setup.h - changes a Postfix configuration through postconf(1), all or nothing, and puts it back.
 *
 * Before anything is changed, copies of main.cf and master.cf and a record (postfix_record.h) lie beside them. Each
 * file is written by postconf(1) at once; whoever is killed between the two, or before, finds what is left to do by
 * planning again, or goes back with the record.
 *
 * One thread at a time; needs the right to write Postfix's configuration.
 */
#ifndef POSTWELLE_IMPORTER_POSTFIX_SETUP_H
#define POSTWELLE_IMPORTER_POSTFIX_SETUP_H

#include "importer/postfix_instance.h"
#include "importer/postfix_record.h"

/*
 * Keeps a second set-up of the same configuration out. The descriptor, to be closed in the end; -1 with *error
 * (ERROR_TEMPORARY: there is one).
 */
int postfix_setup_lock(const char *config, GError **error);

/* A folder for a socket, below the queue directory. */
struct postfix_folder {
    char *path;
    const char *user, *group;
};

/*
 * The folders of the daemons' sockets that are not there yet: struct postfix_folder. Packages make those of Postfix's
 * own queue; those of other instances are made here.
 */
GPtrArray *postfix_setup_folders(const struct postfix_instance *instance, const struct config *config);

/*
 * Makes the changes (postfix_changes(), none with a conflict) and the folders; and the log that Postfix is to write
 * itself, for POSTFIX_LOG_GROUP to read, where it is not there yet, as Postfix would make it for root alone. Then
 * `postfix check` must be content. *backup_r is the suffix of the copies beside main.cf and master.cf, free with
 * g_free(). FALSE with *error; where Postfix itself is not content, all is put back before.
 */
gboolean postfix_setup_apply(struct postfix_instance *instance, const GPtrArray *changes, const GPtrArray *folders,
                             char **backup_r, GError **error);

/*
 * Makes the changes that put everything back (postfix_record_undo(); those with a conflict are left out), and forgets
 * the record.
 */
gboolean postfix_setup_undo(struct postfix_instance *instance, const struct postfix_record *record,
                            const GPtrArray *changes, GError **error);

#endif
