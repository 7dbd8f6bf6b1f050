/*
 * check_postfix.h - Postfix's configuration as a whole: does every mail, on whatever way it comes in, meet our policy
 * service first and our milter last, and does nothing copy, lose or hold it? What single settings should be is
 * postfix_settings.h's. Pure.
 *
 * Findings about an option of a service are named as `postconf -P` takes them: NAME/TYPE/PARAMETER.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_CHECK_POSTFIX_H
#define POSTWELLE_IMPORTER_CHECK_POSTFIX_H

#include "importer/check.h"
#include "importer/postfix_settings.h"

/* What postwelle.conf says of this Postfix. */
struct check_place {
    const char *directory;     /* Postfix's configuration folder */
    const char *milter;        /* "unix:PATH" with an absolute path, or "inet:HOST:PORT" */
    const char *policy_socket; /* absolute path */
    const char *listener;      /* "127.0.0.1:10587": where our own mail comes in */
    const char *maillog;       /* that track follows; NULL: the journal */
    const char *syslog_name;
    const char *setup;   /* the command that puts our settings right */
    gint64 message_size; /* octets of the largest mail that the milter takes */
};

/* What lacks of our settings, each with its reason, in the section "Postfix settings". */
void check_settings(GPtrArray *findings, const struct postfix_facts *facts, const struct postfix_site *site,
                    const struct check_place *place);

/* Every way in: milters, policy service, what switches them off. */
void check_ways_in(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place);

/* Parameters that copy, bend or hold mail, and those that must agree with postwelle.conf. */
void check_parameters(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place);

/* The look-up tables whose actions concern mail, as "TYPE:NAME"; each once. Free with g_ptr_array_unref(). */
GPtrArray *check_tables_wanted(const struct postfix_facts *facts);

/* The file of such a table; NULL where it is in none that can be read as text. Free with g_free(). */
char *check_table_file(const char *table);

/* texts: table -> the text of its file. Tells of actions that lose, hold, copy or bend mail. */
void check_tables(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                  GHashTable *texts);

/*
 * The word of an access(5) or header_checks(5) action in one line of a table that makes a mail go astray ("DISCARD",
 * "HOLD", "REDIRECT", "BCC", "FILTER"); NULL where it has none.
 */
const char *check_table_action(const char *table, const char *line);

/*
 * TRUE where a line of a transport(5) table names a transport that is not ours; *all_r: for all mail.
 */
gboolean check_table_transport(const char *table, const char *line, gboolean *all_r);

/*
 * For the other check_*.c: a service's parameter in force, expanded; its own option, else main.cf's. Free with
 * g_free().
 */
char *check_effective(const struct postfix_facts *facts, const struct postfix_service *service, const char *name);

/* TRUE where the service runs chrooted. */
gboolean check_is_chrooted(const struct postfix_facts *facts, const struct postfix_service *service);

/* The smtpd(8) entry whose address is place->listener; NULL where there is none. */
const struct postfix_service *check_listener(const struct postfix_facts *facts, const struct check_place *place);

#endif
