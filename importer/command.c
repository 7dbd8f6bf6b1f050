/* command.c - options, dispatch and errors that all subcommands share; see command.h. */
#include "importer/command.h"

#include "lib/error.h"

#include "config.h"

#include <locale.h>
#include <string.h>

const struct config *command_config(struct command_context *context, GError **error)
{
    if (context->config == NULL)
        context->config = config_load(context->config_file, &config_postwelle, error);
    return context->config;
}

gboolean command_options(int *argc, char ***argv, const char *usage, const char *summary, const GOptionEntry *entries,
                         int low, int high, GError **error)
{
    g_autoptr(GError) option_error = NULL;
    g_autoptr(GOptionContext) options = g_option_context_new(NULL);
    g_autofree char *program = g_strconcat("postwelle ", usage, NULL);
    g_set_prgname(program);
    g_option_context_set_summary(options, summary);
    if (entries != NULL)
        g_option_context_add_main_entries(options, entries, NULL);
    if (!g_option_context_parse(options, argc, argv, &option_error))
        return error_set(error, ERROR_USAGE, "%s; usage: %s [OPTIONS], or --help", option_error->message, program);
    /* "--" ends the options; it is no argument itself. */
    if (*argc > 1 && strcmp((*argv)[1], "--") == 0)
        memmove(&(*argv)[1], &(*argv)[2], (size_t)(--*argc) * sizeof **argv);
    if (*argc - 1 < low)
        return error_set(error, ERROR_USAGE, "an argument is missing; usage: %s [OPTIONS], or --help", program);
    if (*argc - 1 > high)
        return error_set(error, ERROR_USAGE, "\"%s\" is one argument too many; usage: %s [OPTIONS], or --help",
                         (*argv)[high + 1], program);
    return TRUE;
}

/* Takes "-c FILE" and "--config=FILE" before the command; returns the number of arguments taken, or -1. */
static int take_config(struct command_context *context, int argc, char **argv, GError **error)
{
    if (argc > 1 && (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "--config") == 0)) {
        if (argc == 2) {
            error_set(error, ERROR_USAGE, "%s needs a file; usage: postwelle [-c FILE] COMMAND [ARGS]", argv[1]);
            return -1;
        }
        context->config_file = argv[2];
        return 2;
    }
    if (argc > 1 && g_str_has_prefix(argv[1], "--config=")) {
        context->config_file = argv[1] + strlen("--config=");
        return 1;
    }
    return 0;
}

int command_main(const struct command *table, int argc, char **argv)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* numbers in files, JSON and requests have points */
    struct command_context context = {.config_file = CONFIG_DEFAULT_FILE};
    GError *error = NULL;
    int taken = take_config(&context, argc, argv, &error);
    if (taken < 0)
        return command_fail(error);
    argc -= taken;
    argv += taken;
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        g_print("postwelle %s\n", PACKAGE_VERSION);
        return 0;
    }
    int status = command_dispatch(&context, "", table, argc, argv);
    config_free(context.config);
    return status;
}

static void print_verbs(const char *group, const struct command *verbs)
{
    const gboolean top = *group == '\0';
    g_print("Usage: postwelle %s%sCOMMAND [ARGS]\n\n", top ? "[-c FILE] " : group, top ? "" : " ");
    for (const struct command *verb = verbs; verb->name != NULL; verb++)
        g_print("  %-13s %s\n", verb->name, verb->summary);
    if (top)
        g_print("\n  -c, --config=FILE   Instead of " CONFIG_DEFAULT_FILE
                "\n  --version           Tell the version, and end\n");
    g_print("\n`postwelle %s%sCOMMAND --help` tells more.\n", group, *group != '\0' ? " " : "");
}

int command_dispatch(struct command_context *context, const char *group, const struct command *verbs, int argc,
                     char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_verbs(group, verbs);
        return argc > 1 ? 0 : ERROR_USAGE;
    }
    for (const struct command *verb = verbs; verb->name != NULL; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb->run(context, argc - 1, argv + 1);
    g_autoptr(GError) error = NULL;
    error_set(&error, ERROR_USAGE, "there is no command \"%s%s%s\"; `postwelle %s%s--help` lists them", group,
              *group != '\0' ? " " : "", name, group, *group != '\0' ? " " : "");
    return command_fail(g_steal_pointer(&error));
}

int command_fail(GError *error)
{
    int status = error_exit_status(error);
    g_printerr("postwelle: %s\n", error->message);
    g_error_free(error);
    return status;
}
