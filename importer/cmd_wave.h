/*
 * cmd_wave.h - the verbs of `postwelle wave` that stop what was opened; cmd_wave.c has the others.
 */
#ifndef POSTWELLE_IMPORTER_CMD_WAVE_H
#define POSTWELLE_IMPORTER_CMD_WAVE_H

#include "importer/command.h"

/* argv is the verb's, as for struct command. */
int cmd_wave_pause(struct command_context *context, int argc, char **argv);
int cmd_wave_resume(struct command_context *context, int argc, char **argv);
int cmd_wave_cancel(struct command_context *context, int argc, char **argv);

#endif
