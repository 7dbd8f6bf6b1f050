/*
 * store_bdb.c - the store on Berkeley DB 5.3; see store.h. The only file that knows Berkeley DB.
 *
 * One environment, opened by one process (DB_PRIVATE), recovered at each start; one B-tree file a table. One thread
 * reads and writes the tables, so there is no lock manager; flush and checkpoint come from other threads, and what they
 * touch (log and page cache) is guarded inside Berkeley DB (DB_THREAD).
 *
 * Creating: db_env->open() with DB_RECOVER has to be given DB_CREATE, and would make up a log where there is none.
 * Therefore the files are looked at first, and tables are opened without DB_CREATE.
 */
#include "policyd/store.h"

#include "lib/error.h"
#include "policyd/row_cache.h"

#include <db.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE_SIZE 4096             /* octets; slots are small, and a small page costs least to log and to write */
#define LOG_FILE_SIZE (16u << 20)  /* octets of one log.* file */
#define LOG_BUFFER_SIZE (1u << 20) /* octets; a batch fits, so that only a flush writes */
#define BUCKET_LOCKS 16 /* of the cache's table: Berkeley DB's choice, one a bucket, is 2 MiB in no processor's cache  \
                         */
#define CREATE_CACHE ((guint64)4 << 20)
#define FILLER 1500 /* octets of text in a record that only fills a log file; Berkeley DB's limit is 2048 */
#define ERROR_TEXT_SIZE 256

/* No key of a table is greater, and none was. */
struct bound {
    size_t size;
    guint8 octets[STORE_KEY_MAX];
};

struct bdb {
    struct store store;
    char *folder;
    DB_ENV *env;
    DB *tables[STORE_TABLES];
    DB_TXN *txn; /* the open transaction, or NULL */
    guint64 commits;
    gint flushes, checkpoints;  /* atomic */
    struct row_cache *rows;     /* as the open transaction has them */
    struct bound bounds[STORE_TABLES];
    void *value;                /* STORE_VALUE_MAX octets: what get found */
    char text[ERROR_TEXT_SIZE]; /* what Berkeley DB said last */
};

struct bdb_scan {
    struct store_scan scan;
    DBC *cursor;
    guint32 flag; /* how the cursor moves next */
    DBT key, value;
    size_t prefix_size;
    guint8 prefix[STORE_KEY_MAX];
    guint8 key_data[STORE_KEY_MAX];
};

/* --- errors ------------------------------------------------------------------------------------ */

static void remember_text(const DB_ENV *env, const char *prefix, const char *text)
{
    (void)prefix;
    struct bdb *bdb = env->app_private;
    g_strlcpy(bdb->text, text, sizeof bdb->text);
}

/* Panic, and every failure of the disk, leave pages in a state that only recovery can tell. */
static gboolean is_fatal(int code)
{
    return code == DB_RUNRECOVERY || code == EIO || code == DB_PAGE_NOTFOUND || code == DB_VERIFY_BAD ||
           code == DB_CHKSUM_FAIL;
}

static gboolean fail(struct bdb *bdb, GError **error, int code, const char *what)
{
    error_set(error, is_fatal(code) ? ERROR_IO : ERROR_TEMPORARY, "ledger %s: %s: %s%s%s", bdb->folder, what,
              db_strerror(code), bdb->text[0] != '\0' ? "; " : "", bdb->text);
    bdb->text[0] = '\0';
    return FALSE;
}

/* What a row is after a failure, only the tables know, or nobody. */
static enum store_result failed(struct bdb *bdb, GError **error, int code, const char *what)
{
    row_cache_forget(bdb->rows);
    fail(bdb, error, code, what);
    return STORE_FAILED;
}

/* --- rows -------------------------------------------------------------------------------------- */

static DBT dbt_of(struct bytes bytes)
{
    /* Berkeley DB does not write through the pointer of a key or value that it is given. */
    return (DBT){.data = (void *)bytes.data, .size = (u_int32_t)bytes.size};
}

/* As Berkeley DB orders keys. Queue IDs mostly grow: a new one is known to be new without a look at its tables. */
static gboolean is_beyond(const struct bound *bound, struct bytes key)
{
    int order = memcmp(key.data, bound->octets, MIN(key.size, bound->size));
    return order > 0 || (order == 0 && key.size > bound->size);
}

static void raise_bound(struct bound *bound, struct bytes key)
{
    if (!is_beyond(bound, key))
        return;
    memcpy(bound->octets, key.data, key.size);
    bound->size = key.size;
}

/* row_r->data is NULL where there is none. */
static gboolean read_row(struct bdb *bdb, enum store_table table, struct bytes key, struct bytes *row_r, GError **error)
{
    DBT bdb_key = dbt_of(key);
    DBT value = {.data = bdb->value, .ulen = STORE_VALUE_MAX, .flags = DB_DBT_USERMEM};
    int code = bdb->tables[table]->get(bdb->tables[table], bdb->txn, &bdb_key, &value, 0);
    if (code == 0)
        *row_r = (struct bytes){value.data, value.size};
    return code == 0 || code == DB_NOTFOUND || failed(bdb, error, code, "read") == STORE_DONE;
}

static enum store_result bdb_get(struct store *store, enum store_table table, struct bytes key, struct bytes *value_r,
                                 GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    struct bytes row = {NULL, 0};
    if (is_beyond(&bdb->bounds[table], key))
        return STORE_ABSENT;
    if (!row_cache_look(bdb->rows, table, key, &row)) {
        if (!read_row(bdb, table, key, &row, error))
            return STORE_FAILED;
        row_cache_keep(bdb->rows, table, key, row.data != NULL ? &row : NULL);
    }
    if (row.data == NULL)
        return STORE_ABSENT;
    *value_r = row;
    return STORE_DONE;
}

static enum store_result write_row(struct store *store, enum store_table table, struct bytes key, struct bytes value,
                                   guint32 flags, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    g_assert(bdb->txn != NULL && key.size <= STORE_KEY_MAX);
    if (value.size > STORE_VALUE_MAX)
        return failed(bdb, error, EFBIG, "write");
    DBT bdb_key = dbt_of(key);
    DBT bdb_value = dbt_of(value);
    int code = bdb->tables[table]->put(bdb->tables[table], bdb->txn, &bdb_key, &bdb_value, flags);
    if (code == DB_KEYEXIST)
        return STORE_PRESENT;
    if (code != 0)
        return failed(bdb, error, code, "write");
    raise_bound(&bdb->bounds[table], key);
    row_cache_change(bdb->rows, table, key, &value);
    return STORE_DONE;
}

static enum store_result bdb_put(struct store *store, enum store_table table, struct bytes key, struct bytes value,
                                 GError **error)
{
    return write_row(store, table, key, value, 0, error);
}

static enum store_result bdb_insert(struct store *store, enum store_table table, struct bytes key, struct bytes value,
                                    GError **error)
{
    return write_row(store, table, key, value, DB_NOOVERWRITE, error);
}

static enum store_result bdb_remove(struct store *store, enum store_table table, struct bytes key, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    g_assert(bdb->txn != NULL);
    DBT bdb_key = dbt_of(key);
    int code = bdb->tables[table]->del(bdb->tables[table], bdb->txn, &bdb_key, 0);
    if (code != 0 && code != DB_NOTFOUND)
        return failed(bdb, error, code, "remove");
    row_cache_change(bdb->rows, table, key, NULL);
    return code == 0 ? STORE_DONE : STORE_ABSENT;
}

/* --- scans ------------------------------------------------------------------------------------- */

static void bdb_scan_free(struct store_scan *scan)
{
    struct bdb_scan *bdb_scan = (struct bdb_scan *)scan;
    if (bdb_scan->cursor != NULL)
        bdb_scan->cursor->close(bdb_scan->cursor);
    free(bdb_scan->value.data);
    g_free(bdb_scan);
}

static struct store_scan *bdb_scan_new(struct store *store, enum store_table table, struct bytes from,
                                       struct bytes prefix, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    g_assert(from.size <= STORE_KEY_MAX && prefix.size <= STORE_KEY_MAX);
    struct bdb_scan *scan = g_new(struct bdb_scan, 1);
    scan->scan.store = store;
    scan->cursor = NULL;
    scan->value = (DBT){.flags = DB_DBT_REALLOC};
    scan->flag = DB_SET_RANGE;
    struct bytes start = from.size > 0 ? from : prefix;
    if (start.size > 0)
        memcpy(scan->key_data, start.data, start.size);
    if (prefix.size > 0)
        memcpy(scan->prefix, prefix.data, prefix.size);
    scan->prefix_size = prefix.size;
    scan->key =
        (DBT){.data = scan->key_data, .size = (u_int32_t)start.size, .ulen = STORE_KEY_MAX, .flags = DB_DBT_USERMEM};
    int code = bdb->tables[table]->cursor(bdb->tables[table], bdb->txn, &scan->cursor, 0);
    if (code == 0)
        return &scan->scan;
    scan->cursor = NULL;
    bdb_scan_free(&scan->scan);
    fail(bdb, error, code, "scan");
    return NULL;
}

static enum store_result bdb_next(struct store_scan *scan, struct bytes *key_r, struct bytes *value_r, GError **error)
{
    struct bdb_scan *bdb_scan = (struct bdb_scan *)scan;
    int code = bdb_scan->cursor->get(bdb_scan->cursor, &bdb_scan->key, &bdb_scan->value, bdb_scan->flag);
    bdb_scan->flag = DB_NEXT;
    if (code == DB_NOTFOUND)
        return STORE_ABSENT;
    if (code != 0)
        return failed((struct bdb *)scan->store, error, code, "scan");
    *key_r = (struct bytes){bdb_scan->key.data, bdb_scan->key.size};
    *value_r = (struct bytes){bdb_scan->value.data, bdb_scan->value.size};
    if (key_r->size < bdb_scan->prefix_size || memcmp(key_r->data, bdb_scan->prefix, bdb_scan->prefix_size) != 0)
        return STORE_ABSENT;
    return STORE_DONE;
}

/* --- transactions ------------------------------------------------------------------------------ */

static gboolean bdb_begin(struct store *store, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    g_assert(bdb->txn == NULL);
    int code = bdb->env->txn_begin(bdb->env, NULL, &bdb->txn, 0);
    if (code == 0)
        return TRUE;
    bdb->txn = NULL;
    return fail(bdb, error, code, "begin");
}

static gboolean bdb_commit(struct store *store, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    DB_TXN *txn = g_steal_pointer(&bdb->txn);
    int code = txn->commit(txn, DB_TXN_NOSYNC);
    if (code != 0) {
        row_cache_forget(bdb->rows);
        return fail(bdb, error, code, "commit");
    }
    bdb->commits++;
    return TRUE;
}

static gboolean bdb_abort(struct store *store, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    DB_TXN *txn = g_steal_pointer(&bdb->txn);
    if (txn == NULL)
        return TRUE;
    row_cache_forget(bdb->rows);
    int code = txn->abort(txn);
    return code == 0 ? TRUE : fail(bdb, error, DB_RUNRECOVERY, "abort");
}

/* Whatever goes wrong while log or pages are written: nobody knows what is on the disk. */
static gboolean written(struct bdb *bdb, int code, gint *count, const char *what, GError **error)
{
    if (code != 0)
        return error_set(error, ERROR_IO, "ledger %s: %s: %s", bdb->folder, what, db_strerror(code));
    g_atomic_int_inc(count);
    return TRUE;
}

static gboolean bdb_flush(struct store *store, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    return written(bdb, bdb->env->log_flush(bdb->env, NULL), &bdb->flushes, "flush of the log", error);
}

static gboolean bdb_checkpoint(struct store *store, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    return written(bdb, bdb->env->txn_checkpoint(bdb->env, 0, 0, 0), &bdb->checkpoints, "checkpoint", error);
}

static guint64 bdb_log_size(struct store *store)
{
    struct bdb *bdb = (struct bdb *)store;
    DB_LOG_STAT *stat;
    if (bdb->env->log_stat(bdb->env, &stat, 0) != 0)
        return 0;
    guint64 size = ((guint64)stat->st_wc_mbytes << 20) + stat->st_wc_bytes;
    free(stat);
    return size;
}

static gboolean bdb_backup(struct store *store, const char *folder, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    int code = bdb->env->backup(bdb->env, folder, 0);
    return code == 0 ||
           error_set(error, ERROR_IO, "copy the ledger %s to %s: %s", bdb->folder, folder, db_strerror(code));
}

/* --- what removed rows leave behind -------------------------------------------------------------- */

/*
 * The form of a page of 5.3, which will not change any more (its header dbinc/db_page.h is not installed). Rows fill a
 * page from its end, an index of two octets each follows its head, and what is between them is of no use: but what rows
 * held that were removed or moved to another page stays there, and of a new page whatever lay in that place of the
 * cache before.
 */
#define PAGE_ENTRIES 20 /* where the head tells how many rows there are; of a piece of a long value, 1 */
#define PAGE_OFFSET 22  /* ... where the first of them begins; of a piece of a long value, its octets */
#define PAGE_TYPE 25
#define PAGE_HEAD 32 /* octets, with a check sum */
enum { PAGE_FREE = 0, PAGE_INNER = 3, PAGE_LEAF = 5, PAGE_LONG = 7 };

static guint page_number(const guint8 *page, size_t where)
{
    guint16 number;
    memcpy(&number, page + where, sizeof number);
    return number;
}

/* The part of a page that is of no use; FALSE: all of it is, or nobody knows. */
static gboolean useless_part(const guint8 *page, size_t *from_r, size_t *to_r)
{
    guint entries = page_number(page, PAGE_ENTRIES), offset = page_number(page, PAGE_OFFSET);
    *to_r = PAGE_SIZE;
    switch (page[PAGE_TYPE]) {
    case PAGE_FREE:
        *from_r = PAGE_HEAD;
        break;
    case PAGE_LONG:
        *from_r = PAGE_HEAD + offset;
        break;
    case PAGE_INNER:
    case PAGE_LEAF:
        *from_r = PAGE_HEAD + entries * sizeof(guint16);
        *to_r = offset;
        break;
    default:
        return FALSE;
    }
    return *from_r < *to_r && *to_r <= PAGE_SIZE;
}

static gboolean is_zero(const guint8 *octets, size_t size)
{
    return size == 0 || (octets[0] == 0 && memcmp(octets, octets + 1, size - 1) == 0);
}

/*
 * In 5.3 DB_MPOOLFILE->get() forgets DB_MPOOL_DIRTY (and DB_MPOOL_EDIT) before it hands its flags on, so that what is
 * written on a page would never come to the disk. This is the function that it hands them to; the library exports it.
 * `thread` is NULL without DB_ENV->set_thread_count().
 */
int __memp_fget(DB_MPOOLFILE *file, db_pgno_t *number, void *thread, DB_TXN *txn, u_int32_t flags, void *page_r);

/* Not logged: it changes nothing that the log knows of. */
static int scrub_page(DB_MPOOLFILE *file, db_pgno_t number)
{
    void *page;
    size_t from, to;
    int code = file->get(file, &number, NULL, 0, &page);
    if (code != 0)
        return code;
    gboolean dirty = useless_part(page, &from, &to) && !is_zero((guint8 *)page + from, to - from);
    code = file->put(file, page, DB_PRIORITY_UNCHANGED, 0);
    if (code == 0 && dirty && (code = __memp_fget(file, &number, NULL, NULL, DB_MPOOL_DIRTY, &page)) == 0) {
        memset((guint8 *)page + from, 0, to - from);
        code = file->put(file, page, DB_PRIORITY_UNCHANGED, 0);
    }
    return code;
}

static gboolean bdb_scrub(struct store *store, struct store_place *place, guint pages, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    for (; pages > 0 && place->table < STORE_TABLES; pages--) {
        DB_MPOOLFILE *file = bdb->tables[place->table]->get_mpf(bdb->tables[place->table]);
        db_pgno_t last;
        int code = file->get_last_pgno(file, &last);
        if (code == 0)
            code = scrub_page(file, place->page);
        if (code != 0)
            return fail(bdb, error, code, "scrub");
        if (place->page++ == last)
            *place = (struct store_place){.table = place->table + 1};
    }
    return TRUE;
}

/* The number of the log file that is written now; 0: not known. */
static guint32 current_log(struct bdb *bdb)
{
    DB_LOG_STAT *stat;
    if (bdb->env->log_stat(bdb->env, &stat, 0) != 0)
        return 0;
    guint32 number = stat->st_cur_file;
    free(stat);
    return number;
}

/* There is no other way to end a log file than to fill it; 16 MiB take a moment. Recovery passes these records over. */
static guint32 bdb_turn_log(struct store *store, GError **error)
{
    struct bdb *bdb = (struct bdb *)store;
    guint32 begun = current_log(bdb), now = begun;
    for (size_t written = 0; now == begun && written <= LOG_FILE_SIZE; written += FILLER) {
        int code = bdb->env->log_printf(bdb->env, NULL, "%-*s", FILLER, "what is deleted leaves with this file");
        if (code != 0) {
            fail(bdb, error, code, "turn the log");
            return 0;
        }
        now = current_log(bdb);
    }
    return now;
}

static guint32 bdb_oldest_log(struct store *store)
{
    struct bdb *bdb = (struct bdb *)store;
    char **files = NULL;
    if (bdb->env->log_archive(bdb->env, &files, DB_ARCH_LOG) != 0 || files == NULL)
        return 0;
    guint64 oldest = G_MAXUINT32;
    for (char **file = files; *file != NULL; file++)
        if (g_str_has_prefix(*file, "log."))
            oldest = MIN(oldest, g_ascii_strtoull(*file + strlen("log."), NULL, 10));
    free(files);
    return (guint32)oldest;
}

static void bdb_stats(struct store *store, struct store_stats *stats_r)
{
    struct bdb *bdb = (struct bdb *)store;
    stats_r->commits = bdb->commits;
    stats_r->flushes = (guint64)g_atomic_int_get(&bdb->flushes);
    stats_r->checkpoints = (guint64)g_atomic_int_get(&bdb->checkpoints);
}

/* --- opening and closing ----------------------------------------------------------------------- */

static void bdb_free(struct bdb *bdb)
{
    for (int table = 0; table < STORE_TABLES; table++)
        if (bdb->tables[table] != NULL)
            bdb->tables[table]->close(bdb->tables[table], 0);
    if (bdb->env != NULL)
        bdb->env->close(bdb->env, 0);
    g_free(bdb->folder);
    row_cache_free(bdb->rows);
    g_free(bdb->value);
    g_free(bdb);
}

static void bdb_close(struct store *store)
{
    struct bdb *bdb = (struct bdb *)store;
    bdb_abort(store, NULL);
    bdb_checkpoint(store, NULL);
    bdb_free(bdb);
}

static const struct store_methods bdb_methods = {
    .get = bdb_get,
    .put = bdb_put,
    .insert = bdb_insert,
    .remove = bdb_remove,
    .scan = bdb_scan_new,
    .next = bdb_next,
    .scan_free = bdb_scan_free,
    .begin = bdb_begin,
    .commit = bdb_commit,
    .abort = bdb_abort,
    .flush = bdb_flush,
    .checkpoint = bdb_checkpoint,
    .log_size = bdb_log_size,
    .backup = bdb_backup,
    .scrub = bdb_scrub,
    .turn_log = bdb_turn_log,
    .oldest_log = bdb_oldest_log,
    .stats = bdb_stats,
    .close = bdb_close,
};

static char *table_file(enum store_table table)
{
    return g_strconcat(store_table_name(table), ".db", NULL);
}

static int configure(DB_ENV *env, guint64 cache_size)
{
    int code = env->set_cachesize(env, (u_int32_t)(cache_size >> 30), (u_int32_t)(cache_size & ((1u << 30) - 1)), 1);
    if (code == 0) /* two buckets a page; its own choice has three pages in each, to be searched one by one */
        code = env->set_mp_tablesize(env, (u_int32_t)MIN(cache_size / PAGE_SIZE * 2, G_MAXINT32));
    if (code == 0)
        code = env->set_mp_mtxcount(env, BUCKET_LOCKS);
    if (code == 0)
        code = env->set_lg_max(env, LOG_FILE_SIZE);
    if (code == 0)
        code = env->set_lg_bsize(env, LOG_BUFFER_SIZE);
    if (code == 0)
        code = env->log_set_config(env, DB_LOG_AUTO_REMOVE | DB_LOG_ZERO, 1);
    return code;
}

static int open_environment(struct bdb *bdb, guint64 cache_size, guint32 flags)
{
    int code = db_env_create(&bdb->env, 0);
    if (code != 0) {
        bdb->env = NULL;
        return code;
    }
    bdb->env->app_private = bdb;
    bdb->env->set_errcall(bdb->env, remember_text);
    code = configure(bdb->env, cache_size);
    if (code != 0)
        return code;
    return bdb->env->open(bdb->env, bdb->folder,
                          DB_CREATE | DB_PRIVATE | DB_THREAD | DB_INIT_MPOOL | DB_INIT_LOG | DB_INIT_TXN | flags, 0600);
}

static int open_table(struct bdb *bdb, enum store_table table, guint32 flags)
{
    DB *db;
    int code = db_create(&db, bdb->env, 0);
    if (code != 0)
        return code;
    bdb->tables[table] = db;
    g_autofree char *file = table_file(table);
    code = db->set_pagesize(db, PAGE_SIZE);
    if (code == 0)
        code = db->set_flags(db, DB_CHKSUM);
    if (code != 0)
        return code;
    return db->open(db, NULL, file, NULL, DB_BTREE, DB_AUTO_COMMIT | DB_THREAD | flags, 0600);
}

static int find_bound(DB *table, struct bound *bound_r)
{
    DBC *cursor;
    DBT key = {.data = bound_r->octets, .ulen = sizeof bound_r->octets, .flags = DB_DBT_USERMEM};
    DBT value = {.flags = DB_DBT_USERMEM | DB_DBT_PARTIAL}; /* nothing of it */
    int code = table->cursor(table, NULL, &cursor, 0);
    if (code != 0)
        return code;
    code = cursor->get(cursor, &key, &value, DB_LAST);
    bound_r->size = code == 0 ? key.size : 0;
    cursor->close(cursor);
    return code == DB_NOTFOUND ? 0 : code;
}

static struct bdb *open_all(const char *folder, guint64 cache_size, int tables, guint32 env_flags, guint32 table_flags,
                            GError **error)
{
    struct bdb *bdb = g_new0(struct bdb, 1);
    bdb->store.methods = &bdb_methods;
    bdb->folder = g_strdup(folder);
    bdb->rows = row_cache_new();
    bdb->value = g_malloc(STORE_VALUE_MAX);
    int code = open_environment(bdb, cache_size, env_flags);
    const char *what = "open";
    for (int table = 0; code == 0 && table < tables; table++) {
        what = store_table_name((enum store_table)table);
        code = open_table(bdb, (enum store_table)table, table_flags);
        if (code == 0)
            code = find_bound(bdb->tables[table], &bdb->bounds[table]);
    }
    if (code == 0)
        return bdb;
    fail(bdb, error, code, what);
    bdb_free(bdb);
    return NULL;
}

gboolean store_bdb_create(const char *folder, GError **error)
{
    if (mkdir(folder, 0700) != 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "make the ledger's folder %s", folder);
    struct bdb *bdb = open_all(folder, CREATE_CACHE, STORE_TABLES, 0, DB_CREATE | DB_EXCL, error);
    if (bdb == NULL)
        return FALSE;
    gboolean done = bdb_checkpoint(&bdb->store, error);
    bdb_free(bdb);
    return done;
}

static gboolean has_log(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;)
        if (g_str_has_prefix(name, "log."))
            return TRUE;
    return FALSE;
}

static gboolean check_folder(const char *folder, int tables, GError **error)
{
    struct stat stat;
    if (lstat(folder, &stat) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno,
                                "open the ledger %s (postwelle-policyd --init makes one, for a new installation only)",
                                folder);
    if (!S_ISDIR(stat.st_mode) || (stat.st_mode & 077) != 0)
        return error_set(error, ERROR_DENIED,
                         "ledger %s: it must be a folder that only policyd's user may enter (0700)", folder);
    g_autofree char *config = g_build_filename(folder, "DB_CONFIG", NULL);
    if (lstat(config, &stat) == 0)
        return error_set(error, ERROR_DENIED,
                         "ledger %s: a file DB_CONFIG lies there, which would change how Berkeley "
                         "DB works; find out who put it there, and remove it",
                         folder);
    for (int table = 0; table < tables; table++) {
        g_autofree char *file = table_file((enum store_table)table);
        g_autofree char *path = g_build_filename(folder, file, NULL);
        if (lstat(path, &stat) != 0)
            return error_from_errno(error, ERROR_NO_INPUT, errno,
                                    "ledger table %s: it is never made anew by itself; restore it", path);
    }
    return has_log(folder) || error_set(error, ERROR_NO_INPUT,
                                        "ledger %s: its log files (log.*) are missing; restore "
                                        "them",
                                        folder);
}

struct store *store_bdb_open_first(const char *folder, guint64 cache_size, int tables, GError **error)
{
    if (!check_folder(folder, tables, error))
        return NULL;
    struct bdb *bdb = open_all(folder, cache_size, tables, DB_RECOVER, 0, error);
    return bdb != NULL ? &bdb->store : NULL;
}

struct store *store_bdb_open(const char *folder, guint64 cache_size, GError **error)
{
    return store_bdb_open_first(folder, cache_size, STORE_TABLES, error);
}

gboolean store_bdb_extend(const char *folder, guint64 cache_size, int tables, GError **error)
{
    if (!check_folder(folder, tables, error))
        return FALSE;
    struct bdb *bdb = open_all(folder, cache_size, STORE_TABLES, DB_RECOVER, DB_CREATE, error);
    if (bdb == NULL)
        return FALSE;
    gboolean done = bdb_checkpoint(&bdb->store, error);
    bdb_free(bdb);
    return done;
}
