/*
 * list_xml.h - XML 1.0 with namespaces, scanned piece by piece, for parts of spreadsheets; private to importer/list*.c.
 *
 * Made for parts of hundreds of MiB that consist of small tags: names become numbers at the first sight, values and
 * texts stay where they stand. Strict: what is not well-formed is a fault, whether a reader looks at it or not. A
 * DOCTYPE is one, too, so there are no entities but the five of XML, and nothing outside is looked at.
 * The encoding is UTF-8 or UTF-16, as ISO/IEC 29500-2 has it. Of names beyond ASCII only the encoding is checked.
 */
#ifndef POSTWELLE_IMPORTER_LIST_XML_H
#define POSTWELLE_IMPORTER_LIST_XML_H

#include <glib.h>
#include <string.h>

#define LIST_XML_MARKUP_MAX (1024u * 1024)  /* octets of a tag, a comment, a CDATA section */
#define LIST_XML_ATTRIBUTES_MAX 128u        /* of a tag; also prefixes bound at once */
#define LIST_XML_DEPTH_MAX 256u             /* elements within each other */

/* A name that a reader knows, of an element or an attribute. */
struct list_xml_name {
    int word;                   /* stands for it, 1 or more; 0 ends the table, and stands for all that is not in it */
    const char *const *spaces;  /* its namespace's URIs, then NULL; NULL: none, as of attributes without a prefix */
    const char *local;          /* NULL: all names of the namespace that the table does not have */
};

/* An attribute that the reader knows; value is UTF-8, its references undone. */
struct list_xml_attribute {
    int word;
    const char *value;
};

/* What is done with a part. FALSE with *error ends the reading. */
struct list_xml {
    const struct list_xml_name *names;
    /* Attributes end with one whose value is NULL; they live during the call. */
    gboolean (*start)(void *cookie, int word, const struct list_xml_attribute *attributes, GError **error);
    gboolean (*end)(void *cookie, int word, GError **error); /* NULL: not wanted */
    /* Text of the element started last, or behind the one ended last; comes in pieces. NULL: not wanted. */
    gboolean (*text)(void *cookie, const char *text, size_t length, GError **error);
};

/* The value of the attribute with this word, or NULL. */
static inline const char *list_xml_attribute(const struct list_xml_attribute *attributes, int word)
{
    for (; attributes->value != NULL; attributes++)
        if (attributes->word == word)
            return attributes->value;
    return NULL;
}

/* Is the value this word? In line, as it is asked for each cell. */
static inline gboolean list_xml_is(const char *value, const char *word)
{
    return *value == *word && strcmp(value, word) == 0;
}

/* A number written as one to nine digits and nothing else. FALSE for anything other, *number_r untouched. */
gboolean list_xml_number(const char *text, guint *number_r);

struct list_xml_scanner;

/* A scanner of one part, which borrows both arguments. */
struct list_xml_scanner *list_xml_scanner_new(const struct list_xml *xml, void *cookie);
void list_xml_scanner_free(struct list_xml_scanner *scanner);

/*
 * Scans the part's next octets; last: none follow. FALSE: the part is at fault, or a handler ended it and set *error;
 * do not go on then.
 */
gboolean list_xml_scan(struct list_xml_scanner *scanner, const void *octets, size_t length, gboolean last,
                       GError **error);

/* What is wrong with the part ("an end tag that closes nothing") and its line; NULL where a handler ended it. */
const char *list_xml_fault(const struct list_xml_scanner *scanner, guint64 *line_r);

#endif
