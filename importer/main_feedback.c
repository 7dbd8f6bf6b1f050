/*
 * NAME
 *     postwelle-feedback - takes mails that come back, and mails of those who want no more
 * SYNOPSIS
 *     postwelle-feedback [-c FILE] bounce|unsubscribe [ARGS]
 * DESCRIPTION
 *     What Postfix's pipe(8) starts for each such mail: two commands of postwelle(1), with the same options, in a
 *     program that is linked with GLib alone. Of what postwelle takes for one mail most is the loading of libraries
 *     that these two don't use.
 * SECURITY
 *     Runs as a user that reaches policyd's feedback socket and nothing else. Believes nothing in a mail but the token.
 * DIAGNOSTICS
 *     As postwelle.
 */
#include "importer/command.h"

static const struct command feedback_commands[] = {
    {"bounce", "take a mail that came back", cmd_bounce},
    {"unsubscribe", "take a mail of somebody who wants no more", cmd_unsubscribe},
    {0},
};

int main(int argc, char **argv)
{
    return command_main(feedback_commands, argc, argv);
}
