/* record.c - the rows of the ledger, to octets and back; see record.h. */
#include "policyd/record.h"

#include <string.h>

#define VERSION 1
#define VERSION_FORCED 2 /* of a campaign that was approved despite something: that text comes last */
#define VERSION_SENDER 2 /* of a proof that says who had it sent */
#define VERSION_GREYLISTED 2 /* of a wave that counts these: since form 6 */
#define VERSION_WHOLE 2 /* of a reservation that holds all of its queue ID: since form 7 */

G_STATIC_ASSERT(STORE_KEY_MAX >= 2 * CLIENT_NAME_MAX + 2);

static const char *const kind_names[MAIL_KINDS] = {
    [MAIL_NONE] = "none",   [MAIL_INVITATION] = "invitation", [MAIL_REMINDER] = "reminder",
    [MAIL_PROOF] = "proof", [MAIL_FOREIGN] = "foreign",
};

static const char *const state_names[MAIL_STATES] = {
    [STATE_NONE] = "none",           [STATE_NEW] = "new",         [STATE_BEGUN] = "begun",
    [STATE_RESERVED] = "reserved",   [STATE_QUEUED] = "queued",   [STATE_GREYLISTED] = "greylisted",
    [STATE_DEFERRED] = "deferred",   [STATE_SENT] = "sent",       [STATE_BOUNCED] = "bounced",
    [STATE_EXPIRED] = "expired",     [STATE_UNCERTAIN] = "uncertain", [STATE_CAPPED] = "capped",
    [STATE_SUPPRESSED] = "suppressed", [STATE_REFUSED] = "refused",
};

/* The states by their numbers in rows, which is the order of their counts there: add, never change. */
static const enum mail_state stored_states[MAIL_STATES] = {
    STATE_NONE,    STATE_NEW,     STATE_BEGUN,     STATE_RESERVED, STATE_QUEUED,     STATE_DEFERRED, STATE_SENT,
    STATE_BOUNCED, STATE_EXPIRED, STATE_UNCERTAIN, STATE_CAPPED,   STATE_SUPPRESSED, STATE_REFUSED,  STATE_GREYLISTED,
};
#define STATES_OF_FORM_1 13 /* so many were there in the beginning; a list brings no others */

static const char *const campaign_state_names[CAMPAIGN_STATES] = {"none", "draft", "approved", "paused"};

const char *mail_kind_name(enum mail_kind kind)
{
    return kind_names[kind];
}

const char *mail_state_name(enum mail_state state)
{
    return state_names[state];
}

enum mail_state mail_state_from_name(const char *name)
{
    for (int state = STATE_NEW; state < MAIL_STATES; state++)
        if (strcmp(name, state_names[state]) == 0)
            return (enum mail_state)state;
    return STATE_NONE;
}

const char *campaign_state_name(enum campaign_state state)
{
    return campaign_state_names[state];
}

gboolean queue_id_valid(const char *queue_id)
{
    size_t length = 0;
    for (; queue_id[length] != '\0'; length++)
        if (length == QUEUE_ID_MAX || !g_ascii_isalnum(queue_id[length]))
            return FALSE;
    return length > 0;
}

/* --- keys -------------------------------------------------------------------------------------- */

/* Numbers in keys, by their octets: campaign and other small ones 4, participants 5, periods 2. */
#define NUMBER_OCTETS 4
#define PARTICIPANT_OCTETS 5
#define REMINDER_OCTETS 1 /* behind the participant, in keys of reminders */
#define PERIOD_OCTETS 2
#define DECISION_TIME_OCTETS 5
#define AUDIT_OCTETS 8

static void add_number(struct key *key, guint64 number, size_t octets)
{
    for (size_t i = octets; i-- > 0;)
        key->data[key->size++] = (guint8)(number >> (8 * i));
}

static void add_octets(struct key *key, const void *data, size_t size)
{
    g_assert(size <= sizeof key->data - key->size);
    memcpy(key->data + key->size, data, size);
    key->size += size;
}

static guint64 get_number(const guint8 *data, size_t octets)
{
    guint64 number = 0;
    for (size_t i = 0; i < octets; i++)
        number = number << 8 | data[i];
    return number;
}

guint16 period_of_label(const char *label)
{
    char *end;
    guint64 year = g_ascii_strtoull(label, &end, 10);
    g_assert(year > 0 && year <= 9999 && end[0] == 'Q' && end[1] >= '1' && end[1] <= '4');
    return (guint16)(year * 4 + (guint64)(end[1] - '1'));
}

void period_label(guint16 period, char label_r[QUARTER_LABEL_SIZE])
{
    label_r[0] = '\0';
    if (period > 0)
        g_snprintf(label_r, QUARTER_LABEL_SIZE, "%04uQ%u", period / 4u, period % 4u + 1);
}

void key_meta(struct key *key, const char *name)
{
    key->size = 0;
    add_octets(key, name, strlen(name));
}

void key_client(struct key *key, const char *name)
{
    key_meta(key, name);
}

/* The two sorts of rows in the table of campaigns. */
#define CAMPAIGN_BY_NAME 'n'
#define CAMPAIGN_BY_NUMBER 'r'

void key_campaign_name(struct key *key, const char *client, const char *name)
{
    key->size = 0;
    add_number(key, CAMPAIGN_BY_NAME, 1);
    add_octets(key, client, strlen(client));
    if (*client == '\0')
        return;
    add_number(key, '/', 1);
    add_octets(key, name, strlen(name));
}

void key_campaign(struct key *key, guint32 campaign)
{
    key->size = 0;
    add_number(key, CAMPAIGN_BY_NUMBER, 1);
    add_number(key, campaign, NUMBER_OCTETS);
}

void key_prefix_campaign(struct key *key, guint32 campaign)
{
    key->size = 0;
    add_number(key, campaign, NUMBER_OCTETS);
}

void key_import(struct key *key, guint32 campaign, guint32 import)
{
    key_prefix_campaign(key, campaign);
    add_number(key, import, NUMBER_OCTETS);
}

void key_wave(struct key *key, guint32 campaign, guint32 wave)
{
    key_import(key, campaign, wave);
}

void key_participant(struct key *key, guint32 campaign, guint64 participant)
{
    key_prefix_campaign(key, campaign);
    add_number(key, participant, PARTICIPANT_OCTETS);
}

void key_proof(struct key *key, guint32 campaign, guint64 proof)
{
    key_participant(key, campaign, proof);
}

void key_reject(struct key *key, guint32 campaign, guint64 participant)
{
    key_participant(key, campaign, participant);
}

void key_member(struct key *key, guint32 campaign, const struct hash *address)
{
    key_prefix_campaign(key, campaign);
    add_octets(key, address->octets, HASH_SIZE);
}

void key_prefix_lives(struct key *key, guint32 campaign, enum mail_kind kind)
{
    key_prefix_campaign(key, campaign);
    add_number(key, (guint64)kind, 1);
}

void key_life(struct key *key, guint32 campaign, enum mail_kind kind, guint64 id)
{
    key_prefix_lives(key, campaign, kind);
    add_number(key, mail_participant(id), PARTICIPANT_OCTETS);
    if (kind == MAIL_REMINDER)
        add_number(key, mail_reminder(id), REMINDER_OCTETS);
}

void key_prefix_client_slots(struct key *key, guint32 client)
{
    key->size = 0;
    add_number(key, client, NUMBER_OCTETS);
}

void key_slot(struct key *key, const struct slot_key *slot)
{
    key->size = 0;
    add_number(key, slot->client, NUMBER_OCTETS);
    add_number(key, slot->period, PERIOD_OCTETS);
    add_octets(key, slot->recipient.octets, HASH_SIZE);
}

void key_queue(struct key *key, const char *queue_id)
{
    key_meta(key, queue_id);
}

void key_prefix_suppression(struct key *key, const struct hash *address)
{
    key->size = 0;
    add_octets(key, address->octets, HASH_SIZE);
}

void key_suppression(struct key *key, const struct hash *address, guint32 scope)
{
    key_prefix_suppression(key, address);
    add_number(key, scope, NUMBER_OCTETS);
}

void key_reservation(struct key *key, const char *queue_id)
{
    key_meta(key, queue_id);
}

void key_sending(struct key *key, const char *queue_id)
{
    key_queue(key, queue_id);
}

void key_answer(struct key *key, guint32 campaign, guint64 participant)
{
    key_participant(key, campaign, participant);
}

void key_prefix_decisions(struct key *key, guint32 campaign, enum mail_kind kind, guint64 participant)
{
    key_prefix_lives(key, campaign, kind);
    add_number(key, participant, PARTICIPANT_OCTETS);
}

void key_decision(struct key *key, guint32 campaign, enum mail_kind kind, guint64 id, gint64 seconds)
{
    key_life(key, campaign, kind, id);
    add_number(key, (guint64)seconds, DECISION_TIME_OCTETS);
}

void key_audit(struct key *key, guint64 number)
{
    key->size = 0;
    add_number(key, number, AUDIT_OCTETS);
}

gboolean key_read_participant(struct bytes key, guint64 *participant_r)
{
    if (key.size < NUMBER_OCTETS + PARTICIPANT_OCTETS)
        return FALSE;
    *participant_r = get_number((const guint8 *)key.data + key.size - PARTICIPANT_OCTETS, PARTICIPANT_OCTETS);
    return TRUE;
}

gboolean key_read_reminder(struct bytes key, guint64 *id_r)
{
    guint64 participant;
    const struct bytes head = {key.data, key.size - REMINDER_OCTETS};
    if (key.size < REMINDER_OCTETS || !key_read_participant(head, &participant))
        return FALSE;
    guint number = ((const guint8 *)key.data)[key.size - 1];
    *id_r = reminder_id(participant, number);
    return number >= 1 && number <= REMINDERS_MAX;
}

gboolean key_read_slot(struct bytes key, struct slot_key *slot_r)
{
    if (key.size != SLOT_KEY_SIZE)
        return FALSE;
    const guint8 *data = key.data;
    slot_r->client = (guint32)get_number(data, NUMBER_OCTETS);
    slot_r->period = (guint16)get_number(data + NUMBER_OCTETS, PERIOD_OCTETS);
    memcpy(slot_r->recipient.octets, data + NUMBER_OCTETS + PERIOD_OCTETS, HASH_SIZE);
    return TRUE;
}

gboolean key_read_number(struct bytes key, guint32 *number_r)
{
    if (key.size < NUMBER_OCTETS)
        return FALSE;
    *number_r = (guint32)get_number((const guint8 *)key.data + key.size - NUMBER_OCTETS, NUMBER_OCTETS);
    return TRUE;
}

gboolean key_read_decision(struct bytes key, enum mail_kind *kind_r, guint64 *id_r, gint64 *seconds_r)
{
    const size_t invitation = NUMBER_OCTETS + 1 + PARTICIPANT_OCTETS;
    const guint8 *data = key.data;
    if (key.size < invitation + DECISION_TIME_OCTETS)
        return FALSE;
    const struct bytes life = {data, key.size - DECISION_TIME_OCTETS};
    *seconds_r = (gint64)get_number(data + life.size, DECISION_TIME_OCTETS);
    *kind_r = (enum mail_kind)data[NUMBER_OCTETS];
    if (*kind_r == MAIL_REMINDER)
        return life.size == invitation + REMINDER_OCTETS && key_read_reminder(life, id_r);
    return *kind_r == MAIL_INVITATION && life.size == invitation && key_read_participant(life, id_r);
}

gboolean key_read_audit(struct bytes key, guint64 *number_r)
{
    if (key.size != AUDIT_OCTETS)
        return FALSE;
    *number_r = get_number(key.data, AUDIT_OCTETS);
    return TRUE;
}

gboolean key_read_suppression(struct bytes key, struct hash *address_r)
{
    if (key.size != HASH_SIZE + NUMBER_OCTETS)
        return FALSE;
    memcpy(address_r->octets, key.data, HASH_SIZE);
    return TRUE;
}

gboolean key_read_reservation(struct bytes key, char queue_id_r[QUEUE_ID_MAX + 1])
{
    if (key.size > QUEUE_ID_MAX)
        return FALSE;
    memcpy(queue_id_r, key.data, key.size);
    queue_id_r[key.size] = '\0';
    return queue_id_valid(queue_id_r);
}

/* --- writing values ---------------------------------------------------------------------------- */

static void put_number(GString *out, guint64 number, size_t octets)
{
    for (size_t i = octets; i-- > 0;)
        g_string_append_c(out, (char)(guint8)(number >> (8 * i)));
}

static void put_octets(GString *out, const void *data, size_t size)
{
    g_string_append_len(out, data, (gssize)size);
}

/* A text of at most `most` octets: its length in two octets, the text, a NUL so that a reader may borrow it. */
static void put_text(GString *out, const char *text, size_t most)
{
    size_t length = text != NULL ? strnlen(text, most) : 0;
    put_number(out, length, 2);
    put_octets(out, text, length);
    g_string_append_c(out, '\0');
}

/* A short one without NUL: its length in one octet. */
static void put_short(GString *out, const char *text)
{
    size_t length = strlen(text);
    put_number(out, length, 1);
    put_octets(out, text, length);
}

#define TIME_OCTETS 5 /* seconds since 1970, enough for 34,000 years */

static void put_time(GString *out, gint64 when)
{
    put_number(out, (guint64)MAX(when, 0), TIME_OCTETS);
}

static void put_state(GString *out, enum mail_state state)
{
    guint stored = 0;
    while (stored_states[stored] != state)
        stored++;
    put_number(out, stored, 1);
}

/* --- reading values ---------------------------------------------------------------------------- */

/* A value being read. Once it is found bad, everything reads as 0 and done() says so. */
struct reader {
    const guint8 *at, *end;
    gboolean bad;
};

/* Of VERSION or another one; *other_r says which of the two it is. */
static struct reader reader_of_two(struct bytes value, guint8 other, gboolean *other_r)
{
    const guint8 *data = value.data;
    struct reader in = {data, data + value.size, value.size == 0 || (data[0] != VERSION && data[0] != other)};
    *other_r = value.size > 0 && data[0] == other;
    in.at += value.size > 0;
    return in;
}

static struct reader reader_of(struct bytes value)
{
    gboolean other;
    return reader_of_two(value, VERSION, &other);
}

static const guint8 *take(struct reader *in, size_t size)
{
    if (in->bad || (size_t)(in->end - in->at) < size) {
        in->bad = TRUE;
        return NULL;
    }
    const guint8 *data = in->at;
    in->at += size;
    return data;
}

static guint64 take_number(struct reader *in, size_t octets)
{
    const guint8 *data = take(in, octets);
    return data != NULL ? get_number(data, octets) : 0;
}

/* A number of low to high; anything else is damage. */
static guint64 take_within(struct reader *in, size_t octets, guint64 low, guint64 high)
{
    guint64 number = take_number(in, octets);
    if (number < low || number > high)
        in->bad = TRUE;
    return in->bad ? 0 : number;
}

static enum mail_state take_state(struct reader *in, enum mail_state least)
{
    enum mail_state state = stored_states[take_within(in, 1, 0, MAIL_STATES - 1)];
    if (state < least)
        in->bad = TRUE;
    return state;
}

static gint64 take_time(struct reader *in)
{
    return (gint64)take_number(in, TIME_OCTETS);
}

static void take_octets(struct reader *in, void *to, size_t size)
{
    const guint8 *data = take(in, size);
    if (data != NULL)
        memcpy(to, data, size);
}

static const char *take_text(struct reader *in)
{
    size_t length = (size_t)take_number(in, 2);
    const char *text = (const char *)take(in, length + 1);
    if (text == NULL || strnlen(text, length + 1) != length) {
        in->bad = TRUE;
        return "";
    }
    return text;
}

static void take_short(struct reader *in, char *to, size_t most)
{
    size_t length = (size_t)take_within(in, 1, 0, most);
    const guint8 *data = take(in, length);
    if (data == NULL || memchr(data, '\0', length) != NULL) {
        in->bad = TRUE;
        return;
    }
    memcpy(to, data, length);
    to[length] = '\0';
}

static gboolean done(const struct reader *in)
{
    return !in->bad && in->at == in->end;
}

/* --- campaign ---------------------------------------------------------------------------------- */

/* Its texts, in the order in which they are written. */
static char **campaign_text(struct campaign_record *campaign, size_t i)
{
    char **const texts[] = {&campaign->client_name, &campaign->name,        &campaign->title,   &campaign->dir,
                            &campaign->file,        &campaign->file_sha256, &campaign->basis,   &campaign->assured_by,
                            &campaign->remark,      &campaign->waves,       &campaign->columns, &campaign->approved_by,
                            &campaign->parts,       &campaign->proof_parts};
    return i < G_N_ELEMENTS(texts) ? texts[i] : NULL;
}

static size_t campaign_text_max(const struct campaign_record *campaign, char *const *text)
{
    return text == &campaign->columns                                         ? COLUMNS_MAX
           : text == &campaign->parts || text == &campaign->proof_parts ? PARTS_MAX
                                                                              : TEXT_MAX;
}

void campaign_write(GString *out, const struct campaign_record *campaign)
{
    struct campaign_record texts = *campaign;
    put_number(out, campaign->despite != NULL ? VERSION_FORCED : VERSION, 1);
    put_number(out, (guint64)campaign->state, 1);
    put_number(out, campaign->client, 4);
    put_octets(out, campaign->hash, CONTENT_HASH_SIZE);
    put_octets(out, campaign->proof_hash, CONTENT_HASH_SIZE);
    put_time(out, campaign->approved_at);
    put_time(out, campaign->imported_at);
    put_number(out, campaign->imports, 4);
    put_number(out, campaign->proofs, 4);
    put_number(out, campaign->session, 4);
    put_number(out, campaign->participants, 8);
    for (size_t i = 0; campaign_text(&texts, i) != NULL; i++)
        put_text(out, *campaign_text(&texts, i), campaign_text_max(&texts, campaign_text(&texts, i)));
    if (campaign->despite != NULL)
        put_text(out, campaign->despite, TEXT_MAX);
}

gboolean campaign_read(struct bytes value, struct campaign_record *campaign_r)
{
    gboolean forced;
    struct reader in = reader_of_two(value, VERSION_FORCED, &forced);
    memset(campaign_r, 0, sizeof *campaign_r);
    campaign_r->state = (enum campaign_state)take_within(&in, 1, CAMPAIGN_DRAFT, CAMPAIGN_STATES - 1);
    campaign_r->client = (guint32)take_number(&in, 4);
    take_octets(&in, campaign_r->hash, CONTENT_HASH_SIZE);
    take_octets(&in, campaign_r->proof_hash, CONTENT_HASH_SIZE);
    campaign_r->approved_at = take_time(&in);
    campaign_r->imported_at = take_time(&in);
    campaign_r->imports = (guint32)take_within(&in, 4, 0, IMPORT_MAX);
    campaign_r->proofs = (guint32)take_number(&in, 4);
    campaign_r->session = (guint32)take_number(&in, 4);
    campaign_r->participants = take_number(&in, 8);
    for (size_t i = 0; campaign_text(campaign_r, i) != NULL; i++)
        *campaign_text(campaign_r, i) = g_strdup(take_text(&in));
    if (forced)
        campaign_r->despite = g_strdup(take_text(&in));
    if (done(&in))
        return TRUE;
    campaign_release(campaign_r);
    return FALSE;
}

void campaign_release(struct campaign_record *campaign)
{
    for (size_t i = 0; campaign_text(campaign, i) != NULL; i++)
        g_free(*campaign_text(campaign, i));
    g_free(campaign->despite);
    memset(campaign, 0, sizeof *campaign);
}

/* --- import, wave, proof ----------------------------------------------------------------------- */

/* Its texts, in the order in which they are written. */
static char **import_text(struct import_record *import, size_t i)
{
    char **const texts[] = {&import->file,   &import->file_sha256, &import->basis,  &import->assured_by,
                            &import->remark, &import->waves,       &import->columns};
    return i < G_N_ELEMENTS(texts) ? texts[i] : NULL;
}

static void put_counts(GString *out, const GArray *counts)
{
    put_number(out, counts != NULL ? counts->len : 0, 2);
    for (guint i = 0; counts != NULL && i < counts->len; i++)
        for (int stored = 1; stored < STATES_OF_FORM_1; stored++)
            put_number(out, g_array_index(counts, struct wave_record, i).counts[stored_states[stored]], 4);
}

static GArray *take_counts(struct reader *in)
{
    guint waves = (guint)take_within(in, 2, 0, WAVE_MAX);
    GArray *counts = waves > 0 ? g_array_new(FALSE, TRUE, sizeof(struct wave_record)) : NULL;
    for (guint i = 0; i < waves && !in->bad; i++) {
        struct wave_record wave = {0};
        for (int stored = 1; stored < STATES_OF_FORM_1; stored++)
            wave.counts[stored_states[stored]] = take_number(in, 4);
        g_array_append_val(counts, wave);
    }
    return counts;
}

void import_write(GString *out, const struct import_record *import)
{
    struct import_record texts = *import;
    put_number(out, VERSION, 1);
    put_number(out, (guint64)import->state, 1);
    put_number(out, import->rows, 4);
    put_time(out, import->at);
    put_counts(out, import->counts);
    for (size_t i = 0; import_text(&texts, i) != NULL; i++)
        put_text(out, *import_text(&texts, i), import_text(&texts, i) == &texts.columns ? COLUMNS_MAX : TEXT_MAX);
}

gboolean import_read(struct bytes value, struct import_record *import_r)
{
    struct reader in = reader_of(value);
    memset(import_r, 0, sizeof *import_r);
    import_r->state = (enum import_state)take_within(&in, 1, IMPORT_OPEN, IMPORT_STATES - 1);
    import_r->rows = take_number(&in, 4);
    import_r->at = take_time(&in);
    import_r->counts = take_counts(&in);
    for (size_t i = 0; import_text(import_r, i) != NULL; i++)
        *import_text(import_r, i) = g_strdup(take_text(&in));
    if (done(&in))
        return TRUE;
    import_release(import_r);
    return FALSE;
}

gboolean import_read_state(struct bytes value, enum import_state *state_r)
{
    struct import_record import;
    if (!import_read(value, &import))
        return FALSE;
    *state_r = import.state;
    import_release(&import);
    return TRUE;
}

void import_release(struct import_record *import)
{
    for (size_t i = 0; import_text(import, i) != NULL; i++)
        g_free(*import_text(import, i));
    g_clear_pointer(&import->counts, g_array_unref);
    memset(import, 0, sizeof *import);
}

void wave_write(GString *out, const struct wave_record *wave)
{
    put_number(out, VERSION_GREYLISTED, 1);
    put_time(out, wave->opened);
    for (int stored = 1; stored < MAIL_STATES; stored++)
        put_number(out, wave->counts[stored_states[stored]], 4);
}

gboolean wave_read(struct bytes value, struct wave_record *wave_r)
{
    gboolean greylisted;
    struct reader in = reader_of_two(value, VERSION_GREYLISTED, &greylisted);
    memset(wave_r, 0, sizeof *wave_r);
    wave_r->opened = take_time(&in);
    for (int stored = 1; stored < (greylisted ? MAIL_STATES : STATES_OF_FORM_1); stored++)
        wave_r->counts[stored_states[stored]] = take_number(&in, 4);
    return done(&in);
}

void proof_write(GString *out, const struct proof_record *proof)
{
    put_number(out, VERSION_SENDER, 1);
    put_state(out, proof->state);
    put_number(out, proof->participant, 5);
    put_time(out, proof->changed);
    put_octets(out, proof->to.octets, HASH_SIZE);
    put_octets(out, proof->content, CONTENT_HASH_SIZE);
    put_short(out, proof->queue_id);
    put_time(out, proof->begun);
    put_short(out, proof->by);
}

gboolean proof_read(struct bytes value, struct proof_record *proof_r)
{
    gboolean sender;
    struct reader in = reader_of_two(value, VERSION_SENDER, &sender);
    memset(proof_r, 0, sizeof *proof_r);
    proof_r->state = take_state(&in, STATE_NEW);
    proof_r->participant = take_number(&in, 5);
    proof_r->changed = take_time(&in);
    take_octets(&in, proof_r->to.octets, HASH_SIZE);
    take_octets(&in, proof_r->content, CONTENT_HASH_SIZE);
    take_short(&in, proof_r->queue_id, QUEUE_ID_MAX);
    if (sender) {
        proof_r->begun = take_time(&in);
        take_short(&in, proof_r->by, USER_MAX);
    }
    return done(&in);
}

/* --- participant ------------------------------------------------------------------------------- */

void participant_write(GString *out, const struct participant_record *participant)
{
    put_number(out, VERSION, 1);
    put_text(out, participant->address, ADDRESS_MAX);
    put_number(out, participant->count, 2);
    for (size_t i = 0; i < participant->count; i++) {
        put_text(out, participant->attributes[i].name, G_MAXUINT16);
        put_text(out, participant->attributes[i].value, G_MAXUINT16);
    }
}

gboolean participant_read(struct bytes value, struct participant_record *participant_r)
{
    struct reader in = reader_of(value);
    participant_r->address = take_text(&in);
    participant_r->count = (size_t)take_within(&in, 2, 0, PARTICIPANT_ATTRIBUTES_MAX);
    for (size_t i = 0; i < participant_r->count; i++) {
        participant_r->attributes[i].name = take_text(&in);
        participant_r->attributes[i].value = take_text(&in);
    }
    return done(&in);
}

/* --- reject ------------------------------------------------------------------------------------ */

void reject_write(GString *out, const struct reject_record *reject)
{
    put_number(out, VERSION, 1);
    put_number(out, reject->known ? 1 : 0, 1);
    put_text(out, reject->column, REJECT_COLUMN_MAX);
    put_text(out, reject->reason, REJECT_REASON_MAX);
}

gboolean reject_read(struct bytes value, struct reject_record *reject_r)
{
    struct reader in = reader_of(value);
    reject_r->known = (gboolean)take_within(&in, 1, 0, 1);
    reject_r->column = take_text(&in);
    reject_r->reason = take_text(&in);
    return done(&in);
}

/* --- life -------------------------------------------------------------------------------------- */

void life_write(GString *out, const struct life_record *life)
{
    put_number(out, VERSION, 1);
    put_state(out, life->state);
    put_number(out, life->wave, 2);
    put_number(out, life->attempt, 2);
    put_number(out, life->fence, 2);
    put_number(out, life->session, 4);
    put_time(out, life->changed);
    put_octets(out, life->recipient.octets, HASH_SIZE);
    put_short(out, life->queue_id);
    put_short(out, life->reply);
    if (life->tls[0] != '\0')
        put_short(out, life->tls);
}

gboolean life_read(struct bytes value, struct life_record *life_r)
{
    struct reader in = reader_of(value);
    memset(life_r, 0, sizeof *life_r);
    life_r->state = take_state(&in, STATE_NEW);
    life_r->wave = (guint16)take_within(&in, 2, 1, WAVE_MAX);
    life_r->attempt = (guint16)take_number(&in, 2);
    life_r->fence = (guint16)take_number(&in, 2);
    life_r->session = (guint32)take_number(&in, 4);
    life_r->changed = take_time(&in);
    take_octets(&in, life_r->recipient.octets, HASH_SIZE);
    take_short(&in, life_r->queue_id, QUEUE_ID_MAX);
    take_short(&in, life_r->reply, REPLY_MAX);
    if (in.at < in.end)
        take_short(&in, life_r->tls, TLS_MAX);
    return done(&in);
}

/* --- slot, queue ID ---------------------------------------------------------------------------- */

static void put_owner(GString *out, const struct owner *owner)
{
    put_number(out, (guint64)owner->kind, 1);
    put_number(out, owner->campaign, 4);
    put_number(out, owner->id, 8);
}

static void take_owner(struct reader *in, enum mail_kind least, struct owner *owner_r)
{
    owner_r->kind = (enum mail_kind)take_within(in, 1, (guint64)least, MAIL_KINDS - 1);
    owner_r->campaign = (guint32)take_number(in, 4);
    owner_r->id = take_number(in, 8);
}

void slot_write(GString *out, const struct slot_record *slot)
{
    put_number(out, VERSION, 1);
    put_owner(out, &slot->owner);
    put_time(out, slot->since);
    put_short(out, slot->queue_id);
}

gboolean slot_read(struct bytes value, struct slot_record *slot_r)
{
    struct reader in = reader_of(value);
    memset(slot_r, 0, sizeof *slot_r);
    take_owner(&in, MAIL_INVITATION, &slot_r->owner);
    slot_r->since = take_time(&in);
    take_short(&in, slot_r->queue_id, QUEUE_ID_MAX);
    return done(&in);
}

#define QUEUE_TOMBSTONE 1u
#define QUEUE_REJECTED 2u

static void put_queue(GString *out, const struct queue_record *queue)
{
    put_number(out, (queue->tombstone ? QUEUE_TOMBSTONE : 0) | (queue->rejected ? QUEUE_REJECTED : 0), 1);
    put_owner(out, &queue->owner);
    put_state(out, queue->state);
    put_time(out, queue->since);
    put_number(out, queue->count, 2);
    for (size_t i = 0; i < queue->count; i++) {
        put_number(out, queue->slots[i].client, 4);
        put_number(out, queue->slots[i].period, 2);
        put_octets(out, queue->slots[i].recipient.octets, HASH_SIZE);
    }
}

static void take_queue(struct reader *in, struct queue_record *queue_r)
{
    guint64 flags = take_within(in, 1, 0, QUEUE_TOMBSTONE | QUEUE_REJECTED);
    queue_r->tombstone = (flags & QUEUE_TOMBSTONE) != 0;
    queue_r->rejected = (flags & QUEUE_REJECTED) != 0;
    take_owner(in, MAIL_NONE, &queue_r->owner);
    queue_r->state = take_state(in, STATE_NONE);
    queue_r->since = take_time(in);
    queue_r->count = (size_t)take_within(in, 2, 0, QUEUE_SLOTS_MAX);
    for (size_t i = 0; i < queue_r->count; i++) {
        queue_r->slots[i].client = (guint32)take_number(in, 4);
        queue_r->slots[i].period = (guint16)take_number(in, 2);
        take_octets(in, queue_r->slots[i].recipient.octets, HASH_SIZE);
    }
}

void queue_write(GString *out, const struct queue_record *queue)
{
    put_number(out, VERSION, 1);
    put_queue(out, queue);
}

gboolean queue_read(struct bytes value, struct queue_record *queue_r)
{
    struct reader in = reader_of(value);
    take_queue(&in, queue_r);
    queue_r->reserved = FALSE;
    queue_r->boot = 0;
    return done(&in);
}

void reservation_write(GString *out, const struct queue_record *queue)
{
    put_number(out, VERSION_WHOLE, 1);
    put_number(out, queue->boot, 8);
    put_queue(out, queue);
}

gboolean reservation_read(struct bytes value, struct queue_record *queue_r, gboolean *whole_r)
{
    struct reader in = reader_of_two(value, VERSION_WHOLE, whole_r);
    queue_r->boot = take_number(&in, 8);
    if (*whole_r)
        take_queue(&in, queue_r);
    queue_r->reserved = TRUE;
    return done(&in);
}

/* --- suppression, numbers ---------------------------------------------------------------------- */

void suppression_write(GString *out, const struct suppression_record *suppression)
{
    put_number(out, VERSION, 1);
    put_time(out, suppression->since);
    put_text(out, suppression->reason, TEXT_MAX);
}

gboolean suppression_read(struct bytes value, struct suppression_record *suppression_r)
{
    struct reader in = reader_of(value);
    suppression_r->since = take_time(&in);
    suppression_r->reason = take_text(&in);
    return done(&in);
}

/* --- decision ----------------------------------------------------------------------------------- */

void decision_write(GString *out, const struct decision_record *decision)
{
    put_number(out, VERSION, 1);
    put_state(out, decision->before);
    put_state(out, decision->after);
    put_text(out, decision->queue_id, QUEUE_ID_MAX);
    put_text(out, decision->by, TEXT_MAX);
    put_text(out, decision->because, TEXT_MAX);
}

gboolean decision_read(struct bytes value, struct decision_record *decision_r)
{
    struct reader in = reader_of(value);
    decision_r->before = take_state(&in, STATE_NEW);
    decision_r->after = take_state(&in, STATE_NEW);
    decision_r->queue_id = take_text(&in);
    decision_r->by = take_text(&in);
    decision_r->because = take_text(&in);
    return done(&in);
}

/* --- audit ------------------------------------------------------------------------------------- */

static void put_link(GString *out, const struct chain_mac *mac)
{
    put_octets(out, mac->octets, CHAIN_OCTETS);
}

static void take_link(struct reader *in, struct chain_mac *mac_r)
{
    take_octets(in, mac_r->octets, CHAIN_OCTETS);
}

/* Its texts, in the order in which they are written. */
static const char **audit_text(struct audit_record *audit, size_t i)
{
    const char **const texts[] = {&audit->user,     &audit->by,      &audit->action, &audit->client,
                                  &audit->campaign, &audit->subject, &audit->detail};
    return i < G_N_ELEMENTS(texts) ? texts[i] : NULL;
}

void audit_write(GString *out, const struct audit_record *audit)
{
    struct audit_record texts = *audit;
    put_number(out, VERSION, 1);
    put_number(out, audit->number, 8);
    put_time(out, audit->time);
    put_number(out, audit->uid, 4);
    for (size_t i = 0; audit_text(&texts, i) != NULL; i++)
        put_text(out, *audit_text(&texts, i), audit_text(&texts, i) == &texts.detail ? AUDIT_DETAIL_MAX : TEXT_MAX);
    put_link(out, &audit->before);
}

gboolean audit_read(struct bytes value, struct audit_record *audit_r)
{
    struct reader in = reader_of(value);
    memset(audit_r, 0, sizeof *audit_r);
    audit_r->number = take_number(&in, 8);
    audit_r->time = take_time(&in);
    audit_r->uid = (guint32)take_number(&in, 4);
    for (size_t i = 0; audit_text(audit_r, i) != NULL; i++)
        *audit_text(audit_r, i) = take_text(&in);
    take_link(&in, &audit_r->before);
    take_link(&in, &audit_r->mac);
    return done(&in);
}

void audit_head_write(GString *out, const struct audit_head *head)
{
    put_number(out, VERSION, 1);
    put_number(out, head->number, 8);
    put_link(out, &head->mac);
    put_link(out, &head->seal);
}

gboolean audit_head_read(struct bytes value, struct audit_head *head_r)
{
    struct reader in = reader_of(value);
    memset(head_r, 0, sizeof *head_r);
    head_r->number = take_number(&in, 8);
    take_link(&in, &head_r->mac);
    take_link(&in, &head_r->seal);
    return done(&in);
}

/* --- numbers ----------------------------------------------------------------------------------- */

void number_write(GString *out, guint64 number)
{
    put_number(out, VERSION, 1);
    put_number(out, number, 8);
}

gboolean number_read(struct bytes value, guint64 *number_r)
{
    struct reader in = reader_of(value);
    *number_r = take_number(&in, 8);
    return done(&in);
}
