/* list_german.c - remarks about rows in German; see list_german.h. */
#include "importer/list_german.h"

#include <string.h>

static const struct {
    const char *english;
    const char *german;
} remarks[] = {
    {"the cell holds a control character; retype it", "Die Zelle enthält ein Steuerzeichen; bitte neu eintippen."},
    {"line breaks or tabs in '%s' became blanks", "Zeilenumbrüche oder Tabulatoren in „%s“ wurden zu Leerzeichen."},
    {"the address is already in row %u", "Die Adresse steht schon in Zeile %u."},
    {"mistyped domain? probably meant: %s", "Domain vertippt? Gemeint ist wohl: %s."},
    {"a function, not a person's address", "Die Adresse gehört zu einer Funktion, nicht zu einer Person."},
    {"letters of several scripts that look alike", "Buchstaben verschiedener Schriften, die gleich aussehen."},
};

const char *list_german(const char *english)
{
    for (size_t i = 0; i < G_N_ELEMENTS(remarks); i++)
        if (strcmp(remarks[i].english, english) == 0)
            return remarks[i].german;
    return english;
}

static const char *const faults[] = {
    [ADDRESS_GOOD] = "ist eine Adresse",
    [ADDRESS_EMPTY] = "Die Adresse fehlt.",
    [ADDRESS_NOT_UTF8] = "ist kein gültiges UTF-8.",
    [ADDRESS_CONTROL] = "ist ein Steuerzeichen (Zeilenumbruch, Tabulator oder Ähnliches).",
    [ADDRESS_HIDDEN] = ("ist unsichtbar, kehrt die Schreibrichtung um oder sieht nur aus wie ein anderes; "
                        "bitte die Adresse neu eintippen."),
    [ADDRESS_SPACE] = "ist ein Leerzeichen; Adressen haben keines.",
    [ADDRESS_NO_AT] = "Das @ fehlt.",
    [ADDRESS_TWO_AT] = "ist ein zweites @.",
    [ADDRESS_SEVERAL] = "beginnt eine weitere Adresse; bitte jede in eine eigene Zeile.",
    [ADDRESS_BRACKETS] = "ist eine Klammer; bitte die Adresse allein, ohne den Namen.",
    [ADDRESS_NO_LOCAL] = "Vor dem @ steht nichts.",
    [ADDRESS_NO_DOMAIN] = "Nach dem @ steht nichts.",
    [ADDRESS_BAD_LOCAL] = "ist vor dem @ nicht erlaubt.",
    [ADDRESS_BAD_DOMAIN] = "ist nach dem @ nicht erlaubt.",
    [ADDRESS_LOCAL_DOTS] = "ist ein Punkt, der einem anderen folgt oder vor dem @ am Anfang oder Ende steht.",
    [ADDRESS_QUOTED] = "ist ein Anführungszeichen; Adressen in Anführungszeichen werden nicht angeschrieben.",
    [ADDRESS_ROUTED] = "macht daraus einen Leitweg (%, ! oder @host:), keine Adresse.",
    [ADDRESS_LEADING_DASH] = "Die Adresse beginnt mit einem Bindestrich.",
    [ADDRESS_LITERAL] = "beginnt eine IP-Adresse, wo die Domain stehen müsste.",
    [ADDRESS_NO_DOT] = "Die Domain hat keinen Punkt; fehlt die Endung?",
    [ADDRESS_EMPTY_LABEL] = "ist ein Punkt zu viel in der Domain.",
    [ADDRESS_LABEL_DASH] = "beginnt einen Teil der Domain, der mit einem Bindestrich anfängt oder endet.",
    [ADDRESS_IDNA] = "Die Domain ist keine gültige internationale Domain (IDNA2008).",
    [ADDRESS_LONG_LOCAL] = "Vor dem @ stehen mehr als 64 Zeichen (Oktette).",
    [ADDRESS_LONG_LABEL] = "beginnt einen Teil der Domain mit mehr als 63 Zeichen (Oktetten).",
    [ADDRESS_LONG_DOMAIN] = "Die Domain hat mehr als 253 Zeichen (Oktette).",
    [ADDRESS_LONG] = "Die Adresse hat mehr als 254 Zeichen (Oktette).",
};

char *list_german_fault(enum address_fault fault, const char *text, size_t length, size_t where)
{
    g_autofree char *place = address_fault_place(fault, text, length, where);
    return place != NULL ? g_strdup_printf("Zeichen %s, %s", place, faults[fault]) : g_strdup(faults[fault]);
}

char *list_german_domain(enum domain_verdict verdict, const char *domain)
{
    switch (verdict) {
    case DOMAIN_NO_NAME:
        return g_strdup_printf("Die Domain %s gibt es nicht.", domain);
    case DOMAIN_NULL_MX:
    case DOMAIN_NO_HOST:
    case DOMAIN_DEAD_HOSTS:
        return g_strdup_printf("Die Domain %s nimmt keine Mail an.", domain);
    case DOMAIN_FINE:
    case DOMAIN_UNKNOWN:
        break;
    }
    return g_strdup_printf("Die Domain %s konnte gerade nicht geprüft werden.", domain);
}
