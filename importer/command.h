/*
 * command.h - what every subcommand of `postwelle` gets, and the table that main.c dispatches by.
 *
 * A command is one function in a file of its own, cmd_NAME.c. It parses its own options with command_options(), does
 * its work and returns the exit status: 0 done, 1 checked and found wanting, otherwise sysexits(3). Results go to
 * stdout; errors, warnings and progress to stderr.
 */
#ifndef POSTWELLE_IMPORTER_COMMAND_H
#define POSTWELLE_IMPORTER_COMMAND_H

#include "lib/config.h"

struct command_context {
    const char *config_file; /* -c FILE, or the default */
    struct config *config;   /* loaded by command_config() on first use */
};

struct command {
    const char *name;
    const char *summary; /* one line for --help */
    int (*run)(struct command_context *context, int argc, char **argv);
};

/* All commands, ended by a row without a name. */
extern const struct command commands[];

/*
 * What main() does with a table of commands: sets the locale, takes -c FILE and --version, dispatches; returns the exit
 * status.
 */
int command_main(const struct command *table, int argc, char **argv);

/*
 * postwelle.conf, loaded once; commands that need none (list check FILE) never call this. NULL and *error where it
 * can't be had. Owned by the context.
 */
const struct config *command_config(struct command_context *context, GError **error);

/*
 * Parses argv with GOption: `usage` is what follows the program's name ("list check FILE"), `summary` says what the
 * command does in a paragraph. --help prints and exits 0. TRUE when argv[1..] holds at least `low` and at most `high`
 * arguments; else FALSE with *error (ERROR_USAGE) that names the usage.
 */
gboolean command_options(int *argc, char ***argv, const char *usage, const char *summary, const GOptionEntry *entries,
                         int low, int high, GError **error);

/*
 * Dispatches `postwelle GROUP VERB …` to the verb's function by a table that ends with a row without a name. argv[0] is
 * the group's name, argv[1] the verb; the verb's function gets argv from the verb on. Without a verb, with --help or
 * with an unknown one it prints the verbs.
 */
int command_dispatch(struct command_context *context, const char *group, const struct command *verbs, int argc,
                     char **argv);

/* Prints "postwelle: TEXT" to stderr and returns the error's exit status. Frees the error. */
int command_fail(GError *error);

int cmd_list(struct command_context *context, int argc, char **argv);
int cmd_template(struct command_context *context, int argc, char **argv);
int cmd_content(struct command_context *context, int argc, char **argv);
int cmd_client(struct command_context *context, int argc, char **argv);
int cmd_dns(struct command_context *context, int argc, char **argv);
int cmd_key(struct command_context *context, int argc, char **argv);
int cmd_campaign(struct command_context *context, int argc, char **argv);
int cmd_import(struct command_context *context, int argc, char **argv);
int cmd_proof(struct command_context *context, int argc, char **argv);
int cmd_approve(struct command_context *context, int argc, char **argv);
int cmd_wave(struct command_context *context, int argc, char **argv);
int cmd_respondents(struct command_context *context, int argc, char **argv);
int cmd_remind(struct command_context *context, int argc, char **argv);
int cmd_run(struct command_context *context, int argc, char **argv);
int cmd_status(struct command_context *context, int argc, char **argv);
int cmd_report(struct command_context *context, int argc, char **argv);
int cmd_why(struct command_context *context, int argc, char **argv);
int cmd_participants(struct command_context *context, int argc, char **argv);
int cmd_suppress(struct command_context *context, int argc, char **argv);
int cmd_resolve(struct command_context *context, int argc, char **argv);
int cmd_metrics(struct command_context *context, int argc, char **argv);
int cmd_audit(struct command_context *context, int argc, char **argv);
int cmd_ledger(struct command_context *context, int argc, char **argv);
int cmd_bounce(struct command_context *context, int argc, char **argv);
int cmd_unsubscribe(struct command_context *context, int argc, char **argv);
int cmd_check(struct command_context *context, int argc, char **argv);
int cmd_setup(struct command_context *context, int argc, char **argv);
int cmd_track(struct command_context *context, int argc, char **argv);
int cmd_guard(struct command_context *context, int argc, char **argv);

#endif
