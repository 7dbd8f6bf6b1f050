/*
 * spam.h - what SpamAssassin and rspamd think of a mail, before any receiver's filter does.
 *
 * Both run here, on the mail as it is composed, and ask nobody: no DNS, no network, no learned data, none of this
 * machine's own rules. So it is the mail's own doing that is judged, by the rules that Debian ships. Judged are
 * single-threaded programs'.
 */
#ifndef POSTWELLE_IMPORTER_SPAM_H
#define POSTWELLE_IMPORTER_SPAM_H

#include <glib.h>

#define SPAM_ASSASSIN_MOST 0.5 /* points of a mail in all; receivers commonly refuse at 5 */
#define SPAM_SYMBOL_BELOW 1.0  /* points of each of rspamd's symbols; receivers commonly refuse at 15 in all */

/* One checker's word on one mail. */
struct spam_verdict {
    const char *checker; /* "SpamAssassin", "rspamd"; static */
    double points;
    gboolean good; /* within the limit above */
    char *rules;   /* "NAME 1.3, NAME 0.1": those that gave points, the most first; "" for none */
};

/* The checkers that are installed, ready to be asked. */
struct spam;

/*
 * Starts them; rspamd takes some seconds. missing gets the names of Debian's packages that are not installed (g_free),
 * "" where both are. NULL and ERROR_UNAVAILABLE where none is installed or one does not start. Free with spam_free().
 */
struct spam *spam_new(char **missing, GError **error);

/* Ends what was started. NULL does nothing. */
void spam_free(struct spam *spam);

/* Who sends to whom, as a receiver sees it. */
struct spam_envelope {
    const char *domain; /* of the sending host's name and of the reverse-path */
    const char *recipient;
};

/*
 * Asks all of them about a mail with CRLF line ends. Returns an array of struct spam_verdict (g_array_unref() frees
 * all); NULL and ERROR_UNAVAILABLE where one does not answer.
 */
GArray *spam_judge(struct spam *spam, const GString *message, const struct spam_envelope *envelope, GError **error);

#endif
