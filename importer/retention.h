/*
 * retention.h - when a campaign's participants' data is to be deleted. Pure: what policyd tells and campaign.conf plans
 * are arguments, and so is the clock.
 *
 * A campaign ends with its last step: the list was imported, the content approved, a wave or reminders opened; or with
 * what is still planned then: a wave's time, and the reminders after it. The data is kept for [client] retention, or
 * [campaign] retention, from there. What is in Postfix's queue, or uncertain, still needs its address.
 *
 * Any thread.
 */
#ifndef POSTWELLE_IMPORTER_RETENTION_H
#define POSTWELLE_IMPORTER_RETENTION_H

#include <glib.h>

struct retention_facts {
    gint64 now;
    gint64 last_step; /* seconds since 1970, as the rest; */
    gint64 planned;   /* the last wave's time, whether it was opened or not; 0: none has one */
    gint64 reminding; /* seconds from a wave to its last reminder; 0: there are none */
    gint64 keep;      /* seconds; 0: until somebody deletes it */
    gboolean feeding; /* `run` has mails of an open wave left to feed */
    /* Mails are not tried yet, and the folder that says when they are can't be read, or is not right. */
    gboolean unknown;
    guint64 open, uncertain; /* mails */
    gint64 deleted, erased;  /* when the deletion was begun, and through; 0: not */
};

enum retention_verdict {
    RETENTION_KEPT,  /* until *due_r */
    RETENTION_NEVER, /* by itself */
    RETENTION_HELD,  /* it would be due, but something still needs it */
    RETENTION_DUE,   /* now */
    RETENTION_BEGUN, /* was begun, and has to go on */
    RETENTION_DONE
};

/* *due_r: when it is or was due; 0 for NEVER, BEGUN and DONE. */
enum retention_verdict retention_judge(const struct retention_facts *facts, gint64 *due_r);

/* Why it is held, in words. The caller frees. */
char *retention_why(const struct retention_facts *facts);

#endif
