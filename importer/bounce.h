/*
 * bounce.h - what a mail that came back to us says: a delivery status notification (RFC 3464, and forms older than it),
 * a complaint (RFC 5965, CFBL RFC 9477), an automatic reply, or nothing. Enhanced status codes: RFC 3463 and IANA's
 * list.
 *
 * Whom it is about is told by the token of our reverse-path: in the recipient of the notification, or, of a complaint,
 * in the mail that is complained of. Whether the token is ours is policyd's to say; nothing else in the mail is
 * believed. Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_BOUNCE_H
#define POSTWELLE_IMPORTER_BOUNCE_H

#include "importer/inbound.h"

#define BOUNCE_TOKEN 32   /* characters of a token (doc/PROTOCOL.md §2) */
#define BOUNCE_TEXT_MAX 180 /* octets of what the other side said */

enum bounce_kind {
    BOUNCE_NONE,       /* not understood, or it says that the mail was delivered, or will be tried again */
    BOUNCE_AUTO_REPLY, /* a machine answers: out of office and the like */
    BOUNCE_SOFT,       /* not delivered: full, too large, refused for what it is, too long on the way */
    BOUNCE_HARD,       /* not delivered: there is no such address */
    BOUNCE_COMPLAINT,  /* the recipient, or their provider, calls it spam */
};

struct bounce {
    enum bounce_kind kind;
    char token[BOUNCE_TOKEN + 1];    /* "" where there is none */
    char status[12];                 /* "5.1.1"; "" where there is none */
    char text[BOUNCE_TEXT_MAX + 1];  /* of the other side: Diagnostic-Code, or the line that says why; valid UTF-8 */
};

/*
 * Reads a mail of size octets that was sent from `sender` to `recipient`, as the envelope says ("" where nobody knows;
 * the null sender is "", too). More than INBOUND_SIZE octets are BOUNCE_NONE.
 */
void bounce_read(const char *mail, size_t size, const char *sender, const char *recipient, struct bounce *bounce_r);

/* PROTOCOL's word: "hard", "soft", "complaint", "auto-reply", "none". */
const char *bounce_kind_name(enum bounce_kind kind);

/* Hard or soft, by an enhanced status code and what was said with it. */
enum bounce_kind bounce_classify(const char *status, const char *text);

/*
 * Copies the token in "pw-TOKEN@…" (with `prefix` "pw-"), or a bare one ("") that stands alone, wherever it is in text.
 * FALSE: there is none.
 */
gboolean bounce_find_token(const char *text, const char *prefix, char token_r[BOUNCE_TOKEN + 1]);

#endif
