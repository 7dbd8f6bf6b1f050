/*
 * ledger_prune.c - what the ledger forgets, so that it does not grow for ever: a walk over two tables, some rows at a
 * time. Participants and what became of their mails stay with their campaign.
 */
#include "policyd/ledger_subject.h"

#include <string.h>

#define LOOK 2000 /* rows in one step, so that no request waits long */

enum walk { WALK_QUEUE, WALK_RESERVATION, WALK_SLOT, WALKS };

static const enum store_table tables[WALKS] = {STORE_QUEUE, STORE_RESERVATION, STORE_SLOT};

/*
 * The next keys of a table, at most LOOK; a scan must be over before anything is written. NULL and *error where the
 * store failed.
 */
static GArray *next_keys(struct ledger *ledger, enum walk walk, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct key));
    struct key *from = &ledger->pruned[walk];
    const struct bytes all = {NULL, 0};
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    g_autoptr(store_scan_auto) scan = store_scan(ledger->store, tables[walk], key_bytes(from), all, error);
    while (scan != NULL && keys->len < LOOK && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        struct key copy = {.size = key.size};
        memcpy(copy.data, key.data, key.size);
        g_array_append_val(keys, copy);
    }
    return result == STORE_FAILED ? NULL : g_steal_pointer(&keys);
}

static gboolean prune_queue(struct ledger *ledger, const struct key *key, gint64 now, GError **error)
{
    struct subject subject;
    g_autofree char *queue_id = g_strndup((const char *)key->data, key->size);
    if (!subject_fetch(ledger, queue_id, &subject, error))
        return FALSE;
    const struct prune_facts facts = {.tombstone = subject.queue.tombstone,
                                      .foreign = subject.queue.owner.kind == MAIL_FOREIGN,
                                      .state = subject.state,
                                      .age = now - subject.queue.since};
    return !subject.known || !decide_prune(&facts) ||
           (rows_remove_queue(ledger, queue_id, error) && rows_remove_sending(ledger, queue_id, error));
}

/* With a rolling cap a recipient has one slot, which is written over. */
static gboolean prune_slot(struct ledger *ledger, const struct key *key, gint64 now, GError **error)
{
    struct slot_key slot_key;
    struct slot_record slot;
    if (!key_read_slot(key_bytes(key), &slot_key))
        return rows_damaged(STORE_SLOT, error);
    if (slot_key.period == 0)
        return TRUE;
    return rows_get_slot(ledger, &slot_key, &slot, error) &&
           (slot.owner.kind == MAIL_NONE || now - slot.since <= PRUNE_SLOT_AGE ||
            rows_free_slot(ledger, &slot_key, error));
}

gboolean ledger_prune(struct ledger *ledger, gint64 now, gboolean *more_r, GError **error)
{
    static gboolean (*const prunes[WALKS])(struct ledger *, const struct key *, gint64,
                                           GError **) = {prune_queue, prune_queue, prune_slot};
    *more_r = FALSE;
    for (int walk = 0; walk < WALKS; walk++) {
        g_autoptr(GArray) keys = next_keys(ledger, (enum walk)walk, error);
        if (keys == NULL)
            return FALSE;
        for (guint i = 0; i < keys->len; i++)
            if (!prunes[walk](ledger, &g_array_index(keys, struct key, i), now, error))
                return FALSE;
        gboolean end = keys->len < LOOK;
        ledger->pruned[walk] = end ? (struct key){.size = 0} : g_array_index(keys, struct key, keys->len - 1);
        *more_r |= !end;
    }
    return TRUE;
}
