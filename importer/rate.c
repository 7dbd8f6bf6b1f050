/* rate.c - mails a minute; see rate.h. */
#include "importer/rate.h"

#include "lib/error.h"
#include "lib/providers.h"

#include <string.h>

#define MINUTE_US (60 * (gint64)G_USEC_PER_SEC)
#define BURST_US ((gint64)G_USEC_PER_SEC) /* what was not used of the last second may be made up for */

/* Each mail takes its share of the minute from `next` on. */
struct bucket {
    gint64 interval; /* microseconds between two mails; 0: unlimited */
    gint64 next;     /* when the next one may go */
};

struct rate_limiter {
    const struct rates *rates;
    struct bucket all;
    GHashTable *providers; /* name -> struct bucket */
};

gboolean rates_read(const char *const *words, struct rates *rates_r, GError **error)
{
    rates_r->of_provider = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (; *words != NULL; words++) {
        g_auto(GStrv) parts = g_strsplit_set(*words, " \t", 2);
        guint64 rate;
        if (parts[0] == NULL || parts[1] == NULL ||
            !g_ascii_string_to_unsigned(g_strstrip(parts[1]), 10, 1, RATE_MAX, &rate, NULL))
            return error_set(
                error, ERROR_CONFIG,
                "[rate] providers: \"%s\" is not a provider and a number; write google 60, or example.org 10", *words);
        g_autofree char *name = g_ascii_strdown(parts[0], -1);
        g_hash_table_replace(rates_r->of_provider, g_strdup(provider_operator(name)), GUINT_TO_POINTER((guint)rate));
    }
    return TRUE;
}

void rates_release(struct rates *rates)
{
    g_clear_pointer(&rates->of_provider, g_hash_table_unref);
}

gboolean rates_limit(const struct rates *rates)
{
    return rates->minute > 0 || rates->provider > 0 ||
           (rates->of_provider != NULL && g_hash_table_size(rates->of_provider) > 0);
}

static struct bucket bucket_of(guint rate)
{
    return (struct bucket){.interval = rate > 0 ? MINUTE_US / rate : 0, .next = G_MININT64 / 2};
}

struct rate_limiter *rate_limiter_new(const struct rates *rates)
{
    struct rate_limiter *limiter = g_new0(struct rate_limiter, 1);
    limiter->rates = rates;
    limiter->all = bucket_of(rates->minute);
    limiter->providers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return limiter;
}

void rate_limiter_free(struct rate_limiter *limiter)
{
    if (limiter == NULL)
        return;
    g_hash_table_unref(limiter->providers);
    g_free(limiter);
}

static struct bucket *find_bucket(struct rate_limiter *limiter, const char *domain)
{
    const char *name = provider_operator(domain);
    struct bucket *bucket = g_hash_table_lookup(limiter->providers, name);
    if (bucket != NULL)
        return bucket;
    gpointer named =
        limiter->rates->of_provider != NULL ? g_hash_table_lookup(limiter->rates->of_provider, name) : NULL;
    bucket = g_new(struct bucket, 1);
    *bucket = bucket_of(named != NULL ? GPOINTER_TO_UINT(named) : limiter->rates->provider);
    g_hash_table_insert(limiter->providers, g_strdup(name), bucket);
    return bucket;
}

static gint64 wait_of(const struct bucket *bucket, gint64 now)
{
    return bucket->interval > 0 && bucket->next > now ? bucket->next - now : 0;
}

static void use(struct bucket *bucket, gint64 now)
{
    bucket->next = MAX(bucket->next, now - BURST_US) + bucket->interval;
}

gint64 rate_limiter_take(struct rate_limiter *limiter, const char *domain, gint64 now)
{
    struct bucket *bucket = find_bucket(limiter, domain);
    gint64 wait = MAX(wait_of(&limiter->all, now), wait_of(bucket, now));
    if (wait > 0)
        return wait;
    use(&limiter->all, now);
    use(bucket, now);
    return 0;
}
