/* dns_gate.c - is a client's DNS right enough to send in its name? See dns_gate.h. */
#include "importer/dns_gate.h"

#include "importer/control.h"
#include "importer/dns_check.h"
#include "lib/error.h"

/* The errors among the findings, for people; NULL where there is none. */
static char *errors_among(const GPtrArray *findings)
{
    if (findings_worst(findings) < FINDING_ERROR)
        return NULL;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        if (finding->level == FINDING_ERROR)
            g_string_append_printf(text, "%s%s at %s: %s", text->len > 0 ? ";\n" : "", finding->topic, finding->name,
                                   finding->text);
    }
    return g_string_free(text, FALSE);
}

gboolean dns_gate(struct command_context *context, const struct client *client, char **errors_r, GError **error)
{
    g_autoptr(resolver_auto) resolver = control_resolver(context, NULL, FALSE, error);
    g_autoptr(GPtrArray) findings =
        resolver != NULL ? dns_check_client(resolver, TRUE, client, context->config, error) : NULL;
    *errors_r = findings != NULL ? errors_among(findings) : NULL;
    return findings != NULL;
}

gboolean dns_gate_refuse(const struct client *client, const char *errors, const char *remedy, GError **error)
{
    return error_set(error, ERROR_WANTING,
                     "what %s publishes in DNS is not right, so its mail may be refused or taken for forged:\n%s.\nSee "
                     "postwelle dns check %s; %s",
                     client->name, errors, client->name, remedy);
}
