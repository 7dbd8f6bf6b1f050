/* cmd_campaign.c - postwelle campaign: a new campaign's directory, and all that can be checked before sending. */
#include "importer/command.h"

#include "importer/campaign.h"
#include "importer/control.h"
#include "lib/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define SCAFFOLD "scaffold" /* folder of the example templates within the data folder */
#define COPY_MAX ((size_t)4 * 1024 * 1024)

/* --- campaign new ------------------------------------------------------------------------------- */

static gboolean make_directory(const char *directory, GError **error)
{
    if (mkdir(directory, 0777) == 0)
        return TRUE;
    if (errno != EEXIST)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", directory);
    g_autoptr(GDir) open = g_dir_open(directory, 0, error);
    if (open == NULL)
        return FALSE;
    const char *name = g_dir_read_name(open);
    return name == NULL || error_set(error, ERROR_CANT_CREATE,
                                     "%s is not empty (it holds %s); name a folder that is "
                                     "empty or does not exist",
                                     directory, name);
}

static gboolean copy_file(const char *from, const char *directory, const char *name, GError **error)
{
    g_autofree char *source = g_build_filename(from, name, NULL), *target = g_build_filename(directory, name, NULL);
    g_autofree char *data = NULL;
    gsize size;
    if (!g_file_get_contents(source, &data, &size, error))
        return FALSE;
    if (size > COPY_MAX)
        return error_set(error, ERROR_DATA, "%s is larger than %zu octets", source, COPY_MAX);
    return g_file_set_contents_full(target, data, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0666, error);
}

/* Copies the examples; *html_r and *text_r are those to name in campaign.conf: the client's language, else the first.
 */
static gboolean copy_scaffold(const char *directory, const char *language, char **html_r, char **text_r, GError **error)
{
    const char *data = g_getenv("POSTWELLE_DATADIR");
    g_autofree char *from = g_build_filename(data != NULL ? data : PKGDATADIR, SCAFFOLD, NULL);
    g_autofree char *mark = g_strdup_printf(".%s.", language);
    g_autoptr(GDir) open = g_dir_open(from, 0, error);
    const char *name;
    if (open == NULL)
        return FALSE;
    while ((name = g_dir_read_name(open)) != NULL) {
        char **place = g_str_has_suffix(name, ".html") ? html_r : g_str_has_suffix(name, ".txt") ? text_r : NULL;
        if (place != NULL && g_str_has_prefix(name, "invitation") && (*place == NULL || strstr(name, mark) != NULL)) {
            g_free(*place);
            *place = g_strdup(name);
        }
        if (!copy_file(from, directory, name, error))
            return FALSE;
    }
    return *html_r != NULL ||
           error_set(error, ERROR_CONFIG, "%s holds no invitation*.html; is Postwelle installed whole?", from);
}

/* A campaign's name from its folder's: what may not stand in it becomes -. */
static char *name_of(const char *directory)
{
    g_autofree char *full = g_canonicalize_filename(directory, NULL);
    g_autofree char *base = g_path_get_basename(full);
    char *name = g_str_to_ascii(base, "C");
    g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '-');
    if (strlen(name) > CAMPAIGN_NAME_MAX)
        name[CAMPAIGN_NAME_MAX] = '\0';
    return name;
}

static char *config_text_of(const struct client *client, const char *name, const char *title, const char *html,
                            const char *text)
{
    return g_strdup_printf(
        "# A campaign of Postwelle: see postwelle.conf(5). After each change: postwelle campaign check DIR\n"
        "\n"
        "[campaign]\n"
        "client = %s\n"
        "name = %s\n"
        "title = %s\n"
        "# The survey's address. {{survey_token}} tells the participants apart; columns of the list may stand here, "
        "too.\n"
        "survey-url = https://survey.%s/s/{{survey_token}}\n"
        "\n"
        "[mail]\n"
        "# At one of the client's domains.\n"
        "from = %s <survey@%s>\n"
        "#reply-to = \n"
        "# A template, as are the files: {{Column}} is a participant's value.\n"
        "subject = %s\n"
        "html = %s\n"
        "# Empty: the text is made from the HTML.\n"
        "text = %s\n"
        "\n"
        "[defaults]\n"
        "# What stands for a column where a row leaves it empty.\n"
        "#Produkt = unser Produkt\n"
        "\n"
        "[waves]\n"
        "# Counts first, then shares of what they leave: 50, 20%%, 80%% is a try with 50, then a fifth, then the "
        "rest.\n"
        "sizes = 20%%, 80%%\n"
        "# When `postwelle run` opens the first wave, YYYY-MM-DD HH:MM in %s. Empty: only by `postwelle wave open`.\n"
        "start = \n"
        "gap = 1d\n",
        client->name, name, title, client->domains[0], client->title, client->domains[0], title, html,
        text != NULL ? text : "", client->time_zone);
}

static gboolean make_campaign(const char *directory, const struct client *client, const char *title, GError **error)
{
    g_autofree char *html = NULL, *text = NULL, *name = name_of(directory);
    g_autofree char *file = g_build_filename(directory, CAMPAIGN_FILE, NULL);
    if (title != NULL && (*title == '\0' || strpbrk(title, "\r\n") != NULL))
        return error_set(error, ERROR_USAGE, "--title must be one line of text");
    if (!make_directory(directory, error) || !copy_scaffold(directory, client->language, &html, &text, error))
        return FALSE;
    g_autofree char *config = config_text_of(client, name, title != NULL ? title : name, html, text);
    return g_file_set_contents_full(file, config, -1, G_FILE_SET_CONTENTS_NONE, 0666, error);
}

static int new_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *client_name = NULL, *title = NULL;
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &client_name, "Whose campaign it is (postwelle client list)", "CLIENT"},
        {"title", 0, 0, G_OPTION_ARG_STRING, &title, "Its name as people write it (default: the folder's)", "TITLE"},
        {0},
    };
    GError *error = NULL;
    if (!command_options(&argc, &argv, "campaign new DIR --client CLIENT",
                         "Makes a campaign's folder: campaign.conf with comments, and templates to start from.",
                         entries, 1, 1, &error))
        return command_fail(error);
    if (client_name == NULL) {
        error_set(&error, ERROR_USAGE, "whose campaign? Add --client CLIENT; `postwelle client list` shows them");
        return command_fail(error);
    }
    g_autoptr(client_set_auto) clients = control_clients(context, &error);
    const struct client *client = clients != NULL ? client_by_name(clients, client_name) : NULL;
    if (clients != NULL && client == NULL)
        error_set(&error, ERROR_USAGE, "there is no client \"%s\"; `postwelle client list` shows them", client_name);
    if (client == NULL || !make_campaign(argv[1], client, title, &error))
        return command_fail(error);
    g_print("%s: made. Look through %s, change the templates, then: postwelle campaign check %s\n", argv[1],
            CAMPAIGN_FILE, argv[1]);
    return 0;
}

/* --- campaign check ----------------------------------------------------------------------------- */

static int check_command(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "campaign check DIR",
            "Checks everything that can be known before sending, and prints the content's hash. Ends with 0 when "
            "nothing was found, else with 1.",
            NULL, 1, 1, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_campaign(context, argv[1], &error);
    if (campaign == NULL)
        return command_fail(error);
    for (guint i = 0; i < campaign->findings->len; i++)
        g_print("%s\n", (const char *)campaign->findings->pdata[i]);
    if (campaign->findings->len > 0) {
        g_print("%u to mend.\n", campaign->findings->len);
        return ERROR_WANTING;
    }
    g_print("%s (client %s): nothing to mend.\nContent hash: %s\n", campaign->title, campaign->client->name,
            campaign->hash);
    return 0;
}

int cmd_campaign(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"new", "make a campaign's folder", new_command},
        {"check", "check all that can be known before sending", check_command},
        {0},
    };
    return command_dispatch(context, "campaign", verbs, argc, argv);
}
