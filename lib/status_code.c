/* status_code.c - what enhanced status codes mean; see status_code.h. */
#include "lib/status_code.h"

#include <string.h>

#define NUMBER_DIGITS 3 /* of subject and detail, RFC 3463 §2 */

/* Subject and detail, or the subject alone. */
static const struct {
    const char *code, *german, *english;
} meanings[] = {
    {"1.0", "Adresse abgelehnt", "address refused"},
    {"1.1", "Postfach gibt es nicht", "no such mailbox"},
    {"1.2", "Domain gibt es nicht", "no such domain"},
    {"1.3", "Adresse falsch geschrieben", "address malformed"},
    {"1.6", "Empfänger ist umgezogen", "recipient has moved"},
    {"1.8", "Absenderdomain wird nicht gefunden", "sender's domain not found"},
    {"1.10", "Domain nimmt keine Mail an", "domain takes no mail"},
    {"1", "Adresse abgelehnt", "address refused"},
    {"2.0", "vom Server des Postfachs aufgeschoben oder abgelehnt", "put off or refused by the mailbox's server"},
    {"2.1", "Postfach stillgelegt", "mailbox disabled"},
    {"2.2", "Postfach voll", "mailbox full"},
    {"2.3", "Mail zu groß für das Postfach", "mail too large for the mailbox"},
    {"2", "Postfach nimmt nichts an", "mailbox takes no mail"},
    {"3.4", "Mail zu groß für den Server", "mail too large for the server"},
    {"3", "Mailserver des Empfängers gestört", "trouble at the receiving server"},
    {"4.1", "Mailserver antwortet nicht", "receiving server does not answer"},
    {"4.2", "Verbindung abgebrochen", "connection lost"},
    {"4.3", "DNS des Empfängers gestört", "recipient's DNS is out of order"},
    {"4.4", "kein Weg zum Mailserver", "no route to the receiving server"},
    {"4.7", "Zustellfrist abgelaufen", "delivery time expired"},
    {"4", "Mailserver nicht erreichbar", "receiving server out of reach"},
    {"5", "Mailserver versteht uns nicht", "protocol trouble with the receiving server"},
    {"6", "Inhalt nicht annehmbar", "content not accepted"},
    {"7.20", "Signatur (DKIM) nicht anerkannt", "signature (DKIM) not accepted"},
    {"7.21", "Signatur (DKIM) nicht anerkannt", "signature (DKIM) not accepted"},
    {"7.22", "Signatur (DKIM) nicht vom Absender", "signature (DKIM) not the author's"},
    {"7.23", "SPF nicht bestanden", "SPF failed"},
    {"7.25", "Rückwärtsauflösung fehlt", "reverse DNS missing"},
    {"7.26", "Absenderprüfungen nicht bestanden", "sender authentication failed"},
    {"7.27", "Absenderdomain nimmt keine Mail an", "sender's domain takes no mail"},
    {"7", "aus Sicherheits- oder Spamgründen abgelehnt", "refused for policy or as spam"},
    {"0", "ohne nähere Angabe abgelehnt", "refused without a reason"},
};

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Octets of a code that stands at the start of text as a word; 0 where none does. */
static size_t code_length(const char *text)
{
    if ((text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.')
        return 0;
    size_t subject = digits(text + 2);
    if (subject < 1 || subject > NUMBER_DIGITS || text[2 + subject] != '.')
        return 0;
    size_t detail = digits(text + 3 + subject), length = 3 + subject + detail;
    if (detail < 1 || detail > NUMBER_DIGITS || g_ascii_isalnum(text[length]) ||
        (text[length] == '.' && g_ascii_isdigit(text[length + 1])))
        return 0;
    return length;
}

gboolean status_code_find(const char *reply, char code_r[STATUS_CODE_SIZE])
{
    code_r[0] = '\0';
    for (const char *word = reply; *word != '\0'; word++) {
        size_t length = code_length(word);
        if (length > 0) {
            g_strlcpy(code_r, word, length + 1);
            return TRUE;
        }
        while (g_ascii_isalnum(*word) || *word == '.')
            word++;
        if (*word == '\0')
            break;
    }
    return FALSE;
}

const char *status_code_meaning(const char *code, gboolean german)
{
    const char *rest = strchr(code, '.');
    if (rest == NULL)
        return german ? "ohne Statuscode" : "without a status code";
    rest++;
    size_t subject = digits(rest);
    for (int whole = 1; whole >= 0; whole--)
        for (size_t i = 0; i < G_N_ELEMENTS(meanings); i++)
            if (whole ? strcmp(meanings[i].code, rest) == 0
                      : strlen(meanings[i].code) == subject && strncmp(meanings[i].code, rest, subject) == 0)
                return german ? meanings[i].german : meanings[i].english;
    return german ? "unbekannter Statuscode" : "unknown status code";
}
