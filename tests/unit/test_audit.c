/* test_audit.c - the audit trail: what comes into it, by whom, and that whoever changes it is found. */
#include "tests/unit/ledger_house.h"

#include "lib/error.h"
#include "policyd/audit.h"

#include <string.h>

#define ANNA 4711 /* a uid */

/* --- steps --- */

static struct bytes bytes_of(const GString *string)
{
    return (struct bytes){string->str, string->len};
}

/* What the server does at its start, and after a reload. */
static void start(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(ledger_batch_begin(fixture->ledger, &error));
    g_assert_true(ledger_audit_start(fixture->ledger, fixture->now, &error));
    g_assert_true(ledger_batch_commit(fixture->ledger, &error));
    g_assert_no_error(error);
}

/* Entries from the beginning, or with more conditions; the last answer counts. */
static void list(struct fixture *fixture, const char *conditions)
{
    ask(fixture, "request=audit-list\n%s", conditions);
    assert_status(fixture, "ok");
}

static const char *of(const struct fixture *fixture, size_t answer, const char *name)
{
    return attributes_text(&fixture->answers[answer], name);
}

/* The last entry of the trail. */
static void assert_last(struct fixture *fixture, const char *action, const char *subject, const char *detail)
{
    list(fixture, "");
    g_assert_cmpuint(fixture->count, >=, 2);
    size_t last = fixture->count - 2;
    g_assert_cmpstr(of(fixture, last, "action"), ==, action);
    g_assert_cmpstr(of(fixture, last, "subject"), ==, subject);
    if (detail != NULL && strstr(of(fixture, last, "detail"), detail) == NULL)
        g_error("\"%s\" does not hold \"%s\"", of(fixture, last, "detail"), detail);
    assert_value(fixture, "faults", "0");
}

static guint64 entries(struct fixture *fixture)
{
    list(fixture, "limit=2\n");
    return g_ascii_strtoull(value(fixture, "entries"), NULL, 10);
}

static void be_anna(struct fixture *fixture)
{
    ledger_session_free(fixture->ledger, fixture->session);
    fixture->session = ledger_session_new(fixture->ledger, 1, ANNA);
}

/* --- what comes into it --- */

static void test_campaign(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start(fixture);
    be_anna(fixture);
    import_one(fixture, "acme", "one", "anna@mail.example", "new");
    assert_last(fixture, "import", "1",
                "f.csv (SHA-256 00): 1 new, 0 known, 0 suppressed, 0 capped; consent: b, assured by me");
    g_assert_cmpstr(of(fixture, fixture->count - 2, "uid"), ==, "4711");
    g_assert_cmpstr(of(fixture, fixture->count - 2, "by"), ==, "me");
    g_assert_cmpstr(of(fixture, fixture->count - 2, "client"), ==, "acme");
    g_assert_cmpstr(of(fixture, fixture->count - 2, "campaign"), ==, "one");
    ask(fixture, "request=import-undo\nclient=acme\ncampaign=one\n");
    assert_last(fixture, "import-undo", "1", "f.csv: 1 rows");
    import_one(fixture, "acme", "one", "anna@mail.example", "new");
    approve(fixture, "acme", "one", HASH_A);
    list(fixture, "");
    g_assert_cmpstr(of(fixture, fixture->count - 3, "action"), ==, "proof");
    g_assert_cmpstr(of(fixture, fixture->count - 3, "subject"), ==, HASH_A);
    assert_last(fixture, "approve", HASH_A, "");
    ask(fixture, "request=campaign-approve\nclient=acme\ncampaign=one\nhash=%s\nby=Kim\ndespite=no zone\n", HASH_A);
    assert_last(fixture, "approve", HASH_A, "forced, despite DNS: no zone");
    g_assert_cmpstr(of(fixture, fixture->count - 2, "by"), ==, "Kim");
    ask(fixture, "request=campaign-show\nclient=acme\ncampaign=one\n");
    assert_value(fixture, "approved_by", "Kim (despite DNS: no zone)");
    assert_value(fixture, "despite", "no zone");
    open_wave(fixture, "acme", "one");
    assert_last(fixture, "wave-open", "1", "1 to be fed");
    guint64 count = entries(fixture);
    open_wave(fixture, "acme", "one");
    g_assert_cmpuint(entries(fixture), ==, count); /* it is the same opening */
    begin(fixture, "acme", "one");
    take_mail(fixture, 0, &mail);
    ask(fixture, "request=campaign-pause\nclient=acme\ncampaign=one\nbecause=bounces of x@y.example are many\n");
    assert_last(fixture, "pause", "", "bounces of (address) are many");
    ask(fixture, "request=campaign-pause\nclient=acme\ncampaign=one\n");
    g_assert_cmpuint(entries(fixture), ==, count + 1);
    ask(fixture, "request=campaign-cancel\nclient=acme\ncampaign=one\nwave=1\nbecause=rain\n");
    assert_last(fixture, "cancel", "1", "rain");
    ask(fixture, "request=campaign-cancel\nclient=acme\ncampaign=one\nwave=1\nbecause=rain\nafter=1\n");
    g_assert_cmpuint(entries(fixture), ==, count + 2); /* it goes on */
    ask(fixture, "request=campaign-resume\nclient=acme\ncampaign=one\n");
    assert_last(fixture, "resume", "", "");
    ask(fixture, "request=wave-open\nclient=acme\ncampaign=one\nwave=1\nhash=%s\ndespite=hours\n", HASH_A);
    assert_last(fixture, "wave-open", "1", "again, 0 to be fed, despite hours");
}

static void test_decide(struct fixture *fixture, gconstpointer data)
{
    struct mail mail;
    (void)data;
    start(fixture);
    start_one(fixture, "acme", "one", "anna@mail.example", &mail);
    ask_reserve(fixture, &mail, "Q1", "acme.example");
    event(fixture, "Q1", "uncertain");
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=free\nby=Erika\nbecause=she rang\n",
        mail.participant);
    assert_status(fixture, "ok");
    assert_last(fixture, "decide", mail.participant, "invitation: free, was uncertain, queue ID Q1: she rang");
    g_assert_cmpstr(of(fixture, fixture->count - 2, "by"), ==, "Erika");
    guint64 count = entries(fixture);
    ask(fixture, "request=decide\nclient=acme\ncampaign=one\nparticipant=%s\nto=free\nby=Erika\nbecause=again\n",
        mail.participant);
    assert_status(fixture, "refused");
    g_assert_cmpuint(entries(fixture), ==, count); /* what was not done is not told */
}

static void test_suppression(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    start(fixture);
    ask(fixture, "request=suppress-add\naddress=Anna@mail.example\nscope=acme\nreason=asked by anna@mail.example\n");
    list(fixture, "address=anna@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 2);
    g_assert_cmpstr(of(fixture, 0, "action"), ==, "suppress");
    g_assert_cmpstr(of(fixture, 0, "client"), ==, "acme");
    g_assert_cmpstr(of(fixture, 0, "detail"), ==, "asked by (address)");
    g_assert_cmpuint(strlen(of(fixture, 0, "subject")), ==, 2 * HASH_SIZE);
    guint64 count = entries(fixture);
    ask(fixture, "request=suppress-add\naddress=anna@mail.example\nscope=acme\nreason=again\n");
    ask(fixture, "request=suppress-remove\naddress=anna@mail.example\nscope=*\n");
    g_assert_cmpuint(entries(fixture), ==, count); /* neither changed anything */
    ask(fixture, "request=suppress-remove\naddress=anna@mail.example\nscope=acme\n");
    list(fixture, "address=anna@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 3);
    g_assert_cmpstr(of(fixture, 1, "action"), ==, "unsuppress");
    list(fixture, "address=bert@mail.example\n");
    g_assert_cmpuint(fixture->count, ==, 1);
    list(fixture, "client=other\nsince=1\n");
    g_assert_cmpstr(of(fixture, 0, "action"), ==, "settings");
}

static void test_keys(struct fixture *fixture, gconstpointer data)
{
    static const struct {
        const char *keys;
        const char *subject, *detail; /* of the last entry; NULL: there is no new one */
    } steps[] = {
        {"keys=1\nkey.1=s1 rsa 1795424514 0 0 0\n", "s1", "rsa: new, since 2026-11-23 "},
        {"keys=1\nkey.1=s1 rsa 1795424514 0 0 0\n", NULL, NULL},
        {"keys=1\nkey.1=s1 rsa 1795424514 1795424515 0 0\n", "s1", "rsa: published, since "},
        {"keys=1\nkey.1=s1 rsa 1795424514 1795424515 1795424516 1795424517\n", "s1", "rsa: retired, since "},
        {"keys=2\nkey.1=s1 rsa 1795424514 1795424515 1795424516 1795424517\nkey.2=s2 ed25519 1795424518 0 0 0\n", "s2",
         "ed25519: new, since "},
        {"keys=1\nkey.1=s2 ed25519 1795424518 0 0 0\n", "s1", "rsa: deleted"},
    };
    (void)data;
    start(fixture);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        guint64 before = entries(fixture);
        ask(fixture, "request=key-note\nclient=acme\n%s", steps[i].keys);
        assert_status(fixture, "ok");
        if (steps[i].subject != NULL)
            assert_last(fixture, "key", steps[i].subject, steps[i].detail);
        else
            g_assert_cmpuint(entries(fixture), ==, before);
    }
    guint64 before = entries(fixture);
    ask(fixture, "request=key-note\nclient=acme\nkeys=1\nkey.1=s1 rsa x 0 0 0\n");
    assert_status(fixture, "error");
    ask(fixture, "request=key-note\nclient=nobody\nkeys=0\n");
    assert_status(fixture, "error");
    g_assert_cmpuint(entries(fixture), ==, before);
}

static void test_settings(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    start(fixture);
    list(fixture, "limit=2\n");
    g_assert_cmpstr(of(fixture, 0, "action"), ==, "epoch");
    g_assert_cmpstr(of(fixture, 0, "detail"), ==, "the trail begins");
    guint64 count = entries(fixture);
    close_ledger(fixture);
    open_ledger(fixture);
    start(fixture);
    g_assert_cmpuint(entries(fixture), ==, count); /* nothing is new */
    close_ledger(fixture);
    write_client(fixture, "rolling", "period=rolling 7d");
    open_ledger(fixture);
    start(fixture);
    assert_last(fixture, "settings", "cap", "rolling 30d -> rolling 7d");
    g_assert_cmpuint(entries(fixture), ==, count + 1);
}

/* What is not written is not told, and the chain goes on behind what is. */
static void test_abort(struct fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    start(fixture);
    guint64 count = entries(fixture);
    g_assert_true(ledger_batch_begin(fixture->ledger, &error));
    write_client(fixture, "acme", "period=rolling 7d");
    g_autoptr(client_set_auto) clients = client_set_load(fixture->clients, &error);
    ledger_set_clients(fixture->ledger, clients);
    g_assert_true(ledger_audit_start(fixture->ledger, fixture->now, &error));
    g_assert_true(ledger_batch_abort(fixture->ledger, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(entries(fixture), ==, count);
    ask(fixture, "request=suppress-add\naddress=anna@mail.example\nscope=*\nreason=r\n");
    list(fixture, "address=anna@mail.example\n");
    assert_value(fixture, "faults", "0");
    g_assert_cmpuint(entries(fixture), ==, count + 1);
}

static void test_pages(struct fixture *fixture, gconstpointer data)
{
    guint64 after = 0, seen = 0;
    (void)data;
    start(fixture);
    do {
        g_autofree char *page = g_strdup_printf("limit=3\nafter=%" G_GUINT64_FORMAT "\n", after);
        list(fixture, page);
        assert_value(fixture, "faults", "0");
        g_assert_cmpuint(fixture->count, <=, 4);
        for (size_t i = 0; i + 1 < fixture->count; i++)
            g_assert_cmpuint(g_ascii_strtoull(of(fixture, i, "number"), NULL, 10), ==, ++seen);
        after = g_ascii_strtoull(value(fixture, "last"), NULL, 10);
    } while (after != 0);
    g_assert_cmpuint(seen, ==, entries(fixture));
    ask(fixture, "request=audit-list\nlimit=1\n");
    assert_status(fixture, "error");
}

/* --- what is done to it --- */

/* An entry's octets as they are in the store; the caller frees. */
static GString *get_row(struct fixture *fixture, guint64 number)
{
    struct key key;
    struct bytes value;
    key_audit(&key, number);
    g_assert_cmpint(store_get(ledger_store(fixture->ledger), STORE_AUDIT, key_bytes(&key), &value, NULL), ==,
                    STORE_DONE);
    return g_string_new_len(value.data, (gssize)value.size);
}

static void put_row(struct fixture *fixture, guint64 number, const GString *row)
{
    struct key key;
    struct store *store = ledger_store(fixture->ledger);
    key_audit(&key, number);
    g_assert_true(store_begin(store, NULL));
    if (row != NULL)
        g_assert_cmpint(store_put(store, STORE_AUDIT, key_bytes(&key), bytes_of(row), NULL), ==, STORE_DONE);
    else
        g_assert_cmpint(store_remove(store, STORE_AUDIT, key_bytes(&key), NULL), ==, STORE_DONE);
    g_assert_true(store_commit(store, NULL));
}

static void change_octet(struct fixture *fixture)
{
    g_autoptr(GString) row = get_row(fixture, 3);
    char *at = memmem(row->str, row->len, "settings", 8);
    g_assert_nonnull(at);
    *at = 'S';
    put_row(fixture, 3, row);
}

static void change_time(struct fixture *fixture)
{
    g_autoptr(GString) row = get_row(fixture, 3);
    row->str[13]--; /* version, number, time */
    put_row(fixture, 3, row);
}

/* As somebody would who knows the form, and not the secret. */
static void forge(struct fixture *fixture)
{
    static const guint8 other[SECRET_SIZE] = {99};
    g_autoptr(secret_auto) secret = secret_new(other);
    g_autoptr(GString) row = get_row(fixture, 3), before = get_row(fixture, 2), forged = g_string_new(NULL);
    struct audit_record record, last;
    struct audit_head head = {.number = 2};
    g_assert_true(audit_read(bytes_of(before), &last));
    head.mac = last.mac;
    g_assert_true(audit_read(bytes_of(row), &record));
    record.detail = "nothing happened";
    audit_seal(&record, &head, secret, forged);
    put_row(fixture, 3, forged);
}

static void damage(struct fixture *fixture)
{
    g_autoptr(GString) row = get_row(fixture, 3);
    g_string_truncate(row, row->len - 1);
    put_row(fixture, 3, row);
}

static void remove_one(struct fixture *fixture)
{
    put_row(fixture, 3, NULL);
}

static void remove_two(struct fixture *fixture)
{
    put_row(fixture, 3, NULL);
    put_row(fixture, 4, NULL);
}

static void remove_first(struct fixture *fixture)
{
    put_row(fixture, 1, NULL);
}

static void swap(struct fixture *fixture)
{
    g_autoptr(GString) a = get_row(fixture, 3), b = get_row(fixture, 4);
    put_row(fixture, 3, b);
    put_row(fixture, 4, a);
}

static void repeat(struct fixture *fixture)
{
    g_autoptr(GString) row = get_row(fixture, 2);
    put_row(fixture, 3, row);
}

/* One that was written as number 3, with the secret, in another life of the ledger. */
static void put_other_life(struct fixture *fixture)
{
    static const guint8 ours[SECRET_SIZE] = {7};
    g_autoptr(secret_auto) secret = secret_new(ours);
    g_autoptr(GString) other = g_string_new(NULL);
    struct audit_record record = {
        .user = "", .by = "", .action = "pause", .client = "", .campaign = "", .subject = "", .detail = ""};
    struct audit_head head = {.number = 2};
    audit_seal(&record, &head, secret, other);
    put_row(fixture, 3, other);
}

static void cut_end(struct fixture *fixture)
{
    put_row(fixture, entries(fixture), NULL);
}

static void put_behind(struct fixture *fixture)
{
    guint64 last = entries(fixture);
    g_autoptr(GString) row = get_row(fixture, last);
    put_row(fixture, last + 1, row);
}

struct tampering {
    const char *name;
    void (*act)(struct fixture *fixture);
    const char *number; /* of the first entry that is named; NULL: the last of all; "+": behind it */
    const char *fault;
    const char *faults; /* how many */
};

static const struct tampering tamperings[] = {
    {"octet", change_octet, "3", "it was changed", "1"},
    {"time", change_time, "3", "it was changed", "1"},
    {"forged", forge, "3", "it was changed", "1"},
    {"damaged", damage, "3", "it can't be read", "1"},
    {"removed", remove_one, "3", "it is missing", "1"},
    {"two-removed", remove_two, "3", "entries 3 to 4 are missing", "1"},
    {"first-removed", remove_first, "1", "it is missing", "1"},
    {"swapped", swap, "3", "it was written as entry 4", "2"},
    {"repeated", repeat, "3", "it was written as entry 2", "1"},
    {"other-life", put_other_life, "3", "it was not written behind the entry 2", "2"},
    {"end-cut", cut_end, NULL, "it is missing", "1"},
    {"put-behind", put_behind, "+", "it was written as entry", "1"},
};

static void assert_found(struct fixture *fixture, const struct tampering *tampering, const char *number,
                         const char *page)
{
    guint64 after = 0, faults = 0;
    gboolean named = FALSE;
    do {
        g_autofree char *conditions = g_strdup_printf("%safter=%" G_GUINT64_FORMAT "\n", page, after);
        list(fixture, conditions);
        faults += g_ascii_strtoull(value(fixture, "faults"), NULL, 10);
        after = g_ascii_strtoull(value(fixture, "last"), NULL, 10);
        for (size_t i = 0; i + 1 < fixture->count; i++)
            if (*of(fixture, i, "fault") != '\0' && !named) {
                named = TRUE;
                g_assert_cmpstr(of(fixture, i, "number"), ==, number);
                if (strstr(of(fixture, i, "fault"), tampering->fault) == NULL)
                    g_error("%s: the fault is \"%s\"", tampering->name, of(fixture, i, "fault"));
            }
    } while (after != 0);
    g_assert_true(named);
    g_assert_cmpuint(faults, ==, g_ascii_strtoull(tampering->faults, NULL, 10));
}

static void test_tampering(struct fixture *fixture, gconstpointer data)
{
    const struct tampering *tampering = data;
    start(fixture);
    list(fixture, "");
    assert_value(fixture, "faults", "0");
    guint64 last = entries(fixture);
    tampering->act(fixture);
    g_autofree char *number = tampering->number == NULL         ? g_strdup_printf("%" G_GUINT64_FORMAT, last)
                              : strcmp(tampering->number, "+") == 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, last + 1)
                                                                    : g_strdup(tampering->number);
    assert_found(fixture, tampering, number, "");
    assert_found(fixture, tampering, number, "limit=2\n");         /* over the edge of a page, too */
    assert_found(fixture, tampering, number, "client=nobody\n");   /* whatever is asked for */
}

/* The end is cut off, and an older head put back, or one that was made up. The next start says so for good. */
static void test_end(struct fixture *fixture, gconstpointer data)
{
    const char *how = data;
    struct key key;
    struct bytes value_now;
    start(fixture);
    struct store *store = ledger_store(fixture->ledger);
    key_meta(&key, META_AUDIT);
    g_assert_cmpint(store_get(store, STORE_META, key_bytes(&key), &value_now, NULL), ==, STORE_DONE);
    g_autoptr(GString) head = g_string_new_len(value_now.data, (gssize)value_now.size);
    guint64 count = entries(fixture);
    ask(fixture, "request=suppress-add\naddress=anna@mail.example\nscope=*\nreason=r\n");
    put_row(fixture, count + 1, NULL);
    g_assert_true(store_begin(store, NULL));
    if (strcmp(how, "forged") == 0)
        head->str[9]--; /* the number */
    if (strcmp(how, "none") == 0)
        store_remove(store, STORE_META, key_bytes(&key), NULL);
    else
        store_put(store, STORE_META, key_bytes(&key), bytes_of(head), NULL);
    g_assert_true(store_commit(store, NULL));
    close_ledger(fixture);
    open_ledger(fixture);
    if (strcmp(how, "older") == 0)
        ledger_set_audit_witnessed(fixture->ledger, count + 1);
    start(fixture);
    for (int again = 0; again < 2; again++) {
        list(fixture, "");
        assert_value(fixture, "faults", "1");
        g_assert_cmpstr(of(fixture, fixture->count - 2, "action"), ==, "broken");
        g_assert_true(
            g_str_has_prefix(of(fixture, fixture->count - 2, "fault"), "before it, somebody has changed the trail"));
        close_ledger(fixture);
        open_ledger(fixture);
        start(fixture);
    }
    g_assert_cmpuint(entries(fixture), ==, count + 1);
}

/* Addresses are masked, whatever stands around them; what is said about the @ itself is not. */
static void test_mask(void)
{
    static const struct {
        const char *text, *masked;
    } cases[] = {
        {"asked by <kim@frei.example>, twice", "asked by (address) twice"},
        {"kim@frei.example", "(address)"},
        {"k @frei", "k (address)"},
        {"ö@", "(address)"},
        {"character 18, ',', is not allowed after the @", "character 18, ',', is not allowed after the @"},
        {"Vor dem @ steht nichts.", "Vor dem @ steht nichts."},
        {"'@', (@)", "'@', (@)"},
        {"", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *masked = audit_mask(cases[i].text);
        g_assert_cmpstr(masked, ==, cases[i].masked);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit/mask", test_mask);
#define ADD(name, function, data) g_test_add(name, struct fixture, data, set_up, function, tear_down)
    ADD("/audit/campaign", test_campaign, NULL);
    ADD("/audit/decide", test_decide, NULL);
    ADD("/audit/suppression", test_suppression, NULL);
    ADD("/audit/keys", test_keys, NULL);
    ADD("/audit/settings", test_settings, NULL);
    ADD("/audit/abort", test_abort, NULL);
    ADD("/audit/pages", test_pages, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tamperings); i++) {
        g_autofree char *name = g_strconcat("/audit/tampering/", tamperings[i].name, NULL);
        ADD(name, test_tampering, &tamperings[i]);
    }
    ADD("/audit/end/forged", test_end, "forged");
    ADD("/audit/end/none", test_end, "none");
    ADD("/audit/end/older", test_end, "older");
    return g_test_run();
}
