/*
 * NAME
 *     postwelle - survey invitations through Postfix: lists, campaigns, proofs, waves, reports
 * SYNOPSIS
 *     postwelle [-c FILE] COMMAND [ARGS]
 * DESCRIPTION
 *     The administrator's and project manager's command. It reads lists and templates, asks postwelle-policyd, which
 *     owns all state, and feeds Postfix. It keeps nothing itself: killed at any point and started again, it goes on
 *     where the ledger says.
 * SECURITY
 *     Runs with the rights of its user, who must be in the group postwelle-admin to reach policyd. Lists of strangers
 *     are read in a child process without rights. Only `key new` has to do with private keys: it makes them, as root,
 *     for the milter's user.
 * DIAGNOSTICS
 *     Errors go to stderr. Exit status 0: done; 1: checked and found wanting; otherwise sysexits(3).
 */
#include "importer/command.h"

const struct command commands[] = {
    {"list", "check a list of participants", cmd_list},
    {"content", "check mails and HTML for what would load something", cmd_content},
    {"template", "fill in a template with data", cmd_template},
    {"client", "show the clients", cmd_client},
    {"dns", "what clients publish, and whether it is right", cmd_dns},
    {"key", "a client's signing keys, in stages", cmd_key},
    {"campaign", "make a campaign's folder, check it", cmd_campaign},
    {"import", "make a list's rows a campaign's participants", cmd_import},
    {"proof", "send the client one participant's mail", cmd_proof},
    {"approve", "release what the proof showed", cmd_approve},
    {"wave", "open waves, show them", cmd_wave},
    {"respondents", "tell who has answered", cmd_respondents},
    {"remind", "send reminders to who has not", cmd_remind},
    {"run", "do what is due: waves, reminders, deletions", cmd_run},
    {"status", "show where everything stands", cmd_status},
    {"report", "write the report for the client", cmd_report},
    {"why", "why an address got a mail, or got none", cmd_why},
    {"suppress", "addresses that are never mailed", cmd_suppress},
    {"participants", "until when their data is kept, and delete it", cmd_participants},
    {"audit", "show and verify who did what", cmd_audit},
    {"metrics", "print numbers for Prometheus", cmd_metrics},
    {"bounce", "take a mail that came back", cmd_bounce},
    {"unsubscribe", "take a mail of somebody who wants no more", cmd_unsubscribe},
    {"resolve", "settle what Postfix may or may not have queued", cmd_resolve},
    {"ledger", "what is uncertain, and a person's word on it", cmd_ledger},
    {"check", "is this installation right", cmd_check},
    {"setup", "put what Postwelle needs into Postfix's configuration", cmd_setup},
    {"track", "follow the mail log", cmd_track},
    {"guard", "do for track what takes root", cmd_guard},
    {0},
};

int main(int argc, char **argv)
{
    return command_main(commands, argc, argv);
}
