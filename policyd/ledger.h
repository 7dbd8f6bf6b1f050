/*
 * ledger.h - the state of all campaigns: fetches facts from the store, asks decide.h, writes what was decided.
 *
 * Writes come in batches: ledger_batch_begin() opens a transaction, any number of requests run in it, and
 * ledger_batch_commit() ends it. A request that fails in the store spoils its whole batch: ledger_batch_abort(), and
 * every request of the batch is answered "temporary". A request decides first and writes then, so one that is refused
 * or wrong has written nothing and spoils nothing.
 *
 * Requests and their answers are those of doc/PROTOCOL.md; handlers are named after them and listed in requests.c.
 *
 * Thread rule: one thread. Time is an argument.
 */
#ifndef POSTWELLE_POLICYD_LEDGER_H
#define POSTWELLE_POLICYD_LEDGER_H

#include "lib/client.h"
#include "lib/policy.h"
#include "policyd/secret.h"
#include "policyd/store.h"

#include <sys/types.h>

struct counters;
struct ledger;
struct session;
struct witness;

/* Writes the first rows into a new store. */
gboolean ledger_create(struct store *store, gint64 now, GError **error);

/*
 * Takes over store and secret (also on failure), and a reference to clients. NULL and *error where the store is of
 * another form or damaged. Imports that were open when the last process ended are marked for removal.
 */
struct ledger *ledger_open(struct store *store, struct secret *secret, struct client_set *clients, GError **error);
void ledger_close(struct ledger *ledger); /* NULL is fine; closes the store */
typedef struct ledger ledger_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ledger_auto, ledger_close)

/* Another configuration is in force from now on. */
void ledger_set_clients(struct ledger *ledger, struct client_set *clients);

/* Its witness, for health and backups; it belongs to the store, which must be a witnessed one (store_witness.h). */
void ledger_set_witness(struct ledger *ledger, struct witness *witness);

/*
 * Which boot of the host this is (boot.h), to be said before anything is served. What was reserved under another one is
 * never taken for never queued.
 */
void ledger_set_boot(struct ledger *ledger, guint64 boot);

/* How many seconds pass from the end of a mail's attempt to its next one; LEDGER_RETRY_DELAY where nothing was said. */
#define LEDGER_RETRY_DELAY 60
void ledger_set_retry_delay(struct ledger *ledger, guint seconds);

/* Which postwelle.conf is in force (config_digest()), for health. */
void ledger_set_configuration(struct ledger *ledger, const char *digest);

/*
 * The audit trail's last entry as the witness tells of it, to be said before anything is served. 0: it does not tell.
 */
void ledger_set_audit_witnessed(struct ledger *ledger, guint64 number);

/*
 * Puts down, within an open batch, what happened while nobody served the ledger: a new epoch, other settings in the
 * clients' files, an audit trail whose end was changed. At the start, and after ledger_set_clients(). seconds since
 * 1970.
 */
gboolean ledger_audit_start(struct ledger *ledger, gint64 seconds, GError **error);

/* Its store, for flush and checkpoint in another thread. */
struct store *ledger_store(struct ledger *ledger);

gboolean ledger_batch_begin(struct ledger *ledger, GError **error);
gboolean ledger_batch_commit(struct ledger *ledger, GError **error);
gboolean ledger_batch_abort(struct ledger *ledger, GError **error);

/*
 * Removes some rows of imports that were never committed, within an open batch. *more_r: there is still something to
 * remove.
 */
gboolean ledger_sweep(struct ledger *ledger, gboolean *more_r, GError **error);
gboolean ledger_needs_sweep(const struct ledger *ledger);

/*
 * Forgets some of what nobody asks for any more, within an open batch: what old queue IDs stood for, their tombstones,
 * and the slots of quarters long past. now is seconds since 1970. *more_r: it has not come to the end of the tables
 * yet; then, or after an hour, call it again.
 */
gboolean ledger_prune(struct ledger *ledger, gint64 now, gboolean *more_r, GError **error);

/*
 * What was deleted leaves the files of the store, a step at a time and within an open batch, where ledger_needs_scrub()
 * says so. SCRUB_CHECKPOINT: a checkpoint has to come before the next step (store_checkpoint(), in another thread).
 */
enum scrub_step { SCRUB_MORE, SCRUB_CHECKPOINT, SCRUB_DONE };
gboolean ledger_scrub(struct ledger *ledger, enum scrub_step *step_r, GError **error);
gboolean ledger_needs_scrub(const struct ledger *ledger);

/*
 * What belongs to one connection: its open import, the campaign that it feeds. pid is told to others who ask for these;
 * uid stands in the audit trail.
 */
struct session *ledger_session_new(struct ledger *ledger, pid_t pid, uid_t uid);
void ledger_session_free(struct ledger *ledger, struct session *session); /* ends both */

/* One request. The answer goes to the end of out; of a failed one nothing may stay there. */
struct request {
    struct ledger *ledger;
    struct session *session;
    const struct attributes *in;
    GString *out;
    gint64 now;      /* milliseconds since 1970 */
    guint64 pending; /* requests in this batch, for `health` */
    const char *trouble; /* why nothing is written now, for `status-service`; NULL where it is */
    const struct counters *counters; /* the server's, for `metrics`; NULL: there is none */
    char *note;      /* what the handler wants logged, or NULL; the caller frees it */
};

/*
 * A handler answers with at least one finished list and returns TRUE. Or FALSE and *error: ERROR_WANTING is `refused`,
 * ERROR_DATA is `error`, and any other comes from the store and spoils the batch.
 */
typedef gboolean request_handler(struct request *request, GError **error);

/* Postfix and the milter (ledger_mail.c). */
request_handler ledger_policy, ledger_reserve;
/* What smtp(8) asks (ledger_sending.c). Its answer is sockmap.h's. */
request_handler ledger_sending;
/* Settling what is open (ledger_settle.c). */
request_handler ledger_cancel, ledger_resolve_list, ledger_resolve, ledger_decide, ledger_decision_list;
/* What the mail log says (ledger_event.c). */
request_handler ledger_event, ledger_track_position;
/* Why an address got what it got (ledger_explain.c). */
request_handler ledger_explain;
/* Campaigns (ledger_campaign.c). */
request_handler ledger_campaign_list, ledger_campaign_show, ledger_campaign_status, ledger_campaign_approve,
    ledger_campaign_pause, ledger_campaign_resume, ledger_campaign_participants, ledger_campaign_rejects;
/* Numbers for those who may see these alone, and what the command foresees (ledger_status.c). */
request_handler ledger_status_show, ledger_status_tally, ledger_status_service, ledger_campaign_outlook;
/* Taking back what was not sent (ledger_withdraw.c; ledger_settle.c). */
request_handler ledger_campaign_queue, ledger_campaign_cancel, ledger_withdraw;
/* Import (ledger_import.c). */
request_handler ledger_import_begin, ledger_import_row, ledger_import_reject, ledger_import_commit, ledger_import_undo,
    ledger_import_list;
/* Feeding (ledger_feed.c), and of reminders (ledger_remind.c). */
request_handler ledger_proof_begin, ledger_wave_open, ledger_begin, ledger_abandon;
request_handler ledger_remind_plan, ledger_remind_open, ledger_remind_begin;
/* Who has answered (ledger_answer.c). */
request_handler ledger_answered, ledger_answers, ledger_answers_commit;
/* Deleting personal data (ledger_delete.c). */
request_handler ledger_participants_delete, ledger_person_delete;
/* Suppression and health (ledger_suppress.c, ledger.c). */
request_handler ledger_suppress_add, ledger_suppress_remove, ledger_suppress_show;
/* Ledger_suppress_list.c. */
request_handler ledger_suppress_list_begin, ledger_suppress_list_rows, ledger_suppress_list_commit;
request_handler ledger_health;
/* What comes back from recipients (ledger_feedback.c). */
request_handler ledger_feedback, ledger_unsubscribe;
/* The audit trail (ledger_audit.c). */
request_handler ledger_audit_list, ledger_key_note;
/* What was counted (ledger_metrics.c). */
request_handler ledger_metrics;
/* Backup (ledger_backup.c). */
request_handler ledger_backup, ledger_backup_status, ledger_backup_end;

#endif
