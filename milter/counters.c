/* counters.c - the milter's numbers; see counters.h. */
#include "milter/counters.h"

#include <config.h>
#include <string.h>

#define PREFIX "postwelle_milter_"

/* doc/LOGGING.md's words. */
static const char *const reasons[COUNTERS_REASONS] = {
    "other",    "ok",       "no-client", "from", "alignment", "envelope",  "size",         "header",
    "content",  "policy",   "key",       "sign", "insert",    "structure", "policyd-down", "policyd-doubt",
    "queue-id", "protocol", "stopping",
};

static size_t reason_index(const char *reason)
{
    for (size_t i = 1; i < COUNTERS_REASONS && reasons[i] != NULL; i++)
        if (strcmp(reason, reasons[i]) == 0)
            return i;
    return 0;
}

void counters_decision(struct counters *counters, enum verdict_action action, const char *reason, gint64 microseconds)
{
    metrics_add(&counters->decisions[action][reason_index(reason)], 1);
    metrics_observe(&counters->times, microseconds);
}

void counters_signatures(struct counters *counters, const GPtrArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        gboolean ed25519 = strstr(fields->pdata[i], "a=ed25519-sha256") != NULL;
        metrics_add(ed25519 ? &counters->ed25519 : &counters->rsa, 1);
    }
}

static void write_decisions(GString *out, const struct counters *counters)
{
    metrics_family(out, PREFIX "messages_total", METRICS_COUNTER, "Mails by action and reason (doc/LOGGING.md).");
    for (int action = VERDICT_UNTOUCHED; action <= VERDICT_TEMPFAIL; action++)
        for (size_t reason = 0; reason < COUNTERS_REASONS && reasons[reason] != NULL; reason++) {
            guint64 count = metrics_get(&counters->decisions[action][reason]);
            if (count > 0)
                metrics_number(out, PREFIX "messages_total", count, "action",
                               verdict_action_word((enum verdict_action)action), "reason", reasons[reason], NULL);
        }
}

void counters_write(GString *out, const struct counters *counters)
{
    metrics_family(out, PREFIX "info", METRICS_GAUGE, "Its version.");
    metrics_number(out, PREFIX "info", 1, "version", PACKAGE_VERSION, NULL);
    metrics_single(out, PREFIX "start_time_seconds", METRICS_GAUGE, "When it was started, since 1970.",
                   (guint64)counters->started);
    write_decisions(out, counters);
    metrics_family(out, PREFIX "signatures_total", METRICS_COUNTER, "Signatures made, by algorithm.");
    metrics_number(out, PREFIX "signatures_total", metrics_get(&counters->rsa), "algorithm", "rsa-sha256", NULL);
    metrics_number(out, PREFIX "signatures_total", metrics_get(&counters->ed25519), "algorithm", "ed25519-sha256",
                   NULL);
    metrics_family(out, PREFIX "reloads_total", METRICS_COUNTER, "Reloads (SIGHUP), by outcome.");
    metrics_number(out, PREFIX "reloads_total", metrics_get(&counters->reloads), "outcome", "done", NULL);
    metrics_number(out, PREFIX "reloads_total", metrics_get(&counters->failed_reloads), "outcome", "failed", NULL);
    metrics_single(out, PREFIX "connections", METRICS_GAUGE, "Postfix's connections that are open.",
                   (guint64)MAX(g_atomic_int_get(&counters->connections), 0));
    metrics_histogram(out, PREFIX "end_of_message_seconds",
                      "How long the end of a mail took: content, signatures, policyd.", &counters->times);
}
