/* test_canon.c - relaxed canonicalization, however the body is cut. */
#include "milter/canon.h"

#include <string.h>

static void collect(void *user, const char *octets, size_t size)
{
    g_assert_cmpuint(size, >, 0);
    g_string_append_len(user, octets, (gssize)size);
}

static const struct {
    const char *name, *body, *canonical;
} body_cases[] = {
    {"RFC 6376 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"},
    {"empty", "", ""},
    {"one empty line", "\r\n", ""},
    {"empty lines", "\r\n\r\n\r\n", ""},
    {"white space alone", " \t \r\n \r\n", ""},
    {"white space alone, no line end", " \t", ""},
    {"no line end", "a", "a\r\n"},
    {"white space at the end, no line end", "a \t", "a\r\n"},
    {"empty lines first", "\r\n \r\na\r\n", "\r\n\r\na\r\n"},
    {"empty lines within", "a\r\n\r\n\t\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
    {"trailing empty lines with white space", "a\r\n \r\n\t\r\n", "a\r\n"},
    {"leading white space", "\t\ta\r\n", " a\r\n"},
    {"clean", "one line\r\nanother one\r\n", "one line\r\nanother one\r\n"},
    {"8-bit", "\xc3\xbc  \xff\r\n", "\xc3\xbc \xff\r\n"},
    {"twenty empty lines, then text",
     "a\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nb",
     "a\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nb\r\n"},
};

static void test_body(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(body_cases); i++) {
        size_t size = strlen(body_cases[i].body);
        g_test_message("%s", body_cases[i].name);
        /* Each pair of borders. */
        for (size_t a = 0; a <= size; a++)
            for (size_t b = a; b <= size; b++) {
                g_autoptr(GString) out = g_string_new(NULL);
                struct canon_body canon;
                canon_body_init(&canon, collect, out);
                canon_body_feed(&canon, body_cases[i].body, a);
                canon_body_feed(&canon, body_cases[i].body + a, b - a);
                canon_body_feed(&canon, body_cases[i].body + b, size - b);
                canon_body_finish(&canon);
                g_assert_cmpstr(out->str, ==, body_cases[i].canonical);
            }
    }
}

/* The rules of RFC 6376 §3.4.4 one after the other, over lines that end with CR LF. */
static GString *by_the_book(const GString *body)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(body->str, "\r\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit_set(lines[i], " \t", -1);
        for (size_t j = 0; words[j] != NULL; j++) {
            if (j > 0 && (out->len == 0 || out->str[out->len - 1] != ' '))
                g_string_append_c(out, ' ');
            g_string_append(out, words[j]);
        }
        while (out->len > 0 && out->str[out->len - 1] == ' ')
            g_string_truncate(out, out->len - 1);
        g_string_append(out, "\r\n");
    }
    while (g_str_has_suffix(out->str, "\r\n"))
        g_string_truncate(out, out->len - 2);
    if (out->len > 0)
        g_string_append(out, "\r\n");
    return out;
}

static GString *random_body(void)
{
    static const char *const pieces[] = {" ",  "  ",   "\t",  "\r\n",     "\r\n\r\n", "a",
                                         "bc", "word", "=20", "\xc3\xa4", " \r\n"};
    static const char *const clean_pieces[] = {"a ", "longer text ", "b\r\n", "=3D\r\n\r\n", "c "};
    GString *body = g_string_new(NULL);
    size_t count = (size_t)g_test_rand_int_range(0, g_test_rand_bit() ? 40 : 4000);
    gboolean clean = g_test_rand_bit();
    for (size_t i = 0; i < count; i++)
        if (clean && g_test_rand_int_range(0, 500) != 0)
            g_string_append(body, clean_pieces[g_test_rand_int_range(0, G_N_ELEMENTS(clean_pieces))]);
        else
            g_string_append(body, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
    return body;
}

static void test_random_bodies(void)
{
    for (size_t i = 0; i < 3000; i++) {
        g_autoptr(GString) body = random_body();
        g_autoptr(GString) want = by_the_book(body);
        g_autoptr(GString) out = g_string_new(NULL);
        struct canon_body canon;
        canon_body_init(&canon, collect, out);
        for (size_t done = 0; done < body->len;) {
            size_t chunk = (size_t)g_test_rand_int_range(1, 1 << g_test_rand_int_range(1, 15));
            chunk = MIN(chunk, body->len - done);
            /* An exact copy, so that a sanitizer sees a read past the chunk. */
            g_autofree char *exact = g_memdup2(body->str + done, chunk);
            canon_body_feed(&canon, exact, chunk);
            done += chunk;
        }
        canon_body_finish(&canon);
        g_assert_cmpstr(out->str, ==, want->str);
    }
}

static const struct {
    const char *name, *value, *canonical;
} header_cases[] = {
    {"A", " X", "a:X"}, /* RFC 6376 3.4.5 */
    {"B ", " Y\t\r\n\tZ  ", "b:Y Z"},
    {"Subject", "", "subject:"},
    {"Subject", " \t ", "subject:"},
    {"Subject", "\n folded at once", "subject:folded at once"},
    {"SUBJECT", "a\n\tb\r\n c", "subject:a b c"},
    {"X-\xc3\x84", "\xc3\x84  \xff", "x-\xc3\x84:\xc3\x84 \xff"},
    {"To", "no space  ,\tkept", "to:no space , kept"},
};

static void test_header(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(header_cases); i++) {
        g_autoptr(GString) out = g_string_new("before|");
        canon_header_field(out, header_cases[i].name, header_cases[i].value);
        g_assert_true(g_str_has_prefix(out->str, "before|"));
        g_assert_cmpstr(out->str + strlen("before|"), ==, header_cases[i].canonical);
    }
}

static void test_faults(void)
{
    g_autofree char *long_line = g_strnfill(CANON_LINE_MAX, 'x');
    g_autofree char *longest = g_strconcat("a\r\n", long_line, "\r\n", NULL);
    g_autofree char *too_long = g_strconcat("a\r\n", long_line, "x\r\n", NULL);
    g_autofree char *too_long_open = g_strconcat("a\r\n", long_line, "x", NULL);
    const struct {
        const char *name, *body;
        enum body_fault fault;
        size_t line;
        gboolean open;
    } cases[] = {
        {"empty", "", BODY_GOOD, 1, FALSE},
        {"good", "a\r\n\r\nb\r\n", BODY_GOOD, 4, FALSE},
        {"open", "a\r\nb", BODY_GOOD, 2, TRUE},
        {"bare LF", "a\r\nb\nc\r\n", BODY_BARE_LF, 2, FALSE},
        {"LF first", "\na", BODY_BARE_LF, 1, FALSE},
        {"bare CR", "a\r\nb\rc\r\n", BODY_BARE_CR, 2, FALSE},
        {"CR CR LF", "a\r\r\n", BODY_BARE_CR, 1, FALSE},
        {"CR at the end", "a\r", BODY_BARE_CR, 1, TRUE},
        {"longest line", longest, BODY_GOOD, 3, FALSE},
        {"too long a line", too_long, BODY_LONG_LINE, 2, FALSE},
        {"too long a line, open", too_long_open, BODY_LONG_LINE, 2, TRUE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t size = strlen(cases[i].body);
        g_test_message("%s", cases[i].name);
        for (size_t a = 0; a <= size; a++) {
            struct body_check check;
            body_check_init(&check);
            body_check_feed(&check, cases[i].body, a);
            body_check_feed(&check, cases[i].body + a, size - a);
            body_check_finish(&check);
            g_assert_cmpint(check.fault, ==, cases[i].fault);
            g_assert_cmpuint(check.line, ==, cases[i].line);
            if (check.fault == BODY_GOOD)
                g_assert_cmpint(check.line_open, ==, cases[i].open);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/canon/body", test_body);
    g_test_add_func("/canon/random-bodies", test_random_bodies);
    g_test_add_func("/canon/header", test_header);
    g_test_add_func("/canon/faults", test_faults);
    return g_test_run();
}
