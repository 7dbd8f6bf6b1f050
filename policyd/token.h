/*
 * token.h - what goes out with a mail and comes back to us: reverse-path, unsubscribe link, survey link, Message-ID.
 *
 * A token is 32 characters of lower-case base32 (RFC 4648 §6): kind (4 bits), campaign (20), participant or proof (40),
 * attempt (16) and an 80-bit MAC over them. It can be checked without looking anything up, and made by nobody else.
 * Upper case is read, too: mail systems may change it on the way.
 *
 * No state but the secret's: its thread rule holds.
 */
#ifndef POSTWELLE_POLICYD_TOKEN_H
#define POSTWELLE_POLICYD_TOKEN_H

#include "policyd/record.h"
#include "policyd/secret.h"

#define TOKEN_LENGTH 32
#define TOKEN_PREFIX "pw-" /* of the local part of a reverse-path */

/* Part of the form: add, never change; at most 15. */
enum token_kind {
    TOKEN_NONE,
    TOKEN_INVITATION,  /* reverse-path */
    TOKEN_REMINDER,    /* reverse-path of a first reminder */
    TOKEN_PROOF,       /* reverse-path; id is the proof's number */
    TOKEN_UNSUBSCRIBE, /* attempt is 0 here and below */
    TOKEN_SURVEY,
    TOKEN_PROOF_UNSUBSCRIBE, /* in proofs: acts on nobody */
    TOKEN_PROOF_SURVEY,
    TOKEN_REMINDER_2, /* reverse-path of a second reminder, and so on up to REMINDERS_MAX */
    TOKEN_REMINDER_LAST = TOKEN_REMINDER_2 + REMINDERS_MAX - 2,
    TOKEN_KINDS
};

struct token {
    enum token_kind kind;
    guint32 campaign; /* at most CAMPAIGN_MAX */
    guint64 id;       /* at most PARTICIPANT_MAX */
    guint16 attempt;
};

/* Writes the token and a NUL. */
void token_encode(struct secret *secret, const struct token *token, char text_r[TOKEN_LENGTH + 1]);

/* Reads length octets. FALSE where they are no token of ours; takes the same time for any wrong MAC. */
gboolean token_decode(struct secret *secret, const char *text, size_t length, struct token *token_r);

/* Reads the local part of a reverse-path, "pw-TOKEN"; only invitation, reminder and proof. */
gboolean token_decode_local_part(struct secret *secret, const char *local, size_t length, struct token *token_r);

/* The mail kind of a token in a reverse-path; MAIL_NONE of all others. */
enum mail_kind token_mail_kind(enum token_kind kind);

/* The kind of token of a participant's mail: of an invitation, or of reminder 1 to REMINDERS_MAX by its number. */
enum token_kind token_kind_of(enum mail_kind kind, guint reminder);

/* Which mail a token in a reverse-path names, as record.h counts them: token->id, of reminders reminder_id(). */
guint64 token_mail_id(const struct token *token);

/*
 * Writes `<base32@domain>`, over whatever was in `out`: the same for each attempt at the same mail. `number` counts
 * mails of one kind to a participant, from 1.
 */
void token_message_id(struct secret *secret, guint32 campaign, guint64 id, enum mail_kind kind, guint number,
                      const char *domain, GString *out);

#endif
