/*
 * NAME
 *      postwelle-policyd - the ledger of Postwelle: decides which mail may be sent, and remembers it
 *
 * SYNOPSIS
 *      postwelle-policyd [-c FILE] [--syslog]
 *      postwelle-policyd [-c FILE] --init | --check | --dump
 *
 * DESCRIPTION
 *      Answers Postfix (is this recipient allowed?), the milter (take this recipient's slot, durably) and the postwelle
 *      command (campaigns, imports, waves) on three unix sockets; doc/PROTOCOL.md says how. Stays in the foreground.
 *      It alone owns the ledger; a second one on the same state folder is kept out by a lock.
 *
 *      --init  makes the secret and an empty ledger in the state folder, once. Neither is ever made by itself.
 *      --check reads the configuration and says whether it is good.
 *      --dump  writes all tables to standard output as text; policyd must not be running.
 *
 *      SIGTERM ends it after the last batch is on the disk. SIGHUP reads the clients' files anew.
 *
 * SECURITY
 *      Needs no rights but on its folders and sockets. The ledger knows addresses of imported participants; everything
 *      else is kept by keyed hashes. Log lines hold no local part of an address.
 *
 * DIAGNOSTICS
 *      To standard error, under systemd with priorities, or with --syslog to the facility mail. Exit status as in
 *      sysexits(3): 75 where another policyd runs, 78 where the configuration is wrong, 74 where the disk fails (start
 *      it again).
 *
 * BUGS
 *      The witness file, --load, --replay and --backup of doc/DESIGN.md §5 are not there yet.
 */
#include "lib/config.h"
#include "lib/error.h"
#include "policyd/dump.h"
#include "policyd/server.h"

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct options {
    char *config;
    gboolean init, check, dump, syslog, version;
};

/* --- the lock ---------------------------------------------------------------------------------- */

static gboolean write_pid(int fd)
{
    char text[32];
    int size = g_snprintf(text, sizeof text, "%d\n", (int)getpid());
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)size, 0) == size;
}

/* Holds the state folder until the process ends. Returns the descriptor, or -1 and *error. */
static int take_lock(const struct settings *settings, GError **error)
{
    char pid[32] = "";
    int fd = open(settings->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "lock %s", settings->lock);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && write_pid(fd))
        return fd;
    if (pread(fd, pid, sizeof pid - 1, 0) <= 0)
        g_strlcpy(pid, "unknown", sizeof pid);
    error_set(error, ERROR_TEMPORARY, "another postwelle-policyd (process %s) owns %s; stop it first", g_strstrip(pid),
              settings->state);
    close(fd);
    return -1;
}

/* --- what it can do ---------------------------------------------------------------------------- */

static gboolean init_state(const struct settings *settings, GError **error)
{
    struct stat stat;
    if (lstat(settings->ledger, &stat) == 0)
        return error_set(error, ERROR_CANT_CREATE, "%s: there is a ledger already; --init is for a new installation",
                         settings->ledger);
    if (lstat(settings->secret, &stat) != 0 && !secret_create(settings->secret, error))
        return FALSE;
    if (!store_bdb_create(settings->ledger, error))
        return FALSE;
    struct store *store = store_bdb_open(settings->ledger, settings->cache_size, error);
    gboolean done = store != NULL && ledger_create(store, g_get_real_time() / 1000, error);
    store_close(store);
    return done;
}

static struct ledger *open_ledger(const struct settings *settings, struct client_set *clients, GError **error)
{
    g_autoptr(secret_auto) secret = secret_load(settings->secret, error);
    if (secret == NULL)
        return NULL;
    struct store *store = store_bdb_open(settings->ledger, settings->cache_size, error);
    return store != NULL ? ledger_open(store, g_steal_pointer(&secret), clients, error) : NULL;
}

static gboolean serve(const struct settings *settings, gboolean to_syslog, GError **error)
{
    struct journal journal;
    journal_init(&journal, "postwelle-policyd", to_syslog);
    g_autoptr(client_set_auto) clients = client_set_load(settings->clients, error);
    if (clients == NULL)
        return FALSE;
    g_autoptr(ledger_auto) ledger = open_ledger(settings, clients, error);
    if (ledger == NULL)
        return FALSE;
    struct server *server = server_new(settings, ledger, &journal, error);
    if (server == NULL)
        return FALSE;
    journal_write(&journal, LOG_NOTICE, "started, version %s", PACKAGE_VERSION);
    server_run(server);
    server_free(server);
    return TRUE;
}

static gboolean dump(const struct settings *settings, GError **error)
{
    struct store *store = store_bdb_open(settings->ledger, settings->cache_size, error);
    gboolean done = store != NULL && dump_store(store, stdout, error);
    store_close(store);
    return done;
}

static gboolean check(const struct settings *settings, GError **error)
{
    g_autoptr(client_set_auto) clients = client_set_load(settings->clients, error);
    return clients != NULL;
}

/* --- the command line -------------------------------------------------------------------------- */

static gboolean read_options(int argc, char **argv, struct options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "configuration file", "FILE"},
        {"init", 0, 0, G_OPTION_ARG_NONE, &options->init, "make a new ledger and its secret, and end", NULL},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, "check the configuration, and end", NULL},
        {"dump", 0, 0, G_OPTION_ARG_NONE, &options->dump, "write the ledger as text, and end", NULL},
        {"syslog", 0, 0, G_OPTION_ARG_NONE, &options->syslog, "log to syslog instead of standard error", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "print the version, and end", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- the ledger of Postwelle");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return FALSE;
    if (argc > 1)
        return error_set(error, ERROR_USAGE, "unexpected argument: %s", argv[1]);
    return options->init + options->check + options->dump <= 1 ||
           error_set(error, ERROR_USAGE, "only one of --init, --check and --dump at a time");
}

static gboolean run(const struct options *options, GError **error)
{
    g_autoptr(settings_auto) settings =
        settings_load(options->config != NULL ? options->config : CONFIG_DEFAULT_FILE, error);
    if (settings == NULL)
        return FALSE;
    if (options->check)
        return check(settings, error);
    if (options->init && g_mkdir_with_parents(settings->state, 0700) != 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "make the state folder %s", settings->state);
    int lock = take_lock(settings, error);
    if (lock < 0)
        return FALSE;
    gboolean done = options->init   ? init_state(settings, error)
                    : options->dump ? dump(settings, error)
                                    : serve(settings, options->syslog, error);
    close(lock);
    return done;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    g_autoptr(GError) error = NULL;
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    if (!read_options(argc, argv, &options, &error) || (!options.version && !run(&options, &error)))
        fprintf(stderr, "postwelle-policyd: %s\n", error->message);
    else if (options.version)
        printf("postwelle-policyd %s\n", PACKAGE_VERSION);
    g_free(options.config);
    return error_exit_status(error);
}
