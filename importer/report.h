/*
 * report.h - what became of a campaign, for its client: counted from policyd's rows, written as .xlsx or .html.
 *
 * Rows are counted one by one as they come and none is kept, so memory does not grow with the participants. Nothing of
 * a person is in what is counted: receiving providers, status codes, rows of lists.
 */
#ifndef POSTWELLE_IMPORTER_REPORT_H
#define POSTWELLE_IMPORTER_REPORT_H

#include "importer/campaign.h"
#include "importer/campaign_state.h"
#include "importer/report_words.h"
#include "lib/policy.h"
#include "lib/status_code.h"

#define REPORT_PROVIDERS_MAX 20000u /* domains told apart; the rest are "others" */
#define REPORT_REASONS_MAX 500u     /* status codes, reasons of rejected rows, holders of slots: likewise */
#define REPORT_TEXT_MAX 200         /* characters of a reply or reason */

/* --- what is counted --- */

/* One participant, as policyd tells. Texts live during the call. */
struct report_row {
    guint import, row, wave; /* row: of the list */
    guint state;             /* campaign_state.h */
    gint64 changed;          /* seconds since 1970 */
    const char *address;     /* "" where it is deleted */
    const char *provider;    /* who runs its mail servers, or its domain; NULL where the address is deleted */
    const char *reply;       /* last word on it */
    char code[STATUS_CODE_SIZE];
    const char *tls;                     /* of a sent one: "TLSv1.3", "no", "": not known */
    const char *held_by, *held_campaign; /* of a capped one: kind of the mail that has the slot, "" where unknown */
    gint64 held_since, held_until;
};

/* One row of a list that made no participant. */
struct report_reject {
    guint import, row;
    gboolean known; /* its address was a participant already */
    const char *column, *reason;
};

struct report_counts {
    guint64 total, states[STATE_COUNT];
};

/* How many of something: a provider, a wave, a status code, a reason. */
struct report_group {
    char *name;
    char *example; /* of a status code: a reply, addresses masked; else NULL */
    struct report_counts counts;
};

struct report_import {
    guint number;
    char *file, *sha256, *basis, *assured_by, *remark;
    gint64 at;
    guint64 rows, rejected, known; /* participants it brought; rows that made none */
};

/* An entry of the audit trail; texts live during the call. */
struct report_entry {
    guint64 number;
    gint64 time;
    const char *user, *by, *action, *subject, *detail;
    const char *fault; /* NULL: as it was written */
};

/* What the content rule said about the folder's content. */
enum report_check {
    REPORT_CHECKED, /* it is the content approved, and passes */
    REPORT_CHANGED, /* it is not the one approved */
    REPORT_FAILED,
};

struct report {
    enum report_language language;
    gboolean with_addresses;
    const struct campaign *campaign; /* outlives the report */
    GDateTime *made;                 /* in the client's zone */

    char *approved_by, *approved_hash; /* "" where it was never */
    gint64 approved_at;
    gint64 opened[WAVES_MAX]; /* 0: not yet */
    guint64 complaints, answered;
    guint64 faults;           /* of the audit trail */
    guint64 encrypted, plain; /* of the sent ones; of the others it is not known */
    enum report_check check;

    GPtrArray *imports; /* struct report_import, by number */
    struct report_counts sum;
    GPtrArray *waves;     /* struct report_group, of wave 1 and up */
    GPtrArray *reminders; /* likewise, of the first reminders and up, as policyd counts them */
    /* name -> struct report_group; after report_sort() the arrays hold them, the largest first */
    GHashTable *provider_table, *reason_table, *reject_table, *holder_table;
    GPtrArray *providers, *reasons, *rejects, *holders;
};

/* An empty one. Free with report_free(). */
struct report *report_new(const struct campaign *campaign, enum report_language language, gint64 now);
void report_free(struct report *report); /* NULL is fine */
typedef struct report report_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(report_auto, report_free)

/*
 * Fills a row from an answer to `campaign-participants`; its texts are the answer's. FALSE with *error
 * (ERROR_PROTOCOL).
 */
gboolean report_row_take(const struct attributes *answer, struct report_row *row_r, GError **error);

/* The group of a number from 1 up, of waves or reminders; made where it is missing, with those before it. */
struct report_group *report_numbered(GPtrArray *groups, guint number);

/* Counts one row, one rejected row. */
void report_add(struct report *report, const struct report_row *row);
void report_add_reject(struct report *report, const struct report_reject *reject);

/* The end of counting: fills the arrays. */
void report_sort(struct report *report);

/* How many participants the imports brought: what report->sum.total must be. */
guint64 report_imported(const struct report *report);

/* A reply with what may be an address masked, and cut. The caller frees. */
char *report_masked(const char *reply);

/* "2026-11-23 14:05" or "23.11.2026, 14:05" in the client's zone; "" for 0. The caller frees. */
char *report_time(const struct report *report, gint64 when);

/* What the content check found, and what was checked, in sentences. The caller frees. */
char *report_check_text(const struct report *report);

/* What reading the audit trail found. The caller frees. */
char *report_audit_text(const struct report *report);

/* --- reading (report_read.c) --- */

/* Gets each row, rejected row and entry of the audit trail as well. */
struct report_sink {
    void (*row)(void *cookie, const struct report_row *row);
    void (*reject)(void *cookie, const struct report_reject *reject);
    void (*entry)(void *cookie, const struct report_entry *entry);
    void *cookie;
};

/*
 * Asks policyd for all of the campaign, page by page. FALSE with *error as control_rows(), or ERROR_TEMPORARY where a
 * signal ended it.
 */
gboolean report_read(struct report *report, struct policy_client *policy, const struct report_sink *sink,
                     GError **error);

/* --- writing --- */

/*
 * A workbook; the sheets with a row a participant fill while report_read() hands rows to its sink, the others are
 * written at the end (report_book.c). The path must not exist.
 */
struct report_book;
struct report_book *report_book_new(const struct report *report, const char *path, GError **error);
struct report_sink report_book_sink(struct report_book *book);
gboolean report_book_close(struct report_book *book, GError **error); /* after report_sort(); frees the book */
void report_book_cancel(struct report_book *book);                    /* the same, and the file is gone; NULL is fine */

/* One self-contained HTML file with charts (report_html.c). The caller frees. */
GString *report_html(const struct report *report);

#endif
