/*
 * waves.h - the plan by which a campaign's participants are opened, a share at a time. Pure: sizes, rows and clock are
 * arguments.
 *
 * `sizes` of campaign.conf is a list of counts and shares: "50, 20%, 80%" is a first wave of 50, then 20 % and 80 % of
 * what the counts leave. The shares make 100 % together, so that every row has a wave, whatever the list's length.
 *
 * Any thread.
 */
#ifndef POSTWELLE_IMPORTER_WAVES_H
#define POSTWELLE_IMPORTER_WAVES_H

#include "importer/calendar.h"

#define WAVES_MAX 100            /* waves of a campaign */
#define WAVES_COUNT_MAX 10000000 /* rows in a wave given by count */

struct wave_size {
    gboolean share; /* value is hundredths of a percent, else a count of rows */
    guint32 value;
};

struct wave_plan {
    size_t count;
    struct wave_size sizes[WAVES_MAX];
    gint64 start; /* when `run` opens the first wave, seconds since 1970; 0: never by itself */
    gint64 gap;   /* seconds between the starts of two waves; whole days keep the time on the client's wall */
    gboolean timed;          /* each wave has a time of its own, and start is the first of them */
    gint64 times[WAVES_MAX]; /* seconds since 1970; not falling */
    struct calendar calendar; /* no wave is opened, and nothing fed, outside of it */
};

/* "20%", "33.33%" as hundredths of a percent, more than 0 and at most 10000; -1 for anything else. */
int wave_share(const char *word);

/*
 * Reads the words of `sizes` (NULL-terminated) and fills plan_r->count and sizes. FALSE and *error (ERROR_CONFIG) for
 * no wave, too many, anything but a count or a share with at most two decimals, and shares that do not make 100 %.
 */
gboolean wave_plan_sizes(const char *const *words, struct wave_plan *plan_r, GError **error);

/*
 * Reads "YYYY-MM-DD HH:MM" in the zone into *start_r; "" is 0. FALSE and *error (ERROR_CONFIG) for anything else, and
 * for a time that a clock change leaves out there.
 */
gboolean wave_plan_start(const char *text, GTimeZone *zone, gint64 *start_r, GError **error);

/*
 * Reads the words of `times` (NULL-terminated), one for each wave of the plan, each as wave_plan_start() does, none
 * before the one before it; none at all leaves the plan as it is. FALSE and *error (ERROR_CONFIG) for anything else,
 * and where the plan has a start as well.
 */
gboolean wave_plan_times(const char *const *words, GTimeZone *zone, struct wave_plan *plan, GError **error);

/* The plan as one line, for policyd to keep: "sizes=50, 20%, 80%; start=…; gap=…". The caller frees. */
char *wave_plan_text(const struct wave_plan *plan);

/*
 * How many of `rows` go into each wave; the numbers make `rows` together. Waves that the list is too short for are 0.
 */
void wave_plan_quotas(const struct wave_plan *plan, size_t rows, size_t quotas_r[WAVES_MAX]);

/* What the spreading knows of a row. */
struct wave_row {
    guint64 domain; /* hash of the receiving domain */
    guint64 person; /* hash of the address */
};

/* A row's hashes; seed (client and campaign) makes the order another one in each campaign. */
struct wave_row wave_row(const char *seed, const char *address, const char *domain);

/*
 * Gives each of the rows a wave from 1, into waves_r[0..count). Each wave gets its quota exactly, and of each receiving
 * domain its share within one row or so; who of a domain comes first is decided by the hash. The same input gives the
 * same result.
 */
void wave_plan_assign(const struct wave_plan *plan, const struct wave_row *rows, size_t count, guint16 *waves_r);

/*
 * When wave n (from 1) is planned, whatever has happened since; 0 where the plan has no start, or the calendar never
 * opens.
 */
gint64 wave_plan_planned(const struct wave_plan *plan, GTimeZone *zone, size_t n);

/*
 * When wave n (from 1) is to be opened by itself: the planned time, but not sooner than the gap after the wave before
 * was really opened (where there are no times), and when the calendar is open. opened[0..count) are the times so far,
 * 0: not opened. Returns 0 where the plan has no start, or the wave before is not opened yet.
 */
gint64 wave_plan_due(const struct wave_plan *plan, GTimeZone *zone, const gint64 *opened, size_t n);

/* The first wave that is not opened, from 1; 0 where all are. */
size_t wave_plan_next(const struct wave_plan *plan, const gint64 *opened);

/* The wave that `run` has to open now, from 1; 0 where none is due. */
size_t wave_plan_due_now(const struct wave_plan *plan, GTimeZone *zone, const gint64 *opened, gint64 now);

#endif
