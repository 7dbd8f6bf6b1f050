/*
 * ledger_feed.c - giving mails out to be sent: proof-begin, wave-open, begin, abandon.
 *
 * One connection at a time feeds a campaign. Each feeder, and each approval, makes a new session of the campaign: what
 * an earlier one had begun is refused from then on, and may be begun again with the next attempt.
 */
#include "policyd/ledger_feed.h"

#include "lib/error.h"

#include <string.h>

#define BEGIN_SCAN 20000 /* rows looked at for one answer, so that no request holds up the others */

/* --- what goes out with a mail ----------------------------------------------------------------- */

static void answer_token(struct request *request, const char *name, enum token_kind kind, guint32 campaign, guint64 id)
{
    char text[TOKEN_LENGTH + 1];
    token_encode(request->ledger->secret, &(struct token){kind, campaign, id, 0}, text);
    policy_append(request->out, name, text);
}

static void answer_identity(struct request *request, const struct client *client, const struct token *token,
                            guint64 participant)
{
    char text[TOKEN_LENGTH + 1];
    gboolean proof = token->kind == TOKEN_PROOF;
    token_encode(request->ledger->secret, token, text);
    g_string_append_printf(request->out, "reverse_path=%s%s@%s\n", TOKEN_PREFIX, text, client->return_path);
    g_autoptr(GString) message_id = g_string_new(NULL);
    token_message_id(request->ledger->secret, token->campaign, token->id, token_mail_kind(token->kind),
                     MAX(mail_reminder(token_mail_id(token)), 1), client->signing_domain, message_id);
    policy_append(request->out, "message_id", message_id->str);
    answer_token(request, "unsubscribe_token", proof ? TOKEN_PROOF_UNSUBSCRIBE : TOKEN_UNSUBSCRIBE, token->campaign,
                 participant);
    answer_token(request, "survey_token", proof ? TOKEN_PROOF_SURVEY : TOKEN_SURVEY, token->campaign, participant);
}

gboolean feed_answer(struct request *request, const struct campaign *campaign, const struct client *client,
                     const struct token *token, GError **error)
{
    struct participant_record record;
    if (!rows_get_participant(request->ledger, campaign->number, token->id, &record, error))
        return FALSE;
    if (record.address == NULL)
        return rows_damaged(STORE_PARTICIPANT, error);
    answer_begin(request, "more");
    policy_append_number(request->out, "participant", token->id);
    policy_append_number(request->out, "attempt", token->attempt);
    if (token_mail_kind(token->kind) == MAIL_REMINDER)
        policy_append_number(request->out, "reminder", mail_reminder(token_mail_id(token)));
    policy_append(request->out, "address", record.address);
    answer_identity(request, client, token, token->id);
    answer_attributes(request, &record);
    policy_end(request->out);
    return TRUE;
}

/* --- proof-begin ------------------------------------------------------------------------------- */

/* The participant asked for, or the first one that can be seen; 0 where there is none. */
static gboolean pick_participant(struct request *request, const struct campaign *campaign, guint64 *participant_r,
                                 GError **error)
{
    struct key prefix;
    struct bytes key, value;
    enum store_result result;
    guint64 wanted = 0;
    if (attributes_get(request->in, "participant") != NULL &&
        !request_number(request, "participant", 1, PARTICIPANT_MAX, &wanted, error))
        return FALSE;
    *participant_r = 0;
    struct key from;
    key_prefix_campaign(&prefix, campaign->number);
    key_participant(&from, campaign->number, wanted);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_PARTICIPANT, key_bytes(&from), key_bytes(&prefix), error);
    if (scan == NULL)
        return FALSE;
    while ((result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        guint64 participant;
        if (!key_read_participant(key, &participant))
            return rows_damaged(STORE_PARTICIPANT, error);
        if (wanted != 0 && participant != wanted)
            return TRUE;
        if (campaign_hides(campaign, participant))
            continue;
        *participant_r = participant;
        return TRUE;
    }
    return result == STORE_ABSENT;
}

static gboolean register_proof(struct request *request, struct campaign *campaign, struct proof_record *proof,
                               GError **error)
{
    const char *parts = attributes_text(request->in, "parts");
    campaign->record.proofs++;
    memcpy(campaign->record.proof_hash, proof->content, CONTENT_HASH_SIZE);
    g_free(campaign->record.proof_parts);
    campaign->record.proof_parts = g_strdup(strlen(parts) <= PARTS_MAX ? parts : "");
    proof->state = STATE_BEGUN;
    proof->changed = proof->begun = request_seconds(request);
    g_strlcpy(proof->by, request_user(request), sizeof proof->by);
    return rows_put_campaign(request->ledger, campaign, error) &&
           rows_put_proof(request->ledger, campaign->number, campaign->record.proofs, proof, error);
}

/* A content is shown once: who sees two of the same looks for a difference that there is not. */
static gboolean check_again(struct request *request, const struct campaign *campaign, const guint8 *hash,
                            GError **error)
{
    gint64 when;
    if (strcmp(attributes_text(request->in, "again"), "yes") == 0)
        return TRUE;
    if (!campaign_proven(request->ledger, campaign, hash, &when, error))
        return FALSE;
    g_autoptr(GDateTime) time = when != 0 ? g_date_time_new_from_unix_utc(when) : NULL;
    g_autofree char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC") : NULL;
    return when == 0 || error_set(error, ERROR_WANTING,
                                  "a proof of exactly this content went out before (%s); --again sends another", text);
}

static gboolean tell_proof(struct request *request, const struct campaign *campaign, const struct proof_record *proof,
                           GError **error)
{
    g_autofree char *subject = audit_hash_text(proof->content, CONTENT_HASH_SIZE);
    g_autofree char *to = audit_hash_text(proof->to.octets, HASH_SIZE);
    g_autofree char *detail =
        g_strdup_printf("proof %u, the mail of participant %" G_GUINT64_FORMAT ", to the address with the hash %s",
                        campaign->record.proofs, proof->participant, to);
    const struct audit_entry entry = {
        .action = AUDIT_PROOF, .campaign = campaign, .subject = subject, .detail = detail};
    return ledger_audit(request, &entry, error);
}

gboolean ledger_proof_begin(struct request *request, GError **error)
{
    struct campaign *campaign;
    const struct client *client;
    struct address to;
    struct proof_record proof = {0};
    struct participant_record participant;
    if (!request_campaign(request, &campaign, error) || !request_client(request, campaign, &client, error) ||
        !request_hash(request, "hash", proof.content, error) || !request_address(request, "to", &to, error) ||
        !pick_participant(request, campaign, &proof.participant, error))
        return FALSE;
    if (proof.participant == 0)
        return error_set(error, ERROR_DATA, "the campaign has no such participant to show in the proof");
    if (!check_again(request, campaign, proof.content, error))
        return FALSE;
    ledger_hash(request->ledger, &to, ADDRESS_IDENTITY_MAILBOX, &proof.to);
    if (!register_proof(request, campaign, &proof, error) || !tell_proof(request, campaign, &proof, error) ||
        !rows_get_participant(request->ledger, campaign->number, proof.participant, &participant, error))
        return FALSE;
    const struct token token = {TOKEN_PROOF, campaign->number, campaign->record.proofs, 1};
    answer_begin(request, "ok");
    policy_append_number(request->out, "proof", campaign->record.proofs);
    policy_append_number(request->out, "participant", proof.participant);
    policy_append(request->out, "address", to.text);
    answer_identity(request, client, &token, proof.participant);
    answer_attributes(request, &participant);
    policy_end(request->out);
    return TRUE;
}

/* --- wave-open --------------------------------------------------------------------------------- */

/* The wave that `wave` names; ERROR_DATA where there is none. */
static gboolean request_wave(struct request *request, const struct campaign *campaign, struct wave **wave_r,
                             GError **error)
{
    guint64 number;
    if (!request_number(request, "wave", 1, WAVE_MAX, &number, error))
        return FALSE;
    *wave_r = campaign_wave(campaign, (guint)number);
    return *wave_r != NULL ||
           error_set(error, ERROR_DATA, "the campaign has no wave %" G_GUINT64_FORMAT " with participants in it",
                     number);
}

/* May waves of this content be fed at all? */
static gboolean check_open(const struct campaign *campaign, const guint8 *hash, GError **error)
{
    const struct campaign_record *record = &campaign->record;
    if (record->state == CAMPAIGN_DRAFT)
        return error_set(error, ERROR_WANTING, "the campaign is not approved; send a proof and have it approved");
    if (record->state == CAMPAIGN_PAUSED)
        return error_set(error, ERROR_WANTING, "the campaign is paused; resume it first");
    if (memcmp(record->hash, hash, CONTENT_HASH_SIZE) != 0)
        return error_set(error, ERROR_WANTING,
                         "the content is not the approved one; send a new proof and have it "
                         "approved, or undo the change");
    return TRUE;
}

/* Makes this connection the campaign's feeder. Nothing is to be done where it is that already. */
static gboolean become_feeder(struct request *request, struct campaign *campaign, const guint8 *hash, GError **error)
{
    struct ledger *ledger = request->ledger;
    struct session *session = request->session;
    if (session->feeds == campaign->number && session->feeds_session == campaign->record.session &&
        memcmp(session->feeds_hash, hash, CONTENT_HASH_SIZE) == 0)
        return TRUE;
    campaign->record.session++;
    if (!rows_put_campaign(ledger, campaign, error))
        return FALSE;
    if (session->feeds != 0)
        g_hash_table_remove(ledger->feeders, GUINT_TO_POINTER(session->feeds));
    session->feeds = campaign->number;
    session->feeds_session = campaign->record.session;
    memcpy(session->feeds_hash, hash, CONTENT_HASH_SIZE);
    g_hash_table_insert(ledger->feeders, GUINT_TO_POINTER(campaign->number), session);
    return TRUE;
}

gboolean feed_open(struct request *request, struct campaign *campaign, const guint8 *hash, gboolean *busy_r,
                   GError **error)
{
    struct session *other = g_hash_table_lookup(request->ledger->feeders, GUINT_TO_POINTER(campaign->number));
    *busy_r = other != NULL && other != request->session;
    if (!campaign_check_kept(request->ledger, campaign, error) || !check_open(campaign, hash, error))
        return FALSE;
    if (!*busy_r)
        return become_feeder(request, campaign, hash, error);
    answer_busy(request, "another process feeds this campaign; wait until it is done, or stop it", other->pid);
    return TRUE;
}

/* A wave is fed in many turns: the first one is told of, and those in which a person overrules the plan. */
static gboolean tell_wave(struct request *request, const struct campaign *campaign, const struct wave *wave,
                          const char *despite, GError **error)
{
    if (wave->record.opened != 0 && *despite == '\0')
        return TRUE;
    g_autofree char *subject = g_strdup_printf("%u", wave->number);
    g_autofree char *detail =
        g_strdup_printf("%s%" G_GUINT64_FORMAT " to be fed%s%s", wave->record.opened != 0 ? "again, " : "",
                        wave->record.counts[STATE_NEW] + wave->record.counts[STATE_BEGUN],
                        *despite != '\0' ? ", despite " : "", despite);
    const struct audit_entry entry = {
        .action = AUDIT_WAVE_OPEN, .campaign = campaign, .subject = subject, .detail = detail};
    return ledger_audit(request, &entry, error);
}

gboolean ledger_wave_open(struct request *request, GError **error)
{
    struct campaign *campaign;
    struct wave *wave;
    const char *despite;
    guint8 hash[CONTENT_HASH_SIZE];
    gboolean busy;
    if (!request_campaign(request, &campaign, error) || !request_wave(request, campaign, &wave, error) ||
        !request_hash(request, "hash", hash, error) ||
        !request_text(request, "despite", TRUE, TEXT_MAX, &despite, error) ||
        !feed_open(request, campaign, hash, &busy, error))
        return FALSE;
    if (busy)
        return TRUE;
    if (!tell_wave(request, campaign, wave, despite, error))
        return FALSE;
    if (wave->record.opened == 0) {
        wave->record.opened = MAX(request_seconds(request), 1);
        wave_touch(request->ledger, wave);
    }
    answer_begin(request, "ok");
    policy_append_number(request->out, "todo", wave->record.counts[STATE_NEW] + wave->record.counts[STATE_BEGUN]);
    policy_end(request->out);
    return TRUE;
}

/* --- begin ------------------------------------------------------------------------------------- */

/* A row with what is to be done about it. */
struct row {
    guint64 participant;
    enum begin_action action;
    struct life_record life;
};

/* One `begin`: rows of this wave, after a participant, up to a limit. */
struct feed {
    struct request *request;
    const struct client *client;
    struct campaign *campaign;
    struct wave *wave;
    guint64 last;    /* looked at last; 0 at the end of the wave */
    guint64 limit;   /* rows to start, at most */
    guint64 waiting; /* rows to be tried later */
    gint64 next;     /* when the first of them is due; 0: nobody knows */
    GArray *rows;    /* struct row: to be written */
};

/* The key of a participant's slot. Its address is read only where the hash in its row is of another identity. */
static gboolean feed_slot(struct feed *feed, guint64 participant, const struct life_record *life,
                          struct slot_key *slot_r, GError **error)
{
    struct ledger *ledger = feed->request->ledger;
    struct participant_record record;
    struct address address;
    slot_r->client = feed->campaign->record.client;
    slot_r->period = ledger_period(ledger, feed->client, request_seconds(feed->request));
    slot_r->recipient = life->recipient;
    if (feed->client->identity == ADDRESS_IDENTITY_MAILBOX)
        return TRUE;
    if (!rows_get_participant(ledger, feed->campaign->number, participant, &record, error))
        return FALSE;
    if (record.address != NULL && address_parse(record.address, strlen(record.address), &address, NULL) == ADDRESS_GOOD)
        ledger_hash(ledger, &address, feed->client->identity, &slot_r->recipient);
    return TRUE;
}

gboolean feed_is_nameless(struct request *request, const struct campaign *campaign, guint64 participant,
                          gboolean *nameless_r, GError **error)
{
    struct key key;
    gboolean found;
    key_participant(&key, campaign->number, participant);
    if (!rows_has(request->ledger, STORE_PARTICIPANT, &key, &found, error))
        return FALSE;
    *nameless_r = !found;
    return TRUE;
}

static gboolean skip_nameless(struct feed *feed, guint64 participant, enum begin_action *action, GError **error)
{
    gboolean nameless = FALSE;
    if (!feed_is_nameless(feed->request, feed->campaign, participant, &nameless, error))
        return FALSE;
    if (nameless)
        *action = BEGIN_SKIP;
    return TRUE;
}

static gboolean judge_row(struct feed *feed, guint64 participant, const struct life_record *life,
                          enum begin_action *action_r, GError **error)
{
    struct ledger *ledger = feed->request->ledger;
    const struct owner owner = {MAIL_INVITATION, feed->campaign->number, participant};
    gint64 seconds = request_seconds(feed->request);
    struct slot_key slot;
    struct begin_facts facts = {
        .state = life->state,
        .attempts = life->attempt,
        .session = life->session == feed->campaign->record.session,
        .waited = seconds - life->changed,
        .delay = ledger->retry_delay,
    };
    if (!feed_slot(feed, participant, life, &slot, error) ||
        !ledger_suppressed(ledger, &life->recipient, slot.client, &facts.suppressed, error) ||
        !ledger_slot_fact(ledger, feed->client, &slot, &owner, "", seconds, &facts.slot, error))
        return FALSE;
    *action_r = decide_begin(&facts);
    return *action_r != BEGIN_START || skip_nameless(feed, participant, action_r, error);
}

static void note_waiting(struct feed *feed, const struct life_record *life)
{
    gint64 due = life->changed + feed->request->ledger->retry_delay;
    feed->waiting++;
    if (feed->next == 0 || due < feed->next)
        feed->next = due;
}

/* Decides about one row. *started_r counts those to be fed. */
static gboolean take_row(struct feed *feed, guint64 participant, struct bytes value, guint64 *started_r, GError **error)
{
    struct row row = {.participant = participant};
    if (!life_read(value, &row.life))
        return rows_damaged(STORE_LIFE, error);
    if (row.life.wave != feed->wave->number || (row.life.state != STATE_NEW && row.life.state != STATE_BEGUN) ||
        campaign_hides(feed->campaign, participant))
        return TRUE;
    if (!judge_row(feed, participant, &row.life, &row.action, error))
        return FALSE;
    if (row.action == BEGIN_WAIT)
        note_waiting(feed, &row.life);
    else if (row.action != BEGIN_SKIP)
        g_array_append_val(feed->rows, row);
    *started_r += row.action == BEGIN_START;
    return TRUE;
}

/* Looks for rows; writes nothing, as a scan is open. */
static gboolean gather(struct feed *feed, GError **error)
{
    struct key prefix, from;
    struct bytes key, value;
    guint64 started = 0;
    key_prefix_lives(&prefix, feed->campaign->number, MAIL_INVITATION);
    key_life(&from, feed->campaign->number, MAIL_INVITATION, feed->last + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(feed->request->ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    if (scan == NULL)
        return FALSE;
    for (guint looked = 0; started < feed->limit && looked < BEGIN_SCAN; looked++) {
        enum store_result result = store_next(scan, &key, &value, error);
        if (result == STORE_ABSENT)
            feed->last = 0;
        if (result != STORE_DONE)
            return result == STORE_ABSENT;
        if (!key_read_participant(key, &feed->last))
            return rows_damaged(STORE_LIFE, error);
        if (!take_row(feed, feed->last, value, &started, error))
            return FALSE;
    }
    return TRUE;
}

/*
 * The session is that of rows without an attempt, too: by it the witness knows that they are not as they were imported
 * (store_witness.c).
 */
static gboolean write_row(struct feed *feed, struct row *row, enum mail_state state, GError **error)
{
    struct ledger *ledger = feed->request->ledger;
    wave_move(ledger, feed->wave, row->life.state, state);
    row->life.state = state;
    row->life.session = feed->campaign->record.session;
    row->life.changed = request_seconds(feed->request);
    return rows_put_life(ledger, feed->campaign->number, MAIL_INVITATION, row->participant, &row->life, error);
}

void feed_next_attempt(struct request *request, const struct campaign *campaign, struct life_record *life)
{
    life->fence = life->attempt; /* whatever was begun before is refused from now on */
    life->attempt = (guint16)(MAX(life->attempt, ledger_epoch_fence(request->ledger)) + 1);
    life->session = campaign->record.session;
    life->queue_id[0] = life->reply[0] = '\0';
}

static gboolean start_row(struct feed *feed, struct row *row, GError **error)
{
    feed_next_attempt(feed->request, feed->campaign, &row->life);
    const struct token token = {TOKEN_INVITATION, feed->campaign->number, row->participant, row->life.attempt};
    return write_row(feed, row, STATE_BEGUN, error) &&
           feed_answer(feed->request, feed->campaign, feed->client, &token, error);
}

/* Writes what was decided; stops early where the answer grows too long, and says where. */
static gboolean write_rows(struct feed *feed, GError **error)
{
    gsize before = feed->request->out->len;
    for (guint i = 0; i < feed->rows->len; i++) {
        struct row *row = &g_array_index(feed->rows, struct row, i);
        gboolean done = row->action == BEGIN_START    ? start_row(feed, row, error)
                        : row->action == BEGIN_CAPPED ? write_row(feed, row, STATE_CAPPED, error)
                                                      : write_row(feed, row, STATE_SUPPRESSED, error);
        if (!done)
            return FALSE;
        if (feed->request->out->len - before > BEGIN_ANSWER && i + 1 < feed->rows->len) {
            feed->last = row->participant;
            return TRUE;
        }
    }
    return TRUE;
}

gboolean feed_check(const struct request *request, const struct campaign *campaign, GError **error)
{
    const struct session *session = request->session;
    if (session->feeds != campaign->number || session->feeds_session != campaign->record.session)
        return error_set(error, ERROR_WANTING, "this connection does not feed the campaign; open the wave first");
    return check_open(campaign, session->feeds_hash, error);
}

static gboolean check_wave(const struct wave *wave, GError **error)
{
    return wave->record.opened != 0 || error_set(error, ERROR_WANTING, "wave %u is not open", wave->number);
}

static gboolean run_feed(struct feed *feed, GError **error)
{
    if (!gather(feed, error) || !write_rows(feed, error))
        return FALSE;
    answer_begin(feed->request, "ok");
    policy_append_number(feed->request->out, "last", feed->last);
    policy_append_number(feed->request->out, "waiting", feed->waiting);
    policy_append_number(feed->request->out, "next", (guint64)feed->next);
    policy_end(feed->request->out);
    return TRUE;
}

gboolean ledger_begin(struct request *request, GError **error)
{
    struct feed feed = {.request = request};
    if (!request_campaign(request, &feed.campaign, error) ||
        !request_client(request, feed.campaign, &feed.client, error) ||
        !request_wave(request, feed.campaign, &feed.wave, error) ||
        !request_number(request, "after", 0, PARTICIPANT_MAX - 1, &feed.last, error) ||
        !request_number(request, "limit", 1, BEGIN_LIMIT, &feed.limit, error) ||
        !feed_check(request, feed.campaign, error) || !check_wave(feed.wave, error))
        return FALSE;
    feed.rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    gboolean done = run_feed(&feed, error);
    g_array_unref(feed.rows);
    return done;
}

/* --- abandon ----------------------------------------------------------------------------------- */

/* Whose attempt is given up. */
struct abandoned {
    struct campaign *campaign;
    enum mail_kind kind;
    guint64 id; /* participant, or reminder_id() */
    struct life_record life;
    guint64 attempt;
};

/* Why was it refused for good? Asked only where the feeder got a 5yz. A reminder takes no slot. */
static gboolean fetch_reasons(struct request *request, const struct abandoned *abandoned, struct abandon_facts *facts,
                              GError **error)
{
    const struct owner owner = {abandoned->kind, abandoned->campaign->number, abandoned->id};
    const struct life_record *life = &abandoned->life;
    struct feed feed = {.request = request, .campaign = abandoned->campaign};
    struct slot_key slot;
    enum slot_fact fact;
    if (!ledger_suppressed(request->ledger, &life->recipient, feed.campaign->record.client, &facts->suppressed, error))
        return FALSE;
    if (abandoned->kind == MAIL_REMINDER)
        return TRUE;
    if (!request_client(request, feed.campaign, &feed.client, error) ||
        !feed_slot(&feed, abandoned->id, life, &slot, error) ||
        !ledger_slot_fact(request->ledger, feed.client, &slot, &owner, "", request_seconds(request), &fact, error))
        return FALSE;
    facts->used = fact == SLOT_OTHER;
    return TRUE;
}

static gboolean abandon(struct request *request, struct abandoned *abandoned, const char *reply, GError **error)
{
    struct life_record *life = &abandoned->life;
    struct campaign *campaign = abandoned->campaign;
    struct abandon_facts facts = {
        .state = life->state, .attempt = (guint)abandoned->attempt, .begun = life->attempt, .refused = *reply == '5'};
    if (facts.refused && !fetch_reasons(request, abandoned, &facts, error))
        return FALSE;
    enum mail_state state = decide_abandon(&facts);
    if (state != life->state) {
        wave_move(request->ledger, campaign_wave_of(campaign, abandoned->kind, abandoned->id, life), life->state,
                  state);
        life->state = state;
        life->changed = request_seconds(request);
        g_strlcpy(life->reply, reply, sizeof life->reply);
    }
    life->fence = MAX(life->fence, (guint16)abandoned->attempt);
    if (!rows_put_life(request->ledger, campaign->number, abandoned->kind, abandoned->id, life, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "state", mail_state_name(state));
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_abandon(struct request *request, GError **error)
{
    struct abandoned abandoned = {0};
    guint64 participant, number = 0;
    if (!request_campaign(request, &abandoned.campaign, error) ||
        !request_number(request, "participant", 1, PARTICIPANT_MAX, &participant, error) ||
        !request_number(request, "attempt", 1, ATTEMPT_MAX, &abandoned.attempt, error) ||
        (attributes_get(request->in, "reminder") != NULL &&
         !request_number(request, "reminder", 1, REMINDERS_MAX, &number, error)))
        return FALSE;
    abandoned.kind = number > 0 ? MAIL_REMINDER : MAIL_INVITATION;
    abandoned.id = reminder_id(participant, (guint)number);
    if (!rows_get_life(request->ledger, abandoned.campaign->number, abandoned.kind, abandoned.id, &abandoned.life,
                       error))
        return FALSE;
    if (abandoned.life.state == STATE_NONE || campaign_hides(abandoned.campaign, participant) ||
        abandoned.attempt > abandoned.life.attempt)
        return error_set(error, ERROR_DATA, "participant %" G_GUINT64_FORMAT " has no attempt %" G_GUINT64_FORMAT,
                         participant, abandoned.attempt);
    return abandon(request, &abandoned, attributes_text(request->in, "reply"), error);
}
