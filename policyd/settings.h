/*
 * settings.h - what policyd takes from postwelle.conf, checked and with names resolved.
 *
 * Read once at start; only the clients' files are read again on SIGHUP.
 */
#ifndef POSTWELLE_POLICYD_SETTINGS_H
#define POSTWELLE_POLICYD_SETTINGS_H

#include <glib.h>
#include <sys/types.h>

struct settings {
    char *state, *ledger, *secret, *lock; /* the folder; in it: the store's folder, two files */
    char *witness; /* folder */
    char *digest;  /* of postwelle.conf (config_digest()) */
    char *clients;
    char *policy_socket, *reserve_socket, *control_socket, *feedback_socket, *status_socket;
    gid_t postfix_group, admin_group, feedback_group, status_group;
    uid_t milter_user;
    guint64 cache_size, checkpoint_size, keep_free; /* octets */
    guint idle_timeout, retry_delay;                /* seconds */
    guint max_pending;
};

/*
 * NULL and *error (ERROR_CONFIG, or the file's) where the file is wrong or names a user or group that does not exist.
 */
struct settings *settings_load(const char *path, GError **error);
void settings_free(struct settings *settings); /* NULL is fine */
typedef struct settings settings_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(settings_auto, settings_free)

#endif
