/*
 * ledger_event.c - what the mail log says: event, track-position.
 *
 * The log is a witness that may be silent. It raises states, and never frees a slot.
 */
#include "lib/delivery.h"
#include "lib/error.h"
#include "lib/unfilled.h"
#include "policyd/ledger_subject.h"

#include <string.h>

#define POSITION_MAX 512
#define TIME_MAX G_GINT64_CONSTANT(253402214400) /* end of year 9999 */

/* One line of the log. */
struct report {
    const char *queue_id;
    enum mail_event event;
    gint64 when;      /* seconds since 1970 */
    gboolean content; /* the attempt ended after its content was begun */
    gboolean greylisted; /* put off, by a greylister's reply */
    const char *tls;  /* of one that was sent: "TLSv1.3", "no", "": not known */
    char reply[REPLY_MAX + 1];
};

static gboolean read_report(const struct request *request, struct report *report_r, GError **error)
{
    guint64 when;
    const char *name = attributes_text(request->in, "event");
    if (!request_queue_id(request, &report_r->queue_id, error) ||
        !request_number(request, "time", 1, TIME_MAX, &when, error))
        return FALSE;
    report_r->event = mail_event_from_name(name);
    if (report_r->event == EVENT_NONE)
        return error_set(error, ERROR_DATA, "attribute event: there is no event \"%.40s\"", name);
    report_r->when = (gint64)when;
    report_r->content = strcmp(attributes_text(request->in, "stage"), "content") == 0;
    report_r->tls = attributes_text(request->in, "tls");
    if (strlen(report_r->tls) > TLS_MAX)
        return error_set(error, ERROR_DATA, "attribute tls is longer than %d octets", TLS_MAX);
    const char *dsn = attributes_text(request->in, "dsn"), *reply = attributes_text(request->in, "reply");
    g_snprintf(report_r->reply, sizeof report_r->reply, "%s%s%s", dsn, *dsn != '\0' && *reply != '\0' ? " " : "",
               reply);
    report_r->greylisted = delivery_is_greylisted(report_r->reply);
    return TRUE;
}

/* --- slots ------------------------------------------------------------------------------------- */

static gboolean take_if_free(struct ledger *ledger, const struct slot_key *key, const struct owner *owner,
                             const struct report *report, GError **error)
{
    struct slot_record slot;
    if (!rows_get_slot(ledger, key, &slot, error))
        return FALSE;
    if (slot.owner.kind != MAIL_NONE)
        return TRUE;
    slot.owner = *owner;
    slot.since = report->when;
    g_strlcpy(slot.queue_id, report->queue_id, sizeof slot.queue_id);
    return rows_take_slot(ledger, key, &slot, FALSE, error);
}

/* The client with that number, as configured now; *client_r is NULL where it is no more. */
static gboolean client_of_number(struct ledger *ledger, guint32 wanted, const struct client **client_r, GError **error)
{
    size_t count;
    const struct client *const *list = client_set_list(ledger->clients, &count);
    *client_r = NULL;
    for (size_t i = 0; i < count; i++) {
        guint32 number;
        if (!ledger_client_number(ledger, list[i]->name, FALSE, &number, error))
            return FALSE;
        if (number == wanted)
            *client_r = list[i];
    }
    return TRUE;
}

/* With a rolling cap the time runs from when the mail arrived. */
static gboolean renew(struct ledger *ledger, const struct queue_record *queue, const struct report *report,
                      GError **error)
{
    for (size_t i = 0; i < queue->count; i++) {
        struct slot_record slot;
        if (!rows_get_slot(ledger, &queue->slots[i], &slot, error))
            return FALSE;
        if (strcmp(slot.queue_id, report->queue_id) != 0 || slot.since >= report->when)
            continue;
        slot.since = report->when;
        if (!rows_take_slot(ledger, &queue->slots[i], &slot, TRUE, error))
            return FALSE;
    }
    return TRUE;
}

/* A mail that was sent in a later quarter than the one it was reserved in takes that one's slot, too. */
static gboolean take_later(struct ledger *ledger, const struct queue_record *queue, const struct report *report,
                           GError **error)
{
    const struct client *client;
    if (queue->count == 0)
        return TRUE; /* no invitation */
    if (queue->slots[0].period == 0)
        return renew(ledger, queue, report, error);
    if (!client_of_number(ledger, queue->slots[0].client, &client, error))
        return FALSE;
    guint16 period = client != NULL ? ledger_period(ledger, client, report->when) : 0;
    for (size_t i = 0; i < queue->count; i++) {
        struct slot_key key = queue->slots[i];
        if (period <= key.period)
            continue;
        key.period = period;
        if (!take_if_free(ledger, &key, &queue->owner, report, error))
            return FALSE;
    }
    return TRUE;
}

/* --- states ------------------------------------------------------------------------------------ */

static gboolean raise_life(struct ledger *ledger, const struct queue_record *queue, const struct report *report,
                           gboolean *changed_r, GError **error)
{
    const struct owner *owner = &queue->owner;
    struct life_record life;
    struct campaign *campaign;
    if (!rows_get_life(ledger, owner->campaign, owner->kind, owner->id, &life, error) ||
        !campaign_load(ledger, owner->campaign, &campaign, error))
        return FALSE;
    enum mail_state state = decide_event(life.state, report->event);
    if (state == STATE_DEFERRED && report->event == EVENT_DEFERRED && report->greylisted)
        state = STATE_GREYLISTED;
    gboolean open = life.state >= STATE_RESERVED && life.state <= STATE_UNCERTAIN;
    if (queue->tombstone && !open && report->event != EVENT_REJECTED)
        state = STATE_UNCERTAIN; /* given up, and queued all the same: a person must look at it */
    else if (strcmp(life.queue_id, report->queue_id) != 0)
        return TRUE;
    *changed_r = state != life.state;
    if (!*changed_r && (report->event != EVENT_DEFERRED || mail_state_is_end(state)))
        return TRUE;
    if (campaign != NULL)
        wave_move(ledger, campaign_wave_of(campaign, owner->kind, owner->id, &life), life.state, state);
    life.state = state;
    life.changed = report->when;
    g_strlcpy(life.queue_id, report->queue_id, sizeof life.queue_id);
    g_strlcpy(life.reply, report->reply, sizeof life.reply);
    g_strlcpy(life.tls, report->event == EVENT_SENT ? report->tls : "", sizeof life.tls);
    return rows_put_life(ledger, owner->campaign, owner->kind, owner->id, &life, error);
}

static gboolean raise_proof(struct ledger *ledger, const struct queue_record *queue, const struct report *report,
                            GError **error)
{
    struct proof_record proof;
    if (!rows_get_proof(ledger, queue->owner.campaign, queue->owner.id, &proof, error))
        return FALSE;
    enum mail_state state = decide_event(proof.state, report->event);
    if (state == proof.state || strcmp(proof.queue_id, report->queue_id) != 0)
        return TRUE;
    proof.state = state;
    proof.changed = report->when;
    return rows_put_proof(ledger, queue->owner.campaign, queue->owner.id, &proof, error);
}

/* Slots of a mail that was given up and is on its way nevertheless are taken again. */
static gboolean take_again(struct ledger *ledger, const struct queue_record *queue, const struct report *report,
                           GError **error)
{
    for (size_t i = 0; i < queue->count; i++)
        if (!take_if_free(ledger, &queue->slots[i], &queue->owner, report, error))
            return FALSE;
    return TRUE;
}

/*
 * The state in the queue ID's row is that of foreign mail; of ours only the evidence is kept there, and whether it is
 * queued.
 */
static gboolean raise_queue(struct ledger *ledger, struct queue_record *queue, const struct report *report,
                            gboolean *changed_r, GError **error)
{
    const enum mail_state state = queue->state;
    const gboolean reserved = queue->reserved, rejected = queue->rejected;
    if (queue->owner.kind == MAIL_FOREIGN && !queue->tombstone)
        queue->state = decide_event(queue->state, report->event);
    if (report->event == EVENT_REJECTED)
        queue->rejected = TRUE;
    else
        queue->reserved = FALSE;
    *changed_r = queue->state != state;
    if (!*changed_r && queue->reserved == reserved && queue->rejected == rejected)
        return TRUE;
    return rows_put_queue(ledger, report->queue_id, queue, error);
}

/* An attempt at it has ended: which? One that was begun and that the log has skipped makes the event another one. */
static gboolean end_sending(struct ledger *ledger, struct report *report, GError **error)
{
    static const char lost[] = "Postfix had begun to send it, and nothing tells whether the receiver has it";
    gint64 since;
    if (!rows_get_sending(ledger, report->queue_id, &since, error))
        return FALSE;
    enum sending_end end = decide_sending_end(report->event, report->when, report->content, since);
    if (end == SENDING_LOST) {
        report->event = EVENT_UNCERTAIN;
        g_strlcpy(report->reply, lost, sizeof report->reply);
    }
    return end == SENDING_OPEN || rows_remove_sending(ledger, report->queue_id, error);
}

static gboolean apply(struct ledger *ledger, struct queue_record *queue, const struct report *report, GError **error)
{
    gboolean changed = FALSE, queue_changed = FALSE;
    if (queue->tombstone && report->event != EVENT_REJECTED && !take_again(ledger, queue, report, error))
        return FALSE;
    if (!raise_queue(ledger, queue, report, &queue_changed, error))
        return FALSE;
    if (queue->owner.kind == MAIL_PROOF)
        return raise_proof(ledger, queue, report, error);
    if (queue->owner.kind != MAIL_FOREIGN && !raise_life(ledger, queue, report, &changed, error))
        return FALSE;
    /* What is uncertain may have arrived as late as that. */
    if ((report->event == EVENT_SENT || report->event == EVENT_UNCERTAIN) && (changed || queue_changed))
        return take_later(ledger, queue, report, error);
    return TRUE;
}

/* --- requests ---------------------------------------------------------------------------------- */

static gboolean store_position(struct request *request, GError **error)
{
    const char *position = attributes_get(request->in, "position");
    struct key key;
    if (position == NULL)
        return TRUE;
    key_meta(&key, META_TRACK);
    struct bytes value = {position, strlen(position)};
    return store_put(request->ledger->store, STORE_META, key_bytes(&key), value, error) == STORE_DONE;
}

static gboolean check_position(const struct request *request, GError **error)
{
    return strlen(attributes_text(request->in, "position")) <= POSITION_MAX ||
           error_set(error, ERROR_DATA, "attribute position is longer than %d octets", POSITION_MAX);
}

/* Of our own mail that was just put off: is there no use in trying it again? Another program's is left alone. */
static gboolean is_refused(struct ledger *ledger, const char *queue_id, gboolean *refused_r, GError **error)
{
    struct subject subject;
    if (!subject_fetch(ledger, queue_id, &subject, error))
        return FALSE;
    /*
     * What was given up and is on its way all the same is uncertain, but its queue ID's row still says that it was
     * given up.
     */
    enum mail_state state = subject.queue.tombstone ? STATE_UNCERTAIN : subject.state;
    *refused_r = subject.queue.owner.kind != MAIL_FOREIGN && decide_hold(state);
    return TRUE;
}

gboolean ledger_event(struct request *request, GError **error)
{
    struct report report;
    struct queue_record queue UNFILLED;
    gboolean known, refused = FALSE;
    if (!read_report(request, &report, error) || !check_position(request, error) ||
        !rows_get_queue(request->ledger, report.queue_id, &queue, &known, error))
        return FALSE;
    known = known && queue.owner.kind != MAIL_NONE;
    gboolean put_off = report.event == EVENT_DEFERRED;
    if (known && (!end_sending(request->ledger, &report, error) || !apply(request->ledger, &queue, &report, error)))
        return FALSE;
    if (known && put_off && !is_refused(request->ledger, report.queue_id, &refused, error))
        return FALSE;
    if (!store_position(request, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "known", known ? "yes" : "no");
    if (refused)
        policy_append(request->out, "hold", "yes");
    policy_end(request->out);
    return TRUE;
}

/* Raises a time of the tracker's; one that is not given stays as it is. */
static gboolean raise_time(struct request *request, const char *attribute, const char *meta, GError **error)
{
    struct key key;
    guint64 before, now;
    if (attributes_get(request->in, attribute) == NULL)
        return TRUE;
    key_meta(&key, meta);
    if (!request_number(request, attribute, 1, TIME_MAX, &now, error) ||
        !rows_get_number(request->ledger, STORE_META, &key, &before, error))
        return FALSE;
    return now <= before || rows_put_number(request->ledger, STORE_META, &key, now, error);
}

static gboolean raise_times(struct request *request, GError **error)
{
    return raise_time(request, "read", META_READ, error) && raise_time(request, "gap", META_GAP, error) &&
           raise_time(request, "restart", META_RESTART, error);
}

gboolean ledger_track_position(struct request *request, GError **error)
{
    struct key key;
    struct bytes value;
    if (!check_position(request, error) || !raise_times(request, error) || !store_position(request, error))
        return FALSE;
    key_meta(&key, META_TRACK);
    enum store_result result = store_get(request->ledger->store, STORE_META, key_bytes(&key), &value, error);
    if (result == STORE_FAILED)
        return FALSE;
    g_autofree char *position = result == STORE_DONE ? g_strndup(value.data, value.size) : g_strdup("");
    answer_begin(request, "ok");
    policy_append(request->out, "position", position);
    policy_end(request->out);
    return TRUE;
}
