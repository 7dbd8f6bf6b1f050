/*
 * cmd_track.c - postwelle track: follows Postfix's log and tells policyd what became of each mail.
 *
 * Events go out in batches, pipelined. The first of a batch carries the position before it, when all that was before
 * has been answered: so none is lost, whatever ends this program, and one that is told twice changes nothing. policyd
 * also learns how far the log was read and what it may have lost, and is handed the evidence about what is open
 * (resolve.h).
 */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/guard.h"
#include "importer/resolve.h"
#include "importer/stop.h"
#include "importer/postfix.h"
#include "importer/track.h"
#include "importer/track_log.h"
#include "importer/track_tls.h"
#include "lib/error.h"

#include <string.h>

#define BATCH_EVENTS 256              /* their answers fit a socket's buffer */
#define BATCH_LINES 10000             /* lines without events after which the position is stored all the same */
#define POLL_MS 500                   /* between two looks at a log that has nothing new */
#define RETRY_MS 2000                 /* after policyd went away */
#define GUARD_US (5 * G_USEC_PER_SEC) /* after an smtp(8) was killed: its mail is looked for so long, each POLL_MS */
#define TELL_US (10 * G_USEC_PER_SEC)    /* how often policyd is told that the log was read to its end */
#define RESOLVE_US (60 * G_USEC_PER_SEC) /* how often what is open is settled */
#define AUDIT_US (3600 * (gint64)G_USEC_PER_SEC) /* how often queued mail, too, is compared with Postfix's queue */
#define AUDIT_SOON_US (600 * (gint64)G_USEC_PER_SEC) /* the same where there is little of it */
#define AUDIT_SOON_MAX 1000           /* mails */
#define REPEAT_US (3600 * (gint64)G_USEC_PER_SEC) /* how often the same gap is told of */
#define CRASHED                                                                                                        \
    "postwelle-uncertain: smtp(8) was killed while it had this mail, and the receiver may have it; it is on hold"

struct tracking {
    struct track_log_options options;
    const char *syslog_name;
    GTimeZone *zone;
    gboolean once, from_start;
    struct stop stop;

    struct policy_client *policy;
    struct track_log *log;
    struct track_tls *tls;
    char position[TRACK_POSITION_SIZE]; /* all before it has been answered */
    gboolean stored;                    /* and policyd knows it */
    guint64 lines, events, known;

    gboolean begins;           /* no line was read yet in this session */
    gboolean fresh;            /* no line was read yet, and nobody knows what was before the first one */
    gint64 read, gap, restart; /* for policyd (PROTOCOL §5), seconds since 1970; 0: nothing to tell */
    gint64 tell_at, resolve_at, audit_at; /* monotonic */
    const char *gap_told;                 /* and when */
    gint64 gap_told_at;

    struct guard queue; /* Postfix's */
    gint64 guard_until, guard_at; /* monotonic */
    char *guard_told; /* the last thing that went wrong with it */

    char sent[BATCH_EVENTS][TRACK_ID_SIZE]; /* the queue IDs of a batch, as policyd will answer */
    GHashTable *refused; /* queue IDs of what Postfix tries in vain */
};

static gboolean send_event(struct tracking *tracking, const struct track_event *event, gboolean first, GError **error)
{
    const char *tls = track_tls_of(tracking->tls, event);
    GString *request = control_request("event", "queue_id", event->queue_id, "event", track_kind_word(event->kind),
                                       "dsn", event->dsn, "reply", event->reply, "relay", event->relay, "position",
                                       first && !tracking->stored ? tracking->position : NULL, NULL);
    policy_append_number(request, "time", (guint64)MAX(event->time, 0));
    if (event->content)
        policy_append(request, "stage", "content");
    if (event->kind == TRACK_SENT && *tls != '\0')
        policy_append(request, "tls", tls);
    return control_send(tracking->policy, request, error);
}

/* An event that policyd finds wrong is told and left: trying it again would stop all others. */
static gboolean take_answers(struct tracking *tracking, guint count, GError **error)
{
    for (guint i = 0; i < count; i++) {
        struct attributes answer;
        GError *wrong = NULL;
        if (!policy_client_read(tracking->policy, &answer, error))
            return FALSE;
        if (!policy_answer_ok(&answer, &wrong)) {
            if (error_is_temporary(wrong)) {
                g_propagate_error(error, wrong);
                return FALSE;
            }
            g_printerr("postwelle: policyd does not take an event: %s\n", wrong->message);
            g_error_free(wrong);
            continue;
        }
        tracking->known += strcmp(attributes_text(&answer, "known"), "yes") == 0;
        if (strcmp(attributes_text(&answer, "hold"), "yes") == 0)
            g_hash_table_add(tracking->refused, g_strdup(tracking->sent[i]));
    }
    return TRUE;
}

/* policyd hears of each gap, a person of the same kind once an hour. */
static void tell_gap(struct tracking *tracking, const struct track_gap *gap)
{
    gint64 now = g_get_monotonic_time();
    if (gap->before == 0)
        return;
    tracking->gap = MAX(tracking->gap, gap->before);
    if (tracking->gap_told == gap->what && now < tracking->gap_told_at + REPEAT_US)
        return;
    tracking->gap_told = gap->what;
    tracking->gap_told_at = now;
    g_printerr("postwelle: %s: %s. What the missing lines told is not known.\n", track_log_name(tracking->log),
               gap->what);
}

/* What a line tells but for events. */
static void note_line(struct tracking *tracking, const char *line, size_t size, gint64 now)
{
    gint64 when;
    if ((tracking->fresh || tracking->begins) && track_line_time(line, size, tracking->zone, now, &when)) {
        if (tracking->fresh)
            tracking->gap = MAX(tracking->gap, when);
        track_tls_begin(tracking->tls, when);
        tracking->fresh = tracking->begins = FALSE;
    }
    track_tls_line(tracking->tls, line, size, tracking->syslog_name);
    if (track_line_is_restart(line, size, tracking->syslog_name, tracking->zone, now, &when))
        tracking->restart = MAX(tracking->restart, when);
    if (track_line_is_crash(line, size, tracking->syslog_name))
        tracking->guard_until = g_get_monotonic_time() + GUARD_US;
}

/* Tells what there is to tell, the position not among it unless it is wanted. */
static gboolean tell(struct tracking *tracking, gboolean position, GError **error)
{
    struct attributes answer;
    GString *request = control_request("track-position", "position", position ? tracking->position : NULL, NULL);
    const struct {
        const char *name;
        gint64 *time;
    } times[] = {{"read", &tracking->read}, {"gap", &tracking->gap}, {"restart", &tracking->restart}};
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
        if (*times[i].time > 0)
            policy_append_number(request, times[i].name, (guint64)*times[i].time);
    if (!control_ask(tracking->policy, request, &answer, error))
        return FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
        *times[i].time = 0;
    tracking->stored |= position;
    return TRUE;
}

/* Reads lines up to a batch of events, tells them, and takes the answers. *end_r: the log has nothing more now. */
static gboolean run_batch(struct tracking *tracking, gboolean *end_r, GError **error)
{
    guint events = 0, lines = 0;
    const char *line;
    size_t size;
    struct track_gap gap = {0};
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    *end_r = FALSE;
    while (events < BATCH_EVENTS && lines < BATCH_LINES) {
        struct track_event event;
        *end_r = !track_log_next(tracking->log, &line, &size, &gap);
        if (*end_r)
            break;
        lines++;
        note_line(tracking, line, size, now);
        if (track_line(line, size, tracking->syslog_name, tracking->zone, now, &event) == TRACK_NONE)
            continue;
        g_strlcpy(tracking->sent[events], event.queue_id, TRACK_ID_SIZE);
        if (!send_event(tracking, &event, events == 0, error))
            return FALSE;
        events++;
    }
    tell_gap(tracking, &gap);
    if (!take_answers(tracking, events, error))
        return FALSE;
    if (*end_r && tracking->fresh) {
        tracking->gap = now;
        tracking->fresh = FALSE;
    }
    /* Before the position moves over it. */
    if ((tracking->gap > 0 || tracking->restart > 0) && !tell(tracking, FALSE, error))
        return FALSE;
    if (*end_r)
        tracking->read = track_log_complete(tracking->log, now);
    tracking->lines += lines;
    tracking->events += events;
    if (lines > 0) {
        track_log_position(tracking->log, tracking->position);
        tracking->stored = FALSE;
    }
    return TRUE;
}

/* At the end of the log: policyd hears of it every few seconds, and of a new position at once. */
static gboolean store_position(struct tracking *tracking, GError **error)
{
    gint64 now = g_get_monotonic_time();
    if (tracking->stored && (tracking->read == 0 || now < tracking->tell_at))
        return TRUE;
    tracking->tell_at = now + TELL_US;
    return tell(tracking, TRUE, error);
}

static gboolean tell_uncertain(struct tracking *tracking, const char *queue_id, GError **error)
{
    struct track_event event = {
        .kind = TRACK_UNCERTAIN, .time = g_get_real_time() / G_USEC_PER_SEC, .reply = CRASHED};
    g_strlcpy(event.queue_id, queue_id, sizeof event.queue_id);
    g_strlcpy(tracking->sent[0], queue_id, TRACK_ID_SIZE);
    if (!send_event(tracking, &event, FALSE, error) || !take_answers(tracking, 1, error))
        return FALSE;
    g_printerr("postwelle: %s: %s\n", event.queue_id, CRASHED);
    return TRUE;
}

/* As long as Postfix does not run, the queue can't be seen by who is not root: it is looked at once it does. */
static void tell_guard(struct tracking *tracking, gboolean seen, const GError *problem)
{
    if (!seen)
        tracking->guard_until = g_get_monotonic_time() + GUARD_US;
    if (problem != NULL && g_strcmp0(tracking->guard_told, problem->message) != 0)
        g_printerr("postwelle: mail of a killed smtp(8) can't be held: %s\n", problem->message);
    g_free(tracking->guard_told);
    tracking->guard_told = problem != NULL ? g_strdup(problem->message) : NULL;
}

/*
 * What a killed smtp(8) may have delivered is told, then put on hold. The log's position is not moved on before that.
 */
static gboolean guard(struct tracking *tracking, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gint64 now = g_get_monotonic_time();
    if (now >= tracking->guard_until || now < tracking->guard_at)
        return TRUE;
    tracking->guard_at = now + POLL_MS * 1000;
    g_autoptr(GPtrArray) ids = guard_find(tracking->queue.postfix, &problem);
    for (guint i = 0; ids != NULL && i < ids->len; i++)
        if (!tell_uncertain(tracking, g_ptr_array_index(ids, i), error))
            return FALSE;
    if (ids != NULL)
        guard_hold(&tracking->queue, ids, &problem);
    tell_guard(tracking, ids != NULL, problem);
    return TRUE;
}

/* Our transport tells of TLS, where `setup postfix` was run since it says so. */
static gboolean tells_tls(const char *postfix)
{
    static const char name[] = "postwelle/unix/smtp_tls_loglevel";
    g_autofree char *output = NULL;
    const char *const argv[] = {"postconf", "-c", postfix, "-P", name, NULL};
    if (!postfix_run(argv, &output, NULL) || !g_str_has_prefix(output, name))
        return FALSE;
    const char *value = strchr(output, '=');
    return value != NULL && g_ascii_strtoll(value + 1, NULL, 10) > 0;
}

static gboolean begin_session(struct tracking *tracking, struct command_context *context, GError **error)
{
    struct attributes answer;
    struct track_gap gap = {0};
    tracking->policy = control_open(context, error);
    if (tracking->policy == NULL ||
        !control_ask(tracking->policy, control_request("track-position", NULL), &answer, error))
        return FALSE;
    const char *position = tracking->from_start ? "" : attributes_text(&answer, "position");
    tracking->log = track_log_open(&tracking->options, position, &gap, error);
    if (tracking->log == NULL)
        return FALSE;
    tell_gap(tracking, &gap);
    track_log_position(tracking->log, tracking->position);
    tracking->tls = track_tls_new(tells_tls(tracking->queue.postfix));
    tracking->fresh = *position == '\0';
    tracking->begins = TRUE;
    tracking->guard_until = g_get_monotonic_time() + GUARD_US; /* for what happened while nobody tracked */
    tracking->from_start = FALSE;
    tracking->stored = TRUE;
    return TRUE;
}

/*
 * Mail that policyd lets nobody send, as the receiver may have it: Postfix would try it in vain for days. What fails is
 * told, and tried again with Postfix's next try.
 */
static void hold_refused(struct tracking *tracking)
{
    g_autoptr(GError) problem = NULL;
    if (g_hash_table_size(tracking->refused) == 0)
        return;
    g_autoptr(GPtrArray) ids = guard_find_refused(tracking->queue.postfix, tracking->refused, &problem);
    if (ids == NULL || !guard_hold(&tracking->queue, ids, &problem))
        g_printerr("postwelle: mail that is not sent again can't be held: %s\n", problem->message);
    for (guint i = 0; problem == NULL && i < ids->len; i++)
        g_printerr("postwelle: %s: the receiver has it, or nobody can tell, so it is not sent again; it is on hold. If "
                   "postwelle ledger "
                   "show does not list it, it was sent: delete it, postsuper -d\n",
                   (const char *)g_ptr_array_index(ids, i));
    g_hash_table_remove_all(tracking->refused);
}

/* --- settling what is open ---------------------------------------------------------------------- */

/* Reads to the end of the log, and tells: a second after the queue was looked at, as times are whole seconds. */
static gboolean read_log(void *cookie, GError **error)
{
    struct tracking *tracking = cookie;
    stop_sleep(&tracking->stop, 1000);
    for (gboolean end = FALSE; !end;)
        if (!run_batch(tracking, &end, error) || !guard(tracking, error))
            return FALSE;
    return tell(tracking, TRUE, error);
}

/*
 * Each minute what is reserved; each hour, or more often where it is little, also what is queued: a line of the log
 * that was lost leaves it so for ever. What fails is told, and tried again.
 */
static void resolve(struct tracking *tracking)
{
    GError *error = NULL;
    struct resolve_result result;
    gint64 now = g_get_monotonic_time();
    const struct resolve_options options = {.postfix = tracking->queue.postfix,
                                            .guard = tracking->queue.socket,
                                            .audit = now >= tracking->audit_at,
                                            .stop = &tracking->stop,
                                            .read_log = read_log,
                                            .cookie = tracking};
    if (tracking->once || now < tracking->resolve_at)
        return;
    tracking->resolve_at = now + RESOLVE_US;
    if (!resolve_open(tracking->policy, &options, &result, &error)) {
        g_printerr("postwelle: what is open can't be settled: %s\n", error->message);
        g_error_free(error);
    }
    if (options.audit)
        tracking->audit_at = now + (result.looked <= AUDIT_SOON_MAX ? AUDIT_SOON_US : AUDIT_US);
    resolve_print(&result);
    g_free(result.reason);
}

/* --- following ---------------------------------------------------------------------------------- */

static gboolean follow(struct tracking *tracking, GError **error)
{
    for (;;) {
        gboolean end;
        if (!run_batch(tracking, &end, error) || !guard(tracking, error) ||
            ((end || tracking->lines % BATCH_LINES == 0) && !store_position(tracking, error)))
            return FALSE;
        if (end) {
            hold_refused(tracking);
            resolve(tracking);
        }
        if ((end && tracking->once) || stop_sleep(&tracking->stop, end ? POLL_MS : 0))
            return store_position(tracking, error);
    }
}

/* One connection to policyd, from the position that it has stored. TRUE when done. */
static gboolean run_session(struct tracking *tracking, struct command_context *context, GError **error)
{
    gboolean good = begin_session(tracking, context, error) && follow(tracking, error);
    g_clear_pointer(&tracking->log, track_log_free);
    g_clear_pointer(&tracking->tls, track_tls_free);
    g_hash_table_remove_all(tracking->refused);
    g_clear_pointer(&tracking->policy, policy_client_free);
    return good;
}

/* As a service it outlives policyd and a log that is not there yet. */
static gboolean run_sessions(struct tracking *tracking, struct command_context *context, GError **error)
{
    g_autofree char *told = NULL;
    for (;;) {
        GError *problem = NULL;
        if (run_session(tracking, context, &problem))
            return TRUE;
        gboolean heals = error_is_temporary(problem) || g_error_matches(problem, POSTWELLE_ERROR, ERROR_NO_INPUT);
        if (tracking->once || !heals) {
            g_propagate_error(error, problem);
            return FALSE;
        }
        if (g_strcmp0(told, problem->message) != 0) {
            g_printerr("postwelle: %s; trying again\n", problem->message);
            g_free(told);
            told = g_strdup(problem->message);
        }
        g_error_free(problem);
        if (stop_sleep(&tracking->stop, RETRY_MS))
            return TRUE;
    }
}

int cmd_track(struct command_context *context, int argc, char **argv)
{
    struct tracking tracking = {0};
    const GOptionEntry entries[] = {
        {"once", 0, 0, G_OPTION_ARG_NONE, &tracking.once, "Read what is there, then end", NULL},
        {"from-start", 0, 0, G_OPTION_ARG_NONE, &tracking.from_start, "Read the log from its first line again", NULL},
        {0},
    };
    GError *error = NULL;
    const struct config *config = NULL;
    if (command_options(&argc, &argv, "track",
                        "Follows Postfix's log, a file or the systemd journal ([postfix] log), and tells "
                        "postwelle-policyd what became of each "
                        "mail. Goes on where it was, over rotation and restarts.",
                        entries, 0, 0, &error))
        config = command_config(context, &error);
    if (config == NULL)
        return command_fail(error);
    tracking.syslog_name = config_text(config, "postfix", "syslog-name");
    tracking.options = track_log_options(config);
    tracking.refused = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    tracking.queue = (struct guard){.postfix = config_text(config, "postfix", "config-directory"),
                                    .socket = config_text(config, "postfix", "guard-socket")};
    tracking.zone = g_time_zone_new_local();
    stop_begin(&tracking.stop);
    gboolean good = run_sessions(&tracking, context, &error);
    stop_end(&tracking.stop);
    g_free(tracking.guard_told);
    g_time_zone_unref(tracking.zone);
    g_hash_table_unref(tracking.refused);
    if (!good)
        return command_fail(error);
    if (tracking.once)
        g_print("%" G_GUINT64_FORMAT " lines, %" G_GUINT64_FORMAT " about mails, %" G_GUINT64_FORMAT " of them ours.\n",
                tracking.lines, tracking.events, tracking.known);
    return 0;
}
