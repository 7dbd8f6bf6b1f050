/* attempts.c - the tries to deliver mails, from Postfix's log; see attempts.h. */
#include "importer/attempts.h"

#include "lib/error.h"

#include <string.h>
#include <unistd.h>

#define DATED 128    /* lines, of which one is asked when it was written */
#define LOG_SLACK 60 /* seconds by which the ledger's time and the log's may differ */

#define BEGINS_LATER                                                                                                   \
    "the mail log does not reach back further; what is rotated away, or compressed, is not read: keep it longer "      \
    "(rotate with delaycompress; SystemMaxUse= in journald.conf)"

static void mail_clear(void *cookie)
{
    struct attempts_mail *mail = cookie;
    g_array_unref(mail->tries);
}

GArray *attempts_mails_new(void)
{
    GArray *mails = g_array_new(FALSE, FALSE, sizeof(struct attempts_mail));
    g_array_set_clear_func(mails, mail_clear);
    return mails;
}

void attempts_mail_add(GArray *mails, const char *queue_id, gint64 since, gint64 until)
{
    const struct attempts_mail mail = {queue_id, since, until, g_array_new(FALSE, FALSE, sizeof(struct track_event))};
    g_array_append_val(mails, mail);
}

gboolean attempts_gap_hides(const struct track_gap *gap, const struct attempts_mail *mail)
{
    return gap->after < mail->until && gap->before > mail->since;
}

static gboolean tells_of_try(enum track_kind kind)
{
    return kind == TRACK_DEFERRED || kind == TRACK_SENT || kind == TRACK_BOUNCED || kind == TRACK_EXPIRED ||
           kind == TRACK_UNCERTAIN;
}

/* Only lines that hold the queue ID are looked at: the other ones are most. */
static void take_line(const struct attempts_log *log, const char *line, size_t size, struct attempts_mail *mail)
{
    struct track_event event;
    if (mail->tries->len >= ATTEMPTS_MAX || memmem(line, size, mail->queue_id, strlen(mail->queue_id)) == NULL)
        return;
    enum track_kind kind = track_line(line, size, log->log.syslog_name, log->zone, log->now, &event);
    if (tells_of_try(kind) && strcmp(event.queue_id, mail->queue_id) == 0 && event.time >= mail->since - LOG_SLACK &&
        event.time <= mail->until + LOG_SLACK)
        g_array_append_val(mail->tries, event);
}

static void take_gap(GArray *gaps, const struct track_gap *gap)
{
    if (gap->before != 0 && gaps->len < ATTEMPTS_GAPS_MAX)
        g_array_append_val(gaps, *gap);
    else if (gap->before != 0)
        g_array_index(gaps, struct track_gap, gaps->len - 1).before = gap->before;
}

/*
 * Reads until then. Returns how many lines of Postfix's there were; *begins_r is when the first one was written where
 * that is still asked for.
 */
static guint64 search(const struct attempts_log *log, struct track_log *stream, gint64 until, GArray *mails,
                      GArray *gaps, gint64 *begins_r)
{
    const char *line;
    size_t size;
    gint64 when;
    guint64 lines = 0;
    for (struct track_gap gap = {0}; track_log_next(stream, &line, &size, &gap); gap = (struct track_gap){0}) {
        take_gap(gaps, &gap);
        if (size == 0)
            continue;
        if (lines++ % DATED == 0 && track_line_time(line, size, log->zone, log->now, &when)) {
            *begins_r = MIN(*begins_r, when);
            if (when > until)
                break;
        }
        for (guint i = 0; i < mails->len; i++)
            take_line(log, line, size, &g_array_index(mails, struct attempts_mail, i));
    }
    return lines;
}

/* From when to when any of them was on its way. */
static void span(const GArray *mails, gint64 *since_r, gint64 *until_r)
{
    *since_r = G_MAXINT64;
    *until_r = 0;
    for (guint i = 0; i < mails->len; i++) {
        const struct attempts_mail *mail = &g_array_index(mails, struct attempts_mail, i);
        *since_r = MIN(*since_r, mail->since);
        *until_r = MAX(*until_r, mail->until);
    }
}

GArray *attempts_find(const struct attempts_log *log, GArray *mails, GError **error)
{
    gint64 since, until, begins = 0;
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(struct track_gap));
    if (mails->len == 0)
        return g_steal_pointer(&gaps);
    span(mails, &since, &until);
    struct track_log *stream = track_log_open_since(&log->log, since - LOG_SLACK, &begins, error);
    if (stream == NULL)
        return NULL;
    guint64 lines = search(log, stream, until + LOG_SLACK, mails, gaps, &begins);
    track_log_free(stream);
    /* sd-journal hides what a user may not see. */
    if (lines == 0 && log->log.journal && geteuid() != 0) {
        error_set(
            error, ERROR_NO_INPUT,
            "the journal shows this user no line of Postfix's from that time: they are gone, or the user should be in "
            "the group systemd-journal");
        return NULL;
    }
    if (begins > since) {
        const struct track_gap missing = {MIN(begins, log->now), 0, BEGINS_LATER};
        g_array_prepend_val(gaps, missing);
    }
    return g_steal_pointer(&gaps);
}
