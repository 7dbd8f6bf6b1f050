/* test_record.c - rows of the ledger: there and back, order of keys, damage. */
#include "policyd/record.h"

#include <string.h>

static struct bytes bytes_of(const GString *text)
{
    return (struct bytes){text->str, text->len};
}

/* A read function with any struct of its kind. */
#define TEST_DAMAGE(out, read, type)                                                                                   \
    do {                                                                                                               \
        type record_;                                                                                                  \
        for (gsize size_ = 0; size_ < (out)->len; size_++)                                                             \
            g_assert_false(read((struct bytes){(out)->str, size_}, &record_));                                         \
        g_string_append_c(out, 'x');                                                                                   \
        g_assert_false(read(bytes_of(out), &record_));                                                                 \
        g_string_truncate(out, (out)->len - 1);                                                                        \
        (out)->str[0] = 99;                                                                                            \
        g_assert_false(read(bytes_of(out), &record_));                                                                 \
    } while (0)

static void test_life(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct life_record life = {.state = STATE_DEFERRED,
                               .wave = 3,
                               .attempt = 65535,
                               .fence = 65534,
                               .session = 7,
                               .changed = 1795424514,
                               .recipient = {{1, 2, 3}},
                               .queue_id = "4ABC",
                               .reply = "450 later"};
    struct life_record back;
    life_write(out, &life);
    g_assert_true(life_read(bytes_of(out), &back));
    g_assert_cmpint(back.state, ==, life.state);
    g_assert_cmpuint(back.wave, ==, 3);
    g_assert_cmpuint(back.attempt, ==, 65535);
    g_assert_cmpuint(back.fence, ==, 65534);
    g_assert_cmpuint(back.session, ==, 7);
    g_assert_cmpint(back.changed, ==, life.changed);
    g_assert_true(memcmp(&back.recipient, &life.recipient, HASH_SIZE) == 0);
    g_assert_cmpstr(back.queue_id, ==, "4ABC");
    g_assert_cmpstr(back.reply, ==, "450 later");
    TEST_DAMAGE(out, life_read, struct life_record);
}

static void test_slot_and_queue(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct slot_record slot = {.owner = {MAIL_FOREIGN, 9, G_MAXUINT64}, .since = 5, .queue_id = "Q"}, slot_back;
    slot_write(out, &slot);
    g_assert_true(slot_read(bytes_of(out), &slot_back));
    g_assert_true(owner_equal(&slot.owner, &slot_back.owner));
    g_assert_cmpstr(slot_back.queue_id, ==, "Q");
    TEST_DAMAGE(out, slot_read, struct slot_record);

    g_string_truncate(out, 0);
    struct queue_record queue = {.tombstone = TRUE,
                                 .owner = {MAIL_INVITATION, 1, 2},
                                 .state = STATE_RESERVED,
                                 .since = 8,
                                 .count = 2,
                                 .slots = {{1, 8106, {{1}}}, {1, 8107, {{2}}}}};
    static struct queue_record queue_back;
    queue_write(out, &queue);
    g_assert_true(queue_read(bytes_of(out), &queue_back));
    g_assert_true(queue_back.tombstone && !queue_back.rejected);
    g_assert_cmpuint(queue_back.count, ==, 2);
    g_assert_cmpuint(queue_back.slots[1].period, ==, 8107);
    g_assert_cmpuint(queue_back.slots[1].recipient.octets[0], ==, 2);
    TEST_DAMAGE(out, queue_read, struct queue_record);
}

static void test_campaign(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    char name[] = "sommer", title[] = "Sommer – Umfrage", text[] = "x", columns[] = ",Anrede,";
    struct campaign_record campaign = {.state = CAMPAIGN_PAUSED,
                                       .client = 3,
                                       .client_name = name,
                                       .name = name,
                                       .title = title,
                                       .dir = text,
                                       .file = text,
                                       .file_sha256 = text,
                                       .basis = text,
                                       .assured_by = text,
                                       .remark = NULL,
                                       .waves = text,
                                       .columns = columns,
                                       .approved_by = text,
                                       .parts = columns,
                                       .proof_parts = text,
                                       .hash = {1},
                                       .proof_hash = {2},
                                       .approved_at = 3,
                                       .imported_at = 4,
                                       .imports = 5,
                                       .proofs = 6,
                                       .session = 7,
                                       .participants = 8};
    struct campaign_record back;
    campaign_write(out, &campaign);
    g_assert_true(campaign_read(bytes_of(out), &back));
    g_assert_cmpint(back.state, ==, CAMPAIGN_PAUSED);
    g_assert_cmpstr(back.title, ==, title);
    g_assert_cmpstr(back.remark, ==, "");
    g_assert_cmpstr(back.columns, ==, columns);
    g_assert_cmpstr(back.parts, ==, columns);
    g_assert_cmpstr(back.proof_parts, ==, text);
    g_assert_cmpuint(back.hash[0], ==, 1);
    g_assert_cmpuint(back.proof_hash[0], ==, 2);
    g_assert_cmpuint(back.session, ==, 7);
    g_assert_cmpuint(back.participants, ==, 8);
    campaign_release(&back);
    TEST_DAMAGE(out, campaign_read, struct campaign_record);
}

static void test_import(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GArray) counts = g_array_new(FALSE, TRUE, sizeof(struct wave_record));
    const struct wave_record first = {.counts = {[STATE_NEW] = 4, [STATE_CAPPED] = 5}};
    g_array_append_val(counts, first);
    char file[] = "list.csv", text[] = "x";
    struct import_record import = {
        .state = IMPORT_DONE, .rows = 9, .at = 7, .counts = counts, .file = file, .basis = text, .columns = text};
    struct import_record back;
    import_write(out, &import);
    g_assert_true(import_read(bytes_of(out), &back));
    g_assert_cmpint(back.state, ==, IMPORT_DONE);
    g_assert_cmpuint(back.rows, ==, 9);
    g_assert_cmpint(back.at, ==, 7);
    g_assert_cmpstr(back.file, ==, "list.csv");
    g_assert_cmpstr(back.remark, ==, "");
    g_assert_cmpuint(back.counts->len, ==, 1);
    g_assert_cmpuint(g_array_index(back.counts, struct wave_record, 0).counts[STATE_CAPPED], ==, 5);
    import_release(&back);
    TEST_DAMAGE(out, import_read, struct import_record);
}

static void test_others(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct wave_record wave = {.opened = 12, .counts = {[STATE_NEW] = 4, [STATE_REFUSED] = 5}}, wave_back;
    wave_write(out, &wave);
    g_assert_true(wave_read(bytes_of(out), &wave_back));
    g_assert_true(memcmp(&wave, &wave_back, sizeof wave) == 0);
    TEST_DAMAGE(out, wave_read, struct wave_record);

    wave.counts[STATE_GREYLISTED] = 7;
    g_string_truncate(out, 0);
    wave_write(out, &wave);
    g_assert_true(wave_read(bytes_of(out), &wave_back));
    g_assert_true(memcmp(&wave, &wave_back, sizeof wave) == 0);
    g_string_truncate(out, out->len - 4); /* as it was before form 6 */
    out->str[0] = 1;
    g_assert_true(wave_read(bytes_of(out), &wave_back));
    wave.counts[STATE_GREYLISTED] = 0;
    g_assert_true(memcmp(&wave, &wave_back, sizeof wave) == 0);
    TEST_DAMAGE(out, wave_read, struct wave_record);

    g_string_truncate(out, 0);
    struct participant_record participant = {
        .address = "a@b.example", .count = 2, .attributes = {{"Name", "Bär"}, {"leer", ""}}};
    static struct participant_record participant_back;
    participant_write(out, &participant);
    g_assert_true(participant_read(bytes_of(out), &participant_back));
    g_assert_cmpstr(participant_back.address, ==, "a@b.example");
    g_assert_cmpstr(participant_back.attributes[0].value, ==, "Bär");
    g_assert_cmpstr(participant_back.attributes[1].value, ==, "");
    TEST_DAMAGE(out, participant_read, struct participant_record);

    g_string_truncate(out, 0);
    struct proof_record proof = {.state = STATE_BEGUN,
                                 .participant = PARTICIPANT_MAX,
                                 .changed = 1,
                                 .to = {{5}},
                                 .content = {6},
                                 .begun = 7,
                                 .by = "anna"};
    struct proof_record proof_back;
    proof_write(out, &proof);
    g_assert_true(proof_read(bytes_of(out), &proof_back));
    g_assert_cmpuint(proof_back.participant, ==, PARTICIPANT_MAX);
    g_assert_true(proof_back.begun == 7 && strcmp(proof_back.by, "anna") == 0);
    TEST_DAMAGE(out, proof_read, struct proof_record);
    out->str[0] = 1; /* as it was before it told who had it sent */
    g_string_truncate(out, out->len - 5 - strlen("Xanna"));
    g_assert_true(proof_read(bytes_of(out), &proof_back));
    g_assert_true(proof_back.changed == 1 && proof_back.begun == 0 && *proof_back.by == '\0');

    g_string_truncate(out, 0);
    suppression_write(out, &(struct suppression_record){9, "asked for it"});
    struct suppression_record suppression;
    g_assert_true(suppression_read(bytes_of(out), &suppression));
    g_assert_cmpstr(suppression.reason, ==, "asked for it");
    TEST_DAMAGE(out, suppression_read, struct suppression_record);
}

static int compare(const struct key *a, const struct key *b)
{
    int order = memcmp(a->data, b->data, MIN(a->size, b->size));
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static void test_keys(void)
{
    struct key a, b;
    guint64 participant;
    key_life(&a, 1, MAIL_INVITATION, 255);
    key_life(&b, 1, MAIL_INVITATION, 256);
    g_assert_cmpint(compare(&a, &b), <, 0);
    g_assert_true(key_read_participant(key_bytes(&b), &participant));
    g_assert_cmpuint(participant, ==, 256);
    key_life(&a, 1, MAIL_INVITATION, PARTICIPANT_MAX);
    key_life(&b, 1, MAIL_REMINDER, reminder_id(1, 1));
    g_assert_cmpint(compare(&a, &b), <, 0);
    key_life(&a, 1, MAIL_REMINDER, reminder_id(1, REMINDERS_MAX));
    g_assert_cmpint(compare(&b, &a), <, 0);
    g_assert_true(key_read_reminder(key_bytes(&a), &participant));
    g_assert_cmpuint(participant, ==, reminder_id(1, REMINDERS_MAX));
    key_life(&b, 1, MAIL_REMINDER, reminder_id(2, 1));
    g_assert_cmpint(compare(&a, &b), <, 0);
    key_life(&b, 1, MAIL_REMINDER, reminder_id(2, REMINDERS_MAX + 1));
    g_assert_false(key_read_reminder(key_bytes(&b), &participant));
    key_slot(&a, &(struct slot_key){1, period_of_label("2026Q4"), {{255}}});
    key_slot(&b, &(struct slot_key){1, period_of_label("2027Q1"), {{0}}});
    g_assert_cmpuint(a.size, ==, SLOT_KEY_SIZE);
    g_assert_cmpint(compare(&a, &b), <, 0);
    g_assert_cmpuint(period_of_label("2027Q1"), ==, period_of_label("2026Q4") + 1);
    key_campaign_name(&a, "client", "a");
    key_campaign_name(&b, "client-a", "a");
    g_assert_cmpint(compare(&a, &b), !=, 0);
    g_assert_true(queue_id_valid("4dCmbV2Rc1zDnx") && !queue_id_valid("") && !queue_id_valid("a b") &&
                  !queue_id_valid("1234567890123456789012345678901"));
    for (int state = STATE_NEW; state < MAIL_STATES; state++)
        g_assert_cmpint(mail_state_from_name(mail_state_name((enum mail_state)state)), ==, state);
}

static gboolean read_reservation(struct bytes value, struct queue_record *queue_r)
{
    gboolean whole;
    return reservation_read(value, queue_r, &whole) && whole;
}

static void test_reservation_of_form_6(void)
{
    static const guint8 row[] = {1, 0, 0, 0, 0, 0, 0, 1, 2}, cut[] = {1, 0, 0}, long_row[10] = {1};
    struct queue_record queue = {0};
    gboolean whole;
    g_assert_true(reservation_read((struct bytes){row, sizeof row}, &queue, &whole));
    g_assert_true(!whole && queue.reserved && queue.boot == 258);
    g_assert_false(reservation_read((struct bytes){cut, sizeof cut}, &queue, &whole));
    g_assert_false(reservation_read((struct bytes){long_row, sizeof long_row}, &queue, &whole));
}

static void test_reservation_and_decision(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const struct queue_record reservation = {.reserved = TRUE,
                                             .boot = G_MAXUINT64,
                                             .rejected = TRUE,
                                             .owner = {MAIL_FOREIGN, 3, 5},
                                             .state = STATE_RESERVED,
                                             .since = 1795424514,
                                             .count = 1};
    struct queue_record reservation_back = {0};
    reservation_write(out, &reservation);
    g_assert_true(read_reservation(bytes_of(out), &reservation_back));
    g_autoptr(GString) again = g_string_new(NULL);
    reservation_write(again, &reservation_back);
    g_assert_true(reservation_back.reserved && reservation_back.boot == G_MAXUINT64 && g_string_equal(out, again));
    TEST_DAMAGE(out, read_reservation, struct queue_record);

    struct decision_record decision = {STATE_UNCERTAIN, STATE_NEW, "4ABC", "Erika", "she rang"}, back;
    g_string_truncate(out, 0);
    decision_write(out, &decision);
    g_assert_true(decision_read(bytes_of(out), &back));
    g_assert_cmpint(back.before, ==, STATE_UNCERTAIN);
    g_assert_cmpint(back.after, ==, STATE_NEW);
    g_assert_cmpstr(back.queue_id, ==, "4ABC");
    g_assert_cmpstr(back.by, ==, "Erika");
    g_assert_cmpstr(back.because, ==, "she rang");
    TEST_DAMAGE(out, decision_read, struct decision_record);

    struct key key, prefix;
    enum mail_kind kind;
    guint64 id;
    gint64 seconds;
    char queue_id[QUEUE_ID_MAX + 1];
    key_decision(&key, 7, MAIL_INVITATION, PARTICIPANT_MAX, 1795424514);
    key_prefix_decisions(&prefix, 7, MAIL_INVITATION, PARTICIPANT_MAX);
    g_assert_true(memcmp(key.data, prefix.data, prefix.size) == 0);
    g_assert_true(key_read_decision(key_bytes(&key), &kind, &id, &seconds));
    g_assert_true(kind == MAIL_INVITATION && id == PARTICIPANT_MAX && seconds == 1795424514);
    g_assert_false(key_read_decision(key_bytes(&prefix), &kind, &id, &seconds));
    key_decision(&key, 7, MAIL_REMINDER, reminder_id(PARTICIPANT_MAX, REMINDERS_MAX), 1795424515);
    key_prefix_decisions(&prefix, 7, MAIL_REMINDER, PARTICIPANT_MAX);
    g_assert_true(memcmp(key.data, prefix.data, prefix.size) == 0);
    g_assert_true(key_read_decision(key_bytes(&key), &kind, &id, &seconds));
    g_assert_true(kind == MAIL_REMINDER && id == reminder_id(PARTICIPANT_MAX, REMINDERS_MAX) && seconds == 1795424515);
    key.size--;
    g_assert_false(key_read_decision(key_bytes(&key), &kind, &id, &seconds));
    key_reservation(&key, "4ABC");
    g_assert_true(key_read_reservation(key_bytes(&key), queue_id));
    g_assert_cmpstr(queue_id, ==, "4ABC");
    key_reservation(&key, "4 BC");
    g_assert_false(key_read_reservation(key_bytes(&key), queue_id));
}

static void test_reject(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct reject_record reject = {.known = FALSE, .column = "AB", .reason = "no address"}, back;
    reject_write(out, &reject);
    g_assert_true(reject_read(bytes_of(out), &back));
    g_assert_false(back.known);
    g_assert_cmpstr(back.column, ==, "AB");
    g_assert_cmpstr(back.reason, ==, "no address");
    TEST_DAMAGE(out, reject_read, struct reject_record);

    char label[QUARTER_LABEL_SIZE];
    static const char *const labels[] = {"2026Q4", "2027Q1", "0001Q1"};
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        period_label(period_of_label(labels[i]), label);
        g_assert_cmpstr(label, ==, labels[i]);
    }
    period_label(0, label);
    g_assert_cmpstr(label, ==, "");
}

static void test_audit(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const struct audit_record entry = {.number = G_MAXUINT64,
                                       .time = 1795424514,
                                       .uid = 4711,
                                       .user = "anna",
                                       .by = "Erika",
                                       .action = "approve",
                                       .client = "acme",
                                       .campaign = "one",
                                       .subject = "1",
                                       .detail = "why",
                                       .before = {{1, 2, 3}}};
    struct audit_record back;
    audit_write(out, &entry);
    for (size_t i = 0; i < CHAIN_OCTETS; i++)
        g_string_append_c(out, 'm'); /* audit_seal() makes the link */
    g_assert_true(audit_read(bytes_of(out), &back));
    g_assert_true(back.number == G_MAXUINT64 && back.time == 1795424514 && back.uid == 4711);
    g_assert_cmpstr(back.user, ==, "anna");
    g_assert_cmpstr(back.by, ==, "Erika");
    g_assert_cmpstr(back.action, ==, "approve");
    g_assert_cmpstr(back.client, ==, "acme");
    g_assert_cmpstr(back.campaign, ==, "one");
    g_assert_cmpstr(back.subject, ==, "1");
    g_assert_cmpstr(back.detail, ==, "why");
    g_assert_true(chain_equal(&back.before, &entry.before) && back.mac.octets[0] == 'm');
    TEST_DAMAGE(out, audit_read, struct audit_record);

    const struct audit_head head = {.number = 7, .mac = {{8}}, .seal = {{9}}};
    struct audit_head head_back;
    g_string_truncate(out, 0);
    audit_head_write(out, &head);
    g_assert_true(audit_head_read(bytes_of(out), &head_back));
    g_assert_true(head_back.number == 7 && chain_equal(&head_back.mac, &head.mac) &&
                  chain_equal(&head_back.seal, &head.seal));
    TEST_DAMAGE(out, audit_head_read, struct audit_head);
}

/* One that was approved despite something has a form of its own, so that older rows stay what they were. */
static void test_forced(void)
{
    g_autoptr(GString) plain = g_string_new(NULL), forced = g_string_new(NULL);
    char text[] = "x", reason[] = "no zone";
    struct campaign_record campaign = {.state = CAMPAIGN_APPROVED, .client = 1, .client_name = text, .name = text},
                           back;
    campaign_write(plain, &campaign);
    campaign.despite = reason;
    campaign_write(forced, &campaign);
    g_assert_true(campaign_read(bytes_of(plain), &back));
    g_assert_null(back.despite);
    campaign_release(&back);
    g_assert_true(campaign_read(bytes_of(forced), &back));
    g_assert_cmpstr(back.despite, ==, "no zone");
    campaign_release(&back);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/record/life", test_life);
    g_test_add_func("/record/slot-and-queue", test_slot_and_queue);
    g_test_add_func("/record/campaign", test_campaign);
    g_test_add_func("/record/import", test_import);
    g_test_add_func("/record/others", test_others);
    g_test_add_func("/record/keys", test_keys);
    g_test_add_func("/record/reservation-of-form-6", test_reservation_of_form_6);
    g_test_add_func("/record/reservation-and-decision", test_reservation_and_decision);
    g_test_add_func("/record/reject", test_reject);
    g_test_add_func("/record/audit", test_audit);
    g_test_add_func("/record/forced", test_forced);
    return g_test_run();
}
