/* cmd_content.c - postwelle content check: the content rule on HTML texts and whole mails in files. */
#include "importer/command.h"

#include "importer/json_print.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <stdio.h>

#include "lib/content.h"
#include "lib/error.h"

/* Octets of a file; the rule itself says what is too large for a mail. */
#define FILE_MAX_SIZE (16 * 1024 * 1024)

static gboolean load_file(const char *file, GString *out, GError **error)
{
    GStatBuf status;
    g_autofree char *data = NULL;
    g_autoptr(GError) problem = NULL;
    size_t size;
    if (g_stat(file, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX_SIZE))
        return error_set(error, ERROR_DATA, "%s: must be a regular file of at most %d MiB", file, FILE_MAX_SIZE >> 20);
    if (!g_file_get_contents(file, &data, &size, &problem))
        return error_set(error, (enum error_code)error_exit_status(problem), "%s", problem->message);
    g_string_append_len(out, data, (gssize)size);
    return TRUE;
}

/* A mail in a file of Unix has LF alone; on the wire, and for the rule, lines end in CR LF. */
static void use_wire_line_ends(GString *text)
{
    if (memchr(text->str, '\r', text->len) == NULL)
        g_string_replace(text, "\n", "\r\n", 0);
}

static gboolean check_file(const char *file, GPtrArray *findings, GError **error)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *lower = g_ascii_strdown(file, -1);
    gboolean html = g_str_has_suffix(lower, ".html") || g_str_has_suffix(lower, ".htm");
    if (!html && !g_str_has_suffix(lower, ".eml"))
        return error_set(error, ERROR_USAGE, "%s: must be named .html or .eml, which says how it is to be read", file);
    if (!load_file(file, text, error))
        return FALSE;
    if (html) {
        content_check_html((struct slice){text->str, text->len}, &options, findings);
    } else {
        use_wire_line_ends(text);
        content_check_message((struct slice){text->str, text->len}, &options, findings);
    }
    return TRUE;
}

static void print_findings(const char *file, GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        g_autofree char *text = content_finding_text(g_ptr_array_index(findings, i));
        printf("%s: %s\n", file, text);
    }
}

static void collect_findings(const char *file, GPtrArray *findings, json_t *list)
{
    for (guint i = 0; i < findings->len; i++) {
        const struct content_finding *finding = g_ptr_array_index(findings, i);
        json_array_append_new(list, json_pack("{s:s, s:s?, s:I, s:s?, s:s?, s:s?, s:s, s:s}", "file", file, "part",
                                              finding->part, "line", (json_int_t)finding->line, "element",
                                              finding->element, "attribute", finding->attribute, "value",
                                              finding->value, "reason", content_reason_name(finding->reason), "text",
                                              content_reason_text(finding->reason)));
    }
}

static gboolean finish(json_t *list, GError **error)
{
    if (list != NULL)
        json_print(json_incref(list));
    if (fflush(stdout) == 0 && !ferror(stdout))
        return TRUE;
    return error_set(error, ERROR_IO, "standard output: can't be written");
}

static int run_check(struct command_context *context, int argc, char **argv)
{
    (void)context;
    gboolean as_json = FALSE, found = FALSE, ok = TRUE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "print the findings as a JSON array", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "content check FILE...",
            "Tells what in HTML texts (.html, in UTF-8) and mails (.eml) would make a reader's mail program load "
            "something, or can't be read surely: one line a finding. Exit status 0: nothing found; 1: something "
            "found.",
            entries, 1, G_MAXINT - 1, &error))
        return command_fail(error);
    json_t *list = as_json ? json_array() : NULL;
    for (int i = 1; i < argc && ok; i++) {
        g_autoptr(GPtrArray) findings = content_findings_new();
        ok = check_file(argv[i], findings, &error);
        found |= findings->len > 0;
        if (as_json)
            collect_findings(argv[i], findings, list);
        else
            print_findings(argv[i], findings);
    }
    ok = ok && finish(list, &error);
    json_decref(list);
    if (!ok)
        return command_fail(error);
    return found ? ERROR_WANTING : 0;
}

int cmd_content(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"check", "tell what in HTML texts and mails would load something", run_check},
        {0},
    };
    return command_dispatch(context, "content", verbs, argc, argv);
}
