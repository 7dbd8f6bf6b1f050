/* wish.c - what a request for an unsubscribe link asks; see wish.h. */
#include "web/wish.h"

#include <string.h>

static gboolean read_token(const char *path, char token_r[WISH_TOKEN + 1])
{
    const char *slash = strrchr(path, '/'), *last = slash != NULL ? slash + 1 : path;
    if (strlen(last) != WISH_TOKEN)
        return FALSE;
    for (size_t i = 0; i < WISH_TOKEN; i++) {
        if (!g_ascii_isalpha(last[i]) && !(last[i] >= '2' && last[i] <= '7'))
            return FALSE;
        token_r[i] = g_ascii_tolower(last[i]);
    }
    token_r[WISH_TOKEN] = '\0';
    return TRUE;
}

/*
 * name=value in a form: between &, or as a part of multipart/form-data. What either writes of our names needs no
 * decoding.
 */
static gboolean has_field(const char *body, const char *name, const char *value)
{
    g_autofree char *pair = g_strdup_printf("%s=%s", name, value);
    g_autofree char *part = g_strdup_printf("name=\"%s\"", name);
    size_t length = strlen(pair);
    for (const char *at = body; (at = strstr(at, pair)) != NULL; at += length)
        if ((at == body || at[-1] == '&') && strchr("&\r\n", at[length]) != NULL)
            return TRUE;
    for (const char *at = body; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        const char *content = strstr(at, "\r\n\r\n");
        size_t size = strlen(value);
        if (content != NULL && strncmp(content + 4, value, size) == 0 && strchr("\r\n", content[4 + size]) != NULL)
            return TRUE;
    }
    return FALSE;
}

void wish_read(gboolean post, const char *path, const char *body, size_t size, struct wish *wish_r)
{
    *wish_r = (struct wish){.kind = WISH_INCOMPLETE};
    if (!read_token(path, wish_r->token))
        return;
    wish_r->kind = WISH_SHOW;
    if (!post)
        return;
    g_autofree char *form = g_strndup(body != NULL ? body : "", size);
    wish_r->all = has_field(form, "scope", "all");
    gboolean clear =
        wish_r->all || has_field(form, "scope", "client") || has_field(form, "List-Unsubscribe", "One-Click");
    wish_r->kind = clear ? WISH_ACT : WISH_UNCLEAR;
}
