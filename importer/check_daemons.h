/*
 * check_daemons.h - do our daemons serve, with the configuration that is in the files, and is the log followed? Pure.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_CHECK_DAEMONS_H
#define POSTWELLE_IMPORTER_CHECK_DAEMONS_H

#include "importer/check.h"

#define CHECK_TRACK_LATE 120          /* seconds since the log was read to its end, after which it is not followed */
#define CHECK_BACKUP_LATE (26 * 3600) /* a day, and what a timer may be late */
#define CHECK_GAP_RECENT (7 * 86400)  /* how long lines that the log has lost are told */
#define CHECK_RESTARTS 3              /* restarts by systemd, from which on they are told */

/* A socket that was tried. */
struct check_socket {
    const char *topic;
    const char *address;  /* path, or HOST:PORT */
    const char *what;     /* "Postfix's way to the milter" */
    const char *unit;     /* systemd's, for the remedy; NULL: postfix */
    int errnum;           /* of connect(2); 0: somebody took the connection */
    const char *expected; /* in words; NULL: taking the connection is enough */
    const char *answer;   /* what came instead; NULL: what was expected */
    enum finding_level level;
    enum check_promise promise;
};

void check_socket(GPtrArray *findings, const struct check_socket *socket);

/* What policyd's `health` told, and what the files say. */
struct check_policyd {
    const char *refusal; /* it is not in service: its reason; NULL: the rest is known */
    const char *version, *our_version;
    const char *configuration, *clients;         /* digests in force */
    const char *our_configuration, *our_clients; /* and of the files; NULL: the clients' files are wrong */
    const char *config_file, *clients_folder;
    guint64 slots, epoch;
    gint64 read, gap, backup; /* PROTOCOL §5: seconds since 1970; 0: never */
    gint64 now;
};

void check_policyd(GPtrArray *findings, const struct check_policyd *policyd);
void check_backup(GPtrArray *findings, const struct check_policyd *policyd);

/* The mail log: a file, or systemd's journal. */
struct check_log {
    const char *path;   /* NULL: the journal, and of the rest only is_kept counts */
    gboolean is_kept;   /* the journal is, over a restart of the machine */
    int errnum;         /* of opening it */
    gboolean has_lines; /* its last part has lines of Postfix, or it is empty */
    const char *syslog_name;
    gboolean is_hidden; /* from postwelle-track's user, though we can read it */
};

/* policyd may be one that does not serve. */
void check_log(GPtrArray *findings, const struct check_log *log, const struct check_policyd *policyd);

/*
 * logrotate(8)'s file at path with this text: what it does with the log must let track read it to its end first.
 * Nothing is said, and FALSE returned, where it has no block for the log.
 */
gboolean check_rotation(GPtrArray *findings, const char *log, const char *path, const char *text);

/* No file of logrotate(8)'s has a block for the log. */
void check_no_rotation(GPtrArray *findings, const char *log);

/* A unit that should be there. */
struct check_unit {
    const char *name; /* "postwelle-policyd.service" */
    const char *what; /* what is missing without it */
    enum finding_level level;
    enum check_promise promise;
};

/* Ends with a row without a name. */
extern const struct check_unit check_units[];

/*
 * show: what `systemctl show -p Id,LoadState,ActiveState,UnitFileState,NRestarts UNIT…` printed, an empty line between
 * units.
 */
void check_systemd(GPtrArray *findings, const char *show);

#endif
