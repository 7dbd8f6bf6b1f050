/* ledger_subject.c - one mail by its queue ID, whatever its kind, and moving it; see ledger_subject.h. */
#include "policyd/ledger_subject.h"

#include <string.h>

gboolean subject_fetch(struct ledger *ledger, const char *queue_id, struct subject *subject, GError **error)
{
    const struct owner *owner = &subject->queue.owner;
    subject->queue_id = queue_id;
    subject->state = STATE_NONE;
    if (!rows_get_queue(ledger, queue_id, &subject->queue, &subject->known, error))
        return FALSE;
    if (!subject->known || subject->queue.tombstone || owner->kind == MAIL_NONE)
        return TRUE;
    if (owner->kind == MAIL_FOREIGN) {
        subject->state = subject->queue.state;
        return TRUE;
    }
    if (owner->kind == MAIL_PROOF) {
        if (!rows_get_proof(ledger, owner->campaign, owner->id, &subject->proof, error))
            return FALSE;
        if (strcmp(subject->proof.queue_id, queue_id) == 0)
            subject->state = subject->proof.state;
        return TRUE;
    }
    if (!rows_get_life(ledger, owner->campaign, owner->kind, owner->id, &subject->life, error))
        return FALSE;
    if (strcmp(subject->life.queue_id, queue_id) == 0)
        subject->state = subject->life.state;
    return TRUE;
}

gboolean subject_move_life(struct request *request, struct subject *subject, enum mail_state state, const char *reply,
                          GError **error)
{
    struct ledger *ledger = request->ledger;
    const struct owner *owner = &subject->queue.owner;
    struct life_record *life = &subject->life;
    struct campaign *campaign;
    if (!campaign_load(ledger, owner->campaign, &campaign, error))
        return FALSE;
    if (campaign != NULL)
        wave_move(ledger, campaign_wave_of(campaign, owner->kind, owner->id, life), life->state, state);
    life->state = state;
    life->changed = request_seconds(request);
    if (state < STATE_RESERVED)
        life->queue_id[0] = '\0';
    if (reply != NULL)
        g_strlcpy(life->reply, reply, sizeof life->reply);
    return rows_put_life(ledger, owner->campaign, owner->kind, owner->id, life, error);
}

static gboolean move_proof(struct request *request, struct subject *subject, enum mail_state state, GError **error)
{
    struct proof_record *proof = &subject->proof;
    /* A proof is never new: it was begun when it was made. */
    proof->state = state < STATE_RESERVED ? STATE_BEGUN : state;
    proof->changed = request_seconds(request);
    if (state < STATE_RESERVED)
        proof->queue_id[0] = '\0';
    return rows_put_proof(request->ledger, subject->queue.owner.campaign, subject->queue.owner.id, proof, error);
}

gboolean subject_free_slots(struct ledger *ledger, const char *queue_id, const struct queue_record *queue,
                           GError **error)
{
    for (size_t i = 0; i < queue->count; i++) {
        struct slot_record slot;
        if (!rows_get_slot(ledger, &queue->slots[i], &slot, error))
            return FALSE;
        if (strcmp(slot.queue_id, queue_id) == 0 && !rows_free_slot(ledger, &queue->slots[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean subject_bury(struct request *request, struct subject *subject, GError **error)
{
    subject->queue.tombstone = TRUE;
    subject->queue.reserved = FALSE;
    subject->queue.since = request_seconds(request);
    return rows_put_queue(request->ledger, subject->queue_id, &subject->queue, error);
}

/* The state in the queue ID's row is that of foreign mail. */
static gboolean move_queue(struct ledger *ledger, struct subject *subject, enum mail_state state, GError **error)
{
    gboolean foreign = subject->queue.owner.kind == MAIL_FOREIGN;
    if (!foreign && !subject->queue.reserved)
        return TRUE;
    if (foreign)
        subject->queue.state = state;
    subject->queue.reserved = FALSE;
    return rows_put_queue(ledger, subject->queue_id, &subject->queue, error);
}

gboolean subject_move(struct request *request, struct subject *subject, enum mail_state state, const char *reply,
                             GError **error)
{
    struct ledger *ledger = request->ledger;
    enum mail_kind kind = subject->queue.owner.kind;
    if (state < STATE_RESERVED && !subject_free_slots(ledger, subject->queue_id, &subject->queue, error))
        return FALSE;
    if (kind == MAIL_PROOF && !move_proof(request, subject, state, error))
        return FALSE;
    if ((kind == MAIL_INVITATION || kind == MAIL_REMINDER) && !subject_move_life(request, subject, state, reply, error))
        return FALSE;
    if (state < STATE_RESERVED ? !subject_bury(request, subject, error) : !move_queue(ledger, subject, state, error))
        return FALSE;
    subject->state = state;
    return state == STATE_QUEUED || rows_remove_sending(ledger, subject->queue_id, error);
}
