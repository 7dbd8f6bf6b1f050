/* counters.c - policyd's numbers, for `metrics`; see counters.h. */
#include "policyd/counters.h"

#include <config.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define PREFIX "postwelle_policyd_"

/* --- counting ---------------------------------------------------------------------------------- */

enum counted_answer counted_answer_of(const char *answer)
{
    static const struct {
        const char *begins;
        enum counted_answer is;
    } words[] = {
        {"action=DUNNO", ANSWERED_DUNNO},   {"status=ok", ANSWERED_OK},
        {"status=more", ANSWERED_OK},       {"status=refused", ANSWERED_REFUSED},
        {"status=error", ANSWERED_ERROR},   {"status=temporary", ANSWERED_TEMPORARY},
        {"action=REJECT", ANSWERED_REJECT}, {"action=5", ANSWERED_REJECT},
        {"action=DEFER", ANSWERED_DEFER},   {"action=4", ANSWERED_DEFER},
    }; /* the most frequent ones first */
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(answer, words[i].begins))
            return words[i].is;
    const char *colon = strchr(answer, ':'); /* a netstring */
    if (colon != NULL && g_str_has_prefix(colon + 1, "NOTFOUND"))
        return ANSWERED_OK;
    return colon != NULL && g_str_has_prefix(colon + 1, "TEMP") ? ANSWERED_TEMPORARY : ANSWERED_OTHER;
}

/* --- writing ----------------------------------------------------------------------------------- */

static void write_answers(GString *out, const struct counters *counters, const char *(*request_name)(size_t index))
{
    static const char *const answers[COUNTED_ANSWERS] = {"ok",    "refused", "error", "temporary",
                                                         "dunno", "reject",  "defer", "other"};
    metrics_family(out, PREFIX "requests_total", METRICS_COUNTER,
                   "Requests by kind and answer (smtpd_access_policy: Postfix, at RCPT).");
    for (size_t i = 0; i < COUNTERS_REQUESTS && request_name(i) != NULL; i++)
        for (int answer = 0; answer < COUNTED_ANSWERS; answer++)
            if (counters->answers[i][answer] > 0)
                metrics_number(out, PREFIX "requests_total", counters->answers[i][answer], "request", request_name(i),
                               "answer", answers[answer], NULL);
}

static void write_troubles(GString *out, const struct counters *counters)
{
    static const char *const troubles[COUNTED_TROUBLES] = {"stopping", "disk-low", "pending", "read", "write"};
    metrics_family(out, PREFIX "troubles_total", METRICS_COUNTER,
                   "Requests answered temporary (451) for want of disk, time or ledger.");
    for (int trouble = 0; trouble < COUNTED_TROUBLES; trouble++)
        metrics_number(out, PREFIX "troubles_total", counters->troubles[trouble], "reason", troubles[trouble], NULL);
}

static void write_sockets(GString *out, const struct counters *counters)
{
    metrics_family(out, PREFIX "connections", METRICS_GAUGE, "Connections that are open, by socket.");
    for (size_t i = 0; i < COUNTERS_SOCKETS && counters->sockets[i].name != NULL; i++)
        metrics_number(out, PREFIX "connections", counters->sockets[i].open, "socket", counters->sockets[i].name, NULL);
}

/* The files of a folder, which has no folders in it. */
static void measure(const char *folder, guint64 *files_r, guint64 *octets_r)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    *files_r = *octets_r = 0;
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        struct stat stat;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (lstat(path, &stat) != 0 || !S_ISREG(stat.st_mode))
            continue;
        ++*files_r;
        *octets_r += (guint64)stat.st_size;
    }
}

static void write_folders(GString *out, const struct counters *counters)
{
    const struct {
        const char *name, *folder;
    } folders[] = {{"ledger", counters->ledger}, {"witness", counters->witness}};
    guint64 files[G_N_ELEMENTS(folders)], octets[G_N_ELEMENTS(folders)];
    metrics_family(out, PREFIX "store_bytes", METRICS_GAUGE,
                   "Size of the files of the ledger (its logs with it) and of its witness.");
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        measure(folders[i].folder, &files[i], &octets[i]);
        metrics_number(out, PREFIX "store_bytes", octets[i], "store", folders[i].name, NULL);
    }
    metrics_family(out, PREFIX "store_files", METRICS_GAUGE, "Their number; a witness of many waits for backups.");
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        metrics_number(out, PREFIX "store_files", files[i], "store", folders[i].name, NULL);
    metrics_family(out, PREFIX "store_free_bytes", METRICS_GAUGE, "What is free on the disk of each.");
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        struct statvfs stat;
        if (statvfs(folders[i].folder, &stat) == 0)
            metrics_number(out, PREFIX "store_free_bytes", (guint64)stat.f_bavail * stat.f_frsize, "store",
                           folders[i].name, NULL);
    }
}

void counters_append(GString *out, const struct counters *counters, const char *(*request_name)(size_t index))
{
    metrics_family(out, PREFIX "info", METRICS_GAUGE, "Its version.");
    metrics_number(out, PREFIX "info", 1, "version", PACKAGE_VERSION, NULL);
    metrics_single(out, PREFIX "start_time_seconds", METRICS_GAUGE, "When it was started, since 1970.",
                   (guint64)counters->started);
    write_answers(out, counters, request_name);
    write_troubles(out, counters);
    write_sockets(out, counters);
    metrics_histogram(out, PREFIX "commit_seconds", "How long a batch of requests took to be on the disk.",
                      &counters->commits);
    metrics_single(out, PREFIX "committed_requests_total", METRICS_COUNTER, "Requests in these batches.",
                   metrics_get(&counters->committed));
    write_folders(out, counters);
}
