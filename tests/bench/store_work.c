/* store_work.c - what a reserve asks of the store; see store_work.h. */
#include "tests/bench/store_work.h"

#include "policyd/record.h"

#include <string.h>

#define MAILS 2000   /* that look-ups are about */
#define SLOTS 50000u /* that others have by then */
#define CAMPAIGN 1
#define PERIOD 8107
#define CACHE_SIZE ((guint64)32 << 20) /* the default of cache-size */

struct store_work {
    struct store *store;
    GString *row;
    GRand *random;
    guint64 count, looked;
    struct queue_record queue;
    struct slot_key free[MAILS]; /* of the mails that look-ups are about */
};

static gboolean has(struct store_work *work, enum store_table table, const struct key *key, GError **error)
{
    struct bytes value;
    return store_get(work->store, table, key_bytes(key), &value, error) != STORE_FAILED;
}

static gboolean put(struct store_work *work, enum store_table table, const struct key *key, GError **error)
{
    const struct bytes value = {work->row->str, work->row->len};
    return store_put(work->store, table, key_bytes(key), value, error) == STORE_DONE;
}

static struct slot_key random_slot(struct store_work *work)
{
    struct slot_key slot = {.client = 1, .period = PERIOD};
    for (size_t octet = 0; octet < HASH_SIZE; octet += 4) {
        guint32 random = g_rand_int(work->random);
        memcpy(slot.recipient.octets + octet, &random, 4);
    }
    return slot;
}

/* What ledger_slot_fact() reads of a free recipient. (Whom nobody has suppressed is not looked up: hash_filter.h.) */
static gboolean look_at_slot(struct store_work *work, const struct slot_key *slot, GError **error)
{
    struct key taken, earlier;
    struct slot_key before = *slot;
    before.period--;
    key_slot(&taken, slot);
    key_slot(&earlier, &before);
    return has(work, STORE_SLOT, &taken, error) && has(work, STORE_SLOT, &earlier, error);
}

/* What ledger_mail.c reads of a mail. */
static gboolean look(struct store_work *work, const struct slot_key *slot, const char *queue_id, GError **error)
{
    struct key key;
    key_queue(&key, queue_id);
    return has(work, STORE_RESERVATION, &key, error) && has(work, STORE_QUEUE, &key, error) &&
           look_at_slot(work, slot, error);
}

/* What it writes. */
static gboolean take(struct store_work *work, const struct slot_record *slot, GError **error)
{
    struct key key;
    work->queue.owner = slot->owner;
    work->queue.reserved = TRUE;
    work->queue.boot = work->count;
    work->queue.state = STATE_RESERVED;
    work->queue.since = slot->since;
    key_slot(&key, &work->queue.slots[0]);
    slot_write(g_string_truncate(work->row, 0), slot);
    if (!put(work, STORE_SLOT, &key, error))
        return FALSE;
    key_queue(&key, slot->queue_id);
    reservation_write(g_string_truncate(work->row, 0), &work->queue);
    return put(work, STORE_RESERVATION, &key, error);
}

gboolean store_work_reserve(struct store_work *work, GError **error)
{
    struct slot_key *slot = &work->queue.slots[0];
    struct slot_record record = {.owner = {MAIL_FOREIGN, 1, work->count}, .since = 1790000000};
    *slot = random_slot(work);
    g_snprintf(record.queue_id, sizeof record.queue_id, "B%012" G_GUINT64_FORMAT, work->count++);
    return look(work, slot, record.queue_id, error) && take(work, &record, error);
}

/* What look-ups find: their mails, begun, and slots of others. */
static gboolean fill(struct store_work *work, GError **error)
{
    const struct life_record life = {.state = STATE_BEGUN, .wave = 1, .attempt = 1, .session = 1};
    struct key key;
    if (!store_work_begin(work, error))
        return FALSE;
    for (guint64 i = 0; i < MAILS; i++) {
        work->free[i] = random_slot(work);
        key_life(&key, CAMPAIGN, MAIL_INVITATION, i);
        life_write(g_string_truncate(work->row, 0), &life);
        if (!put(work, STORE_LIFE, &key, error))
            return FALSE;
    }
    for (guint i = 0; i < SLOTS; i++)
        if (!store_work_reserve(work, error))
            return FALSE;
    return store_work_end(work, error);
}

gboolean store_work_look_up(struct store_work *work, GError **error)
{
    guint64 mail = work->looked++ % MAILS;
    struct key key;
    if (work->looked == 1 && !fill(work, error))
        return FALSE;
    key_life(&key, CAMPAIGN, MAIL_INVITATION, mail);
    return has(work, STORE_LIFE, &key, error) && look_at_slot(work, &work->free[mail], error);
}

gboolean store_work_begin(struct store_work *work, GError **error)
{
    return store_begin(work->store, error);
}

gboolean store_work_end(struct store_work *work, GError **error)
{
    return store_commit(work->store, error) && store_flush(work->store, error);
}

guint64 store_work_count(const struct store_work *work)
{
    return work->count;
}

struct store_work *store_work_new(const char *folder, GError **error)
{
    struct store_work *work = g_new0(struct store_work, 1);
    work->row = g_string_new(NULL);
    work->random = g_rand_new_with_seed(1);
    work->queue.count = 1;
    if (store_bdb_create(folder, error))
        work->store = store_bdb_open(folder, CACHE_SIZE, error);
    if (work->store != NULL)
        return work;
    store_work_free(work);
    return NULL;
}

void store_work_free(struct store_work *work)
{
    if (work == NULL)
        return;
    store_close(work->store);
    g_rand_free(work->random);
    g_string_free(work->row, TRUE);
    g_free(work);
}
