/* cmd_suppress.c - postwelle suppress: addresses that are never mailed, for one client or for all. */
#include "importer/cmd_suppress.h"

#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>

#define ALL "*"
#define CHANGE_JSON "Print JSON: address, scope, whether it is suppressed now, and whether that has changed"

struct options {
    char *client;
    gboolean all;
    char *reason;
    gboolean json;
};

static void options_clear(struct options *options)
{
    g_free(options->client);
    g_free(options->reason);
}

const char *suppress_scope(const char *client, gboolean all, GError **error)
{
    if ((client != NULL) != all)
        return all ? ALL : client;
    error_set(error, ERROR_USAGE, "for whom? Give --client CLIENT, or --all for all clients");
    return NULL;
}

static gboolean ask(struct command_context *context, GString *request, struct attributes *answer_r,
                    struct policy_client **policy_r, GError **error)
{
    *policy_r = control_open(context, error);
    if (*policy_r != NULL)
        return control_ask(*policy_r, request, answer_r, error);
    g_string_free(request, TRUE);
    return FALSE;
}

/* add: not a removal; changed: it was not so before. */
static void tell_change(const struct options *options, const char *address, const char *scope, gboolean add,
                        gboolean changed)
{
    if (options->json) {
        json_print(json_pack("{s:s, s:s, s:b, s:b}", "address", address, "scope", scope, "suppressed", add, "changed",
                             changed));
        return;
    }
    g_print("%s: %s%s%s\n", address,
            changed ? ""
            : add   ? "was "
                    : "was not ",
            add || !changed ? "suppressed" : "no longer suppressed",
            changed ? ""
            : add   ? " already"
                    : "");
}

static int run_change(struct command_context *context, const char *kind, const char *text,
                      const struct options *options)
{
    GError *error = NULL;
    struct address address;
    struct attributes answer;
    struct policy_client *policy = NULL;
    gboolean add = options->reason != NULL;
    const char *scope = suppress_scope(options->client, options->all, &error);
    if (scope == NULL || !control_address(text, &address, &error))
        return command_fail(error);
    GString *request = control_request(kind, "address", address.text, "scope", scope, "reason", options->reason, NULL);
    gboolean good = ask(context, request, &answer, &policy, &error);
    if (good)
        tell_change(options, address.text, scope, add,
                    strcmp(attributes_text(&answer, add ? "new" : "removed"), "yes") == 0);
    policy_client_free(policy);
    return good ? 0 : command_fail(error);
}

static int add_command(struct command_context *context, int argc, char **argv)
{
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &options.client, "For this client", "CLIENT"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, "For all clients", NULL},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, "Why (default: by hand)", "TEXT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, CHANGE_JSON, NULL},
        {0},
    };
    GError *error = NULL;
    int status;
    if (!command_options(&argc, &argv, "suppress add ADDRESS", "The address is never mailed again.", entries, 1, 1,
                         &error))
        status = command_fail(error);
    else {
        if (options.reason == NULL)
            options.reason = g_strdup("by hand");
        status = run_change(context, "suppress-add", argv[1], &options);
    }
    options_clear(&options);
    return status;
}

static int remove_command(struct command_context *context, int argc, char **argv)
{
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &options.client, "For this client", "CLIENT"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, "The entry for all clients", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, CHANGE_JSON, NULL},
        {0},
    };
    GError *error = NULL;
    int status =
        command_options(&argc, &argv, "suppress remove ADDRESS",
                        "Takes an address from the list. Be sure that its owner wants it.", entries, 1, 1, &error)
            ? run_change(context, "suppress-remove", argv[1], &options)
            : command_fail(error);
    options_clear(&options);
    return status;
}

static gboolean add_row(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_autofree char *since = table_time(control_number(row, "since"), TABLE_MINUTE);
    table_add(cookie, attributes_text(row, "scope"), attributes_text(row, "reason"), since);
    return TRUE;
}

/* The ledger knows addresses only by a keyed hash, so they can be asked for but not listed. */
static int list_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column columns[] = {
        {"SCOPE", TABLE_TEXT}, {"REASON", TABLE_TEXT}, {"SINCE", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    struct address address;
    if (!command_options(
            &argc, &argv, "suppress list ADDRESS",
            "Shows for whom an address is suppressed, and why. Addresses are kept as keyed hashes: one can be "
            "asked for, or a list checked (suppress check), but nobody can list or export them all.",
            entries, 1, 1, &error) ||
        !control_address(argv[1], &address, &error))
        return command_fail(error);
    struct policy_client *policy = control_open(context, &error);
    if (policy == NULL)
        return command_fail(error);
    struct attributes last;
    g_autoptr(table_auto) table = table_new("suppressed", columns, json);
    gboolean good = control_rows(policy, control_request("suppress-show", "address", address.text, NULL), add_row,
                                 table, &last, &error);
    policy_client_free(policy);
    if (!good)
        return command_fail(error);
    g_autofree char *nothing = g_strdup_printf("%s is not suppressed.", address.text);
    table_print_or(table, nothing);
    return 0;
}

int cmd_suppress(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"add", "never mail an address again", add_command},
        {"check", "which addresses of a list are suppressed", suppress_check_command},
        {"import", "never mail the addresses of a list again", suppress_import_command},
        {"remove", "take an address from the list", remove_command},
        {"list", "show for whom an address is suppressed", list_command},
        {0},
    };
    return command_dispatch(context, "suppress", verbs, argc, argv);
}
