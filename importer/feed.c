/* feed.c - feeds waves and reminders to Postfix; see feed.h. */
#include "importer/feed.h"

#include "importer/control.h"
#include "importer/progress.h"
#include "importer/rate.h"
#include "importer/reply_hint.h"
#include "importer/smtp.h"
#include "lib/error.h"

#include <string.h>

#define POLL_US ((guint64)200000)                   /* between two looks at the signals */
#define KEEP_OPEN_US ((guint64)10 * G_USEC_PER_SEC) /* a connection to Postfix without mails */
#define UNRENDERED "550 5.6.0 not sent: "           /* before the reason, in place of a reply */

/* How one mail ended. */
enum end {
    END_REPLY,  /* there is a reply */
    END_FAILED, /* it can't be rendered or sent as it is: a fault of the row */
    END_BROKEN, /* no reply: the connection broke, or none could be made */
    END_UNSENT, /* never tried: it goes back */
};

/* A participant on the way through a worker and back. */
struct job {
    struct participant *participant;
    struct smtp_mail mail; /* once it is rendered */
    enum end end;
    struct smtp_reply reply;
    GError *error;        /* END_FAILED, END_BROKEN */
    gboolean unreachable; /* END_BROKEN: no connection could be made */
};

struct feed {
    const struct campaign *campaign;
    const struct feed_options *options;
    struct policy_client *policy;
    struct feed_result *result;
    struct stop *stop;
    GAsyncQueue *jobs, *done; /* of struct job; a job without participant ends a worker */
    GQueue pending;           /* of struct job: begun, and not given to a worker yet */
    struct rate_limiter *limiter; /* NULL: no rates */
    guint batch;              /* participants of one `begin` */
    guint outstanding;        /* jobs begun and not back, pending ones among them */
    guint failures;           /* in a row, see FEED_FAILURES_MAX */
    gboolean broken;          /* give up: why */
    GError *why;
    gboolean reminders;       /* not invitations */
    char *wave;               /* NULL: of all (reminders only) */
    struct progress progress;
    struct smtp_reply later; /* the last one that said so */
    gint64 asked;            /* when policyd was asked last; monotonic */
};

/* --- workers ------------------------------------------------------------------------------------ */

static void job_free(struct job *job)
{
    participant_free(job->participant);
    g_clear_error(&job->error);
    g_free(job);
}

/* A thread with a connection of its own. */
struct worker {
    const struct feed *feed;
    struct smtp *smtp;            /* NULL: none now */
    struct renderer renderers[2]; /* in turn: one mail is sent while the next one is ready */
    guint turn;
    gboolean ending; /* the job without participant was taken */
};

/* Renders a job's mail, which lives until the worker has rendered two more. */
static gboolean render_job(struct worker *worker, struct job *job)
{
    const struct render_options options = {.reminder = worker->feed->reminders,
                                           .date = g_get_real_time() / G_USEC_PER_SEC};
    const struct participant *participant = job->participant;
    struct renderer *renderer = &worker->renderers[worker->turn];
    if (!render_mail(renderer, participant, &options, &job->error))
        return FALSE;
    worker->turn ^= 1;
    job->mail = (struct smtp_mail){participant->reverse_path, participant->address, renderer->message->str,
                                   renderer->message->len, !g_str_is_ascii(participant->address)};
    return TRUE;
}

/* The next job of the queue; while none comes, Postfix need not keep a process for us. */
static struct job *wait_for_job(struct worker *worker)
{
    struct job *job = g_async_queue_timeout_pop(worker->feed->jobs, KEEP_OPEN_US);
    if (job != NULL)
        return job;
    g_clear_pointer(&worker->smtp, smtp_free);
    return g_async_queue_pop(worker->feed->jobs);
}

/*
 * A job whose mail is rendered; those that can't be go back. NULL where none is there (wait: where there are no more).
 */
static struct job *take_job(struct worker *worker, gboolean wait)
{
    while (!worker->ending) {
        struct job *job = wait ? wait_for_job(worker) : g_async_queue_try_pop(worker->feed->jobs);
        if (job == NULL)
            return NULL;
        if (job->participant == NULL) {
            worker->ending = TRUE;
            job_free(job);
        } else if (render_job(worker, job)) {
            return job;
        } else {
            job->end = END_FAILED;
            g_async_queue_push(worker->feed->done, job);
        }
    }
    return NULL;
}

/* Sends a job's mail; the next one's commands go with it. */
static void send_job(struct worker *worker, struct job *job, const struct job *next)
{
    const struct feed_options *options = worker->feed->options;
    if (worker->smtp == NULL)
        worker->smtp = smtp_connect(options->host, options->port, options->timeout_ms, &job->error);
    job->end = END_BROKEN;
    job->unreachable = worker->smtp == NULL;
    if (worker->smtp == NULL)
        return;
    if (smtp_send(worker->smtp, &job->mail, next != NULL ? &next->mail : NULL, &job->reply, &job->error)) {
        job->end = END_REPLY;
        if (job->reply.code != 421)
            return;
    } else if (g_error_matches(job->error, POSTWELLE_ERROR, ERROR_DATA)) {
        job->end = END_FAILED;
        return;
    }
    g_clear_pointer(&worker->smtp, smtp_free);
}

static void *work(void *data)
{
    struct worker worker = {.feed = data};
    for (guint i = 0; i < G_N_ELEMENTS(worker.renderers); i++)
        renderer_init(&worker.renderers[i], worker.feed->campaign);
    struct job *job = take_job(&worker, TRUE);
    while (job != NULL) {
        struct job *next = take_job(&worker, FALSE);
        send_job(&worker, job, next);
        g_async_queue_push(worker.feed->done, job);
        job = next != NULL ? next : take_job(&worker, TRUE);
    }
    smtp_free(worker.smtp);
    for (guint i = 0; i < G_N_ELEMENTS(worker.renderers); i++)
        renderer_release(&worker.renderers[i]);
    return NULL;
}

/* --- results ------------------------------------------------------------------------------------ */

/* No more jobs from here on. The first reason counts. */
static void give_up(struct feed *feed, GError *error)
{
    if (feed->broken)
        g_clear_error(&error);
    else
        feed->why = error;
    feed->broken = TRUE;
}

static GError *only_later(const struct feed *feed)
{
    g_autofree char *hint = reply_hint(feed->campaign->client, &feed->later);
    return g_error_new(
        POSTWELLE_ERROR, ERROR_TEMPORARY,
        "Postfix answers one mail after the other with \"%s\"; nothing is lost. %s; then run the command "
        "again",
        feed->result->last_reply, hint);
}

/* What policyd made of an attempt that got no good reply. */
static void count_state(struct feed_result *result, const char *state)
{
    if (strcmp(state, "refused") == 0)
        result->refused++;
    else if (strcmp(state, "capped") == 0)
        result->capped++;
    else if (strcmp(state, "suppressed") == 0)
        result->suppressed++;
    else if (strcmp(state, "new") == 0 || strcmp(state, "begun") == 0)
        result->later++;
    else
        result->accepted++; /* the reply was wrong: Postfix has it, or may have it */
}

/* Asks policyd; its idle time begins anew. Frees the request. */
static gboolean ask(struct feed *feed, GString *request, struct attributes *answer_r, GError **error)
{
    feed->asked = g_get_monotonic_time();
    return control_ask(feed->policy, request, answer_r, error);
}

static gboolean keep_alive(struct feed *feed, GError **error)
{
    struct attributes answer;
    return g_get_monotonic_time() - feed->asked < feed->options->alive_ms * 1000 ||
           ask(feed, control_request("health", NULL), &answer, error);
}

static gboolean abandon(struct feed *feed, const struct job *job, GError **error)
{
    g_autofree char *reply = job->end == END_REPLY    ? smtp_reply_line(&job->reply)
                             : job->end == END_FAILED ? g_strconcat(UNRENDERED, job->error->message, NULL)
                                                      : g_strdup("");
    GString *request = control_campaign_request("abandon", feed->campaign, "reply", reply, NULL);
    policy_append_number(request, "participant", job->participant->number);
    policy_append_number(request, "attempt", job->participant->attempt);
    if (feed->reminders)
        policy_append_number(request, "reminder", job->participant->reminder);
    struct attributes answer;
    if (!ask(feed, request, &answer, error))
        return FALSE;
    count_state(feed->result, attributes_text(&answer, "state"));
    return TRUE;
}

/*
 * Counts mails that went neither out nor back by a rule, and gives up where they don't end. A connection that breaks
 * may be Postfix's restart; that nobody listens is reason enough.
 */
static void judge(struct feed *feed, struct job *job)
{
    gboolean later = job->end == END_REPLY && smtp_reply_temporary(&job->reply);
    if (job->end == END_REPLY && !later) {
        feed->failures = 0;
        return;
    }
    if (later) {
        g_free(feed->result->last_reply);
        feed->result->last_reply = smtp_reply_line(&job->reply);
        feed->later = job->reply;
    }
    gboolean gone = job->unreachable && g_error_matches(job->error, POSTWELLE_ERROR, ERROR_UNAVAILABLE);
    if (++feed->failures < FEED_FAILURES_MAX && !gone)
        return;
    if (later)
        give_up(feed, only_later(feed));
    else
        give_up(feed, g_steal_pointer(&job->error));
}

static gboolean take_result(struct feed *feed, struct job *job, GError **error)
{
    gboolean good = TRUE;
    feed->outstanding--;
    if (job->end == END_REPLY && smtp_reply_good(&job->reply))
        feed->result->accepted++;
    else
        good = abandon(feed, job, error);
    judge(feed, job);
    job_free(job);
    const struct feed_result *result = feed->result;
    guint64 refused = result->refused + result->capped + result->suppressed;
    g_autofree char *remark =
        g_strdup_printf("%" G_GUINT64_FORMAT " refused, %" G_GUINT64_FORMAT " later", refused, result->later);
    progress_show(&feed->progress, result->accepted + refused, remark);
    return good;
}

/* Gives the workers what may go now. Returns the microseconds until the next one may, POLL_US at most. */
static guint64 release_jobs(struct feed *feed)
{
    gint64 now = g_get_monotonic_time(), wait = POLL_US;
    for (GList *link = feed->pending.head, *next; link != NULL; link = next) {
        struct job *job = link->data;
        const char *at = strrchr(job->participant->address, '@');
        gint64 pause =
            feed->limiter != NULL ? rate_limiter_take(feed->limiter, at != NULL ? at + 1 : "", now) : 0;
        next = link->next;
        wait = pause > 0 ? MIN(wait, pause) : wait;
        if (pause > 0)
            continue;
        g_queue_delete_link(&feed->pending, link);
        g_async_queue_push(feed->jobs, job);
    }
    return (guint64)wait;
}

/* Jobs that no worker has taken yet: their attempts are given back at once. */
static gboolean take_back(struct feed *feed, GError **error)
{
    struct job *job;
    gboolean good = TRUE;
    while (good && ((job = g_queue_pop_head(&feed->pending)) != NULL ||
                    (job = g_async_queue_try_pop(feed->jobs)) != NULL)) {
        job->end = END_UNSENT;
        feed->outstanding--;
        good = abandon(feed, job, error);
        job_free(job);
    }
    return good;
}

/* A signal, or the end of the time to feed. */
static void look_for_end(struct feed *feed)
{
    gint64 until = feed->options->until;
    if (stop_asked(feed->stop))
        feed->broken = feed->result->stopped = TRUE;
    if (until > 0 && g_get_real_time() / G_USEC_PER_SEC >= until)
        feed->broken = feed->result->closed = TRUE;
}

/* Takes results until at most `left` jobs are out; none but those with a worker where it has given up. */
static gboolean take_results(struct feed *feed, guint left, GError **error)
{
    while (feed->outstanding > left) {
        struct job *job = g_async_queue_timeout_pop(feed->done, release_jobs(feed));
        look_for_end(feed);
        if ((job != NULL && !take_result(feed, job, error)) || (feed->broken && !take_back(feed, error)) ||
            !keep_alive(feed, error))
            return FALSE;
    }
    return TRUE;
}

/* --- batches ------------------------------------------------------------------------------------ */

static gboolean add_job(void *cookie, const struct attributes *row, GError **error)
{
    struct feed *feed = cookie;
    struct participant *participant = participant_new(row, error);
    if (participant == NULL)
        return FALSE;
    struct job *job = g_new0(struct job, 1);
    job->participant = participant;
    g_queue_push_tail(&feed->pending, job);
    feed->outstanding++;
    return TRUE;
}

static gboolean begin_batch(struct feed *feed, guint64 *after, GError **error)
{
    GString *request =
        control_campaign_request(feed->reminders ? "remind-begin" : "begin", feed->campaign, "wave", feed->wave, NULL);
    if (feed->reminders) {
        policy_append_number(request, "most", feed->campaign->reminders);
        policy_append_number(request, "gap", (guint64)feed->campaign->reminder_gap);
    }
    policy_append_number(request, "after", *after);
    policy_append_number(request, "limit", feed->batch);
    struct attributes last;
    feed->asked = g_get_monotonic_time();
    if (!control_rows(feed->policy, request, add_job, feed, &last, error))
        return FALSE;
    *after = control_number(&last, "last");
    /* Each answer tells of the rows that it passed over. */
    gint64 next = (gint64)control_number(&last, "next");
    feed->result->waiting += control_number(&last, "waiting");
    if (next != 0 && (feed->result->next == 0 || next < feed->result->next))
        feed->result->next = next;
    release_jobs(feed);
    return TRUE;
}

/* One pass over the wave. A batch is fetched while half of the one before is still with the workers. */
static gboolean run_pass(struct feed *feed, GError **error)
{
    guint64 after = 0;
    feed->result->waiting = 0;
    feed->result->next = 0;
    do {
        if (!begin_batch(feed, &after, error) || !take_results(feed, feed->batch / 2, error))
            return FALSE;
    } while (after != 0 && !feed->broken);
    return take_results(feed, 0, error);
}

/* --- passes ------------------------------------------------------------------------------------- */

/* Waits until the next row is due; *go_on_r is FALSE where that is too late, or a signal comes. */
static gboolean wait_for_next(struct feed *feed, gint64 *patience, gboolean *go_on_r, GError **error)
{
    *go_on_r = FALSE;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    gint64 pause = MAX(feed->result->next - now, 1);
    if (pause > *patience)
        return TRUE;
    *patience -= pause;
    gint64 left, until = g_get_monotonic_time() + pause * G_USEC_PER_SEC;
    while ((left = until - g_get_monotonic_time()) > 0) {
        g_autofree char *remark = g_strdup_printf("%" G_GUINT64_FORMAT " wait, next in %" G_GINT64_FORMAT " s",
                                                  feed->result->waiting, left / G_USEC_PER_SEC + 1);
        progress_show(&feed->progress, feed->result->accepted, remark);
        if (stop_sleep(feed->stop, POLL_US / 1000)) {
            feed->result->stopped = TRUE;
            return TRUE;
        }
        if (!keep_alive(feed, error))
            return FALSE;
    }
    *go_on_r = TRUE;
    return TRUE;
}

static guint64 settled(const struct feed_result *result)
{
    return result->accepted + result->refused + result->capped + result->suppressed;
}

static gboolean run_passes(struct feed *feed, GError **error)
{
    gint64 patience = feed->options->wait;
    gboolean go_on = TRUE;
    for (guint idle = 0; idle < FEED_PASSES_MAX && go_on;) {
        guint64 before = settled(feed->result), later = feed->result->later;
        if (!run_pass(feed, error))
            return FALSE;
        /* What was abandoned in this pass waits, too, although policyd counted before. */
        if (feed->result->later > later)
            feed->result->waiting = MAX(feed->result->waiting, feed->result->later - later);
        if (settled(feed->result) == 0 && feed->result->last_reply != NULL)
            give_up(feed, only_later(feed));
        if (feed->broken || feed->result->waiting == 0)
            break;
        idle = settled(feed->result) > before ? 0 : idle + 1;
        if (!wait_for_next(feed, &patience, &go_on, error))
            return FALSE;
    }
    if (feed->why == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&feed->why));
    return FALSE;
}

static gboolean open_reminders(struct feed *feed, GError **error)
{
    struct attributes answer;
    GString *request = control_campaign_request("remind-open", feed->campaign, "hash", feed->campaign->hash, "despite",
                                                feed->options->despite, NULL);
    policy_append_number(request, "most", feed->campaign->reminders);
    return ask(feed, request, &answer, error);
}

static gboolean open_wave(struct feed *feed, GError **error)
{
    struct attributes answer;
    GString *request =
        control_campaign_request("wave-open", feed->campaign, "wave", feed->wave, "hash", feed->campaign->hash,
                                 "despite", feed->options->despite, NULL);
    if (!ask(feed, request, &answer, error))
        return FALSE;
    feed->result->todo = control_number(&answer, "todo");
    return TRUE;
}

/* Where little may go in a minute, little is begun at once. */
static void set_up_rates(struct feed *feed)
{
    const struct rates *rates = &feed->campaign->rates;
    feed->batch = rates->minute > 0 ? CLAMP(rates->minute / 6, 1, FEED_BATCH) : FEED_BATCH;
    feed->limiter = rates_limit(rates) ? rate_limiter_new(rates) : NULL;
}

static void end_workers(struct feed *feed, GThread **threads, guint count)
{
    struct job *job;
    g_queue_clear_full(&feed->pending, (GDestroyNotify)job_free);
    while ((job = g_async_queue_try_pop(feed->jobs)) != NULL)
        job_free(job); /* policyd is gone; the next run goes on with them */
    for (guint i = 0; i < count; i++)
        g_async_queue_push(feed->jobs, g_new0(struct job, 1));
    for (guint i = 0; i < count; i++)
        g_thread_join(threads[i]);
}

/* Opens it, and runs all of it. */
static gboolean run(struct feed *feed, const char *label, GError **error)
{
    guint connections = feed->options->connections;
    if (!(feed->reminders ? open_reminders(feed, error) : open_wave(feed, error)))
        return FALSE;
    set_up_rates(feed);
    feed->jobs = g_async_queue_new_full((GDestroyNotify)job_free);
    feed->done = g_async_queue_new_full((GDestroyNotify)job_free);
    progress_begin(&feed->progress, label, feed->result->todo);
    g_autofree GThread **threads = g_new(GThread *, connections);
    for (guint i = 0; i < connections; i++)
        threads[i] = g_thread_new("feed", work, feed);
    gboolean good = run_passes(feed, error);
    end_workers(feed, threads, connections);
    progress_clear(&feed->progress);
    g_clear_error(&feed->why);
    g_async_queue_unref(feed->jobs);
    g_async_queue_unref(feed->done);
    rate_limiter_free(feed->limiter);
    return good;
}

gboolean feed_wave(const struct campaign *campaign, guint wave, struct policy_client *policy,
                   const struct feed_options *options, struct stop *stop, struct feed_result *result_r, GError **error)
{
    *result_r = (struct feed_result){0};
    g_autofree char *number = g_strdup_printf("%u", wave), *label = g_strdup_printf("wave %u", wave);
    struct feed feed = {
        .campaign = campaign, .options = options, .policy = policy, .result = result_r, .stop = stop, .wave = number};
    return run(&feed, label, error);
}

gboolean feed_reminders(const struct campaign *campaign, guint wave, guint64 todo, struct policy_client *policy,
                        const struct feed_options *options, struct stop *stop, struct feed_result *result_r,
                        GError **error)
{
    *result_r = (struct feed_result){.todo = todo};
    g_autofree char *number = wave > 0 ? g_strdup_printf("%u", wave) : NULL;
    struct feed feed = {.campaign = campaign,
                        .options = options,
                        .policy = policy,
                        .result = result_r,
                        .stop = stop,
                        .reminders = TRUE,
                        .wave = number};
    return run(&feed, "reminders", error);
}
