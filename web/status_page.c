/* status_page.c - the status pages as HTML; see status_page.h. */
#include "web/status_page.h"

#include "lib/gate_reason.h"
#include "lib/address.h"
#include "lib/providers.h"
#include "web/page.h"

#include <string.h>

#define BAR 1000 /* how wide a bar is in its own measure */

static const char style[] =
    ":root{--ink:#17212b;--soft:#4a5763;--page:#eef1f4;--card:#fff;--line:#ccd4db;--link:#0b4a8a;--bad:#9b1c1c;--"
    "badcard:#fdecec;"
    "--sent:#1a7f4b;--moving:#2f6fb0;--open:#b6c1cb;--failed:#b3261e;--doubt:#c77700;--left:#7a8793}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecf0;--soft:#b4bfc9;--page:#14181d;--card:#20262d;--line:#3b4650;"
    "--link:#9cc8ff;"
    "--bad:#ffb4ab;--badcard:#3a2020;--sent:#4cc38a;--moving:#6aa8e8;--open:#55626e;--failed:#f2857b;--doubt:#f0b45a;--"
    "left:#8d9aa6}}"
    "*{box-sizing:border-box}"
    "body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);overflow-wrap:anywhere}"
    "main,header,footer{max-width:75rem;margin:0 auto;padding:0 "
    "1rem}header{padding-top:1.5rem}footer{padding-top:1.5rem;padding-bottom:2rem;color:var(--soft);font-size:.875rem}"
    "h1{margin:.25rem 0;font-size:1.6rem;line-height:1.25}h2{margin:2rem 0 "
    ".75rem;font-size:1.2rem}h3{margin:0;font-size:1rem}"
    "time{white-space:nowrap}p{margin:.25rem 0}a{color:var(--link)}.soft{color:var(--soft);font-size:.875rem}"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:1rem;margin:0;padding:"
    "0;list-style:none}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem}"
    ".alarms{margin:0;padding:.75rem 1rem .75rem 2rem;background:var(--badcard);color:var(--bad);border:1px solid "
    "var(--bad);border-radius:.5rem}"
    ".card .alarms{margin-top:.5rem;font-size:.875rem}"
    ".total{font-size:1.25rem;font-weight:600}svg{display:block;width:100%;height:.6rem;margin:.5rem "
    "0;border-radius:.3rem;background:var(--open)}"
    ".sent{fill:var(--sent)}.moving{fill:var(--moving)}.failed{fill:var(--failed)}.doubt{fill:var(--doubt)}.left{fill:"
    "var(--left)}"
    "dl{margin:0}dl div{display:flex;justify-content:space-between;gap:1rem;padding:.1rem 0}"
    "dd{margin:0;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".wide dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:0 2rem}"
    "table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}"
    "th,td{padding:.4rem .75rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}"
    "td:first-child,th:first-child{width:7.5rem}td:last-child,th:last-child{text-align:right;font-variant-numeric:"
    "tabular-nums;white-space:nowrap}";

/* --- pieces ------------------------------------------------------------------------------------- */

static void append_escaped(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text != NULL ? text : "", -1);
    g_string_append(out, escaped);
}

/* Thousands are set off by narrow spaces, which both languages read. Buffers of our own, as a page has many. */
struct figure {
    char text[48];
};

static struct figure figure(guint64 number)
{
    struct figure figure = {""};
    char digits[24];
    int length = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_strlcat(figure.text, "\u202f", sizeof figure.text);
        g_strlcat(figure.text, (char[]){digits[i], '\0'}, sizeof figure.text);
    }
    return figure;
}

/* A sentence of ours, which has a %s for each of the two; they must be safe. */
static void append_sentence(GString *out, const char *sentence, const char *first, const char *second)
{
    const char *place = strstr(sentence, "%s");
    g_string_append_len(out, sentence, place != NULL ? place - sentence : (gssize)strlen(sentence));
    if (place == NULL)
        return;
    g_string_append(out, first);
    append_sentence(out, place + 2, second, "");
}

static void append_word(GString *out, enum word word, const char *value, enum language language)
{
    append_sentence(out, words(word, language), value, "");
}

/* The time in that zone ("": the machine's) as HTML. */
static char *time_html(gint64 when, const char *zone, enum language language)
{
    g_autoptr(GTimeZone) own = zone != NULL && *zone != '\0' ? g_time_zone_new_identifier(zone) : NULL;
    g_autoptr(GTimeZone) local = own == NULL ? g_time_zone_new_local() : NULL;
    g_autoptr(GDateTime) utc = when > 0 ? g_date_time_new_from_unix_utc(when) : NULL;
    if (utc == NULL)
        return g_strdup(words(WORD_NEVER, language));
    g_autoptr(GDateTime) time = g_date_time_to_timezone(utc, own != NULL ? own : local);
    return g_date_time_format(time, "<time datetime=\"%Y-%m-%dT%H:%M:%S%:z\">%Y-%m-%d %H:%M:%S %Z</time>");
}

static void open_page(GString *out, const char *title, enum language language)
{
    g_string_printf(out,
                    "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\">"
                    "<meta name=\"robots\" content=\"noindex\"><title>",
                    words_code(language));
    append_escaped(out, title);
    g_string_append_printf(out, " – Postwelle</title><style>%s</style></head>\n<body>", style);
}

static void close_page(GString *out, const struct facts_service *service, const char *zone, guint refresh,
                       enum language language)
{
    g_autofree char *now = time_html(service->now, zone, language);
    g_string_append(out, "</main><footer><p>");
    append_word(out, WORD_AS_OF, now, language);
    g_string_append_c(out, ' ');
    append_word(out, WORD_REFRESHES, figure(refresh).text, language);
    g_string_append(out, "</p></footer></body></html>\n");
}

static void append_heading(GString *out, enum word word, enum language language)
{
    g_string_append_printf(out, "<h2>%s</h2>", words(word, language));
}

/* --- alarms --------------------------------------------------------------------------------------- */

/* Sentences of policyd's own are English, and so is what a person has put down. */
static void append_text(GString *out, const char *text, enum language language)
{
    g_autofree char *german = language == LANGUAGE_DE ? gate_reason_german(text) : NULL;
    if (german == NULL)
        g_string_append(out, "<span lang=\"en\">");
    append_escaped(out, german != NULL ? german : text);
    if (german == NULL)
        g_string_append(out, "</span>");
}

static void append_alarm(GString *out, const struct alarm *alarm, const char *zone, enum language language)
{
    g_autoptr(GString) value = g_string_new(NULL);
    if (alarm->kind == ALARM_LOG || alarm->kind == ALARM_RUN) {
        g_autofree char *since = time_html(alarm->since, zone, language);
        g_string_append(value, since);
    } else if (alarm->count > 0) {
        g_string_append(value, figure(alarm->count).text);
    } else {
        append_text(value, alarm->text, language);
    }
    g_string_append(out, "<li>");
    append_sentence(out, words_alarm(alarm->kind, language), value->str, "");
    g_string_append(out, "</li>");
}

static void append_alarms(GString *out, const struct alarm *alarms, size_t count, const char *zone,
                          enum language language)
{
    if (count == 0)
        return;
    g_string_append(out, "<ul class=\"alarms\">");
    for (size_t i = 0; i < count; i++)
        append_alarm(out, &alarms[i], zone, language);
    g_string_append(out, "</ul>");
}

/* --- numbers ------------------------------------------------------------------------------------ */

/* What the parts of a bar stand for; what is left of it is still to be sent. */
static const struct {
    const char *name;
    enum facts_state first, last;
} parts[] = {{"sent", FACTS_SENT, FACTS_SENT},
             {"moving", FACTS_BEGUN, FACTS_DEFERRED},
             {"failed", FACTS_BOUNCED, FACTS_EXPIRED},
             {"doubt", FACTS_UNCERTAIN, FACTS_UNCERTAIN},
             {"left", FACTS_CAPPED, FACTS_REFUSED}};

/* A picture of what the list below says. Positions are rounded from sums, so that the parts never overlap. */
static void append_bar(GString *out, const struct facts_counts *counts)
{
    guint64 sum = 0;
    g_string_append_printf(out, "<svg aria-hidden=\"true\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\">", BAR);
    for (size_t i = 0; i < G_N_ELEMENTS(parts) && counts->total > 0; i++) {
        guint64 from = sum;
        for (guint state = parts[i].first; state <= (guint)parts[i].last; state++)
            sum += counts->of[state];
        int x = (int)((double)from * BAR / (double)counts->total),
            end = (int)((double)sum * BAR / (double)counts->total);
        if (end > x)
            g_string_append_printf(out, "<rect class=\"%s\" x=\"%d\" width=\"%d\" height=\"10\"/>", parts[i].name, x,
                                   end - x);
    }
    g_string_append(out, "</svg>");
}

/* The total, the bar, and each state that is not 0; or all. */
static void append_counts(GString *out, const struct facts_counts *counts, gboolean all, enum language language)
{
    g_string_append_printf(out, "<p><span class=\"total\" data-count=\"total\">%s</span> %s</p>",
                           figure(counts->total).text, words(WORD_PARTICIPANTS, language));
    append_bar(out, counts);
    g_string_append(out, "<dl>");
    for (size_t i = 0; i < FACTS_STATES; i++)
        if (all || counts->of[i] > 0)
            g_string_append_printf(out, "<div><dt>%s</dt><dd data-count=\"%s\">%s</dd></div>",
                                   words_state((enum facts_state)i, language), facts_state_names[i],
                                   figure(counts->of[i]).text);
    g_string_append(out, "</dl>");
}

/* `attribute` and `word` are a wave's, or a reminder's. */
static void append_wave(GString *out, const struct facts_wave *wave, const char *attribute, enum word word,
                        const char *zone, enum language language)
{
    g_string_append_printf(out, "<li class=\"card\" %s=\"%" G_GUINT64_FORMAT "\"><h3>", attribute, wave->number);
    append_word(out, word, figure(wave->number).text, language);
    g_string_append(out, "</h3><p class=\"soft\">");
    if (wave->opened > 0) {
        g_autofree char *opened = time_html(wave->opened, zone, language);
        append_word(out, WORD_OPENED, opened, language);
    } else {
        g_string_append(out, words(WORD_NOT_OPENED, language));
    }
    g_string_append(out, "</p>");
    append_counts(out, &wave->counts, FALSE, language);
    g_string_append(out, "</li>");
}

static void append_provider(GString *out, const struct facts_provider *provider, enum language language)
{
    g_string_append(out, "<li class=\"card\" data-provider=\"");
    append_escaped(out, provider->name);
    g_string_append(out, "\"><h3>");
    g_autofree char *shown = address_shown(provider_title(provider->name));
    if (*shown != '\0')
        append_escaped(out, shown);
    else if (provider->domains > 0)
        append_word(out, WORD_OTHERS, figure(provider->domains).text, language);
    else
        g_string_append(out, words(WORD_OTHERS_UNKNOWN, language));
    g_string_append(out, "</h3>");
    append_counts(out, &provider->counts, FALSE, language);
    g_string_append(out, "</li>");
}

static void append_reason(GString *out, const struct facts_reason *reason, enum language language)
{
    g_string_append(out, "<tr><td>");
    append_escaped(out, reason->code);
    g_string_append_printf(out, "</td><td>%s</td><td data-reason=\"%s ", words_reply(reason->code, language),
                           facts_state_names[reason->state]);
    append_escaped(out, reason->code);
    g_string_append_printf(out, "\">%s</td></tr>", figure(reason->count).text);
}

/* A table for each state; they come sorted by it. */
static void append_reasons(GString *out, const GArray *reasons, enum language language)
{
    int state = -1;
    for (guint i = 0; i < reasons->len; i++) {
        const struct facts_reason *reason = &g_array_index(reasons, struct facts_reason, i);
        const char *heading = words_reasons(reason->state, language);
        if (heading == NULL)
            continue;
        if ((int)reason->state != state)
            g_string_append_printf(out,
                                   "%s<h2>%s</h2><table><thead><tr><th scope=\"col\">%s</th><th "
                                   "scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>",
                                   state >= 0 ? "</tbody></table>" : "", heading, words(WORD_CODE, language),
                                   words(WORD_REASON, language), words(WORD_COUNT, language));
        state = (int)reason->state;
        append_reason(out, reason, language);
    }
    if (state >= 0)
        g_string_append(out, "</tbody></table>");
}

/* --- one campaign --------------------------------------------------------------------------------- */

static enum word state_word(const char *state)
{
    return g_strcmp0(state, "approved") == 0 ? WORD_APPROVED
           : g_strcmp0(state, "paused") == 0 ? WORD_PAUSED
                                             : WORD_DRAFT;
}

static gboolean is_opened(const struct facts_campaign *campaign, guint64 number)
{
    for (guint i = 0; i < campaign->waves->len; i++) {
        const struct facts_wave *wave = &g_array_index(campaign->waves, struct facts_wave, i);
        if (wave->number == number)
            return wave->opened != 0;
    }
    return FALSE;
}

static void append_next(GString *out, const struct facts_campaign *campaign, enum language language)
{
    struct figure wave = figure(campaign->next);
    g_autofree char *due = time_html(campaign->due, campaign->zone, language);
    enum word word = campaign->told == 0                                  ? WORD_NEXT_UNKNOWN
                     : campaign->next == 0                                ? WORD_NEXT_NONE
                     : state_word(campaign->state) != WORD_APPROVED       ? WORD_NEXT_HELD
                     : campaign->due == 0                                 ? WORD_NEXT_BY_HAND
                     : is_opened(campaign, campaign->next)                ? WORD_NEXT_GOES_ON
                                                                          : WORD_NEXT_OPENS;
    append_heading(out, WORD_NEXT, language);
    g_string_append(out, "<p id=\"next\">");
    append_sentence(out, words(word, language), wave.text, due);
    g_string_append(out, "</p>");
}

static void append_standing(GString *out, const struct facts_campaign *campaign, enum language language)
{
    append_heading(out, WORD_STANDING, language);
    g_string_append(out, "<div class=\"card wide\" id=\"sum\">");
    append_counts(out, &campaign->sum, TRUE, language);
    g_string_append_printf(out,
                           "<p class=\"soft\"><span data-count=\"answered\">%s</span> %s · <span "
                           "data-count=\"complaints\">%s</span> %s</p></div>",
                           figure(campaign->answered).text, words(WORD_ANSWERED, language),
                           figure(campaign->complaints).text, words(WORD_COMPLAINTS, language));
}

static void append_waves(GString *out, const struct facts_campaign *campaign, enum language language)
{
    append_heading(out, WORD_WAVES, language);
    g_string_append(out, "<ul class=\"grid\">");
    for (guint i = 0; i < campaign->waves->len; i++)
        append_wave(out, &g_array_index(campaign->waves, struct facts_wave, i), "data-wave", WORD_WAVE, campaign->zone,
                    language);
    g_string_append(out, "</ul>");
    if (campaign->reminders->len == 0)
        return;
    append_heading(out, WORD_REMINDERS, language);
    g_string_append(out, "<ul class=\"grid\">");
    for (guint i = 0; i < campaign->reminders->len; i++)
        append_wave(out, &g_array_index(campaign->reminders, struct facts_wave, i), "data-reminder", WORD_REMINDER,
                    campaign->zone, language);
    g_string_append(out, "</ul>");
}

static void append_tally(GString *out, const struct facts_campaign *campaign, enum language language)
{
    const struct facts_tally *tally = campaign->tally;
    append_heading(out, WORD_PROVIDERS, language);
    if (tally == NULL) {
        g_string_append_printf(out, "<p>%s</p>", words(WORD_COUNTING, language));
        return;
    }
    g_autofree char *at = time_html(tally->at, campaign->zone, language);
    g_string_append(out, "<p class=\"soft\">");
    append_word(out, WORD_COUNTED, at, language);
    g_string_append(out, "</p><ul class=\"grid\">");
    for (guint i = 0; i < tally->providers->len; i++)
        append_provider(out, &g_array_index(tally->providers, struct facts_provider, i), language);
    g_string_append(out, "</ul>");
    append_reasons(out, tally->reasons, language);
}

void status_page_campaign(GString *out, const struct facts_campaign *campaign, const struct facts_service *service,
                          enum language language)
{
    struct alarm alarms[2 * ALARMS_MAX];
    size_t count = alarms_service(service, alarms_moving(campaign), alarms);
    count += alarms_campaign(campaign, service, alarms + count);
    const char *title = *campaign->title != '\0' ? campaign->title : campaign->name;
    open_page(out, title, language);
    g_string_append_printf(out, "<header><p><a href=\"/\">%s</a></p><h1>", words(WORD_CAMPAIGNS, language));
    append_escaped(out, title);
    g_string_append_printf(out, "</h1><p class=\"soft\">%s / %s · <span id=\"state\">%s</span></p></header><main>",
                           campaign->client, campaign->name, words(state_word(campaign->state), language));
    append_heading(out, WORD_ALARMS, language);
    append_alarms(out, alarms, count, campaign->zone, language);
    if (count == 0)
        g_string_append_printf(out, "<p>%s</p>", words(WORD_NO_ALARMS, language));
    append_standing(out, campaign, language);
    append_next(out, campaign, language);
    append_waves(out, campaign, language);
    append_tally(out, campaign, language);
    close_page(out, service, campaign->zone, campaign->tally != NULL ? STATUS_REFRESH : STATUS_REFRESH_COUNTING,
               language);
}

/* --- the index ------------------------------------------------------------------------------------ */

static void append_campaign(GString *out, const struct facts_campaign *campaign, const struct facts_service *service,
                            enum language language)
{
    struct alarm alarms[ALARMS_MAX];
    size_t count = alarms_campaign(campaign, service, alarms);
    g_string_append_printf(out, "<li class=\"card\" data-campaign=\"%s/%s\"><h2><a href=\"/%s/%s\">", campaign->client,
                           campaign->name, campaign->client, campaign->name);
    append_escaped(out, *campaign->title != '\0' ? campaign->title : campaign->name);
    g_string_append_printf(out, "</a></h2><p class=\"soft\">%s / %s · %s</p>", campaign->client, campaign->name,
                           words(state_word(campaign->state), language));
    append_counts(out, &campaign->sum, FALSE, language);
    append_alarms(out, alarms, count, "", language);
    g_string_append(out, "</li>");
}

void status_page_index(GString *out, const GPtrArray *campaigns, guint more, const struct facts_service *service,
                       enum language language)
{
    struct alarm alarms[ALARMS_MAX];
    gboolean moving = FALSE;
    for (guint i = 0; i < campaigns->len; i++)
        moving |= alarms_moving(campaigns->pdata[i]);
    size_t count = alarms_service(service, moving, alarms);
    open_page(out, words(WORD_CAMPAIGNS, language), language);
    g_string_append_printf(out, "<header><h1>%s</h1></header><main>", words(WORD_CAMPAIGNS, language));
    append_alarms(out, alarms, count, "", language);
    if (campaigns->len == 0)
        g_string_append_printf(out, "<p>%s</p>", words(WORD_NO_CAMPAIGNS, language));
    g_string_append(out, "<ul class=\"grid\">");
    for (guint i = 0; i < campaigns->len; i++)
        append_campaign(out, campaigns->pdata[i], service, language);
    g_string_append(out, "</ul>");
    if (more > 0) {
        g_string_append(out, "<p>");
        append_word(out, WORD_MORE_CAMPAIGNS, figure(more).text, language);
        g_string_append(out, "</p>");
    }
    close_page(out, service, "", STATUS_REFRESH, language);
}

/* --- the rest ------------------------------------------------------------------------------------- */

void status_page_fault(GString *out, enum status_fault fault, enum language language)
{
    static const enum word titles[STATUS_FAULTS] = {WORD_BAD_REQUEST, WORD_NOT_FOUND, WORD_METHOD, WORD_MISDIRECTED,
                                                    WORD_AWAY};
    const char *title = words(titles[fault], language);
    open_page(out, title, language);
    g_string_append_printf(out, "<header><h1>%s</h1></header><main><p>%s</p>", title,
                           words(titles[fault] + 1, language));
    if (fault == STATUS_NOT_FOUND)
        g_string_append_printf(out, "<p><a href=\"/\">%s</a></p>", words(WORD_CAMPAIGNS, language));
    g_string_append(out, "</main></body></html>\n");
}

enum language status_language(const char *accept)
{
    return strcmp(page_accepted(accept, LANGUAGES), "en") == 0 ? LANGUAGE_EN : LANGUAGE_DE;
}

char *status_page_policy(void)
{
    guint8 hash[32];
    gsize size = sizeof hash;
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, (const guchar *)style, sizeof style - 1);
    g_checksum_get_digest(checksum, hash, &size);
    g_autofree char *text = g_base64_encode(hash, size);
    return g_strdup_printf(
        "default-src 'none'; style-src 'sha256-%s'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'", text);
}
