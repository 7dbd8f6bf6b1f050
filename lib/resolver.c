/* resolver.c - asks name servers; see resolver.h. */
#include "lib/resolver.h"

#include "lib/error.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define DOMAIN_PORT "53"
#define RESOLV_CONF "/etc/resolv.conf"
#define WATCH_MS 200       /* between two calls of a watch */
#define TRY_LONGER_MS 1000 /* what each further try waits more */

struct server {
    char *name; /* address@port */
    struct sockaddr_storage address;
    socklen_t size;
    guint silent;      /* questions in a row without any answer */
    gint64 rest_until; /* monotonic, microseconds */
};

/* A question, and its answer where it has one; what is below `answer` is of use only until then. */
struct question {
    char *key;
    char *name; /* what is asked for now: the CNAME's target later on */
    enum dns_type type;
    struct server *at; /* one authoritative server, or NULL: the resolver's own */
    struct dns_answer *answer;

    int fd;
    gboolean tcp, connecting, foreign; /* foreign: something came that was no answer to this */
    guint tries, hops;
    gboolean aliased, all_authentic;
    gint64 deadline; /* monotonic, microseconds */
    struct server *asked;
    guint8 query[2 + DNS_QUERY_MAX]; /* the size that TCP puts before it, and the query */
    size_t query_size, sent;
    GByteArray *reply; /* over TCP */
};

struct resolver {
    gboolean dnssec;
    guint timeout_ms;
    GPtrArray *servers; /* the resolver's own; of struct server in `known` */
    char *server_names;
    GHashTable *known;     /* address@port → struct server */
    GHashTable *questions; /* key → struct question */
    GQueue waiting;        /* not sent yet */
    GPtrArray *open;       /* under way */
    guint answered, asked;
};

/* --- servers --- */

static void server_free(void *data)
{
    struct server *server = data;
    g_free(server->name);
    g_free(server);
}

/* The server of "ADDR[@PORT]", known or new. NULL and *error. */
static struct server *find_server(struct resolver *resolver, const char *text, GError **error)
{
    const char *at = strrchr(text, '@');
    g_autofree char *address = at != NULL ? g_strndup(text, (size_t)(at - text)) : g_strdup(text);
    const char *port = at != NULL ? at + 1 : DOMAIN_PORT;
    g_autofree char *name = g_strconcat(address, "@", port, NULL);
    struct server *server = g_hash_table_lookup(resolver->known, name);
    if (server != NULL)
        return server;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    guint64 number;
    if (!g_ascii_string_to_unsigned(port, 10, 1, 65535, &number, NULL) ||
        getaddrinfo(address, port, &hints, &found) != 0) {
        error_set(error, ERROR_USAGE, "name server \"%s\": write its address, or address@port, as 192.0.2.53@53", text);
        return NULL;
    }
    server = g_new0(struct server, 1);
    server->name = g_steal_pointer(&name);
    memcpy(&server->address, found->ai_addr, found->ai_addrlen);
    server->size = found->ai_addrlen;
    freeaddrinfo(found);
    g_hash_table_insert(resolver->known, server->name, server);
    return server;
}

/* The nameserver lines of resolv.conf; without any, the one on this host, as resolv.conf(5) has it. */
static void add_system_servers(struct resolver *resolver)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines =
        g_file_get_contents(RESOLV_CONF, &text, NULL, NULL) ? g_strsplit(text, "\n", -1) : g_new0(char *, 1);
    for (char **line = lines; *line != NULL && resolver->servers->len < RESOLVER_SERVERS_MAX; line++) {
        if (!g_str_has_prefix(*line, "nameserver") || !g_ascii_isspace((*line)[strlen("nameserver")]))
            continue;
        struct server *server = find_server(resolver, g_strstrip(*line + strlen("nameserver")), NULL);
        if (server != NULL)
            g_ptr_array_add(resolver->servers, server);
    }
    if (resolver->servers->len == 0)
        g_ptr_array_add(resolver->servers, find_server(resolver, "127.0.0.1", NULL));
}

static char *join_names(const GPtrArray *servers)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < servers->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", ((const struct server *)servers->pdata[i])->name);
    return g_string_free(names, FALSE);
}

/* --- a question's life --- */

static void question_close(struct question *question)
{
    if (question->fd >= 0)
        close(question->fd);
    question->fd = -1;
    g_clear_pointer(&question->reply, g_byte_array_unref);
}

static void question_free(void *data)
{
    struct question *question = data;
    question_close(question);
    dns_answer_free(question->answer);
    g_free(question->key);
    g_free(question->name);
    g_free(question);
}

/* Takes over the answer and ends the question. */
static void settle(struct resolver *resolver, struct question *question, struct dns_answer *answer)
{
    question_close(question);
    if (question->aliased && answer->canonical == NULL)
        answer->canonical = g_strdup(question->name);
    if (question->aliased)
        answer->authentic &= question->all_authentic;
    answer->open_alias = FALSE;
    if (question->asked != NULL)
        answer->server = g_strdup(question->asked->name);
    question->answer = answer;
    resolver->answered++;
}

static void fail(struct resolver *resolver, struct question *question, enum dns_status status, char *detail)
{
    settle(resolver, question, dns_answer_new(status, detail));
}

static gint64 now_us(void)
{
    return g_get_monotonic_time();
}

/* The server for the next try; those that rest are left out. NULL: all of them rest. */
static struct server *choose_server(const struct resolver *resolver, const struct question *question)
{
    if (question->at != NULL)
        return question->at->rest_until > now_us() ? NULL : question->at;
    for (guint i = 0; i < resolver->servers->len; i++) {
        struct server *server = resolver->servers->pdata[(question->tries + i) % resolver->servers->len];
        if (server->rest_until <= now_us())
            return server;
    }
    return NULL;
}

static gboolean connect_socket(struct question *question, int kind)
{
    question_close(question);
    question->fd = socket(question->asked->address.ss_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (question->fd < 0)
        return FALSE;
    int status = connect(question->fd, (const struct sockaddr *)&question->asked->address, question->asked->size);
    question->connecting = status != 0 && errno == EINPROGRESS;
    return status == 0 || question->connecting;
}

static gboolean write_query(const struct resolver *resolver, struct question *question)
{
    guint16 id;
    if (getrandom(&id, sizeof id, 0) != sizeof id)
        return FALSE;
    question->query_size = dns_query_write(question->query + 2, id, question->name, question->type,
                                           question->at == NULL, resolver->dnssec);
    question->query[0] = (guint8)(question->query_size >> 8);
    question->query[1] = (guint8)question->query_size;
    question->sent = 0;
    return question->query_size > 0;
}

/* After the last try. */
static void give_up(struct resolver *resolver, struct question *question)
{
    struct server *server = question->asked;
    if (++server->silent >= RESOLVER_SILENT)
        server->rest_until = now_us() + (gint64)RESOLVER_REST * 1000;
    fail(resolver, question, DNS_SILENT,
         question->foreign ? g_strdup_printf("%s answers other questions than the one asked", server->name)
                           : g_strdup_printf("no answer from %s after %u tries", server->name, question->tries));
}

/* Sends the question's next datagram, to the next server; or gives it up. */
static void try_next(struct resolver *resolver, struct question *question)
{
    while (question->tries < RESOLVER_TRIES) {
        struct server *server = choose_server(resolver, question);
        if (server == NULL) {
            fail(resolver, question, DNS_SILENT, g_strdup("not asked: the last questions were not answered at all"));
            return;
        }
        question->asked = server;
        question->tcp = FALSE;
        question->deadline = now_us() + 1000 * ((gint64)resolver->timeout_ms + (gint64)question->tries * TRY_LONGER_MS);
        question->tries++;
        if (write_query(resolver, question) && connect_socket(question, SOCK_DGRAM) &&
            send(question->fd, question->query + 2, question->query_size, MSG_NOSIGNAL) ==
                (ssize_t)question->query_size)
            return;
    }
    give_up(resolver, question);
}

static void ask_over_tcp(struct resolver *resolver, struct question *question)
{
    question->tcp = TRUE;
    question->deadline = now_us() + 1000 * ((gint64)resolver->timeout_ms + TRY_LONGER_MS);
    if (connect_socket(question, SOCK_STREAM))
        question->reply = g_byte_array_new();
    else
        try_next(resolver, question);
}

static void begin(struct resolver *resolver, struct question *question)
{
    question->tries = 0;
    try_next(resolver, question);
}

/* A reply that is this question's. */
static void take_reply(struct resolver *resolver, struct question *question, const guint8 *reply, size_t size)
{
    question->asked->silent = 0;
    if (!question->tcp && dns_reply_truncated(reply, size)) {
        ask_over_tcp(resolver, question);
        return;
    }
    struct dns_answer *answer = dns_reply_parse(reply, size, question->type);
    /* Another server may know what this one does not. */
    if ((answer->status == DNS_FAILED || answer->status == DNS_BROKEN) && question->at == NULL &&
        question->tries < MIN(RESOLVER_TRIES, resolver->servers->len)) {
        dns_answer_free(answer);
        try_next(resolver, question);
        return;
    }
    if (!answer->open_alias || question->hops == DNS_CHAIN_MAX) {
        if (answer->open_alias) {
            answer->status = DNS_BROKEN;
            answer->detail = g_strdup("a loop of CNAMEs, or too many in a row");
        }
        settle(resolver, question, answer);
        return;
    }
    question->hops++;
    question->all_authentic = answer->authentic && (!question->aliased || question->all_authentic);
    question->aliased = TRUE;
    question->at = NULL;
    g_free(question->name);
    question->name = g_strdup(answer->canonical);
    dns_answer_free(answer);
    if (dns_name_valid(question->name))
        begin(resolver, question);
    else
        fail(resolver, question, DNS_BROKEN, g_strdup("a CNAME to something that is no name"));
}

static void read_datagrams(struct resolver *resolver, struct question *question)
{
    guint8 reply[DNS_MESSAGE_MAX];
    for (;;) {
        ssize_t got = recv(question->fd, reply, sizeof reply, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got < 0) { /* nobody listens there: ICMP said so */
            try_next(resolver, question);
            return;
        }
        if (dns_reply_matches(question->query + 2, question->query_size, reply, (size_t)got)) {
            take_reply(resolver, question, reply, (size_t)got);
            return;
        }
        question->foreign = TRUE;
    }
}

/* TRUE where the whole query is out; FALSE: not yet, or the connection is of no use (then a next try is under way). */
static gboolean write_stream(struct resolver *resolver, struct question *question)
{
    int problem = 0;
    socklen_t size = sizeof problem;
    if (question->connecting &&
        (getsockopt(question->fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0 || problem != 0)) {
        try_next(resolver, question);
        return FALSE;
    }
    question->connecting = FALSE;
    size_t all = question->query_size + 2;
    while (question->sent < all) {
        ssize_t wrote = send(question->fd, question->query + question->sent, all - question->sent, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return FALSE;
        if (wrote < 0) {
            try_next(resolver, question);
            return FALSE;
        }
        question->sent += (size_t)wrote;
    }
    return TRUE;
}

static void read_stream(struct resolver *resolver, struct question *question)
{
    guint8 piece[4096];
    if (!write_stream(resolver, question))
        return;
    for (;;) {
        ssize_t got = recv(question->fd, piece, sizeof piece, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            try_next(resolver, question);
            return;
        }
        g_byte_array_append(question->reply, piece, (guint)got);
        const guint8 *data = question->reply->data;
        size_t wanted = question->reply->len < 2 ? G_MAXSIZE : 2u + (((size_t)data[0] << 8) | data[1]);
        if (question->reply->len < wanted)
            continue;
        g_autoptr(GByteArray) reply = g_steal_pointer(&question->reply);
        if (dns_reply_matches(question->query + 2, question->query_size, reply->data + 2, wanted - 2)) {
            take_reply(resolver, question, reply->data + 2, wanted - 2);
        } else {
            question->foreign = TRUE;
            try_next(resolver, question);
        }
        return;
    }
}

/* --- the loop --- */

static void start_waiting(struct resolver *resolver)
{
    while (resolver->open->len < RESOLVER_PARALLEL && !g_queue_is_empty(&resolver->waiting)) {
        struct question *question = g_queue_pop_head(&resolver->waiting);
        begin(resolver, question);
        if (question->answer == NULL)
            g_ptr_array_add(resolver->open, question);
    }
}

/* Waits for the next thing that happens, limit_ms at most, and deals with it. */
static void step(struct resolver *resolver, gint64 limit_ms)
{
    struct pollfd polls[RESOLVER_PARALLEL];
    start_waiting(resolver);
    gint64 now = now_us(), first = now + limit_ms * 1000;
    for (guint i = 0; i < resolver->open->len; i++) {
        const struct question *question = resolver->open->pdata[i];
        gboolean writing = question->tcp && question->sent < question->query_size + 2;
        polls[i] = (struct pollfd){.fd = question->fd, .events = writing ? POLLOUT : POLLIN};
        first = MIN(first, question->deadline);
    }
    if (resolver->open->len == 0)
        return;
    int ready = poll(polls, resolver->open->len, (int)CLAMP((first - now + 999) / 1000, 0, G_MAXINT));
    now = now_us();
    for (guint i = 0; i < resolver->open->len; i++) {
        struct question *question = resolver->open->pdata[i];
        if (ready > 0 && polls[i].revents != 0) {
            if (question->tcp)
                read_stream(resolver, question);
            else
                read_datagrams(resolver, question);
        } else if (question->deadline <= now) {
            try_next(resolver, question);
        }
    }
    for (guint i = resolver->open->len; i-- > 0;)
        if (((const struct question *)resolver->open->pdata[i])->answer != NULL)
            g_ptr_array_remove_index_fast(resolver->open, i);
}

/* --- asking --- */

static struct question *ask(struct resolver *resolver, const char *server, const char *name, enum dns_type type)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    g_autofree char *key = g_strdup_printf("%s %d %s", server != NULL ? server : "", (int)type, lower);
    struct question *question = g_hash_table_lookup(resolver->questions, key);
    if (question != NULL)
        return question;
    question = g_new0(struct question, 1);
    question->key = g_steal_pointer(&key);
    question->name = g_steal_pointer(&lower);
    question->type = type;
    question->fd = -1;
    g_hash_table_insert(resolver->questions, question->key, question);
    resolver->asked++;
    GError *error = NULL;
    if (!dns_name_valid(question->name)) {
        fail(resolver, question, DNS_BROKEN, g_strdup("is not a domain name"));
    } else if (server != NULL && (question->at = find_server(resolver, server, &error)) == NULL) {
        fail(resolver, question, DNS_BROKEN, g_strdup(error->message));
        g_error_free(error);
    } else {
        g_queue_push_tail(&resolver->waiting, question);
        start_waiting(resolver);
    }
    return question;
}

static const struct dns_answer *wait_for(struct resolver *resolver, const struct question *question)
{
    while (question->answer == NULL)
        step(resolver, WATCH_MS);
    return question->answer;
}

void resolver_ask(struct resolver *resolver, const char *name, enum dns_type type)
{
    ask(resolver, NULL, name, type);
}

const struct dns_answer *resolver_answer(struct resolver *resolver, const char *name, enum dns_type type)
{
    return wait_for(resolver, ask(resolver, NULL, name, type));
}

const struct dns_answer *resolver_lookup(void *resolver, const char *name, enum dns_type type)
{
    return resolver_answer(resolver, name, type);
}

void resolver_ask_at(struct resolver *resolver, const char *server, const char *name, enum dns_type type)
{
    ask(resolver, server, name, type);
}

const struct dns_answer *resolver_answer_at(struct resolver *resolver, const char *server, const char *name,
                                            enum dns_type type)
{
    return wait_for(resolver, ask(resolver, server, name, type));
}

gboolean resolver_run(struct resolver *resolver, resolver_watch watch, void *cookie)
{
    gint64 next = 0;
    while (resolver->answered < resolver->asked) {
        step(resolver, WATCH_MS);
        if (watch == NULL || now_us() < next)
            continue;
        if (!watch(cookie, resolver->answered, resolver->asked))
            return FALSE;
        next = now_us() + (gint64)WATCH_MS * 1000;
    }
    return TRUE;
}

/* --- the zone's own servers --- */

static void zone_server_free(void *data)
{
    struct zone_server *server = data;
    g_free(server->host);
    g_free(server->address);
    g_free(server);
}

/* The zone that name is in: the owner of the SOA record that is found for it or told with "no". NULL: not told. */
static char *find_zone(struct resolver *resolver, const char *name, GError **error)
{
    for (const char *part = name; part != NULL && *part != '\0'; part = strchr(part, '.'), part += part != NULL) {
        const struct dns_answer *answer = resolver_answer(resolver, part, DNS_SOA);
        if (answer->status == DNS_FOUND && answer->canonical == NULL)
            return g_strdup(part);
        if (answer->zone != NULL && answer->canonical == NULL)
            return g_strdup(answer->zone);
        if (answer->detail != NULL) {
            error_set(error, ERROR_UNAVAILABLE, "%s: its zone can't be found: %s", name, answer->detail);
            return NULL;
        }
    }
    error_set(error, ERROR_UNAVAILABLE, "%s: its zone can't be found; is the domain registered?", name);
    return NULL;
}

static void add_server(GPtrArray *servers, const char *host, const char *address)
{
    struct zone_server *server = g_new0(struct zone_server, 1);
    server->host = g_strdup(host);
    server->address = g_strdup(address);
    g_ptr_array_add(servers, server);
}

static void add_host(struct resolver *resolver, GPtrArray *servers, const char *host)
{
    guint before = servers->len;
    const enum dns_type types[] = {DNS_A, DNS_AAAA};
    for (size_t t = 0; t < G_N_ELEMENTS(types); t++) {
        const struct dns_answer *answer = resolver_answer(resolver, host, types[t]);
        for (guint i = 0; i < answer->count && servers->len < RESOLVER_NS_MAX; i++)
            add_server(servers, host, answer->records[i].text);
    }
    if (servers->len == before)
        add_server(servers, host, NULL);
}

GPtrArray *resolver_zone_servers(struct resolver *resolver, const char *name, char **zone_r, GError **error)
{
    g_autofree char *zone = find_zone(resolver, name, error);
    if (zone == NULL)
        return NULL;
    const struct dns_answer *names = resolver_answer(resolver, zone, DNS_NS);
    if (names->status != DNS_FOUND) {
        error_set(error, ERROR_UNAVAILABLE, "%s: its name servers can't be found: %s", zone,
                  names->detail != NULL ? names->detail : "there is no NS record");
        return NULL;
    }
    for (guint i = 0; i < names->count; i++) {
        resolver_ask(resolver, names->records[i].text, DNS_A);
        resolver_ask(resolver, names->records[i].text, DNS_AAAA);
    }
    GPtrArray *servers = g_ptr_array_new_with_free_func(zone_server_free);
    for (guint i = 0; i < names->count && servers->len < RESOLVER_NS_MAX; i++)
        add_host(resolver, servers, names->records[i].text);
    *zone_r = g_steal_pointer(&zone);
    return servers;
}

/* --- the resolver --- */

struct resolver *resolver_new(const struct resolver_options *options, GError **error)
{
    g_autoptr(resolver_auto) resolver = g_new0(struct resolver, 1);
    resolver->dnssec = options->dnssec;
    resolver->timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : RESOLVER_TIMEOUT_MS;
    resolver->servers = g_ptr_array_new();
    resolver->known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, server_free);
    resolver->questions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, question_free);
    resolver->open = g_ptr_array_new();
    g_queue_init(&resolver->waiting);
    if (options->server == NULL) {
        add_system_servers(resolver);
    } else {
        struct server *server = find_server(resolver, options->server, error);
        if (server == NULL)
            return NULL;
        g_ptr_array_add(resolver->servers, server);
    }
    resolver->server_names = join_names(resolver->servers);
    return g_steal_pointer(&resolver);
}

const char *resolver_servers(const struct resolver *resolver)
{
    return resolver->server_names;
}

void resolver_free(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    g_queue_clear(&resolver->waiting);
    g_ptr_array_unref(resolver->open);
    g_hash_table_unref(resolver->questions);
    g_ptr_array_unref(resolver->servers);
    g_hash_table_unref(resolver->known);
    g_free(resolver->server_names);
    g_free(resolver);
}
