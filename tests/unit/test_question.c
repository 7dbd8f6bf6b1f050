/* test_question.c - the question partial: what it makes of each kind, and what it refuses. */
#include "importer/question.h"

#include <string.h>

#include "lib/content.h"
#include "lib/error.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A question and what it makes as text, in German; or the error. */
struct text_case {
    const char *name;
    struct question question;
    const char *begins, *ends; /* of the text */
    const char *error;         /* a part of it */
};

#define ASKED(kind_, text_, color_, language_)                                                                         \
    .question.kind = kind_, .question.text = text_, .question.parameter = "answer", .question.color = color_,          \
    .question.language = language_
#define USUAL(kind_, text_) ASKED(kind_, text_, "#0b5cad", "de")

static const struct text_case cases[] = {
    {"nps", USUAL("nps", "Empfehlen Sie uns?"),
     .begins =
         "Empfehlen Sie uns?\n\n0 = sehr unwahrscheinlich:\n{{survey_answer_url}}0\n\n1:\n{{survey_answer_url}}1\n",
     .ends = "\n10 = sehr wahrscheinlich:\n{{survey_answer_url}}10\n"},
    {"csat5", USUAL("csat5", "Zufrieden?"), .begins = "Zufrieden?\n\nsehr zufrieden:\n{{survey_answer_url}}5\n",
     .ends = "\nsehr unzufrieden:\n{{survey_answer_url}}1\n"},
    {"stars", USUAL("stars", "Sterne?"), .begins = "Sterne?\n\n1 ★ = sehr schlecht:\n{{survey_answer_url}}1\n",
     .ends = "\n5 ★ = sehr gut:\n{{survey_answer_url}}5\n"},
    {"yesno", USUAL("yesno", "Gut?"), .begins = "Gut?\n\nJa:\n{{survey_answer_url}}yes\n\nNein:\n",
     .ends = "{{survey_answer_url}}no\n"},
    {"choice", USUAL("choice", "Was?"), .question.answers = LIST("a", "b&c ä"),
     .begins = "Was?\n\na:\n{{survey_answer_url}}a\n", .ends = "b&c ä:\n{{survey_answer_url}}b%26c%20%C3%A4\n"},
    {"own labels", USUAL("yesno", "Gut?"), .question.answers = LIST("Y", "N"), .question.labels = LIST("Doch", "Nö"),
     .begins = "Gut?\n\nDoch:\n{{survey_answer_url}}Y\n", .ends = "Nö:\n{{survey_answer_url}}N\n"},
    {"English", ASKED("yesno", "Good?", "#0b5cad", "en"), .begins = "Good?\n\nYes:\n", .ends = "no\n"},
    {"another language gets English", ASKED("yesno", "Bon?", "#0b5cad", "fr"), .begins = "Bon?\n\nYes:\n",
     .ends = "no\n"},
    {"answer that looks like a placeholder", USUAL("choice", "Was?"), .question.answers = LIST("{{x}}", "b"),
     .question.labels = LIST("A", "B"), .begins = "Was?\n\nA:\n{{survey_answer_url}}%7B%7Bx%7D%7D\n", .ends = "b\n"},
    {"no text", USUAL("nps", ""), .error = "[question] text: is empty"},
    {"control character", USUAL("nps", "a\nb"), .error = "[question] text: holds a control"},
    {"not UTF-8", USUAL("nps", "\xff"), .error = "[question] text: must be UTF-8"},
    {"unknown kind", USUAL("smileys", "?"), .error = "no kind \"smileys\""},
    {"too few answers", USUAL("nps", "?"), .question.answers = LIST("0", "1"), .error = "nps has 11 answers, not 2"},
    {"choice without answers", USUAL("choice", "?"), .error = "[question] answers: name 2 to 12"},
    {"choice of one", USUAL("choice", "?"), .question.answers = LIST("a"), .error = "name 2 to 12"},
    {"choice of thirteen", USUAL("choice", "?"),
     .question.answers = LIST("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"),
     .error = "name 2 to 12"},
    {"labels for the ends", USUAL("nps", "?"), .question.labels = LIST("a", "b", "c"),
     .error = "nps takes 2, for the first"},
    {"a label missing", USUAL("csat5", "?"), .question.labels = LIST("a", "b"),
     .error = "csat5 takes 5, one an answer"},
    {"bright colour", ASKED("nps", "?", "#ffcc00", "de"), .error = "contrast of 1.5"},
    {"just too bright", ASKED("nps", "?", "#777777", "de"), .error = "contrast of 4.48"},
    {"just dark enough", ASKED("yesno", "?", "#767676", "de"), .begins = "?\n", .ends = "no\n"},
    {"no colour", ASKED("nps", "?", "red", "de"), .error = "must be # and six hex digits"},
    {"colour that ends the attribute", ASKED("nps", "?", "#000\";}", "de"), .error = "six hex digits"},
};

static void run_text_case(const void *data)
{
    const struct text_case *test = data;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = question_make(&test->question, TEMPLATE_TEXT, &error);
    if (test->error != NULL) {
        g_assert_null(text);
        g_assert_error(error, POSTWELLE_ERROR, ERROR_CONFIG);
        if (strstr(error->message, test->error) == NULL)
            g_error("\"%s\" lacks \"%s\"", error->message, test->error);
        return;
    }
    g_assert_no_error(error);
    if (!g_str_has_prefix(text, test->begins) || !g_str_has_suffix(text, test->ends))
        g_error("got:\n%s", text);
}

static guint occurrences(const char *text, const char *part)
{
    guint n = 0;
    for (const char *p = strstr(text, part); p != NULL; p = strstr(p + 1, part))
        n++;
    return n;
}

/* The HTML of every kind parses and renders as a template, passes the content rule, and has a link an answer. */
static void test_html(void)
{
    static const struct {
        const char *kind;
        guint answers;
    } kinds[] = {{"nps", 11}, {"csat5", 5}, {"stars", 5}, {"yesno", 2}, {"choice", 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const struct question question = {.kind = kinds[i].kind,
                                          .text = "Wie \"gut\" war's bei <{{Ort}}> & Co?",
                                          .answers = i == 4 ? LIST("a\"b", "<c>", "d") : NULL,
                                          .parameter = "q",
                                          .color = "#0B5CAD",
                                          .language = "de-AT"};
        struct question_partial partial = {question, TEMPLATE_HTML};
        struct template_options options = {.kind = TEMPLATE_HTML, .partial = question_partial, .cookie = &partial};
        g_autoptr(GError) error = NULL;
        struct template *template = template_parse("t", "<div>\n  {{> question}}\n</div>", &options, &error);
        g_assert_no_error(error);
        json_t *data = json_pack("{s:s, s:s}", "Ort", "A&B", QUESTION_URL, "https://s.example/?t=1&q=");
        g_autoptr(GString) out = g_string_new(NULL);
        template_render(template, data, out, &error);
        g_assert_no_error(error);
        g_autoptr(GPtrArray) findings = content_findings_new();
        g_assert_true(content_check_html((struct slice){out->str, out->len}, &CONTENT_OPTIONS_DEFAULT, findings));
        g_assert_nonnull(strstr(out->str, "Wie &quot;gut&quot; war&#39;s bei &lt;A&amp;B&gt; &amp; Co?"));
        g_assert_cmpuint(occurrences(out->str, "<a href=\"https://s.example/?t=1&amp;q="), ==, kinds[i].answers);
        g_assert_cmpuint(occurrences(out->str, "<table role=\"presentation\""), ==, occurrences(out->str, "</table>"));
        json_decref(data);
        template_free(template);
    }
}

static void test_partial(void)
{
    struct question_partial none = {{.kind = "none"}, TEMPLATE_HTML};
    struct question_partial wrong = {{.kind = "nps", .text = "", .parameter = "a", .color = "#000000"}, TEMPLATE_HTML};
    struct template_options options = {.kind = TEMPLATE_HTML, .partial = question_partial, .cookie = &none};
    g_autoptr(GError) error = NULL, other = NULL;
    g_assert_null(template_parse("t", "{{> question}}", &options, &error));
    g_assert_nonnull(error);
    options.cookie = &wrong;
    g_assert_null(template_parse("t", "a\n{{> question}}", &options, &other));
    g_assert_nonnull(strstr(other->message, "[question] text: is empty"));
}

static void test_url(void)
{
    static const struct {
        const char *url, *parameter, *expected;
    } urls[] = {
        {"https://s.example/s/AB", "answer", "https://s.example/s/AB?answer="},
        {"https://s.example/?t=AB", "Q1[a]", "https://s.example/?t=AB&Q1%5Ba%5D="},
        {"https://s.example/s/AB?", "ä", "https://s.example/s/AB?&%C3%A4="},
        {"https://s.example/#/s/AB", "answer", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *url = question_url(urls[i].url, urls[i].parameter, &error);
        g_assert_cmpstr(url, ==, urls[i].expected);
        g_assert_true((url == NULL) == g_error_matches(error, POSTWELLE_ERROR, ERROR_CONFIG));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/question/text/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], run_text_case);
    }
    g_test_add_func("/question/html", test_html);
    g_test_add_func("/question/partial", test_partial);
    g_test_add_func("/question/url", test_url);
    return g_test_run();
}
