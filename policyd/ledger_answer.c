/*
 * ledger_answer.c - who has answered the survey: answered (by a token, for a survey system's script), answers (by tokens and addresses, for the command).
 *
 * That is all there is to know here: that, and since when we know; what was answered stays with the survey. Whoever has answered is not reminded.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"
#include "policyd/token.h"

#include <string.h>

#define ANSWERS_LIMIT 200 /* of one request */

/* --- rows -------------------------------------------------------------------------------------- */

static void count_key(struct key *key, guint32 campaign)
{
    g_autofree char *name = g_strdup_printf(META_ANSWERS "%u", campaign);
    key_meta(key, name);
}

gboolean ledger_answers_count(struct ledger *ledger, guint32 campaign, guint64 *count_r, GError **error)
{
    struct key key;
    count_key(&key, campaign);
    return rows_get_number(ledger, STORE_META, &key, count_r, error);
}

static gboolean put_count(struct ledger *ledger, guint32 campaign, guint64 count, GError **error)
{
    struct key key;
    count_key(&key, campaign);
    return rows_put_number(ledger, STORE_META, &key, count, error);
}

/* Notes an answer that was not known. */
static gboolean note_answer(struct request *request, guint32 campaign, guint64 participant, GError **error)
{
    struct key key;
    guint64 count;
    key_answer(&key, campaign, participant);
    return ledger_answers_count(request->ledger, campaign, &count, error) &&
           put_count(request->ledger, campaign, count + 1, error) &&
           rows_put_number(request->ledger, STORE_ANSWER, &key, (guint64)MAX(request_seconds(request), 1), error);
}

gboolean ledger_forget_answer(struct ledger *ledger, guint32 campaign, guint64 participant, GError **error)
{
    struct key key;
    guint64 count;
    gint64 when;
    if (!rows_get_answer(ledger, campaign, participant, &when, error))
        return FALSE;
    key_answer(&key, campaign, participant);
    return when == 0 || (ledger_answers_count(ledger, campaign, &count, error) &&
                         put_count(ledger, campaign, count > 0 ? count - 1 : 0, error) &&
                         rows_remove(ledger, STORE_ANSWER, &key, error));
}

/* --- who it is --------------------------------------------------------------------------------- */

/* The participant that a survey link's token names; *campaign_r is NULL where it names none. A proof's link is nobody's. */
static gboolean find_by_token(struct ledger *ledger, const char *text, struct campaign **campaign_r, guint64 *participant_r,
                              GError **error)
{
    struct token token;
    struct life_record life;
    *campaign_r = NULL;
    if (!token_decode(ledger->secret, text, strlen(text), &token) || token.kind != TOKEN_SURVEY)
        return TRUE;
    if (!campaign_load(ledger, token.campaign, campaign_r, error) ||
        !rows_get_life(ledger, token.campaign, MAIL_INVITATION, token.id, &life, error))
        return FALSE;
    *participant_r = token.id;
    if (*campaign_r != NULL && (life.state == STATE_NONE || campaign_hides(*campaign_r, token.id)))
        *campaign_r = NULL;
    return TRUE;
}

/* The campaign's participant with that address; 0 where there is none. */
static gboolean find_by_address(struct ledger *ledger, const struct client *client, const struct campaign *campaign,
                                const char *text, guint64 *participant_r, GError **error)
{
    struct address address;
    struct hash hash;
    struct key key;
    *participant_r = 0;
    if (address_parse(text, strlen(text), &address, NULL) != ADDRESS_GOOD)
        return TRUE;
    ledger_hash(ledger, &address, client->identity, &hash);
    key_member(&key, campaign->number, &hash);
    if (!rows_get_number(ledger, STORE_MEMBER, &key, participant_r, error))
        return FALSE;
    if (*participant_r != 0 && campaign_hides(campaign, *participant_r))
        *participant_r = 0;
    return TRUE;
}

/* --- answered ---------------------------------------------------------------------------------- */

gboolean ledger_answered(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint64 participant = 0;
    gint64 when = 0;
    const char *token;
    if (!request_text(request, "token", FALSE, POLICY_LINE, &token, error) ||
        !find_by_token(request->ledger, token, &campaign, &participant, error) ||
        (campaign != NULL && !rows_get_answer(request->ledger, campaign->number, participant, &when, error)))
        return FALSE;
    gboolean is_new = campaign != NULL && when == 0;
    if (is_new && !note_answer(request, campaign->number, participant, error))
        return FALSE;
    if (is_new)
        request->note = g_strdup_printf("answered campaign=%s participant=%" G_GUINT64_FORMAT, campaign->record.name,
                                        participant);
    answer_begin(request, "ok");
    policy_append(request->out, "known", campaign != NULL ? "yes" : "no");
    policy_append(request->out, "client", campaign != NULL ? campaign->record.client_name : "");
    policy_append(request->out, "campaign", campaign != NULL ? campaign->record.name : "");
    policy_append(request->out, "new", is_new ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}

/* --- answers ----------------------------------------------------------------------------------- */

enum act { ACT_LOOK, ACT_ADD, ACT_REMOVE };

static gboolean read_act(const struct request *request, enum act *act_r, GError **error)
{
    static const char *const names[] = {[ACT_LOOK] = "look", [ACT_ADD] = "add", [ACT_REMOVE] = "remove"};
    const char *text = attributes_text(request->in, "act");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *act_r = (enum act)i;
            return TRUE;
        }
    return error_set(error, ERROR_DATA, "attribute act must be look, add or remove");
}

/* Whom an attribute of the request names: `token.N`, `address.N`. 0: nobody of this campaign. */
static gboolean find_named(struct request *request, const struct client *client, const struct campaign *campaign,
                           const struct attribute *attribute, guint64 *participant_r, GError **error)
{
    struct campaign *named;
    if (g_str_has_prefix(attribute->name, "address."))
        return find_by_address(request->ledger, client, campaign, attribute->value, participant_r, error);
    if (!find_by_token(request->ledger, attribute->value, &named, participant_r, error))
        return FALSE;
    if (named != campaign)
        *participant_r = 0;
    return TRUE;
}

/* *result_r: `u` unknown, `k` as it was, `n` changed (to look: would be, by add). */
static gboolean act_on(struct request *request, guint32 campaign, guint64 participant, enum act act, char *result_r, GError **error)
{
    gint64 when;
    *result_r = 'u';
    if (participant == 0)
        return TRUE;
    if (!rows_get_answer(request->ledger, campaign, participant, &when, error))
        return FALSE;
    gboolean change = (when == 0) == (act != ACT_REMOVE);
    *result_r = change ? 'n' : 'k';
    if (!change || act == ACT_LOOK)
        return TRUE;
    return act == ACT_ADD ? note_answer(request, campaign, participant, error)
                          : ledger_forget_answer(request->ledger, campaign, participant, error);
}

/* `token.N` or `address.N`. */
static gboolean is_name(const struct attribute *attribute)
{
    return strchr(attribute->name, '.') != NULL;
}

static gboolean check_count(const struct request *request, GError **error)
{
    guint count = 0;
    for (size_t i = 0; i < request->in->count; i++)
        count += is_name(&request->in->list[i]) ? 1 : 0;
    return count <= ANSWERS_LIMIT ||
           error_set(error, ERROR_DATA, "%u tokens and addresses; ask for %d at a time", count, ANSWERS_LIMIT);
}

gboolean ledger_answers(struct request *request, GError **error)
{
    const struct client *client;
    struct campaign *campaign;
    enum act act = ACT_LOOK;
    char results[ANSWERS_LIMIT + 1];
    guint count = 0;
    if (!request_campaign(request, &campaign, error) || !request_client(request, campaign, &client, error) ||
        !read_act(request, &act, error) || !check_count(request, error))
        return FALSE;
    for (size_t i = 0; i < request->in->count; i++) {
        const struct attribute *attribute = &request->in->list[i];
        guint64 participant;
        if (!is_name(attribute))
            continue;
        if (!find_named(request, client, campaign, attribute, &participant, error) ||
            !act_on(request, campaign->number, participant, act, &results[count++], error))
            return FALSE;
    }
    results[count] = '\0';
    answer_begin(request, "ok");
    policy_append(request->out, "results", results);
    policy_end(request->out);
    return TRUE;
}
