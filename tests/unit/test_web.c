/* test_web.c - what a request for an unsubscribe link asks, and the pages. */
#include "web/page.h"
#include "web/wish.h"

#include <string.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz234567"
#define MULTIPART                                                                                                      \
    "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"

static const struct {
    const char *name;
    gboolean post;
    const char *path, *body;
    enum wish_kind kind;
    gboolean all;
} wish_cases[] = {
    {"a look", FALSE, "/u/" TOKEN, NULL, WISH_SHOW, FALSE},
    {"at the root", FALSE, "/" TOKEN, NULL, WISH_SHOW, FALSE},
    {"a look with a body", FALSE, "/u/" TOKEN, "List-Unsubscribe=One-Click", WISH_SHOW, FALSE},
    {"in capitals", FALSE, "/u/ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", NULL, WISH_SHOW, FALSE},
    {"one click", TRUE, "/u/" TOKEN, "List-Unsubscribe=One-Click", WISH_ACT, FALSE},
    {"one click, then more", TRUE, "/u/" TOKEN, "List-Unsubscribe=One-Click&x=y", WISH_ACT, FALSE},
    {"one click with a line break", TRUE, "/u/" TOKEN, "List-Unsubscribe=One-Click\r\n", WISH_ACT, FALSE},
    {"one click, multipart", TRUE, "/u/" TOKEN, MULTIPART, WISH_ACT, FALSE},
    {"our page, this sender", TRUE, "/u/" TOKEN, "scope=client", WISH_ACT, FALSE},
    {"our page, all", TRUE, "/u/" TOKEN, "scope=all", WISH_ACT, TRUE},
    {"nothing", TRUE, "/u/" TOKEN, "", WISH_UNCLEAR, FALSE},
    {"no body", TRUE, "/u/" TOKEN, NULL, WISH_UNCLEAR, FALSE},
    {"another form", TRUE, "/u/" TOKEN, "a=b", WISH_UNCLEAR, FALSE},
    {"another field ends so", TRUE, "/u/" TOKEN, "xscope=all", WISH_UNCLEAR, FALSE},
    {"the value goes on", TRUE, "/u/" TOKEN, "scope=allergic", WISH_UNCLEAR, FALSE},
    {"another value in a part", TRUE, "/u/" TOKEN, "name=\"List-Unsubscribe\"\r\n\r\nOne-Clicks\r\n", WISH_UNCLEAR,
     FALSE},
    {"a part that is cut", TRUE, "/u/" TOKEN, "name=\"List-Unsubscribe\"\r\n", WISH_UNCLEAR, FALSE},
    {"cut link", FALSE, "/u/abcdefghijklmnopqrstuvwxyz23456", NULL, WISH_INCOMPLETE, FALSE},
    {"one more", FALSE, "/u/" TOKEN "a", NULL, WISH_INCOMPLETE, FALSE},
    {"a folder behind", FALSE, "/u/" TOKEN "/", NULL, WISH_INCOMPLETE, FALSE},
    {"a character that is none of base32", FALSE, "/u/abcdefghijklmnopqrstuvwxyz234560", NULL, WISH_INCOMPLETE, FALSE},
    {"nothing at all", TRUE, "", "scope=all", WISH_INCOMPLETE, FALSE},
    {"something else", FALSE, "/favicon.ico", NULL, WISH_INCOMPLETE, FALSE},
};

static void test_wishes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(wish_cases); i++) {
        struct wish wish;
        const char *body = wish_cases[i].body;
        g_test_message("%s", wish_cases[i].name);
        wish_read(wish_cases[i].post, wish_cases[i].path, body, body != NULL ? strlen(body) : 0, &wish);
        g_assert_cmpint(wish.kind, ==, wish_cases[i].kind);
        g_assert_cmpint(wish.all, ==, wish_cases[i].all);
        if (wish.kind != WISH_INCOMPLETE)
            g_assert_cmpstr(wish.token, ==, TOKEN);
    }
}

static const struct {
    const char *participant, *accept, *language;
} language_cases[] = {
    {"", "", "de"},
    {"de", "en", "de"},
    {"Deutsch", "", "de"},
    {"German", "", "de"},
    {"en-GB", "de", "en"},
    {"English", "", "en"},
    {"", "en-US,en;q=0.9,de;q=0.8", "en"},
    {"", "pl,de;q=0.5,fr;q=0.7", "fr"},
    {"", "de;q=0.1, it", "it"},
    {"", "nl;q=0", "de"},
    {"", "pl", "de"},
    {"pl", "es", "es"},
    {"Spanish", "", "es"},
    {"", "*", "de"},
    {"", ";q=,,;;", "de"},
    {"", "en;q=nan", "en"},
};

static void test_languages(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(language_cases); i++) {
        g_test_message("\"%s\" \"%s\"", language_cases[i].participant, language_cases[i].accept);
        g_assert_cmpstr(page_language(language_cases[i].participant, language_cases[i].accept), ==,
                        language_cases[i].language);
    }
}

/* Each page in each language: whole, with a form where one is asked, and with nothing that loads. */
static void test_pages(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    static const char *const loads[] = {"<script", "src=", "href=", "url(", "@import", "http:", "https:"};
    for (const char *const *language = page_languages(); *language != NULL; language++) {
        g_autofree char *lang = g_strdup_printf("<html lang=\"%s\">", *language);
        for (int page = 0; page < PAGES; page++) {
            page_write(out, (enum page)page, *language);
            g_test_message("%s %d", *language, page);
            g_assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
            g_assert_nonnull(strstr(out->str, lang));
            g_assert_null(strstr(out->str, "(null)"));
            g_assert_true(g_str_has_suffix(out->str, "</html>\n"));
            g_assert_cmpint(strstr(out->str, "<form method=\"post\">") != NULL, ==, page == PAGE_ASK);
            for (size_t i = 0; i < G_N_ELEMENTS(loads); i++)
                g_assert_null(strstr(out->str, loads[i]));
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web/wishes", test_wishes);
    g_test_add_func("/web/languages", test_languages);
    g_test_add_func("/web/pages", test_pages);
    return g_test_run();
}
