/* report_words.c - the texts of reports; see report_words.h. */
#include "importer/report_words.h"

#include "importer/campaign_state.h"

#include <string.h>

static const struct {
    const char *texts[REPORT_LANGUAGES];
} words[REPORT_WORDS] = {
    [WORD_REPORT] = {{"Mailing report", "Versandbericht"}},
    [WORD_SUMMARY] = {{"summary", "Übersicht"}},
    [WORD_BY_WAVE] = {{"by wave", "nach Welle"}},
    [WORD_BY_PROVIDER] = {{"by receiving provider", "nach Mailanbieter"}},
    [WORD_BY_REASON] = {{"bounces by reason", "Rückläufer nach Grund"}},
    [WORD_REJECTED] = {{"rejected rows", "zurückgewiesene Zeilen"}},
    [WORD_CAPPED_ROWS] = {{"capped", "bereits Eingeladene"}},
    [WORD_PARTICIPANTS_SHEET] = {{"participants", "alle Teilnehmer"}},
    [WORD_CLIENT] = {{"client", "Auftraggeber"}},
    [WORD_CAMPAIGN] = {{"campaign", "Kampagne"}},
    [WORD_AS_OF] = {{"as of", "Stand"}},
    [WORD_STATE] = {{"state", "Zustand"}},
    [WORD_MEANING] = {{"meaning", "Bedeutung"}},
    [WORD_COUNT] = {{"count", "Anzahl"}},
    [WORD_SHARE] = {{"share", "Anteil"}},
    [WORD_TOTAL] = {{"total", "gesamt"}},
    [WORD_PARTICIPANTS] = {{"participants", "Teilnehmer"}},
    [WORD_LISTS] = {{"Imported lists", "Importierte Listen"}},
    [WORD_LIST] = {{"list", "Liste"}},
    [WORD_LIST_NUMBER] = {{"list no.", "Liste Nr."}},
    [WORD_ROW] = {{"row", "Zeile"}},
    [WORD_FILE] = {{"file", "Datei"}},
    [WORD_SHA256] = {{"checksum (SHA-256)", "Prüfsumme (SHA-256)"}},
    [WORD_IMPORTED] = {{"imported", "importiert"}},
    [WORD_ROWS_TAKEN] = {{"new participants", "neue Teilnehmer"}},
    [WORD_ROWS_REJECTED] = {{"rejected", "zurückgewiesen"}},
    [WORD_ROWS_KNOWN] = {{"in the campaign already", "schon in der Kampagne"}},
    [WORD_BASIS] = {{"legal basis", "Rechtsgrundlage"}},
    [WORD_ASSURED_BY] = {{"assured by", "zugesichert von"}},
    [WORD_REMARK] = {{"remark", "Bemerkung"}},
    [WORD_RELEASE] = {{"Release", "Freigabe"}},
    [WORD_APPROVED_BY] = {{"released by", "freigegeben von"}},
    [WORD_APPROVED_AT] = {{"released at", "freigegeben am"}},
    [WORD_CONTENT_HASH] = {{"checksum of the content", "Prüfsumme des Inhalts"}},
    [WORD_NOT_APPROVED] = {{"not released yet", "noch nicht freigegeben"}},
    [WORD_CHECK] = {{"Content check", "Inhaltsprüfung"}},
    [WORD_CHECK_GOOD] = {{"0 remote loads, 0 open tracking", "0 Nachladungen, 0 Öffnungsmessung"}},
    [WORD_CHECK_BAD] = {{"Not confirmed", "Nicht bestätigt"}},
    [WORD_CHECK_HOW] = {{"For this report one mail of each language was composed from the campaign's content "
                         "(%s) and checked part by part against an allow-list: no element, attribute or style "
                         "that makes a mail program load anything; pictures are in the mail. Each single mail "
                         "went through the same check when it was sent; what fails it does not leave.",
                         "Für diesen Bericht wurde aus dem Inhalt der Kampagne je Sprachfassung eine Mail "
                         "zusammengesetzt (%s) und Teil für Teil gegen eine Positivliste geprüft: kein "
                         "Element, kein Attribut und keine Stilangabe, die ein Mailprogramm etwas laden lässt; "
                         "Bilder liegen in der Mail. Dieselbe Prüfung durchlief jede einzelne Mail beim "
                         "Versand; was sie nicht besteht, geht nicht hinaus."}},
    [WORD_CHECK_CHANGED] = {{"The content in the campaign's folder is not the released one, so nothing was checked "
                             "for this report. Each mail that was sent passed the same check when it left.",
                             "Der Inhalt im Kampagnenordner ist nicht der freigegebene; geprüft wurde daher "
                             "nichts. Jede versandte Mail hat dieselbe Prüfung beim Versand bestanden."}},
    [WORD_CHECK_FAILED] = {{"The content in the campaign's folder fails the check; %s",
                            "Der Inhalt im Kampagnenordner besteht die Prüfung nicht; %s"}},
    [WORD_WAVE] = {{"wave", "Welle"}},
    [WORD_OPENED] = {{"opened", "geöffnet"}},
    [WORD_NOT_OPENED] = {{"not yet", "noch nicht"}},
    [WORD_PROVIDER] = {{"receiving provider", "Mailanbieter"}},
    [WORD_OTHERS] = {{"others", "übrige"}},
    [WORD_UNKNOWN] = {{"unknown", "unbekannt"}},
    [WORD_REASON] = {{"reason", "Grund"}},
    [WORD_CODE] = {{"status code", "Statuscode"}},
    [WORD_EXAMPLE] = {{"example", "Beispiel"}},
    [WORD_COLUMN] = {{"column", "Spalte"}},
    [WORD_KNOWN_ROW] = {{"is a participant of this campaign already", "ist schon Teilnehmer dieser Kampagne"}},
    [WORD_HELD_BY] = {{"invited already by", "bereits eingeladen durch"}},
    [WORD_HELD_SINCE] = {{"since", "seit"}},
    [WORD_HELD_UNTIL] = {{"capped until", "gesperrt bis"}},
    [WORD_FOREIGN_MAIL] = {{"other mail of the client", "andere Mail des Auftraggebers"}},
    [WORD_SINCE] = {{"since", "seit"}},
    [WORD_ADDRESS] = {{"address", "Adresse"}},
    [WORD_REPLY] = {{"last reply", "letzte Antwort"}},
    [WORD_COMPLAINTS] = {{"complaints", "Beschwerden"}},
    [WORD_SUM] = {{"sum", "Summe"}},
    [WORD_SUM_GOOD] = {{"Each imported participant is counted exactly once: %s of %s.",
                        "Jeder importierte Teilnehmer ist genau einmal gezählt: %s von %s."}},
    [WORD_SUM_BAD] = {{"The sum is not right: %s counted, %s imported.",
                       "Die Summe stimmt nicht: %s gezählt, %s importiert."}},
    [WORD_DELIVERED_OF_TRIED] = {{"delivered of all written to", "zugestellt von allen angeschriebenen"}},
    [WORD_WRITTEN_TO] = {{"written to", "angeschrieben"}},
    [WORD_FOOTER] = {{"Times in %s. This report has no addresses; rows are those of the imported list.",
                      "Zeiten in %s. Adressen stehen nicht in diesem Bericht; Zeilen sind die der "
                      "importierten Liste."}},
    [WORD_FOOTER_ADDRESSES] = {{"Times in %s. Rows are those of the imported list. This report holds personal data.",
                                "Zeiten in %s. Zeilen sind die der importierten Liste. Dieser Bericht enthält "
                                "personenbezogene Daten."}},
    [WORD_RESULT] = {{"Result", "Ergebnis"}},
    [WORD_AUDIT] = {{"audit", "Protokoll"}},
    [WORD_NUMBER] = {{"number", "Nr."}},
    [WORD_TIME] = {{"time", "Zeit"}},
    [WORD_WHO] = {{"who", "wer"}},
    [WORD_ACTION] = {{"action", "Handlung"}},
    [WORD_SUBJECT] = {{"subject", "Gegenstand"}},
    [WORD_DETAIL] = {{"detail", "Einzelheiten"}},
    [WORD_AUDIT_GOOD] =
        {{"The audit trail was verified for this report: its entries are as they were written, and none is missing.",
          "Das Protokoll wurde für diesen Bericht geprüft: Seine Einträge sind, wie sie geschrieben wurden, und keiner "
          "fehlt."}},
    [WORD_AUDIT_BAD] = {{"The audit trail is not as it was written: %s faults.",
                         "Das Protokoll ist nicht, wie es geschrieben wurde: %s Fehler."}},
    [WORD_TLS] = {{"Transmission", "Übertragung"}},
    [WORD_TLS_YES] = {{"encrypted (TLS)", "verschlüsselt (TLS)"}},
    [WORD_TLS_NO] = {{"not encrypted", "unverschlüsselt"}},
    [WORD_TLS_UNKNOWN] = {{"not known", "nicht bekannt"}},
    [WORD_ANSWERED] = {{"answered, as far as told", "geantwortet, soweit gemeldet"}},
    [WORD_REMINDERS] = {{"Reminders", "Erinnerungen"}},
    [WORD_REMINDER] = {{"reminder", "Erinnerung"}},
};

static const struct {
    const char *names[REPORT_LANGUAGES], *meanings[REPORT_LANGUAGES];
} states[STATE_COUNT] = {
    [STATE_NEW] = {{"not tried yet", "noch nicht versucht"},
                   {"The wave is not open yet, or the mail has not had its turn.",
                    "Die Welle ist noch nicht geöffnet oder die Mail noch nicht an der Reihe."}},
    [STATE_BEGUN] = {{"begun", "in Arbeit"}, {"The mail is being handed over.", "Die Mail wird gerade eingeliefert."}},
    [STATE_RESERVED] = {{"reserved", "in Arbeit (reserviert)"},
                        {"The mail is being handed over.", "Die Mail wird gerade eingeliefert."}},
    [STATE_QUEUED] = {{"on its way", "unterwegs"}, {"The mail is queued.", "Die Mail liegt zum Versand bereit."}},
    [STATE_GREYLISTED] =
        {{"greylisted", "Greylisting"},
         {"The receiving server takes mail of unknown senders at a later try only; it is tried again.",
          "Der empfangende Server nimmt Mail unbekannter Absender erst später an; wir versuchen es weiter."}},
    [STATE_DEFERRED] = {{"deferred", "vertagt"},
                        {"The receiving server asked us to come back; it is tried again.",
                         "Der empfangende Server bat um einen späteren Versuch; wir versuchen es weiter."}},
    [STATE_SENT] = {{"delivered", "zugestellt"},
                    {"The receiving server took the mail.", "Der empfangende Server hat die Mail angenommen."}},
    [STATE_BOUNCED] = {{"bounced", "unzustellbar"},
                       {"The receiving server refused the mail, or sent it back.",
                        "Der empfangende Server hat die Mail abgelehnt oder zurückgeschickt."}},
    [STATE_EXPIRED] = {{"expired", "Frist abgelaufen"},
                       {"No server took the mail in time.",
                        "Bis zum Ende der Zustellfrist nahm kein Server die Mail an."}},
    [STATE_UNCERTAIN] = {{"uncertain", "ungewiss"},
                         {"Whether the mail arrived can't be told; it is not sent again.",
                          "Ob die Mail ankam, ist nicht feststellbar; sie wird nicht noch einmal gesandt."}},
    [STATE_CAPPED] = {{"capped", "schon eingeladen"},
                      {"Got an invitation in this period already.",
                       "Hat in diesem Zeitraum schon eine Einladung bekommen."}},
    [STATE_SUPPRESSED] = {{"suppressed", "gesperrt"},
                          {"Unsubscribed, objected or undeliverable; is not written to.",
                           "Abgemeldet, widersprochen oder unzustellbar; wird nicht angeschrieben."}},
    [STATE_REFUSED] = {{"refused", "zurückgezogen"},
                       {"Our own server refused the mail, or it was withdrawn before it left.",
                        "Der eigene Server hat die Mail abgelehnt, oder sie wurde vor dem Versand zurückgezogen."}},
};

const char *report_word(enum report_language language, enum report_word word)
{
    return words[word].texts[language];
}

char *report_format(enum report_language language, enum report_word word, ...)
{
    GString *out = g_string_new(NULL);
    const char *rest = report_word(language, word);
    va_list texts;
    va_start(texts, word);
    for (const char *place; (place = strstr(rest, "%s")) != NULL; rest = place + 2) {
        g_string_append_len(out, rest, place - rest);
        g_string_append(out, va_arg(texts, const char *));
    }
    va_end(texts);
    g_string_append(out, rest);
    return g_string_free(out, FALSE);
}

const char *report_state(enum report_language language, guint state)
{
    return states[state].names[language];
}

const char *report_state_meaning(enum report_language language, guint state)
{
    return states[state].meanings[language];
}

char *report_number(enum report_language language, guint64 number)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    GString *out = g_string_new(NULL);
    for (size_t i = 0, length = strlen(digits); i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_string_append_c(out, language == REPORT_GERMAN ? '.' : ',');
        g_string_append_c(out, digits[i]);
    }
    return g_string_free(out, FALSE);
}

/* Only all is 100%, and only none is 0%. */
char *report_share(enum report_language language, guint64 part, guint64 whole)
{
    guint64 tenths = whole > 0 ? (part * 1000 + whole / 2) / whole : 0;
    if (part > 0 && part < whole)
        tenths = CLAMP(tenths, 1, 999);
    return g_strdup_printf(language == REPORT_GERMAN ? "%" G_GUINT64_FORMAT ",%u\302\240%%"
                                                     : "%" G_GUINT64_FORMAT ".%u%%",
                           tenths / 10, (guint)(tenths % 10));
}
