/* check_parameters.c - our settings, and parameters that copy, bend or hold mail; see check_postfix.h. */
#include "importer/check_postfix.h"

#include "importer/postfix.h"

#include <string.h>

#define TOPIC "Postfix settings"
#define SIGNATURE_DAYS 14 /* x= of our signatures */

/* --- the table of settings ---------------------------------------------------------------------- */

/* What hangs by a setting; those that are not named here: at most one invitation. */
static const struct {
    const char *setting;
    enum finding_level level;
    enum check_promise promise;
} weights[] = {
    {"smtpd_milters", FINDING_ERROR, PROMISE_SIGNED},
    {"non_smtpd_milters", FINDING_ERROR, PROMISE_SIGNED},
    {"postwelle_milter", FINDING_ERROR, PROMISE_SIGNED},
    {"smtpd_milter_maps", FINDING_ERROR, PROMISE_SIGNED},
    {"smtpd_forbid_bare_newline", FINDING_ERROR, PROMISE_SIGNED},
    {"smtpd_forbid_bare_newline_exclusions", FINDING_ERROR, PROMISE_SIGNED},
    {"smtpd_forbid_unauth_pipelining", FINDING_ERROR, PROMISE_SIGNED},
    {"local_header_rewrite_clients", FINDING_ERROR, PROMISE_SIGNED},
    {"smtp_mime_header_checks", FINDING_ERROR, PROMISE_SIGNED},
    {"smtp_nested_header_checks", FINDING_ERROR, PROMISE_SIGNED},
    {"smtp_body_checks", FINDING_ERROR, PROMISE_SIGNED},
    {"smtp_generic_maps", FINDING_ERROR, PROMISE_SIGNED},
    {"milter_default_action", FINDING_ERROR, PROMISE_FAIL_CLOSED},
    {"postwelle_policy", FINDING_ERROR, PROMISE_FAIL_CLOSED},
    {"maillog_file", FINDING_ERROR, PROMISE_NO_LOSS},
    {"transport_maps", FINDING_ERROR, PROMISE_NO_LOSS},
    {"relay_domains", FINDING_ERROR, PROMISE_NO_LOSS},
    {"relay_recipient_maps", FINDING_ERROR, PROMISE_NO_LOSS},
    {"postwelle_return_domains", FINDING_ERROR, PROMISE_NO_LOSS},
    {"postwelle-bounce_destination_recipient_limit", FINDING_ERROR, PROMISE_NO_LOSS},
    {"queue_run_delay", FINDING_WARNING, PROMISE_NONE},
    {"minimal_backoff_time", FINDING_WARNING, PROMISE_NONE},
    {"maximal_backoff_time", FINDING_WARNING, PROMISE_NONE},
    {"maximal_queue_lifetime", FINDING_WARNING, PROMISE_NONE},
    {"bounce_queue_lifetime", FINDING_WARNING, PROMISE_NONE},
    {"smtpd_error_sleep_time", FINDING_WARNING, PROMISE_NONE},
    {"smtpd_soft_error_limit", FINDING_WARNING, PROMISE_NONE},
    {"smtpd_hard_error_limit", FINDING_WARNING, PROMISE_NONE},
    {"smtpd_peername_lookup", FINDING_WARNING, PROMISE_NONE},
    {"smtpd_tls_security_level", FINDING_WARNING, PROMISE_NONE},
    {"smtp_tls_loglevel", FINDING_WARNING, PROMISE_NONE},
    {"smtpd_sasl_auth_enable", FINDING_WARNING, PROMISE_NONE},
};

static void weigh(const char *setting, gboolean transport, struct check_about *about)
{
    about->level = FINDING_ERROR;
    about->promise = PROMISE_ONE_INVITATION;
    /* There it is what keeps smtp(8) from a second try. */
    if (transport && strcmp(setting, "minimal_backoff_time") == 0)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(weights); i++)
        if (strcmp(setting, weights[i].setting) == 0) {
            about->level = weights[i].level;
            about->promise = weights[i].promise;
        }
}

static void tell_detail(GPtrArray *findings, const struct check_place *place, const struct postfix_change *change,
                        const struct postfix_detail *detail)
{
    const char *setting = g_str_has_prefix(detail->setting, "-o ") ? detail->setting + strlen("-o ") : detail->setting;
    gboolean option = setting != detail->setting;
    g_autofree char *name = option ? g_strdup_printf("%s/%s", change->name, setting) : g_strdup(change->name);
    struct check_about about = {FINDING_ERROR, PROMISE_ONE_INVITATION, TOPIC, name};
    weigh(setting, change->service, &about);
    g_autofree char *wanted = detail->then == NULL    ? g_strdup("it should not be there")
                              : *detail->then == '\0' ? g_strdup("it should be empty")
                                                      : g_strdup_printf("it should be %s", detail->then);
    check_add(findings, &about, detail->now != NULL ? detail->now : "(not there)",
              change->conflict != NULL ? change->conflict : place->setup, "%s: %s", wanted, detail->why);
}

void check_settings(GPtrArray *findings, const struct postfix_facts *facts, const struct postfix_site *site,
                    const struct check_place *place)
{
    g_autoptr(GPtrArray) changes = postfix_changes(facts, site);
    guint settings = 0;
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        for (guint j = 0; j < change->details->len; j++)
            tell_detail(findings, place, change, change->details->pdata[j]);
    }
    for (const struct postfix_setting *setting = postfix_settings; setting->name != NULL; setting++)
        settings++;
    if (changes->len == 0)
        check_good(findings, TOPIC, place->directory, "all %u parameters and our services are as they should be",
                   settings);
}

/* --- parameters that must be empty, or nearly --------------------------------------------------- */

/* Read by cleanup(8). */
static const struct {
    const char *name;
    enum finding_level level;
    enum check_promise promise;
    const char *text;
} unwanted[] = {
    {"always_bcc", FINDING_ERROR, PROMISE_ONE_INVITATION, "each of our mails has a second recipient"},
    {"sender_bcc_maps", FINDING_WARNING, PROMISE_ONE_INVITATION, "it may give our mails a second recipient"},
    {"recipient_bcc_maps", FINDING_WARNING, PROMISE_ONE_INVITATION, "it may give our mails a second recipient"},
    {"canonical_maps", FINDING_WARNING, PROMISE_NO_LOSS,
     "it may rewrite our reverse-paths, by which bounces are known"},
    {"sender_canonical_maps", FINDING_WARNING, PROMISE_NO_LOSS,
     "it may rewrite our reverse-paths, by which bounces are known"},
    {"masquerade_domains", FINDING_WARNING, PROMISE_NO_LOSS,
     "it may rewrite our reverse-paths, by which bounces are known"},
    {"recipient_canonical_maps", FINDING_NOTE, PROMISE_NONE, "it may send a participant's mail to somebody else"},
    {"virtual_alias_maps", FINDING_NOTE, PROMISE_NONE,
     "an entry for a participant's address makes one mail several, or sends it to somebody else"},
};

static const struct postfix_service *cleanup_of(const struct postfix_facts *facts,
                                                const struct postfix_service *listener)
{
    g_autofree char *name = check_effective(facts, listener, "cleanup_service_name");
    return postfix_facts_service(facts, *name != '\0' ? name : "cleanup", "unix");
}

static void judge_unwanted(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const struct postfix_service *cleanup = cleanup_of(facts, check_listener(facts, place));
    for (size_t i = 0; i < G_N_ELEMENTS(unwanted); i++) {
        g_autofree char *value = check_effective(facts, cleanup, unwanted[i].name);
        g_autofree char *remedy = g_strdup_printf("postconf -c %s -X %s && postfix -c %s reload", place->directory,
                                                  unwanted[i].name, place->directory);
        const struct check_about about = {unwanted[i].level, unwanted[i].promise, TOPIC, unwanted[i].name};
        if (*value != '\0')
            check_add(findings, &about, value, remedy, "%s", unwanted[i].text);
    }
}

static void judge_soft_bounce(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    g_autofree char *value = check_effective(facts, check_listener(facts, place), "soft_bounce");
    g_autofree char *remedy =
        g_strdup_printf("postconf -c %s -X soft_bounce && postfix -c %s reload", place->directory, place->directory);
    const struct check_about about = {FINDING_WARNING, PROMISE_NO_LOSS, TOPIC, "soft_bounce"};
    if (strcmp(value, "yes") == 0)
        check_add(findings, &about, value, remedy, "what is refused for good is tried again and again");
}

/* The milter knows a mail by its queue ID. */
static void judge_macros(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const char *name = "milter_end_of_data_macros", *value = postfix_facts_expanded(facts, name);
    g_auto(GStrv) macros = postfix_list(value);
    g_autofree char *remedy =
        g_strdup_printf("postconf -c %s -X %s && postfix -c %s reload", place->directory, name, place->directory);
    const struct check_about about = {FINDING_ERROR, PROMISE_NO_LOSS, TOPIC, name};
    if (!g_strv_contains((const char *const *)macros, "i") && !g_strv_contains((const char *const *)macros, "{i}"))
        check_add(findings, &about, value, remedy,
                  "it lacks the queue ID (i), without which our milter puts all mail off");
}

static void judge_lifetime(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const char *name = "maximal_queue_lifetime", *value = postfix_facts_expanded(facts, name);
    g_autofree char *remedy =
        g_strdup_printf("postconf -c %s -e %s=3d && postfix -c %s reload", place->directory, name, place->directory);
    const struct check_about about = {FINDING_ERROR, PROMISE_SIGNED, TOPIC, name};
    if (postfix_seconds(value) > SIGNATURE_DAYS * 86400)
        check_add(findings, &about, value, remedy, "our signatures are good for %d days, and this keeps mails longer",
                  SIGNATURE_DAYS);
}

static void judge_deferred(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const char *name = "defer_transports", *value = postfix_facts_expanded(facts, name);
    g_auto(GStrv) transports = postfix_list(value);
    g_autofree char *remedy =
        g_strdup_printf("postconf -c %s -X %s && postfix -c %s reload", place->directory, name, place->directory);
    const struct check_about about = {FINDING_WARNING, PROMISE_NONE, TOPIC, name};
    if (g_strv_contains((const char *const *)transports, "postwelle"))
        check_add(findings, &about, value, remedy, "our mail stays in the queue until somebody flushes it");
}

/* A filter that queues a mail anew gives it another queue ID. Our own listener has none. */
static void judge_filter(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const char *name = "content_filter", *value = postfix_facts_expanded(facts, name);
    const struct check_about about = {FINDING_NOTE, PROMISE_NONE, TOPIC, name};
    (void)place;
    if (*value != '\0')
        check_add(
            findings, &about, value, NULL,
            "other programs' mail in our clients' names is queued anew behind it; let the milter stand behind the "
            "filter alone, where that mail comes back");
}

/* --- what must agree with postwelle.conf -------------------------------------------------------- */

static void differs(GPtrArray *findings, const struct check_place *place, const char *name, const char *value,
                    const char *ours, const char *option, const char *text)
{
    const struct check_about about = {FINDING_ERROR, PROMISE_NO_LOSS, TOPIC, name};
    g_autofree char *remedy =
        g_strdup_printf("postconf -c %s -e '%s = %s' && postfix -c %s reload    # or in postwelle.conf: %s = %s",
                        place->directory, name, ours, place->directory, option, value);
    if (!check_has(findings, name))
        check_add(findings, &about, value, remedy, "%s: postwelle.conf says %s", text, ours);
}

static void judge_instances(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const char *value = postfix_facts_expanded(facts, "multi_instance_directories");
    const struct check_about about = {FINDING_NOTE, PROMISE_NONE, TOPIC, "multi_instance_directories"};
    if (*value != '\0')
        check_add(findings, &about, value, NULL,
                  "there are further instances of Postfix, and only %s was looked at: our clients' mail must not leave "
                  "by the others",
                  place->directory);
}

static void judge_size(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    g_autofree char *value = check_effective(facts, check_listener(facts, place), "message_size_limit");
    gint64 limit = g_ascii_strtoll(value, NULL, 10);
    const struct check_about about = {FINDING_WARNING, PROMISE_NONE, TOPIC, "message_size_limit"};
    g_autofree char *remedy =
        g_strdup_printf("postconf -c %s -e message_size_limit=%" G_GINT64_FORMAT " && postfix -c %s reload",
                        place->directory, place->message_size * 2, place->directory);
    if (limit > 0 && limit < place->message_size)
        check_add(findings, &about, value, remedy,
                  "Postfix takes smaller mails than [milter] message-size (%" G_GINT64_FORMAT ") allows",
                  place->message_size);
}

/* Postfix writes a log of its own, and not into the journal. */
static void judge_own_log(GPtrArray *findings, const char *maillog, const struct check_place *place)
{
    const struct check_about about = {FINDING_ERROR, PROMISE_NO_LOSS, TOPIC, "maillog_file"};
    g_autofree char *remedy = g_strdup_printf("postconf -c %s -X maillog_file && postfix -c %s reload    # or in "
                                              "postwelle.conf: [postfix] log = file, maillog = %s",
                                              place->directory, place->directory, maillog);
    check_add(findings, &about, maillog, remedy, "track follows the journal, and Postfix writes a file");
}

void check_parameters(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    const char *syslog_name = postfix_facts_expanded(facts, "syslog_name");
    const char *maillog = postfix_facts_expanded(facts, "maillog_file");
    judge_unwanted(findings, facts, place);
    judge_soft_bounce(findings, facts, place);
    judge_macros(findings, facts, place);
    judge_lifetime(findings, facts, place);
    judge_deferred(findings, facts, place);
    judge_filter(findings, facts, place);
    judge_instances(findings, facts, place);
    judge_size(findings, facts, place);
    if (strchr(syslog_name, '$') == NULL && strcmp(syslog_name, place->syslog_name) != 0)
        differs(findings, place, "syslog_name", syslog_name, place->syslog_name, "[postfix] syslog-name",
                "track does not know its lines in the log");
    if (*maillog != '\0' && place->maillog == NULL)
        judge_own_log(findings, maillog, place);
    else if (*maillog != '\0' && strcmp(maillog, place->maillog) != 0)
        differs(findings, place, "maillog_file", maillog, place->maillog, "[postfix] maillog",
                "track follows another log than Postfix writes");
}
