/* cmd_dns.c - postwelle dns: what a client is to publish, the letter about it, and whether it is right. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/dns_check.h"
#include "importer/dns_letter.h"
#include "importer/json_print.h"
#include "importer/table.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

/* The client of that name; NULL with *error. */
static const struct client *find_client(const struct client_set *clients, const char *name, GError **error)
{
    const struct client *client = client_by_name(clients, name);
    if (client == NULL)
        error_set(error, ERROR_USAGE, "there is no client \"%s\"; `postwelle client list` shows them", name);
    return client;
}

static GPtrArray *client_keys(const struct client *client, const struct config *config, GError **error)
{
    GPtrArray *keys = dns_keys(client, config_text(config, "paths", "keys"), error);
    for (guint i = 0; keys != NULL && i < keys->len; i++) {
        const struct dns_key *key = keys->pdata[i];
        if (key->unknown != NULL)
            g_printerr("postwelle: selector %s is left out: %s\n", key->selector, key->unknown);
    }
    return keys;
}

/* --- records --- */

static void print_zone(const GPtrArray *lines)
{
    static const char *const purposes[] = {
        "; SPF: who may send in this name", "; bounces come back here", "; DKIM: our signing keys",
        "; DMARC, as advice only: it concerns all mail of the company, and is its decision"};
    enum dns_purpose last = (enum dns_purpose)G_N_ELEMENTS(purposes);
    for (guint i = 0; i < lines->len; i++) {
        const struct dns_line *row = lines->pdata[i];
        g_autofree char *line = dns_zone_line(row->name, row->type, row->data);
        if (row->purpose != last)
            g_print("%s\n", purposes[row->purpose]);
        last = row->purpose;
        g_print("%s%s\n", row->purpose == DNS_AS_ADVICE ? "; " : "", line);
    }
}

static void print_table(const GPtrArray *lines, gboolean json)
{
    static const struct table_column columns[] = {
        {"NAME", TABLE_TEXT}, {"TYPE", TABLE_TEXT}, {"VALUE", TABLE_TEXT}, {"NEED", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    g_autoptr(table_auto) table = table_new("records", columns, json);
    for (guint i = 0; i < lines->len; i++) {
        const struct dns_line *row = lines->pdata[i];
        table_add(table, row->name, row->type, row->data, row->purpose == DNS_AS_ADVICE ? "advice" : "needed");
    }
    table_print(table);
}

static int records_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *format = NULL, *delegate = NULL;
    const GOptionEntry entries[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &format,
         "zone: lines of a zone file (default); table: for web forms; json", "zone|table|json"},
        {"delegate", 0, 0, G_OPTION_ARG_STRING, &delegate,
         "CNAMEs for the client's keys, to records in this zone of ours", "ZONE"},
        {0},
    };
    GError *error = NULL;
    g_autoptr(client_set_auto) clients = NULL;
    const struct client *client = NULL;
    g_autoptr(GPtrArray) keys = NULL;
    gboolean good = command_options(&argc, &argv, "dns records CLIENT",
                                    "Prints the records that a client is to publish.", entries, 1, 1, &error);
    if (good && format != NULL && strcmp(format, "zone") != 0 && strcmp(format, "table") != 0 &&
        strcmp(format, "json") != 0)
        good = error_set(&error, ERROR_USAGE, "--format %s: choose zone, table or json", format);
    if (good && delegate != NULL && !dns_name_valid(delegate))
        good = error_set(&error, ERROR_USAGE, "--delegate %s: give the name of a zone", delegate);
    if (!good || (clients = control_clients(context, &error)) == NULL ||
        (client = find_client(clients, argv[1], &error)) == NULL ||
        (keys = client_keys(client, context->config, &error)) == NULL)
        return command_fail(error);
    g_autoptr(GPtrArray) lines = dns_records(client, keys, context->config, delegate);
    gboolean zone = format == NULL || strcmp(format, "zone") == 0;
    if (zone)
        print_zone(lines);
    else
        print_table(lines, strcmp(format, "json") == 0);
    if (delegate != NULL && zone) {
        g_autoptr(GPtrArray) ours = dns_delegated(client, keys, delegate);
        g_print("\n; and in our own zone %s\n", delegate);
        print_zone(ours);
    }
    return 0;
}

/* --- letter --- */

static int letter_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *language = NULL;
    gboolean html = FALSE;
    const GOptionEntry entries[] = {
        {"language", 'l', 0, G_OPTION_ARG_STRING, &language, "Its language (default: the client's)", "de|en"},
        {"html", 0, 0, G_OPTION_ARG_NONE, &html, "Write HTML (default: plain text)", NULL},
        {0},
    };
    GError *error = NULL;
    g_autoptr(client_set_auto) clients = NULL;
    const struct client *client = NULL;
    g_autoptr(GPtrArray) keys = NULL;
    gboolean good = command_options(&argc, &argv, "dns letter CLIENT",
                                    "Writes the letter to the client's IT: which records to publish, and why.", entries,
                                    1, 1, &error);
    if (good && language != NULL && strcmp(language, "de") != 0 && strcmp(language, "en") != 0)
        good = error_set(&error, ERROR_USAGE, "--language %s: choose de or en", language);
    if (!good || (clients = control_clients(context, &error)) == NULL ||
        (client = find_client(clients, argv[1], &error)) == NULL ||
        (keys = client_keys(client, context->config, &error)) == NULL)
        return command_fail(error);
    g_autoptr(GPtrArray) lines = dns_records(client, keys, context->config, NULL);
    g_autofree char *letter = dns_letter(client, lines, language != NULL ? language : client->language, html);
    g_print("%s", letter);
    return 0;
}

/* --- check --- */

static void print_findings(const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        g_print("%-8s %-8s %s\n         %s\n", finding_level_name(finding->level), finding->topic, finding->name,
                finding->text);
        if (finding->found != NULL && finding->level > FINDING_NOTE)
            g_print("         there is: %s\n", finding->found);
        if (finding->remedy != NULL)
            g_print("         publish:  %s\n", finding->remedy);
    }
}

static void print_summary(const GPtrArray *findings, const char *name)
{
    guint counts[FINDING_ERROR + 1] = {0};
    for (guint i = 0; i < findings->len; i++)
        counts[((const struct finding *)findings->pdata[i])->level]++;
    g_print("\n%s: %u error%s, %u warning%s. %s\n", name, counts[FINDING_ERROR], counts[FINDING_ERROR] == 1 ? "" : "s",
            counts[FINDING_WARNING], counts[FINDING_WARNING] == 1 ? "" : "s",
            counts[FINDING_ERROR] > 0 ? "Mail in this name may be refused, or taken for forged."
                                      : "Mail in this name can go out.");
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, json_string(text));
}

static void print_json(const GPtrArray *findings, const char *name)
{
    json_t *rows = json_array();
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "level", finding_level_name(finding->level), "topic",
                                finding->topic, "name", finding->name, "text", finding->text);
        set_text(row, "found", finding->found);
        set_text(row, "publish", finding->remedy);
        json_array_append_new(rows, row);
    }
    json_print(json_pack("{s:s, s:b, s:o}", "subject", name, "green", findings_worst(findings) < FINDING_ERROR,
                         "findings", rows));
}

/* A domain's check needs no client, and with --resolver not even a configuration: it is of use before there is any. */
static GPtrArray *check_domain(struct command_context *context, const char *domain, const char *server,
                               char **selectors, GError **error)
{
    if (!dns_name_valid(domain)) {
        error_set(error, ERROR_USAGE, "\"%s\" is no domain name", domain);
        return NULL;
    }
    g_autoptr(resolver_auto) resolver =
        server != NULL ? resolver_new(&(struct resolver_options){.server = server, .dnssec = TRUE}, error)
                       : control_resolver(context, NULL, TRUE, error);
    return resolver != NULL ? dns_check_domain(resolver, server == NULL, domain, (const char *const *)selectors) : NULL;
}

/* What has a dot is a domain: no client's name has one. NULL and *error. */
static GPtrArray *check_name(struct command_context *context, const char *name, const char *server, char **selectors,
                             GError **error)
{
    if (strchr(name, '.') != NULL)
        return check_domain(context, name, server, selectors, error);
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    const struct client *client = clients != NULL ? client_by_name(clients, name) : NULL;
    if (clients == NULL)
        return NULL;
    if (client == NULL || selectors != NULL) {
        error_set(error, ERROR_USAGE,
                  client != NULL ? "%s is a client, whose selectors are known; leave --selector out"
                                 : "\"%s\" is neither a client (`postwelle client list`) nor a domain",
                  name);
        return NULL;
    }
    g_autoptr(resolver_auto) resolver = control_resolver(context, server, TRUE, error);
    return resolver != NULL ? dns_check_client(resolver, server == NULL, client, context->config, error) : NULL;
}

static int check_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *server = NULL;
    g_auto(GStrv) selectors = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"selector", 's', 0, G_OPTION_ARG_STRING_ARRAY, &selectors,
         "A DKIM selector of the domain to look at (repeatable)", "NAME"},
        {"resolver", 0, 0, G_OPTION_ARG_STRING, &server,
         "Ask this name server alone (default: the zone's own ones, and [dns] resolver)", "ADDR@PORT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    g_autoptr(GPtrArray) findings = NULL;
    if (!command_options(&argc, &argv, "dns check CLIENT|DOMAIN",
                         "Checks SPF, DKIM, DMARC, MX and our own hosts' names. Ends with 1 where mail would fail.",
                         entries, 1, 1, &error) ||
        (findings = check_name(context, argv[1], server, selectors, &error)) == NULL)
        return command_fail(error);
    if (json)
        print_json(findings, argv[1]);
    else
        print_findings(findings);
    if (!json)
        print_summary(findings, argv[1]);
    return findings_worst(findings) == FINDING_ERROR ? ERROR_WANTING : 0;
}

int cmd_dns(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"check", "is what a client or a domain publishes right", check_command},
        {"records", "print what a client is to publish", records_command},
        {"letter", "write the letter to a client's IT", letter_command},
        {0},
    };
    return command_dispatch(context, "dns", verbs, argc, argv);
}
