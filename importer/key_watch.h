/*
 * key_watch.h - is a key's record on all authoritative name servers?
 *
 * One thread.
 */
#ifndef POSTWELLE_IMPORTER_KEY_WATCH_H
#define POSTWELLE_IMPORTER_KEY_WATCH_H

#include "importer/dkim_record.h"
#include "lib/resolver.h"

struct key_sighting {
    guint hosts;        /* name servers of the zone, and of the zone that a CNAME leads to */
    guint seen;         /* of them, that have the record as it should be */
    GPtrArray *missing; /* struct finding: one or more for each host that has not */
};

/*
 * Asks every name server for the record at name. A host with several addresses has it when one of them says so and none
 * says otherwise. FALSE and *error where the zone's servers can't be found. Release with key_sighting_release().
 */
gboolean key_watch(struct resolver *resolver, const char *name, const struct dkim_wish *wish, const char *publish,
                   struct key_sighting *sighting_r, GError **error);
void key_sighting_release(struct key_sighting *sighting);

/*
 * The answer's one key record judged; adds findings, and says TRUE where it is good. Of use with any resolver's answer.
 */
gboolean key_watch_judge(GPtrArray *findings, const char *name, const struct dns_answer *answer,
                         const struct dkim_wish *wish, const char *publish);

#endif
