/*
 * list_check.h - a verdict for each row of a list: whom can we write to, with which attributes, and why not.
 *
 * The first row that holds anything is the heading (columns.h). A later row is good when its address is one
 * (lib/address.h), is not in the list before (by canonical form: the first wins), and no attribute holds control
 * characters; where DNS was asked, its domain must take mail, too. Empty rows are skipped and counted. Blanks round a
 * cell are taken off; line breaks and tabs inside an attribute become a blank, with a warning.
 *
 * Pure but for list_check_file(). One checker serves one list; not thread-safe.
 */
#ifndef POSTWELLE_IMPORTER_LIST_CHECK_H
#define POSTWELLE_IMPORTER_LIST_CHECK_H

#include "importer/columns.h"
#include "importer/domain_check.h"
#include "importer/list.h"
#include "lib/address.h"

enum list_verdict {
    LIST_GOOD,
    LIST_REJECTED,
};

/* One row with its verdict; lives only during the call. */
struct list_row {
    guint row;                  /* as the spreadsheet program numbers it */
    enum list_verdict verdict;
    guint column;               /* that the reason is about, from 0; that of the address where there is none */
    const char *reason;         /* rejected: why, in words, without row and column; else NULL */
    const char *text;           /* the address cell as read, trimmed */
    struct address address;     /* good only */
    const char *canonical;      /* good only: its canonical form */
    const char *const *names;   /* the attributes' names, ended by NULL; the same array in each call */
    const char *const *values;  /* their values, "" where empty; as many as names */
    const char *warning;        /* what a person should look at, in words; NULL: nothing. Good rows only. */
    const char *remark;         /* the reason or warning for the client, in the language of the headings; or NULL */
};

/* What came of a list. */
struct list_summary {
    guint rows;         /* below the heading, without empty ones: good + rejected */
    guint good;
    guint rejected;
    guint duplicates;   /* of the rejected */
    guint empty;        /* rows without anything between the heading and the last row */
    guint warned;       /* good rows with a warning */
    gboolean german;    /* the headings are German, and so are the remarks; else English */
};

struct list_check_options {
    const char *file;   /* what errors call the list */
    const char *column; /* --column, or NULL */
    enum address_identity identity; /* whom to take for a duplicate */
    const struct domain_check *domains; /* what DNS says about the domains: list_dns_ask(); NULL: not asked */
};

/* Gets each row. FALSE with *error ends the check with that error. */
typedef gboolean (*list_row_func)(void *cookie, const struct list_row *row, GError **error);

struct list_check;

/* Starts a check. The options' texts must outlive it. The caller frees with list_check_free(). */
struct list_check *list_check_new(const struct list_check_options *options, list_row_func func, void *cookie);
void list_check_free(struct list_check *check);

/*
 * The next row of the list; the first is the heading. FALSE with *error: columns_find()'s, data below an empty heading
 * (ERROR_DATA), or the function's own.
 */
gboolean list_check_feed(struct list_check *check, const struct list_cells *cells, GError **error);

/* The end of the list. FALSE with ERROR_DATA where it has no heading, or no row below it. */
gboolean list_check_finish(const struct list_check *check, struct list_summary *summary_r, GError **error);

/*
 * Reads the file (list_read()) and checks it. note gets what a person should know about the file; NULL: not wanted. The
 * cookie goes to both functions. After an error forget what func was told.
 */
gboolean list_check_file(const char *path, const char *sheet, const struct list_check_options *options,
                         list_row_func func, void (*note)(void *cookie, const char *text), void *cookie,
                         struct list_summary *summary_r, GError **error);

#endif
