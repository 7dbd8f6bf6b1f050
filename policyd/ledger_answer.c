/*
 * ledger_answer.c - who has answered the survey: answered (by a token, for a survey system's script), answers and
 * answers-commit (by tokens and addresses, for the command).
 *
 * A list is gathered in the connection, which hears at once what each of its rows would change, and stored by the
 * commit in one transaction: all or nothing.
 *
 * That is all there is to know here: that, and since when we know; what was answered stays with the survey. Whoever has
 * answered is not reminded.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"
#include "policyd/token.h"

#include <stdlib.h>
#include <string.h>

#define ANSWERS_LIMIT 200       /* of one request */
#define ANSWERS_LIST_MAX 200000 /* changes of one list: a second's work, while which nobody else is answered */

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

/* So many answers more, or fewer. */
static gboolean move_count(struct ledger *ledger, guint32 campaign, gint64 change, GError **error)
{
    guint64 count;
    return ledger_answers_count(ledger, campaign, &count, error) &&
           put_count(ledger, campaign, (guint64)MAX((gint64)count + change, 0), error);
}

/* A participant has answered, or has not. *changed_r: it was not known; then the count is to be moved. */
static gboolean set_answer(struct ledger *ledger, guint32 campaign, guint64 participant, gint64 when,
                           gboolean *changed_r, GError **error)
{
    struct key key;
    gint64 known;
    if (!rows_get_answer(ledger, campaign, participant, &known, error))
        return FALSE;
    key_answer(&key, campaign, participant);
    *changed_r = (known == 0) != (when == 0);
    if (!*changed_r)
        return TRUE;
    return when == 0 ? rows_remove(ledger, STORE_ANSWER, &key, error)
                     : rows_put_number(ledger, STORE_ANSWER, &key, (guint64)when, error);
}

gboolean ledger_forget_answer(struct ledger *ledger, guint32 campaign, guint64 participant, GError **error)
{
    gboolean changed;
    return set_answer(ledger, campaign, participant, 0, &changed, error) &&
           (!changed || move_count(ledger, campaign, -1, error));
}

/* --- who it is --------------------------------------------------------------------------------- */

/*
 * The participant that a survey link's token names; *campaign_r is NULL where it names none. A proof's link is
 * nobody's.
 */
static gboolean find_by_token(struct ledger *ledger, const char *text, struct campaign **campaign_r,
                              guint64 *participant_r, GError **error)
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
    *participant_r = 0;
    if (address_parse(text, strlen(text), &address, NULL) != ADDRESS_GOOD)
        return TRUE;
    ledger_hash(ledger, &address, client->identity, &hash);
    return campaign_participant(ledger, campaign, &hash, participant_r, error);
}

/* --- answered ---------------------------------------------------------------------------------- */

static gint64 told_at(const struct request *request)
{
    return MAX(request_seconds(request), 1); /* 0 is no answer */
}

gboolean ledger_answered(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint64 participant = 0;
    gboolean is_new = FALSE;
    const char *token;
    if (!request_text(request, "token", FALSE, POLICY_LINE, &token, error) ||
        !find_by_token(request->ledger, token, &campaign, &participant, error) ||
        (campaign != NULL &&
         !set_answer(request->ledger, campaign->number, participant, told_at(request), &is_new, error)) ||
        (is_new && !move_count(request->ledger, campaign->number, 1, error)))
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

/* --- a list in the connection -------------------------------------------------------------------- */

/* Who is to change when the list is committed. */
struct answer_list {
    guint32 campaign;
    gboolean remove;       /* they have not answered */
    GHashTable *changes;   /* guint64: participant */
};

void answer_list_free(struct answer_list *list)
{
    if (list == NULL)
        return;
    g_hash_table_unref(list->changes);
    g_free(list);
}

/* The list that is open on this connection; begun where there is none, or one of something else. */
static struct answer_list *open_list(struct request *request, guint32 campaign, gboolean remove)
{
    struct answer_list *list = request->session->answer_list;
    if (list != NULL && list->campaign == campaign && list->remove == remove)
        return list;
    answer_list_free(list);
    list = g_new(struct answer_list, 1);
    *list = (struct answer_list){campaign, remove, g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL)};
    return request->session->answer_list = list;
}

static gboolean read_act(const struct request *request, gboolean *remove_r, GError **error)
{
    const char *text = attributes_text(request->in, "act");
    *remove_r = strcmp(text, "remove") == 0;
    return *remove_r || strcmp(text, "add") == 0 || error_set(error, ERROR_DATA, "attribute act must be add or remove");
}

/* --- answers ----------------------------------------------------------------------------------- */

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

/* *result_r: `u` unknown, `k` as it is already, or as the list says above, `n` to be changed. */
static gboolean gather(struct request *request, struct answer_list *list, guint64 participant, char *result_r,
                       GError **error)
{
    gint64 when;
    *result_r = 'u';
    if (participant == 0)
        return TRUE;
    if (!rows_get_answer(request->ledger, list->campaign, participant, &when, error))
        return FALSE;
    gboolean change = (when != 0) == list->remove &&
                      g_hash_table_add(list->changes, g_memdup2(&participant, sizeof participant));
    *result_r = change ? 'n' : 'k';
    return g_hash_table_size(list->changes) <= ANSWERS_LIST_MAX ||
           error_set(error, ERROR_DATA,
                     "more than %d answers are new in one list; nothing was stored: split the list, and give its parts "
                     "one after the other",
                     ANSWERS_LIST_MAX);
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
    gboolean remove;
    char results[ANSWERS_LIMIT + 1];
    guint count = 0;
    if (!request_campaign(request, &campaign, error) || !request_client(request, campaign, &client, error) ||
        !read_act(request, &remove, error) || !check_count(request, error))
        return FALSE;
    struct answer_list *list = open_list(request, campaign->number, remove);
    for (size_t i = 0; i < request->in->count; i++) {
        const struct attribute *attribute = &request->in->list[i];
        guint64 participant;
        if (!is_name(attribute))
            continue;
        if (!find_named(request, client, campaign, attribute, &participant, error) ||
            !gather(request, list, participant, &results[count++], error))
            return FALSE;
    }
    results[count] = '\0';
    answer_begin(request, "ok");
    policy_append(request->out, "results", results);
    policy_end(request->out);
    return TRUE;
}

static gint compare_participants(gconstpointer a, gconstpointer b)
{
    const guint64 *one = *(const guint64 *const *)a, *other = *(const guint64 *const *)b;
    return *one < *other ? -1 : *one > *other;
}

/* Stores one change, unless the participant's import was undone meanwhile, or a script has told of the same. */
static gboolean apply_change(struct request *request, const struct answer_list *list, guint64 participant,
                             guint64 *changed, GError **error)
{
    struct life_record life;
    gboolean change = FALSE;
    if (!rows_get_life(request->ledger, list->campaign, MAIL_INVITATION, participant, &life, error) ||
        (life.state != STATE_NONE && !set_answer(request->ledger, list->campaign, participant,
                                                 list->remove ? 0 : told_at(request), &change, error)))
        return FALSE;
    *changed += change ? 1 : 0;
    return TRUE;
}

/* In the order of the rows' keys, so that each page of the table is written once. */
static gboolean apply_changes(struct request *request, const struct answer_list *list, guint64 *changed_r,
                              GError **error)
{
    guint count;
    g_autofree gpointer *participants = g_hash_table_get_keys_as_array(list->changes, &count);
    qsort(participants, count, sizeof *participants, compare_participants);
    *changed_r = 0;
    for (guint i = 0; i < count; i++)
        if (!apply_change(request, list, *(const guint64 *)participants[i], changed_r, error))
            return FALSE;
    return move_count(request->ledger, list->campaign, list->remove ? -(gint64)*changed_r : (gint64)*changed_r, error);
}

gboolean ledger_answers_commit(struct request *request, GError **error)
{
    struct campaign *campaign;
    gboolean remove;
    guint64 expected, changed;
    if (!request_campaign(request, &campaign, error) || !read_act(request, &remove, error) ||
        !request_number(request, "changes", 0, ANSWERS_LIST_MAX, &expected, error))
        return FALSE;
    const struct answer_list *list = open_list(request, campaign->number, remove);
    if (g_hash_table_size(list->changes) != expected)
        return error_set(error, ERROR_DATA, "%u changes came, %" G_GUINT64_FORMAT " were sent; begin the list again",
                         g_hash_table_size(list->changes), expected);
    if (!apply_changes(request, list, &changed, error))
        return FALSE;
    answer_list_free(g_steal_pointer(&request->session->answer_list));
    answer_begin(request, "ok");
    policy_append_number(request->out, "changed", changed);
    policy_end(request->out);
    return TRUE;
}
