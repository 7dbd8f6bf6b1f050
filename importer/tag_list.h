/*
 * tag_list.h - records of the form "v=DKIM1; k=rsa; p=…" (RFC 6376 3.2, RFC 9989 4.7), and what gets into records when
 * people paste them.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_TAG_LIST_H
#define POSTWELLE_IMPORTER_TAG_LIST_H

#include <glib.h>

#define TAG_LIST_MAX 64 /* tags of a record */

struct tag {
    char *name;
    char *value; /* without blanks at its ends */
};

struct tag_list {
    guint count;
    struct tag tags[TAG_LIST_MAX];
};

/* Reads a record. FALSE and *fault_r (freed by the caller) where it is no tag list, or has a tag twice. */
gboolean tag_list_parse(const char *text, struct tag_list *list_r, char **fault_r);
void tag_list_release(struct tag_list *list); /* also after a fault */

/* The tag's value, or NULL where it is not there. */
const char *tag_list_value(const struct tag_list *list, const char *name);

/* TRUE where one of the words between colons, blanks off, is word or "*"; in any case of letters. */
gboolean tag_has_word(const char *value, const char *word);

/*
 * What is in a record's text that no record has, as pasted from a letter or a web page: curly and straight quotation
 * marks, no-break and invisible blanks, backslashes, control and other octets. In words for people, with the place of
 * the first
 * ("curly quotation mark (U+201E) as character 1"); NULL where there is nothing. The caller frees.
 */
char *record_oddity(const char *text, gsize size);

/*
 * A text for people: without control characters, others than UTF-8 as \xHH, cut after some 400 octets. The caller
 * frees.
 */
char *record_shown(const char *text, gsize size);

#endif
