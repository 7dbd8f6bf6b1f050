/* test_scaffold.c - what `campaign new` copies can be sent as it is: it loads, renders and composes. */
#include <string.h>

#include "importer/compose.h"
#include "importer/greeting.h"
#include "importer/html_text.h"
#include "importer/template_file.h"
#include "lib/content.h"

#define SURVEY "https://umfrage.example/s/MZXW6YTBOI"
#define UNSUBSCRIBE "https://umfrage.example/u/MZXW6YTBOI"

/* Renders a template of the scaffold for one participant. */
static char *render(const char *name, struct pictures *pictures)
{
    g_autofree char *directory = g_test_build_filename(G_TEST_DIST, "importer", "scaffold", NULL);
    struct template_options options = { .kind = template_kind_of(name) };
    g_autoptr(GError) error = NULL;
    struct template *template = template_load(directory, name, &options, pictures, &error);
    g_assert_no_error(error);
    g_autofree char *names = g_strjoinv(" ", (char **)template_names(template));
    g_assert_cmpstr(names, ==, "greeting survey_url unsubscribe_url");
    json_t *data = json_pack("{s:s, s:s, s:s, s:s}", "Anrede", "Frau", "Nachname", "Müller", "survey_url", SURVEY,
                             "unsubscribe_url", UNSUBSCRIBE);
    greeting_add(data, "de");
    g_autoptr(GString) out = g_string_new(NULL);
    template_render(template, data, out, &error);
    g_assert_no_error(error);
    json_decref(data);
    template_free(template);
    return g_strdup(out->str);
}

static void assert_content(const char *text)
{
    g_assert_nonnull(strstr(text, "Sehr geehrte Frau Müller,"));
    g_assert_nonnull(strstr(text, SURVEY));
    g_assert_nonnull(strstr(text, UNSUBSCRIBE));
    g_assert_nonnull(strstr(text, "Sie erhalten diese E-Mail, weil"));
    g_assert_null(strstr(text, "{{"));
}

/* The milter would let the mail pass. */
static void assert_allowed(const GString *mail)
{
    g_autoptr(GPtrArray) findings = content_findings_new();
    struct slice text = { mail->str, mail->len };
    if (content_check_message(text, &CONTENT_OPTIONS_DEFAULT, findings))
        return;
    g_autofree char *finding = content_finding_text(g_ptr_array_index(findings, 0));
    g_error("%u findings, the first: %s", findings->len, finding);
}

static void test_invitation(void)
{
    struct pictures *found = pictures_new(g_test_get_filename(G_TEST_DIST, "importer", "scaffold", NULL), "mail.example");
    g_autofree char *html = render("invitation.de.html", found);
    g_autofree char *text = render("invitation.de.txt", found);
    g_autofree char *made = html_text_make(html);
    assert_content(html);
    assert_content(text);
    assert_content(made);
    g_assert_true(g_str_has_prefix(html, "<!DOCTYPE html>"));
    g_assert_null(strstr(html, "<img src=\"logo.png\""));
    g_assert_null(strstr(made, "Fünf Minuten, die uns helfen")); /* the hidden preheader */

    size_t n;
    const struct picture *list = pictures_list(found, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(g_bytes_get_size(list[0].bytes), <, 3072);
    struct compose_pictures *pictures = compose_pictures_new(list, n, NULL);
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    const struct mail mail = {
        .from = { "umfrage@beispiel.example", "Beispiel GmbH" },
        .to = { "mueller@kunde.example", NULL },
        .subject = "Wie zufrieden sind Sie mit uns?",
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
    g_assert_cmpuint(out->len, <, 20 * 1024);
    assert_allowed(out);
    compose_pictures_free(pictures);
    pictures_free(found);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scaffold/invitation", test_invitation);
    return g_test_run();
}
