/*
 * participants.h - deleting participants' data, for `postwelle participants` and `run`. Prints on stdout what it does.
 */
#ifndef POSTWELLE_IMPORTER_PARTICIPANTS_H
#define POSTWELLE_IMPORTER_PARTICIPANTS_H

#include "importer/command.h"
#include "importer/retention.h"
#include "lib/policy.h"

#include <jansson.h>

/* A campaign as `campaign-list` has it, with what its folder says. */
struct retained {
    char *client, *campaign, *directory;
    guint64 participants;
    struct retention_facts facts;
};

/*
 * All campaigns, in policyd's order (struct retained). Folders of those whose deletion is through are not read. NULL
 * with *error as control_rows(). Free with g_ptr_array_unref().
 */
GPtrArray *participants_retained(struct command_context *context, struct policy_client *policy, GError **error);

/*
 * Deletes the data of a campaign's participants, or goes on where an earlier one ended. *deleted_r: participants in
 * this call. FALSE with *error as control_ask(): ERROR_WANTING where something is in the way.
 */
gboolean participants_delete(struct policy_client *policy, const char *client, const char *campaign, const char *by,
                             const char *because, guint64 *deleted_r, GError **error);

/*
 * What `run` does each minute: deletes what is due. Errors are told, and end nothing; the exit status of the first one,
 * or 0. told is an array that takes an object for each campaign of which there is something to tell: client, campaign,
 * and deleted (how many) and because, or why it is held, or error; NULL: it is printed.
 */
int participants_run(struct command_context *context, struct policy_client *policy, json_t *told);

#endif
