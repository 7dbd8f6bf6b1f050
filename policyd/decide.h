/*
 * decide.h - every rule of the cap: facts in, verdict out.
 *
 * Nothing here reads a clock, a store or a configuration; the ledger fetches the facts, asks, and does what the verdict
 * says. So each rule is a row in a test's table, and the rules can be read in one place: doc/DESIGN.md §4.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_POLICYD_DECIDE_H
#define POSTWELLE_POLICYD_DECIDE_H

#include "policyd/record.h"

/* What a rule says, and why. */
enum verdict {
    VERDICT_ACCEPT,
    /* 4yz: time, or a person, can change it */
    VERDICT_LATE,         /* the asker has given up already */
    VERDICT_TOMBSTONE,    /* this queue ID was cancelled */
    VERDICT_IN_DOUBT,     /* reserved by another queue ID, whose fate is open */
    VERDICT_EARLIER_OPEN, /* last quarter's invitation is still on its way, and may arrive in this one */
    VERDICT_NOT_APPROVED,
    VERDICT_NOT_OPEN, /* the wave */
    VERDICT_PAUSED,
    /* 5yz: never */
    VERDICT_FORGED,    /* no token of ours */
    VERDICT_ALIGNMENT, /* the From field is not of the campaign's client */
    VERDICT_RECIPIENT, /* not the token's recipient, or several */
    VERDICT_ABANDONED, /* an attempt that was given up, or never begun */
    VERDICT_DUPLICATE, /* this very mail is queued or has gone out */
    VERDICT_FINISHED,  /* the participant is capped, suppressed or refused for good */
    VERDICT_SUPPRESSED,
    VERDICT_USED,        /* another invitation has the slot */
    VERDICT_NOT_INVITED, /* a reminder without a sent invitation */
    VERDICT_ANSWERED,    /* a reminder of what was answered */
    VERDICT_NO_FOREIGN,  /* the client does not let other programs invite */
    VERDICT_TWICE,       /* two recipients of the mail are one participant */
    VERDICT_ADDRESS,     /* the recipient is no address that we mail to */
    VERDICTS
};

enum verdict_class { CLASS_ACCEPT, CLASS_TEMPORARY, CLASS_REFUSED };

enum verdict_class verdict_class(enum verdict verdict);

/* A sentence for people, without the codes. "" for VERDICT_ACCEPT. */
const char *verdict_text(enum verdict verdict);

/* Who has a recipient's slot. */
enum slot_fact {
    SLOT_FREE,
    SLOT_OURS,           /* the same mail, under this queue ID */
    SLOT_OURS_ELSEWHERE, /* the same mail, reserved under another queue ID */
    SLOT_OURS_QUEUED,    /* the same mail, queued or gone out */
    SLOT_OTHER,          /* another mail */
    SLOT_EARLIER_OPEN,   /* free, but last quarter's is held by a mail still on its way */
};

/* --- at RCPT and at the end of the message ---------------------------------------------------- */

/* What is known about our own mail, by its reverse-path's token. */
struct mail_facts {
    gboolean token; /* there is one, the MAC is right, and the mail it names is in the ledger */
    enum mail_kind kind;
    gboolean recipient; /* one only, and the one the token is for */
    enum campaign_state campaign;
    gboolean wave_open;
    enum mail_state state;
    guint attempt; /* the token's */
    guint begun;   /* the one given out last */
    guint fence;
    gboolean session; /* it was begun under the approval and the feeder that are in force */
    gboolean suppressed;
    enum slot_fact slot;        /* of invitations */
    enum mail_state invitation; /* of reminders: what became of it */
    gboolean answered;          /* of reminders: the participant has answered */
};

/* What is known only at the end of the message. */
struct reserve_facts {
    gboolean late; /* the deadline has passed */
    gboolean tombstone;
    gboolean same_queue; /* the mail is reserved under this very queue ID: a repeated question */
    gboolean aligned;    /* From is of the token's client */
    struct mail_facts mail;
};

/* May Postfix go on with this recipient? */
enum verdict decide_policy(const struct mail_facts *facts);

/* May it be queued? On VERDICT_ACCEPT with same_queue nothing is to be written. */
enum verdict decide_reserve(const struct reserve_facts *facts);

/* One recipient of another program's mail; at RCPT every slot that is not free counts as another's. */
struct foreign_facts {
    enum client_foreign_mail mode;
    gboolean address; /* the recipient is an address we understand */
    gboolean suppressed;
    enum slot_fact slot;
    gboolean twice; /* an earlier recipient of the same mail has the same slot */
};

enum verdict decide_foreign(const struct foreign_facts *facts);

/* The verdict over all recipients of one message: refused before temporary before accepted. */
enum verdict decide_worse(enum verdict a, enum verdict b);

/* --- delivery ---------------------------------------------------------------------------------- */

/* What is known of a mail of which smtp(8) is about to send the content. */
struct sending_facts {
    gboolean known;        /* the queue ID stands for a mail */
    enum mail_state state; /* STATE_NONE where that mail was given up, or is another queue ID's now */
    gboolean open;         /* it was begun to be sent before, and nobody has told how that ended */
};

/* May it be sent? VERDICT_ACCEPT, or a temporary or final no, which is the same to Postfix. */
enum verdict decide_sending(const struct sending_facts *facts);

/*
 * Postfix has just put off a mail of ours that is in this state now: would it try it in vain from now on? It is to be
 * put on hold then: what is uncertain, and the copy of what was sent that is left where Postfix was stopped before it
 * had removed the file.
 */
gboolean decide_hold(enum mail_state state);

enum sending_end {
    SENDING_OPEN,  /* the event tells nothing about it */
    SENDING_ENDED, /* the receiver has refused it, or never got all of it: it may be sent again */
    SENDING_LOST,  /* a later attempt has ended, and the log has skipped this one: nobody knows */
};

/* --- feeding ----------------------------------------------------------------------------------- */

enum begin_action {
    BEGIN_START,
    BEGIN_SKIP,       /* on its way, or finished */
    BEGIN_WAIT,       /* to be tried later */
    BEGIN_CAPPED,     /* is capped from now on */
    BEGIN_SUPPRESSED, /* is suppressed from now on */
};

struct begin_facts {
    enum mail_state state;
    guint attempts;   /* given out so far */
    gboolean session; /* the last one was by this very feeder */
    gint64 waited;    /* seconds since the row changed; less than 0: the clock went back, and nothing is waited for */
    gint64 delay;     /* how many it must be after an attempt */
    gboolean suppressed;
    enum slot_fact slot;
};

enum begin_action decide_begin(const struct begin_facts *facts);

/* Is this participant to be reminded, and if not, why? */
enum remind_action {
    REMIND_START,      /* now */
    REMIND_SKIP,       /* this feeder has it in hand, or Postfix does */
    REMIND_WAIT,       /* to be tried again later */
    REMIND_EARLY,      /* the gap has not passed */
    REMIND_DONE,       /* has had as many as there may be */
    REMIND_ENDED,      /* the last one went wrong, or was cancelled: no more */
    REMIND_ANSWERED,   /* has answered */
    REMIND_SUPPRESSED, /* does not want any */
    REMIND_NOT_SENT,   /* the invitation has not reached a mailbox, as far as is known */
    REMIND_ACTIONS
};

struct remind_facts {
    enum mail_state invitation;
    gint64 invited;       /* when it was sent, seconds since 1970 */
    gboolean answered, suppressed;
    guint number;         /* of the last reminder; 0: none yet */
    enum mail_state last; /* its state */
    gint64 changed;       /* and since when */
    guint attempts;       /* given out for it so far */
    gboolean session;     /* the last of these was by this very feeder */
    gint64 now;
    gint64 delay;         /* seconds it must be after an attempt */
    guint most;           /* reminders of one participant */
    gint64 gap;           /* seconds it must be after the mail before */
};

/* On REMIND_START *number_r is the reminder's number; on REMIND_EARLY *due_r tells when it may be sent. */
enum remind_action decide_remind(const struct remind_facts *facts, guint *number_r, gint64 *due_r);
const char *remind_action_name(enum remind_action action); /* PROTOCOL's word: "early" */

struct abandon_facts {
    enum mail_state state;
    guint attempt; /* to be given up */
    guint begun;
    gboolean refused; /* the reply was 5yz */
    gboolean suppressed;
    gboolean used; /* the slot is another's */
};

/* The state after it. */
enum mail_state decide_abandon(const struct abandon_facts *facts);

/* TRUE where `cancel` of the queue ID that holds a mail in this state sets it free. */
gboolean decide_cancel(enum mail_state state);

/* --- the mail log ------------------------------------------------------------------------------ */

enum mail_event {
    EVENT_NONE,
    EVENT_QUEUED,
    EVENT_DEFERRED,
    EVENT_SENT,
    EVENT_BOUNCED,
    EVENT_EXPIRED,
    EVENT_UNCERTAIN,
    EVENT_REJECTED, /* evidence, no state */
    MAIL_EVENTS
};

/* PROTOCOL's word read; EVENT_NONE where there is none. */
enum mail_event mail_event_from_name(const char *name);

/* The state after it: the same, or a higher one. Never one that frees a slot. */
enum mail_state decide_event(enum mail_state state, enum mail_event event);

/*
 * A mail was begun to be sent at `since` (0: it was not), and an attempt at it has ended at `when`. content: the log
 * says that it ended after its content was begun. The log is told in its order.
 */
enum sending_end decide_sending_end(enum mail_event event, gint64 when, gboolean content, gint64 since);

/* --- what comes back ----------------------------------------------------------------------------- */

/* May something have come back of a mail in this state? */
gboolean decide_came_back(enum mail_state state);

/*
 * Does a notification about a mail in this state have to wait for the log? Another server's may be here before the log
 * has told that this server took the mail, and our own Postfix's in doubt before the log has told of the doubt.
 * sending: smtp(8) has begun to send it, and the log has not told how that ended.
 */
gboolean decide_bounce_early(enum mail_state state, gboolean sending);

/*
 * The state after a notification that the mail was not delivered though the receiver's server took it. It keeps its
 * slot. What is uncertain stays so unless it is hard: Postfix itself writes one when it gives up a mail that may be
 * there (5.4.2).
 */
enum mail_state decide_bounce(enum mail_state state, gboolean hard);

/* --- what is kept no longer ----------------------------------------------------------------------- */

#define PRUNE_QUEUE_AGE (60 * G_GINT64_CONSTANT(86400)) /* seconds: nothing is in a queue so long, nor comes back */
#define PRUNE_SLOT_AGE (400 * G_GINT64_CONSTANT(86400)) /* of a quarter's slot: more than a year */

struct prune_facts {
    gboolean tombstone;
    gboolean foreign;      /* another program's mail: nobody settles it by hand */
    enum mail_state state; /* STATE_NONE where the mail is another queue ID's by now */
    gint64 age;            /* seconds */
};

/* May what a queue ID stood for be forgotten? Not what is still to be settled. */
gboolean decide_prune(const struct prune_facts *facts);

/* --- settling what is open (doc/DESIGN.md §4.6) -------------------------------------------------- */

#define RESOLVE_AGE 30    /* seconds after which a reservation is looked into: by then Postfix is done with most */
/* Listings of the queue, one after the other, that must not show a mail that is said to be gone. */
#define RESOLVE_ABSENT 3

/*
 * What was found in Postfix's queue of the file that cleanup(8) writes; `postqueue` shows it only once it is complete.
 */
enum queue_file {
    FILE_UNSEEN,  /* whoever looked has not the right to */
    FILE_NONE,    /* there is none */
    FILE_WRITING, /* there is one, not complete, and a process has it open */
    FILE_LEFT,    /* there is one, not complete, and nobody has it open: it can't become complete any more */
};

enum resolution {
    RESOLVE_WAIT,
    RESOLVE_QUEUED,
    RESOLVE_FREE,
    RESOLVE_UNCERTAIN,
};

struct resolve_facts {
    enum mail_state state;
    gint64 age;            /* seconds since the reservation */
    gboolean rejected;     /* the log says that Postfix did not keep it */
    gboolean listed;       /* a listing that began after the reservation shows it */
    guint absent;          /* or so many listings in a row do not */
    enum queue_file file;
    gint64 daemon_timeout; /* Postfix's: seconds after which no process of its works on the same mail any more */
    gboolean running;      /* Postfix runs */
    gboolean log_read;     /* the log was read to its end after the listings */
    gboolean log_gap;      /* since the reservation the log has lost lines */
    gboolean restarted;    /* or Postfix was started anew, which may lose lines, too */
    gboolean rebooted;     /* or the host, which may lose files */
};

/*
 * What is known of a mail by now? RESOLVE_FREE only where it is proven that it was never queued. *reason_r: in words.
 */
enum resolution decide_resolve(const struct resolve_facts *facts, const char **reason_r);
const char *resolution_name(enum resolution resolution); /* PROTOCOL's word: "wait" */

struct withdraw_facts {
    enum mail_state state;
    gboolean log_read;  /* the log was read to its end after the mail was deleted */
    gboolean sending;   /* smtp(8) had begun to send it, and nobody has told how that ended */
    gboolean log_gap;   /* since the reservation the log has lost lines */
    gboolean restarted; /* or Postfix was started anew */
};

/*
 * Of a mail that Postfix was made to delete while it lay on hold and nothing was sending it: RESOLVE_FREE where the log
 * proves that it was not sent before, RESOLVE_UNCERTAIN where the log may have lost that. *reason_r: in words.
 */
enum resolution decide_withdraw(const struct withdraw_facts *facts, const char **reason_r);

/* PROTOCOL's word for a file read; FALSE where there is none. */
gboolean queue_file_from_name(const char *name, enum queue_file *file_r);

/* May a person say that the mail was sent, or that it never was? */
gboolean decide_person(enum mail_state state);

/* TRUE where nothing more is expected to happen to the mail. */
gboolean mail_state_is_end(enum mail_state state);

#endif
