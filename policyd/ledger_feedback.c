/*
 * ledger_feedback.c - what comes back from recipients: feedback (bounces, complaints), unsubscribe. Whom it is about is
 * the token's to say.
 *
 * What a stranger sends gets the same answer whether there is such a participant or not; only `known` differs, for the
 * log.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"
#include "policyd/token.h"

#include <string.h>

#define STATUS_MAX 11
#define META_COMPLAINTS "complaints/" /* and the campaign's number */

/* A token that was checked, and what it names. */
struct named {
    gboolean known; /* it is ours, and its participant is in the ledger */
    struct token token;
    struct campaign *campaign;
    struct life_record life; /* of the mail that the token went out with; of the invitation where it does not say */
};

static gboolean find_named(struct request *request, struct named *named, GError **error)
{
    const char *text = attributes_text(request->in, "token");
    *named = (struct named){0};
    if (!token_decode(request->ledger->secret, text, strlen(text), &named->token))
        return TRUE;
    enum mail_kind kind = token_mail_kind(named->token.kind);
    if (named->token.kind == TOKEN_UNSUBSCRIBE)
        kind = MAIL_INVITATION;
    if (kind != MAIL_INVITATION && kind != MAIL_REMINDER)
        return TRUE; /* a proof's act on nobody */
    if (!campaign_load(request->ledger, named->token.campaign, &named->campaign, error) ||
        !rows_get_life(request->ledger, named->token.campaign, kind, token_mail_id(&named->token), &named->life, error))
        return FALSE;
    named->known = named->campaign != NULL && named->life.state != STATE_NONE &&
                   !campaign_hides(named->campaign, named->token.id);
    return TRUE;
}

static const char *campaign_name(const struct named *named)
{
    return named->known ? named->campaign->record.name : "";
}

static void answer_named(struct request *request, const struct named *named)
{
    answer_begin(request, "ok");
    policy_append(request->out, "known", named->known ? "yes" : "no");
    policy_append(request->out, "client", named->known ? named->campaign->record.client_name : "");
    policy_append(request->out, "campaign", campaign_name(named));
}

/* --- feedback ---------------------------------------------------------------------------------- */

static gboolean count_complaint(struct request *request, const struct named *named, GError **error)
{
    struct key key;
    guint64 count;
    g_autofree char *name = g_strdup_printf(META_COMPLAINTS "%u", named->token.campaign);
    key_meta(&key, name);
    return rows_get_number(request->ledger, STORE_META, &key, &count, error) &&
           rows_put_number(request->ledger, STORE_META, &key, count + 1, error);
}

gboolean ledger_complaints(struct ledger *ledger, guint32 campaign, guint64 *count_r, GError **error)
{
    struct key key;
    g_autofree char *name = g_strdup_printf(META_COMPLAINTS "%u", campaign);
    key_meta(&key, name);
    return rows_get_number(ledger, STORE_META, &key, count_r, error);
}

/* What a remote host said may hold addresses: the trail has the kind alone. */
static gboolean suppress(struct request *request, const struct named *named, guint32 scope, const char *reason,
                         const char *told, gboolean *new_r, GError **error)
{
    return ledger_suppress(request->ledger, &named->life.recipient, scope, reason, request_seconds(request), new_r,
                           error) &&
           (!*new_r || ledger_audit_suppression(request, AUDIT_SUPPRESS, &named->life.recipient, scope,
                                                named->campaign->record.client_name, told, error));
}

/* A mail that was taken, and came back later: it keeps its slot, as a bounce does. */
static gboolean set_bounced(struct request *request, struct named *named, gboolean hard, const char *reply,
                            GError **error)
{
    struct ledger *ledger = request->ledger;
    enum mail_kind kind = token_mail_kind(named->token.kind);
    guint64 id = token_mail_id(&named->token);
    enum mail_state state = decide_bounce(named->life.state, hard);
    if (state == named->life.state || named->token.attempt != named->life.attempt)
        return TRUE;
    wave_move(ledger, campaign_wave_of(named->campaign, kind, id, &named->life), named->life.state, state);
    named->life.state = state;
    named->life.changed = request_seconds(request);
    g_strlcpy(named->life.reply, reply, sizeof named->life.reply);
    return rows_put_life(ledger, named->token.campaign, kind, id, &named->life, error);
}

/* The address is dead: this client's mails are not sent to it again. */
static gboolean apply_bounce(struct request *request, struct named *named, gboolean hard, const char *reply,
                             gboolean *new_r, GError **error)
{
    g_autofree char *reason = g_strconcat("bounced: ", reply, NULL);
    return set_bounced(request, named, hard, reply, error) &&
           (!hard || suppress(request, named, named->campaign->record.client, reason, "bounced", new_r, error));
}

/* Who complains gets nothing more from anybody here. Twice is once. */
static gboolean apply_complaint(struct request *request, const struct named *named, gboolean *new_r, GError **error)
{
    return suppress(request, named, 0, "complaint", "complaint", new_r, error) &&
           (!*new_r || count_complaint(request, named, error));
}

/* Is it here before the log's word on the attempt that it is about? */
static gboolean is_early(struct ledger *ledger, const struct named *named, gboolean *early_r, GError **error)
{
    gint64 since = 0;
    if (named->token.attempt == named->life.attempt && !rows_get_sending(ledger, named->life.queue_id, &since, error))
        return FALSE;
    *early_r = decide_bounce_early(named->life.state, since != 0);
    return TRUE;
}

/* *early_r: nothing was done; the same has to come again. */
static gboolean apply_feedback(struct request *request, struct named *named, const char *kind, gboolean *new_r,
                               gboolean *early_r, GError **error)
{
    const char *status, *text;
    if (!request_text(request, "status", TRUE, STATUS_MAX, &status, error) ||
        !request_text(request, "text", TRUE, TEXT_MAX, &text, error))
        return FALSE;
    gboolean hard = strcmp(kind, "hard") == 0, complaint = strcmp(kind, "complaint") == 0;
    if (!hard && !complaint && strcmp(kind, "soft") != 0)
        return error_set(error, ERROR_DATA, "attribute kind must be hard, soft or complaint");
    /* Nothing can come back of a mail that never went. */
    named->known = named->known && decide_came_back(named->life.state) &&
                   (named->token.kind == TOKEN_UNSUBSCRIBE ? complaint : named->token.attempt <= named->life.attempt);
    if (!named->known)
        return TRUE;
    if (!complaint && !is_early(request->ledger, named, early_r, error))
        return FALSE;
    if (*early_r)
        return TRUE;
    g_autofree char *reply = g_strdup_printf("%s%s%s", status, *status != '\0' && *text != '\0' ? " " : "", text);
    request->note = g_strdup_printf("feedback=%s campaign=%s participant=%" G_GUINT64_FORMAT " status=%s", kind,
                                    campaign_name(named), named->token.id, *status != '\0' ? status : "-");
    return complaint ? apply_complaint(request, named, new_r, error)
                     : apply_bounce(request, named, hard, reply, new_r, error);
}

gboolean ledger_feedback(struct request *request, GError **error)
{
    struct named named;
    gboolean new_suppression = FALSE, early = FALSE;
    if (!find_named(request, &named, error) ||
        !apply_feedback(request, &named, attributes_text(request->in, "kind"), &new_suppression, &early, error))
        return FALSE;
    if (early) {
        answer_begin(request, "temporary");
        policy_append(request->out, "reason",
                      "the mail log has not told yet how the sending of this mail ended; try again");
        policy_end(request->out);
        return TRUE;
    }
    answer_named(request, &named);
    policy_append(request->out, "suppressed", new_suppression ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}

/* --- unsubscribe -------------------------------------------------------------------------------- */

/* The language that the participant's row names; "" where it names none. */
static gboolean append_language(struct request *request, const struct named *named, GError **error)
{
    static const char *const names[] = {"lang", "language", "sprache"};
    struct participant_record participant = {0};
    const char *language = "";
    if (named->known &&
        !rows_get_participant(request->ledger, named->token.campaign, named->token.id, &participant, error))
        return FALSE;
    for (size_t i = 0; i < participant.count; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(names); j++)
            if (g_ascii_strcasecmp(participant.attributes[i].name, names[j]) == 0)
                language = participant.attributes[i].value;
    policy_append(request->out, "language", language);
    return TRUE;
}

/* A wish that is only looked at (act=no) changes nothing: mail programs and scanners open links. */
gboolean ledger_unsubscribe(struct request *request, GError **error)
{
    struct named named;
    gboolean new_suppression = FALSE;
    const char *scope = attributes_text(request->in, "scope"), *act = attributes_text(request->in, "act");
    gboolean all = strcmp(scope, "all") == 0, acts = strcmp(act, "yes") == 0;
    if (!all && strcmp(scope, "client") != 0)
        return error_set(error, ERROR_DATA, "attribute scope must be client or all");
    if (!acts && strcmp(act, "no") != 0)
        return error_set(error, ERROR_DATA, "attribute act must be yes or no");
    if (!find_named(request, &named, error))
        return FALSE;
    named.known = named.known && named.token.kind == TOKEN_UNSUBSCRIBE;
    if (named.known && acts) {
        guint32 client = all ? 0 : named.campaign->record.client;
        if (!suppress(request, &named, client, "unsubscribed", "unsubscribed", &new_suppression, error))
            return FALSE;
        request->note = g_strdup_printf("unsubscribe=%s campaign=%s participant=%" G_GUINT64_FORMAT, scope,
                                        campaign_name(&named), named.token.id);
    }
    answer_named(request, &named);
    if (!append_language(request, &named, error))
        return FALSE;
    policy_append(request->out, "new", new_suppression ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}
