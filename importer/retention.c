/* retention.c - when a campaign's participants' data is to be deleted; see retention.h. */
#include "importer/retention.h"

enum retention_verdict retention_judge(const struct retention_facts *facts, gint64 *due_r)
{
    *due_r = 0;
    if (facts->erased != 0)
        return RETENTION_DONE;
    if (facts->deleted != 0)
        return RETENTION_BEGUN;
    if (facts->keep == 0)
        return RETENTION_NEVER;
    *due_r = MAX(facts->last_step, facts->planned) + facts->reminding + facts->keep;
    if (facts->now < *due_r)
        return RETENTION_KEPT;
    return facts->open > 0 || facts->uncertain > 0 || facts->feeding || facts->unknown ? RETENTION_HELD : RETENTION_DUE;
}

char *retention_why(const struct retention_facts *facts)
{
    if (facts->open > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " mails are in Postfix's queue or on their way there", facts->open);
    if (facts->uncertain > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " mails are uncertain; settle them with postwelle ledger decide",
                               facts->uncertain);
    if (facts->feeding)
        return g_strdup("a wave is open and not fed to its end");
    return g_strdup(
        "its folder can't be read, or is not right, which says when the mails that are not tried yet are sent");
}
