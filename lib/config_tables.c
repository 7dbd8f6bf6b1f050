/*
 * config_tables.c - every option of every configuration file; see config.h. The manual pages are checked against these
 * rows.
 */
#include "lib/config.h"

#define KIB ((gint64)1 << 10)
#define MIB ((gint64)1 << 20)
#define GIB ((gint64)1 << 30)
#define DAY 86400

/* A shorter row for options without a range, and for those with one. */
#define OPTION(group, name, type, fallback, doc) {group, name, type, fallback, 0, 0, NULL, doc}
#define RANGE(group, name, type, fallback, low, high, doc) {group, name, type, fallback, low, high, NULL, doc}
#define CHOICE(group, name, fallback, choices, doc) {group, name, CONFIG_CHOICE, fallback, 0, 0, choices, doc}

static const struct config_option postwelle_options[] = {
    OPTION("paths", "state", CONFIG_PATH, LOCALSTATEDIR "/lib/postwelle", "folder of the ledger and its secret"),
    OPTION("paths", "witness", CONFIG_PATH, LOCALSTATEDIR "/lib/postwelle-witness",
           "folder of the witness file; best on another disk than the ledger"),
    OPTION("paths", "clients", CONFIG_PATH, "clients", "folder of the clients' files, one NAME.conf each"),
    OPTION("paths", "keys", CONFIG_PATH, "keys", "folder of the keys that `postwelle key` makes, a folder each client"),

    OPTION("policyd", "policy-socket", CONFIG_PATH, LOCALSTATEDIR "/spool/postfix/postwelle-policyd/policy.sock",
           "socket for Postfix's check_policy_service"),
    OPTION("policyd", "reserve-socket", CONFIG_PATH, RUNSTATEDIR "/postwelle/reserve.sock",
           "socket on which the milter alone reserves slots"),
    OPTION("policyd", "control-socket", CONFIG_PATH, RUNSTATEDIR "/postwelle/control.sock",
           "socket of the postwelle command"),
    OPTION("policyd", "postfix-group", CONFIG_TEXT, "postfix", "group that may connect to the policy socket"),
    OPTION("policyd", "milter-user", CONFIG_TEXT, "postwelle-sign",
           "the only user, beside root, that may connect to the reserve socket"),
    OPTION("policyd", "admin-group", CONFIG_TEXT, "postwelle-admin", "group whose members may use the control socket"),
    OPTION("policyd", "feedback-socket", CONFIG_PATH, "",
           "socket of postwelle bounce, unsubscribe and postwelle-web, which can do nothing else on it; empty: "
           "feedback.sock beside the control socket"),
    OPTION("policyd", "feedback-group", CONFIG_TEXT, "", "group whose members may use it; empty: admin-group"),
    OPTION("policyd", "status-socket", CONFIG_PATH, "",
           "socket of postwelle-web's status pages, which can only read numbers on it; empty: status.sock beside the "
           "control socket"),
    OPTION("policyd", "status-group", CONFIG_TEXT, "", "group whose members may use it; empty: admin-group"),
    RANGE("policyd", "cache-size", CONFIG_SIZE, "32M", MIB, 64 * GIB, "memory for the ledger's pages"),
    RANGE("policyd", "checkpoint-size", CONFIG_SIZE, "16M", MIB, GIB,
          "how much log is written before a checkpoint; more makes a restart after a crash slower"),
    RANGE("policyd", "keep-free", CONFIG_SIZE, "64M", 0, 1024 * GIB,
          "below this much free disk nothing is reserved (451), so that the ledger never meets a full disk"),
    RANGE("policyd", "idle-timeout", CONFIG_DURATION, "300s", 1, DAY, "an idle connection is closed after this time"),
    RANGE("policyd", "retry-delay", CONFIG_DURATION, "60s", 1, DAY,
          "how long a mail that Postfix did not take rests before it may be fed again"),
    RANGE("policyd", "max-pending", CONFIG_NUMBER, "10000", 16, 1000000,
          "requests that may wait for the disk; the next is answered 451"),

    OPTION("milter", "socket", CONFIG_TEXT, "unix:" LOCALSTATEDIR "/spool/postfix/postwelle-milter/milter.sock",
           "where Postfix finds the milter: unix:PATH or inet:PORT@HOST"),
    OPTION("milter", "postfix-group", CONFIG_TEXT, "postfix", "group that may connect to the milter's unix socket"),
    OPTION("milter", "status-socket", CONFIG_PATH, "",
           "socket on which the milter tells its numbers (postwelle metrics); empty: status.sock beside a unix "
           "`socket`, none beside another"),
    RANGE(
        "milter", "reserve-timeout", CONFIG_DURATION, "4s", 1, 4,
        "how long one question to policyd may take before the milter cancels and answers 451; an end of message takes "
        "four times as long at most"),
    CHOICE("milter", "engine", "own", "own|libmilter",
           "who speaks with Postfix: our own code, or Sendmail's libmilter"),
    CHOICE("milter", "signer", "evp", "evp|opendkim", "who signs: our own code on OpenSSL, or libopendkim"),
    RANGE("milter", "verify-sample", CONFIG_NUMBER, "1000", 0, 1000000,
          "libopendkim verifies one in so many signed mails before it leaves; 0 is none"),
    RANGE("milter", "message-size", CONFIG_SIZE, "1M", KIB, 64 * MIB, "largest mail of a client"),

    OPTION("submission", "host", CONFIG_TEXT, "127.0.0.1", "address of Postfix's listener for our own mail"),
    RANGE("submission", "port", CONFIG_NUMBER, "10587", 1, 65535, "its port"),
    RANGE("submission", "connections", CONFIG_NUMBER, "8", 1, 64, "SMTP connections that feed a wave"),
    RANGE("submission", "timeout", CONFIG_DURATION, "600s", 1, DAY,
          "how long a reply may take (RFC 5321 4.5.3.2.6 asks for 10 minutes at the end of a message)"),

    OPTION("web", "host", CONFIG_TEXT, "127.0.0.1",
           "loopback address on which postwelle-web listens, behind a web server with TLS"),
    RANGE("web", "port", CONFIG_NUMBER, "8425", 1, 65535, "its port"),
    OPTION("web", "status-listen", CONFIG_TEXT, "",
           "where the status pages are, loopback ADDRESS:PORT as 127.0.0.1:8426; never let a web server point here; "
           "empty: nowhere"),

    OPTION("postfix", "config-directory", CONFIG_PATH, SYSCONFDIR "/postfix", "Postfix's configuration folder"),
    CHOICE(
        "postfix", "log", "file", "file|journal",
        "what track follows: the file `maillog`, or the systemd journal, where neither Postfix nor syslogd writes one"),
    OPTION("postfix", "maillog", CONFIG_PATH, LOCALSTATEDIR "/log/mail.log", "the mail log that track follows"),
    OPTION("postfix", "journal", CONFIG_TEXT, "",
           "folder of the journal's files, where Postfix logs into another one than this host's own"),
    OPTION("postfix", "guard-socket", CONFIG_PATH, RUNSTATEDIR "/postwelle-guard.sock",
           "socket of `postwelle guard`, which does for track what takes root"),
    OPTION("postfix", "syslog-name", CONFIG_TEXT, "postfix", "Postfix's syslog_name, the first word of its log lines"),

    OPTION("dns", "resolver", CONFIG_TEXT, "",
           "the name server to ask, ADDRESS or ADDRESS@PORT; default: the system's"),
    OPTION("dns", "spf-include", CONFIG_TEXT, "",
           "name of the operator's SPF record, which the clients' records include"),
    OPTION("dns", "addresses", CONFIG_LIST, "", "addresses that our mail leaves from, as receivers see them"),
    OPTION("dns", "helo", CONFIG_TEXT, "", "host name that Postfix says in EHLO (smtp_helo_name)"),
    OPTION("dns", "bounce-host", CONFIG_TEXT, "",
           "host that takes the bounces: MX of the clients' return-path domains"),
    {0},
};

static const struct config_option client_options[] = {
    OPTION("client", "title", CONFIG_TEXT, NULL, "the client's name as people write it"),
    OPTION("client", "domains", CONFIG_LIST, NULL, "the domains of its sender addresses (From)"),
    OPTION("client", "return-path", CONFIG_TEXT, NULL, "domain of the envelope sender, where bounces come back to"),
    OPTION("client", "time-zone", CONFIG_TEXT, "Europe/Berlin", "zone in which the client's quarters begin and end"),
    OPTION("client", "language", CONFIG_TEXT, "de", "language for participants and letters: de or en"),
    OPTION("client", "proof-to", CONFIG_TEXT, "", "where proofs go when `proof` is given no --to"),
    RANGE("client", "retention", CONFIG_DURATION, "90d", 0, 3660 * DAY,
          "how long after a campaign's end its participants' addresses and attributes are kept; then `run` deletes "
          "them. 0: never by itself"),
    OPTION("cap", "period", CONFIG_TEXT, "calendar-quarter",
           "at most one invitation per participant in: calendar-quarter, or rolling Nd"),
    CHOICE("cap", "identity", "mailbox", "mailbox|strict",
           "which addresses are one participant: the same mailbox by its provider's rules, or the same spelling only"),
    CHOICE("cap", "foreign-mail", "invitation", "invitation|reject",
           "mail of other programs from this client's domains: counted as an invitation, or refused"),
    OPTION("signing", "domain", CONFIG_TEXT, NULL, "SDID, the d= of the signature"),
    OPTION("signing", "rsa-selector", CONFIG_TEXT, "",
           "selector of the RSA key; empty: the keys that `postwelle key` keeps sign"),
    OPTION("signing", "rsa-key", CONFIG_PATH, "", "file of the RSA private key, 2048 bits or more"),
    OPTION("signing", "ed25519-selector", CONFIG_TEXT, "", "selector of the Ed25519 key, where there is one"),
    OPTION("signing", "ed25519-key", CONFIG_PATH, "", "file of the Ed25519 private key"),
    OPTION("unsubscribe", "uri", CONFIG_TEXT, NULL, "https address to which the unsubscribe token is appended"),
    OPTION("unsubscribe", "probe", CONFIG_SWITCH, "yes",
           "approve asks whether the uri is answered as RFC 8058 wants it, and refuses where it is not"),
    OPTION("unsubscribe", "mailto", CONFIG_TEXT, NULL, "address that takes unsubscribe mails"),
    {0},
};

static const struct config_option campaign_options[] = {
    OPTION("campaign", "client", CONFIG_TEXT, NULL, "the client's name: its file is clients/NAME.conf"),
    OPTION("campaign", "name", CONFIG_TEXT, NULL, "short name of the campaign: letters, digits, - and _"),
    OPTION("campaign", "title", CONFIG_TEXT, NULL, "the campaign's name as people write it"),
    OPTION("campaign", "survey-url", CONFIG_TEXT, NULL,
           "address of the survey, a template: https://survey.example/s/{{survey_token}}"),
    RANGE("campaign", "retention", CONFIG_DURATION, "0", 0, 3660 * DAY,
          "how long after its end the participants' addresses and attributes are kept; 0: as long as the client's file "
          "says"),
    OPTION("mail", "from", CONFIG_TEXT, NULL, "From: a name and an address at one of the client's domains"),
    OPTION("mail", "reply-to", CONFIG_TEXT, "", "Reply-To, where answers shall go elsewhere"),
    OPTION("mail", "subject", CONFIG_TEXT, NULL, "Subject, a template"),
    OPTION("mail", "html", CONFIG_PATH, "invitation.html",
           "template of the HTML part; participants whose lang is en get NAME.en.html where that file is there"),
    OPTION("mail", "text", CONFIG_PATH, "invitation.txt", "template of the text part; empty: it is made from the HTML"),
    OPTION("mail", "reminder-html", CONFIG_PATH, "",
           "template of the reminder's HTML part, as reminder.html, and NAME.en.html as above; empty: there are no "
           "reminders"),
    OPTION("mail", "reminder-text", CONFIG_PATH, "", "template of its text part; empty: it is made from the HTML"),
    OPTION("mail", "reminder-subject", CONFIG_TEXT, "", "its Subject, a template"),
    OPTION("mail", "proof-prefix", CONFIG_TEXT, "[Proof]", "put before the subject of proofs, with a blank between"),
    OPTION("mail", "list-id", CONFIG_TEXT, "", "List-Id; default: NAME.CLIENT-DOMAIN"),
    OPTION("mail", "complaints", CONFIG_TEXT, "", "X-CSA-Complaints, where the sender is a member"),
    OPTION("mail", "feedback-address", CONFIG_TEXT, "", "CFBL-Address (RFC 9477), where complaints shall come"),
    CHOICE("question", "kind", "none", "none|nps|csat5|stars|yesno|choice",
           "the question that {{> question}} puts into the mail; the survey must not take an answer before the person "
           "goes on"),
    OPTION("question", "text", CONFIG_TEXT, "", "the question, a template"),
    OPTION("question", "text-de", CONFIG_TEXT, "", "the question of a further German edition (NAME.de.html)"),
    OPTION("question", "text-en", CONFIG_TEXT, "", "the question of a further English edition (NAME.en.html)"),
    OPTION("question", "answers", CONFIG_LIST, "", "what the links say, one an answer; kind = choice needs them"),
    OPTION("question", "labels", CONFIG_LIST, "",
           "what people read, one an answer; for nps and stars, what the first and the last answer mean"),
    OPTION("question", "labels-de", CONFIG_LIST, "", "the labels of a further German edition"),
    OPTION("question", "labels-en", CONFIG_LIST, "", "the labels of a further English edition"),
    OPTION("question", "parameter", CONFIG_TEXT, "answer",
           "name of the parameter that the answer is in the survey's address"),
    OPTION("question", "color", CONFIG_TEXT, "#0b5cad", "colour of the buttons, #rrggbb, dark enough for white text"),
    OPTION("list", "column", CONFIG_TEXT, "", "heading of the address column, where it is not found by itself"),
    OPTION("list", "sheet", CONFIG_TEXT, "", "name or number of the sheet, where it is not the first"),
    OPTION("waves", "sizes", CONFIG_LIST, "100%", "sizes of the waves: counts or shares, as 50, 20%, 80%"),
    OPTION("waves", "start", CONFIG_TEXT, "",
           "when `run` opens the first wave: YYYY-MM-DD HH:MM in the client's zone; empty: never by itself"),
    RANGE("waves", "gap", CONFIG_DURATION, "1d", 0, 366 * DAY, "time between the starts of two waves"),
    OPTION("waves", "times", CONFIG_LIST, "",
           "instead of start and gap, when `run` opens each wave: YYYY-MM-DD HH:MM, as many as sizes has"),
    OPTION("waves", "hours", CONFIG_LIST, "",
           "hours in the client's zone in which first attempts are made, as 9:00-12:00, 13:00-17:30; empty: all. "
           "Postfix's retries keep no hours"),
    OPTION("waves", "weekdays", CONFIG_LIST, "", "weekdays on which first attempts are made, as mon-fri; empty: all"),
    OPTION(
        "waves", "holidays", CONFIG_LIST, "",
        "days without first attempts: DE (public holidays of all German states), a state's (DE-BY), days (2026-12-24)"),
    RANGE("waves", "reminders", CONFIG_NUMBER, "1", 0, 5,
          "reminders that a participant gets at most, who does not answer"),
    RANGE("waves", "reminder-gap", CONFIG_DURATION, "7d", 0, 366 * DAY,
          "time from when a participant's mail was sent to the next reminder, at least"),
    OPTION("waves", "remind", CONFIG_SWITCH, "no",
           "`run` sends reminders when they are due; say yes where answers are told by themselves, else who has "
           "answered is reminded"),
    OPTION("gates", "bounces", CONFIG_TEXT, "10%",
           "a campaign stops when more of its mails bounced or expired; empty: never"),
    OPTION("gates", "complaints", CONFIG_TEXT, "0.3%",
           "or when more of those that were sent, and two at least, were complained of; empty: never"),
    OPTION("gates", "deferrals", CONFIG_TEXT, "",
           "or when more are deferred at the time of the next wave; empty: never"),
    RANGE("gates", "backlog", CONFIG_NUMBER, "0", 0, 100000000,
          "nothing is fed as long as so many mails are in Postfix's queue; 0: no such gate"),
    RANGE("rate", "minute", CONFIG_NUMBER, "0", 0, 1000000, "mails fed a minute; 0: as many as Postfix takes"),
    RANGE("rate", "provider", CONFIG_NUMBER, "0", 0, 1000000,
          "mails fed a minute to each receiving provider (domain, or who is known to run it); 0: no limit"),
    OPTION("rate", "providers", CONFIG_LIST, "", "the same for some of them: google 60, telekom 30, example.org 10"),
    {0},
};

const struct config_table config_postwelle = {"postwelle.conf", postwelle_options, NULL};
const struct config_table config_client = {"client.conf", client_options, NULL};
/* [defaults]: values for placeholders that a participant's row leaves empty. */
const struct config_table config_campaign = {"campaign.conf", campaign_options, "defaults"};
