/*
 * ledger_explain.c - explain: everything that is known about one address, and what it follows from.
 *
 * The address is hashed as it comes; nothing here looks for people, only for one who is named.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"

#include <string.h>

#define DAY 86400
#define PERIODS_BACK 6  /* quarters that ledger_prune.c may not have forgotten yet */
#define PERIODS_AHEAD 2 /* where the clock has gone back */

/* --- slots ------------------------------------------------------------------------------------- */

/* Until when a slot keeps others out, seconds since 1970. */
static gint64 slot_until(const struct client *client, const struct slot_record *slot)
{
    return client->cap.rolling_days > 0 ? slot->since + (gint64)client->cap.rolling_days * DAY
                                        : quarter_end(slot->since, client->zone);
}

/* The name of the campaign that has it; "" where it is another program's mail. */
static gboolean slot_campaign(struct ledger *ledger, const struct slot_record *slot, const char **name_r,
                              GError **error)
{
    struct campaign *campaign = NULL;
    if (slot->owner.kind != MAIL_FOREIGN && !campaign_load(ledger, slot->owner.campaign, &campaign, error))
        return FALSE;
    *name_r = campaign != NULL ? campaign->record.name : "";
    return TRUE;
}

/* Who has a participant's slot, as it was at that time; nothing where nobody else has it. */
static gboolean answer_holder(struct request *request, const struct campaign *campaign, guint64 participant,
                              const char *address, gint64 seconds, GError **error)
{
    const struct client *client = client_by_name(request->ledger->clients, campaign->record.client_name);
    struct address parsed;
    struct slot_key key;
    struct slot_record slot;
    const char *name;
    if (client == NULL || address_parse(address, strlen(address), &parsed, NULL) != ADDRESS_GOOD)
        return TRUE;
    ledger_slot_key(request->ledger, client, campaign->record.client, &parsed, seconds, &key);
    if (!rows_get_slot(request->ledger, &key, &slot, error) || !slot_campaign(request->ledger, &slot, &name, error))
        return FALSE;
    const struct owner ours = {MAIL_INVITATION, campaign->number, participant};
    if (slot.owner.kind == MAIL_NONE || owner_equal(&slot.owner, &ours))
        return TRUE;
    policy_append(request->out, "held_by", mail_kind_name(slot.owner.kind));
    policy_append(request->out, "held_campaign", name);
    policy_append_number(request->out, "held_since", (guint64)slot.since);
    policy_append_number(request->out, "held_until", (guint64)slot_until(client, &slot));
    return TRUE;
}

/* What became of one mail. */
static void answer_mail(struct request *request, const struct life_record *life)
{
    policy_append(request->out, "state", mail_state_name(life->state));
    policy_append_number(request->out, "attempt", life->attempt);
    policy_append(request->out, "queue_id", life->queue_id);
    policy_append(request->out, "reply", life->reply);
    policy_append(request->out, "tls", life->tls);
    policy_append_number(request->out, "changed", (guint64)life->changed);
}

gboolean answer_fate(struct request *request, const struct campaign *campaign, guint64 participant, const char *address,
                     const struct life_record *life, GError **error)
{
    answer_mail(request, life);
    if (life->state == STATE_CAPPED && address != NULL &&
        !answer_holder(request, campaign, participant, address, life->changed, error))
        return FALSE;
    return answer_reminded(request, campaign, participant, error);
}

static gboolean answer_slot(struct request *request, const struct client *client, const struct slot_key *key,
                            const struct slot_record *slot, GError **error)
{
    char label[QUARTER_LABEL_SIZE];
    const char *name;
    enum mail_state state;
    if (!ledger_owner_state(request->ledger, &slot->owner, slot->queue_id, &state, error) ||
        !slot_campaign(request->ledger, slot, &name, error))
        return FALSE;
    period_label(key->period, label);
    answer_begin(request, "more");
    policy_append(request->out, "about", "slot");
    policy_append(request->out, "client", client->name);
    policy_append(request->out, "slot", mail_kind_name(slot->owner.kind));
    policy_append(request->out, "campaign", name);
    policy_append(request->out, "quarter", label);
    policy_append_number(request->out, "since", (guint64)slot->since);
    policy_append_number(request->out, "until", (guint64)slot_until(client, slot));
    policy_append(request->out, "queue_id", slot->queue_id);
    policy_append(request->out, "state", mail_state_name(state));
    policy_end(request->out);
    return TRUE;
}

/* The slots that the address has at this client, of the quarters that still have any. */
static gboolean explain_slots(struct request *request, const struct client *client, const struct address *address,
                              GError **error)
{
    struct slot_key key;
    struct slot_record slot;
    guint32 number;
    if (!ledger_client_number(request->ledger, client->name, FALSE, &number, error))
        return FALSE;
    ledger_slot_key(request->ledger, client, number, address, request_seconds(request), &key);
    guint first = key.period > 0 ? key.period - PERIODS_BACK : 0,
          last = key.period > 0 ? key.period + PERIODS_AHEAD : 0;
    for (guint period = first; number != 0 && period <= last; period++) {
        key.period = (guint16)period;
        if (!rows_get_slot(request->ledger, &key, &slot, error) ||
            (slot.owner.kind != MAIL_NONE && !answer_slot(request, client, &key, &slot, error)))
            return FALSE;
    }
    return TRUE;
}

/* --- campaigns --------------------------------------------------------------------------------- */

/* A participant that the address is, in one campaign. */
struct explained {
    const struct campaign *campaign;
    guint64 participant;
    const char *address; /* as asked for */
};

/* What client and campaign a row is about. */
static void answer_campaign(struct request *request, const char *about, const struct campaign *campaign)
{
    answer_begin(request, "more");
    policy_append(request->out, "about", about);
    policy_append(request->out, "client", campaign->record.client_name);
    policy_append(request->out, "campaign", campaign->record.name);
}

static gboolean answer_life(struct request *request, const struct explained *explained, const struct life_record *life,
                            GError **error)
{
    const struct campaign *campaign = explained->campaign;
    const struct wave *wave = campaign_wave(campaign, life->wave);
    struct import_record import;
    struct participant_record record;
    if (!rows_get_import(request->ledger, campaign->number, (guint32)(explained->participant >> ROW_BITS), &import,
                         error))
        return FALSE;
    answer_campaign(request, "invitation", campaign);
    policy_append(request->out, "campaign_state", campaign_state_name(campaign->record.state));
    policy_append_number(request->out, "participant", explained->participant);
    policy_append(request->out, "file", import.file != NULL ? import.file : "");
    policy_append_number(request->out, "row", explained->participant & ROW_MAX);
    policy_append_number(request->out, "imported", (guint64)import.at);
    policy_append_number(request->out, "wave", life->wave);
    policy_append_number(request->out, "opened", wave != NULL ? (guint64)wave->record.opened : 0);
    import_release(&import);
    if (!answer_fate(request, campaign, explained->participant, explained->address, life, error) ||
        !rows_get_participant(request->ledger, campaign->number, explained->participant, &record, error))
        return FALSE;
    policy_append(request->out, "data", record.address != NULL ? "kept" : "deleted");
    answer_attributes(request, &record); /* all that is known of the person */
    policy_end(request->out);
    return TRUE;
}

/* Each of its reminders. */
static gboolean explain_reminders(struct request *request, const struct explained *explained, GError **error)
{
    const struct campaign *campaign = explained->campaign;
    for (guint number = 1; number <= REMINDERS_MAX && campaign_reminders(campaign, number) != NULL; number++) {
        struct life_record life;
        if (!rows_get_life(request->ledger, campaign->number, MAIL_REMINDER,
                           reminder_id(explained->participant, number), &life, error))
            return FALSE;
        if (life.state == STATE_NONE)
            break;
        answer_campaign(request, "reminder", campaign);
        policy_append(request->out, "campaign_state", campaign_state_name(campaign->record.state));
        policy_append_number(request->out, "participant", explained->participant);
        policy_append_number(request->out, "reminder", number);
        policy_append_number(request->out, "opened", (guint64)campaign_reminders(campaign, number)->record.opened);
        answer_mail(request, &life);
        policy_end(request->out);
    }
    return TRUE;
}

static void answer_proof(struct request *request, const struct campaign *campaign, guint64 number,
                         const struct proof_record *proof)
{
    answer_campaign(request, "proof", campaign);
    policy_append_number(request->out, "proof", number);
    policy_append_number(request->out, "opened", (guint64)proof->begun);
    policy_append(request->out, "by", proof->by);
    policy_append_number(request->out, "row", proof->participant & ROW_MAX);
    policy_append(request->out, "state", mail_state_name(proof->state));
    policy_append(request->out, "queue_id", proof->queue_id);
    policy_append_number(request->out, "changed", (guint64)proof->changed);
    policy_end(request->out);
}

/* The proofs that went there: whoever gets them need not be a participant. */
static gboolean explain_proofs(struct request *request, const struct campaign *campaign, const struct address *address,
                               GError **error)
{
    struct hash to;
    ledger_hash(request->ledger, address, ADDRESS_IDENTITY_MAILBOX, &to);
    for (guint64 number = 1; number <= campaign->record.proofs; number++) {
        struct proof_record proof;
        if (!rows_get_proof(request->ledger, campaign->number, number, &proof, error))
            return FALSE;
        if (proof.state != STATE_NONE && memcmp(&proof.to, &to, sizeof to) == 0)
            answer_proof(request, campaign, number, &proof);
    }
    return TRUE;
}

static gboolean explain_campaign(struct request *request, guint32 number, const struct address *address, GError **error)
{
    struct ledger *ledger = request->ledger;
    struct hash hash;
    struct campaign *campaign;
    struct explained explained = {.address = address->text};
    struct life_record life;
    if (!campaign_load(ledger, number, &campaign, error))
        return FALSE;
    const struct client *client =
        campaign != NULL ? client_by_name(ledger->clients, campaign->record.client_name) : NULL;
    if (client == NULL)
        return TRUE; /* not configured any more: nobody knows whom it took for one person */
    if (!explain_proofs(request, campaign, address, error))
        return FALSE;
    ledger_hash(ledger, address, client->identity, &hash);
    if (!campaign_participant(ledger, campaign, &hash, &explained.participant, error))
        return FALSE;
    if (explained.participant == 0)
        return TRUE;
    explained.campaign = campaign;
    return rows_get_life(ledger, number, MAIL_INVITATION, explained.participant, &life, error) &&
           answer_life(request, &explained, &life, error) && explain_reminders(request, &explained, error) &&
           explain_decisions(request, campaign, explained.participant, error);
}

/* --- the request ------------------------------------------------------------------------------- */

gboolean ledger_explain(struct request *request, GError **error)
{
    struct address address;
    size_t count;
    const struct client *const *clients = client_set_list(request->ledger->clients, &count);
    if (!request_address(request, "address", &address, error))
        return FALSE;
    g_autoptr(GArray) numbers = campaign_numbers(request->ledger, error);
    if (numbers == NULL)
        return FALSE;
    for (guint i = 0; i < numbers->len; i++)
        if (!explain_campaign(request, g_array_index(numbers, guint32, i), &address, error))
            return FALSE;
    for (size_t i = 0; i < count; i++)
        if (!explain_slots(request, clients[i], &address, error))
            return FALSE;
    if (!explain_suppressions(request, &address, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}
