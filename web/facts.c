/* facts.c - what the status pages show; see facts.h. */
#include "web/facts.h"

const char *const facts_state_names[FACTS_STATES] = {"new",      "begun",      "reserved", "queued",  "greylisted",
                                                     "deferred", "sent",       "bounced",  "expired", "uncertain",
                                                     "capped",   "suppressed", "refused"};

static void clear_provider(gpointer provider)
{
    g_free(((struct facts_provider *)provider)->name);
}

struct facts_tally *facts_tally_new(void)
{
    struct facts_tally *tally = g_new0(struct facts_tally, 1);
    tally->providers = g_array_new(FALSE, TRUE, sizeof(struct facts_provider));
    g_array_set_clear_func(tally->providers, clear_provider);
    tally->reasons = g_array_new(FALSE, TRUE, sizeof(struct facts_reason));
    return tally;
}

struct facts_tally *facts_tally_copy(const struct facts_tally *tally)
{
    struct facts_tally *copy = facts_tally_new();
    copy->at = tally->at;
    for (guint i = 0; i < tally->providers->len; i++) {
        struct facts_provider provider = g_array_index(tally->providers, struct facts_provider, i);
        provider.name = g_strdup(provider.name);
        g_array_append_val(copy->providers, provider);
    }
    if (tally->reasons->len > 0)
        g_array_append_vals(copy->reasons, tally->reasons->data, tally->reasons->len);
    return copy;
}

void facts_tally_free(struct facts_tally *tally)
{
    if (tally == NULL)
        return;
    g_array_unref(tally->providers);
    g_array_unref(tally->reasons);
    g_free(tally);
}

struct facts_campaign *facts_campaign_new(const char *client, const char *name)
{
    struct facts_campaign *campaign = g_new0(struct facts_campaign, 1);
    campaign->client = g_strdup(client);
    campaign->name = g_strdup(name);
    campaign->waves = g_array_new(FALSE, TRUE, sizeof(struct facts_wave));
    campaign->reminders = g_array_new(FALSE, TRUE, sizeof(struct facts_wave));
    return campaign;
}

void facts_campaign_free(struct facts_campaign *campaign)
{
    if (campaign == NULL)
        return;
    g_free(campaign->client);
    g_free(campaign->name);
    g_free(campaign->title);
    g_free(campaign->state);
    g_free(campaign->zone);
    g_free(campaign->gate);
    g_free(campaign->because);
    g_array_unref(campaign->waves);
    g_array_unref(campaign->reminders);
    facts_tally_free(campaign->tally);
    g_free(campaign);
}

void facts_service_release(struct facts_service *service)
{
    g_free(service->trouble);
    *service = (struct facts_service){0};
}

void facts_counts_add(struct facts_counts *sum, const struct facts_counts *more)
{
    sum->total += more->total;
    for (size_t i = 0; i < FACTS_STATES; i++)
        sum->of[i] += more->of[i];
}
