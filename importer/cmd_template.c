/* cmd_template.c - postwelle template render: a template with data, as a participant would get it. */
#include "importer/command.h"

#include <stdio.h>

#include "importer/greeting.h"
#include "importer/template_file.h"
#include "lib/error.h"

/* data is a JSON object in a file, or "-" for standard input. */
static json_t *load_data(const char *file, GError **error)
{
    json_error_t problem;
    gboolean standard_input = g_strcmp0(file, "-") == 0;
    json_t *data = standard_input ? json_loadf(stdin, 0, &problem) : json_load_file(file, 0, &problem);
    if (data == NULL)
        error_set(error, problem.line < 0 ? ERROR_NO_INPUT : ERROR_DATA, "%s:%d: %s", file, MAX(problem.line, 0),
                  problem.text);
    else if (!json_is_object(data))
        error_set(error, ERROR_DATA, "%s: must be a JSON object, one member a column", file);
    if (json_is_object(data))
        return data;
    json_decref(data);
    return NULL;
}

static gboolean render_file(const char *file, const json_t *data, gboolean lenient, GString *out, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(file);
    g_autofree char *name = g_path_get_basename(file);
    struct template_options options = { .kind = template_kind_of(name), .lenient = lenient };
    struct template *template = template_load(directory, name, &options, NULL, error);
    gboolean ok = template != NULL && template_render(template, data, out, error);
    template_free(template);
    return ok;
}

static int run_render(struct command_context *context, int argc, char **argv)
{
    (void)context;
    g_autofree char *data_file = NULL;
    g_autofree char *language = NULL;
    gboolean lenient = FALSE;
    const GOptionEntry entries[] = {
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &data_file, "the participant's columns: a JSON object (- is stdin)",
         "JSON"},
        {"language", 0, 0, G_OPTION_ARG_STRING, &language, "of the greeting made from the columns (default: de)",
         "LANG"},
        {"lenient", 0, 0, G_OPTION_ARG_NONE, &lenient, "missing names are empty, as the Mustache specification says",
         NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "template render FILE --data JSON",
            "Prints a template filled in with data. FILE.txt is text, FILE.subject a subject, all else HTML; partials "
            "are read from its directory. What is missing in strict mode is an error, as it is in a campaign.",
            entries, 1, 1, &error))
        return command_fail(error);
    g_autoptr(GString) out = g_string_new(NULL);
    json_t *data = data_file == NULL ? json_object() : load_data(data_file, &error);
    if (data != NULL && !lenient)
        greeting_add(data, language == NULL ? "de" : language);
    gboolean ok = data != NULL && render_file(argv[1], data, lenient, out, &error);
    json_decref(data);
    if (!ok)
        return command_fail(error);
    if (fwrite(out->str, 1, out->len, stdout) != out->len || fflush(stdout) != 0) {
        error_set(&error, ERROR_IO, "standard output: can't be written");
        return command_fail(error);
    }
    return 0;
}

int cmd_template(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        { "render", "print a template filled in with data", run_render },
        { 0 },
    };
    return command_dispatch(context, "template", verbs, argc, argv);
}
