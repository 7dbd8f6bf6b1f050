/* cmd_preview.h - a verb of `postwelle campaign`. */
#ifndef POSTWELLE_IMPORTER_CMD_PREVIEW_H
#define POSTWELLE_IMPORTER_CMD_PREVIEW_H

#include "importer/command.h"

/* campaign preview DIR -o FOLDER */
int cmd_preview(struct command_context *context, int argc, char **argv);

#endif
