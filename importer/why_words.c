/* why_words.c - what `postwelle why` says; see why_words.h. */
#include "importer/why_words.h"

#include "importer/campaign_state.h"

static const char *const words[WHY_WORDS][REPORT_LANGUAGES] = {
    [WHY_INVITATION] = {"invitation of %s, campaign %s: ", "Einladung von %s, Kampagne %s: "},
    [WHY_REMINDER] = {"reminder %s of %s, campaign %s: ", "Erinnerung %s von %s, Kampagne %s: "},
    [WHY_PROOF] = {"proof %s of %s, campaign %s: ", "Probemail %s von %s, Kampagne %s: "},
    [WHY_PROOF_BY] = {" Sent on %s by %s, with what row %s of the list says.",
                      " Gesandt am %s von %s, mit den Angaben aus Zeile %s der Liste."},
    [WHY_TRIED] = {"was tried %s times, and Postfix did not take it; it is tried again",
                   "wurde %s-mal versucht, und Postfix nahm sie nicht an; es wird wieder versucht"},
    [WHY_NOT_APPROVED] = {"not tried: the campaign is not approved",
                          "nicht versucht: die Kampagne ist nicht freigegeben"},
    [WHY_NOT_OPEN] = {"not tried: wave %s was not opened", "nicht versucht: Welle %s ist nicht geöffnet"},
    [WHY_NOT_YET] = {"not tried yet: wave %s was opened on %s", "noch nicht versucht: Welle %s wurde am %s geöffnet"},
    [WHY_NOT_FED] = {"not tried yet", "noch nicht versucht"},
    [WHY_PAUSED] = {"; the campaign is paused", "; die Kampagne ruht"},
    [WHY_CAPPED_IMPORT] = {"capped already when the list was imported",
                           "nicht gesandt, schon beim Import der Liste war der Platz vergeben"},
    [WHY_CAPPED] = {"capped on %s", "nicht gesandt, am %s war der Platz vergeben"},
    [WHY_HELD_UNKNOWN] = {"; who had the slot then is not known any more",
                          "; wer ihn damals hatte, ist nicht mehr bekannt"},
    [WHY_HELD] = {": campaign %s has invited it on %s, nobody else may until %s",
                  ": Kampagne %s hat die Adresse am %s eingeladen, niemand sonst darf es bis %s"},
    [WHY_HELD_FOREIGN] =
        {": another program's mail of the client counts as its invitation since %s, until %s",
         ": eine Mail des Auftraggebers aus einem anderen Programm gilt seit %s als Einladung, bis %s"},
    [WHY_STATE] = {"%s (%s, %s)", "%s (%s, %s)"},
    [WHY_NO_TLS] = {", not encrypted", ", unverschlüsselt"},
    [WHY_TLS] = {", over %s", ", über %s"},
    [WHY_ATTEMPT] = {", attempt %s", ", Einlieferung %s"},
    [WHY_QUEUE_ID] = {", queue ID %s", ", Queue-ID %s"},
    [WHY_REPLY] = {", last word: %s", ", letzte Antwort: %s"},
    [WHY_ROW] = {" Row %s of %s, imported %s, wave %s.", " Zeile %s von %s, importiert am %s, Welle %s."},
    [WHY_ANSWERED] = {" Has answered (known since %s), so it is not reminded.",
                      " Hat geantwortet (bekannt seit %s) und wird daher nicht erinnert."},
    [WHY_SUPPRESSED] = {"suppressed for %s since %s: %s.", "gesperrt für %s seit %s: %s."},
    [WHY_ALL_CLIENTS] = {"all clients", "alle Auftraggeber"},
    [WHY_SLOT] = {"slot of %s%s%s: ", "Platz bei %s%s%s: "},
    [WHY_SLOT_INVITATION] = {"held by the invitation of campaign %s", "vergeben an die Einladung der Kampagne %s"},
    [WHY_SLOT_FOREIGN] = {"held by another program's mail", "vergeben an eine Mail aus einem anderen Programm"},
    [WHY_SLOT_STATE] = {" (%s) since %s, queue ID %s; nobody else may until %s.",
                        " (%s) seit %s, Queue-ID %s; niemand sonst darf bis %s einladen."},
    [WHY_DECISION] = {"decision in %s, campaign %s, %s: on %s %s said it is %s: %s.",
                      "Entscheidung bei %s, Kampagne %s, %s: am %s sagte %s, sie ist %s: %s."},
    [WHY_MAIL_INVITATION] = {"invitation", "Einladung"},
    [WHY_MAIL_REMINDER] = {"reminder %s", "Erinnerung %s"},
    [WHY_DECIDED_FREE] = {"free", "frei"},
    [WHY_MAY_NOT_WRITE] = {"%s may not write to it: it is suppressed.",
                           "%s darf nicht an sie schreiben: sie ist gesperrt."},
    [WHY_MAY_NOT_INVITE] = {"%s may not invite it again before %s.", "%s darf sie vor %s nicht wieder einladen."},
    [WHY_MAY_INVITE] = {"%s may invite it.", "%s darf sie einladen."},
    [WHY_NOTHING] =
        {"Nothing is known of %s%s%s: it was in no list, has no slot, and is not suppressed.",
         "Von %s%s%s ist nichts bekannt: Die Adresse stand in keiner Liste, hat keinen Platz und ist nicht gesperrt."},
    [WHY_NOTHING_AT] = {" at ", " bei "},
    [WHY_LOG] = {"The single tries are not shown, as the mail log can't be read: %s",
                 "Die einzelnen Versuche fehlen, da das Mail-Log nicht lesbar ist: %s"},
    [WHY_LOG_BEGINS] = {"Tries before %s may be missing here: %s.", "Hier können Versuche vor %s fehlen: %s."},
    [WHY_LOG_GAP] = {"Tries between %s and %s may be missing here: %s.",
                     "Hier können Versuche zwischen %s und %s fehlen: %s."},
};

static const char *const states[STATE_COUNT][REPORT_LANGUAGES] = {
    [STATE_BEGUN] = {"is being handed to Postfix", "wird gerade an Postfix übergeben"},
    [STATE_RESERVED] = {"is being handed to Postfix, the slot is reserved",
                        "wird gerade an Postfix übergeben, der Platz ist reserviert"},
    [STATE_QUEUED] = {"Postfix has it, and has not told about a try yet",
                      "Postfix hat sie und noch von keinem Versuch berichtet"},
    [STATE_GREYLISTED] =
        {"the receiver's greylisting put it off, as it does with every new sender; Postfix tries again",
         "das Greylisting des Empfängers hat sie zurückgestellt, wie bei jedem neuen Absender; Postfix versucht es "
         "wieder"},
    [STATE_DEFERRED] = {"the receiver said \"later\"; Postfix tries again",
                        "der Empfänger sagte „später“; Postfix versucht es wieder"},
    [STATE_SENT] = {"the receiver's server took it", "der Server des Empfängers hat sie angenommen"},
    [STATE_BOUNCED] = {"the receiver's server refused it, or sent it back",
                       "der Server des Empfängers hat sie abgelehnt oder zurückgeschickt"},
    [STATE_EXPIRED] = {"no server of the receiver took it until Postfix gave up",
                       "kein Server des Empfängers nahm sie an, bis Postfix aufgab"},
    [STATE_UNCERTAIN] = {"nobody can tell whether it arrived, so it is not sent again",
                         "niemand kann sagen, ob sie ankam; sie wird nicht noch einmal gesandt"},
    [STATE_SUPPRESSED] = {"not sent: the address is suppressed", "nicht gesandt: die Adresse ist gesperrt"},
    [STATE_REFUSED] = {"not sent: our own server refused it, or it was withdrawn",
                       "nicht gesandt: der eigene Server hat sie abgelehnt, oder sie wurde zurückgezogen"},
};

const char *why_word(enum report_language language, enum why_word word)
{
    return words[word][language];
}

const char *why_state(enum report_language language, guint state)
{
    return states[state][language];
}
