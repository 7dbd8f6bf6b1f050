/* postfix_table.c - every setting that Postwelle needs of Postfix, with its reason; see postfix_settings.h. */
#include "importer/postfix_settings.h"

/*
 * Names that begin with postwelle_ are ours, the others are Postfix's (postconf(5)). Those of ours that others refer to
 * come before them. What concerns our own mail alone is below, at our listener and our transport.
 */
const struct postfix_setting postfix_settings[] = {
    {"postwelle_tables", POSTFIX_EQUAL, "@tables@", "the folder of our look-up tables"},
    {"postwelle_return_domains", POSTFIX_EQUAL, "@domains@",
     "the clients' return-path domains, whose MX is this machine: bounces come back there"},
    /*
     * The sockets are named relative to the queue directory, which reaches them from chrooted and other services alike.
     * Time-outs are far below Postfix's own: a hanging daemon costs seconds and a 451, not the client's patience.
     */
    {"postwelle_milter", POSTFIX_EQUAL,
     "{ @milter@, default_action=tempfail, connect_timeout=10s, command_timeout=30s, content_timeout=60s }",
     "our milter, chrooted or not; while it is away the answer is 451, never yes"},
    {"postwelle_policy", POSTFIX_EQUAL,
     "check_policy_service { unix:@policy@, timeout=10s, default_action=DEFER_IF_PERMIT }",
     "our policy service, chrooted or not; while it is away mail is put off"},
    /* smtp(8) asks by the queue ID, which is in the Received field that our listener wrote. */
    {"postwelle_sending", POSTFIX_EQUAL, "pipemap:{regexp:$postwelle_tables/queue-id, socketmap:unix:@policy@:sending}",
     "asked before a mail's content is sent: what the receiver may have already is put off"},

    {"smtpd_milters", POSTFIX_LAST, "$postwelle_milter",
     "every mail passes our milter, as the last one: nobody may refuse or change what it signed and counted"},
    {"non_smtpd_milters", POSTFIX_LAST, "$postwelle_milter",
     "our milter for mail that comes by sendmail(1), too, which no smtpd(8) sees"},
    {"milter_default_action", POSTFIX_EQUAL, "tempfail", "a milter that is away never means yes"},
    {"smtpd_recipient_restrictions", POSTFIX_FIRST, "$postwelle_policy",
     "a capped recipient is refused at RCPT, before an earlier permit ends the list; the answer is never a permit"},

    {"enable_long_queue_ids", POSTFIX_EQUAL, "yes", "a queue ID names one mail for ever: the ledger knows mails by it"},

    /* CVE-2023-51764; defaults of Postfix 3.9 that 3.7 lacks. */
    {"smtpd_forbid_bare_newline", POSTFIX_EQUAL, "normalize", "no mail is smuggled inside another's DATA"},
    {"smtpd_forbid_unauth_pipelining", POSTFIX_EQUAL, "yes", "no client talks ahead, as smuggling needs"},

    /* These belong to the queue manager and can't be set for one transport: they are the whole instance's. */
    {"queue_run_delay", POSTFIX_SUGGESTED, "300s", "retries begin about when a greylister lets mail in"},
    {"minimal_backoff_time", POSTFIX_SUGGESTED, "300s", "no retry before a greylister lets mail in"},
    {"maximal_backoff_time", POSTFIX_SUGGESTED, "4000s", "and further ones at growing distances"},
    {"maximal_queue_lifetime", POSTFIX_SUGGESTED, "3d", "an invitation that is five days late is worse than none"},
    {"bounce_queue_lifetime", POSTFIX_SUGGESTED, "3d", "nor is a bounce worth five days"},

    /* A site adds the clients' unsubscribe and complaint addresses, as
     *   abmelden@agency.example    postwelle-unsubscribe:
     *   complaints@agency.example  postwelle-bounce:
     * to a transport map of its own, and takes mail for their domains as for any other. */
    {"transport_maps", POSTFIX_FIRST, "regexp:$postwelle_tables/return-path",
     "what comes back to one of our reverse-paths goes to `postwelle-feedback bounce`"},
    {"relay_domains", POSTFIX_MEMBER, "$postwelle_return_domains",
     "mail for the clients' return-path domains is taken"},
    {"relay_recipient_maps", POSTFIX_MEMBER_IF_SET, "regexp:$postwelle_tables/return-path",
     "our reverse-paths are recipients there"},
    {"postwelle-bounce_destination_recipient_limit", POSTFIX_EQUAL, "1", "one recipient is one argument"},

    {"sender_dependent_default_transport_maps", POSTFIX_FIRST, "regexp:$postwelle_tables/sender-transport",
     "our own mail leaves by our own transport; all other mail keeps the site's"},
    {"postwelle_destination_recipient_limit", POSTFIX_EQUAL, "1", "one reply speaks for one participant"},

    {"maillog_file", POSTFIX_SUGGESTED, "@maillog@", "nobody else writes the log that `postwelle track` follows"},
    {0},
};

/*
 * The listener inherits as little as possible from main.cf, so that what a site sets up for the world (content filters,
 * TLS, relay rules, other milters) does not meet invitations: a filter that queues the mail anew would give it another
 * queue ID.
 */
static const struct postfix_setting listener_options[] = {
    {"syslog_name", POSTFIX_EQUAL, POSTFIX_LISTENER_NAME, "a name of its own in the log; the entry is known by it"},
    {"mynetworks", POSTFIX_EQUAL, "127.0.0.0/8,[::1]/128", "for programs on this host alone"},
    {"smtpd_client_restrictions", POSTFIX_EQUAL, "", "the site's rules are for the world's mail"},
    {"smtpd_helo_restrictions", POSTFIX_EQUAL, "", "the site's rules are for the world's mail"},
    {"smtpd_sender_restrictions", POSTFIX_EQUAL, "", "the site's rules are for the world's mail"},
    {"smtpd_relay_restrictions", POSTFIX_EQUAL, "permit_mynetworks,reject", "for programs on this host alone"},
    {"smtpd_recipient_restrictions", POSTFIX_EQUAL, "$postwelle_policy",
     "the policy service is asked at RCPT, and nobody else"},
    {"smtpd_data_restrictions", POSTFIX_EQUAL, "", "the site's rules are for the world's mail"},
    {"smtpd_end_of_data_restrictions", POSTFIX_EQUAL, "", "the site's rules are for the world's mail"},
    {"smtpd_milters", POSTFIX_EQUAL, "$postwelle_milter", "our milter and no other: it has the last word"},
    {"smtpd_milter_maps", POSTFIX_EQUAL, "", "nothing switches it off"},
    {"content_filter", POSTFIX_EQUAL, "", "a filter would queue the mail anew, under another queue ID"},
    {"smtpd_proxy_filter", POSTFIX_EQUAL, "", "a proxy would queue it under another queue ID, too"},
    {"smtpd_recipient_limit", POSTFIX_EQUAL, "1", "one mail, one participant: a second RCPT is answered 452"},
    {"local_header_rewrite_clients", POSTFIX_EQUAL, "", "Postfix adds nothing to the header, and rewrites nothing"},
    {"smtpd_forbid_bare_newline", POSTFIX_EQUAL, "normalize", "a lone LF never ends a line"},
    {"smtpd_forbid_bare_newline_exclusions", POSTFIX_EQUAL, "", "not even for mynetworks, whom the default trusts"},
    {"smtpd_forbid_unauth_pipelining", POSTFIX_EQUAL, "yes", "no mail is smuggled inside another's DATA"},
    {"smtpd_error_sleep_time", POSTFIX_EQUAL, "0", "a wave may meet a hundred capped participants in one session"},
    {"smtpd_soft_error_limit", POSTFIX_EQUAL, "10000", "a wave may meet a hundred capped participants in one session"},
    {"smtpd_hard_error_limit", POSTFIX_EQUAL, "10000", "a wave may meet a hundred capped participants in one session"},
    {"smtpd_peername_lookup", POSTFIX_EQUAL, "no", "loopback needs no look-up of names"},
    {"smtpd_tls_security_level", POSTFIX_EQUAL, "none", "loopback needs no encryption"},
    {"smtpd_sasl_auth_enable", POSTFIX_EQUAL, "no", "loopback needs no passwords"},
    {"queue_minfree", POSTFIX_EQUAL, "200000000",
     "waves stop long before the disk is full: retries, bounces and other mail still have room"},
    {0},
};

/* It never sends a mail a second time that the other side may have taken already. */
static const struct postfix_setting transport_options[] = {
    {"syslog_name", POSTFIX_EQUAL, "postfix/postwelle", "a name of its own in the log"},
    {"smtp_mx_session_limit", POSTFIX_EQUAL, "1",
     "one address a session: the second MX isn't tried 0.1 s after the first broke off"},
    {"smtp_fallback_relay", POSTFIX_EQUAL, "", "no other relay is tried either"},
    {"smtp_delivery_status_filter", POSTFIX_EQUAL, "regexp:$postwelle_tables/delivery-status-filter",
     "broken off after the last dot: no retry, a person decides"},
    /*
     * smtp(8) retries in plaintext when TLS broke off and the mail is older than this, as a greylisted one always is.
     * Only smtp(8) reads it here; the queue manager has its own.
     */
    {"minimal_backoff_time", POSTFIX_EQUAL, "10d", "no second try in plaintext when TLS broke off"},
    {"smtp_connection_cache_on_demand", POSTFIX_EQUAL, "no", "a broken connection concerns one mail"},
    {"max_use", POSTFIX_EQUAL, "1000", "a wave does not start a process for each hundred mails"},
    {"smtp_tls_loglevel", POSTFIX_EQUAL, "1",
     "a line for each TLS connection: track takes from it how a mail went out"},
    {"smtp_header_checks", POSTFIX_EQUAL, "$postwelle_sending",
     "the policy service is asked before content is sent"},
    {"smtp_mime_header_checks", POSTFIX_EQUAL, "", "nothing changes the mail after it was signed"},
    {"smtp_nested_header_checks", POSTFIX_EQUAL, "", "nothing changes the mail after it was signed"},
    {"smtp_body_checks", POSTFIX_EQUAL, "", "nothing changes the mail after it was signed"},
    {"smtp_generic_maps", POSTFIX_EQUAL, "", "nothing changes the mail after it was signed"},
    {0},
};

/* Neither pipe ever answers; while policyd is away they end with 75, and Postfix keeps the mail. */
const struct postfix_service_setting postfix_services[] = {
    {"@listener@", "inet", "n - y - -", "smtpd", NULL, listener_options, "the listener for our own mail"},
    {"postwelle", "unix", "- - y - -", "smtp", NULL, transport_options, "the transport for our own mail"},
    {"postwelle-bounce", "unix", "- n n - 4", "pipe",
     "flags=q user=@user@ null_sender= argv=@command@ bounce --sender=${sender} -- ${original_recipient}", NULL,
     "takes bounces and complaints"},
    {"postwelle-unsubscribe", "unix", "- n n - 4", "pipe",
     "flags=q user=@user@ null_sender= argv=@command@ unsubscribe", NULL, "takes mails that ask to be left alone"},
    {0},
};
