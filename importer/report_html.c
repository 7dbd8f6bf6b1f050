/*
 * report_html.c - a report as one HTML page with charts; see report.h.
 *
 * The page keeps the content rule's spirit: no script, nothing that is loaded, and a policy that makes browsers refuse
 * it all the same. It prints on A4.
 */
#include "importer/report.h"

#include "importer/chart.h"
#include "importer/markup.h"
#include "lib/address.h"
#include "lib/providers.h"

#include <config.h>
#include <string.h>

#define GROUPS_SHOWN 12u /* rows of a chart or table; what is beyond is one row */
/* So is a receiving provider with less than such a part of the participants: many are one person's domain. */
#define PROVIDER_PART 200u

/* States that a chart shows as one part, named by the first of them. */
static const struct {
    guint first, last; /* campaign_state.h */
    const char *color;
} shades[] = {
    {STATE_SENT, STATE_SENT, "#1f7a4d"},       {STATE_QUEUED, STATE_DEFERRED, "#3d7fc4"},
    {STATE_NEW, STATE_RESERVED, "#c3cad3"},    {STATE_BOUNCED, STATE_BOUNCED, "#c0392b"},
    {STATE_EXPIRED, STATE_EXPIRED, "#e08a3c"}, {STATE_UNCERTAIN, STATE_UNCERTAIN, "#8e5aa8"},
    {STATE_CAPPED, STATE_CAPPED, "#8291a5"},   {STATE_SUPPRESSED, STATE_SUPPRESSED, "#4a5563"},
    {STATE_REFUSED, STATE_REFUSED, "#7a4b3a"},
};
#define SHADES G_N_ELEMENTS(shades)

static const char style[] =
    "@page { size: A4; margin: 14mm }\n"
    "* { box-sizing: border-box }\n"
    "body { margin: 0; background: #eef1f5; color: #1d2733; font: 15px/1.5 system-ui, 'Segoe UI', 'Noto Sans', "
    "sans-serif;\n"
    "  -webkit-print-color-adjust: exact; print-color-adjust: exact }\n"
    "main { max-width: 980px; margin: 0 auto; padding: 32px 24px }\n"
    "header { border-bottom: 3px solid #1f4e79; margin-bottom: 24px; padding-bottom: 12px }\n"
    "h1 { font-size: 28px; line-height: 1.25; margin: 0 } h2 { font-size: 18px; margin: 0 0 14px }\n"
    "header p { margin: 4px 0 0; color: #55616f }\n"
    "section { background: #fff; border-radius: 10px; padding: 22px 24px; margin: 0 0 20px; break-inside: avoid }\n"
    ".tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 14px; margin-bottom: "
    "20px }\n"
    ".tile { background: #fff; border-radius: 10px; padding: 16px 18px; break-inside: avoid }\n"
    ".tile b { display: block; font-size: 26px; line-height: 1.2 } .tile span { color: #55616f }\n"
    ".result { display: grid; grid-template-columns: 240px 1fr; gap: 28px; align-items: start }\n"
    ".result div:first-child p { text-align: center } h2::first-letter { text-transform: uppercase }\n"
    ".ring .large { font-size: 6.4px; font-weight: 700; fill: #1d2733 } .ring .small { font-size: 3px; fill: #55616f "
    "}\n"
    ".bar { display: block; width: 100%; height: 16px; border-radius: 3px }\n"
    "table { border-collapse: collapse; width: 100% }\n"
    "th { text-align: left; font-weight: 600; color: #55616f; border-bottom: 1px solid #c9d1da; padding: 4px 8px }\n"
    "td { border-bottom: 1px solid #e8ebef; padding: 5px 8px; vertical-align: top; overflow-wrap: anywhere }\n"
    "tr:last-child td { border-bottom: 0 } .n { text-align: right; white-space: nowrap; overflow-wrap: normal }\n"
    ".chart { width: 42% } td.chart { vertical-align: middle } .hint { color: #55616f; font-size: 13px }\n"
    ".dot { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 7px }\n"
    ".sum td { font-weight: 700; border-top: 2px solid #c9d1da } code { font-size: 12px; overflow-wrap: anywhere }\n"
    ".good { border-left: 6px solid #1f7a4d } .bad { border-left: 6px solid #c0392b } .bad b { color: #c0392b }\n"
    "dl { display: grid; grid-template-columns: 200px 1fr; gap: 4px 16px; margin: 0 } dt { color: #55616f } dd { "
    "margin: 0 }\n"
    "dl + dl { margin-top: 16px; padding-top: 16px; border-top: 1px solid #e8ebef }\n"
    "footer { color: #55616f; font-size: 13px; padding: 0 4px }\n"
    "@media (max-width: 720px) { .result { grid-template-columns: 1fr } }\n"
    "@media print { body { background: #fff; font-size: 12px } main { padding: 0; max-width: none }\n"
    "  section, .tile { border: 1px solid #d5dbe2; border-radius: 6px } }\n";

/* --- pieces ------------------------------------------------------------------------------------- */

static const char *word(const struct report *report, enum report_word which)
{
    return report_word(report->language, which);
}

static guint64 shade_count(const struct report_counts *counts, size_t shade)
{
    guint64 sum = 0;
    for (guint state = shades[shade].first; state <= shades[shade].last; state++)
        sum += counts->states[state];
    return sum;
}

struct parts {
    struct chart_part list[SHADES];
    char *labels[SHADES];
};

static void parts_init(struct parts *parts, const struct report *report, const struct report_counts *counts)
{
    for (size_t i = 0; i < SHADES; i++) {
        guint64 value = shade_count(counts, i);
        g_autofree char *number = report_number(report->language, value);
        g_autofree char *share = report_share(report->language, value, counts->total);
        parts->labels[i] =
            g_strdup_printf("%s: %s (%s)", report_state(report->language, shades[i].first), number, share);
        parts->list[i] = (struct chart_part){value, shades[i].color, parts->labels[i]};
    }
}

static void parts_release(struct parts *parts)
{
    for (size_t i = 0; i < SHADES; i++)
        g_free(parts->labels[i]);
}

static void append_number(GString *out, const struct report *report, guint64 number)
{
    g_autofree char *text = report_number(report->language, number);
    markup_append(out, "<td class=\"n\">%s</td>", text);
}

/* <th>, to the right where it stands over numbers. */
static void append_headings(GString *out, const char *const *texts, size_t numbers_from)
{
    g_string_append(out, "<tr>");
    for (size_t i = 0; texts[i] != NULL; i++)
        markup_append(out, i >= numbers_from ? "<th scope=\"col\" class=\"n\">%s</th>" : "<th scope=\"col\">%s</th>",
                      texts[i]);
    g_string_append(out, "</tr>\n");
}

static void append_pair(GString *out, const struct report *report, enum report_word name, const char *text,
                        gboolean code)
{
    if (*text != '\0')
        markup_append(out, code ? "<dt>%s</dt><dd><code>%s</code></dd>\n" : "<dt>%s</dt><dd>%s</dd>\n",
                      word(report, name), text);
}

/* --- head and numbers --------------------------------------------------------------------------- */

static void append_head(GString *out, const struct report *report)
{
    g_autofree char *made = report_time(report, g_date_time_to_unix(report->made));
    const struct campaign *campaign = report->campaign;
    markup_append(
        out,
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s: %s</title>\n<style>\n",
        report->language == REPORT_GERMAN ? "de" : "en", word(report, WORD_REPORT), campaign->title);
    g_string_append(out, style);
    markup_append(
        out, "</style>\n</head>\n<body>\n<main>\n<header>\n<h1>%s</h1>\n<p>%s · %s · %s: %s · %s %s</p>\n</header>\n",
        campaign->title, word(report, WORD_REPORT), campaign->client->title, word(report, WORD_CAMPAIGN),
        campaign->name, word(report, WORD_AS_OF), made);
}

static void append_tile(GString *out, const struct report *report, guint64 number, const char *text)
{
    g_autofree char *shown = report_number(report->language, number);
    markup_append(out, "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n", shown, text);
}

/* What was in the receivers' hands, or still is on its way there. */
static guint64 written_to(const struct report *report)
{
    static const guint states[] = {STATE_QUEUED,  STATE_GREYLISTED, STATE_DEFERRED, STATE_SENT,
                                   STATE_BOUNCED, STATE_EXPIRED,    STATE_UNCERTAIN};
    guint64 sum = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        sum += report->sum.states[states[i]];
    return sum;
}

static void append_tiles(GString *out, const struct report *report)
{
    g_string_append(out, "<div class=\"tiles\">\n");
    append_tile(out, report, report->sum.total, word(report, WORD_PARTICIPANTS));
    append_tile(out, report, written_to(report), word(report, WORD_WRITTEN_TO));
    append_tile(out, report, report->sum.states[STATE_SENT], report_state(report->language, STATE_SENT));
    if (report->answered > 0)
        append_tile(out, report, report->answered, word(report, WORD_ANSWERED));
    append_tile(out, report, report->complaints, word(report, WORD_COMPLAINTS));
    g_string_append(out, "</div>\n");
}

static const char *color_of(guint state)
{
    for (size_t i = 0; i < SHADES; i++)
        if (state >= shades[i].first && state <= shades[i].last)
            return shades[i].color;
    return "";
}

static void append_states(GString *out, const struct report *report)
{
    guint64 imported = report_imported(report);
    g_autofree char *counted = report_number(report->language, report->sum.total);
    g_autofree char *total = report_number(report->language, imported);
    g_string_append(out, "<table>\n");
    append_headings(
        out, (const char *const[]){word(report, WORD_STATE), word(report, WORD_COUNT), word(report, WORD_SHARE), NULL},
        1);
    for (guint state = 0; state < STATE_COUNT; state++) {
        if (report->sum.states[state] == 0 && state < STATE_SENT)
            continue; /* on the way to an end: not worth a line when nobody is there */
        g_autofree char *share = report_share(report->language, report->sum.states[state], report->sum.total);
        markup_append(
            out, "<tr><td><span class=\"dot\" style=\"background:%s\"></span>%s<br><span class=\"hint\">%s</span></td>",
            color_of(state), report_state(report->language, state), report_state_meaning(report->language, state));
        append_number(out, report, report->sum.states[state]);
        markup_append(out, "<td class=\"n\">%s</td></tr>\n", share);
    }
    markup_append(out, "<tr class=\"sum\"><td>%s</td>", word(report, WORD_SUM));
    append_number(out, report, report->sum.total);
    g_string_append(out, "<td></td></tr>\n</table>\n");
    gboolean good = report->sum.total == imported;
    g_autofree char *sentence = report_format(report->language, good ? WORD_SUM_GOOD : WORD_SUM_BAD, counted, total);
    markup_append(out, good ? "<p class=\"hint\">%s</p>\n" : "<p class=\"bad\"><b>%s</b></p>\n", sentence);
}

static void append_result(GString *out, const struct report *report)
{
    struct parts parts;
    g_autofree char *share = report_share(report->language, report->sum.states[STATE_SENT], written_to(report));
    parts_init(&parts, report, &report->sum);
    markup_append(out, "<section>\n<h2>%s</h2>\n<div class=\"result\">\n<div>\n", word(report, WORD_RESULT));
    chart_ring(out, word(report, WORD_RESULT), parts.list, SHADES, share, report_state(report->language, STATE_SENT));
    markup_append(out, "<p class=\"hint\">%s %s</p>\n</div>\n<div>\n", share, word(report, WORD_DELIVERED_OF_TRIED));
    append_states(out, report);
    g_string_append(out, "</div>\n</div>\n</section>\n");
    parts_release(&parts);
}

/* --- groups ------------------------------------------------------------------------------------- */

static void append_group(GString *out, const struct report *report, const struct report_group *group, const char *name,
                         const char *detail, guint64 whole)
{
    struct parts parts;
    parts_init(&parts, report, &group->counts);
    markup_append(out, "<tr><td>%s</td><td class=\"hint\">%s</td><td class=\"chart\">", name, detail);
    chart_bar(out, name, parts.list, SHADES, whole);
    g_string_append(out, "</td>");
    append_number(out, report, group->counts.total);
    append_number(out, report, group->counts.states[STATE_SENT]);
    g_string_append(out, "</tr>\n");
    parts_release(&parts);
}

static void begin_groups(GString *out, const struct report *report, enum report_word title, enum report_word name,
                         enum report_word detail)
{
    markup_append(out, "<section>\n<h2>%s</h2>\n<table>\n", word(report, title));
    append_headings(out,
                    (const char *const[]){word(report, name), detail != REPORT_WORDS ? word(report, detail) : "", "",
                                          word(report, WORD_PARTICIPANTS), report_state(report->language, STATE_SENT),
                                          NULL},
                    3);
}

static void append_waves(GString *out, const struct report *report)
{
    guint64 largest = 0;
    for (guint i = 0; i < report->waves->len; i++)
        largest = MAX(largest, ((const struct report_group *)report->waves->pdata[i])->counts.total);
    begin_groups(out, report, WORD_BY_WAVE, WORD_WAVE, WORD_OPENED);
    for (guint i = 0; i < report->waves->len; i++) {
        const struct report_group *wave = report->waves->pdata[i];
        g_autofree char *opened = report_time(report, report->opened[i]);
        append_group(out, report, wave, wave->name, *opened != '\0' ? opened : word(report, WORD_NOT_OPENED), largest);
    }
    g_string_append(out, "</table>\n</section>\n");
}

static void append_reminders(GString *out, const struct report *report)
{
    guint64 largest = 0;
    if (report->reminders->len == 0)
        return;
    for (guint i = 0; i < report->reminders->len; i++)
        largest = MAX(largest, ((const struct report_group *)report->reminders->pdata[i])->counts.total);
    begin_groups(out, report, WORD_REMINDERS, WORD_REMINDER, REPORT_WORDS);
    for (guint i = 0; i < report->reminders->len; i++) {
        const struct report_group *reminder = report->reminders->pdata[i];
        append_group(out, report, reminder, reminder->name, "", largest);
    }
    g_string_append(out, "</table>\n</section>\n");
}

/* How the sent ones went over the wire; nothing where nobody knows. */
static void append_transmission(GString *out, const struct report *report)
{
    const struct {
        enum report_word word;
        guint64 count;
    } rows[] = {{WORD_TLS_YES, report->encrypted},
                {WORD_TLS_NO, report->plain},
                {WORD_TLS_UNKNOWN, report->sum.states[STATE_SENT] - report->encrypted - report->plain}};
    if (report->encrypted + report->plain == 0)
        return;
    markup_append(out, "<section>\n<h2>%s</h2>\n<table>\n", word(report, WORD_TLS));
    append_headings(out, (const char *const[]){"", report_state(report->language, STATE_SENT), NULL}, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].count == 0)
            continue;
        markup_append(out, "<tr><td>%s</td>", word(report, rows[i].word));
        append_number(out, report, rows[i].count);
        g_string_append(out, "</tr>\n");
    }
    g_string_append(out, "</table>\n</section>\n");
}

/* The groups from `first` on as one. */
static struct report_group rest_of(const GPtrArray *groups, guint first)
{
    struct report_group rest = {0};
    for (guint i = first; i < groups->len; i++) {
        const struct report_group *group = groups->pdata[i];
        rest.counts.total += group->counts.total;
        for (guint state = 0; state < STATE_COUNT; state++)
            rest.counts.states[state] += group->counts.states[state];
    }
    return rest;
}

static void append_providers(GString *out, const struct report *report)
{
    guint shown = 0;
    while (shown < MIN(report->providers->len, GROUPS_SHOWN) &&
           ((const struct report_group *)report->providers->pdata[shown])->counts.total * PROVIDER_PART >=
               report->sum.total)
        shown++;
    const struct report_group rest = rest_of(report->providers, shown);
    guint64 largest = rest.counts.total;
    if (shown > 0)
        largest = MAX(largest, ((const struct report_group *)report->providers->pdata[0])->counts.total);
    begin_groups(out, report, WORD_BY_PROVIDER, WORD_PROVIDER, REPORT_WORDS);
    for (guint i = 0; i < shown; i++) {
        const struct report_group *provider = report->providers->pdata[i];
        g_autofree char *name = address_shown(provider_title(provider->name));
        append_group(out, report, provider, name, "", largest);
    }
    if (rest.counts.total > 0)
        append_group(out, report, &rest, word(report, WORD_OTHERS), "", largest);
    g_string_append(out, "</table>\n</section>\n");
}

static void append_reasons(GString *out, const struct report *report)
{
    gboolean german = report->language == REPORT_GERMAN;
    if (report->reasons->len == 0)
        return;
    markup_append(out, "<section>\n<h2>%s</h2>\n<table>\n", word(report, WORD_BY_REASON));
    append_headings(out,
                    (const char *const[]){word(report, WORD_REASON), report_state(report->language, STATE_BOUNCED),
                                          report_state(report->language, STATE_EXPIRED),
                                          report_state(report->language, STATE_DEFERRED), NULL},
                    1);
    for (guint i = 0; i < MIN(report->reasons->len, GROUPS_SHOWN); i++) {
        const struct report_group *reason = report->reasons->pdata[i];
        markup_append(out, "<tr><td>%s %s<br><span class=\"hint\">%s</span></td>", reason->name,
                      status_code_meaning(reason->name, german), reason->example);
        append_number(out, report, reason->counts.states[STATE_BOUNCED]);
        append_number(out, report, reason->counts.states[STATE_EXPIRED]);
        append_number(out, report, reason->counts.states[STATE_DEFERRED]);
        g_string_append(out, "</tr>\n");
    }
    g_string_append(out, "</table>\n</section>\n");
}

/* Names and how many of each. */
static void append_counted(GString *out, const struct report *report, enum report_word title, enum report_word name,
                           const GPtrArray *groups)
{
    const struct report_group rest = rest_of(groups, GROUPS_SHOWN);
    if (groups->len == 0)
        return;
    markup_append(out, "<section>\n<h2>%s</h2>\n<table>\n", word(report, title));
    append_headings(out, (const char *const[]){word(report, name), word(report, WORD_COUNT), NULL}, 1);
    for (guint i = 0; i < MIN(groups->len, GROUPS_SHOWN); i++) {
        const struct report_group *group = groups->pdata[i];
        markup_append(out, "<tr><td>%s</td>", group->name);
        append_number(out, report, group->counts.total);
        g_string_append(out, "</tr>\n");
    }
    if (rest.counts.total > 0) {
        markup_append(out, "<tr><td>%s</td>", word(report, WORD_OTHERS));
        append_number(out, report, rest.counts.total);
        g_string_append(out, "</tr>\n");
    }
    g_string_append(out, "</table>\n</section>\n");
}

/* --- where it comes from, who released it, what was checked ------------------------------------- */

static void append_lists(GString *out, const struct report *report)
{
    markup_append(out, "<section>\n<h2>%s</h2>\n", word(report, WORD_LISTS));
    for (guint i = 0; i < report->imports->len; i++) {
        const struct report_import *import = report->imports->pdata[i];
        g_autofree char *at = report_time(report, import->at), *rows = report_number(report->language, import->rows);
        g_autofree char *rejected = report_number(report->language, import->rejected);
        g_autofree char *known = report_number(report->language, import->known);
        g_string_append(out, "<dl>\n");
        append_pair(out, report, WORD_FILE, import->file, FALSE);
        append_pair(out, report, WORD_SHA256, import->sha256, TRUE);
        append_pair(out, report, WORD_IMPORTED, at, FALSE);
        append_pair(out, report, WORD_ROWS_TAKEN, rows, FALSE);
        append_pair(out, report, WORD_ROWS_REJECTED, rejected, FALSE);
        append_pair(out, report, WORD_ROWS_KNOWN, known, FALSE);
        append_pair(out, report, WORD_BASIS, import->basis, FALSE);
        append_pair(out, report, WORD_ASSURED_BY, import->assured_by, FALSE);
        append_pair(out, report, WORD_REMARK, import->remark, FALSE);
        g_string_append(out, "</dl>\n");
    }
    g_string_append(out, "</section>\n");
}

static void append_release(GString *out, const struct report *report)
{
    g_autofree char *at = report_time(report, report->approved_at), *check = report_check_text(report);
    gboolean good = report->check == REPORT_CHECKED;
    markup_append(out, "<section>\n<h2>%s</h2>\n<dl>\n", word(report, WORD_RELEASE));
    append_pair(out, report, WORD_APPROVED_BY,
                report->approved_at != 0 ? report->approved_by : word(report, WORD_NOT_APPROVED), FALSE);
    append_pair(out, report, WORD_APPROVED_AT, at, FALSE);
    append_pair(out, report, WORD_CONTENT_HASH, report->approved_hash, TRUE);
    markup_append(out, "</dl>\n</section>\n<section class=\"%s\">\n<h2>%s</h2>\n<b>%s</b>\n<p>%s</p>\n</section>\n",
                  good ? "good" : "bad", word(report, WORD_CHECK),
                  word(report, good ? WORD_CHECK_GOOD : WORD_CHECK_BAD), check);
    g_autofree char *trail = report_audit_text(report);
    markup_append(out, "<section class=\"%s\">\n<h2>%s</h2>\n<p>%s</p>\n</section>\n",
                  report->faults > 0 ? "bad" : "good", word(report, WORD_AUDIT), trail);
}

GString *report_html(const struct report *report)
{
    GString *out = g_string_new(NULL);
    append_head(out, report);
    append_tiles(out, report);
    append_result(out, report);
    append_waves(out, report);
    append_reminders(out, report);
    append_providers(out, report);
    append_transmission(out, report);
    append_reasons(out, report);
    append_counted(out, report, WORD_CAPPED_ROWS, WORD_HELD_BY, report->holders);
    append_counted(out, report, WORD_REJECTED, WORD_REASON, report->rejects);
    append_lists(out, report);
    append_release(out, report);
    g_autofree char *note = report_format(report->language, WORD_FOOTER, report->campaign->client->time_zone);
    markup_append(out, "<footer>%s Postwelle %s</footer>\n</main>\n</body>\n</html>\n", note, PACKAGE_VERSION);
    return out;
}
