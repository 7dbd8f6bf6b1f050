/* recount.c - waves counted anew; see recount.h. */
#include "policyd/recount.h"

#include "policyd/ledger_rows.h"
#include "policyd/meta.h"

#define WAVES (WAVE_MAX + REMINDERS_MAX) /* reminders are counted like waves behind the last one */

/* One campaign. */
struct counting {
    guint32 campaign;
    GHashTable *hidden; /* numbers of imports that do not count */
    gboolean there[WAVES + 1];
    struct wave_record waves[WAVES + 1]; /* index is the number */
    guint64 participants;
};

/* What is done with a row; FALSE: it is damaged. */
typedef gboolean (*take_row)(struct counting *counting, struct bytes key, struct bytes value);

static gboolean take_import(struct counting *counting, struct bytes key, struct bytes value)
{
    enum import_state state;
    guint32 number;
    if (!key_read_number(key, &number) || !import_read_state(value, &state))
        return FALSE;
    if (state != IMPORT_DONE)
        g_hash_table_add(counting->hidden, GUINT_TO_POINTER(number));
    return TRUE;
}

static gboolean take_wave(struct counting *counting, struct bytes key, struct bytes value)
{
    struct wave_record wave;
    guint32 number;
    if (!key_read_number(key, &number) || number < 1 || number > WAVES || !wave_read(value, &wave))
        return FALSE;
    counting->there[number] = TRUE;
    counting->waves[number].opened = wave.opened;
    return TRUE;
}

static void count(struct counting *counting, guint wave, enum mail_state state)
{
    counting->there[wave] = TRUE;
    counting->waves[wave].counts[state]++;
}

static gboolean take_invitation(struct counting *counting, struct bytes key, struct bytes value)
{
    struct life_record life;
    guint64 participant;
    if (!key_read_participant(key, &participant) || !life_read(value, &life) || life.wave < 1 || life.wave > WAVE_MAX)
        return FALSE;
    if (g_hash_table_contains(counting->hidden, GUINT_TO_POINTER((guint)(participant >> ROW_BITS))))
        return TRUE;
    counting->participants++;
    count(counting, life.wave, life.state);
    return TRUE;
}

static gboolean take_reminder(struct counting *counting, struct bytes key, struct bytes value)
{
    struct life_record life;
    guint64 id;
    if (!key_read_reminder(key, &id) || !life_read(value, &life) || mail_reminder(id) < 1 ||
        mail_reminder(id) > REMINDERS_MAX)
        return FALSE;
    count(counting, WAVE_MAX + mail_reminder(id), life.state);
    return TRUE;
}

static gboolean take_rows(struct store *store, enum store_table table, const struct key *prefix, take_row take,
                          struct counting *counting, GError **error)
{
    g_autoptr(store_scan_auto) scan = store_scan(store, table, (struct bytes){NULL, 0}, key_bytes(prefix), error);
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE)
        if (!take(counting, key, value))
            return rows_damaged(table, error);
    return result == STORE_ABSENT;
}

static gboolean fill(struct store *store, struct counting *counting, GError **error)
{
    struct key all, invitations, reminders;
    key_prefix_campaign(&all, counting->campaign);
    key_prefix_lives(&invitations, counting->campaign, MAIL_INVITATION);
    key_prefix_lives(&reminders, counting->campaign, MAIL_REMINDER);
    return take_rows(store, STORE_IMPORT, &all, take_import, counting, error) &&
           take_rows(store, STORE_WAVE, &all, take_wave, counting, error) &&
           take_rows(store, STORE_LIFE, &invitations, take_invitation, counting, error) &&
           take_rows(store, STORE_LIFE, &reminders, take_reminder, counting, error);
}

static gboolean put_waves(struct store *store, const struct counting *counting, GString *row, GError **error)
{
    for (guint number = 1; number <= WAVES; number++) {
        struct key key;
        if (!counting->there[number])
            continue;
        key_wave(&key, counting->campaign, number);
        wave_write(g_string_truncate(row, 0), &counting->waves[number]);
        if (store_put(store, STORE_WAVE, key_bytes(&key), (struct bytes){row->str, row->len}, error) != STORE_DONE)
            return FALSE;
    }
    return TRUE;
}

/* A campaign's number that the witness does not know of any more has no row: nothing is counted there. */
static gboolean put_campaign(struct store *store, const struct counting *counting, GString *row, GError **error)
{
    struct campaign_record record;
    struct key key;
    struct bytes value;
    key_campaign(&key, counting->campaign);
    enum store_result result = store_get(store, STORE_CAMPAIGN, key_bytes(&key), &value, error);
    if (result != STORE_DONE)
        return result == STORE_ABSENT;
    if (!campaign_read(value, &record))
        return rows_damaged(STORE_CAMPAIGN, error);
    record.participants = counting->participants;
    campaign_write(g_string_truncate(row, 0), &record);
    campaign_release(&record);
    return store_put(store, STORE_CAMPAIGN, key_bytes(&key), (struct bytes){row->str, row->len}, error) == STORE_DONE &&
           put_waves(store, counting, row, error);
}

static gboolean recount_campaign(struct store *store, guint32 campaign, GError **error)
{
    struct counting *counting = g_new0(struct counting, 1);
    g_autoptr(GString) row = g_string_new(NULL);
    counting->campaign = campaign;
    counting->hidden = g_hash_table_new(NULL, NULL);
    gboolean done = fill(store, counting, error) && store_begin(store, error);
    if (done && !put_campaign(store, counting, row, error)) {
        store_abort(store, NULL);
        done = FALSE;
    }
    g_hash_table_unref(counting->hidden);
    g_free(counting);
    return done && store_commit(store, error);
}

gboolean recount(struct store *store, GError **error)
{
    guint64 campaigns;
    if (!meta_get_number(store, META_CAMPAIGNS, &campaigns, error))
        return FALSE;
    for (guint32 campaign = 1; campaign <= campaigns; campaign++)
        if (!recount_campaign(store, campaign, error))
            return FALSE;
    return TRUE;
}
