/*
 * fuzz_wish.c - any octets as an HTTP request: a line with the path, then the body. It acts only on a token and a clear
 * word; and to the status pages, with the body as its Host: it names a campaign or nothing.
 */
#include "web/page.h"
#include "web/view.h"
#include "web/wish.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wish wish;
    struct view view;
    if (size == 0)
        return 0;
    g_autofree char *text = g_strndup((const char *)data, size);
    size_t line = strcspn(text, "\n"), length = strlen(text);
    const char *body = text + MIN(line + 1, length);
    g_autofree char *path = g_strndup(text, line);
    wish_read(TRUE, path, body, strlen(body), &wish);
    g_assert_true(wish.kind == WISH_INCOMPLETE || strlen(wish.token) == WISH_TOKEN);
    g_assert_true(wish.kind != WISH_ACT || strstr(body, "One-Click") != NULL || strstr(body, "scope") != NULL);
    g_assert_nonnull(page_language(path, body));
    view_read(path, &view);
    g_assert_true(view.kind != VIEW_CAMPAIGN || (client_name_valid(view.client) && client_name_valid(view.campaign)));
    g_assert_true(!view_host_good(body) || strspn(body, "localhstLOCALHST0123456789abcdefABCDEF.:[]") == strlen(body));
    return 0;
}
