/*
 * meta.h - single values of the table meta, straight from a store: for what is done to a ledger as a whole, before or
 * without ledger.h. The names are record.h's META_*. Thread rule: the store's.
 */
#ifndef POSTWELLE_POLICYD_META_H
#define POSTWELLE_POLICYD_META_H

#include "policyd/store.h"

/* 0 where there is none. FALSE and *error where the store failed or the row is damaged. */
gboolean meta_get_number(struct store *store, const char *name, guint64 *number_r, GError **error);

/* "" where there is none; cut to size. */
gboolean meta_get_text(struct store *store, const char *name, char *text_r, size_t size, GError **error);

/* Within a transaction. */
gboolean meta_put_number(struct store *store, const char *name, guint64 number, GError **error);
gboolean meta_put_text(struct store *store, const char *name, const char *text, GError **error);

#endif
