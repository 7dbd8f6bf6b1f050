/* spf.c - check_host() of SPF, and an audit of the whole tree; see spf.h. */
#include "importer/spf.h"

#include "importer/spf_macro.h"
#include "importer/tag_list.h"

#include <string.h>

#define TOPIC "SPF"
#define VERSION "v=spf1"

enum kind { ALL, INCLUDE, A, MX, PTR, IP4, IP6, EXISTS, REDIRECT, EXP, OTHER_MODIFIER };

static const struct {
    const char *name;
    enum kind kind;
    gboolean needs_domain, takes_domain, takes_prefix;
} kinds[] = {
    {"all", ALL, FALSE, FALSE, FALSE}, {"include", INCLUDE, TRUE, TRUE, FALSE}, {"a", A, FALSE, TRUE, TRUE},
    {"mx", MX, FALSE, TRUE, TRUE},     {"ptr", PTR, FALSE, TRUE, FALSE},        {"ip4", IP4, TRUE, TRUE, TRUE},
    {"ip6", IP6, TRUE, TRUE, TRUE},    {"exists", EXISTS, TRUE, TRUE, FALSE},
};

/* One mechanism or modifier. */
struct term {
    enum kind kind;
    enum spf_result result; /* of its qualifier */
    char *text;             /* as it stands in the record */
    char *domain;           /* domain-spec, or the address of ip4 and ip6; NULL: none */
    guint prefix4, prefix6;
};

struct walk {
    const struct spf_question *question;
    dns_lookup lookup;
    void *cookie;
    struct spf_report *report;
    GInetAddress *ip;
    const char *sender, *helo;
    GPtrArray *stack;               /* domains whose records are being read */
    gboolean decided;               /* only the audit goes on */
    guint path_lookups, path_voids; /* until the decision */
    gboolean stopped;               /* SPF_WALK_MAX */
};

const char *spf_result_name(enum spf_result result)
{
    static const char *const names[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
    return names[result];
}

gboolean spf_is_record(const char *text, gsize size)
{
    gsize length = strlen(VERSION);
    return size >= length && g_ascii_strncasecmp(text, VERSION, length) == 0 && (size == length || text[length] == ' ');
}

/* --- syntax --- */

static void term_free(void *data)
{
    struct term *term = data;
    g_free(term->text);
    g_free(term->domain);
    g_free(term);
}

static gboolean take_number(const char *text, guint limit, guint *number_r)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 0, limit, &number, NULL))
        return FALSE;
    *number_r = (guint)number;
    return TRUE;
}

/* Takes "/24", "//64" or "/24//64" off the end of rest. */
static gboolean take_prefixes(struct term *term, char *rest)
{
    char *slash = strchr(rest, '/'), *second = strstr(rest, "//");
    if (term->kind == IP6) {
        if (slash != NULL)
            *slash = '\0';
        return slash == NULL || take_number(slash + 1, 128, &term->prefix6);
    }
    if (second != NULL) {
        if (term->kind == IP4 || !take_number(second + 2, 128, &term->prefix6))
            return FALSE;
        *second = '\0';
        slash = strchr(rest, '/');
    }
    if (slash != NULL) {
        *slash = '\0';
        return take_number(slash + 1, 32, &term->prefix4);
    }
    return TRUE;
}

static gboolean is_address(const char *text, GSocketFamily family)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);
    return address != NULL && g_inet_address_get_family(address) == family;
}

/* A domain-spec: macros in order, no blanks, and an end that is a name or a macro. */
static gboolean domain_spec_valid(const char *spec)
{
    g_autoptr(GInetAddress) ip = g_inet_address_new_from_string("192.0.2.1");
    const struct spf_macro macro = {"a@example.org", "example.org", "example.org", ip};
    g_autofree char *expanded = spf_macro_expand(&macro, spec);
    return expanded != NULL && *expanded != '\0' && dns_name_valid(expanded);
}

static char *wrong(const char *text, const char *why)
{
    return g_strdup_printf("\"%.60s\": %s", text, why);
}

/* Reads what follows a mechanism's name: ":domain" and prefixes. */
static char *read_mechanism(struct term *term, size_t row, const char *rest)
{
    g_autofree char *copy = g_strdup(rest);
    if (kinds[row].takes_prefix && !take_prefixes(term, copy))
        return wrong(term->text, "its prefix length (after /) is wrong");
    if (*copy == ':') {
        if (!kinds[row].takes_domain)
            return wrong(term->text, "takes nothing after it");
        term->domain = g_strdup(copy + 1);
    } else if (*copy != '\0') {
        return wrong(term->text, "is no mechanism of SPF");
    }
    if (term->domain == NULL)
        return kinds[row].needs_domain ? wrong(term->text, "lacks what must follow after a colon") : NULL;
    if (term->kind == IP4 || term->kind == IP6)
        return is_address(term->domain, term->kind == IP4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6)
                   ? NULL
                   : wrong(term->text, term->kind == IP4 ? "is no IPv4 address" : "is no IPv6 address");
    return domain_spec_valid(term->domain) ? NULL : wrong(term->text, "is no domain name");
}

static char *read_modifier(struct term *term, const char *name, const char *value)
{
    term->kind = g_ascii_strcasecmp(name, "redirect") == 0 ? REDIRECT
                 : g_ascii_strcasecmp(name, "exp") == 0    ? EXP
                                                           : OTHER_MODIFIER;
    if (term->kind == OTHER_MODIFIER)
        return NULL;
    term->domain = g_strdup(value);
    return domain_spec_valid(value) ? NULL : wrong(term->text, "is no domain name");
}

/* Reads one term; NULL or the fault. */
static char *read_term(const char *text, struct term *term)
{
    static const char qualifiers[] = "+-~?";
    static const enum spf_result results[] = {SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL};
    term->text = g_strdup(text);
    term->prefix4 = 32;
    term->prefix6 = 128;
    size_t length = 0;
    while (g_ascii_isalnum(text[length]) || (length > 0 && text[length] != '\0' && strchr("-_.", text[length]) != NULL))
        length++;
    if (length > 0 && text[length] == '=') {
        g_autofree char *name = g_strndup(text, length);
        return read_modifier(term, name, text + length + 1);
    }
    const char *qualifier = strchr(qualifiers, *text);
    term->result = qualifier != NULL ? results[qualifier - qualifiers] : SPF_PASS;
    text += qualifier != NULL ? 1 : 0;
    length = strcspn(text, ":/");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strlen(kinds[i].name) == length && g_ascii_strncasecmp(text, kinds[i].name, length) == 0) {
            term->kind = kinds[i].kind;
            return read_mechanism(term, i, text + length);
        }
    return wrong(term->text, "is no mechanism of SPF");
}

/* The record's terms; NULL and *fault_r. */
static GPtrArray *parse_record(const char *record, char **fault_r)
{
    g_autoptr(GPtrArray) terms = g_ptr_array_new_with_free_func(term_free);
    g_auto(GStrv) words = g_strsplit(record + strlen(VERSION), " ", -1);
    guint redirects = 0, explanations = 0;
    *fault_r = NULL;
    for (char **word = words; *word != NULL && *fault_r == NULL; word++) {
        if (**word == '\0')
            continue;
        struct term *term = g_new0(struct term, 1);
        g_ptr_array_add(terms, term);
        *fault_r = read_term(*word, term);
        redirects += term->kind == REDIRECT ? 1u : 0u;
        explanations += term->kind == EXP ? 1u : 0u;
        if (*fault_r == NULL && terms->len > SPF_TERMS_MAX)
            *fault_r = g_strdup_printf("it has more than %d terms", SPF_TERMS_MAX);
    }
    if (*fault_r == NULL && (redirects > 1 || explanations > 1))
        *fault_r = g_strdup(redirects > 1 ? "redirect= is there twice" : "exp= is there twice");
    return *fault_r == NULL ? g_steal_pointer(&terms) : NULL;
}

char *spf_syntax_fault(const char *record)
{
    char *fault;
    if (!spf_is_record(record, strlen(record)))
        return g_strdup("it does not begin with v=spf1 and a blank");
    GPtrArray *terms = parse_record(record, &fault);
    if (terms != NULL)
        g_ptr_array_unref(terms);
    return fault;
}

/* --- the walk --- */

#define PROBLEM(walk, level, ...)                                                                                      \
    findings_add((walk)->report->problems, level, TOPIC, (walk)->question->domain, (walk)->report->record, NULL,       \
                 __VA_ARGS__)

/* Counts a term that asks DNS, and draws it. FALSE: enough of them. */
static gboolean count_lookup(struct walk *walk, const char *term)
{
    if (walk->report->lookups >= SPF_WALK_MAX) {
        walk->stopped = TRUE;
        return FALSE;
    }
    walk->report->lookups++;
    walk->path_lookups += walk->decided ? 0u : 1u;
    g_string_append_printf(walk->report->tree, "%*s%u %s\n", (int)walk->stack->len * 2, "", walk->report->lookups,
                           term);
    return TRUE;
}

static const struct dns_answer *ask(struct walk *walk, const char *name, enum dns_type type, gboolean counts_as_void)
{
    const struct dns_answer *answer = walk->lookup(walk->cookie, name, type);
    if (counts_as_void && (answer->status == DNS_NO_NAME || answer->status == DNS_NO_DATA)) {
        walk->report->voids++;
        walk->path_voids += walk->decided ? 0u : 1u;
    }
    return answer;
}

static gboolean failed(const struct dns_answer *answer)
{
    return answer->status == DNS_FAILED || answer->status == DNS_SILENT || answer->status == DNS_BROKEN;
}

static gboolean within(GInetAddress *ip, const char *network, guint prefix)
{
    g_autoptr(GInetAddress) base = g_inet_address_new_from_string(network);
    if (base == NULL || g_inet_address_get_family(base) != g_inet_address_get_family(ip))
        return FALSE;
    const guint8 *a = g_inet_address_to_bytes(ip), *b = g_inet_address_to_bytes(base);
    for (guint bit = 0; bit < prefix; bit += 8) {
        guint8 mask = (guint8)(prefix - bit >= 8 ? 0xFF : 0xFF << (8 - (prefix - bit)));
        if ((a[bit / 8] & mask) != (b[bit / 8] & mask))
            return FALSE;
    }
    return TRUE;
}

static gboolean is_v4(const struct walk *walk)
{
    return g_inet_address_get_family(walk->ip) == G_SOCKET_FAMILY_IPV4;
}

enum match { NO_MATCH, MATCH, MATCH_TEMPERROR, MATCH_PERMERROR };

/* Does an address of the host match? */
static enum match match_host(struct walk *walk, const struct term *term, const char *host, gboolean counts_as_void)
{
    const struct dns_answer *answer = ask(walk, host, is_v4(walk) ? DNS_A : DNS_AAAA, counts_as_void);
    for (guint i = 0; i < answer->count; i++)
        if (within(walk->ip, answer->records[i].text, is_v4(walk) ? term->prefix4 : term->prefix6))
            return MATCH;
    return failed(answer) ? MATCH_TEMPERROR : NO_MATCH;
}

static enum match match_mx(struct walk *walk, const struct term *term, const char *domain)
{
    const struct dns_answer *answer = ask(walk, domain, DNS_MX, TRUE);
    if (answer->count > SPF_NAMES_MAX) {
        PROBLEM(walk, FINDING_ERROR, "%s: %s has %u MX records; more than %d are a permanent error (RFC 7208 4.6.4)",
                term->text, domain, answer->count, SPF_NAMES_MAX);
        return MATCH_PERMERROR;
    }
    enum match match = failed(answer) ? MATCH_TEMPERROR : NO_MATCH;
    for (guint i = 0; i < answer->count && match == NO_MATCH; i++)
        if (strcmp(answer->records[i].text, ".") != 0)
            match = match_host(walk, term, answer->records[i].text, FALSE);
    return match;
}

static gboolean is_within_domain(const char *name, const char *domain)
{
    size_t a = strlen(name), b = strlen(domain);
    return a >= b && g_ascii_strcasecmp(name + a - b, domain) == 0 && (a == b || name[a - b - 1] == '.');
}

static enum match match_ptr(struct walk *walk, const struct term *term, const char *domain)
{
    g_autofree char *reverse = spf_reverse_name(walk->ip);
    const struct dns_answer *answer = ask(walk, reverse, DNS_PTR, TRUE);
    struct term whole = *term;
    whole.prefix4 = 32;
    whole.prefix6 = 128;
    for (guint i = 0; i < MIN(answer->count, SPF_NAMES_MAX); i++)
        if (is_within_domain(answer->records[i].text, domain) &&
            match_host(walk, &whole, answer->records[i].text, FALSE) == MATCH)
            return MATCH;
    return NO_MATCH;
}

static enum spf_result check_domain(struct walk *walk, const char *domain);

/* RFC 7208 5.2's table. */
static enum match match_include(struct walk *walk, const struct term *term, const char *domain)
{
    gboolean decided = walk->decided;
    g_ptr_array_add(walk->report->names, g_strdup(domain));
    enum spf_result result = check_domain(walk, domain);
    walk->decided = decided;
    switch (result) {
    case SPF_PASS:
        return MATCH;
    case SPF_TEMPERROR:
        return MATCH_TEMPERROR;
    case SPF_NONE:
        PROBLEM(walk, FINDING_ERROR, "%s: there is no SPF record at %s", term->text, domain);
        return MATCH_PERMERROR;
    case SPF_PERMERROR:
        return MATCH_PERMERROR;
    case SPF_FAIL:
    case SPF_SOFTFAIL:
    case SPF_NEUTRAL:
        break;
    }
    return NO_MATCH;
}

/* The term's domain with macros expanded; the current one where it has none. */
static char *target(const struct walk *walk, const struct term *term, const char *current)
{
    const struct spf_macro macro = {walk->sender, current, walk->helo, walk->ip};
    return term->domain != NULL ? spf_macro_expand(&macro, term->domain) : g_strdup(current);
}

static enum match match_term(struct walk *walk, const struct term *term, const char *current)
{
    switch (term->kind) {
    case ALL:
        return MATCH;
    case IP4:
        return within(walk->ip, term->domain, term->prefix4) ? MATCH : NO_MATCH;
    case IP6:
        return within(walk->ip, term->domain, term->prefix6) ? MATCH : NO_MATCH;
    case REDIRECT:
    case EXP:
    case OTHER_MODIFIER:
        return NO_MATCH;
    default:
        break;
    }
    g_autofree char *domain = target(walk, term, current);
    if (domain == NULL || !count_lookup(walk, term->text))
        return MATCH_PERMERROR;
    switch (term->kind) {
    case INCLUDE:
        return match_include(walk, term, domain);
    case A:
        return match_host(walk, term, domain, TRUE);
    case MX:
        return match_mx(walk, term, domain);
    case PTR:
        PROBLEM(walk, FINDING_WARNING, "ptr in the record of %s: slow, unreliable, and not to be used (RFC 7208 5.5)",
                current);
        return match_ptr(walk, term, domain);
    default:
        return ask(walk, domain, DNS_A, TRUE)->status == DNS_FOUND ? MATCH : NO_MATCH;
    }
}

/* What a match means now. */
static enum spf_result conclude(struct walk *walk, const struct term *term, enum match match)
{
    if (!walk->decided) {
        g_free(walk->report->reason);
        walk->report->reason = g_strdup(term->text);
    }
    walk->decided = TRUE;
    if (match == MATCH && (walk->path_lookups > SPF_LOOKUPS_MAX || walk->path_voids > SPF_VOIDS_MAX))
        return SPF_PERMERROR;
    return match == MATCH ? term->result : match == MATCH_TEMPERROR ? SPF_TEMPERROR : SPF_PERMERROR;
}

static const struct term *find_term(const GPtrArray *terms, enum kind kind)
{
    for (guint i = 0; i < terms->len; i++)
        if (((const struct term *)terms->pdata[i])->kind == kind)
            return terms->pdata[i];
    return NULL;
}

static void audit_record(struct walk *walk, const GPtrArray *terms, const char *domain)
{
    static const char *const mechanisms[] = {"ip4=", "ip6=", "include=", "a=", "mx=", "all=", "exists="};
    const struct term *all = find_term(terms, ALL);
    for (guint i = 0; i < terms->len; i++) {
        const struct term *term = terms->pdata[i];
        for (size_t m = 0; term->kind == OTHER_MODIFIER && m < G_N_ELEMENTS(mechanisms); m++)
            if (g_ascii_strncasecmp(term->text, mechanisms[m], strlen(mechanisms[m])) == 0)
                PROBLEM(walk, FINDING_ERROR, "\"%s\" has no effect: a mechanism has a colon, not =", term->text);
    }
    if (all != NULL && all->result == SPF_PASS) {
        walk->report->passes_all = TRUE;
        PROBLEM(walk, FINDING_ERROR, "%s in the record of %s: everybody on earth passes; publish -all or ~all",
                all->text, domain);
    }
    if (walk->stack->len == 1)
        walk->report->open_end =
            (all == NULL && find_term(terms, REDIRECT) == NULL) || (all != NULL && all->result == SPF_NEUTRAL);
}

/* Matches one term after the other; goes on behind the one that decided, for the audit alone. */
static enum spf_result walk_terms(struct walk *walk, const GPtrArray *terms, const char *domain)
{
    enum spf_result result = SPF_NEUTRAL;
    gboolean matched = FALSE;
    for (guint i = 0; i < terms->len && !walk->stopped; i++) {
        const struct term *term = terms->pdata[i];
        enum match match = match_term(walk, term, domain);
        if (match != NO_MATCH && !matched) {
            result = conclude(walk, term, match);
            matched = TRUE;
        }
        if (term->kind == ALL)
            break;
    }
    const struct term *redirect = find_term(terms, REDIRECT);
    if (redirect == NULL || find_term(terms, ALL) != NULL || walk->stopped)
        return result;
    g_autofree char *to = target(walk, redirect, domain);
    if (to == NULL || !count_lookup(walk, redirect->text))
        return SPF_PERMERROR;
    g_ptr_array_add(walk->report->names, g_strdup(to));
    enum spf_result redirected = check_domain(walk, to);
    if (matched)
        return result;
    return redirected == SPF_NONE ? SPF_PERMERROR : redirected;
}

/* The one SPF record among the domain's TXT records; NULL with *result_r where there is none to be had. */
static const struct dns_record *find_record(struct walk *walk, const char *domain, enum spf_result *result_r)
{
    const struct dns_answer *answer = walk->lookup(walk->cookie, domain, DNS_TXT);
    const struct dns_record *record = NULL;
    guint count = 0;
    for (guint i = 0; i < answer->count; i++)
        if (spf_is_record(answer->records[i].text, answer->records[i].size)) {
            record = &answer->records[i];
            count++;
        }
    if (count == 1)
        return record;
    *result_r = failed(answer) ? SPF_TEMPERROR : count == 0 ? SPF_NONE : SPF_PERMERROR;
    if (failed(answer))
        PROBLEM(walk, FINDING_ERROR, "the TXT records of %s can't be had: %s", domain, answer->detail);
    if (count > 1)
        PROBLEM(walk, FINDING_ERROR,
                "%s has %u SPF records; with more than one, none counts (RFC 7208 4.5): make one of them", domain,
                count);
    return NULL;
}

static gboolean is_on_stack(struct walk *walk, const char *domain)
{
    for (guint i = 0; i < walk->stack->len; i++)
        if (g_ascii_strcasecmp(walk->stack->pdata[i], domain) == 0) {
            g_ptr_array_add(walk->stack, NULL);
            g_autofree char *chain = g_strjoinv(" > ", (char **)walk->stack->pdata);
            g_ptr_array_set_size(walk->stack, (gint)walk->stack->len - 1);
            PROBLEM(walk, FINDING_ERROR, "a loop: %s > %s", chain, domain);
            return TRUE;
        }
    return FALSE;
}

static enum spf_result read_record(struct walk *walk, const char *domain, const struct dns_record *record)
{
    g_autofree char *oddity = record_oddity(record->text, record->size), *fault = NULL;
    if (walk->stack->len == 0)
        walk->report->record = record_shown(record->text, record->size);
    g_autoptr(GPtrArray) terms = oddity == NULL ? parse_record(record->text, &fault) : NULL;
    if (oddity != NULL)
        PROBLEM(walk, FINDING_ERROR, "the record of %s has a %s, pasted along perhaps", domain, oddity);
    else if (fault != NULL)
        PROBLEM(walk, FINDING_ERROR, "the record of %s is wrong: %s", domain, fault);
    if (terms == NULL)
        return SPF_PERMERROR;
    g_ptr_array_add(walk->stack, (char *)domain);
    audit_record(walk, terms, domain);
    enum spf_result result = walk_terms(walk, terms, domain);
    g_ptr_array_set_size(walk->stack, (gint)walk->stack->len - 1);
    return result;
}

static enum spf_result check_domain(struct walk *walk, const char *domain)
{
    enum spf_result result = SPF_PERMERROR;
    if (is_on_stack(walk, domain))
        return SPF_PERMERROR;
    const struct dns_record *record = find_record(walk, domain, &result);
    return record != NULL ? read_record(walk, domain, record) : result;
}

static void judge_counts(struct walk *walk)
{
    const struct spf_report *report = walk->report;
    if (report->lookups > SPF_LOOKUPS_MAX)
        PROBLEM(walk, FINDING_ERROR,
                "%s%u DNS look-ups in all; with more than %d receivers take the record for broken (RFC 7208 4.6.4). "
                "Take includes out that are not needed:\n%s",
                walk->stopped ? "more than " : "", report->lookups, SPF_LOOKUPS_MAX, report->tree->str);
    if (report->voids > SPF_VOIDS_MAX)
        PROBLEM(walk, FINDING_ERROR,
                "%u look-ups find nothing; with more than %d receivers take the record for broken:\n%s", report->voids,
                SPF_VOIDS_MAX, report->tree->str);
}

void spf_check(const struct spf_question *question, dns_lookup lookup, void *cookie, struct spf_report *report_r)
{
    g_autofree char *sender =
        question->sender != NULL ? g_strdup(question->sender) : g_strconcat("postmaster@", question->domain, NULL);
    g_autoptr(GInetAddress) ip = g_inet_address_new_from_string(question->ip);
    g_autoptr(GPtrArray) stack = g_ptr_array_new();
    struct walk walk = {.question = question,
                        .lookup = lookup,
                        .cookie = cookie,
                        .report = report_r,
                        .ip = ip,
                        .sender = sender,
                        .helo = question->helo != NULL ? question->helo : question->domain,
                        .stack = stack};
    *report_r = (struct spf_report){
        .tree = g_string_new(NULL), .names = g_ptr_array_new_with_free_func(g_free), .problems = findings_new()};
    g_assert(ip != NULL);
    report_r->result = check_domain(&walk, question->domain);
    judge_counts(&walk);
    g_ptr_array_add(report_r->names, NULL);
    if (walk.decided)
        return;
    g_free(report_r->reason);
    report_r->reason = g_strdup(report_r->result == SPF_NONE ? "no SPF record" : "nothing in the record matches");
}

void spf_report_release(struct spf_report *report)
{
    g_free(report->reason);
    g_free(report->record);
    g_string_free(report->tree, TRUE);
    g_ptr_array_unref(report->names);
    g_ptr_array_unref(report->problems);
}
