/*
 * alarm.h - what of a campaign, or of the installation, needs a person. Pure; any thread.
 */
#ifndef POSTWELLE_WEB_ALARM_H
#define POSTWELLE_WEB_ALARM_H

#include "web/facts.h"

#define ALARM_LOG_AGE 300 /* seconds without a word of the tracker (it tells every ten), while mails are under way */
#define ALARM_RUN_AGE 300 /* seconds without a word of `postwelle run` (each minute), while waves are to come */
#define ALARMS_MAX 16

enum alarm_kind {
    ALARM_TROUBLE,   /* the ledger takes nothing now: text */
    ALARM_LOG,       /* the mail log is not read: since */
    ALARM_RUN,       /* nobody opens waves: since */
    ALARM_PAUSED,    /* the campaign is */
    ALARM_GATE,      /* it tripped: text */
    ALARM_WAIT,      /* a gate makes it wait: text */
    ALARM_UNCERTAIN, /* count mails, which a person has to settle */
    ALARM_MILTER,    /* count mails are not taken: the milter is away */
    ALARM_POLICYD,   /* ... Postfix can't reach policyd */
    ALARM_KEY,       /* ... the milter has no usable key of the client */
    ALARM_NOT_TAKEN, /* ... for another reason: text is its code */
    ALARM_KINDS
};

struct alarm {
    enum alarm_kind kind;
    guint64 count;
    gint64 since;     /* seconds since 1970; 0: never */
    const char *text; /* borrowed from the facts, or "" */
};

/* What is wrong with the installation; moving: are mails of anybody under way? Returns how many. */
size_t alarms_service(const struct facts_service *service, gboolean moving, struct alarm alarms_r[ALARMS_MAX]);

/* What is wrong with one campaign. */
size_t alarms_campaign(const struct facts_campaign *campaign, const struct facts_service *service,
                       struct alarm alarms_r[ALARMS_MAX]);

/* Are mails between our hands and the receiver's? */
gboolean alarms_moving(const struct facts_campaign *campaign);

#endif
