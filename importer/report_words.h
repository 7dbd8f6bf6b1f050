/*
 * report_words.h - what a report says, in German and English.
 *
 * Static texts; any thread.
 */
#ifndef POSTWELLE_IMPORTER_REPORT_WORDS_H
#define POSTWELLE_IMPORTER_REPORT_WORDS_H

#include <glib.h>

enum report_language { REPORT_ENGLISH, REPORT_GERMAN, REPORT_LANGUAGES };

enum report_word {
    WORD_REPORT,
    WORD_SUMMARY,
    WORD_BY_WAVE,
    WORD_BY_PROVIDER,
    WORD_BY_REASON,
    WORD_REJECTED,
    WORD_CAPPED_ROWS,
    WORD_PARTICIPANTS_SHEET,
    WORD_CLIENT,
    WORD_CAMPAIGN,
    WORD_AS_OF,
    WORD_STATE,
    WORD_MEANING,
    WORD_COUNT,
    WORD_SHARE,
    WORD_TOTAL,
    WORD_PARTICIPANTS,
    WORD_LISTS,
    WORD_LIST,
    WORD_LIST_NUMBER,
    WORD_ROW,
    WORD_FILE,
    WORD_SHA256,
    WORD_IMPORTED,
    WORD_ROWS_TAKEN,
    WORD_ROWS_REJECTED,
    WORD_ROWS_KNOWN,
    WORD_BASIS,
    WORD_ASSURED_BY,
    WORD_REMARK,
    WORD_RELEASE,
    WORD_APPROVED_BY,
    WORD_APPROVED_AT,
    WORD_CONTENT_HASH,
    WORD_NOT_APPROVED,
    WORD_CHECK,
    WORD_CHECK_GOOD,
    WORD_CHECK_BAD,
    WORD_CHECK_HOW,
    WORD_CHECK_CHANGED,
    WORD_CHECK_FAILED,
    WORD_WAVE,
    WORD_OPENED,
    WORD_NOT_OPENED,
    WORD_PROVIDER,
    WORD_OTHERS,
    WORD_UNKNOWN,
    WORD_REASON,
    WORD_CODE,
    WORD_EXAMPLE,
    WORD_COLUMN,
    WORD_KNOWN_ROW,
    WORD_HELD_BY,
    WORD_HELD_SINCE,
    WORD_HELD_UNTIL,
    WORD_FOREIGN_MAIL,
    WORD_SINCE,
    WORD_ADDRESS,
    WORD_REPLY,
    WORD_COMPLAINTS,
    WORD_SUM,
    WORD_SUM_GOOD,
    WORD_SUM_BAD,
    WORD_DELIVERED_OF_TRIED,
    WORD_WRITTEN_TO,
    WORD_FOOTER,
    WORD_FOOTER_ADDRESSES,
    WORD_RESULT,
    WORD_AUDIT,
    WORD_NUMBER,
    WORD_TIME,
    WORD_WHO,
    WORD_ACTION,
    WORD_SUBJECT,
    WORD_DETAIL,
    WORD_AUDIT_GOOD,
    WORD_AUDIT_BAD,
    WORD_TLS,
    WORD_TLS_YES,
    WORD_TLS_NO,
    WORD_TLS_UNKNOWN,
    WORD_ANSWERED,
    WORD_REMINDERS,
    WORD_REMINDER,
    REPORT_WORDS
};

/* The word; those that hold %s are formats, which report_format() fills. */
const char *report_word(enum report_language language, enum report_word word);

/* Fills each %s of a word with the next text. The caller frees. */
char *report_format(enum report_language language, enum report_word word, ...);

/* A state (campaign_state.h) in the words of the client: "delivered", and what that means in a sentence. */
const char *report_state(enum report_language language, guint state);
const char *report_state_meaning(enum report_language language, guint state);

/* 1234567 as "1,234,567" or "1.234.567"; 0.1234 as "12.3%" or "12,3 %". The caller frees. */
char *report_number(enum report_language language, guint64 number);
char *report_share(enum report_language language, guint64 part, guint64 whole);

#endif
