/*
 * greeting.h - the greeting of a mail from the salutation, title and name columns of a list: logic that templates don't
 * have.
 */
#ifndef POSTWELLE_IMPORTER_GREETING_H
#define POSTWELLE_IMPORTER_GREETING_H

#include <glib.h>
#include <jansson.h>

/* One participant's columns; NULL or empty where the list has none. */
struct person {
    const char *salutation; /* Anrede: "Frau", "Herr Dr.", "Mr", "w", "divers" ... */
    const char *title;      /* "Prof. Dr." */
    const char *first_name;
    const char *last_name;
};

/*
 * The greeting without a comma, in language ("de", "de-AT", "en" ...; others and NULL get English):
 *     Frau, Müller           → Sehr geehrte Frau Müller        Dear Ms Müller
 *     Herr, Dr., Yılmaz      → Sehr geehrter Herr Dr. Yılmaz   Dear Dr Yılmaz
 *     (none), Kim, Beispiel  → Guten Tag Kim Beispiel          Dear Kim Beispiel
 *     Familie, Sommer        → Sehr geehrte Familie Sommer     Dear Sommer family
 *     Firma                  → Sehr geehrte Damen und Herren   Dear Sir or Madam
 *     nothing                → Guten Tag                       Hello
 * Free with g_free().
 */
char *greeting_make(const char *language, const struct person *person);

/*
 * Sets data["greeting"] from the columns that data has under their usual headings (Anrede, Titel, Vorname, Nachname,
 * and the English ones, in any case), unless the list brings a column "greeting" itself. data must be an object.
 */
void greeting_add(json_t *data, const char *language);

#endif
