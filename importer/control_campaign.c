/* control_campaign.c - the clients and campaigns that requests are about; see control.h. */
#include "importer/control.h"

#include "importer/campaign_check.h"
#include "lib/error.h"

#include <string.h>

struct client_set *control_clients(struct command_context *context, GError **error)
{
    const struct config *config = command_config(context, error);
    return config != NULL ? client_set_load(config_text(config, "paths", "clients"), error) : NULL;
}

gboolean control_address(const char *text, struct address *address_r, GError **error)
{
    size_t where;
    enum address_fault fault = address_parse(text, strlen(text), address_r, &where);
    if (fault == ADDRESS_GOOD)
        return TRUE;
    g_autofree char *why = address_fault_message(fault, text, strlen(text), where);
    return error_set(error, ERROR_DATA, "\"%s\": %s", text, why);
}

struct resolver *control_resolver(struct command_context *context, const char *server, gboolean dnssec, GError **error)
{
    const struct config *config = command_config(context, error);
    if (config == NULL)
        return NULL;
    if (server == NULL && *config_text(config, "dns", "resolver") != '\0')
        server = config_text(config, "dns", "resolver");
    return resolver_new(&(struct resolver_options){.server = server, .dnssec = dnssec}, error);
}

struct campaign *control_campaign(struct command_context *context, const char *directory, GError **error)
{
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    struct campaign *campaign = clients != NULL ? campaign_open(directory, clients, error) : NULL;
    if (campaign != NULL)
        campaign_check_content(campaign);
    return campaign;
}

struct campaign *control_ready_campaign(struct command_context *context, const char *directory, GError **error)
{
    g_autoptr(campaign_auto) campaign = control_campaign(context, directory, error);
    return campaign != NULL && campaign_is_ready(campaign, error) ? g_steal_pointer(&campaign) : NULL;
}

char *control_changes(const struct campaign *campaign, const struct attributes *shown, const char *name)
{
    g_autofree char *now = campaign_parts(campaign);
    g_autofree char *changes = campaign_parts_changes(attributes_text(shown, name), now);
    return *changes != '\0' ? g_strdup_printf(" (%s)", changes) : g_strdup("");
}
