/* cmd_client.c - postwelle client: the clients of this installation, and whether their files are right. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/probe.h"
#include "importer/table.h"
#include "lib/error.h"

static int list_command(struct command_context *context, int argc, char **argv)
{
    static const struct table_column columns[] = {{"CLIENT", TABLE_TEXT},  {"TITLE", TABLE_TEXT},
                                                  {"DOMAINS", TABLE_TEXT}, {"CAP", TABLE_TEXT},
                                                  {"ZONE", TABLE_TEXT},    {NULL, TABLE_TEXT}};
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    if (!command_options(&argc, &argv, "client list", "Lists the clients.", entries, 0, 0, &error))
        return command_fail(error);
    g_autoptr(client_set_auto) clients = control_clients(context, &error);
    if (clients == NULL)
        return command_fail(error);
    size_t count;
    const struct client *const *list = client_set_list(clients, &count);
    g_autoptr(table_auto) table = table_new("clients", columns, json);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *domains = g_strjoinv(", ", list[i]->domains);
        g_autofree char *cap = list[i]->cap.rolling_days > 0 ? g_strdup_printf("rolling %ud", list[i]->cap.rolling_days)
                                                             : g_strdup("calendar-quarter");
        table_add(table, list[i]->name, list[i]->title, domains, cap, list[i]->time_zone);
    }
    g_autofree char *nothing =
        g_strdup_printf("There is no client yet. Each is a file %s/NAME.conf: see postwelle-client(5).",
                        config_text(context->config, "paths", "clients"));
    table_print_or(table, nothing);
    return 0;
}

struct line {
    const char *name, *value;
};

static void print_lines(const struct line *lines)
{
    for (; lines->name != NULL; lines++)
        if (*lines->value != '\0')
            g_print("%-18s %s\n", lines->name, lines->value);
}

static void print_lines_json(const struct line *lines)
{
    json_t *root = json_object();
    for (; lines->name != NULL; lines++) {
        g_autofree char *name = g_strdelimit(g_strdup(lines->name), " ", '-');
        json_object_set_new(root, name, json_string(lines->value));
    }
    json_print(root);
}

static int show_command(struct command_context *context, int argc, char **argv)
{
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL}, {0}};
    GError *error = NULL;
    if (!command_options(&argc, &argv, "client show CLIENT", "Shows a client as it is configured.", entries, 1, 1,
                         &error))
        return command_fail(error);
    g_autoptr(client_set_auto) clients = control_clients(context, &error);
    const struct client *client = clients != NULL ? client_by_name(clients, argv[1]) : NULL;
    if (clients != NULL && client == NULL)
        error_set(&error, ERROR_USAGE, "there is no client \"%s\"; `postwelle client list` shows them", argv[1]);
    if (client == NULL)
        return command_fail(error);
    g_autofree char *domains = g_strjoinv(", ", client->domains);
    const struct line lines[] = {{"client", client->name},
                                 {"title", client->title},
                                 {"file", client->file},
                                 {"domains", domains},
                                 {"return-path", client->return_path},
                                 {"time-zone", client->time_zone},
                                 {"language", client->language},
                                 {"proof-to", client->proof_to},
                                 {"signing domain", client->signing_domain},
                                 {"rsa-selector", client->rsa.selector},
                                 {"rsa-key", client->rsa.file},
                                 {"ed25519-selector", client->ed25519.selector},
                                 {"ed25519-key", client->ed25519.file},
                                 {"unsubscribe uri", client->unsubscribe_uri},
                                 {"unsubscribe mailto", client->unsubscribe_mailto},
                                 {NULL, NULL}};
    (json ? print_lines_json : print_lines)(lines);
    return 0;
}

/* The files are read by control_clients(); an error there names what is wrong. */
static int check_command(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    if (!command_options(&argc, &argv, "client check [CLIENT]",
                         "Reads all clients' files and says what is wrong with them; of the CLIENT that is named also "
                         "whether its unsubscribe address "
                         "works. Keys are checked by postwelle-milter, which alone can read them.",
                         NULL, 0, 1, &error))
        return command_fail(error);
    g_autoptr(client_set_auto) clients = control_clients(context, &error);
    if (clients == NULL)
        return command_fail(error);
    if (argc > 1 && client_by_name(clients, argv[1]) == NULL) {
        error_set(&error, ERROR_USAGE, "there is no client \"%s\"; `postwelle client list` shows them", argv[1]);
        return command_fail(error);
    }
    if (argc > 1 && !probe_unsubscribe(client_by_name(clients, argv[1])->unsubscribe_uri, &error))
        return command_fail(error);
    size_t count;
    client_set_list(clients, &count);
    g_print("%zu client%s: nothing to mend.\n", count, count == 1 ? "" : "s");
    return 0;
}

int cmd_client(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"list", "list the clients", list_command},
        {"show", "show a client as it is configured", show_command},
        {"check", "check the clients' files", check_command},
        {0},
    };
    return command_dispatch(context, "client", verbs, argc, argv);
}
