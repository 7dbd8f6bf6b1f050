/*
 * words.h - the words of the status pages, in German and English. Static; any thread.
 */
#ifndef POSTWELLE_WEB_WORDS_H
#define POSTWELLE_WEB_WORDS_H

#include "web/alarm.h"

enum language { LANGUAGE_DE, LANGUAGE_EN, LANGUAGES };

enum word {
    WORD_CAMPAIGNS,
    WORD_NO_CAMPAIGNS,
    WORD_MORE_CAMPAIGNS, /* %s: number */
    WORD_ALARMS,
    WORD_NO_ALARMS,
    WORD_STANDING,
    WORD_PARTICIPANTS,
    WORD_COMPLAINTS,
    WORD_ANSWERED,
    WORD_NEXT,
    WORD_NEXT_OPENS,   /* %s wave, %s time */
    WORD_NEXT_GOES_ON, /* the same */
    WORD_NEXT_BY_HAND, /* %s wave */
    WORD_NEXT_NONE,
    WORD_NEXT_UNKNOWN,
    WORD_NEXT_HELD,    /* %s wave */
    WORD_WAVES,
    WORD_WAVE,         /* %s: number */
    WORD_REMINDERS,
    WORD_REMINDER,     /* %s: number */
    WORD_OPENED,       /* %s: time */
    WORD_NOT_OPENED,
    WORD_PROVIDERS,
    WORD_OTHERS,       /* %s: number of domains */
    WORD_OTHERS_UNKNOWN,
    WORD_COUNTED,      /* %s: time */
    WORD_COUNTING,
    WORD_REASON,
    WORD_CODE,
    WORD_COUNT,
    WORD_MAILS,
    WORD_AS_OF,        /* %s: time */
    WORD_REFRESHES,    /* %s: seconds */
    WORD_NEVER,
    WORD_DRAFT,
    WORD_APPROVED,
    WORD_PAUSED,
    WORD_BAD_REQUEST,
    WORD_BAD_REQUEST_TEXT,
    WORD_NOT_FOUND,
    WORD_NOT_FOUND_TEXT,
    WORD_METHOD,
    WORD_METHOD_TEXT,
    WORD_MISDIRECTED,
    WORD_MISDIRECTED_TEXT,
    WORD_AWAY,
    WORD_AWAY_TEXT,
    WORDS
};

/* The code of a language: "de". */
const char *words_code(enum language language);

const char *words(enum word word, enum language language);

/* What people call a state: "zugestellt", "sent". */
const char *words_state(enum facts_state state, enum language language);

/* The heading over the reasons of a state; NULL for one that has none. */
const char *words_reasons(enum facts_state state, enum language language);

/* An alarm's sentence; where its facts have a number, a time or a text, %s stands for it. */
const char *words_alarm(enum alarm_kind kind, enum language language);

/* What a reason of facts.h means: lib/status_code.h's words, and those for Postwelle's own. */
const char *words_reply(const char *code, enum language language);

#endif
