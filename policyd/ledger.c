/*
 * ledger.c - the ledger as a whole: opening, batches, clients, addresses, who has a slot; see ledger.h, ledger_rows.h.
 */
#include "policyd/ledger.h"

#include "lib/error.h"
#include "lib/unfilled.h"
#include "policyd/ledger_rows.h"
#include "policyd/meta.h"

#include <config.h>
#include <string.h>

#define DAY 86400
/* A mail this old is in no queue any more (Postfix's maximal_queue_lifetime is 5 days): it blocks no later period. */
#define QUEUE_LIFETIME (30 * DAY)

/* --- opening and closing ----------------------------------------------------------------------- */

static gboolean write_first_rows(struct store *store, gint64 now, GError **error)
{
    const struct {
        const char *name;
        guint64 number;
    } rows[] = {{META_CREATED, (guint64)now / 1000}, {META_EPOCH, 1}, {META_SLOTS, 0}, {META_FORM, LEDGER_FORM}};
    struct ledger ledger = {.store = store, .row = g_string_new(NULL)};
    gboolean done = TRUE;
    for (size_t i = 0; done && i < G_N_ELEMENTS(rows); i++) {
        struct key key;
        key_meta(&key, rows[i].name);
        done = rows_put_number(&ledger, STORE_META, &key, rows[i].number, error);
    }
    g_string_free(ledger.row, TRUE);
    return done;
}

gboolean ledger_create(struct store *store, gint64 now, GError **error)
{
    return store_begin(store, error) && write_first_rows(store, now, error) && store_commit(store, error) &&
           store_flush(store, error);
}

static gboolean read_counters(struct ledger *ledger, GError **error)
{
    struct key key;
    guint64 form;
    key_meta(&key, META_FORM);
    if (!rows_get_number(ledger, STORE_META, &key, &form, error))
        return FALSE;
    if (form != LEDGER_FORM)
        return error_set(error, ERROR_DATA,
                         "the ledger is of form %" G_GUINT64_FORMAT
                         ", this program knows form %d: a newer version has served it; "
                         "install that version again",
                         form, LEDGER_FORM);
    key_meta(&key, META_EPOCH);
    if (!rows_get_number(ledger, STORE_META, &key, &ledger->epoch, error))
        return FALSE;
    key_meta(&key, META_SLOTS);
    return rows_get_number(ledger, STORE_META, &key, &ledger->slots, error) && ledger_audit_read_head(ledger, error);
}

/* Imports that are open while nobody imports, as their process is gone, and those that were undone. */
static gboolean bury_imports(struct ledger *ledger, GError **error)
{
    const struct bytes all = {NULL, 0};
    g_autoptr(store_scan_auto) scan = store_scan(ledger->store, STORE_IMPORT, all, all, error);
    if (scan == NULL)
        return FALSE;
    struct bytes key, value;
    enum store_result result;
    while ((result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        enum import_state state;
        guint32 campaign, import;
        if (!import_read_state(value, &state) || !key_read_number((struct bytes){key.data, 4}, &campaign) ||
            !key_read_number(key, &import))
            return rows_damaged(STORE_IMPORT, error);
        if (state != IMPORT_DONE)
            ledger_bury(ledger, campaign, import);
    }
    return result == STORE_ABSENT;
}

static gboolean read_suppressed(struct ledger *ledger, GError **error)
{
    const struct bytes all = {NULL, 0};
    struct bytes key, value;
    struct hash hash;
    enum store_result result = STORE_FAILED;
    g_autoptr(store_scan_auto) scan = store_scan(ledger->store, STORE_SUPPRESSION, all, all, error);
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        if (!key_read_suppression(key, &hash))
            return rows_damaged(STORE_SUPPRESSION, error);
        hash_filter_add(ledger->suppressed, &hash);
    }
    return result == STORE_ABSENT;
}

static void free_campaign(gpointer campaign)
{
    campaign_free(campaign);
}

struct ledger *ledger_open(struct store *store, struct secret *secret, struct client_set *clients, GError **error)
{
    g_autoptr(ledger_auto) ledger = g_new0(struct ledger, 1);
    ledger->store = store;
    ledger->retry_delay = LEDGER_RETRY_DELAY;
    ledger->configuration = g_strdup("");
    ledger->secret = secret;
    ledger->clients = client_set_ref(clients);
    ledger->campaigns = g_hash_table_new_full(NULL, NULL, NULL, free_campaign);
    ledger->client_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    ledger->periods = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    ledger->feeders = g_hash_table_new(NULL, NULL);
    ledger->importers = g_hash_table_new(NULL, NULL);
    ledger->outlooks = outlooks_new();
    ledger->dirty = g_ptr_array_new();
    ledger->row = g_string_sized_new(512);
    g_queue_init(&ledger->dead);
    ledger->suppressed = hash_filter_new();
    if (!read_counters(ledger, error) || !read_suppressed(ledger, error) || !bury_imports(ledger, error) ||
        !ledger_scrub_read(ledger, error))
        return NULL;
    return g_steal_pointer(&ledger);
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    backup_free(ledger->backup);
    store_close(ledger->store);
    secret_free(ledger->secret);
    g_free(ledger->configuration);
    client_set_unref(ledger->clients);
    g_hash_table_unref(ledger->campaigns);
    g_hash_table_unref(ledger->client_numbers);
    g_hash_table_unref(ledger->periods);
    g_hash_table_unref(ledger->feeders);
    g_hash_table_unref(ledger->importers);
    g_hash_table_unref(ledger->outlooks);
    g_ptr_array_unref(ledger->dirty);
    hash_filter_free(ledger->suppressed);
    g_string_free(ledger->row, TRUE);
    g_queue_clear_full(&ledger->dead, g_free);
    g_free(ledger);
}

void ledger_set_clients(struct ledger *ledger, struct client_set *clients)
{
    struct client_set *old = ledger->clients;
    ledger->clients = client_set_ref(clients);
    g_hash_table_remove_all(ledger->periods);
    client_set_unref(old);
}

void ledger_set_witness(struct ledger *ledger, struct witness *witness)
{
    ledger->witness = witness;
}

void ledger_set_audit_witnessed(struct ledger *ledger, guint64 number)
{
    ledger->audit_witnessed = number;
}

void ledger_set_retry_delay(struct ledger *ledger, guint seconds)
{
    ledger->retry_delay = seconds;
}

void ledger_set_configuration(struct ledger *ledger, const char *digest)
{
    g_free(ledger->configuration);
    ledger->configuration = g_strdup(digest);
}

void ledger_set_boot(struct ledger *ledger, guint64 boot)
{
    ledger->boot = boot;
}

struct store *ledger_store(struct ledger *ledger)
{
    return ledger->store;
}

struct session *ledger_session_new(struct ledger *ledger, pid_t pid, uid_t uid)
{
    (void)ledger;
    struct session *session = g_new0(struct session, 1);
    session->pid = pid;
    session->uid = uid;
    return session;
}

void ledger_session_free(struct ledger *ledger, struct session *session)
{
    if (session->feeds != 0)
        g_hash_table_remove(ledger->feeders, GUINT_TO_POINTER(session->feeds));
    import_end(ledger, session);
    suppress_list_free(session->suppress_list);
    answer_list_free(session->answer_list);
    tally_free(session->tally);
    g_free(session);
}

/* --- batches ----------------------------------------------------------------------------------- */

gboolean ledger_batch_begin(struct ledger *ledger, GError **error)
{
    g_assert(!ledger->in_batch);
    ledger->in_batch = store_begin(ledger->store, error);
    return ledger->in_batch;
}

static gboolean write_waves(struct ledger *ledger, GError **error)
{
    for (guint i = 0; i < ledger->dirty->len; i++) {
        struct wave *wave = g_ptr_array_index(ledger->dirty, i);
        struct key key;
        key_wave(&key, wave->campaign, wave->number);
        wave_write(g_string_truncate(ledger->row, 0), &wave->record);
        struct bytes value = {ledger->row->str, ledger->row->len};
        if (store_put(ledger->store, STORE_WAVE, key_bytes(&key), value, error) != STORE_DONE)
            return FALSE;
        wave->dirty = FALSE;
    }
    g_ptr_array_set_size(ledger->dirty, 0);
    return TRUE;
}

static gboolean write_slot_count(struct ledger *ledger, GError **error)
{
    struct key key;
    key_meta(&key, META_SLOTS);
    if (ledger->slots_dirty && !rows_put_number(ledger, STORE_META, &key, ledger->slots, error))
        return FALSE;
    ledger->slots_dirty = FALSE;
    return TRUE;
}

gboolean ledger_batch_commit(struct ledger *ledger, GError **error)
{
    if (!write_waves(ledger, error) || !write_slot_count(ledger, error)) {
        ledger_batch_abort(ledger, NULL);
        return FALSE;
    }
    ledger->in_batch = FALSE;
    if (store_commit(ledger->store, error))
        return TRUE;
    ledger_batch_abort(ledger, NULL);
    return FALSE;
}

gboolean ledger_batch_abort(struct ledger *ledger, GError **error)
{
    ledger->in_batch = FALSE;
    gboolean done = store_abort(ledger->store, error);
    /* What is in memory may be ahead of the store: forget it. */
    g_ptr_array_set_size(ledger->dirty, 0);
    g_hash_table_remove_all(ledger->campaigns);
    g_hash_table_remove_all(ledger->client_numbers);
    ledger->slots_dirty = ledger->audit_checked = FALSE;
    ledger->generation++;
    return done && read_counters(ledger, error);
}

/* --- epochs ------------------------------------------------------------------------------------ */

#define EPOCH_ATTEMPTS 256 /* numbers of attempts set apart for each epoch */

guint16 ledger_epoch_fence(const struct ledger *ledger)
{
    return (guint16)MIN((ledger->epoch - 1) * EPOCH_ATTEMPTS, ATTEMPT_MAX / 2);
}

/* --- clients, addresses, periods --------------------------------------------------------------- */

gboolean ledger_client_number(struct ledger *ledger, const char *name, gboolean create, guint32 *number_r,
                              GError **error)
{
    struct key key;
    guint64 number;
    *number_r = GPOINTER_TO_UINT(g_hash_table_lookup(ledger->client_numbers, name));
    if (*number_r != 0)
        return TRUE;
    key_client(&key, name);
    if (!rows_get_number(ledger, STORE_CLIENT, &key, &number, error))
        return FALSE;
    if (number == 0 && !create)
        return TRUE;
    *number_r = (guint32)number;
    if (number == 0 && (!rows_next_number(ledger, META_CLIENTS, G_MAXUINT32, number_r, error) ||
                        !rows_put_number(ledger, STORE_CLIENT, &key, *number_r, error)))
        return FALSE;
    g_hash_table_insert(ledger->client_numbers, g_strdup(name), GUINT_TO_POINTER(*number_r));
    return TRUE;
}

void ledger_hash(struct ledger *ledger, const struct address *address, enum address_identity identity,
                 struct hash *hash_r)
{
    char canonical[ADDRESS_CANONICAL_SIZE];
    guint8 mac[SECRET_MAC_SIZE];
    address_canonical(address, identity, canonical);
    secret_mac(ledger->secret, SECRET_ADDRESS, (struct bytes){canonical, strlen(canonical)}, mac);
    memcpy(hash_r->octets, mac, HASH_SIZE);
}

/* The quarter asked for last, as nearly all questions are about the same minute. */
struct cached_period {
    gint64 minute;
    guint16 period;
    gboolean last; /* no slot of a later quarter was there */
};

guint16 ledger_period(struct ledger *ledger, const struct client *client, gint64 seconds)
{
    if (client->cap.rolling_days > 0)
        return 0;
    struct cached_period *cached = g_hash_table_lookup(ledger->periods, client);
    if (cached != NULL && cached->minute == seconds / 60)
        return cached->period;
    if (cached == NULL) {
        cached = g_new(struct cached_period, 1);
        g_hash_table_insert(ledger->periods, (gpointer)client, cached);
    }
    char label[QUARTER_LABEL_SIZE];
    quarter_label(seconds, client->zone, label);
    cached->minute = seconds / 60;
    cached->period = period_of_label(label);
    cached->last = FALSE;
    return cached->period;
}

void ledger_slot_key(struct ledger *ledger, const struct client *client, guint32 number,
                     const struct address *recipient, gint64 seconds, struct slot_key *key_r)
{
    key_r->client = number;
    key_r->period = ledger_period(ledger, client, seconds);
    ledger_hash(ledger, recipient, client->identity, &key_r->recipient);
}

/* --- who has a slot ---------------------------------------------------------------------------- */

gboolean ledger_owner_state(struct ledger *ledger, const struct owner *owner, const char *queue_id,
                            enum mail_state *state_r, GError **error)
{
    if (owner->kind == MAIL_FOREIGN) {
        struct queue_record queue UNFILLED;
        gboolean found;
        if (!rows_get_queue(ledger, queue_id, &queue, &found, error))
            return FALSE;
        *state_r = queue.state;
        return TRUE;
    }
    struct life_record life;
    if (!rows_get_life(ledger, owner->campaign, owner->kind, owner->id, &life, error))
        return FALSE;
    *state_r = life.state;
    return TRUE;
}

/* Is the mail that holds a slot still on its way, as far as anybody can tell? */
static gboolean is_on_its_way(struct ledger *ledger, const struct slot_record *slot, gint64 seconds, gboolean *way_r,
                              GError **error)
{
    enum mail_state state;
    *way_r = FALSE;
    if (seconds - slot->since > QUEUE_LIFETIME)
        return TRUE;
    if (!ledger_owner_state(ledger, &slot->owner, slot->queue_id, &state, error))
        return FALSE;
    *way_r = !mail_state_is_end(state);
    return TRUE;
}

/* The slot is free. May last quarter's mail still arrive in this one? */
static gboolean judge_earlier(struct ledger *ledger, const struct slot_key *key, gint64 seconds, enum slot_fact *fact_r,
                              GError **error)
{
    struct slot_key earlier = *key;
    struct slot_record slot;
    gboolean way = FALSE;
    earlier.period--;
    if (!rows_get_slot(ledger, &earlier, &slot, error))
        return FALSE;
    if (slot.owner.kind != MAIL_NONE && !is_on_its_way(ledger, &slot, seconds, &way, error))
        return FALSE;
    *fact_r = way ? SLOT_EARLIER_OPEN : SLOT_FREE;
    return TRUE;
}

/* The client's first quarter after that one which has slots; 0: none. */
static gboolean next_period(struct ledger *ledger, const struct slot_key *key, guint16 *period_r, GError **error)
{
    const struct slot_key first = {.client = key->client, .period = (guint16)(key->period + 1)};
    struct slot_key found;
    struct key prefix, from;
    struct bytes row, value;
    key_prefix_client_slots(&prefix, key->client);
    key_slot(&from, &first);
    *period_r = 0;
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_SLOT, key_bytes(&from), key_bytes(&prefix), error);
    enum store_result result = scan != NULL ? store_next(scan, &row, &value, error) : STORE_FAILED;
    if (result != STORE_DONE)
        return result == STORE_ABSENT;
    if (!key_read_slot(row, &found))
        return rows_damaged(STORE_SLOT, error);
    *period_r = found.period;
    return TRUE;
}

/* The slot is free. If the clock went back over the end of a quarter, those of later ones count: they came first. */
static gboolean judge_later(struct ledger *ledger, const struct client *client, const struct slot_key *key,
                            enum slot_fact *fact_r, GError **error)
{
    struct cached_period *cached = g_hash_table_lookup(ledger->periods, client);
    struct slot_key later = *key;
    struct slot_record slot;
    if (cached != NULL && cached->last && cached->period == key->period)
        return TRUE;
    for (gboolean first = TRUE;; first = FALSE) {
        if (!next_period(ledger, &later, &later.period, error))
            return FALSE;
        if (later.period == 0) {
            if (cached != NULL && cached->period == key->period)
                cached->last = first;
            return TRUE;
        }
        if (!rows_get_slot(ledger, &later, &slot, error))
            return FALSE;
        if (slot.owner.kind != MAIL_NONE) {
            *fact_r = SLOT_OTHER;
            return TRUE;
        }
    }
}

static gboolean judge_ours(struct ledger *ledger, const struct slot_record *slot, const char *queue_id,
                           enum slot_fact *fact_r, GError **error)
{
    enum mail_state state;
    *fact_r = SLOT_OURS;
    if (strcmp(slot->queue_id, queue_id) == 0)
        return TRUE;
    if (!ledger_owner_state(ledger, &slot->owner, slot->queue_id, &state, error))
        return FALSE;
    *fact_r = state > STATE_RESERVED ? SLOT_OURS_QUEUED : SLOT_OURS_ELSEWHERE;
    return TRUE;
}

gboolean ledger_slot_fact(struct ledger *ledger, const struct client *client, const struct slot_key *key,
                          const struct owner *owner, const char *queue_id, gint64 seconds, enum slot_fact *fact_r,
                          GError **error)
{
    struct slot_record slot;
    gboolean way;
    guint days = client->cap.rolling_days;
    if (!rows_get_slot(ledger, key, &slot, error))
        return FALSE;
    if (slot.owner.kind == MAIL_NONE && days == 0)
        return judge_earlier(ledger, key, seconds, fact_r, error) &&
               (*fact_r != SLOT_FREE || judge_later(ledger, client, key, fact_r, error));
    *fact_r = SLOT_FREE;
    if (slot.owner.kind == MAIL_NONE)
        return TRUE;
    if (owner_equal(&slot.owner, owner))
        return judge_ours(ledger, &slot, queue_id, fact_r, error);
    *fact_r = SLOT_OTHER;
    if (days == 0 || seconds - slot.since < (gint64)days * DAY)
        return TRUE;
    if (!is_on_its_way(ledger, &slot, seconds, &way, error))
        return FALSE;
    *fact_r = way ? SLOT_EARLIER_OPEN : SLOT_FREE;
    return TRUE;
}

gboolean ledger_suppressed(struct ledger *ledger, const struct hash *hash, guint32 client, gboolean *suppressed_r,
                           GError **error)
{
    struct key prefix;
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    *suppressed_r = FALSE;
    if (!hash_filter_may_have(ledger->suppressed, hash))
        return TRUE;
    key_prefix_suppression(&prefix, hash);
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_SUPPRESSION, (struct bytes){NULL, 0}, key_bytes(&prefix), error);
    while (scan != NULL && !*suppressed_r && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        guint32 scope;
        if (!key_read_number(key, &scope))
            return rows_damaged(STORE_SUPPRESSION, error);
        *suppressed_r = scope == 0 || scope == client;
    }
    return result != STORE_FAILED;
}

/* --- health ------------------------------------------------------------------------------------ */

/* How the tracker and the backups stand: numbers of the table meta. */
static gboolean append_meta(struct request *request, GError **error)
{
    static const struct {
        const char *attribute, *row;
    } rows[] = {{"read", META_READ}, {"gap", META_GAP}, {"backup", META_BACKED_UP_AT}, {"scrub", META_SCRUB}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint64 number;
        if (!meta_get_number(request->ledger->store, rows[i].row, &number, error))
            return FALSE;
        policy_append_number(request->out, rows[i].attribute, number);
    }
    return TRUE;
}

gboolean ledger_health(struct request *request, GError **error)
{
    struct ledger *ledger = request->ledger;
    struct store_stats stats;
    size_t clients;
    client_set_list(ledger->clients, &clients);
    store_stats(ledger->store, &stats);
    answer_begin(request, "ok");
    policy_append(request->out, "version", PACKAGE_VERSION);
    policy_append_number(request->out, "clients", clients);
    policy_append_number(request->out, "slots", ledger->slots);
    policy_append_number(request->out, "commits", stats.commits);
    policy_append_number(request->out, "pending", request->pending);
    policy_append_number(request->out, "epoch", ledger->epoch);
    policy_append(request->out, "configuration", ledger->configuration);
    policy_append(request->out, "clients_configuration", client_set_digest(ledger->clients));
    if (!append_meta(request, error))
        return FALSE;
    policy_end(request->out);
    return TRUE;
}
