/* key_watch.c - is a key's record on all authoritative name servers? See key_watch.h. */
#include "importer/key_watch.h"

#include <string.h>

#define TOPIC "DKIM"

gboolean key_watch_judge(GPtrArray *findings, const char *name, const struct dns_answer *answer,
                         const struct dkim_wish *wish, const char *publish)
{
    guint before = findings->len;
    if (answer->detail != NULL) {
        findings_add(findings, FINDING_ERROR, TOPIC, name, NULL, publish, "could not be looked up: %s", answer->detail);
    } else if (answer->count == 0) {
        findings_add(findings, FINDING_ERROR, TOPIC, name, NULL, publish, "there is no key record%s%s%s",
                     answer->canonical != NULL ? " at " : "", answer->canonical != NULL ? answer->canonical : "",
                     answer->canonical != NULL ? ", where a CNAME leads" : "");
    } else if (answer->count > 1) {
        findings_add(
            findings, FINDING_ERROR, TOPIC, name, NULL, publish,
            "there are %u TXT records; which one receivers take is chance (RFC 6376 3.6.2.2): leave the right one",
            answer->count);
    }
    for (guint i = 0; i < answer->count; i++)
        dkim_record_judge(findings, name, answer->records[i].text, answer->records[i].size, wish, publish);
    for (guint i = before; i < findings->len; i++)
        if (((const struct finding *)findings->pdata[i])->level == FINDING_ERROR)
            return FALSE;
    return TRUE;
}

struct looking {
    struct resolver *resolver;
    const char *name;
    const struct dkim_wish *wish;
    const char *publish;
    struct key_sighting *sighting;
};

/* All addresses of one host, which are rows [from, to) of servers. */
static void look_at_host(struct looking *looking, const GPtrArray *servers, guint from, guint to)
{
    const struct zone_server *first = servers->pdata[from];
    g_autoptr(GPtrArray) faults = findings_new();
    g_autofree char *at = g_strdup_printf("%s at %s", looking->name, first->host);
    guint good = 0, bad = 0;
    for (guint i = from; i < to; i++) {
        const struct zone_server *server = servers->pdata[i];
        if (server->address == NULL)
            continue;
        const struct dns_answer *answer =
            resolver_answer_at(looking->resolver, server->address, looking->name, DNS_TXT);
        if (answer->status == DNS_SILENT)
            continue;
        if (answer->count > 0 && answer->canonical == NULL && !answer->authoritative)
            findings_add(
                faults, FINDING_ERROR, TOPIC, at, NULL, NULL,
                "this name server answers without authority: it does not serve the zone, though an NS record names it");
        if (key_watch_judge(faults, at, answer, looking->wish, looking->publish) &&
            findings_worst(faults) < FINDING_ERROR)
            good++;
        else
            bad++;
    }
    looking->sighting->hosts++;
    looking->sighting->seen += good > 0 && bad == 0 ? 1u : 0u;
    if (good + bad == 0)
        findings_add(looking->sighting->missing, FINDING_ERROR, TOPIC, at, NULL, NULL, "%s",
                     first->address == NULL ? "this name server has no address" : "this name server does not answer");
    for (guint i = 0; bad > 0 && i < faults->len; i++) {
        const struct finding *fault = faults->pdata[i];
        findings_add(looking->sighting->missing, fault->level, TOPIC, at, fault->found, fault->remedy, "%s",
                     fault->text);
    }
}

/* All name servers of the zone that looking->name is in. */
static gboolean look_at_zone(struct looking *looking, GError **error)
{
    g_autofree char *zone = NULL;
    g_autoptr(GPtrArray) servers = resolver_zone_servers(looking->resolver, looking->name, &zone, error);
    if (servers == NULL)
        return FALSE;
    for (guint i = 0; i < servers->len; i++) {
        const struct zone_server *server = servers->pdata[i];
        if (server->address != NULL)
            resolver_ask_at(looking->resolver, server->address, looking->name, DNS_TXT);
    }
    for (guint from = 0, to; from < servers->len; from = to) {
        const char *host = ((const struct zone_server *)servers->pdata[from])->host;
        for (to = from + 1; to < servers->len; to++)
            if (strcmp(((const struct zone_server *)servers->pdata[to])->host, host) != 0)
                break;
        look_at_host(looking, servers, from, to);
    }
    return TRUE;
}

gboolean key_watch(struct resolver *resolver, const char *name, const struct dkim_wish *wish, const char *publish,
                   struct key_sighting *sighting_r, GError **error)
{
    struct looking looking = {resolver, name, wish, publish, sighting_r};
    *sighting_r = (struct key_sighting){.missing = findings_new()};
    if (!look_at_zone(&looking, error))
        return FALSE;
    const struct dns_answer *answer = resolver_answer(resolver, name, DNS_TXT);
    looking.name = answer->canonical;
    return looking.name == NULL || look_at_zone(&looking, error);
}

void key_sighting_release(struct key_sighting *sighting)
{
    g_ptr_array_unref(sighting->missing);
}
