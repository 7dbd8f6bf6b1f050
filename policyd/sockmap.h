/*
 * sockmap.h - Postfix's socketmap protocol (socketmap_table(5)), as smtp(8) speaks it on policy.sock: one question is a
 * netstring "LENGTH:NAME KEY,".
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_POLICYD_SOCKMAP_H
#define POSTWELLE_POLICYD_SOCKMAP_H

#include "lib/policy.h"

#define SOCKMAP_MAX ((size_t)1024) /* octets of NAME, blank and KEY */

#define SOCKMAP_GO_ON "NOTFOUND" /* the table has nothing to say */
#define SOCKMAP_NOT_NOW "TEMP"   /* an error, for which Postfix puts the mail off */

/*
 * Looks for one whole question at the start of data[0..size), as policy_parse() does: the attributes are request=NAME
 * and queue_id=KEY, and data is changed. FALSE with *error (ERROR_PROTOCOL) where it is of another form or too long.
 */
gboolean sockmap_parse(char *data, size_t size, struct attributes *attributes_r, size_t *used_r, GError **error);

/* Appends an answer: a status and, in Postfix's log, a text. */
void sockmap_answer(GString *out, const char *status, const char *text);

#endif
