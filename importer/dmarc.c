/* dmarc.c - DMARC records, where they are looked for, and alignment; see dmarc.h. */
#include "importer/dmarc.h"

#include "importer/tag_list.h"

#include <string.h>

#define TOPIC "DMARC"
#define VERSION "v=DMARC1"
#define LABELS_KEPT 7 /* of a name with DMARC_WALK_MAX labels or more, after the first question */

/* --- records --- */

gboolean dmarc_is_record(const char *text, gsize size)
{
    gsize length = strlen(VERSION);
    return size >= length && memcmp(text, VERSION, length) == 0 &&
           (size == length || strchr("; \t", text[length]) != NULL);
}

static gboolean take_policy(const struct tag_list *tags, const char *name, enum dmarc_policy *policy_r, char **fault_r)
{
    static const char *const names[] = {"none", "quarantine", "reject"};
    const char *value = tag_list_value(tags, name);
    if (value == NULL)
        return TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(value, names[i]) == 0) {
            *policy_r = (enum dmarc_policy)i;
            return TRUE;
        }
    *fault_r = g_strdup_printf("%s=%.30s: there are none, quarantine and reject", name, value);
    return FALSE;
}

/* A tag of one letter; its default where it is not there. FALSE and *fault_r. */
static gboolean take_letter(const struct tag_list *tags, const char *name, const char *letters, char *letter_r,
                            char **fault_r)
{
    const char *value = tag_list_value(tags, name);
    *letter_r = *letters;
    if (value == NULL)
        return TRUE;
    *letter_r = g_ascii_tolower(*value);
    if (strlen(value) == 1 && strchr(letters, *letter_r) != NULL)
        return TRUE;
    *fault_r = g_strdup_printf("%s=%.30s is none of its values", name, value);
    return FALSE;
}

static gboolean take_tags(const struct tag_list *tags, struct dmarc_record *record, char **fault_r)
{
    char dkim, spf, testing;
    if (tags->count == 0 || strcmp(tags->tags[0].name, "v") != 0 || strcmp(tags->tags[0].value, "DMARC1") != 0) {
        *fault_r = g_strdup("v=DMARC1 must stand first");
        return FALSE;
    }
    if (!take_policy(tags, "p", &record->policy, fault_r))
        return FALSE;
    record->subdomain_policy = record->policy;
    if (!take_policy(tags, "sp", &record->subdomain_policy, fault_r) ||
        !take_letter(tags, "adkim", "rs", &dkim, fault_r) || !take_letter(tags, "aspf", "rs", &spf, fault_r) ||
        !take_letter(tags, "t", "ny", &testing, fault_r) || !take_letter(tags, "psd", "uyn", &record->psd, fault_r))
        return FALSE;
    record->strict_dkim = dkim == 's';
    record->strict_spf = spf == 's';
    record->testing = testing == 'y';
    record->has_reports = tag_list_value(tags, "rua") != NULL;
    record->has_old_tags =
        tag_list_value(tags, "pct") != NULL || tag_list_value(tags, "rf") != NULL || tag_list_value(tags, "ri") != NULL;
    if (tag_list_value(tags, "p") == NULL && !record->has_reports) {
        *fault_r = g_strdup("there is no p=");
        return FALSE;
    }
    return TRUE;
}

gboolean dmarc_record_parse(const char *text, struct dmarc_record *record_r, char **fault_r)
{
    struct tag_list tags;
    *record_r = (struct dmarc_record){.psd = 'u'};
    gboolean good = tag_list_parse(text, &tags, fault_r) && take_tags(&tags, record_r, fault_r);
    tag_list_release(&tags);
    return good;
}

/* --- the tree walk --- */

/* One usable record at _dmarc.domain. FALSE: none. */
static gboolean ask(const char *domain, dns_lookup lookup, void *cookie, GPtrArray *findings,
                    struct dmarc_found *found_r)
{
    g_autofree char *name = g_strconcat("_dmarc.", domain, NULL), *fault = NULL;
    if (!dns_name_valid(name))
        return FALSE;
    const struct dns_answer *answer = lookup(cookie, name, DNS_TXT);
    const struct dns_record *record = NULL;
    guint count = 0;
    if (answer->detail != NULL)
        findings_add(findings, FINDING_ERROR, TOPIC, name, NULL, NULL, "could not be looked up: %s", answer->detail);
    for (guint i = 0; i < answer->count; i++)
        if (dmarc_is_record(answer->records[i].text, answer->records[i].size)) {
            record = &answer->records[i];
            count++;
        }
    if (count > 1)
        findings_add(findings, FINDING_WARNING, TOPIC, name, NULL, NULL,
                     "%u DMARC records; with more than one, none counts (RFC 9989 4.10): leave one", count);
    if (count != 1)
        return FALSE;
    g_autofree char *shown = record_shown(record->text, record->size),
                    *oddity = record_oddity(record->text, record->size);
    if (oddity != NULL || !dmarc_record_parse(record->text, &found_r->record, &fault)) {
        findings_add(findings, FINDING_WARNING, TOPIC, name, shown, NULL, "%s%s, so receivers pass it over",
                     oddity != NULL ? "the record has a " : "", oddity != NULL ? oddity : fault);
        return FALSE;
    }
    found_r->found = TRUE;
    found_r->name = g_steal_pointer(&name);
    found_r->shown = g_steal_pointer(&shown);
    return TRUE;
}

static guint count_labels(const char *domain)
{
    guint count = 1;
    for (; *domain != '\0'; domain++)
        count += *domain == '.' ? 1u : 0u;
    return count;
}

/* The name asked next, or NULL. */
static const char *parent(const char *domain)
{
    guint labels = count_labels(domain), drop = labels >= DMARC_WALK_MAX ? labels - LABELS_KEPT : 1;
    while (domain != NULL && drop-- > 0) {
        domain = strchr(domain, '.');
        domain = domain != NULL ? domain + 1 : NULL;
    }
    return domain;
}

static void replace(struct dmarc_found *found, struct dmarc_found *by)
{
    dmarc_found_release(found);
    *found = *by;
}

/* The domain one label below `above`, on the way to domain. */
static const char *one_below(const char *domain, const char *above)
{
    const char *p = domain + strlen(domain) - strlen(above);
    for (p = p > domain ? p - 1 : p; p > domain && p[-1] != '.'; p--)
        ;
    return p;
}

void dmarc_discover(const char *domain, dns_lookup lookup, void *cookie, GPtrArray *findings,
                    struct dmarc_found *found_r)
{
    const char *organizational = domain;
    *found_r = (struct dmarc_found){0};
    gboolean own = ask(domain, lookup, cookie, findings, found_r);
    gboolean end = own && found_r->record.psd != 'u';
    for (const char *at = parent(domain); at != NULL && !end; at = parent(at)) {
        struct dmarc_found above = {0};
        if (!ask(at, lookup, cookie, findings, &above))
            continue;
        end = above.record.psd != 'u';
        organizational = above.record.psd == 'y' ? one_below(domain, at) : at;
        above.inherited = TRUE;
        /* The domain's own record is its policy; else the organizational domain's, or the public suffix's. */
        if (own)
            dmarc_found_release(&above);
        else
            replace(found_r, &above);
    }
    found_r->organizational = g_strdup(organizational);
}

void dmarc_found_release(struct dmarc_found *found)
{
    g_free(found->name);
    g_free(found->shown);
    g_free(found->organizational);
}

/* --- alignment --- */

gboolean dmarc_aligned(gboolean strict, const char *from, const char *from_organizational, const char *identifier,
                       const char *identifier_organizational)
{
    return strict ? g_ascii_strcasecmp(from, identifier) == 0
                  : g_ascii_strcasecmp(from_organizational, identifier_organizational) == 0;
}

static gboolean is_aligned(const struct dmarc_found *found, gboolean strict, const char *from, const char *identifier,
                           dns_lookup lookup, void *cookie)
{
    struct dmarc_found other;
    g_autoptr(GPtrArray) ignored = findings_new();
    if (g_ascii_strcasecmp(from, identifier) == 0)
        return TRUE;
    dmarc_discover(identifier, lookup, cookie, ignored, &other);
    gboolean aligned = dmarc_aligned(strict, from, found->organizational, identifier, other.organizational);
    dmarc_found_release(&other);
    return aligned;
}

static void judge_alignment(GPtrArray *findings, const struct dmarc_found *found, const char *from, const char *signing,
                            const char *return_path, dns_lookup lookup, void *cookie)
{
    if (signing != NULL && !is_aligned(found, found->record.strict_dkim, from, signing, lookup, cookie))
        findings_add(findings, FINDING_ERROR, TOPIC, found->name, found->shown, NULL,
                     "we sign with d=%s, which is not aligned with From: …@%s%s: sign with d=%s", signing, from,
                     found->record.strict_dkim ? " (adkim=s asks for the very same domain)" : "", from);
    if (return_path != NULL && !is_aligned(found, found->record.strict_spf, from, return_path, lookup, cookie))
        findings_add(
            findings, FINDING_NOTE, TOPIC, found->name, found->shown, NULL,
            "the envelope's domain %s is not aligned%s, so SPF does not count for DMARC; the DKIM signature does",
            return_path, found->record.strict_spf ? " (aspf=s asks for the very same domain)" : "");
}

static void judge_policy(GPtrArray *findings, const struct dmarc_found *found, const char *from)
{
    static const char *const names[] = {"none", "quarantine", "reject"};
    enum dmarc_policy policy = found->inherited ? found->record.subdomain_policy : found->record.policy;
    findings_add(findings, FINDING_GOOD, TOPIC, found->name, found->shown, NULL, "the policy for %s is %s%s%s", from,
                 names[policy], found->inherited ? ", from a parent domain" : "",
                 found->record.testing ? ", in test (t=y)" : "");
    if (!found->record.has_reports)
        findings_add(findings, FINDING_NOTE, TOPIC, found->name, found->shown, NULL,
                     "without rua= nobody gets the reports that show who sends in this name");
    if (found->record.has_old_tags)
        findings_add(findings, FINDING_NOTE, TOPIC, found->name, found->shown, NULL,
                     "pct=, rf= and ri= are no longer part of DMARC (RFC 9989)");
}

void dmarc_judge(GPtrArray *findings, const char *from, const char *signing, const char *return_path, dns_lookup lookup,
                 void *cookie)
{
    struct dmarc_found found;
    guint before = findings->len;
    dmarc_discover(from, lookup, cookie, findings, &found);
    if (found.found) {
        judge_policy(findings, &found, from);
        judge_alignment(findings, &found, from, signing, return_path, lookup, cookie);
    } else if (findings->len == before) {
        g_autofree char *name = g_strconcat("_dmarc.", found.organizational, NULL);
        findings_add(
            findings, FINDING_WARNING, TOPIC, name, NULL, NULL,
            "there is no DMARC record, which large receivers ask of bulk senders. It concerns all mail of the company: "
            "its decision, to be begun with p=none and reports, never in haste because of a mailing");
    }
    dmarc_found_release(&found);
}
