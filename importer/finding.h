/*
 * finding.h - what a check found: what is there, what is wrong with it, and what to publish, or to run, instead.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_FINDING_H
#define POSTWELLE_IMPORTER_FINDING_H

#include <glib.h>

enum finding_level {
    FINDING_GOOD,    /* as it should be */
    FINDING_NOTE,    /* worth knowing */
    FINDING_WARNING, /* mail goes out, but some receivers may mind; or a promise hangs by less than it should */
    FINDING_ERROR,   /* mail would be refused, or taken for forged; or a promise of ours is void */
};

struct finding {
    enum finding_level level;
    char *topic;   /* "SPF", "DKIM", … */
    char *name;    /* the DNS name, parameter, file … it is about */
    char *text;    /* what is wrong, or right, in words */
    char *found;   /* the record as it is there; NULL: none, or of no interest */
    char *remedy;  /* the zone line to publish instead, or the command to run; NULL: none */
    const char *breaks; /* which promise it makes void, in static words; NULL: none of ours */
};

/* A list of findings: a GPtrArray of struct finding. Free with g_ptr_array_unref(). */
GPtrArray *findings_new(void);

/*
 * Adds one with the formatted text; found and remedy may be NULL. Copies all. It belongs to the list; the caller may
 * fill in what it breaks.
 */
struct finding *findings_add(GPtrArray *findings, enum finding_level level, const char *topic, const char *name,
                             const char *found, const char *remedy, const char *text, ...) G_GNUC_PRINTF(7, 8);

/* The worst level in it; FINDING_GOOD where it is empty. */
enum finding_level findings_worst(const GPtrArray *findings);

/* "ok", "note", "warning", "error". */
const char *finding_level_name(enum finding_level level);

#endif
