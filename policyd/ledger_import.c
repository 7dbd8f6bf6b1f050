/*
 * ledger_import.c - import-begin, -row, -reject, -commit, -undo, -list: all or nothing.
 *
 * Rows are written as they come, under an import whose row says "open"; a campaign hides the participants of such
 * imports. The commit changes that one row, adds the counts, and so makes all of them visible as one step. An import
 * that never comes to that is buried: its rows are removed a few at a time by ledger_sweep(), and its number is never
 * used again. So is one that is undone: its row says so, which hides its participants as one step.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"

#include <string.h>

#define SWEEP_ROWS 200 /* removed in one batch at most */
/* Octets of the names of the columns that changed: many answers may be on their way. */
#define CHANGED_MAX ((size_t)200)

/* --- begin ------------------------------------------------------------------------------------- */

void import_end(struct ledger *ledger, struct session *session)
{
    if (session->import != 0) {
        g_hash_table_remove(ledger->importers, GUINT_TO_POINTER(session->import_campaign));
        ledger_bury(ledger, session->import_campaign, session->import);
    }
    session->import = session->import_campaign = 0;
    campaign_release(&session->import_texts);
    g_clear_pointer(&session->import_counts, g_array_unref);
}

/* Of an import's rows, by wave and state. */
static GArray *new_counts(void)
{
    return g_array_new(FALSE, TRUE, sizeof(struct wave_record));
}

static gboolean read_texts(const struct request *request, struct campaign_record *texts, GError **error)
{
    const struct {
        const char *name;
        gboolean may_be_empty;
        char **to;
    } attributes[] = {
        {"title", FALSE, &texts->title},  {"dir", FALSE, &texts->dir},
        {"file", FALSE, &texts->file},    {"file_sha256", FALSE, &texts->file_sha256},
        {"basis", FALSE, &texts->basis},  {"assured_by", FALSE, &texts->assured_by},
        {"remark", TRUE, &texts->remark}, {"waves", FALSE, &texts->waves},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        const char *text;
        if (!request_text(request, attributes[i].name, attributes[i].may_be_empty, TEXT_MAX, &text, error))
            return FALSE;
        *attributes[i].to = g_strdup(text);
    }
    const char *columns = attributes_text(request->in, "columns");
    texts->columns = g_strdup(strlen(columns) <= COLUMNS_MAX ? columns : "");
    return TRUE;
}

/* Makes the campaign, unseen until its first import is committed. */
static gboolean make_campaign(struct ledger *ledger, const char *client, const char *name, struct campaign **campaign_r,
                              GError **error)
{
    struct key key;
    guint32 number, client_number;
    if (!ledger_client_number(ledger, client, TRUE, &client_number, error) ||
        !rows_next_number(ledger, META_CAMPAIGNS, CAMPAIGN_MAX, &number, error))
        return FALSE;
    struct campaign *campaign = campaign_new(number);
    g_hash_table_insert(ledger->campaigns, GUINT_TO_POINTER(number), campaign);
    campaign->record.state = CAMPAIGN_DRAFT;
    campaign->record.client = client_number;
    campaign->record.client_name = g_strdup(client);
    campaign->record.name = g_strdup(name);
    key_campaign_name(&key, client, name);
    *campaign_r = campaign;
    return rows_put_number(ledger, STORE_CAMPAIGN, &key, number, error);
}

static gboolean begin_import(struct request *request, struct campaign *campaign, struct campaign_record *texts,
                             GError **error)
{
    struct ledger *ledger = request->ledger;
    struct session *session = request->session;
    if (!campaign_check_kept(ledger, campaign, error))
        return FALSE;
    if (campaign->record.imports >= IMPORT_MAX)
        return error_set(error, ERROR_WANTING, "the campaign has no number for further imports");
    guint32 import = ++campaign->record.imports;
    g_array_append_val(campaign->hidden, import);
    if (!rows_put_import(ledger, campaign->number, import, &(struct import_record){.state = IMPORT_OPEN}, error) ||
        !rows_put_campaign(ledger, campaign, error))
        return FALSE;
    import_end(ledger, session); /* one at a time */
    session->import = import;
    session->import_campaign = campaign->number;
    session->import_generation = ledger->generation;
    session->import_rows = session->import_known = 0;
    session->import_texts = *texts;
    memset(texts, 0, sizeof *texts);
    session->import_counts = new_counts();
    g_hash_table_insert(ledger->importers, GUINT_TO_POINTER(campaign->number), session);
    answer_begin(request, "ok");
    policy_append_number(request->out, "import", import);
    policy_end(request->out);
    return TRUE;
}

static gboolean find_or_make(struct request *request, struct campaign **campaign_r, GError **error)
{
    const char *client, *name;
    if (!request_text(request, "client", FALSE, CLIENT_NAME_MAX, &client, error) ||
        !request_text(request, "campaign", FALSE, CLIENT_NAME_MAX, &name, error))
        return FALSE;
    if (client_by_name(request->ledger->clients, client) == NULL)
        return error_set(error, ERROR_DATA,
                         "there is no client %s; add its file to the folder of clients and reload "
                         "policyd",
                         client);
    if (!client_name_valid(name))
        return error_set(error, ERROR_DATA, "a campaign's name is 1 to %d letters, digits, - and _", CLIENT_NAME_MAX);
    if (!campaign_find(request->ledger, client, name, campaign_r, error))
        return FALSE;
    return *campaign_r != NULL || make_campaign(request->ledger, client, name, campaign_r, error);
}

gboolean ledger_import_begin(struct request *request, GError **error)
{
    struct campaign_record texts = {0};
    struct campaign *campaign;
    gboolean done = FALSE;
    if (read_texts(request, &texts, error) && find_or_make(request, &campaign, error)) {
        struct session *other = g_hash_table_lookup(request->ledger->importers, GUINT_TO_POINTER(campaign->number));
        done = TRUE;
        if (other != NULL && other != request->session)
            answer_busy(request, "another import into this campaign is under way; wait until it is done", other->pid);
        else
            done = begin_import(request, campaign, &texts, error);
    }
    campaign_release(&texts);
    return done;
}

/* --- rows -------------------------------------------------------------------------------------- */

/* The import that the request and the session agree on. */
static gboolean open_import(struct request *request, struct campaign **campaign_r, GError **error)
{
    struct session *session = request->session;
    guint64 import;
    if (!request_number(request, "import", 1, IMPORT_MAX, &import, error))
        return FALSE;
    if (session->import != import)
        return error_set(error, ERROR_DATA, "import %" G_GUINT64_FORMAT " was not begun on this connection", import);
    if (session->import_generation != request->ledger->generation) {
        import_end(request->ledger, session);
        return error_set(error, ERROR_WANTING,
                         "the disk failed during this import and rows may be missing; begin it "
                         "again");
    }
    return campaign_load(request->ledger, session->import_campaign, campaign_r, error);
}

static gboolean read_attributes(const struct attributes *in, struct participant_record *record_r, GError **error)
{
    record_r->count = 0;
    for (size_t i = 0; i < in->count; i++) {
        if (!g_str_has_prefix(in->list[i].name, "a."))
            continue;
        if (record_r->count == PARTICIPANT_ATTRIBUTES_MAX)
            return error_set(error, ERROR_DATA, "more than %d attributes", PARTICIPANT_ATTRIBUTES_MAX);
        record_r->attributes[record_r->count].name = in->list[i].name + 2;
        record_r->attributes[record_r->count++].value = in->list[i].value;
    }
    return TRUE;
}

/* Is the address a participant of this campaign already, in this import or a committed one? *known_r: which; 0: no. */
static gboolean find_known(struct ledger *ledger, const struct campaign *campaign, guint32 import,
                           const struct key *member, guint64 *known_r, GError **error)
{
    return rows_get_number(ledger, STORE_MEMBER, member, known_r, error) &&
           (*known_r >> ROW_BITS == import || campaign_keep_shown(ledger, campaign, known_r, error));
}

static const char *attribute_of(const struct participant_record *record, const char *name)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcmp(record->attributes[i].name, name) == 0)
            return record->attributes[i].value;
    return NULL;
}

static void append_changed(GString *changed, const char *name)
{
    if (changed->len + strlen(name) + 2 <= CHANGED_MAX)
        g_string_append_printf(changed, "%s%s", changed->len > 0 ? ", " : "", name);
    else if (!g_str_has_suffix(changed->str, "…"))
        g_string_append(changed, " …");
}

/* The columns in which a row differs from what is known of its participant, for a person to read; "" where in none. */
static GString *changed_columns(struct request *request, const struct campaign *campaign, guint64 known, GError **error)
{
    struct participant_record before, now = {0};
    if (!rows_get_participant(request->ledger, campaign->number, known, &before, error) ||
        !read_attributes(request->in, &now, error))
        return NULL;
    GString *changed = g_string_new(NULL);
    if (before.address == NULL)
        return changed; /* it was deleted: nobody knows */
    for (size_t i = 0; i < now.count; i++) {
        const char *was = attribute_of(&before, now.attributes[i].name);
        if (strcmp(now.attributes[i].value, was != NULL ? was : "") != 0)
            append_changed(changed, now.attributes[i].name);
    }
    for (size_t i = 0; i < before.count; i++) /* a column that this list does not have */
        if (*before.attributes[i].value != '\0' && attribute_of(&now, before.attributes[i].name) == NULL)
            append_changed(changed, before.attributes[i].name);
    return changed;
}

/* The state that a new row begins with. */
static gboolean first_state(struct request *request, const struct client *client, const struct campaign *campaign,
                            guint64 participant, const struct address *address, const struct hash *mailbox,
                            enum mail_state *state_r, GError **error)
{
    struct slot_key slot;
    enum slot_fact fact;
    gboolean suppressed;
    const struct owner owner = {MAIL_INVITATION, campaign->number, participant};
    gint64 seconds = request_seconds(request);
    ledger_slot_key(request->ledger, client, campaign->record.client, address, seconds, &slot);
    if (!ledger_suppressed(request->ledger, mailbox, campaign->record.client, &suppressed, error) ||
        !ledger_slot_fact(request->ledger, client, &slot, &owner, "", seconds, &fact, error))
        return FALSE;
    *state_r = suppressed ? STATE_SUPPRESSED : fact == SLOT_OTHER ? STATE_CAPPED : STATE_NEW;
    return TRUE;
}

static void count_row(GArray *counts, guint64 wave, enum mail_state state)
{
    if (counts->len < wave)
        g_array_set_size(counts, (guint)wave);
    g_array_index(counts, struct wave_record, wave - 1).counts[state]++;
}

static gboolean write_participant(struct request *request, const struct campaign *campaign, guint64 participant,
                                  const struct participant_record *record, const struct life_record *life,
                                  const struct key *member, GError **error)
{
    struct ledger *ledger = request->ledger;
    return rows_put_participant(ledger, campaign->number, participant, record, error) &&
           rows_put_life(ledger, campaign->number, MAIL_INVITATION, participant, life, error) &&
           rows_put_number(ledger, STORE_MEMBER, member, participant, error);
}

static gboolean add_row(struct request *request, const struct client *client, const struct campaign *campaign,
                        guint64 participant, struct life_record *life, const struct address *address,
                        const struct key *member, GError **error)
{
    struct participant_record record = {.address = address->text};
    struct life_record there;
    if (!read_attributes(request->in, &record, error) ||
        !rows_get_life(request->ledger, campaign->number, MAIL_INVITATION, participant, &there, error))
        return FALSE;
    if (there.state != STATE_NONE)
        return error_set(error, ERROR_DATA, "row %" G_GUINT64_FORMAT " was sent twice", participant & ROW_MAX);
    if (!first_state(request, client, campaign, participant, address, &life->recipient, &life->state, error))
        return FALSE;
    life->changed = request_seconds(request);
    return write_participant(request, campaign, participant, &record, life, member, error);
}

/* A row of the session's import that makes no participant is kept, so that a report accounts for it. */
static gboolean put_reject(struct request *request, const struct campaign *campaign, guint64 row,
                           const struct reject_record *record, GError **error)
{
    return rows_put_reject(request->ledger, campaign->number, (guint64)request->session->import << ROW_BITS | row,
                           record, error);
}

gboolean ledger_import_reject(struct request *request, GError **error)
{
    struct campaign *campaign;
    struct reject_record record = {0};
    guint64 row;
    if (!open_import(request, &campaign, error) || !request_number(request, "row", 1, ROW_MAX, &row, error) ||
        !request_text(request, "column", TRUE, REJECT_COLUMN_MAX, &record.column, error) ||
        !request_text(request, "reason", FALSE, POLICY_LINE, &record.reason, error))
        return FALSE;
    g_autofree char *reason = audit_mask(record.reason); /* it stays when participants are deleted */
    record.reason = reason;
    if (!put_reject(request, campaign, row, &record, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_import_row(struct request *request, GError **error)
{
    struct session *session = request->session;
    struct campaign *campaign;
    const struct client *client;
    struct address address;
    struct key member;
    struct hash hash;
    struct life_record life = {0};
    guint64 row, wave, known;
    if (!open_import(request, &campaign, error) || !request_client(request, campaign, &client, error) ||
        !request_number(request, "row", 1, ROW_MAX, &row, error) ||
        !request_number(request, "wave", 1, WAVE_MAX, &wave, error) ||
        !request_address(request, "address", &address, error))
        return FALSE;
    ledger_hash(request->ledger, &address, ADDRESS_IDENTITY_MAILBOX, &life.recipient);
    ledger_hash(request->ledger, &address, client->identity, &hash);
    key_member(&member, campaign->number, &hash);
    if (!find_known(request->ledger, campaign, session->import, &member, &known, error))
        return FALSE;
    life.wave = (guint16)wave;
    if (known == 0 && !add_row(request, client, campaign, (guint64)session->import << ROW_BITS | row, &life, &address,
                           &member, error))
        return FALSE;
    g_autoptr(GString) changed = known != 0 ? changed_columns(request, campaign, known, error) : NULL;
    if (known != 0 && changed == NULL)
        return FALSE;
    if (known != 0 && !put_reject(request, campaign, row, &(struct reject_record){.known = TRUE}, error))
        return FALSE;
    session->import_rows++;
    if (known != 0)
        session->import_known++;
    else
        count_row(session->import_counts, wave, life.state);
    answer_begin(request, "ok");
    policy_append(request->out, "verdict", known != 0 ? "known" : mail_state_name(life.state));
    if (changed != NULL)
        policy_append(request->out, "changed", changed->str);
    policy_end(request->out);
    return TRUE;
}

/* --- commit ------------------------------------------------------------------------------------ */

static guint64 add_counts(struct ledger *ledger, struct campaign *campaign, const struct session *session,
                          guint64 totals_r[MAIL_STATES])
{
    guint64 added = 0;
    for (guint i = 0; i < session->import_counts->len; i++) {
        struct wave *wave = campaign_wave_make(campaign, i + 1);
        const struct wave_record *adds = &g_array_index(session->import_counts, struct wave_record, i);
        for (int state = STATE_NEW; state < MAIL_STATES; state++) {
            wave->record.counts[state] += adds->counts[state];
            totals_r[state] += adds->counts[state];
            added += adds->counts[state];
        }
        wave_touch(ledger, wave);
    }
    return added;
}

static void take_text(char **to, char **from)
{
    g_free(*to);
    *to = g_steal_pointer(from);
}

/* What the campaign says is what its last import says. */
static void take_import(struct campaign_record *to, struct import_record *from)
{
    take_text(&to->file, &from->file);
    take_text(&to->file_sha256, &from->file_sha256);
    take_text(&to->basis, &from->basis);
    take_text(&to->assured_by, &from->assured_by);
    take_text(&to->remark, &from->remark);
    take_text(&to->waves, &from->waves);
    to->imported_at = from->at;
}

/* The names that stand in both lists of columns, ",A,B,"; "" where one is not known. */
static char *common_columns(const char *a, const char *b)
{
    if (*a == '\0' || *b == '\0')
        return g_strdup("");
    GString *common = g_string_new(",");
    for (const char *name = a + 1, *end; (end = strchr(name, ',')) != NULL; name = end + 1) {
        g_autofree char *word = g_strndup(name - 1, (size_t)(end - name) + 2);
        if (strstr(b, word) != NULL)
            g_string_append(common, word + 1);
    }
    return g_string_free(common, FALSE);
}

/* An import that adds nothing says nothing about the participants' columns. */
static void take_columns(struct campaign_record *to, const char *columns, guint64 added)
{
    if (added == 0 && to->imported_at != 0)
        return;
    char *common = to->participants == 0 ? g_strdup(columns) : common_columns(to->columns, columns);
    g_free(to->columns);
    to->columns = common;
}

/* The row of a session's import, which is done now. */
static struct import_record done_import(struct session *session, guint64 added, gint64 now)
{
    struct campaign_record *texts = &session->import_texts;
    return (struct import_record){.state = IMPORT_DONE,
                                  .rows = added,
                                  .at = MAX(now, 1),
                                  .counts = g_array_ref(session->import_counts),
                                  .file = g_steal_pointer(&texts->file),
                                  .file_sha256 = g_steal_pointer(&texts->file_sha256),
                                  .basis = g_steal_pointer(&texts->basis),
                                  .assured_by = g_steal_pointer(&texts->assured_by),
                                  .remark = g_steal_pointer(&texts->remark),
                                  .waves = g_steal_pointer(&texts->waves),
                                  .columns = g_steal_pointer(&texts->columns)};
}

/* Writes the import and what the campaign says from now on. */
static gboolean put_done(struct request *request, struct campaign *campaign, guint64 added, GError **error)
{
    struct session *session = request->session;
    struct import_record import = done_import(session, added, request_seconds(request));
    gboolean done = rows_put_import(request->ledger, campaign->number, session->import, &import, error);
    take_text(&campaign->record.title, &session->import_texts.title);
    take_text(&campaign->record.dir, &session->import_texts.dir);
    take_columns(&campaign->record, import.columns, added);
    take_import(&campaign->record, &import);
    campaign->record.participants += added;
    import_release(&import);
    return done && rows_put_campaign(request->ledger, campaign, error);
}

/* With the consent that it was given with. */
static gboolean tell_import(struct request *request, const struct campaign *campaign, const guint64 totals[MAIL_STATES],
                            GError **error)
{
    const struct session *session = request->session;
    const struct campaign_record *record = &campaign->record;
    g_autofree char *subject = g_strdup_printf("%u", session->import);
    g_autofree char *detail = g_strdup_printf(
        "%s (SHA-256 %s): %" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT " known, %" G_GUINT64_FORMAT
        " suppressed, %" G_GUINT64_FORMAT " capped; consent: %s, assured by %s%s%s",
        record->file, record->file_sha256, totals[STATE_NEW], session->import_known, totals[STATE_SUPPRESSED],
        totals[STATE_CAPPED], record->basis, record->assured_by, *record->remark != '\0' ? "; " : "", record->remark);
    const struct audit_entry entry = {.action = AUDIT_IMPORT,
                                      .campaign = campaign,
                                      .by = record->assured_by,
                                      .subject = subject,
                                      .detail = detail};
    return ledger_audit(request, &entry, error);
}

static void unhide(struct campaign *campaign, guint32 import)
{
    for (guint i = 0; i < campaign->hidden->len; i++)
        if (g_array_index(campaign->hidden, guint32, i) == import)
            g_array_remove_index_fast(campaign->hidden, i--);
}

gboolean ledger_import_commit(struct request *request, GError **error)
{
    struct session *session = request->session;
    struct ledger *ledger = request->ledger;
    struct campaign *campaign;
    guint64 rows, totals[MAIL_STATES] = {0};
    if (!open_import(request, &campaign, error) || !request_number(request, "rows", 0, ROW_MAX, &rows, error))
        return FALSE;
    if (rows != session->import_rows)
        return error_set(error, ERROR_DATA,
                         "%" G_GUINT64_FORMAT " rows came, %" G_GUINT64_FORMAT " were sent; begin the "
                         "import again",
                         session->import_rows, rows);
    guint64 added = add_counts(ledger, campaign, session, totals);
    unhide(campaign, session->import);
    if (!put_done(request, campaign, added, error) || !tell_import(request, campaign, totals, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "new", totals[STATE_NEW]);
    policy_append_number(request->out, "known", session->import_known);
    policy_append_number(request->out, "suppressed", totals[STATE_SUPPRESSED]);
    policy_append_number(request->out, "capped", totals[STATE_CAPPED]);
    policy_append_number(request->out, "participants", campaign->record.participants);
    policy_end(request->out);
    g_hash_table_remove(ledger->importers, GUINT_TO_POINTER(session->import_campaign));
    session->import = 0; /* done: nothing to bury */
    import_end(ledger, session);
    return TRUE;
}

/* --- list -------------------------------------------------------------------------------------- */

gboolean ledger_import_list(struct request *request, GError **error)
{
    struct campaign *campaign;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    for (guint32 number = 1; number <= campaign->record.imports; number++) {
        struct import_record import;
        if (!rows_get_import(request->ledger, campaign->number, number, &import, error))
            return FALSE;
        if (import.state == IMPORT_DONE) {
            answer_begin(request, "more");
            policy_append_number(request->out, "import", number);
            policy_append_number(request->out, "rows", import.rows);
            policy_append_number(request->out, "at", (guint64)import.at);
            policy_append(request->out, "file", import.file);
            policy_append(request->out, "file_sha256", import.file_sha256);
            policy_append(request->out, "basis", import.basis);
            policy_append(request->out, "assured_by", import.assured_by);
            policy_append(request->out, "remark", import.remark);
            policy_end(request->out);
        }
        import_release(&import);
    }
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

/* --- undo -------------------------------------------------------------------------------------- */

/* The done imports of a campaign: the last one's number (0: none), and what the one before it says. */
static gboolean last_imports(struct ledger *ledger, const struct campaign *campaign, guint32 *last_r,
                             struct import_record *last, struct import_record *before, GError **error)
{
    *last_r = 0;
    for (guint32 number = campaign->record.imports; number > 0 && before->state == IMPORT_NONE; number--) {
        struct import_record import;
        if (!rows_get_import(ledger, campaign->number, number, &import, error))
            return FALSE;
        if (import.state != IMPORT_DONE) {
            import_release(&import);
        } else if (*last_r == 0) {
            *last_r = number;
            *last = import;
        } else {
            *before = import;
        }
    }
    return TRUE;
}

/* The columns that all imports but this one have. */
static gboolean remaining_columns(struct ledger *ledger, const struct campaign *campaign, guint32 without,
                                  char **columns_r, GError **error)
{
    *columns_r = NULL;
    for (guint32 number = 1; number < without; number++) {
        struct import_record import;
        if (!rows_get_import(ledger, campaign->number, number, &import, error))
            return FALSE;
        if (import.state == IMPORT_DONE && import.rows > 0) {
            char *common = *columns_r == NULL ? g_strdup(import.columns) : common_columns(*columns_r, import.columns);
            g_free(*columns_r);
            *columns_r = common;
        }
        import_release(&import);
    }
    return TRUE;
}

/* What an import's rows are now, as its record counted them when they came. NULL with *error. */
static GArray *count_again(struct ledger *ledger, const struct campaign *campaign, guint32 import, GError **error)
{
    g_autoptr(GArray) counts = new_counts();
    struct key prefix, from;
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    key_prefix_lives(&prefix, campaign->number, MAIL_INVITATION);
    key_life(&from, campaign->number, MAIL_INVITATION, (guint64)import << ROW_BITS);
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_LIFE, key_bytes(&from), key_bytes(&prefix), error);
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        struct life_record life;
        guint64 participant;
        if (!key_read_participant(key, &participant) || !life_read(value, &life) || life.wave == 0) {
            rows_damaged(STORE_LIFE, error);
            return NULL;
        }
        if (participant >> ROW_BITS != import)
            break;
        count_row(counts, life.wave, life.state);
    }
    return result == STORE_FAILED ? NULL : g_steal_pointer(&counts);
}

/* No wave is open: a row can only have been refused since it came, as it was withdrawn, or its data deleted. */
static GArray *rows_to_subtract(struct ledger *ledger, const struct campaign *campaign, guint32 import,
                                const struct import_record *record, GError **error)
{
    if (campaign_count(campaign, STATE_REFUSED, STATE_REFUSED) > 0)
        return count_again(ledger, campaign, import, error);
    return record->counts != NULL ? g_array_ref(record->counts) : new_counts();
}

static void subtract_counts(struct ledger *ledger, struct campaign *campaign, const GArray *counts)
{
    for (guint i = 0; i < counts->len; i++) {
        struct wave *wave = campaign_wave_make(campaign, i + 1);
        const struct wave_record *less = &g_array_index(counts, struct wave_record, i);
        for (int state = STATE_NEW; state < MAIL_STATES; state++)
            wave->record.counts[state] -= MIN(less->counts[state], wave->record.counts[state]);
        wave_touch(ledger, wave);
    }
}

/* Hides and buries an import; the campaign says again what it said before. */
static gboolean undo_import(struct request *request, struct campaign *campaign, guint32 number,
                            const struct import_record *last, struct import_record *before, GError **error)
{
    struct ledger *ledger = request->ledger;
    char *columns;
    g_autoptr(GArray) counts = rows_to_subtract(ledger, campaign, number, last, error);
    if (counts == NULL || !remaining_columns(ledger, campaign, number, &columns, error))
        return FALSE;
    subtract_counts(ledger, campaign, counts);
    g_array_append_val(campaign->hidden, number);
    take_import(&campaign->record, before);
    g_free(campaign->record.columns);
    campaign->record.columns = columns != NULL ? columns : g_strdup("");
    campaign->record.participants -= MIN(last->rows, campaign->record.participants);
    if (!rows_put_import(ledger, campaign->number, number, &(struct import_record){.state = IMPORT_UNDONE}, error) ||
        !rows_put_campaign(ledger, campaign, error))
        return FALSE;
    g_autofree char *subject = g_strdup_printf("%u", number);
    g_autofree char *detail = g_strdup_printf("%s: %" G_GUINT64_FORMAT " rows", last->file, last->rows);
    const struct audit_entry entry = {
        .action = AUDIT_IMPORT_UNDO, .campaign = campaign, .subject = subject, .detail = detail};
    if (!ledger_audit(request, &entry, error))
        return FALSE;
    ledger_bury(ledger, campaign->number, number);
    answer_begin(request, "ok");
    policy_append_number(request->out, "rows", last->rows);
    policy_append(request->out, "file", last->file);
    policy_append_number(request->out, "participants", campaign->record.participants);
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_import_undo(struct request *request, GError **error)
{
    struct ledger *ledger = request->ledger;
    struct import_record last = {0}, before = {0};
    struct campaign *campaign;
    guint32 number;
    if (!request_campaign(request, &campaign, error))
        return FALSE;
    for (guint wave = 1; wave <= campaign->waves->len; wave++)
        if (campaign_wave(campaign, wave) != NULL && campaign_wave(campaign, wave)->record.opened != 0)
            return error_set(error, ERROR_WANTING,
                             "wave %u was opened: mails of this import may have been sent, so it can't be undone",
                             wave);
    struct session *other = g_hash_table_lookup(ledger->importers, GUINT_TO_POINTER(campaign->number));
    if (other != NULL) {
        answer_busy(request, "an import into this campaign is under way; wait until it is done", other->pid);
        return TRUE;
    }
    gboolean done = last_imports(ledger, campaign, &number, &last, &before, error) &&
                    (number > 0 ? undo_import(request, campaign, number, &last, &before, error)
                                : error_set(error, ERROR_WANTING, "there is no import to undo"));
    import_release(&last);
    import_release(&before);
    return done;
}

/* --- what was never committed ------------------------------------------------------------------ */

void ledger_bury(struct ledger *ledger, guint32 campaign, guint32 import)
{
    struct dead_import *dead = g_new(struct dead_import, 1);
    *dead = (struct dead_import){campaign, import};
    g_queue_push_tail(&ledger->dead, dead);
}

gboolean ledger_needs_sweep(const struct ledger *ledger)
{
    return ledger->dead.length > 0;
}

/* The first rows of an import in that table, which is STORE_LIFE or STORE_REJECT. */
static GArray *some_rows(struct ledger *ledger, enum store_table table, const struct dead_import *dead, GError **error)
{
    struct key prefix, from;
    guint64 first = (guint64)dead->import << ROW_BITS;
    if (table == STORE_LIFE) {
        key_prefix_lives(&prefix, dead->campaign, MAIL_INVITATION);
        key_life(&from, dead->campaign, MAIL_INVITATION, first);
    } else {
        key_prefix_campaign(&prefix, dead->campaign);
        key_reject(&from, dead->campaign, first);
    }
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(store_scan_auto) scan = store_scan(ledger->store, table, key_bytes(&from), key_bytes(&prefix), error);
    struct bytes key, value;
    enum store_result result = scan != NULL ? STORE_DONE : STORE_FAILED;
    while (result == STORE_DONE && rows->len < SWEEP_ROWS) {
        guint64 participant;
        result = store_next(scan, &key, &value, error);
        if (result != STORE_DONE || !key_read_participant(key, &participant) || participant >> ROW_BITS != dead->import)
            break;
        g_array_append_val(rows, participant);
    }
    return result == STORE_FAILED ? NULL : g_steal_pointer(&rows);
}

/* The index may point to another import's row by now: then it stays. */
static gboolean remove_member(struct ledger *ledger, guint32 campaign, guint64 participant,
                              const struct address *address, GError **error)
{
    for (int identity = ADDRESS_IDENTITY_MAILBOX; identity <= ADDRESS_IDENTITY_STRICT; identity++) {
        struct hash hash;
        struct key key;
        guint64 member;
        ledger_hash(ledger, address, (enum address_identity)identity, &hash);
        key_member(&key, campaign, &hash);
        if (!rows_get_number(ledger, STORE_MEMBER, &key, &member, error) ||
            (member == participant && !rows_remove(ledger, STORE_MEMBER, &key, error)))
            return FALSE;
    }
    return TRUE;
}

static gboolean remove_row(struct ledger *ledger, guint32 campaign, guint64 participant, GError **error)
{
    struct participant_record record;
    struct address address;
    struct key key;
    if (!rows_get_participant(ledger, campaign, participant, &record, error))
        return FALSE;
    if (record.address != NULL &&
        address_parse(record.address, strlen(record.address), &address, NULL) == ADDRESS_GOOD &&
        !remove_member(ledger, campaign, participant, &address, error))
        return FALSE;
    key_participant(&key, campaign, participant);
    if (!rows_remove(ledger, STORE_PARTICIPANT, &key, error))
        return FALSE;
    key_life(&key, campaign, MAIL_INVITATION, participant);
    return rows_remove(ledger, STORE_LIFE, &key, error) && ledger_forget_answer(ledger, campaign, participant, error);
}

static gboolean finish_sweep(struct ledger *ledger, const struct dead_import *dead, GError **error)
{
    struct key key;
    struct campaign *campaign = g_hash_table_lookup(ledger->campaigns, GUINT_TO_POINTER(dead->campaign));
    key_import(&key, dead->campaign, dead->import);
    if (!rows_remove(ledger, STORE_IMPORT, &key, error) || !ledger_scrub_ask(ledger, 1, error))
        return FALSE;
    if (campaign != NULL)
        unhide(campaign, dead->import);
    g_free(g_queue_pop_head(&ledger->dead));
    return TRUE;
}

/*
 * Buried, and still to be removed? Its number may have been given out again, where the batch that made it was aborted.
 */
static gboolean is_dead(struct ledger *ledger, const struct dead_import *dead, gboolean *dead_r, GError **error)
{
    const struct session *session = g_hash_table_lookup(ledger->importers, GUINT_TO_POINTER(dead->campaign));
    struct import_record import;
    if (!rows_get_import(ledger, dead->campaign, dead->import, &import, error))
        return FALSE;
    *dead_r = import.state == IMPORT_UNDONE ||
              (import.state == IMPORT_OPEN && (session == NULL || session->import != dead->import));
    import_release(&import);
    return TRUE;
}

static gboolean remove_reject(struct ledger *ledger, guint32 campaign, guint64 participant, GError **error)
{
    struct key key;
    key_reject(&key, campaign, participant);
    return rows_remove(ledger, STORE_REJECT, &key, error);
}

/* Removes some of its rows: the participants first; the import's own row when none is left. */
static gboolean sweep(struct ledger *ledger, const struct dead_import *dead, GError **error)
{
    static const struct {
        enum store_table table;
        gboolean (*remove)(struct ledger *ledger, guint32 campaign, guint64 participant, GError **error);
    } parts[] = {{STORE_LIFE, remove_row}, {STORE_REJECT, remove_reject}};
    guint removed = 0;
    for (size_t part = 0; part < G_N_ELEMENTS(parts) && removed < SWEEP_ROWS; part++) {
        g_autoptr(GArray) rows = some_rows(ledger, parts[part].table, dead, error);
        if (rows == NULL)
            return FALSE;
        for (guint i = 0; i < rows->len; i++)
            if (!parts[part].remove(ledger, dead->campaign, g_array_index(rows, guint64, i), error))
                return FALSE;
        removed += rows->len;
    }
    return removed >= SWEEP_ROWS || finish_sweep(ledger, dead, error);
}

gboolean ledger_sweep(struct ledger *ledger, gboolean *more_r, GError **error)
{
    struct dead_import *dead = g_queue_peek_head(&ledger->dead);
    gboolean is = FALSE;
    if (dead != NULL && !is_dead(ledger, dead, &is, error))
        return FALSE;
    if (dead != NULL && !is)
        g_free(g_queue_pop_head(&ledger->dead));
    if (is && !sweep(ledger, dead, error))
        return FALSE;
    *more_r = ledger_needs_sweep(ledger);
    return TRUE;
}
