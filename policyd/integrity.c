/* integrity.c - the ledger against its witness; see integrity.h. */
#include "policyd/integrity.h"

#include "lib/error.h"
#include "policyd/dump.h"
#include "policyd/meta.h"
#include "policyd/recount.h"
#include "policyd/record.h"
#include "policyd/store_witness.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHANGES_AT_ONCE 1000 /* in one transaction of a replay */

/* --- the rule ---------------------------------------------------------------------------------- */

enum integrity integrity_judge(const struct integrity_facts *facts)
{
    if (!facts->same)
        return INTEGRITY_OTHER;
    if (facts->backup)
        return INTEGRITY_BACKUP;
    if (facts->ledger == facts->last)
        return INTEGRITY_GOOD;
    if (facts->ledger < facts->last) /* an answer leaves after the record is settled, one record at a time */
        return facts->ledger + 1 == facts->last && facts->settled < facts->last ? INTEGRITY_FINISH : INTEGRITY_OLD;
    return facts->ledger == facts->last + 1 ? INTEGRITY_SKIP : INTEGRITY_AHEAD;
}

/* --- what a ledger says of itself -------------------------------------------------------------- */

struct identity {
    char uuid[WITNESS_UUID_SIZE];
    guint64 epoch, sequence, backup, backed_up;
};

static gboolean read_identity(struct store *store, struct identity *identity_r, GError **error)
{
    return meta_get_text(store, META_UUID, identity_r->uuid, sizeof identity_r->uuid, error) &&
           meta_get_number(store, META_EPOCH, &identity_r->epoch, error) &&
           meta_get_number(store, META_SEQUENCE, &identity_r->sequence, error) &&
           meta_get_number(store, META_BACKUP, &identity_r->backup, error) &&
           meta_get_number(store, META_BACKED_UP, &identity_r->backed_up, error);
}

static gboolean write_identity(struct store *store, const struct identity *identity, GError **error)
{
    return meta_put_text(store, META_UUID, identity->uuid, error) &&
           meta_put_number(store, META_EPOCH, identity->epoch, error) &&
           meta_put_number(store, META_SEQUENCE, identity->sequence, error) &&
           meta_put_number(store, META_BACKUP, identity->backup, error) &&
           meta_put_number(store, META_BACKED_UP, identity->backed_up, error);
}

static gboolean change_identity(struct store *store, const struct identity *identity, GError **error)
{
    return store_begin(store, error) && write_identity(store, identity, error) && store_commit(store, error) &&
           store_flush(store, error);
}

/*
 * Stores the identity of an epoch that begins. What the ledger knew about gaps in the mail log may be lost with the
 * rest: so all of the log until now counts as having gaps, and a missing line there proves nothing. How it began is for
 * the audit trail, which the ledger goes on with when it is served again.
 */
static gboolean begin_epoch(struct store *store, const struct identity *identity, const char *how, GError **error)
{
    guint64 now = (guint64)(g_get_real_time() / G_TIME_SPAN_SECOND);
    const struct passwd *user = getpwuid(getuid());
    g_autofree char *text = g_strdup_printf("%s by uid %d (%s)", how, (int)getuid(), user != NULL ? user->pw_name : "");
    return store_begin(store, error) && write_identity(store, identity, error) &&
           meta_put_text(store, META_REOPENED, text, error) &&
           meta_put_number(store, META_GAP, now, error) && store_commit(store, error) && store_flush(store, error);
}

static void make_uuid(char uuid_r[WITNESS_UUID_SIZE])
{
    g_autofree char *uuid = g_uuid_string_random();
    char *to = uuid_r;
    for (const char *c = uuid; *c != '\0'; c++)
        if (*c != '-')
            *to++ = *c;
    *to = '\0';
}

static struct witness *begin_witness(const struct settings *settings, struct secret *secret,
                                     const struct identity *identity, const struct chain_mac *chain, GError **error)
{
    struct witness_head head = {.epoch = identity->epoch, .base = identity->sequence};
    g_strlcpy(head.uuid, identity->uuid, sizeof head.uuid);
    if (chain != NULL)
        head.chain = *chain;
    return witness_create(settings->witness, secret, &head, error);
}

/* Begins a witness and lets it lie. */
static gboolean lay_witness(const struct settings *settings, struct secret *secret, const struct identity *identity,
                            const struct chain_mac *chain, GError **error)
{
    struct witness *witness = begin_witness(settings, secret, identity, chain, error);
    witness_free(witness);
    return witness != NULL;
}

/* --- ledgers of earlier versions ---------------------------------------------------------------- */

/* How many tables a ledger of each form has. */
static const int tables_of_form[LEDGER_FORM + 1] = {0,           STORE_SENDING, STORE_ANSWER, STORE_REJECT,
                                                    STORE_AUDIT, STORE_TABLES,  STORE_TABLES, STORE_TABLES};

static gboolean has_table(const char *folder, int table)
{
    struct stat stat;
    g_autofree char *path = g_strdup_printf("%s/%s.db", folder, store_table_name((enum store_table)table));
    return lstat(path, &stat) == 0;
}

/* Of a ledger that lacks its last tables; 0 where it can't be read. */
static guint64 read_old_form(const struct settings *settings)
{
    guint64 form = 0;
    struct store *store = store_bdb_open_first(settings->ledger, settings->cache_size, tables_of_form[1], NULL);
    if (store != NULL)
        meta_get_number(store, META_FORM, &form, NULL);
    store_close(store);
    return form;
}

/* Adds the tables that it can't have yet. A table that it must have is never made anew. */
static gboolean extend(const struct settings *settings, GError **error)
{
    guint64 form = has_table(settings->ledger, STORE_TABLES - 1) ? 0 : read_old_form(settings);
    return form == 0 || form >= LEDGER_FORM ||
           store_bdb_extend(settings->ledger, settings->cache_size, tables_of_form[form], error);
}

static gboolean write_form(struct store *store, GError **error)
{
    return store_begin(store, error) && meta_put_number(store, META_FORM, LEDGER_FORM, error) &&
           store_commit(store, error) && store_flush(store, error);
}

/*
 * Opens the ledger in place, and brings one of an earlier form to ours. The form is written last: killed before, this
 * is done again at the next start.
 */
static struct store *open_in_place(const struct settings *settings, GError **error)
{
    guint64 form;
    struct store *store =
        extend(settings, error) ? store_bdb_open(settings->ledger, settings->cache_size, error) : NULL;
    if (store == NULL)
        return NULL;
    if (meta_get_number(store, META_FORM, &form, error) &&
        (form == 0 || form >= LEDGER_FORM || write_form(store, error)))
        return store;
    store_close(store);
    return NULL;
}

/* --- a new ledger ------------------------------------------------------------------------------ */

/* An empty ledger of that identity in a folder that is not there yet. */
static gboolean make_ledger(const struct settings *settings, const char *folder, const struct identity *identity,
                            GError **error)
{
    if (!store_bdb_create(folder, error))
        return FALSE;
    struct store *store = store_bdb_open(folder, settings->cache_size, error);
    gboolean done = store != NULL && ledger_create(store, g_get_real_time() / 1000, error) &&
                    change_identity(store, identity, error);
    store_close(store);
    return done;
}

gboolean integrity_init(const struct settings *settings, GError **error)
{
    struct stat stat;
    struct identity identity = {.epoch = 1};
    if (lstat(settings->ledger, &stat) == 0)
        return error_set(error, ERROR_CANT_CREATE, "%s: there is a ledger already; --init is for a new installation",
                         settings->ledger);
    if (g_mkdir_with_parents(settings->witness, 0700) != 0)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "make the witness's folder %s", settings->witness);
    if (lstat(settings->secret, &stat) != 0 && !secret_create(settings->secret, error))
        return FALSE;
    g_autoptr(secret_auto) secret = secret_load(settings->secret, error);
    make_uuid(identity.uuid);
    return secret != NULL && make_ledger(settings, settings->ledger, &identity, error) &&
           lay_witness(settings, secret, &identity, NULL, error);
}

/* --- applying records -------------------------------------------------------------------------- */

/* A ledger being opened. What was taken out of it is NULL. */
struct parts {
    struct secret *secret;
    struct store *store;
    struct identity identity;
    struct witness_summary summary; /* of the newest file */
    guint64 audited;                /* the last entry of the audit trail that it tells of; 0: of none */
    struct witness *witness;
};

/* A store that follows the witness. */
struct replay {
    struct store *store;
    guint64 sequence; /* that the store has, or will have when the transaction is committed */
    guint64 records, changes;
    guint64 slots; /* that are held then; kept, as counting ten million takes too long for a start */
    gboolean in_transaction;
    gboolean lists; /* the store has the imported rows of what it follows */
    guint64 checkpoint_size;
};

static gboolean begin_replay(struct replay *replay, const struct settings *settings, const struct parts *parts,
                             gboolean lists, GError **error)
{
    *replay = (struct replay){.store = parts->store,
                              .sequence = parts->identity.sequence,
                              .lists = lists,
                              .checkpoint_size = settings->checkpoint_size};
    return meta_get_number(replay->store, META_SLOTS, &replay->slots, error);
}

static gboolean end_transaction(struct replay *replay, GError **error)
{
    if (!replay->in_transaction)
        return TRUE;
    replay->in_transaction = FALSE;
    replay->changes = 0;
    if (!meta_put_number(replay->store, META_SEQUENCE, replay->sequence, error) ||
        !meta_put_number(replay->store, META_SLOTS, replay->slots, error) || !store_commit(replay->store, error))
        return FALSE;
    return store_log_size(replay->store) < replay->checkpoint_size || store_checkpoint(replay->store, error);
}

static gboolean next_record(struct replay *replay, guint64 sequence, GError **error)
{
    if (replay->changes >= CHANGES_AT_ONCE && !end_transaction(replay, error))
        return FALSE;
    if (!replay->in_transaction && !store_begin(replay->store, error))
        return FALSE;
    replay->in_transaction = TRUE;
    replay->sequence = sequence;
    replay->records++;
    return TRUE;
}

static gboolean write_row(struct replay *replay, enum store_table table, struct bytes key, struct bytes value,
                          GError **error)
{
    enum store_result result = STORE_PRESENT;
    if (table == STORE_SLOT)
        result = store_insert(replay->store, table, key, value, error);
    replay->slots += result == STORE_DONE ? 1 : 0;
    if (result == STORE_PRESENT)
        result = store_put(replay->store, table, key, value, error);
    return result == STORE_DONE;
}

static gboolean remove_row(struct replay *replay, enum store_table table, struct bytes key, GError **error)
{
    enum store_result result = store_remove(replay->store, table, key, error);
    replay->slots -= table == STORE_SLOT && result == STORE_DONE && replay->slots > 0 ? 1 : 0;
    if (table == STORE_PARTICIPANT && result == STORE_DONE && !meta_put_number(replay->store, META_SCRUB, 1, error))
        return FALSE; /* the copy of the ledger still had it */
    return result != STORE_FAILED;
}

/* An import is not done in a ledger that may lack its rows: what it has of them is removed at the start. */
static gboolean lacks_rows(const struct replay *replay, enum store_table table, const struct bytes *value)
{
    enum import_state state;
    return !replay->lists && table == STORE_IMPORT && value != NULL && import_read_state(*value, &state) &&
           state == IMPORT_DONE;
}

static gboolean apply_change(void *cookie, guint64 sequence, enum store_table table, struct bytes key,
                             const struct bytes *value, GError **error)
{
    struct replay *replay = cookie;
    if (sequence != replay->sequence && !next_record(replay, sequence, error))
        return FALSE;
    replay->changes++;
    if (lacks_rows(replay, table, value))
        return TRUE;
    return value != NULL ? write_row(replay, table, key, *value, error) : remove_row(replay, table, key, error);
}

/* Applies what the witness's files from..to have and the store lacks. */
static gboolean apply_files(const struct settings *settings, struct secret *secret, struct replay *replay, guint32 from,
                            guint32 to, GError **error)
{
    struct witness_summary summary;
    for (guint32 file = from; file <= to; file++)
        if (!witness_read_file(settings->witness, file, secret, replay->sequence, apply_change, replay, &summary,
                               error) ||
            !end_transaction(replay, error))
            return FALSE;
    return TRUE;
}

/* --- opening ----------------------------------------------------------------------------------- */

static void release_parts(struct parts *parts)
{
    witness_free(parts->witness);
    store_close(parts->store);
    secret_free(parts->secret);
}

/* Where the audit trail ends, as the witness has it. */
static gboolean note_audited(void *cookie, guint64 sequence, enum store_table table, struct bytes key,
                             const struct bytes *value, GError **error)
{
    struct audit_head head;
    (void)sequence;
    (void)error;
    if (table == STORE_META && key.size == strlen(META_AUDIT) && memcmp(key.data, META_AUDIT, key.size) == 0 &&
        value != NULL && audit_head_read(*value, &head))
        *(guint64 *)cookie = head.number;
    return TRUE;
}

static gboolean read_newest(const struct settings *settings, struct parts *parts, GError **error)
{
    g_autoptr(GArray) files = witness_list(settings->witness, NULL);
    if (files == NULL || files->len == 0)
        return error_set(error, ERROR_NO_INPUT,
                         "the witness in %s is missing; put it back, or, if it is lost, have the ledger "
                         "taken as it is with postwelle-policyd --restored",
                         settings->witness);
    guint32 newest = g_array_index(files, guint32, files->len - 1);
    if (witness_read_file(settings->witness, newest, parts->secret, 0, note_audited, &parts->audited, &parts->summary,
                          error))
        return TRUE;
    g_prefix_error(error,
                   "the witness can't be trusted; put it back from the last backup, or have the ledger taken as it is "
                   "with postwelle-policyd --restored: ");
    return FALSE;
}

static enum integrity judge_parts(const struct parts *parts)
{
    const struct integrity_facts facts = {
        .same = strcmp(parts->identity.uuid, parts->summary.head.uuid) == 0,
        .backup = parts->identity.backup != 0,
        .ledger = parts->identity.sequence,
        .last = parts->summary.last,
        .settled = parts->summary.settled,
    };
    return integrity_judge(&facts);
}

static gboolean refuse(const struct parts *parts, enum integrity integrity, GError **error)
{
    guint64 ledger = parts->identity.sequence, last = parts->summary.last;
    switch (integrity) {
    case INTEGRITY_OTHER:
        return error_set(error, ERROR_DATA,
                         "ledger and witness are of two installations; put back what belongs together, or have "
                         "the ledger taken as it is with postwelle-policyd --restored");
    case INTEGRITY_BACKUP:
        return error_set(
            error, ERROR_DATA,
            "the ledger is a backup's copy (sequence %" G_GUINT64_FORMAT "); bring back with "
            "postwelle-policyd --replay what came after it, or, if the witness is lost, have it taken as it is "
            "with --restored",
            ledger);
    case INTEGRITY_OLD:
        return error_set(error, ERROR_DATA,
                         "the ledger has lost something: it ends at %" G_GUINT64_FORMAT
                         ", its witness at %" G_GUINT64_FORMAT "; bring it back with postwelle-policyd --replay",
                         ledger, last);
    default:
        return error_set(error, ERROR_DATA,
                         "the witness has lost something: it ends at %" G_GUINT64_FORMAT
                         ", the ledger at %" G_GUINT64_FORMAT
                         "; put it back, or have the ledger taken as it is with postwelle-policyd --restored",
                         last, ledger);
    }
}

/* A crash came between a record and its transaction. */
static gboolean finish(const struct settings *settings, struct parts *parts, char **note_r, GError **error)
{
    struct replay replay;
    guint32 file = parts->summary.head.file;
    if (!begin_replay(&replay, settings, parts, TRUE, error) ||
        !apply_files(settings, parts->secret, &replay, file, file, error) || !store_flush(parts->store, error))
        return FALSE;
    *note_r = g_strdup_printf("the last transaction (%" G_GUINT64_FORMAT
                              "), which nobody had an answer to, was taken from the witness",
                              replay.sequence);
    return TRUE;
}

static gboolean open_witness(const struct settings *settings, struct parts *parts, char **note_r, GError **error)
{
    enum integrity integrity = judge_parts(parts);
    if (integrity == INTEGRITY_SKIP) {
        *note_r = g_strdup_printf(
            "the power failed before the witness had transaction %" G_GUINT64_FORMAT ", which nobody had an "
            "answer to; a new witness begins, and older copies of the ledger can't be brought up to date: "
            "make a backup",
            parts->identity.sequence);
        parts->witness = begin_witness(settings, parts->secret, &parts->identity, NULL, error);
    } else if (integrity != INTEGRITY_GOOD && integrity != INTEGRITY_FINISH) {
        return refuse(parts, integrity, error);
    } else if (integrity == INTEGRITY_FINISH && !finish(settings, parts, note_r, error)) {
        return FALSE;
    } else if (parts->summary.head.epoch != parts->identity.epoch) {
        parts->identity.sequence = parts->summary.last;
        parts->witness = begin_witness(settings, parts->secret, &parts->identity, &parts->summary.chain, error);
    } else {
        parts->witness = witness_open(settings->witness, parts->secret, &parts->summary, error);
    }
    if (parts->witness == NULL)
        return FALSE;
    /* What the ledger has now is on its disk: it was recovered, or flushed above. */
    return witness_settle(parts->witness, witness_last(parts->witness), error);
}

static gboolean open_store(const struct settings *settings, struct parts *parts, GError **error)
{
    parts->store = open_in_place(settings, error);
    if (parts->store != NULL)
        return TRUE;
    g_prefix_error(error, "the ledger can't be opened; put back what is missing, or the last backup, and then let "
                          "postwelle-policyd --replay bring back what came after it: ");
    return FALSE;
}

static gboolean open_parts(const struct settings *settings, struct parts *parts, char **note_r, GError **error)
{
    return open_store(settings, parts, error) && read_identity(parts->store, &parts->identity, error) &&
           read_newest(settings, parts, error) && open_witness(settings, parts, note_r, error);
}

struct ledger *integrity_open(const struct settings *settings, struct secret *secret, struct client_set *clients,
                              char **note_r, GError **error)
{
    struct parts parts = {.secret = secret};
    struct ledger *ledger = NULL;
    char *note = NULL;
    if (open_parts(settings, &parts, &note, error)) {
        struct witness *witness = parts.witness;
        struct store *store = store_witness_new(g_steal_pointer(&parts.store), g_steal_pointer(&parts.witness));
        ledger = ledger_open(store, g_steal_pointer(&parts.secret), clients, error);
        if (ledger != NULL) {
            ledger_set_witness(ledger, witness);
            ledger_set_retry_delay(ledger, settings->retry_delay);
            ledger_set_configuration(ledger, settings->digest);
            ledger_set_audit_witnessed(ledger, parts.audited);
        }
    }
    release_parts(&parts);
    if (note_r != NULL)
        *note_r = g_steal_pointer(&note);
    g_free(note);
    return ledger;
}

/* --- replay ------------------------------------------------------------------------------------ */

/* Moves a folder that can't be used out of the way: FOLDER.damaged-TIME. */
static gboolean put_aside(const char *folder, FILE *out, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *stamp = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    g_autofree char *aside = g_strdup_printf("%s.damaged-%s", folder, stamp);
    if (rename(folder, aside) == 0)
        fprintf(out, "%s was put aside as %s\n", folder, aside);
    else if (errno != ENOENT)
        return error_from_errno(error, ERROR_SYSTEM, errno, "put %s aside", folder);
    return TRUE;
}

/* A ledger from the witness alone. `why` tells why the old one is of no use. */
static gboolean rebuild(const struct settings *settings, struct parts *parts, const struct witness_summary *oldest,
                        const GError *why, FILE *out, GError **error)
{
    if (oldest->head.base != 0)
        return error_set(error, ERROR_NO_INPUT,
                         "%s. The witness goes back to %" G_GUINT64_FORMAT " only: put the last backup's "
                         "ledger in place, then --replay again",
                         why->message, oldest->head.base);
    fprintf(out,
            "%s\nThe ledger is rebuilt from the witness. Imported lists are not in it: import them again, then approve "
            "and open the "
            "waves anew. Who had an invitation is known, and is shown as capped; the others are invited.\n",
            why->message);
    struct identity identity = {.epoch = parts->summary.head.epoch};
    g_strlcpy(identity.uuid, oldest->head.uuid, sizeof identity.uuid);
    if (!put_aside(settings->ledger, out, error) || !make_ledger(settings, settings->ledger, &identity, error))
        return FALSE;
    parts->store = store_bdb_open(settings->ledger, settings->cache_size, error);
    return parts->store != NULL && read_identity(parts->store, &parts->identity, error);
}

static gboolean check_replay(const struct parts *parts, const struct witness_summary *oldest, GError **error)
{
    if (strcmp(parts->identity.uuid, parts->summary.head.uuid) != 0)
        return error_set(error, ERROR_DATA,
                         "ledger and witness are of two installations; put back what belongs together");
    if (parts->identity.sequence < oldest->head.base)
        return error_set(error, ERROR_NO_INPUT,
                         "the ledger ends at %" G_GUINT64_FORMAT ", and the witness goes back to %" G_GUINT64_FORMAT
                         " only; put a newer backup's ledger in place",
                         parts->identity.sequence, oldest->head.base);
    if (parts->identity.sequence > parts->summary.last)
        return error_set(error, ERROR_WANTING,
                         "the ledger (%" G_GUINT64_FORMAT ") has more than the witness (%" G_GUINT64_FORMAT
                         "): there is nothing to bring back; see --restored",
                         parts->identity.sequence, parts->summary.last);
    return TRUE;
}

static gboolean replay_into(const struct settings *settings, struct parts *parts, const struct witness_summary *oldest,
                            FILE *out, GError **error)
{
    struct replay replay;
    guint64 from = parts->identity.sequence;
    if (!begin_replay(&replay, settings, parts, FALSE, error) ||
        !apply_files(settings, parts->secret, &replay, oldest->head.file, parts->summary.head.file, error) ||
        !recount(parts->store, error))
        return FALSE;
    parts->identity.sequence = parts->summary.last;
    parts->identity.epoch = MAX(parts->identity.epoch, parts->summary.head.epoch) + 1;
    parts->identity.backup = 0;
    if (!begin_epoch(parts->store, &parts->identity, "replayed from the witness", error) ||
        !lay_witness(settings, parts->secret, &parts->identity, &parts->summary.chain, error))
        return FALSE;
    fprintf(out,
            "brought back %" G_GUINT64_FORMAT " transactions (%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
            "); epoch %" G_GUINT64_FORMAT "\n",
            replay.records, from, replay.sequence, parts->identity.epoch);
    return TRUE;
}

/* In the ledger that is there. *why: it is of no use, as it can't be opened, or can't be written. */
static gboolean replay_in_place(const struct settings *settings, struct parts *parts,
                                const struct witness_summary *oldest, FILE *out, GError **why, GError **error)
{
    parts->store = open_in_place(settings, why);
    if (parts->store == NULL)
        return FALSE;
    if (!read_identity(parts->store, &parts->identity, error) || !check_replay(parts, oldest, error))
        return FALSE;
    if (replay_into(settings, parts, oldest, out, why))
        return TRUE;
    store_close(g_steal_pointer(&parts->store));
    return FALSE;
}

gboolean integrity_replay(const struct settings *settings, FILE *out, GError **error)
{
    struct parts parts = {.secret = secret_load(settings->secret, error)};
    struct witness_summary oldest;
    g_autoptr(GError) why = NULL;
    gboolean done =
        parts.secret != NULL && witness_chain(settings->witness, parts.secret, &oldest, &parts.summary, error);
    if (done)
        done = replay_in_place(settings, &parts, &oldest, out, &why, error) ||
               (why != NULL && rebuild(settings, &parts, &oldest, why, out, error) &&
                replay_into(settings, &parts, &oldest, out, error));
    release_parts(&parts);
    return done;
}

/* --- a person's word --------------------------------------------------------------------------- */

static gboolean witness_knows_more(const struct settings *settings, struct parts *parts)
{
    return read_newest(settings, parts, NULL) && strcmp(parts->identity.uuid, parts->summary.head.uuid) == 0 &&
           parts->summary.last > parts->identity.sequence;
}

static gboolean take_as_it_is(const struct settings *settings, struct parts *parts, FILE *out, GError **error)
{
    if (!read_identity(parts->store, &parts->identity, error))
        return FALSE;
    if (witness_knows_more(settings, parts))
        return error_set(error, ERROR_WANTING,
                         "the witness in %s is whole, and ends at %" G_GUINT64_FORMAT
                         ", the ledger at %" G_GUINT64_FORMAT
                         ": --replay brings back what is missing. If it must not, move the witness away first",
                         settings->witness, parts->summary.last, parts->identity.sequence);
    if (*parts->identity.uuid == '\0')
        make_uuid(parts->identity.uuid);
    parts->identity.epoch++;
    parts->identity.backup = 0;
    if (!begin_epoch(parts->store, &parts->identity, "taken as it was (--restored)", error) ||
        !lay_witness(settings, parts->secret, &parts->identity, NULL, error))
        return FALSE;
    fprintf(out, "the ledger is taken as it is (sequence %" G_GUINT64_FORMAT "); epoch %" G_GUINT64_FORMAT "\n",
            parts->identity.sequence, parts->identity.epoch);
    return TRUE;
}

gboolean integrity_restored(const struct settings *settings, FILE *out, GError **error)
{
    struct parts parts = {.secret = secret_load(settings->secret, error)};
    gboolean done =
        parts.secret != NULL && open_store(settings, &parts, error) && take_as_it_is(settings, &parts, out, error);
    release_parts(&parts);
    return done;
}

/* --- dump and load ----------------------------------------------------------------------------- */

gboolean integrity_dump(const struct settings *settings, FILE *out, GError **error)
{
    struct parts parts = {.secret = secret_load(settings->secret, error)};
    gboolean done = parts.secret != NULL && open_store(settings, &parts, error) &&
                    dump_store(parts.store, parts.secret, out, error);
    release_parts(&parts);
    return done;
}

static gboolean check_fresh(const struct settings *settings, GError **error)
{
    struct identity identity;
    guint64 clients = 0;
    struct store *store = store_bdb_open(settings->ledger, settings->cache_size, error);
    gboolean done = store != NULL && read_identity(store, &identity, error) &&
                    meta_get_number(store, META_CLIENTS, &clients, error);
    store_close(store);
    return done && ((identity.sequence == 0 && clients == 0) ||
                    error_set(error, ERROR_WANTING,
                              "%s: something was stored in this ledger already; a dump is loaded into a "
                              "new one only (--init)",
                              settings->ledger));
}

/* Removes a ledger's folder, which has no folders in it. */
static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        unlink(path);
    }
    rmdir(folder);
}

static gboolean load_into(const struct settings *settings, const char *folder, const char *path,
                          struct identity *identity_r, guint64 *rows_r, GError **error)
{
    const struct identity unknown = {.epoch = 1};
    remove_folder(folder);
    if (!make_ledger(settings, folder, &unknown, error))
        return FALSE;
    struct store *store = store_bdb_open(folder, settings->cache_size, error);
    gboolean done = store != NULL && dump_load(path, store, rows_r, error) && read_identity(store, identity_r, error);
    if (done) {
        identity_r->epoch++;
        identity_r->backup = 0;
        done = begin_epoch(store, identity_r, "loaded from a dump", error);
    }
    store_close(store);
    return done;
}

gboolean integrity_load(const struct settings *settings, const char *path, FILE *out, GError **error)
{
    g_autoptr(secret_auto) secret = secret_load(settings->secret, error);
    g_autofree char *loading = g_strconcat(settings->ledger, ".loading", NULL);
    struct identity identity;
    guint64 rows;
    if (secret == NULL || !check_fresh(settings, error) || !dump_check(path, secret, error))
        return FALSE;
    gboolean done = load_into(settings, loading, path, &identity, &rows, error);
    /* One step: the loaded ledger takes the empty one's place. */
    if (done && renameat2(AT_FDCWD, loading, AT_FDCWD, settings->ledger, RENAME_EXCHANGE) != 0)
        done = error_from_errno(error, ERROR_SYSTEM, errno, "exchange %s and %s", loading, settings->ledger);
    remove_folder(loading);
    if (!done || !lay_witness(settings, secret, &identity, NULL, error))
        return FALSE;
    fprintf(out, "loaded %" G_GUINT64_FORMAT " rows; epoch %" G_GUINT64_FORMAT "\n", rows, identity.epoch);
    return TRUE;
}
