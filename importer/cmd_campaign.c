/* cmd_campaign.c - postwelle campaign: a new campaign's directory, and all that can be checked before sending. */
#include "importer/command.h"

#include "importer/campaign_check.h"
#include "importer/cmd_preview.h"
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/spam.h"
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

#define REMINDER "reminder" /* the scaffold's template of this name */

/* What `campaign new` was asked for. */
struct start {
    const struct client *client;
    const char *template;         /* "invitation", "nps", "reminder" */
    const char *const *languages; /* the main one first, at least one */
    const char *title;
};

/* Is there a reminder beside the template? */
static gboolean reminder_beside(const struct start *start)
{
    return strcmp(start->template, REMINDER) != 0;
}

static char *scaffold_directory(void)
{
    const char *data = g_getenv("POSTWELLE_DATADIR");
    return g_build_filename(data != NULL ? data : PKGDATADIR, SCAFFOLD, NULL);
}

/* Copies STEM.LANGUAGE.html and the like. */
static gboolean copy_parts(const char *from, const char *directory, const char *stem, const char *language,
                           const char *const *extensions, GError **error)
{
    for (; *extensions != NULL; extensions++) {
        g_autofree char *name = g_strdup_printf("%s.%s.%s", stem, language, *extensions);
        if (!copy_file(from, directory, name, error))
            return FALSE;
    }
    return TRUE;
}

/* Copies the templates in each language; the main one's subject stands in campaign.conf, the others' in a file. */
static gboolean copy_scaffold(const char *directory, const struct start *start, GError **error)
{
    static const char *const parts[] = {"html", "txt", NULL}, *const all_parts[] = {"html", "txt", "subject", NULL};
    g_autofree char *from = scaffold_directory();
    for (const char *const *language = start->languages; *language != NULL; language++) {
        const char *const *mail_parts = language == start->languages ? parts : all_parts;
        if (!copy_parts(from, directory, start->template, *language, mail_parts, error) ||
            (reminder_beside(start) && !copy_parts(from, directory, REMINDER, *language, mail_parts, error)) ||
            !copy_parts(from, directory, "imprint", *language, parts, error))
            return FALSE;
    }
    return copy_file(from, directory, "logo.png", error);
}

/* Whether there is such a template in each language; else what there is. */
static gboolean check_start(const struct start *start, GError **error)
{
    g_autofree char *from = scaffold_directory();
    for (const char *const *language = start->languages; *language != NULL; language++) {
        g_autofree char *name = g_strdup_printf("%s.%s.html", start->template, *language);
        g_autofree char *path = g_build_filename(from, name, NULL);
        if (strchr(name, '/') != NULL || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return error_set(error, ERROR_USAGE,
                             "there is no %s in %s to start from; --template is invitation, nps or reminder, "
                             "--language de, en or both (de,en)",
                             name, from);
    }
    return TRUE;
}

static char *subject_of(const char *template, const struct start *start, GError **error)
{
    g_autofree char *from = scaffold_directory();
    g_autofree char *name = g_strdup_printf("%s.%s.subject", template, start->languages[0]);
    g_autofree char *path = g_build_filename(from, name, NULL);
    char *subject = NULL;
    return g_file_get_contents(path, &subject, NULL, error) ? g_strstrip(subject) : NULL;
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

static void append_question(GString *out, const struct start *start)
{
    static const struct {
        const char *language, *text;
    } texts[] = {{"de", "Wie wahrscheinlich ist es, dass Sie {{client_title}} weiterempfehlen?"},
                 {"en", "How likely are you to recommend {{client_title}} to others?"}};
    gboolean asked = strcmp(start->template, "nps") == 0;
    g_string_append_printf(out,
                           "[question]\n"
                           "# What {{> question}} in the templates asks: nps, csat5, stars, yesno, choice (with "
                           "answers = a, b, c), or none.\n"
                           "kind = %s\n",
                           asked ? "nps" : QUESTION_NONE);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        gboolean first = strcmp(start->languages[0], texts[i].language) == 0;
        if (first || g_strv_contains(start->languages, texts[i].language))
            g_string_append_printf(out, "%stext%s%s = %s\n", asked ? "" : "#", first ? "" : "-",
                                   first ? "" : texts[i].language, texts[i].text);
    }
    g_string_append(out, "# How the survey calls the parameter that an answer is in. Mail scanners follow links: let "
                         "the survey show the\n"
                         "# answer as chosen, and take it only when the person goes on.\n"
                         "#parameter = answer\n"
                         "#color = #0b5cad\n"
                         "\n");
}

/* The reminder's templates lie there; it is the person's to want it. */
static void append_reminder(GString *out, const struct start *start, const char *subject)
{
    if (!reminder_beside(start))
        return;
    g_string_append_printf(out,
                           "# Who does not answer is reminded (postwelle remind): take the # away before the proof.\n"
                           "#reminder-subject = %1$s\n"
                           "#reminder-html = %2$s.%3$s.html\n"
                           "#reminder-text = %2$s.%3$s.txt\n",
                           subject, REMINDER, start->languages[0]);
}

static char *config_text_of(const struct start *start, const char *name, const char *subject,
                            const char *reminder_subject)
{
    const struct client *client = start->client;
    const char *domain = client->domains[0], *title = start->title != NULL ? start->title : name;
    GString *out = g_string_new(NULL);
    g_string_append_printf(
        out,
        "# A campaign of Postwelle: see postwelle-campaign(5). After each change: postwelle campaign check DIR\n"
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
        "html = %s.%s.html\n"
        "# Empty: the text is made from the HTML.\n"
        "text = %s.%s.txt\n",
        client->name, name, title, domain, client->title, domain, subject, start->template, start->languages[0],
        start->template, start->languages[0]);
    append_reminder(out, start, reminder_subject);
    g_string_append_c(out, '\n');
    append_question(out, start);
    g_string_append_printf(
        out,
        "[defaults]\n"
        "# What stands for a column where a row leaves it empty.\n"
        "#Produkt = unser Produkt\n"
        "\n"
        "[waves]\n"
        "# Counts first, then shares of what they leave: 50, 20%%, 80%% is a try with 50, then a fifth, then the "
        "rest.\n"
        "sizes = 20%%, 80%%\n"
        "# When `postwelle run` opens the first wave, YYYY-MM-DD HH:MM in %s. Empty: only by `postwelle wave open`.\n"
        "# `run` is a user of its own: the group postwelle-admin must be able to read this folder.\n"
        "start = \n"
        "gap = 1d\n"
        "# First attempts only at these hours and on these days; retries keep no hours.\n"
        "#hours = 9:00-17:30\n"
        "#weekdays = mon-fri\n"
        "#holidays = DE-BY, 2026-12-24\n"
        "# How often a participant who does not answer is reminded, and how long after the mail before.\n"
        "#reminders = 1\n"
        "#reminder-gap = 7d\n"
        "\n"
        "[gates]\n"
        "# `postwelle run` stops the campaign when more than that goes wrong.\n"
        "bounces = 10%%\n"
        "complaints = 0.3%%\n"
        "\n"
        "[rate]\n"
        "# Mails a minute; 0 is as many as Postfix takes.\n"
        "minute = 0\n"
        "#providers = google 120, telekom 60\n",
        client->time_zone);
    return g_string_free(out, FALSE);
}

static gboolean make_campaign(const char *directory, const struct start *start, GError **error)
{
    g_autofree char *name = name_of(directory);
    g_autofree char *file = g_build_filename(directory, CAMPAIGN_FILE, NULL);
    if (start->title != NULL && (*start->title == '\0' || strpbrk(start->title, "\r\n") != NULL))
        return error_set(error, ERROR_USAGE, "--title must be one line of text");
    if (!check_start(start, error))
        return FALSE;
    g_autofree char *subject = subject_of(start->template, start, error);
    g_autofree char *reminder = subject != NULL ? subject_of(REMINDER, start, error) : NULL;
    if (reminder == NULL || !make_directory(directory, error) || !copy_scaffold(directory, start, error))
        return FALSE;
    g_autofree char *config = config_text_of(start, name, subject, reminder);
    return g_file_set_contents_full(file, config, -1, G_FILE_SET_CONTENTS_NONE, 0666, error);
}

static int new_command(struct command_context *context, int argc, char **argv)
{
    g_autofree char *client_name = NULL, *title = NULL, *template = NULL, *language = NULL;
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &client_name, "Whose campaign it is (postwelle client list)", "CLIENT"},
        {"title", 0, 0, G_OPTION_ARG_STRING, &title, "Its name as people write it (default: the folder's)", "TITLE"},
        {"template", 0, 0, G_OPTION_ARG_STRING, &template, "What to start from (default: invitation)",
         "invitation|nps|reminder"},
        {"language", 0, 0, G_OPTION_ARG_STRING, &language, "Of the templates: de, en, or de,en (default: the client's)",
         "LIST"},
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
    if (client == NULL)
        return command_fail(error);
    g_auto(GStrv) languages = g_strsplit(language != NULL && *language != '\0' ? language : client->language, ",", -1);
    const struct start start = {client, template != NULL ? template : "invitation", (const char *const *)languages,
                                title};
    if (!make_campaign(argv[1], &start, &error))
        return command_fail(error);
    g_print("%s: made. Look through %s, change the templates, then: postwelle campaign check %s\n", argv[1],
            CAMPAIGN_FILE, argv[1]);
    return 0;
}

/* --- campaign check ----------------------------------------------------------------------------- */

/*
 * What the templates name and no list brought. An import checks its own list; this finds what was changed since then.
 * Before the first import, and while policyd is away, there is nothing to hold the names against.
 */
static void check_columns(struct command_context *context, struct campaign *campaign)
{
    struct attributes answer;
    g_autoptr(policy_client_auto) policy = control_open(context, NULL);
    if (policy == NULL ||
        !control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &answer, NULL))
        return;
    const char *list = attributes_text(&answer, "columns");
    if (*list == '\0')
        return;
    g_auto(GStrv) columns = g_strsplit(list + 1, ",", -1);
    g_clear_pointer(&columns[g_strv_length(columns) - 1], g_free); /* what follows the last comma */
    g_autofree char *have = g_strjoinv(", ", columns);
    g_autoptr(GPtrArray) unknown = campaign_unknown_names(campaign, (const char *const *)columns);
    for (guint i = 0; i < unknown->len; i++)
        g_ptr_array_add(campaign->findings,
                        g_strdup_printf("%s: {{%s}} stands in a template, but not every list that was imported has "
                                        "such a column (all have: %s). Change the template, or give a value in "
                                        "[defaults]",
                                        campaign->directory, (const char *)unknown->pdata[i], have));
}

static json_t *verdict_json(const struct edition *edition, const struct spam_verdict *verdict)
{
    return json_pack("{s:s, s:s, s:f, s:b, s:s}", "edition", edition->name, "checker", verdict->checker, "points",
                     verdict->points + 0.0, "good", verdict->good, "rules", verdict->rules);
}

/* Into the array `json`, or on stdout where that is NULL. */
static gboolean print_verdicts(const struct edition *edition, GArray *verdicts, json_t *json)
{
    gboolean good = TRUE;
    for (guint i = 0; i < verdicts->len; i++) {
        const struct spam_verdict *verdict = &g_array_index(verdicts, struct spam_verdict, i);
        if (json != NULL)
            json_array_append_new(json, verdict_json(edition, verdict));
        else
            g_print("%s: %s: %.1f points%s%s%s\n", edition->name, verdict->checker, verdict->points + 0.0,
                    verdict->good ? "" : ", too many", *verdict->rules != '\0' ? ": " : "", verdict->rules);
        good &= verdict->good;
    }
    return good;
}

/* Asks about a sample of each edition. FALSE without *error: one of them may be taken for spam. */
static gboolean judge_editions(const struct campaign *campaign, struct spam *spam, json_t *json, GError **error)
{
    gboolean good = TRUE, asked = TRUE;
    struct renderer renderer;
    renderer_init(&renderer, campaign);
    for (size_t i = 0; i < campaign->n_editions && asked; i++) {
        const struct edition *edition = &campaign->editions[i];
        const struct spam_envelope envelope = {campaign->client->signing_domain, "kim.beispiel@participant.example"};
        g_autoptr(GArray) verdicts = NULL;
        asked = campaign_render_sample(&renderer, edition, g_get_real_time() / G_USEC_PER_SEC, error) &&
                (verdicts = spam_judge(spam, renderer.message, &envelope, error)) != NULL;
        good &= asked && print_verdicts(edition, verdicts, json);
    }
    renderer_release(&renderer);
    return good;
}

static gboolean check_spam(const struct campaign *campaign, json_t *json, GError **error)
{
    g_autofree char *missing = NULL;
    struct spam *spam = spam_new(&missing, error);
    if (spam == NULL)
        return FALSE;
    if (*missing != '\0')
        g_printerr("Not asked, as it is not installed: %s\n", missing);
    GError *problem = NULL;
    gboolean good = judge_editions(campaign, spam, json, &problem);
    spam_free(spam);
    if (problem != NULL)
        g_propagate_error(error, problem);
    else if (!good)
        error_set(error, ERROR_WANTING,
                  "filters may take this for spam: SpamAssassin should give %.1f points at most, and no rule of "
                  "rspamd %.1f or more. Change what the named rules are about",
                  SPAM_ASSASSIN_MOST, SPAM_SYMBOL_BELOW);
    return good;
}

/* What stops a campaign, and what stops nothing but should be mended, too: texts of both lists, which own them. */
static GPtrArray *all_findings(const struct campaign *campaign, const GPtrArray *notices)
{
    GPtrArray *all = g_ptr_array_new();
    const GPtrArray *const lists[] = {campaign->findings, notices};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint j = 0; j < lists[i]->len; j++)
            g_ptr_array_add(all, lists[i]->pdata[j]);
    return all;
}

static void print_findings(const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++)
        g_print("%s\n", (const char *)findings->pdata[i]);
    if (findings->len > 0)
        g_print("%u to mend.\n", findings->len);
}

static void print_json(const struct campaign *campaign, const GPtrArray *findings, json_t *spam)
{
    json_t *texts = json_array();
    for (guint i = 0; i < findings->len; i++)
        json_array_append_new(texts, json_string(findings->pdata[i]));
    json_t *root = json_pack("{s:s, s:s, s:s, s:o, s:O}", "client", campaign->client->name, "campaign", campaign->name,
                             "hash", campaign->hash, "findings", texts, "spam", spam);
    json_print(root);
}

struct check_options {
    gboolean spam, json;
};

/* Returns the exit status. */
static int check_campaign(struct command_context *context, struct campaign *campaign,
                          const struct check_options *options)
{
    GError *error = NULL;
    if (campaign->findings->len == 0)
        check_columns(context, campaign);
    g_autoptr(GPtrArray) notices = campaign_notices(campaign);
    g_autoptr(GPtrArray) findings = all_findings(campaign, notices);
    json_t *verdicts = json_array();
    if (!options->json)
        print_findings(findings);
    gboolean good = !options->spam || campaign->findings->len > 0 ||
                    check_spam(campaign, options->json ? verdicts : NULL, &error);
    if (options->json)
        print_json(campaign, findings, verdicts);
    json_decref(verdicts);
    if (!good)
        return command_fail(error);
    if (findings->len > 0)
        return ERROR_WANTING;
    if (!options->json)
        g_print("%s (client %s): nothing to mend.\nContent hash: %s\n", campaign->title, campaign->client->name,
                campaign->hash);
    return 0;
}

static int check_command(struct command_context *context, int argc, char **argv)
{
    struct check_options options = {0};
    const GOptionEntry entries[] = {
        {"spam", 0, 0, G_OPTION_ARG_NONE, &options.spam, "Ask SpamAssassin and rspamd, too, where they are installed",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "campaign check DIR",
            "Checks everything that can be known before sending, and prints the content's hash. Ends with 0 when "
            "nothing was found, else with 1.",
            entries, 1, 1, &error))
        return command_fail(error);
    g_autoptr(campaign_auto) campaign = control_campaign(context, argv[1], &error);
    return campaign != NULL ? check_campaign(context, campaign, &options) : command_fail(error);
}

int cmd_campaign(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"new", "make a campaign's folder", new_command},
        {"check", "check all that can be known before sending", check_command},
        {"preview", "write its mail as files and pictures", cmd_preview},
        {0},
    };
    return command_dispatch(context, "campaign", verbs, argc, argv);
}
