/* protocol.c - the milter's side of the milter protocol; see protocol.h. */
#include "milter/protocol.h"

#include "lib/error.h"
#include "lib/milter_protocol.h"

#include <arpa/inet.h>
#include <string.h>

#define OLDEST_VERSION 2

/* Of the mail server we want no more; see protocol.h. */
#define WANTED_STEPS                                                                                                   \
    (MILTER_NO_CONNECT | MILTER_NO_HELO | MILTER_NO_UNKNOWN | MILTER_NO_DATA | MILTER_SILENT_MAIL |                    \
     MILTER_SILENT_RCPT | MILTER_SILENT_FIELD | MILTER_SILENT_END_HEADER | MILTER_SILENT_BODY | MILTER_LEADING_SPACE)

enum reply {
    REPLY_ACCEPT = 'a',
    REPLY_CONTINUE = 'c',
    REPLY_INSERT = 'i',
    REPLY_NEGOTIATE = 'O',
    REPLY_TEXT = 'y', /* with code and text */
};

struct protocol {
    struct milter *milter;
    struct session *session;
    const struct protocol_peer *peer;
    void *user;
    GByteArray *out; /* replies not sent yet */
    guint32 steps;   /* as negotiated */
    gboolean negotiated, ended;
    char queue_id[PROTOCOL_QUEUE_ID]; /* macro i of the mail under way; "": none yet */
};

/* What follows the command octet. */
struct data {
    const char *octets;
    size_t size;
};

struct protocol *protocol_new(struct milter *milter, const struct protocol_peer *peer, void *user)
{
    struct protocol *protocol = g_new0(struct protocol, 1);
    protocol->milter = milter;
    protocol->session = session_new(milter);
    protocol->peer = peer;
    protocol->user = user;
    protocol->out = g_byte_array_new();
    return protocol;
}

void protocol_free(struct protocol *protocol)
{
    if (protocol == NULL)
        return;
    session_free(protocol->session);
    g_byte_array_unref(protocol->out);
    g_free(protocol);
}

/* --- out --- */

static void put_number(GByteArray *out, guint32 number)
{
    guint32 octets = htonl(number);
    g_byte_array_append(out, (const guint8 *)&octets, sizeof octets);
}

static void put_string(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text) + 1);
}

/* Starts a reply with so many octets of data. */
static void put_head(struct protocol *protocol, enum reply reply, size_t size)
{
    guint8 command = (guint8)reply;
    put_number(protocol->out, (guint32)size + 1);
    g_byte_array_append(protocol->out, &command, 1);
}

static gboolean flush(struct protocol *protocol)
{
    const GByteArray *out = protocol->out;
    gboolean sent = out->len == 0 || protocol->peer->send(protocol->user, out->data, out->len);
    g_byte_array_set_size(protocol->out, 0);
    return sent;
}

/* --- what a session asks for --- */

/*
 * The field goes out in one write with the answer. Postfix never says whether its queue file took it (tried); one that
 * did not is never queued.
 */
static gboolean do_insert(void *user, const char *name, const char *value)
{
    struct protocol *protocol = user;
    g_autofree char *text = g_strconcat(protocol->steps & MILTER_LEADING_SPACE ? " " : "", value, NULL);
    put_head(protocol, REPLY_INSERT, sizeof(guint32) + strlen(name) + 1 + strlen(text) + 1);
    put_number(protocol->out, 0); /* above all other fields */
    put_string(protocol->out, name);
    put_string(protocol->out, text);
    return protocol->peer->is_there(protocol->user);
}

static const struct session_host host = {do_insert};

/* --- in: one function a command; FALSE and *error where its data is wrong --- */

/* The next of the strings in data; NULL where no whole one is left. */
static const char *take_string(struct data *data)
{
    const char *text = data->octets, *end = memchr(text, '\0', data->size);
    if (end == NULL)
        return NULL;
    data->size -= (size_t)(end + 1 - text);
    data->octets = end + 1;
    return text;
}

static gboolean cut_short(const char *command, GError **error)
{
    return error_set(error, ERROR_PROTOCOL, "%s: its data is cut short", command);
}

static gboolean take_negotiation(struct protocol *protocol, struct data data, GError **error)
{
    guint32 words[3];
    if (data.size < sizeof words)
        return cut_short("negotiation", error);
    memcpy(words, data.octets, sizeof words);
    guint32 version = ntohl(words[0]), actions = ntohl(words[1]), steps = ntohl(words[2]);
    if (protocol->negotiated)
        return error_set(error, ERROR_PROTOCOL, "a second negotiation");
    if (version < OLDEST_VERSION)
        return error_set(error, ERROR_PROTOCOL, "protocol version %u is spoken; it must be %d or later", version,
                         OLDEST_VERSION);
    if ((actions & MILTER_ADD_FIELDS) == 0)
        return error_set(error, ERROR_PROTOCOL, "the mail server does not let header fields be added");
    protocol->negotiated = TRUE;
    protocol->steps = steps & WANTED_STEPS;
    put_head(protocol, REPLY_NEGOTIATE, sizeof words);
    put_number(protocol->out, MIN(version, MILTER_VERSION));
    put_number(protocol->out, MILTER_ADD_FIELDS);
    put_number(protocol->out, protocol->steps);
    return TRUE;
}

/* Macros come before the command they belong to. Which one that is does not matter: only the queue ID is wanted. */
static gboolean take_macros(struct protocol *protocol, struct data data, GError **error)
{
    const char *name, *value;
    if (data.size == 0)
        return cut_short("macros", error);
    data.octets++;
    data.size--;
    while ((name = take_string(&data)) != NULL && (value = take_string(&data)) != NULL)
        if ((strcmp(name, "i") == 0 || strcmp(name, "{i}") == 0) && strlen(value) < sizeof protocol->queue_id)
            g_strlcpy(protocol->queue_id, value, sizeof protocol->queue_id);
    return TRUE;
}

static gboolean take_mail(struct protocol *protocol, struct data data, GError **error)
{
    const char *sender = take_string(&data);
    if (sender == NULL)
        return cut_short("MAIL", error);
    session_mail(protocol->session, sender);
    return TRUE;
}

static gboolean take_recipient(struct protocol *protocol, struct data data, GError **error)
{
    const char *recipient = take_string(&data);
    if (recipient == NULL)
        return cut_short("RCPT", error);
    session_recipient(protocol->session, recipient);
    return TRUE;
}

static gboolean take_field(struct protocol *protocol, struct data data, GError **error)
{
    const char *name = take_string(&data), *value = name != NULL ? take_string(&data) : NULL;
    if (value == NULL)
        return cut_short("header field", error);
    session_field(protocol->session, name, value);
    return TRUE;
}

static gboolean take_end_header(struct protocol *protocol, struct data data, GError **error)
{
    (void)data;
    (void)error;
    session_end_header(protocol->session);
    return TRUE;
}

static gboolean take_body(struct protocol *protocol, struct data data, GError **error)
{
    (void)error;
    session_body(protocol->session, data.octets, data.size);
    return TRUE;
}

static void put_verdict(struct protocol *protocol, const struct verdict *verdict)
{
    if (verdict->action == VERDICT_UNTOUCHED || verdict->action == VERDICT_ACCEPT) {
        put_head(protocol, REPLY_ACCEPT, 0);
        return;
    }
    g_autofree char *text = g_strdup_printf("%s %s %s", verdict->code, verdict->dsn, verdict->text);
    put_head(protocol, REPLY_TEXT, strlen(text) + 1);
    put_string(protocol->out, text);
}

static gboolean take_end_message(struct protocol *protocol, struct data data, GError **error)
{
    struct verdict verdict;
    (void)error;
    if (data.size > 0) /* the protocol lets the last piece come here */
        session_body(protocol->session, data.octets, data.size);
    const char *queue_id = protocol->queue_id[0] != '\0' ? protocol->queue_id : NULL;
    g_atomic_int_inc(&protocol->milter->busy); /* until the answer is out */
    session_end_message(protocol->session, queue_id, &host, protocol, &verdict);
    protocol->queue_id[0] = '\0';
    put_verdict(protocol, &verdict);
    protocol->ended = !flush(protocol);
    g_atomic_int_add(&protocol->milter->busy, -1);
    return TRUE;
}

static gboolean take_abort(struct protocol *protocol, struct data data, GError **error)
{
    (void)data;
    (void)error;
    session_abort(protocol->session);
    protocol->queue_id[0] = '\0';
    return TRUE;
}

static gboolean take_quit(struct protocol *protocol, struct data data, GError **error)
{
    protocol->ended = TRUE;
    return take_abort(protocol, data, error);
}

static gboolean take_nothing(struct protocol *protocol, struct data data, GError **error)
{
    (void)protocol;
    (void)data;
    (void)error;
    return TRUE;
}

/* --- dispatch --- */

#define ALWAYS_SILENT 0xffffffffu

/* A command is answered with "continue" unless one of the steps in `silent` was negotiated. */
static const struct command {
    char octet;
    gboolean (*take)(struct protocol *protocol, struct data data, GError **error);
    guint32 silent;
} commands[] = {
    {'A', take_abort, ALWAYS_SILENT},
    {'B', take_body, MILTER_SILENT_BODY},
    {'C', take_nothing, 0}, /* connect: not asked for, nor the other takers of nothing */
    {'D', take_macros, ALWAYS_SILENT},
    {'E', take_end_message, ALWAYS_SILENT}, /* answers itself */
    {'H', take_nothing, 0},                 /* HELO */
    {'K', take_abort, ALWAYS_SILENT},       /* another session on this connection */
    {'L', take_field, MILTER_SILENT_FIELD},
    {'M', take_mail, MILTER_SILENT_MAIL},
    {'N', take_end_header, MILTER_SILENT_END_HEADER},
    {'O', take_negotiation, ALWAYS_SILENT},
    {'Q', take_quit, ALWAYS_SILENT},
    {'R', take_recipient, MILTER_SILENT_RCPT},
    {'T', take_nothing, 0}, /* DATA */
    {'U', take_nothing, 0}, /* a command Postfix does not know */
};

static const struct command *find_command(char octet)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (commands[i].octet == octet)
            return &commands[i];
    return NULL;
}

static gboolean take_packet(struct protocol *protocol, char octet, struct data data, GError **error)
{
    const struct command *command = find_command(octet);
    if (command == NULL)
        return error_set(error, ERROR_PROTOCOL, "command 0x%02x is unknown", (unsigned char)octet);
    if (!protocol->negotiated && octet != 'O' && octet != 'Q')
        return error_set(error, ERROR_PROTOCOL, "command %c comes before the negotiation", octet);
    if (!command->take(protocol, data, error))
        return FALSE;
    if (command->silent != ALWAYS_SILENT && (protocol->steps & command->silent) == 0)
        put_head(protocol, REPLY_CONTINUE, 0);
    return TRUE;
}

gboolean protocol_take(struct protocol *protocol, const char *octets, size_t size, size_t *taken_r, GError **error)
{
    *taken_r = 0;
    for (guint32 length; !protocol->ended && size - *taken_r > sizeof length;) {
        const char *packet = octets + *taken_r;
        memcpy(&length, packet, sizeof length);
        length = ntohl(length);
        if (length == 0 || length > PROTOCOL_PACKET)
            return error_set(error, ERROR_PROTOCOL, "a packet of %u octets; it must have 1 to %zu", length,
                             PROTOCOL_PACKET);
        if (size - *taken_r - sizeof length < length)
            break;
        struct data data = {packet + sizeof length + 1, length - 1};
        if (!take_packet(protocol, packet[sizeof length], data, error))
            return FALSE;
        *taken_r += sizeof length + length;
    }
    return flush(protocol) && !protocol->ended;
}
