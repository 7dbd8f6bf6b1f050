/*
 * ledger_withdraw.c - taking back what has not been sent: campaign-queue tells what Postfix has, campaign-cancel ends
 * what it does not have yet. What it had and was made to delete is settled by `withdraw` (ledger_settle.c).
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"

#define QUEUE_LIMIT 2000 /* rows of one answer of campaign-queue */
#define CANCEL_LIMIT 500 /* rows that one campaign-cancel ends */
#define SCAN 20000       /* rows looked at for one answer, so that no request holds up the others */
#define BECAUSE_MAX (REPLY_MAX - 20)

/* A walk over a campaign's invitations and then its reminders, of one wave's participants or of all. */
struct walk {
    struct request *request;
    struct campaign *campaign;
    guint64 wave; /* 0: all */
    guint64 last; /* id of the mail looked at last; 0 at the end */
    guint64 limit;
};

/* A row to be changed; a scan must be over before anything is written. */
struct row {
    enum mail_kind kind;
    guint64 id; /* participant, or reminder_id() */
    struct life_record life;
};

static gboolean walk_begin(struct walk *walk, struct request *request, guint64 limit, GError **error)
{
    *walk = (struct walk){.request = request, .limit = limit};
    const struct attributes *in = request->in;
    return request_campaign(request, &walk->campaign, error) &&
           (attributes_get(in, "wave") == NULL || request_number(request, "wave", 1, WAVE_MAX, &walk->wave, error)) &&
           (attributes_get(in, "after") == NULL ||
            request_number(request, "after", 0, MAIL_ID_MAX, &walk->last, error)) &&
           (attributes_get(in, "limit") == NULL || request_number(request, "limit", 1, limit, &walk->limit, error));
}

/* Where the reminders begin: all invitations' ids are below. */
#define FIRST_REMINDER (reminder_id(0, 1))

/* The first key to look at, and what all to be looked at now begin with. */
static enum mail_kind walk_from(const struct walk *walk, struct key *from, struct key *prefix)
{
    enum mail_kind kind = walk->last < FIRST_REMINDER ? MAIL_INVITATION : MAIL_REMINDER;
    key_prefix_lives(prefix, walk->campaign->number, kind);
    key_life(from, walk->campaign->number, kind, walk->last);
    return kind;
}

static gboolean read_row(struct bytes key, struct bytes value, struct row *row, GError **error)
{
    gboolean good = row->kind == MAIL_REMINDER ? key_read_reminder(key, &row->id) : key_read_participant(key, &row->id);
    return (good && life_read(value, &row->life)) || rows_damaged(STORE_LIFE, error);
}

/*
 * The rows after walk->last in a state of low..high, up to the limit; of invitations, or at their end of reminders.
 * NULL and *error where the store failed.
 */
static GArray *walk_rows(struct walk *walk, enum mail_state low, enum mail_state high, GError **error)
{
    struct key prefix, from;
    struct bytes key, value;
    guint64 begun = walk->last;
    struct row row = {.kind = walk_from(walk, &from, &prefix)};
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    g_autoptr(store_scan_auto) scan =
        store_scan(walk->request->ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    for (guint looked = 0; scan != NULL && rows->len < walk->limit && looked < SCAN; looked++) {
        enum store_result result = store_next(scan, &key, &value, error);
        if (result == STORE_ABSENT) {
            walk->last =
                row.kind == MAIL_INVITATION && campaign_reminders(walk->campaign, 1) != NULL ? FIRST_REMINDER : 0;
            break;
        }
        if (result != STORE_DONE || !read_row(key, value, &row, error))
            return NULL;
        walk->last = row.id;
        if (row.id != begun && row.life.state >= low && row.life.state <= high &&
            (walk->wave == 0 || row.life.wave == walk->wave) &&
            !campaign_hides(walk->campaign, mail_participant(row.id)))
            g_array_append_val(rows, row);
    }
    return scan != NULL ? g_steal_pointer(&rows) : NULL;
}

/* --- campaign-queue ---------------------------------------------------------------------------- */

gboolean ledger_campaign_queue(struct request *request, GError **error)
{
    struct walk walk;
    if (!walk_begin(&walk, request, QUEUE_LIMIT, error))
        return FALSE;
    g_autoptr(GArray) rows = walk_rows(&walk, STATE_RESERVED, STATE_DEFERRED, error);
    if (rows == NULL)
        return FALSE;
    for (guint i = 0; i < rows->len; i++) {
        const struct row *row = &g_array_index(rows, struct row, i);
        answer_begin(request, "more");
        policy_append_number(request->out, "participant", mail_participant(row->id));
        if (row->kind == MAIL_REMINDER)
            policy_append_number(request->out, "reminder", mail_reminder(row->id));
        policy_append(request->out, "queue_id", row->life.queue_id);
        policy_append(request->out, "state", mail_state_name(row->life.state));
        policy_end(request->out);
    }
    answer_begin(request, "ok");
    policy_append_number(request->out, "last", walk.last);
    policy_end(request->out);
    return TRUE;
}

/* --- campaign-cancel --------------------------------------------------------------------------- */

gboolean ledger_audit_cancel(struct request *request, const struct campaign *campaign, const char *because,
                             GError **error)
{
    struct session *session = request->session;
    guint64 wave = 0;
    if (attributes_get(request->in, "wave") != NULL && !request_number(request, "wave", 1, WAVE_MAX, &wave, error))
        return FALSE;
    if (session->cancels == campaign->number && session->cancels_wave == wave &&
        session->cancels_generation == request->ledger->generation)
        return TRUE;
    session->cancels = campaign->number;
    session->cancels_wave = wave;
    session->cancels_generation = request->ledger->generation;
    const struct audit_entry entry = {.action = AUDIT_CANCEL,
                                      .campaign = campaign,
                                      .subject = attributes_get(request->in, "wave"),
                                      .detail = because};
    return ledger_audit(request, &entry, error);
}

/* An attempt that is under way is refused from now on. */
static gboolean cancel_row(const struct walk *walk, struct row *row, const char *reply, GError **error)
{
    struct ledger *ledger = walk->request->ledger;
    struct life_record *life = &row->life;
    wave_move(ledger, campaign_wave_of(walk->campaign, row->kind, row->id, life), life->state, STATE_REFUSED);
    life->state = STATE_REFUSED;
    life->fence = life->attempt;
    life->changed = request_seconds(walk->request);
    g_strlcpy(life->reply, reply, sizeof life->reply);
    return rows_put_life(ledger, walk->campaign->number, row->kind, row->id, life, error);
}

gboolean ledger_campaign_cancel(struct request *request, GError **error)
{
    struct walk walk;
    const char *because;
    if (!walk_begin(&walk, request, CANCEL_LIMIT, error) ||
        !request_text(request, "because", FALSE, BECAUSE_MAX, &because, error))
        return FALSE;
    if (walk.campaign->record.state == CAMPAIGN_APPROVED)
        return error_set(error, ERROR_WANTING, "the campaign is not paused; pause it first");
    g_autoptr(GArray) rows = walk_rows(&walk, STATE_NEW, STATE_BEGUN, error);
    if (rows == NULL)
        return FALSE;
    if (!ledger_audit_cancel(request, walk.campaign, because, error))
        return FALSE;
    g_autofree char *reply = g_strconcat("cancelled: ", because, NULL);
    for (guint i = 0; i < rows->len; i++)
        if (!cancel_row(&walk, &g_array_index(rows, struct row, i), reply, error))
            return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "cancelled", rows->len);
    policy_append_number(request->out, "last", walk.last);
    policy_end(request->out);
    return TRUE;
}
