/*
 * check_facts.h - what `postwelle check` looks at on this machine: files, sockets, daemons, the clock, disks. It
 * gathers facts and hands them to the judges (check_host.h, check_daemons.h).
 *
 * Each of these adds its findings. Blocks for CHECK_TIMEOUT seconds at most for each question. One thread.
 */
#ifndef POSTWELLE_IMPORTER_CHECK_FACTS_H
#define POSTWELLE_IMPORTER_CHECK_FACTS_H

#include "importer/check_daemons.h"
#include "importer/check_host.h"
#include "importer/check_postfix.h"
#include "lib/client.h"
#include "lib/config.h"
#include "lib/policy.h"

#define CHECK_TIMEOUT 30 /* seconds */

/* Users and groups of postwelle.conf, its files, folders, secrets and keys. clients NULL: they can't be read. */
void check_files(GPtrArray *findings, const struct config *config, const struct client_set *clients);

/* Looks at one path: check_path() with what is there. */
void check_look(GPtrArray *findings, const char *topic, const char *path, const struct path_wish *wish);

/*
 * Folders and modes of the sockets; whether somebody answers; as root also whether Postfix's chrooted daemons reach
 * them.
 */
void check_sockets(GPtrArray *findings, const struct config *config, const struct postfix_facts *facts,
                   const struct check_place *place);

/*
 * policyd's health, the log, backups, the clock. clients as above.
 */
void check_service(GPtrArray *findings, const struct config *config, const struct client_set *clients);

/* facts NULL: Postfix's queue is left out. */
void check_disks(GPtrArray *findings, const struct config *config, const struct postfix_facts *facts,
                 const struct check_place *place);

/* systemd's units, where systemd runs. */
void check_units_state(GPtrArray *findings);

/* As root: may the daemons read the configuration, and postwelle.timer's run the folders of released campaigns? */
void check_readers(GPtrArray *findings, const struct config *config, const struct client_set *clients);

/* FALSE where postwelle-track's user is there, and may not read this file. TRUE where that can't be tried. */
gboolean check_track_reads(const struct config *config, const char *path);

/* [postfix] log = journal. */
gboolean check_follows_journal(const struct config *config);

/* Reads the tables (check_tables_wanted()): table -> text, without those that can't be read. */
GHashTable *check_read_tables(const GPtrArray *tables);

#endif
