/*
 * zone.h - a name server of a few lines, for pure modules that ask through a dns_lookup.
 */
#ifndef POSTWELLE_TESTS_UNIT_ZONE_H
#define POSTWELLE_TESTS_UNIT_ZONE_H

#include "lib/dns.h"

/*
 * A zone is text: lines "NAME TYPE DATA", DATA to the end of the line; MX data is "10 host". "NAME TYPE !" fails
 * (SERVFAIL). Names that stand in no line do not exist.
 */
struct zone;

struct zone *zone_new(const char *text);
void zone_free(struct zone *zone);

/* The dns_lookup; its cookie is the zone. */
const struct dns_answer *zone_lookup(void *zone, const char *name, enum dns_type type);

#endif
