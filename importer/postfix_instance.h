/*
 * postfix_instance.h - one Postfix on this machine: its configuration folder, what postconf(1) says of it, and what
 * postwelle.conf and the clients' files want of it (struct postfix_site).
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_POSTFIX_INSTANCE_H
#define POSTWELLE_IMPORTER_POSTFIX_INSTANCE_H

#include "importer/command.h"
#include "importer/postfix_settings.h"

struct postfix_instance {
    char *config;      /* its configuration folder */
    const char *queue; /* its queue_directory; lies in facts */
    struct postfix_facts *facts;
    struct postfix_site
        site; /* its texts lie in strings; user and command are NULL: set them for a wish of one's own */
    GStringChunk *strings;
};

/*
 * Reads the instance with this configuration folder (NULL: [postfix] config-directory of postwelle.conf). NULL with
 * *error where there is none (ERROR_NO_INPUT), Postfix is not installed or postconf fails (ERROR_UNAVAILABLE), or
 * postwelle.conf or a client's file is wrong (ERROR_CONFIG): also where a socket is not below this instance's queue
 * directory.
 */
struct postfix_instance *postfix_instance_open(struct command_context *context, const char *config, GError **error);
void postfix_instance_free(struct postfix_instance *instance); /* NULL is fine */
typedef struct postfix_instance postfix_instance_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(postfix_instance_auto, postfix_instance_free)

/* Asks postconf(1) again, after a change. FALSE with *error as above; the old facts stay then. */
gboolean postfix_instance_reread(struct postfix_instance *instance, GError **error);

/*
 * The configuration folder of the instance that postmulti(1) knows by this name. NULL with *error. Free with g_free().
 */
char *postfix_instance_folder(const char *name, GError **error);

/*
 * A path below the queue directory, from there on; NULL for any other. Free with g_free(). Pure.
 */
char *postfix_path_in_queue(const char *path, const char *queue);

/*
 * Where Postfix finds the milter, of [milter] socket; NULL where that is a unix socket outside the queue. Free with
 * g_free(). Pure.
 */
char *postfix_milter_address(const char *socket, const char *queue);

#endif
