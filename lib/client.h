/*
 * client.h - the clients of this installation: one file clients/NAME.conf each (config_client).
 *
 * A set is read as one and never changes; daemons load a new one on SIGHUP and swap it. Names, sender domains and
 * return-path domains are unique over the set, so each of them names at most one client. Domains are lower-case
 * A-labels.
 *
 * Thread rule: a set is read-only after loading; share it between threads, release it with the last reference.
 */
#ifndef POSTWELLE_LIB_CLIENT_H
#define POSTWELLE_LIB_CLIENT_H

#include "lib/address.h"
#include "lib/quarter.h"

#include <glib.h>

#define CLIENT_NAME_MAX 64 /* octets: letters, digits, - and _ */

enum client_foreign_mail {
    CLIENT_FOREIGN_INVITATION, /* other programs' mail counts as an invitation */
    CLIENT_FOREIGN_REJECT,     /* and is refused */
};

/*
 * One signing key as configured; the file is checked where it is loaded (lib/key.h). Where a client's file names none,
 * those of lib/key_store.h sign.
 */
struct client_key {
    const char *selector; /* "": there is no such key */
    const char *file;
};

struct client {
    const char *name; /* of the file, without .conf */
    const char *file;
    const char *title;
    char **domains;    /* sender domains, NULL-terminated, at least one */
    char *return_path; /* domain of the envelope sender */
    const char *time_zone; /* its identifier */
    GTimeZone *zone;
    const char *language; /* "de", "en" */
    const char *proof_to; /* "" for none */
    /* Seconds for which participants' data is kept after a campaign's end; 0: until somebody deletes it. */
    gint64 retention;
    struct cap_period cap;
    enum address_identity identity;
    enum client_foreign_mail foreign_mail;
    char *signing_domain; /* d=; equal to, or a parent of, every sender domain */
    struct client_key rsa, ed25519;
    const char *unsubscribe_uri;    /* https; the token is appended */
    const char *unsubscribe_mailto; /* address */
    gboolean unsubscribe_probe;     /* nothing is approved while the uri is not answered */
};

#define CLIENT_RETENTION (90 * G_GINT64_CONSTANT(86400)) /* the default, also of a client that has no file any more */

struct client_set;

/*
 * Reads every *.conf in a folder. NULL and *error (ERROR_CONFIG, or the file's error) where the folder or any file is
 * wrong; names file, option and remedy; a domain of any kind that two clients name is wrong. A folder without clients
 * is an error, too: nothing could be sent.
 */
struct client_set *client_set_load(const char *folder, GError **error);
struct client_set *client_set_ref(struct client_set *set);
void client_set_unref(struct client_set *set); /* NULL is fine */
typedef struct client_set client_set_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(client_set_auto, client_set_unref)

/* All clients, ordered by name; and how many. */
const struct client *const *client_set_list(const struct client_set *set, size_t *count_r);

/* SHA-256 of all the files as they were read, in hex. */
const char *client_set_digest(const struct client_set *set);

/* Look-ups; NULL where there is none. Domains are compared as they are: give lower-case A-labels. */
const struct client *client_by_name(const struct client_set *set, const char *name);
const struct client *client_by_sender_domain(const struct client_set *set, const char *domain);
const struct client *client_by_return_path(const struct client_set *set, const char *domain);

/* TRUE for a name of 1 to CLIENT_NAME_MAX letters, digits, - and _, as clients and campaigns have. */
gboolean client_name_valid(const char *name);

#endif
