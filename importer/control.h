/*
 * control.h - the command's connection to policyd, and requests in one line of C (doc/PROTOCOL.md §5).
 */
#ifndef POSTWELLE_IMPORTER_CONTROL_H
#define POSTWELLE_IMPORTER_CONTROL_H

#include "importer/campaign.h"
#include "importer/command.h"
#include "lib/address.h"
#include "lib/client.h"
#include "lib/policy.h"
#include "lib/resolver.h"

#define CONTROL_TIMEOUT_MS 60000 /* policyd answers in milliseconds; a ledger in recovery takes longer */

/* Connects to the control socket of postwelle.conf. NULL with *error as policy_client_new(). */
struct policy_client *control_open(struct command_context *context, GError **error);

/*
 * The same to the status socket where this user may not connect to the control socket: it takes questions about numbers
 * only.
 */
struct policy_client *control_open_status(struct command_context *context, GError **error);

/* The same to the feedback socket, which takes `feedback`, `unsubscribe` and `health` only. */
struct policy_client *control_open_feedback(struct command_context *context, GError **error);

/* The clients of postwelle.conf. NULL with *error as client_set_load(). */
struct client_set *control_clients(struct command_context *context, GError **error);

/* An address that somebody typed, in the form in which it is sent. FALSE with *error (ERROR_DATA) where it is none. */
gboolean control_address(const char *text, struct address *address_r, GError **error);

/*
 * A resolver that asks `server`; NULL: [dns] resolver of postwelle.conf, which by default is the system's. NULL with
 * *error as resolver_new(). The caller frees.
 */
struct resolver *control_resolver(struct command_context *context, const char *server, gboolean dnssec, GError **error);

/*
 * A campaign's directory, with those clients, checked against the content rule. NULL with *error as campaign_open();
 * what is to mend is in its findings.
 */
struct campaign *control_campaign(struct command_context *context, const char *directory, GError **error);

/* The same, and it must be ready: *error then holds the findings (ERROR_WANTING). */
struct campaign *control_ready_campaign(struct command_context *context, const char *directory, GError **error);

/*
 * A request: its kind, then names and values in turn, ended by NULL; a NULL value leaves its name out. It lacks the
 * empty line, which control_ask() and control_send() write. The caller frees.
 */
GString *control_request(const char *kind, ...) G_GNUC_NULL_TERMINATED;

/* The same for requests about a campaign: client and campaign come first. */
#define control_campaign_request(kind, campaign_, ...)                                                                 \
    control_request(kind, "client", (campaign_)->client->name, "campaign", (campaign_)->name, __VA_ARGS__)

/*
 * Ends and sends a request; frees it. FALSE with *error where the connection broke.
 */
gboolean control_send(struct policy_client *policy, GString *request, GError **error);

/*
 * Sends a request and reads its first answer; FALSE also where its status is neither ok nor more (policy_answer_ok()).
 * Frees the request.
 */
gboolean control_ask(struct policy_client *policy, GString *request, struct attributes *answer_r, GError **error);

/*
 * The same, of a request that names `count` things: a letter for each stands in the answer's `results`, which are
 * returned; they live as long as *answer_r. NULL and *error, also where there are not so many.
 */
const char *control_ask_results(struct policy_client *policy, GString *request, guint count,
                                struct attributes *answer_r, GError **error);

/*
 * Gets a row of a longer answer; FALSE with *error ends the reading with that error: the connection is then of no use.
 */
typedef gboolean (*control_row_func)(void *cookie, const struct attributes *row, GError **error);

/* Sends a request and hands on its rows; *last_r is the answer that ends them. Frees the request. */
gboolean control_rows(struct policy_client *policy, GString *request, control_row_func func, void *cookie,
                      struct attributes *last_r, GError **error);

/* The same of the next request that was sent without reading its answer. */
gboolean control_read_rows(struct policy_client *policy, control_row_func func, void *cookie,
                           struct attributes *last_r, GError **error);

/*
 * What of the campaign's content is not as an answer to `campaign-show` has it under that name ("parts": when it was
 * approved; "proof_parts": in the last proof): " (changed: nps.de.html; new: logo.png)", to be put behind a sentence;
 * "" where policyd does not know. The caller frees.
 */
char *control_changes(const struct campaign *campaign, const struct attributes *shown, const char *name);

/* A number of an answer, 0 where it is missing or none. */
guint64 control_number(const struct attributes *answer, const char *name);

#endif
