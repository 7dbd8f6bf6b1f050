/* track_log.c - a file or the journal; see track_log.h. */
#include "importer/track_log.h"

#include "importer/track_file.h"
#include "importer/track_journal.h"

#include <string.h>

struct track_log {
    struct track_file *file; /* one of both is NULL */
    struct track_journal *journal;
    const char *name;
};

void track_gap_add(struct track_gap *gap, gint64 after, gint64 before, const char *what)
{
    if (before > gap->before)
        *gap = (struct track_gap){before, after, what};
}

struct track_log_options track_log_options(const struct config *config)
{
    return (struct track_log_options){.journal = strcmp(config_text(config, "postfix", "log"), "journal") == 0,
                                      .file = config_text(config, "postfix", "maillog"),
                                      .folder = config_text(config, "postfix", "journal"),
                                      .syslog_name = config_text(config, "postfix", "syslog-name")};
}

/* NULL where neither is open. */
static struct track_log *new_log(const struct track_log_options *options, struct track_file *file,
                                 struct track_journal *journal)
{
    const struct track_log log = {file, journal, options->journal ? "the journal" : options->file};
    return file != NULL || journal != NULL ? g_memdup2(&log, sizeof log) : NULL;
}

struct track_log *track_log_open(const struct track_log_options *options, const char *position, struct track_gap *gap,
                                 GError **error)
{
    if (options->journal)
        return new_log(options, NULL, track_journal_open(options->folder, options->syslog_name, position, gap, error));
    return new_log(options, track_file_open(options->file, position, gap, error), NULL);
}

struct track_log *track_log_open_since(const struct track_log_options *options, gint64 since, gint64 *begins_r,
                                       GError **error)
{
    if (options->journal)
        return new_log(options, NULL,
                       track_journal_open_since(options->folder, options->syslog_name, since, begins_r, error));
    return new_log(options, track_file_open_since(options->file, since, begins_r, error), NULL);
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
