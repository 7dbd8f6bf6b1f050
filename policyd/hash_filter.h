/*
 * hash_filter.h - may a table have rows about an address? "No" is sure, and spares a look at the store; "maybe" is no
 * more than a hint.
 *
 * A Bloom filter of a fixed size over keyed hashes, which are random numbers already. What is removed from the table
 * stays in it. With a million hashes about one address of twenty is answered "maybe" in vain.
 *
 * One thread.
 */
#ifndef POSTWELLE_POLICYD_HASH_FILTER_H
#define POSTWELLE_POLICYD_HASH_FILTER_H

#include "policyd/record.h"

#define HASH_FILTER_BITS (1u << 23) /* 1 MiB */

struct hash_filter;

struct hash_filter *hash_filter_new(void); /* empty */
void hash_filter_free(struct hash_filter *filter); /* NULL is fine */

void hash_filter_add(struct hash_filter *filter, const struct hash *hash);
gboolean hash_filter_may_have(const struct hash_filter *filter, const struct hash *hash);

#endif
