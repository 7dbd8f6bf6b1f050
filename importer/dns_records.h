/*
 * dns_records.h - what a client publishes, so that our mail in its name is taken for genuine.
 *
 * Pure; one thread.
 */
#ifndef POSTWELLE_IMPORTER_DNS_RECORDS_H
#define POSTWELLE_IMPORTER_DNS_RECORDS_H

#include "lib/client.h"
#include "lib/config.h"
#include "lib/key_store.h"

enum dns_purpose {
    DNS_FOR_SPF,
    DNS_FOR_BOUNCES,
    DNS_FOR_DKIM,
    DNS_AS_ADVICE, /* DMARC: the company's own decision */
};

struct dns_line {
    enum dns_purpose purpose;
    char *name;       /* without the last dot */
    const char *type; /* "TXT", "MX", "CNAME" */
    char *data;       /* as a web form takes it: a text in one piece, without quotes */
};

/* One key of a client that DNS should have. */
struct dns_key {
    char *selector, *public;
    enum key_algorithm algorithm;
    enum key_state state; /* KEY_STATE_ACTIVE for keys named in the client's file */
    char *unknown;        /* why public is NULL; else NULL */
};

/*
 * The client's keys that are new, published, active or retired: of its file, whose private keys must then be readable
 * (else public is NULL), or of the store. NULL and *error where the store can't be read. An array of struct dns_key.
 */
GPtrArray *dns_keys(const struct client *client, const char *keys_folder, GError **error);

/*
 * The records to publish, an array of struct dns_line. delegate: NULL, or the operator's zone that keys live in; then
 * the client publishes CNAMEs.
 */
GPtrArray *dns_records(const struct client *client, const GPtrArray *keys, const struct config *config,
                       const char *delegate);

/* The delegated records themselves, which the operator publishes in its zone. */
GPtrArray *dns_delegated(const struct client *client, const GPtrArray *keys, const char *delegate);

/* "SELECTOR._domainkey.DOMAIN". The caller frees. */
char *dns_key_name(const char *selector, const char *domain);

/*
 * The SPF record for a domain that has none: by the include, else by the addresses; NULL where neither is configured.
 */
char *dns_spf_text(const struct config *config);

/* The line of a zone file: name with last dot, texts quoted, split at 255 octets. The caller frees. */
char *dns_zone_line(const char *name, const char *type, const char *data);

#endif
