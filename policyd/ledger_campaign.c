/* ledger_campaign.c - campaigns and waves in memory, and the requests campaign-*; see ledger_rows.h. */
#include "policyd/ledger_rows.h"

#include "lib/error.h"

#include <string.h>

#define CAMPAIGNS_CACHED 1000   /* beyond it, all are forgotten and read again when asked for */
#define PARTICIPANTS_LIMIT 500  /* rows of one answer */
#define PARTICIPANTS_SCAN 20000 /* rows looked at for one answer, so that no request holds up the others */

/* --- in memory --------------------------------------------------------------------------------- */

struct campaign *campaign_new(guint32 number)
{
    struct campaign *campaign = g_new0(struct campaign, 1);
    campaign->number = number;
    campaign->waves = g_ptr_array_new_with_free_func(g_free);
    campaign->hidden = g_array_new(FALSE, FALSE, sizeof(guint32));
    return campaign;
}

void campaign_free(struct campaign *campaign)
{
    if (campaign == NULL)
        return;
    campaign_release(&campaign->record);
    g_ptr_array_unref(campaign->waves);
    for (size_t i = 0; i < REMINDERS_MAX; i++)
        g_free(campaign->reminders[i]);
    g_array_unref(campaign->hidden);
    g_free(campaign);
}

struct wave *campaign_wave(const struct campaign *campaign, guint wave)
{
    return wave >= 1 && wave <= campaign->waves->len ? g_ptr_array_index(campaign->waves, wave - 1) : NULL;
}

static struct wave *wave_new(const struct campaign *campaign, guint number)
{
    struct wave *wave = g_new0(struct wave, 1);
    wave->campaign = campaign->number;
    wave->number = number;
    return wave;
}

struct wave *campaign_wave_make(struct campaign *campaign, guint number)
{
    struct wave *wave = campaign_wave(campaign, number);
    if (wave != NULL)
        return wave;
    g_assert(number >= 1 && number <= WAVE_MAX);
    if (number > campaign->waves->len)
        g_ptr_array_set_size(campaign->waves, (gint)number);
    wave = wave_new(campaign, number);
    g_ptr_array_index(campaign->waves, number - 1) = wave;
    return wave;
}

struct wave *campaign_reminders(const struct campaign *campaign, guint number)
{
    return number >= 1 && number <= REMINDERS_MAX ? campaign->reminders[number - 1] : NULL;
}

struct wave *campaign_reminders_make(struct campaign *campaign, guint number)
{
    g_assert(number >= 1 && number <= REMINDERS_MAX);
    if (campaign->reminders[number - 1] == NULL)
        campaign->reminders[number - 1] = wave_new(campaign, WAVE_MAX + number);
    return campaign->reminders[number - 1];
}

struct wave *campaign_wave_of(const struct campaign *campaign, enum mail_kind kind, guint64 id,
                              const struct life_record *life)
{
    if (kind == MAIL_REMINDER)
        return campaign_reminders(campaign, mail_reminder(id));
    return kind == MAIL_INVITATION ? campaign_wave(campaign, life->wave) : NULL;
}

void wave_touch(struct ledger *ledger, struct wave *wave)
{
    if (!wave->dirty)
        g_ptr_array_add(ledger->dirty, wave);
    wave->dirty = TRUE;
}

void wave_move(struct ledger *ledger, struct wave *wave, enum mail_state from, enum mail_state to)
{
    if (from == to || wave == NULL)
        return;
    if (from != STATE_NONE && wave->record.counts[from] > 0)
        wave->record.counts[from]--;
    if (to != STATE_NONE)
        wave->record.counts[to]++;
    wave_touch(ledger, wave);
}

gboolean campaign_hides(const struct campaign *campaign, guint64 participant)
{
    for (guint i = 0; i < campaign->hidden->len; i++)
        if (g_array_index(campaign->hidden, guint32, i) == participant >> ROW_BITS)
            return TRUE;
    return FALSE;
}

gboolean campaign_keep_shown(struct ledger *ledger, const struct campaign *campaign, guint64 *participant,
                             GError **error)
{
    struct key key;
    gboolean shown = *participant != 0 && !campaign_hides(campaign, *participant);
    key_life(&key, campaign->number, MAIL_INVITATION, *participant);
    if (shown && !rows_has(ledger, STORE_LIFE, &key, &shown, error))
        return FALSE;
    if (!shown)
        *participant = 0;
    return TRUE;
}

gboolean campaign_participant(struct ledger *ledger, const struct campaign *campaign, const struct hash *hash,
                              guint64 *participant_r, GError **error)
{
    struct key key;
    key_member(&key, campaign->number, hash);
    return rows_get_number(ledger, STORE_MEMBER, &key, participant_r, error) &&
           campaign_keep_shown(ledger, campaign, participant_r, error);
}

static gboolean load_waves(struct ledger *ledger, struct campaign *campaign, GError **error)
{
    struct key prefix;
    key_prefix_campaign(&prefix, campaign->number);
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_WAVE, (struct bytes){NULL, 0}, key_bytes(&prefix), error);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        guint32 number;
        if (!key_read_number(key, &number) || number < 1 || number > WAVE_MAX + REMINDERS_MAX)
            return rows_damaged(STORE_WAVE, error);
        struct wave *wave = number <= WAVE_MAX ? campaign_wave_make(campaign, number)
                                               : campaign_reminders_make(campaign, number - WAVE_MAX);
        if (!wave_read(value, &wave->record))
            return rows_damaged(STORE_WAVE, error);
    }
    return result == STORE_ABSENT;
}

static gboolean load_hidden(struct ledger *ledger, struct campaign *campaign, GError **error)
{
    struct key prefix;
    key_prefix_campaign(&prefix, campaign->number);
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_IMPORT, (struct bytes){NULL, 0}, key_bytes(&prefix), error);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        enum import_state state;
        guint32 number;
        if (!key_read_number(key, &number) || !import_read_state(value, &state))
            return rows_damaged(STORE_IMPORT, error);
        if (state != IMPORT_DONE)
            g_array_append_val(campaign->hidden, number);
    }
    return result == STORE_ABSENT;
}

static gboolean load_record(struct ledger *ledger, struct campaign *campaign, gboolean *found_r, GError **error)
{
    struct key key;
    struct bytes value;
    key_campaign(&key, campaign->number);
    enum store_result result = store_get(ledger->store, STORE_CAMPAIGN, key_bytes(&key), &value, error);
    *found_r = result == STORE_DONE;
    if (result != STORE_DONE)
        return result == STORE_ABSENT;
    return campaign_read(value, &campaign->record) || rows_damaged(STORE_CAMPAIGN, error);
}

gboolean campaign_load(struct ledger *ledger, guint32 number, struct campaign **campaign_r, GError **error)
{
    gboolean found;
    *campaign_r = g_hash_table_lookup(ledger->campaigns, GUINT_TO_POINTER(number));
    if (*campaign_r != NULL)
        return TRUE;
    struct campaign *campaign = campaign_new(number);
    if (!load_record(ledger, campaign, &found, error) ||
        (found && (!load_waves(ledger, campaign, error) || !load_hidden(ledger, campaign, error)))) {
        campaign_free(campaign);
        return FALSE;
    }
    if (!found) {
        campaign_free(campaign);
        return TRUE;
    }
    /* Waves to be written at the end of a batch lie in these: only between batches may they go. */
    if (g_hash_table_size(ledger->campaigns) >= CAMPAIGNS_CACHED && !ledger->in_batch)
        g_hash_table_remove_all(ledger->campaigns);
    g_hash_table_insert(ledger->campaigns, GUINT_TO_POINTER(number), campaign);
    *campaign_r = campaign;
    return TRUE;
}

gboolean campaign_find(struct ledger *ledger, const char *client, const char *name, struct campaign **campaign_r,
                       GError **error)
{
    struct key key;
    guint64 number;
    *campaign_r = NULL;
    if (!client_name_valid(client) || !client_name_valid(name))
        return TRUE;
    key_campaign_name(&key, client, name);
    if (!rows_get_number(ledger, STORE_CAMPAIGN, &key, &number, error))
        return FALSE;
    return number == 0 || campaign_load(ledger, (guint32)number, campaign_r, error);
}

/* --- campaign-list, -show, -status ------------------------------------------------------------- */

GArray *campaign_numbers(struct ledger *ledger, GError **error)
{
    struct key prefix;
    key_campaign_name(&prefix, "", "");
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_CAMPAIGN, (struct bytes){NULL, 0}, key_bytes(&prefix), error);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        guint64 number;
        if (!number_read(value, &number)) {
            rows_damaged(STORE_CAMPAIGN, error);
            return NULL;
        }
        guint32 campaign = (guint32)number;
        g_array_append_val(numbers, campaign);
    }
    return result == STORE_ABSENT ? g_steal_pointer(&numbers) : NULL;
}

/* What decides when its participants' data is deleted. */
static gboolean answer_retention(struct request *request, const struct campaign *campaign, GError **error)
{
    gint64 begun, done;
    GString *out = request->out;
    if (!campaign_deleted(request->ledger, campaign->number, &begun, &done, error))
        return FALSE;
    policy_append_number(out, "participants", campaign->record.participants);
    policy_append_number(out, "last_step", (guint64)campaign_last_step(campaign));
    policy_append_number(out, "new", campaign_count(campaign, STATE_NEW, STATE_BEGUN));
    policy_append_number(out, "open", campaign_count(campaign, STATE_RESERVED, STATE_DEFERRED));
    policy_append_number(out, "uncertain", campaign_count(campaign, STATE_UNCERTAIN, STATE_UNCERTAIN));
    policy_append_number(out, "deleted", (guint64)begun);
    policy_append_number(out, "erased", (guint64)done);
    return TRUE;
}

gboolean ledger_campaign_list(struct request *request, GError **error)
{
    g_autoptr(GArray) numbers = campaign_numbers(request->ledger, error);
    if (numbers == NULL)
        return FALSE;
    for (guint i = 0; i < numbers->len; i++) {
        struct campaign *campaign;
        if (!campaign_load(request->ledger, g_array_index(numbers, guint32, i), &campaign, error))
            return FALSE;
        if (campaign == NULL)
            return rows_damaged(STORE_CAMPAIGN, error);
        if (campaign->record.imported_at == 0)
            continue;
        answer_begin(request, "more");
        policy_append(request->out, "client", campaign->record.client_name);
        policy_append(request->out, "campaign", campaign->record.name);
        policy_append(request->out, "title", campaign->record.title);
        policy_append(request->out, "state", campaign_state_name(campaign->record.state));
        policy_append(request->out, "dir", campaign->record.dir);
        if (!answer_retention(request, campaign, error))
            return FALSE;
        policy_end(request->out);
    }
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

/* Who approved it; and despite what. The caller frees. */
static char *approval_text(const struct campaign_record *record)
{
    const char *by = record->approved_by != NULL ? record->approved_by : "";
    return record->despite != NULL ? g_strdup_printf("%s (despite DNS: %s)", by, record->despite) : g_strdup(by);
}

/* A campaign that was not approved yet has no such text. */
static void append_text(GString *out, const char *name, const char *text)
{
    policy_append(out, name, text != NULL ? text : "");
}

gboolean ledger_campaign_show(struct request *request, GError **error)
{
    struct campaign *campaign;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    const struct campaign_record *record = &campaign->record;
    GString *out = request->out;
    g_autofree char *approval = approval_text(record);
    answer_begin(request, "ok");
    append_text(out, "title", record->title);
    append_text(out, "dir", record->dir);
    policy_append(out, "state", campaign_state_name(record->state));
    answer_hash(request, "hash", record->hash);
    append_text(out, "approved_by", approval);
    append_text(out, "despite", record->despite);
    policy_append_number(out, "approved_at", (guint64)record->approved_at);
    answer_hash(request, "proof_hash", record->proof_hash);
    policy_append_number(out, "proofs", record->proofs);
    policy_append_number(out, "participants", record->participants);
    append_text(out, "waves", record->waves);
    append_text(out, "basis", record->basis);
    append_text(out, "assured_by", record->assured_by);
    policy_append_number(out, "imported_at", (guint64)record->imported_at);
    append_text(out, "file", record->file);
    append_text(out, "file_sha256", record->file_sha256);
    append_text(out, "remark", record->remark);
    append_text(out, "columns", record->columns);
    append_text(out, "parts", record->parts);
    append_text(out, "proof_parts", record->proof_parts);
    policy_end(out);
    return TRUE;
}

static void answer_wave(struct request *request, const char *name, guint number, const struct wave *wave)
{
    if (wave == NULL)
        return;
    answer_begin(request, "more");
    policy_append_number(request->out, name, number);
    policy_append_number(request->out, "opened", (guint64)wave->record.opened);
    for (int state = STATE_NEW; state < MAIL_STATES; state++)
        policy_append_number(request->out, mail_state_name((enum mail_state)state), wave->record.counts[state]);
    policy_end(request->out);
}

gboolean ledger_campaign_status(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint64 complaints, answers;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    for (guint number = 1; number <= campaign->waves->len; number++)
        answer_wave(request, "wave", number, campaign_wave(campaign, number));
    for (guint number = 1; number <= REMINDERS_MAX; number++)
        answer_wave(request, "reminder", number, campaign_reminders(campaign, number));
    if (!ledger_complaints(request->ledger, campaign->number, &complaints, error) ||
        !ledger_answers_count(request->ledger, campaign->number, &answers, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "participants", campaign->record.participants);
    policy_append_number(request->out, "complaints", complaints);
    policy_append_number(request->out, "answered", answers);
    policy_end(request->out);
    return TRUE;
}

/* --- campaign-approve, -pause, -resume --------------------------------------------------------- */

gboolean campaign_proven(struct ledger *ledger, const struct campaign *campaign, const guint8 *hash, gint64 *when_r,
                         GError **error)
{
    struct key prefix;
    *when_r = 0;
    key_prefix_campaign(&prefix, campaign->number);
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_PROOF, (struct bytes){NULL, 0}, key_bytes(&prefix), error);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        struct proof_record proof;
        if (!proof_read(value, &proof))
            return rows_damaged(STORE_PROOF, error);
        if (proof.state < STATE_RESERVED || memcmp(proof.content, hash, CONTENT_HASH_SIZE) != 0)
            continue;
        *when_r = MAX(proof.changed, 1);
        return TRUE;
    }
    return result == STORE_ABSENT;
}

/* What it consists of is known of the last proof's content. */
static void take_parts(struct campaign_record *record, const guint8 *hash)
{
    g_free(record->parts);
    record->parts = memcmp(hash, record->proof_hash, CONTENT_HASH_SIZE) == 0 ? g_strdup(record->proof_parts) : NULL;
}

static gboolean tell_approval(struct request *request, const struct campaign *campaign, GError **error)
{
    const struct campaign_record *record = &campaign->record;
    g_autofree char *subject = audit_hash_text(record->hash, CONTENT_HASH_SIZE);
    g_autofree char *detail =
        record->despite != NULL ? g_strconcat("forced, despite DNS: ", record->despite, NULL) : NULL;
    const struct audit_entry entry = {.action = AUDIT_APPROVE,
                                      .campaign = campaign,
                                      .by = record->approved_by,
                                      .subject = subject,
                                      .detail = detail};
    return ledger_audit(request, &entry, error);
}

static gboolean approve(struct request *request, struct campaign *campaign, const guint8 *hash, const char *by,
                        const char *despite, GError **error)
{
    struct campaign_record *record = &campaign->record;
    gboolean same = record->state != CAMPAIGN_DRAFT && memcmp(record->hash, hash, CONTENT_HASH_SIZE) == 0;
    if (!same && g_hash_table_contains(request->ledger->feeders, GUINT_TO_POINTER(campaign->number)))
        return error_set(error, ERROR_WANTING,
                         "a wave of this campaign is being fed with other content; stop it first");
    if (!same)
        record->session++; /* what was begun with other content is refused from now on */
    if (record->state == CAMPAIGN_DRAFT)
        record->state = CAMPAIGN_APPROVED;
    if (!same)
        take_parts(record, hash);
    memcpy(record->hash, hash, CONTENT_HASH_SIZE);
    g_free(record->approved_by);
    record->approved_by = g_strdup(by);
    record->approved_at = request_seconds(request);
    g_free(record->despite);
    record->despite = *despite != '\0' ? g_strdup(despite) : NULL;
    if (!rows_put_campaign(request->ledger, campaign, error) || !tell_approval(request, campaign, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_campaign_approve(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint8 hash[CONTENT_HASH_SIZE];
    const char *by, *despite;
    gint64 proven;
    if (!request_campaign(request, &campaign, error) || !request_hash(request, "hash", hash, error) ||
        !request_text(request, "by", FALSE, TEXT_MAX, &by, error) ||
        !request_text(request, "despite", TRUE, TEXT_MAX, &despite, error) ||
        !campaign_check_kept(request->ledger, campaign, error) ||
        !campaign_proven(request->ledger, campaign, hash, &proven, error))
        return FALSE;
    if (proven == 0)
        return error_set(error, ERROR_WANTING,
                         "no proof of this content went out; send one with `postwelle proof`, and "
                         "approve what it shows");
    return approve(request, campaign, hash, by, despite, error);
}

/* Of a wave each time is told, as only what Postfix has of it is held or released then. */
static gboolean switch_state(struct request *request, enum campaign_state from, enum campaign_state to,
                             const char *action, GError **error)
{
    struct campaign *campaign;
    guint64 wave;
    const char *text = attributes_get(request->in, "wave"), *because;
    if (!request_campaign(request, &campaign, error) ||
        (text != NULL && !request_number(request, "wave", 1, WAVE_MAX, &wave, error)) ||
        !request_text(request, "because", TRUE, TEXT_MAX, &because, error))
        return FALSE;
    if (campaign->record.state != from && campaign->record.state != to)
        return error_set(error, ERROR_WANTING, "the campaign is not approved yet");
    gboolean tell = campaign->record.state != to || text != NULL;
    campaign->record.state = to;
    const struct audit_entry entry = {.action = action, .campaign = campaign, .subject = text, .detail = because};
    if (!rows_put_campaign(request->ledger, campaign, error) || (tell && !ledger_audit(request, &entry, error)))
        return FALSE;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_campaign_pause(struct request *request, GError **error)
{
    return switch_state(request, CAMPAIGN_APPROVED, CAMPAIGN_PAUSED, AUDIT_PAUSE, error);
}

gboolean ledger_campaign_resume(struct request *request, GError **error)
{
    return switch_state(request, CAMPAIGN_PAUSED, CAMPAIGN_APPROVED, AUDIT_RESUME, error);
}

/* --- campaign-participants --------------------------------------------------------------------- */

static gboolean answer_participant(struct request *request, const struct campaign *campaign, guint64 participant,
                                   const struct life_record *life, GError **error)
{
    struct participant_record record;
    if (!rows_get_participant(request->ledger, campaign->number, participant, &record, error))
        return FALSE;
    answer_begin(request, "more");
    policy_append_number(request->out, "participant", participant);
    policy_append_number(request->out, "row", participant & ROW_MAX);
    policy_append_number(request->out, "wave", life->wave);
    policy_append(request->out, "address", record.address != NULL ? record.address : "");
    if (!answer_fate(request, campaign, participant, record.address, life, error))
        return FALSE;
    policy_end(request->out);
    return TRUE;
}

/* Which participants are asked for. */
struct choice {
    enum mail_state state; /* of the invitation; STATE_NONE: any */
    gboolean reminders;    /* or of the last reminder */
    gboolean answered;     /* only those who have */
};

static gboolean is_chosen(struct request *request, const struct campaign *campaign, const struct choice *choice,
                          guint64 participant, const struct life_record *life, gboolean *chosen_r, GError **error)
{
    gint64 when = 0;
    gboolean in_state = choice->state == STATE_NONE || life->state == choice->state;
    if (!in_state && choice->reminders) {
        struct life_record reminder;
        guint number;
        if (!reminder_last(request->ledger, campaign, participant, &number, &reminder, error))
            return FALSE;
        in_state = number > 0 && reminder.state == choice->state;
    }
    *chosen_r = in_state && !campaign_hides(campaign, participant);
    if (!*chosen_r || !choice->answered)
        return TRUE;
    gboolean good = rows_get_answer(request->ledger, campaign->number, participant, &when, error);
    *chosen_r = when != 0;
    return good;
}

/* Answers up to `limit` participants after *after; *after becomes 0 at the end, else where to go on. */
static gboolean answer_participants(struct request *request, const struct campaign *campaign,
                                    const struct choice *choice, guint64 limit, guint64 *after, GError **error)
{
    struct key prefix, from;
    key_prefix_lives(&prefix, campaign->number, MAIL_INVITATION);
    key_life(&from, campaign->number, MAIL_INVITATION, *after + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    if (scan == NULL)
        return FALSE;
    struct bytes key, value;
    enum store_result result = STORE_DONE;
    for (guint looked = 0; limit > 0 && looked < PARTICIPANTS_SCAN; looked++) {
        result = store_next(scan, &key, &value, error);
        if (result != STORE_DONE)
            break;
        struct life_record life;
        gboolean chosen;
        if (!life_read(value, &life) || !key_read_participant(key, after))
            return rows_damaged(STORE_LIFE, error);
        if (!is_chosen(request, campaign, choice, *after, &life, &chosen, error) ||
            (chosen && !answer_participant(request, campaign, *after, &life, error)))
            return FALSE;
        limit -= chosen ? 1 : 0;
    }
    if (result == STORE_ABSENT)
        *after = 0;
    return result != STORE_FAILED;
}

/* Where a page begins, and how many rows it may have. */
static gboolean read_page(const struct request *request, guint64 *after_r, guint64 *limit_r, GError **error)
{
    *after_r = 0;
    *limit_r = PARTICIPANTS_LIMIT;
    return (attributes_get(request->in, "after") == NULL ||
            request_number(request, "after", 0, PARTICIPANT_MAX - 1, after_r, error)) &&
           (attributes_get(request->in, "limit") == NULL ||
            request_number(request, "limit", 1, PARTICIPANTS_LIMIT, limit_r, error));
}

gboolean ledger_campaign_participants(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint64 after, limit;
    const char *name = attributes_get(request->in, "state"), *answered = attributes_get(request->in, "answered");
    const char *reminders = attributes_get(request->in, "reminders");
    const struct choice choice = {name != NULL ? mail_state_from_name(name) : STATE_NONE, reminders != NULL,
                                  answered != NULL};
    if (!request_campaign(request, &campaign, error) || !read_page(request, &after, &limit, error))
        return FALSE;
    if (name != NULL && choice.state == STATE_NONE)
        return error_set(error, ERROR_DATA, "attribute state: there is no state \"%.40s\"", name);
    if ((answered != NULL && strcmp(answered, "yes") != 0) || (reminders != NULL && strcmp(reminders, "yes") != 0))
        return error_set(error, ERROR_DATA, "attributes answered and reminders must be yes, or not there");
    if (!answer_participants(request, campaign, &choice, limit, &after, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "last", after);
    policy_end(request->out);
    return TRUE;
}

/* --- campaign-rejects -------------------------------------------------------------------------- */

static void answer_reject(struct request *request, guint64 participant, const struct reject_record *reject)
{
    answer_begin(request, "more");
    policy_append_number(request->out, "import", participant >> ROW_BITS);
    policy_append_number(request->out, "row", participant & ROW_MAX);
    policy_append(request->out, "known", reject->known ? "yes" : "no");
    policy_append(request->out, "column", reject->column);
    policy_append(request->out, "reason", reject->reason);
    policy_end(request->out);
}

gboolean ledger_campaign_rejects(struct request *request, GError **error)
{
    struct campaign *campaign;
    struct key prefix, from;
    struct bytes key, value;
    guint64 after, limit;
    if (!request_campaign(request, &campaign, error) || !read_page(request, &after, &limit, error))
        return FALSE;
    key_prefix_campaign(&prefix, campaign->number);
    key_reject(&from, campaign->number, after + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_REJECT, key_bytes(&from), key_bytes(&prefix), error);
    enum store_result result = scan != NULL ? STORE_DONE : STORE_FAILED;
    for (guint looked = 0; result == STORE_DONE && limit > 0 && looked < PARTICIPANTS_SCAN; looked++) {
        struct reject_record reject;
        result = store_next(scan, &key, &value, error);
        if (result != STORE_DONE)
            break;
        if (!reject_read(value, &reject) || !key_read_participant(key, &after))
            return rows_damaged(STORE_REJECT, error);
        if (campaign_hides(campaign, after))
            continue;
        answer_reject(request, after, &reject);
        limit--;
    }
    if (result == STORE_FAILED)
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "last", result == STORE_ABSENT ? 0 : after);
    policy_end(request->out);
    return TRUE;
}
