/* token.c - tokens and Message-IDs; see token.h. */
#include "policyd/token.h"

#include "lib/slice.h"

#include <openssl/crypto.h>
#include <string.h>

#define DATA_SIZE 10 /* octets: kind and campaign 3, id 5, attempt 2 */
#define MAC_SIZE 10
#define TOKEN_SIZE (DATA_SIZE + MAC_SIZE)
G_STATIC_ASSERT(TOKEN_SIZE * 8 == TOKEN_LENGTH * 5);
G_STATIC_ASSERT(TOKEN_KINDS <= 16);

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

/* 5 octets are 8 characters; size is a multiple of 5. */
static void base32_encode(const guint8 *data, size_t size, char *text_r)
{
    for (size_t i = 0; i < size; i += 5) {
        guint64 group = 0;
        for (size_t j = 0; j < 5; j++)
            group = group << 8 | data[i + j];
        for (size_t j = 0; j < 8; j++)
            *text_r++ = alphabet[group >> (35 - 5 * j) & 31];
    }
    *text_r = '\0';
}

static int base32_value(char c)
{
    char folded = slice_fold(c);
    if (folded >= 'a' && folded <= 'z')
        return folded - 'a';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static gboolean base32_decode(const char *text, size_t length, guint8 *data_r)
{
    for (size_t i = 0; i < length; i += 8) {
        guint64 group = 0;
        for (size_t j = 0; j < 8; j++) {
            int value = base32_value(text[i + j]);
            if (value < 0)
                return FALSE;
            group = group << 5 | (guint64)value;
        }
        for (size_t j = 0; j < 5; j++)
            *data_r++ = (guint8)(group >> (32 - 8 * j));
    }
    return TRUE;
}

static void put_number(guint8 *to, guint64 number, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        to[i] = (guint8)(number >> (8 * (octets - 1 - i)));
}

static guint64 get_number(const guint8 *from, size_t octets)
{
    guint64 number = 0;
    for (size_t i = 0; i < octets; i++)
        number = number << 8 | from[i];
    return number;
}

static enum secret_purpose purpose_of(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_UNSUBSCRIBE:
    case TOKEN_PROOF_UNSUBSCRIBE:
        return SECRET_UNSUBSCRIBE;
    case TOKEN_SURVEY:
    case TOKEN_PROOF_SURVEY:
        return SECRET_SURVEY;
    default:
        return SECRET_REVERSE_PATH;
    }
}

static void token_mac(struct secret *secret, enum token_kind kind, const guint8 *data, guint8 mac_r[SECRET_MAC_SIZE])
{
    secret_mac(secret, purpose_of(kind), (struct bytes){data, DATA_SIZE}, mac_r);
}

void token_encode(struct secret *secret, const struct token *token, char text_r[TOKEN_LENGTH + 1])
{
    guint8 data[TOKEN_SIZE];
    guint8 mac[SECRET_MAC_SIZE];
    g_assert(token->campaign <= CAMPAIGN_MAX && token->id <= PARTICIPANT_MAX);
    put_number(data, (guint64)token->kind << 20 | token->campaign, 3);
    put_number(data + 3, token->id, 5);
    put_number(data + 8, token->attempt, 2);
    token_mac(secret, token->kind, data, mac);
    memcpy(data + DATA_SIZE, mac, MAC_SIZE);
    base32_encode(data, TOKEN_SIZE, text_r);
}

gboolean token_decode(struct secret *secret, const char *text, size_t length, struct token *token_r)
{
    guint8 data[TOKEN_SIZE];
    guint8 mac[SECRET_MAC_SIZE];
    if (length != TOKEN_LENGTH || !base32_decode(text, length, data))
        return FALSE;
    guint64 head = get_number(data, 3);
    if (head >> 20 == TOKEN_NONE || head >> 20 >= TOKEN_KINDS)
        return FALSE;
    token_r->kind = (enum token_kind)(head >> 20);
    token_r->campaign = (guint32)(head & CAMPAIGN_MAX);
    token_r->id = get_number(data + 3, 5);
    token_r->attempt = (guint16)get_number(data + 8, 2);
    token_mac(secret, token_r->kind, data, mac);
    return CRYPTO_memcmp(mac, data + DATA_SIZE, MAC_SIZE) == 0;
}

enum mail_kind token_mail_kind(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_INVITATION:
        return MAIL_INVITATION;
    case TOKEN_REMINDER:
        return MAIL_REMINDER;
    case TOKEN_PROOF:
        return MAIL_PROOF;
    default:
        return kind >= TOKEN_REMINDER_2 && kind <= TOKEN_REMINDER_LAST ? MAIL_REMINDER : MAIL_NONE;
    }
}

enum token_kind token_kind_of(enum mail_kind kind, guint reminder)
{
    if (kind != MAIL_REMINDER)
        return kind == MAIL_INVITATION ? TOKEN_INVITATION : TOKEN_PROOF;
    g_assert(reminder >= 1 && reminder <= REMINDERS_MAX);
    return reminder == 1 ? TOKEN_REMINDER : (enum token_kind)(TOKEN_REMINDER_2 + reminder - 2);
}

guint64 token_mail_id(const struct token *token)
{
    if (token_mail_kind(token->kind) != MAIL_REMINDER)
        return token->id;
    return reminder_id(token->id, token->kind == TOKEN_REMINDER ? 1 : token->kind - TOKEN_REMINDER_2 + 2);
}

gboolean token_decode_local_part(struct secret *secret, const char *local, size_t length, struct token *token_r)
{
    size_t prefix = strlen(TOKEN_PREFIX);
    if (length < prefix || g_ascii_strncasecmp(local, TOKEN_PREFIX, prefix) != 0)
        return FALSE;
    return token_decode(secret, local + prefix, length - prefix, token_r) &&
           token_mail_kind(token_r->kind) != MAIL_NONE;
}

#define MESSAGE_ID_SIZE 20 /* octets of the MAC that are used: 160 bits */

void token_message_id(struct secret *secret, guint32 campaign, guint64 id, enum mail_kind kind, guint number,
                      const char *domain, GString *out)
{
    guint8 data[4 + 8 + 1 + 4];
    guint8 mac[SECRET_MAC_SIZE];
    char text[MESSAGE_ID_SIZE / 5 * 8 + 1];
    put_number(data, campaign, 4);
    put_number(data + 4, id, 8);
    put_number(data + 12, (guint64)kind, 1);
    put_number(data + 13, number, 4);
    secret_mac(secret, SECRET_MESSAGE_ID, (struct bytes){data, sizeof data}, mac);
    base32_encode(mac, MESSAGE_ID_SIZE, text);
    g_string_printf(out, "<%s@%s>", text, domain);
}
