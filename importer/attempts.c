/* attempts.c - the tries to deliver a mail, from the mail log; see attempts.h. */
#include "importer/attempts.h"

#include "lib/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROTATED ".1"

static gboolean tells_of_try(enum track_kind kind)
{
    return kind == TRACK_DEFERRED || kind == TRACK_SENT || kind == TRACK_BOUNCED || kind == TRACK_EXPIRED || kind == TRACK_UNCERTAIN;
}

/* Adds what a file tells. Only lines that hold the queue ID are looked at. */
static void search(const struct attempts_log *log, FILE *stream, const char *queue_id, GArray *found)
{
    struct track_event event;
    char *line = NULL;
    size_t room = 0;
    for (ssize_t size; found->len < ATTEMPTS_MAX && (size = getline(&line, &room, stream)) > 0;) {
        if (strstr(line, queue_id) == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        enum track_kind kind = track_line(line, strlen(line), log->syslog_name, log->zone, log->now, &event);
        if (tells_of_try(kind) && strcmp(event.queue_id, queue_id) == 0)
            g_array_append_val(found, event);
    }
    free(line);
}

static gboolean search_file(const struct attempts_log *log, const char *path, const char *queue_id, GArray *found, GError **error)
{
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return error_from_errno(error, ERROR_NO_INPUT, errno, "%s", path);
    search(log, stream, queue_id, found);
    fclose(stream);
    return TRUE;
}

GArray *attempts_find(const struct attempts_log *log, const char *queue_id, GError **error)
{
    g_autofree char *rotated = g_strconcat(log->path, ROTATED, NULL);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct track_event));
    search_file(log, rotated, queue_id, found, NULL); /* there need not be one */
    return search_file(log, log->path, queue_id, found, error) ? g_steal_pointer(&found) : NULL;
}
