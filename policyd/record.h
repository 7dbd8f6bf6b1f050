/*
 * record.h - the rows of the ledger: what each holds, how its key is built, how it is written in octets.
 *
 * Numbers in keys are big-endian, so that the order of keys is the order of numbers. A value begins with the version of
 * its form; a value that is short, long, of another version or out of range is damaged and is never guessed at. A row
 * that is not there reads as one of all zeros, and no row that is there reads so.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_POLICYD_RECORD_H
#define POSTWELLE_POLICYD_RECORD_H

#include "lib/client.h"
#include "policyd/chain.h"
#include "lib/quarter.h"
#include "policyd/store.h"

#define HASH_SIZE 16         /* octets of an address's keyed hash */
#define CONTENT_HASH_SIZE 32 /* octets of a content hash, SHA-256 */
#define QUEUE_ID_MAX 30      /* octets; Postfix's long ones have about 15 */
#define USER_MAX 32          /* octets of a user's name; Debian's adduser takes no longer one */
#define REPLY_MAX 200        /* octets of a stored SMTP reply; the rest is cut */
#define TLS_MAX 11           /* octets of "TLSv1.3" */
#define TEXT_MAX 1000        /* octets of a text of a campaign */
#define COLUMNS_MAX 4000     /* octets of the names of a list's columns */
#define PARTS_MAX 4000       /* octets of what a content consists of */
#define AUDIT_DETAIL_MAX 1300 /* octets, the rest is cut: a line of an answer has room for all of it, percent-encoded */
#define WAVE_MAX 999
#define ATTEMPT_MAX 65535
#define CAMPAIGN_MAX ((1u << 20) - 1) /* as a token has room for it */
#define IMPORT_MAX ((1u << 20) - 1)
#define ROW_BITS 20
#define ROW_MAX ((1u << ROW_BITS) - 1)
#define PARTICIPANT_MAX ((G_GUINT64_CONSTANT(1) << (2 * ROW_BITS)) - 1)
#define QUEUE_SLOTS_MAX 401 /* 200 recipients, this quarter's slot and the next one's, and one to spare */
#define PARTICIPANT_ATTRIBUTES_MAX 256
#define REMINDERS_MAX 5 /* of one participant in a campaign; token.h has as many kinds */
#define REJECT_COLUMN_MAX 3  /* letters of a spreadsheet's column */
#define REJECT_REASON_MAX 500 /* octets; the rest is cut */

/*
 * The form of the ledger as a whole. Raise it with each new table and each change of a row, and teach integrity.c the
 * step.
 *   1 to 2: the table sending
 *   2 to 3: the table answer
 *   3 to 4: the table reject
 *   4 to 5: the table audit; a campaign may say despite what it was approved, a life by which TLS it was sent
 *   5 to 6: the state greylisted, and a count of it in each wave
 *   6 to 7: a reservation's row holds all that is known of its queue ID. One of form 6, which has another row of the
 *           table queue beside it, is read as before: such rows come back with a backup and its witness, too, and
 *           settling them is the step. An import may be undone, and a proof says who had it sent
 */
#define LEDGER_FORM 7

/* Rows of the table meta; numbers, where nothing else is said. */
#define META_FORM "form"           /* of the ledger as a whole: LEDGER_FORM */
#define META_EPOCH "epoch"         /* grows when a backup is restored */
#define META_CREATED "created"     /* seconds since 1970 */
#define META_CLIENTS "clients"     /* the number given out last */
#define META_CAMPAIGNS "campaigns" /* likewise */
#define META_SLOTS "slots"         /* how many are held */
#define META_TRACK "track"         /* a text: where the tracker was */
#define META_ANSWERS "answers/"    /* and a campaign's number: how many have answered */
#define META_DELETED "deleted/"    /* and a campaign's number: when the deletion of its participants was begun */
#define META_ERASED "erased/"      /* likewise: when it was through */
#define META_SCRUB "scrub"         /* since when the store's files hold what was deleted; 0: they do not */
#define META_READ "track-read"     /* seconds since 1970: at that time it had read the log to its end */
#define META_GAP "track-gap"       /* of what was logged before that time lines may be missing */
#define META_RESTART "track-restart" /* when Postfix was started last, as the log says */
#define META_UUID "uuid"           /* 32 hex digits: which ledger it is */
#define META_SEQUENCE "sequence"   /* of the last record in the witness that this ledger has */
#define META_BACKED_UP "backed-up" /* its value when the last backup was made */
#define META_BACKED_UP_AT "backed-up-at" /* when that was, seconds since 1970 */
#define META_AUDIT "audit"         /* the head of the audit trail: audit_head_write() */
#define META_AUDITED "audited"     /* the last epoch that the audit trail tells of */
#define META_REOPENED "reopened"   /* a text: how that of META_EPOCH began, and who had it begin */
#define META_SETTINGS "settings/"  /* and a client's name; a text: what of its file the audit trail tells of */
#define META_KEYS "keys/"          /* and a client's name; a text: what of its keys the audit trail tells of */
#define META_BACKUP "backup"       /* this is a backup's copy: not in service until somebody says what to make of it */

/* What a mail is for. Numbers are stored: add, never change. */
enum mail_kind { MAIL_NONE, MAIL_INVITATION, MAIL_REMINDER, MAIL_PROOF, MAIL_FOREIGN, MAIL_KINDS };

/* PROTOCOL's word: "invitation". */
const char *mail_kind_name(enum mail_kind kind);

/*
 * What became of one mail (PROTOCOL §2), in the order of its life. Rows have numbers of their own for them (record.c).
 */
enum mail_state {
    STATE_NONE, /* there is no such mail */
    STATE_NEW,
    STATE_BEGUN,
    STATE_RESERVED,
    STATE_QUEUED,
    STATE_GREYLISTED, /* deferred, too: by a greylister's reply */
    STATE_DEFERRED,
    STATE_SENT,
    STATE_BOUNCED,
    STATE_EXPIRED,
    STATE_UNCERTAIN,
    STATE_CAPPED,
    STATE_SUPPRESSED,
    STATE_REFUSED,
    MAIL_STATES
};

/* PROTOCOL's word: "sent"; and back, STATE_NONE where there is none. */
const char *mail_state_name(enum mail_state state);
enum mail_state mail_state_from_name(const char *name);

/*
 * Which mail of its kind in a campaign: the participant (of a proof its number), and of reminders which one, from 1,
 * above the participant's bits. So all invitations stand before all reminders.
 */
static inline guint64 reminder_id(guint64 participant, guint number)
{
    return (guint64)number << (2 * ROW_BITS) | participant;
}

static inline guint64 mail_participant(guint64 id)
{
    return id & PARTICIPANT_MAX;
}

/* Which reminder; 0 of an invitation. */
static inline guint mail_reminder(guint64 id)
{
    return (guint)(id >> (2 * ROW_BITS));
}

#define MAIL_ID_MAX ((guint64)(REMINDERS_MAX + 1) << (2 * ROW_BITS))

struct hash {
    guint8 octets[HASH_SIZE];
};

/* --- keys -------------------------------------------------------------------------------------- */

struct key {
    guint8 data[STORE_KEY_MAX];
    size_t size;
};

static inline struct bytes key_bytes(const struct key *key)
{
    return (struct bytes){key->data, key->size};
}

/* Which slot of a recipient: whose, and when. */
struct slot_key {
    guint32 client;
    guint16 period; /* period_of_label(); 0 with a rolling cap */
    struct hash recipient;
};
#define SLOT_KEY_SIZE (4 + 2 + HASH_SIZE)

/* Reads a key of STORE_SLOT. FALSE: damaged. */
gboolean key_read_slot(struct bytes key, struct slot_key *slot_r);

/* "2026Q4" as a number that grows by 1 each quarter; and back, "" for 0. */
guint16 period_of_label(const char *label);
void period_label(guint16 period, char label_r[QUARTER_LABEL_SIZE]);

void key_meta(struct key *key, const char *name);
void key_client(struct key *key, const char *name);
void key_campaign_name(struct key *key, const char *client, const char *name); /* "" for the prefix of all */
void key_campaign(struct key *key, guint32 campaign);
void key_import(struct key *key, guint32 campaign, guint32 import);
void key_wave(struct key *key, guint32 campaign, guint32 wave);
void key_proof(struct key *key, guint32 campaign, guint64 proof);
void key_participant(struct key *key, guint32 campaign, guint64 participant);
void key_reject(struct key *key, guint32 campaign, guint64 participant);
void key_member(struct key *key, guint32 campaign, const struct hash *address);
void key_life(struct key *key, guint32 campaign, enum mail_kind kind, guint64 id);
void key_slot(struct key *key, const struct slot_key *slot);
void key_queue(struct key *key, const char *queue_id);
void key_suppression(struct key *key, const struct hash *address, guint32 scope);
void key_reservation(struct key *key, const char *queue_id);
void key_sending(struct key *key, const char *queue_id);
void key_answer(struct key *key, guint32 campaign, guint64 participant);
void key_audit(struct key *key, guint64 number);
void key_decision(struct key *key, guint32 campaign, enum mail_kind kind, guint64 id, gint64 seconds);

/*
 * The first octets of a key, for scans: everything of a campaign, of its invitations, of an address; decisions about a
 * participant's mails of a kind.
 */
void key_prefix_campaign(struct key *key, guint32 campaign);
void key_prefix_client_slots(struct key *key, guint32 client);
void key_prefix_lives(struct key *key, guint32 campaign, enum mail_kind kind);
void key_prefix_decisions(struct key *key, guint32 campaign, enum mail_kind kind, guint64 participant);
void key_prefix_suppression(struct key *key, const struct hash *address);

/* The last number in a key of that table: participant, import, wave, proof, scope. FALSE: damaged. */
/* Participant, life of an invitation, proof, reject. */
gboolean key_read_participant(struct bytes key, guint64 *participant_r);
gboolean key_read_reminder(struct bytes key, guint64 *id_r);             /* life of a reminder */
gboolean key_read_number(struct bytes key, guint32 *number_r);           /* import, wave, suppression, campaign */
gboolean key_read_audit(struct bytes key, guint64 *number_r);
gboolean key_read_suppression(struct bytes key, struct hash *address_r);
/* Of an invitation or a reminder. */
gboolean key_read_decision(struct bytes key, enum mail_kind *kind_r, guint64 *id_r, gint64 *seconds_r);
gboolean key_read_reservation(struct bytes key, char queue_id_r[QUEUE_ID_MAX + 1]);

/* --- values ------------------------------------------------------------------------------------ */

enum campaign_state {
    CAMPAIGN_NONE,
    CAMPAIGN_DRAFT,
    CAMPAIGN_APPROVED,
    CAMPAIGN_PAUSED, /* approved, and stopped for now */
    CAMPAIGN_STATES
};

const char *campaign_state_name(enum campaign_state state); /* "draft", "approved", "paused" */

enum import_state {
    IMPORT_NONE,
    IMPORT_OPEN, /* its rows are invisible; after a restart: rubbish to be removed */
    IMPORT_DONE,
    IMPORT_UNDONE, /* was done, and its rows are to be removed */
    IMPORT_STATES
};

/* One campaign. Texts are owned by whoever made the struct: campaign_release(). */
struct campaign_record {
    enum campaign_state state;
    guint32 client; /* number */
    char *client_name, *name;
    char *title, *dir;
    char *file, *file_sha256, *basis, *assured_by, *remark, *waves; /* of the last import */
    char *columns; /* that all imports have: ",Anrede,Name,"; "" where that is not known */
    char *approved_by;
    char *despite; /* why it was approved though its client's DNS was not right; NULL: it was right */
    /* What the content approved, and that of the last proof, consists of, as the command told; "" where it didn't. */
    char *parts, *proof_parts;
    guint8 hash[CONTENT_HASH_SIZE];       /* approved; zeros before */
    guint8 proof_hash[CONTENT_HASH_SIZE]; /* of the last proof */
    gint64 approved_at, imported_at;      /* seconds since 1970; 0: never */
    guint32 imports, proofs;              /* the numbers given out last */
    guint32 session;      /* grows with each feeder and each new approval: fences attempts of the last */
    guint64 participants; /* in committed imports */
};

struct wave_record {
    gint64 opened; /* 0: not yet */
    guint64 counts[MAIL_STATES];
};

/* One import; all but the state is empty until it is done. import_release() it. */
struct import_record {
    enum import_state state;
    guint64 rows;   /* participants it brought */
    gint64 at;      /* seconds since 1970 */
    GArray *counts; /* struct wave_record, index is the wave - 1: what it added to each; NULL: nothing */
    char *file, *file_sha256, *basis, *assured_by, *remark, *waves, *columns;
};

struct proof_record {
    enum mail_state state; /* STATE_BEGUN when registered */
    guint64 participant;   /* whose data it shows */
    gint64 changed;
    struct hash to;
    guint8 content[CONTENT_HASH_SIZE];
    char queue_id[QUEUE_ID_MAX + 1];
    gint64 begun;            /* 0 in rows of before there was this, whose `by` is empty, too */
    char by[USER_MAX + 1];   /* the user who had it sent */
};

/* A participant's personal data. Names and texts borrow from the value that was read. */
struct participant_record {
    const char *address; /* as sent: A-label domain */
    size_t count;
    struct {
        const char *name, *value;
    } attributes[PARTICIPANT_ATTRIBUTES_MAX];
};

/* A row of a list that made no participant. Texts borrow from the value. */
struct reject_record {
    gboolean known;     /* its address was a participant already; else the list's check rejected it */
    const char *column; /* letters; "" where it is none's fault */
    const char *reason; /* "" of what is known */
};

/* What became of one mail of a participant. */
struct life_record {
    enum mail_state state;
    guint16 wave;
    guint16 attempt;       /* given out last; 0: none */
    guint16 fence;         /* attempts up to this one are refused */
    /* Campaign's session that began it, or found it capped or suppressed when it was to; 0: none so far. */
    guint32 session;
    gint64 changed;        /* seconds since 1970 */
    struct hash recipient; /* by mailbox identity, to know the address without reading it */
    char queue_id[QUEUE_ID_MAX + 1];
    char reply[REPLY_MAX + 1];
    char tls[TLS_MAX + 1]; /* of a sent one: "TLSv1.3", "no"; "": not known, as in rows from before it was kept */
};

/* Who a mail is from: a participant of ours, or the Message-ID of another program's mail. */
struct owner {
    enum mail_kind kind;
    guint32 campaign;
    guint64 id; /* participant, reminder_id(), proof; of foreign mail: hash of the Message-ID */
};

static inline gboolean owner_equal(const struct owner *a, const struct owner *b)
{
    return a->kind == b->kind && a->campaign == b->campaign && a->id == b->id;
}

struct slot_record {
    struct owner owner; /* kind MAIL_NONE: free */
    gint64 since;       /* seconds since 1970: when it was reserved */
    char queue_id[QUEUE_ID_MAX + 1];
};

/*
 * What one queue ID stands for. It lies in one of two tables: STORE_RESERVATION as long as it is reserved, STORE_QUEUE
 * from then on.
 */
struct queue_record {
    gboolean reserved;  /* and neither queued nor given up */
    guint64 boot;       /* of the host, when it was reserved; 0 of one that is not reserved any more */
    gboolean tombstone; /* cancelled: a later reserve of this queue ID is refused */
    gboolean rejected;  /* the log says that Postfix did not keep it: evidence for `resolve`, no more */
    struct owner owner;
    enum mail_state state; /* of foreign mail, which has no life; else of no meaning */
    gint64 since;
    size_t count;
    struct slot_key slots[QUEUE_SLOTS_MAX];
};

/* What a person settled. Texts borrow from the value. */
struct decision_record {
    enum mail_state before, after;
    const char *queue_id;
    const char *by, *because;
};

struct suppression_record {
    gint64 since;
    const char *reason; /* borrows from the value */
};

/* One entry of the audit trail (audit.h). Texts borrow from the value. */
struct audit_record {
    guint64 number; /* from 1 */
    gint64 time;    /* seconds since 1970 */
    guint32 uid;
    const char *user, *by, *action, *client, *campaign, *subject, *detail;
    struct chain_mac before, mac; /* the link of the entry before, and its own */
};

/* Where the audit trail ends. */
struct audit_head {
    guint64 number;             /* of the last entry; 0: there is none */
    /* That entry's link; a link over number and mac, which nobody makes without the secret. */
    struct chain_mac mac, seal;
};

/*
 * Write a value to the end of `out`; read one from octets. A text longer than its limit is cut in writing (replies) or
 * a bug. Reading: FALSE where it is damaged.
 */
void campaign_write(GString *out, const struct campaign_record *campaign);
gboolean campaign_read(struct bytes value, struct campaign_record *campaign_r); /* campaign_release() it */
void campaign_release(struct campaign_record *campaign);                        /* to all zeros */
void import_write(GString *out, const struct import_record *import);
gboolean import_read(struct bytes value, struct import_record *import_r); /* import_release() it */
void import_release(struct import_record *import);                        /* to all zeros */
gboolean import_read_state(struct bytes value, enum import_state *state_r); /* of the row no more than that */
void wave_write(GString *out, const struct wave_record *wave);
gboolean wave_read(struct bytes value, struct wave_record *wave_r);
void proof_write(GString *out, const struct proof_record *proof);
gboolean proof_read(struct bytes value, struct proof_record *proof_r);
void participant_write(GString *out, const struct participant_record *participant);
gboolean participant_read(struct bytes value, struct participant_record *participant_r);
void reject_write(GString *out, const struct reject_record *reject);
gboolean reject_read(struct bytes value, struct reject_record *reject_r);
void life_write(GString *out, const struct life_record *life);
gboolean life_read(struct bytes value, struct life_record *life_r);
void slot_write(GString *out, const struct slot_record *slot);
gboolean slot_read(struct bytes value, struct slot_record *slot_r);
void queue_write(GString *out, const struct queue_record *queue);
gboolean queue_read(struct bytes value, struct queue_record *queue_r);
void suppression_write(GString *out, const struct suppression_record *suppression);
gboolean suppression_read(struct bytes value, struct suppression_record *suppression_r);
void reservation_write(GString *out, const struct queue_record *queue);
/* Not whole: of form 6, the boot alone. */
gboolean reservation_read(struct bytes value, struct queue_record *queue_r, gboolean *whole_r);
void decision_write(GString *out, const struct decision_record *decision);
gboolean decision_read(struct bytes value, struct decision_record *decision_r);
/* All but mac, which ends the row and is made of what stands before it. */
void audit_write(GString *out, const struct audit_record *audit);
gboolean audit_read(struct bytes value, struct audit_record *audit_r);
void audit_head_write(GString *out, const struct audit_head *head);
gboolean audit_head_read(struct bytes value, struct audit_head *head_r);
void number_write(GString *out, guint64 number); /* counters and indexes */
gboolean number_read(struct bytes value, guint64 *number_r);

/* TRUE for 1 to QUEUE_ID_MAX letters and digits. */
gboolean queue_id_valid(const char *queue_id);

#endif
