/* gate.c - when a campaign stops by itself; see gate.h. */
#include "importer/gate.h"

#include "importer/waves.h"
#include "lib/error.h"
#include "lib/gate_reason.h"

#define WHOLE 10000 /* 100 % */

static gboolean read_rate(const char *name, const char *text, guint32 *rate_r, GError **error)
{
    *rate_r = 0;
    if (*text == '\0')
        return TRUE;
    int share = wave_share(text);
    if (share < 0)
        return error_set(error, ERROR_CONFIG, "[gates] %s: \"%s\" is no share; write 5%%, 0.3%%, or nothing", name,
                         text);
    *rate_r = (guint32)share;
    return TRUE;
}

gboolean gates_read(const char *bounces, const char *deferrals, const char *complaints, guint64 backlog,
                    struct gates *gates_r, GError **error)
{
    gates_r->backlog = backlog;
    return read_rate("bounces", bounces, &gates_r->bounces, error) &&
           read_rate("deferrals", deferrals, &gates_r->deferrals, error) &&
           read_rate("complaints", complaints, &gates_r->complaints, error);
}

/* Is part of whole more than the limit allows? *why_r says it. */
static gboolean exceeds(enum gate_reason reason, guint64 part, guint64 whole, guint32 limit, char **why_r)
{
    if (limit == 0 || whole < GATE_SAMPLE || part < GATE_LEAST || part * WHOLE <= whole * limit)
        return FALSE;
    *why_r = gate_reason_rate(reason, part, whole, limit);
    return TRUE;
}

enum gate_verdict gate_judge(const struct gates *gates, const struct gate_facts *facts, char **why_r)
{
    guint64 failed = facts->bounced + facts->expired, through = facts->sent + failed;
    guint64 taken = through + facts->queued + facts->deferred;
    *why_r = NULL;
    if (exceeds(GATE_REASON_BOUNCES, failed, through, gates->bounces, why_r) ||
        exceeds(GATE_REASON_COMPLAINTS, facts->complaints, facts->sent, gates->complaints, why_r) ||
        (facts->next && exceeds(GATE_REASON_DEFERRALS, facts->deferred, taken, gates->deferrals, why_r)))
        return GATE_STOP;
    if (gates->backlog == 0 || facts->backlog < gates->backlog)
        return GATE_OPEN;
    *why_r = gate_reason_backlog(facts->backlog, gates->backlog);
    return GATE_WAIT;
}
