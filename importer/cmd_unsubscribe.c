/*
 * cmd_unsubscribe.c - postwelle unsubscribe: takes one mail to the client's unsubscribe address, on standard input.
 * What pipe(8) runs for it.
 *
 * The token stands in the subject, where the List-Unsubscribe field puts it (RFC 2369, RFC 8058). Like `bounce` it
 * never answers, and ends with 0 whatever the mail is.
 */
#include "importer/command.h"

#include "importer/bounce.h"
#include "importer/control.h"
#include "lib/error.h"

#include <string.h>

static gboolean find_token(const char *mail, size_t size, char token_r[BOUNCE_TOKEN + 1])
{
    struct inbound inbound;
    if (size > INBOUND_SIZE)
        return FALSE;
    inbound_read(mail, size, &inbound);
    gboolean found = bounce_find_token(inbound_get(&inbound, "Subject"), "", token_r);
    inbound_release(&inbound);
    return found;
}

static gboolean tell(struct command_context *context, const char *token, const char *scope, gboolean *known_r,
                     GError **error)
{
    struct attributes answer;
    struct policy_client *policy = control_open_feedback(context, error);
    if (policy == NULL)
        return FALSE;
    gboolean good = control_ask(
        policy, control_request("unsubscribe", "token", token, "scope", scope, "act", "yes", NULL), &answer, error);
    *known_r = good && strcmp(attributes_text(&answer, "known"), "yes") == 0;
    policy_client_free(policy);
    return good;
}

int cmd_unsubscribe(struct command_context *context, int argc, char **argv)
{
    gboolean all = FALSE, known = FALSE;
    const GOptionEntry entries[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &all, "From the mails of all clients, not only of the one that wrote", NULL},
        {0}};
    GError *error = NULL;
    char token[BOUNCE_TOKEN + 1];
    size_t size;
    if (!command_options(&argc, &argv, "unsubscribe",
                         "Reads one mail on standard input that was sent to the unsubscribe address, and suppresses "
                         "the address that its token stands for. Postfix's pipe(8) "
                         "runs it; it never answers mail.",
                         entries, 0, 0, &error))
        return command_fail(error);
    g_autofree char *mail = inbound_stdin(&size, &error);
    if (mail == NULL)
        return command_fail(error);
    if (!find_token(mail, size, token)) {
        g_print("There is no token in the subject.\n");
        return 0;
    }
    if (!tell(context, token, all ? "all" : "client", &known, &error)) {
        command_fail(error);
        return ERROR_TEMPORARY;
    }
    g_print("%s\n", known ? "unsubscribed" : "The token is not ours.");
    return 0;
}
