/*
 * facts.h - what the status pages show: numbers as policyd tells them (doc/PROTOCOL.md, status.sock). No address is
 * among them.
 */
#ifndef POSTWELLE_WEB_FACTS_H
#define POSTWELLE_WEB_FACTS_H

#include <glib.h>

/* The states of PROTOCOL §2, in the order of a mail's life. */
enum facts_state {
    FACTS_NEW,
    FACTS_BEGUN,
    FACTS_RESERVED,
    FACTS_QUEUED,
    FACTS_GREYLISTED,
    FACTS_DEFERRED,
    FACTS_SENT,
    FACTS_BOUNCED,
    FACTS_EXPIRED,
    FACTS_UNCERTAIN,
    FACTS_CAPPED,
    FACTS_SUPPRESSED,
    FACTS_REFUSED,
    FACTS_STATES
};

extern const char *const facts_state_names[FACTS_STATES]; /* PROTOCOL's words */

struct facts_counts {
    guint64 total, of[FACTS_STATES];
};

struct facts_wave {
    guint64 number;
    gint64 opened; /* seconds since 1970; 0: not yet */
    struct facts_counts counts;
};

struct facts_provider {
    char *name;      /* "google", "example.org"; "" for all others together */
    guint64 domains; /* how many these are */
    struct facts_counts counts;
};

struct facts_reason {
    enum facts_state state;
    char code[16]; /* "5.1.1", "550", "greylisted", "milter"; "" for none */
    guint64 count;
};

/* By provider and reason: counted row by row, so it may be older than the rest. */
struct facts_tally {
    gint64 at; /* seconds since 1970 */
    GArray *providers, *reasons;
};

struct facts_campaign {
    char *client, *name, *title;
    char *state; /* "draft", "approved", "paused" */
    char *zone;  /* of the client, "" where it is configured no more */
    struct facts_counts sum;
    guint64 complaints, answered;
    GArray *waves;     /* struct facts_wave */
    GArray *reminders; /* the same for the first reminders, the second ones … */
    gint64 told;   /* when `postwelle run` foresaw the rest, seconds since 1970; 0: not since policyd was started */
    guint64 next;  /* the wave to be opened or gone on with; 0: none */
    gint64 due;    /* when; 0: by hand */
    char *gate, *because; /* "open", "wait", "stop", and why */
    struct facts_tally *tally; /* NULL: not counted to the end yet */
};

/* What is no campaign's. */
struct facts_service {
    gint64 now;      /* policyd's clock, seconds since 1970 */
    gint64 read;     /* when the tracker had read the mail log to its end; 0: never */
    guint64 feeders; /* waves that are being fed */
    char *trouble;   /* why the ledger takes nothing now; "" */
};

struct facts_campaign *facts_campaign_new(const char *client, const char *name);
void facts_campaign_free(struct facts_campaign *campaign); /* NULL is fine */
typedef struct facts_campaign facts_campaign_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(facts_campaign_auto, facts_campaign_free)

struct facts_tally *facts_tally_new(void);
struct facts_tally *facts_tally_copy(const struct facts_tally *tally);
void facts_tally_free(struct facts_tally *tally); /* NULL is fine */

/* To all zeros. */
void facts_service_release(struct facts_service *service);

/* Adds up; both may have their total. */
void facts_counts_add(struct facts_counts *sum, const struct facts_counts *more);

#endif
