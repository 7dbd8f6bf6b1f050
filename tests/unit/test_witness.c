/*
 * test_witness.c - the witness: every octet changed, every length cut, files lost or exchanged; and what a store writes
 * to it.
 */
#include "policyd/integrity.h"
#include "policyd/meta.h"
#include "policyd/record.h"
#include "policyd/store_witness.h"
#include "policyd/witness_text.h"

#include "lib/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define UUID "00112233445566778899aabbccddeeff"
#define RECORDS 3

static const guint8 octets[SECRET_SIZE] = {1, 2, 3}, others[SECRET_SIZE] = {4};

struct fixture {
    char *folder;
    struct secret *secret, *stranger;
};

static void set_up(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    fixture->folder = g_dir_make_tmp("witness-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->secret = secret_new(octets);
    fixture->stranger = secret_new(others);
}

static void remove_all(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            remove_all(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}

static void tear_down(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    remove_all(fixture->folder);
    g_free(fixture->folder);
    secret_free(fixture->secret);
    secret_free(fixture->stranger);
}

static struct bytes text(const char *string)
{
    return (struct bytes){string, strlen(string)};
}

/* One record: a row written, another removed, both named after its number. */
static void append(struct witness *witness, gboolean settle)
{
    g_autoptr(GError) error = NULL;
    guint64 last;
    g_autofree char *key = g_strdup_printf("key %" G_GUINT64_FORMAT, witness_last(witness) + 1);
    struct bytes value = text("va%lue");
    witness_note(witness, STORE_SLOT, text(key), &value);
    witness_note(witness, STORE_QUEUE, text(key), NULL);
    g_assert_true(witness_append(witness, &error) && witness_sync(witness, &last, &error));
    g_assert_true(!settle || witness_settle(witness, last, &error));
    g_assert_no_error(error);
}

static struct witness *create(struct fixture *fixture, guint64 base, const struct chain_mac *chain)
{
    g_autoptr(GError) error = NULL;
    struct witness_head head = {.uuid = UUID, .epoch = 1, .base = base};
    if (chain != NULL)
        head.chain = *chain;
    struct witness *witness = witness_create(fixture->folder, fixture->secret, &head, &error);
    g_assert_no_error(error);
    return witness;
}

/* The text of a file with RECORDS records, all settled. */
static GString *make_text(struct fixture *fixture)
{
    g_autofree char *data = NULL;
    gsize size;
    struct witness *witness = create(fixture, 0, NULL);
    for (int i = 0; i < RECORDS; i++)
        append(witness, TRUE);
    witness_free(witness);
    g_autofree char *path = witness_path(fixture->folder, 1);
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    return g_string_new_len(data, (gssize)size);
}

static gboolean read_text(struct fixture *fixture, const GString *file, struct witness_summary *summary_r)
{
    g_autoptr(GError) error = NULL;
    gboolean good = witness_read(rowtext_bytes(file), "test", fixture->secret, 0, NULL, NULL, summary_r, &error);
    g_assert_true(good || g_error_matches(error, POSTWELLE_ERROR, ERROR_DATA));
    return good;
}

static gboolean write_down(void *cookie, guint64 sequence, enum store_table table, struct bytes key,
                           const struct bytes *value, GError **error)
{
    (void)error;
    g_string_append_printf(cookie, "%" G_GUINT64_FORMAT " %s %.*s=%.*s\n", sequence, store_table_name(table),
                           (int)key.size, (const char *)key.data, value != NULL ? (int)value->size : 1,
                           value != NULL ? (const char *)value->data : "-");
    return TRUE;
}

static void test_read(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GString) file = make_text(fixture), seen = g_string_new(NULL);
    struct witness_summary summary;
    g_assert_true(witness_read(rowtext_bytes(file), "test", fixture->secret, 1, write_down, seen, &summary, NULL));
    g_assert_cmpstr(seen->str, ==, "2 slot key 2=va%lue\n2 queue key 2=-\n3 slot key 3=va%lue\n3 queue key 3=-\n");
    g_assert_cmpuint(summary.last, ==, RECORDS);
    g_assert_cmpuint(summary.settled, ==, RECORDS);
    g_assert_cmpuint(summary.size, ==, file->len);
    g_assert_cmpstr(summary.head.uuid, ==, UUID);
    g_assert_false(witness_read(rowtext_bytes(file), "test", fixture->stranger, 0, NULL, NULL, &summary, NULL));
}

/* Whatever bit is turned: it is noticed; or it was in a `!`, of which less is known then, and all records are there. */
static void test_flip(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GString) file = make_text(fixture);
    struct witness_summary good, summary;
    g_assert_true(read_text(fixture, file, &good));
    for (gsize i = 0; i < file->len; i++)
        for (int bit = 0; bit < 8; bit++) {
            file->str[i] = (char)(file->str[i] ^ (1 << bit));
            if (read_text(fixture, file, &summary)) {
                g_assert_cmpuint(summary.last, ==, RECORDS);
                g_assert_true(memcmp(&summary.chain, &good.chain, sizeof good.chain) == 0);
                g_assert_cmpuint(summary.settled, <=, RECORDS);
            }
            file->str[i] = (char)(file->str[i] ^ (1 << bit));
        }
}

static guint64 count_ends(const GString *file, gsize size)
{
    guint64 ends = 0;
    for (gsize i = 0; i < size; i++) /* a whole line that begins with = */
        ends += file->str[i] == '=' && file->str[i - 1] == '\n' && memchr(file->str + i, '\n', size - i) != NULL;
    return ends;
}

/* Wherever it is cut: what is left of whole records is there, and no more. */
static void test_cut(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GString) file = make_text(fixture);
    gsize head = (gsize)(strchr(file->str, '\n') + 1 - file->str);
    for (gsize size = 0; size < file->len; size++) {
        struct witness_summary summary;
        g_autoptr(GString) cut = g_string_new_len(file->str, (gssize)size);
        gboolean good = read_text(fixture, cut, &summary);
        g_assert_cmpint(good, ==, size >= head);
        if (good) {
            g_assert_cmpuint(summary.last, ==, count_ends(file, size));
            g_assert_cmpuint(summary.size, <=, size);
        }
    }
}

/* Lines of the file: 0 head; then for each record + - = !. */
struct damage {
    const char *name;
    int remove, count;  /* lines taken out, from that one on */
    const char *append; /* put behind all */
    gsize append_size;  /* where it holds NULs */
    int last;           /* of the good part; -1: it is noticed */
};

static const struct damage damages[] = {
    {"none", 0, 0, NULL, 0, 3},
    {"garbage behind", 0, 0, "garbage\n", 0, -1},
    {"a word behind", 0, 0, "x", 0, -1},
    {"a record begun", 0, 0, "+ slot a b\n- slot", 0, 3},
    {"a record's first octet", 0, 0, "+", 0, 3},
    {"a ! begun", 0, 0, "! 3", 0, 3},
    {"a ! of what is not there", 0, 0, "! 4\n", 0, -1},
    {"a ! that goes back", 0, 0, "! 2\n", 0, -1},
    {"an end without a record", 0, 0, "= 4 0 00000000 00000000000000000000000000000000\n", 0, -1},
    {"a forged record", 0, 0, "+ slot a b\n= 4 1 00000000 00000000000000000000000000000000\n", 0, -1},
    {"a record that lost a page", 0, 0, "+ slot a\0\0\0\0\n= 4 1 00000000 00000000000000000000000000000000\n", 62, 3},
    {"a lost page at the end", 0, 0, "\0\0\0\0", 4, 3},
    {"a lost page, and settled", 0, 0, "+ slot a\0\0\0\0\n= 4 1 00000000 00000000000000000000000000000000\n! 4\n", 66,
     -1},
    {"the first record taken out", 1, 4, NULL, 0, -1},
    {"the second record taken out", 5, 4, NULL, 0, -1},
    {"a change taken out", 6, 1, NULL, 0, -1},
    {"an end taken out", 7, 1, NULL, 0, -1},
    {"a ! taken out", 8, 1, NULL, 0, 3},
    {"the last ! taken out", 12, 1, NULL, 0, 3},
    {"the last record taken out", 9, 4, NULL, 0, 2},
    {"the last end taken out, but not its !", 11, 1, NULL, 0, -1},
    {"the head taken out", 0, 1, NULL, 0, -1},
};

static void test_damage(struct fixture *fixture, gconstpointer data)
{
    const struct damage *damage = data;
    g_autoptr(GString) file = make_text(fixture), changed = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(file->str, "\n", -1);
    for (int i = 0; lines[i + 1] != NULL; i++)
        if (i < damage->remove || i >= damage->remove + damage->count)
            g_string_append_printf(changed, "%s\n", lines[i]);
    if (damage->append != NULL)
        g_string_append_len(changed, damage->append, damage->append_size > 0 ? (gssize)damage->append_size : -1);
    struct witness_summary summary;
    gboolean good = read_text(fixture, changed, &summary);
    g_assert_cmpint(good ? (int)summary.last : -1, ==, damage->last);
}

/* What a crash left behind is cut off, and the chain goes on. */
static void test_go_on(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GString) file = make_text(fixture);
    g_autoptr(GError) error = NULL;
    struct witness_summary summary;
    g_autofree char *path = witness_path(fixture->folder, 1);
    g_string_append(file, "+ slot torn");
    g_assert_true(g_file_set_contents(path, file->str, (gssize)file->len, NULL));
    g_assert_true(witness_read_file(fixture->folder, 1, fixture->secret, 0, NULL, NULL, &summary, &error));
    struct witness *witness = witness_open(fixture->folder, fixture->secret, &summary, &error);
    append(witness, TRUE);
    append(witness, FALSE);
    g_assert_true(witness_retract(witness, &error));
    append(witness, FALSE);
    witness_free(witness);
    g_assert_true(witness_read_file(fixture->folder, 1, fixture->secret, 0, NULL, NULL, &summary, &error));
    g_assert_cmpuint(summary.last, ==, RECORDS + 2);
    g_assert_cmpuint(summary.settled, ==, RECORDS + 1);
}

static void check_chain(struct fixture *fixture, guint32 oldest, guint32 newest)
{
    g_autoptr(GError) error = NULL;
    struct witness_summary first, last;
    g_assert_true(witness_chain(fixture->folder, fixture->secret, &first, &last, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(first.head.file, ==, oldest);
    g_assert_cmpuint(last.head.file, ==, newest);
}

/* Files follow each other; one that is lost, exchanged or renamed ends the chain. */
static void test_files(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    struct witness_summary summary;
    struct witness *witness = create(fixture, 0, NULL);
    for (int file = 1; file <= 5; file++) {
        append(witness, TRUE);
        witness_turn(witness);
    }
    check_chain(fixture, 1, 5);
    witness_prune(witness, 2);
    check_chain(fixture, 3, 5);
    witness_free(witness);
    g_autofree char *third = witness_path(fixture->folder, 3), *fourth = witness_path(fixture->folder, 4),
                    *fifth = witness_path(fixture->folder, 5), *sixth = witness_path(fixture->folder, 6);
    g_assert_cmpint(g_rename(third, fourth), ==, 0);
    check_chain(fixture, 5, 5);
    g_assert_cmpint(g_rename(fifth, sixth), ==, 0);
    g_assert_false(witness_read_file(fixture->folder, 6, fixture->secret, 0, NULL, NULL, &summary, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
}

/* --- the store that writes it ------------------------------------------------------------------ */

static void check_sequence(struct store *store, struct witness *witness, guint64 expected)
{
    guint64 sequence;
    g_assert_true(meta_get_number(store, META_SEQUENCE, &sequence, NULL));
    g_assert_cmpuint(sequence, ==, expected);
    g_assert_cmpuint(witness_last(witness), ==, expected);
}

static void commit(struct store *store)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(store_commit(store, &error) && store_flush(store, &error));
    g_assert_no_error(error);
}

static void test_store(struct fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autofree char *ledger = g_build_filename(fixture->folder, "ledger", NULL);
    struct witness_summary summary;
    g_assert_true(store_bdb_create(ledger, &error));
    struct witness *witness = create(fixture, 0, NULL);
    struct store *store = store_witness_new(store_bdb_open(ledger, 1 << 20, &error), witness);
    g_assert_no_error(error);
    g_assert_true(store_begin(store, NULL));
    g_assert_cmpint(store_put(store, STORE_SLOT, text("a"), text("1"), NULL), ==, STORE_DONE);
    g_assert_cmpint(store_insert(store, STORE_SLOT, text("a"), text("2"), NULL), ==, STORE_PRESENT);
    g_assert_cmpint(store_remove(store, STORE_SLOT, text("b"), NULL), ==, STORE_ABSENT);
    commit(store);
    check_sequence(store, witness, 1);
    g_assert_true(store_begin(store, NULL));
    g_assert_cmpint(store_put(store, STORE_SLOT, text("c"), text("3"), NULL), ==, STORE_DONE);
    g_assert_true(store_abort(store, NULL));
    g_assert_true(store_begin(store, NULL));
    g_assert_cmpint(store_put(store, STORE_PARTICIPANT, text("d"), text("someone@example.org"), NULL), ==, STORE_DONE);
    commit(store);
    check_sequence(store, witness, 1);
    g_assert_true(store_begin(store, NULL));
    g_assert_cmpint(store_remove(store, STORE_SLOT, text("a"), NULL), ==, STORE_DONE);
    commit(store);
    check_sequence(store, witness, 2);
    store_close(store);
    g_assert_true(witness_read_file(fixture->folder, 1, fixture->secret, 0, write_down, seen, &summary, NULL));
    g_assert_cmpstr(seen->str, ==, "1 slot a=1\n2 slot a=-\n");
    g_assert_cmpuint(summary.settled, ==, 2);
}

static void test_wants(void)
{
    static const struct {
        struct life_record life;
        gboolean wanted;
    } lives[] = {
        {{.state = STATE_NEW, .wave = 1}, FALSE},
        {{.state = STATE_CAPPED, .wave = 1}, FALSE}, /* when it was imported */
        {{.state = STATE_SUPPRESSED, .wave = 1}, FALSE},
        {{.state = STATE_CAPPED, .wave = 1, .session = 1}, TRUE}, /* when it was to be begun */
        {{.state = STATE_SUPPRESSED, .wave = 1, .session = 1}, TRUE},
        {{.state = STATE_REFUSED, .wave = 1}, TRUE},
        {{.state = STATE_NEW, .wave = 1, .attempt = 1}, TRUE},
    };
    const struct bytes any = text("x");
    for (size_t i = 0; i < G_N_ELEMENTS(lives); i++) {
        g_autoptr(GString) row = g_string_new(NULL);
        life_write(row, &lives[i].life);
        const struct bytes value = rowtext_bytes(row);
        g_assert_cmpint(store_witness_wants(STORE_LIFE, any, &value), ==, lives[i].wanted);
    }
    g_assert_true(store_witness_wants(STORE_SLOT, any, &any) && store_witness_wants(STORE_SLOT, any, NULL));
    g_assert_true(store_witness_wants(STORE_SUPPRESSION, any, &any) && store_witness_wants(STORE_QUEUE, any, &any));
    g_assert_false(store_witness_wants(STORE_PARTICIPANT, any, &any) || store_witness_wants(STORE_MEMBER, any, &any));
    g_assert_true(store_witness_wants(STORE_META, text(META_CLIENTS), &any));
    g_assert_false(store_witness_wants(STORE_META, text(META_TRACK), &any));
}

/* --- the verdict over both --------------------------------------------------------------------- */

static const struct {
    const char *name;
    struct integrity_facts facts;
    enum integrity expected;
} verdicts[] = {
    {"both empty", {TRUE, FALSE, 0, 0, 0}, INTEGRITY_GOOD},
    {"both at the end", {TRUE, FALSE, 7, 7, 7}, INTEGRITY_GOOD},
    {"at the end, not settled", {TRUE, FALSE, 7, 7, 6}, INTEGRITY_GOOD},
    {"killed between record and transaction", {TRUE, FALSE, 6, 7, 6}, INTEGRITY_FINISH},
    {"one lost that was settled", {TRUE, FALSE, 6, 7, 7}, INTEGRITY_OLD},
    {"two lost", {TRUE, FALSE, 5, 7, 6}, INTEGRITY_OLD},
    {"an empty ledger", {TRUE, FALSE, 0, 7, 7}, INTEGRITY_OLD},
    {"power lost before the record", {TRUE, FALSE, 8, 7, 7}, INTEGRITY_SKIP},
    {"an old witness", {TRUE, FALSE, 9, 7, 7}, INTEGRITY_AHEAD},
    {"another's", {FALSE, FALSE, 7, 7, 7}, INTEGRITY_OTHER},
    {"a backup's copy", {TRUE, TRUE, 7, 7, 7}, INTEGRITY_BACKUP},
};

static void test_judge(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++) {
        g_test_message("%s", verdicts[i].name);
        g_assert_cmpint(integrity_judge(&verdicts[i].facts), ==, verdicts[i].expected);
    }
}

static void test_rowtext(void)
{
    static const char *const bad[] = {"slot",       "slot ",      "slot a b c", "nosuch a b",  "slot a %", "slot a %4",
                                      "slot a %41", "slot a %0a", "slot a %zz", "slot a \x01", " a b"};
    struct rowtext row;
    rowtext_init(&row);
    g_autoptr(GString) line = g_string_new(NULL);
    const struct bytes value = {"\0 %~\xff", 5};
    rowtext_append(line, STORE_META, text("key"), &value);
    g_assert_cmpstr(line->str, ==, "meta key %00%20%25~%FF");
    g_assert_true(rowtext_parse(line->str, line->len, TRUE, &row));
    g_assert_true(row.value->len == value.size && memcmp(row.value->str, value.data, value.size) == 0);
    g_assert_true(rowtext_parse("meta key ", 9, TRUE, &row) && row.value->len == 0);
    g_assert_true(rowtext_parse("meta key", 8, FALSE, &row));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(rowtext_parse(bad[i], strlen(bad[i]), TRUE, &row));
    rowtext_release(&row);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add(name, struct fixture, NULL, set_up, function, tear_down)
    ADD("/witness/read", test_read);
    ADD("/witness/flip", test_flip);
    ADD("/witness/cut", test_cut);
    ADD("/witness/go-on", test_go_on);
    ADD("/witness/files", test_files);
    ADD("/witness/store", test_store);
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autofree char *name = g_strconcat("/witness/damage/", damages[i].name, NULL);
        g_test_add(name, struct fixture, &damages[i], set_up, test_damage, tear_down);
    }
    g_test_add_func("/witness/wants", test_wants);
    g_test_add_func("/witness/judge", test_judge);
    g_test_add_func("/witness/rowtext", test_rowtext);
    return g_test_run();
}
