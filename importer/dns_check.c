/* dns_check.c - is what DNS says about a sender right? See dns_check.h. */
#include "importer/dns_check.h"

#include "importer/dkim_record.h"
#include "importer/dmarc.h"
#include "importer/domain_check.h"
#include "importer/key_watch.h"
#include "importer/spf.h"
#include "importer/spf_macro.h"
#include "importer/tag_list.h"

#include <string.h>

#define NOBODY "192.0.2.1" /* of documentation's networks: asked about where our own addresses are not known */

struct checking {
    const struct dns_subject *subject;
    dns_lookup lookup;
    void *cookie;
    GPtrArray *findings;
};

static const struct dns_answer *ask(const struct checking *checking, const char *name, enum dns_type type)
{
    return checking->lookup(checking->cookie, name, type);
}

#define ADD(checking, level, topic, name, found, publish, ...)                                                         \
    findings_add((checking)->findings, level, topic, name, found, publish, __VA_ARGS__)

/* --- SPF --- */

/* A text without what was pasted along: quotation marks and blanks around it. */
static char *cleaned(const char *text, gsize size)
{
    const char *start = g_strstr_len(text, (gssize)size, "v=spf1");
    if (start == NULL)
        return NULL;
    gsize length = size - (gsize)(start - text), end = 0;
    while (end < length && start[end] >= ' ' && start[end] <= '~' && start[end] != '"' && start[end] != '\\')
        end++;
    return g_strchomp(g_strndup(start, end));
}

/* The record with what lets us send: the include, or our addresses. */
static char *suggested(const struct dns_subject *subject, const char *record)
{
    const char *rest = record != NULL ? record + strlen("v=spf1") : NULL;
    if (rest == NULL)
        return g_strdup(subject->spf_text);
    g_autoptr(GString) text = g_string_new("v=spf1");
    g_autofree char *include = g_strconcat("include:", subject->include, NULL);
    if (*subject->include != '\0' && strstr(record, include) == NULL)
        g_string_append_printf(text, " %s", include);
    for (const char *const *ip = subject->addresses; *subject->include == '\0' && *ip != NULL; ip++)
        if (strstr(record, *ip) == NULL)
            g_string_append_printf(text, " %s:%s", strchr(*ip, ':') != NULL ? "ip6" : "ip4", *ip);
    g_string_append(text, rest);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *txt_line(const char *name, const char *data)
{
    return data != NULL ? dns_zone_line(name, "TXT", data) : NULL;
}

/* TXT records at a name that are SPF records but for quotes or the place. TRUE where there was one. */
static gboolean find_misplaced(const struct checking *checking, const char *name, const char *right)
{
    const struct dns_answer *answer = ask(checking, name, DNS_TXT);
    gboolean found = FALSE;
    for (guint i = 0; i < answer->count; i++) {
        const struct dns_record *record = &answer->records[i];
        g_autofree char *text = cleaned(record->text, record->size), *line = NULL;
        if (text == NULL)
            continue;
        g_autofree char *shown = record_shown(record->text, record->size);
        g_autofree char *oddity = record_oddity(record->text, record->size);
        g_autofree char *fault = spf_syntax_fault(text), *better = suggested(checking->subject, text);
        line = txt_line(right, better);
        found = TRUE;
        if (strcmp(name, right) != 0)
            ADD(checking, FINDING_ERROR, "SPF", name, shown, line,
                "an SPF record at the wrong name: receivers ask for %s itself, and find nothing there", right);
        if (oddity != NULL)
            ADD(checking, FINDING_ERROR, "SPF", name, shown, line,
                "the record has a %s, pasted along perhaps, so it is no SPF record; only plain ASCII text belongs "
                "there",
                oddity);
        else if (strcmp(name, right) == 0)
            ADD(checking, FINDING_ERROR, "SPF", name, shown, line, "v=spf1 must stand first, with a blank behind it");
        if (fault != NULL)
            ADD(checking, FINDING_ERROR, "SPF", name, shown, line, "the record is wrong: %s", fault);
    }
    return found;
}

static void judge_missing_spf(const struct checking *checking, const char *domain)
{
    static const char *const places[] = {"%s", "spf.%s", "_spf.%s", "www.%s", "@.%s"};
    gboolean found = FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GString) name = g_string_new(places[i]);
        g_string_replace(name, "%s", domain, 1);
        found |= find_misplaced(checking, name->str, domain);
    }
    g_autofree char *doubled = g_strdup_printf("%s.%s", domain, domain);
    if (found || (dns_name_valid(doubled) && find_misplaced(checking, doubled, domain)))
        return;
    g_autofree char *line = txt_line(domain, checking->subject->spf_text);
    ADD(checking, FINDING_ERROR, "SPF", domain, NULL, line, "there is no SPF record");
}

/* What one walk says about one address of ours. */
static void judge_address(const struct checking *checking, const char *domain, const char *ip,
                          const struct spf_report *report)
{
    g_autofree char *better = suggested(checking->subject, report->record), *line = txt_line(domain, better);
    if (report->result == SPF_PASS)
        ADD(checking, FINDING_GOOD, "SPF", domain, report->record, NULL,
            "our address %s passes (%s); %u of %d look-ups", ip, report->reason, report->lookups, SPF_LOOKUPS_MAX);
    else
        ADD(checking, FINDING_ERROR, "SPF", domain, report->record, line, "our address %s does not pass: %s (%s)", ip,
            spf_result_name(report->result), report->reason);
}

/* The record without terms that are wrong in themselves: ptr, unknown ones, and an all that lets everybody pass. */
static char *corrected(const char *record)
{
    g_auto(GStrv) words = record != NULL ? g_strsplit(record, " ", -1) : g_new0(char *, 1);
    g_autoptr(GString) text = g_string_new(NULL);
    for (char **word = words; *word != NULL; word++) {
        g_autofree char *alone = g_strconcat("v=spf1 ", *word, NULL), *fault = spf_syntax_fault(alone);
        gboolean first = word == words,
                 drop = **word == '\0' || g_str_has_prefix(*word, "ptr") || (!first && fault != NULL);
        gboolean all = g_ascii_strcasecmp(*word, "all") == 0 || g_ascii_strcasecmp(*word, "+all") == 0;
        if (!drop)
            g_string_append_printf(text, "%s%s", first ? "" : " ", all ? "~all" : *word);
    }
    return record != NULL ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

static void take_problems(const struct checking *checking, const char *domain, const struct spf_report *report)
{
    const struct dns_subject *subject = checking->subject;
    /* A return-path of our own needs nothing but us. */
    gboolean too_much = report->lookups > SPF_LOOKUPS_MAX || report->voids > SPF_VOIDS_MAX;
    gboolean ours_alone = too_much && !g_strv_contains(subject->domains, domain);
    g_autofree char *mended = ours_alone ? NULL : corrected(report->record), *better = suggested(subject, mended);
    g_autofree char *line = txt_line(domain, better);
    for (guint i = 0; i < report->problems->len; i++) {
        const struct finding *problem = report->problems->pdata[i];
        gboolean differs = better != NULL && g_strcmp0(better, report->record) != 0;
        ADD(checking, problem->level, problem->topic, problem->name, report->record, differs ? line : NULL, "%s",
            problem->text);
    }
    if (report->open_end)
        ADD(checking, FINDING_WARNING, "SPF", domain, report->record, NULL,
            "the record says nothing about other senders: end it with -all, or ~all");
}

/* Without addresses of ours: is our include there, or at least a sound record? */
static void judge_include(const struct checking *checking, const char *domain, const struct spf_report *report)
{
    const struct dns_subject *subject = checking->subject;
    gboolean there = g_strv_contains((const char *const *)report->names->pdata, subject->include);
    g_autofree char *better = suggested(subject, report->record), *line = txt_line(domain, better);
    if (*subject->include != '\0' && !there)
        ADD(checking, FINDING_ERROR, "SPF", domain, report->record, line,
            "the record does not include %s, so we may not send", subject->include);
    else if (report->result != SPF_PERMERROR && report->result != SPF_TEMPERROR)
        ADD(checking, FINDING_GOOD, "SPF", domain, report->record, NULL, "the record is sound%s%s; %u of %d look-ups",
            there ? " and includes " : "", there ? subject->include : "", report->lookups, SPF_LOOKUPS_MAX);
}

static void check_spf(const struct checking *checking, const char *domain)
{
    const char *const nobody[] = {NOBODY, NULL};
    gboolean known = *checking->subject->addresses != NULL;
    const char *const *ips = known ? checking->subject->addresses : nobody;
    for (gboolean first = TRUE; *ips != NULL; ips++, first = FALSE) {
        struct spf_report report;
        spf_check(&(struct spf_question){.domain = domain, .ip = *ips}, checking->lookup, checking->cookie, &report);
        gboolean missing = report.result == SPF_NONE;
        if (first && missing)
            judge_missing_spf(checking, domain);
        else if (first)
            take_problems(checking, domain, &report);
        if (!missing && known)
            judge_address(checking, domain, *ips, &report);
        else if (!missing)
            judge_include(checking, domain, &report);
        spf_report_release(&report);
        if (missing)
            return;
    }
    if (!known && checking->subject->signs)
        ADD(checking, FINDING_NOTE, "SPF", domain, NULL, NULL,
            "whether our hosts pass was not checked: [dns] addresses in postwelle.conf does not name them");
}

/* --- DKIM --- */

/* The form of a web host often appends the domain by itself. */
static void find_doubled(const struct checking *checking, const char *name, const char *line)
{
    g_autofree char *doubled = g_strdup_printf("%s.%s", name, checking->subject->signing);
    if (dns_name_valid(doubled) && ask(checking, doubled, DNS_TXT)->status == DNS_FOUND)
        ADD(checking, FINDING_ERROR, "DKIM", doubled, NULL, line,
            "a record at the wrong name, with the domain twice: the form appends it by itself, so enter the name "
            "without it");
}

static void check_key(const struct checking *checking, const struct dns_key *key)
{
    g_autofree char *name = dns_key_name(key->selector, checking->subject->signing);
    gboolean known = key->public != NULL;
    g_autofree char *data = known ? dkim_record_text(key_type_name(key->algorithm), key->public) : NULL;
    g_autofree char *line = txt_line(name, data);
    const struct dkim_wish wish = {known ? key_type_name(key->algorithm) : NULL, key->public};
    const struct dns_answer *answer = ask(checking, name, DNS_TXT);
    if (key->state == KEY_STATE_RETIRED)
        return;
    if (key->state == KEY_STATE_NEW && answer->count == 0) {
        ADD(checking, FINDING_NOTE, "DKIM", name, NULL, line, "a new key, not published yet; it does not sign");
        return;
    }
    if (key->unknown != NULL)
        ADD(checking, FINDING_ERROR, "DKIM", name, NULL, NULL,
            "whether this is our key can't be told: %s. Run this as root, or have `postwelle key` keep the keys",
            key->unknown);
    if (answer->canonical != NULL)
        ADD(checking, FINDING_NOTE, "DKIM", name, NULL, NULL, "a CNAME leads to %s", answer->canonical);
    key_watch_judge(checking->findings, name, answer, &wish, line);
    if (answer->status == DNS_NO_NAME || answer->status == DNS_NO_DATA)
        find_doubled(checking, name, line);
}

static void check_keys(const struct checking *checking)
{
    gboolean active = FALSE;
    for (guint i = 0; i < checking->subject->keys->len; i++) {
        const struct dns_key *key = checking->subject->keys->pdata[i];
        active |= key->state == KEY_STATE_ACTIVE && key->algorithm == KEY_RSA;
        check_key(checking, key);
    }
    if (checking->subject->signs && !active)
        ADD(checking, FINDING_ERROR, "DKIM", checking->subject->signing, NULL, NULL,
            "no RSA key signs: postwelle key new, have it published, key check, key activate");
}

/* --- mail to the sender --- */

static enum domain_hosts host_state(const struct checking *checking, const char *host)
{
    const struct dns_answer *a = ask(checking, host, DNS_A);
    const struct dns_answer *aaaa = a->status == DNS_FOUND ? a : ask(checking, host, DNS_AAAA);
    if (aaaa->status == DNS_FOUND)
        return DOMAIN_HOSTS_SOME;
    return a->detail != NULL || aaaa->detail != NULL ? DOMAIN_HOSTS_UNKNOWN : DOMAIN_HOSTS_NONE;
}

static enum domain_verdict mail_verdict(const struct checking *checking, const char *domain)
{
    const struct dns_answer *mx = ask(checking, domain, DNS_MX);
    enum domain_hosts hosts = mx->status == DNS_NO_DATA ? host_state(checking, domain) : DOMAIN_HOSTS_NONE;
    for (guint i = 0; i < MIN(mx->count, DOMAIN_HOSTS_MAX) && hosts != DOMAIN_HOSTS_SOME; i++)
        if (strcmp(mx->records[i].text, ".") != 0)
            hosts = MAX(hosts, host_state(checking, mx->records[i].text));
    return domain_judge(mx, hosts);
}

static void check_mail(const struct checking *checking, const char *domain, const char *what)
{
    static const char *const texts[] = {
        [DOMAIN_FINE] = "can arrive",
        [DOMAIN_NO_NAME] = "can't arrive: there is no such domain, and many receivers refuse mail from it",
        [DOMAIN_NULL_MX] = "can't arrive: a null MX says that the domain takes no mail (RFC 7505)",
        [DOMAIN_NO_HOST] =
            "can't arrive: the domain has neither MX nor address, and many receivers refuse mail from it",
        [DOMAIN_DEAD_HOSTS] = "can't arrive: none of the domain's mail servers (MX) has an address",
        [DOMAIN_UNKNOWN] = "may not arrive: DNS does not answer for the domain now",
    };
    const char *bounces = checking->subject->bounce_host;
    gboolean is_return_path = strcmp(domain, checking->subject->return_path) == 0 && *bounces != '\0';
    enum domain_verdict verdict = mail_verdict(checking, domain);
    g_autofree char *data = is_return_path ? g_strdup_printf("10 %s", bounces) : NULL;
    g_autofree char *line = data != NULL ? dns_zone_line(domain, "MX", data) : NULL;
    ADD(checking, verdict == DOMAIN_FINE ? FINDING_GOOD : FINDING_ERROR, "MX", domain, NULL,
        verdict == DOMAIN_FINE ? NULL : line, "%s %s", what, texts[verdict]);
}

/* --- our own hosts --- */

static gboolean has_address(const struct checking *checking, const char *host, const char *ip)
{
    const struct dns_answer *answer = ask(checking, host, strchr(ip, ':') != NULL ? DNS_AAAA : DNS_A);
    for (guint i = 0; i < answer->count; i++)
        if (strcmp(answer->records[i].text, ip) == 0)
            return TRUE;
    return FALSE;
}

static void check_host(const struct checking *checking, const char *text)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);
    const char *helo = checking->subject->helo;
    gboolean back = FALSE;
    if (address == NULL) {
        ADD(checking, FINDING_ERROR, "PTR", text, NULL, NULL, "[dns] addresses: this is no address");
        return;
    }
    g_autofree char *ip = g_inet_address_to_string(address), *reverse = spf_reverse_name(address);
    const struct dns_answer *answer = ask(checking, reverse, DNS_PTR);
    for (guint i = 0; i < answer->count; i++)
        back |= has_address(checking, answer->records[i].text, ip);
    if (answer->count == 0)
        ADD(checking, FINDING_ERROR, "PTR", reverse, NULL, NULL,
            "our address %s has no name (PTR); large receivers refuse its mail: have the network's provider publish %s",
            ip, *helo != '\0' ? helo : "its host name");
    else
        ADD(checking, back ? FINDING_GOOD : FINDING_WARNING, "PTR", reverse, answer->records[0].text, NULL,
            back ? "our address %s has a name, and the name this address"
                 : "the name of our address %s does not lead back to it",
            ip);
    if (*helo != '\0' && !has_address(checking, helo, ip))
        ADD(checking, FINDING_WARNING, "HELO", helo, NULL, NULL, "our host name in EHLO does not have our address %s",
            ip);
}

/* --- for information --- */

static void note_transport(const struct checking *checking, const char *domain)
{
    g_autofree char *sts = g_strconcat("_mta-sts.", domain, NULL);
    const struct dns_answer *policy = ask(checking, sts, DNS_TXT), *mx = ask(checking, domain, DNS_MX);
    for (guint i = 0; i < policy->count; i++)
        if (g_str_has_prefix(policy->records[i].text, "v=STSv1"))
            ADD(checking, FINDING_NOTE, "MTA-STS", sts, policy->records[i].text, NULL,
                "replies come encrypted (RFC 8461)");
    for (guint i = 0; i < MIN(mx->count, DOMAIN_HOSTS_MAX); i++) {
        g_autofree char *tlsa = g_strconcat("_25._tcp.", mx->records[i].text, NULL);
        if (dns_name_valid(tlsa) && ask(checking, tlsa, DNS_TLSA)->status == DNS_FOUND)
            ADD(checking, FINDING_NOTE, "DANE", tlsa, NULL, NULL,
                "the mail server's certificate is published (RFC 7672)");
    }
}

static void note_dnssec(const struct checking *checking, const char *domain)
{
    static const enum dns_type types[] = {DNS_SOA, DNS_MX, DNS_A, DNS_TXT};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        const struct dns_answer *answer = ask(checking, domain, types[i]);
        if (answer->status != DNS_FOUND)
            continue;
        ADD(checking, FINDING_NOTE, "DNSSEC", domain, NULL, NULL, "%s",
            answer->authentic   ? "the zone is signed, and the resolver checked it"
            : answer->has_rrsig ? "the zone is signed; nobody checked the signatures here"
                                : "the zone is not signed");
        return;
    }
}

void dns_check(const struct dns_subject *subject, dns_lookup lookup, void *cookie, GPtrArray *findings)
{
    const struct checking checking = {subject, lookup, cookie, findings};
    check_spf(&checking, subject->return_path);
    check_keys(&checking);
    for (const char *const *domain = subject->domains; *domain != NULL; domain++) {
        dmarc_judge(findings, *domain, subject->signing, subject->return_path, lookup, cookie);
        check_mail(&checking, *domain, "replies");
    }
    if (!g_strv_contains(subject->domains, subject->return_path))
        check_mail(&checking, subject->return_path, "bounces");
    for (const char *const *ip = subject->addresses; *ip != NULL; ip++)
        check_host(&checking, *ip);
    for (const char *const *domain = subject->domains; *domain != NULL; domain++) {
        note_transport(&checking, *domain);
        note_dnssec(&checking, *domain);
    }
}

/* --- asking --- */

/* Asks the zone's own servers about what lies in the subject's domains, and the resolver about all else. */
struct probe {
    struct resolver *resolver;
    const struct dns_subject *subject;
    gboolean authoritative;
    GHashTable *zones;  /* name asked for → GPtrArray of struct zone_server, or NULL */
    GHashTable *silent; /* addresses that did not answer: a firewall, perhaps; they are not waited for again */
    gboolean heard;     /* one of the zones' own servers answered */
};

static gboolean is_below(const char *name, const char *domain)
{
    size_t a = strlen(name), b = strlen(domain);
    return a >= b && g_ascii_strcasecmp(name + a - b, domain) == 0 && (a == b || name[a - b - 1] == '.');
}

static gboolean is_own(const struct dns_subject *subject, const char *name)
{
    for (const char *const *domain = subject->domains; *domain != NULL; domain++)
        if (is_below(name, *domain))
            return TRUE;
    return is_below(name, subject->signing) || is_below(name, subject->return_path);
}

static void free_servers(void *servers)
{
    if (servers != NULL)
        g_ptr_array_unref(servers);
}

static const GPtrArray *servers_of(struct probe *probe, const char *name)
{
    void *servers;
    if (g_hash_table_lookup_extended(probe->zones, name, NULL, &servers))
        return servers;
    g_autofree char *zone = NULL;
    servers = resolver_zone_servers(probe->resolver, name, &zone, NULL);
    g_hash_table_insert(probe->zones, g_strdup(name), servers);
    return servers;
}

static gboolean may_answer(const struct probe *probe, const struct zone_server *server)
{
    return server->address != NULL && !g_hash_table_contains(probe->silent, server->address);
}

/* The first good answer of the servers; all are asked at once until one was heard. NULL: none. */
static const struct dns_answer *ask_servers(struct probe *probe, const GPtrArray *servers, const char *name,
                                            enum dns_type type)
{
    for (guint i = 0; !probe->heard && i < servers->len; i++) {
        const struct zone_server *server = servers->pdata[i];
        if (may_answer(probe, server))
            resolver_ask_at(probe->resolver, server->address, name, type);
    }
    for (guint i = 0; i < servers->len; i++) {
        const struct zone_server *server = servers->pdata[i];
        if (!may_answer(probe, server))
            continue;
        const struct dns_answer *answer = resolver_answer_at(probe->resolver, server->address, name, type);
        if (answer->status == DNS_SILENT)
            g_hash_table_add(probe->silent, g_strdup(server->address));
        probe->heard |= answer->status != DNS_SILENT;
        if (answer->detail == NULL)
            return answer;
    }
    return NULL;
}

static const struct dns_answer *probe_lookup(void *cookie, const char *name, enum dns_type type)
{
    struct probe *probe = cookie;
    /* Only the resolver can say that the signatures are good. */
    const GPtrArray *servers =
        probe->authoritative && type != DNS_SOA && is_own(probe->subject, name) ? servers_of(probe, name) : NULL;
    const struct dns_answer *answer = servers != NULL ? ask_servers(probe, servers, name, type) : NULL;
    return answer != NULL ? answer : resolver_answer(probe->resolver, name, type);
}

/* Asks everything at once that is known to be needed. */
static void prefetch(struct resolver *resolver, const struct dns_subject *subject)
{
    static const enum dns_type types[] = {DNS_SOA, DNS_NS, DNS_MX, DNS_A, DNS_AAAA, DNS_TXT};
    for (size_t t = 0; t < G_N_ELEMENTS(types); t++) {
        for (const char *const *domain = subject->domains; *domain != NULL; domain++)
            resolver_ask(resolver, *domain, types[t]);
        resolver_ask(resolver, subject->return_path, types[t]);
    }
    for (guint i = 0; i < subject->keys->len; i++) {
        g_autofree char *name =
            dns_key_name(((const struct dns_key *)subject->keys->pdata[i])->selector, subject->signing);
        resolver_ask(resolver, name, DNS_TXT);
    }
}

static GPtrArray *run(struct resolver *resolver, gboolean authoritative, const struct dns_subject *subject)
{
    g_autoptr(GHashTable) zones = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_servers);
    g_autoptr(GHashTable) silent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct probe probe = {resolver, subject, authoritative, zones, silent, FALSE};
    GPtrArray *findings = findings_new();
    prefetch(resolver, subject);
    dns_check(subject, probe_lookup, &probe, findings);
    return findings;
}

GPtrArray *dns_check_client(struct resolver *resolver, gboolean authoritative, const struct client *client,
                            const struct config *config, GError **error)
{
    g_autoptr(GPtrArray) keys = dns_keys(client, config_text(config, "paths", "keys"), error);
    if (keys == NULL)
        return NULL;
    g_autofree char *spf = dns_spf_text(config);
    const struct dns_subject subject = {.domains = (const char *const *)client->domains,
                                        .signing = client->signing_domain,
                                        .return_path = client->return_path,
                                        .keys = keys,
                                        .signs = TRUE,
                                        .include = config_text(config, "dns", "spf-include"),
                                        .addresses = config_list(config, "dns", "addresses"),
                                        .helo = config_text(config, "dns", "helo"),
                                        .bounce_host = config_text(config, "dns", "bounce-host"),
                                        .spf_text = spf};
    return run(resolver, authoritative, &subject);
}

GPtrArray *dns_check_domain(struct resolver *resolver, gboolean authoritative, const char *domain,
                            const char *const *selectors)
{
    const char *const domains[] = {domain, NULL}, *const none[] = {NULL};
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(struct dns_key));
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    for (; selectors != NULL && *selectors != NULL; selectors++) {
        struct dns_key key = {.selector = (char *)*selectors, .state = KEY_STATE_ACTIVE};
        g_array_append_val(rows, key);
    }
    for (guint i = 0; i < rows->len; i++)
        g_ptr_array_add(keys, &g_array_index(rows, struct dns_key, i));
    const struct dns_subject subject = {.domains = domains,
                                        .signing = domain,
                                        .return_path = domain,
                                        .keys = keys,
                                        .include = "",
                                        .addresses = none,
                                        .helo = "",
                                        .bounce_host = ""};
    return run(resolver, authoritative, &subject);
}
