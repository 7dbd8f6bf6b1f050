/*
 * ledger_settle.c - settling what is open by what is known: cancel, resolve, withdraw.
 *
 * Whatever frees a slot looks again, in the same transaction, whether the mail is still in the state that was judged
 * and under the same queue ID, and leaves a tombstone: a reserve of that queue ID which comes late is refused.
 */
#include "lib/error.h"
#include "policyd/ledger_subject.h"

#include <string.h>

#define LIST_LIMIT 200
#define TIME_MAX G_GINT64_CONSTANT(253402214400) /* end of year 9999 */
#define BECAUSE_MAX 500

/* --- cancel ------------------------------------------------------------------------------------ */

/*
 * The mail is as it was before, still with whoever feeds it. What is queued stays as it is; anything else becomes a
 * tombstone.
 */
gboolean ledger_cancel(struct request *request, GError **error)
{
    struct subject subject;
    const char *queue_id;
    if (!request_queue_id(request, &queue_id, error) || !subject_fetch(request->ledger, queue_id, &subject, error))
        return FALSE;
    if (decide_cancel(subject.state)) {
        if (!subject_move(request, &subject, STATE_BEGUN, NULL, error))
            return FALSE;
    } else if (!subject.known && !subject_bury(request, &subject, error)) {
        return FALSE;
    }
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

/* --- resolve-list ------------------------------------------------------------------------------ */

static gboolean answer_reservation(struct request *request, const char *queue_id, GError **error)
{
    struct queue_record queue;
    gboolean known;
    if (!rows_get_queue(request->ledger, queue_id, &queue, &known, error))
        return FALSE;
    answer_begin(request, "more");
    policy_append(request->out, "queue_id", queue_id);
    policy_append(request->out, "kind", mail_kind_name(queue.owner.kind));
    policy_append_number(request->out, "since", (guint64)queue.since);
    policy_append(request->out, "rejected", queue.rejected ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}

/* Answers up to `limit` queue IDs after `after`; last_r becomes the last one, or "" at the end. */
static gboolean answer_reservations(struct request *request, const char *after, guint64 limit,
                                    char last_r[QUEUE_ID_MAX + 1], GError **error)
{
    struct key from;
    struct bytes key, value;
    key_reservation(&from, after);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_RESERVATION, key_bytes(&from), (struct bytes){NULL, 0}, error);
    enum store_result result = STORE_FAILED;
    last_r[0] = '\0';
    for (guint64 count = 0; scan != NULL;) {
        result = store_next(scan, &key, &value, error);
        if (result != STORE_DONE) {
            last_r[0] = '\0';
            break;
        }
        if (!key_read_reservation(key, last_r))
            return rows_damaged(STORE_RESERVATION, error);
        if (strcmp(last_r, after) == 0)
            continue;
        if (!answer_reservation(request, last_r, error))
            return FALSE;
        if (++count == limit)
            return TRUE;
    }
    return result == STORE_ABSENT;
}

static gboolean read_meta(struct ledger *ledger, const char *name, gint64 *number_r, GError **error)
{
    struct key key;
    guint64 number;
    key_meta(&key, name);
    if (!rows_get_number(ledger, STORE_META, &key, &number, error))
        return FALSE;
    *number_r = (gint64)number;
    return TRUE;
}

gboolean ledger_resolve_list(struct request *request, GError **error)
{
    const char *after = attributes_text(request->in, "after");
    char last[QUEUE_ID_MAX + 1];
    guint64 limit = LIST_LIMIT;
    gint64 read;
    if (*after != '\0' && !queue_id_valid(after))
        return error_set(error, ERROR_DATA, "attribute after is no queue ID");
    if (attributes_get(request->in, "limit") != NULL && !request_number(request, "limit", 1, LIST_LIMIT, &limit, error))
        return FALSE;
    if (!read_meta(request->ledger, META_READ, &read, error) ||
        !answer_reservations(request, after, limit, last, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "last", last);
    policy_append_number(request->out, "read", (guint64)read);
    policy_append_number(request->out, "age", RESOLVE_AGE);
    policy_end(request->out);
    return TRUE;
}

/* --- resolve ----------------------------------------------------------------------------------- */

/* What somebody found in Postfix's queue. */
struct evidence {
    gboolean listed;
    enum queue_file file;
    guint64 absent;         /* listings in a row without it */
    guint64 began, looked;  /* when the first of them began, and the last */
    guint64 postfix_since;  /* when Postfix was started; 0: it does not run */
    guint64 daemon_timeout; /* seconds */
};

static gboolean read_evidence(const struct request *request, struct evidence *evidence, GError **error)
{
    const char *listed = attributes_text(request->in, "listed");
    evidence->listed = strcmp(listed, "yes") == 0;
    if (!evidence->listed && strcmp(listed, "no") != 0)
        return error_set(error, ERROR_DATA, "attribute listed must be yes or no");
    if (!queue_file_from_name(attributes_text(request->in, "file"), &evidence->file))
        return error_set(error, ERROR_DATA, "attribute file must be unseen, none, writing or left");
    return request_number(request, "absent", 0, G_MAXUINT32, &evidence->absent, error) &&
           request_number(request, "began", 1, TIME_MAX, &evidence->began, error) &&
           request_number(request, "looked", 1, TIME_MAX, &evidence->looked, error) &&
           request_number(request, "postfix_since", 0, TIME_MAX, &evidence->postfix_since, error) &&
           request_number(request, "daemon_timeout", 1, TIME_MAX, &evidence->daemon_timeout, error);
}

/* Adds what the ledger knows itself. */
static gboolean fetch_facts(struct request *request, const struct subject *subject, const struct evidence *evidence,
                            struct resolve_facts *facts, GError **error)
{
    struct ledger *ledger = request->ledger;
    gint64 read, gap, restart, since = subject->queue.since;
    if (!read_meta(ledger, META_READ, &read, error) || !read_meta(ledger, META_GAP, &gap, error) ||
        !read_meta(ledger, META_RESTART, &restart, error))
        return FALSE;
    gboolean after = (gint64)evidence->began > since; /* else the listings tell nothing about it */
    *facts = (struct resolve_facts){
        .state = subject->state,
        .age = request_seconds(request) - since,
        .rejected = subject->queue.rejected,
        .listed = evidence->listed && after,
        .absent = after && !evidence->listed ? (guint)evidence->absent : 0,
        .file = evidence->file,
        .daemon_timeout = (gint64)evidence->daemon_timeout,
        .running = evidence->postfix_since != 0,
        .log_read = read >= (gint64)evidence->looked,
        .log_gap = gap >= since,
        .restarted = restart >= since || (gint64)evidence->postfix_since >= since,
        .rebooted = !subject->queue.reserved || ledger->boot == 0 || subject->queue.boot != ledger->boot,
    };
    return TRUE;
}

static gboolean apply_resolution(struct request *request, struct subject *subject, enum resolution resolution,
                                 const char *reason, GError **error)
{
    static const enum mail_state states[] = {
        [RESOLVE_QUEUED] = STATE_QUEUED, [RESOLVE_FREE] = STATE_NEW, [RESOLVE_UNCERTAIN] = STATE_UNCERTAIN};
    if (resolution == RESOLVE_WAIT)
        return TRUE;
    if (resolution != RESOLVE_QUEUED)
        request->note = g_strdup_printf("%s: resolve=%s kind=%s reason=\"%s\"", subject->queue_id,
                                        resolution_name(resolution), mail_kind_name(subject->queue.owner.kind), reason);
    return subject_move(request, subject, states[resolution], resolution == RESOLVE_UNCERTAIN ? reason : NULL, error);
}

gboolean ledger_resolve(struct request *request, GError **error)
{
    struct subject subject;
    struct evidence evidence;
    struct resolve_facts facts;
    const char *queue_id, *reason;
    if (!request_queue_id(request, &queue_id, error) || !read_evidence(request, &evidence, error) ||
        !subject_fetch(request->ledger, queue_id, &subject, error) ||
        !fetch_facts(request, &subject, &evidence, &facts, error))
        return FALSE;
    enum resolution resolution = decide_resolve(&facts, &reason);
    if (!apply_resolution(request, &subject, resolution, reason, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "resolution", resolution_name(resolution));
    policy_append(request->out, "reason", reason);
    policy_append(request->out, "state", mail_state_name(subject.state));
    policy_end(request->out);
    return TRUE;
}

/* --- withdraw ---------------------------------------------------------------------------------- */

static gboolean fetch_withdraw_facts(struct request *request, const struct subject *subject, gint64 deleted,
                                     struct withdraw_facts *facts, GError **error)
{
    gint64 read, gap, restart, sending;
    if (!read_meta(request->ledger, META_READ, &read, error) || !read_meta(request->ledger, META_GAP, &gap, error) ||
        !read_meta(request->ledger, META_RESTART, &restart, error) ||
        !rows_get_sending(request->ledger, subject->queue_id, &sending, error))
        return FALSE;
    *facts = (struct withdraw_facts){
        .state = subject->state,
        .log_read = read > deleted,
        .sending = sending != 0,
        .log_gap = gap >= subject->queue.since,
        .restarted = restart >= subject->queue.since,
    };
    return TRUE;
}

/* The slot is free, and this participant of this campaign is done with. */
static gboolean end_withdrawn(struct request *request, struct subject *subject, const char *reply, GError **error)
{
    subject->state = STATE_REFUSED;
    return subject_free_slots(request->ledger, subject->queue_id, &subject->queue, error) &&
           subject_bury(request, subject, error) &&
           subject_move_life(request, subject, STATE_REFUSED, reply, error);
}

static gboolean apply_withdrawal(struct request *request, struct subject *subject, enum resolution resolution,
                                 const char *because, const char *reason, GError **error)
{
    struct campaign *campaign;
    if (resolution == RESOLVE_WAIT)
        return TRUE;
    if (!campaign_load(request->ledger, subject->queue.owner.campaign, &campaign, error) ||
        (campaign != NULL && !ledger_audit_cancel(request, campaign, because, error)))
        return FALSE;
    request->note = g_strdup_printf("%s: withdraw=%s kind=%s reason=\"%s\"", subject->queue_id,
                                    resolution == RESOLVE_FREE ? "refused" : "uncertain",
                                    mail_kind_name(subject->queue.owner.kind), reason);
    if (resolution == RESOLVE_UNCERTAIN)
        return subject_move(request, subject, STATE_UNCERTAIN, reason, error);
    g_autofree char *reply = g_strconcat("cancelled: ", because, NULL);
    return end_withdrawn(request, subject, reply, error);
}

/* A mail that Postfix was made to delete from its queue, while nothing sent it. */
gboolean ledger_withdraw(struct request *request, GError **error)
{
    struct subject subject;
    struct withdraw_facts facts;
    const char *queue_id, *because, *reason;
    guint64 deleted;
    if (!request_queue_id(request, &queue_id, error) ||
        !request_number(request, "deleted", 1, TIME_MAX, &deleted, error) ||
        !request_text(request, "because", FALSE, BECAUSE_MAX, &because, error) ||
        !subject_fetch(request->ledger, queue_id, &subject, error) ||
        !fetch_withdraw_facts(request, &subject, (gint64)deleted, &facts, error))
        return FALSE;
    enum mail_kind kind = subject.queue.owner.kind;
    if (!subject.known || (kind != MAIL_INVITATION && kind != MAIL_REMINDER))
        return error_set(error, ERROR_DATA, "%s is no participant's mail", queue_id);
    enum resolution resolution = decide_withdraw(&facts, &reason);
    if (!apply_withdrawal(request, &subject, resolution, because, reason, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "resolution", resolution_name(resolution));
    policy_append(request->out, "reason", reason);
    policy_append(request->out, "state", mail_state_name(subject.state));
    policy_end(request->out);
    return TRUE;
}
