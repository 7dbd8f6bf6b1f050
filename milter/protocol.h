/*
 * protocol.h - one connection of the milter protocol, versions 2 to 6, on the milter's side: octets in, octets out.
 *
 * Of the mail server we ask: no steps but MAIL, RCPT, header field, end of header, body, end of message; no replies but
 * to the last, so that it sends the whole mail in one go (twice the rate). The price is that the body of nobody's mail
 * comes, too; it is dropped. Header values come with their leading space, as the signer wants them. A mail server that
 * can't do one of these is given its replies.
 *
 * A packet is its length (32 bits, big-endian), a command octet, and data; libmilter/mfdef.h of Sendmail is the
 * protocol's only description.
 *
 * Threads: a connection belongs to one thread.
 */
#ifndef POSTWELLE_MILTER_PROTOCOL_H
#define POSTWELLE_MILTER_PROTOCOL_H

#include "milter/session.h"

#include <glib.h>

/* Octets of a packet's command and data: a header field of Postfix's header_size_limit fits. */
#define PROTOCOL_PACKET ((size_t)128 * 1024)
#define PROTOCOL_BUFFER (PROTOCOL_PACKET + 4) /* what a buffer must hold so that every packet fits */
#define PROTOCOL_QUEUE_ID 64                  /* octets of a queue ID; a longer one is taken for none */

/* The mail server on the connection's other end; user is whose connection it is. FALSE: it is gone. */
struct protocol_peer {
    gboolean (*send)(void *user, const void *octets, size_t size); /* all of them */
    gboolean (*is_there)(void *user);                              /* asked without waiting */
};

struct protocol;

struct protocol *protocol_new(struct milter *milter, const struct protocol_peer *peer, void *user);
void protocol_free(struct protocol *protocol); /* ends a mail under way; NULL is fine */

/*
 * Carries out the whole packets at the start of what has been received, and sends their replies. *taken_r is how many
 * octets they had: the rest is to be given again, with what follows. Blocks at an end of message (session.h). FALSE:
 * close the connection; *error says what is wrong with it, or is not set where the mail server has ended it.
 */
gboolean protocol_take(struct protocol *protocol, const char *octets, size_t size, size_t *taken_r, GError **error);

#endif
