/*
 * fuzz_witness.c - any octets as a witness's file. The chain keeps all but good files out early, so the input is tried
 * twice: as it is, and as the lines of a record with a right head and end.
 */
#include "policyd/witness.h"
#include "policyd/witness_text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

/* Whatever is handed on reads back from what would be written of it. */
static gboolean write_again(void *cookie, guint64 sequence, enum store_table table, struct bytes key,
                            const struct bytes *value, GError **error)
{
    (void)error;
    g_assert_cmpuint(sequence, ==, 1);
    g_string_append(cookie, value != NULL ? "+ " : "- ");
    rowtext_append(cookie, table, key, value);
    g_string_append_c(cookie, '\n');
    return TRUE;
}

static void try_file(struct secret *secret, const char *data, size_t size, GString *changes)
{
    struct witness_summary summary;
    if (!witness_read((struct bytes){data, size}, "fuzz", secret, 0, write_again, changes, &summary, NULL))
        return;
    g_assert_cmpuint(summary.size, <=, size);
    g_assert_cmpuint(summary.settled, <=, summary.last);
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    static const guint8 octets[SECRET_SIZE] = {1, 2, 3};
    g_autoptr(secret_auto) secret = secret_new(octets);
    g_autoptr(GString) changes = g_string_new(NULL), file = g_string_new(NULL), record = g_string_new(NULL);
    const struct witness_head head = {.file = 1, .uuid = "00112233445566778899aabbccddeeff", .epoch = 1};
    struct chain_mac chain;
    guint64 lines = 0;
    try_file(secret, (const char *)data, size, changes);
    g_string_truncate(changes, 0);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    for (int i = 0; i < CHAIN_OCTETS; i++)
        g_string_append_c(record, '\0');
    g_string_append_len(record, (const char *)data, (gssize)size);
    witness_text_head(file, &head, secret, &chain);
    witness_text_end(record, 1, lines, secret, &chain);
    g_string_append_len(file, record->str + CHAIN_OCTETS, (gssize)record->len - CHAIN_OCTETS);
    try_file(secret, file->str, file->len, changes);
    if (changes->len == size)
        g_assert_true(size == 0 || memcmp(changes->str, data, size) == 0);
    return 0;
}
