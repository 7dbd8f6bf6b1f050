/*
 * store_work.h - what a reserve asks of the store: the reads and rows of one for a free recipient, and nothing else;
 * and the reads of a look-up at RCPT. For the benches that measure what the store, or the store behind a socket, gives
 * by itself.
 */
#ifndef POSTWELLE_TESTS_STORE_WORK_H
#define POSTWELLE_TESTS_STORE_WORK_H

#include <glib.h>

struct store_work;

/* Makes a ledger in the folder, which must be new. NULL and *error on failure. */
struct store_work *store_work_new(const char *folder, GError **error);
void store_work_free(struct store_work *work); /* NULL is fine */

/* One transaction, and the flush that makes it durable; between them any number of reserves. */
gboolean store_work_begin(struct store_work *work, GError **error);
gboolean store_work_reserve(struct store_work *work, GError **error);
gboolean store_work_end(struct store_work *work, GError **error);

/* The reads for one of a wave's mails to a free recipient. No transaction is needed. */
gboolean store_work_look_up(struct store_work *work, GError **error);

/* Reserves until now. */
guint64 store_work_count(const struct store_work *work);

#endif
