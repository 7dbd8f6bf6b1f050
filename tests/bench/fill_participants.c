/*
 * fill_participants.c - gives a campaign of one participant so many more, with the states, replies and receivers that a
 * large mailing has.
 *
 * usage: fill_participants FOLDER COUNT     FOLDER: a ledger that nobody serves, in which one list of one row was
 * imported. At most 1,000,000. For each fiftieth participant a row of the list is rejected as well.
 */
#include "policyd/record.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define CACHE_SIZE ((guint64)256 << 20)
#define COUNT_MAX 1000000
#define ROWS_AT_ONCE 20000 /* in one transaction */
#define CAMPAIGN 1u        /* the numbers of what was imported */
#define IMPORT 1u
#define WAVES 4u
#define REJECTED_EACH 50
#define FIRST_REJECT (COUNT_MAX + 10) /* row */

/* Of 1000 participants. */
static const struct {
    guint share;
    enum mail_state state;
    const char *reply;
} fates[] = {
    {900, STATE_SENT, "2.0.0 250 2.0.0 Ok: queued as 4dCmbV2Rc1zDnx"},
    {40, STATE_BOUNCED, "5.1.1 host mx.example[192.0.2.1] said: 550 5.1.1 <p@d.example>: no such user"},
    {20, STATE_BOUNCED, "5.2.2 host mx.example[192.0.2.1] said: 552 5.2.2 mailbox full"},
    {10, STATE_DEFERRED, "4.2.0 host mx.example[192.0.2.1] said: 450 4.2.0 come again"},
    {10, STATE_CAPPED, ""},
    {10, STATE_SUPPRESSED, ""},
    {5, STATE_EXPIRED, "4.4.1 connect to mx.example[192.0.2.1]:25: Connection timed out"},
    {5, STATE_NEW, ""},
};

struct fill {
    struct store *store;
    GString *row;
    struct wave_record waves[WAVES];
    gint64 now;
};

static gboolean put(struct fill *fill, enum store_table table, const struct key *key, GError **error)
{
    const struct bytes value = {fill->row->str, fill->row->len};
    return store_put(fill->store, table, key_bytes(key), value, error) == STORE_DONE;
}

/* Half of them at large providers, the others at 5,000 domains. */
static void write_address(guint i, char *address, size_t size)
{
    static const char *const large[] = {"gmail.com", "web.de", "gmx.de", "t-online.de"};
    if (i % 2 == 0)
        g_snprintf(address, size, "participant%u@%s", i, large[i / 2 % G_N_ELEMENTS(large)]);
    else
        g_snprintf(address, size, "participant%u@d%u.example", i, i % 10000 / 2);
}

static gboolean put_participant(struct fill *fill, guint i, GError **error)
{
    char address[100];
    struct key key;
    guint64 number = (guint64)IMPORT << ROW_BITS | (i + 3); /* row 1 is the heading, row 2 was imported */
    struct participant_record participant = {
        .count = 3, .attributes = {{"Anrede", "Frau"}, {"Vorname", "Kim"}, {"Nachname", "Beispiel"}}};
    struct life_record life = {.wave = (guint16)(i % WAVES + 1), .attempt = 1, .session = 1, .changed = fill->now + i};
    size_t fate = 0;
    for (guint left = i * 7919 % 1000; left >= fates[fate].share; fate++)
        left -= fates[fate].share;
    write_address(i, address, sizeof address);
    participant.address = address;
    life.state = fates[fate].state;
    g_strlcpy(life.reply, fates[fate].reply, sizeof life.reply);
    g_snprintf(life.queue_id, sizeof life.queue_id, "A%013u", i);
    fill->waves[life.wave - 1].counts[life.state]++;
    participant_write(g_string_truncate(fill->row, 0), &participant);
    key_participant(&key, CAMPAIGN, number);
    if (!put(fill, STORE_PARTICIPANT, &key, error))
        return FALSE;
    life_write(g_string_truncate(fill->row, 0), &life);
    key_life(&key, CAMPAIGN, MAIL_INVITATION, number);
    return put(fill, STORE_LIFE, &key, error);
}

static gboolean put_reject(struct fill *fill, guint i, GError **error)
{
    struct key key;
    const struct reject_record reject = {.column = "C", .reason = "the address has no @"};
    reject_write(g_string_truncate(fill->row, 0), &reject);
    key_reject(&key, CAMPAIGN, (guint64)IMPORT << ROW_BITS | (FIRST_REJECT + i));
    return put(fill, STORE_REJECT, &key, error);
}

static gboolean put_rows(struct fill *fill, guint count, GError **error)
{
    for (guint i = 0; i < count; i++) {
        if (i % ROWS_AT_ONCE == 0 && ((i > 0 && !store_commit(fill->store, error)) || !store_begin(fill->store, error)))
            return FALSE;
        if (!put_participant(fill, i, error) || (i % REJECTED_EACH == 0 && !put_reject(fill, i / REJECTED_EACH, error)))
            return FALSE;
    }
    return store_commit(fill->store, error);
}

/* The campaign, its import and its waves count them. */
static gboolean put_counts(struct fill *fill, guint count, GError **error)
{
    struct key key;
    struct bytes value;
    struct campaign_record campaign;
    struct import_record import;
    key_campaign(&key, CAMPAIGN);
    if (store_get(fill->store, STORE_CAMPAIGN, key_bytes(&key), &value, error) != STORE_DONE ||
        !campaign_read(value, &campaign))
        return FALSE;
    campaign.participants += count;
    campaign_write(g_string_truncate(fill->row, 0), &campaign);
    campaign_release(&campaign);
    if (!store_begin(fill->store, error) || !put(fill, STORE_CAMPAIGN, &key, error))
        return FALSE;
    key_import(&key, CAMPAIGN, IMPORT);
    if (store_get(fill->store, STORE_IMPORT, key_bytes(&key), &value, error) != STORE_DONE ||
        !import_read(value, &import))
        return FALSE;
    import.rows += count;
    import_write(g_string_truncate(fill->row, 0), &import);
    import_release(&import);
    if (!put(fill, STORE_IMPORT, &key, error))
        return FALSE;
    fill->waves[0].counts[STATE_NEW]++; /* the one that was there */
    for (guint wave = 1; wave <= WAVES; wave++) {
        fill->waves[wave - 1].opened = fill->now;
        wave_write(g_string_truncate(fill->row, 0), &fill->waves[wave - 1]);
        key_wave(&key, CAMPAIGN, wave);
        if (!put(fill, STORE_WAVE, &key, error))
            return FALSE;
    }
    return store_commit(fill->store, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 count = argc == 3 ? g_ascii_strtoull(argv[2], NULL, 10) : 0;
    if (count == 0 || count > COUNT_MAX) {
        g_printerr("usage: fill_participants FOLDER COUNT\n");
        return EX_USAGE;
    }
    struct fill fill = {.row = g_string_new(NULL), .now = g_get_real_time() / G_USEC_PER_SEC - COUNT_MAX};
    fill.store = store_bdb_open(argv[1], CACHE_SIZE, &error);
    gboolean done = fill.store != NULL && put_rows(&fill, (guint)count, &error) &&
                    put_counts(&fill, (guint)count, &error) && store_checkpoint(fill.store, &error);
    store_close(fill.store);
    g_string_free(fill.row, TRUE);
    if (!done)
        g_printerr("fill_participants: %s\n",
                   error != NULL ? error->message : "this ledger has no campaign with an import");
    return done ? 0 : EX_SOFTWARE;
}
