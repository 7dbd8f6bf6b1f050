/*
 * slice.h - a stretch of bytes inside a larger text, without a copy and without a final NUL.
 *
 * A slice borrows: it is valid as long as the text it lies in. All functions are pure and thread-safe. "Folded" means
 * that ASCII letters are compared without case, and no others: KELVIN SIGN is no "k".
 */
#ifndef POSTWELLE_LIB_SLICE_H
#define POSTWELLE_LIB_SLICE_H

#include <glib.h>
#include <string.h>

struct slice {
    const char *data;
    size_t length;
};

/* The slice of a string literal. */
#define SLICE_LITERAL(text) ((struct slice){(text), sizeof(text) - 1})

/* The whole of a NUL-terminated string. */
static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

/* True where both hold the same bytes. */
static inline gboolean slice_equal(struct slice a, struct slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* True where text begins with prefix, folded. prefix is in lower case. */
static inline gboolean slice_starts_folded(struct slice text, struct slice prefix)
{
    return text.length >= prefix.length && g_ascii_strncasecmp(text.data, prefix.data, prefix.length) == 0;
}

/* True where both are the same, folded. Neither may hold NUL. */
static inline gboolean slice_equal_folded(struct slice a, struct slice b)
{
    return a.length == b.length && slice_starts_folded(a, b);
}

/* Space, tab, line feed, form feed or carriage return: what HTML and CSS take for white space. */
static inline gboolean slice_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

/* The slice without white space at either end. */
static inline struct slice slice_strip(struct slice text)
{
    while (text.length > 0 && slice_is_space(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && slice_is_space(text.data[text.length - 1]))
        text.length--;
    return text;
}

/* What follows the first count bytes; count is at most the length. */
static inline struct slice slice_skip(struct slice text, size_t count)
{
    return (struct slice){text.data + count, text.length - count};
}

#endif
