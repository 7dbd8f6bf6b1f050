/*
 * gate_reason.h - why a gate stopped a campaign, or makes it wait: as a sentence, and that sentence in another
 * language.
 *
 * The English one goes to policyd, into the audit trail and the log; whoever shows it to people puts it into their
 * language.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_LIB_GATE_REASON_H
#define POSTWELLE_LIB_GATE_REASON_H

#include <glib.h>

enum gate_reason {
    GATE_REASON_BOUNCES,
    GATE_REASON_COMPLAINTS,
    GATE_REASON_DEFERRALS,
    GATE_REASON_BACKLOG,
    GATE_REASONS
};

/* Of a rate: part of whole (at least 1) mails, limit in hundredths of a percent. The caller frees. */
char *gate_reason_rate(enum gate_reason reason, guint64 part, guint64 whole, guint32 limit);

/* So many mails are in the queue. The caller frees. */
char *gate_reason_backlog(guint64 mails, guint64 limit);

/* The German for a sentence of the above; NULL where it is none. The caller frees. */
char *gate_reason_german(const char *text);

#endif
