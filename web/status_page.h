/*
 * status_page.h - the status pages as HTML: plain, nothing to load, no script, no address. Pure but for the time zones'
 * files; any thread.
 */
#ifndef POSTWELLE_WEB_STATUS_PAGE_H
#define POSTWELLE_WEB_STATUS_PAGE_H

#include "web/words.h"

#define STATUS_REFRESH 10         /* seconds until a page loads itself anew */
#define STATUS_REFRESH_COUNTING 2 /* while a count is under way */

/* Why there is no page. */
enum status_fault {
    STATUS_BAD_REQUEST,
    STATUS_NOT_FOUND,
    STATUS_METHOD,
    STATUS_MISDIRECTED,
    STATUS_AWAY,
    STATUS_FAULTS
};

/* German or English, as Accept-Language ("" where there is none) says. */
enum language status_language(const char *accept);

/* The index: struct facts_campaign; `more` are not in it. */
void status_page_index(GString *out, const GPtrArray *campaigns, guint more, const struct facts_service *service,
                       enum language language);

/* One campaign. */
void status_page_campaign(GString *out, const struct facts_campaign *campaign, const struct facts_service *service,
                          enum language language);

void status_page_fault(GString *out, enum status_fault fault, enum language language);

/*
 * The value of Content-Security-Policy for all of them: nothing but the style that is in the page, by its hash. Free
 * with g_free().
 */
char *status_page_policy(void);

#endif
