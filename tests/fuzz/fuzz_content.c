/* fuzz_content.c - the content rule on a mail and on an HTML text: the same verdict with and without findings. */
#include "lib/content.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_findings(gboolean passed, GPtrArray *findings)
{
    g_assert(passed == (findings->len == 0));
    for (guint i = 0; i < findings->len; i++) {
        g_autofree char *text = content_finding_text(g_ptr_array_index(findings, i));
        g_assert(g_utf8_validate(text, -1, NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    struct slice text = {size > 0 ? (const char *)data : "", size}; /* libFuzzer has NULL for nothing */
    g_autoptr(GPtrArray) of_mail = content_findings_new();
    g_autoptr(GPtrArray) of_html = content_findings_new();
    gboolean mail = content_check_message(text, &options, of_mail), html = content_check_html(text, &options, of_html);
    check_findings(mail, of_mail);
    check_findings(html, of_html);
    g_assert(mail == content_check_message(text, &options, NULL));
    g_assert(html == content_check_html(text, &options, NULL));
    return 0;
}
