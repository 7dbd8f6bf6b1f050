/* question.c - the first question as a partial; see question.h. */
#include "importer/question.h"

#include "lib/error.h"

#include <math.h>
#include <string.h>

#define CONTRAST_LEAST 4.5 /* WCAG 2.2, 1.4.3 */
#define FONT "font-family:Arial, Helvetica, sans-serif;"

enum layout {
    IN_A_ROW,    /* small buttons side by side, wrapped where the window ends */
    IN_A_COLUMN, /* one below the other, as wide as the mail */
};

enum labelling {
    LABEL_ENDS, /* two labels: what the first and the last answer mean */
    LABEL_EACH,
};

struct kind {
    const char *name;
    enum layout layout;
    enum labelling labelling;
    int width;                                 /* of a button in a row, in pixels */
    int first;                                 /* LABEL_ENDS: the number on the first button, */
    const char *unit;                          /* and what stands behind each number */
    const char *answers[QUESTION_ANSWERS_MAX]; /* what is usual; none: must be given */
    const char *german[6], *english[6];        /* labels */
};

static const struct kind kinds[] = {
    {.name = "nps",
     .layout = IN_A_ROW,
     .labelling = LABEL_ENDS,
     .width = 36,
     .unit = "",
     .answers = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"},
     .german = {"sehr unwahrscheinlich", "sehr wahrscheinlich"},
     .english = {"very unlikely", "very likely"}},
    {.name = "csat5",
     .layout = IN_A_COLUMN,
     .labelling = LABEL_EACH,
     .answers = {"5", "4", "3", "2", "1"},
     .german = {"sehr zufrieden", "eher zufrieden", "teils/teils", "eher unzufrieden", "sehr unzufrieden"},
     .english = {"very satisfied", "satisfied", "neither satisfied nor dissatisfied", "dissatisfied",
                 "very dissatisfied"}},
    {.name = "stars",
     .layout = IN_A_ROW,
     .labelling = LABEL_ENDS,
     .width = 44,
     .first = 1,
     .unit = " ★",
     .answers = {"1", "2", "3", "4", "5"},
     .german = {"sehr schlecht", "sehr gut"},
     .english = {"very poor", "very good"}},
    {.name = "yesno",
     .layout = IN_A_ROW,
     .labelling = LABEL_EACH,
     .width = 112,
     .answers = {"yes", "no"},
     .german = {"Ja", "Nein"},
     .english = {"Yes", "No"}},
    {.name = "choice", .layout = IN_A_COLUMN, .labelling = LABEL_EACH},
};

/* A question with everything filled in. */
struct plan {
    const struct question *question;
    const struct kind *kind;
    const char *const *answers, *const *labels;
    guint n_answers;
};

/* --- checks ------------------------------------------------------------------------------------- */

static guint count(const char *const *list)
{
    return list == NULL ? 0 : g_strv_length((char **)list);
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

gboolean question_is_asked(const struct question *question)
{
    return strcmp(question->kind, QUESTION_NONE) != 0;
}

static gboolean check_text(const char *option, const char *text, GError **error)
{
    if (*text == '\0')
        return error_set(error, ERROR_CONFIG, "[question] %s: is empty", option);
    if (strlen(text) > QUESTION_TEXT_MAX || !g_utf8_validate(text, -1, NULL))
        return error_set(error, ERROR_CONFIG, "[question] %s: must be UTF-8 of at most %d octets", option,
                         QUESTION_TEXT_MAX);
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return error_set(error, ERROR_CONFIG, "[question] %s: holds a control character", option);
    return TRUE;
}

static gboolean check_texts(const char *option, const char *const *texts, GError **error)
{
    for (; *texts != NULL; texts++)
        if (!check_text(option, *texts, error))
            return FALSE;
    return TRUE;
}

/* The relative luminance's share of one colour channel, 0..255. */
static double channel(int value)
{
    double c = value / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static gboolean check_color(const char *color, GError **error)
{
    gboolean good = color[0] == '#' && strlen(color) == 7;
    for (int i = 1; i < 7 && good; i++)
        good = g_ascii_isxdigit(color[i]);
    if (!good)
        return error_set(error, ERROR_CONFIG, "[question] color: \"%s\" must be # and six hex digits", color);
    long rgb = strtol(color + 1, NULL, 16);
    double luminance =
        0.2126 * channel((int)(rgb >> 16)) + 0.7152 * channel((int)(rgb >> 8) & 255) + 0.0722 * channel((int)rgb & 255);
    double contrast = 1.05 / (luminance + 0.05);
    return contrast >= CONTRAST_LEAST ||
           error_set(error, ERROR_CONFIG,
                     "[question] color: white text on %s has a contrast of %.2f; take a darker colour "
                     "(%.1f or more)",
                     color, contrast, CONTRAST_LEAST);
}

static gboolean plan_answers(struct plan *plan, GError **error)
{
    const struct question *question = plan->question;
    guint usual = count(plan->kind->answers), given = count(question->answers);
    plan->answers = given > 0 ? question->answers : plan->kind->answers;
    plan->n_answers = given > 0 ? given : usual;
    if (usual > 0 && plan->n_answers != usual)
        return error_set(error, ERROR_CONFIG, "[question] answers: %s has %u answers, not %u", plan->kind->name, usual,
                         given);
    if (plan->n_answers < 2 || plan->n_answers > QUESTION_ANSWERS_MAX)
        return error_set(error, ERROR_CONFIG, "[question] answers: name 2 to %d, as answers = a, b, c",
                         QUESTION_ANSWERS_MAX);
    return check_texts("answers", plan->answers, error);
}

static gboolean plan_labels(struct plan *plan, GError **error)
{
    const struct question *question = plan->question;
    guint given = count(question->labels), wanted = plan->kind->labelling == LABEL_ENDS ? 2 : plan->n_answers;
    gboolean german = question->language != NULL && g_str_has_prefix(question->language, "de");
    plan->labels = given > 0 ? question->labels : german ? plan->kind->german : plan->kind->english;
    if (count(plan->labels) == 0)
        plan->labels = plan->answers;
    if (count(plan->labels) != wanted)
        return error_set(error, ERROR_CONFIG,
                         plan->kind->labelling == LABEL_ENDS
                             ? "[question] labels: %s takes %u, for the first answer and the last; there are %u"
                             : "[question] labels: %s takes %u, one an answer; there are %u",
                         plan->kind->name, wanted, given);
    return check_texts("labels", plan->labels, error);
}

static gboolean make_plan(const struct question *question, struct plan *plan, GError **error)
{
    *plan = (struct plan){.question = question, .kind = find_kind(question->kind)};
    if (plan->kind == NULL)
        return error_set(error, ERROR_CONFIG, "[question] kind: there is no kind \"%s\"", question->kind);
    return check_text("text", question->text, error) && check_text("parameter", question->parameter, error) &&
           check_color(question->color, error) && plan_answers(plan, error) && plan_labels(plan, error);
}

/* --- what people read --------------------------------------------------------------------------- */

/* What stands on the button of answer i. */
static char *button_text(const struct plan *plan, guint i)
{
    if (plan->kind->labelling == LABEL_EACH)
        return g_strdup(plan->labels[i]);
    return g_strdup_printf("%d%s", plan->kind->first + (int)i, plan->kind->unit);
}

/* What answer i means, where its button does not say; else NULL. */
static const char *meaning(const struct plan *plan, guint i)
{
    if (plan->kind->labelling == LABEL_EACH)
        return NULL;
    return i == 0 ? plan->labels[0] : i == plan->n_answers - 1 ? plan->labels[1] : NULL;
}

/* The button's text and what it means: "0 = very unlikely". */
static char *full_text(const struct plan *plan, guint i)
{
    g_autofree char *text = button_text(plan, i);
    const char *means = meaning(plan, i);
    return means == NULL ? g_steal_pointer(&text) : g_strdup_printf("%s = %s", text, means);
}

/*
 * For text and quoted attributes; &#39; because &apos; is unknown to old mail programs. Placeholders stay as they are.
 */
static char *escape(const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_autoptr(GString) out = g_string_new(escaped);
    g_string_replace(out, "&apos;", "&#39;", 0);
    return g_strdup(out->str);
}

/* --- text --------------------------------------------------------------------------------------- */

static void write_text(const struct plan *plan, GString *out)
{
    g_string_append_printf(out, "%s\n", plan->question->text);
    for (guint i = 0; i < plan->n_answers; i++) {
        g_autofree char *text = full_text(plan, i);
        g_autofree char *answer = g_uri_escape_string(plan->answers[i], NULL, FALSE);
        g_string_append_printf(out, "\n%s:\n{{" QUESTION_URL "}}%s\n", text, answer);
    }
}

/* --- HTML --------------------------------------------------------------------------------------- */

/*
 * Outlook takes size and colour from the cell, the others from the link, whose whole face can be touched. By its class
 * the starter templates give it an edge in the dark, where a colour that is dark enough for white text does not stand
 * out.
 */
static void write_button(const struct plan *plan, guint i, GString *out)
{
    gboolean row = plan->kind->layout == IN_A_ROW;
    const char *color = plan->question->color, *means = meaning(plan, i);
    g_autofree char *text = button_text(plan, i), *shown = escape(text), *full = full_text(plan, i);
    g_autofree char *said = means != NULL ? escape(full) : NULL;
    g_autofree char *answer = g_uri_escape_string(plan->answers[i], NULL, FALSE);
    g_autofree char *width = row ? g_strdup_printf(" width=\"%d\"", plan->kind->width) : g_strdup("");
    g_string_append_printf(
        out, "<td class=\"button\" align=\"%s\"%s bgcolor=\"%s\" style=\"background-color:%s; border-radius:6px;\">",
        row ? "center" : "left", width, color, color);
    g_string_append_printf(out, "<a href=\"{{" QUESTION_URL "}}%s\"", answer);
    if (said != NULL)
        g_string_append_printf(out, " aria-label=\"%s\"", said);
    g_string_append_printf(out,
                           " style=\"display:block; padding:12px %s; " FONT " font-size:16px; line-height:20px; "
                           "font-weight:bold; color:#ffffff; text-decoration:none;\">%s</a></td>",
                           row ? "0" : "16px", shown);
}

/* A table a button, set to the left: so the row wraps, in Outlook as well. */
static void write_row(const struct plan *plan, GString *out)
{
    for (guint i = 0; i < plan->n_answers; i++) {
        g_string_append(out,
                        "<table role=\"presentation\" align=\"left\" cellpadding=\"0\" cellspacing=\"2\" border=\"0\" "
                        "style=\"float:left;\"><tr>");
        write_button(plan, i, out);
        g_string_append(out, "</tr></table>\n");
    }
    g_string_append(out, "<div style=\"clear:both; line-height:4px;\">&nbsp;</div>\n");
}

static void write_column(const struct plan *plan, GString *out)
{
    g_string_append(out,
                    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"2\" border=\"0\">\n");
    for (guint i = 0; i < plan->n_answers; i++) {
        g_string_append(out, "<tr>");
        write_button(plan, i, out);
        g_string_append(out, "</tr>\n");
    }
    g_string_append(out, "</table>\n");
}

static void write_html(const struct plan *plan, GString *out)
{
    g_autofree char *text = escape(plan->question->text);
    g_string_append_printf(out,
                           "<p style=\"margin:0 0 12px 0; " FONT " font-size:18px; line-height:26px; "
                           "font-weight:bold;\">%s</p>\n",
                           text);
    if (plan->kind->layout == IN_A_ROW)
        write_row(plan, out);
    else
        write_column(plan, out);
    if (plan->kind->labelling != LABEL_ENDS)
        return;
    g_autofree char *first = full_text(plan, 0), *last = full_text(plan, plan->n_answers - 1);
    g_autofree char *first_shown = escape(first), *last_shown = escape(last);
    g_string_append_printf(out,
                           "<p style=\"margin:8px 0 0 0; " FONT " font-size:14px; line-height:20px;\">%s, %s</p>\n",
                           first_shown, last_shown);
}

/* --- outside ------------------------------------------------------------------------------------ */

char *question_make(const struct question *question, enum template_kind kind, GError **error)
{
    struct plan plan;
    if (!make_plan(question, &plan, error))
        return NULL;
    GString *out = g_string_new(NULL);
    if (kind == TEMPLATE_HTML)
        write_html(&plan, out);
    else
        write_text(&plan, out);
    return g_string_free(out, FALSE);
}

char *question_partial(const char *name, void *cookie, char **file_r, GError **error)
{
    const struct question_partial *partial = cookie;
    if (strcmp(name, QUESTION_PARTIAL) != 0 || !question_is_asked(&partial->question))
        return NULL;
    *file_r = g_strdup("[question]");
    char *text = question_make(&partial->question, partial->kind, error);
    if (text == NULL)
        g_clear_pointer(file_r, g_free);
    return text;
}

char *question_url(const char *survey_url, const char *parameter, GError **error)
{
    g_autofree char *name = g_uri_escape_string(parameter, NULL, FALSE);
    if (strchr(survey_url, '#') == NULL)
        return g_strdup_printf("%s%c%s=", survey_url, strchr(survey_url, '?') != NULL ? '&' : '?', name);
    error_set(error, ERROR_CONFIG,
              "[campaign] survey-url: behind the # no answer reaches the survey; take an address without "
              "one, or [question] kind = none");
    return NULL;
}
