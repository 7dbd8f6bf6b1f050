/*
 * journal.h - where a daemon's log lines go: standard error, or syslog(3) with facility mail.
 *
 * Under systemd (JOURNAL_STREAM is set) each line begins with <N>, its priority. A line is one write(2), so lines of
 * several threads never mix. Control characters and octets that are not UTF-8 become \xNN: nothing that came by mail
 * can make a line of its own. What the lines say is in doc/LOGGING.md. For daemons' edges only: modules of lib/ return
 * GError.
 *
 * Threads: fill it in once at start; then any thread may write.
 */
#ifndef POSTWELLE_LIB_JOURNAL_H
#define POSTWELLE_LIB_JOURNAL_H

#include <glib.h>
#include <syslog.h>

#define JOURNAL_LINE 1000 /* octets of a line; the rest is cut off */

struct journal {
    gboolean syslog;   /* to syslog(3) instead of standard error */
    gboolean priority; /* write <N> before each line */
};

/* name stands in syslog's lines and must stay valid; to_syslog as --syslog says. */
void journal_init(struct journal *journal, const char *name, gboolean to_syslog);

/* Writes one line; priority is LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO or LOG_DEBUG of syslog(3). */
void journal_write(const struct journal *journal, int priority, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Makes text fit for a line: what journal_write() does to it. Free with g_free. */
char *journal_clean(const char *text);

#endif
