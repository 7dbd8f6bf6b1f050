/*
 * track_log.h - Postfix's log, wherever it is: a file or the systemd journal. Line by line, in the form that track.h
 * reads, from a place of an earlier run on, over rotation.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_TRACK_LOG_H
#define POSTWELLE_IMPORTER_TRACK_LOG_H

#include "lib/config.h"

#define TRACK_POSITION_SIZE 512 /* with its NUL; policyd keeps as much */

/* Lines are missing. */
struct track_gap {
    gint64 before;    /* of what was logged before that time, seconds since 1970; 0: no lines are */
    gint64 after;     /* and after that one; 0: nobody knows */
    const char *what; /* why, and what to do against it; lives for ever */
};

/* Of two gaps the later one is kept: to the left it reaches over the other. */
void track_gap_add(struct track_gap *gap, gint64 after, gint64 before, const char *what);

struct track_log_options {
    gboolean journal;        /* else the file */
    const char *file;
    const char *folder;      /* of journal files; "" for this host's own */
    const char *syslog_name; /* Postfix's */
};

struct track_log;

/* Where the configuration ([postfix]) says that it is; borrows its texts. */
struct track_log_options track_log_options(const struct config *config);

/*
 * Opens it at a position of an earlier run, or at its start where that is "". A position that is not found any more is
 * a gap. Borrows the options' texts. NULL with *error where it can't be opened.
 */
struct track_log *track_log_open(const struct track_log_options *options, const char *position, struct track_gap *gap,
                                 GError **error);
void track_log_free(struct track_log *log); /* NULL is fine */

#define TRACK_FIRST_LINE G_MAXINT64

/*
 * The same for who looks back: begins with what was logged at `since` (seconds since 1970) or, in a file, some lines
 * before it. Of rotated files those count that are not compressed. *begins_r: what was logged before that time is not
 * read; 0 or up to `since`: the log reaches back that far; TRACK_FIRST_LINE: it begins with the first line that is
 * read.
 */
struct track_log *track_log_open_since(const struct track_log_options *options, gint64 since, gint64 *begins_r,
                                       GError **error);

/* What to call it: the file's name, or "the journal". */
const char *track_log_name(const struct track_log *log);

/*
 * The next whole line, without its LF, into *line_r and *size_r; it lives until the next call, and is empty where it is
 * not about Postfix. FALSE where there is none now; try again later. Adds to *gap what is noticed.
 */
gboolean track_log_next(struct track_log *log, const char **line_r, size_t *size_r, struct track_gap *gap);

/* Behind the last line that was handed out. */
void track_log_position(const struct track_log *log, char position_r[TRACK_POSITION_SIZE]);

/*
 * After track_log_next() has said at the time `now` that there is nothing more: until when nothing is missing but for
 * the gaps told. Seconds since 1970; 0: nobody can say.
 */
gint64 track_log_complete(const struct track_log *log, gint64 now);

#endif
