/* report.c - counting what became of a campaign; see report.h. */
#include "importer/report.h"

#include "importer/control.h"
#include "lib/error.h"
#include "lib/providers.h"

#include <string.h>

/* --- groups ------------------------------------------------------------------------------------- */

static void group_free(void *data)
{
    struct report_group *group = data;
    if (group == NULL)
        return;
    g_free(group->name);
    g_free(group->example);
    g_free(group);
}

static struct report_group *group_new(const char *name)
{
    struct report_group *group = g_new0(struct report_group, 1);
    group->name = g_strdup(name);
    return group;
}

/* The group of that name; when there are too many, the one that all the rest share. */
static struct report_group *group_of(GHashTable *table, const char *name, guint most, const char *rest)
{
    struct report_group *group = g_hash_table_lookup(table, name);
    if (group == NULL && g_hash_table_size(table) >= most)
        group = g_hash_table_lookup(table, name = rest);
    if (group == NULL) {
        group = group_new(name);
        g_hash_table_insert(table, group->name, group);
    }
    return group;
}

static void count(struct report_counts *counts, guint state)
{
    counts->total++;
    counts->states[state]++;
}

/* The largest first; of equals the first by name, so that a report is the same each time. */
static gint compare_groups(gconstpointer a, gconstpointer b)
{
    const struct report_group *first = *(const struct report_group *const *)a,
                              *second = *(const struct report_group *const *)b;
    if (first->counts.total != second->counts.total)
        return first->counts.total < second->counts.total ? 1 : -1;
    return strcmp(first->name, second->name);
}

static GPtrArray *sorted(GHashTable *table)
{
    GPtrArray *groups = g_ptr_array_sized_new(g_hash_table_size(table));
    GHashTableIter iter;
    gpointer group;
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, NULL, &group))
        g_ptr_array_add(groups, group);
    g_ptr_array_sort(groups, compare_groups);
    return groups;
}

/* --- the report --------------------------------------------------------------------------------- */

static void import_free(void *data)
{
    struct report_import *import = data;
    char *texts[] = {import->file, import->sha256, import->basis, import->assured_by, import->remark};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(import);
}

struct report *report_new(const struct campaign *campaign, enum report_language language, gint64 now)
{
    struct report *report = g_new0(struct report, 1);
    GHashTable **tables[] = {&report->provider_table, &report->reason_table, &report->reject_table,
                             &report->holder_table};
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now);
    report->language = language;
    report->campaign = campaign;
    report->made = g_date_time_to_timezone(utc, campaign->client->zone);
    report->approved_by = g_strdup("");
    report->approved_hash = g_strdup("");
    report->imports = g_ptr_array_new_with_free_func(import_free);
    report->waves = g_ptr_array_new_with_free_func(group_free);
    report->reminders = g_ptr_array_new_with_free_func(group_free);
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        *tables[i] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, group_free);
    return report;
}

void report_free(struct report *report)
{
    if (report == NULL)
        return;
    GPtrArray *arrays[] = {report->providers, report->reasons, report->rejects, report->holders};
    GHashTable *tables[] = {report->provider_table, report->reason_table, report->reject_table, report->holder_table};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++) {
        g_clear_pointer(&arrays[i], g_ptr_array_unref);
        g_hash_table_unref(tables[i]);
    }
    g_ptr_array_unref(report->waves);
    g_ptr_array_unref(report->reminders);
    g_ptr_array_unref(report->imports);
    g_free(report->approved_by);
    g_free(report->approved_hash);
    g_date_time_unref(report->made);
    g_free(report);
}

char *report_time(const struct report *report, gint64 when)
{
    if (when == 0)
        return g_strdup("");
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, report->campaign->client->zone);
    return g_date_time_format(local, report->language == REPORT_GERMAN ? "%d.%m.%Y, %H:%M" : "%Y-%m-%d %H:%M");
}

char *report_check_text(const struct report *report)
{
    const struct campaign *campaign = report->campaign;
    if (report->check == REPORT_CHANGED)
        return g_strdup(report_word(report->language, WORD_CHECK_CHANGED));
    if (report->check == REPORT_FAILED)
        return report_format(report->language, WORD_CHECK_FAILED, (const char *)campaign->findings->pdata[0]);
    g_autoptr(GString) editions = g_string_new(NULL);
    for (size_t i = 0; i < campaign->n_editions; i++)
        g_string_append_printf(editions, "%s%s", i > 0 ? ", " : "", campaign->editions[i].name);
    return report_format(report->language, WORD_CHECK_HOW, editions->str);
}

char *report_audit_text(const struct report *report)
{
    g_autofree char *faults = report_number(report->language, report->faults);
    return report_format(report->language, report->faults > 0 ? WORD_AUDIT_BAD : WORD_AUDIT_GOOD, faults);
}

/* --- a row -------------------------------------------------------------------------------------- */

static gboolean state_of(const char *name, guint *state_r)
{
    for (*state_r = 0; *state_r < STATE_COUNT; (*state_r)++)
        if (strcmp(name, state_names[*state_r]) == 0)
            return TRUE;
    return FALSE;
}

gboolean report_row_take(const struct attributes *answer, struct report_row *row_r, GError **error)
{
    guint64 participant = control_number(answer, "participant");
    if (!state_of(attributes_text(answer, "state"), &row_r->state))
        return error_set(error, ERROR_PROTOCOL,
                         "postwelle-policyd tells of the state \"%.40s\", which this program does not know",
                         attributes_text(answer, "state"));
    row_r->import = (guint)(participant >> 20);
    row_r->row = (guint)control_number(answer, "row");
    row_r->wave = (guint)control_number(answer, "wave");
    if (row_r->wave < 1 || row_r->wave > WAVES_MAX)
        return error_set(error, ERROR_PROTOCOL, "postwelle-policyd tells of wave %u; at most %d exist", row_r->wave,
                         WAVES_MAX);
    row_r->changed = (gint64)control_number(answer, "changed");
    row_r->address = attributes_text(answer, "address");
    const char *at = strrchr(row_r->address, '@');
    row_r->provider = at != NULL ? provider_operator(at + 1) : NULL;
    row_r->reply = attributes_text(answer, "reply");
    status_code_find(row_r->reply, row_r->code);
    row_r->tls = attributes_text(answer, "tls");
    row_r->held_by = attributes_text(answer, "held_by");
    row_r->held_campaign = attributes_text(answer, "held_campaign");
    row_r->held_since = (gint64)control_number(answer, "held_since");
    row_r->held_until = (gint64)control_number(answer, "held_until");
    return TRUE;
}

char *report_masked(const char *reply)
{
    g_auto(GStrv) words = g_strsplit(reply, " ", -1);
    for (size_t i = 0; words[i] != NULL; i++)
        if (strchr(words[i], '@') != NULL) {
            g_free(words[i]);
            words[i] = g_strdup("<…>");
        }
    g_autofree char *masked = g_strjoinv(" ", words);
    return g_utf8_strlen(masked, -1) > REPORT_TEXT_MAX ? g_utf8_substring(masked, 0, REPORT_TEXT_MAX)
                                                       : g_steal_pointer(&masked);
}

/* Of what a receiver said something that the client should see: why it came back, or is late. */
static gboolean has_reason(guint state)
{
    return state == STATE_BOUNCED || state == STATE_EXPIRED || state == STATE_GREYLISTED || state == STATE_DEFERRED;
}

static void add_reason(struct report *report, const struct report_row *row)
{
    struct report_group *group = group_of(report->reason_table, row->code, REPORT_REASONS_MAX, "");
    count(&group->counts, row->state == STATE_GREYLISTED ? STATE_DEFERRED : row->state); /* that is why */
    if (group->example == NULL)
        group->example = report_masked(row->reply);
}

static void add_holder(struct report *report, const struct report_row *row)
{
    enum report_word word = strcmp(row->held_by, "foreign") == 0 ? WORD_FOREIGN_MAIL : WORD_UNKNOWN;
    const char *name = *row->held_campaign != '\0' ? row->held_campaign : report_word(report->language, word);
    count(&group_of(report->holder_table, name, REPORT_REASONS_MAX, report_word(report->language, WORD_OTHERS))->counts,
          row->state);
}

struct report_group *report_numbered(GPtrArray *groups, guint number)
{
    while (groups->len < number) {
        g_autofree char *name = g_strdup_printf("%u", groups->len + 1);
        g_ptr_array_add(groups, group_new(name));
    }
    return groups->pdata[number - 1];
}

void report_add(struct report *report, const struct report_row *row)
{
    const char *provider = row->provider != NULL ? row->provider : report_word(report->language, WORD_UNKNOWN);
    count(&report->sum, row->state);
    count(&report_numbered(report->waves, row->wave)->counts, row->state);
    count(&group_of(report->provider_table, provider, REPORT_PROVIDERS_MAX, report_word(report->language, WORD_OTHERS))
               ->counts,
          row->state);
    if (has_reason(row->state))
        add_reason(report, row);
    if (row->state == STATE_CAPPED)
        add_holder(report, row);
    if (row->state == STATE_SENT && *row->tls != '\0')
        (*(strcmp(row->tls, "no") == 0 ? &report->plain : &report->encrypted))++;
}

/* "the address is already in row 17" and "... in row 18" are one reason. */
static char *without_numbers(const char *reason)
{
    GString *out = g_string_new(NULL);
    for (const char *c = reason; *c != '\0'; c++)
        if (!g_ascii_isdigit(*c))
            g_string_append_c(out, *c);
        else if (out->len == 0 || !g_str_has_suffix(out->str, "…"))
            g_string_append(out, "…");
    return g_string_free(out, FALSE);
}

static struct report_import *import_of(const struct report *report, guint number)
{
    for (guint i = 0; i < report->imports->len; i++) {
        struct report_import *import = report->imports->pdata[i];
        if (import->number == number)
            return import;
    }
    return NULL;
}

void report_add_reject(struct report *report, const struct report_reject *reject)
{
    struct report_import *import = import_of(report, reject->import);
    g_autofree char *reason =
        reject->known ? g_strdup(report_word(report->language, WORD_KNOWN_ROW)) : without_numbers(reject->reason);
    group_of(report->reject_table, reason, REPORT_REASONS_MAX, report_word(report->language, WORD_OTHERS))
        ->counts.total++;
    if (import != NULL)
        (*(reject->known ? &import->known : &import->rejected))++;
}

void report_sort(struct report *report)
{
    report->providers = sorted(report->provider_table);
    report->reasons = sorted(report->reason_table);
    report->rejects = sorted(report->reject_table);
    report->holders = sorted(report->holder_table);
}

guint64 report_imported(const struct report *report)
{
    guint64 rows = 0;
    for (guint i = 0; i < report->imports->len; i++)
        rows += ((const struct report_import *)report->imports->pdata[i])->rows;
    return rows;
}
