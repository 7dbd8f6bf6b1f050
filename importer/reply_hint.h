/*
 * reply_hint.h - what a reply of Postfix that takes no mail means in our installation, and what to do about it.
 */
#ifndef POSTWELLE_IMPORTER_REPLY_HINT_H
#define POSTWELLE_IMPORTER_REPLY_HINT_H

#include "importer/smtp.h"
#include "lib/client.h"

/*
 * A sentence for the person at the command; for replies that are not known here, where to look. It looks at the
 * client's key files where the reply says that there is no usable key. The caller frees. Any thread.
 */
char *reply_hint(const struct client *client, const struct smtp_reply *reply);

#endif
