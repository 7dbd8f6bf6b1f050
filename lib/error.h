/*
 * error.h - one error domain for all programs.
 *
 * A code is an exit status of sysexits(3), so that the command that meets an error has its exit status, and the daemon
 * that meets it knows whether time can heal it. Modules of lib/ fill in a GError and never log; the layer that knows
 * the queue ID (or the command line) reports it once.
 *
 * The text names the input, the place in it, the rule, and what to do: "LIST.xlsx: sheet 1 has no column with
 * addresses; name it with --column".
 */
#ifndef POSTWELLE_LIB_ERROR_H
#define POSTWELLE_LIB_ERROR_H

#include <glib.h>
#include <sysexits.h>

#define POSTWELLE_ERROR (error_quark())

enum error_code {
    ERROR_WANTING = 1,              /* checked and found wanting: the list, campaign or system needs work */
    ERROR_USAGE = EX_USAGE,         /* the command line is wrong */
    ERROR_DATA = EX_DATAERR,        /* the input is wrong */
    ERROR_NO_INPUT = EX_NOINPUT,    /* the input can't be opened */
    ERROR_UNAVAILABLE = EX_UNAVAILABLE, /* a service we need does not answer */
    ERROR_INTERNAL = EX_SOFTWARE,   /* a bug here */
    ERROR_SYSTEM = EX_OSERR,        /* the operating system refused */
    ERROR_CANT_CREATE = EX_CANTCREAT, /* an output file can't be made */
    ERROR_IO = EX_IOERR,            /* reading or writing failed midway */
    ERROR_TEMPORARY = EX_TEMPFAIL,  /* try again later */
    ERROR_PROTOCOL = EX_PROTOCOL,   /* the other side broke the protocol */
    ERROR_DENIED = EX_NOPERM,       /* not allowed */
    ERROR_CONFIG = EX_CONFIG,       /* a configuration file is wrong */
};

/* The domain of every error made here. */
GQuark error_quark(void);

/*
 * The exit status for an error, whatever its domain: ours as they are; of GLib's file errors the fitting one; else
 * EX_SOFTWARE. NULL is 0.
 */
int error_exit_status(const GError *error);

/* True where a later try may succeed (unavailable, temporary, system, I/O): 4yz to a mail client, else 5yz. */
gboolean error_is_temporary(const GError *error);

/*
 * Sets *error to code and "what: <text of errnum>". what is printf-formatted and names the input. errnum ENOENT, EACCES
 * and ENOSPC choose a better code than the given one where that is ERROR_SYSTEM. Always returns FALSE, for
 * `return error_from_errno(...)`.
 */
gboolean error_from_errno(GError **error, enum error_code code, int errnum, const char *what, ...) G_GNUC_PRINTF(4, 5);

/* Sets *error to code and the formatted text; always returns FALSE, for `return error_set(...)`. */
gboolean error_set(GError **error, enum error_code code, const char *text, ...) G_GNUC_PRINTF(3, 4);

#endif
