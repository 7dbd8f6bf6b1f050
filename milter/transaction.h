/*
 * transaction.h - what the milter gathers of one mail transaction, bounded: envelope, header fields in order, body.
 *
 * All text lies in one arena and lives until transaction_free(). What goes over a limit is not kept, and said: a
 * client's mail is then refused, and everyone else's passes, as nothing of it is needed.
 *
 * Threads: one transaction belongs to one thread at a time (libmilter's workers hand it on).
 */
#ifndef POSTWELLE_MILTER_TRANSACTION_H
#define POSTWELLE_MILTER_TRANSACTION_H

#include "milter/sign.h"

#include <glib.h>

#define TRANSACTION_RECIPIENTS 200               /* doc/PROTOCOL.md §4 */
#define TRANSACTION_ADDRESS 320                  /* octets of an envelope address: 64, @, 255 */
#define TRANSACTION_ENVELOPE ((size_t)48 * 1024) /* octets of all addresses: the question to policyd has 64 KiB */
#define TRANSACTION_FIELDS 128                   /* header fields */
#define TRANSACTION_HEADER ((size_t)64 * 1024)   /* octets of their names and values */
#define TRANSACTION_FROM 8                       /* From fields that are looked at; one is allowed */

/* Fields of which there must be exactly one. */
enum single_field {
    SINGLE_FROM,
    SINGLE_DATE,
    SINGLE_MESSAGE_ID,
    SINGLE_SUBJECT,
    SINGLE_LIST_UNSUBSCRIBE,
    SINGLE_LIST_UNSUBSCRIBE_POST,
    SINGLE_FIELDS, /* how many */
};

/* Their names as they are written in messages. */
extern const char *const single_field_names[SINGLE_FIELDS];

struct transaction {
    GStringChunk *arena;
    const char *sender; /* reverse-path without <>; "" is the null sender */
    size_t recipient_count;
    const char *recipients[TRANSACTION_RECIPIENTS]; /* without <> */
    size_t envelope_size;

    size_t field_count;
    struct header_field fields[TRANSACTION_FIELDS]; /* in order, values as they came */
    size_t header_size;
    size_t singles[SINGLE_FIELDS];      /* how often each occurs; counted past the limits, too */
    const char *from[TRANSACTION_FROM]; /* the values of the first From fields */
    const char *message_id;             /* the value of the first, white space around it dropped; NULL: none */

    GString *body; /* NULL until transaction_keep_body() */
    size_t body_limit;

    gboolean envelope_cut; /* more or longer addresses than the limits */
    gboolean header_cut;
    gboolean body_cut;
};

/* Starts at MAIL. sender with or without <>. */
struct transaction *transaction_new(const char *sender);
void transaction_free(struct transaction *transaction); /* NULL is fine */

/* RCPT: with or without <>. */
void transaction_recipient(struct transaction *transaction, const char *recipient);

/* The next header field, name and value as the milter protocol gives them. */
void transaction_field(struct transaction *transaction, const char *name, const char *value);

/* From now on the body is kept, up to limit octets. */
void transaction_keep_body(struct transaction *transaction, size_t limit);
void transaction_body(struct transaction *transaction, const char *octets, size_t size);

#endif
