/*
 * ledger_remind.c - reminders: remind-plan (who is due), remind-open, remind-begin; and what is told of them with a
 * participant.
 *
 * A reminder has a life of its own, as an invitation has: attempts, fences, states. It takes no slot, as the invitation
 * before it has it. Which one of a participant's reminders is next, and whether, is decide_remind()'s to say, each time
 * anew; so there is no list of those to be reminded that could be out of date.
 */
#include "policyd/ledger_feed.h"

#include "lib/error.h"

#include <string.h>

#define REMIND_SCAN 5000 /* rows looked at for one answer, so that no request holds up the others */
#define GAP_MAX (366 * G_GUINT64_CONSTANT(86400)) /* seconds */

/* A participant whose turn has come, or whose reminder is not to be sent any more. */
struct row {
    guint64 participant;
    guint number; /* of the reminder */
    enum remind_action action;
    struct life_record life; /* the reminder's */
};

/* One walk over a campaign's invitations. */
struct walk {
    struct request *request;
    const struct client *client;
    struct campaign *campaign;
    guint64 most, gap, wave;        /* wave 0: all */
    guint64 last;                   /* looked at last; 0 at the end */
    guint64 limit;                  /* rows to start, at most */
    guint64 counts[REMIND_ACTIONS];
    gint64 next, earliest;          /* when the first of REMIND_WAIT is due, and of REMIND_EARLY; 0: none */
    GArray *rows;                   /* struct row: to be written; NULL: nothing is */
};

/* --- one participant --------------------------------------------------------------------------- */

gboolean reminder_last(struct ledger *ledger, const struct campaign *campaign, guint64 participant, guint *number_r,
                       struct life_record *life_r, GError **error)
{
    struct life_record life;
    *number_r = 0;
    memset(life_r, 0, sizeof *life_r);
    for (guint number = 1; campaign_reminders(campaign, number) != NULL; number++) {
        if (!rows_get_life(ledger, campaign->number, MAIL_REMINDER, reminder_id(participant, number), &life, error))
            return FALSE;
        if (life.state == STATE_NONE)
            break;
        *number_r = number;
        *life_r = life;
    }
    return TRUE;
}

/* Is there a feeder that may have something in hand? What a dead one left is due. */
static gboolean is_fed(const struct walk *walk)
{
    return g_hash_table_contains(walk->request->ledger->feeders, GUINT_TO_POINTER(walk->campaign->number));
}

/* The facts that are not asked for do not matter. */
static gboolean fetch_facts(const struct walk *walk, guint64 participant, const struct life_record *invitation,
                            struct remind_facts *facts_r, struct life_record *life_r, GError **error)
{
    struct ledger *ledger = walk->request->ledger;
    gint64 answered = 0;
    *facts_r = (struct remind_facts){.invitation = invitation->state,
                                     .invited = invitation->changed,
                                     .now = request_seconds(walk->request),
                                     .delay = ledger->retry_delay,
                                     .most = (guint)walk->most,
                                     .gap = (gint64)walk->gap};
    if (!reminder_last(ledger, walk->campaign, participant, &facts_r->number, life_r, error))
        return FALSE;
    facts_r->last = life_r->state;
    facts_r->changed = life_r->changed;
    facts_r->attempts = life_r->attempt;
    facts_r->session = is_fed(walk) && life_r->session == walk->campaign->record.session;
    if (invitation->state != STATE_SENT)
        return TRUE;
    if (!rows_get_answer(ledger, walk->campaign->number, participant, &answered, error))
        return FALSE;
    facts_r->answered = answered != 0;
    return facts_r->answered || ledger_suppressed(ledger, &invitation->recipient, walk->campaign->record.client,
                                                  &facts_r->suppressed, error);
}

static void note_time(gint64 *first, gint64 when)
{
    if (*first == 0 || when < *first)
        *first = when;
}

/* One that waits to be tried again though it is not to be sent any more: it has come to its end. */
static gboolean is_over(const struct walk *walk, const struct row *row)
{
    gboolean in_hand = row->life.state == STATE_BEGUN && row->life.session == walk->campaign->record.session;
    return (row->life.state == STATE_NEW || row->life.state == STATE_BEGUN) && !in_hand &&
           (row->action == REMIND_ANSWERED || row->action == REMIND_SUPPRESSED || row->action == REMIND_NOT_SENT);
}

static gboolean judge(struct walk *walk, guint64 participant, const struct life_record *invitation, GError **error)
{
    struct remind_facts facts;
    struct row row = {.participant = participant};
    gint64 due = 0;
    gboolean nameless = FALSE;
    if (!fetch_facts(walk, participant, invitation, &facts, &row.life, error))
        return FALSE;
    row.action = decide_remind(&facts, &row.number, &due);
    if (row.action == REMIND_START && !feed_is_nameless(walk->request, walk->campaign, participant, &nameless, error))
        return FALSE;
    if (nameless)
        row.action = REMIND_ENDED;
    walk->counts[row.action]++;
    if (row.action == REMIND_WAIT)
        note_time(&walk->next, row.life.changed + facts.delay);
    if (row.action == REMIND_EARLY)
        note_time(&walk->earliest, due);
    if (walk->rows == NULL || (row.action != REMIND_START && !is_over(walk, &row)))
        return TRUE;
    if (row.life.state != STATE_NEW && row.life.state != STATE_BEGUN) /* a new one */
        row.life = (struct life_record){.wave = invitation->wave, .recipient = invitation->recipient};
    g_array_append_val(walk->rows, row);
    return TRUE;
}

/* --- the walk ---------------------------------------------------------------------------------- */

/* Writes nothing, as a scan is open. */
static gboolean look(struct walk *walk, GError **error)
{
    struct key prefix, from;
    struct bytes key, value;
    key_prefix_lives(&prefix, walk->campaign->number, MAIL_INVITATION);
    key_life(&from, walk->campaign->number, MAIL_INVITATION, walk->last + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(walk->request->ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    if (scan == NULL)
        return FALSE;
    for (guint looked = 0; walk->counts[REMIND_START] < walk->limit && looked < REMIND_SCAN; looked++) {
        struct life_record life;
        enum store_result result = store_next(scan, &key, &value, error);
        if (result == STORE_ABSENT)
            walk->last = 0;
        if (result != STORE_DONE)
            return result == STORE_ABSENT;
        if (!key_read_participant(key, &walk->last) || !life_read(value, &life))
            return rows_damaged(STORE_LIFE, error);
        if ((walk->wave != 0 && life.wave != walk->wave) || campaign_hides(walk->campaign, walk->last))
            continue;
        if (!judge(walk, walk->last, &life, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean move_row(const struct walk *walk, struct row *row, enum mail_state state, GError **error)
{
    wave_move(walk->request->ledger, campaign_reminders(walk->campaign, row->number), row->life.state, state);
    row->life.state = state;
    row->life.changed = request_seconds(walk->request);
    return rows_put_life(walk->request->ledger, walk->campaign->number, MAIL_REMINDER,
                         reminder_id(row->participant, row->number), &row->life, error);
}

static gboolean start_row(const struct walk *walk, struct row *row, GError **error)
{
    feed_next_attempt(walk->request, walk->campaign, &row->life);
    const struct token token = {token_kind_of(MAIL_REMINDER, row->number), walk->campaign->number, row->participant,
                                row->life.attempt};
    return move_row(walk, row, STATE_BEGUN, error) &&
           feed_answer(walk->request, walk->campaign, walk->client, &token, error);
}

static gboolean end_row(const struct walk *walk, struct row *row, GError **error)
{
    enum verdict why = row->action == REMIND_ANSWERED     ? VERDICT_ANSWERED
                       : row->action == REMIND_SUPPRESSED ? VERDICT_SUPPRESSED
                                                          : VERDICT_NOT_INVITED;
    g_strlcpy(row->life.reply, verdict_text(why), sizeof row->life.reply);
    row->life.fence = row->life.attempt;
    return move_row(walk, row, why == VERDICT_SUPPRESSED ? STATE_SUPPRESSED : STATE_REFUSED, error);
}

/* Writes what was decided; stops early where the answer grows too long, and says where. */
static gboolean write_rows(struct walk *walk, GError **error)
{
    gsize before = walk->request->out->len;
    for (guint i = 0; i < walk->rows->len; i++) {
        struct row *row = &g_array_index(walk->rows, struct row, i);
        if (!(row->action == REMIND_START ? start_row(walk, row, error) : end_row(walk, row, error)))
            return FALSE;
        if (walk->request->out->len - before > BEGIN_ANSWER && i + 1 < walk->rows->len) {
            walk->last = row->participant;
            return TRUE;
        }
    }
    return TRUE;
}

/* --- requests ---------------------------------------------------------------------------------- */

static gboolean optional_number(const struct request *request, const char *name, guint64 low, guint64 high,
                                guint64 *number_r, GError **error)
{
    return attributes_get(request->in, name) == NULL || request_number(request, name, low, high, number_r, error);
}

static gboolean walk_begin(struct walk *walk, struct request *request, GError **error)
{
    *walk = (struct walk){.request = request, .limit = G_MAXUINT64};
    return request_campaign(request, &walk->campaign, error) &&
           request_client(request, walk->campaign, &walk->client, error) &&
           request_number(request, "most", 1, REMINDERS_MAX, &walk->most, error) &&
           request_number(request, "gap", 0, GAP_MAX, &walk->gap, error) &&
           request_number(request, "after", 0, PARTICIPANT_MAX - 1, &walk->last, error) &&
           optional_number(request, "wave", 1, WAVE_MAX, &walk->wave, error);
}

static gboolean answer_walk(const struct walk *walk)
{
    GString *out = walk->request->out;
    answer_begin(walk->request, "ok");
    policy_append_number(out, "last", walk->last);
    for (int action = 0; action < REMIND_ACTIONS; action++)
        policy_append_number(out, remind_action_name((enum remind_action)action), walk->counts[action]);
    policy_append_number(out, "next", (guint64)walk->next);
    policy_append_number(out, "earliest", (guint64)walk->earliest);
    policy_end(out);
    return TRUE;
}

gboolean ledger_remind_plan(struct request *request, GError **error)
{
    struct walk walk;
    return walk_begin(&walk, request, error) && look(&walk, error) && answer_walk(&walk);
}

/* Told of once, and each time a person overrules the plan. */
static gboolean tell_open(struct request *request, const struct campaign *campaign, const struct wave *reminders,
                          const char *despite, GError **error)
{
    if (reminders->record.opened != 0 && *despite == '\0')
        return TRUE;
    g_autofree char *subject = g_strdup_printf("%u", reminders->number - WAVE_MAX);
    g_autofree char *detail = *despite != '\0' ? g_strconcat("despite ", despite, NULL) : NULL;
    const struct audit_entry entry = {
        .action = AUDIT_REMIND_OPEN, .campaign = campaign, .subject = subject, .detail = detail};
    return ledger_audit(request, &entry, error);
}

gboolean ledger_remind_open(struct request *request, GError **error)
{
    struct campaign *campaign;
    guint8 hash[CONTENT_HASH_SIZE];
    guint64 most;
    const char *despite;
    gboolean busy;
    if (!request_campaign(request, &campaign, error) || !request_hash(request, "hash", hash, error) ||
        !request_number(request, "most", 1, REMINDERS_MAX, &most, error) ||
        !request_text(request, "despite", TRUE, TEXT_MAX, &despite, error) ||
        !feed_open(request, campaign, hash, &busy, error))
        return FALSE;
    if (busy)
        return TRUE;
    for (guint number = 1; number <= most; number++) {
        struct wave *reminders = campaign_reminders_make(campaign, number);
        if (!tell_open(request, campaign, reminders, despite, error))
            return FALSE;
        if (reminders->record.opened != 0)
            continue;
        reminders->record.opened = MAX(request_seconds(request), 1);
        wave_touch(request->ledger, reminders);
    }
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_remind_begin(struct request *request, GError **error)
{
    struct walk walk;
    if (!walk_begin(&walk, request, error) || !request_number(request, "limit", 1, BEGIN_LIMIT, &walk.limit, error) ||
        !feed_check(request, walk.campaign, error))
        return FALSE;
    if (campaign_reminders(walk.campaign, (guint)walk.most) == NULL)
        return error_set(error, ERROR_WANTING, "so many reminders are not open; open them first");
    walk.rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    gboolean done = look(&walk, error) && write_rows(&walk, error) && answer_walk(&walk);
    g_array_unref(walk.rows);
    return done;
}

/* --- with a participant -------------------------------------------------------------------------- */

gboolean answer_reminded(struct request *request, const struct campaign *campaign, guint64 participant, GError **error)
{
    struct life_record life;
    guint number;
    gint64 answered;
    if (!rows_get_answer(request->ledger, campaign->number, participant, &answered, error) ||
        !reminder_last(request->ledger, campaign, participant, &number, &life, error))
        return FALSE;
    policy_append_number(request->out, "answered", (guint64)answered);
    policy_append_number(request->out, "reminder", number);
    if (number == 0)
        return TRUE;
    policy_append(request->out, "reminder_state", mail_state_name(life.state));
    policy_append_number(request->out, "reminder_attempt", life.attempt);
    policy_append(request->out, "reminder_queue_id", life.queue_id);
    policy_append(request->out, "reminder_reply", life.reply);
    policy_append_number(request->out, "reminder_changed", (guint64)life.changed);
    return TRUE;
}
