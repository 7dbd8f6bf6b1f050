/* render.c - one participant's mail; see render.h. */
#include "importer/render.h"

#include "importer/greeting.h"
#include "importer/html_text.h"
#include "lib/error.h"

#include <string.h>

#define ATTRIBUTE "a."

/* --- participants ------------------------------------------------------------------------------- */

static char *take(const struct attributes *answer, const char *name, gboolean *good)
{
    const char *value = attributes_get(answer, name);
    *good &= value != NULL && *value != '\0';
    return g_strdup(value);
}

/* "<a@b>" → "a@b". */
static void strip_brackets(char *text)
{
    size_t length = strlen(text);
    if (length >= 2 && text[0] == '<' && text[length - 1] == '>') {
        memmove(text, text + 1, length - 2);
        text[length - 2] = '\0';
    }
}

struct participant *participant_new(const struct attributes *answer, GError **error)
{
    struct participant *participant = g_new0(struct participant, 1);
    gboolean good = attributes_number(answer, "participant", G_MAXUINT64, &participant->number, NULL);
    if (attributes_get(answer, "attempt") != NULL)
        good &= attributes_number(answer, "attempt", G_MAXUINT64, &participant->attempt, NULL);
    if (attributes_get(answer, "reminder") != NULL)
        good &= attributes_number(answer, "reminder", G_MAXUINT64, &participant->reminder, NULL);
    participant->address = take(answer, "address", &good);
    participant->reverse_path = take(answer, "reverse_path", &good);
    participant->message_id = take(answer, "message_id", &good);
    participant->unsubscribe_token = take(answer, "unsubscribe_token", &good);
    participant->survey_token = take(answer, "survey_token", &good);
    participant->attributes = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < answer->count; i++) {
        if (!g_str_has_prefix(answer->list[i].name, ATTRIBUTE))
            continue;
        g_ptr_array_add(participant->attributes, g_strdup(answer->list[i].name + strlen(ATTRIBUTE)));
        g_ptr_array_add(participant->attributes, g_strdup(answer->list[i].value));
    }
    if (good) {
        strip_brackets(participant->message_id);
        return participant;
    }
    participant_free(participant);
    error_set(error, ERROR_PROTOCOL,
              "postwelle-policyd gave a participant without all that a mail needs; are command and "
              "daemon of the same version?");
    return NULL;
}

void participant_free(struct participant *participant)
{
    if (participant == NULL)
        return;
    g_free(participant->address);
    g_free(participant->reverse_path);
    g_free(participant->message_id);
    g_free(participant->unsubscribe_token);
    g_free(participant->survey_token);
    g_clear_pointer(&participant->attributes, g_ptr_array_unref);
    g_free(participant);
}

const char *participant_attribute(const struct participant *participant, const char *name)
{
    for (guint i = 0; i < participant->attributes->len; i += 2)
        if (strcmp(participant->attributes->pdata[i], name) == 0)
            return participant->attributes->pdata[i + 1];
    return NULL;
}

/* --- data --------------------------------------------------------------------------------------- */

static char *copy_value(const char *value, gboolean for_url)
{
    return for_url ? g_uri_escape_string(value, NULL, FALSE) : g_strdup(value);
}

static void set(json_t *data, const char *name, const char *value, gboolean for_url)
{
    g_autofree char *text = copy_value(value, for_url);
    json_object_set_new(data, name, json_string(text));
}

/*
 * The columns, [defaults] where a column is empty or missing, and our own names over both. A new object each time:
 * counts of references are no business of two threads.
 */
static json_t *make_data(const struct campaign *campaign, const struct participant *participant, gboolean for_url)
{
    json_t *data = json_object(), *value;
    const char *name;
    for (guint i = 0; i < participant->attributes->len; i += 2)
        set(data, participant->attributes->pdata[i], participant->attributes->pdata[i + 1], for_url);
    json_object_foreach(campaign->defaults, name, value)
    {
        const char *given = json_string_value(json_object_get(data, name));
        if (given == NULL || *given == '\0')
            set(data, name, json_string_value(value), for_url);
    }
    set(data, "survey_token", participant->survey_token, for_url);
    return data;
}

/* --- the mail ----------------------------------------------------------------------------------- */

void renderer_init(struct renderer *renderer, const struct campaign *campaign)
{
    *renderer = (struct renderer){campaign,           g_string_new(NULL), g_string_new(NULL),
                                  g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)};
}

void renderer_release(struct renderer *renderer)
{
    GString *strings[] = {renderer->subject, renderer->html, renderer->text, renderer->url, renderer->message};
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
        g_string_free(strings[i], TRUE);
}

static gboolean render_url(struct renderer *renderer, const struct participant *participant, GError **error)
{
    json_t *data = make_data(renderer->campaign, participant, TRUE);
    gboolean good = template_render(renderer->campaign->survey_url, data, renderer->url, error);
    json_decref(data);
    return good;
}

const struct edition *render_edition(const struct campaign *campaign, const struct participant *participant,
                                     gboolean reminder)
{
    const char *language = NULL;
    for (guint i = 0; i < participant->attributes->len && language == NULL; i += 2)
        if (edition_is_column(participant->attributes->pdata[i]))
            language = participant->attributes->pdata[i + 1];
    return edition_choose(campaign->editions, campaign->n_editions, reminder, language);
}

static gboolean add_question_url(json_t *data, const struct renderer *renderer, GError **error)
{
    const struct question *question = &renderer->campaign->question;
    if (!question_is_asked(question))
        return TRUE;
    g_autofree char *url = question_url(renderer->url->str, question->parameter, error);
    if (url != NULL)
        set(data, QUESTION_URL, url, FALSE);
    return url != NULL;
}

static gboolean render_parts(struct renderer *renderer, const struct participant *participant,
                             const struct render_options *options, const char *unsubscribe_url, GError **error)
{
    const struct edition *edition = render_edition(renderer->campaign, participant, options->reminder);
    json_t *data = make_data(renderer->campaign, participant, FALSE);
    set(data, "survey_url", renderer->url->str, FALSE);
    set(data, "unsubscribe_url", unsubscribe_url, FALSE);
    set(data, "client_title", renderer->campaign->client->title, FALSE);
    greeting_add(data, edition->language);
    g_string_assign(renderer->subject, options->prefix != NULL ? options->prefix : "");
    if (renderer->subject->len > 0)
        g_string_append_c(renderer->subject, ' ');
    gboolean good = add_question_url(data, renderer, error) &&
                    template_render(edition->subject, data, renderer->subject, error) &&
                    template_render(edition->html, data, renderer->html, error) &&
                    (edition->text == NULL || template_render(edition->text, data, renderer->text, error));
    json_decref(data);
    if (good && edition->text == NULL) {
        g_autofree char *text = html_text_make(renderer->html->str);
        g_string_assign(renderer->text, text);
    }
    return good;
}

static size_t extra_fields(const struct campaign *campaign, struct mail_field fields_r[2])
{
    static const struct {
        const char *option, *field;
    } extras[2] = {{"complaints", "X-CSA-Complaints"}, {"feedback-address", "CFBL-Address"}};
    size_t count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(extras); i++) {
        const char *value = config_text(campaign->config, "mail", extras[i].option);
        if (*value != '\0')
            fields_r[count++] = (struct mail_field){extras[i].field, value};
    }
    return count;
}

static gboolean compose(struct renderer *renderer, const struct participant *participant,
                        const struct render_options *options, const char *unsubscribe_url, GError **error)
{
    const struct campaign *campaign = renderer->campaign;
    const struct client *client = campaign->client;
    struct mail_field fields[2];
    g_autofree char *mailto =
        g_strdup_printf("mailto:%s?subject=%s", client->unsubscribe_mailto, participant->unsubscribe_token);
    const char *kind = options->to != NULL ? "proof" : options->reminder ? "reminder" : "invitation";
    g_autofree char *feedback = g_strdup_printf("%s:%s:%s:postwelle", campaign->name, client->name, kind);
    const struct mail mail = {
        .from = {campaign->from_address, campaign->from_name},
        .reply_to = {campaign->reply_address, campaign->reply_name},
        .to = {options->to != NULL ? options->to : participant->address, NULL},
        .subject = renderer->subject->str,
        .message_id = participant->message_id,
        .date = options->date,
        .zone = client->zone,
        .list_unsubscribe_url = unsubscribe_url,
        .list_unsubscribe_mailto = mailto,
        .list_id = campaign->list_id,
        .feedback_id = feedback,
        .fields = fields,
        .n_fields = extra_fields(campaign, fields),
        .text = renderer->text->str,
        .html = renderer->html->str,
        .pictures = campaign->pictures,
    };
    return options->check ? compose_check(&mail, error) : compose_mail(&mail, renderer->message, error);
}

gboolean render_mail(struct renderer *renderer, const struct participant *participant,
                     const struct render_options *options, GError **error)
{
    GString *strings[] = {renderer->subject, renderer->html, renderer->text, renderer->url};
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
        g_string_truncate(strings[i], 0);
    g_autofree char *unsubscribe_url =
        g_strconcat(renderer->campaign->client->unsubscribe_uri, participant->unsubscribe_token, NULL);
    return render_url(renderer, participant, error) &&
           render_parts(renderer, participant, options, unsubscribe_url, error) &&
           compose(renderer, participant, options, unsubscribe_url, error);
}
