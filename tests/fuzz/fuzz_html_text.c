/* fuzz_html_text.c - text from any HTML, and its pictures found: no crash, valid UTF-8, no picture from elsewhere. */
#include <stdint.h>
#include <stdlib.h>

#include "importer/html_text.h"
#include "importer/pictures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 16384)
        return 0;
    g_autofree char *html = g_strndup((const char *)data, size);
    g_autofree char *text = html_text_make(html);
    if (!g_utf8_validate(text, -1, NULL))
        abort();
    struct pictures *pictures = pictures_new("/nonexistent", "mail.example");
    g_autoptr(GString) out = g_string_new(NULL);
    size_t n = 0;
    pictures_rewrite(pictures, "fuzz", html, out, NULL);
    pictures_list(pictures, &n);
    if (n != 0)
        abort();
    pictures_free(pictures);
    return 0;
}
