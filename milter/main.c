/*
 * main.c - postwelle-milter: signs the clients' mail and asks policyd before it leaves.
 *
 *     postwelle-milter [-c FILE] [--syslog]    runs in the foreground until SIGTERM
 *     postwelle-milter [-c FILE] --check       checks configuration and keys: 0, or 78 with what to do
 *
 * SIGHUP rereads configuration, clients and keys; where anything is wrong with them, the old ones stay in force. The
 * two sockets, engine and reserve-timeout are read at start alone.
 *
 * Signals: the first thread of this process does nothing but wait for them, the engine runs on threads of its own that
 * block them. With `engine = libmilter` there is a thread of that library that waits in sigwait() for SIGHUP, SIGTERM
 * and SIGINT, and stops at each of them. So the first thread never blocks these three: Linux hands a signal that
 * several threads could take to the first thread, if it can. Should libmilter get a SIGHUP all the same, it stops, and
 * the milter ends with an error, for the supervisor to start it anew.
 */
#include "config.h"

#include "lib/error.h"
#include "lib/journal.h"
#include "lib/notify.h"
#include "milter/engine.h"
#include "milter/socket.h"
#include "milter/status.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Mails at their end that are worked on at once, for each processor: fewer leave it idle now and then. */
#define TURNS 4
#define STOP_POLL 20     /* ms between looks whether the last mail has been answered */
#define STOP_LIMIT 20000 /* ms after which it is not waited for any more */

struct daemon {
    struct milter milter;
    const struct engine *engine;
    void *engine_state;
    const char *config_file;
    GMainLoop *loop;
    int status;
    gint64 stop_time; /* monotonic; when SIGTERM came */
};

struct options {
    char *config_file; /* lives as long as the process */
    gboolean check, to_syslog, version;
};

static gboolean read_options(int *argc, char ***argv, struct options *options, GError **error)
{
    GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_file, "the configuration file", "FILE"},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, "check configuration and keys, then end", NULL},
        {"syslog", 0, 0, G_OPTION_ARG_NONE, &options->to_syslog, "log to syslog instead of standard error", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "print the version", NULL},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- sign the clients' mail for Postfix");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) wrong = NULL;
    if (!g_option_context_parse(context, argc, argv, &wrong))
        return error_set(error, ERROR_USAGE, "%s; --help shows the usage", wrong->message);
    if (*argc > 1)
        return error_set(error, ERROR_USAGE, "\"%s\" is not understood; --help shows the usage", (*argv)[1]);
    if (options->config_file == NULL)
        options->config_file = g_strdup(CONFIG_DEFAULT_FILE);
    return TRUE;
}

/* --- configuration --- */

static void log_problems(const struct journal *journal, const GPtrArray *problems)
{
    for (guint i = 0; i < problems->len; i++)
        journal_write(journal, LOG_ERR, "error: %s", (const char *)g_ptr_array_index(problems, i));
}

static void log_loaded(const struct journal *journal, const char *what, const struct snapshot *snapshot)
{
    size_t clients, usable, domains = key_snapshot_count(snapshot->keys, &usable);
    client_set_list(snapshot->clients, &clients);
    journal_write(journal, LOG_NOTICE, "%s: clients=%zu signing-domains=%zu usable=%zu", what, clients, domains,
                  usable);
}

/* --check: what is wrong goes to standard error. */
static int check(const char *config_file)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(snapshot_auto) snapshot = snapshot_load(config_file, problems, &error);
    if (error != NULL)
        g_printerr(MILTER_NAME ": %s\n", error->message);
    for (guint i = 0; i < problems->len; i++)
        g_printerr(MILTER_NAME ": %s\n", (const char *)g_ptr_array_index(problems, i));
    if (snapshot == NULL || problems->len > 0)
        return EX_CONFIG;
    g_print("%s: configuration and keys are good\n", config_file);
    return EXIT_SUCCESS;
}

/* SIGHUP. */
static gboolean reload(void *user)
{
    struct daemon *daemon = user;
    const struct journal *journal = &daemon->milter.journal;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autofree char *reloading =
        g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
    notify_send(reloading);
    g_autoptr(snapshot_auto) snapshot = snapshot_load(daemon->config_file, problems, &error);
    log_problems(journal, problems);
    if (error != NULL)
        journal_write(journal, LOG_ERR, "error: %s", error->message);
    if (snapshot == NULL || problems->len > 0) {
        metrics_add(&daemon->milter.counters.failed_reloads, 1);
        journal_write(journal, LOG_ERR, "error: not reloaded: the old configuration and keys stay in force");
    } else {
        metrics_add(&daemon->milter.counters.reloads, 1);
        log_loaded(journal, "reloaded", snapshot);
        snapshot_box_swap(&daemon->milter.box, g_steal_pointer(&snapshot));
    }
    notify_send("READY=1");
    return G_SOURCE_CONTINUE;
}

/* --- the daemon's life --- */

/* Ends the loop when no mail waits for its answer any more. */
static gboolean end_when_idle(void *user)
{
    struct daemon *daemon = user;
    gboolean late = g_get_monotonic_time() - daemon->stop_time > (gint64)STOP_LIMIT * 1000;
    if (g_atomic_int_get(&daemon->milter.busy) > 0 && !late)
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(daemon->loop);
    return G_SOURCE_REMOVE;
}

/* SIGTERM, SIGINT: from now on 451; the mails that are being reserved get their answer. */
static gboolean stop(void *user)
{
    struct daemon *daemon = user;
    if (g_atomic_int_get(&daemon->milter.stopping))
        return G_SOURCE_CONTINUE;
    notify_send("STOPPING=1");
    journal_write(&daemon->milter.journal, LOG_NOTICE, "stopping");
    g_atomic_int_set(&daemon->milter.stopping, TRUE);
    daemon->stop_time = g_get_monotonic_time();
    g_timeout_add(STOP_POLL, end_when_idle, daemon);
    return G_SOURCE_CONTINUE;
}

static gboolean watchdog(void *user)
{
    (void)user;
    notify_send("WATCHDOG=1");
    return G_SOURCE_CONTINUE;
}

/* The engine has given up. */
static gboolean served(void *user)
{
    struct daemon *daemon = user;
    if (!g_atomic_int_get(&daemon->milter.stopping)) {
        journal_write(&daemon->milter.journal, LOG_ERR, "error: engine %s has stopped; the lines above say why",
                      daemon->engine->name);
        daemon->status = EX_SOFTWARE;
    }
    g_main_loop_quit(daemon->loop);
    return G_SOURCE_REMOVE;
}

static gpointer serve_thread(void *user)
{
    struct daemon *daemon = user;
    daemon->engine->serve(daemon->engine_state);
    g_idle_add(served, daemon);
    return NULL;
}

/* g_unix_signal_add() with the signal left open while its handler runs: see the head of this file. */
static void watch_signal(int number, GSourceFunc callback, struct daemon *daemon)
{
    struct sigaction action;
    g_unix_signal_add(number, callback, daemon);
    sigaction(number, NULL, &action);
    action.sa_flags |= SA_NODEFER;
    sigaction(number, &action, NULL);
}

/* Threads made between these two take none of our signals. */
static void block_signals(int how)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(how, &signals, NULL);
}

/*
 * Runs until SIGTERM and ends the process: without exit(), whose handlers would clean up OpenSSL under threads that
 * sign.
 */
static void G_GNUC_NORETURN run(struct daemon *daemon, const char *address, const char *status)
{
    guint watchdog_ms = notify_watchdog_interval();
    daemon->loop = g_main_loop_new(NULL, FALSE);
    watch_signal(SIGHUP, reload, daemon);
    watch_signal(SIGTERM, stop, daemon);
    watch_signal(SIGINT, stop, daemon);
    if (watchdog_ms > 0)
        g_timeout_add(watchdog_ms, watchdog, NULL);
    g_thread_unref(g_thread_new("engine", serve_thread, daemon));
    block_signals(SIG_UNBLOCK);
    notify_send("READY=1");
    journal_write(&daemon->milter.journal, LOG_NOTICE, "listening: version=" PACKAGE_VERSION " socket=%s", address);
    g_main_loop_run(daemon->loop);
    socket_remove(address);
    if (status != NULL)
        socket_remove(status);
    _exit(daemon->status);
}

static gboolean listen_at(struct daemon *daemon, const char *address, const struct config *config, GError **error)
{
    gboolean own = strcmp(config_text(config, "milter", "engine"), engine_own.name) == 0;
    daemon->engine = own ? &engine_own : &engine_libmilter;
    if (!socket_make_way(address, error))
        return FALSE;
    umask(0117); /* the socket is for owner and group; no other file is made */
    daemon->engine_state = daemon->engine->open(&daemon->milter, address, error);
    return daemon->engine_state != NULL &&
           socket_set_group(address, config_text(config, "milter", "postfix-group"), error);
}

/*
 * Its numbers are worth no mail: where the socket can't be had, it says so and goes on. Returns the socket's address,
 * or NULL.
 */
static char *tell_status(struct daemon *daemon, const struct config *config)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = config_milter_status_socket(config);
    daemon->milter.counters.started = g_get_real_time() / G_USEC_PER_SEC;
    if (path == NULL)
        return NULL;
    if (status_listen(&daemon->milter, path, &error))
        return g_strconcat("unix:", path, NULL);
    journal_write(&daemon->milter.journal, LOG_WARNING, "no status socket: %s", error->message);
    return NULL;
}

/* Loads, listens, runs; returns only where it can't, with *error. */
static void start(struct daemon *daemon, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    struct milter *milter = &daemon->milter;
    struct snapshot *snapshot = snapshot_load(daemon->config_file, problems, error);
    if (snapshot == NULL)
        return;
    log_problems(&milter->journal, problems);
    log_loaded(&milter->journal, "loaded", snapshot);
    snapshot_box_init(&milter->box, snapshot);
    milter->pool = reserve_pool_new(config_text(snapshot->config, "policyd", "reserve-socket"),
                                    (guint)config_number(snapshot->config, "milter", "reserve-timeout") * 1000);
    milter->turns = turns_new(TURNS * g_get_num_processors());
    g_autofree char *address = g_strdup(config_text(snapshot->config, "milter", "socket"));
    if (listen_at(daemon, address, snapshot->config, error))
        run(daemon, address, tell_status(daemon, snapshot->config));
}

/* No core file may hold a key. */
static void forbid_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
    static struct daemon daemon; /* outlives main(): the engine's threads may still look at it */
    g_autoptr(GError) error = NULL;
    static struct options options;
    journal_init(&daemon.milter.journal, MILTER_NAME, FALSE);
    forbid_core();
    block_signals(SIG_BLOCK);
    if (!read_options(&argc, &argv, &options, &error)) {
        journal_write(&daemon.milter.journal, LOG_ERR, MILTER_NAME ": %s", error->message);
        return error_exit_status(error);
    }
    if (options.version) {
        g_print(MILTER_NAME " " PACKAGE_VERSION "\n");
        return EXIT_SUCCESS;
    }
    if (!key_protect_memory(&error)) {
        journal_write(&daemon.milter.journal, LOG_ERR, MILTER_NAME ": %s", error->message);
        return error_exit_status(error);
    }
    if (options.check)
        return check(options.config_file);
    journal_init(&daemon.milter.journal, MILTER_NAME, options.to_syslog);
    daemon.config_file = options.config_file;
    start(&daemon, &error);
    journal_write(&daemon.milter.journal, LOG_ERR, "error: %s", error->message);
    return error_exit_status(error);
}
