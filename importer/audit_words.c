/* audit_words.c - the audit trail in German; see audit_words.h. */
#include "importer/audit_words.h"

#include "lib/gate_reason.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *english, *german;
} actions[] = {
    {"epoch", "Stand des Ledgers"},
    {"broken", "Protokoll beschädigt"},
    {"settings", "Einstellung"},
    {"import", "Import"},
    {"import-undo", "Import zurückgenommen"},
    {"proof", "Probemail"},
    {"approve", "Freigabe"},
    {"wave-open", "Welle geöffnet"},
    {"remind-open", "Erinnerung begonnen"},
    {"pause", "Pause"},
    {"resume", "Fortsetzung"},
    {"cancel", "Abbruch"},
    {"decide", "Entscheidung"},
    {"key", "Schlüssel"},
    {"suppress", "Sperre"},
    {"unsuppress", "Sperre aufgehoben"},
    {"suppress-list", "Sperrliste"},
    {"delete", "Löschung"},
};

/* # stands for any text; they come in the same order in both languages. The first that fits counts. */
static const struct {
    const char *action, *english, *german;
} details[] = {
    {"import", "# (SHA-256 #): # new, # known, # suppressed, # capped; consent: #, assured by #",
     "# (SHA-256 #): # neu, # schon bekannt, # gesperrt, # schon eingeladen; Grundlage: #, zugesichert von #"},
    {"import-undo", "#: # rows", "#: # Zeilen"},
    {"proof", "proof #, the mail of participant #, to the address with the hash #",
     "Probemail #, die Mail von Teilnehmer #, an die Adresse mit der Prüfsumme #"},
    {"approve", "forced, despite DNS: #", "trotz DNS-Befund: #"},
    {"wave-open", "again, # to be fed, despite hours and gates (--now)",
     "erneut, # zu senden, ohne Rücksicht auf Stunden und Schwellen (--now)"},
    {"wave-open", "# to be fed, despite hours and gates (--now)",
     "# zu senden, ohne Rücksicht auf Stunden und Schwellen (--now)"},
    {"wave-open", "# to be fed", "# zu senden"},
    {"remind-open", "despite hours and gates (--now)", "ohne Rücksicht auf Stunden und Schwellen (--now)"},
    {"decide", "invitation: sent, was uncertain, queue ID #: #", "Einladung: zugestellt, war ungewiss, Queue-ID #: #"},
    {"decide", "invitation: free, was uncertain, queue ID #: #",
     "Einladung: nicht gesandt, war ungewiss, Queue-ID #: #"},
    {"decide", "reminder #: sent, was uncertain, queue ID #: #",
     "Erinnerung #: zugestellt, war ungewiss, Queue-ID #: #"},
    {"decide", "reminder #: free, was uncertain, queue ID #: #",
     "Erinnerung #: nicht gesandt, war ungewiss, Queue-ID #: #"},
    {"delete", "begun, of # participants: #", "begonnen, # Teilnehmer: #"},
    {"delete", "begun, of # participants", "begonnen, # Teilnehmer"},
    {"delete", "done: #", "erledigt: #"},
    {"delete", "done", "erledigt"},
    {"delete", "the address with the hash #: #", "die Adresse mit der Prüfsumme #: #"},
    {"delete", "the address with the hash #", "die Adresse mit der Prüfsumme #"},
};

const char *audit_action_german(const char *action)
{
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (strcmp(action, actions[i].english) == 0)
            return actions[i].german;
    return action;
}

/* What stands before the next # of a pattern, or its end. */
static char *take_literal(const char **pattern)
{
    size_t length = strcspn(*pattern, "#");
    const char *begin = *pattern;
    *pattern += length;
    return g_strndup(begin, length);
}

/*
 * Where the text goes on behind the literal, which comes after any text: the shortest one, but all of it before the
 * last literal. NULL: nowhere.
 */
static const char *find_literal(const char *text, const char *literal, gboolean last)
{
    if (last && g_str_has_suffix(text, literal))
        return text + strlen(text) - strlen(literal);
    return last ? NULL : strstr(text, literal);
}

/* The German with the text's own pieces; NULL where the text is not that English. The caller frees. */
static char *translate(const char *text, const char *english, const char *german)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *head = take_literal(&english), *german_head = take_literal(&german);
    if (!g_str_has_prefix(text, head))
        return NULL;
    text += strlen(head);
    g_string_append(out, german_head);
    while (*english == '#') {
        english++, german++;
        g_autofree char *literal = take_literal(&english), *german_literal = take_literal(&german);
        const char *found = find_literal(text, literal, *english == '\0');
        if (found == NULL)
            return NULL;
        g_string_append_len(out, text, found - text);
        g_string_append(out, german_literal);
        text = found + strlen(literal);
    }
    return *text == '\0' ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

char *audit_detail_german(const char *action, const char *detail)
{
    char *german = gate_reason_german(detail);
    for (size_t i = 0; i < G_N_ELEMENTS(details) && german == NULL; i++)
        if (strcmp(action, details[i].action) == 0)
            german = translate(detail, details[i].english, details[i].german);
    return german != NULL ? german : g_strdup(detail);
}
