/*
 * browser.h - pictures of HTML files by a headless Chromium, where one is installed.
 *
 * It is driven through a pipe (Chrome DevTools Protocol), has a profile of its own that is removed with it, and gets no
 * network: all it could ask goes to a proxy that is not there. A browser is for one thread.
 */
#ifndef POSTWELLE_IMPORTER_BROWSER_H
#define POSTWELLE_IMPORTER_BROWSER_H

#include <glib.h>

#define BROWSER_HEIGHT_MAX 20000 /* pixels of a picture; the rest is cut off */

struct browser;

/* True where Chromium is installed. */
gboolean browser_installed(void);

/* Starts one. NULL and ERROR_UNAVAILABLE where it is not installed or does not start. Free with browser_free(). */
struct browser *browser_new(GError **error);

/* Ends it, if need be by SIGKILL, and removes its profile. NULL does nothing. */
void browser_free(struct browser *browser);

/* What to take a picture of. */
struct browser_shot {
    const char *html;    /* file */
    const char *picture; /* file to write: PNG, whole page */
    int width;           /* of the window, in pixels */
    gboolean dark;       /* as one who prefers dark colours sees it */
};

/*
 * Takes a picture. FALSE and ERROR_UNAVAILABLE where the browser fails or takes too long; ERROR_CANT_CREATE for the
 * picture.
 */
gboolean browser_shoot(struct browser *browser, const struct browser_shot *shot, GError **error);

#endif
