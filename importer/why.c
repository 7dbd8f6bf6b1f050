/* why.c - policyd's explanations in sentences; see why.h. */
#include "importer/why.h"

#include "importer/campaign_state.h"
#include "importer/why_words.h"

#include <stdarg.h>
#include <string.h>

/* The sentences so far, and how they are told. */
struct telling {
    GString *out;
    const struct attributes *row;
    const struct why_style *style;
};

static guint64 number(const struct attributes *row, const char *name)
{
    guint64 value;
    return attributes_number(row, name, G_MAXUINT64, &value, NULL) ? value : 0;
}

static const char *text(const struct attributes *row, const char *name)
{
    return attributes_text(row, name);
}

static gboolean is(const struct attributes *row, const char *name, const char *value)
{
    return strcmp(text(row, name), value) == 0;
}

static char *time_text(gint64 when, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
    return local != NULL ? g_date_time_format(local, "%Y-%m-%d %H:%M") : g_strdup("?");
}

static char *time_of(const struct telling *telling, const char *name)
{
    return time_text((gint64)number(telling->row, name), telling->style->zone);
}

/* Appends a word, with the next of the texts for each %s of it; NULL ends them. */
static void append_texts(GString *out, const char *word, va_list texts)
{
    for (const char *place; (place = strstr(word, "%s")) != NULL; word = place + 2) {
        g_string_append_len(out, word, place - word);
        g_string_append(out, va_arg(texts, const char *));
    }
    g_string_append(out, word);
}

static void say(const struct telling *telling, enum why_word word, ...)
{
    va_list texts;
    va_start(texts, word);
    append_texts(telling->out, why_word(telling->style->language, word), texts);
    va_end(texts);
}

static char *sentence_of(enum report_language language, enum why_word word, ...)
{
    GString *out = g_string_new(NULL);
    va_list texts;
    va_start(texts, word);
    append_texts(out, why_word(language, word), texts);
    va_end(texts);
    return g_string_free(out, FALSE);
}

/* --- what became of a mail ---------------------------------------------------------------------- */

/* STATE_COUNT: one that is not known. */
static guint state_of(const struct attributes *row)
{
    guint state = 0;
    while (state < STATE_COUNT && !is(row, "state", state_names[state]))
        state++;
    return state;
}

/* PROTOCOL's word in English, as the other commands show it. */
static const char *state_name(const struct telling *telling)
{
    guint state = state_of(telling->row);
    return telling->style->language == REPORT_GERMAN && state < STATE_COUNT ? report_state(REPORT_GERMAN, state)
                                                                            : text(telling->row, "state");
}

/* It was not tried yet, or is to be tried again. */
static void say_new(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    g_autofree char *opened = time_of(telling, "opened");
    if (number(row, "attempt") > 0)
        say(telling, WHY_TRIED, text(row, "attempt"));
    else if (is(row, "campaign_state", "draft"))
        say(telling, WHY_NOT_APPROVED);
    else if (is(row, "about", "reminder"))
        say(telling, WHY_NOT_FED);
    else if (number(row, "opened") == 0)
        say(telling, WHY_NOT_OPEN, text(row, "wave"));
    else
        say(telling, WHY_NOT_YET, text(row, "wave"), opened);
    if (is(row, "campaign_state", "paused"))
        say(telling, WHY_PAUSED);
}

/* Who has the slot. */
static void say_capped(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    g_autofree char *since = time_of(telling, "held_since"), *until = time_of(telling, "held_until");
    g_autofree char *changed = time_of(telling, "changed");
    if (number(row, "attempt") == 0 && number(row, "changed") <= number(row, "imported"))
        say(telling, WHY_CAPPED_IMPORT);
    else
        say(telling, WHY_CAPPED, changed);
    if (is(row, "held_by", ""))
        say(telling, WHY_HELD_UNKNOWN);
    else if (!is(row, "held_campaign", ""))
        say(telling, WHY_HELD, text(row, "held_campaign"), since, until);
    else
        say(telling, WHY_HELD_FOREIGN, since, until);
}

static void say_state(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    guint state = state_of(row);
    g_autofree char *changed = time_of(telling, "changed");
    if (state == STATE_CAPPED) {
        say_capped(telling);
        return;
    }
    if (state == STATE_NEW)
        say_new(telling);
    else if (state < STATE_COUNT)
        say(telling, WHY_STATE, why_state(telling->style->language, state), state_name(telling), changed);
    if (is(row, "tls", "no"))
        say(telling, WHY_NO_TLS);
    else if (!is(row, "tls", ""))
        say(telling, WHY_TLS, text(row, "tls"));
    if (number(row, "attempt") > 0 && state != STATE_NEW)
        say(telling, WHY_ATTEMPT, text(row, "attempt"));
    if (!is(row, "queue_id", ""))
        say(telling, WHY_QUEUE_ID, text(row, "queue_id"));
    if (!is(row, "reply", ""))
        say(telling, WHY_REPLY, text(row, "reply"));
}

static void say_invitation(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    g_autofree char *imported = time_of(telling, "imported"), *answered = time_of(telling, "answered");
    say(telling, WHY_INVITATION, text(row, "client"), text(row, "campaign"));
    say_state(telling);
    g_string_append_c(telling->out, '.');
    say(telling, WHY_ROW, text(row, "row"), text(row, "file"), imported, text(row, "wave"));
    if (number(row, "answered") > 0)
        say(telling, WHY_ANSWERED, answered);
}

static void say_reminder(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    say(telling, WHY_REMINDER, text(row, "reminder"), text(row, "client"), text(row, "campaign"));
    say_state(telling);
    g_string_append_c(telling->out, '.');
}

static void say_proof(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    g_autofree char *begun = time_of(telling, "opened");
    say(telling, WHY_PROOF, text(row, "proof"), text(row, "client"), text(row, "campaign"));
    say_state(telling);
    g_string_append_c(telling->out, '.');
    if (number(row, "opened") > 0)
        say(telling, WHY_PROOF_BY, begun, text(row, "by"), text(row, "row"));
}

/* --- the others --------------------------------------------------------------------------------- */

static void say_suppression(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    g_autofree char *since = time_of(telling, "since");
    const char *whom = is(row, "scope", "*") ? why_word(telling->style->language, WHY_ALL_CLIENTS) : text(row, "scope");
    say(telling, WHY_SUPPRESSED, whom, since, text(row, "reason"));
}

static void say_slot(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    g_autofree char *since = time_of(telling, "since"), *until = time_of(telling, "until");
    say(telling, WHY_SLOT, text(row, "client"), is(row, "quarter", "") ? "" : ", ", text(row, "quarter"));
    if (!is(row, "campaign", ""))
        say(telling, WHY_SLOT_INVITATION, text(row, "campaign"));
    else
        say(telling, WHY_SLOT_FOREIGN);
    say(telling, WHY_SLOT_STATE, state_name(telling), since, text(row, "queue_id"), until);
}

static void say_decision(const struct telling *telling)
{
    const struct attributes *row = telling->row;
    enum report_language language = telling->style->language;
    g_autofree char *since = time_of(telling, "since");
    g_autofree char *mail = number(row, "reminder") > 0
                                ? sentence_of(language, WHY_MAIL_REMINDER, text(row, "reminder"))
                                : sentence_of(language, WHY_MAIL_INVITATION);
    const char *verdict = is(row, "state", "new") ? why_word(language, WHY_DECIDED_FREE) : state_name(telling);
    say(telling, WHY_DECISION, text(row, "client"), text(row, "campaign"), mail, since, text(row, "by"), verdict,
        text(row, "reason"));
}

/* With a capital. */
static char *finish(GString *out)
{
    out->str[0] = g_ascii_toupper(out->str[0]);
    return g_string_free(out, FALSE);
}

char *why_sentence(const struct attributes *row, const struct why_style *style)
{
    static const struct {
        const char *about;
        void (*say)(const struct telling *telling);
    } kinds[] = {{"invitation", say_invitation},
                 {"reminder", say_reminder},
                 {"proof", say_proof},
                 {"suppression", say_suppression},
                 {"slot", say_slot},
                 {"decision", say_decision}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (is(row, "about", kinds[i].about)) {
            const struct telling telling = {g_string_new(NULL), row, style};
            kinds[i].say(&telling);
            return finish(telling.out);
        }
    return NULL;
}

char *why_nothing(const char *address, const char *client, enum report_language language)
{
    return sentence_of(language, WHY_NOTHING, address, client != NULL ? why_word(language, WHY_NOTHING_AT) : "",
                       client != NULL ? client : "");
}

/* --- the log ------------------------------------------------------------------------------------ */

char *why_clock(gint64 time, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time);
    g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
    return local != NULL ? g_date_time_format(local, "%Y-%m-%d %H:%M:%S") : g_strdup("?");
}

char *why_missing(gint64 after, gint64 before, const char *reason, const struct why_style *style)
{
    g_autofree char *from = why_clock(after, style->zone), *to = why_clock(before, style->zone);
    return after == 0 ? sentence_of(style->language, WHY_LOG_BEGINS, to, reason)
                      : sentence_of(style->language, WHY_LOG_GAP, from, to, reason);
}

/* --- the verdict -------------------------------------------------------------------------------- */

void why_judge(const struct attributes *row, const char *client, gint64 now, struct why_verdict *verdict)
{
    if (is(row, "about", "suppression") && (is(row, "scope", "*") || is(row, "scope", client)))
        verdict->suppressed = TRUE;
    gint64 until = (gint64)number(row, "until");
    if (is(row, "about", "slot") && is(row, "client", client) && until > now)
        verdict->capped_until = MAX(verdict->capped_until, until);
}

char *why_verdict_sentence(const struct why_verdict *verdict, const char *client, const struct why_style *style)
{
    g_autofree char *until = time_text(verdict->capped_until, style->zone);
    if (verdict->suppressed)
        return sentence_of(style->language, WHY_MAY_NOT_WRITE, client);
    if (verdict->capped_until != 0)
        return sentence_of(style->language, WHY_MAY_NOT_INVITE, client, until);
    return sentence_of(style->language, WHY_MAY_INVITE, client);
}
