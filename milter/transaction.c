/* transaction.c - gathers one mail transaction; see transaction.h. */
#include "milter/transaction.h"

#include <string.h>

#define ARENA_BLOCK 8192       /* octets: a mail's envelope and header fit */
#define BODY_BLOCK (64 * 1024) /* and an invitation's body */

const char *const single_field_names[SINGLE_FIELDS] = {
    [SINGLE_FROM] = "From",
    [SINGLE_DATE] = "Date",
    [SINGLE_MESSAGE_ID] = "Message-ID",
    [SINGLE_SUBJECT] = "Subject",
    [SINGLE_LIST_UNSUBSCRIBE] = "List-Unsubscribe",
    [SINGLE_LIST_UNSUBSCRIBE_POST] = "List-Unsubscribe-Post",
};

/* Puts an envelope address into the arena, without its brackets; NULL where it is too long. */
static const char *keep_address(struct transaction *transaction, const char *text)
{
    size_t length = strlen(text);
    if (length >= 2 && text[0] == '<' && text[length - 1] == '>') {
        text++;
        length -= 2;
    }
    if (length > TRANSACTION_ADDRESS || transaction->envelope_size + length > TRANSACTION_ENVELOPE) {
        transaction->envelope_cut = TRUE;
        return NULL;
    }
    transaction->envelope_size += length;
    return g_string_chunk_insert_len(transaction->arena, text, (gssize)length);
}

struct transaction *transaction_new(const char *sender)
{
    struct transaction *transaction = g_new0(struct transaction, 1);
    transaction->arena = g_string_chunk_new(ARENA_BLOCK);
    transaction->sender = keep_address(transaction, sender);
    if (transaction->sender == NULL)
        transaction->sender = "";
    return transaction;
}

void transaction_free(struct transaction *transaction)
{
    if (transaction == NULL)
        return;
    if (transaction->body != NULL)
        g_string_free(transaction->body, TRUE);
    g_string_chunk_free(transaction->arena);
    g_free(transaction);
}

void transaction_recipient(struct transaction *transaction, const char *recipient)
{
    if (transaction->recipient_count == TRANSACTION_RECIPIENTS) {
        transaction->envelope_cut = TRUE;
        return;
    }
    const char *kept = keep_address(transaction, recipient);
    if (kept != NULL)
        transaction->recipients[transaction->recipient_count++] = kept;
}

/* Counts the fields that must stand once, and keeps what decides whose mail it is. */
static void note_single(struct transaction *transaction, const char *name, const char *value)
{
    size_t which = 0;
    while (which < SINGLE_FIELDS && g_ascii_strcasecmp(name, single_field_names[which]) != 0)
        which++;
    if (which == SINGLE_FIELDS)
        return;
    size_t before = transaction->singles[which]++;
    if (which == SINGLE_FROM && before < TRANSACTION_FROM)
        transaction->from[before] = g_string_chunk_insert(transaction->arena, value);
    if (which == SINGLE_MESSAGE_ID && before == 0)
        transaction->message_id = g_strstrip(g_string_chunk_insert(transaction->arena, value));
}

void transaction_field(struct transaction *transaction, const char *name, const char *value)
{
    note_single(transaction, name, value);
    size_t size = strlen(name) + strlen(value);
    if (transaction->field_count == TRANSACTION_FIELDS || transaction->header_size + size > TRANSACTION_HEADER)
        transaction->header_cut = TRUE;
    if (transaction->header_cut)
        return;
    transaction->header_size += size;
    struct header_field *field = &transaction->fields[transaction->field_count++];
    field->name = g_string_chunk_insert(transaction->arena, name);
    field->value = g_string_chunk_insert(transaction->arena, value);
}

void transaction_keep_body(struct transaction *transaction, size_t limit)
{
    transaction->body = g_string_sized_new(MIN(limit, BODY_BLOCK));
    transaction->body_limit = limit;
}

void transaction_body(struct transaction *transaction, const char *octets, size_t size)
{
    if (transaction->body == NULL || transaction->body_cut)
        return;
    if (size > transaction->body_limit - transaction->body->len)
        transaction->body_cut = TRUE;
    else
        g_string_append_len(transaction->body, octets, (gssize)size);
}
