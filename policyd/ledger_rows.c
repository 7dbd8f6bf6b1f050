/* ledger_rows.c - typed rows over the store; see ledger_rows.h. */
#include "policyd/ledger_rows.h"

#include "lib/error.h"

#include <string.h>

gboolean rows_damaged(enum store_table table, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "ledger: a row of the table %s is damaged; restore it from a backup",
                     store_table_name(table));
}

/* --- reading ----------------------------------------------------------------------------------- */

static gboolean fetch(struct ledger *ledger, enum store_table table, const struct key *key, struct bytes *value_r,
                      gboolean *found_r, GError **error)
{
    enum store_result result = store_get(ledger->store, table, key_bytes(key), value_r, error);
    *found_r = result == STORE_DONE;
    return result != STORE_FAILED;
}

gboolean rows_has(struct ledger *ledger, enum store_table table, const struct key *key, gboolean *found_r,
                  GError **error)
{
    struct bytes value;
    return fetch(ledger, table, key, &value, found_r, error);
}

gboolean rows_get_life(struct ledger *ledger, guint32 campaign, enum mail_kind kind, guint64 id,
                       struct life_record *life_r, GError **error)
{
    struct key key;
    struct bytes value;
    gboolean found;
    memset(life_r, 0, sizeof *life_r);
    key_life(&key, campaign, kind, id);
    if (!fetch(ledger, STORE_LIFE, &key, &value, &found, error))
        return FALSE;
    return !found || life_read(value, life_r) || rows_damaged(STORE_LIFE, error);
}

gboolean rows_get_proof(struct ledger *ledger, guint32 campaign, guint64 number, struct proof_record *proof_r,
                        GError **error)
{
    struct key key;
    struct bytes value;
    gboolean found;
    memset(proof_r, 0, sizeof *proof_r);
    key_proof(&key, campaign, number);
    if (!fetch(ledger, STORE_PROOF, &key, &value, &found, error))
        return FALSE;
    return !found || proof_read(value, proof_r) || rows_damaged(STORE_PROOF, error);
}

gboolean rows_get_slot(struct ledger *ledger, const struct slot_key *slot_key, struct slot_record *slot_r,
                       GError **error)
{
    struct key key;
    struct bytes value;
    gboolean found;
    memset(slot_r, 0, sizeof *slot_r);
    key_slot(&key, slot_key);
    if (!fetch(ledger, STORE_SLOT, &key, &value, &found, error))
        return FALSE;
    return !found || slot_read(value, slot_r) || rows_damaged(STORE_SLOT, error);
}

gboolean rows_get_queue(struct ledger *ledger, const char *queue_id, struct queue_record *queue_r, gboolean *found_r,
                        GError **error)
{
    struct key key;
    struct bytes value;
    gboolean reserved, whole = FALSE;
    memset(queue_r, 0, offsetof(struct queue_record, slots));
    key_queue(&key, queue_id);
    if (!fetch(ledger, STORE_RESERVATION, &key, &value, &reserved, error))
        return FALSE;
    if (reserved && !reservation_read(value, queue_r, &whole))
        return rows_damaged(STORE_RESERVATION, error);
    *found_r = whole;
    if (whole)
        return TRUE;
    const guint64 boot = queue_r->boot; /* of form 6: the rest is where all else is */
    if (!fetch(ledger, STORE_QUEUE, &key, &value, found_r, error))
        return FALSE;
    if (*found_r && !queue_read(value, queue_r))
        return rows_damaged(STORE_QUEUE, error);
    queue_r->reserved = reserved;
    queue_r->boot = boot;
    return TRUE;
}

gboolean rows_get_import(struct ledger *ledger, guint32 campaign, guint32 import, struct import_record *import_r,
                         GError **error)
{
    struct key key;
    struct bytes value;
    gboolean found;
    memset(import_r, 0, sizeof *import_r);
    key_import(&key, campaign, import);
    if (!fetch(ledger, STORE_IMPORT, &key, &value, &found, error))
        return FALSE;
    return !found || import_read(value, import_r) || rows_damaged(STORE_IMPORT, error);
}

gboolean rows_get_participant(struct ledger *ledger, guint32 campaign, guint64 participant,
                              struct participant_record *participant_r, GError **error)
{
    struct key key;
    struct bytes value;
    gboolean found;
    participant_r->address = NULL;
    participant_r->count = 0;
    key_participant(&key, campaign, participant);
    if (!fetch(ledger, STORE_PARTICIPANT, &key, &value, &found, error))
        return FALSE;
    return !found || participant_read(value, participant_r) || rows_damaged(STORE_PARTICIPANT, error);
}

gboolean rows_get_number(struct ledger *ledger, enum store_table table, const struct key *key, guint64 *number_r,
                         GError **error)
{
    struct bytes value;
    gboolean found;
    *number_r = 0;
    if (!fetch(ledger, table, key, &value, &found, error))
        return FALSE;
    return !found || number_read(value, number_r) || rows_damaged(table, error);
}

/* --- writing ----------------------------------------------------------------------------------- */

/* Writes what lies in ledger->row. */
static gboolean write_row(struct ledger *ledger, enum store_table table, const struct key *key, GError **error)
{
    struct bytes value = {ledger->row->str, ledger->row->len};
    return store_put(ledger->store, table, key_bytes(key), value, error) == STORE_DONE;
}

static GString *new_row(struct ledger *ledger)
{
    return g_string_truncate(ledger->row, 0);
}

gboolean rows_put_life(struct ledger *ledger, guint32 campaign, enum mail_kind kind, guint64 id,
                       const struct life_record *life, GError **error)
{
    struct key key;
    struct life_record masked;
    if (strchr(life->reply, '@') != NULL) { /* the row outlives the participant's data, and goes into the witness */
        g_autofree char *text = audit_mask(life->reply);
        masked = *life;
        audit_cut(text, sizeof masked.reply - 1);
        g_strlcpy(masked.reply, text, sizeof masked.reply);
        life = &masked;
    }
    key_life(&key, campaign, kind, id);
    life_write(new_row(ledger), life);
    return write_row(ledger, STORE_LIFE, &key, error);
}

gboolean rows_put_proof(struct ledger *ledger, guint32 campaign, guint64 number, const struct proof_record *proof,
                        GError **error)
{
    struct key key;
    key_proof(&key, campaign, number);
    proof_write(new_row(ledger), proof);
    return write_row(ledger, STORE_PROOF, &key, error);
}

gboolean rows_put_queue(struct ledger *ledger, const char *queue_id, const struct queue_record *queue, GError **error)
{
    struct key key;
    key_queue(&key, queue_id);
    if (queue->reserved) {
        reservation_write(new_row(ledger), queue);
        return write_row(ledger, STORE_RESERVATION, &key, error);
    }
    queue_write(new_row(ledger), queue);
    return rows_remove(ledger, STORE_RESERVATION, &key, error) && write_row(ledger, STORE_QUEUE, &key, error);
}

gboolean rows_remove_queue(struct ledger *ledger, const char *queue_id, GError **error)
{
    struct key key;
    key_queue(&key, queue_id);
    return rows_remove(ledger, STORE_RESERVATION, &key, error) && rows_remove(ledger, STORE_QUEUE, &key, error);
}

gboolean rows_put_import(struct ledger *ledger, guint32 campaign, guint32 import, const struct import_record *record,
                         GError **error)
{
    struct key key;
    key_import(&key, campaign, import);
    import_write(new_row(ledger), record);
    return write_row(ledger, STORE_IMPORT, &key, error);
}

gboolean rows_put_participant(struct ledger *ledger, guint32 campaign, guint64 participant,
                              const struct participant_record *record, GError **error)
{
    struct key key;
    key_participant(&key, campaign, participant);
    participant_write(new_row(ledger), record);
    return write_row(ledger, STORE_PARTICIPANT, &key, error);
}

gboolean rows_put_reject(struct ledger *ledger, guint32 campaign, guint64 participant,
                         const struct reject_record *record, GError **error)
{
    struct key key;
    key_reject(&key, campaign, participant);
    reject_write(new_row(ledger), record);
    return write_row(ledger, STORE_REJECT, &key, error);
}

gboolean rows_put_campaign(struct ledger *ledger, const struct campaign *campaign, GError **error)
{
    struct key key;
    key_campaign(&key, campaign->number);
    campaign_write(new_row(ledger), &campaign->record);
    return write_row(ledger, STORE_CAMPAIGN, &key, error);
}

gboolean rows_put_number(struct ledger *ledger, enum store_table table, const struct key *key, guint64 number,
                         GError **error)
{
    number_write(new_row(ledger), number);
    return write_row(ledger, table, key, error);
}

gboolean rows_remove(struct ledger *ledger, enum store_table table, const struct key *key, GError **error)
{
    return store_remove(ledger->store, table, key_bytes(key), error) != STORE_FAILED;
}

gboolean rows_get_sending(struct ledger *ledger, const char *queue_id, gint64 *since_r, GError **error)
{
    struct key key;
    guint64 since;
    key_sending(&key, queue_id);
    if (!rows_get_number(ledger, STORE_SENDING, &key, &since, error))
        return FALSE;
    *since_r = (gint64)since;
    return TRUE;
}

gboolean rows_put_sending(struct ledger *ledger, const char *queue_id, gint64 since, GError **error)
{
    struct key key;
    key_sending(&key, queue_id);
    return rows_put_number(ledger, STORE_SENDING, &key, (guint64)since, error);
}

gboolean rows_remove_sending(struct ledger *ledger, const char *queue_id, GError **error)
{
    struct key key;
    key_sending(&key, queue_id);
    return rows_remove(ledger, STORE_SENDING, &key, error);
}

gboolean rows_get_answer(struct ledger *ledger, guint32 campaign, guint64 participant, gint64 *when_r, GError **error)
{
    struct key key;
    guint64 when;
    key_answer(&key, campaign, participant);
    if (!rows_get_number(ledger, STORE_ANSWER, &key, &when, error))
        return FALSE;
    *when_r = (gint64)when;
    return TRUE;
}

gboolean rows_take_slot(struct ledger *ledger, const struct slot_key *slot_key, const struct slot_record *slot,
                        gboolean there, GError **error)
{
    struct key key;
    key_slot(&key, slot_key);
    slot_write(new_row(ledger), slot);
    if (!write_row(ledger, STORE_SLOT, &key, error))
        return FALSE;
    if (!there) {
        ledger->slots++;
        ledger->slots_dirty = TRUE;
    }
    return TRUE;
}

gboolean rows_free_slot(struct ledger *ledger, const struct slot_key *slot_key, GError **error)
{
    struct key key;
    key_slot(&key, slot_key);
    enum store_result result = store_remove(ledger->store, STORE_SLOT, key_bytes(&key), error);
    if (result == STORE_DONE && ledger->slots > 0) {
        ledger->slots--;
        ledger->slots_dirty = TRUE;
    }
    return result != STORE_FAILED;
}

gboolean rows_next_number(struct ledger *ledger, const char *meta, guint64 most, guint32 *number_r, GError **error)
{
    struct key key;
    guint64 number;
    key_meta(&key, meta);
    if (!rows_get_number(ledger, STORE_META, &key, &number, error))
        return FALSE;
    if (number >= most)
        return error_set(error, ERROR_WANTING, "the ledger has no number for further %s; begin a new ledger", meta);
    *number_r = (guint32)(number + 1);
    return rows_put_number(ledger, STORE_META, &key, number + 1, error);
}
