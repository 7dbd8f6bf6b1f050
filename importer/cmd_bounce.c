/*
 * cmd_bounce.c - postwelle bounce: takes one mail that came back, on standard input. What pipe(8) runs for the
 * return-path's domain, as postwelle-feedback.
 *
 * It never answers, and ends with 0 whatever the mail is: another exit status would have Postfix send a notification
 * about it. Only where policyd can't be asked it ends with 75, so that Postfix tries again.
 */
#include "importer/command.h"

#include "importer/bounce.h"
#include "importer/control.h"
#include "lib/error.h"

#include <string.h>

static gboolean tell(struct command_context *context, const struct bounce *bounce, gboolean *known_r, GError **error)
{
    struct attributes answer;
    struct policy_client *policy = control_open_feedback(context, error);
    if (policy == NULL)
        return FALSE;
    GString *request = control_request("feedback", "token", bounce->token, "kind", bounce_kind_name(bounce->kind),
                                       "status", bounce->status, "text", bounce->text, NULL);
    gboolean good = control_ask(policy, request, &answer, error);
    *known_r = good && strcmp(attributes_text(&answer, "known"), "yes") == 0;
    policy_client_free(policy);
    return good;
}

/* Does the kind change anything? */
static gboolean matters(const struct bounce *bounce)
{
    return *bounce->token != '\0' &&
           (bounce->kind == BOUNCE_SOFT || bounce->kind == BOUNCE_HARD || bounce->kind == BOUNCE_COMPLAINT);
}

int cmd_bounce(struct command_context *context, int argc, char **argv)
{
    char *sender = NULL;
    gboolean dry_run = FALSE, known = FALSE;
    const GOptionEntry entries[] = {
        {"sender", 0, 0, G_OPTION_ARG_STRING, &sender, "The mail's envelope sender (default: the null sender)",
         "ADDRESS"},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, "Only say what the mail is", NULL},
        {0},
    };
    GError *error = NULL;
    struct bounce bounce;
    size_t size;
    if (!command_options(&argc, &argv, "bounce [RECIPIENT]",
                         "Reads one mail on standard input that was sent to one of our reverse-paths, or a complaint, "
                         "and tells the ledger: an address that does not "
                         "exist is suppressed for the client, who complains for all. Postfix's pipe(8) runs it; it "
                         "never answers mail.",
                         entries, 0, 1, &error))
        return command_fail(error);
    g_autofree char *mail = inbound_stdin(&size, &error);
    g_autofree char *from = sender;
    if (mail == NULL)
        return command_fail(error);
    bounce_read(mail, size, from != NULL ? from : "", argc > 1 ? argv[1] : "", &bounce);
    if (!dry_run && matters(&bounce) && !tell(context, &bounce, &known, &error)) {
        command_fail(error);
        return ERROR_TEMPORARY;
    }
    g_print("%s%s%s%s\n", bounce_kind_name(bounce.kind), *bounce.status != '\0' ? " " : "", bounce.status,
            *bounce.token == '\0'          ? ", without a token"
            : dry_run || !matters(&bounce) ? ""
            : known                        ? ""
                                           : ", not of a mail of ours");
    return 0;
}
