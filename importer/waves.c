/* waves.c - sizes, spreading and times of waves; see waves.h. */
#include "importer/waves.h"

#include "lib/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE 10000 /* 100 % in hundredths of a percent */
#define DAY 86400
/* At most this much sooner than the gap after the wave before, so that a late minute does not add up. */
#define SLACK 600

/* --- sizes -------------------------------------------------------------------------------------- */

int wave_share(const char *word)
{
    unsigned whole = 0, part = 0;
    size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 3)
        return -1;
    for (size_t i = 0; i < digits; i++)
        whole = whole * 10 + (unsigned)(word[i] - '0');
    word += digits;
    if (*word == '.') {
        digits = strspn(++word, "0123456789");
        if (digits == 0 || digits > 2)
            return -1;
        part = (unsigned)(word[0] - '0') * 10 + (digits == 2 ? (unsigned)(word[1] - '0') : 0);
        word += digits;
    }
    while (*word == ' ')
        word++;
    unsigned share = whole * 100 + part;
    return strcmp(word, "%") == 0 && share > 0 && share <= WHOLE ? (int)share : -1;
}

static gboolean parse_size(const char *word, struct wave_size *size_r)
{
    guint64 count;
    if (strchr(word, '%') == NULL) {
        if (!g_ascii_string_to_unsigned(word, 10, 1, WAVES_COUNT_MAX, &count, NULL))
            return FALSE;
        *size_r = (struct wave_size){FALSE, (guint32)count};
        return TRUE;
    }
    int share = wave_share(word);
    *size_r = (struct wave_size){TRUE, share < 0 ? 0 : (guint32)share};
    return share > 0;
}

gboolean wave_plan_sizes(const char *const *words, struct wave_plan *plan_r, GError **error)
{
    guint32 shares = 0;
    plan_r->count = 0;
    for (; *words != NULL; words++) {
        if (plan_r->count == WAVES_MAX)
            return error_set(error, ERROR_CONFIG, "[waves] sizes: more than %d waves", WAVES_MAX);
        struct wave_size *size = &plan_r->sizes[plan_r->count++];
        if (!parse_size(*words, size))
            return error_set(error, ERROR_CONFIG,
                             "[waves] sizes: \"%s\" is neither a count from 1 (50) nor a share of at most 100%% (20%%)",
                             *words);
        shares += size->share ? size->value : 0;
    }
    if (plan_r->count == 0)
        return error_set(error, ERROR_CONFIG, "[waves] sizes is empty; \"100%%\" is one wave for all");
    if (shares != WHOLE)
        return error_set(
            error, ERROR_CONFIG,
            "[waves] sizes: the shares make %u.%02u%%, not 100%%; they divide what the counts leave, as in "
            "\"50, 20%%, 80%%\" or \"50, 100%%\"",
            shares / 100, shares % 100);
    return TRUE;
}

char *wave_plan_text(const struct wave_plan *plan)
{
    g_autoptr(GString) text = g_string_new("sizes=");
    for (size_t i = 0; i < plan->count; i++) {
        const struct wave_size *size = &plan->sizes[i];
        g_string_append(text, i > 0 ? ", " : "");
        if (!size->share)
            g_string_append_printf(text, "%u", size->value);
        else if (size->value % 100 == 0)
            g_string_append_printf(text, "%u%%", size->value / 100);
        else
            g_string_append_printf(text, "%u.%02u%%", size->value / 100, size->value % 100);
    }
    g_string_append_printf(text, "; start=%" G_GINT64_FORMAT "; gap=%" G_GINT64_FORMAT, plan->start, plan->gap);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

void wave_plan_quotas(const struct wave_plan *plan, size_t rows, size_t quotas_r[WAVES_MAX])
{
    size_t rest = rows;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->sizes[i].share)
            continue;
        quotas_r[i] = MIN(rest, plan->sizes[i].value);
        rest -= quotas_r[i];
    }
    /* Rounded where the shares so far end, so that the parts make the whole. */
    guint64 share = 0;
    size_t given = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->sizes[i].share)
            continue;
        share += plan->sizes[i].value;
        size_t end = (size_t)((rest * share + WHOLE / 2) / WHOLE);
        quotas_r[i] = end - given;
        given = end;
    }
}

/* --- spreading ---------------------------------------------------------------------------------- */

/* FNV-1a, and a last mixing so that the high bits depend on all octets. */
static guint64 hash_text(guint64 hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (guint8)*text) * G_GUINT64_CONSTANT(0x100000001b3);
    hash ^= hash >> 33;
    hash *= G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
    return hash ^ hash >> 33;
}

struct wave_row wave_row(const char *seed, const char *address, const char *domain)
{
    guint64 key = hash_text(G_GUINT64_CONSTANT(0xcbf29ce484222325), seed);
    return (struct wave_row){hash_text(key, domain), hash_text(key, address)};
}

struct place {
    struct wave_row row;
    size_t index;
};

static int compare_numbers(guint64 a, guint64 b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int order = compare_numbers(left->row.domain, right->row.domain);
    if (order == 0)
        order = compare_numbers(left->row.person, right->row.person);
    return order != 0 ? order : compare_numbers(left->index, right->index);
}

/* The wave that is furthest behind its share after `placed` of `count` rows; never one that is full. */
static size_t furthest_behind(const size_t *quotas, const size_t *given, size_t waves, size_t placed, size_t count)
{
    size_t best = waves;
    double most = 0;
    for (size_t i = 0; i < waves; i++) {
        double behind = (double)quotas[i] * (double)(placed + 1) / (double)count - (double)given[i];
        if (given[i] < quotas[i] && (best == waves || behind > most)) {
            best = i;
            most = behind;
        }
    }
    return best;
}

/*
 * In the order of domain and hash, each next row goes to the wave furthest behind: so every stretch is divided as the
 * whole is.
 */
void wave_plan_assign(const struct wave_plan *plan, const struct wave_row *rows, size_t count, guint16 *waves_r)
{
    size_t quotas[WAVES_MAX], given[WAVES_MAX] = {0};
    wave_plan_quotas(plan, count, quotas);
    g_autofree struct place *places = g_new(struct place, MAX(count, 1));
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){rows[i], i};
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++) {
        size_t wave = furthest_behind(quotas, given, plan->count, i, count);
        given[wave]++;
        waves_r[places[i].index] = (guint16)(wave + 1);
    }
}

/* --- times -------------------------------------------------------------------------------------- */

gboolean wave_plan_start(const char *text, GTimeZone *zone, gint64 *start_r, GError **error)
{
    *start_r = 0;
    if (*text == '\0')
        return TRUE;
    int year, month, day, hour, minute, end = 0;
    g_autoptr(GDateTime) time = NULL;
    if (sscanf(text, "%4d-%2d-%2d %2d:%2d%n", &year, &month, &day, &hour, &minute, &end) == 5 && text[end] == '\0')
        time = g_date_time_new(zone, year, month, day, hour, minute, 0);
    if (time == NULL)
        return error_set(error, ERROR_CONFIG, "[waves] start: \"%s\" is no time; write YYYY-MM-DD HH:MM", text);
    if (g_date_time_get_hour(time) != hour || g_date_time_get_minute(time) != minute)
        return error_set(error, ERROR_CONFIG,
                         "[waves] start: %s does not exist in %s: the clocks are changed then; "
                         "take another hour",
                         text, g_time_zone_get_identifier(zone));
    *start_r = g_date_time_to_unix(time);
    return TRUE;
}

/* Whole days on the client's wall, then the seconds that are left. */
static gint64 add_gap(gint64 when, gint64 gap, gint64 times, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    g_autoptr(GDateTime) later = g_date_time_add_days(local, (int)(gap / DAY * times));
    return g_date_time_to_unix(later) + gap % DAY * times;
}

gboolean wave_plan_times(const char *const *words, GTimeZone *zone, struct wave_plan *plan, GError **error)
{
    size_t count = g_strv_length((char **)words);
    plan->timed = count > 0;
    if (count == 0)
        return TRUE;
    if (plan->start != 0)
        return error_set(error, ERROR_CONFIG, "[waves] has both times and start; times says when each wave is opened");
    if (count != plan->count)
        return error_set(error, ERROR_CONFIG, "[waves] times has %zu, sizes %zu; each wave needs one", count,
                         plan->count);
    for (size_t i = 0; i < count; i++) {
        if (!wave_plan_start(words[i], zone, &plan->times[i], error))
            return FALSE;
        if (plan->times[i] == 0 || (i > 0 && plan->times[i] < plan->times[i - 1]))
            return error_set(error, ERROR_CONFIG, "[waves] times: \"%s\" is no time, or before the one before it",
                             words[i]);
    }
    plan->start = plan->times[0];
    return TRUE;
}

gint64 wave_plan_planned(const struct wave_plan *plan, GTimeZone *zone, size_t n)
{
    if (plan->start == 0)
        return 0;
    if (plan->timed)
        return calendar_next(&plan->calendar, zone, plan->times[n - 1]);
    gint64 planned = calendar_next(&plan->calendar, zone, plan->start);
    for (size_t i = 1; i < n && planned > 0; i++) {
        gint64 by_start = add_gap(plan->start, plan->gap, (gint64)i, zone),
               by_last = add_gap(planned, plan->gap, 1, zone);
        planned = calendar_next(&plan->calendar, zone, MAX(by_start, by_last));
    }
    return planned;
}

gint64 wave_plan_due(const struct wave_plan *plan, GTimeZone *zone, const gint64 *opened, size_t n)
{
    if (plan->start == 0)
        return 0;
    gint64 planned = wave_plan_planned(plan, zone, n);
    if (n == 1 || planned == 0)
        return planned;
    if (opened[n - 2] == 0)
        return 0;
    if (plan->timed)
        return planned;
    gint64 soonest = add_gap(opened[n - 2], plan->gap, 1, zone) - MIN(plan->gap / 10, SLACK);
    return calendar_next(&plan->calendar, zone, MAX(planned, soonest));
}

size_t wave_plan_next(const struct wave_plan *plan, const gint64 *opened)
{
    for (size_t i = 0; i < plan->count; i++)
        if (opened[i] == 0)
            return i + 1;
    return 0;
}

size_t wave_plan_due_now(const struct wave_plan *plan, GTimeZone *zone, const gint64 *opened, gint64 now)
{
    size_t next = wave_plan_next(plan, opened);
    gint64 due = next > 0 ? wave_plan_due(plan, zone, opened, next) : 0;
    return due > 0 && due <= now ? next : 0;
}
