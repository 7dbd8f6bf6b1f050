/*
 * why.h - a row of policyd's `explain` (doc/PROTOCOL.md §5) as a sentence: why an address got a mail, or did not.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_WHY_H
#define POSTWELLE_IMPORTER_WHY_H

#include "importer/report_words.h"
#include "lib/policy.h"

/* How it is told. */
struct why_style {
    GTimeZone *zone; /* of times */
    enum report_language language;
};

/* One or two sentences about a row. NULL where the row is of a kind that is not known. The caller frees. */
char *why_sentence(const struct attributes *row, const struct why_style *style);

/* That nothing is known of the address; client NULL: at any client. The caller frees. */
char *why_nothing(const char *address, const char *client, enum report_language language);

/* A time of the log, to the second. The caller frees. */
char *why_clock(gint64 time, GTimeZone *zone);

/*
 * That the log may lack tries between two times (seconds since 1970), after 0 being its beginning, and why. The caller
 * frees.
 */
char *why_missing(gint64 after, gint64 before, const char *reason, const struct why_style *style);

/* What keeps a client from inviting an address. */
struct why_verdict {
    gboolean suppressed;
    gint64 capped_until; /* 0: is not */
};

/* Takes what a row says about that client, at that time (seconds since 1970). */
void why_judge(const struct attributes *row, const char *client, gint64 now, struct why_verdict *verdict);

/* Whether that client could invite the address now, as a sentence. The caller frees. */
char *why_verdict_sentence(const struct why_verdict *verdict, const char *client, const struct why_style *style);

#endif
