/*
 * resolver.h - asks name servers: many questions at once, each with time-outs and further tries, answers kept.
 *
 * Questions go over UDP, and over TCP where an answer was cut. A datagram counts only when it comes from the server
 * asked, with the question's id and the very question; others are passed over. Each question has a socket, so a source
 * port, of its own and a random id. A CNAME that the server did not follow is followed by a question of our own.
 *
 * Polite: at most RESOLVER_PARALLEL questions are under way, each question is asked once in a resolver's life, and a
 * server that left RESOLVER_SILENT questions in a row without any answer is not asked for RESOLVER_REST ms: those
 * answers are DNS_SILENT at once, so that a dead resolver costs seconds, not hours.
 *
 * A resolver belongs to one thread. Its answers live as long as it does.
 */
#ifndef POSTWELLE_LIB_RESOLVER_H
#define POSTWELLE_LIB_RESOLVER_H

#include "lib/dns.h"

#define RESOLVER_PARALLEL 32     /* questions under way */
#define RESOLVER_TRIES 3         /* datagrams a question, over all servers */
#define RESOLVER_TIMEOUT_MS 1500 /* of the first try; each further one waits a second longer */
#define RESOLVER_SILENT 5
#define RESOLVER_REST 30000
#define RESOLVER_SERVERS_MAX 3 /* of /etc/resolv.conf, as in resolv.conf(5) */
#define RESOLVER_NS_MAX 16     /* name servers of a zone that are asked */

struct resolver_options {
    const char *server; /* "ADDR", "ADDR@PORT"; NULL: those of /etc/resolv.conf */
    gboolean dnssec;    /* ask for signatures and the resolver's word on them */
    guint timeout_ms;   /* 0: RESOLVER_TIMEOUT_MS */
};

struct resolver;

/* NULL and *error (ERROR_USAGE) where options->server is no address, or its port no port. */
struct resolver *resolver_new(const struct resolver_options *options, GError **error);
void resolver_free(struct resolver *resolver); /* NULL is fine; frees all answers */
typedef struct resolver resolver_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(resolver_auto, resolver_free)

/* The servers asked, "127.0.0.1@53, …". Belongs to the resolver. */
const char *resolver_servers(const struct resolver *resolver);

/* Asks, or queues the question, without waiting; nothing where it was asked before. */
void resolver_ask(struct resolver *resolver, const char *name, enum dns_type type);

/* The answer, waited for. Never NULL; belongs to the resolver. */
const struct dns_answer *resolver_answer(struct resolver *resolver, const char *name, enum dns_type type);

/* The same as a dns_lookup, whose cookie is the resolver. */
const struct dns_answer *resolver_lookup(void *resolver, const char *name, enum dns_type type);

/* The same from one server: "ADDR" or "ADDR@PORT", asked as an authoritative one, without recursion. */
void resolver_ask_at(struct resolver *resolver, const char *server, const char *name, enum dns_type type);
const struct dns_answer *resolver_answer_at(struct resolver *resolver, const char *server, const char *name,
                                            enum dns_type type);

/* Is told how many questions are answered, of how many. FALSE: stop waiting. */
typedef gboolean (*resolver_watch)(void *cookie, guint answered, guint asked);

/* Waits until all questions are answered; watch (may be NULL) is called several times a second. FALSE: it said stop. */
gboolean resolver_run(struct resolver *resolver, resolver_watch watch, void *cookie);

/* One of the name servers of a zone. */
struct zone_server {
    char *host;
    char *address; /* NULL: it has none, or none could be found */
};

/*
 * The name servers of the zone that name is in, as the resolver knows them, one row an address (struct zone_server);
 * NULL and *error (ERROR_UNAVAILABLE) where the zone can't be found. *zone_r becomes its name (freed by the caller).
 * Free with g_ptr_array_unref().
 */
GPtrArray *resolver_zone_servers(struct resolver *resolver, const char *name, char **zone_r, GError **error);

#endif
