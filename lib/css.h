/*
 * css.h - finds in a style sheet or style attribute what could load something, or can't be read surely.
 *
 * The text is cut into tokens as CSS Syntax 3 says (section 4: escapes undone, comments and strings skipped), and
 * judged by lists of what is allowed: a function or at-rule that is not known is a problem, as is everything that loads
 * by name (url(), src(), image-set(), @import, @font-face, behavior …). So a rule invented later is refused, not
 * missed. Problems are also: unclosed strings, comments and blocks, a bracket that closes nothing, markup inside a
 * style sheet.
 *
 *     struct css_scanner scanner;
 *     struct css_problem problem;
 *     css_scanner_init(&scanner, text);
 *     while (css_scanner_next(&scanner, &problem))
 *         ...
 *
 * Nothing is allocated; the cost is linear in the text's size. Thread-safe; a scanner belongs to one thread at a time.
 */
#ifndef POSTWELLE_LIB_CSS_H
#define POSTWELLE_LIB_CSS_H

#include "lib/slice.h"

/* Blocks and parentheses inside one another. */
#define CSS_MAX_DEPTH 32

enum css_problem_kind {
    CSS_FUNCTION, /* a function that is not on the list: url(…), image-set(…), expression(…); a "(" behind a comment */
    CSS_AT_RULE,  /* an at-rule that is not on the list: @import, @font-face */
    CSS_PROPERTY, /* behavior, -ms-filter, -moz-binding */
    CSS_STRING,   /* a string that holds "url(" */
    CSS_MARKUP,   /* what looks like a tag inside a style sheet */
    CSS_UNCLOSED, /* the text ends inside a comment, string or block */
    CSS_BROKEN,   /* a line break in a string, a lone backslash, a bracket that closes nothing, a control character */
    CSS_DEEP,     /* more than CSS_MAX_DEPTH */
};

struct css_problem {
    enum css_problem_kind kind;
    struct slice text; /* what is wrong, inside the text: "url(", "@import" */
};

struct css_scanner {
    const char *start;
    const char *next;
    const char *end;
    unsigned depth;
    char open[CSS_MAX_DEPTH]; /* the bracket that closes each open block */
};

/* Starts at the beginning of text: a style sheet, or the value of a style attribute with its references decoded. */
void css_scanner_init(struct css_scanner *scanner, struct slice text);

/*
 * Fills in the next problem; FALSE where there is none up to the end. After CSS_UNCLOSED, CSS_BROKEN and CSS_DEEP it
 * ends.
 */
gboolean css_scanner_next(struct css_scanner *scanner, struct css_problem *problem);

#endif
