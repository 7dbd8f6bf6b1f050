/*
 * finding.h - what a check found: what is there, what is wrong with it, and what to publish instead.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_FINDING_H
#define POSTWELLE_IMPORTER_FINDING_H

#include <glib.h>

enum finding_level {
    FINDING_GOOD,    /* as it should be */
    FINDING_NOTE,    /* worth knowing */
    FINDING_WARNING, /* mail goes out, but some receivers may mind */
    FINDING_ERROR,   /* mail would be refused, or taken for forged */
};

struct finding {
    enum finding_level level;
    char *topic;   /* "SPF", "DKIM", … */
    char *name;    /* the DNS name it is about */
    char *text;    /* what is wrong, or right, in words */
    char *found;   /* the record as it is there; NULL: none, or of no interest */
    char *publish; /* the zone line to publish instead; NULL: none */
};

/* A list of findings: a GPtrArray of struct finding. Free with g_ptr_array_unref(). */
GPtrArray *findings_new(void);

/* Adds one with the formatted text; found and publish may be NULL. Copies all. */
void findings_add(GPtrArray *findings, enum finding_level level, const char *topic, const char *name, const char *found,
                  const char *publish, const char *text, ...) G_GNUC_PRINTF(7, 8);

/* The worst level in it; FINDING_GOOD where it is empty. */
enum finding_level findings_worst(const GPtrArray *findings);

/* "ok", "note", "warning", "error". */
const char *finding_level_name(enum finding_level level);

#endif
