/*
 * status_code.h - enhanced mail system status codes (RFC 3463) in words that a survey's client understands.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_LIB_STATUS_CODE_H
#define POSTWELLE_LIB_STATUS_CODE_H

#include <glib.h>

#define STATUS_CODE_SIZE 12 /* "5.123.123" and NUL, with room */

/*
 * The first enhanced code in a reply ("5.1.1 host said: 550 5.1.1 no such user"), as a word of its own; FALSE, and "",
 * where there is none.
 */
gboolean status_code_find(const char *reply, char code_r[STATUS_CODE_SIZE]);

/*
 * What the code means: by its last two numbers, else by the second one alone. Static; a text for unknown ones, and for
 * "", too.
 */
const char *status_code_meaning(const char *code, gboolean german);

#endif
