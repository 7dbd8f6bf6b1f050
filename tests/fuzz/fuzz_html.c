/* fuzz_html.c - the tokeniser: every token lies in the text, tokens follow one another, the end is reached. */
#include "lib/html.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_slice(struct slice slice, const char *start, const char *end)
{
    g_assert(slice.data >= start && slice.data <= end && slice.length <= (size_t)(end - slice.data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *start = (const char *)data, *end = start + size, *last = start;
    struct html_tokenizer tokenizer;
    struct html_token token;
    g_autoptr(GString) decoded = g_string_new(NULL);
    html_tokenizer_init(&tokenizer, (struct slice){start, size});
    while (html_tokenizer_next(&tokenizer, &token)) {
        g_assert(token.start == last && tokenizer.next >= last);
        check_slice(token.text, start, end);
        g_assert_cmpuint(token.n_attributes, <=, HTML_MAX_ATTRIBUTES);
        for (unsigned i = 0; i < token.n_attributes; i++) {
            check_slice(token.attributes[i].name, start, end);
            check_slice(token.attributes[i].value, start, end);
            html_decode_references(token.attributes[i].value, TRUE, decoded);
        }
        last = tokenizer.next;
    }
    g_assert(last == end);
    return 0;
}
