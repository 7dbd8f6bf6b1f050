/*
 * test_suppress_list.c - suppress-list-begin, -rows, -commit in the ledger: what each row is told, all or nothing, what
 * the audit trail keeps.
 */
#include "tests/unit/ledger_house.h"

#include <string.h>

static void begin_list(struct fixture *fixture, const char *scope)
{
    ask(fixture,
        "request=suppress-list-begin\nscope=%s\nreason=asked by no@mail.example "
        "(robinson.xlsx)\nfile=robinson.xlsx\nfile_sha256=" HASH_A "\n",
        scope);
    assert_status(fixture, "ok");
}

static void rows(struct fixture *fixture, const char *lines, const char *results)
{
    ask(fixture, "request=suppress-list-rows\n%s", lines);
    assert_status(fixture, "ok");
    assert_value(fixture, "results", results);
}

static void commit(struct fixture *fixture, int count, const char *added, const char *known)
{
    ask(fixture, "request=suppress-list-commit\nrows=%d\n", count);
    assert_status(fixture, "ok");
    assert_value(fixture, "new", added);
    assert_value(fixture, "known", known);
}

/* How many scopes the address is suppressed for; the first one's reason. */
static void assert_shown(struct fixture *fixture, const char *address, guint count, const char *reason)
{
    ask(fixture, "request=suppress-show\naddress=%s\n", address);
    g_assert_cmpuint(fixture->count, ==, count + 1);
    if (count > 0)
        g_assert_cmpstr(attributes_text(&fixture->answers[0], "reason"), ==, reason);
}

static void test_rows(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    ask(fixture, "request=suppress-add\naddress=bea@mail.example\nscope=acme\nreason=first\n");
    begin_list(fixture, "acme");
    rows(fixture, "address.1=anna@mail.example\naddress.2=Bea@mail.example\naddress.3=ANNA@mail.example\n", "nkd");
    rows(fixture, "address.1=cleo@mail.example\naddress.2=bea@mail.example\n", "nd");
    rows(fixture, "", "");
    assert_shown(fixture, "anna@mail.example", 0, NULL); /* nothing before the commit */
    commit(fixture, 3, "2", "1");
    assert_shown(fixture, "anna@mail.example", 1, "asked by (address) (robinson.xlsx)");
    assert_shown(fixture, "bea@mail.example", 1, "first"); /* never weakened, never rewritten */
    import_one(fixture, "acme", "one", "Anna@mail.example", "suppressed");
    import_one(fixture, "other", "two", "anna@mail.example", "new");
    begin_list(fixture, "*"); /* another scope is another entry */
    rows(fixture, "address.1=anna@mail.example\naddress.2=bea@mail.example\n", "nn");
    commit(fixture, 2, "2", "0");
    assert_shown(fixture, "anna@mail.example", 2, "asked by (address) (robinson.xlsx)");
    begin_list(fixture, "*");
    rows(fixture, "address.1=anna@mail.example\n", "k");
    commit(fixture, 1, "0", "1");
}

/* One entry for a list, whole with the list or not there. */
static void test_audit(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    begin_list(fixture, "acme");
    rows(fixture, "address.1=anna@mail.example\n", "n");
    ask(fixture, "request=audit-list\nclient=acme\n");
    guint before = (guint)fixture->count;
    commit(fixture, 1, "1", "0");
    ask(fixture, "request=audit-list\nclient=acme\n");
    g_assert_cmpuint(fixture->count, ==, before + 1);
    const struct attributes *entry = &fixture->answers[before - 1];
    g_assert_cmpstr(attributes_text(entry, "action"), ==, "suppress-list");
    g_assert_cmpstr(attributes_text(entry, "detail"), ==,
                    "robinson.xlsx (SHA-256 " HASH_A "): 1 new, 0 known; asked by (address) (robinson.xlsx)");
}

/* What is wrong stores nothing, and a list that another connection, or nobody, has begun is none. */
static void test_refused(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    ask(fixture, "request=suppress-list-rows\naddress.1=anna@mail.example\n");
    assert_status(fixture, "error");
    ask(fixture, "request=suppress-list-commit\nrows=1\n");
    assert_status(fixture, "error");
    ask(fixture, "request=suppress-list-begin\nscope=nobody\nreason=r\nfile=f\nfile_sha256=s\n");
    assert_status(fixture, "error");
    begin_list(fixture, "acme");
    ask(fixture, "request=suppress-list-rows\naddress.1=no address\n");
    assert_status(fixture, "error");
    rows(fixture, "address.1=anna@mail.example\n", "n");
    ask(fixture, "request=suppress-list-commit\nrows=2\n");
    assert_status(fixture, "error");
    struct session *other = ledger_session_new(fixture->ledger, 2, 0);
    ask_other(fixture, other, "request=suppress-list-commit\nrows=1\n");
    assert_status(fixture, "error");
    ledger_session_free(fixture->ledger, other);
    assert_shown(fixture, "anna@mail.example", 0, NULL);
    begin_list(fixture, "acme"); /* anew: what was gathered is forgotten */
    rows(fixture, "address.1=bea@mail.example\n", "n");
    commit(fixture, 1, "1", "0");
    assert_shown(fixture, "anna@mail.example", 0, NULL);
}

static void test_many(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GString) lines = g_string_new(NULL);
    for (int i = 1; i <= 200; i++)
        g_string_append_printf(lines, "address.%d=p%d@mail.example\n", i, i);
    begin_list(fixture, "acme");
    ask(fixture, "request=suppress-list-rows\n%saddress.201=p201@mail.example\n", lines->str);
    assert_status(fixture, "error");
    begin_list(fixture, "acme");
    ask(fixture, "request=suppress-list-rows\n%s", lines->str);
    g_assert_cmpuint(strlen(value(fixture, "results")), ==, 200);
    commit(fixture, 200, "200", "0");
    close_ledger(fixture);
    open_ledger(fixture);
    assert_shown(fixture, "p200@mail.example", 1, "asked by (address) (robinson.xlsx)");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/suppress-list/rows", struct fixture, NULL, set_up, test_rows, tear_down);
    g_test_add("/suppress-list/audit", struct fixture, NULL, set_up, test_audit, tear_down);
    g_test_add("/suppress-list/refused", struct fixture, NULL, set_up, test_refused, tear_down);
    g_test_add("/suppress-list/many", struct fixture, NULL, set_up, test_many, tear_down);
    return g_test_run();
}
