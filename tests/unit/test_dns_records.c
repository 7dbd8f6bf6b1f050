/* test_dns_records.c - zone lines as a name server takes them. */
#include "importer/dns_records.h"

#include <string.h>

static void test_lines(void)
{
    g_autofree char *long_text = g_strnfill(600, 'x');
    static const struct {
        const char *name, *type, *data, *line;
    } cases[] = {
        {"k.example", "TXT", "v=spf1 -all", "k.example. IN TXT \"v=spf1 -all\""},
        {"k.example", "TXT", "a\"b\\c", "k.example. IN TXT \"a\\\"b\\\\c\""},
        {"k.example", "TXT", "", "k.example. IN TXT \"\""},
        {"k.example", "MX", "10 mx.k.example", "k.example. IN MX 10 mx.k.example."},
        {"k.example", "CNAME", "k.agency.example", "k.example. IN CNAME k.agency.example."},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = dns_zone_line(cases[i].name, cases[i].type, cases[i].data);
        g_assert_cmpstr(line, ==, cases[i].line);
    }
    for (size_t length = 254; length <= 600; length += length == 257 ? 252 : 1) {
        g_autofree char *text = g_strndup(long_text, length), *line = dns_zone_line("k.example", "TXT", text);
        g_auto(GStrv) pieces = g_strsplit(strchr(line, '"'), "\"", -1);
        size_t sum = 0;
        for (size_t i = 1; i < g_strv_length(pieces); i += 2) {
            g_assert_cmpuint(strlen(pieces[i]), <=, 255);
            g_assert_cmpuint(strlen(pieces[i]), >, 0);
            sum += strlen(pieces[i]);
        }
        g_assert_cmpuint(sum, ==, length);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dns_records/lines", test_lines);
    return g_test_run();
}
