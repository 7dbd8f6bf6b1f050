/* fuzz_css.c - the scanner: problems lie in the text, and the end is reached. */
#include "lib/css.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *start = (const char *)data, *end = start + size;
    struct css_scanner scanner;
    struct css_problem problem;
    size_t count = 0;
    css_scanner_init(&scanner, (struct slice){start, size});
    while (css_scanner_next(&scanner, &problem)) {
        g_assert(problem.text.data >= start && problem.text.length <= (size_t)(end - problem.text.data));
        g_assert_cmpuint(++count, <=, size + 1);
    }
    g_assert(scanner.next == end);
    return 0;
}
