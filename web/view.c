/* view.c - what a request to the status pages asks to see; see view.h. */
#include "web/view.h"

#include <gio/gio.h>
#include <string.h>

#define HOST_MAX 60 /* octets; no loopback address is as long */

/* Copies a name of our own; FALSE where it is none. */
static gboolean take_name(const char *from, size_t length, char name_r[CLIENT_NAME_MAX + 1])
{
    if (length > CLIENT_NAME_MAX)
        return FALSE;
    memcpy(name_r, from, length);
    name_r[length] = '\0';
    return client_name_valid(name_r);
}

void view_read(const char *path, struct view *view_r)
{
    *view_r = (struct view){.kind = VIEW_NOT_FOUND};
    if (strcmp(path, "/") == 0)
        view_r->kind = VIEW_INDEX;
    const char *slash = *path == '/' ? strchr(path + 1, '/') : NULL;
    if (slash != NULL && take_name(path + 1, (size_t)(slash - path) - 1, view_r->client) &&
        take_name(slash + 1, strlen(slash + 1), view_r->campaign))
        view_r->kind = VIEW_CAMPAIGN;
}

static gboolean is_loopback(const char *name)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(name);
    return g_ascii_strcasecmp(name, "localhost") == 0 || (address != NULL && g_inet_address_get_is_loopback(address));
}

/* ":" and digits, or nothing. */
static gboolean is_port(const char *text)
{
    return *text == '\0' || (*text == ':' && text[1] != '\0' && text[1 + strspn(text + 1, "0123456789")] == '\0');
}

gboolean view_host_good(const char *host)
{
    char name[HOST_MAX + 1];
    if (host == NULL || strlen(host) > HOST_MAX)
        return FALSE;
    gboolean bracket = *host == '[';
    size_t length = strcspn(host + bracket, bracket ? "]" : ":");
    const char *rest = host + bracket + length;
    if (bracket && *rest != ']')
        return FALSE;
    memcpy(name, host + bracket, length);
    name[length] = '\0';
    return (strchr(name, ':') != NULL) == bracket && is_port(rest + bracket) && is_loopback(name);
}
