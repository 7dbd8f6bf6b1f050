/*
 * postfix_record.h - what `postwelle setup postfix` changed in a configuration, so that it can be put back: a file
 * beside main.cf.
 *
 * It is written before anything is changed, so whoever is killed in between can go on or go back. All here is pure but
 * for loading and saving.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_POSTFIX_RECORD_H
#define POSTWELLE_IMPORTER_POSTFIX_RECORD_H

#include "importer/postfix_settings.h"

#define POSTFIX_RECORD "postwelle.setup" /* in Postfix's configuration folder */

/* One parameter or entry that was changed, as it was before ours first and as we left it last; NULL: not there. */
struct postfix_record_item {
    gboolean service;
    char *name;
    char *before, *after;
};

struct postfix_record {
    GPtrArray *items;   /* struct postfix_record_item */
    GPtrArray *folders; /* char *: made for the sockets */
};

struct postfix_record *postfix_record_new(void);
void postfix_record_free(struct postfix_record *record); /* NULL is fine */
typedef struct postfix_record postfix_record_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(postfix_record_auto, postfix_record_free)

/* The record of that configuration folder; empty where there is none. NULL with *error where it can't be read. */
struct postfix_record *postfix_record_load(const char *config, GError **error);

/* Writes it durably; an empty one is removed. FALSE with *error. */
gboolean postfix_record_save(const struct postfix_record *record, const char *config, GError **error);

/*
 * Takes up changes that are about to be made. What was there before our first change stays the state to go back to, but
 * for a parameter that the site has set since: then that is it, without our item where it is a list. Entries are ours
 * alone.
 */
void postfix_record_add(struct postfix_record *record, const GPtrArray *changes);

/*
 * The changes that put everything back, entries first. Where somebody has changed a value since, our item is taken out
 * of a list; any other has a conflict. What is back already is no change.
 */
GPtrArray *postfix_record_undo(const struct postfix_record *record, const struct postfix_facts *facts);

#endif
