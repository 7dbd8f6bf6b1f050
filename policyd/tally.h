/*
 * tally.h - a campaign counted by receiving provider, and by what receivers gave as their reason: for people who may
 * see numbers and no address.
 *
 * A domain that few participants are at could name one of them, so it is counted, but not told. Pure; one thread.
 */
#ifndef POSTWELLE_POLICYD_TALLY_H
#define POSTWELLE_POLICYD_TALLY_H

#include "policyd/record.h"

#define TALLY_NAMED 10 /* participants: a domain with fewer is told by its name only where it is a large provider's */
#define TALLY_PROVIDERS 20     /* told by name, the largest; all others are one row */
#define TALLY_DOMAINS 50000    /* kept apart while counting; further ones go with the others */
#define TALLY_REASONS 60       /* kept apart; further ones of a state have no code */
#define TALLY_CODE 16          /* octets of a code, NUL included */

struct tally;

struct tally_provider {
    const char *name; /* "google", "example.org"; "" for all others together */
    guint64 domains;  /* how many these are; 1 for one with a name */
    guint64 total, counts[MAIL_STATES];
};

struct tally_reason {
    enum mail_state state;
    char code[TALLY_CODE]; /* as tally_code(); "" where there is none */
    guint64 count;
};

struct tally *tally_new(void);
void tally_free(struct tally *tally); /* NULL is fine */

/* Counts one participant. address is NULL or "" where it was deleted; reply as it is stored. */
void tally_add(struct tally *tally, const char *address, enum mail_state state, const char *reply);

/*
 * What was counted, the largest first, the others last. *count_r rows; the array and its names belong to the tally and
 * live until the next call on it.
 */
const struct tally_provider *tally_providers(struct tally *tally, size_t *count_r);
const struct tally_reason *tally_reasons(struct tally *tally, size_t *count_r);

/*
 * What a reply says in one word, "" where it says nothing that is known: the enhanced status code of RFC 3463
 * ("5.1.1"), else the first three digits ("550"); "greylisted" for a deferral that says so; for a mail that our own
 * Postfix did not take yet (STATE_NEW) "milter", "key" or "policyd" where that was why. Never a text of the reply.
 */
void tally_code(enum mail_state state, const char *reply, char code_r[TALLY_CODE]);

#endif
