/*
 * ledger_decision.c - a person's word where nobody else can tell whether a mail was sent: decide, decision-list, and
 * what `explain` says of it.
 */
#include "lib/error.h"
#include "policyd/ledger_subject.h"

#include <string.h>

#define BY_MAX 64
#define BECAUSE_MAX 500

/* --- decide ------------------------------------------------------------------------------------ */

/* What a person says about one participant's invitation or reminder. */
struct decision {
    struct campaign *campaign;
    struct owner mail;
    gboolean free;
    const char *by, *because;
};

static gboolean read_decision(struct request *request, struct decision *decision, GError **error)
{
    const char *to = attributes_text(request->in, "to");
    guint64 participant, number = 0;
    decision->free = strcmp(to, "free") == 0;
    if (!decision->free && strcmp(to, "sent") != 0)
        return error_set(error, ERROR_DATA, "attribute to must be sent or free");
    if (!request_campaign(request, &decision->campaign, error) ||
        !request_number(request, "participant", 1, PARTICIPANT_MAX, &participant, error) ||
        (attributes_get(request->in, "reminder") != NULL &&
         !request_number(request, "reminder", 0, REMINDERS_MAX, &number, error)) ||
        !request_text(request, "by", FALSE, BY_MAX, &decision->by, error) ||
        !request_text(request, "because", FALSE, BECAUSE_MAX, &decision->because, error))
        return FALSE;
    decision->mail = (struct owner){number > 0 ? MAIL_REMINDER : MAIL_INVITATION, decision->campaign->number,
                                    reminder_id(participant, (guint)number)};
    return TRUE;
}

/* "invitation", "reminder 1". The caller frees. */
static char *mail_text(const struct owner *mail)
{
    if (mail->kind == MAIL_REMINDER)
        return g_strdup_printf("reminder %u", mail_reminder(mail->id));
    return g_strdup(mail_kind_name(mail->kind));
}

/* Two in one second would be one row: the later is put behind. */
static gboolean write_decision(struct request *request, const struct decision *decision,
                               const struct decision_record *record, GError **error)
{
    struct ledger *ledger = request->ledger;
    g_string_truncate(ledger->row, 0);
    decision_write(ledger->row, record);
    struct bytes value = {ledger->row->str, ledger->row->len};
    for (gint64 seconds = request_seconds(request);; seconds++) {
        struct key key;
        key_decision(&key, decision->mail.campaign, decision->mail.kind, decision->mail.id, seconds);
        enum store_result result = store_insert(ledger->store, STORE_DECISION, key_bytes(&key), value, error);
        if (result != STORE_PRESENT)
            return result == STORE_DONE;
    }
}

/* In the log of policyd, and in the audit trail. */
static gboolean tell_decision(struct request *request, const struct decision *decision,
                              const struct decision_record *record, GError **error)
{
    const struct campaign_record *campaign = &decision->campaign->record;
    const char *to = decision->free ? "free" : "sent", *before = mail_state_name(record->before);
    g_autofree char *mail = mail_text(&decision->mail);
    g_autofree char *participant = g_strdup_printf("%" G_GUINT64_FORMAT, mail_participant(decision->mail.id));
    request->note = g_strdup_printf(
        "%s: decided=%s before=%s campaign=%s/%s participant=%s mail=\"%s\" by=\"%s\" because=\"%s\"", record->queue_id,
        to, before, campaign->client_name, campaign->name, participant, mail, decision->by, decision->because);
    g_autofree char *detail = g_strdup_printf("%s: %s, was %s, queue ID %s: %s", mail, to, before, record->queue_id,
                                              decision->because);
    const struct audit_entry entry = {.action = AUDIT_DECIDE,
                                      .campaign = decision->campaign,
                                      .by = decision->by,
                                      .subject = participant,
                                      .detail = detail};
    return ledger_audit(request, &entry, error);
}

static gboolean apply_decision(struct request *request, const struct decision *decision, struct subject *subject,
                               GError **error)
{
    g_autofree char *because = audit_mask(decision->because);
    const struct decision_record record = {.before = subject->state,
                                           .after = decision->free ? STATE_NEW : STATE_SENT,
                                           .queue_id = subject->queue_id,
                                           .by = decision->by,
                                           .because = because};
    g_autofree char *reply = g_strdup_printf("%s by %s: %s", decision->free ? "freed" : "taken for sent", decision->by,
                                             decision->because);
    return write_decision(request, decision, &record, error) && tell_decision(request, decision, &record, error) &&
           subject_move(request, subject, record.after, reply, error);
}

/* The mail that is decided about; `refused` where a person has nothing to decide. */
static gboolean fetch_decided(struct request *request, const struct decision *decision, struct life_record *life_r,
                              struct subject *subject_r, GError **error)
{
    const struct owner *mail = &decision->mail;
    g_autofree char *name = mail_text(mail);
    if (!rows_get_life(request->ledger, mail->campaign, mail->kind, mail->id, life_r, error))
        return FALSE;
    if (life_r->state == STATE_NONE || campaign_hides(decision->campaign, mail_participant(mail->id)))
        return error_set(error, ERROR_DATA, "there is no %s of a participant %" G_GUINT64_FORMAT, name,
                         mail_participant(mail->id));
    if (!decide_person(life_r->state))
        return error_set(error, ERROR_WANTING, "the %s is %s; a person decides only what is uncertain", name,
                         mail_state_name(life_r->state));
    if (!subject_fetch(request->ledger, life_r->queue_id, subject_r, error))
        return FALSE;
    if (subject_r->state == STATE_NONE) { /* cancelled, and sent all the same: the queue ID is a tombstone */
        subject_r->life = *life_r;
        subject_r->state = life_r->state;
        subject_r->queue.owner = *mail;
    }
    return TRUE;
}

gboolean ledger_decide(struct request *request, GError **error)
{
    struct decision decision;
    struct subject subject;
    struct life_record life;
    if (!read_decision(request, &decision, error) || !fetch_decided(request, &decision, &life, &subject, error) ||
        !apply_decision(request, &decision, &subject, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "state", mail_state_name(subject.state));
    policy_end(request->out);
    return TRUE;
}

/* --- telling ----------------------------------------------------------------------------------- */

struct told {
    guint64 id; /* participant, or reminder_id() */
    gint64 seconds;
    struct decision_record record;
};

typedef void tell_function(struct request *request, const struct campaign *campaign, const struct told *told);

static gboolean tell_each(struct request *request, const struct campaign *campaign, const struct key *prefix,
                          tell_function *tell, GError **error)
{
    struct bytes key, value;
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_DECISION, (struct bytes){NULL, 0}, key_bytes(prefix), error);
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        struct told told;
        enum mail_kind kind;
        if (!key_read_decision(key, &kind, &told.id, &told.seconds) || !decision_read(value, &told.record))
            return rows_damaged(STORE_DECISION, error);
        answer_begin(request, "more");
        tell(request, campaign, &told);
        policy_end(request->out);
    }
    return result == STORE_ABSENT;
}

static void tell_listed(struct request *request, const struct campaign *campaign, const struct told *told)
{
    (void)campaign;
    policy_append_number(request->out, "participant", mail_participant(told->id));
    policy_append_number(request->out, "reminder", mail_reminder(told->id));
    policy_append_number(request->out, "time", (guint64)told->seconds);
    policy_append(request->out, "before", mail_state_name(told->record.before));
    policy_append(request->out, "after", mail_state_name(told->record.after));
    policy_append(request->out, "queue_id", told->record.queue_id);
    policy_append(request->out, "by", told->record.by);
    policy_append(request->out, "because", told->record.because);
}

gboolean ledger_decision_list(struct request *request, GError **error)
{
    struct campaign *campaign;
    struct key prefix;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    key_prefix_campaign(&prefix, campaign->number);
    if (!tell_each(request, campaign, &prefix, tell_listed, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

static void tell_explained(struct request *request, const struct campaign *campaign, const struct told *told)
{
    policy_append(request->out, "about", "decision");
    policy_append(request->out, "client", campaign->record.client_name);
    policy_append(request->out, "campaign", campaign->record.name);
    policy_append_number(request->out, "reminder", mail_reminder(told->id));
    policy_append_number(request->out, "since", (guint64)told->seconds);
    policy_append(request->out, "state", mail_state_name(told->record.after));
    policy_append(request->out, "by", told->record.by);
    policy_append(request->out, "reason", told->record.because);
}

gboolean explain_decisions(struct request *request, const struct campaign *campaign, guint64 participant,
                           GError **error)
{
    struct key invitation, reminders;
    key_prefix_decisions(&invitation, campaign->number, MAIL_INVITATION, participant);
    key_prefix_decisions(&reminders, campaign->number, MAIL_REMINDER, participant);
    return tell_each(request, campaign, &invitation, tell_explained, error) &&
           tell_each(request, campaign, &reminders, tell_explained, error);
}
