/*
 * fill_ledger.c - makes a ledger as large as years of mailing would: so many slots more, each with the row of its queue
 * ID, half of them of the quarter before.
 *
 * usage: fill_ledger FOLDER SLOTS FIRST     FOLDER: a ledger that nobody serves, and that has a slot; queue IDs count
 *                                           from FIRST. Prints how many slots it holds then.
 *
 * Rows come in rounds, each sorted: so a page is found once a round instead of once a row, and the tree ends as loosely
 * packed as one that grew row by row.
 */
#include "policyd/meta.h"
#include "policyd/record.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define CACHE_SIZE ((guint64)512 << 20)
#define ROUNDS 8
#define ROWS_AT_ONCE 10000 /* slots in one transaction */

struct fill {
    struct store *store;
    struct slot_key pattern; /* client and quarter of the slot that is there */
    struct queue_record queue;
    guint64 next; /* queue ID */
    gint64 now;
    GString *row;
    GRand *random;
};

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_SIZE);
}

/* A slot's key begins with client and quarter. */
static gboolean find_pattern(struct fill *fill, GError **error)
{
    const struct bytes all = {NULL, 0};
    struct bytes key, value;
    g_autoptr(store_scan_auto) scan = store_scan(fill->store, STORE_SLOT, all, all, error);
    if (scan == NULL || store_next(scan, &key, &value, error) != STORE_DONE || key.size != SLOT_KEY_SIZE)
        return FALSE;
    const guint8 *octets = key.data;
    fill->pattern.client = (guint32)octets[0] << 24 | (guint32)octets[1] << 16 | (guint32)octets[2] << 8 | octets[3];
    fill->pattern.period = (guint16)(octets[4] << 8 | octets[5]);
    return TRUE;
}

static gboolean put_row(struct fill *fill, enum store_table table, const struct key *key, GError **error)
{
    const struct bytes value = {fill->row->str, fill->row->len};
    return store_put(fill->store, table, key_bytes(key), value, error) == STORE_DONE;
}

static gboolean put_slot(struct fill *fill, guint16 period, const struct hash *recipient, GError **error)
{
    struct key key;
    struct slot_record slot = {.owner = {MAIL_FOREIGN, fill->pattern.client, fill->next}, .since = fill->now};
    struct queue_record *queue = &fill->queue;
    g_snprintf(slot.queue_id, sizeof slot.queue_id, "A%012" G_GUINT64_FORMAT, fill->next++);
    queue->owner = slot.owner;
    queue->state = STATE_SENT;
    queue->since = slot.since;
    queue->count = 1;
    queue->slots[0] = (struct slot_key){fill->pattern.client, period, *recipient};
    key_slot(&key, &queue->slots[0]);
    slot_write(g_string_truncate(fill->row, 0), &slot);
    if (!put_row(fill, STORE_SLOT, &key, error))
        return FALSE;
    key_queue(&key, slot.queue_id);
    queue_write(g_string_truncate(fill->row, 0), queue);
    return put_row(fill, STORE_QUEUE, &key, error);
}

static gboolean put_round(struct fill *fill, guint16 period, guint64 count, GError **error)
{
    g_autofree struct hash *hashes = g_new(struct hash, count);
    for (guint64 i = 0; i < count; i++)
        for (size_t octet = 0; octet < HASH_SIZE; octet += 4) {
            guint32 random = g_rand_int(fill->random);
            memcpy(hashes[i].octets + octet, &random, 4);
        }
    qsort(hashes, count, sizeof *hashes, compare_hashes);
    if (!store_begin(fill->store, error))
        return FALSE;
    for (guint64 i = 0; i < count; i++) {
        if (!put_slot(fill, period, &hashes[i], error))
            return FALSE;
        if (i % ROWS_AT_ONCE == ROWS_AT_ONCE - 1 &&
            (!store_commit(fill->store, error) || !store_begin(fill->store, error)))
            return FALSE;
    }
    return store_commit(fill->store, error);
}

static gboolean fill_ledger(struct fill *fill, guint64 count, GError **error)
{
    guint64 slots;
    if (!find_pattern(fill, error) || !meta_get_number(fill->store, META_SLOTS, &slots, error))
        return FALSE;
    for (int round = 0; round < ROUNDS; round++)
        for (guint16 back = 0; back < 2; back++)
            if (!put_round(fill, fill->pattern.period - back, count / ROUNDS / 2, error) ||
                !store_checkpoint(fill->store, error))
                return FALSE;
    slots += count / ROUNDS / 2 * 2 * ROUNDS;
    printf("%" G_GUINT64_FORMAT "\n", slots);
    return store_begin(fill->store, error) && meta_put_number(fill->store, META_SLOTS, slots, error) &&
           store_commit(fill->store, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    struct fill fill = {.row = g_string_new(NULL), .now = g_get_real_time() / G_USEC_PER_SEC};
    if (argc != 4) {
        g_printerr("usage: fill_ledger FOLDER SLOTS FIRST\n");
        return EX_USAGE;
    }
    fill.next = g_ascii_strtoull(argv[3], NULL, 10);
    /* The same ledger each time, but not the same slots twice. */
    fill.random = g_rand_new_with_seed((guint32)fill.next + 1);
    fill.store = store_bdb_open(argv[1], CACHE_SIZE, &error);
    gboolean done = fill.store != NULL && fill_ledger(&fill, g_ascii_strtoull(argv[2], NULL, 10), &error);
    store_close(fill.store);
    g_rand_free(fill.random);
    g_string_free(fill.row, TRUE);
    if (!done)
        g_printerr("fill_ledger: %s\n", error != NULL ? error->message : "this ledger has no slot to take after");
    return done ? 0 : EX_SOFTWARE;
}
