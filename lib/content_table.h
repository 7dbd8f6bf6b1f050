/*
 * content_table.h - which elements and attributes an HTML mail may hold, and how each attribute's value is judged.
 *
 * What newsletters and the HTML that Outlook needs are made of, and nothing that loads by itself. An element or
 * attribute that is not here is refused. The tables are constant; an index is made on the caller's stack. Thread-safe.
 */
#ifndef POSTWELLE_LIB_CONTENT_TABLE_H
#define POSTWELLE_LIB_CONTENT_TABLE_H

#include "lib/slice.h"

/* Kinds of elements, a set of bits: an attribute is allowed where it shares one with the element. */
enum content_group {
    GROUP_ANY = 1 << 0,   /* every element that people see: style, class, id … */
    GROUP_BLOCK = 1 << 1, /* align */
    GROUP_TABLE = 1 << 2,
    GROUP_CELL = 1 << 3, /* td, th */
    GROUP_ROW = 1 << 4,  /* tr, tbody, thead, tfoot */
    GROUP_COL = 1 << 5,
    GROUP_LIST = 1 << 6, /* ul, ol, li */
    GROUP_FONT = 1 << 7,
    GROUP_LINK = 1 << 8, /* a, area */
    GROUP_AREA = 1 << 9,
    GROUP_MAP = 1 << 10,
    GROUP_IMAGE = 1 << 11,
    GROUP_BODY = 1 << 12,
    GROUP_ROOT = 1 << 13, /* html, xml: namespaces */
    GROUP_META = 1 << 14,
    GROUP_STYLE = 1 << 15,
    GROUP_RULE = 1 << 16,   /* hr, br */
    GROUP_QUOTE = 1 << 17,  /* abbr, time, ins, del: dates */
    GROUP_SHAPE = 1 << 18,  /* VML that is drawn */
    GROUP_FILL = 1 << 19,   /* VML that may show a picture */
    GROUP_VML = 1 << 20,    /* VML's helpers */
    GROUP_OFFICE = 1 << 21, /* settings for Office and Word; they hold text alone */
};

/* How a value is judged. */
enum content_rule {
    RULE_FREE,       /* whatever it says, it loads nothing */
    RULE_STYLE,      /* style text, by css.h */
    RULE_LINK,       /* followed by a click: http, https, mailto, tel, # */
    RULE_IMAGE,      /* shown at once: cid:, data:image */
    RULE_CID,        /* shown at once by Outlook: cid: */
    RULE_FRAGMENT,   /* # and a name in the same text */
    RULE_CHARSET,    /* a charset that mails may have */
    RULE_HTTP_EQUIV, /* content-type and other harmless ones, no refresh */
    RULE_META_NAME,  /* the names that mails use */
    RULE_CSS_TYPE,   /* text/css */
    RULE_LINK_TYPE,  /* words about a link that make nobody fetch it before the click */
};

/* The longest name in either table; a longer one need not be looked up. */
#define CONTENT_NAME_MAX 31

struct content_element {
    char name[CONTENT_NAME_MAX + 1]; /* lower case */
    unsigned groups;                 /* of enum content_group */
};

struct content_attribute {
    char name[CONTENT_NAME_MAX + 1]; /* lower case */
    unsigned groups;                 /* the elements that may have it */
    enum content_rule rule;
};

/* Rows of a table at most. */
#define CONTENT_MAX_ROWS 255

/* Rows by a hash of their names: the first of each, and for each row the next of the same hash, counted from 1. */
struct content_hash {
    guint8 first[256];
    guint8 next[CONTENT_MAX_ROWS + 1];
};

struct content_index {
    struct content_hash elements;
    struct content_hash attributes;
};

/* Fills in the index: once for many look-ups. */
void content_index_init(struct content_index *index);

/* The element of this name, compared without case; NULL where none is allowed. */
const struct content_element *content_element_find(const struct content_index *index, struct slice name);

/*
 * The attribute of this name on elements of these groups, compared without case; NULL where it is not allowed there.
 * Names that begin with "data-", "aria-" and "xmlns:" are allowed wherever GROUP_ANY, GROUP_ROOT or VML is.
 */
const struct content_attribute *content_attribute_find(const struct content_index *index, struct slice name,
                                                       unsigned groups);

/* True where name is an element of HTML at all, allowed or not; for finding HTML in plain text. */
gboolean content_is_html_element(const struct content_index *index, struct slice name);

#endif
