/*
 * NAME
 *      postwelle-policyd - the ledger of Postwelle: decides which mail may be sent, and remembers it
 *
 * SYNOPSIS
 *      postwelle-policyd [-c FILE] [--syslog]
 *      postwelle-policyd [-c FILE] --backup DIR
 *      postwelle-policyd [-c FILE] --init | --check | --dump | --load FILE | --replay | --restored
 *
 * DESCRIPTION
 *      Answers Postfix (is this recipient allowed?), the milter (take this recipient's slot, durably) and the postwelle
 *      command (campaigns, imports, waves) on three unix sockets; doc/PROTOCOL.md says how. Stays in the foreground.
 *      It alone owns the ledger; a second one on the same state folder is kept out by a lock.
 *
 *      --init      makes the secret, an empty ledger and its witness, once. None is ever made by itself.
 *      --check     reads the configuration and says whether it is good.
 *      --dump      writes all tables to standard output as text. For this and the next three, policyd must not be
 *                  running.
 *      --load      loads such a text into a ledger that --init has just made; all or nothing.
 *      --replay    brings back from the witness what the ledger has lost: after damage, or over a restored backup.
 *      --restored  takes the ledger as it is, where the witness is lost.
 *
 *      --backup    copies ledger, witness and secret to a new folder while policyd serves, and tries the copy out. Run
 *                  it as root, each day: the witness lets go what two backups hold. To restore, put DIR/ledger in place
 *                  of the ledger, and --replay; if the witness is lost, DIR/witness in its place before.
 *
 *      --load, --replay and --restored raise the epoch: whatever was being sent before is refused from then on, and
 *      tried again.
 *
 *      Where the ledger is not what its witness says, policyd serves nobody: it stays up, and answers every request
 *      with "temporary" (451), until it was put right and started again.
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
 */
#include "lib/config.h"
#include "lib/error.h"
#include "policyd/backup.h"
#include "policyd/boot.h"
#include "policyd/integrity.h"
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
    char *config, *load, *backup;
    gboolean init, check, dump, replay, restored, syslog, version;
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

/* SIGHUP would end a process that does not handle it yet; blocked, it waits until there is a server to reload. */
static void keep_reload(int how)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(how, &signals, NULL);
}

/* Serves the ledger; or, where it must not be served, says so to everybody until somebody has settled it. */
static gboolean serve(const struct settings *settings, gboolean to_syslog, GError **error)
{
    struct journal journal;
    g_autoptr(GError) why = NULL;
    g_autofree char *note = NULL;
    journal_init(&journal, "postwelle-policyd", to_syslog);
    keep_reload(SIG_BLOCK);
    g_autoptr(client_set_auto) clients = client_set_load(settings->clients, error);
    if (clients == NULL)
        return FALSE;
    g_autoptr(secret_auto) secret = secret_load(settings->secret, error);
    if (secret == NULL)
        return FALSE;
    g_autoptr(ledger_auto) ledger = integrity_open(settings, g_steal_pointer(&secret), clients, &note, &why);
    if (ledger != NULL)
        ledger_set_boot(ledger, boot_number(&journal));
    struct server *server = server_new(settings, ledger, why != NULL ? why->message : NULL, &journal, error);
    if (server == NULL)
        return FALSE;
    keep_reload(SIG_UNBLOCK);
    if (note != NULL)
        journal_write(&journal, LOG_WARNING, "%s", note);
    if (ledger == NULL)
        journal_write(&journal, LOG_CRIT, "NOT IN SERVICE, every request is answered \"temporary\": %s", why->message);
    else
        journal_write(&journal, LOG_NOTICE, "started, version %s", PACKAGE_VERSION);
    server_run(server);
    server_free(server);
    return TRUE;
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
        {"load", 0, 0, G_OPTION_ARG_FILENAME, &options->load, "load a dump into a new ledger, and end", "FILE"},
        {"backup", 0, 0, G_OPTION_ARG_FILENAME, &options->backup, "copy a ledger that is served to a new folder",
         "DIR"},
        {"replay", 0, 0, G_OPTION_ARG_NONE, &options->replay,
         "bring back from the witness what the ledger has lost, and end", NULL},
        {"restored", 0, 0, G_OPTION_ARG_NONE, &options->restored,
         "take the ledger as it is, begin a new witness, and end", NULL},
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
    int modes = options->init + options->check + options->dump + options->replay + options->restored +
                (options->load != NULL) + (options->backup != NULL);
    return modes <= 1 || error_set(error, ERROR_USAGE, "only one of --init, --check, --dump, --load, --replay, "
                                   "--restored and --backup at a time");
}

static gboolean run_locked(const struct options *options, const struct settings *settings, GError **error)
{
    if (options->init)
        return integrity_init(settings, error);
    if (options->dump)
        return integrity_dump(settings, stdout, error);
    if (options->load != NULL)
        return integrity_load(settings, options->load, stdout, error);
    if (options->replay)
        return integrity_replay(settings, stdout, error);
    if (options->restored)
        return integrity_restored(settings, stdout, error);
    return serve(settings, options->syslog, error);
}

static gboolean run(const struct options *options, GError **error)
{
    g_autoptr(settings_auto) settings =
        settings_load(options->config != NULL ? options->config : CONFIG_DEFAULT_FILE, error);
    if (settings == NULL)
        return FALSE;
    if (options->check)
        return check(settings, error);
    if (options->backup != NULL)
        return backup_make(settings, options->backup, stdout, error);
    if (options->init && g_mkdir_with_parents(settings->state, 0700) != 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "make the state folder %s", settings->state);
    int lock = take_lock(settings, error);
    if (lock < 0)
        return FALSE;
    gboolean done = run_locked(options, settings, error);
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
    g_free(options.load);
    g_free(options.backup);
    return error_exit_status(error);
}
