/*
 * fuzz_record.c - any octets as a row of each table: refused, or written again as the very same octets. The first octet
 * chooses the table.
 */
#include "policyd/record.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static union {
    struct campaign_record campaign;
    struct import_record import;
    struct wave_record wave;
    struct proof_record proof;
    struct participant_record participant;
    struct life_record life;
    struct slot_record slot;
    struct queue_record queue;
    struct suppression_record suppression;
    struct audit_record audit;
    struct audit_head audit_head;
    guint64 number;
} record;

/* Reads and writes one kind of row. TRUE where it was good. */
#define TRY(kind)                                                                                                      \
    static gboolean try_##kind(struct bytes value, GString *out)                                                       \
    {                                                                                                                  \
        if (!kind##_read(value, &record.kind))                                                                         \
            return FALSE;                                                                                              \
        kind##_write(out, &record.kind);                                                                               \
        return TRUE;                                                                                                   \
    }

TRY(wave)
TRY(proof)
TRY(participant)
TRY(life)
TRY(slot)
TRY(queue)
TRY(suppression)
TRY(audit_head)

static gboolean try_number(struct bytes value, GString *out)
{
    if (!number_read(value, &record.number))
        return FALSE;
    number_write(out, record.number);
    return TRUE;
}

static gboolean try_audit(struct bytes value, GString *out)
{
    if (!audit_read(value, &record.audit))
        return FALSE;
    audit_write(out, &record.audit);
    g_string_append_len(out, (const char *)record.audit.mac.octets, CHAIN_OCTETS);
    return TRUE;
}

static gboolean try_campaign(struct bytes value, GString *out)
{
    if (!campaign_read(value, &record.campaign))
        return FALSE;
    campaign_write(out, &record.campaign);
    campaign_release(&record.campaign);
    return TRUE;
}

static gboolean try_import(struct bytes value, GString *out)
{
    if (!import_read(value, &record.import))
        return FALSE;
    import_write(out, &record.import);
    import_release(&record.import);
    return TRUE;
}

static gboolean (*const tries[])(struct bytes value, GString *out) = {
    try_import, try_wave,  try_proof,       try_participant, try_life,
    try_slot,   try_queue, try_suppression, try_number,      try_campaign,
    try_audit,  try_audit_head,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) out = g_string_new(NULL);
    if (size == 0)
        return 0;
    const struct bytes value = {data + 1, size - 1};
    gboolean (*try)(struct bytes, GString *) = tries[data[0] % G_N_ELEMENTS(tries)];
    if (!try(value, out))
        return 0;
    /*
     * A text longer than its table's limit is cut in writing, and what is of an earlier version becomes of ours; then
     * it must read again.
     */
    if (out->len != value.size) {
        g_autoptr(GString) again = g_string_new(NULL);
        g_assert_true(out->len < value.size || (guint8)out->str[0] > data[1]);
        g_assert_true(try((struct bytes){out->str, out->len}, again));
        g_assert_true(g_string_equal(out, again));
        return 0;
    }
    g_assert_true(memcmp(out->str, value.data, value.size) == 0);
    return 0;
}
