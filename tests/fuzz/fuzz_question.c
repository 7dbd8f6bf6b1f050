/*
 * fuzz_question.c - a question made of any texts is HTML that the content rule lets pass, whatever stands in them: a
 * kind's number, then the text, the answers and the labels, a line each.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "importer/question.h"
#include "lib/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *html)
{
    const struct template_options options = {.kind = TEMPLATE_HTML};
    g_autoptr(GString) out = g_string_new(NULL);
    struct template *template = template_parse("fuzz", html, &options, NULL);
    json_t *values = json_pack("{s:s}", QUESTION_URL, "https://s.example/?a=");
    if (template == NULL || !template_render(template, values, out, NULL) ||
        !content_check_html((struct slice){out->str, out->len}, &CONTENT_OPTIONS_DEFAULT, NULL))
        abort();
    json_decref(values);
    template_free(template);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {"nps", "csat5", "stars", "yesno", "choice"};
    if (size == 0 || size > 4096)
        return 0;
    g_autofree char *text = g_strndup((const char *)data + 1, size - 1);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 3);
    g_auto(GStrv) answers = g_strsplit(g_strv_length(lines) > 1 ? lines[1] : "", ",", -1);
    g_auto(GStrv) labels = g_strsplit(g_strv_length(lines) > 2 ? lines[2] : "", ",", -1);
    const struct question question = {
        .kind = kinds[data[0] % G_N_ELEMENTS(kinds)],
        .text = lines[0] != NULL ? lines[0] : "",
        .answers = (const char *const *)answers,
        .labels = (const char *const *)labels,
        .parameter = "a",
        .color = "#0b5cad",
        .language = (data[0] & 0x40) != 0 ? "de" : "en",
    };
    g_autofree char *html = question_make(&question, TEMPLATE_HTML, NULL);
    g_autofree char *plain = question_make(&question, TEMPLATE_TEXT, NULL);
    if ((html == NULL) != (plain == NULL))
        abort();
    /* Placeholders in texts are the author's. */
    if (html != NULL && strstr(text, "{{") == NULL)
        check(html);
    return 0;
}
