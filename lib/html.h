/*
 * html.h - an HTML tokeniser: a text's tags, comments and text runs as a browser would find them.
 *
 * It follows the tokenisation stage of the WHATWG HTML standard (section 13.2.5) for text that does not contain svg,
 * math, select, template, noscript or script elements: those change the rules midway, so whoever must be sure refuses
 * them. No tree is built and nothing is allocated; a token's slices lie in the text. The cost is linear in the text's
 * size, whatever it holds.
 *
 *     struct html_tokenizer tokenizer;
 *     struct html_token token;
 *     html_tokenizer_init(&tokenizer, text);
 *     while (html_tokenizer_next(&tokenizer, &token))
 *         ...
 *
 * Where the standard repairs an error silently and other programs are known to read on differently, the token says so
 * in `oddities`. All functions are thread-safe; a tokenizer belongs to one thread at a time.
 */
#ifndef POSTWELLE_LIB_HTML_H
#define POSTWELLE_LIB_HTML_H

#include "lib/slice.h"

/* More attributes than this in one tag are left out, and the tag is HTML_ODD_MANY. */
#define HTML_MAX_ATTRIBUTES 64

enum html_type {
    HTML_TEXT,          /* text: a run of characters, references not decoded */
    HTML_START_TAG,     /* text: the element's name, as written */
    HTML_END_TAG,       /* the same */
    HTML_COMMENT,       /* text: between <!-- and --> */
    HTML_BOGUS_COMMENT, /* text: after "<!", "</" or with the "?" of "<?", up to ">"; CDATA sections are among them */
    HTML_DOCTYPE,       /* text: after "<!" up to ">" */
};

/* What a browser repairs and another program may read differently; a set of bits. */
enum html_oddity {
    HTML_ODD_UNCLOSED = 1 << 0, /* the text ends inside a tag, comment, style, title … */
    HTML_ODD_COMMENT = 1 << 1,  /* <!-->, <!--->, --!>, "-- >" or another <!-- inside */
    HTML_ODD_ATTRIBUTE =
        1 << 2, /* a quote, <, = or backtick in a name or unquoted value; = without value; no space between */
    HTML_ODD_MANY = 1 << 3,    /* more than HTML_MAX_ATTRIBUTES */
    HTML_ODD_END_TAG = 1 << 4, /* an end tag with attributes */
};

struct html_attribute {
    struct slice name;  /* as written */
    struct slice value; /* between the quotes, references not decoded; empty where there is none */
};

struct html_token {
    enum html_type type;
    unsigned oddities;     /* of enum html_oddity */
    struct slice text;     /* see enum html_type */
    const char *start;     /* where the token begins in the text */
    gboolean raw;          /* HTML_TEXT inside style, title, textarea …: no tag was looked for in it */
    gboolean self_closing; /* the tag ends in "/>" */
    unsigned n_attributes;
    struct html_attribute attributes[HTML_MAX_ATTRIBUTES];
};

struct html_tokenizer {
    const char *next;
    const char *end;
    struct slice raw_name; /* inside this element, whose content is not markup; length 0: none */
};

/*
 * Starts at the beginning of text, which must outlive the tokenizer and its tokens. Bytes are ASCII or a superset of
 * it.
 */
void html_tokenizer_init(struct html_tokenizer *tokenizer, struct slice text);

/* Fills in the next token; FALSE at the end of the text. */
gboolean html_tokenizer_next(struct html_tokenizer *tokenizer, struct html_token *token);

/* TRUE where a tag's name is this one, in any case. */
static inline gboolean html_token_is(const struct html_token *token, const char *name)
{
    return slice_equal_folded(token->text, slice_of(name));
}

/* A start tag's first attribute of that name (in any case), the one that browsers take; NULL where there is none. */
const struct html_attribute *html_token_attribute(const struct html_token *token, const char *name);

/*
 * Appends text to out with character references decoded (section 13.2.5.72 ff) and CR LF and CR as LF, in UTF-8.
 * in_attribute selects the rule for attribute values ("&copy=" stays as it is). Known are all numeric references, all
 * names that stand for ASCII characters and those of HTML 4; a name that ends in ";" and is not known stays as written,
 * and FALSE is returned.
 */
gboolean html_decode_references(struct slice text, gboolean in_attribute, GString *out);

/*
 * The characters of a named reference, in UTF-8; NULL where unknown. name is without "&" and ";". *legacy_r tells
 * whether HTML knows it without a ";" too. Case matters.
 */
const char *html_entity(struct slice name, gboolean *legacy_r);

#endif
