/* fuzz_template.c - any template, rendered with data that has a bit of everything, ends within its limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "importer/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A partial's text is the template itself behind its first line. */
static char *own_partial(const char *name, void *cookie, char **file_r, GError **error)
{
    (void)name;
    (void)error;
    *file_r = g_strdup("partial");
    const char *newline = strchr(cookie, '\n');
    return newline == NULL ? NULL : g_strdup(newline + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    g_autofree char *text = g_strndup((const char *)data + 1, size - 1);
    struct template_options options = {
        .kind = data[0] % 3,
        .lenient = (data[0] & 0x40) != 0,
        .partial = own_partial,
        .cookie = text,
    };
    struct template *template = template_parse("fuzz", text, &options, NULL);
    if (template == NULL)
        return 0;
    json_t *values = json_loads(
        "{\"a\": \"<&\\\"'>\", \"b\": {\"c\": [1, 2.5, \"{{a}}\"]}, \"e\": \"\", \"u\": \"https://a.example/\"}", 0,
        NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    if (template_render(template, values, out, NULL) && options.kind == TEMPLATE_HEADER &&
        strpbrk(out->str, "\r\n") != NULL)
        abort();
    json_decref(values);
    template_free(template);
    return 0;
}
