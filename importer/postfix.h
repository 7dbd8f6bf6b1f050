/*
 * postfix.h - Postfix's own commands, run to their end, and its parameters.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_POSTFIX_H
#define POSTWELLE_IMPORTER_POSTFIX_H

#include <glib.h>

#define POSTFIX_LOG_GROUP "adm" /* may read logs on Debian; the tracker is a member of it */

/*
 * Runs argv, found along PATH, to its end. *output_r (may be NULL) is what it wrote to stdout; free with g_free().
 * FALSE with *error (ERROR_UNAVAILABLE: the command, its words) where it can't be run or its exit status is not 0.
 */
gboolean postfix_run(const char *const *argv, char **output_r, GError **error);

/* Gets a line without its LF; FALSE with *error ends the reading. */
typedef gboolean postfix_line_func(void *cookie, const char *line, size_t size, GError **error);

/*
 * The same, handing on its output line by line, however long that is. A command that writes nothing for so long, in
 * milliseconds, is killed (ERROR_UNAVAILABLE).
 */
gboolean postfix_read(const char *const *argv, int silence_ms, postfix_line_func *func, void *cookie, GError **error);

/* Lists Postfix's queue: `postqueue -j`, a line a mail, in JSON. */
gboolean postfix_list_queue(const char *config, postfix_line_func *func, void *cookie, GError **error);

/* The same, writing size octets of input to its standard input; what it prints is dropped. */
gboolean postfix_write(const char *const *argv, const char *input, size_t size, GError **error);

/*
 * The same on a terminal of its own, where postfix(1) says what is wrong: without one it tells the log alone. *error
 * holds all that it says.
 */
gboolean postfix_run_on_terminal(const char *const *argv, GError **error);

/*
 * A parameter's value in force, expanded: `postconf -c config -hx name`. NULL with *error as above. Free with g_free().
 */
char *postfix_parameter(const char *config, const char *name, GError **error);

/* "18000s", "5h" as seconds; 0 where it is no time. */
gint64 postfix_seconds(const char *value);

#endif
