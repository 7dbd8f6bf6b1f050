/* hash_filter.c - may a table have rows about an address; see hash_filter.h. */
#include "policyd/hash_filter.h"

#include <string.h>

#define WORD_BITS 64u

struct hash_filter {
    guint64 words[HASH_FILTER_BITS / WORD_BITS];
};

/* The places of a hash: two, which its first octets are. */
struct places {
    guint32 of[2];
};
G_STATIC_ASSERT(sizeof(struct places) <= HASH_SIZE);

static struct places find_places(const struct hash *hash)
{
    struct places places;
    memcpy(&places, hash->octets, sizeof places);
    for (size_t i = 0; i < G_N_ELEMENTS(places.of); i++)
        places.of[i] %= HASH_FILTER_BITS;
    return places;
}

struct hash_filter *hash_filter_new(void)
{
    return g_new0(struct hash_filter, 1);
}

void hash_filter_free(struct hash_filter *filter)
{
    g_free(filter);
}

void hash_filter_add(struct hash_filter *filter, const struct hash *hash)
{
    const struct places places = find_places(hash);
    for (size_t i = 0; i < G_N_ELEMENTS(places.of); i++)
        filter->words[places.of[i] / WORD_BITS] |= G_GUINT64_CONSTANT(1) << places.of[i] % WORD_BITS;
}

gboolean hash_filter_may_have(const struct hash_filter *filter, const struct hash *hash)
{
    const struct places places = find_places(hash);
    for (size_t i = 0; i < G_N_ELEMENTS(places.of); i++)
        if ((filter->words[places.of[i] / WORD_BITS] >> places.of[i] % WORD_BITS & 1) == 0)
            return FALSE;
    return TRUE;
}
