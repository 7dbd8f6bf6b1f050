/*
 * rowtext.h - a row of the ledger as a line of text, for the witness and for --dump: TABLE KEY VALUE.
 *
 * Key and value are percent-encoded: octets outside "!" to "~", and "%", are written %XX in capitals. Every row has
 * exactly one text: reading refuses what writing does not make.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_POLICYD_ROWTEXT_H
#define POSTWELLE_POLICYD_ROWTEXT_H

#include "policyd/store.h"

/* What a line says. Owned by whoever holds it: rowtext_release(). */
struct rowtext {
    enum store_table table;
    GString *key, *value;
};

void rowtext_init(struct rowtext *row);
void rowtext_release(struct rowtext *row);

/* Appends "TABLE KEY VALUE", or "TABLE KEY" where value is NULL; no LF. */
void rowtext_append(GString *out, enum store_table table, struct bytes key, const struct bytes *value);

/*
 * Reads such a text of `size` octets into *row_r, which was initialised. with_value: it is "TABLE KEY VALUE". FALSE
 * where it is anything else, or the key or value is longer than the store allows.
 */
gboolean rowtext_parse(const char *text, size_t size, gboolean with_value, struct rowtext *row_r);

static inline struct bytes rowtext_bytes(const GString *string)
{
    return (struct bytes){string->str, string->len};
}

#endif
