/*
 * list_dns.h - asks DNS about all domains of a list before its rows are judged.
 */
#ifndef POSTWELLE_IMPORTER_LIST_DNS_H
#define POSTWELLE_IMPORTER_LIST_DNS_H

#include "importer/list_check.h"
#include "importer/stop.h"

/*
 * Reads the list once for its domains and asks DNS (domain_check_run()), with a progress bar. The result is for
 * options->domains of the reading that judges; it needs the resolver. stop may be NULL. NULL and *error:
 * list_check_file()'s, or ERROR_TEMPORARY where a person stopped it. Free with domain_check_free().
 */
struct domain_check *list_dns_ask(struct resolver *resolver, const char *path, const char *sheet,
                                  const struct list_check_options *options, struct stop *stop, GError **error);

#endif
