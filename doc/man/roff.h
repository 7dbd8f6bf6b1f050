/* roff.h - text of our tables in a manual page. */
#ifndef POSTWELLE_DOC_ROFF_H
#define POSTWELLE_DOC_ROFF_H

#include <stdio.h>

/* One line: it is no request, and nothing in it is an escape. */
static inline void print_text(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
    putchar('\n');
}

#endif
