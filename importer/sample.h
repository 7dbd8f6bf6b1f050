/*
 * sample.h - a participant made up for a campaign, for checks and previews before any list is there.
 */
#ifndef POSTWELLE_IMPORTER_SAMPLE_H
#define POSTWELLE_IMPORTER_SAMPLE_H

#include "importer/render.h"

/*
 * One who gets this edition, with a value in each column that the templates name: "Beispiel" for a last name and the
 * like, else the column's own name, so that a preview shows what goes where. as_urls gives a URL instead, for templates
 * in which a column is a whole link. Tokens are as long as real ones. Free with participant_free().
 */
struct participant *sample_participant(const struct campaign *campaign, const struct edition *edition,
                                       gboolean as_urls);

/*
 * One with the values of the list's first good row that gets this edition; *participant_r is NULL where none does.
 * FALSE with *error as list_check_file(), or ERROR_DATA where no row is good. Forks: for single-threaded programs. Free
 * with participant_free().
 */
gboolean sample_from_list(const struct campaign *campaign, const struct edition *edition, const char *file,
                          struct participant **participant_r, GError **error);

#endif
