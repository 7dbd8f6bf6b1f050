/*
 * wish.h - what an HTTP request for an unsubscribe link asks: to see the page, or to act (RFC 8058). Pure; any thread.
 */
#ifndef POSTWELLE_WEB_WISH_H
#define POSTWELLE_WEB_WISH_H

#include <glib.h>

#define WISH_TOKEN 32 /* characters (doc/PROTOCOL.md §2) */

enum wish_kind {
    WISH_SHOW,       /* GET, HEAD: changes nothing, whoever follows the link */
    WISH_ACT,        /* POST: at once */
    WISH_INCOMPLETE, /* the link has no token's form: cut, or made up */
    WISH_UNCLEAR,    /* POST without a word of what is wanted */
};

struct wish {
    enum wish_kind kind;
    gboolean all; /* from all clients' mails, not only from this one's */
    char token[WISH_TOKEN + 1];
};

/*
 * path is what was asked for, without a query: its last part is the token. body of size octets is a POST's, of either
 * form that RFC 8058 3.2 allows (application/x-www-form-urlencoded, multipart/form-data); what counts in it is
 * List-Unsubscribe=One-Click, and scope=client or scope=all of our page.
 */
void wish_read(gboolean post, const char *path, const char *body, size_t size, struct wish *wish_r);

#endif
