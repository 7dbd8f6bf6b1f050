/* cmd_suppress.h - what the files of `postwelle suppress` share. */
#ifndef POSTWELLE_IMPORTER_CMD_SUPPRESS_H
#define POSTWELLE_IMPORTER_CMD_SUPPRESS_H

#include "importer/command.h"

/*
 * The scope of requests: the client's name, or * where `all` is TRUE. NULL with *error (ERROR_USAGE) where neither is
 * given, or both.
 */
const char *suppress_scope(const char *client, gboolean all, GError **error);

/* postwelle suppress import FILE (cmd_suppress_import.c). */
int suppress_import_command(struct command_context *context, int argc, char **argv);

/* postwelle suppress check FILE (cmd_suppress_check.c). */
int suppress_check_command(struct command_context *context, int argc, char **argv);

#endif
