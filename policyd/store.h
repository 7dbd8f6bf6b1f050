/*
 * store.h - what the ledger stands on: ordered tables of octet strings with transactions, behind a struct of functions.
 *
 * A backend is one .c file with a store_NAME_open(); nothing above this header knows which one is in use. Keys compare
 * as unsigned octets, a prefix before what it begins. One transaction is open at a time, and whatever is read sees it.
 *
 * Durability has two steps, so that many requests share one fsync: store_commit() makes a transaction permanent as far
 * as this process is concerned; it survives a crash once a store_flush() that began later has returned.
 *
 * Errors: ERROR_IO means that the store cannot be trusted any more - end the process, the next start recovers.
 * Any other code: abort the transaction, answer "temporary", go on.
 *
 * What a row held is gone from look-ups when it is removed; from the files, when store_scrub() has been through all
 * pages, and no log file is left that is older than a store_turn_log() after that.
 *
 * Thread rule: store_flush(), store_checkpoint(), store_log_size() and store_backup() may run in any thread at any
 * time; all others belong to one thread.
 */
#ifndef POSTWELLE_POLICYD_STORE_H
#define POSTWELLE_POLICYD_STORE_H

#include <glib.h>

#define STORE_KEY_MAX 512                   /* octets of a key */
#define STORE_VALUE_MAX ((size_t)96 * 1024) /* octets of a value */

/* The tables. Their order is the order of --dump; a table's name is its file's. */
enum store_table {
    STORE_META,        /* counters and the store's identity */
    STORE_CLIENT,      /* client's name -> number */
    STORE_CAMPAIGN,    /* (client, name) -> number; number -> campaign */
    STORE_IMPORT,      /* (campaign, import) -> import */
    STORE_WAVE,        /* (campaign, wave) -> wave with its counts */
    STORE_PROOF,       /* (campaign, proof) -> proof */
    STORE_PARTICIPANT, /* (campaign, participant) -> address and attributes: personal data */
    STORE_MEMBER,      /* (campaign, address hash) -> participant */
    STORE_LIFE,        /* (campaign, kind, participant) -> what became of the mail */
    STORE_SLOT,        /* (client, period, address hash) -> who holds it */
    STORE_QUEUE,       /* queue ID that was queued or given up -> what it reserved, or its tombstone */
    STORE_SUPPRESSION, /* (address hash, scope) -> reason */
    STORE_RESERVATION, /* queue ID that is reserved and neither queued nor given up -> what it reserved, and under which
                          circumstances */
    STORE_DECISION,    /* (campaign, kind, participant, time) -> who settled what was uncertain, and why */
    STORE_SENDING, /* queue ID that smtp(8) has begun to send, and of which the log does not tell the end yet -> since
                      when */
    STORE_ANSWER,  /* (campaign, participant) -> when we were told of the answer to the survey */
    STORE_REJECT,  /* (campaign, participant that the row would be) -> why that row of a list made none */
    STORE_AUDIT,   /* number -> who did what, and when; chained (audit.h) */
    STORE_TABLES
};

/* The name of a table, as in its file and in --dump. */
const char *store_table_name(enum store_table table);

/* Octets that somebody else owns. */
struct bytes {
    const void *data;
    size_t size;
};

enum store_result {
    STORE_DONE,
    STORE_ABSENT,  /* get, remove, next: there is none */
    STORE_PRESENT, /* insert: there is one already, nothing was changed */
    STORE_FAILED,  /* *error is set */
};

struct store_stats {
    guint64 commits, flushes, checkpoints; /* since the start */
};

struct store;
struct store_scan;

/* How far a store_scrub() has come; begin with zeros. */
struct store_place {
    int table; /* STORE_TABLES: at the end */
    guint32 page;
};

/* One backend. Each function does what the wrapper of its name below says. */
struct store_methods {
    enum store_result (*get)(struct store *store, enum store_table table, struct bytes key, struct bytes *value_r,
                             GError **error);
    enum store_result (*put)(struct store *store, enum store_table table, struct bytes key, struct bytes value,
                             GError **error);
    enum store_result (*insert)(struct store *store, enum store_table table, struct bytes key, struct bytes value,
                                GError **error);
    enum store_result (*remove)(struct store *store, enum store_table table, struct bytes key, GError **error);
    struct store_scan *(*scan)(struct store *store, enum store_table table, struct bytes from, struct bytes prefix,
                               GError **error);
    enum store_result (*next)(struct store_scan *scan, struct bytes *key_r, struct bytes *value_r, GError **error);
    void (*scan_free)(struct store_scan *scan);
    gboolean (*begin)(struct store *store, GError **error);
    gboolean (*commit)(struct store *store, GError **error);
    gboolean (*abort)(struct store *store, GError **error);
    gboolean (*flush)(struct store *store, GError **error);
    gboolean (*checkpoint)(struct store *store, GError **error);
    guint64 (*log_size)(struct store *store);
    gboolean (*backup)(struct store *store, const char *folder, GError **error);
    gboolean (*scrub)(struct store *store, struct store_place *place, guint pages, GError **error);
    guint32 (*turn_log)(struct store *store, GError **error);
    guint32 (*oldest_log)(struct store *store);
    void (*stats)(struct store *store, struct store_stats *stats_r);
    void (*close)(struct store *store);
};

/* What every backend's own struct begins with. */
struct store {
    const struct store_methods *methods;
};

/* Looks a key up. DONE: the value is borrowed until the next call on this store; ABSENT: *value_r is as it was. */
static inline enum store_result store_get(struct store *store, enum store_table table, struct bytes key,
                                          struct bytes *value_r, GError **error)
{
    return store->methods->get(store, table, key, value_r, error);
}

/* Writes, whether the key is there or not. Needs an open transaction, as insert and remove do. DONE or FAILED. */
static inline enum store_result store_put(struct store *store, enum store_table table, struct bytes key,
                                          struct bytes value, GError **error)
{
    return store->methods->put(store, table, key, value, error);
}

/* Writes where the key is not there yet. DONE, PRESENT or FAILED. */
static inline enum store_result store_insert(struct store *store, enum store_table table, struct bytes key,
                                             struct bytes value, GError **error)
{
    return store->methods->insert(store, table, key, value, error);
}

/* DONE, ABSENT or FAILED. */
static inline enum store_result store_remove(struct store *store, enum store_table table, struct bytes key,
                                             GError **error)
{
    return store->methods->remove(store, table, key, error);
}

/*
 * Walks over the keys that begin with prefix, in order, starting at the first one not before `from` (or at the prefix
 * itself, where from is empty). NULL and *error on failure. While a scan is open, nothing is written and no transaction
 * begins or ends. Release with store_scan_free().
 */
static inline struct store_scan *store_scan(struct store *store, enum store_table table, struct bytes from,
                                            struct bytes prefix, GError **error)
{
    return store->methods->scan(store, table, from, prefix, error);
}

/* The next row: DONE, ABSENT at the end, or FAILED. Key and value are borrowed until the next call on this scan. */
enum store_result store_next(struct store_scan *scan, struct bytes *key_r, struct bytes *value_r, GError **error);
void store_scan_free(struct store_scan *scan); /* NULL is fine */

/* What every backend's own scan begins with. */
struct store_scan {
    struct store *store;
};
typedef struct store_scan store_scan_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_scan_auto, store_scan_free)

/* Opens the one transaction. */
static inline gboolean store_begin(struct store *store, GError **error)
{
    return store->methods->begin(store, error);
}

/* Ends it for good, without waiting for the disk; after a failure the transaction is gone. */
static inline gboolean store_commit(struct store *store, GError **error)
{
    return store->methods->commit(store, error);
}

/* Undoes all of it. */
static inline gboolean store_abort(struct store *store, GError **error)
{
    return store->methods->abort(store, error);
}

/* Returns when everything committed before the call is on the disk. */
static inline gboolean store_flush(struct store *store, GError **error)
{
    return store->methods->flush(store, error);
}

/* Writes changed pages home, so that a restart has less log to read. May take seconds. */
static inline gboolean store_checkpoint(struct store *store, GError **error)
{
    return store->methods->checkpoint(store, error);
}

/* Octets of log since the last checkpoint, roughly. */
static inline guint64 store_log_size(struct store *store)
{
    return store->methods->log_size(store);
}

/*
 * Copies the store into a folder that is there and empty, while it is written to. The copy holds at least what was
 * flushed before the call, once it was opened (which recovers it). A failure (ERROR_IO) is the copy's alone.
 */
static inline gboolean store_backup(struct store *store, const char *folder, GError **error)
{
    return store->methods->backup(store, folder, error);
}

/*
 * Overwrites with zeros what is of no use on so many pages from *place on, and moves that: there lies what removed rows
 * held. It is on the disk when a checkpoint that began later is done. A row that is removed on a page which it has
 * passed needs another walk.
 */
static inline gboolean store_scrub(struct store *store, struct store_place *place, guint pages, GError **error)
{
    return store->methods->scrub(store, place, pages, error);
}

/*
 * Begins a new log file, so that checkpoints can let go the older ones, and says its number; 0 and *error on failure.
 * It writes as much as a log file has room for.
 */
static inline guint32 store_turn_log(struct store *store, GError **error)
{
    return store->methods->turn_log(store, error);
}

/* The number of the oldest log file there is. */
static inline guint32 store_oldest_log(struct store *store)
{
    return store->methods->oldest_log(store);
}

static inline void store_stats(struct store *store, struct store_stats *stats_r)
{
    store->methods->stats(store, stats_r);
}

/* Aborts what is open, makes the rest durable with a checkpoint, and closes. NULL is fine. */
void store_close(struct store *store);

/* --- the backends --- */

/*
 * Berkeley DB 5.3, in a folder of its own, private to this process. A folder that holds a DB_CONFIG, misses a table or
 * has no log is refused: it is never created here. cache_size in octets. After a crash this recovers, which may take
 * seconds.
 */
struct store *store_bdb_open(const char *folder, guint64 cache_size, GError **error);

/*
 * The same for a store of an earlier form, of which only the first `tables` tables are there; the others must not be
 * touched. And adds the tables from `tables` on that are missing, empty.
 */
struct store *store_bdb_open_first(const char *folder, guint64 cache_size, int tables, GError **error);
gboolean store_bdb_extend(const char *folder, guint64 cache_size, int tables, GError **error);

/* Makes the folder (0700) with empty tables. ERROR_CANT_CREATE where it is there already. */
gboolean store_bdb_create(const char *folder, GError **error);

#endif
