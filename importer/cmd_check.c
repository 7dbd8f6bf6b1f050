/* cmd_check.c - postwelle check: is this installation right? */
#include "importer/command.h"

#include "importer/check_facts.h"
#include "importer/control.h"
#include "importer/dns_check.h"
#include "importer/json_print.h"
#include "importer/milter_probe.h"
#include "importer/postfix.h"
#include "importer/postfix_instance.h"
#include "importer/probe.h"
#include "lib/error.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct checking {
    struct command_context *context;
    const struct config *config;
    struct client_set *clients;       /* NULL: their files are wrong, which was told */
    struct postfix_instance *postfix; /* NULL: likewise */
    struct check_place place;         /* of it */
    GStringChunk *strings;
    GPtrArray *findings;
};

/* --- Postfix ------------------------------------------------------------------------------------ */

static const char *keep(struct checking *checking, char *text)
{
    const char *kept = g_string_chunk_insert(checking->strings, text);
    g_free(text);
    return kept;
}

/* As a daemon names it that is not chrooted. */
static char *whole_address(const char *address, const char *queue)
{
    return g_str_has_prefix(address, "unix:") ? g_strdup_printf("unix:%s/%s", queue, address + strlen("unix:"))
                                              : g_strdup(address);
}

static void find_place(struct checking *checking)
{
    const struct postfix_instance *postfix = checking->postfix;
    const struct config *config = checking->config;
    checking->place = (struct check_place){
        .directory = postfix->config,
        .milter = keep(checking, whole_address(postfix->site.milter, postfix->queue)),
        .policy_socket = keep(checking, g_build_filename(postfix->queue, postfix->site.policy, NULL)),
        .listener = postfix->site.listener,
        .maillog = check_follows_journal(config) ? NULL : config_text(config, "postfix", "maillog"),
        .syslog_name = config_text(config, "postfix", "syslog-name"),
        .setup = strcmp(checking->context->config_file, CONFIG_DEFAULT_FILE) == 0
                     ? "postwelle setup postfix --apply"
                     : keep(checking, g_strdup_printf("postwelle -c %s setup postfix --apply", config_path(config))),
        .message_size = config_number(config, "milter", "message-size"),
    };
}

static void check_postfix(struct checking *checking)
{
    const struct postfix_facts *facts = checking->postfix->facts;
    g_autoptr(GPtrArray) tables = check_tables_wanted(facts);
    g_autoptr(GHashTable) texts = check_read_tables(tables);
    check_settings(checking->findings, facts, &checking->postfix->site, &checking->place);
    check_parameters(checking->findings, facts, &checking->place);
    check_ways_in(checking->findings, facts, &checking->place);
    check_tables(checking->findings, facts, &checking->place, texts);
}

static void open_postfix(struct checking *checking)
{
    g_autoptr(GError) error = NULL;
    const struct check_about about = {FINDING_ERROR, PROMISE_FAIL_CLOSED, "Postfix settings",
                                      config_text(checking->config, "postfix", "config-directory")};
    checking->postfix = postfix_instance_open(checking->context, NULL, &error);
    if (checking->postfix != NULL)
        find_place(checking);
    else
        check_add(checking->findings, &about, NULL, NULL, "%s", error->message);
}

/* --- clients ------------------------------------------------------------------------------------ */

static void open_clients(struct checking *checking)
{
    g_autoptr(GError) error = NULL;
    checking->clients = control_clients(checking->context, &error);
    if (checking->clients == NULL)
        check_add(checking->findings,
                  &(struct check_about){FINDING_ERROR, PROMISE_SIGNED, "Configuration",
                                        config_text(checking->config, "paths", "clients")},
                  NULL, NULL, "%s", error->message);
}

/* A milter that was not told of a client lets its mail pass as a stranger's. */
static void check_milter_knows(struct checking *checking, const struct client *client)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(milter_probe_auto) probe = milter_probe_open(checking->place.milter, NULL);
    const struct check_about about = {FINDING_ERROR, PROMISE_SIGNED, "Milter", client->name};
    gboolean known;
    if (probe == NULL)
        return; /* "Sockets" tells */
    if (!milter_probe_ask(probe, client->domains[0], &known, &error))
        check_add(checking->findings, &about, NULL, "systemctl restart postwelle-milter", "%s", error->message);
    else if (!known)
        check_add(checking->findings, &about, NULL, "systemctl reload postwelle-milter",
                  "the milter lets mail from %s pass unsigned: it was not told of this client", client->domains[0]);
    else
        check_good(checking->findings, "Milter", client->name, "known as a client");
}

static void check_dns(struct checking *checking, struct resolver *resolver, gboolean authoritative,
                      const struct client *client)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *topic = g_strdup_printf("DNS of %s", client->name);
    g_autoptr(GPtrArray) found = dns_check_client(resolver, authoritative, client, checking->config, &error);
    if (found == NULL) {
        check_add(checking->findings, &(struct check_about){FINDING_ERROR, PROMISE_SIGNED, topic, client->name}, NULL,
                  NULL, "%s", error->message);
        return;
    }
    for (guint i = 0; i < found->len; i++) {
        const struct finding *finding = found->pdata[i];
        const struct check_about about = {
            finding->level, finding->level == FINDING_ERROR ? PROMISE_SIGNED : PROMISE_NONE, topic, finding->name};
        check_add(checking->findings, &about, finding->level > FINDING_NOTE ? finding->found : NULL, finding->remedy,
                  "%s: %s", finding->topic, finding->text);
    }
}

static void check_unsubscribe(struct checking *checking, const struct client *client)
{
    g_autoptr(GError) error = NULL;
    const struct check_about about = {FINDING_ERROR, PROMISE_SUPPRESSED, "Unsubscribe", client->name};
    if (!client->unsubscribe_probe)
        return;
    if (probe_unsubscribe(client->unsubscribe_uri, &error))
        check_good(checking->findings, "Unsubscribe", client->name, "%s is answered", client->unsubscribe_uri);
    else
        check_add(checking->findings, &about, NULL, "systemctl restart postwelle-web", "%s", error->message);
}

/* What the site's transport_maps say of an address; NULL: nothing. Free with g_free(). */
static char *transport_of(const struct checking *checking, const char *address)
{
    g_auto(GStrv) tables = postfix_list(postfix_facts_expanded(checking->postfix->facts, "transport_maps"));
    const char *const keys[] = {address, strchr(address, '@') != NULL ? strchr(address, '@') + 1 : address};
    for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
        for (char **table = tables; *table != NULL; table++) {
            const char *const argv[] = {"postmap", "-c", checking->postfix->config, "-q", keys[k], *table, NULL};
            char *transport = NULL;
            if (postfix_run(argv, &transport, NULL))
                return g_strchomp(transport);
        }
    return NULL;
}

/* The other address of List-Unsubscribe. Elsewhere somebody may read such mails, which can't be seen from here. */
static void check_unsubscribe_mail(struct checking *checking, const struct client *client)
{
    const char *address = client->unsubscribe_mailto;
    g_autofree char *transport = transport_of(checking, address);
    const struct check_about about = {FINDING_NOTE, PROMISE_NONE, "Unsubscribe", address};
    if (transport != NULL && g_str_has_prefix(transport, "postwelle-unsubscribe:"))
        check_good(checking->findings, "Unsubscribe", address, "goes to postwelle unsubscribe");
    else
        check_add(checking->findings, &about, transport, NULL,
                  "mails that ask to be left alone do not go to `postwelle unsubscribe` here: is that done elsewhere? "
                  "Else put "
                  "\"%s postwelle-unsubscribe:\" into a table of transport_maps",
                  address);
}

static void check_clients(struct checking *checking, gboolean network, const char *server)
{
    g_autoptr(GError) error = NULL;
    size_t count;
    const struct client *const *list = client_set_list(checking->clients, &count);
    g_autoptr(resolver_auto) resolver = network ? control_resolver(checking->context, server, TRUE, &error) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (checking->postfix != NULL && geteuid() == 0)
            check_milter_knows(checking, list[i]);
        if (checking->postfix != NULL)
            check_unsubscribe_mail(checking, list[i]);
        if (resolver != NULL)
            check_dns(checking, resolver, server == NULL, list[i]);
        if (network)
            check_unsubscribe(checking, list[i]);
    }
    if (network && resolver == NULL)
        check_add(checking->findings, &(struct check_about){FINDING_ERROR, PROMISE_NONE, "DNS", "resolver"}, NULL, NULL,
                  "%s", error->message);
}

/* --- all of it ---------------------------------------------------------------------------------- */

static void check_all(struct checking *checking, gboolean network, const char *server)
{
    const struct postfix_facts *facts;
    open_clients(checking);
    check_files(checking->findings, checking->config, checking->clients);
    check_readers(checking->findings, checking->config, checking->clients);
    open_postfix(checking);
    facts = checking->postfix != NULL ? checking->postfix->facts : NULL;
    if (checking->postfix != NULL) {
        check_postfix(checking);
        check_sockets(checking->findings, checking->config, facts, &checking->place);
    }
    check_service(checking->findings, checking->config, checking->clients);
    check_disks(checking->findings, checking->config, facts, &checking->place);
    check_units_state(checking->findings);
    if (checking->clients != NULL)
        check_clients(checking, network, server);
}

static void checking_release(struct checking *checking)
{
    client_set_unref(checking->clients);
    postfix_instance_free(checking->postfix);
    g_string_chunk_free(checking->strings);
    g_ptr_array_unref(checking->findings);
}

/* --- printing ----------------------------------------------------------------------------------- */

static const char *colour(enum finding_level level)
{
    static const char *const codes[] = {"\033[32m", "\033[36m", "\033[33m", "\033[31m"};
    return isatty(STDOUT_FILENO) && g_getenv("NO_COLOR") == NULL ? codes[level] : "";
}

static const char *plain(void)
{
    return isatty(STDOUT_FILENO) && g_getenv("NO_COLOR") == NULL ? "\033[0m" : "";
}

static void print_finding(const struct finding *finding)
{
    g_print("  %s%-8s%s %s\n           %s\n", colour(finding->level), finding_level_name(finding->level), plain(),
            finding->name, finding->text);
    if (finding->found != NULL)
        g_print("           there is: %s\n", finding->found);
    if (finding->breaks != NULL)
        g_print("           at stake: %s\n", finding->breaks);
    if (finding->remedy != NULL)
        g_print("           to do:    %s\n", finding->remedy);
}

/* What belongs to one section, wherever it stands in the list. */
static void print_section(const GPtrArray *findings, const char *topic, gboolean verbose)
{
    guint good = 0, told = 0;
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        if (strcmp(finding->topic, topic) != 0)
            continue;
        gboolean fine = finding->level == FINDING_GOOD;
        if ((!fine || verbose) && good + told == 0)
            g_print("%s\n", topic);
        else if (!fine && told == 0 && !verbose)
            g_print("%s\n", topic);
        good += fine ? 1 : 0;
        told += fine ? 0 : 1;
        if (!fine || verbose)
            print_finding(finding);
    }
    if (told == 0 && !verbose)
        g_print("%sok%s       %s (%u)\n", colour(FINDING_GOOD), plain(), topic, good);
}

static void print_findings(const GPtrArray *findings, gboolean verbose)
{
    g_autoptr(GHashTable) topics = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        if (g_hash_table_add(topics, finding->topic))
            print_section(findings, finding->topic, verbose);
    }
}

static void print_summary(const GPtrArray *findings)
{
    guint counts[FINDING_ERROR + 1] = {0};
    for (guint i = 0; i < findings->len; i++)
        counts[((const struct finding *)findings->pdata[i])->level]++;
    enum finding_level worst = findings_worst(findings);
    g_print("\n%s%u error%s, %u warning%s, %u note%s; %u as they should be. %s%s\n", colour(worst),
            counts[FINDING_ERROR], counts[FINDING_ERROR] == 1 ? "" : "s", counts[FINDING_WARNING],
            counts[FINDING_WARNING] == 1 ? "" : "s", counts[FINDING_NOTE], counts[FINDING_NOTE] == 1 ? "" : "s",
            counts[FINDING_GOOD],
            worst == FINDING_ERROR     ? "Do not send before this is mended."
            : worst == FINDING_WARNING ? "Mail can go out; look at the warnings."
                                       : "Mail can go out.",
            plain());
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, json_string(text));
}

static void print_json(const GPtrArray *findings)
{
    json_t *rows = json_array();
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "level", finding_level_name(finding->level), "section",
                                finding->topic, "name", finding->name, "text", finding->text);
        set_text(row, "found", finding->found);
        set_text(row, "at_stake", finding->breaks);
        set_text(row, "to_do", finding->remedy);
        json_array_append_new(rows, row);
    }
    json_print(json_pack("{s:b, s:o}", "good", findings_worst(findings) < FINDING_ERROR, "findings", rows));
}

int cmd_check(struct command_context *context, int argc, char **argv)
{
    g_autofree char *server = NULL;
    gboolean offline = FALSE, verbose = FALSE, json = FALSE;
    const GOptionEntry entries[] = {
        {"offline", 0, 0, G_OPTION_ARG_NONE, &offline,
         "Leave out what asks the network: the clients' DNS and unsubscribe addresses", NULL},
        {"resolver", 0, 0, G_OPTION_ARG_STRING, &server,
         "Ask this name server alone (default: the zones' own ones, and [dns] resolver)", "ADDR@PORT"},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Show what is right, too", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    struct checking checking = {.context = context};
    if (command_options(
            &argc, &argv, "check",
            "Is this installation right? Looks at Postfix's settings and all ways round the milter, sockets, files and "
            "keys, "
            "policyd, the mail log, backups, the clock, disks, services, and the clients' DNS and unsubscribe "
            "addresses. Each finding says what is there, what is at stake, and the command that mends it. Changes "
            "nothing. "
            "As root it sees all. Ends with 1 where a promise does not hold.",
            entries, 0, 0, &error))
        checking.config = command_config(context, &error);
    if (checking.config == NULL)
        return command_fail(error);
    checking.findings = findings_new();
    checking.strings = g_string_chunk_new(256);
    check_all(&checking, !offline, server);
    if (json) {
        print_json(checking.findings);
    } else {
        print_findings(checking.findings, verbose);
        print_summary(checking.findings);
    }
    enum finding_level worst = findings_worst(checking.findings);
    checking_release(&checking);
    return worst == FINDING_ERROR ? ERROR_WANTING : 0;
}
