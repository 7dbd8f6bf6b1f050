/*
 * progress.h - a progress bar on stderr: only on a terminal, only for what takes longer than a second.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_PROGRESS_H
#define POSTWELLE_IMPORTER_PROGRESS_H

#include <glib.h>

struct progress {
    const char *label;
    guint64 total;       /* 0: not known; then only a number is shown */
    gint64 begun, shown; /* monotonic, microseconds; shown 0: nothing is on the screen */
    gboolean terminal;
};

/* Starts one. label lives as long as it does. */
void progress_begin(struct progress *progress, const char *label, guint64 total);

/* Tells that so many are done, and a remark (NULL: none). Cheap: draws five times a second at most. */
void progress_show(struct progress *progress, guint64 done, const char *remark);

/* Takes the bar from the screen, before a message or at the end. */
void progress_clear(struct progress *progress);

/*
 * The bar as text, for tests: at most `width` characters, such as
 * "wave 2  [#####---------------]  25 %  1000/4000  2:05 left  3 refused".
 */
char *progress_line(const struct progress *progress, guint64 done, gint64 elapsed_us, const char *remark, size_t width);

#endif
