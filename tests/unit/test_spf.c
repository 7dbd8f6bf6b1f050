/* test_spf.c - check_host() and the audit of the tree, from zones in text. */
#include "importer/spf.h"
#include "tests/unit/zone.h"

#include <string.h>

#define CHAIN(n) "c" #n ".test TXT v=spf1 a:a" #n ".test ~all\na" #n ".test A 192.0.2.1\n"

static const struct {
    const char *name;
    const char *zone; /* the domain is d.test, the client 192.0.2.9 unless `ip` says otherwise */
    const char *ip;
    enum spf_result result;
    guint lookups, voids;
    const char *problem; /* part of a problem's text; NULL: there is none above a note */
} cases[] = {
    {"no record", "d.test A 192.0.2.1", NULL, SPF_NONE, 0, 0, NULL},
    {"no domain", "", NULL, SPF_NONE, 0, 0, NULL},
    {"another TXT record beside it", "d.test TXT hello\nd.test TXT v=spf1 ip4:192.0.2.9 -all", NULL, SPF_PASS, 0, 0,
     NULL},
    {"v=spf10 is none", "d.test TXT v=spf10 -all", NULL, SPF_NONE, 0, 0, NULL},
    {"two records", "d.test TXT v=spf1 -all\nd.test TXT v=spf1 +all", NULL, SPF_PERMERROR, 0, 0, "has 2 SPF records"},
    {"SERVFAIL", "d.test TXT !", NULL, SPF_TEMPERROR, 0, 0, "SERVFAIL"},
    {"fail", "d.test TXT v=spf1 ip4:192.0.2.8 -all", NULL, SPF_FAIL, 0, 0, NULL},
    {"softfail", "d.test TXT v=spf1 ~all", NULL, SPF_SOFTFAIL, 0, 0, NULL},
    {"nothing matches", "d.test TXT v=spf1 ip4:192.0.2.8", NULL, SPF_NEUTRAL, 0, 0, NULL},
    {"case and blanks", "d.test TXT V=SPF1  IP4:192.0.2.0/24  -ALL", NULL, SPF_PASS, 0, 0, NULL},
    {"a prefix that just fits", "d.test TXT v=spf1 ip4:192.0.2.8/31 -all", NULL, SPF_PASS, 0, 0, NULL},
    {"and one that does not", "d.test TXT v=spf1 ip4:192.0.2.10/31 -all", NULL, SPF_FAIL, 0, 0, NULL},
    {"prefix 0", "d.test TXT v=spf1 ip4:10.0.0.0/0 -all", NULL, SPF_PASS, 0, 0, NULL},
    {"IPv6", "d.test TXT v=spf1 ip4:192.0.2.9 ip6:2001:db8::/32 -all", "2001:db8:1::1", SPF_PASS, 0, 0, NULL},
    {"a", "d.test TXT v=spf1 a -all\nd.test A 192.0.2.9", NULL, SPF_PASS, 1, 0, NULL},
    {"a with prefix", "d.test TXT v=spf1 a:x.test/24 -all\nx.test A 192.0.2.1", NULL, SPF_PASS, 1, 0, NULL},
    {"mx", "d.test TXT v=spf1 mx -all\nd.test MX 10 m.test\nm.test A 192.0.2.9", NULL, SPF_PASS, 1, 0, NULL},
    {"exists with macros", "d.test TXT v=spf1 exists:%{ir}.%{v}.%{d2} -all\n9.2.0.192.in-addr.d.test A 127.0.0.2", NULL,
     SPF_PASS, 1, 0, NULL},
    {"include passes", "d.test TXT v=spf1 include:i.test -all\ni.test TXT v=spf1 ip4:192.0.2.9 -all", NULL, SPF_PASS, 1,
     0, NULL},
    {"include fails, so it does not match", "d.test TXT v=spf1 include:i.test ~all\ni.test TXT v=spf1 -all", NULL,
     SPF_SOFTFAIL, 1, 0, NULL},
    {"include of nothing", "d.test TXT v=spf1 include:i.test ~all", NULL, SPF_PERMERROR, 1, 0,
     "no SPF record at i.test"},
    {"a broken include behind the match is found as well", "d.test TXT v=spf1 ip4:192.0.2.9 include:i.test -all", NULL,
     SPF_PASS, 1, 0, "no SPF record at i.test"},
    {"redirect", "d.test TXT v=spf1 redirect=i.test\ni.test TXT v=spf1 ip4:192.0.2.9 -all", NULL, SPF_PASS, 1, 0, NULL},
    {"redirect beside all is not followed", "d.test TXT v=spf1 -all redirect=i.test", NULL, SPF_FAIL, 0, 0, NULL},
    {"redirect to nothing", "d.test TXT v=spf1 redirect=i.test", NULL, SPF_PERMERROR, 1, 0, NULL},
    {"a loop", "d.test TXT v=spf1 include:i.test -all\ni.test TXT v=spf1 include:d.test -all", NULL, SPF_PERMERROR, 2,
     0, "a loop: d.test > i.test > d.test"},
    {"+all", "d.test TXT v=spf1 +all", NULL, SPF_PASS, 0, 0, "everybody on earth"},
    {"all without qualifier, in an include", "d.test TXT v=spf1 include:i.test -all\ni.test TXT v=spf1 all", NULL,
     SPF_PASS, 1, 0, "record of i.test: everybody"},
    {"ptr", "d.test TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR m.d.test\nm.d.test A 192.0.2.9", NULL, SPF_PASS, 1,
     0, "ptr in"},
    {"three void look-ups", "d.test TXT v=spf1 a:x.test a:y.test mx:z.test ip4:192.0.2.9 -all", NULL, SPF_PERMERROR, 3,
     3, "3 look-ups find nothing"},
    {"voids behind the match count in the tree alone",
     "d.test TXT v=spf1 ip4:192.0.2.9 a:x.test a:y.test a:z.test -all", NULL, SPF_PASS, 3, 3,
     "3 look-ups find nothing"},
    {"ten look-ups",
     "d.test TXT v=spf1 include:c1.test include:c2.test include:c3.test include:c4.test include:c5.test "
     "ip4:192.0.2.9 -all\n" CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5),
     NULL, SPF_PASS, 10, 0, NULL},
    {"eleven",
     "d.test TXT v=spf1 include:c1.test include:c2.test include:c3.test include:c4.test include:c5.test a:a1.test "
     "ip4:192.0.2.9 -all\n" CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5),
     NULL, SPF_PERMERROR, 11, 0, "11 DNS look-ups"},
    {"a macro bomb ends",
     "d.test TXT v=spf1 include:x.%{d}\nx.d.test TXT v=spf1 include:x.%{d}\nx.x.d.test TXT v=spf1 "
     "include:x.%{d} include:d.test",
     NULL, SPF_PERMERROR, 4, 0, "no SPF record"},
    {"curly quotes", "d.test TXT v=spf1 -all\xe2\x80\x9c", NULL, SPF_PERMERROR, 0, 0,
     "curly quotation mark (U+201C) as character 12"},
    {"ip4= for ip4:", "d.test TXT v=spf1 ip4=192.0.2.9 -all", NULL, SPF_FAIL, 0, 0, "has no effect"},
};

static const struct finding *find_problem(const struct spf_report *report, const char *part)
{
    for (guint i = 0; i < report->problems->len; i++) {
        const struct finding *finding = report->problems->pdata[i];
        if (part == NULL ? finding->level > FINDING_NOTE : strstr(finding->text, part) != NULL)
            return finding;
    }
    return NULL;
}

static void test_check(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct zone *zone = zone_new(cases[i].zone);
        struct spf_report report;
        const struct spf_question question = {.domain = "d.test",
                                              .ip = cases[i].ip != NULL ? cases[i].ip : "192.0.2.9"};
        g_test_message("%s", cases[i].name);
        spf_check(&question, zone_lookup, zone, &report);
        g_assert_cmpstr(spf_result_name(report.result), ==, spf_result_name(cases[i].result));
        g_assert_cmpuint(report.lookups, ==, cases[i].lookups);
        g_assert_cmpuint(report.voids, ==, cases[i].voids);
        const struct finding *problem = find_problem(&report, cases[i].problem);
        if (cases[i].problem != NULL)
            g_assert_nonnull(problem);
        else if (problem != NULL)
            g_error("unexpected: %s", problem->text);
        spf_report_release(&report);
        zone_free(zone);
    }
}

static const struct {
    const char *record;
    const char *fault; /* part of it; NULL: the syntax is right */
} syntax_cases[] = {
    {"v=spf1", NULL},
    {"v=spf1 a mx -all", NULL},
    {"v=spf1 a:x.test//64 a/24//64 mx/0 ip6:2001:db8::/32 -all", NULL},
    {"v=spf1 unknown=x exp=e.test redirect=_spf.x.test", NULL},
    {"v=spf1 exists:%{i}._spf.%{d2r-} -all", NULL},
    {"v=spf1 exists:%{l1r-}.%{o}.x.test -all", NULL},
    {"v=spf2 -all", "does not begin"},
    {"v=spf1-all", "does not begin"},
    {"v=spf1 ipv4:192.0.2.1", "no mechanism"},
    {"v=spf1 ip4:192.0.2.256", "no IPv4"},
    {"v=spf1 ip4:2001:db8::1", "no IPv4"},
    {"v=spf1 ip4:192.0.2.1/33", "prefix"},
    {"v=spf1 ip4:192.0.2.1//64", "prefix"},
    {"v=spf1 ip6:192.0.2.1", "no IPv6"},
    {"v=spf1 include", "lacks"},
    {"v=spf1 include:", "no domain name"},
    {"v=spf1 all:x", "takes nothing"},
    {"v=spf1 include:x y.test", "no mechanism"},
    {"v=spf1 a:x..test", "no domain name"},
    {"v=spf1 exists:%{q}.test", "no domain name"},
    {"v=spf1 exists:%{d0}.test", "no domain name"},
    {"v=spf1 exists:%{d", "no domain name"},
    {"v=spf1 redirect=a.test redirect=b.test", "twice"},
    {"v=spf1 -", "no mechanism"},
    {"v=spf1 -alll", "no mechanism"},
    {"v=spf1 ,ip4:192.0.2.1", "no mechanism"},
};

static void test_syntax(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(syntax_cases); i++) {
        g_autofree char *fault = spf_syntax_fault(syntax_cases[i].record);
        g_test_message("%s: %s", syntax_cases[i].record, fault);
        if (syntax_cases[i].fault == NULL)
            g_assert_null(fault);
        else
            g_assert_true(fault != NULL && strstr(fault, syntax_cases[i].fault) != NULL);
    }
}

static void test_names(void)
{
    struct zone *zone =
        zone_new("d.test TXT v=spf1 include:i.test redirect=j.test\ni.test TXT v=spf1 include:k.test -all\n"
                 "j.test TXT v=spf1 -all\nk.test TXT v=spf1 -all");
    struct spf_report report;
    spf_check(&(struct spf_question){.domain = "d.test", .ip = "192.0.2.1"}, zone_lookup, zone, &report);
    g_autofree char *names = g_strjoinv(" ", (char **)report.names->pdata);
    g_assert_cmpstr(names, ==, "i.test k.test j.test");
    g_assert_cmpstr(report.tree->str, ==, "  1 include:i.test\n    2 include:k.test\n  3 redirect=j.test\n");
    g_assert_cmpstr(report.reason, ==, "-all");
    spf_report_release(&report);
    zone_free(zone);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spf/check", test_check);
    g_test_add_func("/spf/syntax", test_syntax);
    g_test_add_func("/spf/names", test_names);
    return g_test_run();
}
