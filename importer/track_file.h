/*
 * track_file.h - follows a log file line by line, over rotation and truncation, and can go on later where it was.
 *
 * A position is "inode:offset:hash", the hash being that of the file's first line, so that a new file with an old one's
 * inode is not taken for it. A file that was renamed is found again beside the log (mail.log.1, mail.log-20261123) and
 * read until there are lines in the next one, as its writer may fill it for a while; compressed ones are not read, so
 * rotate with delaycompress.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_TRACK_FILE_H
#define POSTWELLE_IMPORTER_TRACK_FILE_H

#include "importer/track_log.h"

struct track_file;

/*
 * Opens the log at path, at a position of an earlier run, or at its start where that is "". *gap grows where the
 * position is not found any more: lines between it and the start of today's log were missed. NULL and *error where the
 * log can't be opened.
 */
struct track_file *track_file_open(const char *path, const char *position, struct track_gap *gap, GError **error);
void track_file_free(struct track_file *file); /* NULL is fine */

/*
 * The same at the start of the oldest file, of the log and its older siblings, that was still written to after `since`;
 * of the log where none was. *begins_r as of track_log_open_since().
 */
struct track_file *track_file_open_since(const char *path, gint64 since, gint64 *begins_r, GError **error);

/*
 * The next whole line, without its LF, into *line_r and *size_r; it lives until the next call. FALSE where there is
 * none now; try again later. *gap grows where the log was truncated before it was read.
 */
gboolean track_file_next(struct track_file *file, const char **line_r, size_t *size_r, struct track_gap *gap);

/* Behind the last line that was handed out. */
void track_file_position(const struct track_file *file, char position_r[TRACK_POSITION_SIZE]);

#endif
