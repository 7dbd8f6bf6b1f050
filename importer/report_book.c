/*
 * report_book.c - a report as .xlsx; see report.h.
 *
 * All sheets are begun at once, in the order in which a reader wants them. Those with a row a participant or rejected
 * row are written while these come; the others, which are short, at the end.
 */
#include "importer/report.h"

#include "importer/audit_words.h"
#include "importer/sheet.h"
#include "lib/error.h"
#include "lib/address.h"
#include "lib/providers.h"

#include <string.h>

/* A sheet whose rows come one by one. */
struct long_sheet {
    enum report_word name;
    guint part; /* 1, and one more for each time that a sheet was full */
    guint next; /* row */
    char *title;
};

struct report_book {
    const struct report *report;
    struct sheet_book *book;
    struct long_sheet participants, capped, rejected, audit;
};

static const char *word(const struct report_book *book, enum report_word which)
{
    return report_word(book->report->language, which);
}

/* A row of headings with the widths of their columns. */
struct heading {
    enum report_word word;
    guint width;
};

static void put_headings(struct report_book *book, const struct heading *headings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sheet_width(book->book, (guint)i, headings[i].width);
        sheet_text(book->book, 0, (guint)i, word(book, headings[i].word), SHEET_HEADING);
    }
}

static void put_time(struct report_book *book, guint row, guint column, gint64 when)
{
    if (when == 0)
        return;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, book->report->campaign->client->zone);
    sheet_time(book->book, row, column, local);
}

/* --- sheets with many rows ---------------------------------------------------------------------- */

static const struct heading participant_headings[] = {
    {WORD_LIST_NUMBER, 9}, {WORD_ROW, 9},   {WORD_WAVE, 7}, {WORD_STATE, 22},   {WORD_SINCE, 17},
    {WORD_PROVIDER, 24},   {WORD_CODE, 12}, {WORD_TLS, 14}, {WORD_ADDRESS, 36}, {WORD_REPLY, 60},
};
static const struct heading capped_headings[] = {{WORD_LIST_NUMBER, 9}, {WORD_ROW, 9},         {WORD_HELD_BY, 32},
                                                 {WORD_HELD_SINCE, 17}, {WORD_HELD_UNTIL, 17}, {WORD_ADDRESS, 36}};
static const struct heading reject_headings[] = {
    {WORD_LIST_NUMBER, 9}, {WORD_ROW, 9}, {WORD_COLUMN, 9}, {WORD_REASON, 80}};

static const struct heading audit_headings[] = {{WORD_NUMBER, 9},  {WORD_TIME, 17},    {WORD_WHO, 30},
                                                {WORD_ACTION, 18}, {WORD_SUBJECT, 30}, {WORD_DETAIL, 100}};

#define ADDRESS_COLUMNS 2 /* the last ones of the participants' sheet; the address alone is one */

static void begin_long(struct report_book *book, struct long_sheet *sheet)
{
    g_free(sheet->title);
    sheet->title = sheet->part++ == 0 ? g_strdup(word(book, sheet->name))
                                      : g_strdup_printf("%s %u", word(book, sheet->name), sheet->part);
    sheet_begin(book->book, sheet->title);
    sheet->next = 1;
    size_t hidden = book->report->with_addresses ? 0 : 1;
    if (sheet == &book->participants)
        put_headings(book, participant_headings, G_N_ELEMENTS(participant_headings) - hidden * ADDRESS_COLUMNS);
    else if (sheet == &book->capped)
        put_headings(book, capped_headings, G_N_ELEMENTS(capped_headings) - hidden);
    else if (sheet == &book->rejected)
        put_headings(book, reject_headings, G_N_ELEMENTS(reject_headings));
    else
        put_headings(book, audit_headings, G_N_ELEMENTS(audit_headings));
}

/* The row to be written, in the sheet that is open for it. */
static guint next_row(struct report_book *book, struct long_sheet *sheet)
{
    if (sheet->next < SHEET_ROWS_MAX)
        sheet_select(book->book, sheet->title);
    else
        begin_long(book, sheet);
    return sheet->next++;
}

/* An address, or whoever runs its mail servers, as people read it. */
static void put_shown(struct report_book *book, guint row, guint column, const char *text)
{
    g_autofree char *shown = address_shown(text);
    sheet_text(book->book, row, column, shown, SHEET_PLAIN);
}

static void put_participant(struct report_book *book, const struct report_row *row)
{
    guint at = next_row(book, &book->participants);
    sheet_number(book->book, at, 0, row->import, SHEET_PLAIN);
    sheet_number(book->book, at, 1, row->row, SHEET_PLAIN);
    sheet_number(book->book, at, 2, row->wave, SHEET_PLAIN);
    sheet_text(book->book, at, 3, report_state(book->report->language, row->state), SHEET_PLAIN);
    put_time(book, at, 4, row->changed);
    put_shown(book, at, 5, row->provider != NULL ? provider_title(row->provider) : word(book, WORD_UNKNOWN));
    if (*row->code != '\0')
        sheet_text(book->book, at, 6, row->code, SHEET_PLAIN);
    if (*row->tls != '\0')
        sheet_text(book->book, at, 7, strcmp(row->tls, "no") == 0 ? word(book, WORD_TLS_NO) : row->tls, SHEET_PLAIN);
    if (!book->report->with_addresses)
        return;
    put_shown(book, at, 8, row->address);
    sheet_text(book->book, at, 9, row->reply, SHEET_PLAIN);
}

static void put_capped(struct report_book *book, const struct report_row *row)
{
    guint at = next_row(book, &book->capped);
    const char *holder = *row->held_campaign != '\0'
                             ? row->held_campaign
                             : word(book, strcmp(row->held_by, "foreign") == 0 ? WORD_FOREIGN_MAIL : WORD_UNKNOWN);
    sheet_number(book->book, at, 0, row->import, SHEET_PLAIN);
    sheet_number(book->book, at, 1, row->row, SHEET_PLAIN);
    sheet_text(book->book, at, 2, holder, SHEET_PLAIN);
    put_time(book, at, 3, row->held_since);
    put_time(book, at, 4, row->held_until);
    if (book->report->with_addresses)
        put_shown(book, at, 5, row->address);
}

static void take_row(void *cookie, const struct report_row *row)
{
    struct report_book *book = cookie;
    put_participant(book, row);
    if (row->state == STATE_CAPPED)
        put_capped(book, row);
}

static void take_reject(void *cookie, const struct report_reject *reject)
{
    struct report_book *book = cookie;
    guint at = next_row(book, &book->rejected);
    sheet_number(book->book, at, 0, reject->import, SHEET_PLAIN);
    sheet_number(book->book, at, 1, reject->row, SHEET_PLAIN);
    sheet_text(book->book, at, 2, reject->column, SHEET_PLAIN);
    sheet_text(book->book, at, 3, reject->known ? word(book, WORD_KNOWN_ROW) : reject->reason, SHEET_PLAIN);
}

static void take_entry(void *cookie, const struct report_entry *entry)
{
    struct report_book *book = cookie;
    guint at = next_row(book, &book->audit);
    g_autofree char *who =
        *entry->by != '\0' ? g_strdup_printf("%s (%s)", entry->user, entry->by) : g_strdup(entry->user);
    sheet_number(book->book, at, 0, (double)entry->number, SHEET_PLAIN);
    put_time(book, at, 1, entry->time);
    sheet_text(book->book, at, 2, who, SHEET_PLAIN);
    gboolean german = book->report->language == REPORT_GERMAN;
    sheet_text(book->book, at, 3, german ? audit_action_german(entry->action) : entry->action, SHEET_PLAIN);
    sheet_text(book->book, at, 4, entry->subject, SHEET_PLAIN);
    g_autofree char *detail = german ? audit_detail_german(entry->action, entry->detail) : g_strdup(entry->detail);
    sheet_text(book->book, at, 5, entry->fault != NULL ? entry->fault : detail,
               entry->fault != NULL ? SHEET_BAD : SHEET_PLAIN);
}

struct report_sink report_book_sink(struct report_book *book)
{
    return (struct report_sink){.row = take_row, .reject = take_reject, .entry = take_entry, .cookie = book};
}

/* --- the summary -------------------------------------------------------------------------------- */

static guint put_line(struct report_book *book, guint row, enum report_word name, const char *text)
{
    sheet_text(book->book, row, 0, word(book, name), SHEET_PLAIN);
    sheet_text(book->book, row, 1, text, SHEET_PLAIN);
    return row + 1;
}

static guint put_title(struct report_book *book, guint row, const char *const *texts)
{
    for (guint i = 0; texts[i] != NULL; i++)
        sheet_text(book->book, row, i, texts[i], SHEET_HEADING);
    return row + 1;
}

static guint put_head(struct report_book *book)
{
    const struct report *report = book->report;
    g_autofree char *made = report_time(report, g_date_time_to_unix(report->made));
    put_title(book, 0, (const char *const[]){word(book, WORD_REPORT), report->campaign->title, NULL});
    guint row = put_line(book, 1, WORD_CLIENT, report->campaign->client->title);
    row = put_line(book, row, WORD_CAMPAIGN, report->campaign->name);
    row = put_line(book, row, WORD_AS_OF, made);
    g_autofree char *note =
        report_format(report->language, report->with_addresses ? WORD_FOOTER_ADDRESSES : WORD_FOOTER,
                      report->campaign->client->time_zone);
    sheet_text(book->book, row, 1, note, SHEET_HINT);
    return row + 2;
}

/* All states with their number and meaning, and that the sum is what was imported. */
static guint put_states(struct report_book *book, guint row)
{
    const struct report *report = book->report;
    guint64 imported = report_imported(report);
    g_autofree char *counted = report_number(report->language, report->sum.total);
    g_autofree char *total = report_number(report->language, imported);
    row = put_title(book, row,
                    (const char *const[]){word(book, WORD_STATE), word(book, WORD_COUNT), word(book, WORD_SHARE),
                                          word(book, WORD_MEANING), NULL});
    for (guint state = 0; state < STATE_COUNT; state++, row++) {
        sheet_text(book->book, row, 0, report_state(report->language, state), SHEET_PLAIN);
        sheet_number(book->book, row, 1, (double)report->sum.states[state], SHEET_PLAIN);
        if (report->sum.total > 0)
            sheet_share(book->book, row, 2, (double)report->sum.states[state] / (double)report->sum.total);
        sheet_text(book->book, row, 3, report_state_meaning(report->language, state), SHEET_HINT);
    }
    gboolean good = report->sum.total == imported;
    g_autofree char *sentence = report_format(report->language, good ? WORD_SUM_GOOD : WORD_SUM_BAD, counted, total);
    sheet_text(book->book, row, 0, word(book, WORD_SUM), SHEET_HEADING);
    sheet_number(book->book, row, 1, (double)report->sum.total, SHEET_HEADING);
    sheet_text(book->book, row, 3, sentence, good ? SHEET_HINT : SHEET_BAD);
    return row + 2;
}

static guint put_line_number(struct report_book *book, guint row, enum report_word name, guint64 number)
{
    sheet_text(book->book, row, 0, word(book, name), SHEET_PLAIN);
    sheet_number(book->book, row, 1, (double)number, SHEET_PLAIN);
    return row + 1;
}

/* How the sent ones were transmitted, and what came of the mails. */
static guint put_others(struct report_book *book, guint row)
{
    const struct report *report = book->report;
    row = put_title(book, row,
                    (const char *const[]){word(book, WORD_TLS), report_state(report->language, STATE_SENT), NULL});
    row = put_line_number(book, row, WORD_TLS_YES, report->encrypted);
    row = put_line_number(book, row, WORD_TLS_NO, report->plain);
    row = put_line_number(book, row, WORD_TLS_UNKNOWN,
                          report->sum.states[STATE_SENT] - report->encrypted - report->plain);
    row = put_line_number(book, row + 1, WORD_COMPLAINTS, report->complaints);
    return put_line_number(book, row, WORD_ANSWERED, report->answered) + 1;
}

static guint put_release(struct report_book *book, guint row)
{
    const struct report *report = book->report;
    g_autofree char *at = report_time(report, report->approved_at), *check = report_check_text(report);
    row = put_title(book, row, (const char *const[]){word(book, WORD_RELEASE), NULL});
    row = put_line(book, row, WORD_APPROVED_BY,
                   report->approved_at != 0 ? report->approved_by : word(book, WORD_NOT_APPROVED));
    row = put_line(book, row, WORD_APPROVED_AT, at);
    row = put_line(book, row, WORD_CONTENT_HASH, report->approved_hash);
    row = put_title(
        book, row + 1,
        (const char *const[]){word(book, WORD_CHECK),
                              word(book, report->check == REPORT_CHECKED ? WORD_CHECK_GOOD : WORD_CHECK_BAD), NULL});
    g_autofree char *trail = report_audit_text(report);
    sheet_text(book->book, row, 1, check, SHEET_HINT);
    sheet_text(book->book, row + 1, 0, word(book, WORD_AUDIT), SHEET_PLAIN);
    sheet_text(book->book, row + 1, 1, trail, report->faults > 0 ? SHEET_BAD : SHEET_HINT);
    return row + 3;
}

static void put_lists(struct report_book *book, guint row)
{
    const struct report *report = book->report;
    static const enum report_word names[] = {WORD_FILE,       WORD_SHA256,        WORD_IMPORTED,
                                             WORD_ROWS_TAKEN, WORD_ROWS_REJECTED, WORD_ROWS_KNOWN,
                                             WORD_BASIS,      WORD_ASSURED_BY,    WORD_REMARK};
    for (guint i = 0; i < report->imports->len; i++) {
        const struct report_import *import = report->imports->pdata[i];
        g_autofree char *title = g_strdup_printf("%s %u", word(book, WORD_LIST), import->number);
        g_autofree char *at = report_time(report, import->at), *rows = report_number(report->language, import->rows);
        g_autofree char *rejected = report_number(report->language, import->rejected);
        g_autofree char *known = report_number(report->language, import->known);
        const char *const texts[] = {import->file,       import->sha256, at, rows, rejected, known, import->basis,
                                     import->assured_by, import->remark};
        row = put_title(book, row, (const char *const[]){title, NULL});
        for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
            row = put_line(book, row, names[k], texts[k]);
        row++;
    }
}

static void put_summary(struct report_book *book)
{
    static const guint widths[] = {26, 34, 10, 90};
    sheet_select(book->book, word(book, WORD_SUMMARY));
    for (guint i = 0; i < G_N_ELEMENTS(widths); i++)
        sheet_width(book->book, i, widths[i]);
    put_lists(book, put_release(book, put_others(book, put_states(book, put_head(book)))));
}

/* --- sheets with a row a group ------------------------------------------------------------------ */

/* Total and all states from `column` on. */
static void put_counts(struct report_book *book, guint row, guint column, const struct report_counts *counts)
{
    sheet_number(book->book, row, column, (double)counts->total, SHEET_PLAIN);
    for (guint state = 0; state < STATE_COUNT; state++)
        sheet_number(book->book, row, column + 1 + state, (double)counts->states[state], SHEET_PLAIN);
}

static void put_count_headings(struct report_book *book, guint column)
{
    sheet_width(book->book, column, 11);
    sheet_text(book->book, 0, column, word(book, WORD_TOTAL), SHEET_HEADING);
    for (guint state = 0; state < STATE_COUNT; state++) {
        const char *name = report_state(book->report->language, state);
        sheet_width(book->book, column + 1 + state, MAX((guint)g_utf8_strlen(name, -1) + 2, 11));
        sheet_text(book->book, 0, column + 1 + state, name, SHEET_HEADING);
    }
}

static void put_waves(struct report_book *book)
{
    static const struct heading headings[] = {{WORD_WAVE, 14}, {WORD_OPENED, 17}};
    const struct report *report = book->report;
    sheet_select(book->book, word(book, WORD_BY_WAVE));
    put_headings(book, headings, G_N_ELEMENTS(headings));
    put_count_headings(book, G_N_ELEMENTS(headings));
    for (guint i = 0; i < report->waves->len; i++) {
        const struct report_group *wave = report->waves->pdata[i];
        sheet_number(book->book, i + 1, 0, i + 1, SHEET_PLAIN);
        if (report->opened[i] != 0)
            put_time(book, i + 1, 1, report->opened[i]);
        else
            sheet_text(book->book, i + 1, 1, word(book, WORD_NOT_OPENED), SHEET_HINT);
        put_counts(book, i + 1, 2, &wave->counts);
    }
    for (guint i = 0; i < report->reminders->len; i++) {
        const struct report_group *reminder = report->reminders->pdata[i];
        guint row = report->waves->len + 2 + i; /* a line is left free: they are no participants more */
        g_autofree char *name = g_strdup_printf("%s %s", word(book, WORD_REMINDER), reminder->name);
        sheet_text(book->book, row, 0, name, SHEET_PLAIN);
        put_counts(book, row, 2, &reminder->counts);
    }
}

static void put_providers(struct report_book *book)
{
    static const struct heading headings[] = {{WORD_PROVIDER, 32}};
    const struct report *report = book->report;
    sheet_select(book->book, word(book, WORD_BY_PROVIDER));
    put_headings(book, headings, G_N_ELEMENTS(headings));
    put_count_headings(book, G_N_ELEMENTS(headings));
    for (guint i = 0; i < report->providers->len; i++) {
        const struct report_group *provider = report->providers->pdata[i];
        put_shown(book, i + 1, 0, provider_title(provider->name));
        put_counts(book, i + 1, 1, &provider->counts);
    }
}

static void put_reasons(struct report_book *book)
{
    static const struct heading headings[] = {{WORD_CODE, 12}, {WORD_REASON, 44}};
    static const guint states[] = {STATE_BOUNCED, STATE_EXPIRED, STATE_DEFERRED};
    const struct report *report = book->report;
    gboolean german = report->language == REPORT_GERMAN;
    sheet_select(book->book, word(book, WORD_BY_REASON));
    put_headings(book, headings, G_N_ELEMENTS(headings));
    for (guint k = 0; k < G_N_ELEMENTS(states); k++) {
        sheet_width(book->book, 2 + k, 16);
        sheet_text(book->book, 0, 2 + k, report_state(report->language, states[k]), SHEET_HEADING);
    }
    sheet_width(book->book, 5, 100);
    sheet_text(book->book, 0, 5, word(book, WORD_EXAMPLE), SHEET_HEADING);
    for (guint i = 0; i < report->reasons->len; i++) {
        const struct report_group *reason = report->reasons->pdata[i];
        sheet_text(book->book, i + 1, 0, reason->name, SHEET_PLAIN);
        sheet_text(book->book, i + 1, 1, status_code_meaning(reason->name, german), SHEET_PLAIN);
        for (guint k = 0; k < G_N_ELEMENTS(states); k++)
            sheet_number(book->book, i + 1, 2 + k, (double)reason->counts.states[states[k]], SHEET_PLAIN);
        sheet_text(book->book, i + 1, 5, reason->example, SHEET_HINT);
    }
}

/* --- the book ----------------------------------------------------------------------------------- */

struct report_book *report_book_new(const struct report *report, const char *path, GError **error)
{
    static const enum report_word sheets[] = {WORD_SUMMARY, WORD_BY_WAVE, WORD_BY_PROVIDER, WORD_BY_REASON};
    struct sheet_book *sheet_book = sheet_book_new(path, error);
    if (sheet_book == NULL)
        return NULL;
    struct report_book *book = g_new0(struct report_book, 1);
    *book = (struct report_book){.report = report,
                                 .book = sheet_book,
                                 .participants.name = WORD_PARTICIPANTS_SHEET,
                                 .capped.name = WORD_CAPPED_ROWS,
                                 .rejected.name = WORD_REJECTED,
                                 .audit.name = WORD_AUDIT};
    for (size_t i = 0; i < G_N_ELEMENTS(sheets); i++)
        sheet_begin(sheet_book, word(book, sheets[i]));
    begin_long(book, &book->rejected);
    begin_long(book, &book->capped);
    begin_long(book, &book->participants);
    begin_long(book, &book->audit);
    return book;
}

static struct sheet_book *release(struct report_book *book)
{
    struct sheet_book *sheet_book = book->book;
    g_free(book->participants.title);
    g_free(book->capped.title);
    g_free(book->rejected.title);
    g_free(book->audit.title);
    g_free(book);
    return sheet_book;
}

gboolean report_book_close(struct report_book *book, GError **error)
{
    put_summary(book);
    put_waves(book);
    put_providers(book);
    put_reasons(book);
    return sheet_book_close(release(book), error);
}

void report_book_cancel(struct report_book *book)
{
    if (book != NULL)
        sheet_book_cancel(release(book));
}
