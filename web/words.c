/* words.c - the words of the status pages; see words.h. */
#include "web/words.h"

#include "lib/status_code.h"

#include <string.h>

static const char *const codes[LANGUAGES] = {"de", "en"};

static const char *const texts[WORDS][LANGUAGES] = {
    [WORD_CAMPAIGNS] = {"Kampagnen", "Campaigns"},
    [WORD_NO_CAMPAIGNS] = {"Es gibt noch keine. Eine Kampagne steht hier, sobald eine Liste importiert ist.",
                           "There are none yet. A campaign stands here once a list was imported."},
    [WORD_MORE_CAMPAIGNS] = {"%s weitere sind hier nicht aufgeführt; postwelle status zeigt alle.",
                             "%s more are not listed here; postwelle status shows all."},
    [WORD_ALARMS] = {"Alarme", "Alarms"},
    [WORD_NO_ALARMS] = {"Keine Alarme.", "No alarms."},
    [WORD_STANDING] = {"Stand", "Standing"},
    [WORD_PARTICIPANTS] = {"Teilnehmer", "participants"},
    [WORD_COMPLAINTS] = {"Beschwerden", "complaints"},
    [WORD_ANSWERED] = {"haben geantwortet", "have answered"},
    [WORD_NEXT] = {"Nächste Welle", "Next wave"},
    [WORD_NEXT_OPENS] = {"Welle %s öffnet voraussichtlich am %s.", "Wave %s is expected to open on %s."},
    [WORD_NEXT_GOES_ON] = {"Welle %s ist noch nicht ganz verschickt und geht weiter ab %s.",
                           "Wave %s is not all sent yet and goes on from %s."},
    [WORD_NEXT_BY_HAND] = {"Welle %s wird von Hand geöffnet: postwelle wave open.",
                           "Wave %s is opened by hand: postwelle wave open."},
    [WORD_NEXT_NONE] = {"Keine: alle Wellen sind geöffnet.", "None: all waves are open."},
    [WORD_NEXT_UNKNOWN] = {"Noch nicht bekannt: postwelle run (jede Minute) hat sich noch nicht gemeldet.",
                           "Not known yet: postwelle run (each minute) has not told so far."},
    [WORD_NEXT_HELD] = {"Welle %s, sobald die Kampagne freigegeben ist und nicht mehr ruht.",
                        "Wave %s, once the campaign is approved and no longer paused."},
    [WORD_WAVES] = {"Wellen", "Waves"},
    [WORD_WAVE] = {"Welle %s", "Wave %s"},
    [WORD_REMINDERS] = {"Erinnerungen", "Reminders"},
    [WORD_REMINDER] = {"%s. Erinnerung", "Reminder %s"},
    [WORD_OPENED] = {"geöffnet %s", "opened %s"},
    [WORD_NOT_OPENED] = {"noch nicht geöffnet", "not opened yet"},
    [WORD_PROVIDERS] = {"Empfangende Anbieter", "Receiving providers"},
    [WORD_OTHERS] = {"%s weitere", "%s others"},
    [WORD_OTHERS_UNKNOWN] = {"ohne Adresse", "without an address"},
    [WORD_COUNTED] = {"gezählt %s", "counted %s"},
    [WORD_COUNTING] = {"Es wird gerade gezählt; gleich steht es hier.",
                       "It is being counted, and will be here shortly."},
    [WORD_REASON] = {"Grund", "Reason"},
    [WORD_CODE] = {"Code", "Code"},
    [WORD_COUNT] = {"Mails", "Mails"},
    [WORD_MAILS] = {"Mails", "mails"},
    [WORD_AS_OF] = {"Stand %s.", "As of %s."},
    [WORD_REFRESHES] = {"Die Seite lädt sich alle %s Sekunden neu.", "This page reloads itself every %s seconds."},
    [WORD_NEVER] = {"noch nie", "never"},
    [WORD_DRAFT] = {"nicht freigegeben", "not approved"},
    [WORD_APPROVED] = {"freigegeben", "approved"},
    [WORD_PAUSED] = {"angehalten", "paused"},
    [WORD_BAD_REQUEST] = {"Die Anfrage ist unverständlich", "The request is not understood"},
    [WORD_BAD_REQUEST_TEXT] = {"Ihr fehlt das Feld Host, oder sie hat zwei.", "It has no Host field, or two."},
    [WORD_NOT_FOUND] = {"Diese Kampagne gibt es nicht", "There is no such campaign"},
    [WORD_NOT_FOUND_TEXT] = {"Die Übersicht zeigt alle.", "The list of campaigns shows all."},
    [WORD_METHOD] = {"Hier gibt es nur etwas zu lesen", "There is only something to read here"},
    [WORD_METHOD_TEXT] = {"Erlaubt sind GET und HEAD.", "GET and HEAD are allowed."},
    [WORD_MISDIRECTED] = {"Unter diesem Namen gibt es hier nichts", "There is nothing here under that name"},
    [WORD_MISDIRECTED_TEXT] = {"Diese Seiten heißen localhost, 127.0.0.1 oder [::1].",
                               "These pages are called localhost, 127.0.0.1 or [::1]."},
    [WORD_AWAY] = {"Das Hauptbuch antwortet nicht", "The ledger does not answer"},
    [WORD_AWAY_TEXT] =
        {"Solange geht keine Einladung hinaus. Auf der Maschine sagt systemctl status postwelle-policyd, warum.",
         "Until it does, no invitation leaves. On the machine, systemctl status postwelle-policyd says why."},
};

static const char *const states[FACTS_STATES][LANGUAGES] = {
    [FACTS_NEW] = {"noch zu senden", "to be sent"},
    [FACTS_BEGUN] = {"in Arbeit", "being fed"},
    [FACTS_RESERVED] = {"in Annahme", "being accepted"},
    [FACTS_QUEUED] = {"in der Warteschlange", "queued"},
    [FACTS_GREYLISTED] = {"Greylisting", "greylisted"},
    [FACTS_DEFERRED] = {"aufgeschoben", "deferred"},
    [FACTS_SENT] = {"zugestellt", "sent"},
    [FACTS_BOUNCED] = {"unzustellbar", "bounced"},
    [FACTS_EXPIRED] = {"abgelaufen", "expired"},
    [FACTS_UNCERTAIN] = {"ungewiss", "uncertain"},
    [FACTS_CAPPED] = {"Quartal schon belegt", "quarter used"},
    [FACTS_SUPPRESSED] = {"gesperrt", "suppressed"},
    [FACTS_REFUSED] = {"abgelehnt", "refused"},
};

static const char *const reasons[FACTS_STATES][LANGUAGES] = {
    [FACTS_NEW] = {"Noch nicht angenommen, nach Grund", "Not taken yet, by reason"},
    [FACTS_DEFERRED] = {"Aufgeschoben, nach Grund", "Deferred, by reason"},
    [FACTS_BOUNCED] = {"Unzustellbar, nach Grund", "Bounced, by reason"},
    [FACTS_EXPIRED] = {"Abgelaufen, nach Grund", "Expired, by reason"},
    [FACTS_REFUSED] = {"Abgelehnt, nach Grund", "Refused, by reason"},
};

static const char *const alarms[ALARM_KINDS][LANGUAGES] = {
    [ALARM_TROUBLE] = {"Das Hauptbuch nimmt gerade nichts an: %s", "The ledger takes nothing now: %s"},
    [ALARM_LOG] = {"Das Mail-Log wird nicht gelesen (zuletzt: %s): läuft postwelle-track?",
                   "The mail log is not being read (last: %s): is postwelle-track running?"},
    [ALARM_RUN] = {"Niemand öffnet Wellen (zuletzt gemeldet: %s): läuft postwelle.timer?",
                   "Nobody opens waves (last heard of: %s): is postwelle.timer running?"},
    [ALARM_PAUSED] = {"Die Kampagne ist angehalten.", "The campaign is paused."},
    [ALARM_GATE] = {"Eine Schwelle ist überschritten: %s", "A gate has tripped: %s"},
    [ALARM_WAIT] = {"Die nächste Welle wartet: %s", "The next wave waits: %s"},
    [ALARM_UNCERTAIN] = {"%s Mails sind ungewiss; ein Mensch muss entscheiden: postwelle ledger show.",
                         "%s mails are uncertain; a person has to decide: postwelle ledger show."},
    [ALARM_MILTER] = {"%s Mails sind nicht angenommen: postwelle-milter antwortet nicht.",
                      "%s mails are not taken: postwelle-milter does not answer."},
    [ALARM_POLICYD] = {"%s Mails sind nicht angenommen: Postfix erreicht postwelle-policyd nicht.",
                       "%s mails are not taken: Postfix can't reach postwelle-policyd."},
    [ALARM_KEY] = {"%s Mails sind nicht angenommen: der Signaturschlüssel fehlt oder ist unbrauchbar.",
                   "%s mails are not taken: the signing key is missing or of no use."},
    [ALARM_NOT_TAKEN] = {"%s Mails hat Postfix noch nicht angenommen; es wird wieder versucht.",
                         "%s mails were not taken by Postfix yet; they are tried again."},
};

/* What is no status code. */
static const struct {
    const char *code;
    const char *texts[LANGUAGES];
} own_meanings[] = {
    {"greylisted", {"Greylisting: ein späterer Versuch wird angenommen", "greylisting: a later attempt is taken"}},
    {"milter", {"postwelle-milter antwortet nicht", "postwelle-milter does not answer"}},
    {"policyd", {"postwelle-policyd antwortet Postfix nicht", "postwelle-policyd does not answer Postfix"}},
    {"key", {"kein brauchbarer Signaturschlüssel", "no usable signing key"}},
};

const char *words_code(enum language language)
{
    return codes[language];
}

const char *words(enum word word, enum language language)
{
    return texts[word][language];
}

const char *words_state(enum facts_state state, enum language language)
{
    return states[state][language];
}

const char *words_reasons(enum facts_state state, enum language language)
{
    return reasons[state][language];
}

const char *words_alarm(enum alarm_kind kind, enum language language)
{
    return alarms[kind][language];
}

const char *words_reply(const char *code, enum language language)
{
    for (size_t i = 0; i < G_N_ELEMENTS(own_meanings); i++)
        if (strcmp(own_meanings[i].code, code) == 0)
            return own_meanings[i].texts[language];
    return status_code_meaning(code, language == LANGUAGE_DE);
}
