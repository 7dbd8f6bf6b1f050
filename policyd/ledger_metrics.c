/*
 * ledger_metrics.c - the request metrics: what policyd has counted, and how the ledger stands, in Prometheus' text
 * form.
 */
#include "policyd/counters.h"
#include "policyd/ledger_rows.h"
#include "policyd/requests.h"

#include <string.h>

#define PREFIX "postwelle_policyd_"

static void write_store(GString *out, const struct ledger *ledger, guint64 pending)
{
    struct store_stats stats;
    size_t clients;
    client_set_list(ledger->clients, &clients);
    store_stats(ledger->store, &stats);
    metrics_single(out, PREFIX "commits_total", METRICS_COUNTER, "Transactions of the store.", stats.commits);
    metrics_single(out, PREFIX "flushes_total", METRICS_COUNTER, "Times its log was brought to the disk.",
                   stats.flushes);
    metrics_single(out, PREFIX "checkpoints_total", METRICS_COUNTER, "Its checkpoints.", stats.checkpoints);
    metrics_single(out, PREFIX "pending_requests", METRICS_GAUGE, "Requests in the batch that is being built.",
                   pending);
    metrics_single(out, PREFIX "epoch", METRICS_GAUGE, "Raised by each --replay, --restored and --load.",
                   ledger->epoch);
    metrics_single(out, PREFIX "slots", METRICS_GAUGE, "Slots that are held.", ledger->slots);
    metrics_single(out, PREFIX "audit_entries", METRICS_GAUGE, "Entries of the audit trail.", ledger->audit.number);
    metrics_single(out, PREFIX "clients", METRICS_GAUGE, "Clients that are configured.", clients);
    metrics_single(out, PREFIX "feeders", METRICS_GAUGE, "Campaigns that are being fed.",
                   g_hash_table_size(ledger->feeders));
}

static gboolean write_time(GString *out, struct ledger *ledger, const char *row, const char *name, const char *help,
                           GError **error)
{
    struct key key;
    guint64 time;
    key_meta(&key, row);
    if (!rows_get_number(ledger, STORE_META, &key, &time, error))
        return FALSE;
    metrics_single(out, name, METRICS_GAUGE, help, time);
    return TRUE;
}

/* The mails of a campaign's waves, or its reminders, by state. */
static void write_mails(GString *out, const struct campaign *campaign, const char *kind,
                        const guint64 counts[MAIL_STATES])
{
    for (int state = STATE_NEW; state < MAIL_STATES; state++)
        if (counts[state] > 0)
            metrics_number(out, "postwelle_mails", counts[state], "client", campaign->record.client_name, "campaign",
                           campaign->record.name, "kind", kind, "state", mail_state_name((enum mail_state)state), NULL);
}

static void add_counts(guint64 sums[MAIL_STATES], const struct wave *wave)
{
    for (int state = STATE_NEW; wave != NULL && state < MAIL_STATES; state++)
        sums[state] += wave->record.counts[state];
}

/* *uncertain grows by the campaign's. */
static void write_campaign(GString *out, const struct campaign *campaign, guint64 *uncertain)
{
    guint64 invitations[MAIL_STATES] = {0}, reminders[MAIL_STATES] = {0};
    for (guint wave = 1; wave <= campaign->waves->len; wave++)
        add_counts(invitations, campaign_wave(campaign, wave));
    for (guint number = 1; number <= REMINDERS_MAX; number++)
        add_counts(reminders, campaign_reminders(campaign, number));
    write_mails(out, campaign, "invitation", invitations);
    write_mails(out, campaign, "reminder", reminders);
    *uncertain += invitations[STATE_UNCERTAIN] + reminders[STATE_UNCERTAIN];
}

static gboolean write_campaigns(GString *out, struct ledger *ledger, GError **error)
{
    guint64 states[CAMPAIGN_STATES] = {0}, uncertain = 0;
    g_autoptr(GArray) numbers = campaign_numbers(ledger, error);
    if (numbers == NULL)
        return FALSE;
    metrics_family(out, "postwelle_mails", METRICS_GAUGE, "Mails of each campaign by what became of them.");
    for (guint i = 0; i < numbers->len; i++) {
        struct campaign *campaign;
        if (!campaign_load(ledger, g_array_index(numbers, guint32, i), &campaign, error))
            return FALSE;
        if (campaign == NULL || campaign->record.imported_at == 0)
            continue;
        states[campaign->record.state]++;
        write_campaign(out, campaign, &uncertain);
    }
    metrics_single(out, "postwelle_uncertain_mails", METRICS_GAUGE,
                   "Mails of which nobody can tell whether they were sent.", uncertain);
    metrics_family(out, "postwelle_campaigns", METRICS_GAUGE, "Campaigns by state.");
    for (int state = CAMPAIGN_DRAFT; state < CAMPAIGN_STATES; state++)
        metrics_number(out, "postwelle_campaigns", states[state], "state",
                       campaign_state_name((enum campaign_state)state), NULL);
    return TRUE;
}

/* A row for each line. */
static void answer_lines(struct request *request, const char *text)
{
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        g_autofree char *copy = g_strndup(line, (gsize)(end - line));
        answer_begin(request, "more");
        policy_append(request->out, "line", copy);
        policy_end(request->out);
    }
    answer_begin(request, "ok");
    policy_end(request->out);
}

gboolean ledger_metrics(struct request *request, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (request->counters != NULL)
        counters_append(text, request->counters, request_type_name);
    write_store(text, request->ledger, request->pending);
    if (!write_time(text, request->ledger, META_READ, "postwelle_track_read_timestamp_seconds",
                    "When postwelle track had read the mail log to its end, since 1970; 0: never.", error) ||
        !write_campaigns(text, request->ledger, error))
        return FALSE;
    answer_lines(request, text->str);
    return TRUE;
}
