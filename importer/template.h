/*
 * template.h - Mustache templates, strict: the HTML part, the text part and the subject of a mail.
 *
 * A template is parsed once and rendered for each participant. Language: {{name}}, {{{name}}} and {{&name}} (raw),
 * {{#name}}...{{/name}}, {{^name}}...{{/name}}, {{! comment}}, {{=<% %>=}} and {{> partial}}, as in the Mustache
 * specification (mustache(5)), dotted names and {{.}} included. No lambdas, no environment, no files but partials.
 *
 * Strict is the default. Beyond the specification it says:
 * - An unknown name is an error, in sections as well; so is a partial that does not exist.
 * - A value that is written must not be empty. A default is a section:
 *   {{#Vorname}}Hallo {{Vorname}}{{/Vorname}}{{^Vorname}}Guten Tag{{/Vorname}}.
 * - Control characters in values are refused, but for tab and line ends outside the subject.
 * - In HTML, raw interpolation is refused unless the caller declares the name safe (it made the markup itself), and the
 *   place of a value decides how it is written: as text or quoted attribute escaped; at the start of a href or src
 *   it must be an http, https, mailto or tel URL; later in such a URL it is percent-encoded; in style only letters,
 *   digits and "#%.,- " are let through; in a tag's name, an unquoted attribute, a comment or a script it is an error.
 * lenient does what the specification says and nothing more (it is for trying templates, never for mail).
 *
 * False are false, null, the empty list and the empty string; everything else is true. Values are never expanded twice.
 * In the subject CR, LF and other control characters are refused, lenient or not.
 *
 * Names that every campaign can use; columns of the list join them under their headings:
 *   client_title      the client's name as people write it
 *   greeting          "Sehr geehrte Frau Müller", made by importer/greeting.h; the comma is the template's
 *   survey_url        the participant's own link into the survey
 *   survey_answer_url the same up to an answer to be written behind it, where the campaign has a [question]
 *   unsubscribe_url   the participant's own unsubscribe page
 */
#ifndef POSTWELLE_IMPORTER_TEMPLATE_H
#define POSTWELLE_IMPORTER_TEMPLATE_H

#include <glib.h>
#include <jansson.h>

#define TEMPLATE_SIZE_MAX ((size_t)512 * 1024)     /* a template or partial as read */
#define TEMPLATE_OUTPUT_MAX ((size_t)1024 * 1024)  /* a rendered template */
#define TEMPLATE_SECTIONS_MAX 32                   /* open sections within one file */
#define TEMPLATE_PARTIALS_MAX 64                   /* different partials of one template */
#define TEMPLATE_PARTIAL_DEPTH 16                  /* partials within partials, recursion included */
#define TEMPLATE_CONTEXTS_MAX 64                   /* contexts open at one time while rendering */
#define TEMPLATE_STEPS_MAX 1000000                 /* nodes visited for one output */

/* What a template makes: it decides how values are escaped. */
enum template_kind {
    TEMPLATE_HTML,
    TEMPLATE_TEXT,
    TEMPLATE_HEADER, /* a header field's value, such as the subject: one line */
};

/*
 * Finds the partial called name. Returns its text (the template frees it) and in *file_r what errors shall call it
 * (g_free); NULL with *error unset where there is none; NULL with *error set where it can't be read.
 */
typedef char *template_partial_func(const char *name, void *cookie, char **file_r, GError **error);

/* How to parse; all zero is a strict HTML template without partials. */
struct template_options {
    enum template_kind kind;
    gboolean lenient;               /* as the specification, see above */
    const char *const *safe_names;  /* NULL-terminated, or NULL: names that {{{ }}} may write into HTML */
    template_partial_func *partial; /* or NULL: no partials; called while parsing only */
    void *cookie;
};

/* A parsed template: immutable, so any number of threads may render it at once. */
struct template;

/*
 * Parses text, UTF-8 without BOM, at most TEMPLATE_SIZE_MAX bytes. file is what errors call it. options is read during
 * the call only. Partials are read and parsed here, too. Returns NULL and ERROR_DATA naming file and line where the
 * template is wrong; free with template_free().
 */
struct template *template_parse(const char *file, const char *text, const struct template_options *options,
                                GError **error);

/* NULL does nothing. */
void template_free(struct template *template);

/*
 * The names the template and its partials use, dotted as written, "." left out; sorted, each once, NULL-terminated. It
 * belongs to the template. Names within a section may be members of the section's value rather than columns.
 */
const char *const *template_names(const struct template *template);

/*
 * Calls func with the file name and the text of the template and of each partial it uses, by file name: what a hash
 * over the content is made of. Pictures are cid: URLs already where template_file.h loaded it.
 */
void template_texts(const struct template *template, void (*func)(void *cookie, const char *file, const char *text),
                    void *cookie);

/*
 * Appends the template rendered with data to out. data is any JSON value, normally an object; it is only read, and no
 * reference to it is taken, so threads may share it. Returns FALSE and ERROR_DATA naming file, line and name where a
 * value is missing or not allowed there; out then is as long as it was before.
 */
gboolean template_render(const struct template *template, const json_t *data, GString *out, GError **error);

#endif
