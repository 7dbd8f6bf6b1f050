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

/*
 * For a loop without branches over many octets: gcc makes it one over vectors at -O3 alone, clang always. On x86-64 gcc
 * makes it twice, and the one for the processor it runs on is taken when the program starts; vectors of 32 octets
 * instead of 16 halve its cost. Not with a sanitizer, whose code would run before it is ready when the choice is made.
 */
#if defined __GNUC__ && !defined __clang__ && defined __x86_64__ && !defined __SANITIZE_THREAD__ &&                    \
    !defined __SANITIZE_ADDRESS__
#define SLICE_VECTORIZE __attribute__((optimize("O3"), target_clones("arch=x86-64-v3", "default")))
#elif defined __GNUC__ && !defined __clang__
#define SLICE_VECTORIZE __attribute__((optimize("O3")))
#else
#define SLICE_VECTORIZE
#endif

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

/* An ASCII letter in lower case; all else as it is. */
static inline char slice_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* True where text begins with prefix, folded. */
static inline gboolean slice_starts_folded(struct slice text, struct slice prefix)
{
    if (text.length < prefix.length)
        return FALSE;
    for (size_t i = 0; i < prefix.length; i++)
        if (slice_fold(text.data[i]) != slice_fold(prefix.data[i]))
            return FALSE;
    return TRUE;
}

/* True where both are the same, folded. */
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
