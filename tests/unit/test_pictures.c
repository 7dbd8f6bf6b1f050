/* test_pictures.c - pictures of a campaign directory: rewritten, loaded, refused; and templates loaded with them. */
#include "importer/pictures.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "importer/file_within.h"
#include "importer/template_file.h"
#include "lib/error.h"

#define PNG "\x89PNG\r\n\x1A\n...."

struct fixture {
    char *top;
    char *directory; /* top/campaign */
};

static void put(const struct fixture *fixture, const char *name, const char *content, gssize length)
{
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, content, length, NULL));
}

static void set_up(struct fixture *fixture, const void *data)
{
    (void)data;
    fixture->top = g_dir_make_tmp("postwelle-pictures-XXXXXX", NULL);
    g_assert_nonnull(fixture->top);
    fixture->directory = g_build_filename(fixture->top, "campaign", NULL);
    put(fixture, "logo.png", PNG "logo", -1);
    put(fixture, "copy.png", PNG "logo", -1);
    put(fixture, "a & b.JPG", "\xFF\xD8\xFF\xE0jpeg", -1);
    put(fixture, "img/x.gif", "GIF89agif", -1);
    put(fixture, "wrong.png", "GIF89agif", -1);
    put(fixture, "page.html", "<p>", -1);
    put(fixture, "../secret.png", PNG "secret", -1);
    g_autofree char *large = g_malloc0(PICTURE_SIZE_MAX + 1);
    memcpy(large, PNG, 8);
    put(fixture, "large.png", large, PICTURE_SIZE_MAX + 1);
    g_autofree char *link = g_build_filename(fixture->directory, "link.png", NULL);
    g_assert_cmpint(symlink("../secret.png", link), ==, 0);
    g_autofree char *folder = g_build_filename(fixture->directory, "folder", NULL);
    g_assert_cmpint(symlink("..", folder), ==, 0);
    put(fixture, "mail.de.html", "<p>{{> foot}}<img src=logo.png>{{> plain}}", -1);
    put(fixture, "mail.de.txt", "{{> foot}}", -1);
    put(fixture, "foot.de.html", "<b><img src='img/x.gif'>{{x}}", -1);
    put(fixture, "plain.html", "plain", -1);
    put(fixture, "foot.txt", "Fuß {{x}}", -1);
    put(fixture, "bad.html", "\n{{> badpart}}", -1);
    put(fixture, "badpart.html", "\n\n<img src=gone.png>", -1);
}

static void tear_down(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autofree char *quoted = g_shell_quote(fixture->top);
    g_autofree char *command = g_strconcat("rm -r ", quoted, NULL);
    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    g_free(fixture->top);
    g_free(fixture->directory);
}

static void test_rewrite(struct fixture *fixture, const void *data)
{
    (void)data;
    static const char html[] =
        "<p>ä<IMG alt=\"a>b\" SRC = 'logo.png'/><img src=\"a%20&amp; b.JPG\"><img src=img/x.gif>\n"
        "<img src=\"logo.png\"><img src=copy.png><img src=\"data:image/gif;base64,R0\"><!-- <img src=no.png> --></p>";
    struct pictures *pictures = pictures_new(fixture->directory, "mail.example");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    pictures_rewrite(pictures, "t.html", html, out, &error);
    g_assert_no_error(error);
    size_t n;
    const struct picture *list = pictures_list(pictures, &n);
    g_assert_cmpuint(n, ==, 3);
    g_autofree char *expected = g_strdup_printf("<p>ä<IMG alt=\"a>b\" SRC = 'cid:%s'/><img src=\"cid:%s\"><img "
                                                "src=cid:%s>\n<img src=\"cid:%s\"><img src=cid:%s>"
                                                "<img src=\"data:image/gif;base64,R0\"><!-- <img src=no.png> --></p>",
                                                list[0].content_id, list[1].content_id, list[2].content_id,
                                                list[0].content_id, list[0].content_id);
    g_assert_cmpstr(out->str, ==, expected);
    g_assert_cmpstr(list[0].name, ==, "logo.png");
    g_assert_cmpstr(list[0].type, ==, "image/png");
    g_assert_cmpstr(list[1].name, ==, "a & b.JPG");
    g_assert_cmpstr(list[1].type, ==, "image/jpeg");
    g_assert_cmpstr(list[2].name, ==, "x.gif");
    g_assert_cmpuint(g_bytes_get_size(list[0].bytes), ==, strlen(PNG "logo"));
    g_assert_true(g_str_has_suffix(list[0].content_id, "@mail.example"));
    pictures_free(pictures);
}

/* A source that must be refused, and a part of the error. */
static const char *const refused[][2] = {
    { "https://a.example/x.png", "t.html:2: picture \"https://a.example/x.png\": would load something" },
    { "//a.example/x.png", "would load something" },
    { "file:///etc/passwd", "would load something" },
    { "h&#116;tp://a.example/x.png", "would load something" },
    { "cid:x", "Postwelle makes the cid: URL" },
    { "{{logo}}.png", "the same for all" },
    { "", "src is empty" },
    { "gone.png", "t.html:2: picture \"gone.png\": gone.png: No such file" },
    { "logo.png/x.png", "No" },
    { "../secret.png", "within the campaign's directory" },
    { "%2E./secret.png", "within the campaign's directory" },
    { "/etc/logo.png", "within the campaign's directory" },
    { "img/../logo.png", "within the campaign's directory" },
    { "link.png", "symbolic link" },
    { "folder/secret.png", "folder/secret.png" },
    { "img", "not a regular file" },
    { "wrong.png", "is not what its name says" },
    { "page.html", "is none of .png" },
    { "large.png", "512 KiB are allowed" },
};

static void test_refused(struct fixture *fixture, const void *data)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct pictures *pictures = pictures_new(fixture->directory, "mail.example");
        g_autofree char *html = g_strdup_printf("<p>\n<img src=\"%s\">", refused[i][0]);
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        g_assert_false(pictures_rewrite(pictures, "t.html", html, out, &error));
        g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
        if (strstr(error->message, refused[i][1]) == NULL)
            g_error("%s: error is \"%s\"", refused[i][0], error->message);
        pictures_free(pictures);
    }
}

static void test_total(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autofree char *content = g_malloc0(PICTURE_SIZE_MAX);
    memcpy(content, PNG, 8);
    for (char c = 'a'; c <= 'c'; c++) {
        const char name[] = { c, '.', 'p', 'n', 'g', '\0' };
        content[8] = c;
        put(fixture, name, content, c == 'c' ? 100 : (gssize)PICTURE_SIZE_MAX);
    }
    struct pictures *pictures = pictures_new(fixture->directory, "mail.example");
    g_autoptr(GString) out = g_string_new(NULL);
    g_assert_true(pictures_rewrite(pictures, "t", "<img src=a.png><img src=b.png>", out, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(pictures_rewrite(pictures, "t", "<img src=c.png>", out, &error));
    g_assert_nonnull(strstr(error->message, "1 MiB"));
    pictures_free(pictures);
}

static void test_template(struct fixture *fixture, const void *data)
{
    (void)data;
    struct pictures *pictures = pictures_new(fixture->directory, "mail.example");
    json_t *values = json_pack("{s:s}", "x", "<ü>");
    struct template_options options = { .kind = template_kind_of("mail.de.html") };
    g_autoptr(GError) error = NULL;
    struct template *template = template_load(fixture->directory, "mail.de.html", &options, pictures, &error);
    g_assert_no_error(error);
    g_autoptr(GString) out = g_string_new(NULL);
    g_assert_true(template_render(template, values, out, NULL));
    size_t n;
    const struct picture *list = pictures_list(pictures, &n);
    g_assert_cmpuint(n, ==, 2);
    g_autofree char *expected = g_strdup_printf("<p><b><img src='cid:%s'>&lt;ü&gt;<img src=cid:%s>plain",
                                                list[1].content_id, list[0].content_id);
    g_assert_cmpstr(out->str, ==, expected);
    template_free(template);

    options.kind = template_kind_of("mail.de.txt");
    template = template_load(fixture->directory, "mail.de.txt", &options, pictures, &error);
    g_assert_no_error(error);
    g_string_truncate(out, 0);
    g_assert_true(template_render(template, values, out, NULL));
    g_assert_cmpstr(out->str, ==, "Fuß <ü>");
    template_free(template);

    options.kind = TEMPLATE_HTML;
    g_assert_null(template_load(fixture->directory, "bad.html", &options, pictures, &error));
    g_assert_nonnull(strstr(error->message, "bad.html:2: {{badpart}}: badpart.html:3: picture \"gone.png\""));
    g_clear_error(&error);
    g_assert_null(template_load(fixture->directory, "none.html", &options, pictures, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_NO_INPUT);
    g_clear_error(&error);
    g_assert_null(template_load(fixture->directory, "../secret.png", &options, pictures, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
    json_decref(values);
    pictures_free(pictures);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/pictures/rewrite", struct fixture, NULL, set_up, test_rewrite, tear_down);
    g_test_add("/pictures/refused", struct fixture, NULL, set_up, test_refused, tear_down);
    g_test_add("/pictures/total", struct fixture, NULL, set_up, test_total, tear_down);
    g_test_add("/pictures/template", struct fixture, NULL, set_up, test_template, tear_down);
    return g_test_run();
}
