/* list_dns.c - asks DNS about all domains of a list; see list_dns.h. */
#include "importer/list_dns.h"

#include "importer/progress.h"
#include "lib/error.h"

struct asking {
    struct domain_check *domains;
    struct progress progress;
    struct stop *stop;
};

static gboolean take_domain(void *cookie, const struct list_row *row, GError **error)
{
    struct asking *asking = cookie;
    (void)error;
    if (row->verdict == LIST_GOOD)
        domain_check_add(asking->domains, address_domain(&row->address));
    return TRUE;
}

static gboolean show(void *cookie, guint answered, guint asked)
{
    struct asking *asking = cookie;
    asking->progress.total = asked;
    progress_show(&asking->progress, answered, NULL);
    return asking->stop == NULL || !stop_asked(asking->stop);
}

struct domain_check *list_dns_ask(struct resolver *resolver, const char *path, const char *sheet,
                                  const struct list_check_options *options, struct stop *stop, GError **error)
{
    g_autoptr(domain_check_auto) domains = domain_check_new(resolver);
    struct asking asking = {.domains = domains, .stop = stop};
    struct list_summary summary;
    struct list_check_options without = *options;
    without.domains = NULL;
    if (!list_check_file(path, sheet, &without, take_domain, NULL, &asking, &summary, error))
        return NULL;
    progress_begin(&asking.progress, "asking DNS", 1);
    gboolean finished = domain_check_run(domains, show, &asking);
    progress_clear(&asking.progress);
    if (finished)
        return g_steal_pointer(&domains);
    error_set(error, ERROR_TEMPORARY, "stopped while DNS was asked; nothing was done");
    return NULL;
}
