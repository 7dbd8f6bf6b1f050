/*
 * check.h - what `postwelle check` finds in an installation: each finding says which promise it makes void, and the
 * command that mends it.
 *
 * The judges (check_*.c) are pure: facts in, findings out. check_facts.c gathers what they judge, cmd_check.c prints.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_CHECK_H
#define POSTWELLE_IMPORTER_CHECK_H

#include "importer/finding.h"

/* doc/DESIGN.md §3, by its numbers. */
enum check_promise {
    PROMISE_NONE,
    PROMISE_ONE_INVITATION,
    PROMISE_NO_LOSS,
    PROMISE_SIGNED,
    PROMISE_LOADS_NOTHING,
    PROMISE_APPROVED,
    PROMISE_SUPPRESSED,
    PROMISE_FAIL_CLOSED,
};

/* The promise in words; NULL for PROMISE_NONE. */
const char *check_promise_words(enum check_promise promise);

/*
 * Where a finding belongs: how bad, which promise, the section, and what it is about. Texts are copied when it is
 * added.
 */
struct check_about {
    enum finding_level level;
    enum check_promise promise;
    const char *topic;
    const char *name;
};

/* Adds a finding; found (what is there) and remedy (the command) may be NULL. Copies all. */
void check_add(GPtrArray *findings, const struct check_about *about, const char *found, const char *remedy,
               const char *text, ...) G_GNUC_PRINTF(5, 6);

/* Adds what is as it should be. */
void check_good(GPtrArray *findings, const char *topic, const char *name, const char *text, ...) G_GNUC_PRINTF(4, 5);

/* TRUE where something is found about that name already, other than that it is fine. */
gboolean check_has(const GPtrArray *findings, const char *name);

#endif
