/* campaign_check.c - the content rule on a sample mail; see campaign_check.h. */
#include "importer/campaign_check.h"

#include "importer/sample.h"
#include "lib/content.h"

#include <string.h>

#define EXAMPLE "{{! example-imprint:" /* how the imprints of the scaffold begin */

static gboolean render(struct renderer *renderer, const struct edition *edition, gboolean as_urls, gint64 date,
                       GError **error)
{
    struct participant *participant = sample_participant(renderer->campaign, edition, as_urls);
    const struct render_options options = {.reminder = edition->reminder, .date = date};
    gboolean good = render_mail(renderer, participant, &options, error);
    participant_free(participant);
    return good;
}

static void add_findings(struct campaign *campaign, const struct edition *edition, const GString *message)
{
    g_autoptr(GPtrArray) found = content_findings_new();
    const struct content_options options = CONTENT_OPTIONS_DEFAULT;
    content_check_message((struct slice){message->str, message->len}, &options, found);
    for (guint i = 0; i < found->len; i++) {
        g_autofree char *text = content_finding_text(found->pdata[i]);
        g_ptr_array_add(campaign->findings,
                        g_strdup_printf("%s: %s: content rule: %s", campaign->directory, edition->name, text));
    }
}

gboolean campaign_render_sample(struct renderer *renderer, const struct edition *edition, gint64 date, GError **error)
{
    return render(renderer, edition, FALSE, date, error) || render(renderer, edition, TRUE, date, NULL);
}

void campaign_check_content(struct campaign *campaign)
{
    if (campaign->findings->len > 0)
        return;
    struct renderer renderer;
    renderer_init(&renderer, campaign);
    for (size_t i = 0; i < campaign->n_editions; i++) {
        const struct edition *edition = &campaign->editions[i];
        g_autoptr(GError) error = NULL;
        if (campaign_render_sample(&renderer, edition, 0, &error))
            add_findings(campaign, edition, renderer.message);
        else
            g_ptr_array_add(campaign->findings, g_strdup_printf("%s: %s", campaign->directory, error->message));
    }
    renderer_release(&renderer);
}

struct noticing {
    const struct campaign *campaign;
    GPtrArray *notices;
};

static void notice_example(void *cookie, const char *file, const char *text)
{
    const struct noticing *noticing = cookie;
    if (strstr(text, EXAMPLE) == NULL)
        return;
    char *notice = g_strdup_printf("%s/%s: is the example; write your own imprint, and take the line with %s...}} out",
                                   noticing->campaign->directory, file, EXAMPLE);
    if (g_ptr_array_find_with_equal_func(noticing->notices, notice, g_str_equal, NULL))
        g_free(notice);
    else
        g_ptr_array_add(noticing->notices, notice);
}

/* A reminder in another language than the invitation was. */
static void notice_language(const struct campaign *campaign, const struct edition *invitation, GPtrArray *notices)
{
    const struct edition *reminder =
        edition_choose(campaign->editions, campaign->n_editions, TRUE, invitation->language);
    if (reminder->reminder && strcmp(reminder->language, invitation->language) != 0)
        g_ptr_array_add(
            notices,
            g_strdup_printf("%s: who is invited with %s is reminded with %s; there is no reminder in that language",
                            campaign->directory, invitation->name, reminder->name));
}

GPtrArray *campaign_notices(const struct campaign *campaign)
{
    GPtrArray *notices = g_ptr_array_new_with_free_func(g_free);
    struct noticing noticing = {campaign, notices};
    for (size_t i = 0; i < campaign->n_editions; i++) {
        if (!campaign->editions[i].reminder)
            notice_language(campaign, &campaign->editions[i], notices);
        const struct template *templates[] = {campaign->editions[i].html, campaign->editions[i].text};
        for (size_t j = 0; j < G_N_ELEMENTS(templates); j++)
            if (templates[j] != NULL)
                template_texts(templates[j], notice_example, &noticing);
    }
    return notices;
}
