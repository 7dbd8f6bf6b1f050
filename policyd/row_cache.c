/*
 * row_cache.c - see row_cache.h.
 *
 * The hash of table and key tells the bucket where a row may lie, and a tag that is looked for there before any row is.
 */
#include "policyd/row_cache.h"

#include <string.h>

#define WAYS 4 /* places of a bucket */
#define BUCKETS (ROW_CACHE_ROWS / WAYS)
#define ABSENT G_MAXUINT16

/* Two lines of a processor's cache. */
struct place {
    guint8 table, key_size;
    guint16 value_size;              /* or ABSENT */
    guint8 octets[ROW_CACHE_OCTETS]; /* key, value */
};
G_STATIC_ASSERT(sizeof(struct place) == 128);

struct row_cache {
    guint32 tags[BUCKETS][WAYS]; /* 0: the place is empty */
    struct place places[BUCKETS][WAYS];
    guint turn; /* whose place in a full bucket is taken next */
};

struct where {
    guint bucket;
    guint32 tag;
};

struct row_cache *row_cache_new(void)
{
    return g_aligned_alloc0(1, sizeof(struct row_cache), sizeof(struct place));
}

void row_cache_free(struct row_cache *cache)
{
    g_aligned_free(cache);
}

/* Eight octets at a time. Who chooses keys that meet in one bucket gains nothing: they are read from the store. */
static struct where where_of(enum store_table table, struct bytes key)
{
    const guint64 factor = 0x9e3779b97f4a7c15; /* 2^64 divided by the golden ratio */
    guint64 sum = (guint64)table, part = 0;
    const guint8 *at = key.data;
    size_t left = key.size;
    for (; left >= sizeof part; at += sizeof part, left -= sizeof part) {
        memcpy(&part, at, sizeof part);
        sum = (sum ^ part) * factor;
        sum ^= sum >> 32;
    }
    part = 0;
    memcpy(&part, at, left);
    sum = (sum ^ part) * factor;
    return (struct where){.bucket = (sum >> 32) % BUCKETS, .tag = (guint32)sum | 1};
}

/* Which place of the bucket has it; WAYS: none. */
static guint find_way(const struct row_cache *cache, struct where where, enum store_table table, struct bytes key)
{
    guint way = 0;
    for (; way < WAYS; way++) {
        const struct place *place = &cache->places[where.bucket][way];
        if (cache->tags[where.bucket][way] == where.tag && place->table == table && place->key_size == key.size &&
            memcmp(place->octets, key.data, key.size) == 0)
            break;
    }
    return way;
}

gboolean row_cache_look(const struct row_cache *cache, enum store_table table, struct bytes key, struct bytes *value_r)
{
    const struct where where = where_of(table, key);
    guint way = find_way(cache, where, table, key);
    if (way == WAYS)
        return FALSE;
    const struct place *place = &cache->places[where.bucket][way];
    if (place->value_size == ABSENT)
        *value_r = (struct bytes){NULL, 0};
    else
        *value_r = (struct bytes){place->octets + place->key_size, place->value_size};
    return TRUE;
}

/* A place for another row: an empty one where there is one. */
static guint make_way(struct row_cache *cache, guint bucket)
{
    for (guint way = 0; way < WAYS; way++)
        if (cache->tags[bucket][way] == 0)
            return way;
    return cache->turn++ % WAYS;
}

static void fill(struct row_cache *cache, guint bucket, guint way, enum store_table table, struct bytes key,
                 const struct bytes *value)
{
    struct place *place = &cache->places[bucket][way];
    size_t size = value != NULL ? value->size : 0;
    place->table = (guint8)table;
    place->key_size = (guint8)key.size;
    place->value_size = value != NULL ? (guint16)size : ABSENT;
    memcpy(place->octets, key.data, key.size);
    if (size > 0)
        memcpy(place->octets + key.size, value->data, size);
}

static gboolean fits(struct bytes key, const struct bytes *value)
{
    return key.size + (value != NULL ? value->size : 0) <= ROW_CACHE_OCTETS;
}

void row_cache_keep(struct row_cache *cache, enum store_table table, struct bytes key, const struct bytes *value)
{
    const struct where where = where_of(table, key);
    if (!fits(key, value))
        return;
    guint way = make_way(cache, where.bucket);
    cache->tags[where.bucket][way] = where.tag;
    fill(cache, where.bucket, way, table, key, value);
}

void row_cache_change(struct row_cache *cache, enum store_table table, struct bytes key, const struct bytes *value)
{
    const struct where where = where_of(table, key);
    guint way = find_way(cache, where, table, key);
    if (way == WAYS)
        return;
    if (fits(key, value))
        fill(cache, where.bucket, way, table, key, value);
    else
        cache->tags[where.bucket][way] = 0;
}

void row_cache_forget(struct row_cache *cache)
{
    memset(cache->tags, 0, sizeof cache->tags);
}
