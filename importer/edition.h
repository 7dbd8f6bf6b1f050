/*
 * edition.h - a campaign's templates in one language, of the invitation or the reminder, and which edition a
 * participant gets.
 *
 * The files that campaign.conf names are the main edition. Beside invitation.de.html, invitation.en.html is the English
 * one: with invitation.en.subject, and invitation.en.txt (or its text made from the HTML). The participant's column
 * Sprache, lang or language chooses; who has none, or one without an edition, gets the main one.
 */
#ifndef POSTWELLE_IMPORTER_EDITION_H
#define POSTWELLE_IMPORTER_EDITION_H

#include "importer/template.h"

#define EDITION_LANGUAGE_SIZE 3 /* two letters (ISO 639-1) and NUL */
#define EDITIONS_MAX 32

struct edition {
    gboolean reminder; /* not the invitation's */
    gboolean main;     /* the one that campaign.conf names: for all who have no other */
    char *name; /* the HTML template's file name without folder and extension: "invitation.de" */
    char language[EDITION_LANGUAGE_SIZE];
    struct template *subject, *html, *text; /* text NULL: made from the HTML */
};

/* Frees what it holds. */
void edition_release(struct edition *edition);

/*
 * "en" from what people write: en, EN, en-GB, en_US, English, Englisch, Deutsch, German. FALSE where it is nothing like
 * it.
 */
gboolean edition_language(const char *value, char language_r[EDITION_LANGUAGE_SIZE]);

/* The language in a template's file name, "invitation.de.html"; FALSE where there is none. */
gboolean edition_language_of_file(const char *file, char language_r[EDITION_LANGUAGE_SIZE]);

/* TRUE for the heading of the column that chooses: Sprache, lang, language, in any case. */
gboolean edition_is_column(const char *heading);

/*
 * The names of the files in directory that are name ("invitation.de.html" or "invitation.html") in other languages,
 * sorted.
 */
char **edition_files(const char *directory, const char *name);

/* Another file of the same edition: "invitation.en.html" with "txt" is "invitation.en.txt". Free with g_free(). */
char *edition_sibling(const char *file, const char *extension);

/*
 * Of the n, the invitation's or the reminder's edition in that language; the main one where there is none. value may be
 * NULL.
 */
const struct edition *edition_choose(const struct edition *editions, size_t n, gboolean reminder, const char *value);

#endif
