/*
 * row_cache.h - the rows of a store that were read or written last, and those that were looked for and are not there:
 * a mail's few rows are asked for at RCPT, at the end of the message, and when it is queued and sent, within moments.
 *
 * A table of a fixed size, where what comes later takes the place of what was there. Rows that do not fit into a place
 * are not kept.
 *
 * One thread.
 */
#ifndef POSTWELLE_POLICYD_ROW_CACHE_H
#define POSTWELLE_POLICYD_ROW_CACHE_H

#include "policyd/store.h"

#define ROW_CACHE_ROWS (1u << 14) /* places: 2 MiB */
#define ROW_CACHE_OCTETS 124      /* of a key and its value together */

struct row_cache;

struct row_cache *row_cache_new(void);        /* empty */
void row_cache_free(struct row_cache *cache); /* NULL is fine */

/*
 * What is known of a row; FALSE: nothing is. value_r->data is NULL where there is no such row; else the value is
 * borrowed until the next call that changes the cache.
 */
gboolean row_cache_look(const struct row_cache *cache, enum store_table table, struct bytes key, struct bytes *value_r);

/* Keeps a row that row_cache_look() knew nothing of; value NULL: there is none. */
void row_cache_keep(struct row_cache *cache, enum store_table table, struct bytes key, const struct bytes *value);

/*
 * The row is this from now on; value NULL: there is none. Kept only if it was: most rows are not asked for soon. The
 * value is not one that was borrowed from here.
 */
void row_cache_change(struct row_cache *cache, enum store_table table, struct bytes key, const struct bytes *value);

/* Nothing is known of any row any more. */
void row_cache_forget(struct row_cache *cache);

#endif
