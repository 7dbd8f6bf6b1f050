/* cmd_report.c - postwelle report: what became of a campaign, as a file for its client. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/report.h"
#include "lib/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct options {
    char *output, *language;
    gboolean with_addresses, json;
};

static gboolean write_all(int fd, const GString *text)
{
    for (gsize done = 0; done < text->len;) {
        ssize_t n = write(fd, text->str + done, text->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        done += (gsize)n;
    }
    return TRUE;
}

/* A file that exists is not overwritten; one that could not be written to its end is taken away. */
static gboolean write_file(const char *path, const GString *text, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EEXIST ? error_set(error, ERROR_CANT_CREATE,
                                           "%s: the file exists already; choose another name or remove it", path)
                               : error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", path);
    gboolean written = write_all(fd, text);
    int failure = errno;
    if (close(fd) != 0 && written) {
        failure = errno;
        written = FALSE;
    }
    if (written)
        return TRUE;
    unlink(path);
    return error_from_errno(error, ERROR_IO, failure, "%s", path);
}

static gboolean write_html(struct report *report, struct policy_client *policy, const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_CANT_CREATE, "%s: the file exists already; choose another name or remove it",
                         path);
    if (!report_read(report, policy, NULL, error))
        return FALSE;
    report_sort(report);
    g_autoptr(GString) html = report_html(report);
    return write_file(path, html, error);
}

static gboolean write_book(struct report *report, struct policy_client *policy, const char *path, GError **error)
{
    struct report_book *book = report_book_new(report, path, error);
    if (book == NULL)
        return FALSE;
    const struct report_sink sink = report_book_sink(book);
    if (!report_read(report, policy, &sink, error)) {
        report_book_cancel(book);
        return FALSE;
    }
    report_sort(report);
    return report_book_close(book, error);
}

/* The client's language, unless another one is wished for. */
static gboolean choose_language(const char *wish, const struct campaign *campaign, enum report_language *language_r,
                                GError **error)
{
    const char *name = wish != NULL ? wish : campaign->client->language;
    *language_r = strcmp(name, "de") == 0 ? REPORT_GERMAN : REPORT_ENGLISH;
    return wish == NULL || strcmp(wish, "de") == 0 || strcmp(wish, "en") == 0 ||
           error_set(error, ERROR_USAGE, "--lang: a report is written in de or en, not in %s", wish);
}

/* By the name's ending. */
static gboolean choose_form(const struct options *options, gboolean *html_r, GError **error)
{
    if (options->output == NULL)
        return error_set(error, ERROR_USAGE, "where to? report DIR -o FILE.xlsx, or -o FILE.html");
    *html_r = g_str_has_suffix(options->output, ".html");
    if (!*html_r && !g_str_has_suffix(options->output, ".xlsx"))
        return error_set(error, ERROR_USAGE, "-o %s: the name must end with .xlsx or .html", options->output);
    return !*html_r || !options->with_addresses ||
           error_set(error, ERROR_USAGE, "--with-addresses is for .xlsx; a page has no participants' rows");
}

static void print_json(const struct report *report, const char *path)
{
    static const char *const checks[] = {
        [REPORT_CHECKED] = "good", [REPORT_CHANGED] = "changed", [REPORT_FAILED] = "failed"};
    g_autofree char *file = g_filename_display_name(path);
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "file", file, "client", report->campaign->client->name,
                  "campaign", report->campaign->name, "imported", (json_int_t)report_imported(report), "audit_faults",
                  (json_int_t)report->faults, "total", (json_int_t)report->sum.total, "check", checks[report->check]);
    for (size_t i = 0; i < STATE_COUNT; i++)
        json_object_set_new(root, state_names[i], json_integer((json_int_t)report->sum.states[i]));
    json_print(root);
}

/* What is in the file, in a line. */
static void print_result(const struct report *report, const char *path)
{
    g_print("%s: %" G_GUINT64_FORMAT " participants, %" G_GUINT64_FORMAT " sent.\n", path, report->sum.total,
            report->sum.states[STATE_SENT]);
}

/* Can it be believed? */
static gboolean conclude(const struct report *report, GError **error)
{
    if (report->sum.total != report_imported(report))
        return error_set(error, ERROR_WANTING,
                         "%" G_GUINT64_FORMAT " participants are counted, %" G_GUINT64_FORMAT
                         " were imported; the report says so. "
                         "Was a list imported meanwhile? Then make the report again",
                         report->sum.total, report_imported(report));
    if (report->faults > 0)
        return error_set(error, ERROR_WANTING,
                         "the audit trail is not as it was written (%" G_GUINT64_FORMAT
                         " faults), and the report says so; "
                         "`postwelle audit` shows which entries",
                         report->faults);
    if (report->check == REPORT_CHECKED)
        return TRUE;
    g_autofree char *check = report_check_text(report);
    g_printerr("postwelle: the report does not say \"%s\": %s\n", report_word(report->language, WORD_CHECK_GOOD),
               check);
    return TRUE;
}

static gboolean run(struct command_context *context, const char *directory, const struct options *options,
                    GError **error)
{
    gboolean html;
    enum report_language language;
    if (!choose_form(options, &html, error))
        return FALSE;
    g_autoptr(campaign_auto) campaign = control_campaign(context, directory, error);
    if (campaign == NULL || !choose_language(options->language, campaign, &language, error))
        return FALSE;
    g_autoptr(policy_client_auto) policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    g_autoptr(report_auto) report = report_new(campaign, language, g_get_real_time() / G_USEC_PER_SEC);
    report->with_addresses = options->with_addresses;
    if (!(html ? write_html : write_book)(report, policy, options->output, error))
        return FALSE;
    (options->json ? print_json : print_result)(report, options->output);
    return conclude(report, error);
}

int cmd_report(struct command_context *context, int argc, char **argv)
{
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "The file to write; it must not exist",
         "FILE.xlsx|.html"},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &options.language, "de or en (default: the client's language)", "LANG"},
        {"with-addresses", 0, 0, G_OPTION_ARG_NONE, &options.with_addresses,
         "Addresses and replies beside the rows of the list (.xlsx)", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "Print JSON: the file that was written, client, campaign, how many participants were imported; faults of the "
         "audit trail; the total and how many are in each state; the content check: good, changed or failed",
         NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good =
        command_options(
            &argc, &argv, "report DIR -o FILE.xlsx|FILE.html",
            "Writes the report for the client: what became of each participant, by wave, receiving provider and "
            "reason; rejected and capped rows; where the list comes from, who released what, and what was checked. "
            "Participants are named by the row of the list that they came with.",
            entries, 1, 1, &error) &&
        run(context, argv[1], &options, &error);
    g_free(options.output);
    g_free(options.language);
    return good ? 0 : command_fail(error);
}
