/*
 * rate.h - how many mails a minute are fed, overall and to each receiving provider. The clock is an argument.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_RATE_H
#define POSTWELLE_IMPORTER_RATE_H

#include <glib.h>

#define RATE_MAX 1000000 /* a minute */

/* What campaign.conf says; 0: unlimited. */
struct rates {
    guint minute;            /* overall */
    guint provider;          /* each provider that is not named */
    GHashTable *of_provider; /* name of lib/providers.h, or domain -> GUINT_TO_POINTER(a minute); NULL: none */
};

/*
 * Reads "google 60", "example.org 10" (NULL-terminated) into rates_r->of_provider. FALSE and *error (ERROR_CONFIG) for
 * anything else; what was read is there all the same. rates_release() it.
 */
gboolean rates_read(const char *const *words, struct rates *rates_r, GError **error);
void rates_release(struct rates *rates);
gboolean rates_limit(const struct rates *rates); /* TRUE where anything is limited */

struct rate_limiter;

/* rates must outlive it. */
struct rate_limiter *rate_limiter_new(const struct rates *rates);
void rate_limiter_free(struct rate_limiter *limiter); /* NULL is fine */

/*
 * May a mail to that domain (lower-case A-labels) go at `now` (microseconds of any clock that does not jump)? 0: yes,
 * and it is counted. Else after how many microseconds to ask again.
 */
gint64 rate_limiter_take(struct rate_limiter *limiter, const char *domain, gint64 now);

#endif
