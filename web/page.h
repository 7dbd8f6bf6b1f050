/*
 * page.h - the pages that people see, in their language: plain HTML, nothing to load, no script. They name neither
 * client nor address, and say the same to everybody, so that they tell nothing about a link. Pure; any thread.
 */
#ifndef POSTWELLE_WEB_PAGE_H
#define POSTWELLE_WEB_PAGE_H

#include <glib.h>

enum page {
    PAGE_ASK,        /* two buttons: no more from this sender, no more from any */
    PAGE_DONE,
    PAGE_INCOMPLETE, /* the link was cut */
    PAGE_UNCLEAR,    /* a form that nobody of ours made */
    PAGE_LATER,      /* the ledger can't be asked now */
    PAGES
};

/*
 * The language that fits best: what the participant's row says ("de", "Deutsch", "en-GB", or ""), then what the browser
 * accepts (the Accept-Language field, or ""), then German. Static.
 */
const char *page_language(const char *participant, const char *accept);

/*
 * The one of the first `count` of page_languages() that a browser's Accept-Language ("" where there is none) likes
 * best; the first where it names none of them. Static.
 */
const char *page_accepted(const char *accept, size_t count);

/* The codes of all languages that there are, NULL-terminated. German and English come first. */
const char *const *page_languages(void);

/* Writes a page over whatever was in `out`. language is one of page_languages(). */
void page_write(GString *out, enum page page, const char *language);

#endif
