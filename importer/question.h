/*
 * question.h - {{> question}}: the survey's first question in the mail itself, one link an answer.
 *
 * The partial is made from the group [question] of campaign.conf. In HTML it is a table of buttons that wraps on narrow
 * windows and needs neither pictures nor style sheets; in text it is a line and a link an answer:
 *
 *     Würden Sie uns weiterempfehlen?
 *
 *     Ja:
 *     https://survey.example/s/MZXW6YTBOI?answer=yes
 *
 * The answer is a parameter of the participant's own survey link. Mail scanners follow links before people do: the
 * survey must show the answer as chosen, and take it only when the person goes on.
 *
 * Everything here is pure and thread-safe.
 */
#ifndef POSTWELLE_IMPORTER_QUESTION_H
#define POSTWELLE_IMPORTER_QUESTION_H

#include "importer/template.h"

#define QUESTION_PARTIAL "question"      /* the partial's name */
#define QUESTION_URL "survey_answer_url" /* the name that question_url()'s result has in a template's data */
#define QUESTION_NONE "none"             /* the kind that asks nothing */
#define QUESTION_ANSWERS_MAX 12
#define QUESTION_TEXT_MAX 500 /* octets of the question, of an answer and of a label */

/* [question] as configured; lists are NULL-terminated and may be empty. All is borrowed. */
struct question {
    const char *kind;           /* nps, csat5, stars, yesno, choice; or QUESTION_NONE */
    const char *text;           /* the question: a template, as are the labels */
    const char *const *answers; /* what the link says, one an answer; empty: what is usual for the kind */
    const char *const *labels;  /* what people read: one an answer; for nps and stars, what the two ends mean */
    const char *parameter;      /* the parameter's name */
    const char *color;          /* of the buttons, #rrggbb; their text is white */
    const char *language;       /* of the labels where none are given: "de", "de-AT" ...; others get English */
};

/* TRUE where there is a question to ask. */
gboolean question_is_asked(const struct question *question);

/*
 * The partial's template for kind (HTML or TEXT). NULL and ERROR_CONFIG naming the option and what is wrong with it: no
 * text, a wrong number of answers or labels, a colour on which white can't be read (contrast below 4.5,
 * WCAG 2.2, 1.4.3). Free with g_free().
 */
char *question_make(const struct question *question, enum template_kind kind, GError **error);

/* A template_partial_func's cookie. */
struct question_partial {
    struct question question;
    enum template_kind kind;
};

/*
 * A template_partial_func: knows QUESTION_PARTIAL alone, where a question is asked. cookie is a struct
 * question_partial.
 */
char *question_partial(const char *name, void *cookie, char **file_r, GError **error);

/*
 * The survey's URL up to the answer: "https://survey.example/s/X?answer=". NULL and ERROR_CONFIG where the URL has a
 * fragment (#), behind which no parameter reaches the server. Free with g_free().
 */
char *question_url(const char *survey_url, const char *parameter, GError **error);

#endif
