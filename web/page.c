/* page.c - the pages that people see; see page.h. */
#include "web/page.h"

#include <stdlib.h>
#include <string.h>

enum {
    ASK_TITLE,
    ASK_TEXT,
    BUTTON_CLIENT,
    BUTTON_ALL,
    DONE_TITLE,
    DONE_TEXT,
    INCOMPLETE_TITLE,
    INCOMPLETE_TEXT,
    LATER_TITLE,
    LATER_TEXT,
    TEXTS
};

static const struct language {
    const char *code;
    const char *words[3]; /* how rows of lists and browsers name it begins so, in lower case; NULL: no more */
    const char *texts[TEXTS];
} languages[] = {
    {"de",
     {"de", "ger"},
     {"Abmelden", "Möchten Sie keine Einladungen zu Umfragen mehr erhalten?", "Keine mehr von diesem Absender",
      "Keine mehr, von niemandem, für den wir schreiben", "Sie sind abgemeldet",
      "Sie erhalten keine weiteren Einladungen. Eine, die schon unterwegs ist, kann Sie noch erreichen.",
      "Der Link ist unvollständig",
      "Bitte öffnen Sie ihn noch einmal aus der E-Mail, oder antworten Sie auf die E-Mail.",
      "Bitte versuchen Sie es später noch einmal", "Ihre Abmeldung konnte gerade nicht gespeichert werden."}},
    {"en",
     {"en"},
     {"Unsubscribe", "Would you like to receive no more invitations to surveys?", "No more from this sender",
      "No more, from anybody we write for", "You are unsubscribed",
      "You will receive no further invitations. One that is already on its way may still reach you.",
      "The link is incomplete", "Please open it again from the mail, or reply to the mail.", "Please try again later",
      "Your wish could not be stored just now."}},
    {"fr",
     {"fr"},
     {"Se désabonner", "Souhaitez-vous ne plus recevoir d’invitations à des enquêtes ?", "Plus de cet expéditeur",
      "Plus aucune, de tous ceux pour qui nous écrivons", "Vous êtes désabonné",
      "Vous ne recevrez plus d’invitations. Un message déjà en route peut encore vous parvenir.",
      "Le lien est incomplet", "Veuillez l’ouvrir à nouveau depuis le message, ou répondre au message.",
      "Veuillez réessayer plus tard", "Votre demande n’a pas pu être enregistrée pour le moment."}},
    {"it",
     {"it"},
     {"Annulla iscrizione", "Desidera non ricevere più inviti a sondaggi?", "Non più da questo mittente",
      "Non più da nessuno per cui scriviamo", "L’iscrizione è annullata",
      "Non riceverà altri inviti. Un messaggio già in viaggio può ancora raggiungerla.", "Il link è incompleto",
      "Lo apra di nuovo dal messaggio, oppure risponda al messaggio.", "Riprovi più tardi",
      "Al momento non è stato possibile salvare la richiesta."}},
    {"es",
     {"es", "spa"},
     {"Darse de baja", "¿Desea no recibir más invitaciones a encuestas?", "No más de este remitente",
      "No más, de nadie para quien escribimos", "Se ha dado de baja",
      "No recibirá más invitaciones. Un mensaje que ya está en camino aún puede llegarle.", "El enlace está incompleto",
      "Ábralo de nuevo desde el mensaje, o responda al mensaje.", "Inténtelo de nuevo más tarde",
      "Su petición no se ha podido guardar en este momento."}},
    {"nl",
     {"nl", "nie", "dut"},
     {"Afmelden", "Wilt u geen uitnodigingen voor enquêtes meer ontvangen?", "Niet meer van deze afzender",
      "Niet meer, van niemand voor wie wij schrijven", "U bent afgemeld",
      "U ontvangt geen uitnodigingen meer. Een bericht dat al onderweg is, kan u nog bereiken.",
      "De link is onvolledig", "Open hem opnieuw vanuit het bericht, of beantwoord het bericht.",
      "Probeer het later opnieuw", "Uw verzoek kon zojuist niet worden opgeslagen."}},
};

const char *const *page_languages(void)
{
    static const char *const codes[] = {"de", "en", "fr", "it", "es", "nl", NULL};
    G_STATIC_ASSERT(G_N_ELEMENTS(codes) == G_N_ELEMENTS(languages) + 1);
    return codes;
}

/* The language that text names; NULL where it names none of ours. */
static const struct language *find_language(const char *text)
{
    text += strspn(text, " \t");
    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(languages[i].words) && languages[i].words[j] != NULL; j++)
            if (g_ascii_strncasecmp(text, languages[i].words[j], strlen(languages[i].words[j])) == 0)
                return &languages[i];
    return NULL;
}

/* "de-AT;q=0.8": 0.8; 1 where nothing is said. */
static double quality(const char *range)
{
    const char *q = strstr(range, ";q=");
    return q != NULL ? CLAMP(g_ascii_strtod(q + 3, NULL), 0.0, 1.0) : 1.0;
}

/* RFC 9110 12.5.4: the range of the highest quality that is among the first `count` of ours; of two, the first. */
static const struct language *find_accepted(const char *accept, size_t count)
{
    const struct language *best = NULL;
    double highest = 0;
    g_auto(GStrv) ranges = g_strsplit(accept, ",", 20);
    for (char **range = ranges; *range != NULL; range++) {
        const struct language *one = find_language(*range);
        if (one == NULL || one >= languages + count || quality(*range) <= highest)
            continue;
        best = one;
        highest = quality(*range);
    }
    return best;
}

const char *page_language(const char *participant, const char *accept)
{
    const struct language *language = find_language(participant);
    if (language == NULL)
        language = find_accepted(accept, G_N_ELEMENTS(languages));
    return language != NULL ? language->code : languages[0].code;
}

const char *page_accepted(const char *accept, size_t count)
{
    const struct language *language = find_accepted(accept, count);
    return language != NULL ? language->code : languages[0].code;
}

static const char style[] =
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 "
    "1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.5rem}button{display:block;width:100%;margin:1rem 0;padding:.9rem 1rem;font:inherit;text-align:left;"
    "border:2px solid #0b5cad;border-radius:.4rem;background:#fff;color:#0b5cad;cursor:pointer}"
    "button:first-of-type{background:#0b5cad;color:#fff}button:focus{outline:3px solid #f0a000}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}button{background:#1b1b1b;color:#8fc1f5;"
    "border-color:#8fc1f5}"
    "button:first-of-type{background:#8fc1f5;color:#1b1b1b}}";

/* All texts are ours, so that nothing has to be escaped. The form goes to the page's own address. */
static void append_form(GString *out, const char *const *texts)
{
    g_string_append_printf(out,
                           "<form method=\"post\"><button name=\"scope\" value=\"client\">%s</button>"
                           "<button name=\"scope\" value=\"all\">%s</button></form>",
                           texts[BUTTON_CLIENT], texts[BUTTON_ALL]);
}

void page_write(GString *out, enum page page, const char *language)
{
    static const int titles[PAGES] = {ASK_TITLE, DONE_TITLE, INCOMPLETE_TITLE, INCOMPLETE_TITLE, LATER_TITLE};
    const struct language *words = find_language(language);
    const char *const *texts = (words != NULL ? words : &languages[0])->texts;
    g_string_printf(out,
                    "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\"><meta name=\"robots\" "
                    "content=\"noindex\"><title>%s</title><style>%s</style></head>\n"
                    "<body><main><h1>%s</h1><p>%s</p>",
                    words != NULL ? words->code : languages[0].code, texts[titles[page]], style, texts[titles[page]],
                    texts[titles[page] + 1]);
    if (page == PAGE_ASK)
        append_form(out, texts);
    g_string_append(out, "</main></body></html>\n");
}
