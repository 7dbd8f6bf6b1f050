/*
 * journal_gap.h - does the systemd journal lack lines? What an entry tells of those before it, and how far its silence
 * counts.
 *
 * journald drops lines: over a service's rate limit (and says so only before the next line of that service), where its
 * files are vacuumed, damaged or removed, and over its own crash. Each entry has a number one above that of the entry
 * before, in whichever of the files, so that what is missing shows. A wrong alarm is possible, and only costs evidence.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_JOURNAL_GAP_H
#define POSTWELLE_IMPORTER_JOURNAL_GAP_H

#include <glib.h>

#define JOURNAL_ID_SIZE 33 /* 32 hex digits and NUL */

/* What a cursor of sd-journal says of its entry. */
struct journal_place {
    char lineage[JOURNAL_ID_SIZE]; /* files that were numbered in one */
    guint64 number;                /* 0: there is no such entry */
    char boot[JOURNAL_ID_SIZE];
};

/* Reads "s=LINEAGE;i=NUMBER;b=BOOT;…", numbers being hex digits. FALSE where it is none; *place_r is zeros then. */
gboolean journal_place_read(const char *cursor, struct journal_place *place_r);

/* journald's own words among the entries. */
enum journal_mark {
    JOURNAL_PLAIN,
    JOURNAL_STARTED,    /* "Journal started" */
    JOURNAL_SUPPRESSED, /* "Suppressed N messages from UNIT" */
};

/* By MESSAGE_ID, 32 hex digits of so many octets. */
enum journal_mark journal_mark_read(const char *message_id, size_t size);

enum journal_gap {
    JOURNAL_GAP_NONE,
    JOURNAL_GAP_MISSING,    /* entries are gone: vacuumed, damaged, removed */
    JOURNAL_GAP_OTHER,      /* these are not the files that were read before */
    JOURNAL_GAP_BOOT,       /* the host was started anew, and may have lost what was not on the disk */
    JOURNAL_GAP_STARTED,    /* journald was */
    JOURNAL_GAP_SUPPRESSED, /* the rate limit */
};

struct journal_step {
    struct journal_place before; /* the entry read last; number 0: none was */
    struct journal_place entry;  /* the one read now */
    enum journal_mark mark;      /* of it */
    const char *suppressed;      /* whose messages were; "" where it does not tell */
    const char *unit;            /* in which Postfix's daemons run; NULL: not known, "": in none */
};

/* May lines of Postfix be missing before this entry? */
enum journal_gap journal_gap_between(const struct journal_step *step);

/* What is wrong, and the remedy: two half sentences for the administrator. "" for JOURNAL_GAP_NONE. */
const char *journal_gap_text(enum journal_gap gap);

/* How far a service may log (systemd.exec(5)); 0: not known. */
struct journal_limit {
    guint64 interval; /* microseconds */
    guint64 burst;    /* lines in it */
};

/* Could a mail server reach it? Where that is not known, it could. */
gboolean journal_limit_matters(const struct journal_limit *limit);

struct journal_reach {
    const char *unit; /* as in struct journal_step */
    gboolean limited; /* journal_limit_matters() */
    gint64 line;      /* when its last line of daily business was logged, seconds since 1970; 0: none was seen */
    gint64 now;       /* the journal was read to its end then */
};

/*
 * Until when is it complete, but for the gaps told? Seconds since 1970; 0: that can't be said. What the rate limit
 * drops after a service's last line is told of only before its next one.
 */
gint64 journal_complete_until(const struct journal_reach *reach);

#endif
