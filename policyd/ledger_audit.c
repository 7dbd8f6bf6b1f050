/*
 * ledger_audit.c - the audit trail in the ledger: what is put down, by whom, and audit-list, which shows and verifies
 * it. See audit.h.
 *
 * An entry is written in the batch of what it tells of: neither is there without the other. Keys and the clients' files
 * lie where policyd does not write: what it was told of them last is kept, and what differs from it is put down. Keys
 * know for themselves when they came into which state, so nothing is lost if policyd is told of it later.
 */
#include "lib/error.h"
#include "policyd/audit.h"
#include "policyd/ledger_rows.h"
#include "policyd/meta.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define LIST_LIMIT 200               /* rows of one answer */
#define LIST_LEAST 2                 /* an entry may come with a line about those missing before it */
#define LIST_SCAN 2000               /* entries looked at for one answer, so that no request holds up the others */
#define LIST_ANSWER ((gsize)1 << 20) /* octets of one answer, roughly */
#define SETTINGS_MAX 4000            /* octets of what is kept of a client's file */
#define TIME_MAX G_GUINT64_CONSTANT(253402214400) /* end of year 9999 */

/* --- writing ----------------------------------------------------------------------------------- */

static const char *user_name(uid_t uid)
{
    const struct passwd *user = getpwuid(uid);
    return user != NULL ? user->pw_name : "";
}

static gboolean put_head(struct ledger *ledger, GError **error)
{
    struct key key;
    key_meta(&key, META_AUDIT);
    audit_head_write(g_string_truncate(ledger->row, 0), &ledger->audit);
    struct bytes value = {ledger->row->str, ledger->row->len};
    return store_put(ledger->store, STORE_META, key_bytes(&key), value, error) == STORE_DONE;
}

static gboolean append(struct ledger *ledger, gint64 seconds, uid_t uid, const struct audit_entry *entry,
                       GError **error)
{
    const struct campaign_record *campaign = entry->campaign != NULL ? &entry->campaign->record : NULL;
    g_autofree char *detail = audit_mask(entry->detail != NULL ? entry->detail : "");
    audit_cut(detail, AUDIT_DETAIL_MAX);
    struct audit_record record = {.time = seconds,
                                  .uid = uid,
                                  .user = user_name(uid),
                                  .by = entry->by,
                                  .action = entry->action,
                                  .client = campaign != NULL ? campaign->client_name : entry->client,
                                  .campaign = campaign != NULL ? campaign->name : NULL,
                                  .subject = entry->subject,
                                  .detail = detail};
    struct key key;
    audit_seal(&record, &ledger->audit, ledger->secret, g_string_truncate(ledger->row, 0));
    struct bytes value = {ledger->row->str, ledger->row->len};
    key_audit(&key, record.number);
    enum store_result result = store_insert(ledger->store, STORE_AUDIT, key_bytes(&key), value, error);
    if (result == STORE_PRESENT)
        return rows_damaged(STORE_AUDIT, error); /* start_trail() found the end: nothing stands behind it */
    return result == STORE_DONE && put_head(ledger, error);
}

gboolean ledger_audit(struct request *request, const struct audit_entry *entry, GError **error)
{
    return append(request->ledger, request_seconds(request), request->session->uid, entry, error);
}

const char *request_user(const struct request *request)
{
    return user_name(request->session->uid);
}

char *audit_hash_text(const guint8 *octets, size_t size)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", octets[i]);
    return g_string_free(text, FALSE);
}

gboolean ledger_audit_suppression(struct request *request, const char *action, const struct hash *address,
                                  guint32 scope, const char *client, const char *reason, GError **error)
{
    g_autofree char *subject = audit_hash_text(address->octets, HASH_SIZE);
    return ledger_audit(request,
                        &(struct audit_entry){.action = action,
                                              .client = scope != 0 ? client : NULL,
                                              .subject = subject,
                                              .detail = reason},
                        error);
}

/* --- the beginning of service ------------------------------------------------------------------ */

gboolean ledger_audit_read_head(struct ledger *ledger, GError **error)
{
    struct key key;
    struct bytes value;
    key_meta(&key, META_AUDIT);
    enum store_result result = store_get(ledger->store, STORE_META, key_bytes(&key), &value, error);
    ledger->audit = (struct audit_head){0};
    ledger->audit_bad = result == STORE_DONE && (!audit_head_read(value, &ledger->audit) ||
                                                 !audit_head_good(&ledger->audit, ledger->secret));
    return result != STORE_FAILED;
}

/* The last row that is there: its number and link. A link that can't be read is one of zeros. */
static gboolean find_last(struct ledger *ledger, struct audit_head *last_r, GError **error)
{
    const struct bytes all = {NULL, 0};
    struct bytes key, value;
    enum store_result result = STORE_FAILED;
    *last_r = (struct audit_head){0};
    g_autoptr(store_scan_auto) scan = store_scan(ledger->store, STORE_AUDIT, all, all, error);
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        struct audit_record record;
        guint64 number;
        if (!key_read_audit(key, &number))
            continue;
        gboolean readable = audit_read(value, &record);
        *last_r = (struct audit_head){.number = number, .mac = readable ? record.mac : (struct chain_mac){{0}}};
    }
    return result == STORE_ABSENT;
}

/* Does a row stand behind the end? *more_r. */
static gboolean look_behind(struct ledger *ledger, gboolean *more_r, GError **error)
{
    struct key from;
    struct bytes key, value;
    key_audit(&from, ledger->audit.number + 1);
    g_autoptr(store_scan_auto) scan =
        store_scan(ledger->store, STORE_AUDIT, key_bytes(&from), (struct bytes){NULL, 0}, error);
    enum store_result result = scan != NULL ? store_next(scan, &key, &value, error) : STORE_FAILED;
    *more_r = result == STORE_DONE;
    return result != STORE_FAILED;
}

/* Where the end is not what it was, the trail goes on behind what is there, and says so for good. */
static gboolean check_end(struct ledger *ledger, gint64 seconds, GError **error)
{
    struct audit_head last;
    gboolean more, cut = ledger->audit.number < ledger->audit_witnessed;
    if (ledger->audit_checked)
        return TRUE;
    ledger->audit_checked = TRUE;
    if (!look_behind(ledger, &more, error))
        return FALSE;
    if (!ledger->audit_bad && !cut && !more)
        return TRUE;
    if (!find_last(ledger, &last, error))
        return FALSE;
    g_autofree char *detail = cut ? g_strdup_printf("the trail ended at entry %" G_GUINT64_FORMAT
                                                    ", but the witness knows of entry %" G_GUINT64_FORMAT,
                                                    last.number, ledger->audit_witnessed)
                                  : g_strdup_printf("what the ledger says of the trail's end is not what was written; "
                                                    "the last entry there is %" G_GUINT64_FORMAT,
                                                    last.number);
    ledger->audit = last;
    ledger->audit_bad = FALSE;
    return append(ledger, seconds, getuid(), &(struct audit_entry){.action = AUDIT_BROKEN, .detail = detail}, error);
}

/* Each epoch is told of: what was done to the ledger as a whole while nobody served it. */
static gboolean tell_epoch(struct ledger *ledger, gint64 seconds, GError **error)
{
    guint64 told;
    char how[TEXT_MAX];
    if (!meta_get_number(ledger->store, META_AUDITED, &told, error) ||
        !meta_get_text(ledger->store, META_REOPENED, how, sizeof how, error))
        return FALSE;
    if (told >= ledger->epoch)
        return TRUE;
    g_autofree char *subject = g_strdup_printf("%" G_GUINT64_FORMAT, ledger->epoch);
    const struct audit_entry entry = {
        .action = AUDIT_EPOCH, .subject = subject, .detail = told == 0 && *how == '\0' ? "the trail begins" : how};
    return append(ledger, seconds, getuid(), &entry, error) &&
           meta_put_number(ledger->store, META_AUDITED, ledger->epoch, error);
}

/* What of a client's file touches a promise, a line each. */
static char *promised_settings(const struct client *client)
{
    GString *text = g_string_new(NULL);
    g_autofree char *domains = g_strjoinv(" ", client->domains);
    g_string_append_printf(text, "domains=%s\nreturn-path=%s\ntime-zone=%s\n", domains, client->return_path,
                           client->time_zone);
    if (client->cap.rolling_days > 0)
        g_string_append_printf(text, "cap=rolling %ud\n", (guint)client->cap.rolling_days);
    else
        g_string_append(text, "cap=calendar-quarter\n");
    g_string_append_printf(text, "identity=%s\nforeign-mail=%s\nsigning-domain=%s\n",
                           client->identity == ADDRESS_IDENTITY_STRICT ? "strict" : "mailbox",
                           client->foreign_mail == CLIENT_FOREIGN_REJECT ? "reject" : "invitation",
                           client->signing_domain);
    g_string_append_printf(text, "rsa-selector=%s\ned25519-selector=%s\n", client->rsa.selector,
                           client->ed25519.selector);
    g_string_append_printf(text, "unsubscribe=%s\nunsubscribe-probe=%s\n", client->unsubscribe_uri,
                           client->unsubscribe_probe ? "yes" : "no");
    g_string_append_printf(text, "retention=%" G_GINT64_FORMAT "s\n", client->retention);
    if (text->len > SETTINGS_MAX)
        g_string_truncate(text, SETTINGS_MAX);
    return g_string_free(text, FALSE);
}

/* The value of a name in such lines; NULL where it is not there. The caller frees. */
static char *setting(const char *lines, const char *name)
{
    g_auto(GStrv) list = g_strsplit(lines, "\n", -1);
    for (char **line = list; *line != NULL; line++)
        if (g_str_has_prefix(*line, name) && (*line)[strlen(name)] == '=')
            return g_strdup(*line + strlen(name) + 1);
    return NULL;
}

/* An entry for each setting that is not as it was. */
static gboolean tell_changes(struct ledger *ledger, gint64 seconds, const char *client, const char *before,
                             const char *now, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(now, "\n", -1);
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        const char *equals = strchr(*line, '=');
        if (equals == NULL)
            continue;
        g_autofree char *name = g_strndup(*line, (gsize)(equals - *line));
        g_autofree char *was = setting(before, name);
        if (was != NULL && strcmp(was, equals + 1) == 0)
            continue;
        g_autofree char *detail =
            g_strdup_printf("%s%s%s", was != NULL ? was : "", was != NULL ? " -> " : "", equals + 1);
        const struct audit_entry entry = {
            .action = AUDIT_SETTINGS, .client = client, .subject = name, .detail = detail};
        if (!append(ledger, seconds, getuid(), &entry, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean tell_client(struct ledger *ledger, gint64 seconds, const struct client *client, GError **error)
{
    char before[SETTINGS_MAX + 1];
    g_autofree char *row = g_strconcat(META_SETTINGS, client->name, NULL);
    g_autofree char *now = promised_settings(client);
    if (!meta_get_text(ledger->store, row, before, sizeof before, error))
        return FALSE;
    return strcmp(before, now) == 0 || (tell_changes(ledger, seconds, client->name, before, now, error) &&
                                        meta_put_text(ledger->store, row, now, error));
}

gboolean ledger_audit_start(struct ledger *ledger, gint64 seconds, GError **error)
{
    size_t count;
    const struct client *const *clients = client_set_list(ledger->clients, &count);
    if (!check_end(ledger, seconds, error) || !tell_epoch(ledger, seconds, error))
        return FALSE;
    for (size_t i = 0; i < count; i++)
        if (!tell_client(ledger, seconds, clients[i], error))
            return FALSE;
    return TRUE;
}

/* --- key-note ---------------------------------------------------------------------------------- */

#define KEY_STATES 4
#define KEYS_MAX 64 /* as many as a client's folder holds */
#define KEY_TEXT_MAX 200
#define KEYS_TEXT_MAX (KEYS_MAX * (KEY_TEXT_MAX + 1) + 1)

/* A key as the command tells of it: "SELECTOR ALGORITHM" and when it came into each state, 0: not yet. */
struct told_key {
    char selector[KEY_TEXT_MAX], algorithm[KEY_TEXT_MAX];
    gint64 since[KEY_STATES];
};

static gboolean parse_key(const char *text, struct told_key *key_r)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    if (strlen(text) >= KEY_TEXT_MAX || g_strv_length(words) != 2 + KEY_STATES || *words[0] == '\0' ||
        *words[1] == '\0')
        return FALSE;
    g_strlcpy(key_r->selector, words[0], sizeof key_r->selector);
    g_strlcpy(key_r->algorithm, words[1], sizeof key_r->algorithm);
    for (int state = 0; state < KEY_STATES; state++)
        if (!g_ascii_string_to_signed(words[2 + state], 10, 0, (gint64)TIME_MAX, &key_r->since[state], NULL))
            return FALSE;
    return TRUE;
}

/* Among lines of keys. */
static gboolean find_key(char *const *lines, const char *selector, struct told_key *key_r)
{
    for (; *lines != NULL; lines++)
        if (parse_key(*lines, key_r) && strcmp(key_r->selector, selector) == 0)
            return TRUE;
    *key_r = (struct told_key){0};
    return FALSE;
}

static gboolean tell_key(struct request *request, const char *client, const struct told_key *key, const char *state,
                         gint64 when, GError **error)
{
    g_autoptr(GDateTime) time = when != 0 ? g_date_time_new_from_unix_utc(when) : NULL;
    g_autofree char *text = time != NULL ? g_date_time_format(time, ", since %Y-%m-%d %H:%M:%S UTC") : g_strdup("");
    g_autofree char *detail = g_strdup_printf("%s: %s%s", key->algorithm, state, text);
    const struct audit_entry entry = {
        .action = AUDIT_KEY, .client = client, .subject = key->selector, .detail = detail};
    return ledger_audit(request, &entry, error);
}

/* An entry for each state that a key has come into, and for each key that is gone. */
static gboolean tell_keys(struct request *request, const char *client, char *const *before, char *const *now,
                          GError **error)
{
    static const char *const states[KEY_STATES] = {"new", "published", "active", "retired"};
    struct told_key key, other;
    for (char *const *line = now; *line != NULL; line++) {
        if (!parse_key(*line, &key))
            return error_set(error, ERROR_DATA, "attribute key: \"%.100s\" is no key", *line);
        find_key(before, key.selector, &other);
        for (int state = 0; state < KEY_STATES; state++)
            if (key.since[state] != other.since[state] && key.since[state] != 0 &&
                !tell_key(request, client, &key, states[state], key.since[state], error))
                return FALSE;
    }
    for (char *const *line = before; *line != NULL; line++)
        if (parse_key(*line, &key) && !find_key(now, key.selector, &other) &&
            !tell_key(request, client, &key, "deleted", 0, error))
            return FALSE;
    return TRUE;
}

/* The lines that the request holds. The caller frees; NULL and *error. */
static char *request_keys(const struct request *request, GError **error)
{
    guint64 count;
    if (!request_number(request, "keys", 0, KEYS_MAX, &count, error))
        return NULL;
    g_autoptr(GString) keys = g_string_new(NULL);
    for (guint64 i = 1; i <= count; i++) {
        const char *text;
        struct told_key key;
        g_autofree char *name = g_strdup_printf("key.%" G_GUINT64_FORMAT, i);
        if (!request_text(request, name, FALSE, KEY_TEXT_MAX - 1, &text, error))
            return NULL;
        if (!parse_key(text, &key)) {
            error_set(error, ERROR_DATA, "attribute %s: \"%.100s\" is no key", name, text);
            return NULL;
        }
        g_string_append_printf(keys, "%s%s", i > 1 ? "\n" : "", text);
    }
    return g_string_free(g_steal_pointer(&keys), FALSE);
}

gboolean ledger_key_note(struct request *request, GError **error)
{
    const char *client;
    g_autofree char *now = request_keys(request, error), *before = g_malloc(KEYS_TEXT_MAX);
    if (now == NULL || !request_text(request, "client", FALSE, CLIENT_NAME_MAX, &client, error))
        return FALSE;
    if (client_by_name(request->ledger->clients, client) == NULL)
        return error_set(error, ERROR_DATA, "there is no client %s", client);
    g_autofree char *row = g_strconcat(META_KEYS, client, NULL);
    if (!meta_get_text(request->ledger->store, row, before, KEYS_TEXT_MAX, error))
        return FALSE;
    gboolean same = strcmp(before, now) == 0;
    g_auto(GStrv) before_lines = g_strsplit(before, "\n", -1), now_lines = g_strsplit(now, "\n", -1);
    if (!same && (!tell_keys(request, client, before_lines, now_lines, error) ||
                  !meta_put_text(request->ledger->store, row, now, error)))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "new", same ? "no" : "yes");
    policy_end(request->out);
    return TRUE;
}

/* --- audit-list -------------------------------------------------------------------------------- */

/* One answer: what is asked for, and how far it has come. */
struct listing {
    struct request *request;
    const char *client, *campaign; /* NULL: all */
    char *address;                 /* hash, as a subject; NULL: all */
    guint64 since;
    guint64 expected;        /* number of the next entry */
    struct chain_mac before; /* the link of the one before it */
    gboolean trusted;        /* `before` is that */
    guint64 left, checked, faults;
};

static gboolean listing_read(struct listing *listing, struct request *request, GError **error)
{
    const struct attributes *in = request->in;
    guint64 after = 0;
    struct address address;
    struct hash hash;
    *listing = (struct listing){.request = request,
                                .client = attributes_get(in, "client"),
                                .campaign = attributes_get(in, "campaign"),
                                .left = LIST_LIMIT};
    if ((attributes_get(in, "after") != NULL && !request_number(request, "after", 0, G_MAXINT64, &after, error)) ||
        (attributes_get(in, "limit") != NULL &&
         !request_number(request, "limit", LIST_LEAST, LIST_LIMIT, &listing->left, error)) ||
        (attributes_get(in, "since") != NULL &&
         !request_number(request, "since", 0, TIME_MAX, &listing->since, error)) ||
        (attributes_get(in, "address") != NULL && !request_address(request, "address", &address, error)))
        return FALSE;
    if (attributes_get(in, "address") != NULL) {
        ledger_hash(request->ledger, &address, ADDRESS_IDENTITY_MAILBOX, &hash);
        listing->address = audit_hash_text(hash.octets, HASH_SIZE);
    }
    listing->expected = after + 1;
    return TRUE;
}

/* The entry that the page goes on from, which was judged on the page before. */
static gboolean listing_link(struct listing *listing, GError **error)
{
    struct ledger *ledger = listing->request->ledger;
    struct audit_record record;
    struct key key;
    struct bytes value;
    listing->trusted = listing->expected == 1;
    if (listing->trusted)
        return TRUE;
    key_audit(&key, listing->expected - 1);
    enum store_result result = store_get(ledger->store, STORE_AUDIT, key_bytes(&key), &value, error);
    if (result == STORE_DONE &&
        audit_check(value, listing->expected - 1, NULL, ledger->secret, &record) == AUDIT_GOOD) {
        listing->before = record.mac;
        listing->trusted = TRUE;
    }
    return result != STORE_FAILED;
}

static gboolean is_wanted(const struct listing *listing, const struct audit_record *record)
{
    return (listing->client == NULL || strcmp(listing->client, record->client) == 0) &&
           (listing->campaign == NULL || strcmp(listing->campaign, record->campaign) == 0) &&
           (listing->address == NULL || strcmp(listing->address, record->subject) == 0 ||
            strstr(record->detail, listing->address) != NULL) &&
           (guint64)record->time >= listing->since;
}

static void answer_entry(struct listing *listing, guint64 number, const struct audit_record *record, const char *fault)
{
    GString *out = listing->request->out;
    listing->faults += fault != NULL ? 1 : 0;
    if (fault == NULL && !is_wanted(listing, record))
        return;
    answer_begin(listing->request, "more");
    policy_append_number(out, "number", number);
    if (record != NULL) {
        g_autofree char *mac = audit_hash_text(record->mac.octets, CHAIN_OCTETS);
        policy_append_number(out, "time", (guint64)record->time);
        policy_append_number(out, "uid", record->uid);
        policy_append(out, "user", record->user);
        policy_append(out, "by", record->by);
        policy_append(out, "action", record->action);
        policy_append(out, "client", record->client);
        policy_append(out, "campaign", record->campaign);
        policy_append(out, "subject", record->subject);
        policy_append(out, "detail", record->detail);
        policy_append(out, "mac", mac);
    }
    if (fault != NULL)
        policy_append(out, "fault", fault);
    policy_end(out);
    listing->left--;
}

/* Those before `number` are not there. */
static void answer_missing(struct listing *listing, guint64 number)
{
    g_autofree char *fault = listing->expected + 1 == number
                                 ? g_strdup("it is missing: somebody has removed it")
                                 : g_strdup_printf("entries %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                                                   " are missing: somebody has removed them",
                                                   listing->expected, number - 1);
    answer_entry(listing, listing->expected, NULL, fault);
    listing->trusted = FALSE;
}

static void answer_row(struct listing *listing, guint64 number, struct bytes value)
{
    const struct ledger *ledger = listing->request->ledger;
    struct audit_record record;
    if (number > listing->expected && listing->expected <= ledger->audit.number)
        answer_missing(listing, MIN(number, ledger->audit.number + 1));
    enum audit_fault fault =
        audit_check(value, number, listing->trusted ? &listing->before : NULL, ledger->secret, &record);
    g_autofree char *text = audit_fault_text(fault, &record, number);
    if (text == NULL && number > ledger->audit.number)
        text = g_strdup("it stands behind the end of the trail");
    if (text == NULL && strcmp(record.action, AUDIT_BROKEN) == 0)
        text = g_strdup_printf("before it, somebody has changed the trail: %s", record.detail);
    answer_entry(listing, number, &record, text);
    listing->before = record.mac;
    listing->trusted = fault == AUDIT_GOOD || fault == AUDIT_UNLINKED;
    listing->expected = number + 1;
    listing->checked++;
}

/* *end_r: the last entry was looked at. */
static gboolean answer_rows(struct listing *listing, gboolean *end_r, GError **error)
{
    const struct request *request = listing->request;
    struct key from;
    struct bytes key, value;
    gsize begin = request->out->len;
    enum store_result result = STORE_DONE;
    key_audit(&from, listing->expected);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_AUDIT, key_bytes(&from), (struct bytes){NULL, 0}, error);
    if (scan == NULL)
        return FALSE;
    while (listing->left >= LIST_LEAST && listing->checked < LIST_SCAN && request->out->len - begin < LIST_ANSWER) {
        guint64 number;
        result = store_next(scan, &key, &value, error);
        if (result != STORE_DONE)
            break;
        if (key_read_audit(key, &number))
            answer_row(listing, number, value);
        else
            answer_entry(listing, 0, NULL, "a row that is no entry stands in the trail");
    }
    *end_r = result == STORE_ABSENT;
    if (*end_r && listing->expected <= request->ledger->audit.number)
        answer_missing(listing, request->ledger->audit.number + 1);
    return result != STORE_FAILED;
}

gboolean ledger_audit_list(struct request *request, GError **error)
{
    struct listing listing;
    gboolean end;
    gboolean done = listing_read(&listing, request, error) && listing_link(&listing, error) &&
                    answer_rows(&listing, &end, error);
    g_free(listing.address);
    if (!done)
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "last", end ? 0 : listing.expected - 1);
    policy_append_number(request->out, "entries", request->ledger->audit.number);
    policy_append_number(request->out, "checked", listing.checked);
    policy_append_number(request->out, "faults", listing.faults);
    policy_end(request->out);
    return TRUE;
}
