/* witness.c - the form of the witness: making and verifying its lines; see witness.h. */
#include "policyd/witness.h"

#include "lib/error.h"
#include "policyd/witness_text.h"

#include <string.h>

#define MAGIC "postwelle-witness 1 "
#define MAC_DIGITS ((size_t)2 * CHAIN_OCTETS)
#define CRC_DIGITS 8
#define CRC_POLYNOMIAL 0x82f63b78u /* CRC-32C (Castagnoli), reflected */

/* --- check sums -------------------------------------------------------------------------------- */

#define CRC_STEP 8 /* octets at a time */

/* of[n]: what an octet does to the sum when n more octets follow it in the step. */
struct crc_table {
    guint32 of[CRC_STEP][256];
};

static gpointer make_crc_table(gpointer unused)
{
    (void)unused;
    struct crc_table *table = g_new(struct crc_table, 1);
    for (guint32 octet = 0; octet < 256; octet++) {
        guint32 crc = octet;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? CRC_POLYNOMIAL : 0);
        table->of[0][octet] = crc;
    }
    for (int more = 1; more < CRC_STEP; more++)
        for (int octet = 0; octet < 256; octet++) {
            guint32 crc = table->of[more - 1][octet];
            table->of[more][octet] = (crc >> 8) ^ table->of[0][crc & 0xff];
        }
    return table;
}

static guint32 crc32c(const char *data, size_t size)
{
    static GOnce once = G_ONCE_INIT;
    const struct crc_table *table = g_once(&once, make_crc_table, NULL);
    const guint8 *octets = (const guint8 *)data;
    guint32 crc = ~0u;
    for (; size >= CRC_STEP; size -= CRC_STEP, octets += CRC_STEP)
        crc = table->of[7][(crc ^ octets[0]) & 0xff] ^ table->of[6][(crc >> 8 ^ octets[1]) & 0xff] ^
              table->of[5][(crc >> 16 ^ octets[2]) & 0xff] ^ table->of[4][(crc >> 24 ^ octets[3]) & 0xff] ^
              table->of[3][octets[4]] ^ table->of[2][octets[5]] ^ table->of[1][octets[6]] ^ table->of[0][octets[7]];
    for (size_t i = 0; i < size; i++)
        crc = table->of[0][(crc ^ octets[i]) & 0xff] ^ (crc >> 8);
    return ~crc;
}

/* --- writing ----------------------------------------------------------------------------------- */

void witness_text_head(GString *out, const struct witness_head *head, struct secret *secret,
                       struct chain_mac *chain_r)
{
    gsize begin = out->len;
    g_string_append_printf(out, MAGIC "%" G_GUINT32_FORMAT " %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " ",
                           head->file, head->uuid, head->epoch, head->base);
    chain_append(out, &head->chain);
    chain_link(secret, SECRET_WITNESS, (struct bytes){out->str + begin, out->len - begin}, chain_r);
    g_string_append_c(out, ' ');
    chain_append(out, chain_r);
    g_string_append_c(out, '\n');
}

void witness_text_end(GString *record, guint64 sequence, guint64 changes, struct secret *secret,
                      struct chain_mac *chain)
{
    g_string_append_printf(record, "= %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, sequence, changes);
    g_string_append_printf(record, " %08x", crc32c(record->str + CHAIN_OCTETS, record->len - CHAIN_OCTETS));
    memcpy(record->str, chain->octets, CHAIN_OCTETS);
    chain_link(secret, SECRET_WITNESS, (struct bytes){record->str, record->len}, chain);
    g_string_append_c(record, ' ');
    chain_append(record, chain);
    g_string_append_c(record, '\n');
}

/* --- reading words ----------------------------------------------------------------------------- */

/* What is left of a line. */
struct words {
    const char *at, *end;
};

/* The next word; the blank or the end of the line behind it is skipped. */
static gboolean take_word(struct words *words, const char **word_r, size_t *size_r)
{
    if (words->at > words->end)
        return FALSE;
    const char *stop = memchr(words->at, ' ', (size_t)(words->end - words->at));
    if (stop == NULL)
        stop = words->end;
    *word_r = words->at;
    *size_r = (size_t)(stop - words->at);
    words->at = stop + 1;
    return *size_r > 0;
}

static gboolean take_number(struct words *words, guint64 *number_r)
{
    const char *word;
    size_t size;
    char text[24], *end;
    if (!take_word(words, &word, &size) || size >= sizeof text || !g_ascii_isdigit(*word) || (*word == '0' && size > 1))
        return FALSE;
    memcpy(text, word, size);
    text[size] = '\0';
    *number_r = g_ascii_strtoull(text, &end, 10);
    return *end == '\0' && *number_r < G_MAXUINT64; /* which also stands for an overflow */
}

static gboolean is_hex(const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isxdigit(word[i]) || g_ascii_isupper(word[i]))
            return FALSE;
    return TRUE;
}

static gboolean take_mac(struct words *words, struct chain_mac *mac_r)
{
    const char *word;
    size_t size;
    if (!take_word(words, &word, &size) || size != MAC_DIGITS || !is_hex(word, size))
        return FALSE;
    for (size_t i = 0; i < sizeof mac_r->octets; i++)
        mac_r->octets[i] = (guint8)(g_ascii_xdigit_value(word[2 * i]) * 16 + g_ascii_xdigit_value(word[2 * i + 1]));
    return TRUE;
}

static gboolean at_end(const struct words *words)
{
    return words->at > words->end;
}

/* --- reading ----------------------------------------------------------------------------------- */

struct reader {
    const char *data;
    size_t size, at;
    struct secret *secret;
    const char *name;
    guint64 after;
    witness_visit visit;
    void *cookie;
    GString *scratch; /* chain and record, for the MAC */
    struct rowtext row;
    struct witness_summary *summary;
};

/* What stands at a place of the file. */
enum piece { PIECE_RECORD, PIECE_SETTLED, PIECE_END, PIECE_BROKEN, PIECE_FAILED };

static gboolean read_head(struct reader *in, GError **error)
{
    struct witness_head *head = &in->summary->head;
    const char *stop = in->size > 0 ? memchr(in->data, '\n', in->size) : NULL, *uuid;
    size_t uuid_size;
    guint64 file;
    struct chain_mac mac;
    if (stop == NULL || in->size < strlen(MAGIC) || memcmp(in->data, MAGIC, strlen(MAGIC)) != 0)
        return error_set(error, ERROR_DATA, "witness %s: it does not begin as a witness does", in->name);
    struct words words = {in->data + strlen(MAGIC), stop};
    if (!take_number(&words, &file) || file == 0 || file > G_MAXUINT32 || !take_word(&words, &uuid, &uuid_size) ||
        uuid_size != WITNESS_UUID_SIZE - 1 || !is_hex(uuid, uuid_size) || !take_number(&words, &head->epoch) ||
        !take_number(&words, &head->base) || !take_mac(&words, &head->chain))
        return error_set(error, ERROR_DATA, "witness %s: its first line is damaged", in->name);
    head->file = (guint32)file;
    memcpy(head->uuid, uuid, uuid_size);
    head->uuid[uuid_size] = '\0';
    chain_link(in->secret, SECRET_WITNESS, (struct bytes){in->data, (size_t)(words.at - 1 - in->data)},
               &in->summary->chain);
    if (!take_mac(&words, &mac) || !at_end(&words) || !chain_equal(&mac, &in->summary->chain))
        return error_set(error, ERROR_DATA, "witness %s: its first line is damaged, or was written with another secret",
                         in->name);
    in->at = (size_t)(stop + 1 - in->data);
    in->summary->last = in->summary->settled = head->base;
    in->summary->size = in->at;
    return TRUE;
}

/* A line `= SEQUENCE CHANGES CRC MAC` at `line`, of a record that begins where the reader is. */
static gboolean check_end(struct reader *in, const char *line, const char *stop, guint64 changes)
{
    struct words words = {line + 2, stop};
    const char *begin = in->data + in->at, *word;
    guint64 sequence, said;
    size_t size;
    char crc[CRC_DIGITS + 1];
    struct chain_mac mac, link;
    if (!take_number(&words, &sequence) || !take_number(&words, &said) || said != changes ||
        sequence != in->summary->last + 1)
        return FALSE;
    g_snprintf(crc, sizeof crc, "%08x", crc32c(begin, (size_t)(words.at - 1 - begin)));
    if (!take_word(&words, &word, &size) || size != CRC_DIGITS || memcmp(word, crc, size) != 0)
        return FALSE;
    g_string_truncate(in->scratch, 0);
    g_string_append_len(in->scratch, (const char *)in->summary->chain.octets, CHAIN_OCTETS);
    g_string_append_len(in->scratch, begin, words.at - 1 - begin);
    chain_link(in->secret, SECRET_WITNESS, rowtext_bytes(in->scratch), &link);
    if (!take_mac(&words, &mac) || !at_end(&words) || !chain_equal(&mac, &link))
        return FALSE;
    in->summary->last = sequence;
    in->summary->chain = link;
    return TRUE;
}

/* Hands on the changes of the verified record in [begin, end). */
static gboolean visit_record(struct reader *in, const char *begin, const char *end, GError **error)
{
    const char *stop;
    for (const char *line = begin; line < end; line = stop + 1) {
        stop = memchr(line, '\n', (size_t)(end - line));
        gboolean written = *line == '+';
        if (!rowtext_parse(line + 2, (size_t)(stop - line) - 2, written, &in->row))
            return error_set(error, ERROR_DATA,
                             "witness %s: record %" G_GUINT64_FORMAT " holds a row of another form; it "
                             "was written by another version",
                             in->name, in->summary->last);
        const struct bytes value = rowtext_bytes(in->row.value);
        if (!in->visit(in->cookie, in->summary->last, in->row.table, rowtext_bytes(in->row.key),
                       written ? &value : NULL, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_settled(struct reader *in, const char *line, const char *stop)
{
    struct words words = {line + 2, stop};
    guint64 sequence;
    if (!take_number(&words, &sequence) || !at_end(&words) || sequence > in->summary->last ||
        sequence < in->summary->settled)
        return FALSE;
    in->summary->settled = sequence;
    return TRUE;
}

static gboolean begins_with(const char *line, const char *stop, char mark)
{
    return stop - line >= 2 && line[0] == mark && line[1] == ' ';
}

/* Reads one record, or one `!`, and moves on behind it. */
static enum piece read_piece(struct reader *in, GError **error)
{
    const char *begin = in->data + in->at, *end = in->data + in->size, *stop;
    guint64 changes = 0;
    if (begin == end)
        return PIECE_END;
    for (const char *line = begin; line < end; line = stop + 1) {
        stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            return PIECE_BROKEN;
        size_t behind = (size_t)(stop + 1 - in->data);
        if (begins_with(line, stop, '+') || begins_with(line, stop, '-')) {
            changes++;
        } else if (begins_with(line, stop, '=')) {
            if (changes == 0 || !check_end(in, line, stop, changes))
                return PIECE_BROKEN;
            in->summary->last_begin = in->at;
            in->at = behind;
            if (in->visit != NULL && in->summary->last > in->after && !visit_record(in, begin, line, error))
                return PIECE_FAILED;
            return PIECE_RECORD;
        } else {
            if (changes > 0 || !begins_with(line, stop, '!') || !read_settled(in, line, stop))
                return PIECE_BROKEN;
            in->at = behind;
            return PIECE_SETTLED;
        }
    }
    return PIECE_BROKEN;
}

/*
 * Is what follows the last whole record what a crash leaves: room for more, which is NULs; before it the begin of one
 * record (or of a `!`), or a whole one of which the file system lost a page, which reads as NULs, too? Nothing that was
 * acknowledged looks so: its `!` follows it.
 */
static gboolean is_torn(const char *tail, size_t size)
{
    while (size > 0 && tail[size - 1] == '\0')
        size--;
    const char *end = tail + size, *stop;
    gboolean lost_page = memchr(tail, '\0', size) != NULL;
    int ends = 0;
    for (const char *line = tail; line < end; line = stop + 1) {
        stop = memchr(line, '\n', (size_t)(end - line));
        gboolean whole = stop != NULL;
        if (!whole)
            stop = end;
        if (*line == '\0')
            continue;
        if (strchr("+-=!", *line) == NULL || (stop - line > 1 && line[1] != ' ' && line[1] != '\0') ||
            (whole && *line == '!'))
            return FALSE;
        ends += whole && *line == '=';
    }
    return ends <= (lost_page ? 1 : 0);
}

static gboolean read_pieces(struct reader *in, GError **error)
{
    enum piece piece;
    while ((piece = read_piece(in, error)) == PIECE_RECORD || piece == PIECE_SETTLED)
        in->summary->size = in->at;
    if (piece == PIECE_FAILED)
        return FALSE;
    return piece == PIECE_END || is_torn(in->data + in->at, in->size - in->at) ||
           error_set(error, ERROR_DATA, "witness %s: damaged behind record %" G_GUINT64_FORMAT " (octet %zu)", in->name,
                     in->summary->last, in->at);
}

gboolean witness_read(struct bytes file, const char *name, struct secret *secret, guint64 after, witness_visit visit,
                      void *cookie, struct witness_summary *summary_r, GError **error)
{
    struct reader in = {.data = file.data,
                        .size = file.size,
                        .secret = secret,
                        .name = name,
                        .after = after,
                        .visit = visit,
                        .cookie = cookie,
                        .scratch = g_string_new(NULL),
                        .summary = summary_r};
    memset(summary_r, 0, sizeof *summary_r);
    rowtext_init(&in.row);
    gboolean done = read_head(&in, error) && read_pieces(&in, error);
    rowtext_release(&in.row);
    g_string_free(in.scratch, TRUE);
    return done;
}
