/* cmd_resolve.c - postwelle resolve: settles now what track settles each minute. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/resolve.h"
#include "lib/error.h"

#define PATIENCE_MS 20000 /* until the tracker has read the mail log so far: it tells every ten seconds */

static void print_result(const struct resolve_result *result)
{
    resolve_print(result);
    if (result->queued + result->free + result->uncertain + result->waiting == 0)
        g_print("Nothing is open.\n");
}

int cmd_resolve(struct command_context *context, int argc, char **argv)
{
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json,
         "Print JSON: how many mails were looked at; how many are queued, free, uncertain, waiting, and why they wait",
         NULL},
        {0},
    };
    GError *error = NULL;
    const struct config *config = NULL;
    if (command_options(
            &argc, &argv, "resolve",
            "Looks into mails that are reserved and of which nobody has heard since, and into queued ones that have "
            "left Postfix's queue without a word in the mail log: what was never queued is set free and tried again, "
            "what nobody can tell becomes uncertain. postwelle track does the first each minute; it must run, or "
            "nothing can be proven. As root it also sees files that Postfix has not finished. Ends with 75 where "
            "something is left open.",
            entries, 0, 0, &error))
        config = command_config(context, &error);
    struct policy_client *policy = config != NULL ? control_open(context, &error) : NULL;
    if (policy == NULL)
        return command_fail(error);
    struct stop stop;
    struct resolve_result result;
    struct resolve_options options = {.postfix = config_text(config, "postfix", "config-directory"),
                                      .audit = TRUE,
                                      .stop = &stop,
                                      .patience = PATIENCE_MS};
    stop_begin(&stop);
    gboolean good = resolve_open(policy, &options, &result, &error);
    stop_end(&stop);
    policy_client_free(policy);
    if (good && json)
        json_print(resolve_json(&result));
    else if (good)
        print_result(&result);
    else if (!json)
        resolve_print(&result);
    g_free(result.reason);
    if (!good)
        return command_fail(error);
    return result.waiting > 0 ? ERROR_TEMPORARY : 0;
}
