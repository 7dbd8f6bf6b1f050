/*
 * NAME
 *     postwelle-web - the unsubscribe pages: RFC 8058's one click, and a page for people; and the status pages
 * SYNOPSIS
 *     postwelle-web [-c FILE] [--syslog]
 * DESCRIPTION
 *     Answers GET for an unsubscribe link with a page in the participant's language, which changes nothing, and POST by
 *     unsubscribing at once, without login, cookie or redirect. Listens on loopback ([web] host and port) behind a web
 *     server that does TLS: packaging/nginx has a sample. Runs in the foreground until SIGTERM.
 *
 *     With [web] status-listen, a second loopback address shows where each campaign stands: numbers, never an address;
 *     GET alone, under a loopback name.
 * SECURITY
 *     Needs no right but to connect to policyd's feedback socket, over which nothing can be asked but that, and to its
 *     status socket, over which only numbers can be read. Links are checked by policyd alone; the answer is the same
 *     whether one is ours or not. It logs no link.
 * DIAGNOSTICS
 *     Exit status 0, or sysexits(3).
 */
#include "web/server.h"

#include "lib/config.h"
#include "lib/error.h"

#include "config.h"

#include <signal.h>

#define WEB_NAME "postwelle-web"

struct options {
    char *config_file;
    gboolean to_syslog, version;
};

static gboolean read_options(int *argc, char ***argv, struct options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_file, "the configuration file", "FILE"},
        {"syslog", 0, 0, G_OPTION_ARG_NONE, &options->to_syslog, "log to syslog instead of standard error", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "print the version", NULL},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- take people's wish to be left alone");
    g_autoptr(GError) wrong = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &wrong))
        return error_set(error, ERROR_USAGE, "%s; --help shows the usage", wrong->message);
    if (*argc > 1)
        return error_set(error, ERROR_USAGE, "\"%s\" is not understood; --help shows the usage", (*argv)[1]);
    if (options->config_file == NULL)
        options->config_file = g_strdup(CONFIG_DEFAULT_FILE);
    return TRUE;
}

static gboolean serve(const struct options *options, const struct journal *journal, GError **error)
{
    g_autoptr(config_auto) config = config_load(options->config_file, &config_postwelle, error);
    if (config == NULL)
        return FALSE;
    g_autofree char *feedback_socket = config_feedback_socket(config);
    g_autofree char *status_socket = config_status_socket(config);
    const struct web_options web_options = {
        .host = config_text(config, "web", "host"),
        .port = (guint16)config_number(config, "web", "port"),
        .feedback_socket = feedback_socket,
        .status_listen = config_text(config, "web", "status-listen"),
        .status_socket = status_socket,
        .journal = journal,
    };
    struct web_server *server = web_server_new(&web_options, error);
    if (server == NULL)
        return FALSE;
    journal_write(journal, LOG_NOTICE, "started: version=%s address=%s port=%u status=%s", PACKAGE_VERSION,
                  web_options.host, web_options.port,
                  *web_options.status_listen != '\0' ? web_options.status_listen : "off");
    web_server_run(server);
    web_server_free(server);
    journal_write(journal, LOG_NOTICE, "stopped");
    return TRUE;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct journal journal;
    g_autoptr(GError) error = NULL;
    signal(SIGPIPE, SIG_IGN);
    gboolean good = read_options(&argc, &argv, &options, &error);
    if (good && options.version) {
        g_print(WEB_NAME " %s\n", PACKAGE_VERSION);
    } else if (good) {
        journal_init(&journal, WEB_NAME, options.to_syslog);
        good = serve(&options, &journal, &error);
    }
    g_free(options.config_file);
    if (good)
        return 0;
    g_printerr(WEB_NAME ": %s\n", error->message);
    return error_exit_status(error);
}
