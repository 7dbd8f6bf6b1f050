/*
 * why_words.h - what `postwelle why` says, in English and German.
 *
 * Static texts; any thread.
 */
#ifndef POSTWELLE_IMPORTER_WHY_WORDS_H
#define POSTWELLE_IMPORTER_WHY_WORDS_H

#include "importer/report_words.h"

/* Each holds as many %s as why.c has texts for it, in the same order in both languages. */
enum why_word {
    WHY_INVITATION,    /* client, campaign */
    WHY_REMINDER,      /* number, client, campaign */
    WHY_PROOF,         /* number, client, campaign */
    WHY_PROOF_BY,      /* time, who, row */
    WHY_TRIED,         /* times */
    WHY_NOT_APPROVED,
    WHY_NOT_OPEN,      /* wave */
    WHY_NOT_YET,       /* wave, time */
    WHY_NOT_FED,       /* of a reminder */
    WHY_PAUSED,
    WHY_CAPPED_IMPORT,
    WHY_CAPPED,        /* time */
    WHY_HELD_UNKNOWN,
    WHY_HELD,          /* campaign, since, until */
    WHY_HELD_FOREIGN,  /* since, until */
    WHY_STATE,         /* sentence, state, time */
    WHY_NO_TLS,
    WHY_TLS,           /* version */
    WHY_ATTEMPT,       /* number */
    WHY_QUEUE_ID,      /* queue ID */
    WHY_REPLY,         /* reply */
    WHY_ROW,           /* row, file, time, wave */
    WHY_ANSWERED,      /* time */
    WHY_SUPPRESSED,    /* for whom, time, reason */
    WHY_ALL_CLIENTS,
    WHY_SLOT,          /* client, ", " or "", quarter */
    WHY_SLOT_INVITATION, /* campaign */
    WHY_SLOT_FOREIGN,
    WHY_SLOT_STATE,    /* state, since, queue ID, until */
    WHY_DECISION,      /* client, campaign, mail, time, who, verdict, reason */
    WHY_MAIL_INVITATION,
    WHY_MAIL_REMINDER, /* number */
    WHY_DECIDED_FREE,
    WHY_MAY_NOT_WRITE, /* client */
    WHY_MAY_NOT_INVITE, /* client, until */
    WHY_MAY_INVITE,    /* client */
    WHY_NOTHING,       /* address, " at " or "", client */
    WHY_NOTHING_AT,
    WHY_LOG,           /* file, reason */
    WHY_LOG_BEGINS,    /* time, reason */
    WHY_LOG_GAP,       /* from, to, reason */
    WHY_WORDS
};

const char *why_word(enum report_language language, enum why_word word);

/*
 * What it means that a mail is in that state (campaign_state.h), as a part of a sentence; NULL of new and capped ones.
 */
const char *why_state(enum report_language language, guint state);

#endif
