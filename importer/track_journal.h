/*
 * track_journal.h - follows Postfix's lines in the systemd journal (libsystemd); track_log.h says what the functions
 * do.
 *
 * All entries are read, others' too: their numbers tell whether one is missing (journal_gap.h). A position is
 * sd-journal's cursor. Lines that a person's process has written, as with logger(1), are no lines of Postfix's.
 *
 * Reading all of the journal needs root or the group systemd-journal; for others most entries are missing. One thread
 * at a time.
 */
#ifndef POSTWELLE_IMPORTER_TRACK_JOURNAL_H
#define POSTWELLE_IMPORTER_TRACK_JOURNAL_H

#include "importer/track_log.h"

struct track_journal;

struct track_journal *track_journal_open(const char *folder, const char *syslog_name, const char *position,
                                         struct track_gap *gap, GError **error);
struct track_journal *track_journal_open_since(const char *folder, const char *syslog_name, gint64 since,
                                               gint64 *begins_r, GError **error);
void track_journal_free(struct track_journal *journal); /* NULL is fine */
gboolean track_journal_next(struct track_journal *journal, const char **line_r, size_t *size_r, struct track_gap *gap);
void track_journal_position(const struct track_journal *journal, char position_r[TRACK_POSITION_SIZE]);
gint64 track_journal_complete(const struct track_journal *journal, gint64 now);

#endif
