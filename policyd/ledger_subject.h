/*
 * ledger_subject.h - one mail by its queue ID, whatever its kind, and moving it from one state to another. For
 * ledger*.c alone.
 */
#ifndef POSTWELLE_POLICYD_LEDGER_SUBJECT_H
#define POSTWELLE_POLICYD_LEDGER_SUBJECT_H

#include "policyd/ledger_rows.h"

struct subject {
    const char *queue_id;
    struct queue_record queue;
    gboolean known;        /* the queue ID stands for something, or is a tombstone */
    enum mail_state state; /* STATE_NONE where the mail is another queue ID's, or was given up */
    struct life_record life;
    struct proof_record proof;
};

/* queue_id is borrowed. FALSE where the store failed. */
gboolean subject_fetch(struct ledger *ledger, const char *queue_id, struct subject *subject, GError **error);

/* Into that state, from the one it is in. A state before STATE_RESERVED frees its slots. reply may be NULL. */
gboolean subject_move(struct request *request, struct subject *subject, enum mail_state state, const char *reply,
                      GError **error);

/* Its steps alone. Frees each slot that is still this queue ID's. */
gboolean subject_free_slots(struct ledger *ledger, const char *queue_id, const struct queue_record *queue,
                            GError **error);
/* A participant's mail alone. */
gboolean subject_move_life(struct request *request, struct subject *subject, enum mail_state state, const char *reply,
                           GError **error);
/* The queue ID is refused from now on; it remembers what it once was. */
gboolean subject_bury(struct request *request, struct subject *subject, GError **error);

#endif
