/*
 * ledger_sending.c - what smtp(8) asks before it sends a mail's content: `sending`. A mail that it was sending when it
 * was killed, or Postfix stopped, or the host lost power, is not sent a second time (doc/DESIGN.md §4.8).
 */
#include "policyd/ledger_subject.h"
#include "policyd/sockmap.h"

static gboolean fetch_facts(struct ledger *ledger, const char *queue_id, struct subject *subject,
                            struct sending_facts *facts, GError **error)
{
    gint64 since = 0;
    *facts = (struct sending_facts){0};
    if (!queue_id_valid(queue_id))
        return TRUE;
    if (!subject_fetch(ledger, queue_id, subject, error) || !rows_get_sending(ledger, queue_id, &since, error))
        return FALSE;
    *facts = (struct sending_facts){.known = subject->known, .state = subject->state, .open = since != 0};
    return TRUE;
}

/* It is in the queue then, whether or not the log has told so by now. */
static gboolean begin(struct request *request, struct subject *subject, GError **error)
{
    return rows_put_sending(request->ledger, subject->queue_id, request_seconds(request), error) &&
           (subject->state != STATE_RESERVED || subject_move(request, subject, STATE_QUEUED, NULL, error));
}

gboolean ledger_sending(struct request *request, GError **error)
{
    struct subject subject;
    struct sending_facts facts;
    const char *queue_id = attributes_text(request->in, "queue_id");
    if (!fetch_facts(request->ledger, queue_id, &subject, &facts, error))
        return FALSE;
    enum verdict verdict = decide_sending(&facts);
    if (verdict == VERDICT_ACCEPT && !begin(request, &subject, error))
        return FALSE;
    sockmap_answer(request->out, verdict == VERDICT_ACCEPT ? SOCKMAP_GO_ON : SOCKMAP_NOT_NOW, verdict_text(verdict));
    return TRUE;
}
