/*
 * dns_gate.h - nothing is released, and no wave opened, for a client whose DNS is not right, unless a person says why
 * it shall be all the same. One thread.
 */
#ifndef POSTWELLE_IMPORTER_DNS_GATE_H
#define POSTWELLE_IMPORTER_DNS_GATE_H

#include "importer/command.h"
#include "lib/client.h"

/*
 * Looks at what the client publishes, on its own name servers. *errors_r (the caller frees): what is wrong, for people;
 * NULL: all is right. FALSE and *error where that can't be looked up.
 */
gboolean dns_gate(struct command_context *context, const struct client *client, char **errors_r, GError **error);

/* Always FALSE: *error (ERROR_WANTING) says what dns_gate() found, and `remedy`, a sentence's end. */
gboolean dns_gate_refuse(const struct client *client, const char *errors, const char *remedy, GError **error);

#endif
