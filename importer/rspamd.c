/* rspamd.c - a private rspamd; see rspamd.h. */
#include "importer/rspamd.h"

#include "importer/remove_tree.h"
#include "lib/error.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define START_SECONDS 90
#define END_SECONDS 5
#define ANSWER_SECONDS 60
#define ANSWER_MAX (4 * 1024 * 1024)
#define POLL_US 50000

struct rspamd {
    GSubprocess *process;
    char *folder, *socket;
};

/*
 * Debian's rules and scores, as far as they are about the mail itself: no plugin that asks DNS, block lists, fuzzy
 * hashes or learned data is loaded, and port 9 of this host answers nobody who asks it for names. The short list of
 * top-level domains spares it half a minute of compiling; it only matters for addresses that are written without
 * https://.
 */
static const char config_text[] =
    "modules {\n"
    "    path = \"$PLUGINSDIR/forged_recipients.lua\"; path = \"$PLUGINSDIR/maillist.lua\";\n"
    "    path = \"$PLUGINSDIR/mid.lua\"; path = \"$PLUGINSDIR/mime_types.lua\"; path = \"$PLUGINSDIR/phishing.lua\";\n"
    "}\n"
    "options {\n"
    "    filters = \"chartable,regexp\"; check_all_filters = true; allow_raw_input = true; task_timeout = 30s;\n"
    "    dns { nameserver = [\"127.0.0.1:9\"]; timeout = 0.1s; retransmits = 1; }\n"
    "    disable_hyperscan = true; disable_monitoring = true;\n"
    "    explicit_modules = [\"settings\", \"bayes_expiry\"];\n"
    "    url_tld = \"%1$s/tld\"; hs_cache_dir = \"%1$s/\"; cache_file = \"%1$s/symbols\"; history_file = "
    "\"%1$s/history\";\n"
    "    control_socket = \"%1$s/control.sock mode=0600\"; pidfile = \"%1$s/pid\"; tempdir = \"%1$s\";\n"
    "}\n"
    "logging { type = \"file\"; filename = \"%1$s/log\"; level = \"error\"; }\n"
    "worker \"normal\" { bind_socket = \"%1$s/scan.sock mode=0600\"; mime = true; count = 1; }\n"
    "lua = \"$RULESDIR/rspamd.lua\"\n"
    ".include \"$CONFDIR/metrics.conf\"\n"
    ".include \"$CONFDIR/actions.conf\"\n"
    ".include \"$CONFDIR/groups.conf\"\n"
    ".include \"$CONFDIR/composites.conf\"\n"
    ".include \"$CONFDIR/modules.conf\"\n";
static const char domains_text[] = "com\nnet\norg\ninfo\neu\nde\nat\nch\nuk\nco.uk\nfr\nnl\nexample\n";

/* --- the process -------------------------------------------------------------------------------- */

static gboolean write_config(const struct rspamd *rspamd, GError **error)
{
    g_autofree char *config = g_build_filename(rspamd->folder, "rspamd.conf", NULL);
    g_autofree char *domains = g_build_filename(rspamd->folder, "tld", NULL);
    g_autofree char *text = g_strdup_printf(config_text, rspamd->folder);
    return g_file_set_contents(config, text, -1, error) && g_file_set_contents(domains, domains_text, -1, error);
}

static gboolean start(struct rspamd *rspamd, GError **error)
{
    g_autofree char *config = g_build_filename(rspamd->folder, "rspamd.conf", NULL);
    g_autofree char *local = g_strconcat("--var=LOCAL_CONFDIR=", rspamd->folder, NULL);
    g_autofree char *data = g_strconcat("--var=DBDIR=", rspamd->folder, NULL);
    g_autofree char *run = g_strconcat("--var=RUNDIR=", rspamd->folder, NULL);
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_subprocess_launcher_setenv(launcher, "HOME", rspamd->folder, TRUE);
    /* -i: as root it scans as root, here but a mail that we have made ourselves. */
    rspamd->process =
        g_subprocess_launcher_spawn(launcher, error, "rspamd", "-f", "-i", "-c", config, local, data, run, NULL);
    return rspamd->process != NULL;
}

static GSocketConnection *connect_to(const struct rspamd *rspamd, GError **error)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(rspamd->socket);
    g_socket_client_set_timeout(client, ANSWER_SECONDS);
    return g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, error);
}

/* g_subprocess_get_identifier() is NULL once it has ended. */
static gboolean await_start(const struct rspamd *rspamd, GError **error)
{
    for (int waited = 0; waited < START_SECONDS * (1000000 / POLL_US); waited++) {
        g_autoptr(GSocketConnection) connection = connect_to(rspamd, NULL);
        if (connection != NULL)
            return TRUE;
        if (g_subprocess_get_identifier(rspamd->process) == NULL)
            return error_set(error, ERROR_UNAVAILABLE, "rspamd has ended at once; is it installed whole?");
        g_main_context_iteration(NULL, FALSE); /* in which GLib learns of its end */
        g_usleep(POLL_US);
    }
    return error_set(error, ERROR_UNAVAILABLE, "rspamd does not listen after %d seconds", START_SECONDS);
}

struct rspamd *rspamd_new(GError **error)
{
    char *folder = g_dir_make_tmp("postwelle-rspamd-XXXXXX", error);
    if (folder == NULL)
        return NULL;
    struct rspamd *rspamd = g_new0(struct rspamd, 1);
    rspamd->folder = folder;
    rspamd->socket = g_build_filename(folder, "scan.sock", NULL);
    if (write_config(rspamd, error) && start(rspamd, error) && await_start(rspamd, error))
        return rspamd;
    rspamd_free(rspamd);
    return NULL;
}

static gboolean has_ended(const struct rspamd *rspamd)
{
    g_main_context_iteration(NULL, FALSE);
    return g_subprocess_get_identifier(rspamd->process) == NULL;
}

void rspamd_free(struct rspamd *rspamd)
{
    if (rspamd == NULL)
        return;
    if (rspamd->process != NULL) {
        g_subprocess_send_signal(rspamd->process, SIGTERM);
        for (int waited = 0; waited < END_SECONDS * (1000000 / POLL_US) && !has_ended(rspamd); waited++)
            g_usleep(POLL_US);
        g_subprocess_force_exit(rspamd->process);
        g_object_unref(rspamd->process);
    }
    remove_tree(rspamd->folder);
    g_free(rspamd->socket);
    g_free(rspamd->folder);
    g_free(rspamd);
}

/* --- asking ------------------------------------------------------------------------------------- */

static gboolean send_mail(GSocketConnection *connection, const GString *message, const struct spam_envelope *envelope,
                          GError **error)
{
    g_autofree char *head =
        g_strdup_printf("POST /checkv2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n"
                        "IP: 192.0.2.25\r\nHelo: mail.%s\r\nHostname: mail.%s\r\nFrom: <bounce@%s>\r\nRcpt: %s\r\n\r\n",
                        message->len, envelope->domain, envelope->domain, envelope->domain, envelope->recipient);
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    return g_output_stream_write_all(out, head, strlen(head), NULL, NULL, error) &&
           g_output_stream_write_all(out, message->str, message->len, NULL, NULL, error);
}

/* The answer's body, of which the head says the length; it is JSON. */
static json_t *read_answer(GSocketConnection *connection, GError **error)
{
    g_autoptr(GDataInputStream) in = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
    guint64 length = 0;
    g_data_input_stream_set_newline_type(in, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
    for (;;) {
        g_autofree char *line = g_data_input_stream_read_line(in, NULL, NULL, error);
        if (line == NULL)
            return NULL;
        if (*line == '\0')
            break;
        if (g_ascii_strncasecmp(line, "Content-Length:", 15) == 0)
            length = g_ascii_strtoull(line + 15, NULL, 10);
    }
    if (length == 0 || length > ANSWER_MAX)
        return NULL;
    gsize got = 0;
    g_autofree char *body = g_malloc(length);
    if (!g_input_stream_read_all(G_INPUT_STREAM(in), body, length, &got, NULL, error))
        return NULL;
    return json_loadb(body, got, 0, NULL);
}

struct symbol {
    const char *name;
    double points;
};

static int compare_symbols(const void *a, const void *b)
{
    const struct symbol *left = a, *right = b;
    return (left->points < right->points) - (left->points > right->points);
}

static gboolean take_verdict(const json_t *answer, struct spam_verdict *verdict_r)
{
    json_t *symbols = json_object_get(answer, "symbols"), *value;
    const char *name;
    g_autoptr(GArray) worth = g_array_new(FALSE, FALSE, sizeof(struct symbol));
    g_autoptr(GString) rules = g_string_new(NULL);
    if (!json_is_object(symbols) || !json_is_number(json_object_get(answer, "score")))
        return FALSE;
    json_object_foreach(symbols, name, value)
    {
        struct symbol symbol = {name, json_number_value(json_object_get(value, "score"))};
        if (symbol.points >= 0.05)
            g_array_append_val(worth, symbol);
    }
    g_array_sort(worth, compare_symbols);
    for (guint i = 0; i < worth->len; i++) {
        const struct symbol *symbol = &g_array_index(worth, struct symbol, i);
        g_string_append_printf(rules, "%s%s %.1f", i > 0 ? ", " : "", symbol->name, symbol->points);
    }
    gboolean good = worth->len == 0 || g_array_index(worth, struct symbol, 0).points < SPAM_SYMBOL_BELOW;
    *verdict_r = (struct spam_verdict){"rspamd", json_number_value(json_object_get(answer, "score")), good,
                                       g_strdup(rules->str)};
    return TRUE;
}

gboolean rspamd_judge(struct rspamd *rspamd, const GString *message, const struct spam_envelope *envelope,
                      struct spam_verdict *verdict_r, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GSocketConnection) connection = connect_to(rspamd, &problem);
    gboolean sent = connection != NULL && send_mail(connection, message, envelope, &problem);
    json_t *answer = sent ? read_answer(connection, &problem) : NULL;
    gboolean good = answer != NULL && take_verdict(answer, verdict_r);
    json_decref(answer);
    return good || error_set(error, ERROR_UNAVAILABLE, "rspamd: %s",
                             problem != NULL ? problem->message : "its answer can't be read");
}
