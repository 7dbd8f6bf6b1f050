/*
 * ledger_scrub.c - what was deleted leaves the ledger's files, too: pages are scrubbed, then the log begins a new file,
 * and when a checkpoint has let the older ones go, nothing of it is left. A row of the table meta says that this is to
 * be done; so a restart on the way begins it anew.
 */
#include "policyd/ledger_rows.h"
#include "policyd/meta.h"

#define PAGES 2000 /* in one step, so that no request waits long */

gboolean ledger_scrub_ask(struct ledger *ledger, gint64 seconds, GError **error)
{
    ledger->scrub = (struct scrub){.wanted = TRUE};
    return meta_put_number(ledger->store, META_SCRUB, (guint64)MAX(seconds, 1), error);
}

gboolean ledger_scrub_read(struct ledger *ledger, GError **error)
{
    guint64 since;
    gboolean good = meta_get_number(ledger->store, META_SCRUB, &since, error);
    ledger->scrub = (struct scrub){.wanted = good && since != 0};
    return good;
}

gboolean ledger_needs_scrub(const struct ledger *ledger)
{
    return ledger->scrub.wanted && !backup_runs(ledger->backup);
}

gboolean ledger_scrub(struct ledger *ledger, enum scrub_step *step_r, GError **error)
{
    struct scrub *scrub = &ledger->scrub;
    *step_r = SCRUB_MORE;
    if (scrub->place.table < STORE_TABLES)
        return store_scrub(ledger->store, &scrub->place, PAGES, error);
    *step_r = SCRUB_CHECKPOINT;
    if (scrub->log == 0)
        return (scrub->log = store_turn_log(ledger->store, error)) != 0;
    if (store_oldest_log(ledger->store) < scrub->log)
        return TRUE;
    *step_r = SCRUB_DONE;
    scrub->wanted = FALSE;
    return meta_put_number(ledger->store, META_SCRUB, 0, error);
}
