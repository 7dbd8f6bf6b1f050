/* cmd_preview.c - postwelle campaign preview: the campaign's mails as files and pictures. */
#include "importer/cmd_preview.h"

#include "importer/campaign_check.h"
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/preview.h"
#include "importer/sample.h"
#include "lib/error.h"

#include <errno.h>
#include <sys/stat.h>

struct preview {
    const struct campaign *campaign;
    const char *folder;
    gint64 date;
    struct browser *browser; /* or NULL */
    json_t *told;            /* an array that takes each edition's files; NULL: they are printed */
    struct renderer renderer;
};

static json_t *files_json(const struct preview *preview, const struct edition *edition, const char *kinds)
{
    g_autofree char *folder = g_filename_display_name(preview->folder);
    g_auto(GStrv) endings = g_strsplit(kinds, ", ", -1);
    json_t *files = json_array();
    for (char **ending = endings; *ending != NULL; ending++)
        json_array_append_new(files, json_sprintf("%s/%s%s", folder, edition->name, *ending));
    return json_pack("{s:s, s:o}", "edition", edition->name, "files", files);
}

static gboolean write_and_tell(struct preview *preview, const struct edition *edition, GError **error)
{
    if (!preview_write(&preview->renderer, preview->folder, edition->name, preview->browser, error))
        return FALSE;
    const char *kinds =
        preview->browser != NULL ? ".eml, .html, .txt, .320.png, .640.png, .640.dark.png" : ".eml, .html, .txt";
    if (preview->told != NULL)
        json_array_append_new(preview->told, files_json(preview, edition, kinds));
    else
        g_print("%s/%s: %s\n", preview->folder, edition->name, kinds);
    return TRUE;
}

/* Each edition with the first row that gets it. */
static gboolean preview_rows(struct preview *preview, const char *list, GError **error)
{
    gboolean good = TRUE;
    for (size_t i = 0; i < preview->campaign->n_editions && good; i++) {
        const struct edition *edition = &preview->campaign->editions[i];
        const struct render_options options = {.reminder = edition->reminder, .date = preview->date};
        struct participant *participant = NULL;
        good = sample_from_list(preview->campaign, edition, list, &participant, error);
        if (good && participant == NULL)
            g_printerr("%s: nobody in %s gets it\n", edition->name, list);
        else if (good)
            good = render_mail(&preview->renderer, participant, &options, error) &&
                   write_and_tell(preview, edition, error);
        participant_free(participant);
    }
    return good;
}

static gboolean preview_samples(struct preview *preview, GError **error)
{
    for (size_t i = 0; i < preview->campaign->n_editions; i++) {
        const struct edition *edition = &preview->campaign->editions[i];
        if (!campaign_render_sample(&preview->renderer, edition, preview->date, error) ||
            !write_and_tell(preview, edition, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean make_preview(const struct campaign *campaign, const char *folder, const char *list, json_t *told,
                             GError **error)
{
    struct preview preview = {
        .campaign = campaign, .folder = folder, .date = g_get_real_time() / G_USEC_PER_SEC, .told = told};
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", folder);
    if (!browser_installed())
        g_printerr("No pictures: Chromium is not installed (Debian's package is chromium).\n");
    else if ((preview.browser = browser_new(error)) == NULL)
        return FALSE;
    renderer_init(&preview.renderer, campaign);
    gboolean good = list != NULL ? preview_rows(&preview, list, error) : preview_samples(&preview, error);
    renderer_release(&preview.renderer);
    browser_free(preview.browser);
    return good;
}

int cmd_preview(struct command_context *context, int argc, char **argv)
{
    g_autofree char *folder = NULL, *list = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &folder, "Where the files go; made if it is not there", "FOLDER"},
        {"list", 0, 0, G_OPTION_ARG_FILENAME, &list,
         "Take the first good row of this list in each language (default: made-up values)", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON: the editions, and the files of each", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(&argc, &argv, "campaign preview DIR -o FOLDER",
                         "Writes the campaign's mail, in each language, as .eml, .html and .txt and, where Chromium is "
                         "installed, as "
                         "pictures 320 and 640 pixels wide, light and dark. Nothing is sent and nothing is loaded.",
                         entries, 1, 1, &error))
        return command_fail(error);
    if (folder == NULL) {
        error_set(&error, ERROR_USAGE, "where shall the files go? Add -o FOLDER");
        return command_fail(error);
    }
    g_autoptr(campaign_auto) campaign = control_ready_campaign(context, argv[1], &error);
    json_t *told = json ? json_array() : NULL;
    gboolean good = campaign != NULL && make_preview(campaign, folder, list, told, &error);
    if (good && json)
        json_print(json_pack("{s:O}", "editions", told));
    json_decref(told);
    return good ? 0 : command_fail(error);
}
