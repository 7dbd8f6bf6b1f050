/* check.c - findings about an installation; see check.h. */
#include "importer/check.h"

#include <string.h>

const char *check_promise_words(enum check_promise promise)
{
    static const char *const words[] = {
        [PROMISE_NONE] = NULL,
        [PROMISE_ONE_INVITATION] = "at most one invitation a participant",
        [PROMISE_NO_LOSS] = "no mail is lost without a word",
        [PROMISE_SIGNED] = "nothing leaves unsigned",
        [PROMISE_LOADS_NOTHING] = "nothing leaves that makes a mail program load anything",
        [PROMISE_APPROVED] = "nothing leaves that was not approved",
        [PROMISE_SUPPRESSED] = "who wants no mail gets none",
        [PROMISE_FAIL_CLOSED] = "what is unknown is put off, never let through",
    };
    return words[promise];
}

void check_add(GPtrArray *findings, const struct check_about *about, const char *found, const char *remedy,
               const char *text, ...)
{
    va_list args;
    va_start(args, text);
    g_autofree char *words = g_strdup_vprintf(text, args);
    va_end(args);
    struct finding *finding =
        findings_add(findings, about->level, about->topic, about->name, found, remedy, "%s", words);
    finding->breaks = check_promise_words(about->promise);
}

void check_good(GPtrArray *findings, const char *topic, const char *name, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    g_autofree char *words = g_strdup_vprintf(text, args);
    va_end(args);
    findings_add(findings, FINDING_GOOD, topic, name, NULL, NULL, "%s", words);
}

gboolean check_has(const GPtrArray *findings, const char *name)
{
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        if (finding->level > FINDING_GOOD && strcmp(finding->name, name) == 0)
            return TRUE;
    }
    return FALSE;
}
