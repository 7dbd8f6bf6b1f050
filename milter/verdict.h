/*
 * verdict.h - the milter's decisions: facts in, verdict out. Nothing here asks, logs or waits.
 *
 * A mail is decided in five steps, and the first that does not say VERDICT_CONTINUE ends it:
 *   verdict_owner    at the end of the header: whose mail is it? Nobody's: it passes untouched
 *   verdict_message  structure and sizes
 *   verdict_content  the content rule
 *   verdict_sign     the signatures
 *   verdict_reserve  policyd's answer, last of all: VERDICT_ACCEPT comes from here alone
 * What can't be known is a temporary failure (451), never an acceptance. A refusal that no later try can heal is 5yz.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_MILTER_VERDICT_H
#define POSTWELLE_MILTER_VERDICT_H

#include "milter/transaction.h"

#include <glib.h>

#define VERDICT_TEXT 400 /* octets of a reply's text; a reply line has 512 (RFC 5321 §4.5.3.1.5) */

enum verdict_action {
    VERDICT_CONTINUE,  /* nothing against it so far */
    VERDICT_UNTOUCHED, /* no client's mail: let it pass as it is */
    VERDICT_ACCEPT,    /* with its signatures */
    VERDICT_REJECT,    /* 5yz */
    VERDICT_TEMPFAIL,  /* 4yz */
};

struct verdict {
    enum verdict_action action;
    const char *reason;      /* a word for the log, static: doc/LOGGING.md lists them */
    char code[4];            /* SMTP reply code of reject and tempfail */
    char dsn[8];             /* enhanced status code, RFC 3463 */
    char text[VERDICT_TEXT]; /* of the reply: printable ASCII without % */
    gboolean cancel;         /* policyd may have reserved: take it back */
    gboolean alarm;          /* somebody must look: log it as an error */
};

/* Whose mail? Names of clients are compared as strings; NULL is nobody. */
struct owner_facts {
    size_t from_fields;        /* how many From fields */
    const char *from_fault;    /* of from_parse() for the only one, NULL where it is one mailbox */
    const char *from_client;   /* whose sender domain is in the only, readable From field */
    const char *named_client;  /* a client whose domain occurs in From fields that can't be read or are several */
    const char *sender_client; /* whose return-path or sender domain the reverse-path is at */
    gboolean from_unseen;      /* there are more From fields than were looked at */
};

void verdict_owner(const struct owner_facts *facts, struct verdict *verdict_r);

struct message_facts {
    const char *queue_id; /* macro i; NULL: Postfix did not send it */
    size_t recipients;
    size_t singles[SINGLE_FIELDS]; /* how often each of the fields occurs that must stand once */
    gboolean envelope_cut, header_cut, body_cut;
    size_t message_size; /* octets: header and body */
    size_t message_limit;
};

void verdict_message(const struct message_facts *facts, struct verdict *verdict_r);

/* finding: what breaks the content rule ("part 2, line 17: ..."), told to whoever submits the mail; NULL: nothing. */
void verdict_content(const char *finding, struct verdict *verdict_r);

/* error: why the mail was not signed, or that the verifier does not accept the signature; NULL: it is signed. */
void verdict_sign(const GError *error, struct verdict *verdict_r);

/* How asking policyd ended. */
enum reserve_result {
    RESERVE_OK,        /* durably reserved */
    RESERVE_REFUSED,   /* a rule forbids it: 5yz */
    RESERVE_TEMPORARY, /* not now, and nothing is reserved */
    RESERVE_UNASKED,   /* policyd can't be reached; it has not seen the question */
    RESERVE_DOUBT,     /* the question was sent and the answer is missing or unreadable */
};

#define RESERVE_KIND 16

struct reserve_answer {
    enum reserve_result result;
    char kind[RESERVE_KIND];  /* with RESERVE_OK: invitation, reminder, proof or foreign */
    char reply[VERDICT_TEXT]; /* policyd's SMTP reply, "" where it gave none */
};

void verdict_reserve(const struct reserve_answer *answer, struct verdict *verdict_r);

/* For what has no step of its own: a temporary failure and an alarm; text says what to look at. */
void verdict_trouble(const char *reason, const char *text, struct verdict *verdict_r);

/* The milter is being stopped: a temporary failure without alarm. */
void verdict_stopping(struct verdict *verdict_r);

/* "pass", "accept", "reject", "tempfail": the action's word in the log. */
const char *verdict_action_word(enum verdict_action action);

#endif
