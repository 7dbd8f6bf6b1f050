/*
 * ledger_feed.h - what giving out invitations and reminders has in common. For ledger_feed.c and ledger_remind.c alone.
 */
#ifndef POSTWELLE_POLICYD_LEDGER_FEED_H
#define POSTWELLE_POLICYD_LEDGER_FEED_H

#include "policyd/ledger_rows.h"
#include "policyd/token.h"

#define BEGIN_LIMIT 200
#define BEGIN_ANSWER ((gsize)1 << 20) /* octets of one answer, roughly */

/*
 * Makes this connection the campaign's feeder, for content of this hash. TRUE with *busy_r where another one feeds it:
 * the request is answered then. FALSE and *error (ERROR_WANTING) where the campaign is not approved, is paused, or has
 * other content.
 */
gboolean feed_open(struct request *request, struct campaign *campaign, const guint8 *hash, gboolean *busy_r,
                   GError **error);

/* ERROR_WANTING where this connection does not feed the campaign (any more), or the campaign may not be fed. */
gboolean feed_check(const struct request *request, const struct campaign *campaign, GError **error);

/* A ledger that was rebuilt from its witness knows mails of which the list is gone: nobody can be written to. */
gboolean feed_is_nameless(struct request *request, const struct campaign *campaign, guint64 participant,
                          gboolean *nameless_r, GError **error);

/* The next attempt at a mail: life changes, and all that was begun before is refused from now on. */
void feed_next_attempt(struct request *request, const struct campaign *campaign, struct life_record *life);

/* The answer `more` for a mail that was begun with this token: whom it goes to, its names, the participant's values. */
gboolean feed_answer(struct request *request, const struct campaign *campaign, const struct client *client,
                     const struct token *token, GError **error);

#endif
