/*
 * view.h - what a request to the status pages asks to see. Pure; any thread.
 */
#ifndef POSTWELLE_WEB_VIEW_H
#define POSTWELLE_WEB_VIEW_H

#include "lib/client.h"

enum view_kind {
    VIEW_INDEX,    /* "/": all campaigns */
    VIEW_CAMPAIGN, /* "/CLIENT/CAMPAIGN" */
    VIEW_NOT_FOUND,
};

struct view {
    enum view_kind kind;
    char client[CLIENT_NAME_MAX + 1], campaign[CLIENT_NAME_MAX + 1];
};

/* path is what was asked for, without a query, as it came. */
void view_read(const char *path, struct view *view_r);

/*
 * May a request with this Host field (RFC 9110 7.2; the port is of no matter, as it may come through a tunnel) be
 * answered? Only "localhost" and loopback addresses: a name of somebody else's that leads here (DNS rebinding) would
 * let their pages read ours. NULL is no.
 */
gboolean view_host_good(const char *host);

#endif
