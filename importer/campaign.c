/* campaign.c - reads and checks a campaign's directory; see campaign.h. */
#include "importer/campaign.h"

#include "importer/pictures.h"
#include "importer/template_file.h"
#include "lib/error.h"

#include <string.h>

/* --- findings ----------------------------------------------------------------------------------- */

/* Takes the error as a finding; `place` comes first: "FILE: [group] name". */
static void found(struct campaign *campaign, const char *place, GError *error)
{
    char *text = place != NULL ? g_strdup_printf("%s: %s: %s", campaign->file, place, error->message)
                               : g_strdup_printf("%s: %s", campaign->directory, error->message);
    g_ptr_array_add(campaign->findings, text);
    g_error_free(error);
}

static const char *option(const struct campaign *campaign, const char *group, const char *name)
{
    return config_text(campaign->config, group, name);
}

gboolean campaign_is_ready(const struct campaign *campaign, GError **error)
{
    if (campaign->findings->len == 0)
        return TRUE;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < campaign->findings->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "", (const char *)campaign->findings->pdata[i]);
    return error_set(error, ERROR_WANTING, "%s", text->str);
}

/* --- sender ------------------------------------------------------------------------------------- */

static gboolean check_display_name(const char *name, GError **error)
{
    for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return error_set(error, ERROR_CONFIG, "the name holds a control character");
        if (*p == '@')
            return error_set(error, ERROR_CONFIG,
                             "the name \"%s\" holds an @, as if it were another address; take it "
                             "out",
                             name);
        if (*p == '<' || *p == '>' || *p == '"' || *p == ',')
            return error_set(error, ERROR_CONFIG, "the name holds a %c; write one address as Name <address>", *p);
    }
    return TRUE;
}

static char *unquote(char *name)
{
    size_t length = strlen(g_strstrip(name));
    if (length >= 2 && name[0] == '"' && name[length - 1] == '"') {
        name[length - 1] = '\0';
        memmove(name, name + 1, length - 1);
    }
    return g_strstrip(name);
}

gboolean campaign_mailbox(const char *text, char **name_r, char **address_r, GError **error)
{
    const char *open = strrchr(text, '<');
    g_autofree char *name = open != NULL ? unquote(g_strndup(text, (gsize)(open - text))) : NULL;
    g_autofree char *address = g_strstrip(g_strdup(open != NULL ? open + 1 : text));
    size_t length = strlen(address), where;
    if (open != NULL && (length == 0 || address[--length] != '>'))
        return error_set(error, ERROR_CONFIG, "\"%s\": the > after the address is missing; write Name <address>", text);
    if (!g_utf8_validate(text, -1, NULL))
        return error_set(error, ERROR_CONFIG, "the address is not UTF-8");
    if (name != NULL && !check_display_name(name, error))
        return FALSE;
    struct address parsed;
    enum address_fault fault = address_parse(address, length, &parsed, &where);
    if (fault != ADDRESS_GOOD) {
        g_autofree char *why = address_fault_message(fault, address, length, where);
        return error_set(error, ERROR_CONFIG, "\"%s\": %s", text, why);
    }
    if (parsed.smtputf8)
        return error_set(error, ERROR_CONFIG, "\"%s\": the part before the @ must be ASCII", text);
    *name_r = name != NULL && *name != '\0' ? g_steal_pointer(&name) : NULL;
    *address_r = g_strdup(parsed.text);
    return TRUE;
}

static void load_sender(struct campaign *campaign)
{
    GError *error = NULL;
    const char *reply_to = option(campaign, "mail", "reply-to");
    if (!campaign_mailbox(option(campaign, "mail", "from"), &campaign->from_name, &campaign->from_address, &error)) {
        found(campaign, "[mail] from", error);
    } else if (!g_strv_contains((const char *const *)campaign->client->domains,
                                strchr(campaign->from_address, '@') + 1)) {
        g_autofree char *domains = g_strjoinv(", ", campaign->client->domains);
        error_set(&error, ERROR_CONFIG,
                  "%s is not at a domain of client %s (%s); take one, or add it to %s: [client] "
                  "domains",
                  campaign->from_address, campaign->client->name, domains, campaign->client->file);
        found(campaign, "[mail] from", error);
    }
    error = NULL;
    if (*reply_to != '\0' && !campaign_mailbox(reply_to, &campaign->reply_name, &campaign->reply_address, &error))
        found(campaign, "[mail] reply-to", error);
    const char *list_id = option(campaign, "mail", "list-id");
    campaign->list_id = *list_id != '\0' ? g_strdup(list_id)
                                         : g_strdup_printf("%s.%s", campaign->name, campaign->client->signing_domain);
}

/* --- plan --------------------------------------------------------------------------------------- */

static gboolean read_times(struct campaign *campaign, GError **error)
{
    const struct config *config = campaign->config;
    struct wave_plan *plan = &campaign->plan;
    GTimeZone *zone = campaign->client->zone;
    plan->gap = config_number(config, "waves", "gap");
    return wave_plan_sizes(config_list(config, "waves", "sizes"), plan, error) &&
           wave_plan_start(option(campaign, "waves", "start"), zone, &plan->start, error) &&
           wave_plan_times(config_list(config, "waves", "times"), zone, plan, error);
}

static gboolean read_calendar(const struct config *config, struct calendar *calendar, GError **error)
{
    return calendar_hours(config_list(config, "waves", "hours"), calendar, error) &&
           calendar_weekdays(config_list(config, "waves", "weekdays"), calendar, error) &&
           calendar_holidays(config_list(config, "waves", "holidays"), calendar, error);
}

static gboolean read_limits(struct campaign *campaign, GError **error)
{
    const struct config *config = campaign->config;
    campaign->rates.minute = (guint)config_number(config, "rate", "minute");
    campaign->rates.provider = (guint)config_number(config, "rate", "provider");
    return gates_read(option(campaign, "gates", "bounces"), option(campaign, "gates", "deferrals"),
                      option(campaign, "gates", "complaints"), (guint64)config_number(config, "gates", "backlog"),
                      &campaign->gates, error) &&
           rates_read(config_list(config, "rate", "providers"), &campaign->rates, error);
}

static void load_plan(struct campaign *campaign)
{
    GError *error = NULL;
    if (read_times(campaign, &error) && read_calendar(campaign->config, &campaign->plan.calendar, &error) &&
        read_limits(campaign, &error))
        return;
    g_ptr_array_add(campaign->findings, g_strdup_printf("%s: %s", campaign->file, error->message));
    g_error_free(error);
}

static void load_defaults(struct campaign *campaign)
{
    campaign->defaults = json_object();
    g_auto(GStrv) names = config_free_names(campaign->config);
    for (char **name = names; *name != NULL; name++)
        json_object_set_new(campaign->defaults, *name, json_string(config_free_value(campaign->config, *name)));
}

/* --- templates ---------------------------------------------------------------------------------- */

/* A template that stands in campaign.conf itself. */
static struct template *parse_option(struct campaign *campaign, const char *group, const char *name)
{
    GError *error = NULL;
    g_autofree char *place = g_strdup_printf("[%s] %s", group, name);
    const struct template_options options = {.kind = TEMPLATE_HEADER};
    struct template *template = template_parse(place, option(campaign, group, name), &options, &error);
    if (template == NULL) {
        g_ptr_array_add(campaign->findings, g_strdup_printf("%s: %s", campaign->file, error->message));
        g_error_free(error);
    }
    return template;
}

/*
 * The question in an edition's language. Of a further edition in which it has no text there is none; {{> question}}
 * then is a file of the directory, question.fr.html, or an error.
 */
static struct question question_of(const struct campaign *campaign, const struct edition *edition)
{
    static const struct {
        const char *language, *text, *labels;
    } further[] = {{"de", "text-de", "labels-de"}, {"en", "text-en", "labels-en"}};
    struct question question = campaign->question;
    question.language = edition->language;
    if (edition->main)
        return question;
    question.text = "";
    for (size_t i = 0; i < G_N_ELEMENTS(further); i++)
        if (strcmp(edition->language, further[i].language) == 0) {
            question.text = option(campaign, "question", further[i].text);
            question.labels = config_list(campaign->config, "question", further[i].labels);
        }
    if (*question.text == '\0')
        question.kind = QUESTION_NONE;
    return question;
}

/* A template file of the campaign's directory. */
static struct template *load_file(struct campaign *campaign, const char *name, const struct edition *edition,
                                  enum template_kind kind)
{
    GError *error = NULL;
    struct question_partial partial = {question_of(campaign, edition), kind};
    const struct template_options options = {.kind = kind, .partial = question_partial, .cookie = &partial};
    struct template *template = template_load(campaign->directory, name, &options,
                                              kind == TEMPLATE_HTML ? campaign->picture_files : NULL, &error);
    if (template == NULL)
        found(campaign, NULL, error);
    return template;
}

/*
 * campaign.conf's path of a template, relative to the directory, in which it must lie; NULL and a finding where it does
 * not.
 */
static const char *template_path(struct campaign *campaign, const char *name)
{
    GError *error = NULL;
    const char *path = option(campaign, "mail", name);
    size_t length = strlen(campaign->directory);
    if (strncmp(path, campaign->directory, length) == 0 && path[length] == '/')
        return path + length + 1;
    error_set(&error, ERROR_CONFIG, "%s lies outside the campaign's directory; copy it there", path);
    found(campaign, NULL, error);
    return NULL;
}

static gboolean is_there(const struct campaign *campaign, const char *name)
{
    g_autofree char *path = g_build_filename(campaign->directory, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static char *name_of(const char *html)
{
    char *name = g_path_get_basename(html), *end = strrchr(name, '.');
    if (end != NULL)
        *end = '\0';
    return name;
}

/* What a mail's options in [mail] are called. */
struct mail_options {
    gboolean reminder;
    const char *subject, *html, *text;
};

static const struct mail_options invitation_options = {FALSE, "subject", "html", "text"};
static const struct mail_options reminder_options = {TRUE, "reminder-subject", "reminder-html", "reminder-text"};

/* The next one; NULL and a finding where there are too many. */
static struct edition *new_edition(struct campaign *campaign, const char *html, gboolean reminder)
{
    GError *error = NULL;
    if (campaign->n_editions == EDITIONS_MAX) {
        error_set(&error, ERROR_DATA, "%s: there are more than %d editions", html, EDITIONS_MAX);
        found(campaign, NULL, error);
        return NULL;
    }
    struct edition *edition = &campaign->editions[campaign->n_editions++];
    edition->name = name_of(html);
    edition->reminder = reminder;
    return edition;
}

/* The edition that campaign.conf names. */
static void load_main_edition(struct campaign *campaign, const char *html, const struct mail_options *options)
{
    struct edition *edition = new_edition(campaign, html, options->reminder);
    if (edition == NULL)
        return;
    edition->main = TRUE;
    if (!edition_language_of_file(html, edition->language))
        edition_language(campaign->client->language, edition->language);
    edition->subject = parse_option(campaign, "mail", options->subject);
    edition->html = load_file(campaign, html, edition, TEMPLATE_HTML);
    const char *text = *option(campaign, "mail", options->text) != '\0' ? template_path(campaign, options->text) : NULL;
    if (text != NULL)
        edition->text = load_file(campaign, text, edition, TEMPLATE_TEXT);
}

/*
 * The edition whose HTML template is this one. A subject in the main language would be a mistake, so it must have its
 * own.
 */
static void load_edition(struct campaign *campaign, const char *html, gboolean reminder)
{
    struct edition *edition = new_edition(campaign, html, reminder);
    g_autofree char *subject = edition_sibling(html, "subject"), *text = edition_sibling(html, "txt");
    if (edition == NULL)
        return;
    edition_language_of_file(html, edition->language);
    edition->html = load_file(campaign, html, edition, TEMPLATE_HTML);
    edition->subject = load_file(campaign, subject, edition, TEMPLATE_HEADER);
    if (is_there(campaign, text))
        edition->text = load_file(campaign, text, edition, TEMPLATE_TEXT);
}

static void load_editions(struct campaign *campaign, const struct mail_options *options)
{
    const char *main_html = template_path(campaign, options->html);
    if (main_html == NULL)
        return;
    load_main_edition(campaign, main_html, options);
    g_autofree char *folder = g_path_get_dirname(main_html), *base = g_path_get_basename(main_html);
    g_autofree char *directory = g_build_filename(campaign->directory, folder, NULL);
    g_auto(GStrv) files = edition_files(directory, base);
    for (char **file = files; *file != NULL; file++) {
        g_autofree char *name = strcmp(folder, ".") == 0 ? g_strdup(*file) : g_build_filename(folder, *file, NULL);
        load_edition(campaign, name, options->reminder);
    }
}

/* The reminder is there where campaign.conf names its template. */
static void load_reminder(struct campaign *campaign)
{
    const struct config *config = campaign->config;
    GError *error = NULL;
    campaign->reminder = *option(campaign, "mail", "reminder-html") != '\0';
    campaign->reminders = (guint)config_number(config, "waves", "reminders");
    campaign->reminder_gap = config_number(config, "waves", "reminder-gap");
    campaign->remind = config_switch(config, "waves", "remind");
    if (!campaign->reminder)
        return;
    load_editions(campaign, &reminder_options);
    if (*option(campaign, "mail", "reminder-subject") != '\0')
        return;
    error_set(&error, ERROR_CONFIG, "is missing; the reminder needs a subject");
    found(campaign, "[mail] reminder-subject", error);
}

static void load_question(struct campaign *campaign)
{
    campaign->question = (struct question){
        .kind = option(campaign, "question", "kind"),
        .text = option(campaign, "question", "text"),
        .answers = config_list(campaign->config, "question", "answers"),
        .labels = config_list(campaign->config, "question", "labels"),
        .parameter = option(campaign, "question", "parameter"),
        .color = option(campaign, "question", "color"),
    };
}

static void load_survey_url(struct campaign *campaign)
{
    GError *error = NULL;
    const char *url = option(campaign, "campaign", "survey-url");
    campaign->survey_url = parse_option(campaign, "campaign", "survey-url");
    if (!g_str_has_prefix(url, "https://") && !g_str_has_prefix(url, "http://")) {
        error_set(&error, ERROR_CONFIG, "must begin with https://");
        found(campaign, "[campaign] survey-url", g_steal_pointer(&error));
    }
}

static void load_pictures(struct campaign *campaign)
{
    GError *error = NULL;
    size_t count;
    const struct picture *pictures = pictures_list(campaign->picture_files, &count);
    if (count == 0)
        return;
    campaign->pictures = compose_pictures_new(pictures, count, &error);
    if (campaign->pictures == NULL)
        found(campaign, NULL, error);
}

static void load_templates(struct campaign *campaign)
{
    campaign->picture_files = pictures_new(campaign->directory, campaign->client->signing_domain);
    load_question(campaign);
    load_survey_url(campaign);
    load_editions(campaign, &invitation_options);
    load_reminder(campaign);
    load_pictures(campaign);
}

/* --- names -------------------------------------------------------------------------------------- */

gboolean campaign_own_name(const char *name)
{
    static const char *const names[] = {"client_title",    "greeting",   "survey_url", "survey_token",
                                        "unsubscribe_url", QUESTION_URL, NULL};
    return g_strv_contains(names, name);
}

static void add_unknown(const struct campaign *campaign, const struct template *template, const char *const *columns,
                        GPtrArray *unknown)
{
    if (template == NULL)
        return;
    for (const char *const *name = template_names(template); *name != NULL; name++) {
        if (g_strv_contains(columns, *name) || campaign_own_name(*name) ||
            json_object_get(campaign->defaults, *name) != NULL)
            continue;
        if (!g_ptr_array_find_with_equal_func(unknown, *name, g_str_equal, NULL))
            g_ptr_array_add(unknown, (char *)*name);
    }
}

GPtrArray *campaign_unknown_names(const struct campaign *campaign, const char *const *columns)
{
    GPtrArray *unknown = g_ptr_array_new();
    add_unknown(campaign, campaign->survey_url, columns, unknown);
    for (size_t i = 0; i < campaign->n_editions; i++) {
        add_unknown(campaign, campaign->editions[i].subject, columns, unknown);
        add_unknown(campaign, campaign->editions[i].html, columns, unknown);
        add_unknown(campaign, campaign->editions[i].text, columns, unknown);
    }
    return unknown;
}

/* --- loading ------------------------------------------------------------------------------------ */

static gboolean load_head(struct campaign *campaign, GError **error)
{
    campaign->config = config_load(campaign->file, &config_campaign, error);
    if (campaign->config == NULL && !g_file_test(campaign->file, G_FILE_TEST_EXISTS))
        g_prefix_error(error, "%s is no campaign's folder; postwelle campaign new makes one: ", campaign->directory);
    if (campaign->config == NULL)
        return FALSE;
    campaign->name = option(campaign, "campaign", "name");
    campaign->title = option(campaign, "campaign", "title");
    const char *client = option(campaign, "campaign", "client");
    campaign->client = client_by_name(campaign->clients, client);
    if (campaign->client == NULL)
        return error_set(error, ERROR_CONFIG,
                         "%s: [campaign] client: there is no client \"%s\"; `postwelle client list` "
                         "shows them",
                         campaign->file, client);
    if (!client_name_valid(campaign->name))
        return error_set(error, ERROR_CONFIG, "%s: [campaign] name: \"%s\" must be 1 to %d letters, digits, - and _",
                         campaign->file, campaign->name, CAMPAIGN_NAME_MAX);
    return TRUE;
}

struct campaign *campaign_open(const char *directory, struct client_set *clients, GError **error)
{
    g_autoptr(campaign_auto) campaign = g_new0(struct campaign, 1);
    campaign->directory = g_canonicalize_filename(directory, NULL);
    campaign->file = g_build_filename(campaign->directory, CAMPAIGN_FILE, NULL);
    campaign->clients = client_set_ref(clients);
    campaign->findings = g_ptr_array_new_with_free_func(g_free);
    if (!load_head(campaign, error))
        return NULL;
    load_sender(campaign);
    load_plan(campaign);
    load_defaults(campaign);
    load_templates(campaign);
    if (campaign->findings->len == 0)
        campaign_hash(campaign, campaign->hash);
    return g_steal_pointer(&campaign);
}

void campaign_close(struct campaign *campaign)
{
    if (campaign == NULL)
        return;
    for (size_t i = 0; i < campaign->n_editions; i++)
        edition_release(&campaign->editions[i]);
    template_free(campaign->survey_url);
    compose_pictures_free(campaign->pictures);
    pictures_free(campaign->picture_files);
    json_decref(campaign->defaults);
    rates_release(&campaign->rates);
    config_free(campaign->config);
    client_set_unref(campaign->clients);
    g_clear_pointer(&campaign->findings, g_ptr_array_unref);
    g_free(campaign->from_name);
    g_free(campaign->from_address);
    g_free(campaign->reply_name);
    g_free(campaign->reply_address);
    g_free(campaign->list_id);
    g_free(campaign->file);
    g_free(campaign->directory);
    g_free(campaign);
}
