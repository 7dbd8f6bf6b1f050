/*
 * dns_letter.h - the letter to a client's IT: what to publish in DNS, and why.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_DNS_LETTER_H
#define POSTWELLE_IMPORTER_DNS_LETTER_H

#include "importer/dns_records.h"

/*
 * lines are those of dns_records(). language is "de", else English. Text has lines of about 100 characters. The caller
 * frees.
 */
char *dns_letter(const struct client *client, const GPtrArray *lines, const char *language, gboolean html);

#endif
