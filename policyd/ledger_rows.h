/*
 * ledger_rows.h - the inside of the ledger: its struct, its caches, typed rows. For ledger*.c alone.
 *
 * Every function here that reads returns TRUE with a row of zeros where there is none, and FALSE only where the store
 * failed or the row is damaged.
 */
#ifndef POSTWELLE_POLICYD_LEDGER_ROWS_H
#define POSTWELLE_POLICYD_LEDGER_ROWS_H

#include "policyd/audit.h"
#include "policyd/decide.h"
#include "policyd/hash_filter.h"
#include "policyd/ledger.h"
#include "policyd/record.h"
#include "policyd/tally.h"

/* A wave and whether its row is behind: counts change with each mail, the row is written once a batch. */
struct wave {
    guint32 campaign, number;
    gboolean dirty;
    struct wave_record record;
};

/* A campaign in memory. After an aborted batch all are forgotten and read again. */
struct campaign {
    guint32 number;
    struct campaign_record record;
    GPtrArray *waves; /* struct wave, index is the number - 1; NULL where there is none */
    /* Of all waves together, index is the reminder's number - 1; NULL: none yet. */
    struct wave *reminders[REMINDERS_MAX];
    GArray *hidden;   /* guint32: imports whose rows are invisible */
};

struct session {
    pid_t pid;
    uid_t uid;
    guint32 cancels;      /* campaign: that it is cancelled, or its wave, stands in the audit trail */
    guint64 cancels_wave; /* 0: all */
    guint cancels_generation;
    guint32 import_campaign, import;     /* the open import; 0: none */
    guint import_generation;             /* ledger's when it began: an aborted batch may have lost rows */
    struct campaign_record import_texts; /* what the campaign will say when it is committed */
    guint64 import_rows, import_known;   /* rows seen; of these, participants already */
    GArray *import_counts;               /* struct wave_record, index is the wave - 1: what the import adds */
    guint32 feeds;                       /* campaign; 0: none */
    guint32 feeds_session;               /* campaign's session at that time */
    guint8 feeds_hash[CONTENT_HASH_SIZE];
    struct suppress_list *suppress_list; /* that is being sent, or NULL */
    struct answer_list *answer_list;     /* likewise */
    struct tally *tally;                 /* the count that is under way, or NULL */
    guint32 tally_campaign;
    guint64 tally_after;                 /* participant */
};

/* What was deleted is to leave the store's files: ledger_scrub.c. */
struct scrub {
    gboolean wanted;
    struct store_place place;
    guint32 log; /* file that was begun after it; 0: not yet */
};

struct ledger {
    struct store *store;
    struct secret *secret;
    struct backup *backup;   /* the last one, or NULL */
    struct witness *witness; /* the store's; NULL in tests of the ledger alone */
    struct client_set *clients;
    GHashTable *campaigns;      /* number -> struct campaign */
    GHashTable *client_numbers; /* name -> number */
    GHashTable *periods;        /* struct client -> struct cached_period */
    GHashTable *feeders;        /* campaign number -> struct session */
    GHashTable *importers;      /* campaign number -> struct session */
    GHashTable *outlooks;       /* campaign number -> what `run` foresees (ledger_status.c) */
    GPtrArray *dirty;           /* struct wave */
    /* Addresses that rows of STORE_SUPPRESSION may be about; nearly all mail is about others. */
    struct hash_filter *suppressed;
    GQueue dead;                /* struct dead_import: to be swept */
    GString *row;               /* the value being written */
    guint64 slots, epoch;
    struct audit_head audit;  /* where the audit trail ends */
    guint64 audit_witnessed;  /* its end as the witness knows it at the start; 0: not known */
    gboolean audit_bad;       /* what the store said of its end was not good */
    gboolean audit_checked;   /* that was looked into, and is put down */
    gboolean slots_dirty, in_batch;
    guint generation; /* aborted batches */
    struct key pruned[3]; /* ledger_prune.c: how far it has come in each of its tables */
    struct scrub scrub;
    guint64 boot;     /* of the host */
    gint64 retry_delay;
    char *configuration; /* digest of postwelle.conf, "" where nobody told it */
};

static inline gint64 request_seconds(const struct request *request)
{
    return request->now / 1000;
}

/* --- rows -------------------------------------------------------------------------------------- */

gboolean rows_get_life(struct ledger *ledger, guint32 campaign, enum mail_kind kind, guint64 id,
                       struct life_record *life_r, GError **error);
gboolean rows_get_proof(struct ledger *ledger, guint32 campaign, guint64 number, struct proof_record *proof_r,
                        GError **error);
gboolean rows_get_slot(struct ledger *ledger, const struct slot_key *key, struct slot_record *slot_r, GError **error);
/* *found_r as well: a tombstone has no owner. */
gboolean rows_get_queue(struct ledger *ledger, const char *queue_id, struct queue_record *queue_r, gboolean *found_r,
                        GError **error);
/* import_release() what it read. */
gboolean rows_get_import(struct ledger *ledger, guint32 campaign, guint32 import, struct import_record *import_r,
                         GError **error);
/* Texts in it are borrowed until the next look-up. address is NULL where there is none. */
gboolean rows_get_participant(struct ledger *ledger, guint32 campaign, guint64 participant,
                              struct participant_record *participant_r, GError **error);
/* A counter or an index; 0 where there is none. */
gboolean rows_get_number(struct ledger *ledger, enum store_table table, const struct key *key, guint64 *number_r,
                         GError **error);
gboolean rows_has(struct ledger *ledger, enum store_table table, const struct key *key, gboolean *found_r,
                  GError **error);

gboolean rows_put_life(struct ledger *ledger, guint32 campaign, enum mail_kind kind, guint64 id,
                       const struct life_record *life, GError **error);
gboolean rows_put_proof(struct ledger *ledger, guint32 campaign, guint64 number, const struct proof_record *proof,
                        GError **error);
/*
 * Where it belongs, and out of the reservations where it is none any more: one that is not reserved never becomes so
 * again.
 */
gboolean rows_put_queue(struct ledger *ledger, const char *queue_id, const struct queue_record *queue, GError **error);
gboolean rows_put_import(struct ledger *ledger, guint32 campaign, guint32 import, const struct import_record *record,
                         GError **error);
gboolean rows_put_participant(struct ledger *ledger, guint32 campaign, guint64 participant,
                              const struct participant_record *record, GError **error);
gboolean rows_put_reject(struct ledger *ledger, guint32 campaign, guint64 participant,
                         const struct reject_record *record, GError **error);
gboolean rows_put_campaign(struct ledger *ledger, const struct campaign *campaign, GError **error);
gboolean rows_put_number(struct ledger *ledger, enum store_table table, const struct key *key, guint64 number,
                         GError **error);
/* Removing what is not there is fine. */
gboolean rows_remove(struct ledger *ledger, enum store_table table, const struct key *key, GError **error);
gboolean rows_remove_queue(struct ledger *ledger, const char *queue_id, GError **error);

/* Since when smtp(8) is sending that mail; 0: it is not, as far as is known. */
gboolean rows_get_sending(struct ledger *ledger, const char *queue_id, gint64 *since_r, GError **error);
gboolean rows_put_sending(struct ledger *ledger, const char *queue_id, gint64 since, GError **error);
gboolean rows_remove_sending(struct ledger *ledger, const char *queue_id, GError **error);

/* When we were told that the participant has answered; 0: not. */
gboolean rows_get_answer(struct ledger *ledger, guint32 campaign, guint64 participant, gint64 *when_r, GError **error);

/*
 * Take and free keep the count of slots; a slot that is there already (an old one of a rolling cap) is written over.
 * `there`: as the caller has just read, so that nobody has to look again.
 */
gboolean rows_take_slot(struct ledger *ledger, const struct slot_key *key, const struct slot_record *slot,
                        gboolean there, GError **error);
gboolean rows_free_slot(struct ledger *ledger, const struct slot_key *key, GError **error);

/* The next number of a counter in meta, up to `most`; ERROR_WANTING when they are used up. */
gboolean rows_next_number(struct ledger *ledger, const char *meta, guint64 most, guint32 *number_r, GError **error);

/* Always FALSE, for `return rows_damaged(...)`. */
gboolean rows_damaged(enum store_table table, GError **error);

/*
 * Attempts up to this one were given out before the epoch was raised, maybe by a ledger that knew more than this one:
 * they are refused, and their numbers are not given out again.
 */
guint16 ledger_epoch_fence(const struct ledger *ledger);

/* --- clients, addresses, periods (ledger.c) ----------------------------------------------------- */

/* A client's number; 0 where it has none yet (then it has no rows) and `create` is FALSE. */
gboolean ledger_client_number(struct ledger *ledger, const char *name, gboolean create, guint32 *number_r,
                              GError **error);

/* The keyed hash of an address under an identity. */
void ledger_hash(struct ledger *ledger, const struct address *address, enum address_identity identity,
                 struct hash *hash_r);

/* Which slot of this recipient a mail of this client takes at that time. `number` is the client's. */
void ledger_slot_key(struct ledger *ledger, const struct client *client, guint32 number,
                     const struct address *recipient, gint64 seconds, struct slot_key *key_r);

/* The client's quarter at a time; 0 with a rolling cap. */
guint16 ledger_period(struct ledger *ledger, const struct client *client, gint64 seconds);

/* Who has the slot, as seen by a mail under that queue ID ("" before it has one). */
gboolean ledger_slot_fact(struct ledger *ledger, const struct client *client, const struct slot_key *key,
                          const struct owner *owner, const char *queue_id, gint64 seconds, enum slot_fact *fact_r,
                          GError **error);

/* Is mail to the address suppressed, for this client or for all? hash is by mailbox identity. */
gboolean ledger_suppressed(struct ledger *ledger, const struct hash *hash, guint32 client, gboolean *suppressed_r,
                           GError **error);

/*
 * The address is never mailed by this client (number; 0: by nobody) again. *new_r: it was not suppressed for that scope
 * before; else its first reason stays.
 */
gboolean ledger_suppress(struct ledger *ledger, const struct hash *hash, guint32 client, const char *reason,
                         gint64 since, gboolean *new_r, GError **error);

/*
 * The number that a scope (a client's name, or * for all) has in keys: 0 for all, and for a client that has none yet
 * (ledger_suppress.c).
 */
gboolean suppression_scope(struct ledger *ledger, const char *scope, gboolean create, guint32 *number_r,
                           GError **error);
/* FALSE with ERROR_DATA where there is no such scope. */
gboolean suppression_scope_known(const struct ledger *ledger, const char *scope, GError **error);

/* A list of addresses to be suppressed that a connection is sending (ledger_suppress_list.c). */
#define SUPPRESS_LIST_ROWS 200     /* of one request */
#define SUPPRESS_LIST_MAX 100000   /* of a list: all are written in one go, which takes about a second */
void suppress_list_free(struct suppress_list *list); /* NULL is fine */

/* The table for ledger->outlooks (ledger_status.c). */
GHashTable *outlooks_new(void);

/* How many participants have answered (ledger_answer.c). */
gboolean ledger_answers_count(struct ledger *ledger, guint32 campaign, guint64 *count_r, GError **error);

/* Who has answered, as a list says that a connection is sending. NULL is fine. */
struct answer_list;
void answer_list_free(struct answer_list *list);

/* A participant's answer is forgotten, with the participant; nothing is to be done where there is none. */
gboolean ledger_forget_answer(struct ledger *ledger, guint32 campaign, guint64 participant, GError **error);

/*
 * The rows of `explain` about what suppresses an address (ledger_suppress.c), and about what persons settled of a
 * participant's mails (ledger_decision.c).
 */
gboolean explain_suppressions(struct request *request, const struct address *address, GError **error);
gboolean explain_decisions(struct request *request, const struct campaign *campaign, guint64 participant,
                           GError **error);

/* How many recipients have complained about a campaign (ledger_feedback.c). */
gboolean ledger_complaints(struct ledger *ledger, guint32 campaign, guint64 *count_r, GError **error);

/* The state of whatever a slot's owner is, wherever it is kept. */
gboolean ledger_owner_state(struct ledger *ledger, const struct owner *owner, const char *queue_id,
                            enum mail_state *state_r, GError **error);

/* --- campaigns in memory (ledger_campaign.c) ------------------------------------------------------ */

/* *campaign_r is NULL where there is none. Valid until the batch ends or the next campaign is loaded. */
gboolean campaign_load(struct ledger *ledger, guint32 number, struct campaign **campaign_r, GError **error);
gboolean campaign_find(struct ledger *ledger, const char *client, const char *name, struct campaign **campaign_r,
                       GError **error);
struct campaign *campaign_new(guint32 number);
void campaign_free(struct campaign *campaign);

/* The wave; NULL where the campaign has none of that number. */
struct wave *campaign_wave(const struct campaign *campaign, guint wave);
/* The same, made where there is none. */
struct wave *campaign_wave_make(struct campaign *campaign, guint wave);

/*
 * The first reminders of all participants, the second ones ..: what a wave is to invitations. Kept in the table of
 * waves under numbers above WAVE_MAX. NULL where none was opened; made where there is none.
 */
struct wave *campaign_reminders(const struct campaign *campaign, guint number);
struct wave *campaign_reminders_make(struct campaign *campaign, guint number);

/*
 * What counts a participant's mail: its wave, or the reminders of its number. NULL where there is none, and of other
 * kinds.
 */
struct wave *campaign_wave_of(const struct campaign *campaign, enum mail_kind kind, guint64 id,
                              const struct life_record *life);

/* One mail went from one state to another; STATE_NONE: came or went. */
void wave_move(struct ledger *ledger, struct wave *wave, enum mail_state from, enum mail_state to);

/* The row must be written at the end of the batch. */
void wave_touch(struct ledger *ledger, struct wave *wave);

/* The numbers of all campaigns, in the order of client and name. NULL and *error where the store failed. */
GArray *campaign_numbers(struct ledger *ledger, GError **error);

gboolean campaign_hides(const struct campaign *campaign, guint64 participant);
/*
 * *participant, as the index of addresses has it, becomes 0 where it is hidden or gone. The index may know somebody who
 * is gone, with an import that was undone: whose entry it is can't be told any more where the address was deleted
 * before.
 */
gboolean campaign_keep_shown(struct ledger *ledger, const struct campaign *campaign, guint64 *participant,
                             GError **error);
/* Whose address has that hash in this campaign; 0: nobody's. */
gboolean campaign_participant(struct ledger *ledger, const struct campaign *campaign, const struct hash *hash,
                              guint64 *participant_r, GError **error);

/*
 * When a proof of this content last did something, after the milter had reserved it; 0: none went out
 * (ledger_campaign.c).
 */
gboolean campaign_proven(struct ledger *ledger, const struct campaign *campaign, const guint8 *hash, gint64 *when_r,
                         GError **error);

/* --- what several requests need (ledger_request.c) ------------------------------------------------- */

/* The campaign that `client` and `campaign` name; ERROR_DATA where there is none with an import. */
gboolean request_campaign(struct request *request, struct campaign **campaign_r, GError **error);

/* Its client's configuration; ERROR_DATA where there is none any more. */
gboolean request_client(struct request *request, const struct campaign *campaign, const struct client **client_r,
                        GError **error);

/* An attribute of 1 (or 0, if it may be empty) to `most` octets. */
gboolean request_text(const struct request *request, const char *name, gboolean may_be_empty, size_t most,
                      const char **text_r, GError **error);
gboolean request_number(const struct request *request, const char *name, guint64 low, guint64 high, guint64 *number_r,
                        GError **error);
gboolean request_hash(const struct request *request, const char *name, guint8 hash_r[CONTENT_HASH_SIZE],
                      GError **error);
gboolean request_address(const struct request *request, const char *name, struct address *address_r, GError **error);
gboolean request_queue_id(const struct request *request, const char **queue_id_r, GError **error);

/* Begins an answer of that status; end it with policy_end(). */
void answer_begin(struct request *request, const char *status);
/* Appends a content hash in hex; nothing but the name where it is all zeros. */
void answer_hash(struct request *request, const char *name, const guint8 hash[CONTENT_HASH_SIZE]);
/* `a.NAME` for each attribute. */
void answer_attributes(struct request *request, const struct participant_record *participant);
/* The last reminder of a participant; 0 where there is none (ledger_remind.c). */
gboolean reminder_last(struct ledger *ledger, const struct campaign *campaign, guint64 participant, guint *number_r,
                       struct life_record *life_r, GError **error);
/*
 * Whether and when the participant has answered, and what became of the last reminder: as `campaign-participants` tells
 * (ledger_remind.c).
 */
gboolean answer_reminded(struct request *request, const struct campaign *campaign, guint64 participant, GError **error);
/*
 * What became of a participant's invitation: from `state` to `changed`; where it was capped, who held the slot then
 * (held_by, held_campaign, held_since, held_until); and its reminders. address NULL: not known any more, nor then who
 * held the slot (ledger_explain.c).
 */
gboolean answer_fate(struct request *request, const struct campaign *campaign, guint64 participant, const char *address,
                     const struct life_record *life, GError **error);
/* A whole answer `refused` that names the process which is in the way. */
void answer_busy(struct request *request, const char *reason, pid_t pid);

/* --- the audit trail (ledger_audit.c) --------------------------------------------------------------- */

/* What is put down; texts may be NULL. */
struct audit_entry {
    const char *action;              /* audit.h */
    const struct campaign *campaign; /* NULL: of none; then `client` */
    const char *client;
    const char *by; /* who takes the responsibility, where that was said */
    const char *subject, *detail;
};

/*
 * Who is at the other end of the request's connection: a user's name, "" where it has none. Lives until the next call.
 */
const char *request_user(const struct request *request);

/* An entry by that user. */
gboolean ledger_audit(struct request *request, const struct audit_entry *entry, GError **error);

/* The same about an address; scope 0: all clients. */
gboolean ledger_audit_suppression(struct request *request, const char *action, const struct hash *address,
                                  guint32 scope, const char *client, const char *reason, GError **error);

/*
 * A campaign, or its wave that the request names, is cancelled: put down once a connection, however many requests that
 * takes (ledger_withdraw.c).
 */
gboolean ledger_audit_cancel(struct request *request, const struct campaign *campaign, const char *because,
                             GError **error);

/* Octets as hex digits. The caller frees. */
char *audit_hash_text(const guint8 *octets, size_t size);

gboolean ledger_audit_read_head(struct ledger *ledger, GError **error);

/* An import that was never committed: nobody sees its rows, and ledger_sweep() removes them. */
struct dead_import {
    guint32 campaign, import;
};
void ledger_bury(struct ledger *ledger, guint32 campaign, guint32 import);

/* Waits for its end (ledger_backup.c). NULL is fine. */
void backup_free(struct backup *backup);
gboolean backup_runs(const struct backup *backup); /* NULL does not */

/* --- deleting (ledger_delete.c, ledger_scrub.c) ------------------------------------------------------ */

/* When the deletion of a campaign's participants was begun, and when it was through; 0: not. */
gboolean campaign_deleted(struct ledger *ledger, guint32 campaign, gint64 *begun_r, gint64 *done_r, GError **error);

/* FALSE with ERROR_WANTING where it was begun: nothing new may come into the campaign, or be fed. */
gboolean campaign_check_kept(struct ledger *ledger, const struct campaign *campaign, GError **error);

/* Mails, invitations and reminders, in a state of low..high. */
guint64 campaign_count(const struct campaign *campaign, enum mail_state low, enum mail_state high);

/* When somebody did something for it last: imported, approved, opened a wave or reminders. Seconds since 1970. */
gint64 campaign_last_step(const struct campaign *campaign);

/* Within an open batch in which rows with personal data are removed: they leave the files, too. */
gboolean ledger_scrub_ask(struct ledger *ledger, gint64 seconds, GError **error);
gboolean ledger_scrub_read(struct ledger *ledger, GError **error); /* what the last process left to be done */

/* Ends what a session has open, its import uncommitted (ledger_import.c). */
void import_end(struct ledger *ledger, struct session *session);

#endif
