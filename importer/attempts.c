/* attempts.c - the tries to deliver a mail, from Postfix's log; see attempts.h. */
#include "importer/attempts.h"

#include "lib/error.h"

#include <string.h>
#include <unistd.h>

#define DATED 128 /* lines, of which one is asked when it was written */

static gboolean tells_of_try(enum track_kind kind)
{
    return kind == TRACK_DEFERRED || kind == TRACK_SENT || kind == TRACK_BOUNCED || kind == TRACK_EXPIRED ||
           kind == TRACK_UNCERTAIN;
}

/*
 * Adds what the log tells; returns how many lines of Postfix's there were. Only those that hold the queue ID are looked
 * at.
 */
static guint64 search(const struct attempts_log *log, struct track_log *stream, const struct attempts_mail *mail,
                      GArray *found)
{
    struct track_event event;
    struct track_gap gap = {0};
    const char *line;
    size_t size, id = strlen(mail->queue_id);
    gint64 when;
    guint64 lines = 0;
    while (found->len < ATTEMPTS_MAX && track_log_next(stream, &line, &size, &gap)) {
        if (size == 0)
            continue;
        if (lines++ % DATED == 0 && track_line_time(line, size, log->zone, log->now, &when) && when > mail->until)
            break;
        if (memmem(line, size, mail->queue_id, id) == NULL)
            continue;
        enum track_kind kind = track_line(line, size, log->log.syslog_name, log->zone, log->now, &event);
        if (tells_of_try(kind) && strcmp(event.queue_id, mail->queue_id) == 0)
            g_array_append_val(found, event);
    }
    return lines;
}

GArray *attempts_find(const struct attempts_log *log, const struct attempts_mail *mail, GError **error)
{
    struct track_log *stream = track_log_open_since(&log->log, mail->since, error);
    if (stream == NULL)
        return NULL;
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct track_event));
    guint64 lines = search(log, stream, mail, found);
    track_log_free(stream);
    /* sd-journal hides what a user may not see. */
    if (lines == 0 && log->log.journal && geteuid() != 0) {
        error_set(
            error, ERROR_NO_INPUT,
            "the journal shows this user no line of Postfix's from that time: they are gone, or the user should be in "
            "the group systemd-journal");
        return NULL;
    }
    return g_steal_pointer(&found);
}
