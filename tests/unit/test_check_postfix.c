/* test_check_postfix.c - ways round the milter, tables and parameters, in many shapes of main.cf and master.cf. */
#include "importer/check_postfix.h"

#include <string.h>

static const struct check_place place = {
    .directory = "/etc/postfix",
    .milter = "unix:/q/postwelle-milter/milter.sock",
    .policy_socket = "/q/postwelle-policyd/policy.sock",
    .listener = "127.0.0.1:10587",
    .maillog = "/var/log/mail.log",
    .syslog_name = "postfix",
    .setup = "postwelle setup postfix --apply",
    .message_size = 1000000,
};

#define MILTER "{ unix:postwelle-milter/milter.sock, default_action=tempfail }"
#define POLICY "check_policy_service { unix:postwelle-policyd/policy.sock, default_action=DEFER_IF_PERMIT }"

/* A main.cf that is right; the last line of a name counts. */
#define RIGHT                                                                                                          \
    "queue_directory = /q\ncompatibility_level = 3.6\nmilter_default_action = tempfail\n"                              \
    "smtpd_policy_service_default_action = 451 4.3.5 Server configuration problem\n"                                   \
    "postwelle_milter = " MILTER "\npostwelle_policy = " POLICY "\nsmtpd_milters = inet:localhost:8891, " MILTER       \
    "\nnon_smtpd_milters = " MILTER "\nsmtpd_recipient_restrictions = " POLICY ", permit_mynetworks, reject\n"         \
    "receive_override_options =\nsmtpd_milter_maps =\ncleanup_service_name = cleanup\nalways_bcc =\n"                  \
    "sender_bcc_maps =\nmilter_end_of_data_macros = i\nmaximal_queue_lifetime = 3d\nsyslog_name = postfix\n"           \
    "maillog_file =\nmessage_size_limit = 10240000\nheader_checks =\n"

#define SMTPD "smtp inet n - y - - smtpd\n"
#define REST "pickup unix n - y 60 1 pickup\ncleanup unix n - y - 0 cleanup\n"
#define OURS                                                                                                           \
    "127.0.0.1:10587 inet n - y - - smtpd -o smtpd_milters=$postwelle_milter -o "                                      \
    "smtpd_recipient_restrictions=$postwelle_policy\n"

static struct postfix_facts *read_facts(const char *more, const char *master_cf)
{
    GError *error = NULL;
    g_autofree char *main_cf = g_strconcat(RIGHT, more, NULL);
    struct postfix_facts *facts = postfix_facts_new(main_cf, "", main_cf, master_cf, &error);
    g_assert_no_error(error);
    return facts;
}

/* All that is found, a line each: "error NAME". */
static char *found(const GPtrArray *findings)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        if (finding->level == FINDING_GOOD)
            continue;
        g_string_append_printf(text, "%s%s %s", text->len > 0 ? "\n" : "", finding_level_name(finding->level),
                               finding->name);
        g_assert_true(finding->level < FINDING_WARNING || finding->remedy != NULL);
    }
    return g_string_free(text, FALSE);
}

struct a_case {
    const char *name;
    const char *main_cf; /* more lines */
    const char *master_cf;
    const char *found;
};

/* --- ways in --- */

static const struct a_case way_cases[] = {
    {"right", "", SMTPD REST OURS, ""},
    {"no milter", "smtpd_milters =\n", SMTPD REST OURS, "error smtpd_milters"},
    {"another one only", "smtpd_milters = inet:localhost:8891\n", SMTPD REST OURS, "error smtpd_milters"},
    {"one behind ours", "smtpd_milters = " MILTER ", inet:localhost:8891\n", SMTPD REST OURS, "error smtpd_milters"},
    {"without braces", "smtpd_milters = unix:postwelle-milter/milter.sock\n", SMTPD REST OURS, ""},
    {"let through by its own action", "smtpd_milters = { unix:postwelle-milter/milter.sock, default_action=accept }\n",
     SMTPD REST OURS, "error smtpd_milters"},
    {"let through by the site's", "smtpd_milters = unix:postwelle-milter/milter.sock\nmilter_default_action = accept\n",
     SMTPD REST OURS, "error smtpd_milters"},
    {"its own action counts", "milter_default_action = accept\n", SMTPD REST OURS, ""},
    {"an absolute path under chroot", "smtpd_milters = unix:/q/postwelle-milter/milter.sock\n", SMTPD REST OURS,
     "error smtpd_milters"},
    {"an absolute path without", "smtpd_milters = unix:/q/postwelle-milter/milter.sock\n",
     "smtp inet n - n - - smtpd\n" REST OURS, ""},
    {"chroot by an old default", "smtpd_milters = unix:/q/postwelle-milter/milter.sock\ncompatibility_level = 0\n",
     "smtp inet n - - - - smtpd\n" REST OURS, "error smtpd_milters"},
    {"no milter for sendmail", "non_smtpd_milters =\n", SMTPD REST OURS, "error non_smtpd_milters"},
    {"switched off at a listener", "", SMTPD REST OURS "submission inet n - y - - smtpd -o smtpd_milters=\n",
     "error submission/inet/smtpd_milters"},
    {"switched off in braces", "", SMTPD REST OURS "submission inet n - y - - smtpd -o { smtpd_milters = }\n",
     "error submission/inet/smtpd_milters"},
    {"other milters at a listener", "",
     SMTPD REST OURS "10025 inet n - y - - smtpd -o smtpd_milters=$postwelle_milter,inet:a:1\n",
     "error 10025/inet/smtpd_milters"},
    {"postscreen's smtpd", "",
     "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd -o smtpd_milters=\n" REST OURS,
     "error smtpd/pass/smtpd_milters"},
    {"no_milters in main.cf", "receive_override_options = no_address_mappings, no_milters\n", SMTPD REST OURS,
     "error receive_override_options"},
    {"no_milters at a listener", "",
     SMTPD REST OURS "10026 inet n - y - - smtpd -o receive_override_options=no_milters,no_address_mappings\n",
     "error 10026/inet/receive_override_options"},
    {"no_milters at pickup", "",
     SMTPD OURS
     "pickup unix n - y 60 1 pickup -o receive_override_options=no_milters\ncleanup unix n - y - 0 cleanup\n",
     "error pickup/unix/receive_override_options"},
    {"another override", "receive_override_options = no_address_mappings\n", SMTPD REST OURS, ""},
    {"cleanup without milters", "",
     SMTPD OURS "pickup unix n - y 60 1 pickup\ncleanup unix n - y - 0 cleanup -o non_smtpd_milters=\n",
     "error cleanup/unix/non_smtpd_milters"},
    {"pickup's own cleanup", "",
     SMTPD REST OURS
     "pre unix n - y - 0 cleanup -o non_smtpd_milters=\npickup2 unix n - y 60 1 pickup -o cleanup_service_name=pre\n",
     "error pre/unix/non_smtpd_milters"},
    {"a milter map", "smtpd_milter_maps = cidr:/etc/postfix/no-milter\n", SMTPD REST OURS, "error smtpd_milter_maps"},
    {"no policy service", "smtpd_recipient_restrictions = permit_mynetworks, reject\n", SMTPD REST OURS,
     "error smtpd_recipient_restrictions"},
    {"a permit before it", "smtpd_recipient_restrictions = permit_mynetworks, " POLICY "\n", SMTPD REST OURS,
     "error smtpd_recipient_restrictions"},
    {"a refusal before it", "smtpd_recipient_restrictions = reject_unlisted_recipient, " POLICY "\n", SMTPD REST OURS,
     ""},
    {"it says yes while away",
     "smtpd_recipient_restrictions = check_policy_service { unix:postwelle-policyd/policy.sock, default_action=DUNNO "
     "}\n",
     SMTPD REST OURS, "error smtpd_recipient_restrictions"},
    {"the site says yes while it is away",
     "smtpd_recipient_restrictions = check_policy_service unix:postwelle-policyd/policy.sock\n"
     "smtpd_policy_service_default_action = DUNNO\n",
     SMTPD REST OURS, "error smtpd_recipient_restrictions"},
    {"the site's default is a refusal",
     "smtpd_recipient_restrictions = check_policy_service unix:postwelle-policyd/policy.sock\n", SMTPD REST OURS, ""},
    {"no policy service at a listener", "",
     SMTPD REST OURS
     "submission inet n - y - - smtpd -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n",
     "error submission/inet/smtpd_recipient_restrictions"},
};

static void test_ways(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(way_cases); i++) {
        g_autoptr(postfix_facts_auto) facts = read_facts(way_cases[i].main_cf, way_cases[i].master_cf);
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", way_cases[i].name);
        check_ways_in(findings, facts, &place);
        g_autofree char *text = found(findings);
        g_assert_cmpstr(text, ==, way_cases[i].found);
    }
}

/* The remedy takes away an option of the site's, and leaves what is ours to set-up. */
static void test_remedies(void)
{
    g_autoptr(postfix_facts_auto) facts =
        read_facts("non_smtpd_milters =\n", REST OURS "submission inet n - y - - smtpd -o smtpd_milters=\n");
    g_autoptr(GPtrArray) findings = findings_new();
    check_ways_in(findings, facts, &place);
    g_assert_cmpuint(findings->len, ==, 2);
    g_assert_cmpstr(((struct finding *)findings->pdata[0])->remedy, ==, "postwelle setup postfix --apply");
    g_assert_cmpstr(((struct finding *)findings->pdata[1])->remedy, ==,
                    "postconf -c /etc/postfix -PX 'submission/inet/smtpd_milters' && postfix -c /etc/postfix reload");
    g_assert_cmpstr(((struct finding *)findings->pdata[1])->breaks, ==, "nothing leaves unsigned");
}

/* --- parameters --- */

static const struct a_case parameter_cases[] = {
    {"right", "", REST OURS, ""},
    {"a copy of all", "always_bcc = archive@agency.example\n", REST OURS, "error always_bcc"},
    {"ours have a cleanup without it", "always_bcc = archive@agency.example\n",
     REST "own unix n - y - 0 cleanup -o always_bcc=\n"
          "127.0.0.1:10587 inet n - y - - smtpd -o cleanup_service_name=own\n",
     ""},
    {"copies of some", "sender_bcc_maps = hash:/etc/postfix/bcc\nrecipient_bcc_maps = hash:/etc/postfix/bcc\n",
     REST OURS, "warning sender_bcc_maps\nwarning recipient_bcc_maps"},
    {"rewritten senders", "masquerade_domains = agency.example\n", REST OURS, "warning masquerade_domains"},
    {"aliases", "virtual_alias_maps = hash:/etc/postfix/virtual\n", REST OURS, "note virtual_alias_maps"},
    {"soft bounces", "soft_bounce = yes\n", REST OURS, "warning soft_bounce"},
    {"no queue ID for the milter", "milter_end_of_data_macros = {rcpt_addr}\n", REST OURS,
     "error milter_end_of_data_macros"},
    {"queue ID in braces", "milter_end_of_data_macros = {i}\n", REST OURS, ""},
    {"longer than signatures are good", "maximal_queue_lifetime = 21d\n", REST OURS, "error maximal_queue_lifetime"},
    {"our transport waits", "defer_transports = local, postwelle\n", REST OURS, "warning defer_transports"},
    {"a filter", "content_filter = smtp:[127.0.0.1]:10024\n", REST OURS, "note content_filter"},
    {"another name in the log", "syslog_name = postfix-out\n", REST OURS, "error syslog_name"},
    {"another log", "maillog_file = /var/log/postfix.log\n", REST OURS, "error maillog_file"},
    {"the same log", "maillog_file = /var/log/mail.log\n", REST OURS, ""},
    {"further instances", "multi_instance_directories = /etc/postfix-out\n", REST OURS,
     "note multi_instance_directories"},
    {"small mails only", "message_size_limit = 100000\n", REST OURS, "warning message_size_limit"},
};

/* Where track follows the journal, Postfix has no log of its own. */
static void test_journal(void)
{
    struct check_place by_journal = place;
    by_journal.maillog = NULL;
    for (int i = 0; i < 2; i++) {
        g_autoptr(postfix_facts_auto) facts = read_facts(i == 0 ? "" : "maillog_file = /var/log/mail.log\n", REST OURS);
        g_autoptr(GPtrArray) findings = findings_new();
        check_parameters(findings, facts, &by_journal);
        g_autofree char *text = found(findings);
        g_assert_cmpstr(text, ==, i == 0 ? "" : "error maillog_file");
    }
}

static void test_parameters(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parameter_cases); i++) {
        g_autoptr(postfix_facts_auto) facts = read_facts(parameter_cases[i].main_cf, parameter_cases[i].master_cf);
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", parameter_cases[i].name);
        check_parameters(findings, facts, &place);
        g_autofree char *text = found(findings);
        g_assert_cmpstr(text, ==, parameter_cases[i].found);
    }
}

/* --- tables --- */

static const struct {
    const char *table, *line, *action;
} action_cases[] = {
    {"regexp:/t", "/^Subject: free/ DISCARD", "DISCARD"},
    {"regexp:/t", "/^Subject: free/i   hold", "HOLD"},
    {"pcre:/t", "!/^To:/ REDIRECT x@agency.example", "REDIRECT"},
    {"pcre:/t", "m:^To: DISCARD", NULL},
    {"regexp:/t", "/a\\/ HOLD/ WARN", NULL},
    {"regexp:/t", "/^X-Spam: DISCARD/ WARN", NULL},
    {"regexp:/t", "if /^Subject:/", NULL},
    {"regexp:/t", "# /x/ DISCARD", NULL},
    {"regexp:/t", "/x/", NULL},
    {"regexp:/t", "/x", NULL},
    {"regexp:/t", "", NULL},
    {"hash:/t", "spam.example\tDISCARD", "DISCARD"},
    {"hash:/t", "spam.example REJECT", NULL},
    {"hash:/t", "discard.example OK", NULL},
    {"cidr:/t", "192.0.2.0/24 HOLD please", "HOLD"},
    {"cidr:/t", "192.0.2.0/24 FILTER smtp:[127.0.0.1]", "FILTER"},
    {"hash:/t", "a.example BCC x@agency.example", "BCC"},
    {"hash:/t", "a.example DISCARDED", NULL},
};

static void test_actions(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(action_cases); i++) {
        g_test_message("%s: %s", action_cases[i].table, action_cases[i].line);
        g_assert_cmpstr(check_table_action(action_cases[i].table, action_cases[i].line), ==, action_cases[i].action);
    }
}

static const struct {
    const char *name, *main_cf, *master_cf;
    const char *wanted; /* the tables, ", " between them */
    const char *text;   /* of the first of them */
    const char *found;
} table_cases[] = {
    {"none", "", SMTPD REST OURS, "", NULL, ""},
    {"a harmless one", "header_checks = regexp:/h\n", SMTPD REST OURS, "regexp:/h", "/^X-/ IGNORE\n", ""},
    {"it drops mails", "header_checks = regexp:/h\n", SMTPD REST OURS, "regexp:/h",
     "# ours\n/^X-/ IGNORE\n/a/ DISCARD\n", "error /h:3"},
    {"ours have a cleanup of their own", "header_checks = regexp:/h\n",
     SMTPD REST
     "own unix n - y - 0 cleanup -o header_checks=\n127.0.0.1:10587 inet n - y - - smtpd -o cleanup_service_name=own\n",
     "regexp:/h", "/a/ DISCARD\n", "warning /h:1"},
    {"everything", "body_checks = static:HOLD\n", SMTPD REST OURS, "static:HOLD", NULL, "error static:HOLD"},
    {"inline", "header_checks = inline:{ {a=DISCARD} }\n", SMTPD REST OURS, "inline:{ {a=DISCARD} }", NULL,
     "error inline:{ {a=DISCARD} }"},
    {"another listener's access table", "smtpd_client_restrictions = check_client_access hash:/c\n",
     SMTPD REST OURS " -o smtpd_client_restrictions=", "hash:/c", "192.0.2.1 HOLD\n", "warning /c:1"},
    {"our listener meets it", "smtpd_client_restrictions = check_client_access hash:/c\n", SMTPD REST OURS, "hash:/c",
     "192.0.2.1 HOLD\n", "error /c:1"},
    {"a transport for all", "transport_maps = hash:/m\n", SMTPD REST OURS, "hash:/m",
     "a.example smtp:b\n* smtp:[relay.example]\n", "error /m:2\nnote hash:/m"},
    {"a transport for some", "transport_maps = regexp:/m\n", SMTPD REST OURS, "regexp:/m",
     "/@a[.]example$/ lmtp:unix:x\n", "note regexp:/m"},
    {"our transports", "transport_maps = hash:/m\n", SMTPD REST OURS, "hash:/m",
     "ab@agency.example postwelle-unsubscribe:\n", ""},
    {"a static transport", "transport_maps = static:smtp:[relay.example]\n", SMTPD REST OURS,
     "static:smtp:[relay.example]", NULL, "error static:smtp:[relay.example]"},
    {"a data base", "header_checks = mysql:/etc/postfix/h.cf\n", SMTPD REST OURS, "mysql:/etc/postfix/h.cf", NULL,
     "note mysql:/etc/postfix/h.cf"},
};

static void test_tables(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table_cases); i++) {
        g_autofree char *master_cf = g_strdup(table_cases[i].master_cf);
        /* The option goes to the end of our entry's line. */
        char *end = strstr(master_cf, "\n -o");
        if (end != NULL)
            memmove(end, end + 1, strlen(end));
        g_autoptr(postfix_facts_auto) facts = read_facts(table_cases[i].main_cf, master_cf);
        g_autoptr(GPtrArray) findings = findings_new(), tables = check_tables_wanted(facts);
        g_autoptr(GHashTable) texts = g_hash_table_new(g_str_hash, g_str_equal);
        g_test_message("%s", table_cases[i].name);
        g_ptr_array_add(tables, NULL);
        g_autofree char *wanted = g_strjoinv(", ", (char **)tables->pdata);
        g_assert_cmpstr(wanted, ==, table_cases[i].wanted);
        if (table_cases[i].text != NULL)
            g_hash_table_insert(texts, tables->pdata[0], (char *)table_cases[i].text);
        check_tables(findings, facts, &place, texts);
        g_autofree char *text = found(findings);
        g_assert_cmpstr(text, ==, table_cases[i].found);
    }
}

static const struct {
    const char *table, *line;
    gboolean is_one, all;
} transport_cases[] = {
    {"hash:/t", "* smtp:[relay.example]", TRUE, TRUE},
    {"hash:/t", "*\tsmtp", TRUE, TRUE},
    {"hash:/t", "* :[relay.example]", FALSE, FALSE},
    {"hash:/t", "a.example smtp:[relay.example]", TRUE, FALSE},
    {"hash:/t", "a.example", FALSE, FALSE},
    {"hash:/t", "ab@agency.example postwelle-unsubscribe:", FALSE, FALSE},
    {"hash:/t", "# * smtp:x", FALSE, FALSE},
    {"hash:/t", "  smtp:x", FALSE, FALSE},
    {"regexp:/t", "/./ smtp:x", TRUE, TRUE},
    {"regexp:/t", "/@a\\.example$/ smtp:x", TRUE, FALSE},
    {"regexp:/t", "/^pw-[a-z2-7]+@/  postwelle-bounce:", FALSE, FALSE},
    {"hash:/t", "", FALSE, FALSE},
};

static void test_transports(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(transport_cases); i++) {
        gboolean all = FALSE;
        g_test_message("%s", transport_cases[i].line);
        g_assert_cmpint(check_table_transport(transport_cases[i].table, transport_cases[i].line, &all), ==,
                        transport_cases[i].is_one);
        g_assert_cmpint(all, ==, transport_cases[i].all);
    }
}

static void test_files(void)
{
    static const struct {
        const char *table, *file;
    } cases[] = {{"regexp:/etc/postfix/h", "/etc/postfix/h"},
                 {"hash:/c", "/c"},
                 {"static:DISCARD", NULL},
                 {"mysql:/etc/h.cf", NULL},
                 {"hash:c", NULL},
                 {"plain", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *file = check_table_file(cases[i].table);
        g_assert_cmpstr(file, ==, cases[i].file);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check/ways-in", test_ways);
    g_test_add_func("/check/remedies", test_remedies);
    g_test_add_func("/check/parameters", test_parameters);
    g_test_add_func("/check/journal", test_journal);
    g_test_add_func("/check/actions", test_actions);
    g_test_add_func("/check/tables", test_tables);
    g_test_add_func("/check/transports", test_transports);
    g_test_add_func("/check/files", test_files);
    return g_test_run();
}
