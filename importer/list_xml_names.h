/*
 * list_xml_names.h - what names in XML stand for: prefixes, namespaces (Namespaces in XML 1.0), and the words of a
 * reader's table; private to importer/list_xml.c.
 */
#ifndef POSTWELLE_IMPORTER_LIST_XML_NAMES_H
#define POSTWELLE_IMPORTER_LIST_XML_NAMES_H

#include "importer/list_xml.h"

#define LIST_XML_NAMES_CACHE 64u        /* names whose words are kept at hand */
#define LIST_XML_NAMES_CACHED_MAX 24u   /* octets of such a name */

/* What a name stands for, as long as the same prefixes are bound. */
struct list_xml_meaning {
    int word;           /* 0: not in the table */
    guint local;        /* where its local part begins */
    const char *uri;    /* of its namespace; "": none */
};

struct list_xml_cached {
    size_t length; /* 0: none */
    char name[LIST_XML_NAMES_CACHED_MAX];
    struct list_xml_meaning meaning;
};

enum list_xml_kind { LIST_XML_ELEMENT, LIST_XML_ATTRIBUTE, LIST_XML_KINDS };

struct list_xml_names {
    const struct list_xml_name *table;
    GArray *bindings; /* of struct binding, the innermost last */
    struct list_xml_cached cache[LIST_XML_KINDS][LIST_XML_NAMES_CACHE];
};

/* Borrows the table; the prefix xml is bound. */
void list_xml_names_init(struct list_xml_names *names, const struct list_xml_name *table);
void list_xml_names_release(struct list_xml_names *names);

/*
 * Binds a prefix (length octets, none for the default namespace) to a URI, until list_xml_names_unbind(). NULL, or what
 * is wrong: xml, xmlns and their namespaces are their own, a prefix can't be bound to nothing, or there are too many.
 */
const char *list_xml_names_bind(struct list_xml_names *names, const char *prefix, size_t length, const char *uri);

/* How many prefixes are bound. In line, as it is asked for each element. */
static inline guint list_xml_names_bound(const struct list_xml_names *names)
{
    return names->bindings->len;
}

/* Unbinds all but the first so many. */
void list_xml_names_unbind(struct list_xml_names *names, guint bound);

/* What a name of length 1 or more, as it stands in a tag, means; till the next call. NULL: its prefix is not bound. */
const struct list_xml_meaning *list_xml_names_find(struct list_xml_names *names, const char *name, size_t length,
                                                   enum list_xml_kind kind);

#endif
