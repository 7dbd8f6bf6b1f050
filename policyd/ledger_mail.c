/*
 * ledger_mail.c - what Postfix and the milter ask: smtpd_access_policy, reserve.
 *
 * Facts about one mail are gathered the same way for both questions; the milter's adds what only the end of the message
 * knows. The reverse-path's domain tells our own mail from that of other programs.
 */
#include "lib/error.h"
#include "lib/unfilled.h"
#include "policyd/ledger_rows.h"
#include "policyd/token.h"

#include <string.h>

#define RECIPIENTS_MAX 200

/* --- answers ----------------------------------------------------------------------------------- */

/*
 * Codes, not the words REJECT and DEFER: Postfix would answer those with its access_map_reject_code, 554, and with 450.
 */
static gboolean answer_action(struct request *request, enum verdict verdict)
{
    static const char *const actions[] = {
        [CLASS_ACCEPT] = "DUNNO", [CLASS_TEMPORARY] = "451 4.7.1 ", [CLASS_REFUSED] = "550 5.7.1 "};
    g_string_append(request->out, "action=");
    g_string_append(request->out, actions[verdict_class(verdict)]);
    g_string_append(request->out, verdict_text(verdict));
    g_string_append(request->out, "\n\n");
    return TRUE;
}

static gboolean answer_verdict(struct request *request, enum verdict verdict, enum mail_kind kind)
{
    static const struct {
        const char *status, *reply;
    } answers[] = {[CLASS_ACCEPT] = {"ok", ""},
                   [CLASS_TEMPORARY] = {"temporary", "451 4.7.1 "},
                   [CLASS_REFUSED] = {"refused", "550 5.7.1 "}};
    enum verdict_class class = verdict_class(verdict);
    answer_begin(request, answers[class].status);
    if (class == CLASS_ACCEPT) {
        policy_append(request->out, "kind", mail_kind_name(kind));
    } else {
        policy_append(request->out, "reason", verdict_text(verdict));
        g_string_append_printf(request->out, "reply=%s%s\n", answers[class].reply, verdict_text(verdict));
    }
    policy_end(request->out);
    return TRUE;
}

/* --- addresses --------------------------------------------------------------------------------- */

/* A reverse-path: what the token may be, and a domain to look clients up by. */
struct sender {
    const char *local; /* borrowed from the request */
    size_t local_size;
    char domain[ADDRESS_DOMAIN_MAX + 1]; /* A-labels in lower case; "" where there is none */
};

/* Any reverse-path, also one that we would never mail to: then the domain is only put into lower case. */
static void read_sender(const char *text, struct sender *sender_r)
{
    struct address address;
    const char *at = strrchr(text, '@');
    sender_r->local = text;
    sender_r->local_size = at != NULL ? (size_t)(at - text) : strlen(text);
    sender_r->domain[0] = '\0';
    if (at == NULL)
        return;
    if (address_parse(text, strlen(text), &address, NULL) == ADDRESS_GOOD) {
        g_strlcpy(sender_r->domain, address_domain(&address), sizeof sender_r->domain);
        return;
    }
    g_strlcpy(sender_r->domain, at + 1, sizeof sender_r->domain);
    for (char *c = sender_r->domain; *c != '\0'; c++)
        *c = g_ascii_tolower(*c);
}

static gboolean read_recipient(const char *text, struct address *address_r)
{
    return address_parse(text, strlen(text), address_r, NULL) == ADDRESS_GOOD;
}

/* --- our own mail ------------------------------------------------------------------------------ */

/* One mail of ours, as its token names it. */
struct mail {
    struct mail_facts facts;
    struct owner owner;
    struct campaign *campaign;
    struct life_record life;   /* not of proofs */
    struct proof_record proof; /* of proofs */
    struct slot_key slot;      /* of invitations */
};

/* What is asked about it. */
struct question {
    const struct client *client; /* by the reverse-path */
    const struct sender *sender;
    const char *recipient; /* NULL where there is not exactly one */
    const char *queue_id;  /* "" at RCPT */
    gint64 seconds;
};

static gboolean fetch_proof(struct ledger *ledger, struct mail *mail, const struct hash *recipient, GError **error)
{
    if (!rows_get_proof(ledger, mail->campaign->number, mail->owner.id, &mail->proof, error))
        return FALSE;
    mail->facts.token = mail->proof.state != STATE_NONE;
    mail->facts.state = mail->proof.state;
    mail->facts.begun = 1;
    mail->facts.recipient = mail->facts.recipient && memcmp(recipient, &mail->proof.to, sizeof *recipient) == 0;
    return TRUE;
}

static gboolean fetch_life(struct ledger *ledger, struct mail *mail, const struct hash *recipient, GError **error)
{
    struct mail_facts *facts = &mail->facts;
    if (!rows_get_life(ledger, mail->campaign->number, mail->owner.kind, mail->owner.id, &mail->life, error))
        return FALSE;
    const struct wave *wave = campaign_wave_of(mail->campaign, mail->owner.kind, mail->owner.id, &mail->life);
    facts->token = mail->life.state != STATE_NONE && !campaign_hides(mail->campaign, mail_participant(mail->owner.id));
    facts->recipient = facts->recipient && memcmp(recipient, &mail->life.recipient, sizeof *recipient) == 0;
    facts->state = mail->life.state;
    facts->begun = mail->life.attempt;
    facts->fence = MAX(mail->life.fence, ledger_epoch_fence(ledger));
    facts->session = mail->life.session == mail->campaign->record.session;
    facts->campaign = mail->campaign->record.state;
    facts->wave_open = wave != NULL && wave->record.opened != 0;
    return TRUE;
}

/* What a reminder depends on, at this very moment. */
static gboolean fetch_reminded(struct ledger *ledger, struct mail *mail, GError **error)
{
    guint64 participant = mail_participant(mail->owner.id);
    struct life_record invitation;
    gint64 answered;
    if (!rows_get_life(ledger, mail->campaign->number, MAIL_INVITATION, participant, &invitation, error) ||
        !rows_get_answer(ledger, mail->campaign->number, participant, &answered, error))
        return FALSE;
    mail->facts.invitation = invitation.state;
    mail->facts.answered = answered != 0;
    return TRUE;
}

/* What the cap knows about the recipient. Not asked where the mail is refused anyway. */
static gboolean fetch_cap(struct ledger *ledger, const struct question *question, const struct address *address,
                          const struct hash *recipient, struct mail *mail, GError **error)
{
    guint32 client = mail->campaign->record.client;
    if (!ledger_suppressed(ledger, recipient, client, &mail->facts.suppressed, error))
        return FALSE;
    if (mail->owner.kind == MAIL_REMINDER)
        return fetch_reminded(ledger, mail, error);
    mail->slot.client = client;
    mail->slot.period = ledger_period(ledger, question->client, question->seconds);
    mail->slot.recipient = *recipient;
    if (question->client->identity != ADDRESS_IDENTITY_MAILBOX)
        ledger_hash(ledger, address, question->client->identity, &mail->slot.recipient);
    return ledger_slot_fact(ledger, question->client, &mail->slot, &mail->owner, question->queue_id, question->seconds,
                            &mail->facts.slot, error);
}

static gboolean fetch_mail(struct ledger *ledger, const struct question *question, struct mail *mail_r, GError **error)
{
    struct token token;
    struct address address;
    struct hash recipient = {{0}};
    memset(&mail_r->facts, 0, sizeof mail_r->facts);
    if (!token_decode_local_part(ledger->secret, question->sender->local, question->sender->local_size, &token))
        return TRUE;
    if (!campaign_load(ledger, token.campaign, &mail_r->campaign, error))
        return FALSE;
    if (mail_r->campaign == NULL || strcmp(mail_r->campaign->record.client_name, question->client->name) != 0)
        return TRUE;
    mail_r->owner = (struct owner){token_mail_kind(token.kind), token.campaign, token_mail_id(&token)};
    mail_r->facts.kind = mail_r->owner.kind;
    mail_r->facts.attempt = token.attempt;
    mail_r->facts.recipient = question->recipient != NULL && read_recipient(question->recipient, &address);
    if (mail_r->facts.recipient)
        ledger_hash(ledger, &address, ADDRESS_IDENTITY_MAILBOX, &recipient);
    if (mail_r->owner.kind == MAIL_PROOF)
        return fetch_proof(ledger, mail_r, &recipient, error);
    if (!fetch_life(ledger, mail_r, &recipient, error))
        return FALSE;
    return !mail_r->facts.token || !mail_r->facts.recipient ||
           fetch_cap(ledger, question, &address, &recipient, mail_r, error);
}

/* --- other programs' mail ---------------------------------------------------------------------- */

static gboolean fetch_foreign(struct ledger *ledger, const struct client *client, guint32 number, const char *recipient,
                              const struct owner *owner, gint64 seconds, struct slot_key *slot_r,
                              struct foreign_facts *facts_r, GError **error)
{
    struct address address;
    *facts_r = (struct foreign_facts){.mode = client->foreign_mail, .address = read_recipient(recipient, &address)};
    if (!facts_r->address)
        return TRUE;
    ledger_slot_key(ledger, client, number, &address, seconds, slot_r);
    struct hash mailbox = slot_r->recipient;
    if (client->identity != ADDRESS_IDENTITY_MAILBOX)
        ledger_hash(ledger, &address, ADDRESS_IDENTITY_MAILBOX, &mailbox);
    return ledger_suppressed(ledger, &mailbox, number, &facts_r->suppressed, error) &&
           ledger_slot_fact(ledger, client, slot_r, owner, "", seconds, &facts_r->slot, error);
}

/* --- smtpd_access_policy ----------------------------------------------------------------------- */

static gboolean policy_foreign(struct request *request, const struct client *client, GError **error)
{
    const struct owner nobody = {MAIL_NONE, 0, 0};
    struct foreign_facts facts;
    struct slot_key slot;
    guint32 number;
    if (!ledger_client_number(request->ledger, client->name, FALSE, &number, error) ||
        !fetch_foreign(request->ledger, client, number, attributes_text(request->in, "recipient"), &nobody,
                       request_seconds(request), &slot, &facts, error))
        return FALSE;
    return answer_action(request, decide_foreign(&facts));
}

gboolean ledger_policy(struct request *request, GError **error)
{
    struct sender sender;
    struct mail mail;
    if (strcmp(attributes_text(request->in, "protocol_state"), "RCPT") != 0)
        return answer_action(request, VERDICT_ACCEPT);
    read_sender(attributes_text(request->in, "sender"), &sender);
    const struct client *client = client_by_return_path(request->ledger->clients, sender.domain);
    if (client == NULL) {
        client = client_by_sender_domain(request->ledger->clients, sender.domain);
        return client != NULL ? policy_foreign(request, client, error) : answer_action(request, VERDICT_ACCEPT);
    }
    const struct question question = {client, &sender, attributes_text(request->in, "recipient"), "",
                                      request_seconds(request)};
    if (!fetch_mail(request->ledger, &question, &mail, error))
        return FALSE;
    return answer_action(request, decide_policy(&mail.facts));
}

/* --- reserve: our own mail --------------------------------------------------------------------- */

/* A reserve request's attributes. */
struct reserve {
    const char *queue_id, *message_id;
    struct sender sender;
    const struct client *client; /* by From */
    gboolean late;
    size_t count;
    const char *recipients[RECIPIENTS_MAX]; /* `count` of them are there */
};

static gboolean write_queue(struct request *request, const char *queue_id, const struct owner *owner,
                            const struct slot_key *slots, size_t count, GError **error)
{
    struct queue_record queue UNFILLED;
    memset(&queue, 0, offsetof(struct queue_record, slots));
    queue.owner = *owner;
    queue.reserved = TRUE;
    queue.boot = request->ledger->boot;
    queue.state = STATE_RESERVED;
    queue.since = request_seconds(request);
    queue.count = count;
    for (size_t i = 0; i < count; i++)
        queue.slots[i] = slots[i];
    return rows_put_queue(request->ledger, queue_id, &queue, error);
}

/*
 * Is the free slot there all the same? A rolling one may be, from long ago, and that of a recipient who was named twice
 * in the same words. That any other is not was read by the decision, in this transaction. (This very queue ID's would
 * be, but then the queue ID is known, and nothing is taken.)
 */
static gboolean slot_is_there(struct ledger *ledger, const struct slot_key *slots, size_t index, gboolean *there_r,
                              GError **error)
{
    struct slot_record slot;
    gboolean twice = FALSE;
    for (size_t i = 0; i < index && !twice; i++)
        twice = memcmp(&slots[i].recipient, &slots[index].recipient, sizeof slots[i].recipient) == 0;
    *there_r = twice;
    if (twice || slots[index].period != 0)
        return TRUE;
    if (!rows_get_slot(ledger, &slots[index], &slot, error))
        return FALSE;
    *there_r = slot.owner.kind != MAIL_NONE;
    return TRUE;
}

static gboolean take_slots(struct request *request, const char *queue_id, const struct owner *owner,
                           const struct slot_key *slots, size_t count, GError **error)
{
    struct slot_record slot = {.owner = *owner, .since = request_seconds(request)};
    g_strlcpy(slot.queue_id, queue_id, sizeof slot.queue_id);
    for (size_t i = 0; i < count; i++) {
        gboolean there;
        if (!slot_is_there(request->ledger, slots, i, &there, error) ||
            !rows_take_slot(request->ledger, &slots[i], &slot, there, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_proof(struct request *request, struct mail *mail, const char *queue_id, GError **error)
{
    mail->proof.state = STATE_RESERVED;
    mail->proof.changed = request_seconds(request);
    g_strlcpy(mail->proof.queue_id, queue_id, sizeof mail->proof.queue_id);
    return rows_put_proof(request->ledger, mail->owner.campaign, mail->owner.id, &mail->proof, error);
}

static gboolean write_life(struct request *request, struct mail *mail, const char *queue_id, GError **error)
{
    wave_move(request->ledger, campaign_wave_of(mail->campaign, mail->owner.kind, mail->owner.id, &mail->life),
              mail->life.state, STATE_RESERVED);
    mail->life.state = STATE_RESERVED;
    mail->life.changed = request_seconds(request);
    g_strlcpy(mail->life.queue_id, queue_id, sizeof mail->life.queue_id);
    return rows_put_life(request->ledger, mail->owner.campaign, mail->owner.kind, mail->owner.id, &mail->life, error);
}

static gboolean write_reserved(struct request *request, struct mail *mail, const char *queue_id, GError **error)
{
    size_t slots = mail->owner.kind == MAIL_INVITATION ? 1 : 0;
    if (!take_slots(request, queue_id, &mail->owner, &mail->slot, slots, error) ||
        !write_queue(request, queue_id, &mail->owner, &mail->slot, slots, error))
        return FALSE;
    return mail->owner.kind == MAIL_PROOF ? write_proof(request, mail, queue_id, error)
                                          : write_life(request, mail, queue_id, error);
}

static gboolean reserve_ours(struct request *request, const struct reserve *reserve, const struct client *client,
                             const struct queue_record *queue, gboolean known_queue, GError **error)
{
    struct mail mail;
    const struct question question = {client, &reserve->sender,
                                      reserve->count == 1 ? reserve->recipients[0] : NULL,
                                      reserve->queue_id, request_seconds(request)};
    if (!fetch_mail(request->ledger, &question, &mail, error))
        return FALSE;
    gboolean same = known_queue && mail.facts.token && owner_equal(&queue->owner, &mail.owner);
    const struct reserve_facts facts = {
        .late = reserve->late,
        .tombstone = known_queue && (queue->tombstone || !same), /* a queue ID that means something else: doubt */
        .same_queue = same,
        .aligned = reserve->client == client,
        .mail = mail.facts,
    };
    enum verdict verdict = decide_reserve(&facts);
    if (verdict == VERDICT_ACCEPT && !same && !write_reserved(request, &mail, reserve->queue_id, error))
        return FALSE;
    return answer_verdict(request, verdict, mail.facts.kind);
}

/* --- reserve: other programs' mail ------------------------------------------------------------- */

static guint64 foreign_id(struct ledger *ledger, const char *message_id)
{
    guint8 mac[SECRET_MAC_SIZE];
    guint64 id = 0;
    secret_mac(ledger->secret, SECRET_FOREIGN, (struct bytes){message_id, strlen(message_id)}, mac);
    for (size_t i = 0; i < sizeof id; i++)
        id = id << 8 | mac[i];
    return id;
}

/*
 * Is an earlier recipient the same person under another spelling? It would get two copies. (Of one spelling, Postfix
 * makes one recipient.)
 */
static gboolean stands_twice(const struct reserve *reserve, const struct slot_key *slots, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (memcmp(&slots[i].recipient, &slots[index].recipient, sizeof slots[i].recipient) == 0 &&
            g_ascii_strcasecmp(reserve->recipients[i], reserve->recipients[index]) != 0)
            return TRUE;
    return FALSE;
}

static gboolean judge_recipients(struct request *request, const struct reserve *reserve, const struct owner *owner,
                                 struct slot_key *slots_r, enum verdict *verdict_r, GError **error)
{
    *verdict_r = VERDICT_ACCEPT;
    for (size_t i = 0; i < reserve->count; i++) {
        struct foreign_facts facts;
        memset(&slots_r[i], 0, sizeof slots_r[i]);
        if (!fetch_foreign(request->ledger, reserve->client, owner->campaign, reserve->recipients[i], owner,
                           request_seconds(request), &slots_r[i], &facts, error))
            return FALSE;
        facts.twice = facts.address && stands_twice(reserve, slots_r, i);
        *verdict_r = decide_worse(*verdict_r, decide_foreign(&facts));
    }
    return TRUE;
}

static gboolean reserve_foreign(struct request *request, const struct reserve *reserve,
                                const struct queue_record *queue, gboolean known_queue, GError **error)
{
    struct ledger *ledger = request->ledger;
    struct slot_key slots[RECIPIENTS_MAX] UNFILLED;
    struct owner owner = {.kind = MAIL_FOREIGN, .id = foreign_id(ledger, reserve->message_id)};
    enum verdict verdict = VERDICT_ACCEPT;
    if (!ledger_client_number(ledger, reserve->client->name, TRUE, &owner.campaign, error))
        return FALSE;
    gboolean same = known_queue && owner_equal(&queue->owner, &owner);
    if (reserve->late)
        verdict = VERDICT_LATE;
    else if (known_queue && (queue->tombstone || !same))
        verdict = VERDICT_TOMBSTONE;
    else if (!same && !judge_recipients(request, reserve, &owner, slots, &verdict, error))
        return FALSE;
    if (verdict == VERDICT_ACCEPT && !same &&
        (!take_slots(request, reserve->queue_id, &owner, slots, reserve->count, error) ||
         !write_queue(request, reserve->queue_id, &owner, slots, reserve->count, error)))
        return FALSE;
    return answer_verdict(request, verdict, MAIL_FOREIGN);
}

/* --- reserve ----------------------------------------------------------------------------------- */

static gboolean read_recipients(const struct request *request, struct reserve *reserve_r, GError **error)
{
    guint64 count;
    if (!request_number(request, "recipients", 1, RECIPIENTS_MAX, &count, error))
        return FALSE;
    for (guint64 i = 1; i <= count; i++) {
        char name[32];
        g_snprintf(name, sizeof name, "recipient.%" G_GUINT64_FORMAT, i);
        reserve_r->recipients[i - 1] = attributes_get(request->in, name);
        if (reserve_r->recipients[i - 1] == NULL)
            return error_set(error, ERROR_DATA, "attribute %s is missing", name);
    }
    reserve_r->count = (size_t)count;
    return TRUE;
}

static gboolean read_reserve(const struct request *request, struct reserve *reserve_r, GError **error)
{
    guint64 deadline;
    const char *from;
    if (!request_queue_id(request, &reserve_r->queue_id, error) ||
        !request_text(request, "message_id", FALSE, POLICY_LINE, &reserve_r->message_id, error) ||
        !request_text(request, "from_domain", FALSE, ADDRESS_DOMAIN_MAX, &from, error) ||
        !request_number(request, "deadline", 0, G_MAXINT64, &deadline, error) ||
        !read_recipients(request, reserve_r, error))
        return FALSE;
    reserve_r->late = request->now > (gint64)deadline;
    reserve_r->client = client_by_sender_domain(request->ledger->clients, from);
    read_sender(attributes_text(request->in, "sender"), &reserve_r->sender);
    return TRUE;
}

gboolean ledger_reserve(struct request *request, GError **error)
{
    struct reserve reserve UNFILLED;
    struct queue_record queue UNFILLED;
    gboolean known_queue;
    if (!read_reserve(request, &reserve, error) ||
        !rows_get_queue(request->ledger, reserve.queue_id, &queue, &known_queue, error))
        return FALSE;
    const struct client *client = client_by_return_path(request->ledger->clients, reserve.sender.domain);
    if (client != NULL)
        return reserve_ours(request, &reserve, client, &queue, known_queue, error);
    if (reserve.client != NULL)
        return reserve_foreign(request, &reserve, &queue, known_queue, error);
    /* The milter knows this From domain as a client's, and we do not: one of us has an old configuration. */
    answer_begin(request, "temporary");
    policy_append(request->out, "reason",
                  "the domain of the From field is no client's here; reload policyd and milter");
    policy_append(request->out, "reply", "451 4.7.1 The sender's configuration is being changed");
    policy_end(request->out);
    return TRUE;
}
