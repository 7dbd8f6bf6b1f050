/*
 * check_host.h - the machine under it all: the clock, disks, files and their modes. Pure.
 *
 * One thread at a time.
 */
#ifndef POSTWELLE_IMPORTER_CHECK_HOST_H
#define POSTWELLE_IMPORTER_CHECK_HOST_H

#include "importer/check.h"

#include <sys/types.h>

#define CHECK_CLOCK_AHEAD 300   /* seconds that what is stored may be later than the clock */
#define CHECK_DISK_WARNING 4    /* times what is needed, below which it is told */
#define CHECK_INODES_ERROR 1000 /* free inodes, below which mail is refused soon */
#define CHECK_INODES_WARNING 10000

struct check_clock {
    gboolean known; /* the kernel told (adjtimex(2)) */
    gboolean synchronised;
    gint64 now, latest; /* seconds since 1970; the latest time that the ledger knows of, 0: none */
};

void check_clock(GPtrArray *findings, const struct check_clock *clock);

/* A folder's file system. */
struct check_disk {
    const char *path;
    const char *what;            /* "the ledger" */
    int errnum;                  /* of statvfs(3); 0: the rest is known */
    guint64 free, need;          /* octets */
    guint64 inodes, free_inodes; /* inodes 0: the file system has none to count */
    gboolean read_only;
};

void check_disk(GPtrArray *findings, const struct check_disk *disk);

/* What there is at a path. */
struct path_fact {
    const char *path;
    int errnum;                /* of lstat(2); 0: the rest is known */
    mode_t mode;               /* with its type */
    const char *owner, *group; /* names, or numbers in digits */
};

/* What is to be there. */
struct path_wish {
    const char *what;      /* "the ledger's folder" */
    mode_t type;           /* S_IFREG, S_IFDIR, S_IFSOCK */
    mode_t most, least;    /* permission bits that may be set, and that must be */
    const char *owners[3]; /* one of them; the first is the remedy's; NULL ends; none: anybody */
    const char *group;     /* NULL: any */
    enum finding_level level;
    enum check_promise promise;
};

/* Adds to the section `topic`. What can't be looked at for want of rights becomes a note. */
void check_path(GPtrArray *findings, const char *topic, const struct path_fact *fact, const struct path_wish *wish);

#endif
