/* resolve.c - settles what is open; see resolve.h. */
#include "importer/resolve.h"

#include "importer/campaign_state.h"
#include "importer/evidence.h"
#include "importer/guard.h"

#include <string.h>
#include <unistd.h>

#define PAGE 200      /* rows of one answer */
#define POLL_MS 500   /* between two looks whether the log was read */

/* --- what is open ------------------------------------------------------------------------------- */


static gboolean take_reservation(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_ptr_array_add(cookie, g_strdup(attributes_text(row, "queue_id")));
    g_ptr_array_add(cookie, g_strdup(attributes_text(row, "since")));
    return TRUE;
}

/* All that were reserved long enough ago. */
static gboolean list_reserved(struct policy_client *policy, struct evidence *evidence, GError **error)
{
    struct attributes last;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *after = g_strdup("");
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    do {
        if (!control_rows(policy, control_request("resolve-list", "after", after, NULL), take_reservation, rows, &last,
                          error))
            return FALSE;
        g_free(after);
        after = g_strdup(attributes_text(&last, "last"));
    } while (*after != '\0');
    gint64 age = (gint64)control_number(&last, "age");
    for (guint i = 0; i + 1 < rows->len; i += 2)
        if (g_ascii_strtoll(rows->pdata[i + 1], NULL, 10) + age <= now)
            evidence_add(evidence, rows->pdata[i]);
    return TRUE;
}

/* Mails in a state. */
struct search {
    const char *state;
    struct evidence *evidence;
};

/* The invitation, the last reminder, or both. */
static gboolean take_queue_ids(void *cookie, const struct attributes *row, GError **error)
{
    const struct search *search = cookie;
    (void)error;
    if (strcmp(attributes_text(row, "state"), search->state) == 0)
        evidence_add(search->evidence, attributes_text(row, "queue_id"));
    if (strcmp(attributes_text(row, "reminder_state"), search->state) == 0)
        evidence_add(search->evidence, attributes_text(row, "reminder_queue_id"));
    return TRUE;
}

static gboolean list_queued(struct policy_client *policy, const char *client, const char *campaign, const char *state,
                            struct evidence *evidence, GError **error)
{
    struct attributes last;
    struct search search = {state, evidence};
    guint64 after = 0;
    do {
        GString *request = control_request("campaign-participants", "client", client, "campaign", campaign, "state",
                                           state, "reminders", "yes", NULL);
        policy_append_number(request, "after", after);
        policy_append_number(request, "limit", PAGE);
        if (!control_rows(policy, request, take_queue_ids, &search, &last, error))
            return FALSE;
        after = control_number(&last, "last");
    } while (after != 0);
    return TRUE;
}

static gboolean take_campaign(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_ptr_array_add(cookie, g_strdup(attributes_text(row, "client")));
    g_ptr_array_add(cookie, g_strdup(attributes_text(row, "campaign")));
    return TRUE;
}

/* How many invitations and reminders are in that state. */
static guint64 count_of(const struct campaign_state *campaign, guint state)
{
    guint64 count = campaign->sum.counts[state];
    for (size_t i = 0; i < campaign->reminders; i++)
        count += campaign->reminder[i].counts[state];
    return count;
}

/* Everything that Postfix is said to have. */
static gboolean list_all_queued(struct policy_client *policy, struct evidence *evidence, GError **error)
{
    struct attributes last;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    if (!control_rows(policy, control_request("campaign-list", NULL), take_campaign, names, &last, error))
        return FALSE;
    for (guint i = 0; i + 1 < names->len; i += 2) {
        struct campaign_state state;
        if (!campaign_state_ask(policy, names->pdata[i], names->pdata[i + 1], &state, error))
            return FALSE;
        /* Going through all participants of a campaign that is over would be for nothing. */
        for (guint k = STATE_QUEUED; k <= STATE_DEFERRED; k++)
            if (count_of(&state, k) > 0 &&
                !list_queued(policy, names->pdata[i], names->pdata[i + 1], state_names[k], evidence, error))
                return FALSE;
    }
    return TRUE;
}

/* --- handing it over ---------------------------------------------------------------------------- */

gboolean resolve_wait_for_log(struct policy_client *policy, gint64 when, gint64 patience, struct stop *stop,
                              GError **error)
{
    for (gint64 left = patience; left > 0; left -= POLL_MS) {
        struct attributes last;
        g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
        if (!control_rows(policy, control_request("resolve-list", "limit", "1", NULL), take_reservation, rows, &last,
                          error))
            return FALSE;
        if ((gint64)control_number(&last, "read") >= when)
            return TRUE;
        if (stop != NULL && stop_sleep(stop, POLL_MS))
            return TRUE;
        if (stop == NULL)
            g_usleep(POLL_MS * 1000);
    }
    return TRUE;
}

static gboolean wait_for_log(struct policy_client *policy, const struct resolve_options *options,
                             const struct evidence *evidence, GError **error)
{
    if (options->read_log != NULL)
        return options->read_log(options->cookie, error);
    return resolve_wait_for_log(policy, evidence->looked, options->patience, options->stop, error);
}

static void count_answer(const struct attributes *answer, struct resolve_result *result)
{
    const char *resolution = attributes_text(answer, "resolution");
    if (strcmp(resolution, "queued") == 0) {
        result->queued++;
    } else if (strcmp(resolution, "free") == 0) {
        result->free++;
    } else if (strcmp(resolution, "uncertain") == 0) {
        result->uncertain++;
    } else if (strcmp(attributes_text(answer, "state"), "reserved") == 0) {
        result->waiting++;
        g_free(result->reason);
        result->reason = g_strdup(attributes_text(answer, "reason"));
    }
}

static gboolean hand_over(struct policy_client *policy, const struct evidence *evidence, struct resolve_result *result,
                          GError **error)
{
    GHashTableIter iter;
    gpointer queue_id, value;
    g_hash_table_iter_init(&iter, evidence->mails);
    while (g_hash_table_iter_next(&iter, &queue_id, &value)) {
        const struct evidence_mail *mail = value;
        struct attributes answer;
        GString *request = control_request("resolve", "queue_id", (const char *)queue_id, "listed",
                                           mail->listed ? "yes" : "no", "file", evidence_file_word(mail->file), NULL);
        policy_append_number(request, "absent", mail->absent);
        policy_append_number(request, "began", (guint64)evidence->began);
        policy_append_number(request, "looked", (guint64)evidence->looked);
        policy_append_number(request, "postfix_since", (guint64)evidence->postfix_since);
        policy_append_number(request, "daemon_timeout", (guint64)evidence->daemon_timeout);
        if (!control_ask(policy, request, &answer, error))
            return FALSE;
        count_answer(&answer, result);
    }
    return TRUE;
}

/* Where nobody looks at files, time has to prove what was never queued. */
static gboolean collect(struct evidence *evidence, const struct resolve_options *options, GError **error)
{
    const struct guard guard = {options->postfix, options->guard};
    return evidence_collect(evidence, options->postfix, options->stop, error) &&
           (geteuid() == 0 || options->guard == NULL || guard_look(&guard, evidence, error));
}

gboolean resolve_open(struct policy_client *policy, const struct resolve_options *options,
                      struct resolve_result *result_r, GError **error)
{
    struct evidence evidence;
    memset(result_r, 0, sizeof *result_r);
    evidence_init(&evidence);
    gboolean good = list_reserved(policy, &evidence, error) &&
                    (!options->audit || list_all_queued(policy, &evidence, error));
    result_r->looked = g_hash_table_size(evidence.mails);
    if (good && result_r->looked > 0)
        good = collect(&evidence, options, error) && wait_for_log(policy, options, &evidence, error) &&
               hand_over(policy, &evidence, result_r, error);
    evidence_release(&evidence);
    return good;
}

void resolve_print(const struct resolve_result *result)
{
    const struct {
        guint64 count;
        const char *what;
    } lines[] = {
        {result->queued, "in Postfix's queue after all"},
        {result->free, "never queued; those of open waves will be tried again"},
        {result->uncertain, "uncertain: nobody can tell whether the receiver has it; see postwelle ledger show"},
        {result->waiting, "still open"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        if (lines[i].count > 0)
            g_print("%" G_GUINT64_FORMAT " reserved or queued mail%s: %s%s%s.\n", lines[i].count,
                    lines[i].count == 1 ? "" : "s", lines[i].what, i == 3 && result->reason != NULL ? ": " : "",
                    i == 3 && result->reason != NULL ? result->reason : "");
}

json_t *resolve_json(const struct resolve_result *result)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:s?}", "looked", (json_int_t)result->looked, "queued",
                     (json_int_t)result->queued, "free", (json_int_t)result->free, "uncertain",
                     (json_int_t)result->uncertain, "waiting", (json_int_t)result->waiting, "reason", result->reason);
}
