/*
 * ledger_delete.c - deleting personal data: participants-delete of a whole campaign, person-delete of one person in all
 * campaigns.
 *
 * What goes is who they are: address, attributes, and what receivers said in their replies. What stays is what the
 * promises need, and none of it names anybody: slots, suppression, and a campaign's index of addresses are keyed
 * hashes, what became of each mail stands under a number. So the cap holds, a list that is imported again invites
 * nobody twice, unsubscribe links work, and reports have their counts.
 *
 * A campaign's deletion is begun by one request and goes on from there, a page of rows with each; from its beginning
 * nothing more of the campaign is fed, and whoever asks for the rest goes on where it was. Rows are gone for good when
 * ledger_scrub.c has been through the store's files.
 */
#include "lib/error.h"
#include "lib/status_code.h"
#include "policyd/ledger_rows.h"
#include "policyd/meta.h"

#include <string.h>

#define DELETE_LIMIT 1000 /* rows of one participants-delete */
#define FIRST_REMINDER (reminder_id(0, 1)) /* all invitations' ids are below */

static const char never_sent[] = "the participant's data was deleted before it was sent";

/* --- whether ------------------------------------------------------------------------------------- */

static gboolean get_meta(struct ledger *ledger, const char *prefix, guint32 campaign, gint64 *when_r, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s%u", prefix, campaign);
    guint64 number;
    gboolean good = meta_get_number(ledger->store, name, &number, error);
    *when_r = good ? (gint64)number : 0;
    return good;
}

static gboolean put_meta(struct ledger *ledger, const char *prefix, guint32 campaign, gint64 when, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s%u", prefix, campaign);
    return meta_put_number(ledger->store, name, (guint64)MAX(when, 1), error);
}

gboolean campaign_deleted(struct ledger *ledger, guint32 campaign, gint64 *begun_r, gint64 *done_r, GError **error)
{
    return get_meta(ledger, META_DELETED, campaign, begun_r, error) &&
           get_meta(ledger, META_ERASED, campaign, done_r, error);
}

gboolean campaign_check_kept(struct ledger *ledger, const struct campaign *campaign, GError **error)
{
    gint64 begun;
    if (!get_meta(ledger, META_DELETED, campaign->number, &begun, error))
        return FALSE;
    if (begun == 0)
        return TRUE;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(begun);
    g_autofree char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("");
    return error_set(error, ERROR_WANTING,
                     "the data of its participants was deleted on %s, so the campaign is over; make a new one", text);
}

static guint64 count_wave(const struct wave *wave, enum mail_state low, enum mail_state high)
{
    guint64 count = 0;
    for (int state = (int)low; wave != NULL && state <= (int)high; state++)
        count += (guint64)wave->record.counts[state];
    return count;
}

guint64 campaign_count(const struct campaign *campaign, enum mail_state low, enum mail_state high)
{
    guint64 count = 0;
    for (guint number = 1; number <= campaign->waves->len; number++)
        count += count_wave(campaign_wave(campaign, number), low, high);
    for (guint number = 1; number <= REMINDERS_MAX; number++)
        count += count_wave(campaign_reminders(campaign, number), low, high);
    return count;
}

gint64 campaign_last_step(const struct campaign *campaign)
{
    gint64 last = MAX(campaign->record.imported_at, campaign->record.approved_at);
    for (guint number = 1; number <= campaign->waves->len; number++)
        if (campaign_wave(campaign, number) != NULL)
            last = MAX(last, campaign_wave(campaign, number)->record.opened);
    for (guint number = 1; number <= REMINDERS_MAX; number++)
        if (campaign_reminders(campaign, number) != NULL)
            last = MAX(last, campaign_reminders(campaign, number)->record.opened);
    return last;
}

/* What is under way needs its address, and what is uncertain a person who looks into it. */
static gboolean check_settled(const struct campaign *campaign, guint64 queued, guint64 uncertain, GError **error)
{
    if (queued > 0)
        return error_set(
            error, ERROR_WANTING,
            "%s: %" G_GUINT64_FORMAT
            " mails are in Postfix's queue or on their way there; nothing was deleted. Wait for their end, or "
            "cancel them (postwelle wave cancel)",
            campaign->record.name, queued);
    return uncertain == 0 || error_set(error, ERROR_WANTING,
                                       "%s: %" G_GUINT64_FORMAT " mails are uncertain, and nobody could look into them "
                                                                "without an address; nothing was deleted. Settle them "
                                       "first (postwelle ledger show, postwelle ledger decide)",
                                       campaign->record.name, uncertain);
}

/* --- one participant ------------------------------------------------------------------------------ */

/* What of a reply tells why, and not whom: its enhanced code; of words of our own all but addresses. */
static void reduce_reply(char *reply, size_t size)
{
    char code[STATUS_CODE_SIZE];
    g_autofree char *masked = audit_mask(reply);
    g_strlcpy(reply, status_code_find(reply, code) ? code : g_ascii_isdigit(*reply) ? "" : masked, size);
}

/* What was not sent is not sent any more. */
static gboolean erase_life(struct request *request, const struct campaign *campaign, enum mail_kind kind, guint64 id,
                           struct life_record *life, GError **error)
{
    struct ledger *ledger = request->ledger;
    if (life->state == STATE_NEW || life->state == STATE_BEGUN) {
        wave_move(ledger, campaign_wave_of(campaign, kind, id, life), life->state, STATE_REFUSED);
        life->state = STATE_REFUSED;
        life->fence = life->attempt;
        life->changed = request_seconds(request);
        g_strlcpy(life->reply, never_sent, sizeof life->reply);
    } else {
        reduce_reply(life->reply, sizeof life->reply);
    }
    return rows_put_life(ledger, campaign->number, kind, id, life, error);
}

/* An invitation goes with what is known of its participant. *erased_r grows where that was anything. */
static gboolean erase(struct request *request, const struct campaign *campaign, enum mail_kind kind, guint64 id,
                      guint64 *erased_r, GError **error)
{
    struct life_record life;
    struct key key;
    if (!rows_get_life(request->ledger, campaign->number, kind, id, &life, error) ||
        (life.state != STATE_NONE && !erase_life(request, campaign, kind, id, &life, error)))
        return FALSE;
    if (kind != MAIL_INVITATION)
        return TRUE;
    key_participant(&key, campaign->number, id);
    enum store_result result = store_remove(request->ledger->store, STORE_PARTICIPANT, key_bytes(&key), error);
    *erased_r += result == STORE_DONE ? 1 : 0;
    return result != STORE_FAILED;
}

/* --- participants-delete --------------------------------------------------------------------------- */

static gboolean read_reasons(const struct request *request, const char **by_r, const char **because_r, GError **error)
{
    return request_text(request, "by", TRUE, TEXT_MAX, by_r, error) &&
           request_text(request, "because", TRUE, TEXT_MAX, because_r, error);
}

static gboolean tell(struct request *request, const struct campaign *campaign, const char *what, GError **error)
{
    const char *by, *because;
    if (!read_reasons(request, &by, &because, error))
        return FALSE;
    g_autofree char *detail = g_strdup_printf("%s%s%s", what, *because != '\0' ? ": " : "", because);
    const struct audit_entry entry = {.action = AUDIT_DELETE, .campaign = campaign, .by = by, .detail = detail};
    return ledger_audit(request, &entry, error);
}

/* From now on there is no way back: whoever fed it is refused. */
static gboolean begin_deletion(struct request *request, struct campaign *campaign, GError **error)
{
    g_autofree char *what =
        g_strdup_printf("begun, of %" G_GUINT64_FORMAT " participants", campaign->record.participants);
    campaign->record.session++;
    return put_meta(request->ledger, META_DELETED, campaign->number, request_seconds(request), error) &&
           rows_put_campaign(request->ledger, campaign, error) && tell(request, campaign, what, error);
}

/* *busy_r: another process is in the way, and that was answered. */
static gboolean may_begin(struct request *request, const struct campaign *campaign, gboolean *busy_r, GError **error)
{
    const gpointer number = GUINT_TO_POINTER(campaign->number);
    const struct session *other = g_hash_table_lookup(request->ledger->feeders, number);
    if (other == NULL)
        other = g_hash_table_lookup(request->ledger->importers, number);
    *busy_r = other != NULL;
    if (!check_settled(campaign, campaign_count(campaign, STATE_RESERVED, STATE_DEFERRED),
                       campaign_count(campaign, STATE_UNCERTAIN, STATE_UNCERTAIN), error))
        return FALSE;
    if (*busy_r)
        answer_busy(request, "another process feeds this campaign or imports a list; wait until it is done, or stop it",
                    other->pid);
    return TRUE;
}

/*
 * The ids of up to `limit` mails of a campaign after *last, invitations first; *last becomes 0 at the end. NULL where
 * the store failed.
 */
static GArray *next_mails(struct request *request, const struct campaign *campaign, guint64 limit, guint64 *last,
                          GError **error)
{
    enum mail_kind kind = *last < FIRST_REMINDER ? MAIL_INVITATION : MAIL_REMINDER;
    struct key prefix, from;
    struct bytes key, value;
    enum store_result result = STORE_DONE;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    key_prefix_lives(&prefix, campaign->number, kind);
    key_life(&from, campaign->number, kind, *last + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    while (scan != NULL && ids->len < limit && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        guint64 id;
        if (!(kind == MAIL_REMINDER ? key_read_reminder(key, &id) : key_read_participant(key, &id))) {
            rows_damaged(STORE_LIFE, error);
            return NULL;
        }
        g_array_append_val(ids, id);
        *last = id;
    }
    if (result == STORE_ABSENT)
        *last = kind == MAIL_INVITATION && campaign_reminders(campaign, 1) != NULL ? FIRST_REMINDER : 0;
    return scan != NULL && result != STORE_FAILED ? g_steal_pointer(&ids) : NULL;
}

static gboolean finish_deletion(struct request *request, const struct campaign *campaign, GError **error)
{
    gint64 begun, done;
    if (!campaign_deleted(request->ledger, campaign->number, &begun, &done, error))
        return FALSE;
    return done != 0 || (put_meta(request->ledger, META_ERASED, campaign->number, request_seconds(request), error) &&
                         ledger_scrub_ask(request->ledger, request_seconds(request), error) &&
                         tell(request, campaign, "done", error));
}

static gboolean delete_some(struct request *request, const struct campaign *campaign, guint64 limit, guint64 last,
                            GError **error)
{
    guint64 erased = 0;
    enum mail_kind kind = last < FIRST_REMINDER ? MAIL_INVITATION : MAIL_REMINDER;
    g_autoptr(GArray) ids = next_mails(request, campaign, limit, &last, error);
    if (ids == NULL)
        return FALSE;
    for (guint i = 0; i < ids->len; i++)
        if (!erase(request, campaign, kind, g_array_index(ids, guint64, i), &erased, error))
            return FALSE;
    if (last == 0 && !finish_deletion(request, campaign, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "last", last);
    policy_append_number(request->out, "deleted", erased);
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_participants_delete(struct request *request, GError **error)
{
    struct campaign *campaign;
    const char *by, *because;
    guint64 after, limit;
    gint64 begun;
    gboolean busy = FALSE;
    if (!request_campaign(request, &campaign, error) || !read_reasons(request, &by, &because, error) ||
        !request_number(request, "after", 0, MAIL_ID_MAX, &after, error) ||
        !request_number(request, "limit", 1, DELETE_LIMIT, &limit, error) ||
        !get_meta(request->ledger, META_DELETED, campaign->number, &begun, error) ||
        (begun == 0 && !may_begin(request, campaign, &busy, error)))
        return FALSE;
    if (busy)
        return TRUE;
    return (begun != 0 || begin_deletion(request, campaign, error)) &&
           delete_some(request, campaign, limit, after, error);
}

/* --- person-delete --------------------------------------------------------------------------------- */

/* A participant that the address is, in one campaign. */
struct match {
    guint32 campaign;
    guint64 participant;
};

/* Whoever that client takes for the same person; of a client that is not configured any more, by both rules. */
static gboolean find_matches(struct ledger *ledger, const struct campaign *campaign, const struct address *address,
                             GArray *matches, GError **error)
{
    const struct client *client = client_by_name(ledger->clients, campaign->record.client_name);
    for (int identity = ADDRESS_IDENTITY_MAILBOX; identity <= ADDRESS_IDENTITY_STRICT; identity++) {
        struct hash hash;
        struct key key;
        struct match match = {.campaign = campaign->number};
        gboolean found = FALSE;
        if (client != NULL && (int)client->identity != identity)
            continue;
        ledger_hash(ledger, address, (enum address_identity)identity, &hash);
        if (!campaign_participant(ledger, campaign, &hash, &match.participant, error))
            return FALSE;
        key_participant(&key, campaign->number, match.participant);
        if (match.participant != 0 && !rows_has(ledger, STORE_PARTICIPANT, &key, &found, error))
            return FALSE;
        if (found)
            g_array_append_val(matches, match);
    }
    return TRUE;
}

/* All or nothing: nothing of the person may be on its way. */
static gboolean check_match(struct request *request, const struct campaign *campaign, const struct match *match,
                            GError **error)
{
    gboolean fed = g_hash_table_contains(request->ledger->feeders, GUINT_TO_POINTER(campaign->number));
    guint64 queued = 0, uncertain = 0;
    for (guint number = 0; number <= REMINDERS_MAX; number++) {
        struct life_record life;
        if (!rows_get_life(request->ledger, campaign->number, number == 0 ? MAIL_INVITATION : MAIL_REMINDER,
                           reminder_id(match->participant, number), &life, error))
            return FALSE;
        queued += (life.state >= STATE_RESERVED && life.state <= STATE_DEFERRED) || (life.state == STATE_BEGUN && fed)
                      ? 1
                      : 0;
        uncertain += life.state == STATE_UNCERTAIN ? 1 : 0;
    }
    return check_settled(campaign, queued, uncertain, error);
}

/* The campaign that the request names, or all; with what is found. NULL and *error. */
static GArray *find_person(struct request *request, const struct address *address, GError **error)
{
    g_autoptr(GArray) matches = g_array_new(FALSE, FALSE, sizeof(struct match));
    g_autoptr(GArray) numbers = NULL;
    struct campaign *campaign;
    if (attributes_get(request->in, "campaign") != NULL) {
        if (!request_campaign(request, &campaign, error))
            return NULL;
        numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
        g_array_append_val(numbers, campaign->number);
    } else if ((numbers = campaign_numbers(request->ledger, error)) == NULL) {
        return NULL;
    }
    for (guint i = 0; i < numbers->len; i++) {
        guint before = matches->len;
        if (!campaign_load(request->ledger, g_array_index(numbers, guint32, i), &campaign, error) ||
            (campaign != NULL && !find_matches(request->ledger, campaign, address, matches, error)))
            return NULL;
        for (guint j = before; j < matches->len; j++)
            if (!check_match(request, campaign, &g_array_index(matches, struct match, j), error))
                return NULL;
    }
    return g_steal_pointer(&matches);
}

/* The trail keeps the hash: whoever asks for the address later finds that it was deleted. */
static gboolean tell_person(struct request *request, const struct campaign *campaign, guint64 participant,
                            const struct address *address, GError **error)
{
    const char *by, *because;
    struct hash hash;
    if (!read_reasons(request, &by, &because, error))
        return FALSE;
    ledger_hash(request->ledger, address, ADDRESS_IDENTITY_MAILBOX, &hash);
    g_autofree char *text = audit_hash_text(hash.octets, HASH_SIZE);
    g_autofree char *subject = g_strdup_printf("%" G_GUINT64_FORMAT, participant);
    g_autofree char *detail =
        g_strdup_printf("the address with the hash %s%s%s", text, *because != '\0' ? ": " : "", because);
    const struct audit_entry entry = {
        .action = AUDIT_DELETE, .campaign = campaign, .by = by, .subject = subject, .detail = detail};
    return ledger_audit(request, &entry, error);
}

static gboolean delete_match(struct request *request, const struct match *match, const struct address *address,
                             GError **error)
{
    struct campaign *campaign;
    struct import_record import;
    guint64 erased = 0;
    if (!campaign_load(request->ledger, match->campaign, &campaign, error) ||
        !rows_get_import(request->ledger, match->campaign, (guint32)(match->participant >> ROW_BITS), &import, error))
        return FALSE;
    answer_begin(request, "more");
    policy_append(request->out, "client", campaign->record.client_name);
    policy_append(request->out, "campaign", campaign->record.name);
    policy_append_number(request->out, "participant", match->participant);
    policy_append(request->out, "file", import.file != NULL ? import.file : "");
    policy_append_number(request->out, "row", match->participant & ROW_MAX);
    policy_end(request->out);
    import_release(&import);
    for (guint number = 0; number <= REMINDERS_MAX; number++)
        if (!erase(request, campaign, number == 0 ? MAIL_INVITATION : MAIL_REMINDER,
                   reminder_id(match->participant, number), &erased, error))
            return FALSE;
    return tell_person(request, campaign, match->participant, address, error);
}

gboolean ledger_person_delete(struct request *request, GError **error)
{
    struct address address;
    const char *by, *because;
    if (!request_address(request, "address", &address, error) || !read_reasons(request, &by, &because, error))
        return FALSE;
    g_autoptr(GArray) matches = find_person(request, &address, error);
    if (matches == NULL || (matches->len > 0 && !ledger_scrub_ask(request->ledger, request_seconds(request), error)))
        return FALSE;
    for (guint i = 0; i < matches->len; i++)
        if (!delete_match(request, &g_array_index(matches, struct match, i), &address, error))
            return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "deleted", matches->len);
    policy_end(request->out);
    return TRUE;
}
