/* store_witness.c - a store whose changes are witnessed; see store_witness.h. */
#include "policyd/store_witness.h"

#include "policyd/meta.h"
#include "policyd/record.h"

#include <string.h>

struct witnessed {
    struct store store;
    struct store *inner;
    struct witness *witness;
};

static struct witnessed *cast(struct store *store)
{
    return (struct witnessed *)store;
}

/* --- what is witnessed ------------------------------------------------------------------------- */

static gboolean is_counter(struct bytes key)
{
    static const char *const names[] = {META_CLIENTS, META_CAMPAIGNS, META_AUDIT};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (key.size == strlen(names[i]) && memcmp(key.data, names[i], key.size) == 0)
            return TRUE;
    static const char *const prefixes[] = {META_ANSWERS, META_DELETED, META_ERASED};
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (key.size > strlen(prefixes[i]) && memcmp(key.data, prefixes[i], strlen(prefixes[i])) == 0)
            return TRUE;
    return FALSE;
}

/*
 * All but what is as it was imported: that comes with the list. A row that has no attempt, but a session, was found
 * capped or suppressed when it was to be begun. No row is imported as refused: it was withdrawn, or its data deleted.
 */
static gboolean is_begun(const struct bytes *value)
{
    struct life_record life;
    return value != NULL &&
           (!life_read(*value, &life) || life.attempt > 0 || life.session > 0 || life.state == STATE_REFUSED);
}

/*
 * That its rows count is part of what the waves count; and what is undone stays so in an older copy of the ledger,
 * which has the rows.
 */
static gboolean is_ended(const struct bytes *value)
{
    enum import_state state;
    return value != NULL && import_read_state(*value, &state) && state != IMPORT_OPEN;
}

gboolean store_witness_wants(enum store_table table, struct bytes key, const struct bytes *value)
{
    switch (table) {
    case STORE_META:
        return is_counter(key);
    case STORE_LIFE:
        return is_begun(value);
    case STORE_PARTICIPANT:
        return value == NULL; /* what was deleted does not come back with an older copy of the ledger */
    case STORE_IMPORT:
        return is_ended(value);
    case STORE_MEMBER:
    case STORE_REJECT:
        return FALSE;
    default:
        return TRUE;
    }
}

static enum store_result note(struct store *store, enum store_table table, struct bytes key, const struct bytes *value,
                              enum store_result result)
{
    if (result == STORE_DONE && store_witness_wants(table, key, value))
        witness_note(cast(store)->witness, table, key, value);
    return result;
}

/* --- rows -------------------------------------------------------------------------------------- */

static enum store_result witnessed_get(struct store *store, enum store_table table, struct bytes key,
                                       struct bytes *value_r, GError **error)
{
    return store_get(cast(store)->inner, table, key, value_r, error);
}

static enum store_result witnessed_put(struct store *store, enum store_table table, struct bytes key,
                                       struct bytes value, GError **error)
{
    return note(store, table, key, &value, store_put(cast(store)->inner, table, key, value, error));
}

static enum store_result witnessed_insert(struct store *store, enum store_table table, struct bytes key,
                                          struct bytes value, GError **error)
{
    return note(store, table, key, &value, store_insert(cast(store)->inner, table, key, value, error));
}

static enum store_result witnessed_remove(struct store *store, enum store_table table, struct bytes key, GError **error)
{
    return note(store, table, key, NULL, store_remove(cast(store)->inner, table, key, error));
}

/* The scan that the inner store makes is its own: store_next() and store_scan_free() go straight there. */
static struct store_scan *witnessed_scan(struct store *store, enum store_table table, struct bytes from,
                                         struct bytes prefix, GError **error)
{
    return store_scan(cast(store)->inner, table, from, prefix, error);
}

/* --- transactions ------------------------------------------------------------------------------ */

static gboolean witnessed_begin(struct store *store, GError **error)
{
    return store_begin(cast(store)->inner, error);
}

static gboolean witnessed_abort(struct store *store, GError **error)
{
    witness_forget(cast(store)->witness);
    return store_abort(cast(store)->inner, error);
}

static gboolean witnessed_commit(struct store *store, GError **error)
{
    struct witnessed *witnessed = cast(store);
    if (!witness_has_notes(witnessed->witness))
        return store_commit(witnessed->inner, error);
    if (!meta_put_number(witnessed->inner, META_SEQUENCE, witness_last(witnessed->witness) + 1, error) ||
        !witness_append(witnessed->witness, error)) {
        witnessed_abort(store, NULL);
        return FALSE;
    }
    if (store_commit(witnessed->inner, error))
        return TRUE;
    g_autoptr(GError) worse = NULL;
    if (!witness_retract(witnessed->witness, &worse)) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&worse));
    }
    return FALSE;
}

static gboolean witnessed_flush(struct store *store, GError **error)
{
    struct witnessed *witnessed = cast(store);
    guint64 last;
    return witness_sync(witnessed->witness, &last, error) && store_flush(witnessed->inner, error) &&
           witness_settle(witnessed->witness, last, error);
}

/* --- the rest ---------------------------------------------------------------------------------- */

static gboolean witnessed_checkpoint(struct store *store, GError **error)
{
    return store_checkpoint(cast(store)->inner, error);
}

static guint64 witnessed_log_size(struct store *store)
{
    return store_log_size(cast(store)->inner);
}

static gboolean witnessed_backup(struct store *store, const char *folder, GError **error)
{
    return store_backup(cast(store)->inner, folder, error);
}

static gboolean witnessed_scrub(struct store *store, struct store_place *place, guint pages, GError **error)
{
    return store_scrub(cast(store)->inner, place, pages, error);
}

static guint32 witnessed_turn_log(struct store *store, GError **error)
{
    return store_turn_log(cast(store)->inner, error);
}

static guint32 witnessed_oldest_log(struct store *store)
{
    return store_oldest_log(cast(store)->inner);
}

static void witnessed_stats(struct store *store, struct store_stats *stats_r)
{
    store_stats(cast(store)->inner, stats_r);
}

static void witnessed_close(struct store *store)
{
    struct witnessed *witnessed = cast(store);
    witnessed_abort(store, NULL);
    witnessed_flush(store, NULL);
    store_close(witnessed->inner);
    witness_free(witnessed->witness);
    g_free(witnessed);
}

static const struct store_methods witnessed_methods = {
    .get = witnessed_get,
    .put = witnessed_put,
    .insert = witnessed_insert,
    .remove = witnessed_remove,
    .scan = witnessed_scan,
    .begin = witnessed_begin,
    .commit = witnessed_commit,
    .abort = witnessed_abort,
    .flush = witnessed_flush,
    .checkpoint = witnessed_checkpoint,
    .log_size = witnessed_log_size,
    .backup = witnessed_backup,
    .scrub = witnessed_scrub,
    .turn_log = witnessed_turn_log,
    .oldest_log = witnessed_oldest_log,
    .stats = witnessed_stats,
    .close = witnessed_close,
};

struct store *store_witness_new(struct store *inner, struct witness *witness)
{
    struct witnessed *witnessed = g_new(struct witnessed, 1);
    *witnessed = (struct witnessed){{&witnessed_methods}, inner, witness};
    return &witnessed->store;
}
