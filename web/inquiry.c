/* inquiry.c - asks policyd for what the status pages show; see inquiry.h. */
#include "web/inquiry.h"

#include "lib/error.h"
#include "lib/policy.h"

#include <string.h>

struct inquiry {
    char *socket;
    struct policy_client *policy; /* NULL: not connected now */
    GHashTable *counts;           /* "client/campaign" -> struct count */
    char *counting;               /* the one that is being counted; NULL: none */
    struct facts_tally *tally;    /* what came of it so far */
    gint64 spent;                 /* microseconds on it */
};

/* The last count of a campaign. */
struct count {
    struct facts_tally *tally;
    gint64 again; /* monotonic microseconds */
};

static void free_count(gpointer data)
{
    struct count *count = data;
    facts_tally_free(count->tally);
    g_free(count);
}

struct inquiry *inquiry_new(const char *socket)
{
    struct inquiry *inquiry = g_new0(struct inquiry, 1);
    inquiry->socket = g_strdup(socket);
    inquiry->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_count);
    return inquiry;
}

static void forget_counting(struct inquiry *inquiry)
{
    g_clear_pointer(&inquiry->counting, g_free);
    g_clear_pointer(&inquiry->tally, facts_tally_free);
    inquiry->spent = 0;
}

void inquiry_free(struct inquiry *inquiry)
{
    if (inquiry == NULL)
        return;
    forget_counting(inquiry);
    policy_client_free(inquiry->policy);
    g_hash_table_unref(inquiry->counts);
    g_free(inquiry->socket);
    g_free(inquiry);
}

/* --- questions ---------------------------------------------------------------------------------- */

typedef void (*row_func)(void *cookie, const struct attributes *row);

/* Sends a request on the connection there is, or on a new one, and reads its first answer. */
static gboolean ask_once(struct inquiry *inquiry, const GString *request, struct attributes *answer_r, GError **error)
{
    if (inquiry->policy == NULL)
        inquiry->policy = policy_client_new(inquiry->socket, INQUIRY_TIMEOUT_MS, error);
    if (inquiry->policy == NULL)
        return FALSE;
    if (policy_client_ask(inquiry->policy, request, answer_r, error))
        return TRUE;
    g_clear_pointer(&inquiry->policy, policy_client_free);
    return FALSE;
}

/*
 * One question: its rows go to func, the answer that ends them is *last_r. Frees the request. A connection that was
 * idle may have been closed: then once again on a new one.
 */
static gboolean ask_rows(struct inquiry *inquiry, GString *request, row_func func, void *cookie,
                         struct attributes *last_r, GError **error)
{
    gboolean idle = inquiry->policy != NULL;
    policy_end(request);
    gboolean good = ask_once(inquiry, request, last_r, idle ? NULL : error);
    if (!good && idle)
        good = ask_once(inquiry, request, last_r, error);
    g_string_free(request, TRUE);
    while (good && policy_answer_more(last_r)) {
        if (func != NULL)
            func(cookie, last_r);
        good = policy_client_read(inquiry->policy, last_r, error);
        if (!good)
            g_clear_pointer(&inquiry->policy, policy_client_free);
    }
    return good && policy_answer_ok(last_r, error);
}

static GString *new_request(const char *kind, const char *client, const char *name)
{
    GString *request = g_string_new(NULL);
    policy_append(request, "request", kind);
    if (client == NULL)
        return request;
    policy_append(request, "client", client);
    policy_append(request, "campaign", name);
    return request;
}

/* 0 where it is missing or none. */
static guint64 number(const struct attributes *answer, const char *name)
{
    guint64 value;
    return attributes_number(answer, name, G_MAXINT64, &value, NULL) ? value : 0;
}

static char *text(const struct attributes *answer, const char *name)
{
    return g_strdup(attributes_text(answer, name));
}

static void take_counts(struct facts_counts *counts_r, const struct attributes *row)
{
    counts_r->total = 0;
    for (size_t i = 0; i < FACTS_STATES; i++) {
        counts_r->of[i] = number(row, facts_state_names[i]);
        counts_r->total += counts_r->of[i];
    }
}

/* --- what is no campaign's ----------------------------------------------------------------------- */

gboolean inquiry_service(struct inquiry *inquiry, struct facts_service *service_r, GError **error)
{
    struct attributes answer;
    *service_r = (struct facts_service){0};
    if (!ask_rows(inquiry, new_request("status-service", NULL, NULL), NULL, NULL, &answer, error))
        return FALSE;
    *service_r = (struct facts_service){.now = (gint64)number(&answer, "now"),
                                        .read = (gint64)number(&answer, "read"),
                                        .feeders = number(&answer, "feeders"),
                                        .trouble = text(&answer, "trouble")};
    return TRUE;
}

/* --- campaigns ----------------------------------------------------------------------------------- */

struct listing {
    GPtrArray *campaigns;
    guint more;
};

static void free_campaign(gpointer campaign)
{
    facts_campaign_free(campaign);
}

static void take_campaign(void *cookie, const struct attributes *row)
{
    struct listing *listing = cookie;
    if (listing->campaigns->len >= INQUIRY_CAMPAIGNS) {
        listing->more++;
        return;
    }
    struct facts_campaign *campaign =
        facts_campaign_new(attributes_text(row, "client"), attributes_text(row, "campaign"));
    campaign->title = text(row, "title");
    campaign->state = text(row, "state");
    g_ptr_array_add(listing->campaigns, campaign);
}

static void take_wave(void *cookie, const struct attributes *row)
{
    struct facts_campaign *campaign = cookie;
    gboolean reminder = attributes_get(row, "reminder") != NULL;
    struct facts_wave wave = {.number = number(row, reminder ? "reminder" : "wave"),
                              .opened = (gint64)number(row, "opened")};
    take_counts(&wave.counts, row);
    if (!reminder)
        facts_counts_add(&campaign->sum, &wave.counts);
    g_array_append_val(reminder ? campaign->reminders : campaign->waves, wave);
}

static gboolean ask_waves(struct inquiry *inquiry, struct facts_campaign *campaign, GError **error)
{
    struct attributes last;
    if (!ask_rows(inquiry, new_request("campaign-status", campaign->client, campaign->name), take_wave, campaign, &last,
                  error))
        return FALSE;
    campaign->complaints = number(&last, "complaints");
    campaign->answered = number(&last, "answered");
    return TRUE;
}

GPtrArray *inquiry_campaigns(struct inquiry *inquiry, guint *more_r, GError **error)
{
    struct attributes last;
    g_autoptr(GPtrArray) campaigns = g_ptr_array_new_with_free_func(free_campaign);
    struct listing listing = {campaigns, 0};
    if (!ask_rows(inquiry, new_request("campaign-list", NULL, NULL), take_campaign, &listing, &last, error))
        return NULL;
    for (guint i = 0; i < campaigns->len; i++)
        if (!ask_waves(inquiry, campaigns->pdata[i], error))
            return NULL;
    *more_r = listing.more;
    return g_steal_pointer(&campaigns);
}

/* --- counting ------------------------------------------------------------------------------------ */

static void take_provider(struct facts_tally *tally, const struct attributes *row)
{
    struct facts_provider provider = {.name = text(row, "provider"), .domains = number(row, "domains")};
    take_counts(&provider.counts, row);
    g_array_append_val(tally->providers, provider);
}

static void take_reason(struct facts_tally *tally, const struct attributes *row)
{
    struct facts_reason reason = {.count = number(row, "count")};
    const char *name = attributes_text(row, "reason");
    for (size_t i = 0; i < FACTS_STATES; i++)
        if (strcmp(facts_state_names[i], name) == 0)
            reason.state = (enum facts_state)i;
    g_strlcpy(reason.code, attributes_text(row, "code"), sizeof reason.code);
    g_array_append_val(tally->reasons, reason);
}

static void take_tally(void *cookie, const struct attributes *row)
{
    if (attributes_get(row, "provider") != NULL)
        take_provider(cookie, row);
    else
        take_reason(cookie, row);
}

static void keep_count(struct inquiry *inquiry)
{
    gint64 now = g_get_monotonic_time();
    struct count *count = g_new0(struct count, 1);
    count->tally = g_steal_pointer(&inquiry->tally);
    count->tally->at = g_get_real_time() / G_USEC_PER_SEC;
    count->again = now + inquiry->spent * INQUIRY_SHARE;
    if (g_hash_table_size(inquiry->counts) >= INQUIRY_KEPT)
        g_hash_table_remove_all(inquiry->counts);
    g_hash_table_replace(inquiry->counts, g_strdup(inquiry->counting), count);
    forget_counting(inquiry);
}

/*
 * A piece of what is being counted. FALSE where it can't be gone on with: it is given up then, as the campaign may be
 * gone.
 */
static gboolean count_piece(struct inquiry *inquiry)
{
    struct attributes last;
    gint64 begun = g_get_monotonic_time();
    g_auto(GStrv) names = g_strsplit(inquiry->counting, "/", 2);
    if (inquiry->tally == NULL)
        inquiry->tally = facts_tally_new();
    gboolean good =
        ask_rows(inquiry, new_request("status-tally", names[0], names[1]), take_tally, inquiry->tally, &last, NULL);
    inquiry->spent += g_get_monotonic_time() - begun;
    if (!good)
        forget_counting(inquiry);
    else if (strcmp(attributes_text(&last, "done"), "yes") == 0)
        keep_count(inquiry);
    return good;
}

/* Whatever is begun is brought to its end first: policyd counts one campaign at a time for each connection. */
static void count_on(struct inquiry *inquiry, const char *key)
{
    gint64 end = g_get_monotonic_time() + INQUIRY_SPEND_MS * 1000;
    do {
        const struct count *count = g_hash_table_lookup(inquiry->counts, key);
        if (inquiry->counting == NULL && count != NULL && count->again > g_get_monotonic_time())
            return;
        if (inquiry->counting == NULL)
            inquiry->counting = g_strdup(key);
    } while (count_piece(inquiry) && g_get_monotonic_time() < end);
}

/* --- one campaign --------------------------------------------------------------------------------- */

static gboolean ask_outlook(struct inquiry *inquiry, struct facts_campaign *campaign, GError **error)
{
    struct attributes answer;
    if (!ask_rows(inquiry, new_request("status-show", campaign->client, campaign->name), NULL, NULL, &answer, error))
        return FALSE;
    campaign->title = text(&answer, "title");
    campaign->state = text(&answer, "state");
    campaign->zone = text(&answer, "zone");
    campaign->told = (gint64)number(&answer, "told");
    campaign->next = number(&answer, "wave");
    campaign->due = (gint64)number(&answer, "due");
    campaign->gate = text(&answer, "gate");
    campaign->because = text(&answer, "because");
    return TRUE;
}

struct facts_campaign *inquiry_campaign(struct inquiry *inquiry, const char *client, const char *name, GError **error)
{
    g_autoptr(facts_campaign_auto) campaign = facts_campaign_new(client, name);
    g_autofree char *key = g_strdup_printf("%s/%s", client, name);
    if (!ask_outlook(inquiry, campaign, error))
        return NULL;
    count_on(inquiry, key);
    const struct count *count = g_hash_table_lookup(inquiry->counts, key);
    campaign->tally = count != NULL ? facts_tally_copy(count->tally) : NULL;
    return ask_waves(inquiry, campaign, error) ? g_steal_pointer(&campaign) : NULL;
}
