/* test_audit_words.c - the audit trail in German: policyd's words, and what people wrote. */
#include "importer/audit_words.h"
#include "policyd/audit.h"

#include <string.h>

static const struct {
    const char *action, *english, *german;
} cases[] = {
    {"import",
     "liste: neu.csv (SHA-256 ab12): 3 new, 1 known, 0 suppressed, 2 capped; consent: customer-relationship, assured "
     "by A. Muster",
     "liste: neu.csv (SHA-256 ab12): 3 neu, 1 schon bekannt, 0 gesperrt, 2 schon eingeladen; Grundlage: "
     "customer-relationship, zugesichert von A. Muster"},
    {"import",
     "f (SHA-256 ab): 1 new, 0 known, 0 suppressed, 0 capped; consent: b, assured by c; new rows, assured by phone",
     "f (SHA-256 ab): 1 neu, 0 schon bekannt, 0 gesperrt, 0 schon eingeladen; Grundlage: b, zugesichert von c; new "
     "rows, assured by phone"},
    {"import-undo", "a: 7 rows: 12 rows", "a: 7 rows: 12 Zeilen"},
    {"proof", "proof 2, the mail of participant 1048577, to the address with the hash 00ff",
     "Probemail 2, die Mail von Teilnehmer 1048577, an die Adresse mit der Prüfsumme 00ff"},
    {"approve", "", ""},
    {"approve", "forced, despite DNS: comes tomorrow", "trotz DNS-Befund: comes tomorrow"},
    {"wave-open", "20 to be fed", "20 zu senden"},
    {"wave-open", "again, 20 to be fed, despite hours and gates (--now)",
     "erneut, 20 zu senden, ohne Rücksicht auf Stunden und Schwellen (--now)"},
    {"decide", "reminder 2: free, was uncertain, queue ID 4ABC: she rang: no mail",
     "Erinnerung 2: nicht gesandt, war ungewiss, Queue-ID 4ABC: she rang: no mail"},
    {"delete", "begun, of 12 participants: the contract ends", "begonnen, 12 Teilnehmer: the contract ends"},
    {"delete", "done", "erledigt"},
    {"pause", "55 of 55 mails bounced, 100.00 %; [gates] allows 5.00 %",
     "55 von 55 Mails kamen zurück, 100,00 %; [gates] erlaubt 5,00 %"},
    {"pause", "done", "done"},
    {"cancel", "wrong list", "wrong list"},
    {"proof", "what a newer policyd writes", "what a newer policyd writes"},
};

static void test_details(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *german = audit_detail_german(cases[i].action, cases[i].english);
        g_assert_cmpstr(german, ==, cases[i].german);
    }
}

/* Each action of policyd's has a German word. */
static void test_actions(void)
{
    static const char *const actions[] = {
        AUDIT_EPOCH,   AUDIT_BROKEN,    AUDIT_SETTINGS,    AUDIT_IMPORT,     AUDIT_IMPORT_UNDO, AUDIT_PROOF,
        AUDIT_APPROVE, AUDIT_WAVE_OPEN, AUDIT_REMIND_OPEN, AUDIT_PAUSE,      AUDIT_RESUME,      AUDIT_CANCEL,
        AUDIT_DECIDE,  AUDIT_KEY,       AUDIT_SUPPRESS,    AUDIT_UNSUPPRESS, AUDIT_DELETE,      AUDIT_SUPPRESS_LIST};
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        g_assert_cmpstr(audit_action_german(actions[i]), !=, actions[i]);
    g_assert_cmpstr(audit_action_german("newer"), ==, "newer");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit words/details", test_details);
    g_test_add_func("/audit words/actions", test_actions);
    return g_test_run();
}
