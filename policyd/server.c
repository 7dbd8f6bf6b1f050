/* server.c - the event loop; see server.h. */
#include "policyd/server.h"

#include "lib/error.h"
#include "lib/notify.h"
#include "policyd/commit.h"
#include "policyd/connection.h"
#include "policyd/counters.h"
#include "policyd/gather.h"
#include "policyd/requests.h"
#include "policyd/witness.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define WITNESS_FILES_MANY 16 /* about 1 GiB, some millions of mails: then its growth is told each hour */
#define PRUNE_PAUSE (3600 * G_TIME_SPAN_SECOND)
#define LEVELS 5
/*
 * Answers of look-ups that leave together. One by one each would wake its reader, which takes the processor from the
 * loop; all at the end of a round would have the readers idle while the loop works, and the loop while they do.
 */
#define ANSWERS_TOGETHER 32

struct listener {
    struct server *server;
    const char *path;
    unsigned level;
    int fd;
    struct event *event;
};

struct server {
    const struct settings *settings;
    struct ledger *ledger; /* NULL: not in service, and nothing below that writes is there */
    const char *why;
    const struct journal *journal;
    struct event_base *base;
    struct listener listeners[LEVELS];
    struct connection_keeper keeper;
    GHashTable *connections; /* set */
    struct counters counters;
    struct commit *commit;
    struct event *committed, *gathered, *tick, *watchdog, *signals[3];
    gboolean in_batch;   /* a transaction is open */
    guint pending;       /* requests in it */
    guint at_disk;       /* requests in the batch at the disk */
    guint again;         /* requests in the one being built, of connections that are in the one at the disk */
    gint64 submitted;    /* monotonic microseconds: when that went there */
    gint64 worked;       /* nanoseconds that the loop had worked by then */
    gint64 request_time; /* nanoseconds that it needed for each request of the batch before */
    guint expected;      /* requests that the batch being built waits for; 0: for none */
    int gather_timer;
    GPtrArray *building; /* struct connection: have answers in the batch being built */
    GPtrArray *flushing; /* ... and in the one at the disk */
    GPtrArray *unsent;   /* ... that leave when there are enough of them, or at the end of the round */
    gint64 prune_at; /* monotonic */
    gboolean disk_low, stopping;
    gboolean told; /* the audit trail has what happened before, and the clients' settings */
};

static gint64 wall_clock(void)
{
    return g_get_real_time() / 1000;
}

/* The disk can't be trusted any more. Whoever asks is answered by the next process, which recovers first. */
static void die(struct server *server, const GError *error)
{
    journal_write(server->journal, LOG_CRIT, "%s; ending, to recover at the next start", error->message);
    _exit(EX_IOERR);
}

static void report(struct server *server, const GError *error)
{
    if (error->domain == POSTWELLE_ERROR && error->code == ERROR_IO)
        die(server, error);
    journal_write(server->journal, LOG_ERR, "%s", error->message);
}

/* --- batches ----------------------------------------------------------------------------------- */

static void forget_all(GPtrArray *connections)
{
    for (guint i = 0; i < connections->len; i++)
        connection_unref(g_ptr_array_index(connections, i));
    g_ptr_array_set_size(connections, 0);
}

/* The batch being built is lost: each request in it is answered `temporary`. */
static void lose_batch(struct server *server, const GError *why)
{
    g_autoptr(GError) error = NULL;
    report(server, why);
    if (server->in_batch && !ledger_batch_abort(server->ledger, &error))
        report(server, error);
    server->in_batch = FALSE;
    server->told = FALSE;
    server->pending = server->again = 0;
    g_autoptr(GPtrArray) lost = g_steal_pointer(&server->building);
    server->building = g_ptr_array_new();
    server->counters.troubles[TROUBLE_WRITE] += lost->len;
    for (guint i = 0; i < lost->len; i++) {
        struct connection *connection = g_ptr_array_index(lost, i);
        g_autoptr(GString) text = g_string_new(NULL);
        request_answer_temporary(text, connection_level(connection), "The ledger could not be written; try again");
        if (!connection_is_closed(connection))
            connection_batch_lost(connection, text->str);
    }
    forget_all(lost);
}

/* Nanoseconds of processor time that this thread, the loop's, has used. */
static gint64 work_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (gint64)time.tv_sec * 1000000000 + time.tv_nsec;
}

static gboolean ensure_batch(struct server *server)
{
    g_autoptr(GError) error = NULL;
    if (!server->in_batch)
        server->in_batch = ledger_batch_begin(server->ledger, &error);
    if (error != NULL)
        report(server, error);
    return server->in_batch;
}

/* Hands the batch that was built to the disk. */
static void submit_batch(struct server *server)
{
    g_autoptr(GError) error = NULL;
    gboolean done = ledger_batch_commit(server->ledger, &error);
    server->in_batch = FALSE;
    if (!done) {
        lose_batch(server, error);
        return;
    }
    server->at_disk = server->pending;
    server->again = 0;
    server->submitted = g_get_monotonic_time();
    gint64 worked = work_time();
    server->request_time = (worked - server->worked) / MAX(server->pending, 1);
    server->worked = worked;
    server->pending = 0;
    for (guint i = 0; i < server->building->len; i++)
        connection_batch_submit(g_ptr_array_index(server->building, i));
    GPtrArray *empty = server->flushing;
    server->flushing = server->building;
    server->building = empty;
    commit_submit(server->commit);
}

/* What the next batch waits for, now that the disk is free. */
static void begin_gathering(struct server *server)
{
    const struct gather_facts facts = {
        .asking = server->pending - server->again + server->at_disk,
        .flush_time = g_get_monotonic_time() - server->submitted,
        .request_time = server->request_time,
    };
    const struct gather_plan plan = gather_plan(&facts);
    const struct itimerspec timer = {.it_value.tv_nsec = plan.wait * 1000};
    server->expected = plan.size;
    if (plan.size > 0 && timerfd_settime(server->gather_timer, 0, &timer, NULL) != 0)
        server->expected = 0;
}

static void on_gathered(evutil_socket_t fd, short what, void *data)
{
    struct server *server = data;
    guint64 times;
    (void)what;
    if (read(fd, &times, sizeof times) == sizeof times)
        server->expected = 0;
}

/* In the flushing thread: nobody waits for the loop to come round. */
static void deliver_batch(void *cookie)
{
    struct server *server = cookie;
    for (guint i = 0; i < server->flushing->len; i++)
        connection_deliver(g_ptr_array_index(server->flushing, i));
}

/* Takes note of a flush that has ended. */
static void reap(struct server *server)
{
    g_autoptr(GError) error = NULL;
    gboolean done;
    if (!commit_reap(server->commit, &done, &error))
        die(server, error);
    if (!done)
        return;
    for (guint i = 0; i < server->flushing->len; i++) {
        struct connection *connection = g_ptr_array_index(server->flushing, i);
        if (!connection_is_closed(connection))
            connection_batch_done(connection);
    }
    forget_all(server->flushing);
    metrics_observe(&server->counters.commits, g_get_monotonic_time() - server->submitted);
    metrics_add(&server->counters.committed, server->at_disk);
    begin_gathering(server);
}

static void on_committed(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    reap(data);
}

/* Rows of imports that came to nothing go while there is nothing better to do. */
static void sweep(struct server *server)
{
    g_autoptr(GError) error = NULL;
    gboolean more;
    if (server->disk_low || server->stopping || !ensure_batch(server))
        return;
    if (!ledger_sweep(server->ledger, &more, &error))
        lose_batch(server, error);
}

/* A batch is on its way to the disk. */
static gboolean is_flushing(const struct server *server)
{
    return server->commit != NULL && commit_busy(server->commit);
}

static void end_batch(struct server *server)
{
    if (server->ledger == NULL || is_flushing(server) || (server->pending < server->expected && !server->stopping))
        return;
    if (!server->in_batch && ledger_needs_sweep(server->ledger))
        sweep(server);
    if (server->in_batch)
        submit_batch(server);
}

/* In the middle of a round, which may be long: the disk does not wait for its end where there is enough to do. */
static void feed_disk(struct server *server)
{
    if (server->expected == 0 || server->pending < server->expected)
        return;
    if (is_flushing(server) && commit_is_over(server->commit))
        reap(server);
    end_batch(server);
}

static void send_answers(struct server *server)
{
    for (guint i = 0; i < server->unsent->len; i++) /* which may grow on the way: what waited for room goes on */
        connection_settle(g_ptr_array_index(server->unsent, i));
    forget_all(server->unsent);
}

/* After each round of the loop: the disk first, as it works by itself. */
static void end_round(struct server *server)
{
    end_batch(server);
    send_answers(server);
    end_batch(server); /* which one that had waited for room may have begun */
}

/* --- requests ---------------------------------------------------------------------------------- */

static const char *const troubles[COUNTED_TROUBLES] = {
    [TROUBLE_STOPPING] = "The service is being restarted; try again",
    [TROUBLE_DISK] = "The disk of the ledger is nearly full; make room",
    [TROUBLE_PENDING] = "Too many requests wait for the disk; try again",
    [TROUBLE_READ] = "The ledger could not be read; try again",
    [TROUBLE_WRITE] = "The ledger could not be written; try again",
};

/* Why nothing may be written now; COUNTED_TROUBLES where it may. */
static enum counted_trouble find_trouble(const struct server *server)
{
    return server->stopping                                           ? TROUBLE_STOPPING
           : server->disk_low                                         ? TROUBLE_DISK
           : server->pending >= server->settings->max_pending ? TROUBLE_PENDING
                                                                      : COUNTED_TROUBLES;
}

/* In words; NULL where it may. */
static const char *why_not(const struct server *server)
{
    enum counted_trouble trouble = find_trouble(server);
    return trouble < COUNTED_TROUBLES ? troubles[trouble] : NULL;
}

static void answer_now(struct connection *connection, void (*write)(GString *out, const void *what), const void *what)
{
    gboolean first;
    write(connection_answer(connection, FALSE, &first), what);
    connection_answered(connection, FALSE);
}

struct temporary {
    unsigned level;
    const char *reason;
};

static void write_temporary(GString *out, const void *what)
{
    const struct temporary *temporary = what;
    request_answer_temporary(out, temporary->level, temporary->reason);
}

static void write_error(GString *out, const void *what)
{
    request_answer_error(out, what);
}

static void answer_temporary(struct connection *connection, const char *reason)
{
    answer_now(connection, write_temporary, &(struct temporary){connection_level(connection), reason});
}

static void answer_trouble(struct server *server, struct connection *connection, const struct request_type *type,
                           enum counted_trouble trouble)
{
    server->counters.troubles[trouble]++;
    server->counters.answers[request_type_index(type)][ANSWERED_TEMPORARY]++;
    answer_temporary(connection, troubles[trouble]);
}

/* The answer stands in the request's text from `begin` on. */
static void count_answer(struct server *server, const struct request_type *type, const struct request *request,
                         gsize begin)
{
    if (request->out->len > begin)
        server->counters.answers[request_type_index(type)][counted_answer_of(request->out->str + begin)]++;
}

static struct request new_request(struct server *server, struct connection *connection, const struct attributes *in)
{
    return (struct request){.ledger = server->ledger,
                            .session = connection_session(connection),
                            .in = in,
                            .now = wall_clock(),
                            .pending = server->pending,
                            .counters = &server->counters,
                            .trouble = why_not(server)};
}

/* A look-up. Its failure spoils nothing. */
static void run_reading(struct server *server, struct connection *connection, const struct request_type *type,
                        const struct attributes *in)
{
    g_autoptr(GError) error = NULL;
    gboolean first;
    struct request request = new_request(server, connection, in);
    request.out = connection_answer(connection, FALSE, &first);
    gsize begin = request.out->len;
    if (request_run(type, &request, &error) == REQUEST_ANSWERED) {
        count_answer(server, type, &request, begin);
        connection_answered(connection, FALSE);
        return;
    }
    report(server, error);
    answer_trouble(server, connection, type, TROUBLE_READ);
}

/* One that writes: its answer is held until the batch is on the disk. */
static void run_writing(struct server *server, struct connection *connection, const struct request_type *type,
                        const struct attributes *in)
{
    g_autoptr(GError) error = NULL;
    gboolean first;
    enum counted_trouble trouble = find_trouble(server);
    if (trouble == COUNTED_TROUBLES && !ensure_batch(server))
        trouble = TROUBLE_WRITE;
    if (trouble < COUNTED_TROUBLES) {
        answer_trouble(server, connection, type, trouble);
        return;
    }
    struct request request = new_request(server, connection, in);
    request.out = connection_answer(connection, TRUE, &first);
    gsize begin = request.out->len;
    enum request_result result = request_run(type, &request, &error);
    count_answer(server, type, &request, begin);
    if (request.note != NULL)
        journal_write(server->journal, LOG_NOTICE, "%s", request.note);
    g_free(request.note);
    connection_answered(connection, TRUE);
    server->pending++;
    server->again += connection_at_disk(connection) ? 1 : 0;
    if (first) {
        connection_ref(connection);
        g_ptr_array_add(server->building, connection);
    }
    if (result == REQUEST_FAILED)
        lose_batch(server, error);
    else
        feed_disk(server);
}

static void on_request(void *cookie, struct connection *connection, const struct attributes *in)
{
    struct server *server = cookie;
    g_autoptr(GError) error = NULL;
    if (server->ledger == NULL) {
        /* Strangers may read what Postfix is answered. */
        answer_temporary(connection,
                         connection_level(connection) == LEVEL_CONTROL ? server->why : "The ledger is not in service");
        return;
    }
    const struct request_type *type = request_type_find(in, connection_level(connection), &error);
    if (type == NULL && (connection_level(connection) & (LEVEL_POLICY | LEVEL_SOCKMAP)) != 0) {
        server->keeper.broken(server, connection, error);
        connection_close(connection);
    } else if (type == NULL) {
        answer_now(connection, write_error, error);
    } else if (type->writes) {
        run_writing(server, connection, type, in);
    } else {
        run_reading(server, connection, type, in);
    }
}

/* --- connections ------------------------------------------------------------------------------- */

static const char *level_name(unsigned level)
{
    return level == LEVEL_RESERVE    ? "reserve"
           : level == LEVEL_FEEDBACK ? "feedback"
           : level == LEVEL_CONTROL  ? "control"
           : level == LEVEL_STATUS   ? "status"
                                     : "policy";
}

static void on_broken(void *cookie, struct connection *connection, const GError *error)
{
    struct server *server = cookie;
    journal_write(server->journal, LOG_WARNING, "socket=%s pid=%d closed: %s", level_name(connection_level(connection)),
                  (int)connection_peer(connection)->pid, error->message);
}

static void on_unsent(void *cookie, struct connection *connection)
{
    struct server *server = cookie;
    connection_ref(connection);
    g_ptr_array_add(server->unsent, connection);
    if (server->unsent->len >= ANSWERS_TOGETHER)
        send_answers(server);
}

/* Its place among the sockets that are counted: policyd's listeners in their order. */
static guint *open_connections(struct server *server, unsigned level)
{
    size_t i = 0; /* Postfix's, whichever protocol it speaks */
    for (; (level & (LEVEL_POLICY | LEVEL_SOCKMAP)) == 0 && i < LEVELS - 1 && (server->listeners[i].level & level) == 0;
         i++)
        ;
    return &server->counters.sockets[i].open;
}

static void on_closed(void *cookie, struct connection *connection)
{
    struct server *server = cookie;
    --*open_connections(server, connection_level(connection));
    ledger_session_free(server->ledger, connection_session(connection));
    g_hash_table_remove(server->connections, connection);
}

static gboolean may_connect(const struct server *server, unsigned level, const struct peer *peer)
{
    if (peer->uid == 0 || level == LEVEL_POLICY)
        return TRUE; /* the policy socket is guarded by its mode */
    if (level == LEVEL_RESERVE)
        return peer->uid == server->settings->milter_user;
    if (level == LEVEL_FEEDBACK && peer_in_group(peer, server->settings->feedback_group))
        return TRUE;
    if (level == LEVEL_STATUS && peer_in_group(peer, server->settings->status_group))
        return TRUE;
    return peer_in_group(peer, server->settings->admin_group);
}

static void welcome(struct server *server, unsigned level, int fd)
{
    struct peer peer;
    g_autoptr(GError) error = NULL;
    const char *why = NULL;
    if (!peer_read(fd, &peer, &error))
        why = error->message;
    else if (!may_connect(server, level, &peer))
        why = "not allowed on this socket";
    else if (g_hash_table_size(server->connections) >= CONNECTIONS_MAX)
        why = "too many connections";
    if (why != NULL) {
        journal_write(server->journal, LOG_WARNING, "socket=%s refused: %s (uid=%d pid=%d)", level_name(level), why,
                      error == NULL ? (int)peer.uid : -1, error == NULL ? (int)peer.pid : -1);
        close(fd);
        return;
    }
    ++*open_connections(server, level);
    g_hash_table_add(server->connections, connection_new(server->base, fd, level, &peer,
                                                         ledger_session_new(server->ledger, peer.pid, peer.uid),
                                                         server->settings->idle_timeout, &server->keeper));
}

static void on_connect(evutil_socket_t listening, short what, void *data)
{
    struct listener *listener = data;
    (void)what;
    int fd = accept4((int)listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        welcome(listener->server, listener->level, fd);
        return;
    }
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
        return;
    /* Out of descriptors or memory: rest until the next tick instead of spinning. */
    journal_write(listener->server->journal, LOG_ERR, "socket=%s accept: %s", level_name(listener->level),
                  g_strerror(errno));
    event_del(listener->event);
}

/* --- timers and signals ------------------------------------------------------------------------ */

/* Octets that are left for the ledger and for its witness, whichever is less. */
static guint64 free_space(const struct settings *settings)
{
    const char *const folders[] = {settings->ledger, settings->witness};
    guint64 least = G_MAXUINT64;
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        struct statvfs stat;
        if (statvfs(folders[i], &stat) == 0)
            least = MIN(least, (guint64)stat.f_bavail * stat.f_frsize);
    }
    return least;
}

static void look_at_disk(struct server *server)
{
    gboolean low = free_space(server->settings) < server->settings->keep_free;
    if (low != server->disk_low)
        journal_write(server->journal, low ? LOG_ERR : LOG_NOTICE,
                      low ? "%s: less than keep-free (%" G_GUINT64_FORMAT
                            " octets) is left on its disk, or on the witness's; "
                            "nothing is reserved"
                          : "%s: there is room on the disk again (keep-free %" G_GUINT64_FORMAT " octets)",
                      server->settings->ledger, server->settings->keep_free);
    server->disk_low = low;
}

/* It grows until two backups hold what is in it. */
static void look_at_witness(const struct server *server)
{
    g_autoptr(GArray) files = witness_list(server->settings->witness, NULL);
    if (files != NULL && files->len >= WITNESS_FILES_MANY)
        journal_write(server->journal, LOG_WARNING,
                      "%s: %u files of the witness are kept, each of up to %" G_GUINT64_FORMAT
                      " MiB; make backups (postwelle-policyd --backup DIR): two of them let the older files go",
                      server->settings->witness, files->len, WITNESS_FILE_SIZE >> 20);
}

/* A little each second, until all was looked at; then again after an hour. */
static void prune(struct server *server)
{
    g_autoptr(GError) error = NULL;
    gboolean more;
    gint64 now = g_get_monotonic_time();
    if (server->ledger == NULL || server->disk_low || server->stopping || now < server->prune_at ||
        is_flushing(server) || !ensure_batch(server))
        return;
    if (!ledger_prune(server->ledger, wall_clock() / 1000, &more, &error)) {
        lose_batch(server, error);
    } else if (!more) {
        server->prune_at = now + PRUNE_PAUSE;
        look_at_witness(server);
    }
}

/* What was deleted leaves the disk while there is nothing better to do, a step each second. */
static void scrub(struct server *server)
{
    g_autoptr(GError) error = NULL;
    enum scrub_step step;
    if (server->ledger == NULL || server->disk_low || server->stopping || !ledger_needs_scrub(server->ledger) ||
        is_flushing(server) || !ensure_batch(server))
        return;
    if (!ledger_scrub(server->ledger, &step, &error))
        lose_batch(server, error);
    else if (step == SCRUB_CHECKPOINT)
        commit_checkpoint(server->commit);
    else if (step == SCRUB_DONE)
        journal_write(server->journal, LOG_NOTICE, "%s: what was deleted is gone from its files",
                      server->settings->ledger);
}

/* The audit trail comes first: whatever is written under new settings is in this batch, or in a later one. */
static void tell(struct server *server)
{
    g_autoptr(GError) error = NULL;
    if (server->ledger == NULL || server->told || server->disk_low || server->stopping || !ensure_batch(server))
        return;
    server->told = TRUE;
    if (!ledger_audit_start(server->ledger, wall_clock() / 1000, &error))
        lose_batch(server, error);
}

static void on_tick(evutil_socket_t fd, short what, void *data)
{
    struct server *server = data;
    (void)fd;
    (void)what;
    look_at_disk(server);
    tell(server);
    prune(server);
    scrub(server);
    for (int i = 0; i < LEVELS && !server->stopping; i++)
        event_add(server->listeners[i].event, NULL);
}

static void on_watchdog(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    (void)data;
    notify_send("WATCHDOG=1");
}

static void reload(struct server *server)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *state = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
    notify_send(state);
    g_autoptr(client_set_auto) clients = client_set_load(server->settings->clients, &error);
    if (clients == NULL) {
        journal_write(server->journal, LOG_ERR, "reload: %s; the old configuration stays in force", error->message);
    } else {
        if (server->ledger != NULL)
            ledger_set_clients(server->ledger, clients);
        server->told = FALSE;
        tell(server);
        journal_write(server->journal, LOG_NOTICE, "reload: the new configuration is in force");
    }
    notify_send("READY=1");
}

static void on_signal(evutil_socket_t number, short what, void *data)
{
    struct server *server = data;
    (void)what;
    if (number == SIGHUP) {
        reload(server);
        return;
    }
    notify_send("STOPPING=1");
    journal_write(server->journal, LOG_NOTICE, "stopping");
    server->stopping = TRUE;
    for (int i = 0; i < LEVELS; i++)
        event_del(server->listeners[i].event);
}

static void add_timer(struct server *server, struct event **event_r, guint milliseconds, event_callback_fn callback)
{
    const struct timeval interval = {(time_t)(milliseconds / 1000), (suseconds_t)(milliseconds % 1000) * 1000};
    *event_r = event_new(server->base, -1, EV_PERSIST, callback, server);
    event_add(*event_r, &interval);
}

static void add_events(struct server *server)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        server->signals[i] = evsignal_new(server->base, signals[i], on_signal, server);
        event_add(server->signals[i], NULL);
    }
    if (server->commit != NULL) {
        server->committed =
            event_new(server->base, commit_fd(server->commit), EV_READ | EV_PERSIST, on_committed, server);
        event_add(server->committed, NULL);
        server->gathered = event_new(server->base, server->gather_timer, EV_READ | EV_PERSIST, on_gathered, server);
        event_add(server->gathered, NULL);
    }
    add_timer(server, &server->tick, 1000, on_tick);
    if (notify_watchdog_interval() > 0)
        add_timer(server, &server->watchdog, notify_watchdog_interval(), on_watchdog);
}

/* --- life -------------------------------------------------------------------------------------- */

static gboolean open_listeners(struct server *server, GError **error)
{
    const struct settings *settings = server->settings;
    const struct {
        const char *path;
        unsigned level;
        mode_t mode;
        gid_t group;
    } sockets[LEVELS] = {
        {settings->policy_socket, LEVEL_POLICY, 0660, settings->postfix_group},
        /* Open to all by its mode; who may stay is looked up by SO_PEERCRED, as only one user may. */
        {settings->reserve_socket, LEVEL_RESERVE, 0666, (gid_t)-1},
        {settings->control_socket, LEVEL_CONTROL, 0660, settings->admin_group},
        {settings->feedback_socket, LEVEL_FEEDBACK, 0660, settings->feedback_group},
        {settings->status_socket, LEVEL_STATUS, 0660, settings->status_group},
    };
    for (int i = 0; i < LEVELS; i++) {
        struct listener *listener = &server->listeners[i];
        listener->server = server;
        listener->path = sockets[i].path;
        listener->level = sockets[i].level;
        server->counters.sockets[i].name = level_name(sockets[i].level);
        listener->fd = listener_open(sockets[i].path, sockets[i].mode, sockets[i].group, error);
        if (listener->fd < 0)
            return FALSE;
        listener->event = event_new(server->base, listener->fd, EV_READ | EV_PERSIST, on_connect, listener);
        event_add(listener->event, NULL);
    }
    return TRUE;
}

struct server *server_new(const struct settings *settings, struct ledger *ledger, const char *why,
                          const struct journal *journal, GError **error)
{
    struct server *server = g_new0(struct server, 1);
    server->settings = settings;
    server->ledger = ledger;
    server->why = why;
    server->counters = (struct counters){
        .ledger = settings->ledger, .witness = settings->witness, .started = g_get_real_time() / G_USEC_PER_SEC};
    server->journal = journal;
    server->keeper = (struct connection_keeper){on_request, on_broken, on_unsent, on_closed, server};
    server->connections = g_hash_table_new(NULL, NULL);
    server->building = g_ptr_array_new();
    server->flushing = g_ptr_array_new();
    server->unsent = g_ptr_array_new();
    server->base = event_base_new();
    server->gather_timer = -1;
    for (int i = 0; i < LEVELS; i++)
        server->listeners[i].fd = -1;
    if (server->base != NULL && open_listeners(server, error)) {
        if (ledger != NULL)
            server->commit = commit_new(ledger_store(ledger), settings->checkpoint_size, deliver_batch, server, error);
        if (ledger == NULL || server->commit != NULL) {
            server->gather_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
            add_events(server);
            look_at_disk(server);
            tell(server);
            return server;
        }
    }
    server_free(server);
    return NULL;
}

static void free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

static void close_listener(struct listener *listener)
{
    free_event(listener->event);
    if (listener->fd < 0)
        return;
    unlink(listener->path);
    close(listener->fd);
}

static void close_connections(struct server *server)
{
    g_autoptr(GList) list = g_hash_table_get_keys(server->connections);
    for (GList *i = list; i != NULL; i = i->next)
        connection_close(i->data);
}

void server_free(struct server *server)
{
    if (server == NULL)
        return;
    close_connections(server);
    forget_all(server->building);
    forget_all(server->flushing);
    forget_all(server->unsent);
    for (int i = 0; i < LEVELS; i++)
        close_listener(&server->listeners[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(server->signals); i++)
        free_event(server->signals[i]);
    free_event(server->committed);
    free_event(server->gathered);
    if (server->gather_timer >= 0)
        close(server->gather_timer);
    free_event(server->tick);
    free_event(server->watchdog);
    commit_free(server->commit);
    if (server->base != NULL)
        event_base_free(server->base);
    g_ptr_array_unref(server->building);
    g_ptr_array_unref(server->flushing);
    g_ptr_array_unref(server->unsent);
    g_hash_table_unref(server->connections);
    g_free(server);
}

void server_run(struct server *server)
{
    notify_send("READY=1");
    do {
        end_round(server);
        event_base_loop(server->base, server->stopping && !is_flushing(server) ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
    } while (!server->stopping || server->in_batch || is_flushing(server));
}
