/* report_read.c - a report's rows from policyd, page by page; see report.h. */
#include "importer/report.h"

#include "importer/control.h"
#include "importer/progress.h"
#include "importer/stop.h"
#include "lib/error.h"

#include <string.h>

#define PAGE 500       /* rows of one answer, the limit in PROTOCOL §5 */
#define AUDIT_PAGE 200 /* likewise, of the audit trail */

struct reading {
    struct report *report;
    const struct report_sink *sink;
    struct progress progress;
    struct stop stop;
    guint64 rows;
};

static gboolean take_import(void *cookie, const struct attributes *row, GError **error)
{
    struct report *report = cookie;
    struct report_import *import = g_new0(struct report_import, 1);
    (void)error;
    import->number = (guint)control_number(row, "import");
    import->rows = control_number(row, "rows");
    import->at = (gint64)control_number(row, "at");
    import->file = g_strdup(attributes_text(row, "file"));
    import->sha256 = g_strdup(attributes_text(row, "file_sha256"));
    import->basis = g_strdup(attributes_text(row, "basis"));
    import->assured_by = g_strdup(attributes_text(row, "assured_by"));
    import->remark = g_strdup(attributes_text(row, "remark"));
    g_ptr_array_add(report->imports, import);
    return TRUE;
}

static gboolean take_row(void *cookie, const struct attributes *answer, GError **error)
{
    struct reading *reading = cookie;
    struct report_row row;
    if (!report_row_take(answer, &row, error))
        return FALSE;
    report_add(reading->report, &row);
    if (reading->sink != NULL)
        reading->sink->row(reading->sink->cookie, &row);
    reading->rows++;
    return TRUE;
}

static gboolean take_reject(void *cookie, const struct attributes *answer, GError **error)
{
    struct reading *reading = cookie;
    const struct report_reject reject = {.import = (guint)control_number(answer, "import"),
                                         .row = (guint)control_number(answer, "row"),
                                         .known = strcmp(attributes_text(answer, "known"), "yes") == 0,
                                         .column = attributes_text(answer, "column"),
                                         .reason = attributes_text(answer, "reason")};
    (void)error;
    report_add_reject(reading->report, &reject);
    if (reading->sink != NULL)
        reading->sink->reject(reading->sink->cookie, &reject);
    return TRUE;
}

/* Reads what a paged request has, to its end. */
static gboolean read_pages(struct reading *reading, struct policy_client *policy, const char *kind, guint page,
                           control_row_func take, GError **error)
{
    struct attributes last;
    guint64 after = 0;
    do {
        GString *request = control_campaign_request(kind, reading->report->campaign, NULL);
        policy_append_number(request, "after", after);
        policy_append_number(request, "limit", page);
        if (!control_rows(policy, request, take, reading, &last, error))
            return FALSE;
        after = control_number(&last, "last");
        progress_show(&reading->progress, reading->rows, NULL);
        if (stop_asked(&reading->stop))
            return error_set(error, ERROR_TEMPORARY, "stopped; no report was written");
    } while (after != 0);
    return TRUE;
}

static gboolean take_entry(void *cookie, const struct attributes *answer, GError **error)
{
    struct reading *reading = cookie;
    const char *user = attributes_text(answer, "user");
    const struct report_entry entry = {.number = control_number(answer, "number"),
                                       .time = (gint64)control_number(answer, "time"),
                                       .user = *user != '\0' ? user : attributes_text(answer, "uid"),
                                       .by = attributes_text(answer, "by"),
                                       .action = attributes_text(answer, "action"),
                                       .subject = attributes_text(answer, "subject"),
                                       .detail = attributes_text(answer, "detail"),
                                       .fault = attributes_get(answer, "fault")};
    (void)error;
    reading->report->faults += entry.fault != NULL ? 1 : 0;
    if (reading->sink != NULL)
        reading->sink->entry(reading->sink->cookie, &entry);
    return TRUE;
}

/* The approval, and whether what lies in the folder is what was approved, and passes the content rule. */
static gboolean read_head(struct report *report, struct policy_client *policy, GError **error)
{
    struct attributes shown;
    const struct campaign *campaign = report->campaign;
    if (!control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &shown, error))
        return FALSE;
    g_free(report->approved_by);
    g_free(report->approved_hash);
    report->approved_by = g_strdup(attributes_text(&shown, "approved_by"));
    report->approved_hash = g_strdup(attributes_text(&shown, "hash"));
    report->approved_at = (gint64)control_number(&shown, "approved_at");
    gboolean same = *report->approved_hash == '\0' || strcmp(report->approved_hash, campaign->hash) == 0;
    report->check = campaign->findings->len > 0 ? REPORT_FAILED : same ? REPORT_CHECKED : REPORT_CHANGED;
    return TRUE;
}

static gboolean read_waves(struct report *report, struct policy_client *policy, GError **error)
{
    struct campaign_state state;
    const struct campaign *campaign = report->campaign;
    if (!campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    campaign_state_opened(&state, report->opened);
    report->complaints = state.complaints;
    report->answered = state.answered;
    for (guint i = 0; i < state.reminders; i++) {
        struct report_counts *counts = &report_numbered(report->reminders, i + 1)->counts;
        counts->total = state.reminder[i].total;
        memcpy(counts->states, state.reminder[i].counts, sizeof counts->states);
    }
    return TRUE;
}

static gboolean read_rows(struct reading *reading, struct policy_client *policy, GError **error)
{
    stop_begin(&reading->stop);
    progress_begin(&reading->progress, "reading", report_imported(reading->report));
    gboolean good = read_pages(reading, policy, "campaign-participants", PAGE, take_row, error) &&
                    read_pages(reading, policy, "campaign-rejects", PAGE, take_reject, error) &&
                    read_pages(reading, policy, "audit-list", AUDIT_PAGE, take_entry, error);
    progress_clear(&reading->progress);
    stop_end(&reading->stop);
    return good;
}

gboolean report_read(struct report *report, struct policy_client *policy, const struct report_sink *sink,
                     GError **error)
{
    struct reading reading = {.report = report, .sink = sink};
    struct attributes last;
    return read_head(report, policy, error) && read_waves(report, policy, error) &&
           control_rows(policy, control_campaign_request("import-list", report->campaign, NULL), take_import, report,
                        &last, error) &&
           read_rows(&reading, policy, error);
}
