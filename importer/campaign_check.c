/* campaign_check.c - the content rule on a sample mail; see campaign_check.h. */
#include "importer/campaign_check.h"

#include "importer/render.h"
#include "lib/content.h"

#define SAMPLE_TEXT "Beispiel"
#define SAMPLE_URL "https://www.example/" /* where a template begins a link with a column */

static char token[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/* Renders with this value in each column that the templates name. */
static gboolean render_sample(struct renderer *renderer, char *value, GError **error)
{
    static const char *const no_columns[] = {NULL};
    char address[] = "sample@participant.example",
         message_id[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@participant.example";
    g_autoptr(GPtrArray) names = campaign_unknown_names(renderer->campaign, no_columns);
    g_autoptr(GPtrArray) attributes = g_ptr_array_new();
    for (guint i = 0; i < names->len; i++) {
        g_ptr_array_add(attributes, names->pdata[i]);
        g_ptr_array_add(attributes, value);
    }
    const struct participant participant = {.number = 1,
                                            .address = address,
                                            .message_id = message_id,
                                            .unsubscribe_token = token,
                                            .survey_token = token,
                                            .attributes = attributes};
    return render_mail(renderer, &participant, &(struct render_options){.date = 0}, error);
}

static void add_findings(struct campaign *campaign, const GString *message)
{
    g_autoptr(GPtrArray) found = content_findings_new();
    const struct content_options options = CONTENT_OPTIONS_DEFAULT;
    content_check_message((struct slice){message->str, message->len}, &options, found);
    for (guint i = 0; i < found->len; i++) {
        g_autofree char *text = content_finding_text(found->pdata[i]);
        g_ptr_array_add(campaign->findings, g_strdup_printf("%s: content rule: %s", campaign->directory, text));
    }
}

void campaign_check_content(struct campaign *campaign)
{
    if (campaign->findings->len > 0)
        return;
    g_autoptr(GError) error = NULL;
    char text[] = SAMPLE_TEXT, url[] = SAMPLE_URL;
    struct renderer renderer;
    renderer_init(&renderer, campaign);
    if (render_sample(&renderer, text, &error) || render_sample(&renderer, url, NULL))
        add_findings(campaign, renderer.message);
    else
        g_ptr_array_add(campaign->findings, g_strdup_printf("%s: %s", campaign->directory, error->message));
    renderer_release(&renderer);
}
