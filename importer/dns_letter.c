/* dns_letter.c - the letter to a client's IT; see dns_letter.h. */
#include "importer/dns_letter.h"

#include <string.h>

enum part {
    HEADING,
    PARAGRAPH,
    RECORDS, /* of `purpose`; the part and its paragraph before it are left out where there are none */
};

/* {TITLE}, {DOMAINS}, {SIGNING} and {RETURN} are filled in. */
static const struct {
    enum part part;
    int purpose; /* enum dns_purpose that the part is about; -1: always there */
    const char *german, *english;
} parts[] = {
    {HEADING, -1, "DNS-Einträge für Ihre Befragung ({TITLE})", "DNS records for your survey ({TITLE})"},
    {PARAGRAPH, -1,
     "Guten Tag, in Ihrem Auftrag versenden wir Einladungen zu einer Befragung, mit Absendern unter {DOMAINS}. Damit "
     "die Postfächer der "
     "Empfänger erkennen, dass diese Mails echt und von Ihnen gewollt sind, brauchen wir einige Einträge in Ihrem DNS. "
     "Bitte tragen "
     "Sie sie genau so ein, wie sie hier stehen: ohne Anführungszeichen aus der Textverarbeitung, ohne Umbrüche und "
     "ohne "
     "Leerzeichen innerhalb der Schlüssel.",
     "Dear colleagues, on your behalf we send invitations to a survey, with senders at {DOMAINS}. For the recipients' "
     "mail systems to "
     "see that these mails are genuine and wanted by you, we need some records in your DNS. Please enter them exactly "
     "as they "
     "stand here: without quotation marks from a word processor, without line breaks, and without blanks within the "
     "keys."},
    {HEADING, DNS_FOR_SPF, "SPF: wer in Ihrem Namen senden darf", "SPF: who may send in your name"},
    {PARAGRAPH, DNS_FOR_SPF,
     "Der Eintrag gehört an {RETURN} selbst, nicht an einen Namen wie spf.{RETURN}. Gibt es dort schon einen Eintrag, "
     "der mit v=spf1 "
     "beginnt, dann bitte keinen zweiten anlegen, sondern unseren Teil (zwischen v=spf1 und -all) in den vorhandenen "
     "aufnehmen: "
     "bei zwei Einträgen gilt keiner.",
     "The record belongs to {RETURN} itself, not to a name such as spf.{RETURN}. If there is a record already that "
     "begins with v=spf1, "
     "please make no second one, but take our part (between v=spf1 and -all) into the one that is there: of two "
     "records, none "
     "counts."},
    {RECORDS, DNS_FOR_SPF, NULL, NULL},
    {HEADING, DNS_FOR_BOUNCES, "MX: wohin Unzustellbares zurückkommt", "MX: where undeliverable mail comes back to"},
    {PARAGRAPH, DNS_FOR_BOUNCES,
     "Unter {RETURN} nehmen wir zurück, was nicht zugestellt werden konnte. Ihre übrige Post ist davon nicht berührt.",
     "At {RETURN} we take back what could not be delivered. Your other mail is not concerned."},
    {RECORDS, DNS_FOR_BOUNCES, NULL, NULL},
    {HEADING, DNS_FOR_DKIM, "DKIM: unsere Schlüssel", "DKIM: our keys"},
    {PARAGRAPH, DNS_FOR_DKIM,
     "Mit diesen Schlüsseln prüfen Empfänger unsere Unterschrift unter jeder Mail. Manche Eingabemasken hängen "
     "{SIGNING} selbst an; dann "
     "bitte nur den Teil davor eingeben. Das Datum im Namen sagt, wann der Schlüssel gemacht wurde; bitte lassen Sie "
     "ältere stehen, "
     "bis wir Bescheid geben.",
     "With these keys, receivers verify our signature on each mail. Some forms append {SIGNING} by themselves; then "
     "please enter the "
     "part before it only. The date in the name says when the key was made; please leave older ones in place until we "
     "tell you."},
    {RECORDS, DNS_FOR_DKIM, NULL, NULL},
    {HEADING, DNS_AS_ADVICE, "DMARC: nur ein Hinweis", "DMARC: advice only"},
    {PARAGRAPH, DNS_AS_ADVICE,
     "DMARC gilt für alle Mails Ihres Unternehmens, auch für Newsletter, Rechnungen und Bewerbungsportale. Es ist "
     "darum Ihre "
     "Entscheidung, und eine Befragung ist kein Anlass, sie zu überstürzen. Haben Sie schon einen Eintrag, so ändern "
     "Sie ihn "
     "für uns bitte nicht: unsere Mails erfüllen ihn. Haben Sie keinen, so ist dieser ein unschädlicher Anfang (er "
     "verlangt nichts "
     "und bringt Ihnen Berichte); die Adresse für die Berichte wählen bitte Sie.",
     "DMARC is about all mail of your company, newsletters, invoices and application portals included. So it is your "
     "decision, and a "
     "survey is no reason to rush it. If you have a record, please do not change it for us: our mails comply with it. "
     "If "
     "you have none, this is a harmless beginning (it demands nothing and brings you reports); the address for reports "
     "is yours "
     "to choose."},
    {RECORDS, DNS_AS_ADVICE, NULL, NULL},
    {HEADING, -1, "Danach", "Afterwards"},
    {PARAGRAPH, -1,
     "Bitte geben Sie uns Bescheid, wenn die Einträge veröffentlicht sind. Wir prüfen sie auf allen Ihren Nameservern, "
     "bevor die erste "
     "Mail hinausgeht, und melden uns, wenn etwas fehlt. Vielen Dank!",
     "Please tell us when the records are published. We check them on all your name servers before the first mail "
     "leaves, and come "
     "back to you if anything is missing. Thank you!"},
};

static char *fill_in(const char *text, const struct client *client)
{
    g_autofree char *domains = g_strjoinv(", ", client->domains);
    const char *const values[][2] = {{"{TITLE}", client->title},
                                     {"{DOMAINS}", domains},
                                     {"{SIGNING}", client->signing_domain},
                                     {"{RETURN}", client->return_path}};
    GString *filled = g_string_new(text);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        g_string_replace(filled, values[i][0], values[i][1], 0);
    return g_string_free(filled, FALSE);
}

static gboolean has_purpose(const GPtrArray *lines, int purpose)
{
    for (guint i = 0; i < lines->len; i++)
        if ((int)((const struct dns_line *)lines->pdata[i])->purpose == purpose)
            return TRUE;
    return purpose < 0;
}

/* --- text --- */

#define WIDTH 78

static void append_wrapped(GString *letter, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    glong column = 0;
    for (char **word = words; *word != NULL; word++) {
        glong length = g_utf8_strlen(*word, -1);
        if (column > 0 && column + 1 + length > WIDTH) {
            g_string_append_c(letter, '\n');
            column = 0;
        }
        g_string_append_printf(letter, "%s%s", column > 0 ? " " : "", *word);
        column += length + (column > 0 ? 1 : 0);
    }
    g_string_append(letter, "\n\n");
}

static void append_heading(GString *letter, const char *text)
{
    g_autofree char *underline = g_strnfill((gsize)g_utf8_strlen(text, -1), '-');
    g_string_append_printf(letter, "%s\n%s\n\n", text, underline);
}

static void append_records(GString *letter, const GPtrArray *lines, int purpose, gboolean german)
{
    for (guint i = 0; i < lines->len; i++) {
        const struct dns_line *line = lines->pdata[i];
        if ((int)line->purpose == purpose)
            g_string_append_printf(letter, "    %-6s %s\n    %-6s %s\n    %-6s %s\n\n", "Name:", line->name,
                                   german ? "Typ:" : "Type:", line->type, german ? "Wert:" : "Value:", line->data);
    }
}

/* --- HTML --- */

static void append_element(GString *letter, const char *element, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_string_append_printf(letter, "<%s>%s</%s>\n", element, escaped, element);
}

static void append_html_records(GString *letter, const GPtrArray *lines, int purpose, gboolean german)
{
    g_string_append(letter, "<table>\n");
    g_string_append_printf(letter,
                           "<tr><th scope=\"col\">Name</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr>\n",
                           german ? "Typ" : "Type", german ? "Wert" : "Value");
    for (guint i = 0; i < lines->len; i++) {
        const struct dns_line *line = lines->pdata[i];
        if ((int)line->purpose != purpose)
            continue;
        g_autofree char *name = g_markup_escape_text(line->name, -1), *data = g_markup_escape_text(line->data, -1);
        g_string_append_printf(letter, "<tr><td><code>%s</code></td><td>%s</td><td><code>%s</code></td></tr>\n", name,
                               line->type, data);
    }
    g_string_append(letter, "</table>\n");
}

static void begin_html(GString *letter, const char *title, gboolean german)
{
    g_autofree char *escaped = g_markup_escape_text(title, -1);
    g_string_append_printf(
        letter,
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n<style>\n"
        "body { font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }\n"
        "h2 { font-size: 1.2em } table { border-collapse: collapse; width: 100%% }\n"
        "th, td { border: 1px solid #888; padding: .4em; text-align: left; vertical-align: top }\n"
        "code { word-break: break-all }\n</style>\n</head>\n<body>\n",
        german ? "de" : "en", escaped);
}

/* --- both --- */

char *dns_letter(const struct client *client, const GPtrArray *lines, const char *language, gboolean html)
{
    gboolean german = strcmp(language, "de") == 0;
    GString *letter = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *text = german ? parts[i].german : parts[i].english;
        g_autofree char *filled = text != NULL ? fill_in(text, client) : NULL;
        if (!has_purpose(lines, parts[i].purpose))
            continue;
        if (i == 0 && html)
            begin_html(letter, filled, german);
        if (parts[i].part == RECORDS)
            (html ? append_html_records : append_records)(letter, lines, parts[i].purpose, german);
        else if (html)
            append_element(letter, parts[i].part == PARAGRAPH ? "p" : i == 0 ? "h1" : "h2", filled);
        else
            (parts[i].part == PARAGRAPH ? append_wrapped : append_heading)(letter, filled);
    }
    if (html)
        g_string_append(letter, "</body>\n</html>\n");
    return g_string_free(letter, FALSE);
}
