/* verdict.c - what becomes of a mail; see verdict.h. */
#include "milter/verdict.h"

#include "lib/error.h"

#include <string.h>

/* Copies a reply's text: printable ASCII; Postfix would read a % as an escape. */
static void set_text(struct verdict *verdict, const char *text)
{
    size_t length = 0;
    for (; *text != '\0' && length < VERDICT_TEXT - 1; text++)
        verdict->text[length++] = g_ascii_isprint(*text) && *text != '%' ? *text : '?';
    verdict->text[length] = '\0';
}

static void decide(struct verdict *verdict, enum verdict_action action, const char *reason)
{
    memset(verdict, 0, sizeof *verdict);
    verdict->action = action;
    verdict->reason = reason;
}

static void G_GNUC_PRINTF(4, 5)
    reject(struct verdict *verdict, const char *reason, const char *dsn, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    decide(verdict, VERDICT_REJECT, reason);
    g_strlcpy(verdict->code, "550", sizeof verdict->code);
    g_strlcpy(verdict->dsn, dsn, sizeof verdict->dsn);
    set_text(verdict, text);
}

static void tempfail(struct verdict *verdict, const char *reason, const char *dsn, const char *text)
{
    decide(verdict, VERDICT_TEMPFAIL, reason);
    g_strlcpy(verdict->code, "451", sizeof verdict->code);
    g_strlcpy(verdict->dsn, dsn, sizeof verdict->dsn);
    set_text(verdict, text);
}

void verdict_owner(const struct owner_facts *facts, struct verdict *verdict_r)
{
    const char *somebody = facts->from_client != NULL     ? facts->from_client
                           : facts->sender_client != NULL ? facts->sender_client
                                                          : facts->named_client;
    if (somebody == NULL && !facts->from_unseen)
        decide(verdict_r, VERDICT_UNTOUCHED, "no-client");
    else if (facts->from_fields == 0)
        reject(verdict_r, "from", "5.6.0", "the message has no From field, and its sender is client %s's", somebody);
    else if (facts->from_fields > 1)
        reject(verdict_r, "from", "5.6.0", "the message has %zu From fields, one is allowed (RFC 5322 3.6)",
               facts->from_fields);
    else if (facts->from_fault != NULL)
        reject(verdict_r, "from", "5.6.0", "the From field %s; it must be one address", facts->from_fault);
    else if (facts->from_client == NULL)
        reject(verdict_r, "alignment", "5.7.1", "the sender is client %s's, the From address is not", somebody);
    else if (facts->sender_client != NULL && strcmp(facts->sender_client, facts->from_client) != 0)
        reject(verdict_r, "alignment", "5.7.1", "the sender is client %s's, the From address is client %s's",
               facts->sender_client, facts->from_client);
    else
        decide(verdict_r, VERDICT_CONTINUE, "ok");
}

/* The first field that does not stand exactly once, SINGLE_FIELDS where all do. */
static size_t wrong_single(const struct message_facts *facts)
{
    size_t which = 0;
    while (which < SINGLE_FIELDS && facts->singles[which] == 1)
        which++;
    return which;
}

void verdict_message(const struct message_facts *facts, struct verdict *verdict_r)
{
    size_t single = wrong_single(facts);
    if (facts->queue_id == NULL || facts->queue_id[0] == '\0')
        verdict_trouble("queue-id", "Postfix sent no queue ID; let milter_end_of_data_macros hold i", verdict_r);
    else if (facts->envelope_cut)
        reject(verdict_r, "envelope", "5.5.3", "at most %d recipients of at most %d octets each",
               TRANSACTION_RECIPIENTS, TRANSACTION_ADDRESS);
    else if (facts->recipients == 0)
        reject(verdict_r, "envelope", "5.5.3", "the message has no recipient");
    else if (facts->header_cut)
        reject(verdict_r, "size", "5.3.4", "at most %d header fields and %zu octets of header", TRANSACTION_FIELDS,
               TRANSACTION_HEADER);
    else if (facts->body_cut || facts->message_size > facts->message_limit)
        reject(verdict_r, "size", "5.3.4", "the message is larger than %zu octets ([milter] message-size)",
               facts->message_limit);
    else if (single < SINGLE_FIELDS)
        reject(verdict_r, "header", "5.6.0", "the message has %zu %s fields, it must have one", facts->singles[single],
               single_field_names[single]);
    else
        decide(verdict_r, VERDICT_CONTINUE, "ok");
}

void verdict_content(const char *finding, struct verdict *verdict_r)
{
    if (finding == NULL)
        decide(verdict_r, VERDICT_CONTINUE, "ok");
    else
        reject(verdict_r, "content", "5.6.0", "%s", finding);
}

void verdict_sign(const GError *error, struct verdict *verdict_r)
{
    if (error == NULL) {
        decide(verdict_r, VERDICT_CONTINUE, "ok");
    } else if (g_error_matches(error, POSTWELLE_ERROR, ERROR_DATA)) {
        reject(verdict_r, "structure", "5.6.0", "%s", error->message);
    } else {
        gboolean key = error->code == ERROR_UNAVAILABLE;
        tempfail(verdict_r, key ? "key" : "sign", "4.7.5",
                 key ? "no usable signing key for the sender's domain; postwelle-milter's log names the file"
                     : "the message can't be signed now; postwelle-milter's log says why");
        verdict_r->alarm = TRUE;
    }
}

static gboolean is_digits(const char *text, size_t least, size_t most, const char **end_r)
{
    size_t count = 0;
    while (g_ascii_isdigit(text[count]))
        count++;
    *end_r = text + count;
    return count >= least && count <= most;
}

/* Reads "550 5.7.1 text" whose class is `class`: the only replies that are handed to Postfix. */
static gboolean read_reply(const char *reply, char class, struct verdict *verdict)
{
    const char *dsn, *end;
    if (reply[0] != class || !is_digits(reply, 3, 3, &end) || *end != ' ')
        return FALSE;
    dsn = end + 1;
    if (dsn[0] != class || dsn[1] != '.' || !is_digits(dsn + 2, 1, 2, &end) || *end != '.' ||
        !is_digits(end + 1, 1, 2, &end) || *end != ' ' || end[1] == '\0')
        return FALSE;
    g_strlcpy(verdict->code, reply, sizeof verdict->code);
    g_strlcpy(verdict->dsn, dsn, MIN(sizeof verdict->dsn, (size_t)(end - dsn) + 1));
    set_text(verdict, end + 1);
    return TRUE;
}

void verdict_reserve(const struct reserve_answer *answer, struct verdict *verdict_r)
{
    switch (answer->result) {
    case RESERVE_OK:
        decide(verdict_r, VERDICT_ACCEPT, "ok");
        return;
    case RESERVE_REFUSED:
        decide(verdict_r, VERDICT_REJECT, "policy");
        if (read_reply(answer->reply, '5', verdict_r))
            return;
        break; /* a refusal without a proper reply is no answer */
    case RESERVE_TEMPORARY:
        tempfail(verdict_r, "policy", "4.7.1", "not now; try again later");
        read_reply(answer->reply, '4', verdict_r);
        return;
    case RESERVE_UNASKED:
        tempfail(verdict_r, "policyd-down", "4.3.2", "the ledger can't be asked now; try again later");
        verdict_r->alarm = TRUE;
        return;
    case RESERVE_DOUBT:
        break;
    }
    tempfail(verdict_r, "policyd-doubt", "4.3.2", "the ledger did not answer; try again later");
    verdict_r->alarm = TRUE;
    verdict_r->cancel = TRUE;
}

void verdict_trouble(const char *reason, const char *text, struct verdict *verdict_r)
{
    tempfail(verdict_r, reason, "4.3.5", text);
    verdict_r->alarm = TRUE;
}

void verdict_stopping(struct verdict *verdict_r)
{
    tempfail(verdict_r, "stopping", "4.3.2", "the milter is being stopped; try again later");
}

const char *verdict_action_word(enum verdict_action action)
{
    switch (action) {
    case VERDICT_UNTOUCHED:
        return "pass";
    case VERDICT_ACCEPT:
        return "accept";
    case VERDICT_REJECT:
        return "reject";
    case VERDICT_CONTINUE: /* never final */
    case VERDICT_TEMPFAIL:
        break;
    }
    return "tempfail";
}
