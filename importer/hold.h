/*
 * hold.h - a campaign's mail in Postfix's queue: put on hold, released, deleted. What the ledger says is queued,
 * nothing else, is touched; queue IDs go to postsuper(1) on its standard input, so that a hundred thousand are one
 * call.
 *
 * A mail that is on hold is picked up by nobody; one that was being sent at that moment is sent to its end all the
 * same, and Postfix notes that in its file (so releasing it sends nothing twice). Its file is locked as long.
 *
 * Needs postsuper(1), and so root. One thread.
 */
#ifndef POSTWELLE_IMPORTER_HOLD_H
#define POSTWELLE_IMPORTER_HOLD_H

#include "importer/control.h"
#include "importer/stop.h"

#define HOLD_PATIENCE_MS ((gint64)15000) /* for mails that are between the milter's yes and Postfix's queue */

/* Where Postfix has a mail. */
enum hold_place {
    HOLD_NOWHERE, /* not yet, or not any more */
    HOLD_QUEUE,   /* incoming, active, deferred */
    HOLD_HELD,    /* on hold */
};

struct hold_mail {
    gboolean reserved; /* the ledger has it as reserved: it may yet come into the queue */
    enum hold_place place;
};

/* What the ledger says Postfix has of a campaign, or of one of its waves. */
struct hold {
    GHashTable *mails; /* queue ID -> struct hold_mail */
    const char *config; /* Postfix's folder of settings */
    const char *client, *campaign;
    guint wave; /* 0: all */
};

void hold_init(struct hold *hold, const char *postfix_config, const char *client, const char *campaign, guint wave);
void hold_release(struct hold *hold);

/* How many of the mails are in that place. */
guint hold_count(const struct hold *hold, enum hold_place place);

/* Asks policyd anew what is queued, and Postfix where it is. FALSE with *error where one of them fails. */
gboolean hold_look(struct hold *hold, struct policy_client *policy, GError **error);

/*
 * Puts all of it on hold, also what comes into the queue meanwhile: pause the campaign first. Ends when nothing is left
 * outside, or after patience_ms, or at a signal (stop may be NULL): look at hold_count() then. FALSE with *error as
 * above.
 */
gboolean hold_all(struct hold *hold, struct policy_client *policy, gint64 patience_ms, struct stop *stop,
                  GError **error);

/* Releases what is on hold: it goes to the deferred queue, and with its next run on its way. */
gboolean hold_release_all(struct hold *hold, struct policy_client *policy, GError **error);

/*
 * Deletes what is on hold and is being sent by nobody; the queue IDs go from `hold` to the end of deleted (char *,
 * g_free()). *busy_r: how many are being sent. Nothing is added that Postfix still shows afterwards.
 */
gboolean hold_delete(struct hold *hold, GPtrArray *deleted, guint *busy_r, GError **error);

/* One line of `postqueue -j`: its queue ID (g_free() it) and place. FALSE where it is no mail. Pure. */
gboolean hold_read_line(const char *line, size_t size, char **queue_id_r, enum hold_place *place_r);

#endif
