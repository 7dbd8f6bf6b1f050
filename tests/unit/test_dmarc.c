/* test_dmarc.c - DMARC records, the tree walk and alignment, from zones in text. */
#include "importer/dmarc.h"
#include "tests/unit/zone.h"

#include <string.h>

static const struct {
    const char *record;
    gboolean is_one;
    const char *fault; /* part of it; NULL: it counts */
} record_cases[] = {
    {"v=DMARC1; p=none", TRUE, NULL},
    {"v=DMARC1;p=reject;sp=none;adkim=s;aspf=r;pct=50;rua=mailto:d@kunde.example", TRUE, NULL},
    {"v=DMARC1; p=Quarantine;", TRUE, NULL},
    {"v=DMARC1; rua=mailto:d@kunde.example", TRUE, NULL}, /* RFC 9989 4.7: as p=none */
    {"v=DMARC1", TRUE, "no p="},
    {"v=DMARC1; p=refuse", TRUE, "p=refuse"},
    {"v=DMARC1; p=none; sp=all", TRUE, "sp=all"},
    {"v=DMARC1; p=none; adkim=x", TRUE, "adkim=x"},
    {"v=DMARC1; p=none; p=reject", TRUE, "twice"},
    {"v=DMARC1; p", TRUE, "name=value"},
    {"v=DMARC1; p=none; psd=x", TRUE, "psd=x"},
    {"v=DMARC12; p=none", FALSE, NULL},
    {"v=dmarc1; p=none", FALSE, NULL},
    {"p=none; v=DMARC1", FALSE, NULL},
    {"", FALSE, NULL},
};

static void test_records(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(record_cases); i++) {
        const char *text = record_cases[i].record;
        struct dmarc_record record;
        g_autofree char *fault = NULL;
        g_test_message("%s", text);
        g_assert_cmpint(dmarc_is_record(text, strlen(text)), ==, record_cases[i].is_one);
        if (!record_cases[i].is_one)
            continue;
        g_assert_cmpint(dmarc_record_parse(text, &record, &fault), ==, record_cases[i].fault == NULL);
        if (record_cases[i].fault != NULL)
            g_assert_true(strstr(fault, record_cases[i].fault) != NULL);
    }
}

static const struct {
    const char *name;
    const char *domain;
    const char *zone;
    const char *found; /* name of the policy's record, or NULL */
    const char *organizational;
    enum dmarc_policy policy; /* for the domain */
} walk_cases[] = {
    {"its own", "kunde.test", "_dmarc.kunde.test TXT v=DMARC1; p=reject", "_dmarc.kunde.test", "kunde.test",
     DMARC_REJECT},
    {"the parent's sp=", "mail.kunde.test", "_dmarc.kunde.test TXT v=DMARC1; p=reject; sp=none", "_dmarc.kunde.test",
     "kunde.test", DMARC_NONE},
    {"its own, below an organizational domain", "mail.kunde.test",
     "_dmarc.mail.kunde.test TXT v=DMARC1; p=none\n_dmarc.kunde.test TXT v=DMARC1; p=reject", "_dmarc.mail.kunde.test",
     "kunde.test", DMARC_NONE},
    {"psd=n ends the walk", "mail.kunde.test",
     "_dmarc.mail.kunde.test TXT v=DMARC1; p=none; psd=n\n_dmarc.kunde.test TXT v=DMARC1; p=reject",
     "_dmarc.mail.kunde.test", "mail.kunde.test", DMARC_NONE},
    {"a public suffix with a policy", "a.kunde.bank.test", "_dmarc.bank.test TXT v=DMARC1; p=reject; psd=y",
     "_dmarc.bank.test", "kunde.bank.test", DMARC_REJECT},
    {"none", "kunde.test", "kunde.test A 192.0.2.1", NULL, "kunde.test", DMARC_NONE},
    {"another TXT record at the name", "kunde.test",
     "_dmarc.kunde.test TXT hello\n_dmarc.kunde.test TXT v=DMARC1; p=none", "_dmarc.kunde.test", "kunde.test",
     DMARC_NONE},
    {"two records: none counts", "kunde.test",
     "_dmarc.kunde.test TXT v=DMARC1; p=none\n_dmarc.kunde.test TXT v=DMARC1; p=reject", NULL, "kunde.test",
     DMARC_NONE},
    {"eight labels are asked for, no more", "a.b.c.d.e.f.g.h.i.kunde.test",
     "_dmarc.f.g.h.i.kunde.test TXT v=DMARC1; p=reject\n_dmarc.d.e.f.g.h.i.kunde.test TXT v=DMARC1; p=none",
     "_dmarc.f.g.h.i.kunde.test", "f.g.h.i.kunde.test", DMARC_REJECT},
};

static void test_walk(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(walk_cases); i++) {
        struct zone *zone = zone_new(walk_cases[i].zone);
        g_autoptr(GPtrArray) findings = findings_new();
        struct dmarc_found found;
        g_test_message("%s", walk_cases[i].name);
        dmarc_discover(walk_cases[i].domain, zone_lookup, zone, findings, &found);
        g_assert_cmpint(found.found, ==, walk_cases[i].found != NULL);
        g_assert_cmpstr(found.name, ==, walk_cases[i].found);
        g_assert_cmpstr(found.organizational, ==, walk_cases[i].organizational);
        if (found.found)
            g_assert_cmpint(found.inherited ? found.record.subdomain_policy : found.record.policy, ==,
                            walk_cases[i].policy);
        dmarc_found_release(&found);
        zone_free(zone);
    }
}

static const struct {
    const char *name;
    const char *record; /* at _dmarc.kunde.test; NULL: none */
    const char *from, *signing, *return_path;
    enum finding_level worst;
    const char *text; /* part of the worst finding's */
} judge_cases[] = {
    {"all aligned", "v=DMARC1; p=reject; rua=mailto:d@kunde.test", "kunde.test", "kunde.test", "b.kunde.test",
     FINDING_GOOD, "reject"},
    {"relaxed: a parent signs", "v=DMARC1; p=reject; rua=mailto:d@kunde.test", "mail.kunde.test", "kunde.test",
     "kunde.test", FINDING_GOOD, "from a parent domain"},
    {"adkim=s, and a parent signs", "v=DMARC1; p=reject; adkim=s", "mail.kunde.test", "kunde.test", NULL, FINDING_ERROR,
     "sign with d=mail.kunde.test"},
    {"another domain signs", "v=DMARC1; p=none", "kunde.test", "fremd.test", NULL, FINDING_ERROR, "not aligned"},
    {"another domain's envelope", "v=DMARC1; p=none; rua=mailto:d@kunde.test", "kunde.test", "kunde.test",
     "agency.test", FINDING_NOTE, "SPF does not count"},
    {"no record", NULL, "kunde.test", "kunde.test", NULL, FINDING_WARNING, "its decision"},
    {"a broken record", "v=DMARC1; p=refuse", "kunde.test", "kunde.test", NULL, FINDING_WARNING, "p=refuse"},
    {"curly quotes in it", "v=DMARC1; p=none\xe2\x80\x9c", "kunde.test", "kunde.test", NULL, FINDING_WARNING,
     "curly quotation mark"},
    {"SERVFAIL", "!", "kunde.test", "kunde.test", NULL, FINDING_ERROR, "SERVFAIL"},
};

static void test_judge(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(judge_cases); i++) {
        g_autofree char *text = judge_cases[i].record != NULL
                                    ? g_strconcat("_dmarc.kunde.test TXT ", judge_cases[i].record, NULL)
                                    : g_strdup("kunde.test A 192.0.2.1");
        struct zone *zone = zone_new(text);
        g_autoptr(GPtrArray) findings = findings_new();
        gboolean there = FALSE;
        g_test_message("%s", judge_cases[i].name);
        dmarc_judge(findings, judge_cases[i].from, judge_cases[i].signing, judge_cases[i].return_path, zone_lookup,
                    zone);
        g_assert_cmpint(findings_worst(findings), ==, judge_cases[i].worst);
        for (guint f = 0; f < findings->len; f++) {
            const struct finding *finding = findings->pdata[f];
            there |= finding->level == judge_cases[i].worst && strstr(finding->text, judge_cases[i].text) != NULL;
        }
        g_assert_true(there);
        zone_free(zone);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/records", test_records);
    g_test_add_func("/dmarc/walk", test_walk);
    g_test_add_func("/dmarc/judge", test_judge);
    return g_test_run();
}
