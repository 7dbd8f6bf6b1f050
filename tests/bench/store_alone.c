/*
 * store_alone.c - what the store gives by itself: the reads and rows of a reserve, without sockets, witness and
 * decisions, in batches of one transaction and one flush each. No policyd on it can be faster.
 *
 * usage: store_alone FOLDER BATCH SECONDS     makes a ledger in FOLDER, which must be new. Prints reserves a second.
 */
#include "policyd/record.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define CACHE_SIZE ((guint64)32 << 20) /* the default of cache-size */

struct alone {
    struct store *store;
    GString *row;
    GRand *random;
    guint64 count;
    struct queue_record queue;
};

static gboolean has(struct alone *alone, enum store_table table, const struct key *key, GError **error)
{
    struct bytes value;
    return store_get(alone->store, table, key_bytes(key), &value, error) != STORE_FAILED;
}

static gboolean put(struct alone *alone, enum store_table table, const struct key *key, GError **error)
{
    const struct bytes value = {alone->row->str, alone->row->len};
    return store_put(alone->store, table, key_bytes(key), value, error) == STORE_DONE;
}

/* What ledger_mail.c reads of a free recipient. */
static gboolean look(struct alone *alone, const struct slot_key *slot, const char *queue_id, GError **error)
{
    struct key key, everywhere, here, taken, earlier;
    struct slot_key before = *slot;
    before.period--;
    key_queue(&key, queue_id);
    key_suppression(&everywhere, &slot->recipient, 0);
    key_suppression(&here, &slot->recipient, slot->client);
    key_slot(&taken, slot);
    key_slot(&earlier, &before);
    return has(alone, STORE_QUEUE, &key, error) && has(alone, STORE_SUPPRESSION, &everywhere, error) &&
           has(alone, STORE_SUPPRESSION, &here, error) && has(alone, STORE_SLOT, &taken, error) &&
           has(alone, STORE_SLOT, &earlier, error);
}

/* What it writes. */
static gboolean take(struct alone *alone, const struct slot_record *slot, GError **error)
{
    const struct reservation_record reservation = {alone->count};
    struct key key;
    alone->queue.owner = slot->owner;
    alone->queue.state = STATE_RESERVED;
    alone->queue.since = slot->since;
    key_slot(&key, &alone->queue.slots[0]);
    slot_write(g_string_truncate(alone->row, 0), slot);
    if (!put(alone, STORE_SLOT, &key, error))
        return FALSE;
    key_queue(&key, slot->queue_id);
    queue_write(g_string_truncate(alone->row, 0), &alone->queue);
    if (!put(alone, STORE_QUEUE, &key, error))
        return FALSE;
    key_reservation(&key, slot->queue_id);
    reservation_write(g_string_truncate(alone->row, 0), &reservation);
    return put(alone, STORE_RESERVATION, &key, error);
}

static gboolean reserve(struct alone *alone, GError **error)
{
    struct slot_key *slot = &alone->queue.slots[0];
    struct slot_record record = {.owner = {MAIL_FOREIGN, 1, alone->count}, .since = 1790000000};
    *slot = (struct slot_key){.client = 1, .period = 8107};
    for (size_t octet = 0; octet < HASH_SIZE; octet += 4) {
        guint32 random = g_rand_int(alone->random);
        memcpy(slot->recipient.octets + octet, &random, 4);
    }
    g_snprintf(record.queue_id, sizeof record.queue_id, "B%012" G_GUINT64_FORMAT, alone->count++);
    return look(alone, slot, record.queue_id, error) && take(alone, &record, error);
}

static gboolean run_batch(struct alone *alone, int size, GError **error)
{
    if (!store_begin(alone->store, error))
        return FALSE;
    for (int i = 0; i < size; i++)
        if (!reserve(alone, error))
            return FALSE;
    return store_commit(alone->store, error) && store_flush(alone->store, error);
}

static gboolean run(struct alone *alone, int batch, double seconds, GError **error)
{
    gint64 begin = g_get_monotonic_time(), now = begin;
    for (; (double)(now - begin) < seconds * G_TIME_SPAN_SECOND; now = g_get_monotonic_time())
        if (!run_batch(alone, batch, error))
            return FALSE;
    printf("%.0f\n", (double)alone->count * G_TIME_SPAN_SECOND / (double)(now - begin));
    return TRUE;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc != 4) {
        g_printerr("usage: store_alone FOLDER BATCH SECONDS\n");
        return EX_USAGE;
    }
    struct alone alone = {.row = g_string_new(NULL), .random = g_rand_new_with_seed(1), .queue.count = 1};
    if (store_bdb_create(argv[1], &error))
        alone.store = store_bdb_open(argv[1], CACHE_SIZE, &error);
    gboolean done = alone.store != NULL && run(&alone, atoi(argv[2]), g_ascii_strtod(argv[3], NULL), &error);
    store_close(alone.store);
    g_rand_free(alone.random);
    g_string_free(alone.row, TRUE);
    if (!done)
        g_printerr("store_alone: %s\n", error->message);
    return done ? 0 : EX_SOFTWARE;
}
