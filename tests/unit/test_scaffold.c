/*
 * test_scaffold.c - what `campaign new` copies can be sent as it is: it loads, renders, composes, and says what it
 * must.
 */
#include <string.h>

#include "importer/compose.h"
#include "importer/greeting.h"
#include "importer/html_text.h"
#include "importer/question.h"
#include "importer/template_file.h"
#include "lib/content.h"

#define SURVEY "https://umfrage.example/s/MZXW6YTBOI"
#define UNSUBSCRIBE "https://umfrage.example/u/MZXW6YTBOI"
#define MAIL_MAX ((size_t)24 * 1024)

struct scaffold_case {
    const char *name, *language;
    const char *names; /* all placeholders */
    const char *greeting, *reason, *unsubscribe, *imprint;
};

#define WORDS_DE                                                                                                       \
    "de", .greeting = "Sehr geehrte Frau Müller,", .reason = "Sie erhalten diese E-Mail, weil",                        \
          .unsubscribe = "Von Befragungen abmelden", .imprint = "Amtsgericht Musterstadt HRB 12345"
#define WORDS_EN                                                                                                       \
    "en", .greeting = "Dear Ms Müller,", .reason = "You receive this e-mail because",                                  \
          .unsubscribe = "Unsubscribe from surveys", .imprint = "Musterstadt district court HRB 12345"
#define WITH_BUTTON .names = "client_title greeting survey_url unsubscribe_url"
#define WITH_QUESTION .names = "client_title greeting survey_answer_url unsubscribe_url"

static const struct scaffold_case cases[] = {
    {"invitation", WORDS_DE, WITH_BUTTON}, {"invitation", WORDS_EN, WITH_BUTTON}, {"nps", WORDS_DE, WITH_QUESTION},
    {"nps", WORDS_EN, WITH_QUESTION},      {"reminder", WORDS_DE, WITH_BUTTON},   {"reminder", WORDS_EN, WITH_BUTTON},
};

static char *directory(void)
{
    return g_test_build_filename(G_TEST_DIST, "importer", "scaffold", NULL);
}

/* Renders a template of the scaffold for one participant; with a question where it wants one. */
static char *render(const struct scaffold_case *test, const char *extension, struct pictures *pictures)
{
    g_autofree char *from = directory();
    g_autofree char *name = g_strdup_printf("%s.%s.%s", test->name, test->language, extension);
    struct question_partial partial = {{.kind = "nps",
                                        .text = "Empfehlen Sie {{client_title}}?",
                                        .parameter = "a",
                                        .color = "#0b5cad",
                                        .language = test->language},
                                       template_kind_of(name)};
    const struct template_options options = {.kind = partial.kind, .partial = question_partial, .cookie = &partial};
    g_autoptr(GError) error = NULL;
    struct template *template = template_load(from, name, &options, pictures, &error);
    g_assert_no_error(error);
    if (partial.kind != TEMPLATE_HEADER) {
        g_autofree char *names = g_strjoinv(" ", (char **)template_names(template));
        g_assert_cmpstr(names, ==, test->names);
    }
    json_t *data =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "Anrede", "Frau", "Nachname", "Müller", "survey_url", SURVEY,
                  QUESTION_URL, SURVEY "?a=", "unsubscribe_url", UNSUBSCRIBE, "client_title", "Beispiel & Co");
    greeting_add(data, test->language);
    g_autoptr(GString) out = g_string_new(NULL);
    template_render(template, data, out, &error);
    g_assert_no_error(error);
    json_decref(data);
    template_free(template);
    return g_strdup(out->str);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        g_error("\"%s\" is missing in:\n%s", part, text);
}

/* What every mail must say, in words. */
static void assert_says(const struct scaffold_case *test, const char *text)
{
    const char *const parts[] = {test->greeting, SURVEY, UNSUBSCRIBE, "Beispiel & Co, Musterstraße 1"};
    g_autofree char *joined = g_strdup(text); /* lines are wrapped anywhere */
    g_strdelimit(joined, "\n", ' ');
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        assert_has(joined, parts[i]);
    assert_has(joined, test->reason);
    assert_has(joined, test->unsubscribe);
    assert_has(joined, test->imprint);
    g_assert_null(strstr(joined, "{{"));
}

/* What those need who do not see the mail, or see it dark or small. */
static void assert_accessible(const struct scaffold_case *test, const char *html)
{
    g_autofree char *root = g_strdup_printf("<html lang=\"%s\">", test->language);
    g_assert_true(g_str_has_prefix(html, "<!DOCTYPE html>"));
    assert_has(html, root);
    assert_has(html, "<title>");
    assert_has(html, "<h1");
    assert_has(html, " alt=\"Beispiel &amp; Co\"");
    assert_has(html, "name=\"color-scheme\" content=\"light dark\"");
    for (const char *table = strstr(html, "<table"); table != NULL; table = strstr(table + 1, "<table"))
        g_assert_true(g_str_has_prefix(table, "<table role=\"presentation\""));
}

/* The milter would let the mail pass. */
static void assert_allowed(const GString *mail)
{
    g_autoptr(GPtrArray) findings = content_findings_new();
    struct slice text = {mail->str, mail->len};
    if (content_check_message(text, &CONTENT_OPTIONS_DEFAULT, findings))
        return;
    g_autofree char *finding = content_finding_text(g_ptr_array_index(findings, 0));
    g_error("%u findings, the first: %s", findings->len, finding);
}

static void assert_composes(struct pictures *found, const char *subject, const char *text, const char *html)
{
    size_t n;
    const struct picture *list = pictures_list(found, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(g_bytes_get_size(list[0].bytes), <, 3072);
    struct compose_pictures *pictures = compose_pictures_new(list, n, NULL);
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    const struct mail mail = {
        .from = {"umfrage@beispiel.example", "Beispiel GmbH"},
        .to = {"mueller@kunde.example", NULL},
        .subject = subject,
        .message_id = "a@beispiel.example",
        .zone = zone,
        .list_unsubscribe_url = UNSUBSCRIBE,
        .list_unsubscribe_mailto = "mailto:u@beispiel.example",
        .text = text,
        .html = html,
        .pictures = pictures,
    };
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    compose_mail(&mail, out, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(out->len, <, MAIL_MAX);
    assert_allowed(out);
    compose_pictures_free(pictures);
}

static void run_case(const void *data)
{
    const struct scaffold_case *test = data;
    g_autofree char *from = directory();
    struct pictures *found = pictures_new(from, "mail.example");
    g_autofree char *subject = render(test, "subject", NULL), *text = render(test, "txt", NULL);
    g_autofree char *html = render(test, "html", found), *made = html_text_make(html);
    g_assert_cmpuint(strlen(subject), >, 10);
    assert_says(test, text);
    assert_says(test, made);
    assert_accessible(test, html);
    g_assert_null(strstr(html, "<img src=\"logo.png\""));
    g_assert_null(strstr(made, "prefers-color-scheme"));
    assert_composes(found, subject, text, html);
    pictures_free(found);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/scaffold/%s.%s", cases[i].name, cases[i].language);
        g_test_add_data_func(path, &cases[i], run_case);
    }
    return g_test_run();
}
