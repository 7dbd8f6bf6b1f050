/* track_tls.c - was a mail handed over by TLS; see track_tls.h. */
#include "importer/track_tls.h"

#include <string.h>

/* The last TLS connection of one process. */
struct connection {
    char relay[TRACK_RELAY_SIZE];
    char version[TRACK_TLS_SIZE];
};

struct track_tls {
    gboolean told;
    gint64 begin;
    gboolean lost;      /* connections were forgotten */
    GHashTable *agents; /* process ID -> struct connection */
    char version[TRACK_TLS_SIZE];
};

struct track_tls *track_tls_new(gboolean told)
{
    struct track_tls *tls = g_new0(struct track_tls, 1);
    tls->told = told;
    tls->begin = G_MAXINT64;
    tls->agents = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return tls;
}

void track_tls_free(struct track_tls *tls)
{
    if (tls == NULL)
        return;
    g_hash_table_unref(tls->agents);
    g_free(tls);
}

void track_tls_begin(struct track_tls *tls, gint64 time)
{
    tls->begin = time;
    tls->lost = FALSE;
    g_hash_table_remove_all(tls->agents);
}

void track_tls_line(struct track_tls *tls, const char *line, size_t size, const char *syslog_name)
{
    struct connection connection;
    guint64 agent;
    if (!track_line_is_tls(line, size, syslog_name, &agent, connection.relay, connection.version))
        return;
    if (g_hash_table_size(tls->agents) >= TRACK_TLS_AGENTS) {
        g_hash_table_remove_all(tls->agents); /* most of them broke off long ago */
        tls->lost = TRUE;
    }
    g_hash_table_replace(tls->agents, g_memdup2(&agent, sizeof agent), g_memdup2(&connection, sizeof connection));
}

const char *track_tls_of(struct track_tls *tls, const struct track_event *event)
{
    const struct connection *connection = event->agent != 0 ? g_hash_table_lookup(tls->agents, &event->agent) : NULL;
    if (event->agent == 0)
        return "";
    tls->version[0] = '\0';
    if (connection != NULL && strcmp(connection->relay, event->relay) == 0)
        g_strlcpy(tls->version, connection->version, sizeof tls->version);
    g_hash_table_remove(tls->agents, &event->agent); /* the next mail of this process has a connection of its own */
    if (tls->version[0] != '\0')
        return tls->version;
    if (tls->lost)
        tls->begin = event->time;
    tls->lost = FALSE;
    /* A line before the first one that was read may have told. */
    gboolean seen = tls->begin < G_MAXINT64 && event->time - (gint64)event->seconds > tls->begin;
    return tls->told && seen ? "no" : "";
}
