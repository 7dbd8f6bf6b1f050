/* session.c - one connection's mails, step by step; see session.h. */
#include "milter/session.h"

#include "lib/content.h"
#include "lib/error.h"
#include "milter/from.h"

#include <string.h>

struct session {
    struct milter *milter;

    /* Of the mail under way; all NULL between mails. */
    struct snapshot *snapshot;
    struct transaction *transaction;
    const struct client *client; /* whose mail it is, once the header has ended */
    struct signing *signing;
    char from_domain[FROM_DOMAIN_SIZE];
    size_t body_size;
    gboolean header_ended;
    struct verdict owner; /* of verdict_owner() */
};

struct session *session_new(struct milter *milter)
{
    struct session *session = g_new0(struct session, 1);
    session->milter = milter;
    g_atomic_int_inc(&milter->counters.connections);
    return session;
}

void session_abort(struct session *session)
{
    struct milter *milter = session->milter;
    sign_free(session->signing);
    transaction_free(session->transaction);
    snapshot_unref(session->snapshot); /* last: the keys belong to it */
    memset(session, 0, sizeof *session);
    session->milter = milter;
}

void session_free(struct session *session)
{
    if (session == NULL)
        return;
    session_abort(session);
    g_atomic_int_add(&session->milter->counters.connections, -1);
    g_free(session);
}

void session_mail(struct session *session, const char *sender)
{
    session_abort(session);
    session->snapshot = snapshot_box_get(&session->milter->box);
    session->transaction = transaction_new(sender);
}

void session_recipient(struct session *session, const char *recipient)
{
    if (session->transaction != NULL)
        transaction_recipient(session->transaction, recipient);
}

void session_field(struct session *session, const char *name, const char *value)
{
    if (session->transaction != NULL)
        transaction_field(session->transaction, name, value);
}

/* --- whose mail is it? --- */

static const char *client_name(const struct client *client)
{
    return client != NULL ? client->name : NULL;
}

/* The client whose return-path or sender domain the reverse-path is at. */
static const struct client *sender_client(const struct client_set *clients, const char *sender)
{
    char domain[FROM_DOMAIN_SIZE];
    const char *at = strrchr(sender, '@');
    if (at == NULL || !domain_normalise(at + 1, strlen(at + 1), domain))
        return NULL;
    const struct client *client = client_by_return_path(clients, domain);
    return client != NULL ? client : client_by_sender_domain(clients, domain);
}

/* A client whose domain occurs anywhere in the From fields. */
static const struct client *named_client(const struct client_set *clients, const struct transaction *transaction)
{
    const struct client *client = NULL;
    for (size_t i = 0; client == NULL && i < TRANSACTION_FROM && transaction->from[i] != NULL; i++) {
        g_auto(GStrv) domains = from_domains(transaction->from[i]);
        for (char **domain = domains; client == NULL && *domain != NULL; domain++)
            client = client_by_sender_domain(clients, *domain);
    }
    return client;
}

/* Finds the owner and sets session->owner, ->client and ->from_domain. */
static void find_owner(struct session *session)
{
    const struct transaction *transaction = session->transaction;
    const struct client_set *clients = session->snapshot->clients;
    struct owner_facts facts = {
        .from_fields = transaction->singles[SINGLE_FROM],
        .from_unseen = transaction->singles[SINGLE_FROM] > TRANSACTION_FROM,
        .sender_client = client_name(sender_client(clients, transaction->sender)),
    };
    if (facts.from_fields == 1) {
        facts.from_fault = from_parse(transaction->from[0], session->from_domain);
        if (facts.from_fault == NULL)
            session->client = client_by_sender_domain(clients, session->from_domain);
    }
    if (facts.from_fields > 1 || facts.from_fault != NULL)
        facts.named_client = client_name(named_client(clients, transaction));
    facts.from_client = client_name(session->client);
    verdict_owner(&facts, &session->owner);
}

/* --- while it arrives --- */

/* The header is known: the signer begins, and gets the body as it comes. */
static void begin_signing(struct session *session)
{
    const struct signing_keys *keys = snapshot_keys(session->snapshot, session->client);
    const struct transaction *transaction = session->transaction;
    if (keys == NULL)
        return;
    session->signing = sign_begin(session->snapshot->signer, keys, g_get_real_time() / G_USEC_PER_SEC);
    for (size_t i = 0; i < transaction->field_count; i++)
        sign_header_field(session->signing, transaction->fields[i].name, transaction->fields[i].value);
    sign_end_header(session->signing);
}

void session_end_header(struct session *session)
{
    if (session->transaction == NULL || session->header_ended)
        return;
    session->header_ended = TRUE;
    find_owner(session);
    if (session->owner.action != VERDICT_CONTINUE)
        return;
    transaction_keep_body(session->transaction, session->snapshot->message_size);
    begin_signing(session);
}

void session_body(struct session *session, const char *octets, size_t size)
{
    if (session->transaction == NULL || session->owner.action != VERDICT_CONTINUE)
        return;
    session->body_size += size;
    transaction_body(session->transaction, octets, size);
    if (session->signing != NULL && !session->transaction->body_cut)
        sign_body(session->signing, octets, size);
}

/* --- the end --- */

static void check_message(const struct session *session, const char *queue_id, struct verdict *verdict_r)
{
    const struct transaction *transaction = session->transaction;
    struct message_facts facts = {
        .queue_id = queue_id,
        .recipients = transaction->recipient_count,
        .envelope_cut = transaction->envelope_cut,
        .header_cut = transaction->header_cut,
        .body_cut = transaction->body_cut,
        .message_size = transaction->header_size + session->body_size,
        .message_limit = session->snapshot->message_size,
    };
    memcpy(facts.singles, transaction->singles, sizeof facts.singles);
    verdict_message(&facts, verdict_r);
}

/*
 * The first thing that is wrong with the content, NULL: nothing. Without the value that was found: Postfix logs
 * replies, and it may be a token or an address. `postwelle content check` shows it.
 */
static char *find_content(const struct session *session)
{
    const struct transaction *transaction = session->transaction;
    const struct content_options options = {.max_message = session->snapshot->message_size, .max_findings = 1};
    struct mime_field fields[TRANSACTION_FIELDS];
    for (size_t i = 0; i < transaction->field_count; i++)
        fields[i] = (struct mime_field){slice_of(transaction->fields[i].name), slice_of(transaction->fields[i].value)};
    struct content_message message = {
        fields, transaction->field_count, {transaction->body->str, transaction->body->len}};
    g_autoptr(GPtrArray) findings = content_findings_new();
    if (content_check(&message, &options, findings))
        return NULL;
    struct content_finding *first = g_ptr_array_index(findings, 0);
    if (first->value != NULL) {
        g_free(first->value);
        first->value = g_strdup("...");
    }
    return content_finding_text(first);
}

static void check_content(const struct session *session, struct verdict *verdict_r)
{
    g_autofree char *finding = find_content(session);
    verdict_content(finding, verdict_r);
}

static void log_error(const struct session *session, const char *queue_id, const GError *error)
{
    if (error != NULL)
        journal_write(&session->milter->journal, LOG_ERR, "%s: error: %s", queue_id, error->message);
}

/* Is there a key, and can the mail be signed as it is? */
static gboolean can_be_signed(const struct session *session, GError **error)
{
    if (session->signing == NULL)
        return error_set(error, ERROR_UNAVAILABLE, "client %s: no key for %s is loaded", session->client->name,
                         session->client->signing_domain);
    return sign_end_body(session->signing, error);
}

static struct reserve_asking *begin_reserve(const struct session *session, const char *queue_id)
{
    const struct transaction *transaction = session->transaction;
    const struct reserve_question question = {
        .queue_id = queue_id,
        .sender = transaction->sender,
        .from_domain = session->from_domain,
        .message_id = transaction->message_id,
        .recipients = transaction->recipients,
        .recipient_count = transaction->recipient_count,
    };
    return reserve_begin(session->milter->pool, &question);
}

/* TRUE where it is this mail's turn to be verified. */
static gboolean is_sample(struct session *session)
{
    guint every = session->snapshot->verify_sample;
    return every > 0 && (guint)g_atomic_int_add((gint *)&session->milter->signed_mails, 1) % every == 0;
}

/* The signatures, verified where it is their turn; NULL and *error. */
static GPtrArray *make_signatures(struct session *session, GError **error)
{
    const struct transaction *transaction = session->transaction;
    const struct signing_keys *keys = snapshot_keys(session->snapshot, session->client);
    g_autoptr(GPtrArray) signatures = sign_finish(session->signing, error);
    if (signatures == NULL)
        return NULL;
    if (is_sample(session) &&
        !verifier_check(session->snapshot->verifier, keys, transaction->fields, transaction->field_count,
                        transaction->body->str, transaction->body->len, signatures, error))
        return NULL;
    return g_steal_pointer(&signatures);
}

/*
 * All that is work for the processor: the content rule and the signatures. policyd is asked between them, when nothing
 * can be wrong with the mail any more, as its disk takes about as long as they do. What it said is looked at last.
 * *signatures_r and *asking_r are NULL where it did not come to them.
 */
static void work(struct session *session, const char *queue_id, GPtrArray **signatures_r,
                 struct reserve_asking **asking_r, struct verdict *verdict_r)
{
    g_autoptr(GError) error = NULL;
    *signatures_r = NULL;
    *asking_r = NULL;
    turns_take(session->milter->turns);
    check_content(session, verdict_r);
    if (verdict_r->action == VERDICT_CONTINUE && can_be_signed(session, &error)) {
        *asking_r = begin_reserve(session, queue_id);
        *signatures_r = make_signatures(session, &error);
    }
    turns_end(session->milter->turns);
    if (verdict_r->action == VERDICT_CONTINUE)
        verdict_sign(error, verdict_r);
    if (verdict_r->alarm)
        log_error(session, queue_id, error);
    if (*signatures_r != NULL)
        counters_signatures(&session->milter->counters, *signatures_r);
}

/* Postfix may be gone. Fields inserted into a mail that is answered 451 go with its queue file. */
static void insert(const GPtrArray *signatures, const struct session_host *host, void *user, struct verdict *verdict_r)
{
    for (guint i = signatures->len; i-- > 0;) /* each goes above the last: they end in the order of the keys */
        if (!host->insert(user, SIGN_FIELD_NAME, g_ptr_array_index(signatures, i))) {
            verdict_trouble("insert", "the mail server is gone", verdict_r);
            return;
        }
}

/* policyd's answer. What may be reserved for a mail that is not accepted is taken back. */
static void end_reserve(struct session *session, const char *queue_id, struct reserve_asking *asking,
                        struct reserve_answer *answer_r, struct verdict *verdict_r)
{
    g_autoptr(GError) error = NULL, cancel_error = NULL;
    if (verdict_r->action != VERDICT_CONTINUE) {
        reserve_take_back(asking, &cancel_error);
    } else {
        reserve_end(asking, answer_r, &error);
        verdict_reserve(answer_r, verdict_r);
        log_error(session, queue_id, error);
        if (verdict_r->cancel)
            reserve_cancel(session->milter->pool, queue_id, &cancel_error);
    }
    log_error(session, queue_id, cancel_error);
}

static void log_decision(const struct session *session, const char *queue_id, const char *kind,
                         const struct verdict *verdict)
{
    int priority = verdict->alarm ? LOG_ERR : verdict->action == VERDICT_UNTOUCHED ? LOG_DEBUG : LOG_INFO;
    journal_write(&session->milter->journal, priority, "%s: client=%s kind=%s action=%s dsn=%s reason=%s", queue_id,
                  session->client != NULL ? session->client->name : "-", kind[0] != '\0' ? kind : "-",
                  verdict_action_word(verdict->action), verdict->dsn[0] != '\0' ? verdict->dsn : "2.0.0",
                  verdict->reason);
}

/* The steps of verdict.h in their order. */
static void decide(struct session *session, const char *queue_id, const struct session_host *host, void *user,
                   struct reserve_answer *answer_r, struct verdict *verdict_r)
{
    g_autoptr(GPtrArray) signatures = NULL;
    struct reserve_asking *asking = NULL;
    *verdict_r = session->owner;
    if (verdict_r->action == VERDICT_CONTINUE)
        check_message(session, queue_id, verdict_r);
    if (verdict_r->action == VERDICT_CONTINUE)
        work(session, queue_id, &signatures, &asking, verdict_r);
    if (verdict_r->action == VERDICT_CONTINUE)
        insert(signatures, host, user, verdict_r);
    if (asking != NULL)
        end_reserve(session, queue_id, asking, answer_r, verdict_r);
}

void session_end_message(struct session *session, const char *queue_id, const struct session_host *host, void *user,
                         struct verdict *verdict_r)
{
    struct milter *milter = session->milter;
    struct reserve_answer answer = {.kind = ""};
    const char *name = queue_id != NULL ? queue_id : "NOQUEUE";
    gint64 begin = g_get_monotonic_time();
    g_atomic_int_inc(&milter->busy);
    session_end_header(session); /* a mail without header fields and body has no end of header of its own */
    if (session->transaction == NULL)
        verdict_trouble("protocol", "the message has an end but no beginning", verdict_r);
    else if (g_atomic_int_get(&milter->stopping))
        verdict_stopping(verdict_r);
    else
        decide(session, queue_id, host, user, &answer, verdict_r);
    log_decision(session, name, answer.kind, verdict_r);
    counters_decision(&milter->counters, verdict_r->action, verdict_r->reason, g_get_monotonic_time() - begin);
    session_abort(session);
    g_atomic_int_add(&milter->busy, -1);
}
