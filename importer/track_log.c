/* track_log.c - a file or the journal; see track_log.h. */
#include "importer/track_log.h"

#include "importer/track_file.h"
#include "importer/track_journal.h"

struct track_log {
    struct track_file *file; /* one of both is NULL */
    struct track_journal *journal;
    const char *name;
};

void track_gap_add(struct track_gap *gap, gint64 before, const char *what)
{
    if (before <= gap->before)
        return;
    gap->before = before;
    gap->what = what;
}

struct track_log *track_log_open(const struct track_log_options *options, const char *position, struct track_gap *gap,
                                 GError **error)
{
    struct track_log log = {.name = options->journal ? "the journal" : options->file};
    if (options->journal)
        log.journal = track_journal_open(options->folder, options->syslog_name, position, gap, error);
    else
        log.file = track_file_open(options->file, position, gap, error);
    return log.journal != NULL || log.file != NULL ? g_memdup2(&log, sizeof log) : NULL;
}

void track_log_free(struct track_log *log)
{
    if (log == NULL)
        return;
    track_file_free(log->file);
    track_journal_free(log->journal);
    g_free(log);
}

const char *track_log_name(const struct track_log *log)
{
    return log->name;
}

gboolean track_log_next(struct track_log *log, const char **line_r, size_t *size_r, struct track_gap *gap)
{
    return log->file != NULL ? track_file_next(log->file, line_r, size_r, gap)
                             : track_journal_next(log->journal, line_r, size_r, gap);
}

void track_log_position(const struct track_log *log, char position_r[TRACK_POSITION_SIZE])
{
    if (log->file != NULL)
        track_file_position(log->file, position_r);
    else
        track_journal_position(log->journal, position_r);
}

gint64 track_log_complete(const struct track_log *log, gint64 now)
{
    return log->file != NULL ? now : track_journal_complete(log->journal, now);
}
