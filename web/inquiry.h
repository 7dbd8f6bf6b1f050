/*
 * inquiry.h - asks policyd for what the status pages show, over status.sock, which can do nothing else.
 *
 * Counting by provider and reason walks over all participants. It is done a piece at a time: each question spends
 * INQUIRY_SPEND_MS on it, one campaign after the other, and shows the last count that came to its end; one is made anew
 * when INQUIRY_SHARE times the time it takes have passed.
 *
 * One thread. FALSE or NULL with *error: ERROR_DATA where there is no such campaign, ERROR_TEMPORARY where the ledger
 * is not in service, else the connection's (lib/policy.h).
 */
#ifndef POSTWELLE_WEB_INQUIRY_H
#define POSTWELLE_WEB_INQUIRY_H

#include "web/facts.h"

#define INQUIRY_TIMEOUT_MS 5000
#define INQUIRY_SPEND_MS 150
#define INQUIRY_SHARE 20
#define INQUIRY_CAMPAIGNS 500 /* on the index; the rest is only counted */
#define INQUIRY_KEPT 200      /* campaigns whose counts are remembered */

struct inquiry;

struct inquiry *inquiry_new(const char *socket); /* the path is copied; connects when it has to */
void inquiry_free(struct inquiry *inquiry);      /* NULL is fine */

/* facts_service_release() what it told. */
gboolean inquiry_service(struct inquiry *inquiry, struct facts_service *service_r, GError **error);

/* struct facts_campaign, without waves and tally; *more_r are left out. Unref the array. */
GPtrArray *inquiry_campaigns(struct inquiry *inquiry, guint *more_r, GError **error);

/* All of one. */
struct facts_campaign *inquiry_campaign(struct inquiry *inquiry, const char *client, const char *name, GError **error);

#endif
