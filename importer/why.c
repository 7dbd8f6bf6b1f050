/* why.c - policyd's explanations in sentences; see why.h. */
#include "importer/why.h"

#include <string.h>

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

static char *time_of(const struct attributes *row, const char *name, GTimeZone *zone)
{
    return time_text((gint64)number(row, name), zone);
}

/* --- what became of a mail ---------------------------------------------------------------------- */

/* It was not tried yet, or is to be tried again. */
static void append_new(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *opened = time_of(row, "opened", zone);
    if (number(row, "attempt") > 0)
        g_string_append_printf(out, "was tried %s times, and Postfix did not take it; it is tried again",
                               text(row, "attempt"));
    else if (is(row, "campaign_state", "draft"))
        g_string_append(out, "not tried: the campaign is not approved");
    else if (number(row, "opened") == 0)
        g_string_append_printf(out, "not tried: wave %s was not opened", text(row, "wave"));
    else
        g_string_append_printf(out, "not tried yet: wave %s was opened on %s", text(row, "wave"), opened);
    if (is(row, "campaign_state", "paused"))
        g_string_append(out, "; the campaign is paused");
}

/* Who has the slot. */
static void append_capped(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *since = time_of(row, "held_since", zone), *until = time_of(row, "held_until", zone);
    g_autofree char *changed = time_of(row, "changed", zone);
    const char *campaign = text(row, "held_campaign");
    gboolean list = number(row, "attempt") == 0 && number(row, "changed") <= number(row, "imported");
    g_string_append_printf(out, "capped %s%s", list ? "already when the list was imported" : "on ",
                           list ? "" : changed);
    if (is(row, "held_by", ""))
        g_string_append(out, "; who had the slot then is not known any more");
    else if (*campaign != '\0')
        g_string_append_printf(out, ": campaign %s has invited it on %s, nobody else may until %s", campaign, since,
                               until);
    else
        g_string_append_printf(
            out, ": another program's mail of the client counts as its invitation since %s, until %s", since, until);
}

static void append_state(GString *out, const struct attributes *row, GTimeZone *zone)
{
    static const struct {
        const char *state, *sentence;
    } sentences[] = {
        {"begun", "is being handed to Postfix"},
        {"reserved", "is being handed to Postfix, the slot is reserved"},
        {"queued", "Postfix has it, and has not told about a try yet"},
        {"greylisted", "the receiver's greylisting put it off, as it does with every new sender; Postfix tries again"},
        {"deferred", "the receiver said \"later\"; Postfix tries again"},
        {"sent", "the receiver's server took it"},
        {"bounced", "the receiver's server refused it, or sent it back"},
        {"expired", "no server of the receiver took it until Postfix gave up"},
        {"uncertain", "nobody can tell whether it arrived, so it is not sent again"},
        {"suppressed", "not sent: the address is suppressed"},
        {"refused", "not sent: our own server refused it, or it was withdrawn"},
    };
    g_autofree char *changed = time_of(row, "changed", zone);
    if (is(row, "state", "new")) {
        append_new(out, row, zone);
    } else if (is(row, "state", "capped")) {
        append_capped(out, row, zone);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (is(row, "state", sentences[i].state))
            g_string_append_printf(out, "%s (%s, %s)", sentences[i].sentence, sentences[i].state, changed);
    if (is(row, "tls", "no"))
        g_string_append(out, ", not encrypted");
    else if (*text(row, "tls") != '\0')
        g_string_append_printf(out, ", over %s", text(row, "tls"));
    if (number(row, "attempt") > 0 && !is(row, "state", "new"))
        g_string_append_printf(out, ", attempt %s", text(row, "attempt"));
    if (*text(row, "queue_id") != '\0')
        g_string_append_printf(out, ", queue ID %s", text(row, "queue_id"));
    if (*text(row, "reply") != '\0')
        g_string_append_printf(out, ", last word: %s", text(row, "reply"));
}

/* The last reminder, and whether one is still wanted. */
static void append_reminder(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *answered = time_of(row, "answered", zone), *changed = time_of(row, "reminder_changed", zone);
    if (number(row, "reminder") > 0)
        g_string_append_printf(out, " Reminder %s: %s (%s)%s%s.", text(row, "reminder"), text(row, "reminder_state"),
                               changed, *text(row, "reminder_reply") != '\0' ? ", last word: " : "",
                               text(row, "reminder_reply"));
    if (number(row, "answered") > 0)
        g_string_append_printf(out, " Has answered (known since %s), so it is not reminded.", answered);
}

static void append_mail(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *imported = time_of(row, "imported", zone);
    g_string_append_printf(out, "%s of %s, campaign %s: ", text(row, "about"), text(row, "client"),
                           text(row, "campaign"));
    append_state(out, row, zone);
    g_string_append_printf(out, ". Row %s of %s, imported %s, wave %s.", text(row, "row"), text(row, "file"), imported,
                           text(row, "wave"));
    append_reminder(out, row, zone);
}

/* --- the others --------------------------------------------------------------------------------- */

static void append_suppression(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *since = time_of(row, "since", zone);
    g_string_append_printf(out, "suppressed for %s since %s: %s.",
                           is(row, "scope", "*") ? "all clients" : text(row, "scope"), since, text(row, "reason"));
}

static void append_slot(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *since = time_of(row, "since", zone), *until = time_of(row, "until", zone);
    const char *quarter = text(row, "quarter"), *campaign = text(row, "campaign");
    g_string_append_printf(out, "slot of %s%s%s: ", text(row, "client"), *quarter != '\0' ? ", " : "", quarter);
    if (*campaign != '\0')
        g_string_append_printf(out, "held by the %s of campaign %s", text(row, "slot"), campaign);
    else
        g_string_append(out, "held by another program's mail");
    g_string_append_printf(out, " (%s) since %s, queue ID %s; nobody else may until %s.", text(row, "state"), since,
                           text(row, "queue_id"), until);
}

static void append_decision(GString *out, const struct attributes *row, GTimeZone *zone)
{
    g_autofree char *since = time_of(row, "since", zone);
    g_string_append_printf(out, "decision in %s, campaign %s: on %s %s said it is %s: %s.", text(row, "client"),
                           text(row, "campaign"), since, text(row, "by"),
                           is(row, "state", "new") ? "free" : text(row, "state"), text(row, "reason"));
}

char *why_sentence(const struct attributes *row, GTimeZone *zone)
{
    static const struct {
        const char *about;
        void (*append)(GString *out, const struct attributes *row, GTimeZone *zone);
    } kinds[] = {{"invitation", append_mail},
                 {"suppression", append_suppression},
                 {"slot", append_slot},
                 {"decision", append_decision}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (is(row, "about", kinds[i].about)) {
            GString *out = g_string_new(NULL);
            kinds[i].append(out, row, zone);
            out->str[0] = g_ascii_toupper(out->str[0]);
            return g_string_free(out, FALSE);
        }
    return NULL;
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

char *why_verdict_sentence(const struct why_verdict *verdict, const char *client, GTimeZone *zone)
{
    g_autofree char *until = time_text(verdict->capped_until, zone);
    if (verdict->suppressed)
        return g_strdup_printf("%s may not write to it: it is suppressed.", client);
    if (verdict->capped_until != 0)
        return g_strdup_printf("%s may not invite it again before %s.", client, until);
    return g_strdup_printf("%s may invite it.", client);
}
