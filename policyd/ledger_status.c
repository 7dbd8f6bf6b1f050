/*
 * ledger_status.c - what people may see who may do nothing: status-show, status-tally, status-service; and what the
 * command foresees: campaign-outlook.
 *
 * An outlook is kept in memory alone: `postwelle run` tells it anew each minute, and an old one says that it does not.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"

#include <string.h>

#define TALLY_SCAN 5000 /* rows looked at for one answer, so that no request holds up the others */
#define BECAUSE_MAX 500 /* octets */
#define NOTE_MAX 100    /* octets */
#define TIME_MAX G_GINT64_CONSTANT(253402214400) /* end of year 9999 */

/* --- campaign-outlook ---------------------------------------------------------------------------- */

struct outlook {
    gint64 at; /* seconds since 1970: when it was told */
    guint64 wave, due;
    const char *gate;
    char *because, *note;
};

static void outlook_free(gpointer data)
{
    struct outlook *outlook = data;
    g_free(outlook->because);
    g_free(outlook->note);
    g_free(outlook);
}

GHashTable *outlooks_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, outlook_free);
}

/* One of the words, as a static text; NULL and *error for any other. */
static const char *read_gate(const struct request *request, GError **error)
{
    static const char *const words[] = {"open", "wait", "stop"};
    const char *gate = attributes_text(request->in, "gate");
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(gate, words[i]) == 0)
            return words[i];
    error_set(error, ERROR_DATA, "attribute gate must be open, wait or stop");
    return NULL;
}

gboolean ledger_campaign_outlook(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint64 wave, due;
    const char *because, *note, *gate = read_gate(request, error);
    if (gate == NULL || !request_campaign(request, &campaign, error) ||
        !request_number(request, "wave", 0, WAVE_MAX, &wave, error) ||
        !request_number(request, "due", 0, TIME_MAX, &due, error) ||
        !request_text(request, "because", TRUE, BECAUSE_MAX, &because, error) ||
        !request_text(request, "reminders", TRUE, NOTE_MAX, &note, error))
        return FALSE;
    struct outlook *outlook = g_new(struct outlook, 1);
    *outlook = (struct outlook){request_seconds(request), wave, due, gate, g_strdup(because), g_strdup(note)};
    g_hash_table_replace(request->ledger->outlooks, GUINT_TO_POINTER(campaign->number), outlook);
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

/* --- status-show, status-service ------------------------------------------------------------------ */

gboolean ledger_status_show(struct request *request, GError **error)
{
    static char empty[] = "";
    static const struct outlook none = {.gate = "", .because = empty, .note = empty};
    struct campaign *campaign;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    const struct outlook *outlook = g_hash_table_lookup(request->ledger->outlooks, GUINT_TO_POINTER(campaign->number));
    const struct client *client = client_by_name(request->ledger->clients, campaign->record.client_name);
    outlook = outlook != NULL ? outlook : &none;
    answer_begin(request, "ok");
    policy_append(request->out, "title", campaign->record.title);
    policy_append(request->out, "state", campaign_state_name(campaign->record.state));
    policy_append(request->out, "zone", client != NULL ? client->time_zone : "");
    policy_append_number(request->out, "told", (guint64)outlook->at);
    policy_append_number(request->out, "wave", outlook->wave);
    policy_append_number(request->out, "due", outlook->due);
    policy_append(request->out, "gate", outlook->gate);
    policy_append(request->out, "because", outlook->because);
    policy_append(request->out, "reminders", outlook->note);
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_status_service(struct request *request, GError **error)
{
    struct key key;
    guint64 read;
    key_meta(&key, META_READ);
    if (!rows_get_number(request->ledger, STORE_META, &key, &read, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "now", (guint64)request_seconds(request));
    policy_append_number(request->out, "read", read);
    policy_append_number(request->out, "feeders", g_hash_table_size(request->ledger->feeders));
    policy_append(request->out, "trouble", request->trouble != NULL ? request->trouble : "");
    policy_end(request->out);
    return TRUE;
}

/* --- status-tally --------------------------------------------------------------------------------- */

static gboolean count_participant(struct request *request, const struct campaign *campaign, guint64 participant,
                                  const struct life_record *life, GError **error)
{
    struct participant_record record;
    if (!rows_get_participant(request->ledger, campaign->number, participant, &record, error))
        return FALSE;
    tally_add(request->session->tally, record.address, life->state, life->reply);
    return TRUE;
}

/* Goes on where this connection's count is; session->tally_after is 0 at the end. */
static gboolean count_some(struct request *request, const struct campaign *campaign, GError **error)
{
    struct session *session = request->session;
    struct key prefix, from;
    struct bytes key, value;
    enum store_result result = STORE_DONE;
    key_prefix_lives(&prefix, campaign->number, MAIL_INVITATION);
    key_life(&from, campaign->number, MAIL_INVITATION, session->tally_after + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    if (scan == NULL)
        return FALSE;
    for (guint looked = 0; looked < TALLY_SCAN; looked++) {
        struct life_record life;
        result = store_next(scan, &key, &value, error);
        if (result != STORE_DONE)
            break;
        if (!life_read(value, &life) || !key_read_participant(key, &session->tally_after))
            return rows_damaged(STORE_LIFE, error);
        if (!campaign_hides(campaign, session->tally_after) &&
            !count_participant(request, campaign, session->tally_after, &life, error))
            return FALSE;
    }
    if (result == STORE_ABSENT)
        session->tally_after = 0;
    return result != STORE_FAILED;
}

static void answer_tally(struct request *request)
{
    size_t count;
    const struct tally_provider *provider = tally_providers(request->session->tally, &count);
    for (; count > 0; count--, provider++) {
        answer_begin(request, "more");
        policy_append(request->out, "provider", provider->name);
        policy_append_number(request->out, "domains", provider->domains);
        for (int state = STATE_NEW; state < MAIL_STATES; state++)
            policy_append_number(request->out, mail_state_name((enum mail_state)state), provider->counts[state]);
        policy_end(request->out);
    }
    const struct tally_reason *reason = tally_reasons(request->session->tally, &count);
    for (; count > 0; count--, reason++) {
        answer_begin(request, "more");
        policy_append(request->out, "reason", mail_state_name(reason->state));
        policy_append(request->out, "code", reason->code);
        policy_append_number(request->out, "count", reason->count);
        policy_end(request->out);
    }
}

static void forget_tally(struct session *session)
{
    g_clear_pointer(&session->tally, tally_free);
    session->tally_after = 0;
}

gboolean ledger_status_tally(struct request *request, GError **error)
{
    struct session *session = request->session;
    struct campaign *campaign;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    if (session->tally == NULL || session->tally_campaign != campaign->number) {
        forget_tally(session);
        session->tally = tally_new();
        session->tally_campaign = campaign->number;
    }
    if (!count_some(request, campaign, error)) {
        forget_tally(session);
        return FALSE;
    }
    gboolean done = session->tally_after == 0;
    if (done) {
        answer_tally(request);
        forget_tally(session);
    }
    answer_begin(request, "ok");
    policy_append(request->out, "done", done ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}
