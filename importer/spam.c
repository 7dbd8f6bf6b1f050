/* spam.c - asks SpamAssassin, and rspamd by rspamd.h; see spam.h. */
#include "importer/spam.h"

#include "importer/remove_tree.h"
#include "importer/rspamd.h"
#include "lib/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS "120" /* for one mail; the first on a slow machine compiles the rules */
#define SETTINGS "/etc/spamassassin"
#define POINTS "X-Spam-Points: "

struct spam {
    char *assassin;        /* the program, or NULL */
    char *folder;          /* SpamAssassin's home and settings, or NULL */
    struct rspamd *rspamd; /* or NULL */
};

/*
 * A folder that is SpamAssassin's home, so that it leaves nothing in the user's, and holds its settings: which plugins
 * Debian loads (*.pre), but not this machine's own rules.
 */
static char *make_home(GError **error)
{
    const char *name;
    g_autoptr(GDir) settings = g_dir_open(SETTINGS, 0, error);
    char *folder = settings != NULL ? g_dir_make_tmp("postwelle-spamassassin-XXXXXX", error) : NULL;
    while (folder != NULL && (name = g_dir_read_name(settings)) != NULL) {
        g_autofree char *from = g_build_filename(SETTINGS, name, NULL), *to = g_build_filename(folder, name, NULL);
        if (g_str_has_suffix(name, ".pre") && symlink(from, to) != 0) {
            error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", to);
            remove_tree(folder);
            g_clear_pointer(&folder, g_free);
        }
    }
    return folder;
}

static gboolean start(struct spam *spam, const char *rspamd, GError **error)
{
    if (spam->assassin != NULL && (spam->folder = make_home(error)) == NULL)
        return FALSE;
    return rspamd == NULL || (spam->rspamd = rspamd_new(error)) != NULL;
}

struct spam *spam_new(char **missing, GError **error)
{
    struct spam *spam = g_new0(struct spam, 1);
    g_autofree char *rspamd = g_find_program_in_path("rspamd");
    spam->assassin = g_find_program_in_path("spamassassin");
    *missing = g_strdup_printf("%s%s%s", spam->assassin == NULL ? "spamassassin" : "",
                               spam->assassin == NULL && rspamd == NULL ? ", " : "", rspamd == NULL ? "rspamd" : "");
    if (spam->assassin == NULL && rspamd == NULL)
        error_set(error, ERROR_UNAVAILABLE, "neither SpamAssassin nor rspamd is installed (Debian's packages are %s)",
                  *missing);
    else if (start(spam, rspamd, error))
        return spam;
    g_clear_pointer(missing, g_free);
    spam_free(spam);
    return NULL;
}

void spam_free(struct spam *spam)
{
    if (spam == NULL)
        return;
    rspamd_free(spam->rspamd);
    if (spam->folder != NULL)
        remove_tree(spam->folder);
    g_free(spam->folder);
    g_free(spam->assassin);
    g_free(spam);
}

/* --- SpamAssassin ------------------------------------------------------------------------------- */

/* "5.9 RULE=1.8,OTHER=0.001": points, and the rules that gave some. */
static gboolean parse_points(const char *text, struct spam_verdict *verdict_r)
{
    char *end;
    double points = g_ascii_strtod(text, &end);
    if (end == text || *end != ' ')
        return FALSE;
    g_autofree char *list = g_strndup(end + 1, strcspn(end + 1, "\r\n"));
    g_auto(GStrv) rules = g_strsplit(list, ",", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (char **rule = rules; *rule != NULL; rule++) {
        const char *value = strchr(*rule, '=');
        if (value != NULL && g_ascii_strtod(value + 1, NULL) >= 0.05)
            g_string_append_printf(out, "%s%.*s %s", out->len > 0 ? ", " : "", (int)(value - *rule), *rule, value + 1);
    }
    *verdict_r = (struct spam_verdict){"SpamAssassin", points, points <= SPAM_ASSASSIN_MOST, g_strdup(out->str)};
    return TRUE;
}

/*
 * Local rules only, nothing learned, nothing of the user's; the answer is a header field of the mail that comes back.
 */
static GSubprocess *start_assassin(const struct spam *spam, GError **error)
{
    g_autofree char *settings = g_strconcat("--siteconfigpath=", spam->folder, NULL);
    g_autofree char *preferences = g_strconcat("--prefspath=", spam->folder, "/user_prefs", NULL);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_subprocess_launcher_setenv(launcher, "HOME", spam->folder, TRUE);
    return g_subprocess_launcher_spawn(launcher, error, "timeout", SECONDS, spam->assassin, "-L", "-x", settings,
                                       preferences, "--cf=clear_headers",
                                       "--cf=add_header all Points _SCORE_ _TESTSSCORES(,)_", "--cf=fold_headers 0",
                                       "--cf=report_safe 0", "--cf=use_bayes 0", "--cf=use_auto_whitelist 0", NULL);
}

static gboolean ask_assassin(const struct spam *spam, const GString *message, struct spam_verdict *verdict_r,
                             GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GSubprocess) process = start_assassin(spam, &problem);
    g_autoptr(GBytes) input = g_bytes_new(message->str, message->len), output = NULL;
    if (process == NULL || !g_subprocess_communicate(process, input, NULL, &output, NULL, &problem))
        return error_set(error, ERROR_UNAVAILABLE, "SpamAssassin: %s", problem->message);
    g_autofree char *text = g_strndup(g_bytes_get_data(output, NULL), g_bytes_get_size(output));
    const char *points = g_str_has_prefix(text, POINTS) ? text : strstr(text, "\n" POINTS);
    if (!g_subprocess_get_successful(process) || points == NULL || !parse_points(strchr(points, ':') + 2, verdict_r))
        return error_set(error, ERROR_UNAVAILABLE, "SpamAssassin does not answer; try `%s -D -L < MAIL.eml`",
                         spam->assassin);
    return TRUE;
}

/* --- both --------------------------------------------------------------------------------------- */

static void clear_verdict(void *verdict)
{
    g_free(((struct spam_verdict *)verdict)->rules);
}

GArray *spam_judge(struct spam *spam, const GString *message, const struct spam_envelope *envelope, GError **error)
{
    g_autoptr(GArray) verdicts = g_array_new(FALSE, FALSE, sizeof(struct spam_verdict));
    struct spam_verdict verdict;
    g_array_set_clear_func(verdicts, clear_verdict);
    if (spam->assassin != NULL) {
        if (!ask_assassin(spam, message, &verdict, error))
            return NULL;
        g_array_append_val(verdicts, verdict);
    }
    if (spam->rspamd != NULL) {
        if (!rspamd_judge(spam->rspamd, message, envelope, &verdict, error))
            return NULL;
        g_array_append_val(verdicts, verdict);
    }
    return g_steal_pointer(&verdicts);
}
