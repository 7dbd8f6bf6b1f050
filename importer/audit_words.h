/*
 * audit_words.h - the audit trail in German, for a German client's report. policyd writes it in English (PROTOCOL §5),
 * and it is kept as it was written.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_AUDIT_WORDS_H
#define POSTWELLE_IMPORTER_AUDIT_WORDS_H

/* The German for an action; the action itself where there is none, as of a newer policyd. */
const char *audit_action_german(const char *action);

/*
 * What an entry of that action tells, with policyd's words in German; what people wrote stays as it is. The text itself
 * where nothing is known of it. The caller frees.
 */
char *audit_detail_german(const char *action, const char *detail);

#endif
