/* store.c - the little that all backends share; see store.h. */
#include "policyd/store.h"

static const char *const table_names[STORE_TABLES] = {
    [STORE_META] = "meta",         [STORE_CLIENT] = "client",
    [STORE_CAMPAIGN] = "campaign", [STORE_IMPORT] = "import",
    [STORE_WAVE] = "wave",         [STORE_PROOF] = "proof",
    [STORE_MEMBER] = "member",     [STORE_PARTICIPANT] = "participant",
    [STORE_LIFE] = "life",         [STORE_SLOT] = "slot",
    [STORE_QUEUE] = "queue",       [STORE_SUPPRESSION] = "suppression",
    [STORE_RESERVATION] = "reservation", [STORE_DECISION] = "decision",
    [STORE_SENDING] = "sending",   [STORE_ANSWER] = "answer",
    [STORE_REJECT] = "reject",
    [STORE_AUDIT] = "audit",
};

const char *store_table_name(enum store_table table)
{
    return table_names[table];
}

enum store_result store_next(struct store_scan *scan, struct bytes *key_r, struct bytes *value_r, GError **error)
{
    return scan->store->methods->next(scan, key_r, value_r, error);
}

void store_scan_free(struct store_scan *scan)
{
    if (scan != NULL)
        scan->store->methods->scan_free(scan);
}

void store_close(struct store *store)
{
    if (store != NULL)
        store->methods->close(store);
}
