/* What a Postfix configuration lacks: many shapes of main.cf and master.cf, and what is planned for each. */
#include "importer/postfix_settings.h"
#include "lib/error.h"

#include <string.h>

static const struct postfix_site site = {
    .tables = "/usr/share/postwelle/postfix",
    .listener = "127.0.0.1:10587",
    .milter = "unix:postwelle-milter/milter.sock",
    .policy = "postwelle-policyd/policy.sock",
    .domains = "bounce.muster.example",
    .maillog = "",
    .default_command = "/usr/bin/postwelle",
};

#define DEFAULTS                                                                                                       \
    "milter_default_action = tempfail\nenable_long_queue_ids = no\nsmtpd_forbid_bare_newline = no\n"                   \
    "smtpd_forbid_unauth_pipelining = no\nqueue_run_delay = 300s\nminimal_backoff_time = 300s\n"                       \
    "maximal_backoff_time = 4000s\nmaximal_queue_lifetime = 5d\nbounce_queue_lifetime = 5d\nsmtpd_milters =\n"         \
    "non_smtpd_milters =\nsmtpd_recipient_restrictions =\ntransport_maps =\nrelay_recipient_maps =\n"                  \
    "relay_domains = ${{$compatibility_level} <level {2} ? {$mydestination} :}\nmaillog_file =\n"
#define SMTPD "smtp inet n - y - - smtpd\n"

static struct postfix_facts *read_facts(const char *main_cf, const char *expanded, const char *master_cf)
{
    GError *error = NULL;
    struct postfix_facts *facts = postfix_facts_new(main_cf, DEFAULTS, expanded, master_cf, &error);
    g_assert_no_error(error);
    return facts;
}

static const struct postfix_change *find(const GPtrArray *changes, const char *name)
{
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        if (strcmp(change->name, name) == 0)
            return change;
    }
    return NULL;
}

/* --- one parameter --- */

struct parameter_case {
    const char *name;
    const char *main_cf;
    const char *parameter;
    const char *after;    /* NULL: no change */
    gboolean conflict;
};

static const struct parameter_case parameter_cases[] = {
    {"milter: empty", "", "smtpd_milters", "$postwelle_milter", FALSE},
    {"milter: set, but empty", "smtpd_milters =\n", "smtpd_milters", "$postwelle_milter", FALSE},
    {"milter: others stay in their order", "smtpd_milters = inet:localhost:8891, unix:clamav/milter\n", "smtpd_milters",
     "inet:localhost:8891, unix:clamav/milter, $postwelle_milter", FALSE},
    {"milter: blanks for commas", "smtpd_milters = inet:a:1 inet:b:2\n", "smtpd_milters",
     "inet:a:1, inet:b:2, $postwelle_milter", FALSE},
    {"milter: a group is one item", "smtpd_milters = { inet:a:1, default_action=accept }, inet:b:2\n", "smtpd_milters",
     "{ inet:a:1, default_action=accept }, inet:b:2, $postwelle_milter", FALSE},
    {"milter: ours is last", "smtpd_milters = inet:a:1, $postwelle_milter\n", "smtpd_milters", NULL, FALSE},
    {"milter: ours in braces", "smtpd_milters = inet:a:1 ${postwelle_milter}\n", "smtpd_milters", NULL, FALSE},
    {"milter: ours is not last", "smtpd_milters = $(postwelle_milter), inet:a:1\n", "smtpd_milters",
     "inet:a:1, $postwelle_milter", FALSE},
    {"milter: ours twice", "smtpd_milters = $postwelle_milter, inet:a:1, $postwelle_milter\n", "smtpd_milters",
     "inet:a:1, $postwelle_milter", FALSE},
    {"milter: ours by its socket", "smtpd_milters = unix:postwelle-milter/milter.sock\n", "smtpd_milters",
     "$postwelle_milter", FALSE},
    {"milter: ours by its socket, and others", "smtpd_milters = inet:a:1, unix:postwelle-milter/milter.sock inet:b:2\n",
     "smtpd_milters", "inet:a:1, inet:b:2, $postwelle_milter", FALSE},
    {"milter: ours by its path", "smtpd_milters = local:/var/spool/postfix/postwelle-milter/milter.sock\n",
     "smtpd_milters", "$postwelle_milter", FALSE},
    {"milter: ours by its socket, with arguments",
     "smtpd_milters = {unix:postwelle-milter/milter.sock, default_action=accept}, $postwelle_milter\n", "smtpd_milters",
     "$postwelle_milter", FALSE},
    {"milter: ours by its socket in a list of the site's",
     "smtpd_milters = $mine\nmine = unix:postwelle-milter/milter.sock\n", "smtpd_milters", NULL, TRUE},
    {"milter: another socket of that name", "smtpd_milters = unix:other-postwelle-milter/milter.sock\n",
     "smtpd_milters", "unix:other-postwelle-milter/milter.sock, $postwelle_milter", FALSE},
    {"milter: a name of the site's", "smtpd_milters = $dkim\ndkim = inet:a:1\n", "smtpd_milters",
     "$dkim, $postwelle_milter", FALSE},
    {"milter: by a name of the site's already", "smtpd_milters = $mine\nmine = inet:a:1, $postwelle_milter\n",
     "smtpd_milters", NULL, FALSE},
    {"milter: by a name and by itself",
     "smtpd_milters = $mine, $postwelle_milter\nmine = inet:a:1, $postwelle_milter\n", "smtpd_milters", "$mine", FALSE},
    {"milter: by a name, which another follows",
     "smtpd_milters = $mine, inet:b:2\nmine = inet:a:1, $postwelle_milter\n", "smtpd_milters", NULL, TRUE},
    {"milter: a name that refers to itself", "smtpd_milters = $smtpd_milters\n", "smtpd_milters", NULL, TRUE},
    {"non-smtpd: as smtpd, which gets ours", "smtpd_milters = inet:a:1\nnon_smtpd_milters = $smtpd_milters\n",
     "non_smtpd_milters", NULL, FALSE},
    {"non-smtpd: as smtpd, and more", "smtpd_milters = inet:a:1\nnon_smtpd_milters = $smtpd_milters inet:b:2\n",
     "non_smtpd_milters", NULL, TRUE},
    {"non-smtpd: empty", "smtpd_milters = inet:a:1\n", "non_smtpd_milters", "$postwelle_milter", FALSE},
    {"policy: empty", "", "smtpd_recipient_restrictions", "$postwelle_policy", FALSE},
    {"policy: other services stay",
     "smtpd_recipient_restrictions = permit_mynetworks check_policy_service inet:127.0.0.1:10023\n",
     "smtpd_recipient_restrictions", "$postwelle_policy, permit_mynetworks, check_policy_service, inet:127.0.0.1:10023",
     FALSE},
    {"policy: ours after a permit", "smtpd_recipient_restrictions = permit_mynetworks, $postwelle_policy\n",
     "smtpd_recipient_restrictions", "$postwelle_policy, permit_mynetworks", FALSE},
    {"policy: ours is first", "smtpd_recipient_restrictions = $postwelle_policy permit_mynetworks\n",
     "smtpd_recipient_restrictions", NULL, FALSE},
    {"default action: default", "", "milter_default_action", NULL, FALSE},
    {"default action: accept", "milter_default_action = accept\n", "milter_default_action", "tempfail", FALSE},
    {"queue IDs: short", "", "enable_long_queue_ids", "yes", FALSE},
    {"queue IDs: long", "enable_long_queue_ids = yes\n", "enable_long_queue_ids", NULL, FALSE},
    {"lifetime: default", "", "maximal_queue_lifetime", "3d", FALSE},
    {"lifetime: the site's own", "maximal_queue_lifetime = 1d\n", "maximal_queue_lifetime", NULL, FALSE},
    {"back-off: default is as good", "", "minimal_backoff_time", NULL, FALSE},
    {"relay: a default that means nothing", "", "relay_domains", "$postwelle_return_domains", FALSE},
    {"relay: the site's", "relay_domains = agency.example\n", "relay_domains",
     "agency.example, $postwelle_return_domains", FALSE},
    {"relay recipients: none named, all taken", "", "relay_recipient_maps", NULL, FALSE},
    {"relay recipients: the site's", "relay_recipient_maps = hash:/etc/postfix/relay\n", "relay_recipient_maps",
     "hash:/etc/postfix/relay, regexp:$postwelle_tables/return-path", FALSE},
    {"transport: the site's comes after ours", "transport_maps = hash:/etc/postfix/transport\n", "transport_maps",
     "regexp:$postwelle_tables/return-path, hash:/etc/postfix/transport", FALSE},
    {"a name of ours: known to nobody", "", "postwelle_tables", "/usr/share/postwelle/postfix", FALSE},
    {"log: a syslog daemon writes it", "", "maillog_file", NULL, FALSE},
};

static void test_parameter(const void *data)
{
    const struct parameter_case *one = data;
    g_autoptr(postfix_facts_auto) facts = read_facts(one->main_cf, "relay_domains =\n", SMTPD);
    g_autoptr(GPtrArray) changes = postfix_changes(facts, &site);
    const struct postfix_change *change = find(changes, one->parameter);
    g_assert_cmpint(change != NULL && change->conflict != NULL, ==, one->conflict);
    if (one->conflict)
        g_assert_cmpstr(change->before, ==, change->after);
    else
        g_assert_cmpstr(change != NULL ? change->after : NULL, ==, one->after);
    if (one->after != NULL) {
        g_assert_cmpuint(change->details->len, ==, 1);
        g_assert_cmpstr(change->before, ==, postfix_facts_set(facts, one->parameter));
    }
}

/* --- one entry --- */

#define PIPE "flags=q user=%s null_sender= argv=%s bounce --sender=${sender} -- ${original_recipient}"

struct entry_case {
    const char *name;
    const char *master_cf;
    const char *entry;
    const char *holds;    /* in the new line; NULL: no change */
    const char *lacks;    /* not in it; NULL: any */
    guint details;
    gboolean conflict;
};

static const struct entry_case entry_cases[] = {
    {"listener: new", SMTPD, "127.0.0.1:10587/inet",
     "inet n - y - - smtpd -o syslog_name=postfix/postwelle-submission -o", NULL, 1, FALSE},
    {"listener: moves", "127.0.0.1:2525 inet n - n - 9 smtpd -o syslog_name=postfix/postwelle-submission -o a_b=c\n",
     "127.0.0.1:10587/inet", "127.0.0.1:10587 inet n - n - 9 smtpd", NULL, 1, FALSE},
    {"listener: the old one goes", "127.0.0.1:2525 inet n - y - - smtpd -o syslog_name=postfix/postwelle-submission\n",
     "127.0.0.1:2525/inet", "", NULL, 1, FALSE},
    {"listener: the site's there", "127.0.0.1:10587 inet n - y - - smtpd\n", "127.0.0.1:10587/inet", NULL, NULL, 1,
     TRUE},
    {"listener: the site's on all addresses", "10587 inet n - y - - smtpd\n", "10587/inet", NULL, NULL, 1, TRUE},
    {"transport: new", SMTPD, "postwelle/unix", "unix - - y - - smtp -o syslog_name=postfix/postwelle -o", NULL, 1,
     FALSE},
    {"transport: the site's options stay", "postwelle unix - - n - 7 smtp -o smtp_tls_security_level=encrypt\n",
     "postwelle/unix", "-o smtp_tls_security_level=encrypt", " y ", 13, FALSE},
    {"transport: a group stays one", "postwelle unix - - n - 7 smtp -o {smtp_x=a b}\n", "postwelle/unix",
     "-o {smtp_x=a b}", NULL, 13, FALSE},
    {"transport: not smtp", "postwelle unix - n n - - pipe user=nobody argv=/bin/true\n", "postwelle/unix",
     "smtp -o syslog_name=postfix/postwelle", NULL, 1, FALSE},
    {"pipe: new", SMTPD, "postwelle-bounce/unix",
     "unix - n n - 4 pipe flags=q user=postwelle null_sender= argv=/usr/bin/postwelle bounce --sender=", NULL, 1,
     FALSE},
    {"pipe: user and command stay",
     "postwelle-bounce unix - n n - 8 pipe flags=q user=survey:mail argv=/opt/pw -c /x.conf bounce\n",
     "postwelle-bounce/unix",
     "- n n - 8 pipe flags=q user=survey:mail null_sender= argv=/opt/pw -c /x.conf bounce --sender=", NULL, 1, FALSE},
};

static void test_entry(const void *data)
{
    const struct entry_case *one = data;
    g_autoptr(postfix_facts_auto) facts = read_facts("", "relay_domains =\n", one->master_cf);
    g_autoptr(GPtrArray) changes = postfix_changes(facts, &site);
    const struct postfix_change *change = find(changes, one->entry);
    g_assert_nonnull(change);
    g_assert_true(change->service);
    g_assert_cmpuint(change->details->len, ==, one->details);
    g_assert_cmpint(change->conflict != NULL, ==, one->conflict);
    if (one->holds == NULL)
        return;
    const char *after = change->after != NULL ? change->after : "";
    if (strstr(after, one->holds) == NULL)
        g_error("\"%s\" does not hold \"%s\"", after, one->holds);
    g_assert_true(one->lacks == NULL || strstr(after, one->lacks) == NULL);
}

/* --- all of it --- */

/* What postconf(1) would say after the changes were made. */
static struct postfix_facts *changed_facts(const GPtrArray *changes, const char *master_cf)
{
    g_autoptr(GString) main_cf = g_string_new(NULL), services = g_string_new(master_cf);
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        if (change->service)
            g_string_append_printf(services, "%s\n", change->after);
        else
            g_string_append_printf(main_cf, "%s = %s\n", change->name, change->after);
    }
    return read_facts(main_cf->str, "", services->str);
}

static void test_settled(void)
{
    g_autoptr(postfix_facts_auto) before = read_facts("", "relay_domains =\n", SMTPD);
    g_autoptr(GPtrArray) changes = postfix_changes(before, &site);
    g_assert_cmpuint(changes->len, >, 15);
    g_autoptr(postfix_facts_auto) after = changed_facts(changes, SMTPD);
    g_autoptr(GPtrArray) left = postfix_changes(after, &site);
    for (guint i = 0; i < left->len; i++)
        g_test_message("%s", ((struct postfix_change *)left->pdata[i])->name);
    g_assert_cmpuint(left->len, ==, 0);
}

/* Any one of the entries' options, taken back or changed, is found. */
static void test_each_option(void)
{
    g_autoptr(postfix_facts_auto) before = read_facts("", "", SMTPD);
    g_autoptr(GPtrArray) changes = postfix_changes(before, &site);
    g_autoptr(postfix_facts_auto) after = changed_facts(changes, SMTPD);
    for (guint i = 0; i < after->services->len; i++) {
        struct postfix_service *service = after->services->pdata[i];
        for (guint word = 1; service->words[word] != NULL; word++) {
            char *kept = service->words[word];
            if (!g_str_has_prefix(service->words[word - 1], "-o"))
                continue;
            service->words[word] = g_strdup("soft_bounce=yes");
            g_autoptr(GPtrArray) found = postfix_changes(after, &site);
            if (found->len == 0)
                g_error("%s without %s: not found", service->name, kept);
            g_free(service->words[word]);
            service->words[word] = kept;
        }
    }
}

/* A name that nobody has set is one that Postfix warns of, at each of its commands. */
static void test_no_clients(void)
{
    struct postfix_site none = site;
    none.domains = "";
    g_autoptr(postfix_facts_auto) facts = read_facts("", "relay_domains =\n", SMTPD);
    g_autoptr(GPtrArray) changes = postfix_changes(facts, &none);
    g_assert_cmpstr(find(changes, "postwelle_return_domains")->after, ==, "");
    g_autoptr(postfix_facts_auto) set = read_facts("postwelle_return_domains =\n", "relay_domains =\n", SMTPD);
    g_autoptr(GPtrArray) others = postfix_changes(set, &none);
    g_assert_null(find(others, "postwelle_return_domains"));
}

static void test_instance(void)
{
    g_autoptr(postfix_facts_auto) facts =
        read_facts("", "master_service_disable = inet\nmydestination = localhost, bounce.muster.example\n", SMTPD);
    g_autoptr(GPtrArray) changes = postfix_changes(facts, &site);
    g_assert_nonnull(find(changes, "master_service_disable")->conflict);
    g_assert_nonnull(find(changes, "mydestination")->conflict);
}

/* --- reading --- */

static void test_bad_output(void)
{
    static const struct {
        const char *set, *services;
    } cases[] = {{"no equals sign\n", ""}, {"= x\n", ""}, {"", "smtp inet n\n"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(postfix_facts_new(cases[i].set, "", "", cases[i].services, &error));
        g_assert_error(error, POSTWELLE_ERROR, ERROR_PROTOCOL);
    }
}

static void test_options(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(postfix_service_auto) service = postfix_service_parse(
        "a  unix  -  -  y  -  -  smtpd -v -o a=1 -ob=2 -o {c = 3  4} -o { d=a{b}c } -o a=5 -o e= -o", &error);
    static const char *const values[][2] = {{"a", "5"},     {"b", "2"}, {"c", "3  4"},
                                            {"d", "a{b}c"}, {"e", ""},  {"f", NULL}};
    g_assert_no_error(error);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *value = postfix_service_option(service, values[i][0]);
        g_assert_cmpstr(value, ==, values[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(parameter_cases); i++) {
        g_autofree char *path = g_strdup_printf("/postfix-settings/%s", parameter_cases[i].name);
        g_test_add_data_func(path, &parameter_cases[i], test_parameter);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(entry_cases); i++) {
        g_autofree char *path = g_strdup_printf("/postfix-settings/%s", entry_cases[i].name);
        g_test_add_data_func(path, &entry_cases[i], test_entry);
    }
    g_test_add_func("/postfix-settings/settled", test_settled);
    g_test_add_func("/postfix-settings/each option", test_each_option);
    g_test_add_func("/postfix-settings/no clients", test_no_clients);
    g_test_add_func("/postfix-settings/instance", test_instance);
    g_test_add_func("/postfix-settings/bad output", test_bad_output);
    g_test_add_func("/postfix-settings/options", test_options);
    return g_test_run();
}
