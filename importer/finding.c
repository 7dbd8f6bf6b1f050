/* finding.c - what a check found; see finding.h. */
#include "importer/finding.h"

static void finding_free(void *data)
{
    struct finding *finding = data;
    g_free(finding->topic);
    g_free(finding->name);
    g_free(finding->text);
    g_free(finding->found);
    g_free(finding->remedy);
    g_free(finding);
}

GPtrArray *findings_new(void)
{
    return g_ptr_array_new_with_free_func(finding_free);
}

struct finding *findings_add(GPtrArray *findings, enum finding_level level, const char *topic, const char *name,
                             const char *found, const char *remedy, const char *text, ...)
{
    struct finding *finding = g_new0(struct finding, 1);
    va_list args;
    va_start(args, text);
    finding->text = g_strdup_vprintf(text, args);
    va_end(args);
    finding->level = level;
    finding->topic = g_strdup(topic);
    finding->name = g_strdup(name);
    finding->found = g_strdup(found);
    finding->remedy = g_strdup(remedy);
    g_ptr_array_add(findings, finding);
    return finding;
}

enum finding_level findings_worst(const GPtrArray *findings)
{
    enum finding_level worst = FINDING_GOOD;
    for (guint i = 0; i < findings->len; i++)
        worst = MAX(worst, ((const struct finding *)findings->pdata[i])->level);
    return worst;
}

const char *finding_level_name(enum finding_level level)
{
    static const char *const names[] = {"ok", "note", "warning", "error"};
    return names[level];
}
